"""What a commune's card says, in words: whole, line by line, and as the short line below an answer.

Who may change it is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from handlers.records.card import SINGLE, Kind, Line
from handlers.rules import opening
from handlers.rules.reporting import local_day
from handlers.text import Text, _, as_is, lines
from handlers.turn import Turn
from knowledge.languages import LANGUAGES
from knowledge.links import untappable

LABELS: dict[Kind, Text] = {
    "centre": _("Service centre"),
    "hours": _("Desk hours"),
    "phone": _("Telephone"),
    "point": _("Receiving point"),
    "visit": _("Mobile point"),
    "class": _("Class"),
}


def place(turn: Turn, commune: str) -> str:
    """Give a commune as people there say it: "phường Đông Ngạc"."""
    found = turn.shelf.places.commune(commune)
    return f"{found.kind} {found.name}" if found else ""


def place_first(turn: Turn, commune: str) -> str:
    """Give a commune as a sentence begins with it: "Phường Đông Ngạc"."""
    name = place(turn, commune)
    return name[:1].upper() + name[1:]


def standing(turn: Turn, commune: str) -> tuple[Line, ...]:
    """Give the lines of a commune's card; of what it has one of, only the newest."""
    found = turn.card.lines(commune)
    newest = {line.kind: line for line in found}
    return tuple(line for line in found if line.kind not in SINGLE or line == newest[line.kind])


def of_kind(found: Iterable[Line], *kinds: Kind) -> tuple[Line, ...]:
    """Give the lines of these kinds."""
    return tuple(line for line in found if line.kind in kinds)


def shown(turn: Turn, line: Line, lang: str = "") -> Text:
    """Give a line with its label; where its last day has passed it says so."""
    return noted(
        turn,
        line,
        _("• {label}: {words}")(label=LABELS[line.kind], words=words(turn, line, lang or turn.lang)),
        lang,
    )


def words(turn: Turn, line: Line, lang: str) -> Text:
    """Give what a line says; hours in the reader's language, a doubtful link so that nobody can tap it."""
    week = opening.week_of(line.words) if line.kind == "hours" else None
    return weekly(week, lang) if week else as_is(untappable(line.words, turn.shelf.domains))


def noted(turn: Turn, line: Line, said: Text, lang: str = "") -> Text:
    """Add to what a line says that its last day has passed, where it has."""
    if line.holds(local_day(turn.now)):
        return said
    return _("{line} (written on {day}, out of date, better ask by telephone)")(
        line=said, day=on_day(local_day(line.at), lang or turn.lang)
    )


def on_day(day: date, lang: str) -> Text:
    """Give a day without its weekday: 9/11/2026."""
    language = LANGUAGES[lang]
    month = language.months[day.month - 1]
    return as_is(language.date.format(weekday="", day=day.day, month=month, year=day.year).strip())


def weekly(week: opening.Week, lang: str) -> Text:
    """Give the hours of a week: "thứ Hai đến thứ Sáu 07:30–11:30, 13:00–17:00"."""
    names = LANGUAGES[lang].weekdays
    told: Text | None = None
    for first, last, spans in opening.grouped(week):
        days = as_is(names[first])
        if last > first:
            days = _("{first} to {last}")(first=names[first], last=names[last])
        run = _("{days} {hours}")(days=days, hours=daily(spans))
        told = _("{one}; {other}")(one=told, other=run) if told else run
    return told or as_is("")


def daily(spans: tuple[opening.Span, ...]) -> str:
    """Give the hours of a day: "07:30–11:30, 13:00–17:00"."""
    return ", ".join(f"{span.start:%H:%M}–{span.end:%H:%M}" for span in spans)


def desk(turn: Turn) -> Text | None:
    """Give the desk of the citizen's own commune in one line; None where that says nothing of itself."""
    commune = turn.person.commune
    found = standing(turn, commune) if commune else ()
    facts = [*of_kind(found, "centre", "hours"), *of_kind(found, "phone")[:1]]
    told: Text | None = None
    for line in facts:
        said = words(turn, line, turn.lang)
        if line.kind == "phone":
            said = _("telephone {number}")(number=said)
        said = noted(turn, line, said)
        told = _("{one}; {other}")(one=told, other=said) if told else said
    return (
        _("The one-stop desk of {place}: {facts}.")(place=place(turn, commune), facts=told) if told else None
    )


def with_desk(turn: Turn, text: Text, *, wanted: bool) -> Text:
    """Put the line of the citizen's own desk below an answer that sends there."""
    own = desk(turn) if wanted else None
    return lines(text, own) if own else text
