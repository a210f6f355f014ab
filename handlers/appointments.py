"""When somebody calls or comes: one side names a time, the other agrees or names another, both are reminded.

Calling and coming themselves are agreed to in `arranging.py`; whoever agrees to a time at which they are called or
visited agrees to that as well.  A time is never taken as meant: it is read back with weekday and date.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from handlers import arranging, cases, forms, steps, to_whom, watch
from handlers.forms import Checked, Form, Pick, Question
from handlers.records.requests import Appointment, Request, Way
from handlers.rules import appointing, roles
from handlers.rules.appointing import Read
from handlers.rules.reporting import VIETNAM, local_day, may_send
from handlers.talk import Due
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold

Side = Literal["citizen", "helper"]

LONGEST = 300  # letters of the words in which a time was said
AFTER = timedelta(hours=2)  # after the time, at which it is asked whether they have met
MOST = 4  # choices

AGREE, OTHER, OFF = (
    Choice("time-yes", _("Yes, at that time")),
    Choice("time-other", _("Another time")),
    Choice("time-off", _("Call it off")),
)
MET, NOT_MET = Choice("met-yes", _("Yes, done")), Choice("met-no", _("No, another time"))
MISSED = Choice("met-no", _("No, we did not meet"))  # the same of whoever asked for help
TYPED: dict[str, Text] = {
    "time-yes": _("AGREE {code}"),
    "time-other": _("ANOTHER TIME {code}"),
    "time-off": _("CALL OFF {code}"),
    "met-yes": _("MET {code}"),
    "met-no": _("NOT MET {code}"),
}

# --- how a time is said ---

_DAYS: dict[str, dict[str, Text]] = {
    "today": {
        "sang": _("{hour} this morning, {day}"),
        "trua": _("{hour} around midday today, {day}"),
        "chieu": _("{hour} this afternoon, {day}"),
        "toi": _("{hour} this evening, {day}"),
    },
    "tomorrow": {
        "sang": _("{hour} tomorrow morning, {day}"),
        "trua": _("{hour} around midday tomorrow, {day}"),
        "chieu": _("{hour} tomorrow afternoon, {day}"),
        "toi": _("{hour} tomorrow evening, {day}"),
    },
    "later": {
        "sang": _("{hour} in the morning of {day}"),
        "trua": _("{hour} around midday of {day}"),
        "chieu": _("{hour} in the afternoon of {day}"),
        "toi": _("{hour} in the evening of {day}"),
    },
}
_DAYS_SHORT: dict[str, dict[str, Text]] = {
    "today": {
        "sang": _("{hour} this morning"),
        "trua": _("{hour} midday today"),
        "chieu": _("{hour} this afternoon"),
        "toi": _("{hour} this evening"),
    },
    "tomorrow": {
        "sang": _("{hour} tomorrow morning"),
        "trua": _("{hour} midday tomorrow"),
        "chieu": _("{hour} tomorrow afternoon"),
        "toi": _("{hour} tomorrow evening"),
    },
    "later": {
        "sang": _("{hour} morning, {date}"),
        "trua": _("{hour} midday, {date}"),
        "chieu": _("{hour} afternoon, {date}"),
        "toi": _("{hour} evening, {date}"),
    },
}


def when(turn: Turn, at: datetime) -> Text:
    """Say a time as people do, with weekday and date: "7 giờ tối nay, thứ Hai 30/11/2026"."""
    return _DAYS[_near(turn, at)][appointing.part_of(at)](hour=_hour(at), day=local_day(at))


def label(turn: Turn, at: datetime) -> Text:
    """Say a time in the few letters of a button."""
    day = local_day(at)
    said = _DAYS_SHORT[_near(turn, at)][appointing.part_of(at)](hour=_hour(at))
    return said(date=f"{day.day}/{day.month}")


def _near(turn: Turn, at: datetime) -> str:
    return {0: "today", 1: "tomorrow"}.get((local_day(at) - local_day(turn.now)).days, "later")


def _stamp(at: datetime) -> str:
    """Give a time as a talk keeps it, and a button carries it: Vietnam's."""
    return f"{at.astimezone(VIETNAM):%Y-%m-%dT%H:%M}"


def _moment(stamp: str) -> datetime | None:
    """Give the time that a button carried; None for something else that somebody has sent in its place."""
    try:
        return datetime.strptime(stamp, "%Y-%m-%dT%H:%M").replace(tzinfo=VIETNAM).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hour(at: datetime) -> Text:
    local = at.astimezone(VIETNAM)
    hour = local.hour - 12 if local.hour > 12 else local.hour
    if local.minute:
        return _("{h}:{m}")(h=hour, m=f"{local.minute:02d}")
    return _("{h} o'clock")(h=hour)


# --- a time is named ---


def spoken_of(turn: Turn, request: Request, words: str) -> bool:
    """Say whether words to one's helper, or to one's citizen, are about a time to meet, and nothing else."""
    return bool(_BARE.fullmatch(fold(words))) or _means(request, appointing.read(words, turn.now))


def heard(turn: Turn, request: Request, words: str) -> bool:
    """Take words to one's helper, or to one's citizen, as a time to meet; False where they are about something else."""
    if not spoken_of(turn, request, words):
        return False
    read = appointing.read(words, turn.now)
    locked, _number = _found(turn, request.code)
    side = _side(turn, locked) if locked is not None else None
    if locked is None or side is None:
        return False
    _ask(turn, locked, side, words, read)
    return True


def _means(request: Request, read: Read) -> bool:
    """Say whether words name a time to meet: "hẹn …", or nothing but a time where a call or visit is spoken of."""
    if read.fault == "no-hour":
        return False
    if read.asked:
        return read.few
    spoken_of = request.arranged or request.offer or request.meeting
    return read.only and bool(read.way or read.day or spoken_of)


def _side(turn: Turn, request: Request) -> Side | None:
    """Give on which side of a request under way somebody stands; None where on neither."""
    if request.state != "claimed":
        return None
    standings = cases.standings(turn, turn.person.id, request)
    if not roles.may("answer", standings):
        return None
    return "citizen" if "citizen" in standings else "helper"


def _ask(turn: Turn, request: Request, side: Side, words: str, read: Read) -> None:
    kept = {"code": request.code, "side": side, "said": words[:LONGEST]}
    if read.at is not None:
        kept["when"] = _stamp(read.at)
    if read.agreed:
        kept["agreed"] = "yes"
    way = read.way or _way(request)
    if way:
        kept["way"] = way
    forms.begin(turn, TIME, **kept)


def _way(request: Request) -> Way:
    """Give how they meet where that is clear already."""
    standing = request.offer or request.meeting
    if standing is not None:
        return standing.way
    return "visit" if request.behalf else request.way if request.arranged else ""


_FAULTS = {
    "no-hour": _("At what time? For example: 7pm tomorrow."),
    "which-half": _("In the morning or in the evening?"),
    "which": _("More than one time stands there. Which one is meant? For example: 7pm tomorrow."),
    "past": _("That time has passed. Which one is meant?"),
    "year": _("That day of this year has passed, so it would be next year's. Which day is meant?"),
    "far": _("Appointments go up to 31 days ahead. Which time before that?"),
    "unread": _("Tổ Số cannot read that time. Please type it like this: 8am on 5/12."),
}


def _read_again(turn: Turn) -> Read:
    return appointing.read(turn.talk.kept.get("said", ""), turn.now)


def _when_asked(turn: Turn) -> Text:
    if "from" in turn.talk.kept:
        return _("Which time instead? Choose, or type one, such as 7pm tomorrow.")
    return _FAULTS[_read_again(turn).fault or "no-hour"]


def _when_ways(turn: Turn) -> list[Choice]:
    kept = turn.talk.kept
    at = _moment(kept.get("from", ""))
    ways = appointing.other_times(at, turn.now) if at else _read_again(turn).ways
    return _picks(turn, ways)


def _picks(turn: Turn, ways: tuple[datetime, ...]) -> list[Choice]:
    return [Choice(f"pick={_stamp(at)}", label(turn, at)) for at in ways if at > turn.now][:MOST]


def _when(turn: Turn, text: str) -> Checked:
    """Accept a time; of one that is not clear it is asked once more what is meant."""
    before = turn.talk.kept.get("said", "") if "from" not in turn.talk.kept else ""
    read = appointing.read(text, turn.now)
    if read.fault == "no-hour" and before:  # "tối", or "ngày mai": the rest stands above
        read = appointing.read(f"{before} {text}", turn.now)
        text = f"{before} {text}"
    if read.fault == "no-hour":
        return None
    turn.change(kept={**turn.talk.kept, "said": text[:LONGEST]} | ({"way": read.way} if read.way else {}))
    if read.at is None:
        return Pick(_FAULTS[read.fault], tuple(_picks(turn, read.ways)))
    return _stamp(read.at)


def _asks_number(turn: Turn) -> bool:
    kept = turn.talk.kept
    request = cases.find(turn, kept["code"])
    return kept["side"] == "citizen" and kept.get("way") == "call" and not (request and request.phone)


def _named(turn: Turn) -> None:
    """Put the time before the other side."""
    kept = turn.talk.kept
    turn.end()
    request = cases.find(turn, kept["code"])
    side = _side(turn, request) if request is not None else None
    at = _moment(kept["when"])
    if request is None or side is None:
        turn.say(cases.finished(turn, request) if request else _GONE)
    elif kept.get("phone") == " ":
        turn.say(_("All right, no call. A time for a visit, or words here, will do as well."))
    elif at is None or at > turn.now + appointing.FARTHEST:
        turn.say(_FAULTS["far" if at else "unread"])
    elif at <= turn.now:
        turn.say(_("That time has passed meanwhile. Please name another."))
    else:
        way: Way = "call" if kept["way"] == "call" else "visit"
        request = msgspec.structs.replace(request, phone=kept.get("phone") or request.phone)
        spoken = "agreed" in kept and side == "helper" and way == "call"
        if spoken and request.arranged and request.way == "call":
            _propose(turn, request, side, at, way, "", spoken=True)
        else:
            _propose(turn, request, side, at, way, kept.get("said", ""))
    steps.again(turn, _("Back to where we were:"))


def _propose(
    turn: Turn, request: Request, side: Side, at: datetime, way: Way, said: str, *, spoken: bool = False
) -> None:
    """Put a time before the other side; one that they have `spoken` of, or that is theirs already, stands at once."""
    stands, offer = request.meeting, request.offer
    if stands is not None and (stands.at, stands.way) == (at, way):
        turn.say(lines(_("That is agreed already."), _told(turn, request, stands)))
        return
    if offer is not None and offer.by != side and (offer.at, offer.way) == (at, way):
        _settle(turn, request, offer)
        return
    number = request.meetings + 1
    stood = request.arranged is not None and request.way == way
    if stands is not None and stands.way == way:
        stood = stands.stood
    offer = Appointment(number=number, at=at, way=way, by=side, stood=stood)
    request = cases.change(
        turn, request, f"proposed a {_event(offer)}", offer=offer, meetings=number, phone=request.phone
    )
    if spoken or not request.citizen:  # at the door, or by telephone: they have agreed to it in person
        _settle(turn, request, offer)
        return
    told = [_ASKED[side, way](**_names(turn, request), code=cases.written(request), when=when(turn, at))]
    if said and not appointing.read(said, turn.now).only:
        told.append(_("In own words: {words}")(words=_quoted(turn, said)))
    if stands is not None:
        told.append(_("Until then {when} stands.")(when=when(turn, stands.at)))
    told.append(_("Does that suit?"))
    _tell_other(turn, request, side, lines(*told), AGREE, OTHER)
    turn.say(
        _PUT[way](name=_other(turn, request, side), when=when(turn, at)),
        [_at(OFF, request, number)],
    )


_PLAIN_YES = re.compile(
    r"(?:da |u |uh |vang |ok )*(?:duoc|u|uh|um|ok|oke|vang|da|nhat tri|yes|all right|fine)"
    r"(?: (?:roi|day|a|ah|nhe|nha|chau|con|em|anh|chi|co|chu|bac|ong|ba))*"
)


def asked_again(turn: Turn, request: Request) -> None:
    """Ask once more whether a time suits, where "được" has gone to the other side and may have been meant for that."""
    side, offer = _side(turn, request), request.offer
    if (
        side is None
        or offer is None
        or not _answers(turn, request)
        or not _PLAIN_YES.fullmatch(fold(turn.text))
    ):
        return
    asked = _ASKED[offer.by, offer.way](
        **_names(turn, request), code=cases.written(request), when=when(turn, offer.at)
    )
    number = request.meetings
    turn.say(lines(asked, _("Does that suit?")), [_at(one, request, number) for one in (AGREE, OTHER)])


def _quoted(turn: Turn, words: str) -> Text:
    return _("“{words}”")(words=cases.passed_on(turn, words))


_ASKED: dict[tuple[Side, Way], Text] = {
    ("helper", "call"): _("{Helper} would like to call about {code}: {when}."),
    ("helper", "visit"): _("{Helper} would like to come about {code}: {when}."),
    ("citizen", "call"): _("{Name} would like to be called about {code}: {when}."),
    ("citizen", "visit"): _("{Name} would like a visit about {code}: {when}."),
}
_PUT: dict[Way, Text] = {
    "call": _("A call, {when}: {name} is being asked."),
    "visit": _("A visit, {when}: {name} is being asked."),
}
_GONE = _("That belongs to something already finished.")


def _event(one: Appointment) -> str:
    """Name an appointment in the events of its request."""
    return f"{one.way} on {one.at.astimezone(VIETNAM):%Y-%m-%d %H:%M}"


def _names(turn: Turn, request: Request) -> dict[str, Text]:
    return {
        "Helper": cases.helper_first(turn, request.claimed_by),
        "Name": cases.citizen_first(request),
    }


def _other(turn: Turn, request: Request, side: Side) -> Text:
    return cases.citizen(request) if side == "helper" else cases.helper(turn, request.claimed_by)


def _at(choice: Choice, request: Request, number: int) -> Choice:
    """Give a choice about this very time: pressed under an older one it does nothing."""
    return msgspec.structs.replace(
        choice, context=f"{request.code}:{number}", typed=TYPED[choice.name](code=request.code)
    )


def _tell_other(turn: Turn, request: Request, side: Side, text: Text, *choices: Choice) -> None:
    number = request.meetings
    to = request.citizen if side == "helper" else request.claimed_by
    if to:
        turn.say(
            text,
            [_at(one, request, number) for one in choices],
            to=to,
            kind="notice",
            about=cases.words_of(request),
        )


# --- the answer ---


def agree(turn: Turn, context: str) -> bool:
    """Hear that a time suits; a call needs a number."""
    request, number = _found(turn, context)
    side = _side(turn, request) if request is not None else None
    if request is None or side is None:
        return _over(turn, request)
    offer = request.offer
    if offer is None or offer.by == side or number not in (0, offer.number):
        return _stands_so(turn, request, side)
    if offer.at <= turn.now:
        turn.say(_("That time has passed meanwhile. Please name another."))
        return another(turn, context)
    if side == "citizen" and offer.way == "call" and not request.phone:
        forms.begin(turn, NUMBER, code=request.code, number=str(offer.number))
        return True
    _settle(turn, request, offer)
    return True


def _with_number(turn: Turn) -> None:
    kept = turn.talk.kept
    turn.end()
    request = cases.find(turn, kept["code"])
    side = _side(turn, request) if request is not None else None
    offer = request.offer if request is not None else None
    if request is None or side is None:
        _over(turn, request)
    elif offer is None or str(offer.number) != kept["number"] or offer.at <= turn.now:
        _stands_so(turn, request, side)
    elif kept["phone"] == " ":
        _drop(turn, request, side)
    else:
        _settle(turn, msgspec.structs.replace(request, phone=kept["phone"]), offer)
    steps.again(turn, _("Back to where we were:"))


def _settle(turn: Turn, request: Request, offer: Appointment) -> None:
    """Let a time stand: both are told, and reminded of it; the clock of the request waits for it."""
    meeting = msgspec.structs.replace(offer, agreed=turn.now)
    kept = request.arranged is not None and request.way == offer.way
    request = cases.change(
        turn,
        request,
        f"agreed to a {_event(offer)}",
        **(
            watch.parted(turn, request)
            | {
                "meeting": meeting,
                "phone": request.phone,
                "way": offer.way,
                "arranged": request.arranged if kept else turn.now,
                "proposed": "",
            }
        ),
    )
    watch.watch(turn, request)
    about, facts = cases.about(request), {"number": str(meeting.number)}
    key = f"meeting:{request.id}:{meeting.number}"
    before = meeting.at - timedelta(minutes=turn.shelf.office.remind_before)
    if before > turn.now:
        turn.later(f"{key}:remind", before, REMIND, about, **facts)
    asked = may_send(meeting.at + AFTER, turn.shelf.calendar).then  # it can wait for the morning
    turn.later(f"{key}:after", asked, ASK_AFTER, about, **facts)
    reminded = (
        [_("Tổ Số reminds {minutes} minutes before.")(minutes=turn.shelf.office.remind_before)]
        if before > turn.now
        else []
    )
    _tell_both(
        turn,
        request,
        meeting,
        _("Agreed with {name}, {code}: {when}."),
        *reminded,
        to_helper=cases.words_of(request),
    )


def _tell_both(
    turn: Turn,
    request: Request,
    meeting: Appointment,
    helpers: Text,
    *more: Text,
    to_citizen: str = "",
    to_helper: str = "",
) -> None:
    """Tell both sides of a time that stands, and each their part of the two words; with what each message is about."""
    choices = [_at(one, request, meeting.number) for one in (OTHER, OFF)]
    if request.citizen:
        turn.say(
            lines(
                _told(turn, request, meeting),
                _("Whoever it is must first say **{words}**.")(words=request.watchwords),
                *more,
            ),
            choices,
            to=request.citizen,
            kind="notice",
            about=to_citizen,
        )
    turn.say(
        lines(
            helpers(name=cases.citizen(request), code=cases.written(request), when=when(turn, meeting.at)),
            _BY_HELPER[meeting.way](words=request.watchwords, phone=request.phone),
            *more,
        ),
        choices,
        to=request.claimed_by,
        kind="notice",
        about=to_helper,
    )


_BY_HELPER: dict[Way, Text] = {
    "call": _("Call {phone}; first say **{words}**, then your name and your team."),
    "visit": _("At the door first say **{words}**, then your name and your team."),
}


def another(turn: Turn, context: str) -> bool:
    """Ask for another time than the one that is proposed, or that stands."""
    request, _number = _found(turn, context)
    side = _side(turn, request) if request is not None else None
    if request is None or side is None:
        return _over(turn, request)
    one = request.offer or request.meeting
    kept = {"code": request.code, "side": side}
    way = _way(request)
    if way:
        kept["way"] = way
    if one is not None:
        kept["from"] = _stamp(one.at)
    forms.begin(turn, TIME, **kept)
    return True


def call_off(turn: Turn, context: str) -> bool:
    """Call off what has been proposed or agreed to; the other side is told."""
    request, number = _found(turn, context)
    side = _side(turn, request) if request is not None else None
    if request is None or side is None:
        return _over(turn, request)
    latest = max(one.number for one in (request.offer, request.meeting) if one) if _any(request) else 0
    if not latest or (
        number and number != latest and not (request.meeting and number == request.meeting.number)
    ):
        return _stands_so(turn, request, side)
    _drop(turn, request, side)
    return True


def _any(request: Request) -> bool:
    return request.offer is not None or request.meeting is not None


def _drop(turn: Turn, request: Request, side: Side) -> None:
    """End what is proposed and what stands."""
    one = request.meeting or request.offer
    assert one is not None
    fields = watch.parted(turn, request)
    request = cases.change(turn, request, f"called off the {_event(one)}", **fields)
    watch.watch(turn, request)
    at = when(turn, one.at)
    if request.citizen:
        told = _("{Helper} calls it off, {code}: {when} is no longer so.")
        if side == "citizen":
            told = _("{Name} calls it off, {code}: {when} is no longer so.")
        told = told(**_names(turn, request), code=cases.written(request), when=at)
        _tell_other(turn, request, side, told, OTHER)
    turn.say(_("Called off: {when}.")(when=at), [_at(OTHER, request, request.meetings)])


def _found(turn: Turn, context: str) -> tuple[Request | None, int]:
    """Give the request, and the number of the time, that words or a button are about; a clock that waits goes on."""
    code, _colon, number = context.partition(":")
    request = cases.find(turn, code)
    if request is not None and request.citizen == turn.person.id and request.paused is not None:
        cases.answered(turn, request)
        request = cases.find(turn, code)
    return request, int(number) if number.isdecimal() and len(number) < 12 else 0


def _over(turn: Turn, request: Request | None) -> bool:
    mine = request is not None and turn.person.id in (request.citizen, request.claimed_by)
    turn.say(cases.finished(turn, request) if request is not None and mine else _GONE)
    return True


def _stands_so(turn: Turn, request: Request, side: Side) -> bool:
    """Say what is so now, where a button belongs to a time that is no longer spoken of."""
    offer = request.offer
    if side == "helper":
        cases.look(turn, request)
    if request.meeting is not None:
        turn.say(_told(turn, request, request.meeting), [_at(OFF, request, request.meeting.number)])
    elif offer is not None:
        at = when(turn, offer.at)
        if offer.by == side:
            turn.say(_PUT[offer.way](name=_other(turn, request, side), when=at))
        else:
            turn.say(
                _("Proposed now, {code}: {when}.")(code=cases.written(request), when=at),
                [_at(AGREE, request, offer.number), _at(OTHER, request, offer.number)],
            )
    else:
        turn.say(_("No appointment stands for {code}.")(code=cases.written(request)))
    return True


def _told(turn: Turn, request: Request, meeting: Appointment) -> Text:
    return _STANDS[meeting.way](
        helper=cases.helper(turn, request.claimed_by),
        code=cases.written(request),
        when=when(turn, meeting.at),
    )


_STANDS: dict[Way, Text] = {
    "call": _("Appointment for {code}: {helper} calls, {when}."),
    "visit": _("Appointment for {code}: {helper} comes, {when}."),
}


def stands(turn: Turn, request: Request) -> list[Text]:
    """Say which appointment stands for a request, to whoever asks how far it is; nothing where none does."""
    meeting = request.meeting
    if request.state != "claimed" or meeting is None or meeting.at <= turn.now:
        return []
    return [_told(turn, request, meeting)]


# --- when its time comes ---

REMIND, ASK_AFTER, TELL_MISSED = "meeting.remind", "meeting.after", "meeting.missed"


def _due(turn: Turn) -> Request | None:
    """Give the request whose appointment an event of the clock is about, where that still stands."""
    assert isinstance(turn.event, Due)
    request = turn.requests.by_number(int(turn.event.about.partition(":")[2]))
    if request is None or request.state != "claimed" or request.meeting is None:
        return None
    return request if str(request.meeting.number) == turn.event.facts["number"] else None


def remind(turn: Turn) -> None:
    """Remind both of an appointment that still stands and is still to come."""
    request = _due(turn)
    if request is None or request.meeting is None or request.meeting.at <= turn.now:
        return
    if not cases.helps(turn, request.claimed_by, request):  # they left, and nobody has noticed so far
        cases.gone(turn, request)
        return
    about = cases.about(request)
    soon = _("Soon, with {name}, {code}: {when}.")
    _tell_both(turn, request, request.meeting, soon, to_citizen=about, to_helper=about)
    turn.note("reminded of the appointment", cases.about(request), 0)


def ask_after(turn: Turn) -> None:
    """Ask both once whether they have met, where nothing has been said of it."""
    request = _due(turn)
    if request is None or request.meeting is None or not cases.helps(turn, request.claimed_by, request):
        return
    turn.say(
        _("{code}, {when}: have you met {name}?")(
            code=cases.written(request), when=when(turn, request.meeting.at), name=cases.citizen(request)
        ),
        [_at(one, request, request.meeting.number) for one in (MET, NOT_MET)],
        to=request.claimed_by,
        kind="notice",
    )
    if request.citizen:
        turn.say(
            _ASKED_AFTER[request.meeting.way](
                code=cases.written(request),
                when=when(turn, request.meeting.at),
                helper=cases.helper(turn, request.claimed_by),
            ),
            [_at(one, request, request.meeting.number) for one in (MET, MISSED)],
            to=request.citizen,
            kind="notice",
        )
    turn.note("asked whether they met", cases.about(request), 0)


_ASKED_AFTER: dict[Way, Text] = {
    "call": _("{code}, {when}: has {helper} called you?"),
    "visit": _("{code}, {when}: has {helper} been to you?"),
}


def met(turn: Turn, context: str) -> bool:
    """Hear from either side that they have met; only the helper's word ends the appointment."""
    if (own := _own_past(turn, context)) is not None:
        cases.change(turn, own, "met, says who asked")
        turn.say(_("Good to hear. Type “how far” to see what is left to do."))
        return True
    request = _past(turn, context)
    if request is not None:
        cases.change(turn, request, "met", **watch.parted(turn, request))
        turn.say(
            _("Good. If all of {code} is done, type “done {short}”.")(
                code=cases.written(request), short=request.code
            )
        )
    return True


def not_met(turn: Turn, context: str) -> bool:
    """Hear that they have not met: of the helper another time is asked, of what the citizen says the lead hears."""
    if (own := _own_past(turn, context)) is not None:
        return _missed(turn, own, _found(turn, context)[1] or own.meetings)
    request = _past(turn, context)
    if request is None:
        return True
    meeting = request.meeting
    assert meeting is not None
    request = cases.change(turn, request, "not met", **watch.parted(turn, request))
    cases.tell_citizen(
        turn,
        request,
        _("{Helper} notes that you have not met, {code}. You will hear of another time.")(
            Helper=cases.helper_first(turn, turn.person.id), code=cases.written(request)
        ),
    )
    forms.begin(turn, TIME, code=request.code, side="helper", way=meeting.way, **{"from": _stamp(meeting.at)})
    return True


def _own_past(turn: Turn, context: str) -> Request | None:
    """Give one's own request of which an appointment has passed, whatever its helper says of it; None otherwise."""
    request, number = _found(turn, context)
    if request is None or request.citizen != turn.person.id or not 0 <= number <= request.meetings:
        return None
    meeting = request.meeting
    coming = meeting is not None and meeting.at > turn.now and number in (0, meeting.number)
    return None if coming or not request.meetings else request


def _missed(turn: Turn, request: Request, number: int) -> bool:
    cases.change(turn, request, "not met, says who asked")
    at = may_send(turn.now, turn.shelf.calendar).then
    facts = {"number": str(number), "helper": str(request.claimed_by)}
    turn.later(f"meeting:{request.id}:{number}:missed", at, TELL_MISSED, cases.about(request), **facts)
    turn.say(
        _(
            "Sorry about that. {helper} and the lead of {team} will hear of it; you can name another time yourself."
        )(helper=cases.helper_first(turn, request.claimed_by), team=cases.team(turn, request)),
        [_at(OTHER, request, 0)] if request.state == "claimed" else [],
    )
    return True


def tell_missed(turn: Turn) -> None:
    """Tell the lead, or else the office, once that somebody has waited in vain; and the helper."""
    assert isinstance(turn.event, Due)
    request = turn.requests.by_number(int(turn.event.about.partition(":")[2]))
    if request is None or not request.citizen:
        return
    helper = int(turn.event.facts["helper"])
    values = {
        "code": cases.written(request),
        "Name": cases.citizen_first(request),
        "helper": cases.helper(turn, helper),
    }
    themselves = (helper, request.citizen)
    leads = [lead for lead in turn.people.holding("lead", request.team) if lead.id not in themselves]
    for person in leads or [one for one in cases.office(turn, request.commune) if one.id not in themselves]:
        turn.say(
            _("{Name} says that the appointment with {helper} did not take place, {code}.")(**values),
            [cases.at(cases.REASSIGN, request)] if request.state == "claimed" else [],
            to=person,
            kind="notice",
            about=cases.words_of(request),
        )
    number = int(turn.event.facts["number"])
    since = any(one.number > number for one in (request.meeting, request.offer) if one)
    if request.state == "claimed" and request.claimed_by == helper and not since:
        turn.say(
            _("{Name} says that you have not met, {code}. Please name another time.")(**values),
            [_at(OTHER, request, 0)],
            to=helper,
            kind="notice",
            about=cases.words_of(request),
        )
    turn.note("told of the missed appointment", cases.about(request), 0)


def _past(turn: Turn, context: str) -> Request | None:
    """Give the request of an appointment whose time has come, for its helper; where it is none, say so."""
    request, number = _found(turn, context)
    if request is None or _side(turn, request) != "helper":
        _over(turn, request)
        return None
    meeting = request.meeting
    if meeting is None or number not in (0, meeting.number) or meeting.at > turn.now:
        _stands_so(turn, request, "helper")
        return None
    return request


# --- typed ---

_CODE = rf"(?: ?{cases.CODE})?"
_POLITE = r"(?: nhe| a| di| giup| please)*"
_OFF = re.compile(
    rf"(?:thoi|huy|bo)(?: cuoc| lich)? hen(?: nua)?{_CODE}{_POLITE}|call off{_CODE}"
    rf"|(?:call off|cancel) (?:the |my )?appointment{_CODE}{_POLITE}"
)
_OTHER = re.compile(
    rf"(?:xin |cho )?(?:doi|doi gio|doi lich|lui|doi lai gio)(?: cuoc)? hen{_CODE}{_POLITE}"
    rf"|(?:xin |cho )?gio khac{_CODE}{_POLITE}"
    rf"|another time{_CODE}{_POLITE}|(?:move|change) (?:the |my )?appointment{_CODE}{_POLITE}"
)
_YES = re.compile(rf"(?:toi |em |co |bac |chau |i )?(?:dong y|agree){_CODE}{_POLITE}")
_MET = re.compile(rf"(?:da gap|gap roi|met){_CODE}{_POLITE}")
_NOT_MET = re.compile(rf"(?:chua gap(?: duoc)?|not met){_CODE}{_POLITE}")
_TIME = re.compile(
    r"\s*(?P<verb>hẹn|hen|appointment)\s+(?:yc[\s-]*)?(?P<code>\d[a-z]\d(?:[a-z]\d)*[a-z]?)\b\s*(?P<words>.*)",
    re.I | re.S,
)
_BARE = re.compile(
    r"(?:hen|dat hen|hen gio|hen (?:goi|den)(?: bac| co| chu| anh| chi| em)?|make an appointment)"
)


def typed_card(turn: Turn) -> bool:
    """Hear "hẹn 4K7 7h tối", "thôi hẹn", "đổi hẹn" and what else is typed of appointments; False for other words."""
    if not (turn.helped or turn.staff) or turn.talk.doing.startswith("form "):
        return False
    if named := _TIME.fullmatch(turn.text):
        request, _number = _found(turn, named["code"])
        side = _side(turn, request) if request is not None else None
        if request is None or side is None:
            return False
        words = f"hẹn {named['words']}"
        _ask(turn, request, side, words, appointing.read(words, turn.now))
        return True
    said = fold(turn.text)
    for form, act, concerned in _SAID:
        if found := form.fullmatch(said):
            return _one_of(turn, next(filter(None, found.groups()), ""), act, concerned)
    return False


def _answers(turn: Turn, request: Request) -> bool:
    return request.offer is not None and request.offer.by != _side(turn, request)


def _passed(turn: Turn, request: Request) -> bool:
    return request.meeting is not None and request.meeting.at <= turn.now


_SAID: tuple[tuple[re.Pattern[str], Callable[[Turn, str], bool], Callable[[Turn, Request], bool]], ...] = (
    (_OFF, call_off, lambda turn, request: _any(request)),
    (_OTHER, another, lambda turn, request: _any(request)),
    (_YES, agree, _answers),
    (_MET, met, _passed),
    (_NOT_MET, not_met, _passed),
)


def _one_of(
    turn: Turn, code: str, act: Callable[[Turn, str], bool], concerned: Callable[[Turn, Request], bool]
) -> bool:
    """Act on the only request that is meant; False where none is, or where that is not clear."""
    own = {request.id: request for request in turn.requests.helping(turn.person.id)} if turn.helped else {}
    held = {request.id: request for request in turn.requests.held_by(turn.person.id)} if turn.staff else {}
    able = [
        request
        for request in (own | held).values()
        if (request.code == code.upper() if code else concerned(turn, request))
    ]
    if act is agree and code and able and (able[0].proposed or not able[0].meetings):
        return False  # to a call or a visit
    if act is agree and not code and any(request.proposed for request in own.values()):
        return False  # "đồng ý" may answer that
    if able and not code and not _clear(turn, able, len(own | held)):
        name = next(name for name, one in CARDS.items() if one is act)
        turn.say(
            _("Which appointment is meant? Nothing has been sent to anybody."),
            [Choice(name, as_is(cases.written(request)), request.code) for request in able[:MOST]],
        )
        return True
    return len(able) == 1 and act(turn, able[0].code)


def _clear(turn: Turn, able: list[Request], under_way: int) -> bool:
    """Say whether a bare word can only be about one request: nobody else could be meant, or its talk is open."""
    if len(able) > 1 or under_way == 1:
        return under_way == 1
    return turn.talk.doing == f"help {able[0].code}" and to_whom.clear(turn, able[0])


TIME = Form(
    "time",
    (
        Question(
            "when",
            ask=_when_asked,
            check=_when,
            otherwise=_("Please type a time, such as 7pm tomorrow, or choose:"),
            choices=_when_ways,
        ),
        Question(
            "way",
            ask=lambda turn: _("A call or a visit?"),
            check=forms.one_of("call", "visit"),
            otherwise=_("Please choose one of these."),
            choices=lambda turn: (arranging.CALL, arranging.VISIT),
        ),
        msgspec.structs.replace(arranging.NUMBER, needed=_asks_number),
    ),
    _named,
)
NUMBER = Form("time-number", (arranging.NUMBER,), _with_number)
CARDS: dict[str, Callable[[Turn, str], bool]] = {
    AGREE.name: agree,
    OTHER.name: another,
    OFF.name: call_off,
    MET.name: met,
    NOT_MET.name: not_met,
}
FORMS = (TIME, NUMBER)
DUE: dict[str, Callable[[Turn], None]] = {REMIND: remind, ASK_AFTER: ask_after, TELL_MISSED: tell_missed}
