"""Which span of days a report holds, by the rule of its form: weeks, months, and longer ones.

A span of months ends on the cut-off day of its last month, and begins on the day after the cut-off
before it: with the 14th that is the rule of Nghị định 09/2019, with the end of the month the
calendar's own.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import msgspec

from knowledge.forms import WEEKDAYS, Form

DAY = timedelta(days=1)
MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "nine-months": 9, "year": 12}
_CODES = {
    "week": re.compile(r"(\d{4})-W(\d\d)"),
    "month": re.compile(r"(\d{4})-(\d\d)"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "half-year": re.compile(r"(\d{4})-H([12])"),
    "nine-months": re.compile(r"(\d{4})-9M()"),
    "year": re.compile(r"(\d{4})()"),
}


class Period(msgspec.Struct, frozen=True):
    """The span whose figures one report holds."""

    code: str  # such as "2026-11", "2026-W46", "2026-Q4", "2026-H2", "2026-9M" or "2026"
    start: date
    cutoff: date  # the last day that counts

    @property
    def year(self) -> int:
        """The reporting year it belongs to, which may have begun in the December before."""
        return int(self.code[:4])


def period_of(form: Form, day: date) -> Period:
    """Give the period in which that day's figures count; the next one where none counts them."""
    rule = form.period
    if rule.every == "week":
        ends = WEEKDAYS.index(rule.cutoff) if rule.cutoff in WEEKDAYS else 6
        return _week(day + timedelta(days=(ends - day.weekday()) % 7))
    last = _later(day, 1) if isinstance(rule.cutoff, int) and day.day > rule.cutoff else day
    months = MONTHS[rule.every]
    if months == 9:  # once a year: from October on it is the next year's
        return _span(form, date(last.year + (last.month > 9), 9, 1))
    behind = -last.month % months
    return _span(form, _later(last, behind))


def period_named(form: Form, code: str) -> Period | None:
    """Give the period of a code such as "2026-11" or "2026-Q4"; None when it is none of this form."""
    every = form.period.every
    match = _CODES[every].fullmatch(code)
    if match is None:
        return None
    year, number = int(match[1]), int(match[2] or 1)
    try:
        if every == "week":
            return period_of(form, date.fromisocalendar(year, number, 1) + _until_cutoff(form))
        last = 9 if every == "nine-months" else number * MONTHS[every]
        return _span(form, date(year, last, 1))
    except ValueError:
        return None


def open_period(form: Form, day: date) -> Period:
    """Give the last period whose figures are complete on that day: the one to report now."""
    return before(form, period_of(form, day))


def before(form: Form, period: Period) -> Period:
    """Give the period before this one."""
    if form.period.every == "nine-months":
        return _span(form, date(period.year - 1, 9, 1))
    return period_of(form, period.start - DAY)


def after(form: Form, period: Period) -> Period:
    """Give the period after this one."""
    return period_of(form, period.cutoff + DAY)


def earlier(form: Form, day: date, oldest: date) -> tuple[Period, ...]:
    """Give the periods before the one to report on a day, back to those that ended on another, the newest first."""
    found: list[Period] = []
    period = before(form, open_period(form, day))
    while period.cutoff >= oldest:
        found.append(period)
        period = before(form, period)
    return tuple(one for one in found if in_force(form, one))


def opens_the_year(form: Form, period: Period) -> bool:
    """Say whether a period is the first of its reporting year, in which sums since the year began start anew."""
    return before(form, period).year != period.year


def in_force(form: Form, period: Period) -> bool:
    """Say whether a form is asked for a period: a campaign has an end."""
    return (form.valid_from is None or period.cutoff >= form.valid_from) and (
        form.valid_until is None or period.start <= form.valid_until
    )


def last_month(period: Period) -> date:
    """Give the first of the month in which a period ends, by which its due day is counted."""
    return period.cutoff.replace(day=1)


def _later(day: date, months: int) -> date:
    """Give the first of the month so many months on."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _span(form: Form, last: date) -> Period:
    """Give the period that ends in this month."""
    every, cutoff = form.period.every, form.period.cutoff
    months = MONTHS[every]
    first = last.replace(day=1)
    if isinstance(cutoff, int):
        start, end = _later(first, -months).replace(day=cutoff) + DAY, first.replace(day=cutoff)
    else:
        start, end = _later(first, 1 - months), _later(first, 1) - DAY
    number = first.month // months
    code = {
        "month": f"-{number:02}",
        "quarter": f"-Q{number}",
        "half-year": f"-H{number}",
        "nine-months": "-9M",
        "year": "",
    }[every]
    return Period(f"{first.year:04}{code}", start, end)


def _week(cutoff: date) -> Period:
    """Give the week that ends on that day; its number is that of the calendar week it ends in."""
    year, number, _day = cutoff.isocalendar()
    return Period(f"{year:04}-W{number:02}", cutoff - 6 * DAY, cutoff)


def _until_cutoff(form: Form) -> timedelta:
    cutoff = form.period.cutoff
    return timedelta(days=WEEKDAYS.index(cutoff) if cutoff in WEEKDAYS else 6)
