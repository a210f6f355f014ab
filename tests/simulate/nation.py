"""A nation on one PostgreSQL: a reporting office in every commune, cadres on Telegram, and what lies there already.

Everybody has written to the bot once.  Each office's draft of the month lies there with all its figures, so
that a cadre has only to look it over and send it: the sending is what is played.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime
from itertools import islice, zip_longest
from typing import Any

import msgspec
from sqlalchemy import insert, text

from bot.clock import VIETNAM
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import columns_of
from handlers.profile import CONSENT
from handlers.records.people import Person
from handlers.records.reports import Report
from handlers.rules.validation import Value
from handlers.turn import Shelf
from knowledge.places import Commune
from tests.simulators.telegram import Seat, TelegramServer

FORM, PERIOD = "monthly", "2026-11"  # figures up to 14 November; due on Tuesday, the 17th
SINCE = datetime(2026, 11, 9, 8, 0, tzinfo=VIETNAM)  # so that nobody owes the month before
REPORTERS = 2  # in each commune's office, beside its head
PIECE = 5_000  # rows in one insert


class Office(msgspec.Struct, frozen=True):
    """A commune's office, and who is in it."""

    unit: int
    reporters: tuple[Seat, ...]
    head: Seat

    @property
    def key(self) -> str:
        """The name of its report, as buttons carry it."""
        return f"{self.unit}:{FORM}:{PERIOD}"


class Nation:
    """Who is there."""

    def __init__(self, telegram: TelegramServer, shelf: Shelf, communes: int, provinces: int) -> None:
        """Take so many communes of so many provinces."""
        self._telegram, self._shelf = telegram, shelf
        self.places = _chosen(shelf, communes, provinces)
        self.provinces = sorted({commune.province for commune in self.places})
        self.offices: list[Office] = []
        self.cadres = 0

    def settle(self, database: Database) -> None:
        """Store them all."""
        account = f"telegram:{self._telegram.token.partition(':')[0]}"
        form = self._shelf.forms[FORM]
        values = {one.id: Value(9, 11 if one.two else None) for one in form.indicators}
        rows: list[list[dict[str, Any]]] = [[] for _table in range(5)]
        conversations, contacts, units, roles, reports = rows

        def cadre(name: str, kind: str, place: int) -> Seat:
            self.cadres += 1
            seat = self._telegram.person(name)
            seat.chat.begun = True
            known = Person(name=name, address="chị", lang="vi", consent=CONSENT, consented=SINCE)
            conversations.append(
                {"id": self.cadres, "person": msgspec.json.encode(known).decode(), "talk": '{"met":true}'}
                | {"touched": SINCE, "consented": True, **columns_of(known)}
            )
            contacts.append(
                {"account": account, "chat": seat.id, "conversation": self.cadres, "heard": SINCE}
            )
            roles.append({"person": self.cadres, "kind": kind, "place": place, "since": SINCE})
            return seat

        for number, code in enumerate(self.provinces, 1):
            units.append({"id": number, "kind": "province", "name": f"Tỉnh {number}", "commune": code})
            cadre(f"Tỉnh {number}", "officer", number)
        for unit, commune in enumerate(self.places, 1 + len(self.provinces)):
            name = self._shelf.places.label(commune)
            units.append({"id": unit, "kind": "office", "name": name, "commune": commune.code})
            reporters = tuple(cadre(f"Cán {unit}-{one}", "reporter", unit) for one in range(REPORTERS))
            self.offices.append(Office(unit, reporters, cadre(f"Chủ {unit}", "head", unit)))
            draft = Report(unit=unit, form=FORM, period=PERIOD, form_version=form.version, values=values)
            details = msgspec.json.encode(draft).decode()
            reports.append(
                {"unit": unit, "form": FORM, "period": PERIOD, "state": "draft", "details": details}
            )
        with database.write() as connection:
            for table, stored in zip(
                (t.conversations, t.contacts, t.units, t.roles, t.reports), rows, strict=True
            ):
                for piece in _pieces(stored):
                    connection.execute(insert(table), piece)
            for table in (t.conversations, t.units):  # their numbers were given here
                connection.execute(
                    text(
                        f"select setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) from {table.name}"
                    )
                )
        with database.own() as connection:
            connection.exec_driver_sql("analyze")


def _chosen(shelf: Shelf, communes: int, provinces: int) -> list[Commune]:
    """Give so many communes in turn from the provinces that have most."""
    of_each = [shelf.places.communes_of(one.code) for one in shelf.places.provinces]
    largest = sorted(of_each, key=len, reverse=True)[:provinces]
    in_turn = (commune for one_of_each in zip_longest(*largest) for commune in one_of_each if commune)
    return list(islice(in_turn, communes))


def _pieces(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return (rows[first : first + PIECE] for first in range(0, len(rows), PIECE))


class Cadres:
    """Those who send a report now: each asks for it, looks it over and presses."""

    def __init__(self, nation: Nation, luck: random.Random) -> None:
        self._waiting = list(nation.offices)
        luck.shuffle(self._waiting)
        self._under_way: dict[int, tuple[Office, Seat, int]] = {}
        self._luck = luck
        self.sent = 0

    def begin(self, wanted: int) -> None:
        """Let so many begin."""
        for _one in range(wanted):
            office = self._waiting.pop()
            seat = self._luck.choice(office.reporters)
            seen = len(seat.chat.messages)
            seat.writes("báo cáo")
            self._under_way[office.unit] = office, seat, seen

    def act(self) -> None:
        """Let whoever was shown the report send it, and whoever holds the receipt go."""
        for unit, (office, seat, seen) in list(self._under_way.items()):
            if len(seat.chat.messages) == seen:
                continue
            for shown in seat.sees()[seen:]:
                seen += 1
                if not shown.mine and any(
                    data.startswith(f"send-report@{office.key}/") for data in shown.data
                ):
                    seat.presses(
                        next(data for data in shown.data if data.startswith("send-report@")), on=shown
                    )
                elif not shown.mine and shown.file is not None:  # the receipt
                    self._under_way.pop(unit, None)
                    self.sent += 1
                    break
            if unit in self._under_way:
                self._under_way[unit] = office, seat, seen

    @property
    def under_way(self) -> int:
        """How many are at it."""
        return len(self._under_way)
