"""Payloads as the platforms send them, one of each kind; every id and word is invented."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_PERSON = {"id": 4_000_000_001, "is_bot": False, "first_name": "Thắm"}
_CHAT = {"id": 4_000_000_001, "type": "private", "first_name": "Thắm"}
_SAID = {"message_id": 5, "date": 1_795_000_000, "chat": _CHAT, "from": _PERSON}
_FILE = {"file_id": "AgAD", "file_unique_id": "u", "file_size": 900}


def _update(**content: Any) -> Json:
    return {"update_id": 900_000_001, **content}


TELEGRAM: tuple[Json, ...] = (
    _update(message={**_SAID, "text": "kích hoạt vneid thế nào"}),
    _update(
        message={
            **_SAID,
            "text": "/start B71",
            "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        }
    ),
    _update(message={**_SAID, "photo": [{**_FILE, "width": 9, "height": 9}], "caption": "ảnh máy"}),
    _update(message={**_SAID, "voice": {**_FILE, "duration": 3}}),
    _update(message={**_SAID, "document": {**_FILE, "file_name": "don.pdf", "mime_type": "application/pdf"}}),
    _update(
        message={**_SAID, "contact": {"phone_number": "0900000318", "first_name": "Tư", "user_id": 4_000_000_001}}
    ),
    _update(message={**_SAID, "location": {"latitude": 21.08, "longitude": 105.77}}),
    _update(edited_message={**_SAID, "text": "sửa lại", "edit_date": 1_795_000_060}),
    _update(
        callback_query={
            "id": "77",
            "from": _PERSON,
            "chat_instance": "1",
            "data": "claim@4K7",
            "message": {**_SAID, "text": "Việc mới"},
        }
    ),
    _update(
        my_chat_member={
            "chat": _CHAT,
            "from": _PERSON,
            "date": 1_795_000_000,
            "old_chat_member": {"status": "member", "user": _PERSON},
            "new_chat_member": {"status": "kicked", "user": _PERSON, "until_date": 0},
        }
    ),
    _update(message={**_SAID, "migrate_to_chat_id": -1_001_234_567_890}),
)  # fmt: skip

_LAN = {"id": "aaaabbbbccccddddeeee", "display_name": "Lan", "is_bot": False}
_HERE = {
    "from": _LAN,
    "chat": {"id": "aaaabbbbccccddddeeee", "chat_type": "PRIVATE"},
    "message_id": "11112222333344445555",
    "date": 1_795_000_000_000,
}


def _bot(event: str, **content: Any) -> Json:
    return {"event_name": event, "message": {**_HERE, **content}}


ZALO_BOT: tuple[Json, ...] = (
    {"ok": True, "result": _bot("message.text.received", text="Xin chào")},
    _bot("message.text.received", text="1", message_type="CHAT_MESSAGE"),
    _bot("message.image.received", photo="https://cdn.example/p.jpg", caption="ảnh"),
    _bot("message.image.received", photo_url="https://cdn.example/p.jpg", caption="", message_type="CHAT_PHOTO"),
    _bot("message.voice.received", voice_url="https://cdn.example/v.aac", message_type="CHAT_VOICE"),
    _bot("message.sticker.received", sticker="d063f44dc80821567819", url="https://cdn.example/s.png"),
    _bot("message.unsupported.received"),
    _bot("message.text.received", text="@Bot chào", chat={"id": "zgr-1", "chat_type": "GROUP"}),
)  # fmt: skip

_ABOUT = {
    "app_id": "1234567890123456789",
    "timestamp": "1795000000000",
    "user_id_by_app": "552177279717587730",
}
_TWO = {"sender": {"id": "246845883529197922"}, "recipient": {"id": "388613280878808645"}}


def _oa(event: str, message: Json | None = None, **more: Any) -> Json:
    said = {"message": {"msg_id": "96d3cdf3af150460909", **message}} if message is not None else {}
    return {**_ABOUT, **_TWO, "event_name": event, **said, **more}


def _attached(kind: str, payload: Json, **more: Any) -> Json:
    return {"attachments": [{"type": kind, "payload": payload}], **more}


_FOLLOWER = {"oa_id": "388613280878808645", "follower": {"id": "246845883529197922"}, "source": "oa_profile"}

_T = "https://a.zdn.vn/t"
_HOME = {"latitude": "21.08", "longitude": "105.77"}

ZALO_OA: tuple[Json, ...] = (
    _oa("user_send_text", {"text": "Xin chào", "quote_msg_id": "1"}),
    _oa("user_send_text", {"text": "#claim@4K7"}),
    _oa("user_send_image", _attached("image", {"thumbnail": _T, "url": "https://a.zdn.vn/p"}, text="x")),
    _oa("user_send_audio", _attached("audio", {"url": "https://a.zdn.vn/v"})),
    _oa("user_send_video", _attached("video", {"thumbnail": "", "description": "", "url": "https://a.zdn.vn/v"})),
    _oa("user_send_sticker", _attached("sticker", {"id": "1", "url": "https://a.zdn.vn/s"})),
    _oa("user_send_gif", _attached("gif", {"thumbnail": "", "url": "https://a.zdn.vn/g"})),
    _oa("user_send_link", _attached("link", {"thumbnail": "", "description": "", "url": "https://a.vn"})),
    _oa("user_send_file", _attached("file", {"url": "https://a.zdn.vn/f", "name": "don.pdf", "size": "900",
                                             "type": "pdf", "checksum": "d41d8cd98f00b204e9800998ecf8427e"})),
    _oa("user_send_location", _attached("location", {"coordinates": _HOME}, text="nhà")),
    _oa("user_send_business_card", _attached("link", {"description": '{"phone":"0900000318"}', "url": ""})),
    _oa("user_submit_info", info={"name": "Tư", "phone": "84900000318", "address": "1", "city": "Hà Nội"}),
    _oa("user_submit_info", info={"name": "Tư", "phone": "84900000318", "full_address": {"user_city": "Hà Nội"}}),
    {**_ABOUT, **_FOLLOWER, "event_name": "follow"},
    {**_ABOUT, **_FOLLOWER, "event_name": "unfollow"},
    {**_ABOUT, "oa_id": "388613280878808645", "user_id": "246845883529197922", "event_name": "user_click_chatnow"},
    _oa("oa_send_text", {"text": "Chào bác"}, admin_id="9"),
    _oa("oa_send_text", {"text": "Chào bác"}),
    _oa("user_seen_message", {"msg_ids": ["1", "2"]}),
    _oa("user_reacted_message", {"react_icon": "/-strong"}),
    _oa("event_of_tomorrow"),
)  # fmt: skip
