"""The template of a report, to be filled in with a table program: what is in it, and what one that came back says.

The first two rows are hidden: whose template it is and what each column is for, then the heading once more, so that
a heading that was changed is known in any language.  The last column, hidden too, has what the cells held when the
template was made: what is as it was changes nothing that has been entered since.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from handlers.made import Cell, Sheet
from handlers.rules import entry, figures, form_tasks
from handlers.rules.entry import Half
from handlers.rules.figures import Figure, NoData, Problem
from handlers.rules.form_tasks import TaskState
from handlers.rules.validation import NO_DATA, Value, shown, written
from handlers.text import Text, _, as_is
from knowledge.folding import fold
from knowledge.forms import Form, FormTask, Indicator

SHEET, UNREAD = (
    "sheet",
    "unread",
)  # facts of the event about a filled template: its cells, or why there are none
COLUMNS = ("number", "name", "value", "of", "last", "reason", "meaning", "was")
NUMBER, NAME, VALUE, OF, LAST, REASON, MEANING, WAS = "ABCDEFGH"
HEADING, FIRST = 7, 8  # rows: of the heading, and of the first indicator
MARK = re.compile(r"TOSO 1 (\d{1,17}) ([a-z0-9-]{1,40}) (\d{1,9}) (\d{4}[0-9A-Z-]{0,4})")
WIDTHS = (5, 34, 12, 12, 24, 34, 60, 8)
FARTHER = (
    30  # rows below the indicators in which an indicator may stand still, such as after rows were put in
)
LONGEST_REASON = 500


class Typed(msgspec.Struct, frozen=True):
    """What a cell of a filled table holds."""

    text: str
    kind: Literal["text", "number", "formula"] = "text"


class Table(msgspec.Struct, frozen=True):
    """A filled table: its cells by their names, such as C8, and the ranges that were merged."""

    cells: dict[str, Typed]
    merged: tuple[str, ...] = ()


class Mark(msgspec.Struct, frozen=True):
    """Whose template a table is."""

    unit: int
    form: str
    version: int
    period: str


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with one cell, or with a few that were merged."""

    cell: str
    why: Text


class TaskRows(msgspec.Struct, frozen=True):
    """What stands in the rows of a form's tasks: how far each is and was in the period before, and its day."""

    states: dict[str, TaskState] = {}
    last: dict[str, TaskState] = {}
    due: dict[str, date] = {}


class Filled(msgspec.Struct, frozen=True):
    """What a template says that has come back."""

    values: dict[str, Value]  # by indicator; only what differs from when the template was made
    faults: tuple[Fault, ...]
    halves: dict[str, Half]  # of an indicator with a fault: the number that was right
    wholes: dict[str, int]  # and what its number is out of
    tasks: dict[str, TaskState] = {}  # by task; only what differs from when the template was made


TITLES = {
    "number": _("No."),
    "name": _("Indicator"),
    "value": _("Figure"),
    "of": _("Out of, or in all"),
    "last": _("The period before"),
    "reason": _("Why, if it is unusual"),
    "meaning": _("How to count"),
    "was": _("As it was"),
}
TASK_TITLES = ("", _("Task"), _("State"), "", _("The period before"), _("What came of it"), _("Product"), "")
NONE = _("no data yet")
NO_DATA_MARK = "none"  # in the last column, whatever the language
HOW = _(
    "Fill in the yellow cells only. Where nothing arose write 0, where there are no data yet write “no data”."
)
BACK = _("Then send this file back in the chat; what is left empty is asked there.")

FORMULA = _("a formula is not read. Please type the number itself.")
MERGED = _("these cells are merged. Please take them apart and type each number into its own.")
ONE_NUMBER = _("this indicator has one number only, so this cell stays empty.")
TWICE = _("this indicator stands in two rows; the first one counts.")
NO_STATE = _("“{words}” does not say how far the task is. Write done, under way or not begun.")
STATE_MISSING = _("how far the task is, is missing. Write done, under way or not begun.")
MOVED = _("number and name of the indicator do not belong together, so this row was not read.")
WHOLE = _("the total is missing.")
TWO_TOTALS = _("the cell before it names another total.")
UNCLEAR = _("“{words}” is no figure.")
QUESTION = _("“{words}”: {ask}")


def blank(
    form: Form,
    mark: Mark,
    heads: tuple[Text, ...],
    values: Mapping[str, Value],
    last: Mapping[str, Value],
    lang: str,
    tasks: TaskRows | None = None,
) -> Sheet:
    """Give the template: `heads` name report, office and days; `values` are entered already, `last` those before."""
    marked = f"TOSO 1 {mark.unit} {mark.form} {mark.version} {mark.period}"
    titles = tuple(Cell(TITLES[name], "heading") for name in COLUMNS)
    rows: list[tuple[Cell, ...]] = [
        (Cell(marked), *(Cell(name) for name in COLUMNS[1:])),
        tuple(Cell(TITLES[name]) for name in COLUMNS),
        *((Cell(words, "title" if place == 0 else "plain"),) for place, words in enumerate(heads[:2])),
        (Cell(HOW, "plain"),),
        (Cell(BACK, "plain"),),
        titles,
    ]
    rows += [_row(one, values.get(one.id), last.get(one.id), lang) for one in form.indicators]
    if form.tasks:
        rows += [(), tuple(Cell(words, "heading" if words else "text") for words in TASK_TITLES)]
        rows += [_task_row(one, tasks or TaskRows(), lang) for one in form.tasks]
    return Sheet(tuple(rows), WIDTHS, hidden_rows=2, hidden_columns=1, fixed=HEADING)


def _row(one: Indicator, value: Value | None, last: Value | None, lang: str) -> tuple[Cell, ...]:
    part, whole = _entered(one, value, last, lang)
    none = value is not None and value.value is None
    meaning = " ".join(words.of(lang) for words in (one.ask, one.ask_of, one.definition) if words is not None)
    return (
        Cell(str(one.number)),
        Cell(one.name.of(lang)),
        Cell(NONE if none else part, "entry"),
        Cell(whole, "entry") if one.two else Cell(),
        Cell(shown(one, last) if last is not None else "", "quiet"),
        Cell(value.reason if value else "", "entry"),
        Cell(meaning, "quiet"),
        Cell(_was(NO_DATA_MARK if none else part, whole, value.reason if value else "")),
    )


def _task_row(one: FormTask, rows: TaskRows, lang: str) -> tuple[Cell, ...]:
    state, last, due = rows.states.get(one.id), rows.last.get(one.id), rows.due.get(one.id)
    product = as_is(one.product.of(lang))
    return (
        Cell(str(one.number)),
        Cell(one.name.of(lang)),
        Cell(form_tasks.STAGES[state.stage] if state else "", "entry"),
        Cell(),
        Cell(form_tasks.shown(last) if last is not None else "", "quiet"),
        Cell(state.said if state else "", "entry"),
        Cell(_("{product} By {day}.")(product=product, day=due) if due else product, "quiet"),
        Cell(_was(state.stage, state.said) if state else _was("", "")),
    )


def _entered(one: Indicator, value: Value | None, last: Value | None, lang: str) -> tuple[str, str]:
    if value is not None:
        part, _slash, whole = written(one, value, lang).partition("/")
        return part, whole
    kept = last.of if one.of_kept and last is not None else None
    return "", figures.grouped(kept, lang) if kept is not None else ""


def _was(*cells: str) -> str:
    return "|".join(" ".join(cell.split()) for cell in cells)


def marked(table: Table) -> Mark | None:
    """Give whose template a table is; None where it is none of ours."""
    found = MARK.fullmatch(_at(table, "A", 1).text)
    return Mark(int(found[1]), found[2], int(found[3]), found[4]) if found else None


def changed_heading(table: Table) -> str:
    """Give the first cell of the heading that is not as it was; nothing where all are."""
    for column, name in zip("BCDEFGH", COLUMNS[1:], strict=True):
        if _at(table, column, 1).text != name:
            return f"{column}{HEADING}"
    for column in "ABCDEFGH":
        if _at(table, column, HEADING).text != _at(table, column, 2).text or not _at(table, column, 2).text:
            return f"{column}{HEADING}"
    over = [
        range_ for range_ in table.merged if any(row == HEADING and col < "H" for col, row in _inside(range_))
    ]
    return over[0] if over else ""


def heard(
    form: Form,
    table: Table,
    whole: Callable[[Indicator], int | None],
    fits: Callable[[Indicator, Value], Text | None],
) -> Filled:
    """Give what a filled template says; `whole` is what a lone number is out of, `fits` why a figure cannot be."""
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    halves: dict[str, Half] = {}
    wholes: dict[str, int] = {}
    seen: set[str] = set()
    merged = {place: range_ for range_ in table.merged for place in _inside(range_)}
    told: dict[str, TaskState] = {}
    for row in range(FIRST, FIRST + form.asked + FARTHER):
        number = _at(table, NUMBER, row).text
        if not number:
            continue
        known = int(number) if number.isascii() and number.isdigit() else 0
        one = form.indicator(known) or form.task(known)
        if one is None or fold(_at(table, NAME, row).text) not in (fold(one.name.vi), fold(one.name.en)):
            faults.append(Fault(f"A{row}", MOVED))
            continue
        if one.id in seen:
            faults.append(Fault(f"A{row}", TWICE))
            continue
        seen.add(one.id)
        torn = next((merged[col, row] for col in "ABCDF" if (col, row) in merged), "")
        if isinstance(one, FormTask):
            state = Fault(torn, MERGED) if torn else _state(table, row)
            if isinstance(state, Fault):
                faults.append(state)
            elif state is not None:
                told[one.id] = state
            continue
        found = Fault(torn, MERGED) if torn else _figure(one, table, row, whole(one))
        if isinstance(found, Value) and (why := fits(one, found)) is not None:
            found = Fault(f"{VALUE}{row}", why)
        if isinstance(found, Fault):
            faults.append(found)
            match _right(one, table, row):
                case Half() as half if found.cell != torn:
                    halves[one.id] = half
                case int() as right if found.cell != torn:
                    wholes[one.id] = right
        elif found is not None:
            values[one.id] = found
    return Filled(values, tuple(faults), halves, wholes, told)


def _state(table: Table, row: int) -> TaskState | Fault | None:
    """Give how far a row says that a task is; None where nothing was typed."""
    cell, words = _at(table, VALUE, row), _at(table, REASON, row)
    formula = next((c for c, one in ((VALUE, cell), (REASON, words)) if _is_formula(one)), "")
    if formula:
        return Fault(f"{formula}{row}", FORMULA)
    if not cell.text and not words.text:
        return None
    state = form_tasks.read(cell.text or words.text)
    if state is None:
        return Fault(f"{VALUE}{row}", NO_STATE(words=as_is(cell.text[:60])) if cell.text else STATE_MISSING)
    if words.text and cell.text:
        state = TaskState(state.stage, form_tasks.tidy(words.text))
    return None if _was(state.stage, state.said) == _at(table, WAS, row).text else state


def _right(one: Indicator, table: Table, row: int) -> Half | int | None:
    """Give what is right in a row with a fault: a half, or the whole by itself; None where nothing is."""
    if not one.two:
        return None
    part, whole = (_one_number(_at(table, column, row)) for column in (VALUE, OF))
    first = int(part.value) if isinstance(part, Figure) and part.of is None else None
    second = int(whole.value) if isinstance(whole, Figure) and whole.of is None else None
    if one.shape != "pair" and second is not None:
        return second
    if first is not None and second is None:
        return Half("total" if one.shape == "pair" else "of", first)
    return Half("new", second) if first is None and second is not None else None


def _figure(one: Indicator, table: Table, row: int, kept: int | None) -> Value | Fault | None:
    """Give what a row says; None where nothing was typed."""
    part, whole, reason = (_at(table, column, row) for column in (VALUE, OF, REASON))
    formula = next(
        (
            c
            for c, cell in ((VALUE, part), (OF, whole))
            if cell.kind == "formula" or cell.text.startswith("=")
        ),
        "",
    )
    if formula:
        return Fault(f"{formula}{row}", FORMULA)
    was = _at(table, WAS, row).text
    if not part.text or _was(part.text, whole.text, reason.text) == was:
        return None
    said = _value(one, part, whole, kept)
    if said == NO_DATA and _was(NO_DATA_MARK, whole.text, reason.text) == was:
        return None
    if isinstance(said, Value):
        because = "" if _is_formula(reason) else reason.text[:LONGEST_REASON]
        return msgspec.structs.replace(said, reason=because)
    column, why = said
    return Fault(f"{column}{row}", why)


def _value(one: Indicator, part: Typed, whole: Typed, kept: int | None) -> Value | tuple[str, Text]:
    """Give the figures of a row, or the column in which something is wrong, and what."""
    if not one.two and whole.text:
        return OF, ONE_NUMBER
    if one.two and whole.text:
        first, second = _one_number(part), _one_number(whole)
        if isinstance(first, NoData):
            return NO_DATA
        if isinstance(first, Figure) and first.of is not None:  # both in one cell, such as 9/11
            same = second == Figure(first.of)
            return Value(int(first.value), int(first.of)) if same else (OF, TWO_TOTALS)
        for column, said in ((VALUE, first), (OF, second)):
            if not isinstance(said, Figure):
                return column, _why(said, part if column == VALUE else whole)
        assert isinstance(first, Figure)
        assert isinstance(second, Figure)
        return Value(int(first.value), int(second.value))
    meant = Decimal(part.text) if part.kind == "number" and not one.two else None
    got = (
        entry.understood(one, part.text, kept, None, meant)
        if meant is None or meant >= 0
        else figures.NEGATIVE
    )
    if isinstance(got, Value):
        return got
    if isinstance(got, Half):
        return OF, WHOLE
    return VALUE, _why(got, part)


def _one_number(cell: Typed) -> figures.Reading:
    """Give what a cell says where a whole number belongs; a number is one however it looks."""
    if _is_formula(cell):
        return figures.UNREADABLE
    if cell.kind == "number":
        number = Decimal(cell.text)
        if number != number.to_integral_value():
            return figures.NOT_WHOLE
        return Figure(number) if number >= 0 else figures.NEGATIVE
    return figures.read(cell.text, "ratio")


def _why(said: object, cell: Typed) -> Text:
    words = as_is(cell.text[:60])
    if isinstance(said, figures.Ambiguous):
        return QUESTION(words=words, ask=said.ask)
    if isinstance(said, Problem) and said != figures.UNREADABLE:
        return QUESTION(words=words, ask=said.why)
    return UNCLEAR(words=words)


def _is_formula(cell: Typed) -> bool:
    return cell.kind == "formula" or cell.text.startswith("=")


def _at(table: Table, column: str, row: int) -> Typed:
    return table.cells.get(f"{column}{row}", Typed(""))


def _inside(range_: str) -> list[tuple[str, int]]:
    """Give the cells of a range of ours, such as C9:D9; of one that reaches farther the part that is."""
    found = re.fullmatch(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", range_)
    if found is None:
        return []
    first, last = (column if len(column) == 1 else "Z" for column in (found[1], found[3]))
    rows = range(int(found[2]), min(int(found[4]), HEADING + 200) + 1)
    return [(chr(column), row) for column in range(ord(first), ord(last) + 1) for row in rows]
