"""What a leaflet says: a topic on paper, for the notice board of a village and for people without a smartphone.

How it is set stands in `paper.py`.  Both load libraries that nothing else needs, so they are imported late.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import msgspec

from bot.paper import Leaflet, Part, Sheets, Stage
from bot.settings import FIELDS, Settings, Unusable
from bot.store import schema
from bot.store.card import lines_of
from bot.store.database import Database
from bot.units import known_unit, villages
from bot.wording import Wording
from handlers.card import on_day, weekly
from handlers.questions import FOR_STAFF
from handlers.records.card import Line
from handlers.rules import opening
from handlers.text import Text, _, as_is
from knowledge.languages import DEFAULT
from knowledge.library import Library, Step, Topic
from knowledge.places import Places

Say = Callable[[Text | str], str]
WARNING = _(
    "Give nobody a code from a message (OTP), a password or a photo of your identity card, whoever asks for it."
)
PHONES = 2  # of a card
NAMED = 6  # villages whose teams are named; more would fill the page
# What only makes sense in a chat; on paper the warning says it.
IN_CHAT = {
    "vi": re.compile(r"Đừng gửi [^.]*\bvào đây\b[^.]*\. ?|, (?:đừng|không) (?:gửi|nhắn) (?:vào|ở) đây\b"),
    "en": re.compile(r"Do not send [^.]*\bhere\. ?|[;,] do not (?:send|write)(?: it| them)? here\b"),
}
# A paragraph that says what to bring, where to go or what it costs, unless it warns of those who ask for money.
PRACTICAL = {
    "vi": re.compile(
        r"\b(?:chuẩn bị|giấy tờ|mang (?:theo|thẻ|căn cước|giấy|hộ chiếu)|cần (?:thẻ|một trong)|nơi làm|lệ phí"
        r"|mức (?:đóng|thu)|\d đồng)\b|\bcần(?: có)?:|(?:^|[.] )phí\b",
        re.I,
    ),
    "en": re.compile(
        r"\b(?:bring your|you need|have ready|fees? (?:is|are|set|for|and|by)|costs? (?:at|is|\d)|\d (?:VND|đồng|đ))\b"
        r"|\b(?:papers|needed|fees?|cost):|\bit is done by",
        re.I,
    ),
}
SWINDLE = {
    "vi": re.compile(r"\b(?:lừa|kẻ|đòi phí)\b", re.I),
    "en": re.compile(r"\b(?:scam|fraud|cheat|swindle)", re.I),
}
ADVICE = ("safe.", "skill.", "help.", FOR_STAFF)  # matters with nothing to bring and nowhere to go


class Place(msgspec.Struct, frozen=True):
    """Whose leaflet it is; what is not known is left for a pen."""

    issuer: str = ""
    hotline: str = ""
    villages: tuple[str, ...] = ()  # that have a digital team
    address: str = ""  # of the web page
    card: tuple[Line, ...] = ()  # what the commune says of itself, as far as it still holds


class Made(msgspec.Struct, frozen=True):
    """A file that has been written."""

    path: Path
    pages: int
    topic: Topic


def place_of(settings: Settings, commune: str, today: date, unit: str = "") -> Place:
    """Give what settings and database know of the office, and of the commune or the unit where one is named."""
    places = Places.load()
    office = "" if settings.office_name == FIELDS["office_name"].default else settings.office_name
    found = places.commune(settings.office_commune)
    if commune and unit:
        raise Unusable("--unit names a commune already. Leave --commune out.")
    if commune:
        found = places.find(commune).one
        if found is None:
            raise Unusable(f"“{commune}” does not name one commune of today. Add its province.")
    teams: tuple[str, ...] = ()
    card: tuple[Line, ...] = ()
    database = Database(settings.database)
    try:
        schema.check(database)
        with database.read() as connection:
            named = known_unit(connection, places, unit) if unit else None
            if named:
                found = places.commune(named.commune)
            if found:
                card = tuple(line for line in lines_of(connection, found.code) if line.holds(today))
        if found:
            teams = (named.village,) if named and named.village else villages(database, found.code)
    except schema.OtherSchema:
        if unit:
            raise  # elsewhere none is needed
    finally:
        database.close()
    return Place(
        issuer=_issuer(office, places.label(found) if found else ""),
        hotline=settings.office_hotline,
        villages=teams,
        address=settings.public_address,
        card=card,
    )


def _issuer(office: str, commune: str) -> str:
    """Give office and commune in one line, without saying the commune's name twice."""
    name, _comma, province = commune.rpartition(", ")
    if name and name.casefold() in office.casefold():
        return office if province.casefold() in office.casefold() else f"{office}, {province}"
    return " · ".join(filter(None, (office, commune)))


def make(
    library: Library, ids: list[str], lang: str, place: Place, folder: Path, now: datetime
) -> Iterator[Made]:
    """Write a leaflet for each topic into the folder; raise Unusable, before any, for one that is unknown."""
    wording = Wording()
    topics = [_topic(library, topic, lang) for topic in dict.fromkeys(ids)]
    folder.mkdir(parents=True, exist_ok=True)
    for topic in topics:
        sheets = Sheets(now)
        pages = sheets.add(worded(topic, library, place, wording))
        path = folder / f"{topic.id}.{topic.lang}.pdf"
        path.write_bytes(sheets.bytes())
        yield Made(path, pages, topic)


def _topic(library: Library, topic: str, lang: str) -> Topic:
    found = library.topic(topic, lang)
    if found is None:
        raise Unusable(f"There is no topic “{topic}”. `toso ask` names the one that answers a question.")
    return found


def worded(topic: Topic, library: Library, place: Place, wording: Wording) -> Leaflet:
    """Give all words of a topic's leaflet, in the topic's language."""

    def say(text: Text | str) -> str:
        return wording.word(as_is(text) if isinstance(text, str) else text, topic.lang)

    steps = topic.way()
    warning = "" if topic.id.startswith(FOR_STAFF) else say(WARNING)
    sources = "; ".join(source.title for source in topic.sources)
    return Leaflet(
        lang=topic.lang,
        title=topic.title,
        issuer=place.issuer or "Tổ Số",
        answer=say(on_paper(topic.answer, topic.lang)),
        parts=tuple(_parts(topic, say)),
        steps=tuple(_stage(step, steps, topic, library, say) for step in steps),
        heading=say(_("Step by step")),
        hint=say(_("Stuck? Send the code of the step to Tổ Số.")),
        code=topic.code,
        address=_address(place, topic),
        invitation=tuple(_invitation(place, topic, say)),
        contact=tuple(_contact(place, topic.lang, say)),
        warning=warning,
        sources=say(
            _("Sources: {sources}. Checked on {checked}; after {expires} ask again.")(
                sources=as_is(sources), checked=topic.checked, expires=topic.expires
            )
        ),
        goes_on=say(_("Goes on overleaf")),
        page=say(_("page {n} of {all}")(n=as_is("{n}"), all=as_is("{all}"))),
    )


def _parts(topic: Topic, say: Say) -> Iterator[Part]:
    """Give all else there is to a topic, first what to bring, where and how much."""
    needed = tuple(paragraph for paragraph in topic.more if practical(topic, paragraph))
    others = tuple(paragraph for paragraph in topic.more if paragraph not in needed)
    for heading, paragraphs in ((_("What to bring, where, how much"), needed), (_("Good to know"), others)):
        if paragraphs:
            yield Part(say(heading), tuple(say(on_paper(one, topic.lang)) for one in paragraphs))


def _stage(step: Step, way: tuple[Step, ...], topic: Topic, library: Library, say: Say) -> Stage:
    """Give a step; one that asks something says where other answers lead."""
    text = on_paper(step.text.replace("\n", " "), topic.lang)
    asks = step is way[0] or "?" in f"{step.title}{text}"
    ways = tuple(_ways(step, way, topic, library, say)) if asks else ()
    return Stage(step.title, say(text), step.code, ways)


def _ways(step: Step, way: tuple[Step, ...], topic: Topic, library: Library, say: Say) -> Iterator[str]:
    for option in step.options:
        after = topic.step(option.target) if option.kind == "step" else None
        other = library.topic(option.target, topic.lang) if option.kind == "topic" else None
        code = after.code if after else other.code if other else ""
        if after in way[way.index(step) + 1 :]:
            yield say(_("{label}: step {n}")(label=as_is(option.label), n=way.index(after) + 1))
        elif code:
            yield say(as_is(f"{option.label}: **{code}**"))


def _invitation(place: Place, topic: Topic, say: Say) -> Iterator[str]:
    if place.address and topic.code:
        host = place.address.removeprefix("https://")
        yield say(_("Scan this with the phone's camera,"))
        yield say(_("or open **{host}** and send **{code}**.")(host=host, code=topic.code))
    elif topic.code:
        yield say(_("Send Tổ Số the code {code} to read on and ask.")(code=topic.code))
    else:
        yield say(_("Ask Tổ Số: “{title}”")(title=as_is(topic.title)))
    yield say(_("No smartphone? Ask the digital team of your village."))


def _contact(place: Place, lang: str, say: Say) -> Iterator[str]:
    """Give whom to turn to: from the commune's card, from the settings, or a line for a pen."""
    if 0 < len(place.villages) <= NAMED:
        yield say(_("Digital teams: {villages}")(villages=", ".join(place.villages)))
    elif place.villages:
        yield say(_("Digital teams in {n} villages")(n=len(place.villages)))
    yield from (line.words for line in place.card if line.kind == "centre")
    phones = [line.words for line in place.card if line.kind == "phone"][:PHONES]
    if numbers := phones or [place.hotline] * bool(place.hotline):
        for number in numbers:
            yield say(_("Telephone: **{number}**")(number=number))
    else:
        yield say(_("Telephone:"))
    hours = next((line for line in place.card if line.kind == "hours"), None)
    week = opening.week_of(hours.words) if hours else None
    if hours and week:
        known = _("Opening hours: {hours} (until {day})")
        yield say(known(hours=weekly(week, lang), day=on_day(hours.day, lang)))
    else:
        yield say(_("Opening hours:"))


def _address(place: Place, topic: Topic) -> str:
    if not place.address:
        return ""
    lang = "" if topic.lang == DEFAULT else f"lang={topic.lang}&"
    return f"{place.address}/?{lang}code={topic.code}" if topic.code else f"{place.address}/"


def practical(topic: Topic, paragraph: str) -> bool:
    """Say whether a paragraph tells what to bring, where to go or what it costs."""
    tells, warns = PRACTICAL.get(topic.lang), SWINDLE.get(topic.lang)
    if topic.id.startswith(ADVICE):
        return False
    return bool(tells and tells.search(paragraph)) and not (warns and warns.search(paragraph))


def on_paper(text: str, lang: str) -> str:
    """Leave out what only makes sense in a chat, such as not to send photos of papers there."""
    in_chat = IN_CHAT.get(lang)
    return in_chat.sub("", text).strip() if in_chat else text
