"""A team's group chat: its lead links it by a one-time code, and requests are taken there by one tap.

What somebody does in a group is answered in their own chat.  The group reads single lines that hold nothing of the
person who asked, and no word that people say to each other there is heard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from handlers import answers, cases, links
from handlers.records.groups import TOLD, Group
from handlers.records.people import Unit
from handlers.rules import roles
from handlers.talk import Incoming
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

PATIENCE = timedelta(minutes=10)  # in which a group is told once how people begin

LINK, KEEP = Choice("group-link", _("Link it")), Choice("group-keep", _("Leave it"))
BESIDE, ALONE, OFF = (
    Choice("group-beside", _("Private chats too")),
    Choice("group-alone", _("Only the group")),
    Choice("group-off", _("Unlink the group")),
)

_OURS = {
    "nhom cua to", "nhom to", "nhom chat cua to", "noi nhom", "noi nhom cua to", "group of the team", "our group",
    "team group", "link group", "link our group",
}  # fmt: skip
_UNLINK = {"go nhom", "bo nhom", "go nhom cua to", "huy noi nhom", "unlink group", "unlink our group"}
_OF_TEAM = re.compile(
    r"(?:go nhom|bo nhom|unlink(?: the)? group(?: of)?) (?:to |cua to |cua )?(?!cua to$)(\w.*)"
)
SHOWN = 4  # teams to choose from
_CODE = re.compile(r"(?:start )?(?:nhom|noi)[ -]?([a-z]\d[a-z]\d)[ -]?([a-z]\d[a-z]\d)")
_TAKES = {
    "nhan": "claim",
    "nhan viec": "claim",
    "claim": "claim",
    "take": "claim",
    "bo qua": "skip",
    "skip": "skip",
}
_TYPED = re.compile(rf"({'|'.join(sorted(_TAKES, key=len, reverse=True))}) ?{cases.CODE}(?: nhe| a| di)?")
_ANSWERS = {"noi nhom": LINK, "link group": LINK, "thoi noi": KEEP, "do not link": KEEP}

# --- what is done in a group ---


def hear(turn: Turn, acts: Mapping[str, Callable[[Turn, str], bool]]) -> None:
    """Do what a button or a command in a group asks for, by these acts on a request; other words are not for us."""
    event = turn.event
    assert isinstance(event, Incoming)
    here, typed = turn.groups.chat(event.account, event.chat), fold(turn.text)
    name, _at, context = event.choice.partition("@")
    if name in (LINK.name, KEEP.name):
        _answer(turn, here, name, context)
    elif name in ("claim", "skip"):
        _act(turn, here, name, context, acts)
    elif event.choice or event.edited or not typed:
        return
    elif found := _CODE.fullmatch(typed):
        _bring(turn, here, f"NHOM-{found[1]}-{found[2]}".upper())
    elif found := _TYPED.fullmatch(typed):
        _act(turn, here, _TAKES[found[1]], found[2], acts)
    elif choice := _ANSWERS.get(typed):
        _answer(turn, here, choice.name, "")
    elif typed in _UNLINK:
        _unlink_here(turn, here)
    elif answers.command(turn) in ("link", "unlink"):
        turn.say(links.PRIVATE_ONLY, to=here)
    elif answers.command(turn) == "menu":
        turn.say(_WHAT_FOR, to=here)


_WHAT_FOR = _(
    "In a group Tổ Số only shows new requests of its team. For anything else please write to it in private."
)
_BEGIN = _(
    "Whoever has just pressed has not written to Tổ Số in private yet, so it cannot answer. "
    "Open its private chat, type your invitation code there, then press here again."
)


def _act(
    turn: Turn, here: int, name: str, code: str, acts: Mapping[str, Callable[[Turn, str], bool]]
) -> None:
    if turn.groups.reachable(turn.person.id):
        if not acts[name](turn, code):
            unknown = _("Tổ Số knows no request {code}.")(code=f"YC-{code.upper()}")
            turn.say(unknown if turn.text else _("That belongs to something already finished."))
    elif name == "claim" and not turn.groups.told(here, turn.now - PATIENCE):
        turn.note(TOLD, f"group:{here}", 0)
        turn.say(_BEGIN, to=here)


def _bring(turn: Turn, here: int, code: str) -> None:
    """Ask in the group whether to link it, where whoever asked for the code has typed it."""
    asked = turn.groups.asked(code)
    unit = _led(turn, asked.team) if asked and asked.by == turn.person.id else None
    if asked is None or unit is None:
        turn.say(
            _(
                "That code does not hold here. The lead gets one in private with “our group”, and types it here."
            ),
            to=here,
        )
        return
    turn.groups.bring(asked, here, turn.lang)
    turn.say(
        lines(_("Link this group to {team}?")(team=cases.team_named(unit)), _SEEN),
        [_at(LINK, asked.id, _("LINK GROUP")), _at(KEEP, asked.id, _("DO NOT LINK"))],
        to=here,
    )


_SEEN = _(
    "Everybody in it then sees code, village and matter of new requests; never a name, a number or anybody's words."
)


def _answer(turn: Turn, here: int, name: str, number: str) -> None:
    """Link a group, or not, as whoever typed the code says; nobody else's tap counts."""
    asked = turn.groups.pending(here, turn.person.id)
    if asked is None or number not in ("", str(asked.id)):
        if turn.groups.reachable(turn.person.id):
            turn.say(_("Only whoever has typed the code in the group can say that, within 15 minutes."))
        return
    unit = _led(turn, asked.team)
    if unit is None or name == KEEP.name:
        turn.groups.drop(asked)
        turn.say(_("All right, this group is not linked."), to=here)
        return
    before = turn.groups.of(asked.team)
    if before is not None:
        _end(turn, before, unit)
    turn.groups.link(asked)
    turn.note("linked a group", f"unit:{unit.id}")
    team = cases.team_named(unit)
    turn.say(
        lines(
            _("Linked. New requests for {team} come here; whoever presses first has it.")(team=team),
            _(
                "All that is not for everybody comes in private. What you write to each other here is not read."
            ),
        ),
        to=here,
    )
    turn.say(
        _("The group is linked with {team}. To change that, type “our group” or “unlink group”.")(team=team)
    )


def _unlink_here(turn: Turn, here: int) -> None:
    for group in turn.groups.within(here):
        unit = _led(turn, group.team)
        if unit is not None:
            _unlinked(turn, group, unit)


# --- what becomes of it ---


def changed(turn: Turn) -> None:
    """Greet a group that we were added to, follow it to its new name, and give it up where we were removed."""
    event = turn.event
    assert isinstance(event, Incoming)
    if event.sign == "added" and not turn.groups.within(turn.person.id):
        turn.say(
            _(
                "Tổ Số is here. The lead of the team writes “our group” to it in private and gets a code for here."
            )
        )
    elif event.sign == "moved":
        turn.groups.moves(turn.person.id, event.account, event.moved)
    elif event.sign == "removed":
        lost(turn, turn.person.id)


def lost(turn: Turn, chat: int) -> bool:
    """Give a group up that nothing reaches any more, and tell its leads; False where it is no team's group."""
    groups = turn.groups.within(chat)
    for group in groups:
        unit = turn.people.unit(group.team)
        _end(turn, group, unit)
        turn.note("lost a group", f"unit:{group.team}", 0)
        for lead in turn.people.holding("lead", group.team) if unit else ():
            turn.say(
                _("Tổ Số is no longer in the group of {team}. New requests come to private chats again.")(
                    team=cases.team_named(unit) if unit else ""
                ),
                to=lead,
                kind="notice",
            )
    return bool(groups)


def _end(turn: Turn, group: Group, unit: Unit | None) -> None:
    """Unlink a group; what is free and was shown there alone is shown in private, so that nothing is forgotten."""
    for request in turn.requests.waiting_for(group.team):
        cases.show_besides(turn, request, _("Still free: **{code}**, {place}."), group)
    turn.groups.end(group)
    if isinstance(turn.event, Incoming) and not turn.event.sign and unit:
        turn.say(
            _("This group is no longer linked with {team}.")(team=cases.team_named(unit)),
            to=group.chat,
            kind="notice",
        )


# --- what a lead does in private ---


def meant(turn: Turn) -> bool:
    """Say whether words are about the team's group."""
    return fold(turn.text) in _OURS | _UNLINK or _OF_TEAM.match(fold(turn.text)) is not None


def typed_card(turn: Turn) -> bool:
    """Do what a line about the team's group asks; False for other words."""
    typed = fold(turn.text)
    if not (turn.staff and meant(turn)):
        return False
    teams = [unit for role in turn.people.roles(turn.person.id) if (unit := _led(turn, role.place))]
    teams = list({unit.id: unit for unit in teams}.values())
    if not teams and _office_unlinks(turn, typed):
        return True
    if _OF_TEAM.match(typed):
        return False
    if not teams:
        own = [role.place for role in turn.people.roles(turn.person.id) if role.kind == "member"]
        if not own:
            return False
        if any(turn.people.holding("lead", place) for place in own):
            turn.say(_("The lead of a team links its group. Please ask them."))
        else:
            turn.say(_("Your team has no lead now. The commune's office can unlink its group."))
    elif len(teams) > 1:
        turn.say(
            _("Of which team is the group?"),
            [Choice("group-of", as_is(unit.name[:LABEL]), str(unit.id)) for unit in teams[:4]],
        )
    elif typed in _UNLINK:
        off(turn, str(teams[0].id))
    else:
        show(turn, str(teams[0].id))
    return True


def show(turn: Turn, number: str) -> bool:
    """Say which group a team has, or how it gets one."""
    unit = _led(turn, int(number)) if number.isdigit() else None
    if unit is None:
        return False
    group = turn.groups.of(unit.id)
    if group is None:
        _give_code(turn, unit)
        return True
    turn.say(
        lines(
            _("The group of {team} has been linked since {since}.")(
                team=cases.team_named(unit), since=group.since
            ),
            _how(group),
        ),
        [_at(ALONE if group.beside else BESIDE, unit.id), _at(OFF, unit.id)],
    )
    return True


def _give_code(turn: Turn, unit: Unit) -> None:
    code = turn.groups.code(unit.id, turn.person.id)
    turn.note("asked for a group's code", f"unit:{unit.id}")
    turn.say(
        lines(
            _("To link a group chat with {team}:")(team=cases.team_named(unit)),
            _("1. Put Tổ Số into the group."),
            _("2. Type there yourself, within 15 minutes: **{command}**")(
                command=f"/nhom {code.removeprefix('NHOM-')}"
            ),
            _SEEN,
        )
    )


def _how(group: Group) -> Text:
    if group.beside:
        return _("New requests come there, and to each private chat.")
    return _("New requests come there; to private chats only where nobody takes them, or they are urgent.")


def beside(turn: Turn, number: str) -> bool:
    """Show new requests in private chats too."""
    return _set(turn, number, beside=True)


def alone(turn: Turn, number: str) -> bool:
    """Show new requests in the group only."""
    return _set(turn, number, beside=False)


def _set(turn: Turn, number: str, *, beside: bool) -> bool:
    unit = _led(turn, int(number)) if number.isdigit() else None
    group = turn.groups.of(unit.id) if unit else None
    if unit is None or group is None:
        return False
    turn.groups.set_beside(group, beside)
    turn.note("cards in private too" if beside else "cards in the group only", f"unit:{unit.id}")
    return show(turn, number)


def _office_unlinks(turn: Turn, typed: str) -> bool:
    """Unlink the group of a team for the commune's office: a team whose lead is gone has nobody else who may."""
    named = _OF_TEAM.match(typed)
    roles_here = [
        role for role in turn.people.roles(turn.person.id) if role.kind in roles.RIGHTS["group-end"].who
    ]
    offices = [
        unit for role in roles_here if (unit := turn.people.unit(role.place)) and unit.kind == "office"
    ]
    if not offices or not (named or typed in _UNLINK):
        return False
    teams = {unit.id: unit for office in offices for unit in turn.people.units("team", office.commune)}
    linked = [unit for unit in teams.values() if turn.groups.of(unit.id)]
    wanted = fold(named[1]) if named else ""
    exact = [unit for unit in linked if fold(unit.name) == wanted]
    found = exact or [unit for unit in linked if not wanted or wanted in fold(unit.name)]
    if len(found) == 1 and named:
        return off(turn, str(found[0].id))
    if not found:
        turn.say(
            _("No team of the commune has a group linked by that name.")
            if named
            else _("No team of the commune has a group linked.")
        )
        return True
    turn.say(
        lines(
            _("The group of which team is to be unlinked?"),
            *([_("Another one: type “unlink group” and the team's name.")] if len(found) > SHOWN else []),
        ),
        [Choice(OFF.name, as_is(unit.name[:LABEL]), str(unit.id)) for unit in found[:SHOWN]],
    )
    return True


def off(turn: Turn, number: str) -> bool:
    """Unlink the group of a team."""
    unit = (_led(turn, int(number)) or _of_office(turn, int(number))) if number.isdigit() else None
    if unit is None:
        return False
    group = turn.groups.of(unit.id)
    if group is None:
        turn.say(_("No group is linked with {team}.")(team=cases.team_named(unit)))
    else:
        _unlinked(turn, group, unit)
    return True


def _unlinked(turn: Turn, group: Group, unit: Unit) -> None:
    _end(turn, group, unit)
    turn.note("unlinked a group", f"unit:{unit.id}")
    turn.say(_("Unlinked. New requests for {team} come to private chats again.")(team=cases.team_named(unit)))


def _led(turn: Turn, team: int) -> Unit | None:
    """Give a team of which this person may link and unlink the group."""
    stands = {role.kind for role in turn.people.roles(turn.person.id) if role.place == team}
    unit = turn.people.unit(team)
    return unit if unit and unit.kind == "team" and stands & roles.RIGHTS["group"].who else None


def _of_office(turn: Turn, team: int) -> Unit | None:
    """Give a team of the commune whose office this person may act for, as far as its group may only be unlinked."""
    unit = turn.people.unit(team)
    for role in turn.people.roles(turn.person.id) if unit and unit.kind == "team" else ():
        office = turn.people.unit(role.place)
        here = office and unit and office.kind == "office" and office.commune == unit.commune
        if here and role.kind in roles.RIGHTS["group-end"].who:
            return unit
    return None


def _at(choice: Choice, number: int, typed: Text | None = None) -> Choice:
    return Choice(choice.name, choice.label, str(number), typed)


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "group-of": show,
    BESIDE.name: beside,
    ALONE.name: alone,
    OFF.name: off,
}
