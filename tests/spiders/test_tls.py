"""Row 13 of the faults: a certificate must be valid now, from a trusted authority, for the name asked."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marsad.types import FetchedFeed, FetchFailure, FetchRequest, Grade
from spiders.runner import Fetcher
from tests.spiders.conftest import LOOPBACK
from tests.spiders.documents import rss
from tests.spiders.server import Server


def _write_certificate(folder: Path, *, host: str, days: int) -> Path:
    """A certificate that signs itself, with its key, valid until `days` from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    until = datetime.now(UTC) + timedelta(days=days)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(until - timedelta(days=30))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


async def _serve(certificate: Path, names: list[str | None]) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda connection, name, _: names.append(name)
    server = Server()
    server.answer("/feed", rss())
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def _resolve(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


@pytest.mark.parametrize(
    ("host", "days", "trusted", "accepted"),
    [
        ("news.example", 10, True, True),
        ("news.example", 10, False, False),
        ("news.example", -1, True, False),
        ("other.example", 10, True, False),
    ],
    ids=["good", "self-signed", "expired", "wrong-host"],
)
@pytest.mark.filterwarnings("default::ResourceWarning")  # asyncio's server side of a refused handshake
async def test_only_a_good_certificate_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, trusted: bool, accepted: bool
) -> None:
    certificate = _write_certificate(tmp_path, host=host, days=days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    names: list[str | None] = []
    async for port in _serve(certificate, names):
        async with Fetcher(allow=LOOPBACK, resolve=_resolve, obey_robots=False) as fetcher:
            result = await fetcher.fetch(FetchRequest(f"https://news.example:{port}/feed", "feed"))

    assert set(names) == {"news.example"}
    if accepted:
        assert isinstance(result, FetchedFeed)
    else:
        assert isinstance(result, FetchFailure)
        assert result.grade is Grade.TEMPORARY
        assert "certificate" in result.reason
