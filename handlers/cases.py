"""What the two sides of a request share: how it is called, what its card says, who may help."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time

import msgspec

from handlers import digests, group_cards, profile, speaking, watch, whom
from handlers.records.groups import Group
from handlers.records.people import Person, RoleKind, Unit
from handlers.records.requests import Request, Routed, Way, Why
from handlers.rules import moves, roles, tongues
from handlers.rules.moves import MOVES, Astray, MoveName
from handlers.rules.reporting import VIETNAM, local_day
from handlers.rules.roles import Standing
from handlers.rules.routing import village_of
from handlers.talk import Incoming
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.library import Step
from knowledge.links import untappable

CODE = r"(?:yc ?)?(\d[a-z]\d(?:[a-z]\d)*[a-z]?)"
_CODE = re.compile(CODE)

LOOKED = "looked at who asked"  # as the audit knows it
NOTES = 5  # that are shown
OFFICIALS: tuple[RoleKind, ...] = ("officer", "head")  # who takes requests in an office
NAMED = 3  # villages of a team that are named one by one

ON_IT = Choice("on-it", _("Still on it"))
CLAIM, SKIP = Choice("claim", _("I take it")), Choice("skip", _("Skip"))
GROUP = Choice("to-group", _("Card for our group"))  # a group that a platform lets no bot into
REASSIGN = Choice("reassign", _("Give to somebody else"))
GIVE_BACK = Choice("give-back", _("Give it back"))
MORE = Choice("words", _("Add something"))
APART = Choice("apart", _("Mine is another matter"))

# What does the same as the buttons of a card; the conversations understand it in any spelling.
TYPED: dict[str, Text] = {
    "claim": _("CLAIM {code}"),
    "skip": _("SKIP {code}"),
    "to-group": _("GROUP CARD {code}"),
    "talk": _("ANSWER {code}"),
    "give-back": _("GIVE BACK {code}"),
    "on-it": _("STILL ON {code}"),
    "reassign": _("REASSIGN {code}"),
    "works": _("WORKS {code}"),
    "not-yet": _("NOT YET {code}"),
    "words": _("ADD {code}"),
    "meet-yes": _("AGREE {code}"),
    "meet-no": _("DECLINE {code}"),
    "apart": _("ANOTHER MATTER {code}"),
}

WANTS: dict[Way, Text] = {"call": _("• Wants to be called"), "visit": _("• Wants a visit")}

KINDS: dict[str, Text] = {
    "voice": _("a voice note"),
    "photo": _("a photo"),
    "video": _("a video"),
    "file": _("a file"),
    "place": _("a position on the map"),
}


def about(request: Request) -> str:
    """Say what messages and the audit are about."""
    return f"request:{request.id}"


def written(request: Request) -> str:
    """Give the code as people read it."""
    return f"YC-{request.code}"


def at(choice: Choice, request: Request) -> Choice:
    """Give a choice that belongs to this request, whatever else is open."""
    typed = TYPED.get(choice.name)
    return msgspec.structs.replace(
        choice, context=request.code, typed=typed(code=request.code) if typed else None
    )


def find(turn: Turn, code: str) -> Request | None:
    """Give the request of a code as somebody typed or pressed it, nobody else changing it meanwhile."""
    found = _CODE.fullmatch(fold(code))
    return turn.requests.by_code(found[1]) if found else None


def change(turn: Turn, request: Request, done: str, **fields: object) -> Request:
    """Keep a change of a request, that it happened, and who did it."""
    return _kept(turn, msgspec.structs.replace(request, **fields), done, turn.person.id)


def _kept(turn: Turn, request: Request, done: str, by: int) -> Request:
    turn.note(done, about(request), by)
    return turn.requests.save(request, done, by)


def move(turn: Turn, request: Request, name: MoveName, **fields: object) -> Request:
    """Move a request as the table of moves allows it; Astray where this person may not, or not from here."""
    if MOVES[name].right and not moves.may(name, request, standings(turn, turn.person.id, request)):
        raise Astray(f"request {request.id}: {name} by person {turn.person.id}")
    by = turn.person.id if MOVES[name].right else 0
    if name != "offer":  # nobody is before the others any more
        request = msgspec.structs.replace(request, ahead=0)
    if name in _PARTS:
        pauses = fields.get("pauses", request.pauses)
        request = msgspec.structs.replace(request, pauses=pauses)
        fields |= watch.parted(turn, request)
    after = msgspec.structs.replace(moves.moved(request, name), **fields)
    return _kept(turn, after, MOVES[name].done, by)


def taken_for(turn: Turn, request: Request) -> dict[str, object]:
    """Give whose a request is once this person takes it: of the team it was widened to, where that is theirs."""
    for place in request.widened:
        unit = turn.people.unit(place)
        mine = {role.place for role in turn.people.roles(turn.person.id) if role.kind in ("member", "lead")}
        if unit and unit.kind == "team" and place in mine and request.team not in mine:
            rest = (request.team, *(other for other in request.widened if other != place))
            return {"team": place, "widened": tuple(other for other in rest if other)}
    return {}


def waited(turn: Turn, request: Request) -> int | None:
    """Give for how many seconds a request that is taken now has waited to be taken for the first time."""
    if request.waited is not None or request.opened is None:
        return request.waited
    return int((turn.now - request.opened).total_seconds())


# --- who is who ---


def called(request: Request) -> str:
    """Give what is known of how to call the person who asked: "bác Tư", "bác", or nothing."""
    return profile.named(request.address if request.address != "bạn" else "", request.name)


def citizen(request: Request) -> Text:
    """Give how helpers call the person who asked."""
    name = called(request)
    return as_is(name) if name else _("the person who asked")


def citizen_first(request: Request) -> Text:
    """Give how helpers call the person who asked at the beginning of a sentence: "Bác Tư"."""
    name = called(request)
    return as_is(name[:1].upper() + name[1:]) if name else _("The person who asked")


def voice(request: Request) -> str:
    """Give the name above what the citizen writes; the code where no name is known."""
    name = called(request)
    return name[:1].upper() + name[1:] if request.name else written(request)


def helper(turn: Turn, person: int) -> Text:
    """Give how a helper is called in front of others: "chị Hường"."""
    name = _known(turn, person)
    return as_is(name) if name else _("the helper")


def helper_first(turn: Turn, person: int) -> Text:
    """Give how a helper is called at the beginning of a sentence: "Chị Hường"."""
    name = _known(turn, person)
    return as_is(name[:1].upper() + name[1:]) if name else _("The helper")


def own_voice(turn: Turn) -> str:
    """Give the name above what the person of this turn writes as a helper."""
    return voice_of(turn, turn.person.id)


def voice_of(turn: Turn, person: int) -> str:
    """Give the name above what a helper sends."""
    name = _known(turn, person)
    return name[:1].upper() + name[1:] if name else "Tổ công nghệ số"


def _known(turn: Turn, person: int) -> str:
    known = turn.person if person == turn.person.id else turn.people.get(person)
    return profile.named(known.address, known.name) if known.name else ""


def team(turn: Turn, request: Request) -> Text:
    """Give the name of those who are to help."""
    unit = turn.people.unit(request.team) if request.team else None
    return (
        team_named(unit)
        if unit
        else _("the office of {place}")(place=profile.place_of(turn, request.commune))
    )


def team_named(unit: Unit) -> Text:
    """Give a team as citizens know it."""
    return _("the digital team of {place}")(place=home_of(unit))


def home_of(unit: Unit) -> str:
    """Give where a team helps: its villages, or its name where they are many or all."""
    names = [village.name for village in unit.covers]
    return ", ".join(names) if 0 < len(names) <= NAMED else unit.name


def unit_named(turn: Turn, unit: Unit) -> Text:
    """Give a team or office as citizens know it."""
    if unit.kind == "team":
        return team_named(unit)
    if unit.body:
        return as_is(unit.name)
    return _("the office of {place}")(
        place=profile.place_of(turn, unit.commune) if unit.kind == "office" else unit.name
    )


def side(turn: Turn, request: Request) -> Text:
    """Give of which team or office whoever has a request is: those it is for, or those it was widened to."""
    if request.widened:
        places = {role.place for role in turn.people.roles(request.claimed_by)}
        units = [turn.people.unit(place) for place in request.widened if place in places]
        if units and units[0] is not None and request.team not in places:
            return unit_named(turn, units[0])
    return team(turn, request)


def place(turn: Turn, request: Request) -> str:
    """Give where help is needed."""
    return profile.place_of(turn, request.commune, request.village)


def members(turn: Turn, unit: int) -> list[Person]:
    """Give everybody in a team now."""
    return [*turn.people.holding("lead", unit), *turn.people.holding("member", unit)]


def offices(turn: Turn, commune: str) -> tuple[Unit, ...]:
    """Give the offices of a commune itself: who heads a village is no official of the commune."""
    return tuple(unit for unit in turn.people.units("office", commune) if not unit.village)


def office(turn: Turn, commune: str) -> list[Person]:
    """Give those in the commune's office who see what no team takes."""
    return [
        person
        for unit in offices(turn, commune)
        for kind in OFFICIALS
        for person in turn.people.holding(kind, unit.id)
    ]


def there(turn: Turn, commune: str) -> list[Person]:
    """Give those of the commune's office who are not on leave now; all of them where everybody is."""
    everyone = office(turn, commune)
    away = {one.person for unit in offices(turn, commune) for one in turn.people.absent(unit.id)}
    return [person for person in everyone if person.id not in away] or everyone  # somebody has to see it


def present(turn: Turn, unit: int) -> list[Person]:
    """Give everybody in a team who is not on leave now."""
    away = {absence.person for absence in turn.people.absent(unit)}
    return [person for person in members(turn, unit) if person.id not in away]


def those_of(turn: Turn, unit: Unit) -> list[Person]:
    """Give who takes requests in a team or office and is not on leave now."""
    if unit.kind == "team":
        return present(turn, unit.id)
    away = {absence.person for absence in turn.people.absent(unit.id)}
    found = [person for kind in OFFICIALS for person in turn.people.holding(kind, unit.id)]
    return [person for person in found if person.id not in away]


def helpers(turn: Turn, request: Request) -> list[Person]:
    """Give who may take a request: its team, or the commune's office where nobody of a team is there.

    So may those to whom it was widened.
    """
    everyone = present(turn, request.team) if request.team else []
    everyone = everyone or there(turn, request.commune)
    for place in request.widened:
        unit = turn.people.unit(place)
        everyone += those_of(turn, unit) if unit else []
    return list({person.id: person for person in everyone if person.id != request.citizen}.values())


def standings(turn: Turn, person: int, request: Request) -> set[Standing]:
    """Give how somebody stands to a request now."""
    found: set[Standing] = set()
    if person == request.citizen:
        found.add("citizen")
    if person == request.claimed_by and request.state == "claimed":
        found.add("holder")
    for role in turn.people.roles(person):
        if role.place in request.widened and role.kind in ("member", "lead", *OFFICIALS):
            found.add("wider")
        if role.kind in ("member", "lead"):
            if role.place == request.team:
                found.add(role.kind)
            continue
        unit = turn.people.unit(role.place)
        ours = unit and unit.kind == "office" and unit.commune == request.commune and not unit.village
        if role.kind != "editor" and ours:  # an editor answers for words, not for people
            found.add(role.kind)
    return found or {"nobody"}


def helps(turn: Turn, person: int, request: Request) -> bool:
    """Say whether somebody may take a request now, were it free."""
    return roles.may("claim", standings(turn, person, request))


def look(turn: Turn, request: Request) -> None:
    """Keep in the audit that somebody who works on a request is shown its person; once a day is enough.

    What they have done with it that day stands there already, and says as much.
    """
    if turn.person.id == request.citizen:
        return
    here = (about(request), turn.person.id)
    day = datetime.combine(local_day(turn.now), time(), VIETNAM)
    if all(note[1:] != here for note in turn.notes) and not turn.requests.noted(request, turn.person.id, day):
        turn.note(LOOKED, about(request))


# --- what is said about it ---


def facts(turn: Turn, request: Request, lang: str) -> list[Text]:
    """Give what a request is about, a line each, without the person."""
    told = [_("• Urgent: may be in the hands of a swindler")] if request.danger else []
    topic = turn.shelf.library.topic(request.topic, lang) if request.topic else None
    if topic is not None:
        step = topic.step(request.step)
        title = step.title if step else request.step_title
        if title and request.pressed:
            stopped = _("• {topic}, stopped at “{step}”, chose “{pressed}”")
            told.append(stopped(topic=topic.title, step=title, pressed=_label(turn, request, step)))
        elif title:
            told.append(_("• {topic}, stopped at “{step}”")(topic=topic.title, step=title))
        else:
            told.append(_("• {topic}")(topic=topic.title))
    if request.whom:
        told.append(whom.TOLD[request.whom])
    if request.behalf:
        told.append(_("• For somebody without a smartphone"))
    elif request.way:
        told.append(WANTS[request.way])
    if request.words:
        words = untappable(request.words, turn.shelf.domains)
        told.append(_("• In own words: “{words}”")(words=words))
    if spoken := tongues.mentioned(request.words):
        told.append(_("• Language spoken of: {tongues}")(tongues=speaking.listed(spoken)))
    told += [_("• Sent without words: {kind}")(kind=KINDS[kind]) for kind in dict.fromkeys(request.attached)]
    return told


def _label(turn: Turn, request: Request, step: Step | None) -> str:
    """Give what was chosen in the reader's language, where the guide still has that choice."""
    for shelf in turn.shelf.library.shelves.values() if step else ():
        topic = shelf.get(request.topic)
        there = topic.step(request.step) if topic else None
        for option in there.options if there else ():
            if option.label == request.pressed and step and (own := step.option(option.name)):
                return own.label
    return request.pressed


def yours(turn: Turn, request: Request) -> Text:
    """Tell whoever has just got a request whom it is for, and where a number is known, at which."""
    code, name = written(request), citizen(request)
    if not roles.may("person", standings(turn, request.claimed_by, request)):
        return _("{code} is yours. The person who asked has given no name.")(code=code)
    if request.phone and not called(request):
        return _("{code} is yours. The person who asked has given no name; their number is {phone}.")(
            code=code, phone=request.phone
        )
    if request.phone:
        return _("{code} is yours. It is for {name}, {phone}.")(code=code, name=name, phone=request.phone)
    if called(request):
        return _("{code} is yours. It is for {name}.")(code=code, name=name)
    return _("{code} is yours. The person who asked has given no name.")(code=code)


def notes(turn: Turn, request: Request) -> list[Text]:
    """Give what the team has written down about a request, the newest last; never for the person who asked."""
    return [
        _("• Note, {name}, {at}: “{words}”")(name=helper(turn, note.by), at=note.at, words=note.words)
        for note in request.notes[-NOTES:]
    ]


def send_cards(
    turn: Turn, request: Request, why: Why, head: Text, *more: Text, besides: int = 0, who: int = 0
) -> int:
    """Show a request to all who may take it, keep why these, and give how many they are.

    Where the team has a group chat it stands there, and for the first time only there for those who are in it.
    """
    reached = [person for person in helpers(turn, request) if person.id != besides]
    shown = reached
    group: Group | None = None
    if digests.folds(turn, request):  # those to whom it was widened are told of no digest of that team
        counted = {person.id for person in helpers(turn, msgspec.structs.replace(request, widened=()))}
        shown = [person for person in reached if person.id not in counted]
    elif (found := group_cards.of(turn, request)) and present(turn, request.team):
        group = found
    alone = group is not None and group_cards.enough(turn, request, group, why)
    keep_route(turn, request, why, who, len(reached), group, alone=alone)
    if group is not None:
        team = turn.people.unit(request.team)
        # What is kept as the village may be an address in somebody's own words.
        known = (village_of(team, request.village) or home_of(team)) if team else ""
        group_cards.show(turn, request, group, why, known, [at(choice, request) for choice in (CLAIM, SKIP)])
    if group is not None and alone:
        there = turn.groups.there(group.chat, [person.id for person in reached])
        shown = [person for person in shown if person.id not in there]
    show_card(turn, request, shown, head, *more)
    return len(reached)


def told_of(turn: Turn, request: Request) -> list[Person]:
    """Give who has been shown a free request in their own chat."""
    people = helpers(turn, request)
    if request.ahead:
        return [person for person in people if person.id == request.ahead]
    there = group_cards.alone(turn, request, people)
    return [person for person in people if person.id not in there]


def show_besides(turn: Turn, request: Request, head: Text, lost: Group | None = None) -> None:
    """Show a free request in their own chats to those who were shown it in a group and nowhere else."""
    people = helpers(turn, request)
    there = group_cards.alone(turn, request, people, lost)
    show_card(turn, request, [person for person in people if person.id in there], head)


def show_card(turn: Turn, request: Request, people: Sequence[Person], head: Text, *more: Text) -> None:
    """Show the card of a request to these people."""
    choices = (CLAIM, SKIP, GROUP) if turn.shelf.office.closes else (CLAIM, SKIP)
    able = speaking.able(helpers(turn, request), request.words)
    if able:
        names = ", ".join(voice_of(turn, person.id) for person in able)
        more = (*more, _("• Who of you speaks it: {names}")(names=names))
    for person in people:
        turn.say(
            lines(
                head(code=written(request), place=place(turn, request)),
                *facts(turn, request, person.lang or "vi"),
                *more,
            ),
            [at(choice, request) for choice in choices],
            to=person,
            kind="notice",
            about=about(request),
        )


def keep_route(
    turn: Turn,
    request: Request,
    why: Why,
    who: int,
    shown: int,
    group: Group | None = None,
    *,
    alone: bool = False,
    then: Why | None = None,
) -> None:
    """Keep whom a request is shown and why, with who of the team is not, being on leave."""
    away = [(one.person, one.until) for one in turn.people.absent(request.team)] if request.team else []
    if request.team and why in ("village", "formerly", "commune") and not present(turn, request.team):
        why = "empty"
    turn.requests.keep_route(
        request,
        Routed(
            why,
            request.team,
            who,
            shown=shown,
            away=tuple(away),
            group=group.chat if group else 0,
            alone=alone,
            then=then,
        ),
    )


def tell_citizen(turn: Turn, request: Request, text: Text, *choices: Choice, about: str = "") -> None:
    """Tell the person who asked, unless nobody is left to be told."""
    if request.citizen:
        ways = [at(choice, request) for choice in choices]
        turn.say(text, ways, to=request.citizen, kind="notice", about=about)


def answered(turn: Turn, request: Request) -> None:
    """Let the clock of a request go on once its citizen, for whom it waited, has written."""
    if request.paused is None:
        return
    locked = turn.requests.by_code(request.code)
    if locked is None or locked.paused is None or locked.state != "claimed":
        return
    after = move(turn, locked, "go-on", **watch.resumption(turn, locked))
    watch.watch(turn, after)


def words_of(request: Request) -> str:
    """Say what words passed on are about: not the request, with whose cards they would be taken back."""
    return f"words:{request.id}"


def to_helper(turn: Turn, request: Request, text: Text, media: str = "") -> None:
    """Give words, or a file, to the helper; whose talk is elsewhere hears first whose they are."""
    if request.attended:
        turn.say(
            text,
            to=request.claimed_by,
            voice=voice(request),
            media=media,
            kind="notice",
            about=words_of(request),
        )
        return
    turn.say(
        _("({code}) {words}")(code=written(request), words=text),
        [at(Choice("talk", _("Answer {code}")(code=written(request))), request)],
        to=request.claimed_by,
        voice=voice(request),
        media=media,
        kind="notice",
        about=words_of(request),
    )


def passed_on(turn: Turn, words: str) -> Text:
    """Give a citizen's words to a helper; a doubtful link in them cannot be tapped."""
    return as_is(untappable(words, turn.shelf.domains))


def where(event: Incoming) -> str:
    """Give a shared position as words; nothing where there is none."""
    return f"{event.place.latitude:.5f}, {event.place.longitude:.5f}" if event.place else ""


# What ends an appointment: somebody else goes on, or nobody has to any more.
_PARTS: frozenset[MoveName] = frozenset(
    ("pass-on", "give-back", "release", "free", "reassign", "resolve", "drop", "withdraw", "reopen")
)
_WHY: dict[MoveName, Why] = {
    "pass-on": "passed-on",
    "give-back": "given-back",
    "release": "left",
    "free": "idle",
    "reopen": "reopened",
}


def release(
    turn: Turn,
    request: Request,
    name: MoveName,
    head: Text,
    *more: Text,
    why: Why | None = None,
    **fields: object,
) -> Request:
    """Make a request free again and show it to all who may take it, but not to whom has just let it go."""
    had = request.claimed_by
    before = had if request.state == "claimed" else 0
    # What was told of its being taken is over: others have it before them now.
    told = tuple(one for one in request.told if not one.startswith("take-up:"))
    fields = {"offered": turn.now, "told": told, **watch.resumption(turn, request), **fields}
    taken: dict[str, object] = {
        "claimed_by": 0,
        "claimed": None,
        "attended": False,
        "arranged": None,
        "proposed": "",
    }
    taken |= {"touched": None, "nudged": None}
    request = move(turn, other_words(turn, request), name, **taken, **fields)
    watch.watch(turn, request)
    send_cards(turn, request, why or _WHY[name], head, *more, besides=before, who=had)
    return request


def other_words(turn: Turn, request: Request) -> Request:
    """Give a request that leaves its helper with other words: those who had the old ones are nobody's helper now.

    Of somebody without a smartphone the words stay, since they stand on paper and no message tells of others.
    """
    return turn.requests.new_words(request) if request.claimed_by and not request.behalf else request


def words_now(request: Request) -> Text:
    """Tell the person who asked which words hold from now on."""
    return _("The two words are new: **{words}**. The old ones no longer hold.")(words=request.watchwords)


def off(turn: Turn, request: Request) -> list[Text]:
    """Say that an appointment with the helper who goes is off, where one stood or was proposed."""
    return (
        [_("The time agreed with {helper} is off.")(helper=helper(turn, request.claimed_by))]
        if any(one.at > turn.now for one in (request.meeting, request.offer) if one)
        else []
    )


GONE = _("{Helper} is no longer with the team. {code} is with the others there now; nothing is lost.")
LOST = _("{Helper} cannot be reached here any more. {code} is with the others there now; nothing is lost.")


def gone(turn: Turn, request: Request, told: Text = GONE) -> Request:
    """Take a request from a helper who is no longer in the team or reached, and tell the person who asked."""
    name, ended = helper_first(turn, request.claimed_by), off(turn, request)
    request = release(turn, request, "release", _("Free again: **{code}**, {place}."))
    tell_citizen(
        turn,
        request,
        lines(
            told(Helper=name, code=written(request)),
            *ended,
            words_now(request),
        ),
        MORE,
    )
    return request


def finished(turn: Turn, request: Request) -> Text:
    """Say why nothing can be done about a request now: who has it, or that it is over."""
    values = {"code": written(request)}
    match request.state:
        case "claimed":
            return _("{Helper} has taken {code}.")(Helper=helper_first(turn, request.claimed_by), **values)
        case "closed":
            return _("{code} is closed already; nothing is left to do.")(**values)
        case "withdrawn":
            return _("{code} has been withdrawn; nothing is left to do.")(**values)
        case "held":
            return _("{code} belongs to incident {incident}; nobody has to take it.")(
                incident=f"SC-{request.incident}", **values
            )
    return _("{code} is open; nobody has taken it yet.")(**values)
