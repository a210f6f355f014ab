"""The plain facts that pass between a channel and a conversation.

Everything here can be stored, compared and printed.  Telegram, Zalo, the
database and the clock are unknown in this package.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that is not words; `other` is a kind no conversation can use."""

    kind: Literal["voice", "photo", "video", "file", "sticker", "other"]
    ref: str = ""  # the platform's own handle of the content, never the content
    name: str = ""
    size: int = 0  # bytes; 0 where the platform does not say


class Contact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A shared address-book card."""

    phone: str
    name: str = ""


class Place(msgspec.Struct, frozen=True):
    """A shared position, in degrees."""

    latitude: float
    longitude: float


Sign = Literal["", "came", "left", "official", "called", "spoke", "added", "removed", "moved"]
"""What happened without words to us.

Somebody came (follows, has unblocked us), left, called and nobody picked up, or has spoken with an official on the
telephone; or an official wrote in our place.  Of a group: we were added, removed, or it has another name since.
"""


class Incoming(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message or a button press."""

    account: str  # which of our bots or pages heard it, such as "telegram:7001" or "web"
    chat: str  # where to answer, in the platform's own words
    sender: str  # who said it; in a group not the same as chat
    sent: datetime | None = None  # the platform's time, where it vouches for it; lateness uses this
    at: datetime | None = None  # when it was stored; intake writes it
    text: str = ""
    choice: str = ""  # the data of the pressed button ("name" or "name@context"), never its label
    contact: Contact | None = None
    place: Place | None = None
    attachment: Attachment | None = None
    masked: tuple[str, ...] = ()  # the kinds of secret that the guard took out of the text
    sign: Sign = ""  # what was done and not said
    edited: bool = False  # the words of an earlier message, changed since
    moved: str = ""  # what the platform calls a group from now on, where that is what happened


class Due(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Something whose time has come."""

    name: str  # what is due, such as "reports.stage"
    about: str  # what it is about, such as "request:17"
    at: datetime  # when it was to happen
    facts: dict[str, str] = {}


class Heard(msgspec.Struct, frozen=True):
    """An update on its way to the inbox."""

    key: str  # the platform's update id, unique within the account
    incoming: Incoming


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice as a channel shows it."""

    data: str  # what a press sends back as Incoming.choice, at most 64 bytes
    label: str
    typed: str = (
        ""  # of a card, which has no numbers: what to type where there are no buttons, such as NHẬN 4K7
    )


class File(msgspec.Struct, frozen=True):
    """A small document that goes with a message."""

    name: str
    kind: str  # media type, such as "application/json"
    content: bytes


LINK = "{link}"  # in words that are ready: where an address is to stand that is made when they are sent


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one person is told, worded; the only markup in `text` is **bold**."""

    text: str
    choices: tuple[Button, ...] = ()
    letters: bool = False  # a figure is expected: typed choices are a, b, c, never digits
    link: str = ""
    picture: str = ""
    file: File | None = None
    media: str = ""  # code of a kept file that goes with it, such as a photo that somebody sent
    unseen: str = ""  # what to say instead of the file where a channel cannot show it; a line may hold LINK
    asks: Literal["", "phone"] = ""  # what the words ask for, where a channel has a form of its own for that


class Quiet(msgspec.Struct, frozen=True):
    """The bot keeps out of a talk that an official has taken over."""

    on: str  # the account on which the official writes; elsewhere nobody would answer
    until: datetime


class Rush(msgspec.Struct, frozen=True, omit_defaults=True):
    """Words that somebody types one after another, faster than they are answered."""

    since: datetime
    last: datetime
    count: int = 0
    told: bool = False  # that all of them are read


class Talk(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Where one conversation stands; it survives everything that a person does not end."""

    doing: str = ""  # what goes on, such as "guide vneid.activate" or "form request"; nothing when empty
    at: str = ""  # where in it: the step, the question
    kept: dict[str, str] = {}  # what it has gathered, by name
    trail: tuple[str, ...] = ()  # where it has been, for "back"
    context: str = ""  # names the question now open; a press of its buttons carries it
    offered: tuple[Button, ...] = ()  # the choices of that question, as shown
    letters: bool = False  # they were offered as a, b, c: a digit is a value
    past: tuple[Button, ...] = ()  # choices offered before; while nothing is open their signs mean them
    past_letters: bool = False  # those signs were a, b, c
    topic: str = ""  # what was last answered, for "source" and "more"
    held: Talk | None = None  # what was interrupted and goes on afterwards
    met: bool = False  # the office has been named and has said that it is automatic
    quiet: Quiet | None = None  # an official writes in our place
    hidden: dict[str, datetime] = {}  # kinds of secret that were hidden lately, and when last
    warned: tuple[str, ...] = ()  # topics past their date, of which that was said already
    spoke: datetime | None = None  # when words last went to one of several helpers
    spoke_in: str = ""  # the code of the request whose helper that was
    rush: Rush | None = None  # what was typed lately
