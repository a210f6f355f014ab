"""Many of one commune who ask the same at the same time: proposed once as one incident, and answered as one.

How many, and within what time, is data beside the service levels.  While an incident runs, whoever asks the same
reads its notice instead of taking a place in the queue; what waits is held.  When it is over everybody is told once
and asked whether it works: a no puts the request into the queue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from handlers import answers, cases, feedback, forms, own_requests, watch
from handlers.forms import Checked, Form, Question
from handlers.own_requests import NOT_YET, WORKS
from handlers.records.incidents import SAMPLE, Incident
from handlers.records.requests import WORDS, Request
from handlers.rules import levels, roles
from handlers.rules.levels import Step
from handlers.rules.roles import STANDINGS, Standing
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge import grouping
from knowledge.folding import fold

LOOK, HOLD, OVER, STILL = "incident.look", "incident.hold", "incident.over", "incident.still"
FORGET = "incident.forget"
PIECE = 50  # people told in one turn
LONGEST = 300  # letters of a notice
AGAIN = timedelta(minutes=1)  # after which it is looked once more for what was being sent when it began

YES = Choice("incident-yes", _("Yes, one incident"))
NO = Choice("incident-no", _("No, it is not"))
END = Choice("incident-over", _("It is over"))
USE = Choice("use-notice", _("Send these words"))
TELL_ME = Choice("tell-me", _("Tell me when it is over"))
DIFFERS = Choice("mine-differs", _("Mine is another matter"))

TYPED: dict[str, Text] = {
    YES.name: _("INCIDENT {code}"),
    NO.name: _("NO INCIDENT {code}"),
    END.name: _("OVER {code}"),
}


def about(incident: Incident) -> str:
    """Say what messages and the audit are about."""
    return f"incident:{incident.id}"


def written(incident: Incident) -> str:
    """Give the code as people read it."""
    return f"SC-{incident.id}"


def _at(choice: Choice, incident: Incident) -> Choice:
    typed = TYPED[choice.name](code=written(incident))
    return msgspec.structs.replace(choice, context=str(incident.id), typed=typed)


def what(turn: Turn, incident: Incident, lang: str) -> str:
    """Give what an incident is about, in a reader's language."""
    topic = turn.shelf.library.topic(incident.alike, lang) if incident.alike != WORDS else None
    return topic.title if topic else incident.words


def notice(turn: Turn, incident: Incident, lang: str) -> Text:
    """Give what those read who ask the same."""
    place = turn.shelf.places.commune(incident.commune)
    where = turn.shelf.places.label(place) if place else incident.commune
    head = _("Many in {place} are stuck at this now: {what}.")(
        place=where, what=what(turn, incident, lang) or "…"
    )
    if incident.alike == WORDS and incident.notice:  # the words of one of them are not for all the others
        head = _("Many in {place} are stuck at the same now.")(place=where)
    told = _("The digital team knows of it and is on it. There is no need to try again and again.")
    return lines(head, as_is(f"“{incident.notice}”") if incident.notice else told)


# --- finding one ---


def opened(turn: Turn, request: Request) -> None:
    """See that it is looked whether a request that was just opened is one of many; the look counts, not this."""
    rule = turn.shelf.service.incident
    if not request.alike or request.opened is None:
        return
    known = turn.requests.alike(request.commune, request.alike, request.opened - rule.within)
    # Others that are being opened at this moment cannot be seen from here, so half of them are reason enough to look.
    if 2 * len(known) >= rule.people:
        subject = f"alike:{request.commune}:{request.alike}"
        turn.later(f"alike:{request.id}", turn.now, LOOK, subject, request=str(request.id))


def look(turn: Turn) -> None:
    """Propose an incident where enough people ask the same; one look after another, so that it is proposed once."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    request = turn.requests.by_number(int(facts["request"]))
    rule = turn.shelf.service.incident
    if request is None or request.opened is None or not request.alike:
        return
    before = next(
        (
            one
            for one in turn.incidents.last(request.commune, request.alike)
            if _is_about(one, request.alike, request.words)
        ),
        None,
    )
    since = request.opened - rule.within
    if before is not None:
        fresh = turn.now - (before.decided or before.at) < rule.again_after
        if before.state == "running" or (before.state != "ended" and fresh):
            return
    same = [
        one
        for one in turn.requests.alike(request.commune, request.alike, since)
        if one.opened and one.opened <= request.opened and not one.incident and _same(one, request)
    ]
    people = len({one.citizen or -one.id for one in same})
    if people < rule.people:
        return
    told = _asked(turn, same, request.commune)
    if not told:
        turn.note("many alike, nobody to ask", cases.about(request), 0)
        return
    if before is not None and before.state == "proposed":
        turn.incidents.save(msgspec.structs.replace(before, state="lapsed"), "lapsed", 0, "nobody answered")
    _propose(turn, request, same, people, told)


def _is_about(incident: Incident, alike: str, words: str) -> bool:
    if alike != incident.alike:
        return False
    return alike != WORDS or bool(incident.words and words and grouping.same(incident.words, words))


def _same(one: Request, other: Request) -> bool:
    """Say whether two requests with one mark ask the same: by their topic, else by the words of both."""
    return (
        one.alike != WORDS
        or one.id == other.id
        or bool(one.words and other.words and grouping.same(other.words, one.words))
    )


def _propose(turn: Turn, request: Request, same: list[Request], people: int, told: Sequence[int]) -> None:
    steps = [one.step_title for one in same if one.step_title]
    step = max(steps, key=steps.count, default="")
    incident = turn.incidents.propose(
        Incident(
            commune=request.commune,
            alike=request.alike,
            at=turn.now,
            since=min(one.opened for one in same if one.opened),
            people=people,
            step=step if 2 * steps.count(step) > len(same) else "",
            words=request.words[:SAMPLE] if request.alike == WORDS else "",
            asked=tuple(told),
        ),
        f"{people} people, {len(same)} requests",
    )
    turn.note("proposed", about(incident), 0)
    _forget_later(turn, incident)
    for person in told:
        turn.say(
            lines(*_card(turn, incident, turn.people.get(person).lang or "vi")),
            [_at(YES, incident), _at(NO, incident)],
            to=person,
            kind="notice",
            about=about(incident),
        )


def _forget_later(turn: Turn, incident: Incident) -> None:
    """See that somebody's own words are kept no longer than they are needed to know the same again."""
    if incident.words:
        at = turn.after(turn.shelf.service.incident.again_after)
        turn.later(f"{about(incident)}:forget:{at:%Y%m%d%H%M%S}", at, FORGET, about(incident))


def forget(turn: Turn) -> None:
    """Forget the words by which an incident that never was would be known again; of one that runs, its end does."""
    incident = _due(turn)
    if incident is None or incident.state == "running" or not incident.words:
        return
    if turn.now - (incident.decided or incident.at) >= turn.shelf.service.incident.again_after:
        turn.incidents.save(msgspec.structs.replace(incident, words=""), "words forgotten", 0)


def _card(turn: Turn, incident: Incident, lang: str) -> list[Text]:
    place = turn.shelf.places.commune(incident.commune)
    minutes = int(turn.shelf.service.incident.within.total_seconds() // 60)
    told = [
        _("{n} people in {place} have asked the same within {minutes} minutes:")(
            n=incident.people, minutes=minutes, place=place.name if place else incident.commune
        ),
        as_is(f"• {what(turn, incident, lang)}"),
    ]
    if incident.step:
        told.append(_("• Most of them at “{step}”")(step=incident.step))
    return [*told, _("Is **{code}** one incident?")(code=written(incident))]


def _asked(turn: Turn, same: list[Request], commune: str) -> tuple[int, ...]:
    """Give who is asked: the lead of the commune's team, else its office, else the leads of the teams concerned."""
    offices = [unit.id for unit in cases.offices(turn, commune)]
    whole = [unit.id for unit in turn.people.units("team", commune) if not (unit.covers or unit.ended)]
    concerned = list(dict.fromkeys(one.team for one in same if one.team))
    away = {
        absence.person: absence.stand_in
        for unit in (*whole, *concerned, *offices)
        for absence in turn.people.absent(unit)
    }

    def of(units: Sequence[int], *kinds: str) -> tuple[int, ...]:
        return tuple(
            person.id
            for unit in units
            for kind in kinds
            for person in turn.people.holding(kind, unit)  # type: ignore[arg-type]
        )

    first = whole or (concerned if len(concerned) == 1 else [])
    ranks: dict[Step, tuple[int, ...]] = {
        "lead": of(first, "lead"),
        "officer": of(offices, "officer", "head"),
    }
    found = levels.hears("lead", ranks, away)[1]
    return found or levels.hears("lead", {"lead": of(concerned, "lead")}, away)[1]


# --- deciding ---


def _find(turn: Turn, code: str) -> Incident | None:
    return turn.incidents.by_number(int(code)) if code.isdecimal() and len(code) < 12 else None


def _due(turn: Turn) -> Incident | None:
    """Give the incident whose hour has come."""
    return _find(turn, turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else "")


def _stands(turn: Turn, commune: str, person: int = 0) -> set[Standing]:
    """Give how somebody (the person of this turn) stands to a commune: a lead is one of any of its teams."""
    found: set[Standing] = set()
    for role in turn.people.roles(person or turn.person.id):
        unit = turn.people.unit(role.place)
        if unit and unit.commune == commune and unit.local and role.kind in STANDINGS:
            found.add(role.kind)
    return found


def _may(turn: Turn, incident: Incident) -> bool:
    """Say whether this person may decide: by their role, or standing in for whom it was proposed to."""
    if roles.may("incident", _stands(turn, incident.commune)):
        return True
    asked = turn.person.id in incident.asked and bool(_stands(turn, incident.commune))
    if not asked:
        turn.say(_("{code} is for the lead of the team and the commune's office.")(code=written(incident)))
    return asked


def _stands_so(turn: Turn, incident: Incident) -> Text:
    """Say how far an incident is, to who would decide what is decided."""
    values = {"code": written(incident), "Name": cases.helper_first(turn, incident.by)}
    match incident.state:
        case "running":
            return _("{code} is running. {Name} said so.")(**values)
        case "ended":
            return _("{code} is over.")(**values)
        case "refused":
            return _("{Name} has said that {code} is no incident.")(**values)
        case "lapsed":
            return _("{code} has been proposed anew since.")(**values)
    return _("{code} is proposed; nobody has decided yet.")(**values)


def yes(turn: Turn, code: str) -> bool:
    """Ask with which words an incident begins."""
    incident = _find(turn, code)
    if incident is None:
        return False
    if _may(turn, incident):
        if incident.state == "proposed":
            forms.begin(turn, NOTICE, incident=str(incident.id))
        else:
            _tell_state(turn, incident)
    return True


def _tell_state(turn: Turn, incident: Incident) -> None:
    choices = [_at(END, incident)] if incident.state == "running" else []
    turn.say(_stands_so(turn, incident), choices)


def no(turn: Turn, code: str) -> bool:
    """Take that it is no incident; the same is not proposed again for a while."""
    incident = _find(turn, code)
    if incident is None:
        return False
    if not _may(turn, incident):
        return True
    if incident.state != "proposed":
        _tell_state(turn, incident)
        return True
    refused = msgspec.structs.replace(incident, state="refused", by=turn.person.id, decided=turn.now)
    turn.incidents.save(refused, "refused", turn.person.id, "no incident")
    turn.note("refused", about(incident))
    _forget_later(turn, refused)
    hours = int(turn.shelf.service.incident.again_after.total_seconds() // 3600)
    turn.say(
        _("All right, they stay single requests. The same is not proposed again for {hours} hours.")(
            hours=hours
        )
    )
    _tell_others(turn, refused, _("{Name} has said that {code} is no incident."))
    return True


def _tell_others(turn: Turn, incident: Incident, told: Text) -> None:
    """Tell who was asked as well what has been decided."""
    name = cases.helper_first(turn, turn.person.id)
    for person in incident.asked:
        if person != turn.person.id:
            turn.say(told(Name=name, code=written(incident)), to=person, kind="notice", about=about(incident))


def _words(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == USE.name:
        return " "
    if answers.yes(turn):
        return " "
    return text[:LONGEST] or None


def _ask_words(turn: Turn) -> Text:
    incident = _find(turn, turn.talk.kept["incident"])
    proposed = notice(turn, incident, turn.lang) if incident else as_is("")
    return lines(
        _("Whoever asks the same will read this. Send it so, or type it in your own words:"), proposed
    )


def _begun(turn: Turn) -> None:
    kept = turn.talk.kept
    turn.end()
    incident = _find(turn, kept["incident"])
    if incident is None or not _may(turn, incident):
        return
    if incident.state != "proposed":
        _tell_state(turn, incident)
        return
    words = kept["words"].strip()
    incident = turn.incidents.save(
        msgspec.structs.replace(incident, state="running", by=turn.person.id, decided=turn.now, notice=words),
        "begun",
        turn.person.id,
        words or "the proposed notice",
    )
    turn.note("begun", about(incident))
    turn.later(f"{about(incident)}:hold", turn.now, HOLD, about(incident), after="0")
    # What was being sent at this moment may become visible after the first look.
    turn.later(f"{about(incident)}:hold again", turn.after(AGAIN), HOLD, about(incident), after="0")
    _ask_later(turn, incident)
    turn.say(
        _(
            "**{code}** runs. Who waits is told once, and who asks the same reads the notice. "
            "Type “over {code}” when it is over."
        )(code=written(incident)),
        [_at(END, incident)],
    )
    _tell_others(turn, incident, _("{Name} has said that {code} is one incident; who asks reads a notice."))


NOTICE = Form(
    "incident",
    (
        Question(
            "words",
            ask=_ask_words,
            check=_words,
            otherwise=_("Please type the words, or choose:"),
            choices=lambda turn: (USE,),
            about=lambda turn: f"incident:{turn.talk.kept['incident']}",
        ),
    ),
    _begun,
)


def hold(turn: Turn) -> None:
    """Hold what waits for an incident, a piece in one turn; whoever asked is told once."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    incident = _due(turn)
    if incident is None or incident.state != "running":
        return
    found = turn.requests.free_alike(
        incident.commune, incident.alike, incident.since, int(facts["after"]), PIECE
    )
    for one in found:
        request = turn.requests.by_number(one.id)
        if request is None or request.state != "open":
            continue
        if not _is_about(incident, request.alike, request.words):
            continue
        turn.withdraw(cases.about(request))
        request = cases.move(turn, request, "hold", incident=incident.id, paused=turn.now)
        lang = turn.people.get(request.citizen).lang or "vi"
        cases.tell_citizen(
            turn,
            request,
            lines(
                notice(turn, incident, lang),
                _("{code} is kept until it is over; then you are asked whether it works.")(
                    code=cases.written(request)
                ),
            ),
            cases.APART,
            about=about(incident),  # it may hold the words of one of them
        )
    if len(found) == PIECE:
        after = str(found[-1].id)
        key = f"{turn.event.at:%Y%m%d%H%M%S}" if isinstance(turn.event, Due) else ""
        turn.later(f"{about(incident)}:hold:{key}:{after}", turn.now, HOLD, about(incident), after=after)


# --- while it runs ---


def running(turn: Turn, commune: str, alike: str, words: str) -> Incident | None:
    """Give the incident of a commune that is about the same; None where none runs."""
    if not commune or not alike:
        return None
    known = turn.incidents.running(commune)
    return next((one for one in known if _is_about(one, alike, words)), None)


def join(turn: Turn, draft: Request, incident: Incident) -> Request | None:
    """Keep a request that waits for the end of an incident and for nobody else; None where that is over by now."""
    locked = turn.incidents.by_number(incident.id)
    if locked is None or locked.state != "running":
        return None
    request = turn.requests.open(draft)
    turn.note("opened", cases.about(request))
    return cases.move(turn, request, "hold", incident=incident.id, paused=turn.now)


def apart(turn: Turn, code: str) -> bool:
    """Put one's own request that is no part of the incident before those who help."""
    request = own_requests.find(turn, code)
    if request is None:
        return False
    if request.state != "held":
        own_requests.show(turn, request)
        return True
    request = cases.move(
        turn,
        request,
        "apart",
        incident=0,
        alike="",
        begun=turn.now,
        offered=turn.now,
        told=(),
        **watch.resumption(turn, request),
    )
    watch.watch(turn, request)
    cases.send_cards(turn, request, "apart", _("New: **{code}**, {place}."))
    turn.say(_("{code} is with {team} now.")(code=cases.written(request), team=cases.team(turn, request)))
    return True


def _ask_later(turn: Turn, incident: Incident) -> None:
    at = turn.after(turn.shelf.service.incident.still_after)
    allowed = levels.may_tell(at, turn.shelf.service.desk_of(incident.commune), turn.shelf.calendar)
    turn.later(f"{about(incident)}:still:{allowed:%Y%m%d%H%M%S}", allowed, STILL, about(incident))


def still(turn: Turn) -> None:
    """Ask whoever said that it is an incident whether it still goes on."""
    incident = _due(turn)
    if incident is None or incident.state != "running":
        return
    for person in _ends(turn, incident):
        turn.say(
            _(
                "Does **{code}** still go on: {what}? Where it is over, choose that, and all who wait are told."
            )(code=written(incident), what=what(turn, incident, turn.people.get(person).lang or "vi")),
            [_at(END, incident)],
            to=person,
            kind="notice",
            about=about(incident),
        )
    _ask_later(turn, incident)


def _ends(turn: Turn, incident: Incident) -> tuple[int, ...]:
    """Give who is asked whether an incident is over: whoever began it, else those who would be asked of it now."""
    leave = turn.people.absence(incident.by)
    there = leave is None or leave.since > turn.now
    if there and _stands(turn, incident.commune, incident.by):
        return (incident.by,)
    return _asked(turn, list(turn.requests.held_for(incident.id, PIECE)), incident.commune)


def listed(turn: Turn) -> None:
    """List what runs in the communes where this person decides."""
    communes = dict.fromkeys(
        unit.commune
        for role in turn.people.roles(turn.person.id)
        if (unit := turn.people.unit(role.place)) and unit.local
    )
    found = [
        one
        for commune in communes
        if roles.may("incident", _stands(turn, commune))
        for one in turn.incidents.running(commune)
    ]
    if not found:
        turn.say(_("No incident is running."))
        return
    # A message is taken back with the words of one of them, so no message has those of two.
    alone = len(found) == 1
    told = [
        _("• {code}: {what}")(
            code=written(one), what=what(turn, one, turn.lang) if alone else _short(turn, one)
        )
        for one in found[:4]
    ]
    turn.say(
        lines(_("Incidents that run:"), *told),
        [
            msgspec.structs.replace(_at(END, one), label=_("{code} is over")(code=written(one)))
            for one in found[:4]
        ],
        about=about(found[0]) if alone else "",
    )


def _short(turn: Turn, incident: Incident) -> Text:
    """Give what an incident is about without anybody's own words."""
    if incident.alike != WORDS:
        return as_is(what(turn, incident, turn.lang))
    if incident.notice:
        return as_is(f"“{incident.notice}”")
    return _("{n} people, each in their own words")(n=incident.people)


# --- its end ---


def over(turn: Turn, code: str) -> bool:
    """End an incident: everybody who waits for it is told and asked."""
    incident = _find(turn, code)
    if incident is None:
        return False
    if not _may(turn, incident):
        return True
    if incident.state != "running":
        _tell_state(turn, incident)
        return True
    incident = turn.incidents.save(
        msgspec.structs.replace(incident, state="ended", ended=turn.now, ended_by=turn.person.id),
        "ended",
        turn.person.id,
        "said to be over",
    )
    turn.note("ended", about(incident))
    turn.withdraw(about(incident))
    turn.later(f"{about(incident)}:over:0", turn.now, OVER, about(incident), told="0")
    turn.say(
        _("{code} is over. Whoever waits for it is told now and asked whether it works.")(
            code=written(incident)
        )
    )
    _tell_others(turn, incident, _("{Name} has said that {code} is over."))
    return True


def tell_over(turn: Turn) -> None:
    """Tell those who waited for an incident that it is over, a piece in one turn, and whoever ended it how many."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    incident = _due(turn)
    if incident is None or incident.state != "ended":
        return
    found, told = turn.requests.held_for(incident.id, PIECE), int(facts["told"])
    for one in found:
        request = turn.requests.by_number(one.id)
        if request is None or request.state != "held":
            continue
        request = cases.move(turn, request, "relieve", closed=turn.now, **watch.resumption(turn, request))
        feedback.settle_later(turn, request)
        told += 1
        lang = turn.people.get(request.citizen).lang or "vi"
        matter = request.words[:SAMPLE] if incident.alike == WORDS else what(turn, incident, lang)
        cases.tell_citizen(
            turn,
            request,
            _("It should be over: {what}. Does it work now ({code})?")(
                what=matter or "…", code=cases.written(request)
            ),
            WORKS,
            NOT_YET,
        )
    if len(found) == PIECE:
        turn.later(f"{about(incident)}:over:{told}", turn.now, OVER, about(incident), told=str(told))
        return
    turn.incidents.save(msgspec.structs.replace(incident, words=""), "told", 0, f"{told} people")
    turn.say(
        _("{code}: {n} who waited have been told. A no puts their request into the queue.")(
            code=written(incident), n=told
        ),
        to=incident.ended_by,
        kind="notice",
        about=about(incident),
    )


# --- typed ---

_VERBS: dict[str, Callable[[Turn, str], bool]] = {
    "su co": yes,
    "incident": yes,
    "khong phai su co": no,
    "khong phai": no,
    "no incident": no,
    "het": over,
    "het su co": over,
    "xong": over,
    "over": over,
    "done": over,
}
_TYPED = re.compile(rf"({'|'.join(sorted(_VERBS, key=len, reverse=True))}) ?sc ?(\d+)(?: roi| nhe| a)*")
_LIST = {"su co", "cac su co", "su co dang co", "incidents"}


def meant(turn: Turn) -> bool:
    """Say whether words ask which incidents run."""
    return fold(turn.text) in _LIST


def typed_list(turn: Turn) -> bool:
    """List what runs for whoever asks; False for other words."""
    if not turn.staff or fold(turn.text) not in _LIST:
        return False
    listed(turn)
    return True


def typed_code(turn: Turn) -> bool:
    """Do what a line such as "hết SC-12" says, whatever the talk is in; False for other words."""
    found = _TYPED.fullmatch(fold(turn.text)) if turn.staff else None
    if found is None:
        return False
    if not _VERBS[found[1]](turn, found[2]):
        turn.say(_("Tổ Số knows no incident {code}.")(code=f"SC-{found[2]}"))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    YES.name: yes,
    NO.name: no,
    END.name: over,
}
FORMS = (NOTICE,)
DUE: dict[str, Callable[[Turn], None]] = {
    LOOK: look,
    HOLD: hold,
    OVER: tell_over,
    STILL: still,
    FORGET: forget,
}
