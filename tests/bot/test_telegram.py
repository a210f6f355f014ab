"""What is read from Telegram's JSON, and what a message becomes there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.telegram import Call, Malformed, answer_press, calls, read
from handlers.talk import Attachment, Button, Contact, File, Heard, Incoming, Message, Place
from tests.simulators.telegram_html import parsed, units
from tests.simulators.telegram_schema import Uploaded, schema

ACCOUNT = "telegram:7001"
SENT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
THAM = {"id": 42, "is_bot": False, "first_name": "Thắm"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Thắm"}
GROUP = {"id": -1007, "type": "supergroup", "title": "Tổ 7"}
FILE = {"file_id": "F1", "file_unique_id": "U1", "file_size": 900}
SIZE = {"width": 9, "height": 9}
REPLIED = {
    "message_id": 4, "date": 0, "chat": GROUP, "from": {"id": 7001, "is_bot": True, "first_name": "Tổ Số"}, "text": "?"
}  # fmt: skip
STICKER = {**FILE, **SIZE, "type": "regular", "is_animated": False, "is_video": False}


def update(**content: Any) -> dict[str, Any]:
    message = {"message_id": 5, "date": int(SENT.timestamp()), "chat": PRIVATE, "from": THAM, **content}
    return {
        "update_id": 1001,
        "message": {name: value for name, value in message.items() if value is not None},
    }


def heard(**content: Any) -> Heard:
    return Heard("1001", Incoming(account=ACCOUNT, chat="42", sender="42", sent=SENT, **content))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"text": "kích hoạt vneid"}, {"text": "kích hoạt vneid"}),
        ({"text": "/start"}, {"text": "menu"}),
        ({"text": "/start B71"}, {"text": "B71"}),
        ({"text": "/start@to_so_bot moi-K47_x"}, {"text": "moi-K47_x"}),
        ({"text": "/menu"}, {"text": "menu"}),
        ({"text": "/nguoi_that"}, {"text": "nguoi that"}),
        ({"text": "/nhan 9M2"}, {"text": "nhan 9M2"}),
        ({"text": "24/30"}, {"text": "24/30"}),
        ({"text": "a\0b"}, {"text": "ab"}),
        ({"text": "nửa \ud83d chữ"}, {"text": "nửa ? chữ"}),
        (
            {"contact": {"phone_number": "+84912345678", "first_name": "Thắm", "last_name": "Lê"}},
            {"contact": Contact("+84912345678", "Thắm Lê")},
        ),
        ({"location": {"latitude": 21.0, "longitude": 105.8}}, {"place": Place(21.0, 105.8)}),
        (
            {"voice": {**FILE, "duration": 3}},
            {"attachment": Attachment("voice", "F1", size=900)},
        ),
        (
            {"photo": [{**FILE, "file_id": "small", **SIZE}, {**FILE, **SIZE}], "caption": "mặt trước"},
            {"attachment": Attachment("photo", "F1", size=900), "text": "mặt trước"},
        ),
        (
            {"document": {**FILE, "file_name": "don.pdf"}},
            {"attachment": Attachment("file", "F1", "don.pdf", 900)},
        ),
        (
            {"audio": {**FILE, "duration": 3, "file_name": "a.mp3"}},
            {"attachment": Attachment("file", "F1", "a.mp3", 900)},
        ),
        ({"video": {**FILE, **SIZE, "duration": 3}}, {"attachment": Attachment("video", "F1", size=900)}),
        (
            {"video_note": {**FILE, "length": 9, "duration": 3}},
            {"attachment": Attachment("video", "F1", size=900)},
        ),
        (
            {"animation": {**FILE, **SIZE, "duration": 3}, "document": {**FILE, "file_name": "a.mp4"}},
            {"attachment": Attachment("video", "F1", size=900)},
        ),
        ({"sticker": STICKER}, {"attachment": Attachment("sticker", "F1", size=900)}),
        ({"dice": {"emoji": "🎲", "value": 3}}, {"attachment": Attachment("other")}),
    ],
)
def test_whatever_a_person_says_is_heard(content: dict[str, Any], expected: dict[str, Any]) -> None:
    said = update(**content)
    assert schema().wrong_value("Update", said) == []
    assert read(said, ACCOUNT) == heard(**expected)


@pytest.mark.parametrize(
    "content",
    [
        {"new_chat_title": "Tổ 8"},
        {"pinned_message": {"chat": PRIVATE, "message_id": 3, "date": 0}},
        {"from": None, "sender_chat": GROUP, "text": "kênh"},
        {"from": {**THAM, "is_bot": True}, "text": "bot khác"},
        {"chat": GROUP, "sticker": STICKER},
        {"chat": GROUP, "text": "mai họp tổ nhé"},
        {"chat": GROUP, "text": "nhận 9M2", "reply_to_message": {**REPLIED, "from": THAM}},
        {"chat": GROUP, "dice": {"emoji": "🎲", "value": 3}},
        {"location": {"latitude": 21.0, "longitude": 105.8, "live_period": 900}},
    ],
)
def test_what_nobody_said_to_us_is_not_heard(content: dict[str, Any]) -> None:
    assert schema().wrong_value("Update", update(**content)) == []
    assert read(update(**content), ACCOUNT) is None


def test_in_a_group_the_sender_is_not_the_chat() -> None:
    said = read(update(chat=GROUP, text="/nhan 9M2"), ACCOUNT)
    assert said is not None
    assert (said.incoming.chat, said.incoming.sender) == ("-1007", "42")


def test_in_a_group_a_command_and_an_answer_to_our_own_message_are_heard() -> None:
    for content in ({"text": "/nhan@to_so_bot 9M2"}, {"text": "nhan 9M2", "reply_to_message": REPLIED}):
        assert schema().wrong_value("Update", update(chat=GROUP, **content)) == []
        said = read(update(chat=GROUP, **content), ACCOUNT)
        assert said is not None
        assert said.incoming.text == "nhan 9M2"


def test_a_group_that_becomes_a_supergroup_says_its_new_name() -> None:
    small = {"id": -5007, "type": "group", "title": "Tổ 7"}
    notice = update(chat=small, migrate_to_chat_id=-1007)
    assert schema().wrong_value("Update", notice) == []
    said = read(notice, ACCOUNT)
    assert said is not None
    assert (said.incoming.sign, said.incoming.moved) == ("moved", "-1007")
    assert said.incoming.chat == said.incoming.sender == "-5007"


def test_an_edited_message_is_heard_at_the_time_of_the_edit() -> None:
    message = {**update(text="Đông Ngạc")["message"], "edit_date": int(SENT.timestamp()) + 60}
    said = read({"update_id": 7, "edited_message": message}, ACCOUNT)
    assert said is not None
    assert said.incoming.text == "Đông Ngạc"
    assert said.incoming.edited
    assert said.incoming.sent == SENT.replace(minute=31)


@pytest.mark.parametrize(
    "content",
    [
        {"location": {"latitude": 21.0, "longitude": 105.8}},
        {"photo": [{**FILE, **SIZE}]},
        {"contact": {"phone_number": "+84912345678", "first_name": "Thắm"}},
    ],
)
def test_of_an_edit_only_words_are_heard(content: dict[str, Any]) -> None:
    message = {**update(**content)["message"], "edit_date": int(SENT.timestamp()) + 60}
    assert read({"update_id": 7, "edited_message": message}, ACCOUNT) is None
    said = read({"update_id": 7, "edited_message": {**message, "caption": "mặt sau"}}, ACCOUNT)
    assert said is not None
    assert (said.incoming.text, said.incoming.attachment, said.incoming.place) == ("mặt sau", None, None)


MEMBER = {"status": "member", "user": {"id": 7001, "is_bot": True, "first_name": "Tổ Số"}}
KICKED = {**MEMBER, "status": "kicked", "until_date": 0}
LEFT = {**MEMBER, "status": "left"}
MUTED = {
    **MEMBER, "status": "restricted", "until_date": 0, "is_member": True,
    **dict.fromkeys((
        "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
        "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
        "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages",
        "can_manage_topics", "can_edit_tag", "can_react_to_messages",
    ), False),
}  # fmt: skip
CHANNEL = {"id": -1008, "type": "channel", "title": "Tin xã"}


@pytest.mark.parametrize(
    ("old", "new", "chat", "sign"),
    [
        (MEMBER, KICKED, PRIVATE, "left"),
        (KICKED, MEMBER, PRIVATE, "came"),
        (MEMBER, MEMBER, PRIVATE, None),
        (MEMBER, KICKED, GROUP, "removed"),
        (MEMBER, LEFT, GROUP, "removed"),
        (LEFT, MEMBER, GROUP, "added"),
        (KICKED, LEFT, GROUP, None),
        (MEMBER, MUTED, GROUP, None),
        (LEFT, MEMBER, CHANNEL, None),
    ],
)
def test_who_blocks_and_unblocks_gives_a_sign_and_a_group_that_takes_us_in_or_puts_us_out(
    old: dict[str, Any], new: dict[str, Any], chat: dict[str, Any], sign: str | None
) -> None:
    change = {
        "chat": chat, "from": THAM, "date": int(SENT.timestamp()), "old_chat_member": old, "new_chat_member": new
    }  # fmt: skip
    assert schema().wrong_value("Update", {"update_id": 8, "my_chat_member": change}) == []
    said = read({"update_id": 8, "my_chat_member": change}, ACCOUNT)
    assert (said.incoming.sign if said else None) == sign


def press(**content: Any) -> dict[str, Any]:
    query = {"id": "88", "from": THAM, "chat_instance": "1", **content}
    return {"update_id": 1002, "callback_query": query}


@pytest.mark.parametrize("date", [int(SENT.timestamp()), 0])  # 0: Telegram no longer has the message
def test_a_press_gives_the_data_and_no_time(date: int) -> None:
    pressed = press(message={"chat": PRIVATE, "message_id": 5, "date": date}, data="claim@K47")
    assert schema().wrong_value("Update", pressed) == []
    said = read(pressed, ACCOUNT)
    assert said == Heard("1002", Incoming(account=ACCOUNT, chat="42", sender="42", choice="claim@K47"))


def test_every_press_is_answered_even_one_that_says_nothing() -> None:
    assert read(press(game_short_name="x"), ACCOUNT) is None
    assert answer_press(press(game_short_name="x")) == Call(
        "answerCallbackQuery", {"callback_query_id": "88"}
    )
    assert answer_press(update(text="x")) is None


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"update_id": "1"},
        {"update_id": 1, "message": []},
        update(text=5),
        update(date="hôm nay"),
        update(text="x", date=10**18),
        update(chat={"id": "42", "type": "private"}),
        update(location={"latitude": 210.0, "longitude": 0.0}),
        update(location={"latitude": float("nan"), "longitude": 0.0}),
        update(photo=[{}]),
        press(data=5),
    ],
)
def test_what_is_not_telegrams_is_malformed(broken: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(broken, ACCOUNT)


def test_an_update_of_an_unknown_kind_is_nothing() -> None:
    assert read({"update_id": 1, "telepathy": {"thought": "…"}}, ACCOUNT) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(THAM)), inner),
    max_leaves=5,
)
SEEDS = (
    update(text="x", contact={"phone_number": "1", "first_name": "x"}),
    update(photo=[{**FILE, **SIZE}], caption="x", location={"latitude": 1, "longitude": 1}),
    press(message={"chat": PRIVATE, "message_id": 5, "date": 0}, data="yes"),
)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_no_shape_of_update_is_a_traceback(data: st.DataObject) -> None:
    mutated = json.loads(json.dumps(data.draw(st.sampled_from(SEEDS))))
    spot: Any = mutated
    while True:
        name = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
        if not spot[name] or not isinstance(spot[name], dict | list) or data.draw(st.booleans()):
            break
        spot = spot[name]
    spot[name] = data.draw(JSON)
    try:
        said = read(mutated, ACCOUNT)
    except Malformed:
        return
    assert said is None or str(said).encode()


def checked(chat: str, message: Message) -> list[Call]:
    made = list(calls(chat, message))
    for call in made:
        params = {
            name: Uploaded(value.name, value.content) if isinstance(value, File) else value
            for name, value in call.params.items()
        }
        assert schema().wrong_call(call.method, params) == []
    return made


def test_a_plain_message_is_one_call_without_a_link_preview() -> None:
    assert checked("42", Message("Chào cô.")) == [
        Call(
            "sendMessage",
            {
                "chat_id": 42,
                "text": "Chào cô.",
                "parse_mode": "HTML",
                "link_preview_options": {"is_disabled": True},
            },
        )
    ]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Chọn **Đăng nhập** rồi **Tiếp**.", "Chọn <b>Đăng nhập</b> rồi <b>Tiếp</b>."),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("**<b>&amp;</b>**", "<b>&lt;b&gt;&amp;amp;&lt;/b&gt;</b>"),
        ('"Tổ Số"', '"Tổ Số"'),
        ("2 ** 3", "2 ** 3"),
        ("lẻ **loi", "lẻ **loi"),
    ],
)
def test_bold_is_bold_and_everything_else_is_literal(text: str, marked: str) -> None:
    (call,) = checked("42", Message(text))
    assert call.params["text"] == marked


def test_short_buttons_share_a_row_and_long_ones_do_not() -> None:
    labels = ["Có", "Không", "Chưa có tin nhắn nào cả", "Quay lại", "Báo lỗi khác hẳn như vậy", "Dừng"]
    choices = tuple(Button(f"c{number}", label) for number, label in enumerate(labels))
    (call,) = checked("42", Message("?", choices))
    rows = call.params["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [
        labels[:2],
        *([one] for one in labels[2:]),
    ]
    assert rows[0][1] == {"text": "Không", "callback_data": "c1"}


PARAGRAPH, LINE, WORD = "p" * 3000, "l" * 2000, "w" * 1500


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("x" * 4096, ["x" * 4096]),
        ("x" * 4097, ["x" * 4096, "x"]),
        (f"{PARAGRAPH}\n\n{LINE}\n{LINE}", [PARAGRAPH, f"{LINE}\n{LINE}"]),
        (f"{LINE}\n{LINE}\n{LINE}", [f"{LINE}\n{LINE}", LINE]),
        (f"{WORD} {WORD} {WORD}", [f"{WORD} {WORD}", WORD]),
        ("😀" * 3000, ["😀" * 2048, "😀" * 952]),
        ("x" * 4096 + "\n\n", ["x" * 4096]),
        ("x" * 4096 + "\n\n" + "y", ["x" * 4096, "y"]),
    ],
)
def test_a_long_text_is_cut_at_paragraph_then_line_then_word(text: str, parts: list[str]) -> None:
    assert [call.params["text"] for call in checked("42", Message(text))] == parts


def test_the_limit_counts_what_is_shown_and_bold_goes_on_after_a_cut() -> None:
    long = "&" * 4000 + " **" + "<" * 4000 + "**"
    first, second = checked("42", Message(long, (Button("yes", "Có"),)))
    assert parsed(first.params["text"]) == ("&" * 4000, [])
    assert parsed(second.params["text"]) == ("<" * 4000, [{"type": "bold", "offset": 0, "length": 4000}])
    assert "reply_markup" not in first.params
    assert "reply_markup" in second.params


@given(st.text(st.sampled_from("a😀 \n<&*"), max_size=60).map(lambda seed: seed * 200))
@example("<<<<* *<<<<<<<<<<<<<<<" * 200)
@settings(deadline=None, max_examples=50)
def test_no_part_is_too_long_and_no_word_is_lost(text: str) -> None:
    whole, said = calls("42", Message(text)), ""
    for call in whole:
        plain, _ = parsed(call.params["text"])
        assert units(plain) <= 4096
        said += plain + " "  # two lone stars that a cut has parted are no mark
    assert "".join(said.replace("**", "").split()) == "".join(text.replace("**", "").split())


FORM = File("bao-cao.xlsx", "application/octet-stream", b"PK")


def test_a_file_goes_out_with_its_words_and_choices_in_one_call() -> None:
    (call,) = checked("42", Message("**Xong**", (Button("ok", "Được"),), file=FORM))
    assert call.method == "sendDocument"
    assert call.params["document"] == FORM
    assert call.params["caption"] == "<b>Xong</b>"
    assert call.params["reply_markup"]


def test_words_too_long_for_a_caption_follow_the_file() -> None:
    first, second = checked("42", Message("x" * 1025, (Button("ok", "Được"),), file=FORM))
    assert (first.method, second.method) == ("sendDocument", "sendMessage")
    assert "reply_markup" not in first.params
    assert second.params["reply_markup"]


def test_a_file_needs_no_words() -> None:
    (call,) = checked("42", Message("", file=FORM))
    assert "caption" not in call.params


def test_a_picture_is_shown_above_the_words() -> None:
    (call,) = checked("42", Message("Mở mục này.", picture="https://example.org/a.png"))
    assert (call.method, call.params["photo"]) == ("sendPhoto", "https://example.org/a.png")
    assert call.params["caption"] == "Mở mục này."


@pytest.mark.parametrize("text", ["Xem:", "Xem: https://dichvucong.gov.vn"])
def test_a_link_stands_in_the_words_once(text: str) -> None:
    (call,) = checked("42", Message(text, link="https://dichvucong.gov.vn"))
    assert call.params["text"].split() == ["Xem:", "https://dichvucong.gov.vn"]
