"""Closed periods that provinces have published: a page for people, a table and JSON for programs; read-only.

What is shown is what was kept when the province said so.  Nothing is served before that; what was withdrawn says so.
No name of a person is known here.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
from functools import lru_cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.store import publications
from bot.store.database import Database
from bot.store.publications import Shown
from bot.web.pages import Pages, packed
from bot.wording import Wording
from handlers import filing, published
from handlers.rules import figures
from handlers.rules import published as rules
from handlers.rules.exporting import plain
from handlers.rules.published import Asked, Content, Row
from handlers.rules.reporting import local_day
from handlers.text import Text, _

FORMAT = "toso.so-lieu.1"  # another one where a program that reads it would have to be changed
PATH = published.PATH
OPEN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
FRESH = {"Cache-Control": "public, no-cache"}  # kept by whoever likes, and asked for before every use
KINDS = {"": "text/html", ".csv": "text/csv", ".json": "application/json"}
KEPT = 64  # answers that are kept ready

_json = msgspec.json.Encoder(decimal_format="number")


class Published:
    """The routes of what is published."""

    def __init__(self, database: Database, pages: Pages, wording: Wording) -> None:
        self._database = database
        self._pages = pages
        self._wording = wording
        self._answers = lru_cache(KEPT)(self._made)

    def routes(self) -> list[Route]:
        """Give the routes: a list, and each period in three kinds."""
        return [
            Route(PATH, self.index),
            Route(f"{PATH}.json", self.index_json),
            Route(f"{PATH}/{{form}}/{{period}}.csv", self.table),
            Route(f"{PATH}/{{form}}/{{period}}.json", self.data),
            Route(f"{PATH}/{{form}}/{{period}}", self.page),
        ]

    async def index(self, request: Request) -> Response:
        """Every period that is shown now, as a page."""
        lang = _lang(request)
        listed = await asyncio.to_thread(self._listed)
        groups: dict[str, list[dict[str, str]]] = {}
        for one in listed:
            title = f"{one.content.title.of(lang)}, {one.content.office}"
            groups.setdefault(title, []).append(
                {
                    "name": self._capital(filing.called(one.content.every, one.content.period), lang),
                    "address": _address(one, listed),
                    "edition": self._edition(one, lang),
                }
            )
        text = self._pages.text("figures-index.html", **self._frame(lang, PATH), groups=groups)
        return self._fresh(request, text, KINDS[""], hashlib.sha256(text.encode()).hexdigest())

    async def index_json(self, request: Request) -> Response:
        """Every period that is shown now, for programs."""
        listed = await asyncio.to_thread(self._listed)
        told = [
            {
                "form": one.content.form,
                "period": one.content.period,
                "office": one.content.office,
                "province": one.content.province,
                "title": one.content.title,
                "edition": one.last.number,
                "published": one.last.at,
                "page": _address(one, listed),
                "csv": _address(one, listed, ".csv"),
                "json": _address(one, listed, ".json"),
            }
            for one in listed
        ]
        text = _json.encode({"format": FORMAT, "published": told}).decode()
        return self._fresh(request, text, KINDS[".json"], hashlib.sha256(text.encode()).hexdigest())

    async def page(self, request: Request) -> Response:
        """One period, as a page."""
        return await self._one(request, "")

    async def table(self, request: Request) -> Response:
        """One period, as a table: a heading for programs, below it one for people, and a line for each office."""
        return await self._one(request, ".csv")

    async def data(self, request: Request) -> Response:
        """One period, for programs."""
        return await self._one(request, ".json")

    # --- answers ---

    async def _one(self, request: Request, kind: str) -> Response:
        lang = _lang(request)
        form, period = request.path_params["form"], request.path_params["period"]
        found = await asyncio.to_thread(self._found, form, period)
        wanted = request.query_params.get("tinh", "")
        meant = [one for one in found if one.content.province == wanted] if wanted else found
        if not meant:
            return self._none(request, kind, lang, 404, _("Figures of this period are not published here."))
        if len(meant) > 1:
            return self._several(request, kind, lang, meant)
        one = meant[0]
        if one.last.withdrawn:
            gone = _("These figures were withdrawn by {office} on {day}.")
            words = gone(office=one.content.office, day=local_day(one.last.at))
            return self._none(request, kind, lang, 410, words)
        text = await asyncio.to_thread(
            self._answers, one.unit, form, period, one.last.number, kind, lang, wanted
        )
        mark = f"{form} {period} {one.unit} {one.last.number} {kind} {lang} {wanted} {self._pages.version}"
        answer = self._fresh(request, text, KINDS[kind], hashlib.sha256(mark.encode()).hexdigest())
        if kind == ".csv" and answer.status_code == 200:
            name = f"so-lieu-{one.content.form}-{one.content.period}.csv"
            answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _fresh(self, request: Request, text: str, kind: str, digest: str) -> Response:
        """Give a text with a mark by which whoever has it already is told so."""
        tag = f'W/"{digest[:32]}"'
        headers = {"ETag": tag, **FRESH, **OPEN}
        asked = request.headers.get("if-none-match", "")
        if tag in (each.strip() for each in asked.split(",")) or asked.strip() == "*":
            return Response(status_code=304, headers=headers | {"Vary": "Accept-Encoding"})
        answer = packed(request, text, f"{kind}; charset=utf-8" if kind != KINDS[".json"] else kind)
        answer.headers.update(headers)
        return answer

    def _none(self, request: Request, kind: str, lang: str, status: int, words: Text) -> Response:
        said = self._say(words, lang)
        headers = {"Cache-Control": "no-store", **OPEN}
        if kind:
            refused = _json.encode({"format": FORMAT, "error": status, "says": said})
            return Response(refused, status, headers, KINDS[".json"])
        frame = self._frame(lang, request.url.path)
        text = self._pages.text("figures-none.html", **frame, says=said)
        return Response(text, status, headers, f"{KINDS['']}; charset=utf-8")

    def _several(self, request: Request, kind: str, lang: str, found: list[Shown]) -> Response:
        """Let whoever asked choose among provinces that share this server."""
        ways = [(one.content.office, _address(one, found, kind)) for one in found]
        headers = {"Cache-Control": "no-store", **OPEN}
        if kind:
            told = [{"office": office, "address": address} for office, address in ways]
            return Response(_json.encode({"format": FORMAT, "choose": told}), 300, headers, KINDS[".json"])
        rows = [{"name": office, "address": address, "edition": ""} for office, address in ways]
        title = found[0].content.title.of(lang)
        text = self._pages.text(
            "figures-index.html", **self._frame(lang, request.url.path), groups={title: rows}
        )
        return Response(text, 200, headers, f"{KINDS['']}; charset=utf-8")

    def _made(self, unit: int, form: str, period: str, number: int, kind: str, lang: str, choice: str) -> str:
        """Give an edition as text of one kind; the same for good, since an edition never changes."""
        one = next(each for each in self._found(form, period) if each.unit == unit)
        one = Shown(unit, tuple(each for each in one.editions if each.number <= number), one.content)
        if kind == ".json":
            return _json.encode(data(one)).decode()
        if kind == ".csv":
            return self._table(one.content)
        return self._page(one, lang, choice)

    def _found(self, form: str, period: str) -> list[Shown]:
        with self._database.read() as connection:
            return publications.found(connection, form, period)

    def _listed(self) -> list[Shown]:
        with self._database.read() as connection:
            return publications.listed(connection)

    # --- the page ---

    def _frame(self, lang: str, here: str) -> dict[str, Any]:
        """Give what every page has around it."""
        return {
            "lang": lang,
            "say": lambda words, **values: self._say(
                WORDS[words](**values) if values else WORDS[words], lang
            ),
            "here": here,
            "index": PATH,
        }

    def _page(self, one: Shown, lang: str, choice: str) -> str:
        content = one.content
        address = f"{PATH}/{content.form}/{content.period}"
        behind = f"?tinh={choice}" if choice else ""
        sums = [(each, rules.summed(content, each)) for each in content.indicators]
        number = one.last.number
        return self._pages.text(
            "figures.html",
            **self._frame(lang, address + behind),
            title=content.title.of(lang),
            period=self._say(filing.called(content.every, content.period), lang),
            office=content.office,
            span=f"{content.start:%d/%m/%Y} – {content.cutoff:%d/%m/%Y}",
            edition=self._edition(one, lang),
            csv=f"{address}.csv{behind}",
            json=f"{address}.json{behind}",
            counts={"n": len(content.come), "all": len(content.rows), "elsewhere": content.elsewhere},
            sums=[
                {
                    "number": each.number,
                    "name": each.name.of(lang),
                    "definition": each.definition.of(lang),
                    "figure": self._say(published.shown(each, total), lang),
                    "offices": total.offices,
                }
                for each, total in sums
            ],
            rows=[self._row(content, row, lang) for row in content.rows],
            changes=[
                self._say(
                    (CORRECTED if change.was else CAME)(
                        unit=change.name,
                        n=change.now,
                        day=change.sent or content.cutoff,
                        edition=change.edition,
                    ),
                    lang,
                )
                for change in content.changes
                if change.edition <= number
            ],
            editions=[self._once(each, lang) for each in one.editions] if number > 1 else [],
            note=content.note.of(lang) if content.note else "",
        )

    def _row(self, content: Content, row: Row, lang: str) -> dict[str, Any]:
        notes = []
        if row.since:
            notes.append(self._say(_("A new series begins with this period."), lang))
        if row.until is not None:
            notes.append(
                self._say(_("The office ends on {day}, and its series with it.")(day=row.until), lang)
            )
        return {
            "name": row.name,
            "notes": notes,
            "cells": [self._cell(row, each, lang) for each in content.indicators] if row.version else [],
            "state": self._say(self._state(row), lang),
        }

    def _cell(self, row: Row, one: Asked, lang: str) -> str:
        cell = row.values.get(one.id)
        return "–" if cell is None else self._say(published.shown(one, cell), lang)

    def _state(self, row: Row) -> Text:
        if not row.version:
            return _("not sent")
        words = _("version {n}, {day}") if row.approved else _("version {n}, {day}, not approved yet")
        return words(n=row.version, day=f"{row.sent:%d/%m/%Y}" if row.sent else "")

    def _edition(self, one: Shown, lang: str) -> str:
        return self._say(_("Edition {n}, {at}")(n=one.last.number, at=one.last.at), lang)

    def _once(self, edition: Any, lang: str) -> str:
        words = _("Edition {n}: withdrawn {at}") if edition.withdrawn else _("Edition {n}: {at}")
        return self._say(words(n=edition.number, at=edition.at), lang)

    def _capital(self, words: Text, lang: str) -> str:
        said = self._say(words, lang)
        return said[:1].upper() + said[1:]

    def _say(self, words: Text, lang: str) -> str:
        return self._wording.word(words, lang)

    # --- the table ---

    def _table(self, content: Content) -> str:
        """Give the table; numbers stand without marks between their digits."""

        def say(words: Text) -> str:
            return self._say(words, "vi")

        first = ["unit_code", "unit", "state", "approved", "version", "sent", "in_time", "series"]
        second = [say(words) for words in HEADINGS]
        for one in content.indicators:
            name = f"{one.number}. {one.name.vi}"
            first.append(f"{one.id}.value")
            second.append(name)
            if one.shape != "count":
                first.append(f"{one.id}.of")
                whole = WHOLES["year" if one.yearly else one.shape]
                second.append(f"{name}: {say(whole)}")
            if one.shape == "ratio":
                first.append(f"{one.id}.percent")
                second.append(f"{name}: %")
        rows = [first, second]
        for row in content.rows:
            state = say(_("sent")) if row.version else say(_("not sent"))
            series = "begins" if row.since else f"ends {row.until}" if row.until else ""
            known = [
                str(int(row.approved)),
                str(row.version),
                str(row.sent or ""),
                str(int(row.in_time)),
            ]
            rows.append(
                [row.code, row.name, state, *(known if row.version else [""] * 4), series]
                + [number for one in content.indicators for number in _numbers(one, row.values.get(one.id))]
            )
        sums = [_numbers(one, rules.summed(content, one)) for one in content.indicators]
        together = [content.province, say(_("All together")), "", "", "", "", "", ""]
        rows.append(together + [number for each in sums for number in each])
        written = io.StringIO(newline="")
        # The mark at the beginning tells table programs that this is UTF-8; they part cells by semicolons here.
        written.write("\ufeff")
        csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(
            [plain(cell) for cell in row] for row in rows
        )
        return written.getvalue()


def data(one: Shown) -> dict[str, Any]:
    """Give a period for programs; its fields are told in docs/vi/so-lieu-cong-bo.md."""
    content = one.content
    return {
        "format": FORMAT,
        "form": {"id": content.form, "version": content.form_version, "title": content.title},
        "source": content.source,
        "period": {"code": content.period, "from": content.start, "to": content.cutoff},
        "office": content.office,
        "province": content.province,
        "edition": one.last.number,
        "published": one.last.at,
        "editions": [
            {"edition": each.number, "at": each.at, "withdrawn": each.withdrawn} for each in one.editions
        ],
        "corrections": [
            {
                "unit": change.name,
                "was": change.was or None,
                "now": change.now,
                "sent": change.sent,
                "edition": change.edition,
            }
            for change in content.changes
        ],
        "indicators": [
            {
                "id": each.id,
                "number": each.number,
                "name": each.name,
                "unit": each.unit,
                "definition": each.definition,
                "shape": each.shape,
            }
            for each in content.indicators
        ],
        "units": [_unit(content, row) for row in content.rows],
        "units_elsewhere": content.elsewhere,
        "sums": {
            each.id: _figure(each, total) | {"units": total.offices}
            for each in content.indicators
            for total in (rules.summed(content, each),)
        },
    }


def _unit(content: Content, row: Row) -> dict[str, Any]:
    known: dict[str, Any] = {
        "code": row.code,
        "name": row.name,
        "state": "sent" if row.version else "not-sent",
        "series_begins": row.since,
        "ends": row.until,
    }
    if not row.version:
        return known
    return known | {
        "version": row.version,
        "approved": row.approved,
        "sent": row.sent,
        "in_time": row.in_time,
        "values": {
            one.id: _figure(one, cell)
            for one in content.indicators
            if (cell := row.values.get(one.id)) is not None
        },
    }


def _figure(one: Asked, cell: rules.Cell | rules.Sum) -> dict[str, Any]:
    """Give a figure for programs; null stands for "no data", and for a share of nothing."""
    empty = isinstance(cell, rules.Sum) and not cell.offices
    if cell.value is None or empty:
        return {"value": None}
    if cell.of is None:
        return {"value": one.exact(cell.value)}
    whole: dict[str, Any] = {"value": cell.value, "of": cell.of}
    return whole | ({"percent": figures.share(cell.value, cell.of)} if one.shape == "ratio" else {})


def _numbers(one: Asked, cell: rules.Cell | rules.Sum | None) -> list[str]:
    """Give the cells of a figure in a table; empty ones for "no data" and for what never came."""
    told = _figure(one, cell) if cell is not None else {}
    names = [
        "value",
        *(["of"] if one.shape != "count" else []),
        *(["percent"] if one.shape == "ratio" else []),
    ]
    return ["" if told.get(name) is None else str(told[name]) for name in names]


def _address(one: Shown, among: list[Shown], kind: str = "") -> str:
    """Give where a period is read; with its province where several have published it."""
    key = (one.content.form, one.content.period)
    shared = sum((each.content.form, each.content.period) == key for each in among) > 1
    return f"{PATH}/{key[0]}/{key[1]}{kind}" + (f"?tinh={one.content.province}" if shared else "")


def _lang(request: Request) -> str:
    return "en" if request.query_params.get("lang") == "en" else "vi"


CORRECTED = _("{unit}: corrected in version {n} of {day}; shown since edition {edition}.")
CAME = _("{unit}: came later, version {n} of {day}; shown since edition {edition}.")
HEADINGS = (
    _("Code of the unit"),
    _("Unit"),
    _("State"),
    _("Approved"),
    _("Version"),
    _("Sent"),
    _("On time"),
    _("Series"),
)
WHOLES = {"part": _("out of"), "ratio": _("out of"), "pair": _("in all"), "year": _("since the year began")}
WORDS = {
    "published": _("Published figures"),
    "period": _("Figures of {span}, published by {office}."),
    "counted": _("Offices that have sent: {n} of {all}. What did not come stands as “not sent”, not as 0."),
    "elsewhere": _("Communes that do not report through Tổ Số, and are not counted here: {n}."),
    "sums": _("All together"),
    "summed": _("Numerators and denominators are summed; percentages are never averaged."),
    "indicator": _("Indicator"),
    "figure": _("Figure"),
    "offices": _("Offices with a figure"),
    "each": _("Office by office"),
    "unit": _("Unit"),
    "sent": _("Sent"),
    "not-sent": _("not sent"),
    "changes": _("Corrected after it was published"),
    "editions": _("All editions"),
    "programs": _("For programs"),
    "table": _("Table (CSV)"),
    "json": _("Data (JSON)"),
    "counting": _("How indicators are counted"),
    "none": _("Nothing has been published yet."),
    "all": _("All published periods"),
    "scroll": _("Figures of each office; the table can be moved sideways"),
}
