"""What a lead does: see who of the team has what, give a request to somebody else, and write internal notes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from handlers import arranging, cases, forms, group_cards, leave, speaking, things, watch
from handlers.forms import Checked, Form, Pick, Question
from handlers.records.people import Absence, Person, Unit
from handlers.records.requests import Note, Request
from handlers.rules import roles
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

SHOWN = 4  # requests, or people, to choose from
MEMBERS = 12  # of a team that are named one by one
LONGEST = 500  # letters of a note
KEPT = 50  # notes of one request

# --- who has what ---


def load(turn: Turn) -> bool:
    """Show a lead who of the team has what; False for whoever leads no team."""
    led = [role.place for role in turn.people.roles(turn.person.id) if role.kind == "lead"]
    units = [unit for place in led if (unit := turn.people.unit(place)) is not None]
    for unit in units:
        _load_of(turn, unit)
    return bool(units)


def loads(turn: Turn, unit: Unit) -> list[Text]:
    """Give what each of a team has, a line each; in fixed order, never by how much: volunteers are not ranked."""
    return _loads(turn, unit, turn.requests.held_in(unit.id))


def _loads(turn: Turn, unit: Unit, held: Sequence[Request]) -> list[Text]:
    away = {absence.person: absence for absence in turn.people.absent(unit.id)}
    people = {person.id: person for person in cases.members(turn, unit.id)}
    told = [
        _has(turn, person, [request for request in held if request.claimed_by == person.id], away)
        for person in list(people.values())[:MEMBERS]
    ]
    others = [request for request in held if request.claimed_by not in people]
    told += [_("• Outside the team: {codes}")(codes=_codes(others))] if others else []
    if len(people) > MEMBERS:
        told.append(_("And {n} more people.")(n=len(people) - MEMBERS))
    return told


def _load_of(turn: Turn, unit: Unit) -> None:
    held = turn.requests.held_in(unit.id)
    waiting = len(turn.requests.waiting_for(unit.id))
    turn.say(
        lines(
            _("With {team}: {held} under way, {free} free.")(
                team=cases.team_named(unit), held=len(held), free=waiting
            ),
            *_loads(turn, unit, held),
        ),
        [
            Choice("reassign", _("Reassign {code}")(code=cases.written(request)), request.code)
            for request in held[:SHOWN]
        ],
    )


def _has(turn: Turn, person: Person, held: list[Request], away: Mapping[int, Absence]) -> Text:
    name = cases.helper_first(turn, person.id)
    text = (
        _("• {Name}: {codes}")(Name=name, codes=_codes(held)) if held else _("• {Name}: nothing")(Name=name)
    )
    if person.speaks:
        text = _("{before}; speaks {tongues}")(before=text, tongues=speaking.listed(person.speaks))
    if person.id not in away:
        return text
    return _("{before}, on leave until {day}")(before=text, day=leave.last_day(away[person.id]))


def _codes(held: list[Request]) -> str:
    codes = ", ".join(cases.written(request) for request in held[:SHOWN])
    return f"{codes}, …" if len(held) > SHOWN else codes


# --- giving it to somebody else ---


def reassign(turn: Turn, code: str, name: str = "") -> bool:
    """Give a request to whoever is called so; ask to whom it goes where that is not one person."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if not _may(turn, request):
        told = _("Only the lead of the team or the commune's office gives {code} to somebody else.")
        turn.say(told(code=cases.written(request)))
    elif request.state not in ("open", "claimed"):
        turn.say(cases.finished(turn, request))
    elif not _able(turn, request):
        turn.say(_("Nobody else of the team is there to take {code}.")(code=cases.written(request)))
    elif len(fitting := named_so(_able(turn, request), name)) == 1:
        _give(turn, request, fitting[0].id)
    else:
        forms.begin(turn, REASSIGNING, code=request.code, name=name)
    return True


def _may(turn: Turn, request: Request) -> bool:
    return roles.may("reassign", cases.standings(turn, turn.person.id, request))


def _able(turn: Turn, request: Request) -> list[Person]:
    """Give who of the team is there and could have a request instead; for the office, all its teams, that one first."""
    there = cases.present(turn, request.team) if request.team else cases.there(turn, request.commune)
    if not cases.standings(turn, turn.person.id, request).isdisjoint(cases.OFFICIALS):
        for unit in turn.people.units("team", request.commune):
            there = [*there, *cases.present(turn, unit.id)]
    holder = request.claimed_by if request.state == "claimed" else 0
    found = {person.id: person for person in there if person.id not in (holder, request.citizen)}
    able = speaking.able(list(found.values()), request.words)  # first, where the words ask for a language
    return list({person.id: person for person in (*able, *found.values())}.values())


def _asked_for(turn: Turn) -> Request | None:
    return cases.find(turn, turn.talk.kept.get("code", ""))


def _named(turn: Turn) -> list[Choice]:
    request = _asked_for(turn)
    able = _able(turn, request) if request else []
    fitting = named_so(able, turn.talk.kept.get("name", ""))
    return [_person(turn, person) for person in (fitting or able)[:SHOWN]]


def _person(turn: Turn, person: Person) -> Choice:
    return Choice(f"pick={person.id}", cases.helper_first(turn, person.id))


_ADDRESS = re.compile(r"^(?:anh|chi|em|co|chu|bac|ong|ba|ban) (?=\S)")


def _who(turn: Turn, text: str) -> Checked:
    """Accept the name of somebody of the team; where it fits several, they are asked about."""
    request = _asked_for(turn)
    fitting = named_so(_able(turn, request) if request else [], text)
    if len(fitting) > 1:
        ways = tuple(_person(turn, person) for person in fitting[:SHOWN])
        return Pick(_("Several are called so. Who is meant?"), ways)
    return str(fitting[0].id) if fitting else None


def named_so(people: Sequence[Person], name: str) -> list[Person]:
    """Give those of these people who are called so: "chị Hiền", "hien", "Nguyễn Thị Hiền"."""
    said = _ADDRESS.sub("", fold(name))
    return [
        person
        for person in people
        if said
        and fold(person.name)
        and (f" {said} ".endswith(f" {fold(person.name)} ") or f" {fold(person.name)} ".endswith(f" {said} "))
    ]


def _reassigned(turn: Turn) -> None:
    kept = turn.talk.kept
    turn.end()
    request = cases.find(turn, kept["code"])
    to = int(kept["to"]) if kept["to"].isdigit() else 0
    if request is None or not _may(turn, request) or request.state not in ("open", "claimed"):
        turn.say(cases.finished(turn, request) if request else _("That request is no longer there."))
        return
    if to not in {person.id for person in _able(turn, request)}:
        turn.say(_("{Name} is not there now.")(Name=cases.helper_first(turn, to)))
        return
    _give(turn, request, to)


def _give(turn: Turn, request: Request, to: int) -> None:
    """Give a request to somebody of the team; whoever had it, who has it and who asked are told."""
    before = request.claimed_by if request.state == "claimed" else 0
    ended = cases.off(turn, request) if before else []
    if before:
        request = cases.other_words(turn, request)
    group = group_cards.standing(turn, request) if request.state == "open" else None
    turn.withdraw(cases.about(request))
    due = watch.due(turn, request)
    late = due is not None and due <= turn.now
    # Whoever takes what is late has the time that any has, so those who are told are told anew.
    told = tuple(one for one in request.told if not (late and one.startswith("done:")))
    request = cases.move(
        turn,
        request,
        "reassign",
        **watch.resumption(turn, request),
        claimed_by=to,
        claimed=turn.now,
        attended=False,
        asked="",
        arranged=turn.now if request.way else None,
        told=told,
        waited=cases.waited(turn, request),
        **_of_their_team(turn, request, to),
    )
    cases.keep_route(turn, request, "reassigned", turn.person.id, 1)
    group_cards.tell(turn, group, cases.finished(turn, request))
    watch.watch(turn, request)
    lead, code = cases.helper_first(turn, turn.person.id), cases.written(request)
    if before and before != turn.person.id:
        taken = _("{Lead} goes on with {code}; nothing is left for you to do.")
        given = _("{Lead} has given {code} to {helper}; nothing is left for you to do.")
        turn.say(
            (taken if to == turn.person.id else given)(Lead=lead, code=code, helper=cases.helper(turn, to)),
            to=before,
            kind="notice",
        )
    _tell_new(turn, request, to, lead)
    why = _why_late(turn, before) if late else []
    cases.tell_citizen(turn, request, lines(_told_citizen(turn, request, before), *why, *ended))
    if to != turn.person.id:
        turn.say(
            _("{code} is with {helper} now; who asked has been told.")(
                code=code, helper=cases.helper(turn, to)
            )
        )
    things.hand_over(turn, request)


def _of_their_team(turn: Turn, request: Request, to: int) -> dict[str, object]:
    """Give whose a request is that goes to somebody of another team: theirs; the one before may still see it."""
    places = [role.place for role in turn.people.roles(to) if role.kind in ("member", "lead")]
    if not places or request.team in places:
        return {}
    rest = (request.team, *(other for other in request.widened if other != places[0]))
    return {"team": places[0], "widened": tuple(other for other in rest if other)}


def _why_late(turn: Turn, before: int) -> list[Text]:
    """Say to who asked why nobody came in time, where whoever had it is on leave."""
    absence = turn.people.absence(before) if before else None
    if absence is None or absence.since > turn.now:
        return []
    return [_("It is late since {helper} is on leave; we are sorry.")(helper=cases.helper(turn, before))]


def _tell_new(turn: Turn, request: Request, to: int, lead: Text) -> None:
    own = to == turn.person.id
    head = _("You take over **{code}**, {place}.") if own else _("{Lead} gives you **{code}**, {place}.")
    turn.say(
        lines(
            head(Lead=lead, code=cases.written(request), place=cases.place(turn, request)),
            *cases.facts(turn, request, turn.people.get(to).lang or "vi"),
            cases.yours(turn, request),
            arranging.to_helper(request),
            *cases.notes(turn, request),
        ),
        [
            cases.at(Choice("talk", _("Answer {code}")(code=cases.written(request))), request),
            cases.at(cases.GIVE_BACK, request),
        ],
        to=to,
        kind="notice",
    )


def _told_citizen(turn: Turn, request: Request, before: int) -> Text:
    to = request.claimed_by
    values = {
        "Helper": cases.helper_first(turn, to),
        "team": cases.side(turn, request),
        "code": cases.written(request),
    }
    if not before:
        return _(
            "{Helper}, {team}, has taken on {code}. From here on you are writing with {helper}; Tổ Số stays out."
        )(helper=cases.helper(turn, to), **values)
    told = _("{Helper}, {team}, goes on with {code} instead of {before}. Nothing is lost.")
    return lines(told(before=cases.helper(turn, before), **values), cases.words_now(request))


def _to_whom(turn: Turn) -> Text:
    ask = _("To whom does {code} go? Choose, or type a name.")(code=f"YC-{turn.talk.kept['code']}")
    request, name = _asked_for(turn), turn.talk.kept.get("name", "")
    if not name or request is None:
        return ask
    several = named_so(_able(turn, request), name)
    told = _("Several are called so.") if several else _("Nobody there is called “{name}”.")(name=name)
    return lines(told, ask)


REASSIGNING = Form(
    "reassigning",
    (
        Question(
            "to",
            ask=_to_whom,
            check=_who,
            otherwise=_("Please choose somebody, or type a name of the team."),
            choices=_named,
        ),
    ),
    _reassigned,
)

# --- internal notes ---

_NOTE = re.compile(rf"(?:ghi chu|note) {cases.CODE}(?: .*)?", re.S)
_WORDS = re.compile(r"\s*\S+(?:\s+(?:chú|chu))?\s+(?:yc)?[\s-]*\w+\s*[:.,-]?\s*(?P<words>.*)", re.I | re.S)
_HERE = re.compile(r"\s*(?:ghi\s+chú|ghi\s+chu|note)\s*:\s*(?P<words>.*)", re.I | re.S)


def typed_note(turn: Turn) -> bool:
    """Keep "ghi chú 4K7: …", or show the notes where no words follow; False for other words."""
    found = _NOTE.fullmatch(fold(turn.text)) if turn.staff else None
    if found is None:
        return False
    request = cases.find(turn, found[1])
    if request is None:
        turn.say(_("Tổ Số knows no request {code}.")(code=f"YC-{found[1].upper()}"))
        return True
    words = _WORDS.fullmatch(turn.text)
    _note(turn, request, words["words"].strip() if words else "")
    return True


def noted_here(turn: Turn, request: Request) -> bool:
    """Keep "ghi chú: …" that is typed while writing with a citizen, who never sees it; False for other words."""
    found = _HERE.fullmatch(turn.text)
    if found is None:
        return False
    _note(turn, request, found["words"].strip())
    return True


def _note(turn: Turn, request: Request, words: str) -> None:
    code = cases.written(request)
    if not roles.may("note", cases.standings(turn, turn.person.id, request)):
        turn.say(_("Notes of {code} are for who has it and for the lead.")(code=code))
        return
    if words:
        note = Note(turn.person.id, turn.now, words[:LONGEST])
        touched = watch.touch(turn, request) if turn.person.id == request.claimed_by else {}
        cases.change(turn, request, "noted", notes=(*request.notes, note)[-KEPT:], **touched)
        turn.say(_("Noted for the team on {code}; who asked never sees it.")(code=code))
        return
    told = cases.notes(turn, request)
    nothing = _("There are no notes on {code}. Write one with “note {short}: …”.")(
        code=code, short=request.code
    )
    turn.say(lines(as_is(f"**{code}**"), *told) if told else nothing)


CARDS: dict[str, Callable[[Turn, str], bool]] = {"reassign": reassign}
FORMS = (REASSIGNING,)
