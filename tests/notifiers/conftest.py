"""Alerts, receivers and certificates for the notifiers' tests."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from marsad.addresses import Allowance, parse_allowance
from marsad.types import Alert, ChannelKind, ChannelTarget, MatchNotice
from notifiers.signing import new_secret
from tests.servers import MailBox, RecordingReceiver


@pytest.fixture
def loopback() -> Allowance:
    return parse_allowance("127.0.0.0/8", setting="MARSAD_DELIVER_ALLOW")


@pytest.fixture
def receiver() -> Iterator[RecordingReceiver]:
    with RecordingReceiver() as running:
        yield running


@pytest.fixture
def mailbox() -> Iterator[MailBox]:
    with MailBox() as running:
        yield running


@pytest.fixture
def alert() -> Alert:
    return Alert(
        delivery_id="msg_2f9c41",
        created=datetime(2026, 11, 22, 8, 30, tzinfo=UTC),
        article_id=7,
        title="Nvidia تُعلن عن شريحة H20 الجديدة وهـواوي تردّ",
        url="https://news.example/articles/7?lang=ar&page=1",
        source="جريدة التقنية",
        published=datetime(2026, 11, 22, 7, 5, tzinfo=UTC),
        summary="قالت الشركة إنّ الشحنات تبدأ في الربع الأوّل.",
        matches=(
            MatchNotice("Nvidia", "رقائق", "title", "Nvidia", "", "the name itself", "", " تُعلن عن شريحة"),
            MatchNotice(
                "Huawei", "رقائق", "text", "هواوي", "و+ل+", "an Arabic spelling", "وقالت مصادر ول", " رأي"
            ),
        ),
    )


@pytest.fixture
def email_target() -> ChannelTarget:
    return ChannelTarget(1, ChannelKind.EMAIL, "بريد المكتب", "reader@example.com")


@pytest.fixture
def webhook_target(receiver: RecordingReceiver) -> ChannelTarget:
    return ChannelTarget(2, ChannelKind.WEBHOOK, "خطّاف", receiver.url, new_secret())


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority of the tests' own: what clients trust, and servers with its certificates."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def trusted(self) -> ssl.SSLContext:
        pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()
        return ssl.create_default_context(cadata=pem)

    def server(self, *names: str, expired: bool = False, self_signed: bool = False) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=-1 if expired else 1))
            .add_extension(x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False)
            .sign(key if self_signed else self.key, hashes.SHA256())
        )
        file = self.folder / f"{certificate.serial_number}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "marsad tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(tmp_path_factory.mktemp("certificates"), key, certificate)
