"""Staff stay reachable: a weekly tap before a chat closes, an e-mail address for after, and who is told else.

What is said outside names nobody and nothing: it only says that something waits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from handlers import answers, cases, groups, steps
from handlers.records.links import Reach
from handlers.records.people import Person
from handlers.rules import reaching
from handlers.rules.reporting import local_day, may_send, next_allowed
from handlers.talk import Due
from handlers.text import _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

DOING = "reach"
_MAIL = "reach.mail"
LONGEST = 120  # letters of an address
DAY = timedelta(days=1)

ON_DUTY = Choice("on-duty", _("On duty this week"), "week", _("ON DUTY"))
RIGHT, WRONG = Choice("yes", _("Yes, that is right")), Choice("no", _("No"))

# --- what the clock brings ---


def plan(turn: Turn) -> None:
    """Put the questions of the coming day, and word of teams and offices that nobody can reach."""
    closes, calendar = turn.shelf.office.closes, turn.shelf.calendar
    for reach in turn.links.staff(turn.shelf.office.outside):
        at = reaching.asks_at(reach, closes, calendar)
        if at is None or at > turn.now + DAY:
            continue
        heard = _last(reach).isoformat()
        turn.later(
            f"reach:{reach.person}:{heard}",
            max(at, next_allowed(turn.now, calendar)),
            "reach.ask",
            f"person:{reach.person}",
            person=str(reach.person),
            heard=heard,
        )
    week = f"{local_day(turn.now):%G-%V}"
    for unit in turn.links.deserted(closes, turn.shelf.office.outside):
        turn.later(
            f"reach:unit:{unit}:{week}",
            next_allowed(turn.now, calendar),
            "reach.unit",
            f"unit:{unit}",
            unit=str(unit),
        )


def ask(turn: Turn) -> None:
    """Ask somebody for a tap, unless they have been heard since or may not be written to now."""
    reach = next(
        (
            one
            for one in turn.links.staff(turn.shelf.office.outside)
            if str(one.person) == _fact(turn, "person")
        ),
        None,
    )
    if reach is None or not reach.chats or _last(reach).isoformat() != _fact(turn, "heard"):
        return
    end = reaching.open_until(reach, turn.shelf.office.closes)
    if end is None or end <= turn.now:
        return
    verdict = may_send(turn.now, turn.shelf.calendar)
    if not verdict.ok:  # the office's computer was off at the hour that had been chosen
        facts = turn.event.facts if isinstance(turn.event, Due) else {}
        key = f"reach:{reach.person}:{_fact(turn, 'heard')}:{verdict.then:%Y%m%d}"
        turn.later(key, verdict.then, "reach.ask", f"person:{reach.person}", **facts)
        return
    turn.say(
        lines(
            _("Are you on duty this week? One tap is enough."),
            _("Without a word from you, nothing can be sent to this chat after {at}.")(at=end),
        ),
        [ON_DUTY],
        to=reach.person,
        kind="notice",
        about=f"reach:{reach.person}",
        until=end,
    )
    turn.note("asked who is on duty", f"person:{reach.person}", 0)


def failed(turn: Turn) -> None:
    """Decide who must know that a message has reached its person in no chat."""
    person = turn.people.get(int(_fact(turn, "person")))
    if groups.lost(turn, person.id):
        return
    if _fact(turn, "passed_on"):
        _note_unheard(turn, person)
    outside = turn.links.outside(person.id, turn.shelf.office.outside)
    if turn.people.roles(person.id):
        if outside:
            turn.say(
                lines(
                    _("Something new waits for you at Tổ Số."),
                    _("Please open your chat with Tổ Số again and type “menu”."),
                ),
                to=person,
                kind="notice",
                outside=True,
            )
            return
        # Of what fails on one day, others are told once.
        turn.later(
            f"reach:told:{person.id}:{local_day(turn.now)}",
            next_allowed(turn.now, turn.shelf.calendar),
            "reach.tell",
            f"person:{person.id}",
            person=str(person.id),
        )
        return
    if outside:
        turn.say(
            lines(
                _("There is news of your request at Tổ Số."),
                _("Please open your chat with Tổ Số again and type “menu”."),
            ),
            to=person,
            kind="notice",
            outside=True,
        )
    for request in turn.requests.helping(person.id):
        turn.say(
            _("{code}: messages do not reach {name} now. If you have a number, please call.")(
                code=cases.written(request), name=cases.citizen(request)
            ),
            to=request.claimed_by,
            kind="notice",
            about=cases.about(request),
        )


def _note_unheard(turn: Turn, person: Person) -> None:
    """See that whoever wrote to a helper hears, once a day, that the words do not arrive."""
    request = turn.requests.by_number(int(_about(turn)))
    if request is not None and person.id == request.claimed_by and request.citizen:
        turn.later(
            f"reach:words:{request.id}:{local_day(turn.now)}",
            turn.now,
            "reach.words",
            cases.about(request),
        )


def unheard(turn: Turn) -> None:
    """Tell the person helped that the helper has not read what was written."""
    request = turn.requests.by_number(int(_about(turn)))
    if request is None or request.state != "claimed":
        return
    lost = _("Your words have not reached {helper} yet. Tổ Số is trying another way; nothing is lost.")
    cases.tell_citizen(turn, request, lost(helper=cases.helper(turn, request.claimed_by)))
    turn.note("told that words do not arrive", cases.about(request), 0)


def tell(turn: Turn) -> None:
    """Tell the lead and the commune's office that somebody of theirs cannot be reached."""
    person = int(_fact(turn, "person"))
    lost = _("Messages of Tổ Số do not reach {name}. Please ask {name} to open it and write a word.")
    for other in _superiors(turn, person):
        turn.say(lost(name=cases.helper(turn, person)), to=other, kind="notice", about=f"reach:{person}")
    turn.note("told that somebody cannot be reached", f"person:{person}", 0)


def desert(turn: Turn) -> None:
    """Tell the commune's office that a whole team or office cannot be reached."""
    unit = turn.people.unit(int(_fact(turn, "unit")))
    closes = turn.shelf.office.closes
    if unit is None or unit.id not in turn.links.deserted(closes, turn.shelf.office.outside):
        return
    for officer in _reached(turn, cases.office(turn, unit.commune)):
        turn.say(
            _("Nobody of {unit} can be reached now. Please ask one of them to write a word to Tổ Số.")(
                unit=as_is(unit.name)
            ),
            to=officer,
            kind="notice",
            about=f"unit:{unit.id}",
        )
    turn.note("told that nobody can be reached", f"unit:{unit.id}", 0)


def _superiors(turn: Turn, person: int) -> list[Person]:
    """Give who must know about somebody of the staff, and can be told now."""
    found: dict[int, Person] = {}
    for role in turn.people.roles(person):
        unit = turn.people.unit(role.place)
        if unit is None:
            continue
        leads = turn.people.holding("lead", unit.id) if unit.kind == "team" else ()
        found |= {other.id: other for other in (*leads, *cases.office(turn, unit.commune))}
    found.pop(person, None)
    return _reached(turn, list(found.values()))


def _reached(turn: Turn, people: list[Person]) -> list[Person]:
    ways = {reach.person: reach for reach in turn.links.staff(turn.shelf.office.outside)}
    closes = turn.shelf.office.closes
    return [one for one in people if one.id in ways and reaching.reached(ways[one.id], closes)]


def _last(reach: Reach) -> datetime:
    return max(heard for _platform, heard in reach.chats)


def _about(turn: Turn) -> str:
    return turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""


def _fact(turn: Turn, name: str) -> str:
    return turn.event.facts.get(name, "") if isinstance(turn.event, Due) else ""


DUE: dict[str, Callable[[Turn], None]] = {
    "reach.plan": plan,
    "reach.ask": ask,
    "reach.failed": failed,
    "reach.tell": tell,
    "reach.words": unheard,
    "reach.unit": desert,
}

# --- the tap ---


def on_duty(turn: Turn, context: str) -> bool:
    """Thank whoever says so; being heard is what keeps the chat open."""
    days = min((n for n in turn.shelf.office.closes.values() if reaching.asked(n)), default=0)
    if turn.staff and days:
        turn.say(_("Thank you. For {n} days from now, whatever comes reaches you here.")(n=days))
    else:
        turn.say(_("Thank you."))
    return True


_TAPPED = {"toi truc", "tuan nay toi truc", "truc", "on duty", "on duty this week"}


def meant(turn: Turn) -> bool:
    """Say whether words are about being on duty, or about one's own e-mail address."""
    return fold(turn.text) in _TAPPED | _DROPS | _OFFERS or _GIVES.search(turn.text) is not None


def typed_card(turn: Turn) -> bool:
    """Hear what stands for the button, and what is said about an e-mail address."""
    if not turn.staff:
        return False
    typed = fold(turn.text)
    if typed in _TAPPED:
        return on_duty(turn, "")
    if typed in _DROPS:
        drop(turn)
        return True
    if typed in _OFFERS:
        turn.say(_("Please type it like this: my email is name@place.vn."))
        return True
    found = _GIVES.search(turn.text)
    if found is None:
        return False
    give(turn, found[1])
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {ON_DUTY.name: on_duty}

# --- an address for when the chat has closed ---

_DROPS = {"bo email", "xoa email", "bo email cua toi", "xoa email cua toi", "remove email", "remove my email"}
_OFFERS = {"email", "email cua toi", "email cua toi la", "my email", "my email is"}
_GIVES = re.compile(r"(?i)^(?:dạ |da )?(?:e-?mail|thư điện tử|thu dien tu|my e-?mail)\b[^@]*?(\S*@\S*)\s*$")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")


def give(turn: Turn, typed: str) -> None:
    """Ask whether an address was read rightly."""
    address = typed.strip(".,;:!?<>()\"'")
    if not turn.shelf.office.writes_mail:
        turn.say(_("No e-mail is sent from here. A second channel helps as well: type “link”."))
        return
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address) or ".." in address:
        turn.say(_("That address does not look complete. It reads like name@place.vn, without spaces."))
        return
    turn.hold(DOING, _MAIL, address=address)
    turn.say(
        lines(
            _("Is **{address}** right?")(address=address),
            _("When this chat cannot be written to, one line goes there, without anybody's data."),
        ),
        [RIGHT, WRONG],
    )


def take(turn: Turn) -> bool:
    """Take the answer to "is it right?"; False when something else was said."""
    pressed = answers.pressed(turn)
    address = turn.talk.kept.get("address", "")
    turn.end()
    if (pressed and pressed[0] == RIGHT.name) or (not pressed and answers.yes(turn)):
        if turn.links.keep_address(turn.person.id, address):
            turn.note("gave an address", f"person:{turn.person.id}")
            turn.say(_("Kept. To take it back, type “remove email”."))
        else:
            turn.say(_("Somebody else here has that address. Please give one of your own."))
    elif (pressed and pressed[0] == WRONG.name) or (not pressed and answers.no(turn)):
        turn.say(_("Not kept. Please type it again: my email is name@place.vn."))
    else:
        return False
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))
    return True


def drop(turn: Turn) -> None:
    """Forget the address."""
    if not turn.links.addresses(turn.person.id):
        turn.say(_("There is no e-mail address to remove."))
        return
    turn.links.drop_addresses(turn.person.id)
    turn.note("took an address back", f"person:{turn.person.id}")
    turn.say(_("Removed. Nothing goes by e-mail any more."))
