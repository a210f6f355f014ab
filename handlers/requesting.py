"""Asking for a person: the form that becomes a request, and where it goes."""

from __future__ import annotations

import msgspec

from handlers import (
    answers,
    arranging,
    cases,
    former,
    forms,
    incidents,
    own_requests,
    profile,
    steps,
    watch,
    whom,
    widening,
)
from handlers.forms import Checked, Form, Question
from handlers.own_requests import FULL, cut, fitted
from handlers.records.incidents import Incident
from handlers.records.requests import WORDS, Request
from handlers.rules import levels, waiting
from handlers.rules.routing import Route, route, team_for, village_of
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold
from knowledge.library import Step, Topic

_TEAM = "unit:"  # before the number of a team that was chosen from a list, not typed


def open_from(turn: Turn, topic: Topic, step: Step, pressed: str) -> None:
    """Ask for a person at a step of a guide; the request knows the step and what was chosen there."""
    known = {"words": turn.talk.kept.get("said", ""), "whom": turn.talk.kept.get("whom", "")}
    begin(turn, topic=topic.id, step=step.id, step_title=step.title, pressed=pressed[:80], **known)


def open_topic(turn: Turn, topic: Topic) -> None:
    """Ask for a person about a topic."""
    begin(turn, topic=topic.id)


def open_free(turn: Turn, words: str) -> None:
    """Ask for a person about anything; "gọi lại cho tôi" of what waits already is added to that."""
    own = [request for request in turn.requests.of(turn.person.id) if request.state in ("open", "claimed")]
    waits = turn.talk.doing != REQUEST.doing and len(own) == 1 and own[0].state == "open"
    if waits and not words and answers.wants_call(turn):
        own_requests.add_words(turn, own[0], turn.text)
        return
    begin(turn, topic=turn.talk.at if turn.talk.doing == "topic" else "", words=fitted(words))


def begin(turn: Turn, **kept: str) -> None:
    """Begin the form, with what is known already; a request about the same step is shown instead."""
    if turn.talk.doing == REQUEST.doing:
        if answers.wants_call(turn):  # said in the middle: it counts as if said at the beginning
            left = {name: value for name, value in turn.talk.kept.items() if name != "way"}
            number = answers.phone(turn.text)
            turn.change(kept={**left, "call": "yes"} | ({"phone": number} if number else {}))
        forms.ask_next(turn, REQUEST)
        return
    where = (kept.get("topic"), kept.get("step", ""))
    for request in turn.requests.of(turn.person.id) if where[0] and "attached" not in kept else ():
        if request.state in ("open", "claimed", "held") and (request.topic, request.step) == where:
            own_requests.show(turn, request, _("This has been passed on already."))
            return
    if answers.wants_call(turn):
        kept |= {"call": "yes", "phone": answers.phone(turn.text)}
    if turn.talk.at == "end" or turn.talk.doing in ("topic", "topics", "unknown"):
        turn.end()
    forms.begin(turn, REQUEST, **{name: value for name, value in kept.items() if value})


def _place(turn: Turn) -> tuple[str, str]:
    """Give the commune and the village that the open form is about."""
    kept, person = turn.talk.kept, turn.person
    commune = kept.get("commune") or person.commune or _served(turn)
    village = kept.get("village") or (person.village if "commune" not in kept else "")
    part = kept.get("part", "")
    if part.startswith(_TEAM):
        part = _chosen(turn, part.removeprefix(_TEAM))
    return commune, village if part in ("", ELSEWHERE.name) else part


def _chosen(turn: Turn, picked: str) -> str:
    """Give the village behind a button such as "12" or "12/34": a team's only one, or that of its number."""
    number, _slash, place = picked.partition("/")
    unit = turn.people.unit(int(number))
    return next((one.name for one in unit.covers if place in ("", str(one.id))), unit.village) if unit else ""


def _served(turn: Turn) -> str:
    """Give the commune in which somebody of a team or office works; nothing for citizens."""
    units = [turn.people.unit(role.place) for role in turn.people.roles(turn.person.id)] if turn.staff else ()
    return next((unit.commune for unit in units if unit and unit.local), "")


def _route(turn: Turn) -> Route:
    commune, village = _place(turn)
    return route(turn.people.units("team", commune), village)


def _parts(turn: Turn) -> list[tuple[str, str]]:
    """Give the commune's villages with a team, where it is not clear which one is meant: button and name."""
    commune, village = _place(turn)
    teams = turn.people.units("team", commune)
    if team_for(teams, village):
        return []
    return [
        (str(team.id) if len(team.covers) == 1 else f"{team.id}/{place.id}", place.name)
        for team in teams
        for place in team.covers
    ]


_MEANT = {
    "yes": "send",
    "send": "send",
    "gui": "send",
    "gui di": "send",
    "edit": "edit",
    "sua": "edit",
    "no": "drop",
}


def _sending(turn: Turn, text: str) -> Checked:
    answer = forms.one_of("send", "edit", "drop", "way", "yes", "no")(turn, text)
    if way := arranging.way_in(text) if answer is None else "":
        turn.change(kept={**turn.talk.kept, "new-way": way})
        return arranging.WAY.name
    return _MEANT.get(answer, answer) if isinstance(answer, str) else _MEANT.get(fold(text))


def _own_words(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == NOTHING.name:
        return " "
    if text and turn.found and turn.found.verdict == "answer":
        turn.change(kept={**turn.talk.kept, "meant": turn.found.hits[0].topic})
    return fitted(text) or None


def _alike(turn: Turn) -> str:
    """Give by what others are alike: the topic, else what the words are found to mean, else the words themselves."""
    kept = turn.talk.kept
    if "known" in kept and kept["known"] == incidents.DIFFERS.name:
        return ""  # it is known to be another matter
    topic = kept.get("topic") or kept.get("meant") or ""
    if levels.kind_of(topic, office=False, service=turn.shelf.service) == "urgent":
        return ""  # nobody in danger is left to wait for the end of an incident
    return topic or (WORDS if kept.get("words", "").strip() else "")


def _incident(turn: Turn) -> Incident | None:
    """Give the incident that the open form is about as well; None where none runs."""
    return incidents.running(turn, _place(turn)[0], _alike(turn), turn.talk.kept.get("words", ""))


def _waits(turn: Turn) -> bool:
    """Say whether somebody waits for the end of an incident, and for no helper."""
    return turn.talk.kept.get("known") == incidents.TELL_ME.name


def _tell_notice(turn: Turn) -> Text:
    incident = _incident(turn)
    told = [incidents.notice(turn, incident, turn.lang)] if incident else []
    return lines(*told, _("Shall Tổ Số write to you when it is over?"))


def _part(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == ELSEWHERE.name:
        return ELSEWHERE.name
    return None if answers.yes(turn) or answers.no(turn) else text[:80] or None


def _draft(turn: Turn) -> Request:
    kept, person = turn.talk.kept, turn.person
    commune, village = _place(turn)
    team = _route(turn).team
    return Request(
        citizen=person.id,
        name=person.name,
        address=person.address,
        phone=kept.get("phone", "").strip() or person.phone,
        commune=commune,
        village=(team and village_of(team, village)) or village,
        topic=kept.get("topic", ""),
        step=kept.get("step", ""),
        step_title=kept.get("step_title", ""),
        pressed=kept.get("pressed", ""),
        words=kept.get("words", "").strip(),
        attached=tuple(kept.get("attached", "").split()),
        team=team.id if team else 0,
        way=arranging.way_of(kept),
        whom=whom.of(turn),
        alike=_alike(turn),
    )


def _confirm(turn: Turn) -> Text:
    draft = _draft(turn)
    unit = widening.beyond(turn, draft)
    if unit:
        head = _("Nobody in {place} can take this on Tổ Số now, so {unit} will see it at once:")(
            place=cases.place(turn, draft), unit=cases.unit_named(turn, unit)
        )
    elif draft.team:
        head = _("Tổ Số will pass this on to {team}:")(team=cases.team(turn, draft))
    elif cases.helpers(turn, draft):
        head = _("There is no digital team in {place} on Tổ Số yet. The office there will see this:")(
            place=cases.place(turn, draft)
        )
    else:
        head = _("Nobody in {place} is on Tổ Số yet. This stays open until somebody is:")(
            place=cases.place(turn, draft)
        )
    told = [head, *cases.facts(turn, draft, turn.lang)]
    if not draft.team:
        told += _hotline(turn)
    told += [FULL] if cut(draft.words) else []
    ask_them = [_("Ask them first whether they agree.")] if draft.whom else []
    return lines(*told, *ask_them, arranging.how(turn, draft))


def _hotline(turn: Turn) -> list[Text]:
    hotline = turn.shelf.office.hotline
    return [_("In a hurry, call {hotline}.")(hotline=hotline)] if hotline else []


def _declined(turn: Turn) -> bool:
    return turn.talk.kept.get("consent") == "no" and turn.person.consent != profile.CONSENT


def _answered(turn: Turn) -> None:
    kept = turn.talk.kept
    if _declined(turn) or kept.get("confirm") == "drop":
        turn.end()
        own_requests.back(turn, _("All right, nothing was sent or kept."))
    elif _waits(turn):
        _join(turn)
    elif arranging.chosen(turn):
        forms.ask_next(turn, REQUEST)
    elif kept.get("confirm") == "edit":
        changed = (
            {"words", "attached", "things"}
            if kept["change"] == "edit-words"
            else {"commune", "village", "part"}
        )
        anew = {*changed, "confirm", "change", "known", "meant"}
        kept = {name: value for name, value in kept.items() if name not in anew}
        turn.change(kept=kept if "words" in changed else {**kept, "elsewhere": "yes"})
        forms.ask_next(turn, REQUEST)
    else:
        _send(turn)


def _send(turn: Turn) -> None:
    profile.agreed(turn)
    why = _route(turn).why
    request = turn.requests.open(_draft(turn))
    if not turn.person.commune and not request.whom:
        turn.know(commune=request.commune, village=request.village)
    for thing in turn.talk.kept.get("things", "").split():
        turn.media.want(thing, cases.about(request))
    turn.note("opened", cases.about(request))
    watch.watch(turn, request)
    incidents.opened(turn, request)
    first = former.who(turn, request)
    if first:
        reached = former.show(turn, request, first, why)
    else:
        reached = cases.send_cards(turn, request, why, _("New: **{code}**, {place}."))
    unit = None if reached else widening.beyond(turn, request)
    if reached:
        request = cases.move(turn, request, "offer", ahead=first)
    elif unit:
        request = widening.at_once(turn, request, unit, _("New: **{code}**, {place}."))
    turn.end()
    told = [
        _sent(turn, request),
        _(
            "The two words for it: **{words}**. Whoever calls or comes as the digital team must say them. "
            "If they cannot, do not go on."
        )(words=request.watchwords),
    ]
    if unit:
        told.append(
            _("{unit} has it before them now, since nobody there can take it.")(
                unit=cases.unit_named(turn, unit)
            )
        )
    elif not reached:
        told.append(_("Nobody there is reached through Tổ Số yet, so this may take a while."))
        told += _hotline(turn)
    turn.say(lines(*told), kind="receipt")
    steps.again(turn, _("Meanwhile, this is where we were:"))


def _join(turn: Turn) -> None:
    """Keep a request until the end of its incident; where that has come meanwhile, it is asked whether to send it."""
    draft, incident = _draft(turn), _incident(turn)
    request = incidents.join(turn, draft, incident) if incident else None
    if request is None:
        turn.change(kept={name: value for name, value in turn.talk.kept.items() if name != "known"})
        forms.ask_next(turn, REQUEST, _("It is over by now. If it still does not work, send it:"))
        return
    profile.agreed(turn)
    if not turn.person.commune and not request.whom:
        turn.know(commune=request.commune, village=request.village)
    for thing in turn.talk.kept.get("things", "").split():
        turn.media.want(thing, cases.about(request))
    turn.end()
    turn.say(
        _("Noted as **{code}**. Once it is over you are told, and asked whether it works.")(
            code=cases.written(request)
        ),
        kind="receipt",
    )
    steps.again(turn, _("Meanwhile, this is where we were:"))


def _sent(turn: Turn, request: Request) -> Text:
    """Say that it was sent, who waits before it, and how long that usually takes where enough is known."""
    ahead, values = turn.requests.ahead(request), {"code": cases.written(request)}
    usual = waiting.usual(turn.requests.waits(request))
    if usual is None:
        if ahead:
            return _("Sent as **{code}**. People waiting before you: {n}.")(n=ahead, **values)
        return _("Sent as **{code}**. Nobody is waiting before you.")(**values)
    n, unit = waiting.rounded(usual)
    span = SPANS[unit](n=n)
    if ahead:
        return _("Sent as **{code}**. People waiting before you: {n}; it usually takes about {span}.")(
            n=ahead, span=span, **values
        )
    return _("Sent as **{code}**. Nobody is waiting before you; it usually takes about {span}.")(
        span=span, **values
    )


SPANS = {"minutes": _("{n} min"), "hours": _("{n} h"), "days": _("{n} days")}

SEND, EDIT, DROP = (
    Choice("send", _("Yes, send it")),
    Choice("edit", _("Change something")),
    Choice("drop", _("No, do not send")),
)
NOTHING = Choice("nothing", _("Nothing to add"))
ELSEWHERE = Choice("elsewhere", _("Somewhere else"))

REQUEST = Form(
    "request",
    (
        Question(
            "words",
            ask=lambda turn: _("In a few words: what is stuck, or what happened?"),
            check=_own_words,
            otherwise=_("Please type a few words about it."),
            choices=lambda turn: (NOTHING,) if turn.talk.kept.get("topic") else (),
            needed=lambda turn: not turn.talk.kept.get("attached"),
        ),
        whom.QUESTION,
        msgspec.structs.replace(
            whom.PLACE,
            needed=lambda turn: (
                "elsewhere" in turn.talk.kept
                or whom.of(turn) != ""
                or not (turn.person.commune or _served(turn))
            ),
        ),
        Question(
            "known",
            ask=_tell_notice,
            check=forms.one_of(incidents.TELL_ME.name, incidents.DIFFERS.name),
            otherwise=_("Please choose one of the two."),
            choices=lambda turn: (incidents.TELL_ME, incidents.DIFFERS),
            about=lambda turn: incidents.about(found) if (found := _incident(turn)) else "",
            needed=lambda turn: _incident(turn) is not None,
        ),
        Question(
            "part",
            ask=lambda turn: _("Which residential group or village there?"),
            check=_part,
            otherwise=_("Please type its name, such as “tổ 7” or “thôn Đoài”."),
            choices=lambda turn: [
                *(Choice(f"pick={_TEAM}{number}", as_is(name[:LABEL])) for number, name in _parts(turn)[:3]),
                ELSEWHERE,
            ],
            needed=lambda turn: bool(_parts(turn)),
        ),
        msgspec.structs.replace(
            arranging.NUMBER,
            needed=lambda turn: (
                arranging.way_of(turn.talk.kept) == "call" and not turn.person.phone and not _waits(turn)
            ),
        ),
        profile.CONSENT_QUESTION,
        Question(
            "confirm",
            ask=_confirm,
            check=_sending,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (SEND, EDIT, DROP, arranging.WAY),
            needed=lambda turn: not (_declined(turn) or _waits(turn)),
        ),
        arranging.WAY_QUESTION,
        Question(
            "change",
            ask=lambda turn: _("What shall be changed?"),
            check=forms.one_of("edit-words", "edit-place"),
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (
                Choice("edit-words", _("My words")),
                Choice("edit-place", _("The place")),
            ),
            needed=lambda turn: turn.talk.kept.get("confirm") == "edit",
        ),
    ),
    _answered,
)
