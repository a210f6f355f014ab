"""E-mail, against a real SMTP server: plain words, nothing smuggled in, and failures told without names."""

from __future__ import annotations

import asyncio
import re
import socket
import traceback
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.app import channels
from bot.channels import Refused, Sent, TryLater
from bot.channels.mail import LONGEST_SUBJECT, MailChannel, written
from bot.settings import Secret, Settings
from bot.store.database import Database
from bot.store.writer import writer
from handlers.talk import Button, Message
from tests.simulators.mail import PASSWORD, USER, MailServer

SENDER = "Tổ Số xã Ứng Hòa <tro-ly@example.gov.vn>"
WORDS = Message(text="**Tổ Số** có việc chờ chị.\nMở trò chuyện để xem.", link="https://toso.example.vn/")


@pytest.fixture
def server() -> Iterator[MailServer]:
    mail = MailServer()
    yield mail
    mail.stop()


def channel(server: MailServer | int, **more: object) -> MailChannel:
    port = server if isinstance(server, int) else server.port
    given = {"password": Secret(""), "tls": "none"} | more
    return MailChannel("127.0.0.1", port, SENDER, **given)  # type: ignore[arg-type]


def send(one: MailChannel, to: str, message: Message = WORDS) -> Sent:
    return asyncio.run(one.send(to, message))


def test_a_letter_says_in_plain_words_what_the_message_says(server: MailServer) -> None:
    clock.stop_at(datetime(2026, 11, 30, 3, 0, tzinfo=UTC))
    try:
        sent = send(channel(server), "dung@example.vn")
    finally:
        clock.reset()
    [letter], [envelope] = server.letters, server.envelopes
    assert envelope == ("tro-ly@example.gov.vn", ["dung@example.vn"])
    assert letter["Subject"] == "Tổ Số có việc chờ chị."
    assert letter["From"] == SENDER
    assert letter["To"] == "dung@example.vn"
    assert letter["Date"] == "Mon, 30 Nov 2026 03:00:00 +0000"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"] == sent.id
    assert re.fullmatch(r"<[\w-]+@example\.gov\.vn>", sent.id)
    assert sent.cost == "mail"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content_charset() == "utf-8"
    assert letter.get_content().splitlines() == [
        "Tổ Số có việc chờ chị.",
        "Mở trò chuyện để xem.",
        "https://toso.example.vn/",
    ]


def test_buttons_stay_where_they_can_be_pressed(server: MailServer) -> None:
    send(
        channel(server), "dung@example.vn", Message(text="Nhận việc nhé?", choices=(Button("claim", "Nhận"),))
    )
    assert server.letters[0].get_content().splitlines() == ["Nhận việc nhé?"]


@pytest.mark.parametrize(
    "to",
    [
        "dung", "dung@", "@example.vn", "dung@example", "a@b@example.vn", "dung@example.vn\r\nBcc: x@example.vn",
        "dung@example.vn\n", "<dung@example.vn>", "dung@example.vn,x@example.vn", "Dung <dung@example.vn>",
        "dung@-example.vn", "dũng@example.vn", "dung@" + "a" * 200 + ".vn", " dung@example.vn",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_any_call(server: MailServer, to: str) -> None:
    with pytest.raises(Refused, match="no e-mail address") as refused:
        send(channel(server), to)
    assert refused.value.gone
    assert "example" not in str(refused.value)
    assert server.letters == []


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Chào.\r\nBcc: x@example.vn\r\n\r\nthêm", "Chào."),
        ("Chào\rBcc: x@example.vn", "Chào Bcc: x@example.vn"),
        ("Chào\x1b[31m\x00 chị", "Chào[31m chị"),
        ("Chào\u2028Bcc: x", "Chào Bcc: x"),
        ("a" * 60 + " " + "b" * 60, "a" * 60 + " …"),
        ("", ""),
    ],
)
def test_no_words_can_become_a_header(server: MailServer, text: str, subject: str) -> None:
    letter = written(SENDER, "dung@example.vn", Message(text=text))
    assert letter["Subject"] == subject
    assert len(subject) <= LONGEST_SUBJECT
    send(channel(server), "dung@example.vn", Message(text=text))
    assert server.envelopes[0][1] == ["dung@example.vn"]
    assert server.letters[0]["Bcc"] is None


def test_a_line_that_is_only_a_dot_arrives(server: MailServer) -> None:
    send(channel(server), "dung@example.vn", Message(text="Một\n.\nHai"))
    assert server.letters[0].get_content().splitlines() == ["Một", ".", "Hai"]


@pytest.mark.parametrize(
    ("to", "gone", "says"),
    [
        ("nobody@example.vn", True, "127.0.0.1 answers 550 5.1.1"),
        ("moved@example.vn", True, "127.0.0.1 answers 551"),
        ("disliked@example.vn", False, "127.0.0.1 answers 550 5.7.1"),
    ],
)
def test_a_mailbox_that_is_not_there_is_refused_for_good(
    server: MailServer, to: str, gone: bool, says: str
) -> None:
    with pytest.raises(Refused) as refused:
        send(channel(server), to)
    assert (str(refused.value), refused.value.gone) == (says, gone)
    assert to not in "".join(traceback.format_exception(refused.value))


def test_what_a_server_dislikes_is_refused_and_nobody_is_gone(server: MailServer) -> None:
    server.content_refused = True
    with pytest.raises(Refused, match=r"answers 554 5\.6\.0") as refused:
        send(channel(server), "dung@example.vn")
    assert not refused.value.gone


def test_a_server_that_is_busy_is_asked_again(server: MailServer) -> None:
    with pytest.raises(TryLater, match=r"answers 452 4\.2\.2"):
        send(channel(server), "full@example.vn")
    server.greylisting = True
    with pytest.raises(TryLater, match=r"answers 451 4\.7\.1"):
        send(channel(server), "dung@example.vn")
    server.greylisting = False
    assert send(channel(server), "dung@example.vn").id


def test_a_server_that_is_away_or_asks_for_more_is_told(server: MailServer) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        nobody = free.getsockname()[1]
    with pytest.raises(TryLater, match=r"127\.0\.0\.1 cannot be reached \(SMTPConnectError\)") as away:
        send(channel(nobody), "dung@example.vn")
    with pytest.raises(TryLater, match="does not offer what SMTP_TLS or SMTP_USER asks for") as wrong:
        send(channel(server, tls="starttls"), "dung@example.vn")
    # Neither is this letter's fault, and a server is not asked again and again with a wrong password.
    assert [(later.value.everybody, later.value.wait) for later in (away, wrong)] == [
        (True, None),
        (True, timedelta(minutes=10)),
    ]


def test_the_account_is_signed_in_and_a_wrong_password_is_told_without_it() -> None:
    server = MailServer(sign_in=True)
    try:
        assert send(channel(server, user=USER, password=Secret(PASSWORD)), "dung@example.vn").id
        wrong = channel(server, user=USER, password=Secret("hoa-lan-1999"))
        with pytest.raises(TryLater, match=r"does not take SMTP_USER with its password \(535\)") as told:
            send(wrong, "dung@example.vn")
        assert told.value.everybody
        assert "hoa-lan-1999" not in "".join(traceback.format_exception(told.value))
        [finding] = asyncio.run(wrong.check())
        assert finding.state == "error"
        [finding] = asyncio.run(channel(server, user=USER, password=Secret(PASSWORD)).check())
        assert finding.state == "ok"
    finally:
        server.stop()


def test_it_is_built_where_a_server_is_named(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    writing = writer(database)
    named = Settings(smtp_host="127.0.0.1", smtp_from=SENDER)
    assert [one.account for one in channels(named, database, writing)] == ["mail"]
    assert channels(Settings(), database, writing) == []
    writing.close()
    database.close()
