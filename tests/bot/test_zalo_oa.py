"""What is read from an Official Account's events, and what a message becomes there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels import Sent
from bot.channels.words import units
from bot.channels.zalo_oa import (
    ERRORS,
    TEXT_LIMIT,
    Malformed,
    Upload,
    anonymous,
    bodies,
    local,
    optional,
    parsed,
    read,
    receipt,
    signature,
    signed,
    stale,
    told,
    until_morning,
    uploadable,
)
from bot.clock import VIETNAM
from handlers.talk import Attachment, Button, Contact, File, Incoming, Message, Place

OA = "388613280878808645"
ACCOUNT = f"zalo_oa:{OA}"
USER = "246845883529197922"
STAMP = "1750316131602"
SENT = datetime(2025, 6, 19, 6, 55, 31, 602000, tzinfo=UTC)
URL = "https://f20-zpc.zdn.vn/1/anh.jpg"

# The vector of the facts sheet: 267 bytes, one line, nothing behind.
APP, SECRET = "1234567890123456789", "oa-secret-for-tests"
BODY = (
    '{"app_id":"1234567890123456789","sender":{"id":"246845883529197922"},"user_id_by_app":"552177279717587730",'
    '"recipient":{"id":"388613280878808645"},"event_name":"user_send_text","message":{"text":"Xin chào",'
    '"msg_id":"96d3cdf3af150460909"},"timestamp":"1750316131602"}'
).encode()
MAC = "e51be8794fa0054c05b4f7a5382a8abed2d6de0239c6be40d1bd9a72ec3b0b3f"


def sent(kind: str, payload: dict[str, Any] | None = None, **message: Any) -> dict[str, Any]:
    attached = {} if payload is None else {"attachments": [{"type": kind, "payload": payload}]}
    return {
        "app_id": APP,
        "sender": {"id": USER},
        "recipient": {"id": OA},
        "event_name": f"user_send_{kind}",
        "timestamp": STAMP,
        "message": {"msg_id": "m1", **attached, **message},
    }


def about(name: str, **more: Any) -> dict[str, Any]:
    return {"app_id": APP, "oa_id": OA, "event_name": name, "timestamp": STAMP, **more}


def incoming(**content: Any) -> Incoming:
    return Incoming(account=ACCOUNT, chat=USER, sender=USER, sent=SENT, **content)


# --- the signature ---


def test_the_vector_of_the_signature() -> None:
    assert len(BODY) == 267
    assert signature(APP, BODY, STAMP, SECRET) == MAC


IDS = {"app": APP, "oa": OA}
KEYS = {"key": SECRET, "app secret": "app-secret-for-tests"}


@pytest.mark.parametrize("header", [f"mac={MAC}", f"MAC={MAC.upper()}", MAC, f"  mac={MAC} "])
def test_a_call_with_our_signature_is_believed(header: str) -> None:
    assert signed(header, BODY, parsed(BODY), IDS, KEYS) == "app and key"


@pytest.mark.parametrize("first", IDS)
@pytest.mark.parametrize("last", KEYS)
def test_the_ways_of_signing_that_are_told_of_are_all_believed(first: str, last: str) -> None:
    mac = signature(IDS[first], BODY, STAMP, KEYS[last])
    assert signed(f"mac={mac}", BODY, parsed(BODY), IDS, KEYS) == f"{first} and {last}"


@pytest.mark.parametrize("first", IDS)
def test_a_signature_without_a_secret_is_nobodys(first: str) -> None:
    mac = signature(IDS[first], BODY, STAMP, "")
    assert not signed(f"mac={mac}", BODY, parsed(BODY), IDS, {"key": SECRET, "app secret": ""})


@pytest.mark.parametrize(
    ("header", "body", "secret"),
    [
        ("", BODY, SECRET),
        ("mac=", BODY, SECRET),
        (f"mac={MAC[:-1]}0", BODY, SECRET),
        (f"mac={'é' * 64}", BODY, SECRET),
        (f"mac={MAC}", BODY + b" ", SECRET),  # the bytes count, not what they mean
        (f"mac={MAC}", BODY.replace(b"602", b"603"), SECRET),
        (f"mac={MAC}", BODY, "another"),
        (f"mac={MAC}", BODY, ""),
    ],
)
def test_no_other_call_is_believed(header: str, body: bytes, secret: str) -> None:
    assert not signed(header, body, parsed(body), IDS, {"key": secret, "app secret": ""})


def test_repeats_are_heard_for_days_and_a_call_kept_for_weeks_is_not() -> None:
    event = parsed(BODY)
    assert not stale(event, SENT + timedelta(hours=3))
    assert not stale(event, SENT - timedelta(days=400))  # our own clock may be wrong
    assert stale(event, SENT + timedelta(days=8))
    assert not stale({}, SENT)


# --- what is heard ---


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (sent("text", text="Xin chào"), {"text": "Xin chào"}),
        (sent("text", text="[@388613280878808645] cho hỏi [@1]chút"), {"text": "cho hỏi chút"}),
        (sent("text", text="a\0b \ud83d"), {"text": "ab ?"}),
        (sent("text", text="#go@A10"), {"choice": "go@A10"}),
        (sent("text", text="#claim@4K7"), {"choice": "claim@4K7"}),
        (sent("text", text="#vneid"), {"text": "#vneid"}),  # a hashtag, where there are no buttons
        (sent("text", text="#1 là gì"), {"text": "#1 là gì"}),
        (sent("text"), {"text": ""}),
        (
            sent("image", {"thumbnail": URL, "url": URL}, text="đây ạ"),
            {"text": "đây ạ", "attachment": Attachment("photo", URL)},
        ),
        (sent("gif", {"thumbnail": URL, "url": URL}), {"attachment": Attachment("photo", URL)}),
        (sent("audio", {"url": URL}), {"attachment": Attachment("voice", URL)}),
        (sent("video", {"url": URL, "description": ""}), {"attachment": Attachment("video", URL)}),
        (sent("sticker", {"id": "s1", "url": URL}), {"attachment": Attachment("sticker", URL)}),
        (
            sent("file", {"url": URL, "name": "don.pdf", "size": "3145728", "type": "pdf", "checksum": "x"}),
            {"attachment": Attachment("file", URL, "don.pdf", 3145728)},
        ),
        (
            sent("file", {"url": URL, "name": "don.pdf", "size": 12}),
            {"attachment": Attachment("file", URL, "don.pdf", 12)},
        ),
        (
            sent("file", {"url": URL, "name": "don.pdf", "size": "nhiều"}),
            {"attachment": Attachment("file", URL, "don.pdf")},
        ),
        (
            sent("location", {"coordinates": {"latitude": "21.07", "longitude": "105.78"}}),
            {"place": Place(21.07, 105.78)},
        ),
        (
            sent("location", {"coordinates": {"latitude": 21, "longitude": 105.78}}, text="UBND phường"),
            {"place": Place(21.0, 105.78), "text": "UBND phường"},
        ),
        (
            sent("location", {"coordinates": {"latitude": "nan", "longitude": "1"}}),
            {"attachment": Attachment("other")},
        ),
        (
            sent("location", {"coordinates": {"latitude": "91", "longitude": "1"}}),
            {"attachment": Attachment("other")},
        ),
        (sent("location", {"coordinates": {"latitude": True}}), {"attachment": Attachment("other")}),
        (
            sent("link", {"url": "https://lạ.vn", "description": "Trúng thưởng", "thumbnail": ""}),
            {"text": "Trúng thưởng\nhttps://lạ.vn"},
        ),
        (
            sent("link", {"url": "https://a.vn", "description": ""}, text="https://a.vn thật không"),
            {"text": "https://a.vn thật không"},
        ),
        (sent("link", {}), {"attachment": Attachment("other")}),
        (
            sent("business_card", {"description": '{"phone": "84912345678", "caption": "Hường"}'}),
            {"contact": Contact("0912345678", "Hường")},
        ),
        (sent("business_card", {"description": "?"}), {"attachment": Attachment("other")}),
        (sent("image", {}), {"attachment": Attachment("other")}),
        (sent("hologram", {"url": URL}), {"attachment": Attachment("other")}),
        (sent("image", attachments="none"), {"attachment": Attachment("other")}),
        (sent("image", attachments=["none"]), {"attachment": Attachment("other")}),
    ],
)
def test_what_a_person_sends_is_heard(event: dict[str, Any], expected: dict[str, Any]) -> None:
    heard = read(event, ACCOUNT)
    assert heard is not None
    assert (heard.key, heard.incoming) == ("m1", incoming(**expected))


def test_a_button_without_its_question_counts_only_where_there_are_buttons() -> None:
    heard = read(sent("text", text="#menu-person"), ACCOUNT, buttons=True)
    assert heard is not None
    assert heard.incoming == incoming(choice="menu-person")


OLDER = {"phone": "84912345678", "name": "Thắm", "address": "12 ngõ 3", "city": "Hà Nội", "ward": "Đông Ngạc"}
NEWER = {
    "phone": "+84 912 345 678",
    "name": "Thắm",
    "user_dob": "1960",
    "full_address": {"user_city": "Hà Nội", "user_ward": "Đông Ngạc", "user_address": "12 ngõ 3"},
}


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (OLDER, {"contact": Contact("0912345678", "Thắm")}),
        (NEWER, {"contact": Contact("0912345678", "Thắm")}),
        ({"phone": 84912345678}, {"contact": Contact("0912345678")}),
        ({**OLDER, "phone": ""}, {"text": "12 ngõ 3, Đông Ngạc, Hà Nội"}),
        ({**NEWER, "phone": None}, {"text": "12 ngõ 3, Đông Ngạc, Hà Nội"}),
        ({}, {"attachment": Attachment("other")}),
    ],
)
def test_the_form_for_a_number_is_read_in_both_shapes(info: dict[str, Any], expected: dict[str, Any]) -> None:
    event = about("user_submit_info", sender={"id": USER}, recipient={"id": OA}, info=info)
    heard = read(event, ACCOUNT)
    assert heard is not None
    assert heard.incoming == incoming(**expected)
    assert heard.key == f"user_submit_info:{USER}:{STAMP}"


@pytest.mark.parametrize(
    ("phone", "here"),
    [
        ("84912345678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("0912345678", "0912345678"),
        ("842438123456", "02438123456"),
        ("84123456", "84123456"),
        ("không có", ""),
        ("", ""),
    ],
)
def test_a_number_is_written_as_people_here_write_it(phone: str, here: str) -> None:
    assert local(phone) == here


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        (about("follow", follower={"id": USER}, source="oa_profile"), "came"),
        (about("unfollow", follower={"id": USER}), "left"),
        (about("user_click_chatnow", user_id=USER), "came"),
        (about("user_call_oa", user_id=USER, talk_time=0), "called"),
        (about("user_call_oa", user_id=USER, talk_time="41000"), "spoke"),
        (about("user_call_oa", sender={"id": USER}, recipient={"id": OA}), "called"),
        (about("oa_call_user", user_id=USER, talk_time=41000), "spoke"),
        (about("oa_call_user", oa_id="", sender={"id": OA}, recipient={"id": USER}, talk_time=1), "spoke"),
        (about("oa_send_text", sender={"id": OA, "admin_id": "77"}, recipient={"id": USER}), "official"),
        (about("oa_send_image", sender={"id": OA}, recipient={"id": USER}, admin_id=77), "official"),
    ],
)
def test_what_is_done_without_words_is_a_sign(event: dict[str, Any], sign: str) -> None:
    heard = read(event, ACCOUNT)
    assert heard is not None
    assert heard.incoming == incoming(sign=sign)
    assert heard.key == f"{event['event_name']}:{USER}:{STAMP}"


@pytest.mark.parametrize(
    "event",
    [
        about(
            "oa_send_text", sender={"id": OA}, recipient={"id": USER}, message={"msg_id": "e", "text": "x"}
        ),
        about("oa_send_consent", sender={"id": OA, "admin_id": "7"}, recipient={"id": USER}),
        about("oa_send_group_text", sender={"id": OA, "admin_id": "7"}, recipient={"id": "g"}),
        about("oa_send_anonymous_text", sender={"id": OA, "admin_id": "7"}, recipient={"id": "a"}),
        about("user_received_message", sender={"id": OA}, recipient={"id": USER}, message={"msg_id": "x"}),
        about("user_seen_message", sender={"id": OA}, recipient={"id": USER}, message={"msg_ids": ["x"]}),
        about("user_reacted_message", sender={"id": USER}, recipient={"id": OA}, message={"msg_id": "x"}),
        about("user_send_group_text", sender={"id": USER}, recipient={"id": "g"}, message={"text": "x"}),
        about("anonymous_send_text", sender={"id": "a"}, recipient={"id": OA}, message={"text": "x"}),
        about("user_call_oa", phone="84912345678", talk_time=0),
        about("oa_call_user", user_id=USER, talk_time=0),
        about("user_call_oa", oa_id="another", user_id=USER),
        about("change_oa_daily_quota"),
        about("permission_revoked"),
        about("something_new"),
        {},
        {"event_name": 7},
        {**sent("text", text="x"), "recipient": {"id": "another account of the app"}},
        about("follow", oa_id="another", follower={"id": USER}),
    ],
)
def test_what_nobody_says_to_us_is_nothing(event: dict[str, Any]) -> None:
    assert read(event, ACCOUNT) is None


IN_A_CHAT = ("text", "image", "link", "audio", "video", "sticker", "gif", "location", "file", "business_card")
EVENTS: dict[str, str] = {  # every name that Zalo has, and what becomes of it
    **{f"user_send_{kind}": "words" for kind in IN_A_CHAT},
    "user_submit_info": "words",
    "follow": "came",
    "user_click_chatnow": "came",
    "unfollow": "left",
    "user_call_oa": "called",
    "oa_call_user": "spoke",
    **{
        f"oa_send_{kind}": "official"
        for kind in ("text", "image", "list", "gif", "file", "sticker", "template")
    },
    # Nobody says anything to us by these, or nobody whom we could answer.
    **{f"anonymous_send_{kind}": "nobody" for kind in ("text", "image", "file", "sticker")},
    **{f"oa_send_anonymous_{kind}": "" for kind in ("text", "image", "file", "sticker")},
    **{f"user_send_group_{kind}": "" for kind in IN_A_CHAT},
    **{f"oa_send_group_{kind}": "" for kind in IN_A_CHAT},
    **dict.fromkeys(("user_received_message", "user_seen_message"), ""),
    **dict.fromkeys(("user_reacted_message", "oa_reacted_message", "user_feedback"), ""),
    **dict.fromkeys(("oa_send_consent", "user_reply_consent", "add_user_to_tag", "shop_has_order"), ""),
    **dict.fromkeys(("create_group", "disperse_group", "update_group_info", "user_out_group"), ""),
    **dict.fromkeys(("user_join_group", "user_request_join_group", "react_request_join_group"), ""),
    **dict.fromkeys(("reject_request_join_group", "add_group_admin", "remove_group_admin"), ""),
    **dict.fromkeys(("event_journey_time_out", "event_journey_acknowledged"), ""),
    **dict.fromkeys(("permission_revoked", "change_oa_daily_quota", "change_oa_template_tags"), "told"),
    **dict.fromkeys(("change_template_quality", "change_template_quota", "change_template_status"), "told"),
}


def test_all_names_of_events_are_known() -> None:
    assert len(EVENTS) == 78


@pytest.mark.parametrize(("name", "becomes"), EVENTS.items())
def test_every_event_becomes_words_or_a_sign_or_is_told_or_left_on_purpose(name: str, becomes: str) -> None:
    ours = name.startswith("oa_")
    parties = {"sender": {"id": OA, "admin_id": "77"} if ours else {"id": USER}}
    parties["recipient"] = {"id": USER if ours else OA}
    url = {"url": "https://a.zdn.vn/x"}
    message = {"msg_id": "m", "text": "chào", "attachments": [{"type": "x", "payload": url}]}
    event = about(
        name,
        **parties,
        follower={"id": USER},
        user_id=USER,
        message=message,
        info={"phone": "84912345678"},
        talk_time=41000 if ours else 0,
    )
    heard = read(event, ACCOUNT)
    assert (heard.incoming.sign or "words" if heard else "") == (
        becomes if becomes not in ("nobody", "told") else ""
    )
    assert anonymous(event) == (becomes == "nobody")
    assert bool(told(event, OA)) == (becomes == "told")
    assert not told(event, "another account of the app")


def test_an_id_beyond_the_reach_of_a_float_stays_exact() -> None:
    event = json.loads(json.dumps(sent("text", text="x")).replace(f'"{USER}"', "9007199254740993123"))
    heard = read(parsed(json.dumps(event).encode()), ACCOUNT)
    assert heard is not None
    assert heard.incoming.chat == "9007199254740993123"


@pytest.mark.parametrize(
    "event",
    [
        sent("text", text="x") | {"sender": {}},
        sent("text", text="x") | {"sender": None},
        sent("text", text="x") | {"sender": {"id": 1.5}},
        sent("text", text="x") | {"sender": {"id": "7" * 101}},
        sent("text", text="x", msg_id="7" * 201),
        about("follow"),
    ],
)
def test_an_event_without_its_person_is_malformed(event: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(event, ACCOUNT)


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"7", b'"a"', b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b"1" * 5000]
)
def test_what_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parsed(body)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("sender", "recipient", "follower", "message", "info", "timestamp", "oa_id", "user_id", "admin_id")


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["text", "image", "file", "location", "link", "business_card", "sticker"]),
    changed=st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=3),
    message=st.dictionaries(st.sampled_from(["text", "msg_id", "attachments"]), ANYTHING),
    payload=st.dictionaries(
        st.sampled_from(["url", "name", "size", "coordinates", "description", "phone"]), ANYTHING
    ),
)
@example(name="text", changed={"timestamp": float("inf")}, message={}, payload={})
def test_nothing_zalo_could_send_ends_in_another_error(
    name: str, changed: dict[str, Any], message: dict[str, Any], payload: dict[str, Any]
) -> None:
    event = sent(name, payload) | changed
    if "message" not in changed:
        event["message"] |= message
    try:
        heard = read(event, ACCOUNT)
    except Malformed:
        return
    if heard is not None:
        json.dumps(heard.incoming.text).encode()
        assert len(heard.key) <= 200
        assert len(heard.incoming.chat) <= 100


# --- what is sent ---

YES, NO = Button("yes@q", "Đúng"), Button("no@q", "Không phải")
SHEET = File("a.csv", "text/csv", "\ufeffxã,số\nA,1\n".encode())
IMAGE, FILE = Upload("image", "i1"), Upload("file", "t1")


def image(**more: Any) -> dict[str, Any]:
    template = {"template_type": "media", "elements": [{"media_type": "image", "attachment_id": "i1"}]}
    return {**more, "attachment": {"type": "template", "payload": template}}


@pytest.mark.parametrize(
    ("message", "more", "expected"),
    [
        (Message("Chào **cô**."), {}, [{"text": "Chào cô."}]),
        (Message("Đúng chưa?", (YES, NO)), {}, [{"text": "Đúng chưa?\n1. Đúng\n2. Không phải"}]),
        (Message("Bao nhiêu?", (YES,), letters=True), {}, [{"text": "Bao nhiêu?\na. Đúng"}]),
        (Message("Xem", link="https://a.vn"), {}, [{"text": "Xem\nhttps://a.vn"}]),
        (Message("Ảnh **đây**"), {"uploads": [IMAGE]}, [image(text="Ảnh đây")]),
        (Message(""), {"uploads": [IMAGE]}, [image()]),
        (Message("Đúng?", (YES,)), {"uploads": [IMAGE]}, [image(), {"text": "Đúng?\n1. Đúng"}]),
        (
            Message("Đơn đây"),
            {"uploads": [FILE]},
            [{"attachment": {"type": "file", "payload": {"token": "t1"}}}, {"text": "Đơn đây"}],
        ),
        (
            Message("Tin thoại:", (YES,)),
            {"notes": ["https://x.vn/1"]},
            [{"text": "Tin thoại:\nhttps://x.vn/1\n1. Đúng"}],
        ),
        (
            Message("Đúng chưa?", (YES, NO)),
            {"buttons": True},
            [
                {
                    "text": "Đúng chưa?",
                    "attachment": {
                        "type": "template",
                        "payload": {
                            "buttons": [
                                {"title": "Đúng", "type": "oa.query.hide", "payload": "#yes@q"},
                                {"title": "Không phải", "type": "oa.query.hide", "payload": "#no@q"},
                            ]
                        },
                    },
                }
            ],
        ),
        (
            Message("Chọn", (YES,) * 6),
            {"buttons": True},
            [{"text": "Chọn\n" + "\n".join(f"{n}. Đúng" for n in range(1, 7))}],
        ),
        (Message("  "), {}, []),
        (
            Message("Số liệu", file=SHEET, unseen="Xem trên web"),
            {},
            [{"text": "Số liệu\nXem trên web"}],
        ),
        (
            Message("Đúng?", (YES,), file=SHEET, unseen="Xem trên web"),
            {},
            [{"text": "Đúng?\nXem trên web\n1. Đúng"}],
        ),
    ],
)
def test_a_message_becomes_what_is_posted(
    message: Message, more: dict[str, Any], expected: list[dict[str, Any]]
) -> None:
    assert list(bodies(message, **more)) == expected


@pytest.mark.parametrize("buttons", [False, True])
def test_a_long_text_is_cut_between_words_and_asks_at_its_end(buttons: bool) -> None:
    words = " ".join(f"chữ{n}👋" for n in range(900))
    every = bodies(Message(words, (YES, NO)), buttons=buttons)
    assert len(every) > 3
    assert all(units(part["text"]) <= TEXT_LIMIT for part in every)
    assert " ".join(part["text"] for part in every).startswith(words)
    assert ["attachment" in part for part in every] == [False] * (len(every) - 1) + [buttons]


def test_parts_that_went_before_stay_the_same_when_buttons_are_given_up() -> None:
    for length in range(1950, 2050):
        message = Message("chữ " * (length // 4) + "x" * (length % 4), (YES, NO))
        on, off = bodies(message, buttons=True), bodies(message)
        assert on[:-1] == off[: len(on) - 1]


@pytest.mark.parametrize(
    ("type_", "size", "as_what"),
    [
        ("image/jpeg", 2**20, "image"),
        ("image/png", 100, "image"),
        ("image/jpeg", 2**20 + 1, ""),
        ("image/webp", 100, ""),
        ("application/pdf", 5 * 2**20, "file"),
        ("application/pdf", 5 * 2**20 + 1, ""),
        ("application/msword", 1, "file"),
        ("text/csv", 1, ""),
        ("audio/aac", 1, ""),
    ],
)
def test_only_what_zalo_takes_is_uploaded(type_: str, size: int, as_what: str) -> None:
    assert uploadable(type_, size) == as_what


ICON = "https://toso.example.vn/icon.png"
ASKS = Message("Gọi lại vào **số nào**?\nChỉ một người xem được.", (YES,), asks="phone")


def test_zalos_own_form_follows_the_words_that_ask_for_a_number() -> None:
    words, form = bodies(ASKS, picture=ICON)
    assert words == {"text": "Gọi lại vào số nào?\nChỉ một người xem được.\n1. Đúng"}
    assert form["attachment"]["payload"] == {
        "template_type": "request_user_info",
        "elements": [
            {
                "title": "Gọi lại vào số nào?",
                "subtitle": "Gọi lại vào số nào?\nChỉ một người xem được.",
                "image_url": ICON,
            }
        ],
    }
    assert [optional(part) for part in (words, form)] == [False, True]


def test_without_a_picture_the_words_ask_alone() -> None:
    assert len(bodies(ASKS)) == 1


def test_a_form_stays_inside_its_limits() -> None:
    element = bodies(Message("chữ " * 300, asks="phone"), picture=ICON)[-1]["attachment"]["payload"][
        "elements"
    ][0]
    assert len(element["title"]) == 100
    assert len(element["subtitle"]) == 500


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"message_id": "m", "quota": {"quota_type": "reply", "remain": "8"}}, Sent("m", "free")),
        ({"message_id": "m", "quota": {"quota_type": "sub_quota", "remain": "41"}}, Sent("m", "quota", 41)),
        ({"message_id": "m", "quota": {"quota_type": "reward_quota", "remain": 3}}, Sent("m", "quota", 3)),
        ({"message_id": "m", "quota": {"quota_type": "purchase_quota"}}, Sent("m", "quota")),
        ({"message_id": "m"}, Sent("m", "billed")),
        ({"message_id": "m", "quota": None}, Sent("m", "billed")),
    ],
)
def test_what_a_message_cost_is_known(data: dict[str, Any], expected: Sent) -> None:
    assert receipt(data) == expected


def test_every_code_of_the_facts_sheet_has_its_class() -> None:
    named = (-32, -100, *range(-201, -200), *(-n for n in (
        200, 204, 205, 209, 210, 211, 212, 213, 216, 217, 218, 219, 220, 221, 223, 224, 227, 230, 232, 233, 234, 235,
        237, 240, 242, 244, 248, 249, 305, 311, 320, 321, 403,
    )))  # fmt: skip
    assert set(named) <= ERRORS.keys()


@pytest.mark.parametrize(("hour", "hours"), [(22, 8), (0, 6), (5, 1), (6, 24), (12, 18)])
def test_what_is_refused_for_the_hour_waits_for_the_morning(hour: int, hours: int) -> None:
    now = datetime(2026, 11, 20, hour, 0, tzinfo=VIETNAM).astimezone(UTC)
    assert until_morning(now) == timedelta(hours=hours)
