"""The officer's side of the monthly report: figure by figure in chat, corrected, sent, received."""

from __future__ import annotations

import re
from collections.abc import Callable

from handlers import (
    answers,
    approvals,
    asking_back,
    correcting,
    filing,
    locking,
    reminders,
    report_asking,
    report_figures,
    report_opening,
    report_receipts,
    report_sending,
    report_tasks,
    schedule_asked,
    signing,
    steps,
    versions,
)
from handlers.filing import Filing
from handlers.records.people import Unit
from handlers.rules import figures, periods, reporting, validation
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import FormTask, Indicator

DOING = filing.DOING


_SAID = {
    "meaning": {"nghia", "nghia la gi", "la gi", "y nghia", "y nghia la gi", "dinh nghia",
                "cach dem", "cach tinh", "dem the nao",
                "tinh the nao", "meaning", "what does it mean", "definition", "how to count"},
    "skip": {"bo qua", "bo qua di", "bo qua nhe", "bo qua cau nay", "bo qua muc nay",
             "thoi bo qua", "qua", "cau sau", "lam sau", "skip", "next"},
    "leave": {"giu nguyen", "de nguyen", "khong sua", "leave it"},
}  # fmt: skip
_COUNTING = re.compile(
    r"\b(?:tinh|dem|gom|ke ca|mau so|tu so|count|counted|counts|include|includes|including|whole)\b"
)
_LEFT = re.compile(
    r"(?:(?:em|chi|anh|minh|toi|vay|the) )*con (?:thieu|lai|may|nhung)(?: .{0,20})?"
    r"(?:gi|nao|muc|chi tieu|may|bao nhieu)"
    r"(?: (?:nua|a|em|the|vay|khong))*|what(?: is| s)? (?:still )?(?:missing|left|open)"
)
_CORRECT = re.compile(
    r"(?:b|sua|sua lai|doi|correct|change|edit|fix)(?: (?:chi tieu|chi so|so|muc|indicator|number|no))? (\d{1,2})"
)
_SENDS = {"gui", "gui di", "gui luon", "gui nhe", "gui bao cao", "nop bao cao", "send", "send it", "send the report",
          "send report", "submit", "submit it", "submit the report"}  # fmt: skip
_CORRECTS = {"sua", "sua lai", "dinh chinh", "correct", "fix"}


# --- the ways in ---


def begin(turn: Turn) -> bool:
    """Begin or resume the report of the unit this person reports for; False where there is none."""
    units = filing.units(turn, "reporter")
    if not units:
        return situation(turn)
    cases, older = owed_by(turn), filing.earlier(turn, units)
    if not cases:
        gone = [case for unit in units for case in over_now(turn, unit)]
        turn.say(filing.no_more(turn, gone[0]) if gone else _("No report is asked for now."))
    elif len(cases) == 1:
        report_opening.open_owed(turn, cases[0])
    else:
        choose(turn, cases)
    report_opening.name_older(turn, older)
    return True


def choose(turn: Turn, cases: list[Filing]) -> None:
    """Ask which of several reports is meant."""
    filing.enter(turn, DOING)
    turn.asks(DOING, "unit")
    choices = [Choice("file-report", filing.short(case, cases), case.key) for case in cases[:4]]
    one_form = len({case.form.id for case in cases}) == 1
    turn.say(_("Which unit's report?") if one_form else _("Which report?"), choices)


def owed_by(turn: Turn) -> list[Filing]:
    """Give the reports that this person's units owe now."""
    return [case for unit in filing.units(turn, "reporter") for case in filing.current(turn, unit)]


def over_now(turn: Turn, unit: Unit) -> list[Filing]:
    """Give the reports of the open period that a unit which ended amid it need not send."""
    today = reporting.local_day(turn.now)
    return [
        filing.of(turn, unit, form, period)
        for form in turn.shelf.forms.in_use
        if periods.in_force(form, period := periods.open_period(form, today))
        and filing.level_of(unit) in form.owed_by
        and filing.over(unit, period)
    ]


def situation(turn: Turn) -> bool:
    """Tell a head what waits, an officer how those below stand; False for anybody else."""
    return approvals.situation(turn)


def file_report(turn: Turn, context: str) -> bool:
    """Open the report a button belongs to, now or long after."""
    case = filing.find(turn, context)
    if case is None:
        return False
    report_opening.open_report(turn, case)
    return True


def typed_card(turn: Turn) -> bool:
    """Hear what stands for a button of a report where there are none: "đính chính", "duyệt UH-11-K4M"."""
    if not turn.staff:
        return False
    if correcting.typed_card(turn):
        return True
    named = filing.naming(turn)
    if named and named.verb in _CORRECTS:
        if named.case is None:
            turn.say(filing.NO_SUCH)
            return True
        return correcting.begin(turn, named.case.key, named.words)
    return (
        locking.typed_card(turn)
        or asking_back.typed_card(turn)
        or schedule_asked.typed(turn)
        or reminders.typed_card(turn)
        or signing.typed_card(turn)
        or approvals.typed_card(turn)
        or versions.typed_card(turn)
    )


# --- taking answers ---


def take(turn: Turn) -> bool:
    """Take an answer in the report; False when it was none."""
    if turn.talk.at == locking.AT:
        return locking.take(turn)
    if turn.talk.at == asking_back.AT:
        return asking_back.take(turn)
    if turn.talk.at == correcting.AT:
        return correcting.take(turn)
    if turn.talk.at in approvals.STATES:
        pressed = answers.pressed(turn)
        if pressed and pressed[0] in approvals.CARDS:
            return CARDS[pressed[0]](turn, pressed[1])
        return approvals.take(turn)
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS and pressed[1]:
        return CARDS[pressed[0]](turn, pressed[1])
    if turn.talk.at == "summary" and fold(turn.text) in _SENDS and (shown := _offered(turn, "send-report")):
        return report_sending.send(turn, shown)
    command = answers.command(turn)
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    if turn.talk.at == "unit" or case is None:
        return _which_unit(turn)
    if command and command not in ("back", "pause", "resume", "stop"):
        return False
    if not report_opening.reports_for(turn, case):
        return True
    if case.report.delivered:
        # The other officer of the unit has sent it meanwhile.
        turn.end()
        report_receipts.receipt_again(turn, case)
        return True
    if filing.over(case.unit, case.period):
        turn.end()
        turn.say(filing.no_more(turn, case))
        return True
    stage, _dot, name = turn.talk.at.partition(".")
    one = (case.form.indicator(name) or case.form.task(name)) if name else None
    if stage not in _STAGES or (name and one is None):
        report_figures.go_on(turn, case, _("The form has changed since; this is the next question."))
        return True
    match command:
        case "back":
            _back(turn, case, one)
        case "resume":
            report_figures.again(turn, case)
        case "pause" | "stop":
            report_asking.pause(turn, case)
        case _:
            _answer(turn, case, stage, one, pressed[0] if pressed else "")
    return True


def _offered(turn: Turn, name: str) -> str:
    """Give what a button of that name stands for among those that were just shown; nothing where none was."""
    shown = (button.data.partition("@") for button in turn.talk.offered)
    return next((context for each, _at, context in shown if each == name), "")


def again(turn: Turn, before: Text | None = None) -> bool:
    """Offer the open question of a report once more; False when the talk stands in none."""
    if turn.talk.doing.startswith(DOING) and turn.talk.at in approvals.STATES:
        return approvals.again(turn, before)
    if turn.talk.at == locking.AT:
        locking.again(turn, before)
        return True
    if turn.talk.at == asking_back.AT:
        asking_back.again(turn, before)
        return True
    if turn.talk.at == correcting.AT:
        correcting.again(turn, before)
        return True
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    if not turn.talk.doing.startswith(f"{DOING} ") or case is None:
        return False
    if case.report.delivered or not filing.acts(turn, "reporter", case.unit):
        return False
    report_figures.again(turn, case, before)
    return True


def _which_unit(turn: Turn) -> bool:
    typed = fold(turn.text)
    cases = owed_by(turn)
    named = [
        case
        for case in cases
        for words in (case.unit.name, case.form.title.vi, case.form.title.en)
        if typed and typed in fold(words)
    ]
    if len({case.key for case in named}) == 1:
        report_opening.open_owed(turn, named[0])
        return True
    turn.end()
    return False


def _answer(turn: Turn, case: Filing, stage: str, one: Indicator | FormTask | None, pressed: str) -> None:
    text = turn.text
    typed = fold(text)
    name = pressed or next((name for name, said in _SAID.items() if typed in said), "")
    many = figures.read_lines(text) if text else []
    if not many and text and stage != "edit":
        many = report_figures.in_order(turn, case, one, text)
    if many:
        report_figures.take_lines(turn, case, one, many)
    elif stage == "summary":
        _after_summary(turn, case, name)
    elif stage == "edit":
        _edit(turn, case, text)
    elif one is None:
        report_figures.go_on(turn, case)
    elif isinstance(one, FormTask):
        if name in ("skip", "leave"):
            _skip(turn, case, one)
        elif not report_tasks.take(turn, case, one, stage, pressed):
            _interrupted(turn, case, None)
    elif name == "meaning":
        report_figures.again(turn, case, report_asking.definition(turn, case, one))
    elif name in ("skip", "leave"):
        _skip(turn, case, one)
    elif name == "none":
        report_figures.enter(turn, case, one, validation.NO_DATA)
    elif name.startswith("is-"):
        report_figures.take_meant(turn, case, one, name.removeprefix("is-"))
    elif report_figures.take_sure(turn, case, one, text) or (
        stage == "which" and report_figures.take_which(turn, case, one, name)
    ):
        return
    elif stage == "reason":
        if not report_figures.take_reason(turn, case, one, text):
            _interrupted(turn, case, one)
    elif not (report_figures.take(turn, case, one, text) or report_figures.take_slip(turn, case, one, text)):
        _interrupted(turn, case, one)


def _interrupted(turn: Turn, case: Filing, one: Indicator | None) -> None:
    """Answer what was asked in the middle, then offer the same question again."""
    if report_figures.NOT_NOW.fullmatch(fold(turn.text)):
        report_asking.pause(turn, case)
        return
    asked = turn.text.rstrip().endswith("?")
    topic = (
        turn.topic(turn.found.hits[0].topic)
        if turn.found is not None and turn.found.verdict == "answer"
        else None
    )
    if asks_what_is_open(turn):
        before = left(case)
    elif one is not None and _COUNTING.search(fold(turn.text)):
        before = report_asking.definition(turn, case, one)
    elif topic is not None:
        before = steps.brief(turn, topic)
    elif asked and one is not None:
        before = report_asking.definition(turn, case, one)
    elif one is not None and turn.talk.at.startswith("reason."):
        before = report_figures.WHY
    elif one is not None and figures.holds_several(turn.text):
        before = _("I could not read these figures. Put each on a line of its own, such as “1: 9/11”.")
    else:
        before = figures.UNREADABLE.why if one is not None else _("Please choose one of these.")
    if turn.talk.at == "summary":
        report_asking.summary(turn, case, before, brief=True)  # it is to be seen just above
    else:
        report_figures.again(turn, case, before)


def asks_what_is_open(turn: Turn) -> bool:
    """Say whether words ask what of a report is still open."""
    return _LEFT.fullmatch(fold(turn.text)) is not None


def left(case: Filing) -> Text:
    """Name what has no answer yet, by number."""
    open_ones = [each for each in report_asking.asked_in_order(case) if report_asking.unanswered(case, each)]
    entered = [each for each in open_ones if isinstance(each, Indicator) and each.id in case.report.values]
    numbers, unclear = (
        ", ".join(str(each.number) for each in some)
        for some in ([each for each in open_ones if each not in entered], entered)
    )
    if not open_ones:
        return _("Nothing is open any more.")
    if not unclear:
        return _("Still open: {numbers}.")(numbers=as_is(numbers))
    if not numbers:
        return _("Still to be explained or put right: {unclear}.")(unclear=as_is(unclear))
    return _("Still open: {numbers}. Still to be explained or put right: {unclear}.")(
        numbers=as_is(numbers), unclear=as_is(unclear)
    )


# --- moving about ---


def _after_summary(turn: Turn, case: Filing, name: str) -> None:
    typed = fold(turn.text)
    correct_one = _CORRECT.fullmatch(typed)
    if name == report_asking.DRAFT.name:
        report_asking.pause(turn, case)
    elif correct_one:
        _edit(turn, case, correct_one[1])
    elif name == report_asking.EDIT.name:
        report_asking.ask_which(turn, case)
    else:
        _interrupted(turn, case, None)


def _edit(turn: Turn, case: Filing, text: str) -> None:
    """Go to the indicator that is to be corrected."""
    number = re.search(r"\d{1,2}", text)
    one = (case.form.indicator(int(number[0])) or case.form.task(int(number[0]))) if number else None
    if one is None:
        typed = fold(text)
        named = [
            each
            for each in report_asking.asked_in_order(case)
            if len(typed) > 3 and typed in fold(each.name.vi)
        ]
        one = named[0] if len(named) == 1 else None
    if one is None:
        report_asking.ask_which(turn, case, _("There is no such number."))
        return
    turn.change(kept={**turn.talk.kept, "edit": "yes"})
    if isinstance(one, FormTask):
        report_asking.ask_task(turn, case, one)
    else:
        report_figures.ask(turn, case, one)


def correct_one(turn: Turn, case: Filing, number: int) -> None:
    """Open a draft at the figure that is to be corrected, or ask which one where none is named."""
    filing.enter(turn, f"{DOING} {case.key}")
    if number:
        _edit(turn, case, str(number))
    else:
        report_asking.ask_which(turn, case)


def _back(turn: Turn, case: Filing, one: Indicator | FormTask | None) -> None:
    """Go to the indicator or task before; the first stays where it is."""
    every = report_asking.asked_in_order(case)
    place = every.index(one) if one is not None else len(every)
    before = every[max(0, place - (0 if turn.talk.at.startswith(f"{filing.PRODUCT}.") else 1))]
    skipped = [name for name in turn.talk.kept.get("skipped", "").split() if name != before.id]
    turn.change(kept={**turn.talk.kept, "skipped": " ".join(skipped)})
    if isinstance(before, FormTask):
        report_asking.ask_task(turn, case, before)
    else:
        report_figures.ask(turn, case, before)


def _skip(turn: Turn, case: Filing, one: Indicator | FormTask) -> None:
    """Leave an indicator or task for later, or what was entered as it is."""
    if not report_asking.unanswered(case, one):
        report_figures.go_on(turn, case)
        return
    skipped = [*turn.talk.kept.get("skipped", "").split(), one.id]
    turn.change(kept={**turn.talk.kept, "skipped": " ".join(dict.fromkeys(skipped))})
    report_figures.go_on(turn, case)


_STAGES = ("value", "of", "which", "new", "total", "reason", "edit", "summary", filing.TASK, filing.PRODUCT)

CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "file-report": file_report,
    "send-report": report_sending.send,
    "correct-report": correcting.begin,
    **approvals.CARDS,
    **signing.CARDS,
    **locking.CARDS,
    **asking_back.CARDS,
    **reminders.CARDS,
    **versions.CARDS,
}
