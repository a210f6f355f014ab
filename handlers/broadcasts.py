"""An approved announcement on its way: laid down piece by piece, stopped, counted at the end.

Every piece is a turn of its own, so its messages and the place up to which it went are one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import msgspec

from handlers.filing import lines, who
from handlers.records.announcements import Announcement, Progress, Reach, Whom
from handlers.records.people import Person, Unit
from handlers.rules.areas import AREAS
from handlers.rules.reporting import may_send
from handlers.talk import Due
from handlers.text import Text, _, as_is, said_in
from handlers.turn import Turn
from knowledge.links import defanged, found_in, judge

DOING = "announce"  # of the talk in which one is written or judged
PIECE = 200  # people in one turn
STOPPED = 1000  # messages that one turn takes back
LASTS = timedelta(days=7)  # after which what has not left is old news
SOON, LOOK = (
    timedelta(minutes=1),
    timedelta(minutes=10),
)  # from laying it down to the first look, and to the next

OPT_OUT = _("No more of these: type “stop news”.")
MAY_APPROVE = ("officer", "head")

# --- what it says, and to whom ---


def place(turn: Turn, unit: Unit) -> str:
    """Give the unit as people of the place call it, without its province."""
    commune = turn.shelf.places.commune(unit.commune)
    province = turn.shelf.places.label(commune).rpartition(", ")[2] if commune else ""
    return unit.name.removesuffix(f", {province}")


def unit_of(turn: Turn, announcement: Announcement) -> Unit:
    """Give the unit that announces."""
    unit = turn.people.unit(announcement.unit)
    assert unit is not None
    return unit


def shown(turn: Turn, unit: Unit, words: dict[str, str], lang: str, area: str = "") -> Text:
    """Give the message just as its readers of a language see it; where it has no words in that, the Vietnamese."""
    name = as_is(place(turn, unit))
    news = _("**News of {unit}**")(unit=name)
    if area:
        news = _("**News of {unit} about {area}**")(unit=name, area=AREAS[area])
    return said_in(lang, lines(news, as_is(words.get(lang, words["vi"])), OPT_OUT))


WHOM: dict[str, Text] = {
    "commune": _("the people of {unit} who have asked for news"),
    "village": _("the people of {village} who have asked for news"),
    "commune about": _("the people of {unit} who have asked for news about {area}"),
    "village about": _("the people of {village} who have asked for news about {area}"),
    "teams": _("the community digital teams of {unit}"),
    "reporters": _("the reporting officers of {unit}"),
    "heads": _("the heads of the offices of {unit}"),
    "officers": _("the officers in charge of {unit}"),
}


def whom(turn: Turn, unit: Unit, kind: str, village: str, area: str = "") -> Text:
    """Say whom an announcement is for."""
    if area:
        return WHOM[f"{kind} about"](unit=as_is(place(turn, unit)), village=as_is(village), area=AREAS[area])
    return WHOM[kind](unit=as_is(place(turn, unit)), village=as_is(village))


def announcing(turn: Turn, kinds: tuple[str, ...]) -> tuple[int, ...]:
    """Give the offices of communes and provinces in which this person has one of these roles; no body beside them."""
    places = dict.fromkeys(role.place for role in turn.people.roles(turn.person.id) if role.kind in kinds)
    return tuple(place for place in places if (unit := turn.people.unit(place)) and not unit.body)


def approvers(turn: Turn, unit: int, author: int) -> tuple[Person, ...]:
    """Give those of the unit who may approve what this person has written."""
    holding = (*turn.people.holding("officer", unit), *turn.people.holding("head", unit))
    return tuple({person.id: person for person in holding if person.id != author}.values())


def may_judge(turn: Turn, unit: int) -> bool:
    """Say whether the person of this turn has a say in what the unit announces."""
    return any(role.place == unit and role.kind in MAY_APPROVE for role in turn.people.roles(turn.person.id))


def reach_of(turn: Turn, unit: int, kind: str, village: str, area: str = "") -> Reach:
    """Count whom it reaches now."""
    return turn.announcements.reach(
        unit, msgspec.convert(kind, Whom), village, turn.shelf.office.platforms, _communes(turn, unit), area
    )


def asked_for(turn: Turn, unit: int) -> tuple[str, ...]:
    """Give the areas of which people there have asked for news, what most have asked for first."""
    return tuple(area for area in turn.announcements.areas(unit, _communes(turn, unit)) if area in AREAS)


def _communes(turn: Turn, unit: int) -> tuple[str, ...]:
    """Give the communes that an announcement of a province reaches; none for others, whose own it is."""
    announcing = turn.people.unit(unit)
    if announcing is None or announcing.kind != "province":
        return ()
    return tuple(commune.code for commune in turn.shelf.places.communes_of(announcing.commune))


def doubtful(turn: Turn, words: dict[str, str]) -> list[Text]:
    """Name the addresses that are neither known nor false, for the eyes of both."""
    domains = turn.shelf.domains
    links = dict.fromkeys(link for text in words.values() for link in found_in(text, domains))
    warn = _("▲ Tổ Số does not know the address {link}. Please look at it once more.")
    return [warn(link=as_is(defanged(link))) for link in links if judge(link, domains).answer == "unknown"]


def reached(reach: Reach, prices: Mapping[str, int]) -> list[Text]:
    """Say how many it reaches on which platform, at what cost, and how many not, and why."""
    told = []
    for way in reach.ways:
        line = _("• {channel}: {n}")(channel=way.name, n=way.people)
        if way.paid:
            line = _("{line}, {n} of them at a charge of the platform")(line=line, n=way.paid)
            if price := prices.get(way.platform, 0):
                line = _("{line}: about {sum} đồng")(line=line, sum=way.paid * price)
        if way.left is not None:
            line = _("{line}; left of the month: {n}")(line=line, n=way.left)
        told.append(line)
    if not reach.people:
        told.append(_("Nobody can be reached with it now."))
    elif not any(way.paid for way in reach.ways):
        told.append(_("No message is charged."))
    for text, number in (
        (_("• Silent for too long to be written to: {n}"), reach.closed),
        (_("• Want no announcements: {n}"), reach.unwanted),
        (_("• Live there and have not asked for news: {n}"), reach.unasked),
        (_("• Live there and have asked for other news only: {n}"), reach.elsewhere),
    ):
        if number:
            told.append(text(n=number))
    return told


def when(turn: Turn) -> Text:
    """Say when it would go out, were it approved now."""
    verdict = may_send(turn.now, turn.shelf.calendar)
    if verdict.ok:
        return _("Approved now, it goes out at once.")
    return _("Approved now, it goes out from {at} on.")(at=verdict.then)


def starts(turn: Turn) -> Text:
    """Say when what has just been approved goes out."""
    verdict = may_send(turn.now, turn.shelf.calendar)
    return _("It goes out now.") if verdict.ok else _("It goes out from {at} on.")(at=verdict.then)


def names(turn: Turn, people: tuple[Person, ...]) -> Text:
    """Name those who are asked, the first three."""
    told = who(turn, people[0].id)
    for person in people[1:3]:
        told = _("{one} or {other}")(one=told, other=who(turn, person.id))
    return told


def begin(turn: Turn, announcement: Announcement) -> None:
    """Put the first piece, at an hour at which people may be written to."""
    _next(turn, announcement)


# --- what the clock brings ---


def lay(turn: Turn, piece: int = PIECE) -> None:
    """Lay the messages for the next people down, and remember up to whom."""
    announcement = _of(turn)
    if announcement is None or announcement.state != "running" or announcement.complete:
        return
    if not may_send(turn.now, turn.shelf.calendar).ok:  # the office's computer was off meanwhile
        _next(turn, announcement)
        return
    unit = unit_of(turn, announcement)
    until = announcement.until or turn.now + LASTS
    found = turn.announcements.next(
        announcement, piece, turn.shelf.office.platforms, _communes(turn, unit.id)
    )
    for recipient in found.recipients:
        turn.say(
            shown(turn, unit, announcement.words, recipient.lang or "vi", announcement.area),
            to=recipient.person,
            contact=recipient.contact,
            kind="broadcast",
            about=announcement.about,
            until=until,
        )
    announcement = turn.announcements.save(
        msgspec.structs.replace(
            announcement,
            cursor=found.cursor,
            laid=announcement.laid + len(found.recipients),
            missed=announcement.missed + found.missed,
            complete=found.last,
            until=until,
        )
    )
    if found.last:
        _look_at(turn, announcement, SOON)
    else:
        _next(turn, announcement)


def look(turn: Turn, most: int = STOPPED) -> None:
    """Report the result once nothing waits any more; take back what is stopped or too old."""
    announcement = _of(turn)
    if announcement is None or announcement.state not in ("running", "stopping"):
        return
    old = announcement.until is not None and turn.now > announcement.until
    if (announcement.state == "stopping" or old) and turn.announcements.withdraw(announcement, most):
        _look_at(turn, announcement, timedelta(0))
        return
    progress = turn.announcements.progress(announcement)
    if progress.waiting:
        _look_at(turn, announcement, SOON if announcement.state == "stopping" else LOOK)
        return
    announcement = turn.announcements.save(
        msgspec.structs.replace(announcement, state="over", ended=turn.now, result=progress)
    )
    turn.note("over", announcement.about, 0)
    head = (
        _("Announcement **{code}** was stopped.")
        if announcement.stopped_by
        else _("Announcement **{code}** is over.")
    )
    told = lines(head(code=announcement.written), *counted(announcement, progress))
    for person in dict.fromkeys((announcement.author, announcement.approver, announcement.stopped_by)):
        if person and turn.people.roles(person):
            turn.say(told, to=person, kind="notice", about=announcement.notices)


DUE: dict[str, Callable[[Turn], None]] = {"announce.lay": lay, "announce.look": look}


def _next(turn: Turn, announcement: Announcement) -> None:
    verdict = may_send(turn.now, turn.shelf.calendar)
    at = turn.now if verdict.ok else verdict.then
    key = f"{announcement.about}:lay:{announcement.cursor}"
    turn.later(key if verdict.ok else f"{key}:{at:%Y%m%d}", at, "announce.lay", announcement.about)


def _look_at(turn: Turn, announcement: Announcement, wait: timedelta) -> None:
    at = turn.after(wait)
    left = "" if wait else f":{announcement.version}:{turn.announcements.progress(announcement).waiting}"
    turn.later(f"{announcement.about}:look:{at:%Y%m%d%H%M}{left}", at, "announce.look", announcement.about)


def _of(turn: Turn) -> Announcement | None:
    number = turn.event.about.partition(":")[2] if isinstance(turn.event, Due) else ""
    return turn.announcements.by_number(int(number)) if number.isdigit() else None


# --- stopped, and asked after ---


def stop(turn: Turn, code: str) -> bool:
    """Take back what has not left yet."""
    announcement = turn.announcements.by_code(code)
    if announcement is None:
        return False
    if not may_judge(turn, announcement.unit):
        turn.say(
            _("That is for an officer or the head of {unit}."),
            unit=as_is(place(turn, unit_of(turn, announcement))),
        )
        return True
    if announcement.state == "waiting":
        turn.announcements.save(
            msgspec.structs.replace(announcement, state="over", stopped_by=turn.person.id, ended=turn.now)
        )
        turn.withdraw(announcement.notices)
        turn.note("withdrawn before it was approved", announcement.about)
        turn.say(_("**{code}** is taken back; nobody has received it."), code=announcement.written)
        return True
    if announcement.state != "running":
        turn.say(_("**{code}** is not under way."), code=announcement.written)
        return True
    announcement = turn.announcements.save(
        msgspec.structs.replace(announcement, state="stopping", stopped_by=turn.person.id)
    )
    turn.announcements.withdraw(announcement, STOPPED)
    turn.note("stopped", announcement.about)
    _look_at(turn, announcement, timedelta(0))
    progress = turn.announcements.progress(announcement)
    turn.say(
        lines(
            _("Stopped: **{code}**. What has not left yet is taken back.")(code=announcement.written),
            _("• Sent before that: {n}")(n=progress.sent),
        )
    )
    for person in dict.fromkeys((announcement.author, announcement.approver)):
        if person and person != turn.person.id:
            turn.say(
                _("{who} has stopped announcement **{code}**."),
                to=person,
                kind="notice",
                about=announcement.notices,
                who=who(turn, turn.person.id, first=True),
                code=announcement.written,
            )
    return True


def state(turn: Turn) -> bool:
    """Say how the last announcements stand; False where the person has no say in any."""
    units = announcing(turn, MAY_APPROVE)
    if not units:
        return False
    found = turn.announcements.last(units)
    if not found:
        turn.say(_("Nothing has been announced yet. To write one, type “announce”."))
        return True
    told = [_one(turn, announcement) for announcement in found]
    turn.say(lines(told[0], *told[1:]))
    return True


def _one(turn: Turn, announcement: Announcement) -> Text:
    unit = unit_of(turn, announcement)
    head = _("**{code}**, for {whom}: {state}.")(
        code=announcement.written,
        whom=whom(turn, unit, announcement.whom, announcement.village, announcement.area),
        state=_("stopped") if announcement.stopped_by else STATES[announcement.state],
    )
    if announcement.begun is None:
        return head
    return lines(
        head, *counted(announcement, announcement.result or turn.announcements.progress(announcement))
    )


STATES: dict[str, Text] = {
    "waiting": _("waits for approval"),
    "returned": _("returned"),
    "running": _("on its way"),
    "stopping": _("stopped"),
    "over": _("over"),
}


def counted(announcement: Announcement, progress: Progress) -> list[Text]:
    """Say what has become of the messages, a line for each thing that has happened."""
    counts = (
        (_("• Sent: {n}"), progress.sent),
        (_("• Still to be sent: {n}"), progress.waiting),
        (_("• Could not be delivered: {n}"), progress.failed),
        (_("• May have arrived or not: {n}"), progress.doubtful),
        (_("• Taken back: {n}"), progress.withdrawn),
        (_("• Wanted no more news meanwhile: {n}"), progress.left),
        (_("• No chat was open: {n}"), announcement.missed),
    )
    return [text(n=number) for place, (text, number) in enumerate(counts) if number or not place]
