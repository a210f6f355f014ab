"""What somebody does of reports in the place of a head who is on leave, and what that head sees once back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from handlers import filing
from handlers.filing import Filing
from handlers.records.people import Person
from handlers.records.reports import Submission
from handlers.rules import periods, reporting
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

TOLD = "stood"  # what is kept among the decisions about reminders, with the version and the head's number
BACK = "head-back"  # as the reason that is kept
LOOKED_BACK = 7  # periods of a form: longer than any leave lasts
SHOWN = 6  # versions that are named


class Done(msgspec.Struct, frozen=True):
    """A version that was judged in the place of a head."""

    case: Filing
    sent: Submission


def also(turn: Turn, case: Filing) -> Text | None:
    """Say to whoever has just judged a report in whose place that was; None for a head."""
    sent = case.report.latest
    if sent is None or not sent.decided_for:
        return None
    return _("You did so for {head}, who is told once back.")(head=filing.who(turn, sent.decided_for))


def asked(turn: Turn, case: Filing, person: Person) -> Text | None:
    """Say to whoever is no head of an office why its report comes to them; None for a head."""
    if filing.judged_above(turn, case.unit) is not None:
        return _("Nobody heads {unit} here, so it is yours to approve.")(unit=as_is(case.name))
    heads = turn.people.holding("head", case.unit.id)
    if any(head.id == person.id for head in heads):
        return None
    away = {absence.person for absence in turn.people.standing_in(person.id)}
    return next(
        (
            _("{Head} is on leave, so it is yours to approve.")(Head=filing.who(turn, head.id, first=True))
            for head in heads
            if head.id in away
        ),
        None,
    )


def done_for(turn: Turn, person: Person) -> tuple[Done, ...]:
    """Give what was judged in somebody's place and that they were not told of, report by report.

    The report that was judged first stands first, and its versions in their order: the moments alone do not
    tell it, since each is as the channel gave it, and two may be the same.
    """
    places = {role.place for role in turn.people.roles(person.id) if role.kind == "head"}
    found = [done for place in sorted(places) for done in _of(turn, place, person)]
    first: dict[str, datetime] = {}
    for done in found:
        at = done.sent.decided or done.sent.at
        first[done.case.key] = min(at, first.get(done.case.key, at))
    return tuple(sorted(found, key=lambda done: (first[done.case.key], done.case.key, done.sent.number)))


def _of(turn: Turn, place: int, person: Person) -> Iterator[Done]:
    unit = turn.people.unit(place)
    today = reporting.local_day(turn.now)
    for form in turn.shelf.forms.in_use if unit is not None else ():
        period = periods.open_period(form, today)
        looked = [period]
        while len(looked) < LOOKED_BACK:
            looked.append(periods.before(form, looked[-1]))
        kept = turn.reports.of_units([place], form.id, [one.code for one in looked])
        for report in kept.values():
            done = [sent for sent in report.submissions if sent.decided_for == person.id]
            if not done:
                continue
            told = {row.stage for row in turn.reports.decisions(report)}
            case = filing.find(turn, filing.key_of(report))
            if case is not None:
                seen_by = filing.read_by(case, person)
                yield from (Done(seen_by, sent) for sent in done if _stage(sent, person) not in told)


def _stage(sent: Submission, person: Person) -> str:
    return f"{TOLD}-{sent.number}-{person.id}"


def told(turn: Turn, person: Person, done: tuple[Done, ...]) -> None:
    """Keep that a head has been told what was judged in their place."""
    for one in done:
        turn.reports.decided(one.case.report, _stage(one.sent, person), "sent", BACK)


def listed(turn: Turn, done: tuple[Done, ...]) -> list[Text]:
    """Say of each version what was decided in the head's place, and by whom."""
    more = [_("• And {n} more.")(n=len(done) - SHOWN)] if done[SHOWN:] else []
    return [*(_said(turn, one) for one in done[:SHOWN]), *more]


def _said(turn: Turn, one: Done) -> Text:
    """Say what became of a version; of one that was returned after it had been approved, that too."""
    sent, values = one.sent, {"reason": as_is(one.sent.reason)}
    if sent.verdict == "approved":
        words, values = _("• In your place {who} approved {title}, version {n}, at {at}."), {}
    elif not sent.approved_by:
        words = _("• In your place {who} returned {title}, version {n}, at {at}: “{reason}”")
    elif sent.approved_by == sent.decided_by:
        words = _(
            "• In your place {who} approved {title}, version {n}, and then returned it, at {at}: “{reason}”"
        )
    else:
        words = _("• In your place {who} returned {title}, version {n}, approved before, at {at}: “{reason}”")
    return words(
        who=filing.who(turn, one.sent.decided_by),
        title=filing.title(one.case),
        n=one.sent.number,
        at=one.sent.decided or one.sent.at,
        **values,
    )


def to_see(done: tuple[Done, ...]) -> list[Choice]:
    """Give the tap that shows what was judged last; none where nothing was."""
    return [
        Choice("see-all", _("See the report"), f"{one.case.key}/{one.sent.number}", _("SEE THE REPORT"))
        for one in done[-1:]
    ]
