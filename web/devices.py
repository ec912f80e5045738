"""Browsers that an account was signed in with before: strangers who fail to sign in do not hold these up.

A cookie says so, as in OWASP's "Slow Down Online Guessing Attacks with Device Cookies". Nothing is stored.
"""

from __future__ import annotations

import hashlib
import hmac

from storage.accounts import Account, new_token

_NOBODY = Account(0, "")


def new_device(account: Account) -> str:
    """Return the cookie of a browser in which this account's password was given; a new password voids it."""
    nonce = new_token()
    return f"{nonce}.{_seal(nonce, account)}"


def is_known_device(cookie: str | None, account: Account | None) -> bool:
    """Return whether a cookie was made for this account with its present password.

    None stands for an account that does not exist: that takes as long, and is False.
    """
    nonce, _, seal = (cookie or "").partition(".")
    expected = _seal(nonce, account or _NOBODY)
    fits = hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), expected.encode())
    return fits and account is not None


def _seal(nonce: str, account: Account) -> str:
    # What is stored of a password holds a random salt, and never leaves the database: secret enough for a key.
    stored = account.password_hash.encode("utf-8", "surrogatepass")
    key = hmac.digest(stored, b"marsad device", hashlib.sha256)
    told = f"{account.user_id}:{nonce}".encode("utf-8", "surrogatepass")
    return hmac.new(key, told, hashlib.sha256).hexdigest()
