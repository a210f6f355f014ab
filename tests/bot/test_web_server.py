"""The web chat's protocol over real HTTP: what is kept, what is refused, and what a stream tells."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import create_engine, insert, make_url, select, text, update

from bot import retention
from bot.app import App
from bot.settings import Settings
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.web.server import BODY
from handlers.talk import Incoming
from handlers.text import _, as_is
from handlers.turn import Choice, Office, Turn
from tests.bot import office
from tests.bot.office import free_port

PATIENCE = 60.0


def echo(turn: Turn) -> None:
    """Say what was heard, with a choice."""
    if isinstance(turn.event, Incoming):
        turn.say(as_is(f"nghe: {turn.text or turn.event.choice}"), [Choice("more", _("Tell me more"))])


class Site:
    """A whole process of `toso run`, in a thread of this one."""

    def __init__(
        self, url: str, bookcase: Bookcase, decide: Callable[[Turn], None] = echo, **more: Any
    ) -> None:
        self.port = free_port()
        settings = Settings(database=url, port=self.port, backup_folder="unused", **more)
        self.app = App(settings, decide=decide, bookcase=bookcase)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_until_complete, args=(self.app.run(self._began),)
        )
        self._thread.start()
        assert self._ready.wait(PATIENCE)

    async def _began(self) -> None:
        self._ready.set()

    def stop(self) -> None:
        self.http.close()
        self._loop.call_soon_threadsafe(self.app.stop)
        self._thread.join()
        self._loop.close()

    def talk(self) -> Talk:
        begun = self.http.post("/web/talks")
        assert begun.status_code == 201
        return Talk(self.http, **begun.json())


class Talk:
    """One browser's talk."""

    def __init__(self, http: httpx.Client, token: str, chat: str) -> None:
        self.http, self.token, self.chat = http, token, chat
        self.bearer = {"Authorization": f"Bearer {token}"}

    def posts(self, body: bytes) -> httpx.Response:
        return self.http.post("/web/messages", content=body, headers=self.bearer)

    def sends(self, number: str, words: str = "", **more: object) -> httpx.Response:
        return self.posts(msgspec.json.encode({"id": number, "text": words, **more}))


@contextmanager
def stream(http: httpx.Client, *talks: tuple[Talk, int], beats: bool = False) -> Iterator[Iterator[Any]]:
    """Open a stream after these numbers; gives messages and, where they are wanted, ": beat" for a beat.

    On a busy machine a message may take longer than a beat.
    """
    header = ", ".join(f"{talk.token} {number}" for talk, number in talks)
    with http.stream("GET", "/web/stream", headers={"Toso-Talks": header}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield (event for event in events(answer.iter_lines()) if beats or event != ": beat")


def events(lines: Iterator[str]) -> Iterator[Any]:
    kind = ""
    for line in lines:
        if line.startswith(":"):
            yield line
        elif line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: ") and kind == "message":
            yield msgspec.json.decode(line.removeprefix("data: "))


@pytest.fixture
def site(sqlite_url: str, bookcase: Bookcase) -> Iterator[Site]:
    served = Site(sqlite_url, bookcase)
    yield served
    served.stop()


def heard(site: Site) -> int:
    """How many updates of people are kept."""
    with site.app.database.read() as connection:
        return len(connection.execute(select(t.inbox.c.id).where(t.inbox.c.account == "web")).all())


def test_what_is_sent_is_kept_and_answered_on_the_stream(site: Site) -> None:
    talk = site.talk()
    kept = talk.sends("m-1", "kích hoạt vneid")
    assert (kept.status_code, kept.json()) == (202, {"kept": "m-1"})
    with stream(site.http, (talk, 0)) as told:
        message = next(told)
    assert message["chat"] == talk.chat
    assert (message["number"], message["text"], message["from"]) == (1, "nghe: kích hoạt vneid", "")
    assert [button["data"] for button in message["choices"]] == ["more"]
    assert message["again"] is False


def test_the_same_message_sent_again_is_acknowledged_and_heard_once(site: Site) -> None:
    talk = site.talk()
    assert [talk.sends("m-1", "một").status_code for _ in range(3)] == [202, 202, 202]
    talk.sends("m-2", "hai")
    with stream(site.http, (talk, 0)) as told:
        assert [next(told)["text"] for _ in range(2)] == ["nghe: một", "nghe: hai"]
    assert heard(site) == 2


def test_a_token_is_kept_only_as_what_it_is_known_by(site: Site) -> None:
    talk = site.talk()
    path = Path(site.app.database.url.database or "")
    for file in path.parent.glob(f"{path.name}*"):
        assert talk.token.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b"7", b'"words"', b"\xff\xfe", b'{"text":"no id"}', b'{"id":5,"text":"a"}',
        b'{"id":"","text":"a"}', b'{"id":"a b","text":"a"}', b'{"id":"\\u0000","text":"a"}',
        '{"id":"mã","text":"a"}'.encode(), b'{"id":"' + b"x" * 65 + b'","text":"a"}', b'{"id":"a"}',
        b'{"id":"a","text":"  \\n "}', b'{"id":"a","text":null}', b'{"id":"a","text":["a"]}',
        b'{"id":"a","text":"\\ud800"}', b'{"id":"a","choice":"' + b"x" * 65 + b'"}',
        b'{"id":"a","attachment":{"kind":"virus"}}', b'{"id":"a","attachment":"voice"}', b"[" * 60_000,
        b'{"id":"a","text":' + b'{"a":' * 10_000, b'{"id":"a","text":"a"} {"id":"b","text":"b"}', b"id=a&text=b",
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_counted_and_not_logged(
    site: Site, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    talk = site.talk()
    refused = talk.posts(body)
    assert (refused.status_code, refused.json()) == (400, {"error": "not understood"})
    assert site.app.web.malformed == 1
    assert heard(site) == 0
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert talk.sends("m-1", "và đây thì được").status_code == 202


def in_pieces() -> Iterator[bytes]:
    """A body that never says how long it is."""
    yield b'{"id":"a","text":"'
    yield from [b"x" * 1000] * (BODY // 1000 + 2)


@pytest.mark.parametrize("body", [b"x" * (BODY + 1), in_pieces()], ids=["of known length", "in pieces"])
def test_what_is_too_large_is_refused_without_reading_it_all(site: Site, body: Any) -> None:
    talk = site.talk()
    refused = site.http.post("/web/messages", content=body, headers=talk.bearer)
    assert (refused.status_code, refused.json()) == (413, {"error": "too large"})
    assert site.app.web.malformed == 1


def test_a_text_that_nobody_typed_is_refused_with_the_length_that_is_not(site: Site) -> None:
    talk = site.talk()
    assert talk.sends("a", "đ" * 4000).status_code == 202
    refused = talk.sends("b", "đ" * 4001)
    assert (refused.status_code, refused.json()) == (413, {"error": "too long", "most": 4000})


def test_signs_that_no_keyboard_types_are_dropped(site: Site) -> None:
    talk = site.talk()
    talk.sends("a", "một\x00\x1b[31m\u202e hai\n\tba")
    with stream(site.http, (talk, 0)) as told:
        assert next(told)["text"] == "nghe: một[31m hai\n\tba"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer"}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic dG9zbzp0b3Nv"},
     {"Authorization": b"Bearer \xe1\xbb\x95"}, {"Authorization": "Bearer " + "x" * 5000}],
)  # fmt: skip
def test_nobody_speaks_without_the_talks_token(site: Site, headers: Any) -> None:
    refused = site.http.post("/web/messages", content=b'{"id":"a","text":"a"}', headers=headers)
    assert (refused.status_code, refused.json()) == (401, {"error": "unknown talk"})
    assert heard(site) == 0


@pytest.mark.parametrize(
    "talks", ["", "wrong", "wrong 0", "{} x", "{} -1", "{} ²", "{} " + "9" * 30, "{},wrong"]
)
def test_nobody_listens_without_it(site: Site, talks: str) -> None:
    header = talks.format(site.talk().token).encode()
    refused = site.http.get("/web/stream", headers={b"Toso-Talks": header})
    assert (refused.status_code, refused.json()) == (401, {"error": "unknown talk"})


def test_one_stream_reads_only_so_many_talks(site: Site) -> None:
    refused = site.http.get("/web/stream", headers={"Toso-Talks": ",".join(["x"] * 17)})
    assert (refused.status_code, refused.json()) == (400, {"error": "too many talks", "most": 16})


def test_one_talk_cannot_read_another(site: Site) -> None:
    mine, other = site.talk(), site.talk()
    other.sends("a", "chuyện riêng")
    with stream(site.http, (other, 0)) as told:
        next(told)
    mine.sends("a", "chuyện của tôi")
    with stream(site.http, (mine, 0)) as told:
        assert next(told)["text"] == "nghe: chuyện của tôi"


def test_a_token_opens_nothing_once_its_talk_is_erased(site: Site) -> None:
    talk, _newer = site.talk(), site.talk()
    later = datetime.now(UTC) + timedelta(days=31)
    retention.purge(site.app.database, site.app.core.writer, site.app.settings, later)
    assert talk.sends("a", "còn đó không").status_code == 401


def test_a_stream_goes_on_after_the_number_it_is_given(site: Site) -> None:
    talk = site.talk()
    for number in range(1, 6):
        talk.sends(f"m-{number}", f"câu {number}")
    with stream(site.http, (talk, 0)) as told:
        assert [next(told)["number"] for _ in range(5)] == [1, 2, 3, 4, 5]
    with stream(site.http, (talk, 3)) as told:
        assert [next(told)["text"] for _ in range(2)] == ["nghe: câu 4", "nghe: câu 5"]
        talk.sends("m-6", "câu 6")  # and what comes while it is open
        assert next(told)["number"] == 6


def test_one_stream_tells_several_talks_each_from_its_own_number(site: Site) -> None:
    first, second = site.talk(), site.talk()
    first.sends("a", "một")
    with stream(site.http, (first, 0)) as told:
        next(told)
    with stream(site.http, (first, 1), (second, 0)) as told:
        second.sends("a", "hai")
        assert (message := next(told))["chat"] == second.chat
        assert message["text"] == "nghe: hai"
        first.sends("b", "ba")
        assert (message := next(told))["chat"] == first.chat
        assert message["number"] == 2


def test_a_message_that_was_held_back_is_told_once_and_in_its_place(site: Site) -> None:
    talks = [site.talk(), site.talk()]
    now = datetime.now(UTC)
    with site.app.database.write() as connection:
        for talk in talks:
            ours = t.contacts.c.chat == talk.chat
            contact = connection.scalar(
                update(t.contacts).where(ours).values(last=4).returning(t.contacts.c.id)
            )
            # The third was decided long before the others and let go after them.
            for number, minutes in ((1, 20), (2, 10), (3, 500), (4, 0)):
                at = now - timedelta(minutes=minutes)
                row = {
                    "account": "web",
                    "contact": contact,
                    "number": number,
                    "kind": "answer",
                    "priority": 0,
                }
                message = f'{{"text":"{number}"}}'
                connection.execute(insert(t.outbox).values(**row, at=at, state=t.SENT, message=message))
    with stream(site.http, (talks[0], 0), (talks[1], 0)) as told:
        told_first = [next(told) for _ in range(8)]
        talks[0].sends("a", "nữa")
        assert next(told)["number"] == 5
    for talk in talks:
        assert [message["number"] for message in told_first if message["chat"] == talk.chat] == [1, 2, 3, 4]


def test_a_quiet_stream_shows_that_it_lives(site: Site) -> None:
    site.app.web.beat = 0.01
    talk = site.talk()
    with stream(site.http, (talk, 0), beats=True) as told:
        assert [next(told) for _ in range(3)] == [": beat"] * 3
        talk.sends("a", "alo")
        assert any(event != ": beat" and event["text"] == "nghe: alo" for event in told)


ATTACKS = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "data: {}\n\nevent: message\ndata: {}",
    "\u2028\u2029\r\nid: 99",
    "{{7*7}} {% raw %} **đậm** [x](javascript:alert(1))",
)


@pytest.mark.parametrize("words", ATTACKS)
def test_words_reach_the_page_as_words_only(site: Site, words: str) -> None:
    talk = site.talk()
    talk.sends("a", words)
    with stream(site.http, (talk, 0)) as told:
        message = next(told)
        talk.sends("b", "rồi")
        after = next(told)
    assert message["text"].startswith("nghe: ")
    assert [message["number"], after["number"], after["text"]] == [1, 2, "nghe: rồi"]


@pytest.mark.parametrize("words", ATTACKS[:3])
def test_a_page_carries_no_markup_but_its_own(sqlite_url: str, words: str, bookcase: Bookcase) -> None:
    shelf = msgspec.structs.replace(bookcase.shelf(), office=Office(name=words))
    served = Site(sqlite_url, bookcase)
    try:
        served.app.web.pages._office = lambda: shelf.office
        page = served.http.get("/", params={"lang": words})
    finally:
        served.stop()
    assert page.status_code == 200
    assert words not in page.text
    assert "alert(1)" in page.text  # it is there, as text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200), ("GET", "/?lang=en", 200), ("GET", "/static/any/chat.js", 200), ("GET", "/health", 200),
        ("GET", "/metrics", 200), ("GET", "/nothing", 404), ("GET", "/static/any/../server.py", 404),
        ("GET", "/static/any/%2e%2e%2fserver.py", 404), ("GET", "/web/messages", 405), ("POST", "/web/talks", 201),
        ("POST", "/web/messages", 401), ("GET", "/web/stream", 401),
    ],
)  # fmt: skip
def test_every_answer_keeps_a_page_to_itself(site: Site, method: str, path: str, status: int) -> None:
    answer = site.http.request(method, path)
    assert answer.status_code == status
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy == {
        **dict.fromkeys(("default-src", "base-uri", "form-action", "frame-ancestors"), "'none'"),
        **dict.fromkeys(("script-src", "style-src", "connect-src", "manifest-src", "worker-src"), "'self'"),
        "img-src": "'self' blob:",
        "media-src": "blob:",
        "require-trusted-types-for": "'script'",
        "trusted-types": "worker",
    }
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert {"camera=()", "microphone=()", "geolocation=()"} <= {
        *answer.headers["permissions-policy"].split(", ")
    }
    assert "set-cookie" not in answer.headers
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "server" not in answer.headers


def test_figures_tell_nothing_of_people(site: Site) -> None:
    talk = site.talk()
    talk.sends("a", "tôi là Nguyễn Thị Lan, 0912345678")
    talk.posts(b"{")
    with stream(site.http, (talk, 0)) as told:
        next(told)
        figures = site.http.get("/metrics").text
    for line in figures.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) toso_\w+ [\w ]+|toso_\w+ [\d.]+", line), line
    for word in ("Lan", "0912345678", talk.chat, talk.token):
        assert word not in figures
    counted = dict(line.split(" ") for line in figures.splitlines() if not line.startswith("#"))
    assert float(counted["toso_intake_stored"]) == float(counted["toso_web_malformed"]) == 1
    assert float(counted["toso_inbox_waiting"]) == 0


class Outage:
    """A PostgreSQL database that lets nobody in and throws everybody out, and is well again."""

    def __init__(self, server: str, url: str) -> None:
        self._server, self._name = server, make_url(url).database

    def begins(self) -> None:
        self._do(f"alter database {self._name} with allow_connections false")
        self._do(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{self._name}'")

    def ends(self) -> None:
        self._do(f"alter database {self._name} with allow_connections true")

    def _do(self, statement: str) -> None:
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture
def outage(postgresql: str, postgresql_url: str) -> Outage:
    return Outage(postgresql, postgresql_url)


def test_without_its_database_it_says_not_now_and_recovers_by_itself(
    postgresql_url: str, outage: Outage, bookcase: Bookcase
) -> None:
    site = Site(postgresql_url, bookcase)
    try:
        talk = site.talk()
        assert site.http.get("/health").status_code == 200
        with stream(site.http, (talk, 0)) as told:
            talk.sends("a", "trước")
            assert next(told)["text"] == "nghe: trước"
            outage.begins()
            health = site.http.get("/health")
            assert (health.status_code, health.text) == (503, "the database does not answer\n")
            refused = talk.sends("b", "trong lúc")
            assert (refused.status_code, refused.json()) == (503, {"error": "not now"})
            assert refused.headers["retry-after"] == "2"
            assert site.http.post("/web/talks").status_code == 503
            assert site.http.get("/metrics").status_code == 503
            unknown = site.http.get("/web/stream", headers={"Toso-Talks": f"{talk.token} 1"})
            assert unknown.status_code == 503  # and not 401, or the page would forget its talk
            outage.ends()
        assert site.http.get("/health").status_code == 200
        assert talk.sends("b", "trong lúc").status_code == 202
        with stream(site.http, (talk, 1)) as told:
            assert next(told)["text"] == "nghe: trong lúc"
    finally:
        outage.ends()
        site.stop()


def test_the_command_waits_for_its_database_at_the_start_and_outlives_its_absence(
    postgresql_url: str, outage: Outage, tmp_path: Path
) -> None:
    outage.begins()
    here = office.Office(tmp_path)
    with here.running(ready=False, database=postgresql_url) as running:
        running.says("the database does not answer yet, it is waited for")
        outage.ends()
        running.says("ready on")
        with httpx.Client(base_url=running.url, timeout=PATIENCE) as http:
            talk = Talk(http, **http.post("/web/talks").json())
            outage.begins()
            running.says("no turn can be taken")
            assert http.get("/health").status_code == 503
            outage.ends()
            running.says("the database answers again")
            assert talk.sends("a", "alo").status_code == 202
            with stream(http, (talk, 0)) as told:
                assert next(told)["number"] == 1
        assert running.stop() == 0
    assert running.logged("Traceback") == 0, "".join(running.log)
    assert running.logged("the ticker cannot look") <= 1


def test_stopping_lets_open_streams_go(tmp_path: Path) -> None:
    here = office.Office(tmp_path)
    assert here.toso("db", "upgrade").status == 0
    with here.running() as running, httpx.Client(base_url=running.url, timeout=PATIENCE) as http:
        talk = Talk(http, **http.post("/web/talks").json())
        with stream(http, (talk, 0)) as told:
            assert running.stop() == 0
            assert list(told) == []
    assert len(running.log) == 1, "".join(running.log)
