"""Judging an announcement: the second person who lets it go or returns it, since nobody writes to many alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from handlers import broadcasts
from handlers.broadcasts import (
    DOING,
    doubtful,
    may_judge,
    place,
    reach_of,
    reached,
    shown,
    starts,
    unit_of,
    when,
    whom,
)
from handlers.filing import lines, who
from handlers.records.announcements import Announcement, Reach
from handlers.records.people import Person
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn

REASON, COUNT = "reason", "count"
REASONED = 500  # letters of a reason that are passed on


def ask(turn: Turn, at: str, before: Text | None = None, /, **kept: str) -> None:
    """Ask for what is still missing before it is returned or let go."""
    if turn.talk.doing != DOING:
        turn.hold(DOING, at, **kept)
    turn.asks(DOING, at, context=f"{DOING}.{at}", **kept)
    QUESTIONS[at](turn, before)


def _ask_reason(turn: Turn, before: Text | None) -> None:
    announcement = turn.announcements.by_code(turn.talk.kept.get("code", ""))
    author = who(turn, announcement.author) if announcement else _("somebody of the office")
    ask = _("What is to be put right? One sentence; {who} will read it. “Stop” leaves all as it is.")
    turn.say(lines(before, ask(who=author)))


def _ask_count(turn: Turn, before: Text | None) -> None:
    ask = _("It goes to **{n}** people. To send it, type that number.")
    turn.say(lines(before, ask(n=int(turn.talk.kept["people"]))), letters=True)


QUESTIONS: dict[str, Callable[[Turn, Text | None], None]] = {REASON: _ask_reason, COUNT: _ask_count}


def show(turn: Turn, announcement: Announcement, to: Person, before: Text | None = None) -> None:
    """Show whoever may approve it what it looks like, then what it comes to."""
    unit = unit_of(turn, announcement)
    reach = reach_of(turn, unit.id, announcement.whom, announcement.village, announcement.area)
    own = to.id == turn.person.id
    for lang in announcement.words:
        turn.say(
            shown(turn, unit, announcement.words, lang, announcement.area),
            to=to,
            kind="answer" if own else "notice",
            about="" if own else announcement.notices,
        )
    context = f"{announcement.code}/{announcement.edition}"
    code = announcement.written
    turn.say(
        lines(
            before,
            _("{who} asks for approval of **{code}**, as it stands above. It goes to {whom}:")(
                who=who(turn, announcement.author, first=True),
                code=code,
                whom=whom(turn, unit, announcement.whom, announcement.village, announcement.area),
            ),
            *reached(reach, turn.shelf.office.prices),
            *doubtful(turn, announcement.words),
            when(turn),
        ),
        [
            Choice("announce-approve", _("Approve and send"), context, _("APPROVE {receipt}")(receipt=code)),
            Choice(
                "announce-return", _("Return with a reason"), context, _("RETURN {receipt}")(receipt=code)
            ),
        ],
        to=to,
        kind="answer" if own else "notice",
        about="" if own else announcement.notices,
    )


def see(turn: Turn, context: str) -> bool:
    """Show an announcement that waits once more."""
    announcement = find(turn, context)
    if announcement is None:
        return False
    if may(turn, announcement, context):
        show(turn, announcement, turn.person)
    return True


def approve(turn: Turn, context: str) -> bool:
    """Let an announcement go, as it was shown and no other way; ask once more where it is for many."""
    announcement = find(turn, context)
    if announcement is None:
        return False
    if not may(turn, announcement, context):
        return True
    reach = reach_of(turn, announcement.unit, announcement.whom, announcement.village, announcement.area)
    if other := turn.announcements.running(announcement.unit):
        busy = _("**{code}** is still on its way. Please approve this one once it is over.")
        turn.say(busy, code=other.written)
    elif not reach.people:
        turn.say(_("Nobody can be reached with it now."))
    elif reach.people > turn.shelf.office.brake:
        kept = {"code": announcement.code, "edition": str(announcement.edition), "people": str(reach.people)}
        ask(turn, COUNT, **kept)
    else:
        _go(turn, announcement, reach)
    return True


def _go(turn: Turn, announcement: Announcement, reach: Reach) -> None:
    announcement = turn.announcements.save(
        msgspec.structs.replace(announcement, state="running", approver=turn.person.id, begun=turn.now)
    )
    turn.withdraw(announcement.notices)
    turn.note(f"approved edition {announcement.edition} for {reach.people}", announcement.about)
    broadcasts.begin(turn, announcement)
    code = announcement.written
    turn.say(
        lines(
            _("Approved: **{code}**, people: {n}.")(code=code, n=reach.people),
            starts(turn),
            _("To stop it: type “stop announcement {code}”.")(code=code),
        )
    )
    turn.say(
        lines(
            _("{who} has approved **{code}**.")(who=who(turn, turn.person.id, first=True), code=code),
            starts(turn),
            _("To stop it: type “stop announcement {code}”.")(code=code),
        ),
        to=announcement.author,
        kind="notice",
        about=announcement.notices,
    )


def _take_count(turn: Turn) -> bool:
    kept = turn.talk.kept
    if not re.fullmatch(r"[\d., ]+", turn.text):
        return False
    announcement = turn.announcements.by_code(kept.get("code", ""))
    context = f"{kept.get('code', '')}/{kept.get('edition', '')}"
    if announcement is None or not may(turn, announcement, context):
        turn.end()
        return True
    reach = reach_of(turn, announcement.unit, announcement.whom, announcement.village, announcement.area)
    typed = re.sub(r"\D", "", turn.text)
    if typed not in (kept["people"], str(reach.people)):
        ask(turn, COUNT, _("That is another number. Nothing has been sent."), people=str(reach.people))
        return True
    turn.end()
    if other := turn.announcements.running(announcement.unit):
        turn.say(
            _("**{code}** is still on its way. Please approve this one once it is over."), code=other.written
        )
    else:
        _go(turn, announcement, reach)
    return True


def send_back(turn: Turn, context: str) -> bool:
    """Ask for the reason without which nothing is returned."""
    announcement = find(turn, context)
    if announcement is None:
        return False
    if may(turn, announcement, context):
        ask(turn, REASON, code=announcement.code, edition=str(announcement.edition))
    return True


def _take_reason(turn: Turn) -> bool:
    if sum(letter.isalpha() for letter in turn.text) < 2:
        turn.say(_("One sentence in words, please. “Stop” leaves all as it is."))
        return True
    code, edition = turn.talk.kept.get("code", ""), turn.talk.kept.get("edition", "")
    turn.end()
    give_back(turn, f"{code}/{edition}", turn.text)
    return True


def give_back(turn: Turn, context: str, reason: str) -> None:
    announcement = find(turn, context)
    if announcement is None or not may(turn, announcement, context):
        return
    reason = reason[:REASONED]
    announcement = turn.announcements.save(
        msgspec.structs.replace(announcement, state="returned", approver=turn.person.id, reason=reason)
    )
    turn.withdraw(announcement.notices)
    turn.note(f"returned edition {announcement.edition}", announcement.about)
    code = announcement.written
    turn.say(_("**{code}** is returned; {who} is being told."), code=code, who=who(turn, announcement.author))
    turn.say(
        lines(
            _("{who} has returned announcement **{code}**:")(
                who=who(turn, turn.person.id, first=True), code=code
            ),
            as_is(f"“{reason}”"),
        ),
        [
            Choice(
                "announce-again",
                _("Correct it"),
                f"{announcement.code}/{announcement.edition}",
                _("CORRECT {receipt}")(receipt=code),
            )
        ],
        to=announcement.author,
        kind="notice",
        about=announcement.notices,
    )


def find(turn: Turn, context: str) -> Announcement | None:
    code, _slash, _edition = context.partition("/")
    return turn.announcements.by_code(code)


def may(turn: Turn, announcement: Announcement, context: str) -> bool:
    """Say whether this edition can be judged by this person now; if not, they have been told why."""
    if not may_judge(turn, announcement.unit):
        turn.say(
            _("That is for an officer or the head of {unit}."),
            unit=as_is(place(turn, unit_of(turn, announcement))),
        )
    elif announcement.author == turn.person.id:
        turn.say(_("You wrote it, so somebody else approves it."))
    elif announcement.state != "waiting":
        turn.say(closed(announcement))
    elif context.partition("/")[2] not in ("", str(announcement.edition)):
        show(turn, announcement, turn.person, _("There is a newer version."))
    else:
        return True
    return False


def closed(announcement: Announcement) -> Text:
    state = _("stopped") if announcement.stopped_by else broadcasts.STATES[announcement.state]
    return _("**{code}** cannot be changed any more: {state}.")(code=announcement.written, state=state)


ANSWERS: dict[str, Callable[[Turn], bool]] = {REASON: _take_reason, COUNT: _take_count}
CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "announce-see": see,
    "announce-approve": approve,
    "announce-return": send_back,
}
