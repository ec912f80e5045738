"""Logging: a fixed event phrase and ids, as `event key=value`; never bodies, secrets, or whole addresses."""

from __future__ import annotations

import logging
import sys
import time
from typing import TextIO

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class KeyValueFormatter(logging.Formatter):
    """Writes `2026-11-22T10:00:00Z level logger: event key=value …`, one line a record, cause below."""

    def format(self, record: logging.LogRecord) -> str:
        extra = {k: v for k, v in record.__dict__.items() if k not in _STANDARD}
        record.message = record.getMessage()
        pairs = "".join(f" {key}={_one_line(value)}" for key, value in sorted(extra.items()))
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        line = f"{when} {record.levelname.lower()} {record.name}: {_one_line(record.message)}{pairs}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure_logging(*, verbose: bool, stream: TextIO | None = None) -> None:
    """Send the log to standard error: warnings, or with `verbose` also what went well."""
    handler = logging.StreamHandler(stream or sys.stderr)
    formatter = KeyValueFormatter()
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO if verbose else logging.WARNING)
    # It warns of every page without an article; the fetch's result says so already.
    logging.getLogger("trafilatura").setLevel(logging.ERROR)


def _one_line(value: object) -> str:
    # Feeds and servers put line breaks and control characters where a log must not break.
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in str(value))
