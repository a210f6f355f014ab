"""A report by file: the template that is sent on request, and what becomes of one that comes back filled in.

A file is read before its turn; here its cells are known, never the file.  Good cells are kept whatever the others hold.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from handlers import (
    approvals,
    documents,
    evaluation,
    evidence,
    filing,
    overview,
    report_asking,
    report_figures,
    report_opening,
    report_tables,
    report_tasks,
    reports,
    step_recording,
    steps,
    target_following,
    things,
    trend,
)
from handlers.filing import Filing, lines
from handlers.records.media import FILLED, MADE, Thing
from handlers.rules import periods, template
from handlers.rules.template import Filled, Mark, Table, TaskRows
from handlers.rules.validation import Value
from handlers.talk import Due, Incoming
from handlers.text import Text, _, as_is
from handlers.turn import UNSEEN, Choice, Turn
from knowledge.forms import Indicator

TEMPLATE = "template"  # behind "made:", and before the report's name
TOLD = 4  # faults that are told one by one
TABLES = (".xlsx", ".xls", ".xlsm", ".ods", ".csv")

_tables = msgspec.json.Decoder(Table)


# --- giving it ---


def begin(turn: Turn) -> bool:
    """Send the template of the report this person's unit owes; False where they report for none."""
    if not filing.units(turn, "reporter"):
        return False
    cases = reports.owed_by(turn)
    if not cases:
        reports.begin(turn)  # it says why
    elif len(cases) == 1:
        give(turn, cases[0].key)
    else:
        choices = [Choice("send-template", filing.short(case, cases), case.key) for case in cases[:4]]
        turn.say(_("The template of which report?"), choices)
    return True


def give(turn: Turn, context: str) -> bool:
    """Have the template of a report made and sent, filled in where its figures are known."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if not filing.acts(turn, "reporter", case.unit):
        turn.say(_("You do not report for {unit} now."), unit=as_is(case.name))
    elif case.report.delivered:
        report_opening.open_owed(turn, case)  # it was sent, which the receipt says
    else:
        sheet = template.blank(
            case.form,
            Mark(case.unit.id, case.form.id, case.form.version, case.period.code),
            (
                as_is(case.form.title.of(turn.lang)),
                _("{unit}, {month}: figures of {span}, due {due}")(
                    unit=as_is(case.name),
                    month=filing.month(case),
                    span=filing.span(case),
                    due=filing.due_day(turn, case),
                ),
            ),
            case.report.values,
            case.last,
            turn.lang,
            TaskRows(
                case.report.tasks,
                case.last_tasks,
                {one.id: filing.task_due(turn, case, one) for one in case.form.tasks},
            ),
        )
        name = f"mau-{case.form.id}-{case.period.code}-{case.unit.id}.xlsx"
        turn.make(sheet, name, f"{MADE}:{TEMPLATE}:{case.key}")
    return True


def _made(turn: Turn, thing: Thing) -> None:
    """Send what was made: a template, a picture of how offices stand, a document to be signed."""
    if thing.about.startswith(f"{MADE}:{overview.PICTURE}:"):
        overview.show(turn, thing)
        return
    if thing.about.startswith(f"{MADE}:{target_following.PICTURE}:"):
        target_following.show(turn, thing)
        return
    if thing.about.startswith(f"{MADE}:{trend.PICTURE}:"):
        trend.show(turn, thing)
        return
    if thing.about.startswith(f"{MADE}:{documents.DOCUMENT}:"):
        documents.show(turn, thing)
        return
    if thing.about.startswith(f"{MADE}:{report_tables.TABLE}:"):
        report_tables.show(turn, thing)
        return
    if thing.about.startswith(f"{MADE}:{evaluation.TABLE}:"):
        evaluation.show(turn, thing)
        return
    case = filing.find(turn, thing.about.split(":", 2)[2])
    if case is None:
        return
    kept = sum(
        one.of_kept and one.id in case.last and one.id not in case.report.values
        for one in case.form.indicators
    )
    known = _("Figures that are in it already: {n}.")(n=case.entered) if case.entered else None
    offered = _("Totals that stand in it as they were in the period before: {n}.")(n=kept) if kept else None
    words = lines(
        _("The template of {title}, due {due}. Fill in the yellow cells and send the file back here.")(
            title=filing.title(case), due=filing.due_day(turn, case)
        ),
        known,
        offered,
    )
    if turn.shelf.office.opens or turn.media.shown(thing, turn.person.id):
        turn.say(words, media=thing.code)
    else:
        turn.say(UNSEEN, name=thing.name)


# --- taking it back ---


def attached(turn: Turn) -> bool:
    """Take a table that a reporter sends, or say that a picture is no figure; False where it is for somebody else."""
    event = turn.event
    assert isinstance(event, Incoming)
    thing = event.attachment
    if thing is None or not turn.staff or not filing.units(turn, "reporter"):
        return False
    filling = report_asking.asked_to_fill(turn)
    if filing.at_task(turn) and report_tasks.attached(turn):
        return True
    if filling and evidence.is_one(thing):
        _evidence(turn)
        return True
    if thing.kind != "file":
        if filling:
            reports.again(turn, NO_SOUND)
        return filling
    table = thing.name.casefold().endswith(TABLES)
    if not filling and (not table or turn.talk.doing.startswith(("form ", "guide "))):
        return False
    if code := things.noted(turn):
        turn.media.want(code, f"{FILLED}:{code}")
    else:
        reports.again(turn)
    return True


def _evidence(turn: Turn) -> None:
    """Keep a picture or paper beside the figure it belongs to; the words with it may be that figure."""
    event = turn.event
    assert isinstance(event, Incoming)
    a_file = event.attachment is not None and event.attachment.kind == "file"
    unread = REFUSED["kind"] if a_file else NO_PICTURE
    kept = evidence.keep(turn)
    if kept is not None and turn.text.strip():
        turn.say(kept)
        if reports.take(turn):
            return
        kept = None
    reports.again(turn, lines(kept, unread))


NO_PICTURE = _(
    "Tổ Số cannot read figures off a picture. Please type the figure, or type “template” to fill in an Excel file."
)
NO_SOUND = _("Tổ Số cannot listen. Please type the figure, or type “template” to fill in an Excel file.")


def _filled(turn: Turn, facts: dict[str, str], thing: Thing) -> None:
    """Keep the figures of a filled template, and say of each cell that could not be read what is wrong with it."""
    turn.media.drop(thing.about)  # its cells are here; nobody needs the file any more
    if unread := facts.get(template.UNREAD):
        _not_taken(turn, REFUSED[unread])
        return
    table = _tables.decode(facts[template.SHEET])
    case = _case(turn, table)
    if case is None:
        return
    filled = template.heard(
        case.form, table, partial(report_asking.whole, turn, case), partial(_impossible, case)
    )
    entered = _explained(case, filled)
    turn.note(f"filled in {len(entered)} figures by file", case.about)
    report_figures.take_file(turn, case, filled, entered, _told(entered, filled))


def _case(turn: Turn, table: Table) -> Filing | None:
    """Give the report a filled template is for; where there is none it has been said why."""
    mark = template.marked(table)
    if mark is None:
        _not_taken(turn, NOT_OURS)
        return None
    unit = turn.people.unit(mark.unit)
    if unit is None or not filing.acts(turn, "reporter", unit):
        _not_taken(turn, OTHER_UNIT(unit=as_is(unit.name)) if unit else NOT_OURS)
        return None
    form = turn.shelf.forms.get(mark.form)
    period = periods.period_named(form, mark.period) if form else None
    if form is None or period is None:
        _not_taken(turn, NOT_OURS)
        return None
    case = filing.of(turn, unit, form, period)
    if filing.over(unit, period):
        _not_taken(turn, filing.no_more(turn, case))
        return None
    now = {owed.key for owed in filing.current(turn, unit)}
    if case.key not in now and not filing.still_taken(turn, case):
        _not_taken(turn, OLD(period=filing.period_name(form, period)))
        return None
    if case.report.delivered:
        report_opening.open_owed(turn, case)
        return None
    if mark.version != case.form.version:
        _not_taken(turn, FORM_CHANGED)
        return None
    if cell := template.changed_heading(table):
        _not_taken(turn, HEADING(cell=cell))
        return None
    return case


def _impossible(case: Filing, one: Indicator, value: Value) -> Text | None:
    return next((trouble.why for trouble in case.alone(one, value) if trouble.level == "impossible"), None)


def _explained(case: Filing, filled: Filled) -> dict[str, Value]:
    """Give the figures with their reasons, those left out of whatever is as usual."""
    together = {**case.report.values, **filled.values}
    return {
        one.id: filled.values[one.id]
        if case.troubles(one, together)
        else msgspec.structs.replace(filled.values[one.id], reason="")
        for one in case.form.indicators
        if one.id in filled.values
    }


def _told(entered: dict[str, Value], filled: Filled) -> Text:
    faults = filled.faults
    noted = _("Figures of the file that are noted: {n}.")(n=len(entered)) if entered else None
    done = _("Tasks of the file that are noted: {n}.")(n=len(filled.tasks)) if filled.tasks else None
    more = _("More cells: {n}.")(n=len(faults) - TOLD) if faults[TOLD:] else None
    told = [_("Cell {cell}: {why}")(cell=fault.cell, why=fault.why) for fault in faults[:TOLD]]
    return lines(*([noted, done] if noted or done else [NOTHING_NEW]), *told, more)


def _not_taken(turn: Turn, why: Text) -> None:
    """Say why nothing of a file was taken, with the way to a fresh one, and go on where the talk stood."""
    words = lines(why, AFRESH)
    if not reports.again(turn, words):
        turn.say(words)
        steps.again(turn, _("Back to where we were:"))


NOTHING_NEW = _("There is no new figure in the file.")
AFRESH = _("For a fresh one type “template”. What was entered in the chat is kept.")
NOT_OURS = _("This table is no template of Tổ Số, so no figure was taken from it.")
OTHER_UNIT = _("This template is of {unit}, for which you do not report. No figure was taken from it.")
OLD = _("This is the template for {period}, which is not the period now open. No figure was taken from it.")
FORM_CHANGED = _("The form has changed since this template was sent. No figure was taken from it.")
HEADING = _("The heading of the template has changed at cell {cell}, so no figure was taken.")
REFUSED: dict[str, Text] = {
    "kind": _("This is no Excel file (.xlsx), so no figure was taken from it."),
    "large": _("This file is too large to be a template, so it was not opened."),
    "broken": _("This file is not whole, so it could not be opened. Save it once more as .xlsx."),
    "lost": _("The file could not be fetched. Please send it once more."),
}

# --- what the clock brings ---


def kept(turn: Turn) -> None:
    """Go on with a file that is here: one that was filled in, one that was made, or somebody else's."""
    thing = _thing(turn)
    assert isinstance(turn.event, Due)
    match turn.event.about.partition(":")[0]:
        case "filled" if thing:
            _filled(turn, turn.event.facts, thing)
        case "made" if thing:
            _made(turn, thing)
        case "filled" | "made":
            pass  # gone meanwhile
        case "report":
            if not (report_tasks.kept(turn) or evidence.kept(turn)):
                approvals.kept(turn)
        case _:
            step_recording.kept(turn)


def refused(turn: Turn) -> None:
    """Tell whoever sent a file, or asked for one, that there is none."""
    thing = _thing(turn)
    assert isinstance(turn.event, Due)
    match turn.event.about.partition(":")[0]:
        case "filled":
            _not_taken(turn, REFUSED[(thing.reason if thing else "") or "lost"])
        case "made" if report_tables.refused(turn, thing):
            pass
        case "made":
            turn.say(_("The file could not be made. Please ask for it once more."))
        case "report":
            if not (report_tasks.refused(turn) or evidence.refused(turn)):
                approvals.refused(turn)
        case _:
            step_recording.refused(turn)


def _thing(turn: Turn) -> Thing | None:
    assert isinstance(turn.event, Due)
    return turn.media.get(turn.event.facts["code"])


CARDS: dict[str, Callable[[Turn, str], bool]] = {"send-template": give}
DUE: dict[str, Callable[[Turn], None]] = {"media.kept": kept, "media.refused": refused}
