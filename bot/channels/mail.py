"""E-mail, for whom no chat reaches: it only sends, in plain words, and what is answered to it nobody reads.

The server's own words are told by their codes alone, since they quote the address.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from bot import clock, codes
from bot.channels import Carried, Channel, Limits, Refused, Sent, Take, TryLater
from bot.channels.reasons import AWAY, reason_of
from bot.channels.words import without_marks
from bot.findings import Finding
from bot.settings import Secret
from handlers.talk import Message
from handlers.text import _

ADDRESS = re.compile(
    r"[\w.%+-]{1,64}@(?=.{4,190}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.ASCII | re.I
)
LONGEST_SUBJECT = 70
SECONDS = 30.0
MENDED = timedelta(minutes=10)  # after which it is looked whether somebody has mended what stops everything
NOBODY = (550, 551, 553)  # replies that mean there is no such mailbox
POLICY = re.compile(r"\s*5\.7\.")  # 550 too where the server merely dislikes us
ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")


class MailChannel(Channel):
    """One mailbox to send from."""

    account = "mail"

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        user: str = "",
        password: Secret,
        tls: str = "starttls",
        rate: float = 0.2,
    ) -> None:
        """Take the server's settings, and how many letters a second leave."""
        self.limits = Limits(rate=rate, burst=5, chat_rate=0.02, chat_burst=3)
        self._host = host
        self._port = port
        self._sender = sender
        self._user = user
        self._password = password
        self._tls = tls  # "starttls", "tls" or "none"

    async def receive(self, take: Take) -> None:
        """Hear nothing."""
        await asyncio.Event().wait()

    async def send(self, chat: str, message: Message, carried: Carried | None = None) -> Sent:
        """Send words and their link; buttons and files stay where they can be used."""
        if not ADDRESS.fullmatch(chat):
            raise Refused("this is no e-mail address", gone=True)
        letter = written(self._sender, chat, message)
        try:
            async with self._server() as server:
                await server.send_message(letter, sender=self._sender_address, recipients=[chat])
        except (SMTPException, OSError) as error:
            failure = _failure(error, self._host)
        else:
            return Sent(str(letter["Message-ID"]), cost="mail")
        # Raised out here, so that no traceback leads to the library's error, which quotes the address.
        raise failure

    async def check(self) -> Sequence[Finding]:
        """Say whether the server takes us."""
        try:
            async with self._server() as server:
                await server.noop()
        except (SMTPException, OSError) as error:
            return [
                Finding(
                    "error",
                    _("e-mail cannot be sent: {reason}")(reason=reason_of(_failure(error, self._host))),
                    _("Correct the settings under [smtp]."),
                )
            ]
        return [Finding("ok", _("e-mail: {server} takes letters from us")(server=self._host))]

    @property
    def _sender_address(self) -> str:
        return parseaddr(self._sender)[1]

    def _server(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user or None,
            password=self._password.reveal() or None,
            use_tls=self._tls == "tls",
            start_tls=self._tls == "starttls",
            timeout=SECONDS,
        )


def written(sender: str, to: str, message: Message) -> EmailMessage:
    """Give a letter: the first line is its subject too."""
    text = without_marks(message.text.strip())[0]
    if message.link and message.link not in text:
        text = f"{text}\n{message.link}"
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = to
    letter["Subject"] = _subject(text)
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = f"<{codes.token()}@{parseaddr(sender)[1].partition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"  # so that absence notes do not answer it
    letter.set_content(text + "\n")
    return letter


def _subject(text: str) -> str:
    first = " ".join(text.partition("\n")[0].split())
    # Signs that steer a terminal or a line have no place in a header.
    first = "".join(sign for sign in first if sign.isprintable())
    return first if len(first) <= LONGEST_SUBJECT else first[: LONGEST_SUBJECT - 1].rpartition(" ")[0] + " …"


def _failure(error: SMTPException | OSError, host: str) -> TryLater | Refused:
    """Give what can be done about a failure, in words that name nobody."""
    if isinstance(error, SMTPRecipientsRefused):
        error = error.recipients[0]
    match error:
        case SMTPAuthenticationError():
            return TryLater(
                _("{host} does not take SMTP_USER with its password ({code})")(
                    host=host, code=str(error.code)
                ),
                MENDED,
                everybody=True,
            )
        case SMTPSenderRefused():
            refused = _("{host} does not let SMTP_FROM send ({code})")(host=host, code=str(error.code))
            return TryLater(refused, MENDED, everybody=True)
        case SMTPException() if type(error) in (SMTPException, SMTPNotSupported):
            lacks = _("{host} does not offer what SMTP_TLS or SMTP_USER asks for")(host=host)
            return TryLater(lacks, MENDED, everybody=True)
        case SMTPResponseException():
            found = ENHANCED.match(error.message)
            code = f"{error.code} {found[1]}" if found else str(error.code)
            reason = _("{host} answers {code}")(host=host, code=code)
            if error.code < 500 or not isinstance(error, SMTPRecipientRefused | SMTPDataError):
                return TryLater(reason, everybody=isinstance(error, SMTPConnectError))
            gone = isinstance(error, SMTPRecipientRefused) and error.code in NOBODY
            return Refused(reason, gone=gone and not POLICY.match(error.message))
    # What breaks after the line stands may be this letter's.
    away = isinstance(error, SMTPConnectError)
    return TryLater(AWAY(platform=host, why=type(error).__name__), everybody=away)
