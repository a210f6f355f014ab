"""A real SMTP server on a free port, which refuses as mail servers do, by the name of the mailbox."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.bot.office import free_port

USER, PASSWORD = "tro-ly", "sen-hong-2026"
REPLIES = {  # to RCPT, by what stands before the @
    "nobody": "550 5.1.1 <nobody@example.vn>: no such user",
    "disliked": "550 5.7.1 <disliked@example.vn>: rejected by policy",
    "full": "452 4.2.2 <full@example.vn>: mailbox full",
    "moved": "551 <moved@example.vn>: user not local",
}


class MailServer:
    """Takes letters for everybody else."""

    def __init__(self, *, sign_in: bool = False) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.greylisting = False
        self.content_refused = False
        self.port = free_port()
        self._controller = Controller(
            self,
            hostname="127.0.0.1",
            port=self.port,
            authenticator=self._signs_in if sign_in else None,
            auth_require_tls=False,
        )
        self._controller.start()

    def stop(self) -> None:
        """End."""
        self._controller.stop()

    def _signs_in(self, _server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and (given.login, given.password) == (
            USER.encode(), PASSWORD.encode(),
        )  # fmt: skip
        return AuthResult(success=right, handled=False)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        """Take a recipient or refuse."""
        if self.greylisting:
            return "451 4.7.1 come again later"
        if reply := REPLIES.get(address.partition("@")[0]):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Take a letter."""
        if self.content_refused:
            return "554 5.6.0 content refused"
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        return "250 OK"
