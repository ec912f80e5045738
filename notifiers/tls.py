"""The certificates that receivers are checked against."""

from __future__ import annotations

import ssl
from functools import cache

import certifi


@cache
def client_context() -> ssl.SSLContext:
    """Return the shared context: the system's authorities and certifi's, names checked, TLS 1.2 or newer."""
    context = ssl.create_default_context()
    # Slim containers often come without a system store.
    context.load_verify_locations(certifi.where())
    return context


def is_certificate_fault(exc: BaseException | None) -> bool:
    """Tell whether an error, or what it came from, is a certificate that does not hold."""
    while exc is not None:
        if isinstance(exc, ssl.SSLCertVerificationError):
            return True
        exc = exc.__cause__ or exc.__context__
    return False
