"""The team member's side of a request: taking it, talking through the bot, passing it on, closing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps

import msgspec

from handlers import (
    answers,
    appointments,
    arranging,
    behalf,
    canned,
    cases,
    dangers,
    digests,
    feedback,
    for_us,
    former,
    forms,
    group_cards,
    late,
    leading,
    own_requests,
    profile,
    steps,
    things,
    to_whom,
    untouched,
    watch,
    why,
    widening,
)
from handlers.forms import Checked, Form, Question
from handlers.own_requests import NOT_YET, WORKS
from handlers.records.requests import Outcome, Request
from handlers.rules import guard, roles
from handlers.talk import Due, Incoming
from handlers.text import Text, _, as_is, lines
from handlers.turn import TAPS, Choice, Turn
from knowledge.folding import fold
from knowledge.library import Step, Topic

DOING = "help"
SHOWN = 4  # requests in one list
SCREEN = 500  # letters of a guide that are told at once
LONGEST = 500  # letters of a remark

FINISH, PASS_ON, HOW, TALK, BACK = (
    Choice("finish", _("Done")),
    Choice("pass-on", _("Pass it on")),
    Choice("how-to", _("How it is done")),
    Choice("talk", _("Write again")),
    cases.GIVE_BACK,
)

# --- taking one ---


def claim(turn: Turn, code: str) -> bool:
    """Give a request to whoever is first; tell the citizen and the others who that is."""
    request = cases.find(turn, code)
    if request is None:
        return False
    me = turn.person.id
    if request.claimed_by == me and request.state == "claimed":
        return talk(turn, code)
    if request.citizen == me:
        turn.say(_("This is your own request; somebody else has to take it."))
        return True
    if request.state != "open":
        turn.say(cases.finished(turn, request))
        return True
    if not cases.helps(turn, me, request):
        turn.say(_not_theirs(turn, request))
        return True
    turn.withdraw(cases.about(request))
    group, told = group_cards.standing(turn, request), cases.told_of(turn, request)
    unseen = group is not None and all(other.id != me for other in told)
    _set_others_aside(turn, request)
    request = cases.move(
        turn,
        request,
        "claim",
        attended=True,
        claimed_by=me,
        claimed=turn.now,
        waited=cases.waited(turn, request),
        arranged=turn.now if request.way else None,
        **cases.taken_for(turn, request),
    )
    _enter(turn, request)
    watch.watch(turn, request)
    name = cases.helper_first(turn, me)
    news = cases.finished(turn, request)
    group_cards.tell(turn, group, news)
    for other in told:
        if other.id != me:
            turn.say(news, to=other, kind="notice")
    taken = _(
        "{Helper}, {team}, has taken on {code}. From here on you are writing with {helper}; Tổ Số stays out."
    )(
        Helper=name,
        helper=cases.helper(turn, me),
        team=cases.side(turn, request),
        code=cases.written(request),
    )
    cases.tell_citizen(turn, request, arranging.to_citizen(turn, request, taken))
    turn.say(
        lines(
            cases.yours(turn, request),
            *(cases.facts(turn, request, turn.lang) if unseen else ()),  # the group's card says little
            arranging.to_helper(request),
            *cases.notes(turn, request),
            _("They enter codes and passwords themselves. Type “done” when it is finished."),
        ),
        [cases.at(choice, request) for choice in (HOW, FINISH, PASS_ON)],
    )
    things.hand_over(turn, request)
    return True


def _not_theirs(turn: Turn, request: Request) -> Text:
    return _("{code} is for {team}. You are not with them, or no longer.")(
        code=cases.written(request), team=cases.team(turn, request)
    )


def skip(turn: Turn, code: str) -> bool:
    """Leave a request to the others."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if request.state == "open":
        if request.ahead == turn.person.id:
            request = former.show_others(turn, request)
        turn.say(
            _("All right, {code} stays with the others. Type “claim {short}” to take it after all.")(
                code=cases.written(request), short=request.code
            )
        )
    else:
        turn.say(cases.finished(turn, request))
    return True


def group_card(turn: Turn, code: str) -> bool:
    """Give a card without anybody's data, to be forwarded to the village's own group by hand."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if not cases.helps(turn, turn.person.id, request):
        turn.say(_not_theirs(turn, request))
        return True
    if request.state != "open":
        turn.say(cases.finished(turn, request))
        return True
    topic = turn.topic(request.topic) if request.topic else None
    step = topic.step(request.step) if topic else None
    what = _("somebody needs help")
    if topic and step:
        what = _("{topic}, stuck at “{step}”")(topic=topic.title, step=step.title)
    elif topic:
        what = as_is(topic.title)
    unit = turn.people.unit(request.team) if request.team else None
    # Of a place without a team only the commune: the rest is in the citizen's own words.
    place = cases.home_of(unit) if unit else profile.place_of(turn, request.commune)
    turn.say(
        lines(
            _("New: **{code}** ({place}): {what}.")(code=cases.written(request), place=place, what=what),
            _("Who takes it writes {words} to Tổ Số of {office}.")(
                words=cases.TYPED["claim"](code=request.code), office=turn.shelf.office.name
            ),
        )
    )
    return True


def _set_others_aside(turn: Turn, request: Request) -> None:
    """Leave the talks in other requests: typed words go to one citizen, and to nobody else."""
    for other in turn.requests.held_by(turn.person.id):
        if other.attended and other.id != request.id:
            locked = turn.requests.by_code(other.code)
            if locked is not None:
                turn.requests.save(
                    msgspec.structs.replace(locked, attended=False), "set aside", turn.person.id
                )


def _enter(turn: Turn, request: Request) -> None:
    """Move this talk to a request: from now on typed words go to its citizen."""
    doing = f"{DOING} {request.code}"
    if turn.talk.doing.startswith(DOING):
        before = turn.talk.kept
        turn.asks(doing)
        to_whom.moved(turn, before)
    elif turn.talk.doing == to_whom.UNOPENED:
        before = turn.talk.kept
        turn.end()
        turn.hold(doing)
        to_whom.moved(turn, before)
    else:
        turn.hold(doing)


def _turn_to(turn: Turn, request: Request) -> Request:
    _set_others_aside(turn, request)
    request = cases.change(turn, request, "taken up", attended=True, **watch.touch(turn, request))
    _enter(turn, request)
    return request


def talk(turn: Turn, code: str) -> bool:
    """Go on writing with the citizen of a request that is one's own."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if request.state == "open":
        return claim(turn, code)
    if request.claimed_by != turn.person.id or request.state != "claimed":
        turn.say(cases.finished(turn, request))
        return True
    if not request.attended or turn.talk.doing != f"{DOING} {request.code}":
        request = _turn_to(turn, request)
    cases.look(turn, request)
    turn.say(
        _("What you type now goes to {name}, {code}.")(
            name=cases.citizen(request), code=cases.written(request)
        ),
        [cases.at(choice, request) for choice in (HOW, FINISH, PASS_ON)],
    )
    return True


def mine(turn: Turn, parts: Sequence[Text] = (), ways: Sequence[Choice] = ()) -> None:
    """List what somebody has taken, and what waits for their team; before that what waits of other things."""
    held = turn.requests.held_by(turn.person.id)
    waiting: dict[int, Request] = {}
    for role in turn.people.roles(turn.person.id):
        unit = turn.people.unit(role.place)
        if role.kind in ("member", "lead"):
            waiting |= {request.id: request for request in turn.requests.waiting_for(role.place)}
        elif role.kind in cases.OFFICIALS and unit and not unit.body:
            waiting |= {request.id: request for request in turn.requests.waiting_in(unit.commune)}
        if role.kind in ("member", "lead", *cases.OFFICIALS):
            waiting |= {request.id: request for request in turn.requests.widened_to(role.place)}
    free = [request for request in waiting.values() if request.citizen != turn.person.id]
    listed = [*held, *free]
    if not listed:
        turn.say(lines(*parts) if parts else _("Nothing waits for you now."), list(ways)[:TAPS])
        return
    shown = listed[:SHOWN]
    told = [
        _("• {code}, {what}: {state}")(
            code=cases.written(request),
            what=_short(turn, request),
            state=_("yours") if request in held else _("free"),
        )
        for request in shown
    ]
    if len(listed) > SHOWN:
        told.append(_("And {n} more.")(n=len(listed) - SHOWN))
    turn.say(
        lines(*parts, _("Yours: {held}. Free: {free}.")(held=len(held), free=len(free)), *told),
        [
            *list(ways)[: TAPS // 2],
            *(
                Choice("talk", _("Answer {code}")(code=cases.written(request)), request.code)
                if request in held
                else Choice("claim", _("Take {code}")(code=cases.written(request)), request.code)
                for request in shown
            ),
        ][:TAPS],
    )


def _short(turn: Turn, request: Request) -> str:
    topic = turn.topic(request.topic) if request.topic else None
    words = topic.title if topic else request.words
    return words if len(words) <= 40 else words[:39].rstrip() + "…"


# --- while it is theirs ---


def _held(turn: Turn, request: Request) -> bool:
    """Say whether this person may go on with a request; where not, they are told why."""
    if not roles.may("finish", cases.standings(turn, turn.person.id, request)):
        _leave(turn, request)
        turn.say(cases.finished(turn, request))
        return False
    if not cases.helps(turn, turn.person.id, request):
        cases.gone(turn, request)
        _leave(turn, request)
        turn.say(_not_theirs(turn, request))
        return False
    return True


def _leave(turn: Turn, request: Request) -> None:
    """End the talk in a request, where this talk is in it."""
    if turn.talk.doing == f"{DOING} {request.code}":
        to_whom.unsent(turn)
        turn.end()


def holder(turn: Turn, code: str) -> bool:
    """Say who has a request, or that nobody has."""
    request = cases.find(turn, code)
    if request is None:
        return False
    turn.say(cases.finished(turn, request))
    return True


def how_to(turn: Turn, code: str) -> bool:
    """Show what the knowledge base says at the step where the citizen stopped, and behind it."""
    request = cases.find(turn, code)
    if request is None:
        return False
    topic = turn.topic(request.topic) if request.topic else None
    if topic is None:
        turn.say(
            _("Nothing is written down for {code}: it came without a guide.")(code=cases.written(request))
        )
        return True
    step = topic.step(request.step)
    told = [f"**{topic.title}**", *(ahead(topic, step) if step else [topic.answer])]
    turn.say(lines(*map(as_is, told)))
    return True


def ahead(topic: Topic, step: Step) -> list[str]:
    """Give what the guide says from a step on, as much as a small screen shows."""
    told: list[str] = []
    for here in topic.way(step):
        part = f"**{here.title}**\n{here.text}"
        if told and sum(map(len, told)) + len(part) > SCREEN:
            break
        told.append(part)
    return told


def finish(turn: Turn, code: str) -> bool:
    """Ask how a request ended."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if _held(turn, request):
        forms.begin(turn, OUTCOME, code=request.code)
    return True


def _outcome(turn: Turn, text: str) -> Checked:
    """Accept one of the outcomes; words typed behind it are the remark."""
    names = [choice.name for choice in OUTCOMES]
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in names:
        return pressed[0]
    sign, _gap, rest = text.partition(" ")
    shown = [(button.data, button.label) for button in turn.talk.offered]
    data = answers.chosen(shown, sign.rstrip(".,:;")) if rest and sign[:1].isdigit() else None
    name = data.partition("@")[0] if data else ""
    if name not in names:
        return "solved" if answers.finished(text) else None
    turn.change(kept={**turn.talk.kept, "remark": rest.strip()[:LONGEST]})
    return name


def _sentence(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == NO_REMARK.name:
        return " "
    return text[:LONGEST] or None


def _close(turn: Turn) -> None:
    kept = turn.talk.kept
    request = turn.requests.by_code(kept["code"])
    turn.end()
    if request is None or not _held(turn, request):
        return
    if kept["outcome"] == "unsolved":
        _begin_passing(turn, request, kept.get("remark", ""))
        return
    outcome: Outcome = kept["outcome"]  # type: ignore[assignment]
    remark = kept.get("remark", "").strip()
    request = cases.move(
        turn,
        request,
        "drop" if outcome == "unneeded" else "resolve",
        closed=turn.now,
        attended=False,
        outcome=outcome,
        remark=remark,
    )
    feedback.settle_later(turn, request)
    _leave(turn, request)
    name = cases.helper_first(turn, turn.person.id)
    told = [_("{Helper} notes: “{remark}”")(Helper=name, remark=remark)] if remark else []
    if not request.citizen:
        turn.say(_("{code} is closed. Thank you.")(code=cases.written(request)))
    elif outcome == "unneeded":
        told.append(
            _(
                "{Helper} has closed {code} as no longer needed. Type “reopen {short}” within 7 days if it is."
            )(Helper=name, code=cases.written(request), short=request.code)
        )
        cases.tell_citizen(turn, request, lines(*told))
        turn.say(_("{code} is closed. Thank you.")(code=cases.written(request)))
    else:
        asked = _("{Helper} has closed {code}. Does it work now?")
        if outcome == feedback.GUIDED and request.step:
            asked = _("{code}: from here Tổ Số guides you on. Does what was in the way work now?")
        told.append(asked(Helper=name, code=cases.written(request)))
        cases.tell_citizen(turn, request, lines(*told), WORKS, NOT_YET)
        turn.say(
            _("{code} is closed; {name} is being asked whether it works now.")(
                code=cases.written(request), name=cases.citizen(request)
            )
        )
    steps.again(turn, _("Back to where we were:"))


OUTCOMES = (
    Choice("solved", _("Solved")),
    Choice("partly", _("Partly solved")),
    Choice("unsolved", _("Not solved, pass it on")),
    Choice("unneeded", _("No longer needed")),
)
NO_REMARK = Choice("no-remark", _("Nothing to add"))

OUTCOME = Form(
    "outcome",
    (
        Question(
            "outcome",
            ask=lambda turn: _("How did {code} end? Choose one; a few words with it are welcome.")(
                code=f"YC-{turn.talk.kept['code']}"
            ),
            check=_outcome,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: OUTCOMES,
        ),
        Question(
            "remark",
            ask=lambda turn: _("In one sentence for the citizen: what was done?"),
            check=_sentence,
            otherwise=_("Please type a sentence."),
            choices=lambda turn: (NO_REMARK,),
            needed=lambda turn: turn.talk.kept.get("outcome") != "unsolved",
        ),
    ),
    _close,
)

# --- giving it to others ---


def pass_on(turn: Turn, code: str) -> bool:
    """Ask why a request is passed on, and to whom."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if _held(turn, request):
        _begin_passing(turn, request, "")
    return True


def _ways(turn: Turn, request: Request) -> dict[str, int]:
    """Give who else could take a request: by name of the choice, the team's number (0 for the office)."""
    me = turn.person.id
    ways = {}
    if request.team and any(person.id != me for person in cases.members(turn, request.team)):
        ways["to-team"] = request.team
    for unit in turn.people.units("team", request.commune):
        if not (unit.covers or unit.ended) and unit.id != request.team and cases.members(turn, unit.id):
            ways["to-commune"] = unit.id
    if "to-commune" not in ways and any(person.id != me for person in cases.office(turn, request.commune)):
        ways["to-commune"] = 0
    return ways


def _begin_passing(turn: Turn, request: Request, reason: str) -> None:
    ways = _ways(turn, request)
    if not ways:
        turn.say(
            _("There is nobody else to pass {code} to, so it stays with you.")(code=cases.written(request))
        )
        return
    kept = {"code": request.code}
    if reason.strip():
        kept["reason"] = reason.strip()
    if len(ways) == 1:
        kept["to"] = next(iter(ways))
    forms.begin(turn, PASSING, **kept)


def _passed(turn: Turn) -> None:
    kept = turn.talk.kept
    request = turn.requests.by_code(kept["code"])
    turn.end()
    if request is None or not _held(turn, request):
        return
    ways = _ways(turn, request)
    unit = ways.get(kept["to"], next(iter(ways.values()), request.team))
    name, ended = cases.helper_first(turn, turn.person.id), cases.off(turn, request)
    elsewhere = unit != request.team
    request = cases.release(
        turn,
        request,
        "pass-on",
        _("{Helper} passes on **{code}**, {place}.")(Helper=name),
        _("• Why: “{reason}”")(reason=kept["reason"]),
        team=unit,
        remark=kept["reason"],
        # Somebody decided who goes on; should nobody there take it, it is widened from there.
        widened=() if elsewhere else request.widened,
        rings=() if elsewhere else request.rings,
    )
    _given(turn, request, name, ended)


def give_back(turn: Turn, code: str) -> bool:
    """Put a request back before the team, with no reason asked."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if _held(turn, request):
        name, ended = cases.helper_first(turn, turn.person.id), cases.off(turn, request)
        head = _("{Helper} gives back **{code}**, {place}.")(Helper=name)
        _given(turn, cases.release(turn, request, "give-back", head), name, ended)
    return True


def let_go(turn: Turn, told: Text = cases.GONE) -> None:
    """Put all that somebody has taken on before the others: they are leaving, or not reached any more."""
    for held in turn.requests.held_by(turn.person.id):
        if (request := turn.requests.by_code(held.code)) is not None:
            cases.gone(turn, request, told)


def _given(turn: Turn, request: Request, name: Text, ended: list[Text]) -> None:
    _leave(turn, request)
    cases.tell_citizen(
        turn,
        request,
        lines(
            _("{Helper} has asked {team} to go on with {code}. Nothing is lost.")(
                Helper=name, team=cases.team(turn, request), code=cases.written(request)
            ),
            *ended,
            cases.words_now(request),
        ),
    )
    turn.say(
        _("{code} is with {team} now. Thank you.")(
            code=cases.written(request), team=cases.team(turn, request)
        )
    )
    steps.again(turn, _("Back to where we were:"))


PASSING = Form(
    "passing",
    (
        Question(
            "reason",
            ask=lambda turn: _("Why is {code} passed on? One sentence for whoever takes it.")(
                code=f"YC-{turn.talk.kept['code']}"
            ),
            check=forms.words,
            otherwise=_("Please type a sentence."),
        ),
        Question(
            "to",
            ask=lambda turn: _("To whom?"),
            check=forms.one_of("to-team", "to-commune"),
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (
                Choice("to-team", _("Others in my team")),
                Choice("to-commune", _("The commune")),
            ),
        ),
    ),
    _passed,
)

# --- typed ---

_VERBS: dict[str, Callable[[Turn, str], bool]] = {
    "nhan": claim,
    "nhan viec": claim,
    "nhan tin": talk,
    "claim": claim,
    "take": claim,
    "talk": talk,
    "answer": talk,
    "tra loi": talk,
    "xong": finish,
    "dong": finish,
    "done": finish,
    "chuyen": pass_on,
    "pass on": pass_on,
    "cach lam": how_to,
    "how": how_to,
    "tra lai": give_back,
    "give back": give_back,
    "bo qua": skip,
    "skip": skip,
    "the nhom": group_card,
    "group card": group_card,
    "cho": late.wait,
    "to giay": behalf.paper,
    "paper": behalf.paper,
    "rut": behalf.withdraw,
    "withdraw": behalf.withdraw,
    "goi": arranging.propose_call,
    "call": arranging.propose_call,
    "den": arranging.propose_visit,
    "visit": arranging.propose_visit,
    "waiting": late.wait,
    "van lam": untouched.on_it,
    "still on": untouched.on_it,
    "vi sao": why.explain,
    "giao lai": leading.reassign,
    "giao": leading.reassign,
    "reassign": leading.reassign,
    "why": why.explain,
    "why me": why.explain,
    "vi sao toi nhan": why.explain,
    **dict.fromkeys(own_requests.WHO_HAS, holder),
}
_TYPED = re.compile(rf"({'|'.join(sorted(_VERBS, key=len, reverse=True))}) ?{cases.CODE}(?: nhe| a| di)?")
_ALONE: dict[str, Callable[[Turn, str], bool]] = {
    "xong": finish,
    "xong roi": finish,
    "xong viec": finish,
    "done": finish,
    "dong viec": finish,
    "chuyen": pass_on,
    "chuyen tiep": pass_on,
    "chuyen viec": pass_on,
    "pass on": pass_on,
    "cach lam": how_to,
    "how": how_to,
    "how to": how_to,
    "tra lai": give_back,
    "give back": give_back,
    "cho dan": late.wait,
    "cho tra loi": late.wait,
    "cho nguoi nho": late.wait,
    "waiting": late.wait,
    "vi sao viec nay den toi": why.explain,
    "sao viec nay den toi": why.explain,
    "vi sao la toi": why.explain,
    "vi sao toi nhan viec nay": why.explain,
    "vi sao toi nhan yeu cau nay": why.explain,
    "why did i get this": why.explain,
    "why me": why.explain,
}
# "Chị trả lại cho Tổ Số hướng dẫn tiếp nhé": said to the citizen, and Tổ Số hears it.
_TO_GUIDE = re.compile(
    r"(?<!dung )(?<!khong )(?<!chua )"
    r"\b(?:tra|giao|nhuong|de|chuyen)(?: \w+)?(?: lai)?(?: \w+)?(?: cho)? to so(?: se)?"
    r" (?:huong dan|chi|lam)(?: \w+)? tiep\b"
    r"|\b(?:hand(?:ing)?|giv(?:e|ing)) you back to (?:to so|the guide)\b"
    r"|\bto so (?:will )?guides? you on\b"
)
_LATER = re.compile(r"\b(?:khi|neu|luc nao|bao gio|bao lau|lat|chut|when|if|later|until|before|once|not)\b")
_SENTENCE = re.compile(r"[.!?;\n]+")
_LEAVING = ("stop", "pause")
_NOT_FOR_THEM = ("cases", "load", "report", "situation", "requests", "progress", "data", "export", "erase")


_GIVES = re.compile(
    rf"(?:giao|giao lai|nho|reassign|give)(?: viec| yeu cau)? {cases.CODE} (?:cho|to) (?P<name>.+)"
)
# Said of the one request that waits.
_FOR_ONE: dict[str, Callable[[Turn, str], bool]] = {
    "bo qua": skip,
    "skip": skip,
    "nhan": claim,
    "nhan viec": claim,
    "claim": claim,
    "i take it": claim,
    "the nhom": group_card,
    "group card": group_card,
}


def _let(act: Callable[[Turn, str], bool]) -> Callable[[Turn, str], bool]:
    """Let only those act on a request, or hear how far it is, who may see it; others are told that it is not theirs."""

    @wraps(act)
    def gate(turn: Turn, code: str) -> bool:
        request = cases.find(turn, code)
        if request is None:
            return False
        if not roles.may("card", cases.standings(turn, turn.person.id, request)):
            turn.say(_not_theirs(turn, request))
            return True
        return act(turn, code)

    return gate


def typed_card(turn: Turn) -> bool:
    """Do what a line such as "nhận 4K7" says; a bare "nhận" where only one request can be meant."""
    typed = fold(turn.text)
    act = _FOR_ONE.get(typed)
    if turn.staff and act and (act is not skip or not turn.talk.doing):  # a figure of a report is skipped too
        free = [
            request
            for role in turn.people.roles(turn.person.id)
            if role.kind in ("member", "lead")
            for request in (*turn.requests.waiting_for(role.place), *turn.requests.widened_to(role.place))
            if request.citizen != turn.person.id
        ]
        if len(free) == 1:
            return act(turn, free[0].code)
        mine(turn)
        return True
    if turn.staff and not turn.talk.doing and (word := _ALONE.get(typed)):
        held = turn.requests.held_by(turn.person.id)
        if len(held) == 1:
            return word(turn, held[0].code)
        if held or any(role.kind in ("member", "lead") for role in turn.people.roles(turn.person.id)):
            mine(turn)
            return True
    if turn.staff and (given := _GIVES.fullmatch(typed)) and cases.find(turn, given[1]):
        return _let(lambda turn, code: leading.reassign(turn, code, given["name"]))(turn, given[1])
    found = _TYPED.fullmatch(typed)
    if found is None:
        return False
    request = cases.find(turn, found[2])
    if request is not None and request.citizen == turn.person.id:
        return False
    if request is None:
        turn.say(_("Tổ Số knows no request {code}.")(code=f"YC-{found[2].upper()}"))
        return True
    return _let(_VERBS[found[1]])(turn, request.code)


def take(turn: Turn) -> bool:
    """Carry a helper's words to the citizen of the request their talk is in; False for words meant elsewhere."""
    request = turn.requests.by_code(turn.talk.doing.partition(" ")[2])
    if request is None:
        turn.end()
        return False
    event = turn.event
    assert isinstance(event, Incoming)
    if event.choice:
        return False
    if turn.text and not event.attachment:
        pressed = answers.pressed(turn)
        cards = CARDS | appointments.CARDS
        if pressed and pressed[0] in cards and cards[pressed[0]](turn, pressed[1]):
            return True
        command = answers.command(turn)
        if command in _NOT_FOR_THEM:
            return False
        if typed_card(turn):
            return True
        if not _held(turn, request) or leading.noted_here(turn, request):
            return True
        if word := _ALONE.get(fold(turn.text)):
            return word(turn, request.code)
        if command in _LEAVING:
            _set_aside(turn, request)
            return True
        if request.citizen and not to_whom.waiting(turn) and for_us.meant(turn, command):
            to_whom.ask_whether(turn, request)
            return True
    elif event.attachment and event.attachment.kind not in cases.KINDS:
        return False
    elif not _held(turn, request):
        return True
    words = turn.text or (event.contact.phone if event.contact else cases.where(event))
    thing = things.noted(turn)
    if to_whom.clear(turn, request):
        _to_citizen(turn, request, words, [thing] if thing else [])
    elif words or thing:
        to_whom.ask(turn, request, words, thing)
    return True


def _set_aside(turn: Turn, request: Request) -> None:
    cases.change(turn, request, "set aside", attended=False)
    _leave(turn, request)
    turn.say(
        _("Set aside; {code} is still yours. Type “answer {short}” to write with {name} again.")(
            code=cases.written(request), short=request.code, name=cases.citizen(request)
        )
    )
    steps.again(turn, _("Back to where we were:"))


def _to_citizen(turn: Turn, request: Request, words: str, things_sent: list[str]) -> None:
    if words and not things_sent and appointments.spoken_of(turn, request, words):
        to_whom.spoken(turn)
        appointments.heard(turn, request, words)
        return
    if not request.citizen:
        turn.say(behalf.IN_PERSON(short=request.code))
        return
    if not things_sent and len(parts := canned.line_by_line(words)) > 1:  # they waited to be told for whom
        for part in parts:
            _to_citizen(turn, turn.requests.by_code(request.code) or request, part, [])
        return
    cases.look(turn, request)
    voice = cases.own_voice(turn)
    to_whom.spoken(turn)
    if words and not things_sent and canned.sent(turn, request, words):
        return
    if words:
        asked = guard.asks(words)
        touched = watch.touch(turn, request)
        if touched or asked != (request.asked or "words"):
            done = f"asked {asked}" if asked != (request.asked or "words") else "wrote"
            asked = "" if asked == "words" else asked
            after = msgspec.structs.replace(request, asked=asked, **touched)
            request = turn.requests.save(after, done.removesuffix(" words"), turn.person.id)
        turn.say(as_is(words), to=request.citizen, voice=voice, kind="notice", about=cases.words_of(request))
        turn.say(_("→ {name}, {code}")(name=cases.citizen(request), code=cases.written(request)))
        dangers.warn(turn, request, words)
        appointments.asked_again(turn, request)
        if request.step and hands_back(words):
            forms.begin(turn, OUTCOME, code=request.code, outcome=feedback.GUIDED)
    elif touched := watch.touch(turn, request):
        cases.change(turn, request, "sent something", **touched)
    for thing in things_sent:
        turn.media.want(thing, cases.about(request))


def hands_back(words: str) -> bool:
    """Say whether a helper tells the citizen that Tổ Số guides them on, now and not some time later."""
    for sentence in _SENTENCE.split(words):
        said = fold(sentence)
        found = _TO_GUIDE.search(said)
        if found and not _LATER.search(said[: found.start()]):
            return True
    return False


def unopened(turn: Turn) -> bool:
    """Ask whom a helper's words are for while no talk is open; False where they hold nothing, or ask Tổ Số something.

    They look like words to a citizen, whom they would never reach.
    """
    verdict = turn.found.verdict if turn.found is not None else "unknown"
    for_us_too = verdict == "answer" or (verdict == "choose" and answers.asks(turn.text))
    doing = turn.talk.doing
    resting = doing in ("", "topic", "topics", "unknown", to_whom.UNOPENED) or doing.startswith("guide ")
    if not turn.staff or for_us_too or not resting or steps.under_way(turn):
        return False
    held = [request for request in turn.requests.held_by(turn.person.id) if request.citizen]
    if not held:
        return False
    waits = turn.talk.kept.get("words", "") if doing == to_whom.UNOPENED else ""
    words = "\n".join(filter(None, (waits, turn.text)))
    if doing.startswith("guide "):
        turn.hold(to_whom.UNOPENED, words=words)
    else:
        turn.asks(to_whom.UNOPENED, words=words)
    turn.change(context=to_whom.ASKED)
    to_whom.ask_of(turn, held, words)
    return True


def answered_unopened(turn: Turn) -> bool:
    """Take "to nobody" as the answer to that; False for other words."""
    pressed = answers.pressed(turn)
    return pressed is not None and pressed[0] == to_whom.NOBODY.name and send_none(turn, "")


def send_to(turn: Turn, code: str) -> bool:
    """Send what waited to the citizen of this request, and stay with them."""
    request = cases.find(turn, code)
    if request is None:
        return False
    if not to_whom.waiting(turn) or request.claimed_by != turn.person.id or request.state != "claimed":
        return talk(turn, code)
    words, things_sent = to_whom.taken(turn)
    if turn.talk.doing == to_whom.UNOPENED:
        turn.end()
    if turn.talk.doing != f"{DOING} {request.code}":
        request = _turn_to(turn, request)
    if _held(turn, request):
        _to_citizen(turn, request, words, things_sent)
    return True


def send_none(turn: Turn, _code: str) -> bool:
    """Send what waited to nobody."""
    to_whom.taken(turn)
    if turn.talk.doing == to_whom.UNOPENED:
        turn.end()
    turn.say(_("It was sent to nobody."))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    name: _let(act)
    for name, act in {
        "claim": claim,
        "skip": skip,
        "talk": talk,
        "finish": finish,
        "pass-on": pass_on,
        "how-to": how_to,
        "give-back": give_back,
        "to-group": group_card,
        "send-to": send_to,
        **untouched.CARDS,
        **leading.CARDS,
    }.items()
} | {to_whom.NOBODY.name: send_none}
FORMS = (OUTCOME, PASSING, *leading.FORMS)


def digest(turn: Turn) -> None:
    """Tell a team, or an office, how many requests wait, where they are not shown one by one."""
    about = turn.event.about if isinstance(turn.event, Due) else "::"
    _cards, number, commune = about.split(":")
    waiting = turn.requests.waiting(int(number), commune)
    if not waiting:
        return
    whose = Request(team=int(number), commune=commune)
    for person in cases.helpers(turn, whose):
        turn.say(
            _("**{n} requests wait for {team}.** There are many, so they are not shown one by one now.")(
                n=waiting, team=cases.team(turn, whose)
            ),
            [Choice("menu-cases", _("My work"), "menu", _("MY WORK"))],
            to=person,
            kind="notice",
            about=about,
        )


DUE: dict[str, Callable[[Turn], None]] = {
    **former.DUE,
    **untouched.DUE,
    **widening.DUE,
    digests.DIGEST: digest,
}
