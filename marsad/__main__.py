"""The entry of the program, `marsad` or `python -m marsad`."""

from __future__ import annotations

from marsad.cli.main import main

if __name__ == "__main__":
    main()
