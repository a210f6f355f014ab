"""Which period words name: "11/2026", "tháng 11", "quý 4/2026", "tuần 46", "năm 2026"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from handlers.rules import periods
from handlers.rules.periods import Period
from knowledge.forms import Every, Form

WHICH = (
    r"(?:(?P<kind>thang|ky|quy|tuan|nam|month|quarter|week|year|q) ?)?"
    r"(?:(?P<number>\d{1,2})(?:[ /-](?P<year>\d{4}))?|(?P<alone>\d{4}))"
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


def form_meant(forms: Iterable[Form], match: re.Match[str]) -> Form | None:
    """Give the first of some forms whose periods are of the kind that words name; None where none is."""
    every = _EVERY.get(match["kind"] or "", "month" if match["number"] else None)
    if match["alone"] and every is None:
        every = "year"
    return next((form for form in forms if every is None or form.period.every == every), None)


def period_meant(form: Form, match: re.Match[str], today: date, *, coming: int = 0) -> Period | None:
    """Give the period of a form that words name, without a year the newest, of those to come so many at most.

    None where there is none, or it is still further ahead.
    """
    newest = periods.open_period(form, today)
    for _ahead in range(coming):
        newest = periods.after(form, newest)
    written = match["year"] or match["alone"]
    for year in (written,) if written else (newest.code[:4], str(int(newest.code[:4]) - 1)):
        code = _code(form, match["number"], year)
        period = periods.period_named(form, code) if code else None
        if period is not None and period.start <= newest.start:
            return period
    return None


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
