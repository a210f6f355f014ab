"""A file is kept whole or not at all, only of kinds that are passed on, and only the office can read it."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.vault import WAITS, Found, Kind, Unfit, Vault, Way, size_of
from tests.bot import things

CODE = "abcdefghijklmnop"
NOW = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "data" / "media", 100_000)


@pytest.fixture
def still() -> Iterator[None]:
    clock.stop_at(NOW)
    yield
    clock.reset()


async def pieces(content: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


def keep(vault: Vault, content: bytes, kind: Kind = "file", name: str = "") -> Found:
    return asyncio.run(vault.keep(CODE, pieces(content), kind, name))


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "store"]


@pytest.mark.parametrize(
    ("content", "kind", "type_", "ending"),
    [
        (things.PNG, "photo", "image/png", "png"),
        (things.JPEG, "photo", "image/jpeg", "jpg"),
        (things.GIF, "photo", "image/gif", "gif"),
        (things.WEBP, "photo", "image/webp", "webp"),
        (things.OGG, "voice", "audio/ogg", "ogg"),
        (things.MP3, "voice", "audio/mpeg", "mp3"),
        (b"\xff\xf3\x18\xc4" + b"\x00" * 40, "voice", "audio/mpeg", "mp3"),
        (things.AAC, "voice", "audio/aac", "aac"),
        (things.WAV, "voice", "audio/x-wav", "wav"),
        (things.AMR, "voice", "audio/amr", "amr"),
        (things.M4A, "voice", "audio/mp4", "m4a"),
        (things.MP4, "video", "video/mp4", "mp4"),
        (things.PDF, "file", "application/pdf", "pdf"),
        (things.DOC, "file", "application/msword", "doc"),
        (things.XLS, "file", "application/vnd.ms-excel", "xls"),
        (things.DOCX, "file", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
        (things.XLSX, "file", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        ("Đơn xin cấp lại thẻ\r\n".encode(), "file", "text/plain", "txt"),
    ],
)  # fmt: skip
def test_what_people_send_is_known_by_its_content(
    vault: Vault, content: bytes, kind: Kind, type_: str, ending: str
) -> None:
    found = keep(vault, content, kind, "đơn")
    assert found == Found(kind, f"đơn.{ending}", type_, len(content))
    assert vault.path(CODE).read_bytes() == content


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + b"\x00" * 80, b"\x7fELF\x02\x01" + b"\x00" * 80, b"#!/bin/sh\nrm -rf ~\n", things.MSI,
        things.MACROS,
        things.archive("a.txt"), things.archive("[Content_Types].xml", "ppt/presentation.xml"), b"PK\x03\x04broken",
        b"<html><script>alert(1)</script></html>", b"\xef\xbb\xbf <svg onload='x'/>", b"  <?xml version='1.0'?><svg/>",
        b"Rar!\x1a\x07\x00" + b"\x00" * 40, b"7z\xbc\xaf\x27\x1c" + b"\x00" * 40, b"\x1f\x8b\x08" + b"\x00" * 40,
        things.THEORA, b"\xff\xfe\x00\x00words", b"words \x00 words", b"\xff" * 60, b"BM" + b"\x00" * 60,
    ],
)  # fmt: skip
def test_nothing_else_is_kept_whatever_it_is_called(vault: Vault, content: bytes, tmp_path: Path) -> None:
    for kind, name in (("file", "don.pdf"), ("photo", "anh.jpg")):
        with pytest.raises(Unfit, match="kind"):
            asyncio.run(vault.keep(CODE, pieces(content), kind, name))  # type: ignore[arg-type]
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "content"), [("photo", things.PDF), ("voice", things.PNG), ("video", things.OGG)]
)
def test_what_is_not_what_it_was_sent_as_goes_on_as_a_file(vault: Vault, kind: Kind, content: bytes) -> None:
    assert keep(vault, content, kind).kind == "file"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("don.pdf", "don.pdf"), ("DON.PDF", "DON.pdf"), ("", "toso.pdf"), ("don.pdf.exe", "don.pdf.exe.pdf"),
        ("../../etc/passwd", "passwd.pdf"), ("C:\\Users\\lan\\don.pdf", "don.pdf"), (".pdf", "pdf.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"), ("đ" * 300, "đ" * 100 + ".pdf"),
        ("a\nb\x00.pdf", "ab.pdf"), ("...", "toso.pdf"),
    ],
)  # fmt: skip
def test_a_name_says_nothing_else_than_the_content(vault: Vault, name: str, kept: str) -> None:
    assert keep(vault, things.PDF, "file", name).name == kept


def test_what_is_too_large_or_empty_is_not_kept_and_nothing_of_it_stays(vault: Vault, tmp_path: Path) -> None:
    for content, reason in ((things.PNG + b"\x00" * 100_000, "large"), (b"", "lost")):
        with pytest.raises(Unfit, match=reason):
            keep(vault, content)
    assert everything(tmp_path) == []


def test_what_breaks_off_leaves_nothing(vault: Vault, tmp_path: Path) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield things.PNG
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(vault.keep(CODE, breaking(), "photo", ""))
    assert everything(tmp_path) == []


def test_only_the_office_can_look_into_the_folder(vault: Vault, tmp_path: Path) -> None:
    keep(vault, things.PNG)
    place = vault.path(CODE).parent
    while place != tmp_path / "data":
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        place = place.parent


@pytest.mark.parametrize(
    "code", ["", "..", "../../../../etc", "a/b/c/d/e/f/g/h/i/j", "short", "x" * 65, "é" * 20]
)
def test_a_code_reaches_nothing_outside_the_folder(vault: Vault, code: str) -> None:
    with pytest.raises(ValueError, match="no code"):
        vault.path(code)

    async def look() -> None:
        with pytest.raises(Unfit):
            await anext(vault.sent(code))

    asyncio.run(look())


def test_an_uploaded_file_waits_for_its_message_two_days(vault: Vault) -> None:
    async def upload() -> None:
        for ref in ("lan-abcdefghijklmn", "lan-bcdefghijklmno"):
            await vault.receive(ref, pieces(things.PNG))
        assert [piece async for piece in vault.sent("lan-abcdefghijklmn")] == [things.PNG]
        with pytest.raises(Unfit, match="kind"):
            await vault.receive("lan-cdefghijklmnop", pieces(b"MZ\x00\x00"))

    asyncio.run(upload())
    assert (vault.waiting("lan").files, vault.waiting("minh").files) == (2, 0)
    assert vault.waiting("minh").whole == 2 * len(things.PNG)
    old = (clock.now() - WAITS - timedelta(minutes=1)).timestamp()
    os.utime(vault.path(CODE).parents[2] / "sent" / "lan-abcdefghijklmn", (old, old))
    vault.sweep_sent()
    assert vault.waiting("lan").files == 1
    vault.forget_sent("lan-bcdefghijklmno")
    assert (vault.waiting("lan").files, vault.waiting("lan").whole) == (0, 0)


def test_the_room_on_the_disk_is_known_before_there_is_a_folder(vault: Vault, tmp_path: Path) -> None:
    assert vault.waiting("lan").free == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("way", "hours"), [("media", 1), ("files", 24)])
def test_a_public_address_holds_for_its_time_and_cannot_be_made_up(
    way: Way, hours: int, vault: Vault, still: None
) -> None:
    ticket = vault.ticket(CODE, way)
    assert vault.shown(ticket, way) == CODE
    assert (
        Vault(vault.path(CODE).parents[2], 1).shown(ticket, way) == CODE
    )  # every process has the same secret
    code, until, sign = ticket.split(".")
    for false in (
        "",
        code,
        f"{code}.{until}",
        f"{code}.{int(until) + 1}.{sign}",
        f"{code[::-1]}.{until}.{sign}",
        "a.b.ổ",
    ):
        assert vault.shown(false, way) == ""
    assert vault.shown(ticket, "files" if way == "media" else "media") == ""
    clock.stop_at(NOW + timedelta(hours=hours))
    assert vault.shown(ticket, way) == CODE
    clock.stop_at(NOW + timedelta(hours=hours, seconds=1))
    assert vault.shown(ticket, way) == ""


def test_the_size_of_a_folder_is_known(vault: Vault, tmp_path: Path) -> None:
    assert size_of(tmp_path / "nowhere") == (0, 0)
    keep(vault, things.PNG)
    assert size_of(tmp_path / "data" / "media") == (1, len(things.PNG))


def test_a_folder_belongs_to_the_database_that_first_kept_something_there(tmp_path: Path) -> None:
    mine, other = (Vault(tmp_path / "media", 1000, store) for store in ("/srv/toso.db", "/srv/other.db"))
    assert not mine.ours()  # nothing is there, and nothing to be swept
    keep(mine, things.PNG)
    assert (mine.ours(), other.ours()) == (True, False)
    asyncio.run(other.keep("b" * 32, pieces(things.PNG), "file", ""))
    assert (mine.ours(), other.ours()) == (True, False)
