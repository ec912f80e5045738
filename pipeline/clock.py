"""What time it is, asked inside a transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

Clock = Callable[[Session], datetime]
"""Tells the time, aware UTC: the database's own clock, so that several machines agree."""
