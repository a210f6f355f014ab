"""How the targets of a commune stand: asked for at any time, every week with a picture for whoever follows one.

Villages stand by their names, and nobody is ranked.  A target that the trend will miss is told to the head once a week.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from handlers import card, filing, target_asking, target_setting, targets
from handlers.made import Progress, Stand
from handlers.records.media import MADE, Thing
from handlers.records.people import Person
from handlers.records.targets import Target
from handlers.rules import daily, pace, roles
from handlers.rules.reporting import VIETNAM, end_of_day, local_day, may_send
from handlers.talk import Due
from handlers.targets import DAY, View
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import WEEKDAYS

PLAN, WEEK = "targets.plan", "targets.week"
PICTURE = "target"
STANDS = 16  # villages of a picture that are named
TOLD = (
    "behind"  # what is kept, with the reader's number, where somebody was told that a target will be missed
)

SEE = Choice("target-see", _("How targets stand"), typed=_("TARGETS"))
FOLLOW = Choice("target-follow", _("Follow it"), typed=_("FOLLOW THE TARGET"))
UNFOLLOW = Choice("target-unfollow", _("Follow it no more"), typed=_("STOP FOLLOWING THE TARGET"))
NOT_YOURS = _("Targets are for those who lead digital teams or are in charge at the commune's office.")
_FOLLOWS = re.compile(
    r"(?:toi |em |cho toi |cho em |minh )?(?P<off>(?:thoi|dung|ngung|bo|khong|huy|stop|do not|dont) )?"
    r"(?:theo doi|follow(?:ing)?) (?:the )?(?:muc tieu|chien dich|target|campaign)\b(?P<name>.*)"
    r"|(?P<unfollow>unfollow) (?:the )?(?:target|campaign)\b(?P<other>.*)"
)
_SEES = re.compile(
    r"(?:xem |tinh hinh |tien do |cac |nhung |show |how (?:are|is|do|does) |the |our )*"
    r"(?:muc tieu|chien dich|targets?|campaign)\b(?P<name>.*?)"
    r"(?: (?:the nao(?: roi)?|den dau(?: roi)?|dat bao nhieu(?: roi)?|stand|doing|going))?"
)


# --- what is due ---


def plan(turn: Turn) -> None:
    """Put what is to be asked on a day, and the week of whoever follows a target."""
    today = local_day(turn.now)
    for commune in turn.targets.under_way(today):
        target_asking.put(turn, commune, today)
    if not _weekly(turn, today):
        return
    at = datetime.combine(today, turn.shelf.service.targets.week_at, VIETNAM)
    for target, person in turn.targets.followed(today - timedelta(days=7)):
        key = f"target-week:{target}:{person}:{today}"
        turn.later(key, at, WEEK, f"target:{target}", target=str(target), person=str(person), day=str(today))


def _weekly(turn: Turn, today: date) -> bool:
    """Say whether this is the first working day of the week that begins on the day of the file."""
    begins = WEEKDAYS.index(turn.shelf.service.targets.week_on)
    since = (today.weekday() - begins) % 7
    works = turn.shelf.calendar.is_working_day
    return works(today) and not any(works(today - number * DAY) for number in range(1, since + 1))


def week(turn: Turn) -> None:
    """Tell one follower how a target stands, in words and as a picture; nothing once the morning is over."""
    facts = turn.event.facts if isinstance(turn.event, Due) else {}
    target, person = turn.targets.one(int(facts["target"])), turn.people.get(int(facts["person"]))
    if target is None or target.state != "running" or target.id not in turn.targets.follows(person.id):
        return
    reason = _unfit(turn, target, person, facts["day"])
    turn.targets.decided(
        target, facts["day"], f"week-{person.id}", "skipped" if reason else "sent", reason or "due"
    )
    if reason:
        return
    seen = targets.view(turn, target, person)
    turn.say(
        targets.told(turn, seen),
        [Choice(UNFOLLOW.name, UNFOLLOW.label, str(target.id), UNFOLLOW.typed)],
        to=person,
        kind="reminder",
        about=f"target:{target.id}",
        until=end_of_day(turn.now),
    )
    if seen.begun:
        _draw(turn, seen, to=person)


def _unfit(turn: Turn, target: Target, person: Person, day: str) -> str:
    """Say why somebody is not told of a target's week now; nothing where they are."""
    if day != local_day(turn.now).isoformat():
        return "period-over"
    if target.first >= local_day(turn.now):
        return "too-early"
    if not may_send(turn.now, turn.shelf.calendar).ok:
        return "quiet-hours"
    if filing.on_leave(turn, person.id):
        return "on-leave"
    return "" if _sees(turn, target, person.id) else "no-role"


def _sees(turn: Turn, target: Target, person: int) -> bool:
    """Say whether somebody holds a role that shows this target."""
    who = roles.RIGHTS["target-see"].who
    units = (turn.people.unit(role.place) for role in turn.people.roles(person) if role.kind in who)
    return any(unit is not None and unit.local and unit.commune == target.commune for unit in units)


# --- the picture ---


def _draw(turn: Turn, seen: View, to: Person | None = None) -> None:
    target = seen.target
    turn.make(
        picture(turn, seen),
        f"muc-tieu-{target.id}-{seen.upto}.png",
        f"{MADE}:{PICTURE}:{target.id}",
        to=to.id if to else 0,
    )


def picture(turn: Turn, seen: View) -> Progress:
    """Give all that stands in the picture of a target; its villages by their names."""
    target, now = seen.target, seen.standing
    named = seen.places[:STANDS]
    quiet = {place.id for place in seen.silent}
    values = [pace.of_place(seen.told, place.id, target.counts, seen.upto) for place in named]
    days = [target.first - DAY, *targets.plan(turn, target).days(target.last)]
    return Progress(
        title=targets.title(turn, target, seen.lang),
        whose=_("{place}, {span}")(
            place=as_is(filing.capital(card.place(turn, target.commune))),
            span=targets.span(target, seen.lang),
        ),
        at=_("Figures up to {day}")(day=card.on_day(seen.upto, seen.lang)),
        colour=now.seen.colour,
        why=targets.why(turn, seen),
        numbers=(
            (_("{n}")(n=now.reached), _("reached")),
            (_("{n}")(n=now.wanted), _("wanted by then")),
            (
                as_is("–") if now.expected is None else _("{n}")(n=now.expected),
                _("at this pace on {day}")(day=as_is(f"{target.last:%d/%m}")),
            ),
        ),
        goal=target.goal,
        base=target.base,
        series=now.series,
        days=len(days) - 1,
        labels=(f"{target.first:%d/%m}", f"{days[len(days) // 2]:%d/%m}", f"{target.last:%d/%m}"),
        key=(_("reached"), _("wanted, day by day")),
        places=tuple(
            Stand(
                place.name, _("{n}")(n=value or 0) if value is not None else _("none yet"), place.id in quiet
            )
            for place, value in zip(named, values, strict=True)
        ),
        silent=_("no figure in the last days") if any(place.id in quiet for place in named) else "",
        more=_("And {n} more places.")(n=len(seen.places) - STANDS) if seen.places[STANDS:] else "",
    )


def show(turn: Turn, thing: Thing) -> None:
    """Send the picture where it can be seen; its figures have been told in words."""
    number = thing.about.rpartition(":")[2]
    target = turn.targets.one(int(number)) if number.isdigit() else None
    seen = turn.shelf.office.opens or turn.media.shown(thing, turn.person.id)
    if target is not None and seen and _sees(turn, target, turn.person.id):
        turn.say(_("{name} as a picture.")(name=targets.name(turn, target)), media=thing.code)


# --- asked for ---


def meant(turn: Turn) -> bool:
    """Say whether words ask how a target stands, or to follow one."""
    typed = fold(turn.text)
    return bool(_FOLLOWS.fullmatch(typed)) or _asks(typed)


def _asks(typed: str) -> bool:
    found = _SEES.fullmatch(typed)
    return found is not None and not re.search(r"\d", typed) and len(typed) <= 60


def typed_card(turn: Turn) -> bool:
    """Hear "mục tiêu", "mục tiêu vneid thế nào" and "theo dõi mục tiêu vneid"; False for other words."""
    typed = fold(turn.text)
    follows = _FOLLOWS.fullmatch(typed)
    if not turn.staff or turn.talk.doing.startswith(("form ", "report")) or not (follows or _asks(typed)):
        return False
    found = targets.theirs(turn, "target-see")
    if not found:
        turn.say(_("No target is under way.") if targets.mine(turn, "target-see") else NOT_YOURS)
        return True
    if follows:
        off = follows["off"] or follows["unfollow"]
        words = follows["name"] or follows["other"] or ""
        followed = set(turn.targets.follows(turn.person.id))
        found = tuple(one for one in found if one.id in followed) if off else found
        return _one(turn, words, found, UNFOLLOW if off else FOLLOW)
    asked = _SEES.fullmatch(typed)
    words = asked["name"] if asked else ""
    which = daily.read(words, local_day(turn.now), (), [one.name for one in found], 0).which
    named = [found[number] for number in which]
    if len(named) == 1:
        return see(turn, str(named[0].id))
    turn.say(
        lines(*(targets.told(turn, targets.view(turn, one)) for one in named[: targets.SHOWN])),
        targets.choices(turn, SEE.name, named),
    )
    return True


def _one(turn: Turn, words: str, found: tuple[Target, ...], choice: Choice) -> bool:
    """Take the target that words name, or ask which."""
    if not found:
        turn.say(_("You follow no target."))
        return True
    which = daily.read(words, local_day(turn.now), (), [one.name for one in found], 0).which
    if len(which) == 1:
        return CARDS[choice.name](turn, str(found[which[0]].id))
    turn.say(_("Which target?"), targets.choices(turn, choice.name, [found[number] for number in which]))
    return True


def see(turn: Turn, context: str) -> bool:
    """Say how a target stands, and have it drawn."""
    target = target_setting.found_by(turn, context, "target-see")
    if target is None:
        return False
    seen = targets.view(turn, target)
    follows = target.id in turn.targets.follows(turn.person.id)
    way = UNFOLLOW if follows else FOLLOW
    turn.say(targets.told(turn, seen), [Choice(way.name, way.label, str(target.id))])
    if seen.begun:
        _draw(turn, seen)
    return True


def follow(turn: Turn, context: str) -> bool:
    """Let somebody follow a target."""
    target = target_setting.found_by(turn, context, "target-see")
    if target is None:
        return False
    new = turn.targets.follow(target.id, turn.person.id)
    service = turn.shelf.service.targets
    told = (
        _("You follow it. Once a week, from {at}, you get a picture and two lines.")
        if new
        else _("You follow it already. Once a week, from {at}, you get a picture and two lines.")
    )
    turn.say(told(at=service.week_at))
    if new:
        turn.note("target followed", f"target:{target.id}")
    return True


def unfollow(turn: Turn, context: str) -> bool:
    """Let somebody follow a target no more."""
    target = target_setting.found_by(turn, context, "target-see")
    if target is None:
        return False
    if turn.targets.unfollow(target.id, turn.person.id):
        turn.note("target followed no more", f"target:{target.id}")
    turn.say(_("You are told of it no more. “Follow the target” brings it back."))
    return True


# --- what the trend will miss ---


def waiting(turn: Turn, person: Person, communes: list[str]) -> Iterator[View]:
    """Give the targets that stand still or will be missed, where this person has not been told of it this week.

    They are told to the heads of the commune's office, and to its officers where no head is there.  Whoever follows
    one hears it with its week.
    """
    follows = turn.targets.follows(person.id)
    today = local_day(turn.now)
    for target in turn.targets.of_communes(tuple(communes), today - DAY):
        if target.id in follows or not any(
            one.id == person.id for one in targets.in_office(turn, target, "head", "officer")
        ):
            continue
        seen = targets.view(turn, target, person)
        stage = f"{TOLD}-{person.id}"
        was = any(one.stage == stage for one in turn.targets.decisions(target, _week_of(today)))
        if seen.begun and seen.standing.alarms and not was:
            yield seen


def told(turn: Turn, seen: View, person: Person) -> None:
    """Keep that somebody was told that a target stands still or will be missed."""
    reason = seen.standing.seen.reason
    turn.targets.decided(seen.target, _week_of(local_day(turn.now)), f"{TOLD}-{person.id}", "sent", reason)
    turn.note(f"told of a target: {reason}", f"target:{seen.target.id}", 0)


def line(turn: Turn, seen: View) -> Text:
    """Say in one line that a target stands still or will be missed."""
    return _("• Target {name}: {why}")(
        name=targets.name(turn, seen.target, seen.lang), why=targets.coloured(turn, seen)
    )


def button(seen: View) -> Choice:
    """Give the tap that leads to how a target stands."""
    return Choice(SEE.name, SEE.label, str(seen.target.id), SEE.typed)


def listed(turn: Turn) -> list[Text]:
    """Say of each target that somebody sees how it stands, for whoever asks what stands still."""
    return [
        targets.told(turn, targets.view(turn, one))
        for one in targets.theirs(turn, "target-see")[: targets.SHOWN]
    ]


def _week_of(day: date) -> str:
    return f"{day:%G-W%V}"


DUE: dict[str, Callable[[Turn], None]] = {PLAN: plan, WEEK: week, **target_asking.DUE}
CARDS: dict[str, Callable[[Turn, str], bool]] = {
    SEE.name: see,
    FOLLOW.name: follow,
    UNFOLLOW.name: unfollow,
}
