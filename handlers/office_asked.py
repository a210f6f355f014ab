"""Cadres' own words about reports: "sếp duyệt chưa", "ai chưa nộp", "chưa được, số 6 sai".

Heard only of whoever reports, heads an office or looks at those below, where nothing else that is going on takes the
words.  Most stand for a command that there is (`canonical`); the others are answered here.
"""

from __future__ import annotations

import re

from handlers import (
    answers,
    approvals,
    filing,
    locking,
    overview,
    report_asking,
    report_figures,
    report_receipts,
    reports,
    unit_names,
    versions,
)
from handlers.filing import Filing, lines
from handlers.records.people import Unit
from handlers.rules import figures, office_words, period_words, periods, reporting
from handlers.rules.office_words import Asked, Intent
from handlers.text import Text, _, as_is
from handlers.turn import TAPS, Choice, Turn
from knowledge.folding import fold

_RECEIPT = re.compile(r"\s*([A-Za-zĐđ]{1,6}-[0-9A-Za-z]{2}-[A-Za-z0-9]{3,12})\s*")
_OK = {"ok", "oke", "okie", "ok em", "ok anh", "u", "uh", "vang", "ok nhe", "yes", "ok chi"}
# What stands for a command that there is, of whoever reports and of whoever heads or looks at others.
_REPORTER: dict[Intent, str] = {
    "open": "báo cáo",
    "template": "mẫu",
    "hand-over": "giao người khác",
    "file": "văn bản",
    "later": "nhắc lại sau",
}
_HEAD: dict[Intent, str] = {
    "approve": "duyệt",
    "situation": "tình hình",
    "year": "đánh giá năm",
    "ranking": "xếp hạng",
    "export": "xuất báo cáo",
    "open": "xem báo cáo",
}
_ASKED_IN = (
    "value",
    "of",
    "new",
    "total",
    "reason",
    "edit",
    "summary",
)  # stages of a report in which a figure is asked
_PERIODS: frozenset[Intent] = frozenset(("open", "template", "situation", "ranking", "export"))
LATE_TAKEN = _(
    "The form sets the day, and it cannot be put off here. What comes after it is taken too, and counts as late."
)
STILL_WAITS = _("All right. The report waits for you; tomorrow morning it is told again.")


def canonical(turn: Turn) -> str:
    """Give the command that words stand for; nothing where they stand for none."""
    if not turn.staff:
        return ""
    asked = _asked(turn)
    if asked is None:
        return ""
    for table, kinds in ((_REPORTER, ("reporter",)), (_HEAD, ("head", "officer"))):
        if asked.intent in table and any(filing.units(turn, kind) for kind in kinds):
            behind = f" {_named(turn, asked)}" if asked.period and asked.intent in _PERIODS else ""
            return f"{table[asked.intent]}{behind}"
    return ""


def answer(turn: Turn) -> bool:
    """Answer what is asked in words for which there is no command; False for other words and people."""
    if not turn.staff:
        return False
    reporting_for = filing.units(turn, "reporter")
    watched = overview.watched(turn)
    if not (reporting_for or watched):
        return False
    if (receipt := _RECEIPT.fullmatch(turn.text)) is not None:
        return _by_receipt(turn, receipt[1].upper())
    waiting = filing.waiting(turn, turn.person.id) if watched else ()
    if waiting and _judges(turn, [_case(turn, filing.key_of(report)) for report in waiting]):
        return True
    if reporting_for and _figures(turn, reporting_for):
        return True
    if _of_unit(turn, watched):
        return True
    asked = _asked(turn)
    if asked is None:
        return False
    match asked.intent:
        case "status" if reporting_for:
            _tell_status(turn, reporting_for)
        case "last" if reporting_for:
            return _tell_last(turn, reporting_for)
        case "correct" if reporting_for:
            return _correct(turn, reporting_for, asked)
        case "extension":
            turn.say(LATE_TAKEN)
        case "missing" | "nudge" if watched:
            return _tell_missing(turn, watched, asked)
        case "undo" if watched:
            return _undo(turn, watched)
        case "later" if waiting:
            turn.say(STILL_WAITS)
        case _:
            return False
    return True


def amid(turn: Turn) -> bool:
    """Take words while a report is filled in: how it stands, what was sent before, send it; False for other words."""
    case = filing.find(turn, turn.talk.doing.partition(" ")[2])
    stage = turn.talk.at.partition(".")[0]
    if case is None or stage not in _ASKED_IN or answers.pressed(turn) or answers.command(turn):
        return False
    asked = _asked(turn)
    shown = next((one.data for one in turn.talk.offered if one.data.startswith("send-report@")), "")
    match asked.intent if asked is not None else "":
        case "status":
            if reports.asks_what_is_open(turn):
                return False  # it knows what waits for a reason as well
            reports.again(turn, _status(turn, case))
        case "extension":
            reports.again(turn, LATE_TAKEN)
        case "last":
            if not _tell_last(turn, (case.unit,)):
                return False
            reports.again(turn)
        case "correct" if asked is not None and asked.number:
            reports.correct_one(turn, case, asked.number)
        case "open" if stage == "summary" and shown:
            return reports.CARDS["send-report"](turn, shown.partition("@")[2])
        case "open":
            reports.again(turn, _status(turn, case))
        case "later":
            report_asking.pause(turn, case)
        case _:
            return False
    return True


def _asked(turn: Turn) -> Asked | None:
    return office_words.asked(answers.tokens(turn.text), _names(turn))


def _names(turn: Turn) -> set[str]:
    """Give the given names of those who report for one's offices and head them, as they are typed."""
    units = (*filing.units(turn, "reporter"), *filing.units(turn, "head"))
    people = (
        person
        for unit in units
        for kind in ("reporter", "head")
        for person in turn.people.holding("head" if kind == "head" else "reporter", unit.id)
    )
    return {fold(person.name).split()[-1] for person in people if fold(person.name)}


def _case(turn: Turn, key: str) -> Filing | None:
    return filing.find(turn, key)


def _named(turn: Turn, asked: Asked) -> str:
    """Give a period in words that commands know; the one before by its number."""
    if asked.period != "last":
        return asked.period
    form = min(turn.shelf.forms.in_use, key=overview.monthly)
    before = periods.before(form, periods.open_period(form, reporting.local_day(turn.now)))
    year, _dash, number = before.code.partition("-")
    return f"tháng {int(number)}/{year}" if number.isdigit() else before.code


# --- who reports ---


def _figures(turn: Turn, units: tuple[Unit, ...]) -> bool:
    """Take figures that come before the report was opened; False where it is not clear whose they are."""
    many = figures.read_lines(turn.text)
    every = [case for unit in units for case in filing.current(turn, unit)] if many else []
    cases = [case for case in every if not case.report.delivered and filing.owed(turn, case)] or every
    if len(cases) != 1:
        return _ask_whose(turn, [case for case in cases if not case.report.delivered])
    (case,) = cases
    if not filing.owed(turn, case):
        return False
    if case.report.delivered:
        report_receipts.receipt_again(turn, case)
        return True
    filing.enter(turn, f"{filing.DOING} {case.key}")
    report_figures.take_lines(turn, case, None, many)
    return True


def _ask_whose(turn: Turn, cases: list[Filing]) -> bool:
    """Ask which report figures belong to; False where none is open."""
    if cases:
        turn.say(
            _(
                "These look like figures of a report. Please open the one they belong to, and send them there."
            ),
            [Choice("file-report", filing.short(case, cases), case.key) for case in cases[:TAPS]],
        )
    return bool(cases)


def tell_own(turn: Turn) -> bool:
    """Say how the reports stand for which this person reports; False for whoever reports for nobody."""
    units = filing.units(turn, "reporter")
    if units:
        _tell_status(turn, units)
    return bool(units)


def _tell_status(turn: Turn, units: tuple[Unit, ...]) -> None:
    """Say how the reports of this person's units stand: sent, waiting, approved, or what is still open and by when."""
    cases = [case for unit in units for case in filing.current(turn, unit)]
    told = [_status(turn, case) for case in cases] or [_("No report is asked for now.")]
    open_ones = [case for case in cases if not case.report.delivered]
    turn.say(
        lines(*told),
        [Choice("file-report", _("Go on with it"), case.key) for case in open_ones[:1]],
    )


def work(turn: Turn) -> tuple[list[Text], list[Choice]]:
    """Give what waits for this person of reports: those to approve, then their own that are open; with their taps."""
    held = turn.people.roles(turn.person.id)
    others = [turn.people.roles(one.person) for one in turn.people.standing_in(turn.person.id)]
    kinds = {role.kind for roles in (held, *others) for role in roles}
    judges = kinds & {"head", *filing.JUDGING_ABOVE}
    parts, choices = approvals.awaited(turn, heads="head" in kinds) if judges else ([], [])
    for line, choice in locking.awaited(turn, held):
        parts.append(line)
        choices.append(choice)
    for unit in filing.units(turn, "reporter") if "reporter" in kinds else ():
        for case in (*filing.earlier(turn, [unit]), *filing.current(turn, unit)):
            if not case.report.delivered and filing.owed(turn, case):
                parts.append(_status(turn, case))
                label = _("Go on") if case.entered else _("Begin now")
                choices.append(Choice("file-report", label, case.key))
    return parts, choices


def _status(turn: Turn, case: Filing) -> Text:
    sent = case.report.latest
    title = filing.first_title(case)
    if case.report.delivered and sent is not None:
        if case.report.state == "approved":
            return _("• {title}: approved by {who} at {at}. Receipt **{receipt}**, version {n}.")(
                title=title,
                who=filing.decider(turn, sent),
                at=sent.decided,
                receipt=case.report.receipt,
                n=sent.number,
            )
        heads = filing.judges(turn, case.unit, sent.by)
        waits = (
            _("{who} has not approved it yet.")(who=filing.who(turn, heads[0].id, first=True))
            if heads
            else filing.NO_HEAD(unit=as_is(case.name))
        )
        return _("• {title}: sent at {at}, receipt **{receipt}**, version {n}. {waits}")(
            title=title, at=sent.at, receipt=case.report.receipt, n=sent.number, waits=waits
        )
    left = _("All figures are there; it has not been sent.") if case.may_submit else reports.left(case)
    if sent is not None:
        back = _("• {title}: returned by {who}: “{reason}”. {left} {first}.")
        if case.report.state != "returned":
            back = _("• {title}: being corrected. {left} {first}.")
        return back(
            title=title,
            who=filing.decider(turn, sent) if sent.decided_by else "",
            reason=as_is(sent.reason),
            left=left,
            first=filing.first_version(turn, case, begins=True),
        )
    due = filing.due_day(turn, case)
    if filing.late_by(turn, case, turn.now):
        return _("• {title}: not sent, it was due {due}. {left}")(title=title, due=due, left=left)
    return _("• {title}: can be sent now, due {due}. {left}")(title=title, due=due, left=left)


def _tell_last(turn: Turn, units: tuple[Unit, ...]) -> bool:
    """Tell the figures of the period before, as they were sent."""
    for unit in units:
        for case in filing.current(turn, unit):
            before = filing.of(turn, unit, case.form, periods.before(case.form, case.period))
            if before.report.latest is not None:
                turn.say(versions.told(turn, before, before.report.latest))
                return True
            turn.say(
                _("No report of {month} has come from {unit}."),
                month=filing.month(before),
                unit=as_is(before.name),
            )
            return True
    return False


def _correct(turn: Turn, units: tuple[Unit, ...], asked: Asked) -> bool:
    """Go to the figure that is to be corrected in the draft; of what was sent, begin its correction."""
    cases = [case for unit in units for case in filing.current(turn, unit)]
    if len(cases) != 1:
        return False
    (case,) = cases
    if case.report.delivered:
        return reports.CARDS["correct-report"](turn, case.key)
    if not case.entered:
        return False
    reports.correct_one(turn, case, asked.number)
    return True


# --- whoever heads ---


def _judges(turn: Turn, waiting: list[Filing | None]) -> bool:
    """Take words about the report that waits: yes is asked about, a refusal sends it back, a question is passed on.

    Where several wait and none of them is before this head, a refusal or a question is asked which it is about.
    """
    cases = [case for case in waiting if case is not None]
    shown = turn.talk.kept.get("case", "").partition("/")[0] if turn.talk.at == approvals.REVIEW else ""
    before = [case for case in cases if case.key == shown]
    case = next(iter([*before, *cases]), None)
    sent = case.report.latest if case is not None else None
    if case is None or sent is None:
        return False
    typed = fold(turn.text)
    context = f"{case.key}/{sent.number}"
    asked = _asked(turn)
    if typed in _OK or (asked is not None and asked.intent == "agree"):
        names = {button.data.partition("@")[0] for button in turn.talk.offered}
        if names == {"approve", "send-back", "see-all"}:  # asked below, and this is the answer
            return approvals.approve(turn, context)
        if not _just_shown(turn):
            return False
        turn.say(
            _("Approve version {n} of {title}?")(n=sent.number, title=filing.title(case)),
            [
                Choice("approve", _("Approve"), context),
                Choice("send-back", _("Return it"), context),
                Choice("see-all", _("See all figures"), context),
            ],
        )
        return True
    said = office_words.judging(turn.text, answers.tokens(turn.text), _names(turn))
    if said is None:
        return False
    name = "send-back" if said.intent == "return" or said.number else "ask-officer"
    if cases[1:] and not before:
        turn.say(
            _("Several reports wait for you. Which one is it about? Then say it once more."),
            [
                Choice(name, filing.short(one, cases), f"{one.key}/{one.report.latest.number}")
                for one in cases[:TAPS]
                if one.report.latest is not None
            ],
        )
        return True
    if said.words and not said.number and approvals.chosen_with(turn, name, context, said.words):
        return True
    if said.number:  # "số 6 sai": what is to be put right is asked, and these words are a beginning
        return approvals.chosen_with(turn, "send-back", context, said.words)
    return approvals.CARDS[name](turn, context)


def _just_shown(turn: Turn) -> bool:
    """Say whether the report that waits is what this head was shown last."""
    if turn.talk.at == approvals.REVIEW:
        return True
    newest = next(iter(turn.people.cards(turn.person.id)), None)
    return newest is not None and any(button.data.startswith("approve@") for button in newest.choices)


def _undo(turn: Turn, watched: tuple[Unit, ...]) -> bool:
    """Ask why the report that this head approved last is to go back."""
    found = [
        case
        for unit in watched
        for case in filing.current(turn, unit)
        if case.report.state == "approved" and filing.may_judge(turn, unit)
    ]
    if not found:
        return False
    newest = max(
        found, key=lambda case: case.report.submissions[-1].decided or case.report.submissions[-1].at
    )
    return approvals.CARDS["send-back"](turn, f"{newest.key}/{newest.report.submissions[-1].number}")


# --- whoever looks at those below ---


def _tell_missing(turn: Turn, watched: tuple[Unit, ...], asked: Asked) -> bool:
    """Name those below that have not sent, then the others; say that they are reminded where that is asked."""
    for unit in watched:
        case = overview.asked_of(turn, unit, _named(turn, asked) if asked.period else "")
        if case is not None and overview.name(turn, case, 0):
            if asked.intent == "nudge":
                turn.say(
                    _(
                        "Whoever has not sent is reminded by itself. When, and whom: type “reminder plan {unit}”."
                    ),
                    unit=as_is(_first_below(turn, unit)),
                )
            return True
    return False


def _first_below(turn: Turn, unit: Unit) -> str:
    return next((overview.called(one) for one in overview.below(turn, unit)), overview.called(unit))


def _of_unit(turn: Turn, watched: tuple[Unit, ...]) -> bool:
    """Tell whoever looks at those below how the report of one of them stands, with its figures where it came."""
    own = list(watched)
    found = unit_names.within(turn, answers.tokens(turn.text), own) if own else None
    asked = office_words.of_unit(found[1]) if found else None
    if found is None or asked is None:
        return False
    unit = found[0]
    cases = filing.current(turn, unit)
    if asked.period:
        cases = tuple(_of_period(turn, unit, case, _named(turn, asked)) for case in cases)
    if not cases:
        return False
    for case in cases:
        if case.report.delivered and case.report.latest is not None:
            turn.say(versions.told(turn, case, case.report.latest))
        else:
            turn.say(approvals.missing(turn, case))
    return True


def _of_period(turn: Turn, unit: Unit, case: Filing, words: str) -> Filing:
    match = re.fullmatch(period_words.WHICH, fold(words))
    today = reporting.local_day(turn.now)
    period = period_words.period_meant(case.form, match, today) if match else None
    return filing.of(turn, unit, case.form, period) if period is not None else case


def _by_receipt(turn: Turn, receipt: str) -> bool:
    """Tell what a receipt stands for to whoever reports for its unit, judges it or looks at it from above."""
    report = turn.reports.by_receipt(receipt)
    case = _case(turn, filing.key_of(report)) if report is not None else None
    own = (*overview.watched(turn), *filing.units(turn, "reporter"))
    if case is None or case.report.latest is None or not unit_names.beneath(turn, case.unit, own):
        turn.say(filing.NO_SUCH)
        return True
    turn.say(versions.told(turn, case, case.report.latest))
    return True
