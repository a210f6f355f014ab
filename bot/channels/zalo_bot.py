"""Zalo's Bot Platform as data: its JSON to `Heard`, a `Message` to the calls that send it.

Nothing here talks to Zalo.  What is known of the platform comes in more than one form: an update may be
wrapped or bare, a photo may be called `photo` or `photo_url`.  Each form is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import msgspec

from bot.channels import Carried
from bot.channels.words import instead, numbered, parts, units, without_marks
from handlers.talk import Attachment, Heard, Incoming, Message

TEXT_LIMIT = 2000  # UTF-16 units: the stricter of the two ways in which "characters" is read
GROUP = "group:"  # before the id of a group's chat: the id alone does not tell, and a group has other rules
LONGEST_ID = 100  # of what is an id at all

# Where Zalo's markdown may take more than the stars for markup, a text goes out plain.
RISKY = re.compile(r"[`\\]|~~|\]\(|^\s*(?:#|>|-{3})|https?://\S*[*_]", re.MULTILINE)


class Malformed(Exception):
    """An update that does not have the shape Zalo gives; the reason holds none of its words."""


class Call(msgspec.Struct, frozen=True):
    """One call of the Bot API."""

    method: str
    params: dict[str, Any]
    otherwise: Call | None = None  # what to send in its place when the platform does not take it


class _Person(msgspec.Struct):
    id: str | int
    is_bot: bool = False


class _Chat(msgspec.Struct):
    id: str | int
    chat_type: str = ""


class _Message(msgspec.Struct):
    message_id: str | int
    chat: _Chat
    sender: _Person = msgspec.field(name="from")
    # One odd field must not cost the others, so these are looked at when they are used.
    date: Any = None
    text: Any = None
    caption: Any = None
    photo: Any = None
    photo_url: Any = None
    url: Any = None
    voice_url: Any = None


class _Update(msgspec.Struct):
    event_name: str
    message: _Message


def updates(said: Any) -> Sequence[Any]:
    """Give the updates in an answer or in a call, wrapped or bare, one or several; none in an empty one."""
    if isinstance(said, dict) and "event_name" not in said and "result" in said:
        said = said["result"]
    if isinstance(said, list):
        return said
    return (said,) if said else ()


def read(update: Any, account: str, name: str = "") -> Heard | None:
    """Give what a person said, None where nobody did; Malformed for what Zalo never sends.

    The name is the bot's, by which a group calls it; what remains of such a message is meant for us.
    """
    kind = update.get("event_name") if isinstance(update, Mapping) else None
    if not isinstance(kind, str):
        raise Malformed("no event_name")
    if kind not in CONTENT:
        return None
    try:
        message = msgspec.convert(update, _Update).message
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Malformed(str(error) if isinstance(error, msgspec.ValidationError) else "not text") from None
    if message.sender.is_bot:
        return None
    sender, chat, key = _id(message.sender.id), _id(message.chat.id), _id(message.message_id)
    group = message.chat.chat_type != "PRIVATE" if message.chat.chat_type else chat != sender
    text, attachment = CONTENT[kind](message)
    if group:
        text = _without_name(text, name)
        if attachment and attachment.kind in ("sticker", "other"):
            return None  # talk among themselves
    if not text and not attachment:
        raise Malformed(f"{kind} without content")
    incoming = Incoming(
        account=account,
        chat=GROUP + chat if group else chat,
        sender=sender,
        sent=_moment(message.date),
        text=text,
        attachment=attachment,
    )
    return Heard(key, incoming)


def _words(message: _Message) -> tuple[str, None]:
    return _text(message.text), None


def _photo(message: _Message) -> tuple[str, Attachment]:
    return _text(message.caption), Attachment("photo", _text(message.photo) or _text(message.photo_url))


def _voice(message: _Message) -> tuple[str, Attachment]:
    return "", Attachment("voice", _text(message.voice_url))


def _sticker(message: _Message) -> tuple[str, Attachment]:
    return "", Attachment("sticker", _text(message.url))


def _unsupported(message: _Message) -> tuple[str, Attachment]:
    return "", Attachment("other")


CONTENT = {
    "message.text.received": _words,
    "message.image.received": _photo,
    "message.voice.received": _voice,
    "message.sticker.received": _sticker,
    "message.unsupported.received": _unsupported,  # a link, a file, a place: Zalo does not say which
}


def _without_name(text: str, name: str) -> str:
    """Give what a group says to us; nothing but our name is a call for the menu."""
    if not name or not text:
        return text
    # A space of a name may be any space there, and a name that only begins so is somebody else's.
    called = r"\s+".join(map(re.escape, normalize("NFC", name).split()))
    rest = re.sub(rf"@{called}(?!\w)[\s,:]*", "", normalize("NFC", text), flags=re.IGNORECASE)
    return rest.strip() or "menu"


def _id(value: str | int) -> str:
    ident = str(value)
    if not 0 < len(ident) <= LONGEST_ID or ident != _text(ident):
        raise Malformed("an id that is none")
    return ident


def _text(value: Any) -> str:
    """Give text that every database takes: without NUL and without halves of a character."""
    return value.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _moment(milliseconds: Any) -> datetime | None:
    """Give the time a message was sent; None where Zalo tells none that can be."""
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def calls(chat: str, message: Message, carried: Carried | None = None) -> tuple[Call, ...]:
    """Give the calls that send a message, in order."""
    words = numbered(message)
    photo = in_words = message.picture if message.picture.startswith("https://") else ""
    voice = ""
    if message.unseen or carried is not None:
        in_words = instead(message, carried.link if carried else "")
        if carried is not None and carried.url and carried.kind == "photo":
            photo = carried.url
        elif carried is not None and carried.url and carried.kind == "voice" and not chat.startswith(GROUP):
            voice = carried.url  # in a group Zalo says yes and delivers nothing
        else:
            words = f"{words}\n{in_words}"
    plain, bold = without_marks(normalize("NFC", words.strip()))
    every = _written(plain, bold)
    # What is sent where the platform does not take a picture or a voice note.
    told = Call("sendMessage", {"text": in_words}) if in_words else None
    if photo:
        # Under its picture a text costs no message of its own, and one call cannot fail halfway.
        under = bool(plain) and units(plain) <= TEXT_LIMIT
        shown = {"photo": photo, "caption": plain} if under else {"photo": photo}
        if under:
            both = f"{plain}\n{in_words}".strip()
            told = Call("sendMessage", {"text": both if units(both) <= TEXT_LIMIT else plain})
        every = [Call("sendPhoto", shown, told), *(() if under else every)]
    if voice:
        every = [*every, Call("sendVoice", {"voice_url": voice}, told)]
    return tuple(_to(chat.removeprefix(GROUP), call) for call in every)


def _to(chat: str, call: Call) -> Call:
    otherwise = _to(chat, call.otherwise) if call.otherwise else None
    return Call(call.method, {"chat_id": chat, **call.params}, otherwise)


def _written(plain: str, bold: Sequence[tuple[int, int]]) -> list[Call]:
    every = []
    for start, end in parts(plain, TEXT_LIMIT) if plain else ():
        bare = Call("sendMessage", {"text": plain[start:end]})
        marked = _markdown(plain, bold, start, end)
        if marked and units(marked) <= TEXT_LIMIT:
            every.append(Call("sendMessage", {"text": marked, "parse_mode": "markdown"}, bare))
        else:
            every.append(bare)
    return every


def _markdown(plain: str, bold: Sequence[tuple[int, int]], start: int, end: int) -> str:
    """Give one stretch of the text in Zalo's markdown; nothing where no word is bold, or it is not safe."""
    if RISKY.search(plain[start:end]):
        return ""
    out, done = "", start
    for begin, finish in bold:
        begin, finish = max(begin, start), min(finish, end)
        while begin < finish and plain[begin].isspace():
            begin += 1
        while begin < finish and plain[finish - 1].isspace():
            finish -= 1
        if begin < finish and _stands(plain, begin, finish):
            out += f"{_escaped(plain[done:begin])}**{_escaped(plain[begin:finish])}**"
            done = finish
    return out + _escaped(plain[done:end]) if done > start else ""


def _stands(plain: str, begin: int, finish: int) -> bool:
    """Say whether stars around this stretch are read as marks: markdown wants words inside or gaps outside."""
    before = plain[begin - 1 : begin]
    after = plain[finish : finish + 1]
    opens = plain[begin].isalnum() or not before or before.isspace()
    closes = plain[finish - 1].isalnum() or not after or after.isspace()
    return opens and closes


def _escaped(text: str) -> str:
    return re.sub(r"([*_])", r"\\\1", text)
