"""A mail server of the tests: real SMTP on a port of this machine, which keeps what it takes."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.seaweed import free_ports


@dataclass
class Server:
    """What it answers, and what it took.

    Args:
        answers: what it says to an address instead of taking it, one a try.
        breaks_off: closes the connection in the middle of a mail.
    """

    answers: list[str] = field(default_factory=list)
    breaks_off: bool = False
    port: int = 0
    taken: list[tuple[str, EmailMessage]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    was_tls: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.taken.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=policy.default)))
        self.was_tls.append(session.ssl is not None)
        if self.breaks_off:
            server.transport.abort()
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


@contextmanager
def serving(
    server: Server, certificate: tuple[Path, Path] | None = None, *, wants_login: bool = False
) -> Iterator[Server]:
    """The server while it answers; with a certificate it offers STARTTLS."""
    (server.port,) = free_ports(1)
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
    controller = Controller(
        server,
        hostname="127.0.0.1",
        port=server.port,
        tls_context=context,
        require_starttls=context is not None,
        enable_SMTPUTF8=True,
        authenticator=server.authenticate if wants_login else None,
        auth_required=wants_login,
        auth_require_tls=context is not None,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
