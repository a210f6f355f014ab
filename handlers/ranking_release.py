"""A ranking stays with the province until it says so, period by period: released with one tap, and held back again.

Until then the head of a commune sees the own line; released, each head is told once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from handlers import answers, filing, overview, published, ranking
from handlers.filing import Filing, lines
from handlers.records.people import Person, Unit
from handlers.rules import arrival, period_words, reporting
from handlers.rules import published as published_as
from handlers.rules import ranking as places
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

_WHOSE = r"(?: the)? (?:bang )?(?:xep hang|ranking)(?: cac (?:xa|don vi|phuong))?"
_WHICH = rf"(?:(?: of| for| in)? {period_words.NAMED})?"
_RELEASE = re.compile(rf"(?:cong bo|release|publish){_WHOSE}{_WHICH}")
_HOLD = re.compile(
    rf"(?:giu lai|thu lai|rut(?: lai)?|thoi cong bo|hold(?: back)?|withdraw)(?: cong bo)?{_WHOSE}{_WHICH}"
)
SHOWN = 3  # offices of the first place that are named
NOT_HERE = _("Only the office of the province releases the ranking.")


def typed_card(turn: Turn) -> bool:
    """Hear "công bố xếp hạng tháng 11" and "giữ lại xếp hạng tháng 11"; False for other words."""
    if not turn.staff:
        return False
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS:  # the label of what is open, which is a command too
        return CARDS[pressed[0]](turn, pressed[1])
    said = fold(turn.text).strip(" .!?")
    releases = _RELEASE.fullmatch(said)
    found = releases or _HOLD.fullmatch(said)
    if found is None:
        return False
    unit = published.speaks_for(turn)
    if unit is None:
        turn.say(NOT_HERE)
        return True
    case = _meant(turn, unit, found)
    if (nobody := overview.nobody_below(turn)) is not None:
        turn.say(nobody)
    elif case is None:
        turn.say(_("There is no such period. Type it like this: release the ranking 10/2026."))
    elif releases is not None:
        _offer(turn, case)
    else:
        _hold(turn, case)
    return True


def offer(turn: Turn, context: str) -> bool:
    """Ask whether a ranking is to be released, because a button says so."""
    case = filing.find(turn, context)
    if case is None:
        return False
    if published.may_publish(turn, case.unit):
        _offer(turn, case)
    else:
        turn.say(NOT_HERE)
    return True


def release(turn: Turn, context: str) -> bool:
    """Release a ranking, unless somebody has done so since it was asked; the first time heads are told."""
    case, number = published.named(turn, context)
    if case is None:
        return False
    if not published.may_publish(turn, case.unit):
        turn.say(NOT_HERE)
        return True
    said = turn.publications.releases(case.unit.id, case.form.id, case.period.code)
    if len(said) >= number:
        _offer(turn, case)
        return True
    board = _board(turn, case)
    if board is None:
        return True
    turn.publications.release(case.unit.id, case.form.id, case.period.code, number)
    turn.note("released the ranking", _about(case))
    told = 0 if said else _tell_heads(turn, case, board)
    _tell_colleagues(turn, case, _("{who} has released the ranking of {month}."))
    turn.say(
        lines(
            _("Released: the ranking of {month}, offices: {n}.")(
                month=filing.month(case), n=len(board.placed)
            ),
            _("Heads who are told now: {n}.")(n=told) if told else None,
            _("To hold it back, type: hold the ranking {period}.")(
                period=filing.period_name(case.form, case.period)
            ),
        )
    )
    return True


def leave(turn: Turn, context: str) -> bool:
    """Leave a ranking with the province."""
    case, _number = published.named(turn, context)
    if case is None:
        return False
    turn.change(offered=())  # typed anew, its label asks anew
    turn.say(_("All right. The ranking stays with the province."))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "rank-release": offer,
    "rank-release-now": release,
    "rank-release-not": leave,
}


def _meant(turn: Turn, unit: Unit, found: re.Match[str]) -> Filing | None:
    """Give the period that words name, or the last one that is ranked; None where there is no such."""
    form, period = ranking.asked_for(turn, ranking.forms_below(turn, unit), found)
    if form is None or (period is None and period_words.names(found)):
        return None
    period = period or ranking.last_ranked(turn, form, ranking.compared(turn, form, unit))
    return filing.of(turn, unit, form, period)


def _board(turn: Turn, case: Filing) -> ranking.Table | None:
    """Give what would be released; None, and why, where there is nothing to."""
    units = ranking.compared(turn, case.form, case.unit)
    if case.period.start > ranking.last_ranked(turn, case.form, units).start:
        turn.say(ranking.not_over(turn, case.form, case.period))
        return None
    units = ranking.compared(turn, case.form, case.unit, case.period)
    board = ranking.counted(turn, case.form, units, case.period)
    if board is None or board.empty:
        turn.say(ranking.NOTHING(month=filing.month(case)))
        return None
    return board


def _offer(turn: Turn, case: Filing) -> None:
    said = turn.publications.releases(case.unit.id, case.form.id, case.period.code)
    if said and not said[-1].withdrawn:
        turn.say(
            _("The ranking of {month} is released since {at}."), month=filing.month(case), at=said[-1].at
        )
        return
    rule = case.form.ranking
    if rule is not None and rule.released == "due":
        turn.say(_("This form's ranking is not held back: heads see it once all were due."))
        return
    board = _board(turn, case)
    if board is None:
        return
    key = f"{case.key}/{len(said) + 1}"
    names = [overview.called(board.units[one.unit]) for one in board.placed if one.place == 1]
    first = ", ".join(names[:SHOWN]) + (", …" if names[SHOWN:] else "")
    people = {head.id for one in board.placed for head in filing.there(turn, "head", board.units[one.unit])}
    heads = 0 if said else len(people)
    turn.say(
        lines(
            _("Ranking {month}, offices: {n}. In first place: {first}.")(
                month=filing.month(case), n=len(board.placed), first=as_is(first)
            ),
            *_unsettled(turn, case, board),
            _("Released, the heads below see the whole table."),
            _("Told at once: {n}.")(n=heads) if heads else None,
        ),
        [
            Choice("rank-release-now", _("Release it to the heads"), key),
            Choice("rank-release-not", _("Do not release it yet"), key),
        ],
    )


def _unsettled(turn: Turn, case: Filing, board: ranking.Table) -> Iterator[Text]:
    """Say what may still change a ranking: reports that have not come or are not approved, and until when they can."""
    reports = turn.reports.of_units(list(board.units), case.form.id, [case.period.code])
    kept = {report.unit: report for report in reports.values()}
    missing = sum(arrival.came(kept.get(one.unit)) is None for one in board.placed)
    waiting = sum(
        not (published_as.standing(report) or sent).verdict
        for one in board.placed
        if (report := kept.get(one.unit)) is not None and (sent := report.latest) is not None
    )
    if missing or waiting:
        yield _("Not sent: {missing}; not approved by their head yet: {waiting}.")(
            missing=missing, waiting=waiting
        )
    closes = reporting.locked_from(case.form, case.period, turn.shelf.calendar)
    if closes is not None and turn.now < closes:
        yield _("Reports can be corrected until {at}; then places may change.")(at=closes)


def _tell_colleagues(turn: Turn, case: Filing, words: Text) -> None:
    """Tell the others of the province's office what was done with a ranking."""
    for person in published.office(turn, case.unit):
        if person.id != turn.person.id:
            turn.say(
                words(
                    who=filing.who(turn, turn.person.id, first=True),
                    month=filing.month(filing.read_by(case, person)),
                ),
                to=person,
                kind="notice",
                about=_about(case),
            )


def _tell_heads(turn: Turn, case: Filing, board: ranking.Table) -> int:
    """Tell each head where the own office stands; give how many people are told."""
    told: set[int] = set()
    for one in board.placed:
        unit = board.units[one.unit]
        for person in filing.there(turn, "head", unit):
            _tell(turn, case, person, unit, board, one)
            told.add(person.id)
    return len(told)


def _tell(
    turn: Turn, case: Filing, person: Person, unit: Unit, board: ranking.Table, one: places.Placed
) -> None:
    own = filing.of(turn, unit, case.form, case.period)
    among = _("{unit} is number **{place} of {all}**, with {score} of {full} points.")
    alone = _("Only {unit} has a place, with {score} of {full} points.")
    turn.say(
        lines(
            _("{province} has released the ranking of {month}.")(
                province=as_is(filing.capital(case.name)),
                month=filing.month(filing.read_by(case, person)),
            ),
            (among if board.placed[1:] else alone)(
                unit=as_is(filing.capital(own.name) if board.placed[1:] else own.name),
                place=one.place,
                all=len(board.placed),
                score=one.score,
                full=places.FULL,
            ),
        ),
        [
            Choice("rank-table", _("The whole ranking"), f"{own.key}/own.0"),
            Choice("rank-how", _("How it is counted"), case.form.id),
        ],
        to=person,
        kind="notice",
        about=_about(case),
    )


def _hold(turn: Turn, case: Filing) -> None:
    said = turn.publications.releases(case.unit.id, case.form.id, case.period.code)
    if not said or said[-1].withdrawn:
        turn.say(_("The ranking of {month} is not released."), month=filing.month(case))
        return
    turn.publications.release(case.unit.id, case.form.id, case.period.code, len(said) + 1, held=True)
    turn.note("held back the ranking", _about(case))
    _tell_colleagues(turn, case, _("{who} has held back the ranking of {month}."))
    turn.say(
        _("Held back: the ranking of {month}. Heads see only their own line again."), month=filing.month(case)
    )


def _about(case: Filing) -> str:
    return f"ranking:{case.key}"
