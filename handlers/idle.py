"""Roles that nobody uses: after 90 days a volunteer is asked whether they stay, and an official's role ends.

Somebody is idle of whom nothing at all was heard, on any channel; nobody on leave is.  How many days is data beside the
service levels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from handlers import answers, cases, filing, profile, team
from handlers.leave import WHICH_DAYS
from handlers.records.people import Person, Resting, Role, Unit
from handlers.rules import roles
from handlers.rules.reporting import local_day, next_allowed
from handlers.rules.roles import Standing
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

PLAN, ASK, SILENT, END = "idle.plan", "idle.ask", "idle.silent", "idle.end"
VOLUNTEERS = ("member", "lead")

STAY = Choice("idle-stay", _("I still take part"))
LEAVE = Choice("idle-leave", _("I would like to stop"))
QUIT = Choice("idle-quit", _("Yes, I stop"))
RESTORE = Choice("idle-restore", _("Give the role back"))
TYPED: dict[str, Text] = {
    STAY.name: _("I STAY {n}"),
    LEAVE.name: _("I STOP {n}"),
    QUIT.name: _("YES, I STOP {n}"),
    RESTORE.name: _("RESTORE {n}"),
}


def _at(choice: Choice, role: int) -> Choice:
    return msgspec.structs.replace(choice, context=str(role), typed=TYPED[choice.name](n=role))


# --- what is due ---


def plan(turn: Turn) -> None:
    """Put whoever is idle before themselves, on working days: volunteers once for each silence."""
    if not turn.shelf.calendar.is_working_day(local_day(turn.now)):
        return
    at = next_allowed(turn.now, turn.shelf.calendar)
    for one in turn.people.resting(turn.now - turn.shelf.service.idle.after):
        volunteer = one.role.kind in VOLUNTEERS
        if filing.on_leave(turn, one.role.person):
            continue
        if volunteer and one.asked is not None and one.asked >= one.heard:
            continue
        name = ASK if volunteer else END
        turn.later(f"{name}:{one.role.id}:{one.heard:%Y%m%d}", at, name, f"role:{one.role.id}")


def _resting(turn: Turn) -> tuple[Resting, Unit] | None:
    """Give the role that this is about where it still rests."""
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    before = turn.now - turn.shelf.service.idle.after
    one = next(iter(turn.people.resting(before, int(number))), None)
    if one is None or filing.on_leave(turn, one.role.person):
        return None
    unit = turn.people.unit(one.role.place)
    return (one, unit) if unit else None


def ask(turn: Turn) -> None:
    """Ask a volunteer with one tap whether they stay."""
    found = _resting(turn)
    if found is None:
        return
    one, unit = found
    if one.asked is not None and one.asked >= one.heard:
        return
    turn.people.ask_whether(one.role.id)
    number = one.role.id
    rule = turn.shelf.service.idle
    turn.say(
        _("Nothing has been heard of you here for {days} days. Do you still take part in {team}?")(
            days=rule.after.days, team=cases.team_named(unit)
        ),
        [_at(STAY, number), _at(LEAVE, number)],
        to=one.role.person,
        kind="notice",
        about=f"role:{number}",
    )
    turn.note("asked whether they stay", f"role:{number}", 0)
    silent = next_allowed(turn.after(rule.answer), turn.shelf.calendar)
    turn.later(f"{SILENT}:{number}:{turn.now:%Y%m%d}", silent, SILENT, f"role:{number}")


def silent(turn: Turn) -> None:
    """Tell the lead that somebody who was asked has not answered."""
    found = _resting(turn)
    if found is None:
        return
    one, unit = found
    if one.asked is None or one.asked < one.heard:
        return
    told = _("{Name} was asked {days} days ago whether they still take part in {team}, and has not answered.")
    days = turn.shelf.service.idle.answer.days
    _tell_lead(turn, one.role, unit, told, days=days)


def end(turn: Turn) -> None:
    """End the role of an official, and tell them and whoever can give it back."""
    found = _resting(turn)
    if found is None or found[0].role.kind in VOLUNTEERS:
        return
    one, unit = found
    turn.people.rest(one.role.id)
    turn.note("ended, idle", f"role:{one.role.id}", 0)
    values = {
        "days": turn.shelf.service.idle.after.days,
        "role": profile.ROLES[one.role.kind],
        "unit": as_is(unit.name),
    }
    turn.say(
        _("Nothing has been heard of you here for {days} days, so your role as {role} of {unit} has ended.")(
            **values
        ),
        to=one.role.person,
        kind="notice",
    )
    for person in _restorers(turn, one.role, unit):
        turn.say(
            _("{Name} is no longer {role} of {unit}: nothing was heard of them for {days} days.")(
                Name=cases.helper_first(turn, one.role.person), **values
            ),
            [_at(RESTORE, one.role.id)],
            to=person,
            kind="notice",
            about=f"role:{one.role.id}",
        )


def _restorers(turn: Turn, role: Role, unit: Unit) -> Sequence[Person]:
    """Give who can give a role of an office back: its head, else the province above."""
    commune = turn.shelf.places.commune(unit.commune)
    above = turn.people.units("province", commune.province) if commune else ()
    for units, kinds in (((unit,), ("head",)), (above, ("officer", "head"))):
        found = {
            person.id: person
            for one in units
            for kind in kinds
            for person in turn.people.holding(kind, one.id)  # type: ignore[arg-type]
            if person.id != role.person
        }
        if found:
            return list(found.values())
    return []


# --- answers ---


def _own(turn: Turn, code: str) -> tuple[Role, Unit] | None:
    """Give the role of this person that an answer is about; None where they hold it no more."""
    held = [role for role in turn.people.roles(turn.person.id) if str(role.id) == code]
    unit = turn.people.unit(held[0].place) if held else None
    return (held[0], unit) if unit else None


def stay(turn: Turn, code: str) -> bool:
    """Hear that a volunteer still takes part."""
    found = _own(turn, code)
    if found is None:
        turn.say(_("That role is over by now."))
        return True
    role, unit = found
    turn.note("stays", f"role:{role.id}")
    turn.say(_("Thank you, the team goes on counting on you."))
    _tell_lead(turn, role, unit, _("{Name} still takes part in {team}."))
    return True


def leave(turn: Turn, code: str) -> bool:
    """Ask once whether a volunteer stops for good: a slip of the finger, or a few days off, ends no role."""
    found = _own(turn, code)
    if found is None or found[0].kind not in VOLUNTEERS:
        turn.say(_("That role is over by now."))
        return True
    role, unit = found
    turn.say(
        lines(
            _("Do you stop taking part in {team} for good? What you have taken goes back to the team.")(
                team=cases.team_named(unit)
            ),
            _("For a few days only, type: on leave until 20/11."),
        ),
        [_at(QUIT, role.id), _at(STAY, role.id)],
    )
    return True


def quit_role(turn: Turn, code: str) -> bool:
    """Hear that a volunteer stops for good: the role ends, and what they had goes back to the team."""
    found = _own(turn, code)
    if found is None or found[0].kind not in VOLUNTEERS:
        turn.say(_("That role is over by now."))
        return True
    role, unit = found
    turn.people.leave(role.id)
    turn.note("left", f"role:{role.id}")
    for held in turn.requests.held_by(turn.person.id):
        request = turn.requests.by_code(held.code)
        if request is not None and not cases.helps(turn, turn.person.id, request):
            cases.gone(turn, request)
    turn.say(_("Noted. Thank you for all the help you gave; you are welcome back any time."))
    _tell_lead(
        turn, role, unit, _("{Name} has stopped taking part in {team}. What they had is with the team.")
    )
    return True


def restore(turn: Turn, code: str) -> bool:
    """Give back a role that ended because nothing was heard."""
    role = turn.people.role(int(code)) if code.isdecimal() and len(code) < 12 else None
    unit = turn.people.unit(role.place) if role else None
    if role is None or unit is None:
        return False
    if not roles.may("restore", _stands(turn, unit)) or role.person == turn.person.id:
        turn.say(_("Only the head of that office, or the province, gives such a role back."))
        return True
    if not turn.people.restore(role.id):
        turn.say(_("That role has been given back already, or has ended in another way."))
        return True
    turn.note("restored", f"role:{role.id}")
    values = {"role": profile.ROLES[role.kind], "unit": as_is(unit.name)}
    turn.say(_("{Name} is {role} of {unit} again.")(Name=cases.helper_first(turn, role.person), **values))
    turn.say(
        _("You are {role} of {unit} again. Type “menu” to begin.")(**values),
        to=role.person,
        kind="notice",
    )
    return True


def _stands(turn: Turn, unit: Unit) -> set[Standing]:
    """Give how this person stands to an office: of it, or of the province above."""
    found: set[Standing] = set()
    commune = turn.shelf.places.commune(unit.commune)
    for role in turn.people.roles(turn.person.id):
        place = turn.people.unit(role.place)
        if place and place.kind == "province" and commune and place.commune == commune.province:
            if role.kind in cases.OFFICIALS:
                found.add("province")
        elif role.place == unit.id and role.kind == "head":
            found.add("head")
    return found


def _tell_lead(turn: Turn, role: Role, unit: Unit, told: Text, **values: object) -> None:
    """Tell the leads of a team, or the commune's office where there is no other lead."""
    leads = [lead for lead in turn.people.holding("lead", unit.id) if lead.id != role.person]
    name = cases.helper_first(turn, role.person)
    for person in leads or cases.office(turn, unit.commune):
        turn.say(told(Name=name, team=cases.team_named(unit), **values), to=person, kind="notice")


# --- typed ---

_VERBS: dict[str, Callable[[Turn, str], bool]] = {
    "van tham gia": stay,
    "i stay": stay,
    "xin nghi": leave,
    "i stop": leave,
    "toi nghi han": quit_role,
    "yes i stop": quit_role,
    "trao lai": restore,
    "restore": restore,
}
_TYPED = re.compile(rf"({'|'.join(_VERBS)}) (\d+)(?: a| nhe)*")
_I = r"(?:(?:tu nay |tu mai |thang sau )?(?:cho )?(?:toi|em|chau|minh|anh|chi|co|bac|chu|ong|ba) )"
_STOPS = re.compile(  # for good, in anybody's own words; "xin nghỉ" alone is a few days off
    rf"{_I}?(?:(?:xin|muon|se) )*(?:"
    r"nghi (?:han|luon)(?: o| trong)?(?: (?:to|vai|viec cua to)(?: cong nghe so| so)?)?"
    r"|(?:thoi|ngung|dung)(?: khong)? (?:lam|tham gia|o)(?: (?:o|trong|voi))? to(?: cong nghe so| so)?(?: nua)?"
    r"|(?:khong|ko|k) (?:lam|tham gia|o)(?: (?:o|trong|voi))? to(?: cong nghe so| so)?(?: nua)?"
    r"|(?:ra khoi|roi|roi khoi) to(?: cong nghe so| so)?"
    r"|thoi vai(?: nay)?)(?: nhe| nha| a| luon| roi)*"
    r"|i (?:want|would like|d like) to (?:stop|leave the team|stop helping)(?: for good)?|i am leaving the team"
)
_STOPS_ALONE = re.compile(rf"{_I}(?:khong|ko|k) (?:lam|tham gia) nua(?: nhe| nha| a| dau)*|i (?:quit|stop)")


def typed_card(turn: Turn) -> bool:
    """Do what a line such as "vẫn tham gia 12" says; False for other words."""
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS and turn.staff:  # a number under it, amid a talk with somebody too
        return CARDS[pressed[0]](turn, pressed[1])
    found = _TYPED.fullmatch(fold(turn.text)) if turn.staff else None
    if found is None:
        return _stops(turn)
    act = _VERBS[found[1]]
    if act is leave and _days_off(turn, found[2]):
        turn.say(WHICH_DAYS)
        return True
    return act(turn, found[2])


def _stops(turn: Turn) -> bool:
    """Hear that somebody wants to stop for good, and ask about which role; an official's is their office's to end."""
    said = fold(turn.text)
    if not turn.staff or not (_STOPS.fullmatch(said) or (_STOPS_ALONE.fullmatch(said) and not _talks(turn))):
        return False
    held = turn.people.roles(turn.person.id)
    own = [
        (role, unit) for role in held if role.kind in VOLUNTEERS and (unit := turn.people.unit(role.place))
    ]
    if len(own) == 1:
        return leave(turn, str(own[0][0].id))
    if own:
        turn.say(
            _("In which team do you stop?"),
            [
                _at(msgspec.structs.replace(LEAVE, label=as_is(unit.name[:LABEL])), role.id)
                for role, unit in own[:4]
            ],
        )
        return True
    for role in held[:1]:
        unit = turn.people.unit(role.place)
        turn.say(
            lines(
                _("Your role as {role} of {unit} is given and ended by the office: tell whoever heads it.")(
                    role=profile.ROLES[role.kind], unit=as_is(unit.name if unit else "")
                ),
                _("For a few days only, type: on leave until 20/11."),
            )
        )
    return True


def _talks(turn: Turn) -> bool:
    """Say whether somebody is in a talk with another, where such words may be meant for them."""
    return bool(turn.helped) or turn.talk.doing.startswith(team.DOING)


def _days_off(turn: Turn, number: str) -> bool:
    """Say whether "xin nghỉ 3" can only mean days: no role of this person, now or once, has that number."""
    role = turn.people.role(int(number)) if len(number) < 12 else None
    return role is None or role.person != turn.person.id


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    STAY.name: stay,
    LEAVE.name: leave,
    QUIT.name: quit_role,
    RESTORE.name: restore,
}
DUE: dict[str, Callable[[Turn], None]] = {PLAN: plan, ASK: ask, SILENT: silent, END: end}
