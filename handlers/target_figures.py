"""The daily figures of targets: told in one message, asked back where they are not clear, counted once.

What the words mean is decided in `rules/daily.py`.  Nothing that is clear waits for what is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from handlers import answers, card, filing, forms, steps, targets
from handlers.forms import Checked, Form, Question
from handlers.records.targets import WHOLE, Target
from handlers.rules import daily, figures
from handlers.rules.daily import Line, Piece, Unfit
from handlers.rules.figures import Ambiguous, Figure, NoData, Problem, Reading
from handlers.rules.reporting import local_day
from handlers.rules.routing import same_village
from handlers.talk import Button, Incoming
from handlers.targets import SHOWN, Place
from handlers.text import Text, _, as_is
from handlers.turn import LABEL, Choice, Turn

LONGEST = 200  # letters of a line that can be nothing but figures

BARE = "target-bare"
NO_FIGURE = -2
STAND, INSTEAD, MORE = "stand", "instead", "more"  # what becomes of a figure where one is there
RIGHT, AGAIN, NONE = (
    Choice("right", _("That is right")),
    Choice("again", _("Type it again")),
    Choice("none", _("No figure yet")),
)
NOT_YOURS = _("Figures of targets are told by the leads of digital teams and the commune's officer.")
FAULTS: dict[Unfit, Text] = {
    "to-come": _("That day is still to come. A figure is told once the day is there."),
    "no-such-day": _("There is no such day in the calendar."),
    "several-days": _("These are several days. Type a line for each."),
}
_CHOOSE = _("Please choose one of these.")


class Entry(msgspec.Struct, frozen=True):
    """A figure on its way to be kept."""

    target: int  # 0 while it is not known which
    place: int  # -1 while it is not known which
    day: date
    words: str  # as they were typed
    value: int  # -1 while they are not clear, NO_FIGURE where they say that there is none
    corrects: bool


_entries = msgspec.json.Decoder(tuple[Entry, ...]).decode


# --- ways in ---


def meant(turn: Turn) -> bool:
    """Say whether words tell a figure of a target, and say that they do."""
    return _few(turn) and daily.read(turn.text, local_day(turn.sent), (), (), 0).named


def _few(turn: Turn) -> bool:
    return len(turn.text) <= LONGEST and not answers.asks(turn.text)


def typed_card(turn: Turn) -> bool:
    """Take figures of targets that somebody tells, a bare one where it was asked for; False for other words."""
    if not turn.staff or not _few(turn) or turn.talk.doing.startswith(("form ", "report", "announce")):
        return False
    line = daily.read(turn.text, local_day(turn.sent), (), (), _back(turn))
    if not (line.clear or line.named or any(letter.isdigit() for letter in turn.text)):
        return False
    found = [target for target in targets.theirs(turn, "target-figure") if targets.tells(turn, target)]
    if not found:
        if line.named and line.pieces:
            turn.say(_("No target is under way.") if targets.mine(turn, "target-figure") else NOT_YOURS)
        return line.named and bool(line.pieces)
    line = _read(turn, turn.text, found)
    if not line.pieces or not (line.named or line.clear):
        return False
    placed = all(piece.place for piece in line.pieces)
    bare = not (line.named or placed or line.corrects)
    if bare and (answers.pressed(turn) or not expected(turn)):
        return False
    if bare and (others := _cards(turn)):
        turn.say(_("Several things wait. Which one is it?"), [_bare(turn.text), *others])
        return True
    _take(turn, line, found)
    return True


def bare(turn: Turn, context: str) -> bool:
    """Take a bare number that is said to be the figure of the day."""
    found = [target for target in targets.theirs(turn, "target-figure") if targets.tells(turn, target)]
    if not found:
        return False
    _take(turn, _read(turn, context, found), found)
    return True


def _bare(text: str) -> Choice:
    return Choice(BARE, _("The figure of today: {n}")(n=as_is(text.strip())), text.strip())


def _cards(turn: Turn) -> list[Choice]:
    """Give what a bare number means on cards that have come meanwhile."""
    typed = turn.text.strip(" .)")
    number = int(typed) if typed.isdigit() and len(typed) == 1 else 0
    found: list[Button] = [
        one.choices[number - 1]
        for one in turn.people.cards(turn.person.id)
        if 0 < number <= len(one.choices) and not one.letters
    ]
    return [
        Choice(name, as_is(button.typed or button.label), context)
        for button in found[: SHOWN - 1]
        for name, _at, context in (button.data.partition("@"),)
    ]


def expected(turn: Turn) -> bool:
    """Say whether somebody was asked for a figure today and has not told all of them."""
    return any(
        _waits(turn, target) for target in (targets.theirs(turn, "target-figure") if turn.staff else ())
    )


def _waits(turn: Turn, target: Target) -> bool:
    """Say whether somebody was asked for figures of a target today and has not told all of them."""
    today = local_day(turn.now)
    asked = any(
        one.stage == f"ask-{turn.person.id}" and one.decision == "sent"
        for one in turn.targets.decisions(target, today.isoformat())
    )
    return asked and bool(missing(turn, target, today, targets.tells(turn, target)))


def missing(turn: Turn, target: Target, day: date, places: Sequence[Place]) -> list[Place]:
    """Give those of these places that have told nothing of a day."""
    return [place for place in places if turn.targets.figure(target.id, place.id, day) is None]


def _back(turn: Turn) -> int:
    return turn.shelf.service.targets.back


def _read(turn: Turn, text: str, found: Sequence[Target]) -> Line:
    names = dict.fromkeys(place.name for target in found for place in targets.tells(turn, target) if place.id)
    named = [f"{target.name} {targets.name(turn, target).msgid}" for target in found]
    return daily.read(text, local_day(turn.sent), list(names), named, _back(turn))


def _take(turn: Turn, line: Line, found: Sequence[Target]) -> None:
    """Keep what is clear of a line, and ask for the rest."""
    if line.unfit:
        too_old = _("That is more than {days} days ago, and is not changed any more.")(days=_back(turn))
        turn.say(FAULTS.get(line.unfit, too_old))
        return
    likely = [found[number] for number in line.which]
    entries = [_entry(turn, line, piece, likely) for piece in line.pieces]
    turn.hold(FIGURE.doing, "")
    _go_on(turn, entries, [])


def _entry(turn: Turn, line: Line, piece: Piece, likely: Sequence[Target]) -> Entry:
    here = [
        target
        for target in likely
        if target.first <= line.day <= target.last
        and (not piece.place or any(one.name == piece.place for one in targets.tells(turn, target)))
    ] or list(likely)
    if len(here) > 1 and not line.corrects:  # a bare number answers what was asked
        here = [one for one in here if _waits(turn, one)] or here
    if len(here) > 1 and line.corrects:
        there = [
            one
            for one in here
            if len(missing(turn, one, line.day, own := targets.tells(turn, one))) < len(own)
        ]
        here = there or here
    target = here[0] if len(here) == 1 else None
    return Entry(
        target=target.id if target else 0,
        place=_place_of(turn, target, piece.place, line.day),
        day=line.day,
        words=f"{piece.place} {piece.words}".strip(),
        value=NO_FIGURE if isinstance(piece.reading, NoData) else _whole(piece.reading),
        corrects=line.corrects,
    )


def _place_of(turn: Turn, target: Target | None, named: str, day: date) -> int:
    """Give the place of a figure, the only one that somebody tells where none is named; -1 where it is not clear."""
    own = targets.tells(turn, target) if target else ()
    if named:
        return next((place.id for place in own if same_village(place.name, named)), -1)
    if len(own) > 1 and target:
        left = missing(turn, target, day, own)
        own = tuple(left) if len(left) == 1 else own
    return own[0].id if len(own) == 1 else -1


def _whole(reading: Reading) -> int:
    if isinstance(reading, Figure) and reading.of is None and 0 <= reading.value <= daily.MOST:
        return int(reading.value)
    return -1


# --- one after another ---


def _go_on(turn: Turn, entries: Sequence[Entry], said: list[Text]) -> None:
    """Keep one figure after another until one has to be asked about."""
    said = list(said)
    for number, entry in enumerate(entries):
        target = turn.targets.hold(entry.target) if entry.target else None
        if entry.target and (fault := _unfit(turn, entry, target)):
            said.append(fault)
        elif entry.value == NO_FIGURE:
            said.append(_("Nothing is written down then. Type the number once it is known."))
        elif target is None or _asks(turn, target, entry):
            rest = msgspec.json.encode(tuple(entries[number:])).decode()
            turn.change(kept={"entries": rest})
            forms.ask_next(turn, FIGURE, filing.lines(*said) if said else None)
            return
        else:
            said.append(_keep(turn, target, entry))
    turn.end()
    turn.say(filing.lines(*said), kind="receipt")
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def _unfit(turn: Turn, entry: Entry, target: Target | None) -> Text | None:
    """Say why a figure cannot be kept at all; None where it can."""
    if target is None or target.state != "running":
        return _("That target is over.")
    if not target.first <= entry.day <= target.last:
        return _("“{name}” runs from {span}; {day} is not one of its days.")(
            name=targets.name(turn, target),
            span=targets.span(target, turn.lang),
            day=card.on_day(entry.day, turn.lang),
        )
    own = targets.tells(turn, target)
    if not own or (entry.place >= 0 and all(place.id != entry.place for place in own)):
        return NOT_YOURS
    return None


def _asks(turn: Turn, target: Target, entry: Entry) -> bool:
    """Say whether something has to be asked before a figure is kept."""
    return (
        entry.place < 0 or entry.value < 0 or bool(_odd(turn, target, entry)) or _twice(turn, target, entry)
    )


def _odd(turn: Turn, target: Target, entry: Entry) -> Text | None:
    """Say what is strange about a figure; None where nothing is."""
    values: dict[str, object] = {"n": entry.value, "measure": as_is(target.measure), "goal": target.goal}
    if entry.value > target.goal:
        return _("{n} {measure} is more than the whole target of {goal}. Is that right?")(**values)
    before = [
        one
        for one in turn.targets.figures(target.id)
        if target.counts == "total" and one.place == entry.place and one.day < entry.day
    ]
    if before and before[-1].value > entry.value:
        return _("It was {before} already on {day}; {n} now is less. Is that right?")(
            **values, before=before[-1].value, day=card.on_day(before[-1].day, turn.lang)
        )
    return None


def _twice(turn: Turn, target: Target, entry: Entry) -> bool:
    """Say whether a place has a figure for that day, and nothing says that it is to be another."""
    there = turn.targets.figure(target.id, entry.place, entry.day)
    return there is not None and not entry.corrects and target.counts == "new"


def _keep(turn: Turn, target: Target, entry: Entry) -> Text:
    """Keep a figure, and say so."""
    there = turn.targets.figure(target.id, entry.place, entry.day)
    values: dict[str, object] = {
        "place": as_is(_named(turn, target, entry.place)),
        "day": _day(turn, entry.day),
        "n": entry.value,
        "measure": as_is(target.measure),
        "before": there.value if there else 0,
    }
    if there is not None and there.value == entry.value:
        return _("There already: {place}, {day}, {n} {measure}.")(**values)
    turn.targets.tell(target.id, entry.place, entry.day, entry.value, turn.person.id)
    turn.note("figure told", f"target:{target.id}")
    if there is not None:
        return _("Corrected: {place}, {day}, **{n}** {measure}, not {before} any more.")(**values)
    reached = _in_all(turn, target)
    return filing.beside(
        _("Kept: {place}, {day}, **{n}** {measure}.")(**values),
        None if reached is None else _("In all {n} of {goal}.")(n=reached, goal=target.goal),
    )


def _in_all(turn: Turn, target: Target) -> int | None:
    """Give what is reached with the figures of today; None while a place of a running total has told none."""
    found = turn.targets.figures(target.id)
    if target.counts == "new":
        return sum(one.value for one in found)
    newest = {one.place: one.value for one in found}
    every = {place.id for place in targets.places(turn, target)}
    return sum(newest.values()) if newest.keys() >= every else None


def _named(turn: Turn, target: Target, place: int) -> str:
    return next((one.name for one in targets.places(turn, target) if one.id == place), "")


def _day(turn: Turn, day: date) -> Text:
    today = local_day(turn.now)
    if day == today:
        return _("today")
    return _("yesterday") if day == today - targets.DAY else card.on_day(day, turn.lang)


# --- what is asked ---


def _first(turn: Turn) -> Entry:
    """Give the figure that is asked about, with what has been answered since."""
    kept = turn.talk.kept
    entry = _entries(kept["entries"])[0]
    if "target" in kept:
        target = turn.targets.one(int(kept["target"]))
        named = daily.read(entry.words, entry.day, _names(turn, target), (), 0).pieces if target else ()
        place = _place_of(turn, target, named[0].place if named else "", entry.day)
        entry = msgspec.structs.replace(entry, target=int(kept["target"]), place=place)
    if "place" in kept:
        entry = msgspec.structs.replace(entry, place=int(kept["place"]))
    if kept.get("value", NONE.name) != NONE.name:
        entry = msgspec.structs.replace(entry, value=int(kept["value"]))
    return entry


def _names(turn: Turn, target: Target | None) -> list[str]:
    return [place.name for place in targets.tells(turn, target) if place.id != WHOLE] if target else []


def _of(turn: Turn) -> Target | None:
    number = _first(turn).target
    return turn.targets.one(number) if number else None


def _which(turn: Turn) -> list[Choice]:
    found = [one for one in targets.theirs(turn, "target-figure") if targets.tells(turn, one)]
    return [Choice(f"pick={one.id}", as_is(one.name[:LABEL].strip())) for one in found[:SHOWN]]


def _check_which(turn: Turn, text: str) -> Checked:
    found = [one for one in targets.theirs(turn, "target-figure") if targets.tells(turn, one)]
    which = daily.read(text, local_day(turn.now), (), [one.name for one in found], 0).which
    return str(found[which[0]].id) if len(which) == 1 else None


def _where(turn: Turn) -> list[Choice]:
    target = _of(turn)
    own = targets.tells(turn, target) if target else ()
    return [Choice(f"pick={place.id}", as_is(place.name[:LABEL])) for place in own[:SHOWN]]


def _check_where(turn: Turn, text: str) -> Checked:
    target = _of(turn)
    own = targets.tells(turn, target) if target else ()
    found = [place for place in own if same_village(place.name, text)]
    return str(found[0].id) if len(found) == 1 else None


def _typed(turn: Turn) -> Reading:
    """Read what was typed of the figure that is asked about."""
    entry = _first(turn)
    target = _of(turn)
    pieces = daily.read(entry.words, entry.day, _names(turn, target), (), 0).pieces
    return pieces[0].reading if pieces else figures.UNREADABLE


def _ask_value(turn: Turn) -> Text:
    entry, target, reading = _first(turn), _of(turn), _typed(turn)
    assert target is not None
    place, day = as_is(_named(turn, target, entry.place)), _day(turn, entry.day)
    if isinstance(reading, Ambiguous):
        ask = reading.ask
        if reading.why == "about":
            ask = _("is it exactly {value}? If not, type the exact number.")(value=reading.readings[-1])
        return _("Figure of {place}, {day}: {ask}")(place=place, day=day, ask=ask)
    ask = _("how many {measure}? Just the number.")(measure=as_is(target.measure))
    if isinstance(reading, Problem) and reading != figures.UNREADABLE:
        ask = reading.why
    return _("Figure of {place}, {day}: {ask}")(place=place, day=day, ask=ask)


def _values(turn: Turn) -> list[Choice]:
    reading = _typed(turn)
    offered = reading.readings[:3] if isinstance(reading, Ambiguous) else ()
    whole = [value for value in offered if value == value.to_integral_value() and value <= daily.MOST]
    return [*(Choice(f"pick={int(value)}", _("{value}")(value=Decimal(value))) for value in whole), NONE]


def _check_value(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn)
    if pressed and pressed[0] == NONE.name:
        return NONE.name
    reading, offered = daily.value_in(text), _values(turn)
    if isinstance(reading, NoData):
        return NONE.name
    if answers.yes(turn) and len(offered) == 2:
        return offered[0].name.removeprefix("pick=")
    value = _whole(reading)
    return str(value) if value >= 0 else None


def _needs(turn: Turn, check: Callable[[Turn, Target, Entry], object]) -> bool:
    entry, target = _first(turn), _of(turn)
    return target is not None and min(entry.place, entry.value) >= 0 and bool(check(turn, target, entry))


def _ask_odd(turn: Turn) -> Text:
    target = _of(turn)
    assert target is not None
    return _odd(turn, target, _first(turn)) or _("Is that right?")


def _ask_twice(turn: Turn) -> Text:
    entry, target = _first(turn), _of(turn)
    assert target is not None
    there = turn.targets.figure(target.id, entry.place, entry.day)
    return _("There already: {place}, {day}, {before} {measure}. Now {n} are told. What counts?")(
        place=as_is(_named(turn, target, entry.place)),
        before=there.value if there else 0,
        measure=as_is(target.measure),
        day=_day(turn, entry.day),
        n=entry.value,
    )


def _ways(turn: Turn) -> list[Choice]:
    entry, target = _first(turn), _of(turn)
    there = turn.targets.figure(target.id, entry.place, entry.day) if target else None
    before = there.value if there else 0
    every = [
        Choice(STAND, _("Leave it at {n}")(n=before)),
        Choice(INSTEAD, _("{n} instead")(n=entry.value)),
        Choice(MORE, _("Together {n}")(n=before + entry.value)),
    ]
    return [one for one in every if one.name != INSTEAD or before != entry.value]


def _check_twice(turn: Turn, text: str) -> Checked:
    chosen = forms.one_of(STAND, INSTEAD, MORE)(turn, text)
    if chosen is not None or (isinstance(turn.event, Incoming) and turn.event.choice):
        return chosen
    entry, target = _first(turn), _of(turn)
    there = turn.targets.figure(target.id, entry.place, entry.day) if target else None
    before = there.value if there else 0
    typed = _whole(daily.value_in(text))
    by_sum = {before: STAND, entry.value: INSTEAD, before + entry.value: MORE}
    if typed >= 0 and typed not in by_sum:
        turn.change(kept={**turn.talk.kept, "value": str(typed)})
        return INSTEAD
    return by_sum.get(typed)


def _done(turn: Turn) -> None:
    """Keep the figure that was asked about, and go on with those behind it."""
    kept = turn.talk.kept
    entry, rest = _first(turn), _entries(kept["entries"])[1:]
    if kept.get("odd") == AGAIN.name:
        again = {name: value for name, value in kept.items() if name not in ("odd", "value")}
        first = msgspec.structs.replace(entry, value=-1, words="")
        turn.change(kept={**again, "entries": msgspec.json.encode((first, *rest)).decode()})
        forms.ask_next(turn, FIGURE)
        return
    target = turn.targets.hold(entry.target)
    said: list[Text] = []
    if kept.get("value") == NONE.name:
        said.append(_("Nothing was kept for it."))
    elif target is None or (fault := _unfit(turn, entry, target)):
        said.append(fault if target is not None and fault else _("That target is over."))
    else:
        said.append(_settled(turn, target, entry, kept.get("twice", "")))
    turn.change(kept={})
    _go_on(turn, rest, said)


def _settled(turn: Turn, target: Target, entry: Entry, twice: str) -> Text:
    """Keep a figure as it was settled, where the place has one of that day."""
    there = turn.targets.figure(target.id, entry.place, entry.day)
    if twice == MORE and there is not None:
        entry = msgspec.structs.replace(entry, value=there.value + entry.value)
    elif twice == STAND and there is not None:
        entry = msgspec.structs.replace(entry, value=there.value)
    return _keep(turn, target, entry)


FIGURE = Form(
    "target-figure",
    (
        Question(
            "target",
            ask=lambda turn: _("“{words}”: which target is that for?")(words=as_is(_first(turn).words)),
            check=_check_which,
            otherwise=_CHOOSE,
            choices=_which,
            needed=lambda turn: _first(turn).target == 0,
        ),
        Question(
            "place",
            ask=lambda turn: _("“{words}”: of which village?")(words=as_is(_first(turn).words)),
            check=_check_where,
            otherwise=_("Please type its name as the commune's list has it, or choose."),
            choices=_where,
            needed=lambda turn: _first(turn).place < 0,
        ),
        Question(
            "value",
            ask=_ask_value,
            check=_check_value,
            otherwise=_("Please type just the number, such as 12."),
            choices=_values,
            needed=lambda turn: _first(turn).value < 0,
            letters=True,
        ),
        Question(
            "odd",
            ask=_ask_odd,
            check=forms.one_of(RIGHT.name, AGAIN.name),
            otherwise=_CHOOSE,
            choices=lambda turn: (RIGHT, AGAIN),
            needed=lambda turn: _needs(turn, _odd),
        ),
        Question(
            "twice",
            ask=_ask_twice,
            check=_check_twice,
            otherwise=_CHOOSE,
            choices=_ways,
            needed=lambda turn: turn.talk.kept.get("odd") != AGAIN.name and _needs(turn, _twice),
            letters=True,
        ),
    ),
    _done,
)
FORMS = (FIGURE,)
CARDS: dict[str, Callable[[Turn, str], bool]] = {BARE: bare}
