"""The command line: one module for each group of commands, wired in `main`.

Heavy packages are imported inside the commands that need them, so that help and completion are quick.
"""
