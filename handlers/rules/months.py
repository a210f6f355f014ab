"""Which month people mean who ask for its figures: "tháng 10", "tháng trước", "10/2026", "last month", "October"."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from handlers.rules.days import MONTHS, later
from handlers.rules.reporting import VIETNAM
from knowledge.folding import fold

_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTHS)
_FORMS = (
    re.compile(r"(?P<y>20\d\d) (?P<m>\d{1,2})"),
    re.compile(r"(?:thang |month )?(?P<m>\d{1,2})(?: (?:nam )?(?P<y>20\d\d))?"),
    re.compile(rf"(?P<name>{_NAMES})(?: (?P<y>20\d\d))?"),
)
_THIS = ("", "thang nay", "this month")
_LAST = ("thang truoc", "thang roi", "thang vua roi", "last month")


def month_named(words: str, today: date) -> date | None:
    """Give the first day of the month that is meant, this one where none is; None for words that name none.

    A month without its year is the last of that name that has begun.
    """
    typed = fold(words)
    this = today.replace(day=1)
    if typed in _THIS:
        return this
    if typed in _LAST:
        return later(this, -1)
    for form in _FORMS:
        if found := form.fullmatch(typed):
            part = found.groupdict()
            number = int(part.get("m") or 0) or _number(part.get("name") or "")
            if not 1 <= number <= 12:
                return None
            if part["y"]:
                return date(int(part["y"]), number, 1)
            return date(today.year - (number > today.month), number, 1)
    return None


def _number(name: str) -> int:
    return next((number for long, number in MONTHS.items() if name and long.startswith(name[:3])), 0)


def bounds(month: date) -> tuple[datetime, datetime]:
    """Give the first moment of a month, and that of the next, by Vietnam's clock."""
    return tuple(datetime.combine(day, time(), VIETNAM) for day in (month, later(month, 1)))  # type: ignore[return-value]
