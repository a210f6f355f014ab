"""What is read from the Zalo Bot Platform's JSON, and what a message becomes there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from unicodedata import normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels import Carried
from bot.channels.words import units, without_marks
from bot.channels.zalo_bot import TEXT_LIMIT, Call, Malformed, calls, read, updates
from handlers.talk import LINK, Attachment, Button, Heard, Incoming, Message
from tests.simulators.zalo_markdown import shown

ACCOUNT = "zalo_bot:388613280878808645"
NAME = "Bot Tổ Số"
LAN = {"id": "aaaabbbbccccddddeeee", "display_name": "Lan", "is_bot": False}
PRIVATE = {"id": "aaaabbbbccccddddeeee", "chat_type": "PRIVATE"}
GROUP = {"id": "zgr-7", "chat_type": "GROUP"}
SENT = datetime(2025, 6, 19, 6, 55, 31, 602000, UTC)
CHOICES = (Button("yes", "Có"), Button("no", "Không"))


def update(kind: str, **content: Any) -> dict[str, Any]:
    message = {"from": LAN, "chat": PRIVATE, "message_id": "m2", "date": 1750316131602}
    return {"event_name": f"message.{kind}.received", "message": {**message, **content}}


def heard(**content: Any) -> Heard:
    said = {"account": ACCOUNT, "chat": LAN["id"], "sender": LAN["id"], "sent": SENT, **content}
    return Heard("m2", Incoming(**said))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (update("text", text="Xin chào"), {"text": "Xin chào"}),
        (update("text", text="1"), {"text": "1"}),
        (update("text", text="a\0b"), {"text": "ab"}),
        (update("text", text="nửa \ud83d chữ"), {"text": "nửa ? chữ"}),
        (update("text", text="@Bot Tổ Số ơi"), {"text": "@Bot Tổ Số ơi"}),
        (update("text", text="x", message_type="CHAT_MESSAGE", caption=None), {"text": "x"}),
        (update("text", text="x", date=None), {"text": "x", "sent": None}),
        (update("text", text="x", date="hôm nay"), {"text": "x", "sent": None}),
        (update("text", text="x", date=10**30), {"text": "x", "sent": None}),
        (update("image", photo="https://cdn.example/p.jpg", caption="mặt trước"),
         {"text": "mặt trước", "attachment": Attachment("photo", "https://cdn.example/p.jpg")}),
        (update("image", photo_url="https://cdn.example/p.jpg", caption=""),
         {"attachment": Attachment("photo", "https://cdn.example/p.jpg")}),
        (update("image", photo={"odd": 1}), {"attachment": Attachment("photo")}),
        (update("voice", voice_url="https://cdn.example/v.aac"),
         {"attachment": Attachment("voice", "https://cdn.example/v.aac")}),
        (update("sticker", sticker="d063", url="https://cdn.example/s.png"),
         {"attachment": Attachment("sticker", "https://cdn.example/s.png")}),
        (update("unsupported"), {"attachment": Attachment("other")}),
    ],
)  # fmt: skip
def test_whatever_a_person_says_is_heard(said: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read(said, ACCOUNT, NAME) == heard(**expected)


@pytest.mark.parametrize(
    ("ident", "chat"), [(LAN["id"], LAN["id"]), ("x", "group:x"), (2**60, f"group:{2**60}")]
)
def test_where_the_kind_of_a_chat_is_not_told_another_id_than_the_senders_is_a_group(
    ident: object, chat: str
) -> None:
    assert read(update("text", text="x", chat={"id": ident}), ACCOUNT) == heard(text="x", chat=chat)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@Bot Tổ Số NHẬN 9M2", "NHẬN 9M2"),
        ("@bot tổ số, nhận 9M2", "nhận 9M2"),
        ("ai nhận việc này @Bot Tổ Số", "ai nhận việc này"),
        (normalize("NFD", "@Bot Tổ Số") + "\u00a0menu", "menu"),
        ("@Bot Tổ Số", "menu"),
        ("@Bot Tổ Sốm chào", "@Bot Tổ Sốm chào"),
        ("chào cả nhà", "chào cả nhà"),  # an answer to the bot's own message needs no name
    ],
)
def test_in_a_group_our_name_is_not_part_of_what_is_said(text: str, left: str) -> None:
    said = read(update("text", text=text, chat=GROUP), ACCOUNT, NAME)
    assert said == heard(chat="group:zgr-7", text=left)


@pytest.mark.parametrize(
    "said",
    [
        update("text", text="bot khác", **{"from": {**LAN, "is_bot": True}}),
        update("sticker", chat=GROUP, sticker="d0", url="https://cdn.example/s.png"),
        update("unsupported", chat=GROUP),
        {"event_name": "user.follow", "message": 1},
        {"event_name": "message.telepathy.received"},
    ],
)
def test_what_nobody_said_to_us_is_not_heard(said: dict[str, Any]) -> None:
    assert read(said, ACCOUNT, NAME) is None


@pytest.mark.parametrize(
    "broken",
    [
        {}, [], None, 7, "x",
        {"event_name": 5},
        {"event_name": "message.text.received"},
        {"event_name": "message.text.received", "message": []},
        update("text"),
        update("text", text=5),
        update("text", text="x", message_id=None),
        update("text", text="x", message_id=""),
        update("text", text="x", message_id="x" * 101),
        update("text", text="x", message_id="a\0b"),
        update("text", text="x", chat={"id": "\ud83d"}),
        update("text", text="x", chat=None),
        update("text", text="x", **{"from": {}}),
    ],
)  # fmt: skip
def test_what_is_not_zalos_is_malformed(broken: Any) -> None:
    with pytest.raises(Malformed):
        read(broken, ACCOUNT)


ONE = update("text", text="Xin chào")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (ONE, (ONE,)),
        ({"ok": True, "result": ONE}, (ONE,)),
        ({"ok": True, "result": [ONE, ONE]}, [ONE, ONE]),
        ([ONE], [ONE]),
        ({"ok": True, "result": None}, ()),
        ({"ok": True, "result": {}}, ()),
        ({}, ()),
        (None, ()),
    ],
)
def test_updates_are_found_wrapped_and_bare_one_and_many(said: Any, found: Any) -> None:
    assert updates(said) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(PRIVATE)) | st.text(), inner)
    ),
    max_leaves=8,
)
FIELDS = ("from", "chat", "message_id", "date", "text", "caption", "photo", "photo_url", "url", "voice_url")
KINDS = ("text", "image", "voice", "sticker", "unsupported")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(FIELDS), JSON), JSON)
@example("text", {"text": "x", "date": float("nan")}, None)
@example("text", {"text": "x", "date": -1e300}, None)
@example("text", {"text": "x", "from": {"id": "\ud83d"}}, None)
def test_however_odd_an_update_is_it_is_heard_ignored_or_malformed(
    kind: str, content: dict[str, Any], other: Any
) -> None:
    for said in (update(kind, **content), other, *updates(other)):
        try:
            found = read(said, ACCOUNT, NAME)
        except Malformed:
            continue
        if found:
            words = found.key + found.incoming.text + found.incoming.chat + found.incoming.sender
            assert "\0" not in words.encode().decode()
            assert len(found.incoming.chat) <= 120
            json.dumps(found.incoming.sent and found.incoming.sent.isoformat())


def texts(message: Message, carried: Carried | None = None, chat: str = "u1") -> list[str]:
    return [call.params.get("text", call.method) for call in calls(chat, message, carried)]


def test_choices_are_numbers_and_bold_words_are_marked() -> None:
    plain = Call("sendMessage", {"chat_id": "u1", "text": "Bấm Có nhé. a_b*c\n1. Có\n2. Không"})
    marked = {
        "chat_id": "u1",
        "text": "Bấm **Có** nhé. a\\_b\\*c\n1. Có\n2. Không",
        "parse_mode": "markdown",
    }
    assert calls("u1", Message("Bấm **Có** nhé. a_b*c", CHOICES)) == (Call("sendMessage", marked, plain),)


@pytest.mark.parametrize(
    "text",
    [
        "không có gì đậm, chỉ có * và _",
        "**Bấm** vào https://a.vn/b_c",
        "**Bấm** rồi gõ `ls`",
        "# **Bấm**",
        "**Bấm** C:\\Users",
        "dính(**(liền)**)x",
    ],
)
def test_where_markup_is_not_sure_to_be_read_as_meant_a_text_goes_plain(text: str) -> None:
    (call,) = calls("u1", Message(text))
    assert call.params == {"chat_id": "u1", "text": without_marks(text)[0]}


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab *_(.\n1ố👋#`\\"), max_size=60))
@example("**a b**")
@example("x**a**")
@example("**a ** b**")
def test_a_reader_sees_the_same_words_with_and_without_markup(text: str) -> None:
    plain = without_marks(normalize("NFC", text.strip()))[0]
    for call in calls("u1", Message(text)):
        seen = shown(call.params["text"])[0] if "parse_mode" in call.params else call.params["text"]
        assert seen in plain
        if call.otherwise:
            assert call.otherwise.params["text"] == seen


def test_bold_words_are_those_that_are_meant() -> None:
    (call,) = calls("u1", Message("**Bước 1.** Mở **VNeID**, (**đợi**) **a_b** rồi *xong*"))
    assert shown(call.params["text"]) == (
        "Bước 1. Mở VNeID, (đợi) a_b rồi *xong*",
        ("Bước 1.", "VNeID", "đợi", "a_b"),
    )


def test_lengths_are_counted_in_utf16_after_composing() -> None:
    hello = normalize("NFC", "Chào 👋 bạn")
    assert (len(hello), units(hello)) == (10, 11)
    assert (units(hello[: hello.index("bạn")]), units("bạn")) == (8, 3)
    (call,) = calls("u1", Message(normalize("NFD", hello)))
    assert call.params["text"] == hello


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("a" * 2000, [2000]),
        ("a" * 2001, [2000, 1]),
        ("👋" * 1001, [2000, 2]),
        ("a" * 1500 + "\n\n" + "b" * 1500, [1500, 1500]),
        ("a " * 1500, [1999, 999]),
        ("**" + "a" * 1998 + "**", [1998]),  # its marks have no room
    ],
)
def test_a_long_text_is_cut_where_zalo_would_refuse_it(text: str, lengths: list[int]) -> None:
    assert [units(one) for one in texts(Message(text))] == lengths
    assert all(length <= TEXT_LIMIT for length in lengths)


def carried(kind: Literal["voice", "photo", "video", "file"], url: str, link: str = "") -> Carried:
    return Carried(Path("x"), kind, "x", "", 1, url, link)


PHOTO = "https://toso.example.vn/media/k1"
FILE = "https://toso.example.vn/files/k1"
NOT_HERE = "Ở đây không xem được."
UNSEEN = f"{NOT_HERE}\nHoặc mở trong 24 giờ: {LINK}"
LINKED = f"{NOT_HERE}\nHoặc mở trong 24 giờ: {FILE}"


def test_a_photo_goes_by_its_address_with_the_words_under_it() -> None:
    message = Message("Chị Hường gửi **ảnh**.", CHOICES, media="k1", unseen=UNSEEN)
    (call,) = calls("u1", message, carried("photo", PHOTO, FILE))
    words = "Chị Hường gửi ảnh.\n1. Có\n2. Không"
    assert (call.method, call.params) == ("sendPhoto", {"chat_id": "u1", "photo": PHOTO, "caption": words})
    assert call.otherwise == Call("sendMessage", {"chat_id": "u1", "text": f"{words}\n{LINKED}"})


def test_a_voice_note_that_is_refused_goes_as_an_address_too() -> None:
    message = Message("Nghe nhé.", media="k1", unseen=UNSEEN)
    *_words, call = calls("u1", message, carried("voice", f"{PHOTO}.aac", FILE))
    assert (call.method, call.params) == ("sendVoice", {"chat_id": "u1", "voice_url": f"{PHOTO}.aac"})
    assert call.otherwise == Call("sendMessage", {"chat_id": "u1", "text": LINKED})


def test_words_too_long_for_under_a_photo_follow_it() -> None:
    first, *rest = calls("u1", Message("a" * 2001), carried("photo", PHOTO))
    assert "caption" not in first.params
    assert [call.method for call in rest] == ["sendMessage", "sendMessage"]


@pytest.mark.parametrize(
    ("what", "url", "link", "chat", "sent"),
    [
        ("voice", PHOTO + ".aac", FILE, "u1", ["Nghe nhé.", "sendVoice"]),
        ("voice", PHOTO + ".aac", FILE, "group:g", ["Nghe nhé.\n" + LINKED]),
        ("voice", "", FILE, "u1", ["Nghe nhé.\n" + LINKED]),
        ("file", "", FILE, "u1", ["Nghe nhé.\n" + LINKED]),
        ("file", PHOTO, FILE, "u1", ["Nghe nhé.\n" + LINKED]),
        ("photo", "", "", "u1", ["Nghe nhé.\n" + NOT_HERE]),
        ("file", "", "", "u1", ["Nghe nhé.\n" + NOT_HERE]),
    ],
)
def test_what_cannot_be_shown_is_linked_or_told(
    what: Literal["voice", "photo", "file"], url: str, link: str, chat: str, sent: list[str]
) -> None:
    message = Message("Nghe nhé.", media="k1", unseen=UNSEEN)
    assert texts(message, carried(what, url, link), chat) == sent


def test_a_file_that_is_no_longer_kept_is_told_in_the_words() -> None:
    assert texts(Message("Nghe nhé.", media="k1", unseen=UNSEEN)) == ["Nghe nhé.\n" + NOT_HERE]


def test_a_group_is_written_to_by_its_own_id() -> None:
    (call,) = calls("group:zgr-7", Message("Chào cả nhà."))
    assert call.params["chat_id"] == "zgr-7"


def test_a_message_without_anything_makes_no_call() -> None:
    assert calls("u1", Message(" ")) == ()
