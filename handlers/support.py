"""The citizen's side of a request: asking for a person, adding to it, taking it back, saying how it went."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import msgspec

from handlers import answers, arranging, cases, forms, profile, steps, things, watch, whom
from handlers.forms import Checked, Form, Question
from handlers.records.people import Unit
from handlers.records.requests import Rating, Request
from handlers.rules import guard, roles
from handlers.rules.roles import Standing
from handlers.rules.routing import team_for, village_of
from handlers.talk import Incoming
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.library import Step, Topic

DOING = "requests"
AGAIN = timedelta(days=7)  # how long a finished request may be opened again
LONGEST = 1000  # letters of a citizen's own words on a card
SHOWN = 4  # requests in one list
_TEAM = "unit:"  # before the number of a team that was chosen from a list, not typed

# --- opening one ---


def open_from(turn: Turn, topic: Topic, step: Step, pressed: str) -> None:
    """Ask for a person at a step of a guide; the request knows the step and what was chosen there."""
    _open(turn, topic=topic.id, step=step.id, step_title=step.title, pressed=pressed[:80])


def open_topic(turn: Turn, topic: Topic) -> None:
    """Ask for a person about a topic."""
    _open(turn, topic=topic.id)


def open_free(turn: Turn, words: str) -> None:
    """Ask for a person about anything."""
    _open(turn, topic=turn.talk.at if turn.talk.doing == "topic" else "", words=words[:LONGEST])


def _open(turn: Turn, **kept: str) -> None:
    if turn.talk.doing == REQUEST.doing:
        forms.ask_next(turn, REQUEST)
        return
    where = (kept.get("topic"), kept.get("step", ""))
    for request in turn.requests.of(turn.person.id) if where[0] and "attached" not in kept else ():
        if request.state in ("open", "claimed") and (request.topic, request.step) == where:
            _show(turn, request, _("This has been passed on already."))
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
    return next((unit.commune for unit in units if unit and unit.kind != "province"), "")


def _routed(turn: Turn) -> Unit | None:
    commune, village = _place(turn)
    return team_for(turn.people.units("team", commune), village)


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
    return _MEANT.get(answer, answer) if isinstance(answer, str) else _MEANT.get(fold(text))


def _own_words(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == NOTHING.name:
        return " "
    return text[:LONGEST] or None


def _number(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == NO_CALL.name:
        return " "
    return answers.phone(text) or None


def _part(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == ELSEWHERE.name:
        return ELSEWHERE.name
    return None if answers.yes(turn) or answers.no(turn) else text[:80] or None


def _draft(turn: Turn) -> Request:
    kept, person = turn.talk.kept, turn.person
    commune, village = _place(turn)
    team = _routed(turn)
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
    )


def _confirm(turn: Turn) -> Text:
    draft = _draft(turn)
    if draft.team:
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
    return lines(*told, arranging.how(turn, draft))


def _hotline(turn: Turn) -> list[Text]:
    hotline = turn.shelf.office.hotline
    return [_("In a hurry, call {hotline}.")(hotline=hotline)] if hotline else []


def _declined(turn: Turn) -> bool:
    return turn.talk.kept.get("consent") == "no" and turn.person.consent != profile.CONSENT


def _answered(turn: Turn) -> None:
    kept = turn.talk.kept
    if _declined(turn) or kept.get("confirm") == "drop":
        turn.end()
        _back(turn, _("All right, nothing was sent or kept."))
    elif arranging.chosen(turn):
        forms.ask_next(turn, REQUEST)
    elif kept.get("confirm") == "edit":
        changed = (
            {"words", "attached", "things"}
            if kept["change"] == "edit-words"
            else {"commune", "village", "part"}
        )
        kept = {name: value for name, value in kept.items() if name not in {*changed, "confirm", "change"}}
        turn.change(kept=kept if "words" in changed else {**kept, "elsewhere": "yes"})
        forms.ask_next(turn, REQUEST)
    else:
        _send(turn)


def _send(turn: Turn) -> None:
    profile.agreed(turn)
    request = turn.requests.open(_draft(turn))
    if not turn.person.commune and not request.whom:
        turn.know(commune=request.commune, village=request.village)
    for thing in turn.talk.kept.get("things", "").split():
        turn.media.want(thing, cases.about(request))
    turn.note("opened", cases.about(request))
    watch.watch(turn, request)
    reached = cases.send_cards(turn, request, _("New: **{code}**, {place}."))
    turn.end()
    told = [
        _sent(turn, request),
        _(
            "The two words for it: **{words}**. Whoever calls or comes as the digital team must say them. "
            "If they cannot, do not go on."
        )(words=request.watchwords),
    ]
    if not reached:
        told.append(_("Nobody there is reached through Tổ Số yet, so this may take a while."))
        told += _hotline(turn)
    turn.say(lines(*told), kind="receipt")
    steps.again(turn, _("Meanwhile, this is where we were:"))


def _sent(turn: Turn, request: Request) -> Text:
    ahead = turn.requests.ahead(request)
    if ahead:
        return _("Sent as **{code}**. People waiting before you: {n}.")(code=cases.written(request), n=ahead)
    return _("Sent as **{code}**. Nobody is waiting before you.")(code=cases.written(request))


SEND, EDIT, DROP = (
    Choice("send", _("Yes, send it")),
    Choice("edit", _("Change something")),
    Choice("drop", _("No, do not send")),
)
NOTHING = Choice("nothing", _("Nothing to add"))
ELSEWHERE = Choice("elsewhere", _("Somewhere else"))

NO_CALL = Choice("no-call", _("A message will do"))

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
            "part",
            ask=lambda turn: _("Which residential group or village there?"),
            check=_part,
            otherwise=_("Please type its name, such as “tổ 7” or “thôn Đoài”."),
            choices=lambda turn: [
                *(Choice(f"pick={_TEAM}{number}", as_is(name[:25])) for number, name in _parts(turn)[:3]),
                ELSEWHERE,
            ],
            needed=lambda turn: bool(_parts(turn)),
        ),
        Question(
            "phone",
            ask=lambda turn: _("Which number is to be called? Only the helper who takes it on sees it."),
            check=_number,
            otherwise=_("Please type a number such as 0912 345 678, or choose:"),
            choices=lambda turn: (NO_CALL,),
            needed=lambda turn: arranging.way_of(turn.talk.kept) == "call" and not turn.person.phone,
            asks="phone",
        ),
        profile.CONSENT_QUESTION,
        Question(
            "confirm",
            ask=_confirm,
            check=_sending,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (SEND, EDIT, DROP, arranging.WAY),
            needed=lambda turn: not _declined(turn),
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

# --- what came without words ---

TYPE, PASS = Choice("type", _("I type it")), Choice("tell-team", _("Tell the team"))
NOT_PAPERS = _("Pictures of identity papers are not passed on.")


def attached(turn: Turn) -> None:
    """Offer to make a request of what came without words; nobody here can listen or look."""
    event = turn.event
    assert isinstance(event, Incoming)
    if event.contact is not None:
        _phone(turn, event.contact.phone)
        return
    kind = event.attachment.kind if event.attachment else "place"
    thing = things.noted(turn)
    if event.attachment and not thing:
        if turn.talk.doing == REQUEST.doing:
            forms.ask_next(turn, REQUEST)
        else:
            steps.again(turn)
        return
    if (turn.talk.doing, turn.talk.at) == (DOING, "words") and _thing_added(turn, kind, thing):
        return
    kept = turn.talk.kept
    if turn.talk.doing == REQUEST.doing:
        turn.change(
            kept={
                **kept,
                "attached": f"{kept.get('attached', '')} {kind}".strip(),
                "things": f"{kept.get('things', '')} {thing}".strip(),
            }
        )
        forms.ask_next(turn, REQUEST, _("Tổ Số notes that you sent {kind}.")(kind=cases.KINDS[kind]))
        return
    turn.hold(DOING, "attached", kind=kind, thing=thing, words=turn.text[:LONGEST])
    turn.change(context="requests.attached")
    asked = _(
        "Tổ Số cannot listen or look: this was {kind}. Type a few words, or shall it be passed on to the team?"
    )(kind=cases.KINDS[kind])
    turn.say(lines(asked, NOT_PAPERS) if kind == "photo" else asked, (TYPE, PASS))


def _thing_added(turn: Turn, kind: str, thing: str) -> bool:
    """Add what was sent to a request that is under way; False where that one is over."""
    request = _own(turn, turn.talk.kept.get("code", ""))
    if request is None or request.state not in ("open", "claimed"):
        return False
    turn.end()
    attached = (*request.attached, kind)
    words = "; ".join(part for part in (request.words, turn.text) if part)[:LONGEST]
    request = cases.change(turn, request, "words added", attached=attached, words=words)
    if thing:
        turn.media.want(thing, cases.about(request))
    if request.state == "claimed" and turn.text:
        cases.to_helper(turn, request, cases.passed_on(turn, turn.text))
    _back(turn, _("Added to {code}.")(code=cases.written(request)))
    return True


def _phone(turn: Turn, phone: str) -> None:
    """Put a shared number on the requests that are under way; only who claims one sees it."""
    if turn.talk.doing == REQUEST.doing:
        turn.change(kept={**turn.talk.kept, "phone": phone})
        forms.ask_next(turn, REQUEST, _("Noted; only the helper who takes it on sees the number."))
        return
    under_way = [entry for entry in turn.requests.of(turn.person.id) if entry.state in ("open", "claimed")]
    for entry in under_way:
        request = turn.requests.by_code(entry.code)
        if request is not None:
            request = cases.change(turn, request, "phone given", phone=phone)
            if request.claimed_by:
                told = _("{name}, {code}: reached at {phone}.")
                turn.say(
                    told(name=cases.citizen(request), code=cases.written(request), phone=phone),
                    to=request.claimed_by,
                    kind="notice",
                )
    if under_way:
        turn.say(_("Noted; only the helper who takes it on sees the number."))
    else:
        turn.say(_("A number is only passed on with a request. Type “a person” to make one."))


def _attached(turn: Turn) -> bool:
    pressed = answers.pressed(turn)
    sent = turn.talk.kept
    turn.end()
    if not pressed or pressed[0] not in (TYPE.name, PASS.name):
        return False
    standing = steps.current(turn)
    step = standing.step(turn.talk.at) if standing else None
    kept = {"words": sent["words"]} if sent.get("words") else {}
    if pressed[0] == PASS.name:
        kept |= {"attached": sent.get("kind", "file"), "things": sent.get("thing", "")}
    if standing and step:
        kept |= {"topic": standing.id, "step": step.id, "step_title": step.title}
    _open(turn, **kept)
    return True


# --- one's own requests ---

WITHDRAW, REOPEN = Choice("withdraw", _("Withdraw it")), Choice("reopen", _("Open it again"))

STATES: dict[str, Text] = {
    "open": _("waiting"),
    "claimed": _("{helper} is on it"),
    "closed": _("closed"),
    "withdrawn": _("withdrawn"),
}


def mine(turn: Turn) -> None:
    """List a person's requests and how far they are."""
    requests = turn.requests.of(turn.person.id)
    if not requests:
        turn.say(_("There are no requests yet. Type “a person” whenever something is stuck."))
        return
    if len(requests) == 1:
        _show(turn, requests[0])
        return
    told = [
        _("• {code}, {topic}: {state}")(
            code=cases.written(request), topic=_title(turn, request), state=_state(turn, request)
        )
        for request in requests[:SHOWN]
    ]
    turn.say(
        lines(_("Your requests, the newest first:"), *told),
        [Choice("see", as_is(cases.written(request)), request.code) for request in requests[:SHOWN]],
    )


def _title(turn: Turn, request: Request) -> str:
    topic = turn.topic(request.topic) if request.topic else None
    if topic is not None:
        return topic.title
    return request.words if len(request.words) <= 40 else request.words[:39].rstrip() + "…"


def _state(turn: Turn, request: Request) -> Text:
    state = STATES[request.state]
    if request.state == "open" and (ahead := turn.requests.ahead(request)):
        return _("waiting, {n} before it")(n=ahead)
    if request.state == "claimed":
        return state(helper=cases.helper(turn, request.claimed_by))
    return state


def _show(turn: Turn, request: Request, before: Text | None = None) -> None:
    told = [before] if before is not None else []
    told.append(
        _("**{code}**, {topic}: {state}.")(
            code=cases.written(request), topic=_title(turn, request), state=_state(turn, request)
        )
    )
    choices: tuple[Choice, ...] = ()
    if request.state in ("open", "claimed"):
        told.append(_("The two words: **{words}**.")(words=request.watchwords))
        choices = (cases.MORE, WITHDRAW)
    elif _fresh(turn, request):
        choices = (REOPEN,)
    turn.say(lines(*told), [cases.at(choice, request) for choice in choices])


def _fresh(turn: Turn, request: Request) -> bool:
    return request.closed is not None and turn.now - request.closed <= AGAIN


def _own(turn: Turn, code: str) -> Request | None:
    request = cases.find(turn, code)
    if request is None:
        return None
    standing: Standing = "citizen" if request.citizen == turn.person.id else "nobody"
    return request if roles.may("own", (standing,)) else None


def see(turn: Turn, code: str) -> bool:
    """Show one request of one's own; False when it is not."""
    request = _own(turn, code)
    if request is None:
        return False
    _show(turn, request)
    return True


def withdraw(turn: Turn, code: str) -> bool:
    """Take a request back; whoever has it, or might take it, is told."""
    request = _own(turn, code)
    if request is None:
        return False
    if request.state not in ("open", "claimed"):
        turn.say(cases.finished(turn, request))
        return True
    turn.withdraw(cases.about(request))
    turn.media.drop(cases.about(request))
    told = (
        [turn.people.get(request.claimed_by)] if request.state == "claimed" else cases.helpers(turn, request)
    )
    request = cases.change(turn, request, "withdrawn", state="withdrawn", closed=turn.now, attended=False)
    for person in told:
        turn.say(
            _("{code} has been withdrawn; nothing is left to do.")(code=cases.written(request)),
            to=person,
            kind="notice",
        )
    turn.say(
        _("{code} is withdrawn. If you change your mind, type “reopen {short}” within 7 days.")(
            code=cases.written(request), short=request.code
        )
    )
    return True


def reopen(turn: Turn, code: str) -> bool:
    """Open a finished request again, for the same team, within seven days."""
    request = _own(turn, code)
    if request is None:
        return False
    if request.state in ("open", "claimed"):
        _show(turn, request)
        return True
    if not _fresh(turn, request):
        turn.say(
            _("{code} has been finished for more than 7 days. Type “a person” to ask anew.")(
                code=cases.written(request)
            )
        )
        return True
    remark = [_("• Noted last time: “{remark}”")(remark=request.remark)] if request.remark else []
    request = cases.release(
        turn,
        request,
        "reopened",
        _("Open again: **{code}**, {place}."),
        *remark,
        closed=None,
        outcome="",
        begun=turn.now,
        told=(),
    )
    _rated_now(turn)
    turn.say(
        _("{code} is open again and the team has been told. The two words stay: **{words}**.")(
            code=cases.written(request), words=request.watchwords
        )
    )
    return True


def add(turn: Turn, code: str) -> bool:
    """Ask for more words about a request that is under way."""
    request = _own(turn, code)
    if request is None:
        return False
    if request.state not in ("open", "claimed"):
        _show(turn, request)
        return True
    turn.hold(DOING, "words", code=request.code)
    turn.change(context="requests.words")
    turn.say(_("What shall be added to {code}?")(code=cases.written(request)))
    return True


def _added(turn: Turn) -> bool:
    code = turn.talk.kept.get("code", "")
    if not turn.text:
        return False
    turn.end()
    request = _own(turn, code)
    if request is None or request.state not in ("open", "claimed"):
        _back(turn, cases.finished(turn, request) if request else _("That request is no longer there."))
        return True
    if request.state == "claimed":
        cases.to_helper(turn, request, cases.passed_on(turn, turn.text))
        cases.answered(turn, request)
    else:
        words = "; ".join(part for part in (request.words, turn.text) if part)[:LONGEST]
        request = cases.change(turn, request, "words added", words=words)
        for person in cases.helpers(turn, request):
            turn.say(
                _("Added to {code}: “{words}”")(code=cases.written(request), words=turn.text[:LONGEST]),
                [cases.at(cases.CLAIM, request)],
                to=person,
                kind="notice",
                about=cases.about(request),
            )
    _back(turn, _("Added to {code}.")(code=cases.written(request)))
    return True


def _back(turn: Turn, text: Text) -> None:
    """Say something, and offer again the step that waited."""
    if steps.current(turn) and turn.talk.at != "end":
        turn.say(text)
        steps.again(turn, _("Back to where we were:"))
    else:
        turn.say(text)


# --- how it went ---

WORKS, NOT_YET = Choice("works", _("Yes, it works now")), Choice("not-yet", _("Not yet"))
RATINGS: dict[Rating, Text] = {"good": _("Good"), "fair": _("All right"), "poor": _("Not good")}


def works(turn: Turn, code: str) -> bool:
    """Hear that it works, and ask how the help was."""
    request = _own(turn, code)
    if request is None:
        return False
    if request.state != "closed" or request.rating:
        _show(turn, request)
        return True
    turn.note("works", cases.about(request))
    _rated_now(turn)
    turn.hold(DOING, "rating", code=request.code)
    turn.change(context=request.code)
    turn.say(
        _("Good to hear. {Helper} helped: how was it?")(Helper=cases.helper_first(turn, request.claimed_by)),
        [Choice(name, label) for name, label in RATINGS.items()],
    )
    return True


def _asked_to_rate(turn: Turn) -> bool:
    return (turn.talk.doing, turn.talk.at) == (DOING, "rating")


def _rated_now(turn: Turn) -> None:
    """Close the question of how the help was, where it is open."""
    if _asked_to_rate(turn):
        turn.end()


def not_yet(turn: Turn, code: str) -> bool:
    """Hear that it does not work yet: the request is open again."""
    request = _own(turn, code)
    if request is None:
        return False
    if request.state == "closed":
        return reopen(turn, code)
    _show(turn, request)
    return True


def _beside(turn: Turn) -> tuple[str, str]:
    """Part "1 cảm ơn chị Hường" into what it chooses and the words that are for the helper."""
    sign, words = answers.parts(turn.text)
    if sign:
        return sign, words
    thanked = _THANKS.search(turn.text)
    return (
        (turn.text[: thanked.start()], turn.text[thanked.start() :].strip()) if thanked else (turn.text, "")
    )


def _rate(rating: Rating) -> Callable[[Turn, str], bool]:
    def rate(turn: Turn, code: str) -> bool:
        request = _own(turn, code)
        if request is None:
            return False
        _rated_now(turn)
        if request.rating or request.state != "closed":
            _back(turn, _("{code} is rated already. Thank you.")(code=cases.written(request)))
            return True
        request = cases.change(turn, request, f"rated {rating}", rating=rating)
        told = _("{name} says that {code} is done, and marked the help: {mark}.")(
            name=cases.citizen(request), code=cases.written(request), mark=RATINGS[rating]
        )
        words = _beside(turn)[1][:LONGEST]
        turn.say(
            lines(told, as_is(f"“{words}”")) if words else told,
            to=request.claimed_by,
            kind="notice",
        )
        _back(
            turn,
            _("Thank you, it is passed on. {code} is closed; type “reopen {short}” within 7 days if needed.")(
                code=cases.written(request), short=request.code
            ),
        )
        return True

    return rate


# --- talking with whoever has taken it ---

# Where the person stands there, typed words are an answer to something else.
_ASKED_ELSEWHERE = ("form", "help", "report", "own-data", "channels", "reach", DOING)


def relay(turn: Turn) -> bool:
    """Pass on what a helped person says to the helper; False when it is meant for somebody else."""
    if turn.talk.doing.partition(" ")[0] in _ASKED_ELSEWHERE or _TYPED.fullmatch(fold(turn.text)):
        return False
    helped = turn.requests.helping(turn.person.id)
    if not helped:
        return False
    event = turn.event
    assert isinstance(event, Incoming)
    if event.attachment and event.attachment.kind not in cases.KINDS:
        return False
    words = turn.text or (event.contact.phone if event.contact else cases.where(event))
    thing = things.noted(turn)
    if not (words or thing):
        return True
    if len(helped) == 1:
        _pass_on(turn, helped[0], words, thing)
        return True
    since = max(request.claimed for request in helped if request.claimed)
    chosen = [request for request in helped if request.chosen and request.chosen >= since]
    if chosen:
        request = max(chosen, key=lambda request: (request.chosen, request.id))
        _pass_on(turn, request, words, thing)
        _says_to(turn, request)
        return True
    turn.hold(DOING, "whom", words=words, thing=thing)
    turn.change(context="requests.whom")
    turn.say(
        _("Who is this for?"),
        [
            Choice("tell", cases.helper_first(turn, request.claimed_by), request.code)
            for request in helped[:4]
        ],
    )
    return True


def asked(turn: Turn) -> guard.Awaited:
    """Say what the helpers of this person asked for last; a secret where any of them did."""
    wanted = {request.asked for request in turn.requests.helping(turn.person.id)}
    return "secret" if "secret" in wanted else "number" if "number" in wanted else "words"


def tell(turn: Turn, code: str) -> bool:
    """Hear for which helper words are meant, and pass on those that waited for it."""
    request = _own(turn, code)
    if request is None or request.state != "claimed":
        return see(turn, code)
    request = cases.change(turn, request, "chosen", chosen=turn.now)
    if turn.talk.doing == DOING and turn.talk.at == "whom":
        words, thing = turn.talk.kept.get("words", ""), turn.talk.kept.get("thing", "")
        turn.end()
        _pass_on(turn, request, words, thing)
    _says_to(turn, request)
    return True


def _says_to(turn: Turn, request: Request) -> None:
    turn.say(_("→ {name}, {code}")(name=cases.helper(turn, request.claimed_by), code=cases.written(request)))


def _pass_on(turn: Turn, request: Request, words: str, thing: str) -> None:
    if not cases.helps(turn, request.claimed_by, request):
        locked = turn.requests.by_code(request.code)
        if locked is not None and locked.state == "claimed":
            more = "; ".join(part for part in (locked.words, words) if part)[:LONGEST]
            cases.gone(turn, msgspec.structs.replace(locked, words=more))
            if thing:
                turn.media.want(thing, cases.about(locked))
        return
    if words:
        cases.to_helper(turn, request, cases.passed_on(turn, words))
    if thing:
        things.on_its_way(turn, request, thing)
    cases.answered(turn, request)


# --- typed ---

_VERBS: dict[str, Callable[[Turn, str], bool]] = {
    "mo lai": reopen,
    "mo": reopen,
    "reopen": reopen,
    "open again": reopen,
    "rut": withdraw,
    "rut lai": withdraw,
    "huy": withdraw,
    "withdraw": withdraw,
    "cancel": withdraw,
    "them": add,
    "bo sung": add,
    "add": add,
    "add to": add,
    "nhan": tell,
    "tell": tell,
    "write": tell,
    "duoc roi": works,
    "works": works,
    "chua duoc": not_yet,
    "not yet": not_yet,
    "xem": see,
    "yeu cau": see,
    "see": see,
    "claim": see,
    "take": see,
    "": see,
}
_THANKS = re.compile(r"(?<=\w)[\s,.;!]+(?:cảm ơn|cám ơn|cam on|thanks|thank you)\b.*", re.I | re.S)
_TYPED = re.compile(rf"({'|'.join(sorted(_VERBS, key=len, reverse=True))}) ?{cases.CODE}(?: nhe| a| di)?")
_YES = {"1", "duoc roi", "duoc", "roi", "da duoc", "da duoc roi", "on roi", "xong roi", "duoc roi a", "ok roi",
        "co", "yes", "it works", "works", "yes it works", "works now"}  # fmt: skip
_NO = {
    "2",
    "chua",
    "chua duoc",
    "van chua duoc",
    "chua duoc a",
    "khong duoc",
    "van khong duoc",
    "no",
    "not yet",
}


def typed_card(turn: Turn) -> bool:
    """Do what a line such as "mở lại 4K7" says, or a bare answer to "does it work now?"."""
    typed = fold(turn.text)
    plain = "" if _asked_to_rate(turn) else fold(_beside(turn)[0])
    if plain in _YES or plain in _NO:
        closed = turn.requests.just_closed(turn.person.id)
        if closed is not None and not closed.rating and closed.outcome != "unneeded":
            return works(turn, closed.code) if plain in _YES else not_yet(turn, closed.code)
        return False
    found = _TYPED.fullmatch(typed)
    if found is None:
        return False
    if _VERBS[found[1].strip()](turn, found[2]):
        return True
    if not found[1]:
        return False
    turn.say(_("Tổ Số knows no request {code} of yours.")(code=f"YC-{found[2].upper()}"))
    return True


def take(turn: Turn) -> bool:
    """Take an answer to a question about requests; False when the person said something else."""
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS and pressed[1] and CARDS[pressed[0]](turn, pressed[1]):
        return True
    match turn.talk.at:
        case "attached":
            return _attached(turn)
        case "rating" if rating := _rating(turn):
            return CARDS[rating](turn, turn.talk.context)
        case "words" if _added(turn):
            return True
    turn.end()
    return False


def _rating(turn: Turn) -> str:
    """Give the mark that words behind or before a thank-you mean; nothing where they mean none."""
    said = _beside(turn)[0]
    offered = [(button.data, button.label) for button in turn.talk.offered]
    meant = answers.chosen(offered, said) or next(
        (data for data, label in offered if f"{fold(said)} ".startswith(f"{fold(label)} ")), ""
    )  # "tốt lắm"
    return meant.partition("@")[0]


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "see": see,
    "withdraw": withdraw,
    "words": add,
    "reopen": reopen,
    "works": works,
    "not-yet": not_yet,
    "tell": tell,
    **{name: _rate(name) for name in RATINGS},
}
FORMS = (REQUEST,)
DUE: dict[str, Callable[[Turn], None]] = {}
