"""Who owes which report: by the kind that a form names, and by the days on which a unit was there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers import filing
from handlers.records.people import Unit, UnitKind
from handlers.rules import periods
from knowledge.form_files import load_forms
from knowledge.forms import Forms, Level

MONTHLY = load_forms()["monthly"]
NOVEMBER = periods.period_named(MONTHLY, "2026-11")  # 15 October to 14 November
CUT_OFF = datetime(2026, 11, 14, 17, tzinfo=UTC)  # the first moment after it, in Vietnam


def unit(
    kind: UnitKind, village: str = "", since: datetime | None = None, until: datetime | None = None
) -> Unit:
    return Unit(id=1, kind=kind, name="", commune="10402", village=village, since=since, until=until)


@pytest.mark.parametrize(
    ("one", "level"),
    [
        (unit("office"), "commune"),
        (unit("office", "thôn Đoài"), "village"),
        (unit("province"), "province"),
        (unit("department"), "department"),
        (unit("party"), "party"),
        (unit("front"), "front"),
        (unit("union"), "union"),
        (unit("school"), "school"),
    ],
)
def test_a_unit_owes_the_forms_that_name_its_kind(one: Unit, level: Level) -> None:
    assert NOVEMBER is not None
    assert filing.level_of(one) == level
    assert filing.owes(MONTHLY, one, NOVEMBER) == (level in ("village", "commune"))
    assert (MONTHLY in Forms([MONTHLY]).owed_by(level)) == (level in ("village", "commune"))


@pytest.mark.parametrize(
    ("one", "owes"),
    [
        (unit("office", since=CUT_OFF), False),  # it began after the figures were complete
        (unit("office", since=datetime(2026, 11, 13, 17, tzinfo=UTC)), True),  # on the last day
        (unit("office", until=datetime(2026, 11, 13, 17, tzinfo=UTC)), False),  # the day before was its last
        (unit("office", until=CUT_OFF), True),
    ],
)
def test_a_unit_owes_what_was_complete_while_it_was_there(one: Unit, owes: bool) -> None:
    assert NOVEMBER is not None
    assert filing.owes(MONTHLY, one, NOVEMBER) is owes
