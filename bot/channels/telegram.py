"""Telegram's Bot API as data: its JSON to `Heard`, a `Message` to the calls that send it.

Nothing here talks to Telegram or knows a library for it; a driver moves the JSON.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec

from bot.channels import Carried, Refused
from bot.channels.words import parts, units, without_marks
from handlers.talk import Attachment, Button, Contact, Heard, Incoming, Message, Place, Sign

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
TEXT_LIMIT = 4096  # both limits count UTF-16 units here: the stricter of the two ways they are read
CAPTION_LIMIT = 1024
PHOTO_LIMIT = 10 * 2**20  # bytes; what is larger goes as a document
UPLOAD_LIMIT = 50 * 2**20  # bytes that a bot may send
TOAST_LIMIT = 200  # letters of what pops up after a press
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
    """One call of the Bot API; a `File` or a `Carried` among the parameters is uploaded."""

    method: str
    params: dict[str, Any]


_Id = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class _Chat(msgspec.Struct):
    id: _Id
    type: str = "private"


class _User(msgspec.Struct):
    id: _Id
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


class _Answered(msgspec.Struct):
    sender: _User | None = msgspec.field(name="from", default=None)


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
    reply_to_message: _Answered | None = None
    migrate_to_chat_id: int = 0  # the group's from now on, when it becomes a supergroup


class _PressedMessage(msgspec.Struct):
    chat: _Chat


class _Press(msgspec.Struct):
    sender: _User = msgspec.field(name="from")
    data: str = ""
    message: _PressedMessage | None = None


class _Member(msgspec.Struct):
    status: str = ""
    is_member: bool = False  # of somebody restricted

    @property
    def inside(self) -> bool:
        return self.status in ("creator", "administrator", "member") or self.is_member


class _Membership(msgspec.Struct):
    chat: _Chat
    date: int
    sender: _User = msgspec.field(name="from")
    old: _Member = msgspec.field(name="old_chat_member")
    new: _Member = msgspec.field(name="new_chat_member")


class _Update(msgspec.Struct):
    update_id: _Id
    message: _Message | None = None
    edited_message: _Message | None = None
    callback_query: _Press | None = None
    my_chat_member: _Membership | None = None


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
        incoming = _changed(seen.edited_message, account)
    elif seen.my_chat_member:
        incoming = _came_or_left(seen.my_chat_member, account)
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
    if message.migrate_to_chat_id:
        return _of_group(message.chat, account, message.date, "moved", str(message.migrate_to_chat_id))
    if message.sender is None or message.sender.is_bot:
        return None  # a channel, or an administrator who writes as the group: nobody to answer
    group = message.chat.type != "private"
    if group and not _meant(message, account):
        return None  # talk among themselves; it is not even stored
    text = _plain_words(_storable(message.text or message.caption))
    contact = _contact(message.contact) if message.contact else None
    # A position that follows somebody about is more than anyone was asked for.
    moving = message.location and message.location.live_period
    place = _place(message.location) if message.location and not moving else None
    attachment = _attachment(message, unusable)
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


def _changed(message: _Message, account: str) -> Incoming | None:
    """Give words that were changed; what was sent with them is there already, and a place would be a moving one."""
    said = _said(message, account, set())
    if said is None or not said.text:
        return None
    return msgspec.structs.replace(said, contact=None, place=None, attachment=None, edited=True)


def _came_or_left(change: _Membership, account: str) -> Incoming | None:
    """Give the sign that somebody has blocked or unblocked us, or that a group has taken us in or put us out."""
    if change.chat.type != "private":
        among: dict[tuple[bool, bool], Sign] = {(False, True): "added", (True, False): "removed"}
        there = among.get((change.old.inside, change.new.inside))
        of_people = change.chat.type in ("group", "supergroup")
        return _of_group(change.chat, account, change.date, there) if there and of_people else None
    signs: dict[tuple[bool, bool], Sign] = {(False, True): "left", (True, False): "came"}
    sign = signs.get((change.old.status == "kicked", change.new.status == "kicked"))
    if sign is None:
        return None
    return Incoming(
        account=account,
        chat=str(change.chat.id),
        sender=str(change.sender.id),
        sent=_moment(change.date),
        sign=sign,
    )


def _of_group(chat: _Chat, account: str, date: int, sign: Sign, moved: str = "") -> Incoming:
    """Give what has become of a group as the group's own doing: it is nobody's word."""
    name = str(chat.id)
    return Incoming(account=account, chat=name, sender=name, sent=_moment(date), sign=sign, moved=moved)


def _meant(message: _Message, account: str) -> bool:
    """Say whether words in a group are a command, or an answer to our own message."""
    answered = message.reply_to_message.sender if message.reply_to_message else None
    ours = answered is not None and account == f"telegram:{answered.id}"
    return ours or (message.text or message.caption).startswith("/")


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


class _Key(msgspec.Struct):
    text: str
    callback_data: str = ""


class _Keyboard(msgspec.Struct):
    inline_keyboard: list[list[_Key]] = []


class _Shown(msgspec.Struct):
    chat: _Chat
    message_id: int = 0
    date: int = 0  # 0: Telegram no longer has the message
    text: str = ""
    entities: list[dict[str, Any]] = []
    caption: str = ""
    caption_entities: list[dict[str, Any]] = []
    reply_markup: _Keyboard = msgspec.field(default_factory=_Keyboard)


class _Query(msgspec.Struct):
    id: str
    data: str = ""
    message: _Shown | None = None


class _Pressing(msgspec.Struct):
    callback_query: _Query | None = None


def answer_press(update: Mapping[str, Any]) -> Call | None:
    """Give the call that stops the pressed button's spinning, None where nothing was pressed."""
    match update:
        case {"callback_query": {"id": str(query)}}:
            params = {"callback_query_id": query}
        case _:
            return None
    message, label = _pressed_label(update)
    if message and label and message.chat.type != "private":
        # In a group the message stays as it is, for the others; only who pressed is told.
        params["text"] = f"✓ {label}"[:TOAST_LIMIT]
    return Call("answerCallbackQuery", params)


def show_choice(update: Mapping[str, Any]) -> Call | None:
    """Give the call after which a pressed message shows what was chosen, and can be pressed no more.

    None where there is nothing to show: in a group the buttons are for everybody, and a second press of
    the same message no longer finds them.
    """
    message, label = _pressed_label(update)
    if message is None or not label or message.chat.type != "private":
        return None
    where: dict[str, Any] = {"chat_id": message.chat.id, "message_id": message.message_id}
    mark = f"\n\n✓ {label}"
    if message.text and units(message.text + mark) <= TEXT_LIMIT:
        params = {"text": message.text + mark, **_bold("entities", message.entities)}
        return Call("editMessageText", where | params | {"link_preview_options": {"is_disabled": True}})
    if message.caption and units(message.caption + mark) <= CAPTION_LIMIT:
        params = {"caption": message.caption + mark, **_bold("caption_entities", message.caption_entities)}
        return Call("editMessageCaption", where | params)
    return Call("editMessageReplyMarkup", where)


def _pressed_label(update: Mapping[str, Any]) -> tuple[_Shown | None, str]:
    """Give the message that was pressed and what stands on the button; nothing where either is gone."""
    try:
        press = msgspec.convert(update, _Pressing).callback_query
    except msgspec.ValidationError:
        return None, ""
    if press is None or press.message is None or not press.message.date:
        return None, ""
    keys = (key for row in press.message.reply_markup.inline_keyboard for key in row)
    return press.message, next((key.text for key in keys if key.callback_data == press.data), "")


def _bold(name: str, entities: Sequence[dict[str, Any]]) -> dict[str, Any]:
    bold = [entity for entity in entities if entity.get("type") == "bold"]
    return {name: bold} if bold else {}


def calls(chat: str, message: Message, carried: Carried | None = None) -> tuple[Call, ...]:
    """Give the calls that send a message, in order; the last one carries its choices.

    Refused for a file larger than Telegram takes.
    """
    words = message.text if message.link in message.text else f"{message.text}\n{message.link}"
    plain, bold = without_marks(words.strip())
    # One call cannot fail halfway, so words that fit go under the picture or with the file.
    fits = units(plain) <= CAPTION_LIMIT
    media: list[Call] = []
    if message.picture:
        media.append(Call("sendPhoto", {"photo": message.picture}))
    if message.file:
        media.append(Call("sendDocument", {"document": message.file}))
    if carried:
        media.append(_carrying(carried))
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


# What Telegram shows as more than a file to open, by kind and media type.
PLAYABLE = {
    "voice": (
        "sendVoice",
        ("audio/ogg", "audio/opus", "audio/mpeg", "audio/mp4", "audio/x-m4a", "audio/m4a"),
    ),
    "photo": ("sendPhoto", ("image/jpeg", "image/png", "image/webp")),
    "video": ("sendVideo", ("video/mp4",)),
}


def _carrying(carried: Carried) -> Call:
    if carried.size > UPLOAD_LIMIT:
        raise Refused(f"the file has {carried.size} bytes, and Telegram takes {UPLOAD_LIMIT} at most")
    method, types = PLAYABLE.get(carried.kind, ("", ()))
    if carried.type in types and not (method == "sendPhoto" and carried.size > PHOTO_LIMIT):
        return Call(method, {carried.kind: carried})
    return Call("sendDocument", {"document": carried})


def as_document(call: Call) -> Call | None:
    """Give a photo's call again as a document's, for a picture that Telegram will not show; None for others."""
    if call.method != "sendPhoto" or not isinstance(call.params["photo"], Carried):
        return None
    return Call("sendDocument", {("document" if n == "photo" else n): v for n, v in call.params.items()})


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
