"""What a province has published: served to everybody as it was kept, and to nobody before or after that."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from playwright.sync_api import Browser, Route
from sqlalchemy import insert

from bot.store import tables as t
from bot.store.database import Database, Stale
from bot.store.publications import StoredPublications
from bot.store.records import StoredRecords
from bot.web.pages import Pages
from bot.web.published import FORMAT, Published
from bot.web.server import application
from bot.wording import Wording
from handlers.records.reports import Report, Submission
from handlers.rules import periods
from handlers.rules import published as rules
from handlers.rules.published import Asked, Cell, Content, Row
from handlers.rules.validation import Value
from handlers.turn import Office
from knowledge.form_files import load_forms
from knowledge.forms import Words
from tests.bot.test_web_access import axe, violations
from tests.browsing import CHROMIUM, NONE_FOUND

__all__ = ["axe"]  # a fixture

AT = datetime(2026, 12, 2, 2, tzinfo=UTC)
HERE = "/so-lieu/monthly/2026-11"


def asked(number: int, name: str, shape: Any = "ratio", **fields: Any) -> Asked:
    words = Words(name, f"{name} (en)")
    return Asked(
        id=f"i{number}",
        number=number,
        name=words,
        unit=Words("hồ sơ", "files"),
        definition=words,
        shape=shape,
        **fields,
    )


INDICATORS = (
    asked(1, "Hồ sơ trực tuyến"),
    asked(2, "Giao dịch", "count"),
    asked(3, "Máy được bảo vệ", "pair"),
    asked(4, "Điểm", "count", decimals=1),
)
SENT = Row(
    unit=1,
    code="10402",
    name="xã Ứng Hòa",
    version=1,
    approved=True,
    sent=date(2026, 11, 16),
    in_time=True,
    values={"i1": Cell(1, 3), "i2": Cell(1284), "i3": Cell(2, 46), "i4": Cell(85)},
)
OTHER = Row(
    unit=2,
    code="10354",
    name="=xã Vân Đình",
    version=2,
    sent=date(2026, 11, 18),
    since=True,
    values={"i1": Cell(90, 100), "i2": Cell(None), "i3": Cell(0, 5), "i4": Cell(None)},
)
MISSING = Row(unit=3, code="10000", name="xã Cũ", until=date(2026, 11, 1))
CONTENT = Content(
    office="thành phố Hà Nội",
    province="01",
    form="monthly",
    form_version=1,
    title=Words("Báo cáo chuyển đổi số hằng tháng", "Monthly digital-transformation report"),
    period="2026-11",
    every="month",
    start=date(2026, 10, 15),
    cutoff=date(2026, 11, 14),
    indicators=INDICATORS,
    rows=(SENT, OTHER, MISSING),
    elsewhere=123,
)


class Site:
    """The routes over a store, asked in this process."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.write() as connection:
            for province in ("01", "79"):
                connection.execute(
                    insert(t.units).values(kind="province", name=f"tỉnh {province}", commune=province)
                )
        pages = Pages(Office)
        app = application([*pages.routes(), *Published(database, pages, Wording()).routes()])
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office")

    def get(self, address: str, **headers: str) -> httpx.Response:
        return asyncio.run(self._client.get(address, headers=headers))

    def keep(self, act: Callable[[StoredPublications], None], at: datetime = AT) -> None:
        with self.database.write() as connection:
            act(StoredPublications(connection, at))

    def publish(self, number: int = 1, unit: int = 1, content: Content = CONTENT, at: datetime = AT) -> None:
        self.keep(lambda kept: kept.publish(unit, number, content), at)


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    database = Database(sqlite_url)
    yield Site(database)
    database.close()


@pytest.fixture
def stored(url: str) -> Iterator[Site]:
    """The same on each database."""
    database = Database(url)
    yield Site(database)
    database.close()


# --- before, and after ---


@pytest.mark.parametrize("kind", ["", ".csv", ".json"])
def test_nothing_is_served_before_it_is_published_and_nothing_after_it_was_withdrawn(
    site: Site, kind: str
) -> None:
    before = site.get(HERE + kind)
    assert (before.status_code, "chưa được công bố" in before.text) == (404, True)
    site.publish()
    assert (site.get(HERE + kind).status_code, site.get(HERE + kind).headers["etag"][:2]) == (200, "W/")
    site.keep(lambda kept: kept.withdraw(1, "monthly", "2026-11", 2, "Chị Vân đếm lại"))
    gone = site.get(HERE + kind)
    assert (gone.status_code, gone.headers["cache-control"]) == (410, "no-store")
    assert "thành phố Hà Nội đã rút số liệu này vào thứ Tư 2/12/2026" in gone.text
    assert "Chị Vân" not in gone.text
    assert "These figures were withdrawn" in site.get(f"{HERE}{kind}?lang=en").text
    site.publish(3)
    assert site.get(HERE + kind).status_code == 200


@pytest.mark.parametrize("address", ["/so-lieu/monthly/2026-10", "/so-lieu/none/2026-11", "/so-lieu/x/%27--"])
def test_another_period_is_not_found(site: Site, address: str) -> None:
    site.publish()
    assert site.get(address).status_code == 404


def test_two_who_publish_at_once_make_one_edition(stored: Site) -> None:
    stored.publish()
    with pytest.raises(Stale):
        stored.publish()
    with pytest.raises(Stale):
        stored.keep(lambda kept: kept.withdraw(1, "monthly", "2026-11", 1, "muộn"))


# --- figures ---


def test_numerators_and_denominators_are_summed_and_percentages_never_averaged() -> None:
    ratio, count, pair, points = (rules.summed(CONTENT, one) for one in INDICATORS)
    assert (ratio.value, ratio.of, ratio.offices, ratio.percent) == (91, 103, 2, Decimal("88.35"))
    assert (count.value, count.of, count.offices) == (1284, None, 1)  # "no data" is no 0
    assert (pair.value, pair.of) == (2, 51)
    assert (points.value, points.offices) == (85, 1)


def test_json_keeps_what_came_apart_from_what_did_not(site: Site) -> None:
    site.publish()
    answer = site.get(f"{HERE}.json")
    told = msgspec.json.decode(answer.content)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert told["format"] == FORMAT
    assert told["period"] == {"code": "2026-11", "from": "2026-10-15", "to": "2026-11-14"}
    sent, other, missing = told["units"]
    assert sent["values"]["i1"] == {"value": 1, "of": 3, "percent": 33.33}
    assert sent["values"]["i4"] == {"value": 8.5}
    assert other["values"]["i2"] == {"value": None}
    assert (other["approved"], other["series_begins"], other["in_time"]) == (False, True, False)
    assert (missing["state"], missing["ends"], "values" in missing) == ("not-sent", "2026-11-01", False)
    assert told["sums"]["i1"] == {"value": 91, "of": 103, "percent": 88.35, "units": 2}
    assert told["units_elsewhere"] == 123


def test_the_table_has_a_heading_for_programs_one_for_people_and_a_line_for_each_office(site: Site) -> None:
    site.publish()
    answer = site.get(f"{HERE}.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert 'filename="so-lieu-monthly-2026-11.csv"' in answer.headers["content-disposition"]
    first, second, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert first[:3] == ["unit_code", "unit", "state"]
    assert first[8:12] == ["i1.value", "i1.of", "i1.percent", "i2.value"]
    assert second[1] == "Đơn vị"
    assert second[8:11] == [
        "1. Hồ sơ trực tuyến",
        "1. Hồ sơ trực tuyến: trên tổng số",
        "1. Hồ sơ trực tuyến: %",
    ]
    assert {len(row) for row in rows} == {len(first)}
    sent, other, missing, sums = rows
    assert sent[:8] == ["10402", "xã Ứng Hòa", "đã gửi", "1", "1", "2026-11-16", "1", ""]
    assert sent[8:] == ["1", "3", "33.33", "1284", "2", "46", "8.5"]
    assert other[1] == "'=xã Vân Đình"  # a table program computes nothing from it
    assert other[11] == ""
    assert missing[2:] == ["chưa gửi", "", "", "", "", "ends 2026-11-01", *[""] * 7]
    assert sums[8:11] == ["91", "103", "88.35"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "vi",
            (
                ", tháng 11/2026",
                "chưa gửi",
                "91/103 = 88,35%",
                "2 trên 3 đơn vị",
                "Dãy số mới",
                "dãy số dừng",
                "123",
            ),
        ),
        (
            "en",
            (
                "11/2026",
                "not sent",
                "91/103 = 88.35%",
                "Offices that have sent: 2 of 3.",
                "A new series",
                "its series with it",
            ),
        ),
    ],
)
def test_the_page_says_what_is_there_in_both_languages(site: Site, lang: str, words: tuple[str, ...]) -> None:
    site.publish()
    page = site.get(f"{HERE}?lang={lang}").text
    assert [word for word in words if word not in page] == []
    assert "<script" not in page


def test_a_correction_is_shown_with_its_version_and_day_by_the_next_edition(site: Site) -> None:
    site.publish()
    again = msgspec.structs.replace(SENT, version=2, sent=date(2026, 12, 4))
    late = msgspec.structs.replace(MISSING, version=1, sent=date(2026, 12, 5), values={"i2": Cell(7)})
    rows = (again, OTHER, late)
    changes = rules.changed(CONTENT, rows, 2)
    site.publish(
        2, content=msgspec.structs.replace(CONTENT, rows=rows, changes=changes), at=AT + timedelta(days=4)
    )
    page = site.get(HERE).text
    assert "xã Ứng Hòa: đính chính bằng bản 2, gửi thứ Sáu 4/12/2026; có từ lần 2." in page
    assert "xã Cũ: gửi sau, bản 1, thứ Bảy 5/12/2026; có từ lần 2." in page
    assert "Lần 1: 09:00 thứ Tư 2/12/2026" in page
    told = msgspec.json.decode(site.get(f"{HERE}.json").content)
    assert [(one["unit"], one["was"], one["now"]) for one in told["corrections"]] == [
        ("xã Ứng Hòa", 1, 2),
        ("xã Cũ", None, 1),
    ]
    assert [one["edition"] for one in told["editions"]] == [1, 2]


# --- asked again ---


@pytest.mark.parametrize("kind", ["", ".csv", ".json"])
def test_whoever_has_it_already_is_told_so_until_there_is_another_edition(site: Site, kind: str) -> None:
    site.publish()
    answer = site.get(HERE + kind)
    mark = answer.headers["etag"]
    assert answer.headers["cache-control"] == "public, no-cache"
    same = site.get(HERE + kind, **{"If-None-Match": mark})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", mark)
    site.publish(2)
    assert site.get(HERE + kind, **{"If-None-Match": mark}).status_code == 200


def test_nothing_can_be_written_to_it(site: Site) -> None:
    site.publish()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = asyncio.run(site._client.request(method, HERE))
        assert answer.status_code == 405


# --- several ---


def test_the_list_names_what_is_shown_now(site: Site) -> None:
    assert "Chưa có số liệu nào" in site.get("/so-lieu").text
    site.publish()
    older = msgspec.structs.replace(
        CONTENT, period="2026-10", start=date(2026, 9, 15), cutoff=date(2026, 10, 14)
    )
    site.publish(content=older)
    listed = msgspec.json.decode(site.get("/so-lieu.json").content)
    assert [one["page"] for one in listed["published"]] == [HERE, "/so-lieu/monthly/2026-10"]
    site.keep(lambda kept: kept.withdraw(1, "monthly", "2026-10", 2, "đếm lại"))
    page = site.get("/so-lieu").text
    assert (HERE in page, "2026-10" in page) == (True, False)
    assert site.get("/so-lieu?lang=en").text.count("lang=en") == 2


def test_of_several_provinces_on_one_server_each_has_its_own(stored: Site) -> None:
    stored.publish()
    stored.publish(unit=2, content=msgspec.structs.replace(CONTENT, office="TP. Hồ Chí Minh", province="79"))
    chosen = stored.get(f"{HERE}.json")
    assert chosen.status_code == 300
    assert [one["address"] for one in msgspec.json.decode(chosen.content)["choose"]] == [
        f"{HERE}.json?tinh=01",
        f"{HERE}.json?tinh=79",
    ]
    assert f"{HERE}?tinh=79" in stored.get(HERE).text
    assert msgspec.json.decode(stored.get(f"{HERE}.json?tinh=79").content)["province"] == "79"
    assert f"{HERE}.csv?tinh=79" in stored.get(f"{HERE}?tinh=79").text
    assert stored.get(f"{HERE}?tinh=31").status_code == 404


# --- what stands ---

SUBMITTED = Submission(
    number=1, form_version=1, values={"i2": Value(5, reason="Chị Hạnh đếm")}, sha256="", at=AT, by=1
)


@pytest.mark.parametrize(
    ("state", "verdicts", "stands"),
    [
        ("submitted", [""], 1),  # it lies with the head
        ("approved", ["approved"], 1),
        ("draft", [""], 0),  # taken back and never sent again
        ("returned", ["returned"], 0),
        ("draft", ["approved"], 1),  # opened again: what was approved stands until something else is
        ("submitted", ["approved", ""], 1),
        ("approved", ["approved", "approved"], 2),
        ("returned", ["approved", "returned"], 1),
    ],
)
def test_what_was_approved_stands_until_something_else_is(
    state: Any, verdicts: list[Any], stands: int
) -> None:
    sent = tuple(
        msgspec.structs.replace(SUBMITTED, number=number, verdict=verdict)
        for number, verdict in enumerate(verdicts, start=1)
    )
    report = Report(unit=1, form="monthly", period="2026-11", state=state, receipt="R", submissions=sent)
    found = rules.standing(report)
    assert (found.number if found else 0) == stands


def test_an_office_that_had_nobody_then_is_left_out_and_one_that_has_ended_since_is_not(stored: Site) -> None:
    begun, due = datetime(2026, 10, 14, 17, tzinfo=UTC), datetime(2026, 11, 17, 17, tzinfo=UTC)
    staffed = {
        "ended before": (begun - timedelta(days=9), begun, begun - timedelta(days=1)),
        "ended amid": (begun - timedelta(days=9), None, begun + timedelta(days=9)),
        "came too late": (due + timedelta(days=1), None, None),
        "there": (due - timedelta(days=1), due + timedelta(days=1), None),
        "nobody any more": (begun - timedelta(days=9), begun - timedelta(days=1), None),
    }
    with stored.database.write() as connection:
        person = connection.scalar(insert(t.conversations).values(touched=AT).returning(t.conversations.c.id))
        for name, (since, until, ends) in staffed.items():
            unit = connection.scalar(
                insert(t.units)
                .values(kind="office", name=name, commune="10402", until=ends)
                .returning(t.units.c.id)
            )
            connection.execute(
                insert(t.roles).values(person=person, kind="reporter", place=unit, since=since, until=until)
            )
    monthly = load_forms()["monthly"]
    november = periods.period_named(monthly, "2026-11")
    assert november is not None
    with stored.database.read() as connection:
        found = StoredRecords(connection, AT).publications.offices(monthly, november, begun, due)
    assert {unit.name: until for unit, until in found} == {
        "ended amid": begun + timedelta(days=9),
        "there": None,
    }


# --- looked at ---


@pytest.mark.skipif(CHROMIUM is None, reason=NONE_FOUND)
def test_axe_finds_nothing_wrong_with_the_pages(site: Site, browser: Browser, axe: str) -> None:
    site.publish()
    changes = rules.changed(CONTENT, (msgspec.structs.replace(SENT, version=2, sent=date(2026, 12, 4)),), 2)
    site.publish(2, content=msgspec.structs.replace(CONTENT, changes=changes))
    addresses = (HERE, f"{HERE}?lang=en", "/so-lieu", "/so-lieu/monthly/2026-01")
    with ThreadPoolExecutor(1) as pool:  # the browser's own loop runs in this thread
        answers = pool.submit(answered, site, addresses).result()
    wrong: dict[str, list[str]] = {}
    for width in (390, 1440):
        page = browser.new_page(viewport={"width": width, "height": 800}, locale="vi-VN", bypass_csp=True)
        page.route("**/*", lambda route: served(answers, route))
        for address in addresses:
            page.goto(f"http://office{address}")
            wrong[f"{address} {width}"] = violations(page, axe)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
    assert len(wrong) == 8
    assert {scene: found for scene, found in wrong.items() if found} == {}


def answered(site: Site, addresses: tuple[str, ...]) -> dict[str, httpx.Response]:
    """Give what the routes say at these addresses, and their parts."""
    parts = {part for part in site.get(HERE).text.split('"') if part.startswith("/static/")}
    plain = {"Accept-Encoding": "identity"}
    return {address: site.get(address, **plain) for address in (*addresses, *parts)}


def served(answers: dict[str, httpx.Response], route: Route) -> None:
    """Let the browser have what the routes have given, without a port."""
    answer = answers[route.request.url.removeprefix("http://office")]
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)
