"""Passwords: what is accepted, and how it is stored (argon2id, RFC 9106; OWASP Password Storage)."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from web.translation import noop

SHORTEST, ADVISED, LONGEST = 12, 15, 256
"""Lengths in characters, as NIST SP 800-63B-4 counts them: after normalisation."""

# 19 MiB, two passes, one lane: the least that OWASP recommends, about 30 ms here.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_AT_ONCE = threading.BoundedSemaphore(4)
"""Sign-in attempts wait here, so that many at once cannot take the machine's memory."""

_LONGEST_TYPED = 4 * LONGEST
"""NFKC joins four characters into one at most, so that nothing longer can become a password.

It is never normalised either: a run of combining marks takes the square of its length, and nothing else runs.
"""
_FEWEST_DIFFERENT = 5

TOO_SHORT = noop("Take at least 12 characters; 15 or more are better, such as four words.")
TOO_LONG = noop("Take at most 256 characters.")
TOO_COMMON = noop(
    "This password is among the first that are tried. Take another, such as four unrelated words."
)
TOO_PLAIN = noop("This password repeats too few characters. Take another, such as four unrelated words.")
ABOUT_YOU = noop("This password is your name or address. Take another, such as four unrelated words.")

_COMMON = Path(__file__).with_name("common_passwords.txt")
"""One on each line: long enough to pass the length, and still the first that anyone tries."""


def normalise(password: str) -> str:
    """Return a password as it is compared: the same letters, however a keyboard composes them (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def objection(password: str, *, about: tuple[str, ...] = ()) -> str | None:
    """Return why a new password is not accepted, a sentence of the catalogue; None when it is.

    `about` are words that stand for the person: a name, an address. Every script is allowed.
    """
    # What is cut here is TOO_LONG all the same.
    password = normalise(password[: _LONGEST_TYPED + 1])
    if len(password) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    plain = _plain(password)
    if plain in _common():
        return TOO_COMMON
    if len(set(plain)) < _FEWEST_DIFFERENT:
        return TOO_PLAIN
    if plain in {_plain(word[:_LONGEST_TYPED]) for word in about}:
        return ABOUT_YOU
    return None


def hash_password(password: str) -> str:
    """Return what is stored of a password, an argon2id string with its own salt."""
    with _AT_ONCE:
        return _HASHER.hash(normalise(password).encode("utf-8", "surrogatepass"))


def verify_password(stored: str | None, password: str) -> bool:
    """Return whether a password is the one whose hash is stored.

    None stands for an account that does not exist: that takes as long, and is False.
    """
    # One that is longer than any password can be stays so.
    password = normalise(password[: _LONGEST_TYPED + 1])[: LONGEST + 1]
    with _AT_ONCE:
        try:
            _HASHER.verify(_nobody() if stored is None else stored, password.encode("utf-8", "surrogatepass"))
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


@cache
def _nobody() -> str:
    return _HASHER.hash(secrets.token_bytes(16))


@cache
def _common() -> frozenset[str]:
    return frozenset(_plain(word) for word in _COMMON.read_text(encoding="utf-8").split())


def _plain(text: str) -> str:
    """How a password is compared with what is easily guessed: without case and separators."""
    return "".join(c for c in normalise(text).casefold() if c not in " -_.")
