"""What citizens ask about their own commune: its card, desk hours, whether it works today, how to call it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

from handlers import card, card_keeping, forms, profile, steps
from handlers.forms import Form
from handlers.records.card import Kind, Line
from handlers.rules import opening, own_commune
from handlers.rules.guard import fold
from handlers.rules.own_commune import Asked
from handlers.rules.reporting import VIETNAM, local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn

REST = Choice("card-rest", _("Tell me more"))
FEW = 5  # lines that are shown at once
TOPIC = "dvc.commune-centre"  # what is known of every commune's centre
MIDNIGHT = time(23, 59, 59)


def _understood(turn: Turn) -> Asked | None:
    return own_commune.read(turn.text, local_day(turn.now), turn.shelf.places)


def answer(turn: Turn) -> bool:
    """Answer what is asked about a commune's desk, or ask which commune that is; False for anything else."""
    asked = _understood(turn)
    if asked is None:
        return False
    day = asked.day.isoformat() if asked.day else ""
    commune = asked.commune or turn.person.commune or next(iter(card_keeping.communes(turn)), "")
    if not commune:
        forms.begin(turn, WHERE, asked=asked.what, day=day)
        return True
    _told(turn, asked.what, commune, day)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))
    return True


def aside(turn: Turn) -> bool:
    """Answer the same amid a form, where the commune is known; False where the words are something else."""
    asked = _understood(turn)
    commune = asked.commune or turn.person.commune if asked else ""
    if asked is None or not commune:
        return False
    _told(turn, asked.what, commune, asked.day.isoformat() if asked.day else "")
    return True


def _where_known(turn: Turn) -> None:
    """Answer what was asked, whether or not the commune may be kept."""
    kept = turn.talk.kept
    commune = turn.person.commune or kept.get("commune", "")
    if not turn.person.commune and profile.agreed(turn):
        turn.know(commune=commune, village=kept.get("village", ""))
    turn.end()
    _told(turn, kept.get("asked", "card"), commune, kept.get("day", ""))
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


WHERE = Form("local", (profile.COMMUNE_QUESTION, profile.CONSENT_QUESTION), _where_known)
FORMS = (WHERE,)

# --- what is answered ---


def _told(turn: Turn, what: str, commune: str, day: str) -> None:
    found = card.standing(turn, commune)
    match what:
        case "hours":
            _hours(turn, commune, found)
        case "today":
            _whether_open(turn, commune, found, date.fromisoformat(day) if day else local_day(turn.now))
        case "phone":
            _phones(turn, commune, found)
        case "visit" | "class" | "point" as kind:
            _listed(turn, commune, found, kind)
        case _:
            whole(turn, commune, found)


def whole(turn: Turn, commune: str, found: tuple[Line, ...]) -> None:
    """Show a commune's card, as much at once as a small screen shows."""
    if not found:
        _nothing(turn, commune, _("{Place} has not written anything here yet."))
        return
    first = found if len(found) <= FEW else card.of_kind(found, "centre", "hours", "phone") or found
    told = [card.shown(turn, line) for line in _own_village_first(turn, first)[:FEW]]
    left = len(found) > len(told)
    head = _("**In {place}**")(place=card.place(turn, commune))
    choices = [Choice(REST.name, REST.label, commune)] if left else []
    if commune in card_keeping.communes(turn):
        choices.append(card_keeping.at(commune))
    turn.say(lines(head, *told), choices)


def rest(turn: Turn, commune: str) -> bool:
    """Show what did not fit."""
    found = card.standing(turn, commune)
    if not found:
        return False
    first = card.of_kind(found, "centre", "hours", "phone") or found
    shown = set(_own_village_first(turn, first)[:FEW])
    others = [line for line in _own_village_first(turn, found) if line not in shown]
    turn.say(lines(*(card.shown(turn, line) for line in others or found)))
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {REST.name: rest}


def _own_village_first(turn: Turn, found: tuple[Line, ...]) -> list[Line]:
    """Put the receiving points that name the citizen's village before the others."""
    village = fold(turn.person.village)
    return sorted(
        found,
        key=lambda line: (
            list(card.LABELS).index(line.kind),
            not (village and village in fold(line.words)),
            line.id,
        ),
    )


def _hours(turn: Turn, commune: str, found: tuple[Line, ...]) -> None:
    line = next(iter(card.of_kind(found, "hours")), None)
    week = opening.week_of(line.words) if line else None
    if line is None or week is None:
        _no_hours(turn, commune, found, local_day(turn.now))
        return
    told = [
        card.noted(
            turn,
            line,
            _("{Place} is open: {hours}.")(
                Place=card.place_first(turn, commune), hours=card.weekly(week, turn.lang)
            ),
        ),
        *(card.shown(turn, other) for other in card.of_kind(found, "centre")),
    ]
    if line.holds(local_day(turn.now)):
        told.insert(1, _now(turn, week))
    else:
        told += [card.shown(turn, other) for other in card.of_kind(found, "phone")[:2]]
    turn.say(lines(*told))


def _now(turn: Turn, week: opening.Week) -> Text:
    """Say whether a desk is open now, and until or from when."""
    until = opening.open_until(week, turn.now, turn.shelf.calendar)
    if until:
        return _("It is open now, until {time}.")(time=until)
    return _opens(turn, opening.next_opening(week, turn.now, turn.shelf.calendar))


def _opens(turn: Turn, at: datetime | None) -> Text:
    if at is None:
        return _("When it opens next is not known; please call first.")
    if at.date() == local_day(turn.now):
        return _("It opens at {time} today.")(time=at.time())
    return _("It opens next at {moment}.")(moment=at)


_SAID = {  # by whether it is today, and whether the desk is open
    (True, True): _("Today, {day}, {place} is open {hours}."),
    (True, False): _("Today, {day}, {place} is closed: {why}."),
    (False, True): _("{Place} is open on {day}: {hours}."),
    (False, False): _("{Place} is closed on {day}: {why}."),
}


def _whether_open(turn: Turn, commune: str, found: tuple[Line, ...], day: date) -> None:
    line = next(iter(card.of_kind(found, "hours")), None)
    week = opening.week_of(line.words) if line else None
    if line is None or week is None:
        _no_hours(turn, commune, found, day)
        return
    calendar, today = turn.shelf.calendar, local_day(turn.now)
    spans = opening.on(week, day, calendar)
    named = {"place": card.place(turn, commune), "Place": card.place_first(turn, commune)}
    told = [
        card.noted(
            turn,
            line,
            _SAID[day == today, bool(spans)](
                **named, day=day, hours=card.daily(spans), why=as_is("") if spans else _why(turn, day)
            ),
        )
    ]
    if day == today and line.holds(today):
        told.append(_now(turn, week))
    elif day != today and not spans:
        end = max(turn.now, datetime.combine(day, MIDNIGHT, VIETNAM))
        told.append(_opens(turn, opening.next_opening(week, end, calendar)))
    told += _to_be_asked(turn, day)
    if not line.holds(today):
        told += [card.shown(turn, other) for other in card.of_kind(found, "phone")[:2]]
    turn.say(lines(*told))


def _why(turn: Turn, day: date) -> Text:
    why = turn.shelf.calendar.why_off(day, turn.lang)
    return as_is(why) if why else _("the desk is not open that day of the week")


def _to_be_asked(turn: Turn, day: date) -> list[Text]:
    doubt = turn.shelf.calendar.doubt(day, turn.lang)
    return [_("Not confirmed: {doubt}. Please call first.")(doubt=as_is(doubt))] if doubt else []


def _no_hours(turn: Turn, commune: str, found: tuple[Line, ...], day: date) -> None:
    """Say that the hours are not known, what the calendar says of the day, and how to ask."""
    off = turn.shelf.calendar.why_off(day, turn.lang)
    told = [_("{Place} has not written its desk hours here yet.")(Place=card.place_first(turn, commune))]
    if off:
        told.append(_("By the calendar {day} is a day off: {why}.")(day=day, why=as_is(off)))
    else:
        told.append(_("By the calendar {day} is a working day.")(day=day))
    told += _to_be_asked(turn, day)
    known = [*card.of_kind(found, "centre"), *card.of_kind(found, "phone")[:2]]
    told += [card.shown(turn, line) for line in known]
    turn.say(lines(*told, *_elsewhere(turn, asks=not card.of_kind(found, "phone"))))


def _phones(turn: Turn, commune: str, found: tuple[Line, ...]) -> None:
    phones = card.of_kind(found, "phone")
    if not phones:
        _nothing(turn, commune, _("{Place} has not written its telephone number here yet."))
        return
    head = _("**In {place}**")(place=card.place(turn, commune))
    turn.say(lines(head, *(card.shown(turn, line) for line in phones[:FEW])))


_NONE: dict[str, Text] = {
    "visit": _("{Place} has not written when the mobile point comes."),
    "class": _("{Place} has not written of any class yet."),
    "point": _("{Place} has not written of any receiving point yet."),
}


def _listed(turn: Turn, commune: str, found: tuple[Line, ...], kind: Kind) -> None:
    those = _own_village_first(turn, card.of_kind(found, kind))
    if not those:
        _nothing(turn, commune, _NONE[kind], found)
        return
    head = _("**In {place}**")(place=card.place(turn, commune))
    turn.say(lines(head, *(card.shown(turn, line) for line in those[:FEW])))


def _nothing(turn: Turn, commune: str, said: Text, found: tuple[Line, ...] = ()) -> None:
    """Say honestly that something is not known, and give what is."""
    phones = card.of_kind(found, "phone")[:2]
    told = [said(Place=card.place_first(turn, commune)), *(card.shown(turn, line) for line in phones)]
    turn.say(lines(*told, *_elsewhere(turn, asks=not phones)))


def _elsewhere(turn: Turn, *, asks: bool) -> list[Text]:
    """Give how else one may learn it."""
    told = []
    if asks and turn.shelf.office.hotline:
        told.append(_("To ask, call {hotline}.")(hotline=turn.shelf.office.hotline))
    topic = turn.topic(TOPIC)
    if topic and topic.code:
        told.append(
            _("About the commune's service centre, type {code}. For a helper type “a person”.")(
                code=topic.code
            )
        )
    return told
