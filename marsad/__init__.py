"""The shell of marsad: shared values, settings, the command line, and the one place where parts meet."""

__version__ = "0.1.0"
