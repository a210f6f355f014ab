"""Telegram's Bot API as data: its JSON to `Heard`, a `Message` to the calls that send it.

Nothing here talks to Telegram or knows a library for it; a driver moves the JSON.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from bot.channels.words import parts, units, without_marks
from handlers.talk import Attachment, Button, Contact, Heard, Incoming, Message, Place

ALLOWED_UPDATES = ("message", "edited_message", "callback_query")
TEXT_LIMIT = 4096  # both limits count UTF-16 units here: the stricter of the two ways they are read
CAPTION_LIMIT = 1024
SHORT_LABEL = 18  # characters of a button that still leaves room for another beside it on a small phone

COMMAND = re.compile(r"/([A-Za-z0-9_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)

# Content that a person sends and no conversation can use.  What is in neither this set nor a field of
# _Message is a notice of Telegram's own ("joined the group"), which nobody has said.
UNUSABLE = frozenset(
    ("checklist", "dice", "game", "giveaway", "invoice", "paid_media", "poll", "rich_message", "story")
)
MEDIA: tuple[tuple[str, Literal["voice", "photo", "video", "file", "sticker"]], ...] = (
    ("voice", "voice"),
    ("photo", "photo"),
    ("live_photo", "photo"),
    ("animation", "video"),  # stands before document, which Telegram fills as well
    ("video", "video"),
    ("video_note", "video"),
    ("audio", "file"),
    ("document", "file"),
    ("sticker", "sticker"),
)


class Malformed(Exception):
    """An update that does not have the shape Telegram publishes; the reason holds none of its words."""


class Call(msgspec.Struct, frozen=True):
    """One call of the Bot API; a `handlers.talk.File` among the parameters is uploaded."""

    method: str
    params: dict[str, Any]


class _Chat(msgspec.Struct):
    id: int
    type: str = "private"


class _User(msgspec.Struct):
    id: int
    is_bot: bool = False


class _Media(msgspec.Struct):
    file_id: str
    file_name: str = ""
    file_size: int = 0


class _Contact(msgspec.Struct):
    phone_number: str
    first_name: str = ""
    last_name: str = ""


class _Location(msgspec.Struct):
    latitude: float
    longitude: float
    live_period: int = 0


class _Message(msgspec.Struct):
    chat: _Chat
    date: int
    sender: _User | None = msgspec.field(name="from", default=None)
    edit_date: int = 0
    text: str = ""
    caption: str = ""
    contact: _Contact | None = None
    location: _Location | None = None
    voice: _Media | None = None
    photo: list[_Media] | None = None  # one picture in several sizes, the largest last
    live_photo: _Media | None = None
    animation: _Media | None = None
    video: _Media | None = None
    video_note: _Media | None = None
    audio: _Media | None = None
    document: _Media | None = None
    sticker: _Media | None = None


class _PressedMessage(msgspec.Struct):
    chat: _Chat


class _Press(msgspec.Struct):
    sender: _User = msgspec.field(name="from")
    data: str = ""
    message: _PressedMessage | None = None


class _Update(msgspec.Struct):
    update_id: int
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Press | None = None


def read(update: Mapping[str, Any], account: str) -> Heard | None:
    """Give what a person said or pressed, None where nobody did; Malformed for what Telegram never sends."""
    try:
        seen = msgspec.convert(update, _Update)
    except msgspec.ValidationError as error:
        raise Malformed(str(error)) from None
    if seen.callback_query:
        incoming = _pressed(seen.callback_query, account)
    elif seen.message:
        incoming = _said(seen.message, account, update["message"].keys() & UNUSABLE)
    elif seen.edited_message:
        incoming = _said(seen.edited_message, account, set())
    else:
        incoming = None
    return Heard(str(seen.update_id), incoming) if incoming else None


def _pressed(press: _Press, account: str) -> Incoming | None:
    if press.message is None or not press.data:
        return None  # a button in another bot's message, or of a game
    # Telegram does not say when a button was pressed, only when its message was sent.
    return Incoming(
        account=account,
        chat=str(press.message.chat.id),
        sender=str(press.sender.id),
        choice=_storable(press.data),
    )


def _said(message: _Message, account: str, unusable: set[str]) -> Incoming | None:
    if message.sender is None or message.sender.is_bot:
        return None  # a channel, or an administrator who writes as the group: nobody to answer
    group = message.chat.type != "private"
    text = _plain_words(_storable(message.text or message.caption))
    contact = _contact(message.contact) if message.contact else None
    # A position that follows somebody about is more than anyone was asked for.
    moving = message.edit_date or (message.location and message.location.live_period)
    place = _place(message.location) if message.location and not moving else None
    attachment = _attachment(message, unusable)
    if attachment and attachment.kind in ("sticker", "other") and group:
        attachment = None  # talk among themselves
    if not (text or contact or place or attachment):
        return None
    return Incoming(
        account=account,
        chat=str(message.chat.id),
        sender=str(message.sender.id),
        sent=_moment(message.edit_date or message.date),
        text=text,
        contact=contact,
        place=place,
        attachment=attachment,
    )


def _plain_words(text: str) -> str:
    """Give a command as the words it stands for: "/start B71" is "B71", "/nguoi_that" is "nguoi that"."""
    command = COMMAND.fullmatch(text)
    if not command:
        return text
    name, rest = command[1], (command[2] or "").strip()
    if name.lower() == "start":
        return rest or "menu"
    return f"{name.replace('_', ' ')} {rest}".strip()


def _attachment(message: _Message, unusable: set[str]) -> Attachment | None:
    for field, kind in MEDIA:
        media = getattr(message, field)
        if isinstance(media, list):
            media = media[-1] if media else None
        if media is not None:
            return Attachment(kind, _storable(media.file_id), _storable(media.file_name), media.file_size)
    return Attachment("other") if unusable else None


def _contact(contact: _Contact) -> Contact:
    name = f"{contact.first_name} {contact.last_name}".strip()
    return Contact(_storable(contact.phone_number), _storable(name))


def _place(location: _Location) -> Place:
    if not (-90 <= location.latitude <= 90 and -180 <= location.longitude <= 180):
        raise Malformed("a position outside the earth")
    return Place(location.latitude, location.longitude)


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Malformed("a date outside the calendar") from None


def _storable(text: str) -> str:
    """Give text that every database takes: without NUL and without halves of a character."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def answer_press(update: Mapping[str, Any]) -> Call | None:
    """Give the call that stops the pressed button's spinning, None where nothing was pressed."""
    match update:
        case {"callback_query": {"id": str(query)}}:
            return Call("answerCallbackQuery", {"callback_query_id": query})
    return None


def calls(chat: str, message: Message) -> tuple[Call, ...]:
    """Give the calls that send a message, in order; the last one carries its choices."""
    words = message.text if message.link in message.text else f"{message.text}\n{message.link}"
    plain, bold = without_marks(words.strip())
    # One call cannot fail halfway, so words that fit go under the picture or with the file.
    fits = units(plain) <= CAPTION_LIMIT
    media: list[Call] = []
    if message.picture:
        media.append(Call("sendPhoto", {"photo": message.picture}))
    if message.file:
        media.append(Call("sendDocument", {"document": message.file}))
    if media and fits and plain:
        media[-1].params.update(caption=_html(plain, bold, 0, len(plain)), parse_mode="HTML")
    written = [
        Call(
            "sendMessage",
            {
                "text": _html(plain, bold, start, end),
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            },
        )
        for start, end in parts(plain, TEXT_LIMIT)
    ]
    # The keyboard belongs under the words that ask, so long words come after the media they go with.
    every = media if media and fits else media + written
    if message.choices:
        every[-1].params["reply_markup"] = {"inline_keyboard": _keyboard(message.choices)}
    return tuple(Call(call.method, {"chat_id": _chat_id(chat), **call.params}) for call in every)


def _chat_id(chat: str) -> int | str:
    return int(chat) if re.fullmatch(r"-?[0-9]+", chat) else chat


def _keyboard(choices: Sequence[Button]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = []
    room = False  # whether the last row has place for one more
    for choice in choices:
        button = {"text": choice.label, "callback_data": choice.data}
        short = len(choice.label) <= SHORT_LABEL
        if room and short:
            rows[-1].append(button)
            room = False
        else:
            rows.append([button])
            room = short
    return rows


def _html(plain: str, bold: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Give one stretch of the text in Telegram's HTML; a bold stretch cut in two is bold in both."""
    out, done = "", start
    for begin, finish in bold:
        begin, finish = max(begin, start), min(finish, end)
        if begin < finish:
            out += html.escape(plain[done:begin], quote=False)
            out += f"<b>{html.escape(plain[begin:finish], quote=False)}</b>"
            done = finish
    return out + html.escape(plain[done:end], quote=False)
