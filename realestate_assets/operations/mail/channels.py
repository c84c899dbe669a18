"""How mail leaves: by a server (SMTP), or into a folder of this machine until one is set.

A channel tells three ends apart, for a mail must not be sent twice: `AwayError`, nothing was taken and it may
be tried again; `RefusedError`, it never will be; `UnknownEndError`, the server may have taken it.
"""

import contextlib
import mailbox
import os
import smtplib
import ssl
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from realestate_assets.operations.mail.letters import Letter
from realestate_assets.settings import Settings

# Of one step of the conversation; a mail has fewer than ten.
TIMEOUT_SECONDS = 15.0
SMTP_PORT, SMTPS_PORT = 587, 465
# What goes there leaves no machine; a relay of one's own has a certificate that nobody vouches for.
HERE = ("localhost", "127.0.0.1", "::1")
TEMPORARY = range(400, 500)
Tls = Literal["wrapped", "starttls", "off"]


class AwayError(Exception):
    """Nothing was taken; later it may be."""


class RefusedError(Exception):
    """It is not taken, and would not be later."""


class UnknownEndError(Exception):
    """Whether it was taken is not known."""


class Channel(Protocol):
    """Sends one mail."""

    def send(self, mail_id: uuid.UUID, recipient: str, letter: Letter) -> None:
        """Send it.

        Raises:
            AwayError: nothing was taken.
            RefusedError: nothing was taken, nor will be.
            UnknownEndError: it may have been taken.
        """


def message_of(mail_id: uuid.UUID, sender: str, recipient: str, letter: Letter) -> EmailMessage:
    """A mail as it is sent; its Message-ID follows from its id, by which a server knows a copy."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    message = EmailMessage()
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{mail_id}@{domain}>"
    # RFC 3834: no out-of-office note answers it.
    message["Auto-Submitted"] = "auto-generated"
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


@dataclass(frozen=True)
class MaildirChannel:
    """Puts mail into a folder (Maildir), which any mail programme opens: nothing leaves the machine."""

    folder: Path
    sender: str

    def send(self, mail_id: uuid.UUID, recipient: str, letter: Letter) -> None:
        """Put it there, whole or not at all.

        Raises:
            AwayError: the folder cannot be written to.
        """
        message = message_of(mail_id, self.sender, recipient, letter)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            box = mailbox.Maildir(self.folder, create=True)
            # Links that open accounts lie in it.
            os.chmod(self.folder, 0o700)  # noqa: PTH101 - a Path is no concern of mailbox
            box.add(message)
        except OSError as error:
            raise AwayError(f"The folder of mail cannot be written to: {error.strerror}.") from error


@dataclass(frozen=True)
class SmtpChannel:
    """Hands mail to a server: by TLS from the beginning, after STARTTLS, or without."""

    host: str
    port: int
    sender: str
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    def send(self, mail_id: uuid.UUID, recipient: str, letter: Letter) -> None:
        """Hand it over."""
        message = message_of(mail_id, self.sender, recipient, letter)
        with self._connected() as server:
            options = []
            if not recipient.isascii():
                if not server.has_extn("smtputf8"):
                    raise RefusedError("The mail server takes no address with letters like this one's.")
                options = ["SMTPUTF8"]
            self._address(server, recipient, options)
            self._hand_over(server, message.as_bytes(policy=policy.SMTPUTF8 if options else policy.SMTP))

    @contextlib.contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        try:
            server = self._opened()
            self._greet(server)
        except smtplib.SMTPResponseException as error:
            raise AwayError(f"The mail server answered {error.smtp_code} to our greeting.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise AwayError(f"The mail server does not answer: {type(error).__name__}.") from error
        try:
            yield server
        finally:
            # What was taken stays taken, whatever is answered to the farewell.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _opened(self) -> smtplib.SMTP:
        if self.tls == "wrapped":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo()
        if self.tls == "starttls":
            # Refused where it is not offered: whoever stands between could else take the offer away.
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self.user:
            server.login(self.user, self.password)

    def _address(self, server: smtplib.SMTP, recipient: str, options: list[str]) -> None:
        try:
            _judge(server.mail(parseaddr(self.sender)[1], options)[0])
            _judge(server.rcpt(recipient)[0])
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise AwayError(f"The mail server broke off: {type(error).__name__}.") from error

    def _hand_over(self, server: smtplib.SMTP, message: bytes) -> None:
        try:
            code, _ = server.data(message)
        except smtplib.SMTPDataError as error:
            code = error.smtp_code
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            # The last byte may have reached it.
            raise UnknownEndError(f"The mail server broke off: {type(error).__name__}.") from error
        _judge(code)


def _judge(code: int) -> None:
    """Whether a command was taken; what the server says is not repeated: it holds addresses."""
    if code in TEMPORARY:
        raise AwayError(f"The mail server answered {code}.")
    if not 200 <= code < 300:
        raise RefusedError(f"The mail server answered {code}.")


def channel_of(settings: Settings) -> Channel:
    """How this installation sends mail: by MAIL_SMTP_URL, else into the folder `mail` of its data."""
    if settings.mail_smtp_url is None:
        return MaildirChannel(settings.mail_root, settings.mail_sender)
    parts = urlsplit(settings.mail_smtp_url.get_secret_value())
    host, asked = parts.hostname or "", parse_qs(parts.query).get("tls", [""])[0]
    is_wrapped = parts.scheme == "smtps"
    is_off = asked == "off" or (host in HERE and asked != "on")
    return SmtpChannel(
        host=host,
        port=parts.port or (SMTPS_PORT if is_wrapped else SMTP_PORT),
        sender=settings.mail_sender,
        tls="wrapped" if is_wrapped else "off" if is_off else "starttls",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
