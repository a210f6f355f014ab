"""The figures of help as leads, officers and heads read them: of their own place, month by month, naming nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from handlers.records.doors import Door
from handlers.records.histories import Lived
from handlers.records.people import Unit
from handlers.rules import roles
from handlers.rules.areas import AREAS, Villages
from handlers.rules.helping import LEAST, Figures, Share, Spread, Told, figures
from handlers.rules.histories import Reader
from handlers.rules.months import bounds, month_named
from handlers.rules.reporting import local_day
from handlers.rules.routing import route
from handlers.text import Text, _, as_is, lines
from handlers.turn import LABEL, Choice, Turn
from knowledge.folding import fold

SHOWN = 10  # villages that are named one by one
CHOICES = 4
_ASKED = re.compile(r"(?:xem |show )?(?:so lieu|figures|numbers)(?: (?:of |for |cua )?(?P<month>.+))?")

_OF_VILLAGE = re.compile(
    r"(?:xem |show )?(?:so lieu|figures|numbers) (?:cua |of |for )?"
    r"(?P<place>(?:thon|to dan pho|to|ap|khu pho|kp|khom|xom|ban|tdp|hamlet|village) .+?)"
    r"(?: (?:trong |in )?(?P<month>(?:thang|this month|last month|\d{1,2} \d{4}).*))?"
)


def meant(turn: Turn) -> bool:
    """Say whether words ask for the figures of a month."""
    if _OF_VILLAGE.fullmatch(fold(turn.text)):
        return True
    return (found := _ASKED.fullmatch(fold(turn.text))) is not None and bool(
        month_named(found["month"] or "", local_day(turn.now))
    )


def typed_card(turn: Turn) -> bool:
    """Answer "số liệu tháng 10"; False for other words, and for whoever has no figures to see."""
    if turn.staff and _of_village(turn):
        return True
    found = _ASKED.fullmatch(fold(turn.text)) if turn.staff else None
    month = month_named(found["month"] or "", local_day(turn.now)) if found else None
    places = _places(turn) if month else []
    if month is None or not places:
        return False
    if len(places) == 1:
        _tell(turn, places[0], month)
    else:
        turn.say(
            _("Whose figures?"),
            [
                Choice("figures", as_is(unit.name[:LABEL]), f"{unit.id}/{month:%Y-%m}")
                for unit in places[:CHOICES]
            ],
        )
    return True


def show(turn: Turn, context: str) -> bool:
    """Give the figures a button belongs to, now or long after."""
    number, _slash, written = context.partition("/")
    month = month_named(written, local_day(turn.now))
    unit = next((unit for unit in _places(turn) if str(unit.id) == number), None)
    if unit is None or month is None:
        return False
    _tell(turn, unit, month)
    return True


def _of_village(turn: Turn) -> bool:
    """Answer "số liệu thôn Đoài tháng 10" with what its team did; False for other words and for whoever sees none."""
    found = _OF_VILLAGE.fullmatch(fold(turn.text))
    month = month_named(found["month"] or "", local_day(turn.now)) if found else None
    if found is None or month is None:
        return False
    for place in _places(turn):
        teams = turn.people.units("team", place.commune) if place.kind == "office" else (place,)
        way = route(teams, found["place"])
        if way.team is not None and way.why in ("village", "formerly"):
            _tell(turn, way.team, month)
            return True
    if _places(turn):
        turn.say(_("That village is not among those whose figures you see. Type “figures” for all of them."))
        return True
    return False


def _places(turn: Turn) -> list[Unit]:
    """Give the teams and offices whose figures somebody may see."""
    found: dict[int, Unit] = {}
    for role in turn.people.roles(turn.person.id):
        unit = turn.people.unit(role.place) if role.kind in roles.RIGHTS["figures"].who else None
        if unit and unit.kind == ("team" if role.kind == "lead" else "office"):
            found[unit.id] = unit
    return list(found.values())


def _tell(turn: Turn, unit: Unit, month: date) -> None:
    since, until = bounds(month)
    if since > turn.now:
        turn.say(_("That month has not begun."))
        return
    small = unit.kind == "team" and len(unit.covers) == 1
    turn.say(lines(*said(counted(turn, unit, since, until), month, unit.name, small=small, most=SHOWN)))


def counted(turn: Turn, unit: Unit, since: datetime, until: datetime) -> Figures:
    """Count what happened to the requests of a team, or of an office's commune, between two moments."""
    villages = Villages(turn.people.units("team", unit.commune))
    first, last = local_day(since), local_day(until - timedelta(microseconds=1))
    if unit.kind == "team":
        lived = turn.histories.of_team(unit.id, since, until)
        doors = turn.visits.doors(first, last, unit=unit.id)
    else:
        lived = turn.histories.of_commune(unit.commune, since, until)
        doors = turn.visits.doors(first, last, commune=unit.commune)
    reader = Reader(turn.shelf.service, turn.shelf.calendar)
    doors = villages.at_doors(unit.commune, doors)
    return summed(lived, since, until, reader, lambda one: villages.of(one.request), doors)


def summed(
    lived: Iterable[Lived],
    since: datetime,
    until: datetime,
    reader: Reader,
    divided: Callable[[Lived], str],
    doors: Iterable[Door] = (),
) -> Figures:
    """Count what happened between two moments; `divided` says which village, or commune, a request belongs to."""
    told = (Told(one.request, reader.read(one), divided(one)) for one in lived)
    return figures(told, since, until, doors)


# --- in words ---


def said(sums: Figures, month: date, place: str, *, small: bool, most: int | None = None) -> Iterator[Text]:
    """Give the figures a line each; of a `small` place, such as one village, none under five."""
    yield _("**Figures of {month}/{year}**, {place}:")(month=month.month, year=str(month.year), place=place)
    if not (sums.opened or sums.solved or sums.households or sums.reopened):
        yield _("No request came in, and none was finished.")
        return
    if small and sums.people < LEAST and sums.households < LEAST:
        yield _("Fewer than five were helped there, so no figure is given: somebody might be recognised.")
        return

    few = sums.people < LEAST  # where a total is small it tells the parts

    def number(count: int) -> Text:
        return _("under 5") if (small or few) and 0 < count < LEAST else _("{n}")(n=count)

    yield _("• People helped: {people}; requests solved: {solved}, new: {opened}.")(
        people=number(sums.people), solved=number(sums.solved), opened=number(sums.opened)
    )
    if sums.households:
        yield _("• Households helped at home: {n}.")(n=number(sums.households))
    if not small and not few and sums.villages:
        yield _("• Where: {list}.")(list=_listed(sums.villages, _village, most))
    if not few and sums.areas:
        yield _("• With what: {list}.")(list=_listed(sums.areas, _area, most))
    if sums.first_response:
        yield _span(
            _("• Taken up: half within {median}, nine of ten within {p90} (working hours)."),
            sums.first_response,
        )
    if sums.solution:
        yield _span(
            _("• Done: half within {median}, nine of ten within {p90} (working hours)."), sums.solution
        )
    good, fair, poor = (number(sums.ratings.get(mark, 0)) for mark in ("good", "fair", "poor"))
    yield _("• Opened again: {reopened}. Marked good: {good}, all right: {fair}, not good: {poor}.")(
        reopened=number(sums.reopened), good=good, fair=fair, poor=poor
    )
    if few or any(share.people is None for share in (*sums.villages, *sums.areas)):
        yield _("Where fewer than five were helped no figure is given, so that nobody is recognised.")


def _village(share: Share) -> Text:
    return as_is(share.name) if share.name else _("village not known")


def _area(share: Share) -> Text:
    return AREAS[share.name]


def _listed(shares: Sequence[Share], name: Callable[[Share], Text], most: int | None) -> Text:
    shown = [
        _("{name} {n}")(name=name(share), n=share.people) for share in shares if share.people is not None
    ]
    if most is not None and len(shown) > most:
        shown = [*shown[:most], _("{n} more")(n=len(shown) - most)]
    back = [name(share) for share in shares if share.people is None]
    if not back:
        return _joined(shown)
    kept = _("no figure: {names}")(names=_joined(back[:most]))
    return _("{shown}; {kept}")(shown=_joined(shown), kept=kept) if shown else kept


def _joined(parts: Sequence[Text]) -> Text:
    text, *more = parts
    for part in more:
        text = _("{before}, {more}")(before=text, more=part)
    return text


def _span(text: Text, spread: Spread) -> Text:
    return text(median=_minutes(spread.median), p90=_minutes(spread.p90))


def _minutes(minutes: int) -> Text:
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{n} minutes")(n=rest)
    return _("{h} h {m} min")(h=hours, m=rest) if rest else _("{h} hours")(h=hours)


CARDS: dict[str, Callable[[Turn, str], bool]] = {"figures": show}
