"""A turn: one event, the person it came from, and what a conversation may say and change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from handlers.made import Made, Making
from handlers.records.announcements import Announcements, Platform
from handlers.records.card import Card
from handlers.records.groups import Groups
from handlers.records.histories import Histories
from handlers.records.incidents import Incidents
from handlers.records.links import Links
from handlers.records.media import Media
from handlers.records.misses import Misses, What
from handlers.records.people import People, Person
from handlers.records.publications import Publications
from handlers.records.reports import Reports
from handlers.records.requests import Requests
from handlers.records.rollout import Rollout
from handlers.records.targets import Targets
from handlers.records.tasks import Tasks
from handlers.records.villages import Villages
from handlers.records.visits import Visits
from handlers.talk import LINK, Due, File, Incoming, Talk
from handlers.text import Text, _, lines
from knowledge.calendar import Calendar
from knowledge.domains import Domains
from knowledge.forms import Forms
from knowledge.library import Library, Topic
from knowledge.places import Places
from knowledge.search import Found
from knowledge.service import Service

Kind = Literal["answer", "notice", "receipt", "reminder", "broadcast"]
"""Why a message is sent: it sets the priority, and whether doubt after a crash means repeat or leave."""

UNSEEN = _(
    "The file {name} cannot be opened here. The web chat can open it."
)  # in its place, where that is so
UNSHOWN = lines(  # the same for what a person has sent; the second line only where there is such an address
    _("It cannot be shown here. Ask for words instead."),
    _("Or open it within 24 hours at this address: {link}")(link=LINK),
)


LABEL = 25  # letters of a choice at the most
TAPS = 4  # choices of one message at the most, where they are one of a list


class Choice(msgspec.Struct, frozen=True):
    """A way on that a message offers."""

    name: str
    label: Text
    context: str = ""  # what it belongs to where that is not the question now open, such as a request's code
    typed: Text | None = None  # on a card: what does the same without buttons, such as "CLAIM 4K7"


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """The office that runs this bot, as its settings say."""

    name: str = "Tổ Số"
    commune: str = ""  # official code, where one commune runs it alone
    hotline: str = ""
    privacy: str = ""  # who answers for personal data, in the office's own words
    talks_kept: int = 30  # days that a talk without consent is kept
    closes: dict[str, int] = {}  # by platform: days after a person's last word from which it takes no message
    free: dict[
        str, int
    ] = {}  # by platform: days after a person's last word in which a reminder costs nothing
    pays: bool = False  # whether reminders go out where they cost
    outside: tuple[str, ...] = ()  # ways to write to people besides their chats, such as "mail"
    platforms: dict[str, Platform] = {}  # those that are served; none says that all are, without conditions
    prices: dict[str, int] = {}  # by way: đồng a message that is charged; 0 where nobody has said
    brake: int = 5000  # people above which an announcement is confirmed once more
    remind_before: int = 30  # minutes before an appointment at which both are reminded
    slows: bool = False  # whoever types faster than anybody reads is answered in one go
    address: str = ""  # https address of our web pages, where they have one that everybody reaches
    opens: bool = False  # what a platform does not show can be opened at an address of ours

    @property
    def writes_mail(self) -> bool:
        """Whether e-mail is sent."""
        return "mail" in self.outside


class Shelf(msgspec.Struct, frozen=True):
    """All that is known and does not change within a turn."""

    library: Library
    places: Places
    calendar: Calendar
    domains: Domains
    forms: Forms
    service: Service
    office: Office


class Said(msgspec.Struct, frozen=True):
    """A message decided on and not yet worded."""

    to: int  # the person
    text: Text
    choices: tuple[Choice, ...]
    letters: bool
    kind: Kind
    about: str
    voice: str  # whose words these are, where they are not the bot's
    file: File | None
    link: str
    not_before: datetime | None
    until: datetime | None
    media: str = ""  # code of a kept file that goes with it
    outside: bool = False  # not to a chat: to where a person is written to when no chat reaches them
    everywhere: bool = False  # on every channel of the person
    asks: Literal["", "phone"] = ""  # what the words ask for
    contact: int = 0  # the very chat of the person, where it has been chosen


class Later(msgspec.Struct, frozen=True):
    """Something to be put before a conversation when its time comes."""

    key: str  # the same key is kept once
    at: datetime
    due: Due


class Records(Protocol):
    """What the store gives a turn."""

    @property
    def people(self) -> People: ...
    @property
    def requests(self) -> Requests: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def publications(self) -> Publications: ...
    @property
    def links(self) -> Links: ...
    @property
    def media(self) -> Media: ...
    @property
    def card(self) -> Card: ...
    @property
    def misses(self) -> Misses: ...
    @property
    def announcements(self) -> Announcements: ...
    @property
    def rollout(self) -> Rollout: ...
    @property
    def histories(self) -> Histories: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def groups(self) -> Groups: ...
    @property
    def visits(self) -> Visits: ...
    @property
    def villages(self) -> Villages: ...
    @property
    def targets(self) -> Targets: ...
    @property
    def tasks(self) -> Tasks: ...


class Turn:
    """Everything one decision sees, and everything it leaves behind."""

    def __init__(
        self,
        *,
        event: Incoming | Due,
        person: Person,
        talk: Talk,
        now: datetime,
        shelf: Shelf,
        records: Records,
        found: Found | None = None,
        helped: bool = False,
        staff: bool = False,
    ) -> None:
        self.event = event
        self.person = person
        self.talk = talk
        self.now = now  # UTC; the moment of deciding
        self.shelf = shelf
        self._records = records
        self.found = found  # what the search made of the words, where there were words
        self.helped = helped  # a team member holds an open request of this person
        self.staff = staff  # the person holds some role
        self.said: list[Said] = []
        self.laters: list[Later] = []
        self.makings: list[Making] = []
        self.withdrawn: list[str] = []
        self.notes: list[tuple[str, str, int]] = []  # what was done, to what, by whom
        self.counted: list[tuple[str, str, What]] = []  # what happened at steps: guide, step and what
        self.resumed = False  # what had been interrupted goes on again and has not been asked once more

    @property
    def people(self) -> People:
        """Ask about people, their roles and their units."""
        return self._records.people

    @property
    def requests(self) -> Requests:
        """Ask about requests for help."""
        return self._records.requests

    @property
    def incidents(self) -> Incidents:
        """Ask about many requests that ask the same."""
        return self._records.incidents

    @property
    def groups(self) -> Groups:
        """Ask about group chats of teams."""
        return self._records.groups

    @property
    def reports(self) -> Reports:
        """Ask about reports and reminders."""
        return self._records.reports

    @property
    def publications(self) -> Publications:
        """Ask about closed periods that are published."""
        return self._records.publications

    @property
    def links(self) -> Links:
        """Ask about the channels of a person."""
        return self._records.links

    @property
    def media(self) -> Media:
        """Ask for photos, voice notes and files that were sent."""
        return self._records.media

    @property
    def card(self) -> Card:
        """Ask what communes say of themselves."""
        return self._records.card

    @property
    def misses(self) -> Misses:
        """Ask about questions that had no answer, and what editors make of them."""
        return self._records.misses

    @property
    def announcements(self) -> Announcements:
        """Ask about announcements, and whom they reach."""
        return self._records.announcements

    @property
    def histories(self) -> Histories:
        """Ask what requests have been through."""
        return self._records.histories

    @property
    def visits(self) -> Visits:
        """Ask about help at doors and at sessions."""
        return self._records.visits

    @property
    def villages(self) -> Villages:
        """Ask about the lists of villages."""
        return self._records.villages

    @property
    def targets(self) -> Targets:
        """Ask about targets, their figures and who follows them."""
        return self._records.targets

    @property
    def tasks(self) -> Tasks:
        """Ask about tasks that were given."""
        return self._records.tasks

    @property
    def rollout(self) -> Rollout:
        """Ask who is invited, and who has come."""
        return self._records.rollout

    @property
    def lang(self) -> str:
        """The reader's language: "vi" until something says otherwise."""
        return self.person.lang or "vi"

    @property
    def text(self) -> str:
        """What was typed; nothing for presses, pictures and the clock."""
        return self.event.text.strip() if isinstance(self.event, Incoming) else ""

    @property
    def sent(self) -> datetime:
        """When the person sent it, as far as anyone vouches for it; lateness uses this."""
        if isinstance(self.event, Incoming):
            return self.event.sent or self.event.at or self.now
        return self.event.at

    def topic(self, topic: str) -> Topic | None:
        """Give a topic in the reader's language, or in Vietnamese where it has no other."""
        return self.shelf.library.topic(topic, self.lang)

    def say(
        self,
        text: Text,
        choices: Sequence[Choice] = (),
        *,
        to: Person | int | None = None,
        letters: bool = False,
        kind: Kind = "answer",
        about: str = "",
        voice: str = "",
        file: File | None = None,
        link: str = "",
        not_before: datetime | None = None,
        until: datetime | None = None,
        media: str = "",
        outside: bool = False,
        everywhere: bool = False,
        asks: Literal["", "phone"] = "",
        contact: int = 0,
        **values: object,
    ) -> None:
        """Tell the person of this turn, or another one, when the turn is kept.

        What is said outside goes to an address that is no chat, such as e-mail; it has neither
        choices nor anybody's data, and nobody is told it who has given no such address.
        To the person of this turn, choices without a context belong to the question now
        open.  Choices of a message to somebody else need a context of their own, and words
        to be typed instead: numbers belong to the question that reader has open.
        """
        person = self.person.id if to is None else to if isinstance(to, int) else to.id
        own = person == self.person.id
        if own:
            here = self.talk.context
            choices = [c if c.context else msgspec.structs.replace(c, context=here) for c in choices]
        self.said.append(
            Said(
                person,
                text(**values) if values else text,
                tuple(choices),
                letters,
                kind,
                about,
                voice,
                file,
                link,
                not_before,
                until,
                media,
                outside,
                everywhere,
                asks,
                contact,
            )
        )

    def make(self, made: Made, name: str, about: str, *, to: int = 0) -> None:
        """Have a file made for the person of this turn, or another, when it is kept; `media.kept` about it follows."""
        self.makings.append(Making(to or self.person.id, made, name, about))

    def asks(self, doing: str, at: str = "", *, context: str = "", **kept: str) -> None:
        """Move the talk: what goes on, where in it, and the name of the question now open."""
        self.resumed = False
        self.talk = msgspec.structs.replace(
            self.talk,
            doing=doing,
            at=at,
            context=context or at,
            kept={**self.talk.kept, **kept} if doing == self.talk.doing else kept,
            offered=(),
            letters=False,
        )

    def change(self, **fields: object) -> None:
        """Put some fields of the talk."""
        self.talk = msgspec.structs.replace(self.talk, **fields)

    def hold(self, doing: str, at: str = "", **kept: str) -> None:
        """Begin something that what goes on now will wait for."""
        self.resumed = False
        held = self.talk if self.talk.doing else self.talk.held
        self.talk = Talk(
            doing=doing,
            at=at,
            context=at,
            kept=kept,
            topic=self.talk.topic,
            met=self.talk.met,
            quiet=self.talk.quiet,
            hidden=self.talk.hidden,
            warned=self.talk.warned,
            spoke=self.talk.spoke,
            spoke_in=self.talk.spoke_in,
            rush=self.talk.rush,
            held=held,
        )

    def end(self) -> Talk | None:
        """End what goes on; give what had been interrupted, now going on again."""
        held = self.talk.held
        self.resumed = held is not None
        fresh = held or Talk()
        self.talk = msgspec.structs.replace(
            fresh,
            met=self.talk.met,
            quiet=self.talk.quiet,
            hidden=self.talk.hidden,
            warned=self.talk.warned,
            spoke=self.talk.spoke,
            spoke_in=self.talk.spoke_in,
            rush=self.talk.rush,
            topic=fresh.topic or self.talk.topic,
        )
        return held

    def know(self, **fields: object) -> None:
        """Put something about the person of this turn: name, lang, address, commune, consent, …"""
        self.person = msgspec.structs.replace(self.person, **fields)

    def later(self, key: str, at: datetime, name: str, about: str, **facts: str) -> None:
        """Have `Due(name, about, facts)` put before the conversations at that time; the same key once."""
        self.laters.append(Later(key, at, Due(name=name, about=about, at=at, facts=facts)))

    def after(self, wait: timedelta) -> datetime:
        """Give the moment so long from now."""
        return self.now + wait

    def withdraw(self, about: str) -> None:
        """Take back what still waits to be sent about something."""
        self.withdrawn.append(about)

    def count(self, guide: str, step: str, what: What) -> None:
        """Count what happened at a step of a guide; nobody is noted with it."""
        self.counted.append((guide, step, what))

    def note(self, done: str, about: str, by: int | None = None) -> None:
        """Keep in the audit what was done, to what, by whom (the person of this turn)."""
        self.notes.append((done, about, self.person.id if by is None else by))
