"""No sentence reaches somebody it was not meant for, however several talks of one person cross.

People are played at random: they remember whom they were told that they write to, forget it after a
quarter of an hour, answer what they are asked, are interrupted, and mean one certain person each time.
`TOSO_TALKS=10000` plays more of them.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Connection, insert, select, update

from bot import clock, codes
from bot.casting import Seat, seat
from bot.core import Core
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.records import StoredRecords
from bot.transcript import Takes
from bot.wording import Wording
from handlers.records.requests import Request
from handlers.talk import Heard, Incoming, Message
from handlers.to_whom import SILENCE

TALKS = int(os.environ.get("TOSO_TALKS", "60"))
ACTS = 14  # in one talk
MOST = 4  # choices
TEAM = "tổ dân phố 7, phường Đông Ngạc, Hà Nội"
BEGIN = datetime(2026, 11, 9, 9, 0, tzinfo=clock.VIETNAM)
HELPERS = ("Chị Hường", "Anh Nam")
CITIZENS = ("Bác Tư", "Cô Thắm", "Anh Sơn")
CODE = re.compile(r"YC-([0-9A-Z]+)")
_message = msgspec.json.Decoder(Message)


class Told(msgspec.Struct):
    """A message that somebody got."""

    to: str
    text: str
    voice: str
    choices: tuple[str, ...]


class Office:
    """A team, citizens, and the requests between them."""

    def __init__(self, core: Core, luck: random.Random) -> None:
        self.core, self.luck = core, luck
        self.people: dict[str, Seat] = {}
        self.seen = self.updates = 0
        self.meant: dict[str, str] = {}  # who a sentence was for
        self.kept_back: set[str] = (
            set()
        )  # what was sent to nobody, since its reader was not among the choices
        self.arrived: dict[str, list[str]] = {}  # who got it
        self.with_whom: dict[str, str] = {}  # the request that a person was told they write in
        self.last: dict[str, datetime] = {}  # when they last wrote there
        for name in HELPERS:
            self._comes(name, f'member of "{TEAM}"')
        for name in CITIZENS:
            self._comes(name, f'citizen of "{TEAM}"')

    def _comes(self, name: str, role: str) -> None:
        places = self.core.bookcase.shelf().places
        takes = Takes(name=name, channel="web", role=role)

        def introduce(connection: Connection) -> Seat:
            found = seat(connection, places, takes, clock.now())
            connection.execute(
                insert(t.contacts).values(
                    account="web", chat=name, conversation=found.person, heard=clock.now()
                )
            )
            return found

        self.people[name] = self.core.writer.submit(introduce).result()
        self.does(name, "gọi tôi là bác Tư" if name == "Bác Tư" else "xin chào")

    def does(self, name: str, text: str = "", choice: str = "") -> list[Told]:
        """Let somebody write or press; give all that anybody is told."""
        self.updates += 1
        event = Incoming(account="web", chat=name, sender=name, text=text, choice=choice, sent=clock.now())
        self.core.intake.take_now([Heard(f"{name}:{self.updates}", event)])
        self.core.run_waiting()
        with self.core.database.read() as connection:
            rows = connection.execute(
                select(t.outbox.c.id, t.outbox.c.message, t.outbox.c.voice, t.contacts.c.chat)
                .join(t.contacts, t.contacts.c.id == t.outbox.c.contact)
                .where(t.outbox.c.id > self.seen, t.outbox.c.message != "")
                .order_by(t.outbox.c.id)
            ).all()
        told = []
        for row in rows:
            self.seen = row.id
            message = _message.decode(row.message)
            told.append(
                Told(row.chat, message.text, row.voice, tuple(button.data for button in message.choices))
            )
        for one in told:
            for sentence in re.findall(r"câu \d+\b", one.text) if one.voice else ():
                self.arrived.setdefault(sentence, []).append(one.to)
        return told

    def begins(self) -> list[Request]:
        """Let everybody open a request, and one of them a second; both helpers take some."""
        people = [self.people[name].person for name in (*CITIZENS, self.luck.choice(CITIZENS))]

        def open_all(connection: Connection) -> list[Request]:
            records = StoredRecords(connection, clock.now())
            unit = self.people[HELPERS[0]].unit
            return [
                records.requests.open(Request(citizen=person, words="việc", team=unit)) for person in people
            ]

        opened = self.core.writer.submit(open_all).result()
        for request in opened:
            helper = self.luck.choices(HELPERS, (3, 1))[0]
            self.does(helper, f"nhận {request.code}")
            self.with_whom[helper] = request.code
            self.last.pop(helper, None)
        return opened

    def under_way(self) -> list[Request]:
        with self.core.database.read() as connection:
            rows = connection.execute(select(t.requests).where(t.requests.c.state == "claimed")).all()
        return [
            msgspec.structs.replace(
                msgspec.json.decode(row.details, type=Request),
                code=row.code,
                citizen=row.citizen,
                claimed_by=row.claimed_by,
            )
            for row in rows
        ]

    def ends(self) -> None:
        """Take away what is under way, so that the next talk begins anew."""
        self.core.writer.submit(
            lambda c: c.execute(
                update(t.requests).where(t.requests.c.state == "claimed").values(state="closed")
            )
        ).result()
        self.with_whom.clear()
        self.last.clear()

    def name(self, person: int) -> str:
        return next(name for name, one in self.people.items() if one.person == person)

    def speaks(self, request: Request, by: str) -> None:
        """Let a helper or a citizen say something that is meant for the other side of this request."""
        helper = by in HELPERS
        goal = self.name(request.citizen if helper else request.claimed_by)
        sentence = f"câu {self.updates}"
        self.meant[sentence] = goal
        silent = self.last.get(by, BEGIN - SILENCE) + SILENCE <= clock.now()
        if self.with_whom.get(by) != request.code and not (silent and self.luck.random() < 0.7):
            told = self.does(by, f"nhắn {request.code}")
            self.with_whom[by] = request.code
        told = self.does(by, sentence)
        if self.luck.random() < 0.3 and self.asked(by, told):
            more = f"câu {self.updates}"  # impatient: they go on writing before they choose
            self.meant[more] = goal
            told = [*told, *self.does(by, more)]
        if choices := self.asked(by, told):
            wanted = next(
                (one for one in choices if one.partition("@")[2].casefold() == request.code.casefold()), ""
            )
            if not wanted:  # a fifth request: they send it to nobody, and write there again
                assert len(choices) == MOST, (choices, request.code)
                self.kept_back.update(one for one in self.meant if one not in self.arrived)
            told += self.does(by, choice=wanted or choices[-1])
        for one in told:
            if one.to == by and one.text.startswith("→"):
                self.with_whom[by] = CODE.findall(one.text)[-1]
                self.last[by] = clock.now()

    @staticmethod
    def asked(by: str, told: list[Told]) -> tuple[str, ...]:
        """Give the choices of the question whom words are for, where it is asked."""
        for one in reversed(told):
            if one.to == by and "nhắn cho ai" in one.text:
                return one.choices
        return ()


@contextmanager
def office(url: str, bookcase: Bookcase, wording: Wording, seed: int) -> Iterator[Office]:
    codes.seed(seed)
    clock.stop_at(BEGIN)
    core = Core(Database(url), bookcase, wording)
    try:
        yield Office(core, random.Random(seed))
    finally:
        core.close()
        clock.reset()
        codes.seed(None)


@pytest.mark.timeout(max(300, TALKS))  # seconds
@pytest.mark.parametrize("seed", range(4))
def test_no_sentence_reaches_somebody_it_was_not_meant_for(
    url: str, bookcase: Bookcase, wording: Wording, seed: int
) -> None:
    with office(url, bookcase, wording, seed) as desk:
        for _talk in range(-(-TALKS // 4)):
            desk.begins()
            for _act in range(ACTS):
                if desk.luck.random() < 0.3:
                    clock.stop_at(clock.now() + timedelta(minutes=desk.luck.randint(1, 25)))
                request = desk.luck.choice(desk.under_way())
                by = desk.name(desk.luck.choice((request.claimed_by, request.claimed_by, request.citizen)))
                desk.speaks(request, by)
            desk.ends()
        assert len(desk.meant) > TALKS * ACTS / 4
        astray = {
            one: (desk.meant[one], got) for one, got in desk.arrived.items() if got != [desk.meant[one]]
        }
        assert not astray
        assert not desk.meant.keys() - desk.arrived.keys() - desk.kept_back
