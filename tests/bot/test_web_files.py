"""Files of the web chat over real HTTP: what is taken, whose it is, and who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import func, select

from bot.channels import Carried
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.vault import Waiting, size_of
from bot.web.files import IN_ALL, WAITING
from handlers.talk import Due, Incoming
from handlers.text import as_is
from handlers.turn import Turn
from tests.bot import things
from tests.bot.test_web_server import Site, Talk, stream

ADDRESS = "https://toso.example.vn"


def passing_on(turn: Turn) -> None:
    """Pass a file on to the person whose number is its caption; say to them why where it cannot be."""
    event = turn.event
    if isinstance(event, Due):
        thing = turn.media.get(event.facts["code"])
        assert thing is not None
        reader = int(event.about.removeprefix("to:"))
        if event.name == "media.kept":
            turn.say(as_is(f"gửi {thing.kind}"), to=reader, media=thing.code)
        else:
            turn.say(as_is(f"không được: {thing.reason}"), to=reader)
    elif isinstance(event, Incoming) and event.attachment:
        turn.media.want(turn.media.note(event, turn.person.id), f"to:{event.text}")
    else:
        turn.say(as_is(" ".join(event.masked) or "vâng"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def site(sqlite_url: str, bookcase: Bookcase, folder: Path) -> Iterator[Site]:
    served = Site(
        sqlite_url, bookcase, passing_on, media_folder=str(folder), media_most_mb=1, public_address=ADDRESS
    )
    yield served
    served.stop()


def uploads(talk: Talk, content: Any = things.PNG, name: str = "ảnh.png", **headers: str) -> httpx.Response:
    given = talk.bearer | {"content-type": "image/png", "toso-name": quote(name)} | headers
    return talk.http.post("/web/media", content=content, headers=given)


def sends(talk: Talk, number: str, to: Talk, site: Site, ref: str, **more: object) -> httpx.Response:
    reader = conversation(site, to)
    thing = {"kind": "photo", "ref": ref, "name": "ảnh.png", "size": len(things.PNG)} | more
    return talk.sends(number, str(reader), attachment=thing)


def conversation(site: Site, talk: Talk) -> int:
    with site.app.database.read() as connection:
        return int(
            connection.execute(
                select(t.contacts.c.conversation).where(t.contacts.c.chat == talk.chat)
            ).scalar_one()
        )


def test_a_photo_goes_from_one_page_to_another(site: Site, folder: Path) -> None:
    lan, reader, stranger = site.talk(), site.talk(), site.talk()
    uploaded = uploads(lan)
    assert uploaded.status_code == 201
    ref = uploaded.json()["ref"]
    assert [sends(lan, "m-1", reader, site, ref).status_code for _ in range(2)] == [202, 202]
    with stream(site.http, (reader, 0)) as told:
        message = next(told)
    assert message["text"] == "gửi photo"
    code = message["media"].pop("code")
    assert message["media"] == {
        "kind": "photo",
        "name": "ảnh.png",
        "type": "image/png",
        "size": len(things.PNG),
    }
    shown = site.http.get(f"/web/media/{code}", headers=reader.bearer)
    assert (shown.status_code, shown.content) == (200, things.PNG)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["content-disposition"].startswith("inline; filename*=utf-8''")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    for who, status in (
        (stranger.bearer, 404),
        (lan.bearer, 404),
        ({}, 401),
        ({"Authorization": "Bearer x"}, 401),
    ):
        assert site.http.get(f"/web/media/{code}", headers=who).status_code == status
    assert size_of(folder) == (1, len(things.PNG))  # what was uploaded has become what is kept


def test_a_page_cannot_name_what_another_has_uploaded(site: Site) -> None:
    lan, other = site.talk(), site.talk()
    ref = uploads(lan).json()["ref"]
    sends(other, "m-1", other, site, ref)
    with stream(site.http, (other, 0)) as told:
        assert next(told)["text"] == "không được: lost"
    sends(lan, "m-1", other, site, ref)
    with stream(site.http, (other, 1)) as told:
        assert next(told)["text"] == "gửi photo"


@pytest.mark.parametrize("ref", ["", "x", "../../../../etc/passwd", "a" * 32, "é" * 20, "a" * 5000])
def test_what_was_never_uploaded_is_refused_kindly(site: Site, ref: str) -> None:
    talk = site.talk()
    assert sends(talk, "m-1", talk, site, ref).status_code == 202
    with stream(site.http, (talk, 0)) as told:
        assert next(told)["text"] == "không được: lost"


@pytest.mark.parametrize(
    ("content", "name", "status", "error"),
    [
        (b"x" * (2**20 + 1), "a.txt", 413, "large"),
        (iter([b"x" * 2**20, b"x"]), "a.txt", 413, "large"),
        (b"", "a.png", 400, "lost"),
        (b"MZ\x90\x00" + b"\x00" * 50, "a.png", 415, "kind"),
        (things.archive("a.txt"), "a.zip", 415, "kind"),
        (things.PDF, "Công văn MẬT.pdf", 422, "marked"),
        (things.PDF, "cv_mat.pdf", 422, "marked"),
    ],
)  # fmt: skip
def test_what_is_not_kept_is_refused_at_once_and_leaves_nothing(
    site: Site, folder: Path, content: Any, name: str, status: int, error: str
) -> None:
    refused = uploads(site.talk(), content, name)
    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert size_of(folder) == (0, 0)


def test_nobody_uploads_without_a_talk(site: Site, folder: Path) -> None:
    assert site.http.post("/web/media", content=things.PNG).status_code == 401
    assert size_of(folder) == (0, 0)


def test_one_talk_cannot_fill_the_disk(site: Site) -> None:
    talk = site.talk()
    assert [uploads(talk).status_code for _ in range(WAITING + 1)] == [201] * WAITING + [429]
    assert uploads(site.talk()).status_code == 201


def test_all_talks_together_cannot_fill_the_disk(
    site: Site, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    talk = site.talk()
    assert uploads(talk).status_code == 201
    (others,) = (folder / "sent").iterdir()
    others = others.with_name("another-talks-file-abc")
    with others.open("wb") as file:
        file.truncate(IN_ALL * 2**20 - 2 * len(things.PNG))  # of no size on the disk
    assert uploads(talk).status_code == 201
    for _ in range(2):
        refused = uploads(talk)
        assert (refused.status_code, refused.json()) == (507, {"error": "no room"})
    assert sends(talk, "m-1", talk, site, "").status_code == 202  # words still get through
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1
    assert told[0].startswith("MEDIA_FOLDER takes no more files from pages: 50 MB wait there")
    others.unlink()
    assert uploads(talk).status_code == 201


def test_the_database_keeps_its_room_on_the_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = site.talk()
    free = site.app.vault.waiting("").free
    monkeypatch.setattr("bot.web.files.SPARE", free + 2**30)
    assert uploads(talk).status_code == 507
    monkeypatch.setattr("bot.web.files.SPARE", 0)
    assert uploads(talk).status_code == 201


def test_what_is_under_way_counts_before_it_is_there(site: Site) -> None:
    files, most = site.app.web.files, site.app.vault.most
    nothing = Waiting(0, 0, 2**40)
    assert files._has_room(nothing, most)
    files._coming = (IN_ALL - 1) * most
    assert files._has_room(nothing, most)
    assert not files._has_room(nothing, most + 1)


def test_a_marking_in_the_caption_or_the_name_takes_the_file_away_at_once(site: Site, folder: Path) -> None:
    talk = site.talk()
    for number, (caption, name) in enumerate([("TỐI MẬT", "a.png"), ("xem giúp em", "cv MẬT.png")]):
        ref = uploads(talk).json()["ref"]
        thing = {"kind": "photo", "ref": ref, "name": name}
        assert talk.sends(f"m-{number}", caption, attachment=thing).status_code == 202
        assert size_of(folder) == (0, 0)
    with stream(site.http, (talk, 0)) as told:
        assert [next(told)["text"] for _ in range(2)] == ["marked", "marked"]
    with site.app.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.media)) == 0
    for file in Path(site.app.database.url.database or "").parent.glob("toso.db*"):
        assert "TỐI MẬT".encode() not in file.read_bytes()


def test_a_message_whose_file_is_gone_is_still_told(site: Site) -> None:
    talk = site.talk()
    sends(talk, "m-1", talk, site, uploads(talk).json()["ref"])
    with stream(site.http, (talk, 0)) as told:
        code = next(told)["media"]["code"]
    site.app.vault.remove(code)
    assert site.http.get(f"/web/media/{code}", headers=talk.bearer).status_code == 404
    with stream(site.http, (talk, 0)) as told:
        assert next(told)["media"] is None


def kept(site: Site, **contents: bytes) -> dict[str, Carried]:
    """Have files sent and kept; give each by its name, as it goes with a message."""
    talk, found = site.talk(), {}
    for name, content in contents.items():
        kind = name if name in ("photo", "voice") else "file"
        sends(talk, name, talk, site, uploads(talk, content, name).json()["ref"], kind=kind, name=name)
    with stream(site.http, (talk, 0)) as told:
        for name in contents:
            carried = site.app.carrier.find(next(told)["media"]["code"])
            assert carried is not None
            found[name] = carried
    return found


def asked(site: Site, address: str) -> httpx.Response:
    assert address.startswith(ADDRESS)
    return site.http.get(address.removeprefix(ADDRESS))


def test_a_platform_fetches_what_it_shows_by_an_address_of_an_hour(site: Site) -> None:
    files = kept(site, photo=things.PNG, voice=things.AAC, pdf=things.PDF, image=things.PNG)
    assert {name: bool(file.url) for name, file in files.items()} == {
        "photo": True, "voice": True, "pdf": False, "image": True,
    }  # fmt: skip
    assert files["voice"].url.endswith(".aac")
    for name, content in (("photo", things.PNG), ("voice", things.AAC)):
        shown = asked(site, files[name].url)
        assert (shown.status_code, shown.content) == (200, content)
        assert shown.headers["content-type"] == files[name].type
    code = files["photo"].path.name
    for false in (
        code,
        "x.y.z",
        site.app.vault.ticket("a" * 32, "media"),
        site.app.vault.ticket(code, "files"),
    ):
        assert site.http.get(f"/media/{false}").status_code == 404


def test_what_no_platform_shows_is_saved_by_an_address_of_a_day(site: Site) -> None:
    files = kept(site, photo=things.WEBP, voice=things.OGG, xlsx=things.XLSX)
    for name, file in files.items():
        given = asked(site, file.link)
        assert (given.status_code, given.content) == (200, file.path.read_bytes())
        assert given.headers["content-type"] == file.type
        assert given.headers["content-disposition"].startswith("attachment")
        assert file.name in given.headers["content-disposition"]
        assert given.headers["cache-control"] == "no-store"
        assert given.headers["x-robots-tag"] == "noindex"
        assert given.headers["x-content-type-options"] == "nosniff"
        code = site.app.vault.ticket(file.path.name, "media")
        assert site.http.get(f"/files/{code}").status_code == 404, name
    site.app.vault.remove(files["xlsx"].path.name)
    assert asked(site, files["xlsx"].link).status_code == 404


def test_where_there_is_no_public_address_no_file_has_one(sqlite_url: str, bookcase: Bookcase) -> None:
    served = Site(sqlite_url, bookcase, passing_on)
    try:
        (file,) = kept(served, photo=things.PNG).values()
        assert (file.url, file.link) == ("", "")
    finally:
        served.stop()
