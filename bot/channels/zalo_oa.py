"""Zalo's Official Account API as data: its events to `Heard`, a `Message` to what is posted, its codes to errors.

Nothing here talks to Zalo; the client moves the JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Literal

import msgspec

from bot import clock
from bot.channels import Sent
from bot.channels.words import numbered, parts, without_marks
from handlers.talk import Attachment, Button, Contact, Heard, Incoming, Message, Place, Sign
from handlers.text import Text, _

TEXT_LIMIT = 2000  # in UTF-16 units, the stricter of the two ways this is read
MOST_BUTTONS = 5
TITLE_LIMIT = 100
SUBTITLE_LIMIT = 500
FORM = "request_user_info"
IMAGE_LIMIT = 2**20  # bytes; jpg and png
FILE_LIMIT = 5 * 2**20
FREE = timedelta(hours=48)  # after the person's last word
OPEN = timedelta(days=7)  # later than that nothing is taken
STALE = timedelta(days=7)  # far beyond Zalo's own repeats, which end after two hours
NIGHT_ENDS = 6  # o'clock in Vietnam; messages refused for the hour are taken from then on

IMAGES = ("image/jpeg", "image/png")
FILES = {
    "application/pdf": "pdf",
    "application/msword": "doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}

MENTION = re.compile(r"\[@\w+\]\s?")
PRESSED = re.compile(r"#([^\s#@]+(?:@[^\s@]+)?)")
LONGEST_ID = 100

Json = Mapping[str, Any]
Body = dict[str, Any]


class Malformed(Exception):
    """A call that does not have the shape Zalo publishes; the reason holds none of its words."""


# --- what is heard ---


def parsed(body: bytes) -> Json:
    """Give a call's JSON object; raise Malformed for anything else."""
    try:
        event = json.loads(body)  # unlike stricter readers it takes half a character for what it is
    except (ValueError, RecursionError):
        raise Malformed("no JSON") from None
    if not isinstance(event, dict):
        raise Malformed("no JSON object")
    return event


def signature(ident: str, body: bytes, timestamp: str, secret: str) -> str:
    """Give what Zalo signs a call with: a plain SHA-256 over all four, in hexadecimal digits."""
    return hashlib.sha256(ident.encode() + body + timestamp.encode() + secret.encode()).hexdigest()


def signed(header: str, body: bytes, event: Json, ids: Mapping[str, str], secrets: Mapping[str, str]) -> str:
    """Say by which of the ways that are told of a call bears our signature; nothing where by none.

    Which id comes first and which secret last, sources disagree on.  Each way holds a secret, so none is weaker.
    """
    given = header.strip().lower().removeprefix("mac=").encode()
    stamp, way = _word(event, "timestamp"), ""
    for (first, ident), (last, secret) in product(ids.items(), secrets.items()):
        right = signature(ident, body, stamp, secret).encode()
        if hmac.compare_digest(given, right) and secret:
            way = way or f"{first} and {last}"
    return way


def stale(event: Json, now: datetime) -> bool:
    """Say whether a call is so old that only somebody who has kept it would send it."""
    sent = _moment(_word(event, "timestamp"))
    return sent is not None and now - sent > STALE


def read(event: Json, account: str, *, buttons: bool = False) -> Heard | None:
    """Give what a person did or an official wrote, None where nobody did; Malformed for what Zalo never sends."""
    name = _word(event, "event_name")
    found = _parties(name, event)
    if found is None:
        return None
    oa, user = found
    if oa not in ("", account.partition(":")[2]):
        return None  # another account of the same app, which has one address for all
    if not 0 < len(user) <= LONGEST_ID:
        raise Malformed("an event without its user")
    stamp = _word(event, "timestamp")
    incoming = Incoming(account=account, chat=user, sender=user, sent=_moment(stamp))
    message = _object(event, "message")
    if name.startswith("user_send_"):
        incoming = _said(name.removeprefix("user_send_"), message, incoming, buttons)
    elif name == "user_submit_info":
        incoming = _submitted(_object(event, "info"), incoming)
    elif name in CALLS:
        incoming = msgspec.structs.replace(incoming, sign="spoke" if _talked(event) else "called")
    else:
        incoming = msgspec.structs.replace(incoming, sign=_SIGNS.get(name, "official"))
    # A message keeps its id however often it comes; other events have none.
    key = _word(message, "msg_id") or f"{name}:{user}:{stamp}"
    if len(key) > 2 * LONGEST_ID:
        raise Malformed("an event with an id too long")
    return Heard(key, incoming)


CALLS = ("user_call_oa", "oa_call_user")  # that have ended
TOLD = {  # what only the operator can do something about
    "permission_revoked": "an administrator has taken the app's permission back. Let it in again: `toso zalo link`.",
    **dict.fromkeys(
        (
            "change_oa_daily_quota",
            "change_oa_template_tags",
            "change_template_quality",
            "change_template_quota",
            "change_template_status",
        ),
        "Zalo has changed what may be sent as templates. See the account's page.",
    ),
}
_SIGNS: dict[str, Sign] = {"follow": "came", "user_click_chatnow": "came", "unfollow": "left"}
_OTHERS = re.compile(r"(?:user|oa)_send_(?:group|anonymous|consent)(?:_.*)?")  # nobody whom we could answer


def _parties(name: str, event: Json) -> tuple[str, str] | None:
    """Give the account and the person of an event; None for events in which nobody says anything to us."""
    if _OTHERS.fullmatch(name):
        return None
    sender, recipient = _object(event, "sender"), _object(event, "recipient")
    if name.startswith("user_send_") or name == "user_submit_info":
        return _word(recipient, "id"), _word(sender, "id")
    if name.startswith("oa_send_"):
        # Without an administrator it is the echo of what we sent ourselves.
        official = _word(sender, "admin_id") or _word(event, "admin_id")
        return (_word(sender, "id"), _word(recipient, "id")) if official else None
    if name in ("follow", "unfollow"):
        return _word(event, "oa_id"), _word(_object(event, "follower"), "id")
    if name == "user_click_chatnow":
        return _word(event, "oa_id"), _word(event, "user_id")
    if name in CALLS and (name == "user_call_oa" or _talked(event)):
        caller, called = (sender, recipient) if name == "user_call_oa" else (recipient, sender)
        user = _word(event, "user_id") or _word(caller, "id")
        # Who calls by a number only is nobody whom we could answer.
        return (_word(event, "oa_id") or _word(called, "id"), user) if user else None
    return None


def anonymous(event: Json) -> bool:
    """Say whether somebody without a Zalo account wrote on a web page; no call is known that would answer them."""
    return _word(event, "event_name").startswith("anonymous_send_")


def told(event: Json, oa: str) -> str:
    """Give what the operator of an account has to know of an event; nothing where that is nothing."""
    return TOLD.get(_word(event, "event_name"), "") if _word(event, "oa_id") in ("", oa) else ""


def _talked(event: Json) -> bool:
    """Say whether somebody has picked up."""
    return bool(count(event, "talk_time"))


def _said(kind: str, message: Json, incoming: Incoming, buttons: bool) -> Incoming:
    text = MENTION.sub("", _word(message, "text")).strip()
    attached = message.get("attachments")
    first = attached[0] if isinstance(attached, list) and attached else {}
    payload = _object(first, "payload") if isinstance(first, dict) else {}
    change = msgspec.structs.replace
    if kind == "text":
        # Without the question it belongs to it may as well be a hashtag that somebody typed.
        if (press := PRESSED.fullmatch(text)) and (buttons or "@" in press[1]):
            return change(incoming, choice=press[1])
        return change(incoming, text=text)
    if kind == "link":
        address, about = _word(payload, "url"), _word(payload, "description")
        told = [words for words in (about, address) if words and words not in text]
        if words := "\n".join(filter(None, [text, *told])):
            return change(incoming, text=words)
    if kind == "location" and (place := _place(_object(payload, "coordinates"))):
        return change(incoming, text=text, place=place)
    if kind == "business_card" and (contact := _card(payload)):
        return change(incoming, contact=contact)
    return change(incoming, text=text, attachment=_attachment(kind, payload))


_KINDS: dict[str, Literal["voice", "photo", "video", "file", "sticker"]] = {
    "image": "photo",
    "gif": "photo",
    "audio": "voice",
    "video": "video",
    "file": "file",
    "sticker": "sticker",
}


def _attachment(kind: str, payload: Json) -> Attachment:
    """Give what came; a kind nobody here knows is declined kindly, as is one without its address."""
    known = _KINDS.get(kind)
    address = _word(payload, "url")
    if known is None or (not address and known != "sticker"):
        return Attachment("other")
    size = _word(payload, "size")
    return Attachment(
        known,
        address,
        _word(payload, "name")[:200],
        int(size) if re.fullmatch(r"[0-9]{1,15}", size) else 0,
    )


def _place(coordinates: Json) -> Place | None:
    """Read a position, whose degrees are strings; None for none on this earth."""
    degrees = []
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        given = coordinates.get(name)
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            return None
        try:
            degree = float(given)
        except (ValueError, OverflowError):
            return None
        if not -most <= degree <= most:
            return None
        degrees.append(degree)
    return Place(*degrees)


def _card(payload: Json) -> Contact | None:
    """Read a business card: its fields, or the JSON that its description is."""
    inside: Json = {}
    with suppress(Malformed):
        inside = parsed(_word(payload, "description").encode())
    phone = local(_word(payload, "phone") or _word(inside, "phone"))
    return Contact(phone, _word(payload, "name") or _word(inside, "caption")) if phone else None


def _submitted(info: Json, incoming: Incoming) -> Incoming:
    """Read the form that asks for a name and a number, as it was and as it is; every field may be missing."""
    phone = local(_word(info, "phone"))
    if phone:
        return msgspec.structs.replace(incoming, contact=Contact(phone, _word(info, "name")))
    full = _object(info, "full_address")
    old = [_word(info, name) for name in ("address", "ward", "district", "city")]
    new = [_word(full, name) for name in ("user_address", "user_ward", "user_city")]
    address = ", ".join(filter(None, new if full else old))
    if address:
        return msgspec.structs.replace(incoming, text=address)
    return msgspec.structs.replace(incoming, attachment=Attachment("other"))


def local(phone: str) -> str:
    """Give a number as people here write it, 84… as 0…; nothing for what is none."""
    digits = re.sub(r"[\s.()-]", "", phone).removeprefix("+")
    if not re.fullmatch(r"[0-9]{8,15}", digits):
        return ""
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) >= 11 else digits


def _object(holder: Json, name: str) -> Json:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}


def _word(holder: Json, name: str) -> str:
    """Give a field as text that every database takes; a number as its digits, never rounded, else nothing."""
    found = holder.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found)
    if not isinstance(found, str):
        return ""
    return found.replace("\0", "").encode("utf-8", "replace").decode()


def _moment(milliseconds: str) -> datetime | None:
    if not re.fullmatch(r"[0-9]{1,15}", milliseconds):
        return None
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


# --- what is sent ---


class Upload(msgspec.Struct, frozen=True):
    """What Zalo has kept for us: an image by its id, a file by its token."""

    kind: Literal["image", "file"]
    id: str


def uploadable(type_: str, size: int) -> Literal["image", "file", ""]:
    """Say as what a file of this kind and size may be uploaded; nothing where Zalo takes none such."""
    if type_ in IMAGES and size <= IMAGE_LIMIT:
        return "image"
    return "file" if type_ in FILES and size <= FILE_LIMIT else ""


def on_buttons(message: Message, *, allowed: bool) -> bool:
    """Say whether the choices of a message become buttons."""
    return allowed and 0 < len(message.choices) <= MOST_BUTTONS


def bodies(
    message: Message,
    *,
    buttons: bool = False,
    uploads: Sequence[Upload] = (),
    notes: Sequence[str] = (),
    picture: str = "",
) -> tuple[Body, ...]:
    """Give what is posted, in order: media, then the words, the last of them with the choices.

    `notes` stand under the words, such as the address of a file that Zalo does not carry.  `picture` is the
    address of one for Zalo's own form, which asks for a number and needs it; without it the words ask alone.
    """
    pressed = on_buttons(message, allowed=buttons)
    unseen = message.unseen if message.file is not None and not uploads else ""
    told = msgspec.structs.replace(
        message, text="\n".join(filter(None, [message.text.strip(), *notes, unseen]))
    )
    words = numbered(msgspec.structs.replace(told, choices=()) if pressed else told)
    plain = without_marks(words)[0].strip()
    texts = [plain[start:end] for start, end in parts(plain, TEXT_LIMIT)] if plain else []
    elements = [{"media_type": "image", "attachment_id": up.id} for up in uploads if up.kind == "image"]
    if message.picture.startswith("https://"):
        elements.append({"media_type": "image", "url": message.picture})
    every: list[Body] = [
        {"attachment": {"type": "file", "payload": {"token": up.id}}} for up in uploads if up.kind == "file"
    ]
    for element in elements:
        template = {"template_type": "media", "elements": [element]}
        media: Body = {"attachment": {"type": "template", "payload": template}}
        # Words with choices stand for themselves: what follows the picture is what is asked.
        if texts and not message.choices:
            media = {"text": texts.pop(0), **media}
        every.append(media)
    every += [{"text": text} for text in texts]
    if pressed:
        rows = [_button(choice) for choice in message.choices]
        every[-1]["attachment"] = {"type": "template", "payload": {"buttons": rows}}
    if message.asks == "phone" and picture and plain:
        every.append(_form(without_marks(message.text)[0].strip(), picture))
    return tuple(every)


def _form(words: str, picture: str) -> Body:
    """Give Zalo's form for a name and a number, which says again what the words have asked."""
    title = words[:TITLE_LIMIT].partition("\n")[0]
    element = {"title": title, "subtitle": words[:SUBTITLE_LIMIT], "image_url": picture}
    template = {"template_type": FORM, "elements": [element]}
    return {"attachment": {"type": "template", "payload": template}}


def optional(body: Body) -> bool:
    """Say whether a refusal of this part leaves nothing unsaid."""
    payload = body.get("attachment", {}).get("payload", {})
    return isinstance(payload, dict) and payload.get("template_type") == FORM


def _button(choice: Button) -> dict[str, str]:
    return {"title": choice.label[:TITLE_LIMIT], "type": "oa.query.hide", "payload": f"#{choice.data}"}


def note(name: str, size: int) -> str:
    """Name a file that Zalo does not carry."""
    return f"📎 {name} ({max(1, round(size / 1024))} kB)"


def receipt(data: Json) -> Sent:
    """Give what Zalo says of a message it has taken; without a quota the message is billed."""
    quota = _object(data, "quota")
    kind = _word(quota, "quota_type")
    ident = _word(data, "message_id")
    if not quota:
        return Sent(ident, "billed")
    if kind in ("reply", "welcome_msg"):
        return Sent(ident, "free")
    return Sent(ident, "quota", count(quota, "remain"))


def count(holder: Json, name: str) -> int | None:
    """Give a field that is a number or its digits; None where it is neither."""
    found = _word(holder, name)
    return int(found) if re.fullmatch(r"[0-9]{1,12}", found) else None


# --- what goes wrong ---

Class = Literal[
    "slow",  # ask again in a while
    "twice",  # worth another try or two
    "token",  # the access token is to be renewed
    "office",  # somebody has to mend something; until then nothing leaves
    "package",  # the same, unless something plainer than what was sent is allowed
    "quota",  # bought or granted messages are used up
    "spent",  # this person can be sent no more today
    "night",  # not at this hour
    "window",  # the person has been silent too long
    "gone",  # there is nobody there any more
    "never",  # this message, or any to this person, is not taken
    "kind",  # a kind of message that is not known, such as buttons
    "upload",  # an upload that is kept no longer
]

WITH_CODE = _("{what} ({code})")
UNKNOWN = _("an error that is not known yet: “{words}”")
ERRORS: dict[int, tuple[Class, Text]] = {
    -32: ("slow", _("Zalo asks to slow down")),
    -100: ("upload", _("an upload is no longer kept")),
    -124: ("token", _("the access token is not valid")),
    -200: ("twice", _("Zalo could not send it")),
    -201: ("never", _("a parameter is wrong")),
    -204: ("office", _("the Official Account has been deleted")),
    -205: ("office", _("the Official Account does not exist")),
    -209: ("office", _("the app is not active. Activate it in the developers' console")),
    -210: ("never", _("a parameter is too long")),
    -211: ("quota", _("the account's quota of messages is used up")),
    -212: ("office", _("the app has no Official Account API. Add that product in the developers' console")),
    -213: ("gone", _("the person does not follow the account")),
    -216: ("token", _("the access token is not valid")),
    -217: ("never", _("the person has blocked such messages")),
    -218: ("spent", _("the person has received as many messages as Zalo allows")),
    -219: ("office", _("the app is missing. See it in the developers' console")),
    -220: ("token", _("the access token has expired")),
    -221: ("office", _("the Official Account is not verified")),
    -222: ("gone", _("the person's account is locked or unused")),
    -223: ("office", _("the app is not granted to the account. Have an administrator grant it once more")),
    -224: ("package", _("the account's package does not allow this. Buy a package that does")),
    -227: ("gone", _("the person's account is locked or unused")),
    -230: ("window", _("the person has been silent for more than 7 days")),
    -232: ("window", _("the person has been silent for too long")),
    -233: ("kind", _("this kind of message is not taken")),
    -234: ("night", _("not at this hour")),
    -235: ("package", _("the account is of another type")),
    -237: ("never", _("the group is disabled")),
    -240: ("never", _("this version of the API is closed")),
    -242: ("office", _("appsecret_proof is wrong: see ZALO_OA_PROOF")),
    -244: ("never", _("the person refuses such messages")),
    -248: ("never", _("the content is against Zalo's rules")),
    -249: ("never", _("this template may not be sent by user id")),
    -305: ("window", _("the person has been silent for more than 48 hours")),
    -311: ("quota", _("the quota of answers is used up")),
    -320: ("office", _("the Zalo Cloud Account is missing")),
    -321: ("quota", _("the Zalo Cloud Account has no balance")),
    -403: ("never", _("the account is not in the group")),
}


def until_morning(now: datetime) -> timedelta:
    """Give the time to the hour from which Zalo takes messages again."""
    here = now.astimezone(clock.VIETNAM)
    morning = here.replace(hour=NIGHT_ENDS, minute=0, second=0, microsecond=0)
    return (morning if morning > here else morning + timedelta(days=1)) - here
