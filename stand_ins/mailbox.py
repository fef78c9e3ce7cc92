"""The stand-in for a mail server: authenticated SMTP on loopback, every mail one ``.eml`` file."""

from __future__ import annotations

import hmac
import ipaddress
import ssl
import threading
from asyncio.base_events import Server
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """A folder of mails, ``0001.eml`` onwards; the envelope comes first, as ``X-Envelope-From`` and
    ``X-Envelope-To``, then the mail as it came."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def mails(self) -> list[Path]:
        """The mails so far, oldest first."""
        return sorted(self.folder.glob("[0-9]*.eml"))

    async def handle_MAIL(  # the names are aiosmtpd's
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,
        envelope: Envelope,
        address: str,
        mail_options: list[str],
    ) -> str:
        """Nobody sends before a password. (aiosmtpd's own ``auth_required`` warns at every connection without TLS.)"""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002 aiosmtpd's
        """Keep an accepted mail whole before it is acknowledged."""
        added = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        with self._lock:
            number = 1 + max((int(path.stem) for path in self.mails), default=0)
            target = self.folder / f"{number:04d}.eml"
            writing = target.with_suffix(".writing")
            writing.write_bytes(added.encode() + (envelope.original_content or b""))
            writing.replace(target)
        return f"250 OK {target.name}"


class _AnyPort(Controller):
    """A controller that also takes port 0: it looks up the port that it got before it tries it."""

    def _trigger_server(self) -> None:
        if isinstance(self.server, Server):
            self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]


def mail_controller(
    mailbox: Mailbox, *, host: str, port: int, user: str, password: str, tls: ssl.SSLContext | None
) -> Controller:
    """An SMTP server for one user; with ``tls`` it offers STARTTLS and wants it before a password. Once started, its ``port``
    is the one it listens on."""

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        right = isinstance(data, LoginPassword) and hmac.compare_digest(
            data.login + b"\n" + data.password, f"{user}\n{password}".encode()
        )
        # handled=False makes aiosmtpd answer 535 itself; otherwise the client waits for ever.
        return AuthResult(success=True) if right else AuthResult(success=False, handled=False)

    return _AnyPort(
        mailbox,
        hostname=host,
        port=port,
        server_hostname="mailbox.localhost",
        authenticator=authenticate,
        auth_require_tls=tls is not None,
        tls_context=tls,
        data_size_limit=50 * 1024 * 1024,
    )


def self_signed(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS context with a certificate of its own for 127.0.0.1 and localhost, and that certificate's file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "smtp-certificate.pem", folder / "smtp-key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(public, private)
    return context, public
