"""An approved report as the office signs it: as an administrative document, and as a table to reckon with.

Layout and parts follow Nghị định 30/2020/NĐ-CP, Phụ lục I; number, day, recipients and signature are left to the
office, which knows them when it signs. All is Vietnamese, whoever asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from handlers.made import Cell, Letter, Phrase, Sheet
from handlers.records.reports import Report, Submission
from handlers.rules import form_tasks
from handlers.rules.figures import grouped, percentage
from handlers.rules.form_tasks import TaskState
from handlers.rules.periods import Period
from handlers.rules.validation import Value, exact
from handlers.text import Text, _, as_is, said_in
from knowledge.forms import Form, FormTask, Indicator

OFFICIAL = "vi"
BLANK = "……"
PEOPLES_COMMITTEE = ("xã ", "phường ", "đặc khu ", "tỉnh ", "thành phố ")  # whose office is one
TASKS = _("Tasks:")
TASK_COLUMNS = (_("No."), _("Task"), _("Product"), _("Due"), _("Who"), _("State"))
COLUMNS = (_("No."), _("Indicator"), _("Question"), _("Figure"), _("Reason or note"))


def letter(
    form: Form,
    unit: str,
    place: str,
    period: Period,
    report: Report,
    sent: Submission,
    named: Text,
    due: Mapping[str, date] | None = None,
) -> Letter:
    """Give the document; `place` is where it is signed, `named` the period in words, `due` the tasks' days."""
    title = form.title.vi.removeprefix("Báo cáo ")
    return Letter(
        nation=_official(_("SOCIALIST REPUBLIC OF VIET NAM")),
        motto=_official(_("Independence - Freedom - Happiness")),
        office=_office(unit),
        number=_official(_("No.: ……/BC-……")),
        place_and_date=_official(_("{place}, day …… month …… year ……")(place=as_is(place or BLANK))),
        kind=_official(_("REPORT")),
        subject=_official(_("{title}, {period}"))(title=as_is(title[:1].upper() + title[1:]), period=named),
        opening=_official(_("Figures from {first} to {last}:"))(
            first=_day(period.start), last=_day(period.cutoff)
        ),
        columns=tuple(map(_official, COLUMNS)),
        rows=tuple(row for one in form.indicators for row in _rows(one, sent.values.get(one.id))),
        tasks_heading=_official(TASKS) if form.tasks else "",
        task_columns=tuple(map(_official, TASK_COLUMNS)) if form.tasks else (),
        tasks=tuple(_task(one, sent, due or {}) for one in form.tasks),
        recipients=(_official(_("Recipients:")), f"- {BLANK};", f"- {BLANK}."),
        signer=(_official(_("OFFICE OF WHOEVER SIGNS")), _official(_("(signature)")), BLANK),
        foot=_foot(report, sent),
    )


def table(
    form: Form,
    unit: str,
    period: Period,
    report: Report,
    sent: Submission,
    named: Text,
    due: Mapping[str, date] | None = None,
) -> Sheet:
    """Give the same as a table, its figures as numbers."""
    heads: Sequence[Phrase] = (
        form.title.vi,
        _official(_("{unit}, {period}"))(unit=as_is(unit), period=named),
        _official(_("Figures from {first} to {last}:"))(first=_day(period.start), last=_day(period.cutoff)),
        _foot(report, sent),
    )
    rows: list[tuple[Cell, ...]] = [
        (Cell(words, "title" if place == 0 else "plain"),) for place, words in enumerate(heads)
    ]
    rows.append(())
    rows.append(tuple(Cell(_official(words), "heading") for words in COLUMNS))
    for one in form.indicators:
        rows += _cells(one, sent.values.get(one.id))
    if form.tasks:
        rows += [(), (Cell(_official(TASKS), "plain"),)]
        rows.append(tuple(Cell(_official(words), "heading") for words in TASK_COLUMNS))
        rows += [tuple(map(Cell, _task(one, sent, due or {}))) for one in form.tasks]
    return Sheet(
        tuple(rows), (6, 40, 50, 16, 40, 40) if form.tasks else (6, 40, 50, 16, 40), fixed=len(heads) + 2
    )


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _official(words: Text) -> Text:
    return said_in(OFFICIAL, words)


def _office(unit: str) -> tuple[Phrase, ...]:
    if unit.casefold().startswith(PEOPLES_COMMITTEE):
        return _official(_("PEOPLE'S COMMITTEE")), unit.upper()
    return (unit.upper(),)


def _foot(report: Report, sent: Submission) -> Text:
    approved = _(
        "Made of the approved report: receipt {receipt}, version {n}, approved at {at}. SHA-256 of its content: {sum}"
    )
    foot = _official(approved)(
        receipt=report.receipt, n=sent.number, at=sent.decided or sent.at, sum=sent.sha256
    )
    if not sent.corrected:
        return foot
    why = _official(_("Version {n} corrects the one before: {why}"))(n=sent.number, why=as_is(sent.corrected))
    return _official(_("{first} {second}"))(first=foot, second=why)


def _rows(one: Indicator, value: Value | None) -> list[tuple[Phrase, ...]]:
    """Give an indicator as lines of the document, a number each, with the question it answers."""
    name = as_is(one.name.vi)
    if value is None or value.value is None:
        return [(str(one.number), name, one.ask.vi, _official(_("no data yet")), "")]
    rows: list[tuple[Phrase, ...]] = [
        (str(one.number), name, one.ask.vi, grouped(exact(one, value.value), OFFICIAL), value.reason)
    ]
    if value.of is not None and one.ask_of:
        rows.append(("", "", one.ask_of.vi, grouped(value.of, OFFICIAL), ""))
        share = percentage(value.value, value.of, OFFICIAL) if one.shape == "ratio" else ""
        if share:
            rows.append(("", "", _official(_("Share")), share, ""))
    return rows


def _task(one: FormTask, sent: Submission, due: Mapping[str, date]) -> tuple[Phrase, ...]:
    """Give a task as a line: what is to come of it, its day, whose, how far it is."""
    state, day = sent.tasks.get(one.id), due.get(one.id)
    return (
        str(one.number),
        one.name.vi,
        one.product.vi,
        _day(day) if day else "",
        _official(form_tasks.OWNERS[one.owner]),
        _told(state) if state else "",
    )


def _told(state: TaskState) -> Text:
    told = _official(form_tasks.STAGES[state.stage])
    return _official(_("{state} ({words})"))(state=told, words=as_is(state.said)) if state.said else told


def _cells(one: Indicator, value: Value | None) -> list[tuple[Cell, ...]]:
    """Give an indicator as rows of the table."""
    if value is None or value.value is None:
        first = Cell(_official(_("no data yet")))
    else:
        first = Cell(str(exact(one, value.value)), "number")
    reason = value.reason if value else ""
    rows: list[tuple[Cell, ...]] = [
        (Cell(str(one.number)), Cell(one.name.vi), Cell(one.ask.vi), first, Cell(reason))
    ]
    if value is not None and value.of is not None and one.ask_of:
        rows.append((Cell(), Cell(), Cell(one.ask_of.vi), Cell(str(value.of), "number"), Cell()))
    return rows
