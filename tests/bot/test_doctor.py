"""`toso doctor` says what is configured, what is wrong and what to do, and nothing about anybody."""

from __future__ import annotations

import shutil
import socket
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import insert

from bot import backup, clock, doctor
from bot.doctor import ask, examine
from bot.findings import Finding
from bot.settings import Secret, Settings
from bot.store import spending
from bot.store import tables as t
from bot.store.database import Database
from bot.tokens import TROUBLE
from bot.wording import Wording
from tests.bot.office import Office
from tests.simulators.mail import MailServer

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
SAMPLE = Path(__file__).parents[1] / "knowledge" / "topics-sample"


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path) -> Settings:
    clock.stop_at(NOW)
    return Settings(
        database=sqlite_url, backup_folder=str(tmp_path / "copies"), office_name="UBND xã Ứng Hòa"
    )


@pytest.fixture(autouse=True)
def running_clock() -> object:
    yield
    clock.reset()


def findings(settings: Settings, state: str) -> list[Finding]:
    return [finding for finding in examine(settings) if finding.state == state]


def told(settings: Settings, state: str, lang: str = "en") -> str:
    wording, lines = Wording(), []
    for finding in findings(settings, state):
        remedy = wording.word(finding.remedy, lang) if finding.remedy else ""
        lines.append(f"{wording.word(finding.what, lang)} → {remedy}")
    return "\n".join(lines)


def test_a_well_kept_office_hears_nothing_to_mend(settings: Settings) -> None:
    backup.daily(settings, NOW)
    assert (told(settings, "error"), told(settings, "warning")) == ("", "")
    fine = told(settings, "ok")
    assert "channels: web; web on 127.0.0.1:8080" in fine
    assert "0 teams, 0 offices" in fine
    assert "1 daily copies, the newest of 30/11/2026" in fine
    assert "report forms: campaign, monthly, quarterly" in fine


def test_what_is_missing_is_told_with_what_to_do(settings: Settings) -> None:
    bare = told(Settings(database=settings.database, backup_folder=settings.backup_folder), "warning")
    assert "the office has no name → Set name under [office]" in bare
    assert (
        "there is no daily copy yet → `toso run` makes the first a minute after its start, then one a day."
        in bare
    )


def test_copies_that_have_stopped_are_noticed(settings: Settings) -> None:
    backup.daily(settings, NOW - timedelta(days=3))
    assert "1 daily copies, the newest of 27/11/2026 → Is `toso run` running?" in told(settings, "warning")


def test_a_team_without_anybody_and_what_waits_for_long_are_told(settings: Settings) -> None:
    database = Database(settings.database)
    with database.write() as connection:
        connection.execute(insert(t.units).values(kind="team", name="Tổ 7", commune="00001"))
        person = connection.scalar(
            insert(t.conversations).values(touched=NOW).returning(t.conversations.c.id)
        )
        contact = connection.scalar(
            insert(t.contacts).values(account="telegram:1", chat="5", conversation=person, heard=NOW)
            .returning(t.contacts.c.id)
        )  # fmt: skip
        event = {
            "account": "telegram:1",
            "conversation": person,
            "event": "tôi là Lan",
            "at": NOW - timedelta(hours=1),
        }
        connection.execute(insert(t.inbox).values(**event, key="1", state=t.WAITING))
        connection.execute(
            insert(t.inbox).values(**event, key="2", state=t.PARKED, number="4K7M2", error="KeyError")
        )
        message = {
            "account": "telegram:1",
            "contact": contact,
            "kind": "answer",
            "priority": 0,
            "message": "chào Lan",
        }
        connection.execute(
            insert(t.outbox).values(**message, number=1, state=t.READY, at=NOW - timedelta(hours=1))
        )
    database.close()
    warned = told(settings, "warning")
    assert "nobody holds a role in “Tổ 7” → Invite somebody: `toso invite`." in warned
    assert "telegram:1: a message has waited 3,600 s to be sent → Is `toso run` running?" in warned
    assert "an update has waited long for its turn" in warned
    assert "event 4K7M2 of 30/11 09:00: KeyError → Search that number in the log" in warned
    assert "Lan" not in warned + told(settings, "ok")


OA = {
    "zalo_oa_id": "1",
    "zalo_oa_app_id": "2",
    "zalo_oa_app_secret": Secret("x"),
    "zbs_template": "3",
    "zbs_price": 200,
}


def pair(settings: Settings, days: int, trouble: str = "") -> None:
    since = NOW - timedelta(days=days)
    values = {"access": "kept-secret", "refresh": "kept-secret", "since": since, "trouble": trouble}
    with Database(settings.database).write() as connection:
        connection.execute(
            insert(t.tokens).values(account="zalo_oa:1", until=since + timedelta(hours=25), **values)
        )


@pytest.mark.parametrize(
    ("days", "trouble", "state", "says"),
    [
        (0, "", "ok", "zalo_oa:1: the token pair is of 30/11/2026 → "),
        (
            61,
            "",
            "error",
            "zalo_oa:1: the token pair is of 30/09/2026 and dies on 29/12/2026 → Bring a token pair",
        ),
        (
            1,
            TROUBLE["refused"].format(words="-14014"),
            "error",
            "the token pair of 29/11/2026 could not be renewed: Zalo refuses, saying “-14014” → Mend the app's",
        ),
    ],
)
def test_a_token_pair_that_needs_a_person_is_told(
    settings: Settings, days: int, trouble: str, state: str, says: str
) -> None:
    settings = msgspec.structs.replace(settings, **OA)
    assert "there is no token pair → Bring a token pair: `toso zalo token`" in told(settings, "error")
    pair(settings, days, trouble)
    assert says in told(settings, state)
    assert "kept-secret" not in told(settings, "ok") + told(settings, "error")


def test_a_missing_pair_is_told_once(settings: Settings) -> None:
    settings = msgspec.structs.replace(
        settings, channels=("web", "zalo_oa"), zalo_oa_secret=Secret("x"), **OA
    )
    assert told(settings, "error").count("there is no token pair") == 1
    assert ask(settings) == []


def test_what_was_spent_and_what_is_left_of_it_is_told(settings: Settings) -> None:
    settings = msgspec.structs.replace(settings, **OA)
    database = Database(settings.database)
    with database.write() as connection:
        spending.count(connection, "zbs", NOW, [("zbs", 500, 1)] * 3)
        spending.count(connection, "zalo_oa:1", NOW, [("quota", 0, 1)])
        spending.count(connection, "telegram:1", NOW, [("free", None, 1)])
        spending.count(connection, "telegram:1", NOW - timedelta(days=31), [("free", None, 1)] * 9)
    database.close()
    fine = told(settings, "ok")
    assert "zbs: 3 messages this month (templates), 500 left → " in fine
    assert "zbs: that makes 600 đồng" in fine
    assert "telegram:1: 1 messages this month (at no cost) → " in fine
    assert "zalo_oa:1: 1 messages this month (from the quota), 0 left → Buy more" in told(settings, "warning")


def test_every_platform_is_asked_at_once_and_who_does_not_answer_is_told(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ANSWER", 0.5)
    server = MailServer()
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        for port, state, says in (
            (server.port, "ok", "thư điện tử: 127.0.0.1 nhận thư gửi đi"),
            (silent.getsockname()[1], "error", "chưa hỏi được mail: 0 giây chưa thấy trả lời"),
        ):
            asked = msgspec.structs.replace(
                settings, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", smtp_from="a@example.vn"
            )
            [finding] = doctor.ask(asked)
            assert (finding.state, Wording().word(finding.what, "vi")) == (state, says)
    server.stop()


def test_what_one_channel_lacks_hides_none_of_the_others(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bot.channels.telegram_aiogram", None)
    server = MailServer()
    asked = msgspec.structs.replace(
        settings,
        channels=("web", "telegram"),
        telegram_token=Secret("1:x"),
        smtp_host="127.0.0.1",
        smtp_port=server.port,
        smtp_tls="none",
        smtp_from="a@example.vn",
    )
    lacking, mail = doctor.ask(asked)
    server.stop()
    assert (lacking.state, mail.state) == ("error", "ok")
    assert "telegram" in Wording().word(lacking.what, "vi").lower()
    assert Wording().word(mail.what, "vi") == "thư điện tử: 127.0.0.1 nhận thư gửi đi"


def test_no_platform_is_asked_before_there_is_a_database(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    settings = Settings(
        database=f"sqlite:///{path}", smtp_host="127.0.0.1", smtp_port=1, smtp_from="a@example.vn"
    )
    assert doctor.ask(settings) == []
    assert not path.exists()


def test_a_broken_topic_is_told_with_file_and_line(settings: Settings, tmp_path: Path) -> None:
    topics = Path(shutil.copytree(SAMPLE, tmp_path / "topics"))
    broken = topics / "vi" / "library.lost.md"
    broken.write_text(broken.read_text("utf-8").replace("title:", "tilte:"), "utf-8")
    errors = told(Settings(database=settings.database, knowledge=str(topics)), "error")
    assert f"{broken}, line " in errors


@pytest.mark.parametrize(
    ("database", "says"),
    [
        (
            "sqlite:///nowhere/toso.db",
            "there is no database at sqlite:///nowhere/toso.db yet\n    Run `toso db upgrade`",
        ),
        (
            "postgresql://toso:hoa-sen@127.0.0.1:1/toso",
            "postgresql://toso:***@127.0.0.1:1/toso does not answer: ",
        ),
    ],
)
def test_a_database_that_is_not_there_is_an_error_and_keeps_its_password(
    database: str, says: str, tmp_path: Path
) -> None:
    done = Office(tmp_path).toso("doctor", "--lang", "en", database=database)
    assert done.status == 1
    assert f"✗ {says}" in done.out
    assert "hoa-sen" not in done.out + done.err
    assert "Traceback" not in done.err


def test_the_command_ends_well_where_there_are_only_warnings(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.toso("db", "upgrade").status == 0
    done = office.toso("doctor", "--lang", "en")
    assert done.status == 0
    assert "✓ channels: web; web on 127.0.0.1:8080\n" in done.out
    assert "! there is no daily copy yet\n    `toso run` makes the first a minute after its start" in done.out


def test_the_command_speaks_vietnamese_unless_asked_otherwise(tmp_path: Path) -> None:
    office = Office(tmp_path)
    assert office.toso("db", "upgrade").status == 0
    done = office.toso("doctor")
    assert "✓ các kênh: web; trang web ở 127.0.0.1:8080\n" in done.out
    assert "! chưa có bản sao hằng ngày\n    `toso run` sao bản đầu sau khi chạy một phút" in done.out
    assert office.toso("doctor", "--lang", "fr").err == "--lang is “fr”. Known are: vi, en.\n"


def test_the_room_that_peoples_files_take_is_named(settings: Settings, tmp_path: Path) -> None:
    files = tmp_path / "media" / "kept" / "ab"
    files.mkdir(parents=True)
    (files / "abcdef").write_bytes(b"x" * (2**20 + 1))
    settings = msgspec.structs.replace(settings, media_folder=str(tmp_path / "media"))
    assert f"1 photos and files of people in {tmp_path / 'media'}, 2 MB" in told(settings, "ok")
    assert f"1 ảnh và tệp của người dân trong {tmp_path / 'media'}, 2 MB" in told(settings, "ok", "vi")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("doctor",), "PORT là “nine”. Ghi một số nguyên.\n"),
        (("doctor", "--lang", "en"), "PORT is “nine”. Write a whole number.\n"),
        (("knowledge", "check"), "PORT là “nine”. Ghi một số nguyên.\n"),
        (("run",), "PORT is “nine”. Write a whole number.\n"),  # a log
    ],
)
def test_a_wrong_setting_is_told_in_the_language_of_the_command(
    tmp_path: Path, typed: tuple[str, ...], says: str
) -> None:
    done = Office(tmp_path).toso(*typed, port="nine")
    assert (done.status, done.err) == (1, says)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            ("knowledge", "leaflet", "library.lost"),
            'dòng 3: không có mục ghi nào tên "tilte". Các mục ghi có: id, ',
        ),
        (("ask", "mất thẻ"), 'line 3: "tilte" is not a known field. Known are id, '),
    ],
)
def test_a_topic_that_cannot_be_read_is_told_in_the_language_of_the_command(
    tmp_path: Path, typed: tuple[str, ...], says: str
) -> None:
    topics = Path(shutil.copytree(SAMPLE, tmp_path / "topics"))
    broken = topics / "vi" / "library.lost.md"
    broken.write_text(broken.read_text("utf-8").replace("title:", "tilte:"), "utf-8")
    done = Office(tmp_path).toso(*typed, knowledge=str(topics))
    assert done.status == 1
    assert says in done.err


def test_desk_hours_that_cannot_be_read_are_told_in_vietnamese(settings: Settings, tmp_path: Path) -> None:
    topics = Path(shutil.copytree(SAMPLE, tmp_path / "topics"))
    hours = topics / "service.yaml"
    hours.write_text('communes:\n  "1": {open: ["7 giờ"]}\n', "utf-8")
    errors = told(Settings(database=settings.database, knowledge=str(topics)), "error", "vi")
    assert f"{hours}, dòng 2: “7 giờ” không phải khung giờ; ghi như 07:30-11:30." in errors
