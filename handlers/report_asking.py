"""What an officer is asked about a report: the question of one figure, what is missing of it, the summary."""

from __future__ import annotations

import msgspec

from handlers import approvals, filing, report_counts, report_receipts, steps, tasks
from handlers.filing import DOING, Filing, beside, lines
from handlers.rules import form_tasks, validation
from handlers.rules.entry import Half
from handlers.rules.figures import Ambiguous
from handlers.rules.form_tasks import TaskState
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.forms import FormTask, Indicator

MEANING = Choice("meaning", _("How to count"))
NONE = Choice("none", _("No data yet"))
SKIP = Choice("skip", _("Skip for now"))
LEAVE = Choice("leave", _("Leave it as it is"))
NEW, TOTAL = Choice("new", _("New in the period")), Choice("total", _("The total"))
DONE, UNDER_WAY, NOT_BEGUN = (
    Choice("done", _("Done")),
    Choice("doing", _("Under way")),
    Choice("todo", _("Not begun")),
)
TOLD = Choice("told", _("Done, as told already"))
BEFORE = {
    "done": Choice("before", _("Done, as before")),
    "doing": Choice("before", _("Still under way")),
    "todo": Choice("before", _("Still not begun")),
}
NO_PRODUCT = Choice("no-product", _("No document"))
EDIT, DRAFT = Choice("edit", _("Correct one figure")), Choice("draft", _("Keep as a draft"))


def definition(turn: Turn, case: Filing, one: Indicator) -> Text:
    """Give how an indicator is counted."""
    return lines(as_is(one.definition.of(turn.lang)), as_is(case.form.definitions_note.of(turn.lang)))


def question(
    turn: Turn, case: Filing, one: Indicator, before: Text | None = None, *, brief: bool = False
) -> None:
    """Put the question for one indicator."""
    entered = case.report.values.get(one.id)
    shown = "" if entered is None else validation.written(one, entered, "vi")
    stand(turn, case, "value", one, figure=shown, slip="yes" if brief or entered is not None else "")
    if entered is not None:
        asked = _("**{n}. {name}** is now {figure}. What is the new figure?")(
            n=one.number, name=as_is(one.name.of(turn.lang)), figure=validation.shown(one, entered)
        )
        turn.say(lines(before, asked, _how(turn, case, one)), (MEANING, NONE, LEAVE), letters=True)
        return
    counted = report_counts.offer(turn, case, one)
    told = counted.words if counted else None
    ways = (*(counted.ways if counted else ()), MEANING, NONE, SKIP)
    if brief:
        short = beside(as_is(one.ask.of(turn.lang)), _how(turn, case, one))
        turn.say(lines(before, short, told), ways, letters=True)
        return
    last = case.last.get(one.id)
    asked = beside(
        as_is(one.ask.of(turn.lang)),
        _("The period before: {figure}.")(figure=validation.shown(one, last)) if last is not None else None,
    )
    several = None
    if not case.entered and case.form.asked > 1:
        several = _("Several at once is fine too, one a line, such as “2: 24/30”.")
    named = title(turn, case, one)
    turn.say(lines(before, named, asked, told, _how(turn, case, one), several), ways, letters=True)


def title(turn: Turn, case: Filing, one: Indicator | FormTask) -> Text:
    """Name what is asked, and how far the report is with it, such as "5/7. Online transactions"."""
    return _("**{n}/{all}. {name}**")(n=one.number, all=case.form.asked, name=as_is(one.name.of(turn.lang)))


def _how(turn: Turn, case: Filing, one: Indicator) -> Text | None:
    """Say how to type the figures of this indicator."""
    if not one.two:
        return None
    if one.shape == "pair":
        return _("Type both, such as “new 2, total 46”.")
    if (out_of := whole(turn, case, one)) is not None:
        return _("One number if it is still out of {whole}; else both, such as 24/30.")(whole=out_of)
    return _("Type it out of the total, such as 24/30.")


def ask_half(
    turn: Turn, case: Filing, one: Indicator, half: Half, before: Text | None = None, *, titled: bool = False
) -> None:
    """Ask for the number that is still missing, or which of the two was given; titled, name the indicator."""
    shown = turn.talk.kept.get("figure", "") if turn.talk.at.partition(".")[2] == one.id else ""
    stand(turn, case, half.ask, one, half=f"{half.ask}:{half.number}", figure=shown)
    named = title(turn, case, one) if titled or half.ask == "which" else None
    if half.ask == "which":
        last = case.last.get(one.id)
        question = beside(
            _("Is {number} what is new in the period, or the total?")(number=half.number),
            _("The period before: {figure}.")(figure=validation.shown(one, last))
            if last is not None
            else None,
        )
        turn.say(lines(before, named, question), (NEW, TOTAL), letters=True)
        return
    ask = one.ask if half.ask == "new" else one.ask_of or one.ask
    noted = {
        "of": _("{number} is noted."),
        "total": _("{number} new is noted."),
        "new": _("{number} in all is noted."),
    }[half.ask]
    question = beside(noted(number=half.number), as_is(ask.of(turn.lang)))
    turn.say(lines(before, named, question), (MEANING, NONE), letters=True)


def ask_sure(turn: Turn, case: Filing, one: Indicator, unsure: Ambiguous, before: Text | None = None) -> None:
    """Ask back what a number means that may mean two things."""
    turn.asks(turn.talk.doing, turn.talk.at, context=f"{case.key}.sure.{one.number}")
    readings = [Choice(f"is-{value}", _("{value}")(value=value)) for value in unsure.readings[:3]]
    if unsure.why in ("about", "sum"):
        of = f"/{unsure.of}" if unsure.of is not None else ""
        readings = [Choice(f"is-{unsure.readings[-1]}{of}", _("Yes, exactly"))]
    if unsure.why == "zero-or-none":
        readings.append(NONE)
    turn.say(lines(before, unsure.ask), readings, letters=True)


def ask_which(turn: Turn, case: Filing, before: Text | None = None) -> None:
    """Ask which figure is to be corrected."""
    turn.asks(turn.talk.doing, "edit", context=f"{case.key}.edit")
    every = case.form.asked
    turn.say(lines(before, _("Which one? Type its number, 1 to {all}.")(all=every)), letters=True)


def summary(turn: Turn, case: Filing, before: Text | None = None, *, brief: bool = False) -> None:
    """Show everything before it is sent; after a correction only what it led to."""
    edited = turn.talk.kept.get("edit", "")
    turn.asks(turn.talk.doing, "summary", context=f"{case.key}.summary", edit="", half="", skipped="")
    if before is None or not (edited or brief):
        every = case.form.asked
        before = lines(
            before,
            _("{n} of {all} done, not sent yet. Please look it over:")(n=every, all=every),
            *(filing.line(case, one, case.report.values, turn.lang) for one in case.form.indicators),
            *(filing.task_line(one, case.report.tasks, turn.lang) for one in case.form.tasks),
        )
    heads = filing.judges(turn, case.unit, turn.person.id)
    to_head = _("Send it for approval")
    if len(heads) == 1 and filing.name_fits(turn, heads[0].id):
        to_head = _("Send to {who}")(who=filing.who(turn, heads[0].id))
    send_it = Choice("send-report", to_head, f"{case.key}/{report_receipts.mark(case)}")
    turn.say(before, (send_it, EDIT, DRAFT), letters=True)


def ask_task(turn: Turn, case: Filing, one: FormTask, before: Text | None = None) -> None:
    """Ask how far a task is; what its owner has told already, or how it was, is one tap."""
    stand(turn, case, filing.TASK, one)
    state, last = case.report.tasks.get(one.id), case.last_tasks.get(one.id)
    name = as_is(one.name.of(turn.lang))
    if state is not None:
        asked = _("**{n}. {name}** is now: {state}. How far is it?")(
            n=one.number, name=name, state=form_tasks.shown(state)
        )
        turn.say(lines(before, asked), (DONE, UNDER_WAY, NOT_BEGUN, LEAVE), letters=True)
        return
    told = tasks.of_form(turn, case, one)
    done = told is not None and told.state == "done"
    whose = _("{product} {who}, by {day}.")(
        product=as_is(one.product.of(turn.lang)),
        who=_OWNER[one.owner],
        day=filing.task_due(turn, case, one),
    )
    known = _("Told already: {words}.")(words=as_is(told.said)) if told and done else None
    if known is None and last is not None:
        known = _("The period before: {figure}.")(figure=form_tasks.shown(last))
    how = _("If it is done, type the document's number or one sentence, or send a photo.")
    named = title(turn, case, one)
    turn.say(lines(before, named, whose, known, how), _task_ways(last, done=done), letters=True)


_OWNER = {"officer": _("The officer"), "head": _("The head")}


def _task_ways(last: TaskState | None, *, done: bool) -> list[Choice]:
    """Give the choices about a task; the one that stands for what is known comes first."""
    ways = {"done": DONE, "doing": UNDER_WAY, "todo": NOT_BEGUN}
    known = "done" if done else last.stage if last else ""
    first = TOLD if done else BEFORE.get(known)
    others = [choice for stage, choice in ways.items() if stage != known]
    return [*([first] if first else []), *others, SKIP]


def ask_product(turn: Turn, case: Filing, one: FormTask, before: Text | None = None) -> None:
    """Ask what came of a task that is done."""
    stand(turn, case, filing.PRODUCT, one)
    asked = _("What came of it? The document's number, one sentence, or a photo.")
    turn.say(lines(before, asked), (NO_PRODUCT,), letters=True)


def stand(turn: Turn, case: Filing, stage: str, one: Indicator | FormTask, **kept: str) -> None:
    """Put the talk before one indicator or task."""
    turn.asks(
        turn.talk.doing,
        f"{stage}.{one.id}",
        context=f"{case.key}.{stage}.{one.number}",
        **{"half": "", "figure": "", "slip": "", **kept},
    )


def is_open(case: Filing, one: Indicator) -> bool:
    """Say whether an indicator has no figure yet, or an unusual one without a reason."""
    return one.id not in case.report.values or any(not each.explained for each in case.troubles(one))


def asked_in_order(case: Filing) -> tuple[Indicator | FormTask, ...]:
    """Give all that is asked: the indicators, and the tasks behind them."""
    return (*case.form.indicators, *case.form.tasks)


def unanswered(case: Filing, one: Indicator | FormTask) -> bool:
    """Say whether something is still open: an indicator, or a task of which nothing was told."""
    return one.id not in case.report.tasks if isinstance(one, FormTask) else is_open(case, one)


def asked_to_fill(turn: Turn) -> bool:
    """Say whether the talk stands in a report that is being filled in, so that a figure may be expected."""
    elsewhere = (*approvals.STATES, filing.CORRECTING)
    return turn.talk.doing.startswith(f"{DOING} ") and turn.talk.at not in elsewhere


def half_given(turn: Turn) -> Half | None:
    """Give the one of two numbers that has been typed already."""
    kept = turn.talk.kept.get("half", "")
    return half_of(kept) if kept else None


def half_of(kept: str) -> Half:
    """Read one of two numbers as the talk keeps it, such as "of:24"."""
    ask, _colon, number = kept.partition(":")
    return msgspec.convert({"ask": ask, "number": int(number)}, Half)


def whole(turn: Turn, case: Filing, one: Indicator) -> int | None:
    """Give what a single number is out of: as entered already, else as last month where the form keeps it."""
    if known := turn.talk.kept.get(f"whole.{one.id}", ""):
        return int(known)
    entered = case.report.values.get(one.id)
    if one.shape != "pair" and entered is not None and entered.of is not None:
        return entered.of
    last = case.last.get(one.id)
    return last.of if one.of_kept and last is not None else None


def pause(turn: Turn, case: Filing) -> None:
    """Leave the report as a draft, and say how to go on."""
    words = _("Kept as a draft, {n} of {all}. Type “report” any time to go on; {until}.")
    if filing.is_earlier(turn, case):
        words = _("Kept as a draft, {n} of {all}. Type “report {period}” any time to go on.")
    turn.say(
        words(
            period=filing.period_name(case.form, case.period),
            n=case.entered,
            all=case.form.asked,
            until=filing.until_when(turn, case),
        )
    )
    leave(turn)


def leave(turn: Turn) -> None:
    """End the talk about the report; a guide it had interrupted goes on."""
    if turn.talk.doing.startswith(DOING):
        turn.end()
        steps.again(turn, _("Back to where we were:"))
