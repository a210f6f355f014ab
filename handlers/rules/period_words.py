"""Which period words name: "11/2026", "tháng 11", "quý 4/2026", "tuần 46", "năm 2026", "tháng này", "kỳ trước"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from handlers.rules import periods
from handlers.rules.periods import Period
from knowledge.forms import Every, Form

WHICH = (
    r"(?:(?:(?P<kind>thang|ky|quy|tuan|nam|month|quarter|week|year|q) ?)?"
    r"(?:(?P<number>\d{1,2})(?:[ /-](?P<year>\d{4}))?|(?P<alone>\d{4}))"
    r"|(?P<this>(?:thang|ky|quy|tuan|nam) nay|this (?:month|period|quarter|week|year))"
    r"|(?P<last>(?:thang|ky|quy|tuan|nam) (?:truoc|(?:vua )?roi|vua qua)"
    r"|last (?:month|period|quarter|week|year)))"
)  # of folded words
NAMED = rf"(?=[a-z]|\d{{1,2}}[ /-]\d{{4}}){WHICH}"  # the same, but no bare number, which may be anything
_EVERY: dict[str, Every] = {
    "quy": "quarter",
    "q": "quarter",
    "quarter": "quarter",
    "tuan": "week",
    "week": "week",
    "nam": "year",
    "year": "year",
}
_CALENDAR: dict[str, Every] = {
    "thang": "month",
    "month": "month",
    **_EVERY,
}  # "ky" and "period" are any form's


def names(match: re.Match[str]) -> bool:
    """Say whether words in which a period may stand name one."""
    return bool(match["number"] or match["alone"] or match["this"] or match["last"])


def form_meant(forms: Iterable[Form], match: re.Match[str]) -> Form | None:
    """Give the first of some forms whose periods are of the kind that words name; None where none is."""
    every = _EVERY.get(match["kind"] or "", "month" if match["number"] else None)
    if match["alone"] and every is None:
        every = "year"
    if near := match["this"] or match["last"]:
        every = _calendar(near)
    return next((form for form in forms if every is None or form.period.every == every), None)


def period_meant(form: Form, match: re.Match[str], today: date, *, coming: int = 0) -> Period | None:
    """Give the period of a form that words name, without a year the newest, of those to come so many at most.

    None where there is none, or it is still further ahead.  "Tháng này" is the one of the calendar, or the newest
    whose figures are complete where that one's are not yet; "kỳ này" is the newest.
    """
    newest = periods.open_period(form, today)
    if near := match["this"] or match["last"]:
        return _near(form, near, today, newest, last=bool(match["last"]))
    for _ahead in range(coming):
        newest = periods.after(form, newest)
    written = match["year"] or match["alone"]
    for year in (written,) if written else (newest.code[:4], str(int(newest.code[:4]) - 1)):
        code = _code(form, match["number"], year)
        period = periods.period_named(form, code) if code else None
        if period is not None and period.start <= newest.start:
            return period
    return None


def _calendar(words: str) -> Every | None:
    return next((_CALENDAR[word] for word in words.split() if word in _CALENDAR), None)


def _near(form: Form, words: str, today: date, newest: Period, *, last: bool) -> Period | None:
    every = _calendar(words)
    if every is None:
        return periods.before(form, newest) if last else newest
    day = _first_of(every, today) - timedelta(days=1) if last else today
    year, week, _weekday = day.isocalendar()
    number = {"month": day.month, "quarter": (day.month + 2) // 3, "week": week}.get(every)
    code = _code(form, str(number), str(year if every == "week" else day.year))
    period = periods.period_named(form, code)
    return period if period is None or period.start <= newest.start else newest


def _first_of(every: Every, day: date) -> date:
    """Give the first day of the calendar's week, month, quarter or year in which a day lies."""
    match every:
        case "week":
            return day - timedelta(days=day.weekday())
        case "quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day.replace(day=1)


def _code(form: Form, number: str | None, year: str) -> str:
    match form.period.every:
        case "year":
            return year
        case "quarter" if number:
            return f"{year}-Q{int(number)}"
        case "week" if number:
            return f"{year}-W{int(number):02}"
        case "month" if number:
            return f"{year}-{int(number):02}"
    return ""
