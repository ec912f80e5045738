"""`make faults`: everything that must hold on bad days, in full counts, written into docs/reliability.md."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from tests.faults.report import PAGE, RESULTS, keep
from tests.faults.sections import FULL, SECTIONS, SMALL, make


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="PART", help=f"which parts; all: {', '.join(SECTIONS)}")
    parser.add_argument("--small", action="store_true", help="a few of everything; nothing is written")
    chosen = parser.parse_args()
    if unknown := set(chosen.only) - SECTIONS.keys():
        parser.error(f"no part is named {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    say = partial(print, flush=True)
    broken = 0
    for name in chosen.only or SECTIONS:
        say(f"{name} …")
        section = make(name, SMALL if chosen.small else FULL, say)
        say(f"{section.as_text()}\n")
        broken += len(section.findings.broken)
        if not chosen.small:
            keep(section)
    if not chosen.small:
        say(f"Written into {PAGE} and {RESULTS}.")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
