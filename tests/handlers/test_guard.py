"""What is hidden before anything is stored, and what must never be."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

import pytest

from handlers.rules.guard import DOTS, bare_number, fold, hide_numbers, mask, reasons

HIDDEN = [
    ("vneid password? it was Flower@77", "vneid password? it was ••••••", "password"),
    ("mật khẩu? Hoa@1234", "mật khẩu? ••••••", "password"),
    ("pass wifi 12345678", "pass wifi ••••••", "password"),
    ("otp a1b2c3", "otp ••••••", "code"),
    ("mã kích hoạt là XK29PQ ạ", "mã kích hoạt là •••••• ạ", "code"),
    ("my PIN number is 4321", "my PIN number is ••••••", "code"),
    # one-time codes, named
    ("mã otp là 123456", "mã otp là ••••••", "code"),
    ("Mã OTP em nhận được là 482913 ạ", "Mã OTP em nhận được là •••••• ạ", "code"),
    ("ma la 482913", "ma la ••••••", "code"),
    (
        "a day hop thu that. co ma roi chi oi, ma la 482913",
        "a day hop thu that. co ma roi chi oi, ma la ••••••",
        "code",
    ),
    ("mã về rồi: 482 913", "mã về rồi: ••••••", "code"),
    ("mã 482913", "mã ••••••", "code"),
    ("ma cua ba la 4829", "ma cua ba la ••••••", "code"),
    ("otp 48291357", "otp ••••••", "code"),
    ("OTP: 4 8 2 9 1 3", "OTP: ••••••", "code"),
    ("otp ve roi ne, 482913", "otp ve roi ne, ••••••", "code"),
    (
        "Mã xác thực giao dịch 1.500.000 VND là 482913",
        "Mã xác thực giao dịch 1.500.000 VND là ••••••",
        "code",
    ),
    ("482913 là mã otp", "•••••• là mã otp", "code"),
    ("G-482913 is your verification code", "G-•••••• is your verification code", "code"),
    ("Your verification code is 482913", "Your verification code is ••••••", "code"),
    ("code: 482913", "code: ••••••", "code"),
    ("mã xác nhận\n482913", "mã xác nhận\n••••••", "code"),
    ("mã gửi về máy bà là 4829 13", "mã gửi về máy bà là ••••••", "code"),
    ("mã otp 482.913", "mã otp ••••••", "code"),
    ("passcode la ngay sinh 150350", "passcode la ngay sinh ••••••", "code"),
    ("em nhập otp 482913 sai rồi 557201 cũng sai", "em nhập otp •••••• sai rồi •••••• cũng sai", "code"),
    ("passcode 123456", "passcode ••••••", "code"),
    ("6 số bí mật của bà là 258369", "6 số bí mật của bà là ••••••", "code"),
    ("pin 1234", "pin ••••••", "code"),
    ("mã pin thẻ là 1234", "mã pin thẻ là ••••••", "code"),
    ("ma la bon tam hai chin mot ba", "ma la ••••••", "code"),
    ("mã otp là bốn tám hai chín một ba nhé", "mã otp là •••••• nhé", "code"),
    ("cvv 123", "cvv ••••••", "card"),
    ("3 số sau thẻ là 456", "3 số sau thẻ là ••••••", "card"),
    # passwords
    ("mk: Abc@123", "mk: ••••••", "password"),
    ("mk Abc@123", "mk ••••••", "password"),
    ("mật khẩu vneid là Hoa@1950!", "mật khẩu vneid là ••••••", "password"),
    ("mat khau vneid cua toi la hoa1950", "mat khau vneid cua toi la ••••••", "password"),
    ("mật khẩu là 01/01/1950", "mật khẩu là ••••••", "password"),
    ("mật khẩu: hoanghon, sao vẫn sai", "mật khẩu: ••••••, sao vẫn sai", "password"),
    ("password is Secret99", "password is ••••••", "password"),
    ("my password: letmein", "my password: ••••••", "password"),
    ("pass Abc12345 đúng chưa", "pass •••••• đúng chưa", "password"),
    ("mat khau 12345678", "mat khau ••••••", "password"),
    (
        "em đặt mật khẩu như sau Thang#2024 được không",
        "em đặt mật khẩu như sau •••••• được không",
        "password",
    ),
    ("Abc@12345 là mật khẩu", "•••••• là mật khẩu", "password"),
    ("password=Qwerty!1", "password=••••••", "password"),
    # cards
    ("thẻ 4111 1111 1111 1111", "thẻ ••••••", "card"),
    ("thẻ 4111-1111-1111-1111 hết hạn", "thẻ •••••• hết hạn", "card"),
    ("5555555555554444", "••••••", "card"),
    ("amex 3782 822463 10005", "amex ••••••", "card"),
    # identity numbers
    ("cccd 001099012345", "cccd ••••••", "identity"),
    ("so cccd cua em la 001 099 012 345", "so cccd cua em la ••••••", "identity"),
    ("căn cước 001.099.012.345 nhé", "căn cước •••••• nhé", "identity"),
    ("001-099-012345", "••••••", "identity"),
    ("001 099 012 345", "••••••", "identity"),
    ("cmnd: 123456789", "cmnd: ••••••", "identity"),
    ("cmnd 123 456 789", "cmnd ••••••", "identity"),
    ("cmnd 012.345.678", "cmnd ••••••", "identity"),
    ("bà tên Nga, 034150001234, ở thôn Đoài", "bà tên Nga, ••••••, ở thôn Đoài", "identity"),
    ("cccd001099012345 sđt 0912345678", "cccd•••••• sđt 0912345678", "identity"),
    ("001099012345 0912345678", "•••••• 0912345678", "identity"),
    ("001099012345 k đúng", "•••••• k đúng", "identity"),
]


@pytest.mark.parametrize(("said", "stored", "kind"), HIDDEN)
def test_a_secret_that_shows_itself_is_hidden_and_the_rest_stays(said: str, stored: str, kind: str) -> None:
    guarded = mask(said)
    assert guarded.text == stored
    assert kind in guarded.found


@pytest.mark.parametrize(("said", "stored", "kind"), [row for row in HIDDEN if not row[0].isascii()])
def test_accents_make_no_difference(said: str, stored: str, kind: str) -> None:
    assert mask(fold(said)).found == mask(said).found
    assert mask(unicodedata.normalize("NFD", said)).text == stored


LEFT_ALONE = [
    "Mật khẩu là gì? Tôi dùng iPhone15",
    "mã đăng nhập iphone15 không về",
    "OTP không về, gõ B71 thì sao",
    "H26.12-241121-0012",
    "hồ sơ H26.12-241121-0012 của tôi đến đâu rồi",
    "000.00.19.H26-241121-0012",
    "mã là H26.12-241121-0012",
    "mã hồ sơ là 123456",
    "mã yêu cầu của em là YC-4K7",
    "thủ tục 1.004222",
    "1.004222.000.00.00.H26",
    "0912345678",
    "0912 345 678",
    "sđt 0912.345.678 gọi sau 17h30",
    "+84 912 345 678",
    "+84912345678",
    "024 3825 1234",
    "(024) 3825 1234",
    "chưa nhận được mã otp, gọi tổng đài 1900.0368 không được",
    "OTP gửi tới số 0912 345 678 mà không thấy",
    "otp 30 phút chưa về",
    "mã gửi lúc 10:30 ngày 21/11/2026",
    "sinh ngày 01/01/1950",
    "sinh năm 1950",
    "mật khẩu là gì",
    "quên mật khẩu là sao hả cháu",
    "mật khẩu là ngày sinh của bà",
    "mật khẩu phải có 8-20 ký tự",
    "mật khẩu phải có ít nhất 8 ký tự",
    "mật khẩu là bao nhiêu số",
    "mk là Hoa, mk ở thôn Đoài",
    "mk 1995 nè",
    "password is wrong",
    "password is incorrect again",
    "quen mat khau vneid",
    "pin 100%",
    "máy hết pin 5000 mAh",
    "đóng 1.234.000 đ rồi",
    "55.000 đ một người",
    "chuyển 500k mà chưa tới",
    "nộp 200tr",
    "lệ phí 123456789 đồng",
    "9/11",
    "1.234",
    "72,63%",
    "2: 214/218\n3: 46\n4: 58",
    "1: 9/11\n5: 1.284",
    "dung, ky nay thu tien ve sinh moi truong qua ma QR o 18 thon",
    "Sổ thu vệ sinh 872 lượt, cộng 412 lượt như mọi tháng",
    "không phải 2025 mà là 2026",
    "khong phai 1284 ma la 1384",
    "không phải 612 mà là 640 hồ sơ",
    "B71",
    "K47",
    "bước B71 không làm được",
    "mở lại 4K7",
    "thẻ BHYT GD4010123456789",
    "512/BC-UBND 17/11",
    "phường 7, tổ 12, số nhà 1234 đường Láng",
    "482913",
    "123456",
    "mã QR",
    "mã số thuế 0101234567",
    "stk 19036521234567 techcombank",
    "báo cáo mã là UH-11-K4M",
    "máy báo mã lỗi 1001",
    "họp 12 cuộc, 482 văn bản, 1284 giao dịch",
    "em chờ 15 phút rồi mà mã không về",
    "1234 5678 9012 3456",
    "giao dịch 1 284 390 118 640",
    "https://dichvucong.gov.vn/p/home/123456789012",
    "Nghị định 69/2024/NĐ-CP",
    "12729/VPCP-KGVX",
    "",
    "cảm ơn chị",
]


@pytest.mark.parametrize("said", LEFT_ALONE)
def test_what_is_no_secret_is_left_alone(said: str) -> None:
    assert mask(said).text == said
    assert mask(said).found == ()


@pytest.mark.parametrize("said", LEFT_ALONE)
def test_what_is_no_secret_is_left_alone_without_accents_too(said: str) -> None:
    assert mask(fold(said)).found == ()


def _luhn_number(chance: random.Random, start: str, size: int) -> str:
    body = start + "".join(chance.choice("0123456789") for _ in range(size - len(start) - 1))
    total = sum(sum(divmod(int(d) * 2, 10)) if i % 2 == 0 else int(d) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def _digits(chance: random.Random, size: int) -> str:
    return str(chance.randrange(10 ** (size - 1), 10**size))


def _identity(chance: random.Random) -> str:
    province, sex, year = chance.randrange(1, 97), chance.choice("0123"), chance.randrange(100)
    return f"0{province:02}{sex}{year:02}{chance.randrange(10**6):06}"


SECRETS: list[Callable[[random.Random], str]] = [
    lambda c: _digits(c, 6),
    lambda c: _digits(c, c.choice((4, 6, 8))),
    lambda c: " ".join(_digits(c, 3) for _ in range(2)),
]
CODE_SAID = [
    "mã otp là {}",
    "ma otp la {} nhe chi",
    "otp {}",
    "OTP: {}",
    "mã xác thực của em là {}",
    "ma xac nhan {} a",
    "passcode của bà là {}",
    "passcode {}",
    "mã là {}",
    "ma la {} do chi",
    "em nhận được mã rồi, mã là {}",
    "mật khẩu là {}",
    "mat khau vneid la {}",
    "your OTP is {}",
    "the verification code is {}, right?",
    "mã pin là {}",
    "tin nhắn ghi mã xác minh là {}",
    "nhap otp {} van bao sai",
    "đây, mã otp: {}",
    "mk: {}",
    "{} là mã otp của em",
    "Ma OTP cua Quy khach la {}. Khong chia se ma nay",
]
CARD_SAID = ["số thẻ {}", "the cua toi la {}", "{}", "chuyển vào thẻ {} giúp em", "card {} please"]
IDENTITY_SAID = ["cccd {}", "số định danh của cháu là {}", "can cuoc {} a", "{}", "tên Nga, {}, ở thôn Đoài"]


def _file(chance: random.Random, office: str) -> str:
    return (
        f"{office}{chance.randrange(10, 70)}-{chance.randrange(230101, 261231)}-{chance.randrange(10000):04}"
    )


def _mobile(chance: random.Random) -> str:
    return f"{chance.choice('35789')}{chance.randrange(10**8):08}"


NO_SECRET: list[tuple[str, Callable[[random.Random], str]]] = [
    ("hồ sơ {} của tôi", lambda c: _file(c, "H26.")),
    ("mã hồ sơ {}", lambda c: _file(c, "000.00.19.H")),
    ("gọi cho tôi số {}", lambda c: f"0{_mobile(c)}"),
    ("sdt {} nhe", lambda c: "0{}{}{} {}{}{} {}{}{}".format(*_mobile(c))),
    ("zalo {}", lambda c: f"+84{_mobile(c)}"),
    ("số bàn {}", lambda c: f"024 {c.randrange(1000, 9999)} {c.randrange(1000, 9999)}"),
    ("sinh ngày {}", lambda c: f"{c.randrange(1, 29):02}/{c.randrange(1, 13):02}/{c.randrange(1930, 2020)}"),
    ("hẹn lúc {}", lambda c: f"{c.randrange(24)}h{c.randrange(60):02}"),
    ("đóng {} đ", lambda c: f"{c.randrange(1, 999)}.{c.randrange(1000):03}.000"),
    ("chuyển {}k", lambda c: str(c.randrange(1, 9999))),
    ("{}", lambda c: f"{c.randrange(1, 9999)}/{c.randrange(1, 9999)}"),
    ("{}", lambda c: f"{c.randrange(100)},{c.randrange(100):02}%"),
    ("{}", lambda c: f"{c.randrange(1, 999)}.{c.randrange(1000):03}"),
    ("{}", lambda c: "\n".join(f"{i}: {c.randrange(1, 999)}/{c.randrange(999, 9999)}" for i in range(1, 8))),
    ("{}", lambda c: str(c.randrange(1000, 10**8))),
    ("kẹt ở bước {}", lambda c: f"{c.choice('ABCDKV')}{c.randrange(10, 99)}"),
    ("bà sinh năm {} quên mật khẩu", lambda c: str(c.randrange(1930, 2010))),
]


def test_of_generated_secrets_every_one_is_hidden() -> None:
    chance = random.Random(2026)
    seen = []
    for _ in range(400):
        seen.append(chance.choice(CODE_SAID).format(chance.choice(SECRETS)(chance)))
        card = _luhn_number(chance, chance.choice(("4", "51", "9704", "3528")), chance.choice((16, 19)))
        if chance.random() < 0.5:
            card = chance.choice(" -").join(card[i : i + 4] for i in range(0, len(card), 4))
        seen.append(chance.choice(CARD_SAID).format(card))
        number = _identity(chance)
        cut = chance.choice(((12,), (3, 6, 9, 12), (6, 12), (4, 8, 12)))
        parts = [number[a:b] for a, b in zip((0, *cut), cut, strict=False)]
        seen.append(chance.choice(IDENTITY_SAID).format(chance.choice(" -").join(parts)))
        seen.append(chance.choice(IDENTITY_SAID).format(_digits(chance, 9)[:-1] + "7"))
    assert [said for said in seen if not mask(said).found] == []
    assert [said for said in seen if any(c.isdigit() for c in mask(said).text)] == []


def test_of_generated_harmless_words_none_is_touched() -> None:
    chance = random.Random(1126)
    seen = []
    for _ in range(3000):
        words, number = chance.choice(NO_SECRET)
        seen.append(words.format(number(chance)))
    assert [said for said in seen if mask(said).text != said] == []


@pytest.mark.parametrize(
    "said", ["482913", " 4829 ", "482 913", "482-913", "4 8 2 9 1 3", "12345678", "482913 ạ", "đây 482913"]
)
def test_a_number_alone_may_be_a_code(said: str) -> None:
    assert bare_number(said)
    assert mask(said).found == ()


@pytest.mark.parametrize(
    "said",
    [
        "",
        "1",
        "123",
        "123456789",
        "9/11",
        "72,63%",
        "21.11.2026",
        "2026-11-21",
        "1900.0368",
        "46 máy",
        "mã 482913",
    ],
)
def test_a_number_with_a_meaning_is_not_bare(said: str) -> None:
    assert not bare_number(said)


def test_the_turn_hides_a_bare_number_where_no_figure_was_asked() -> None:
    assert hide_numbers("482913").text == DOTS
    assert hide_numbers("đây 482 913 nhé, gọi 0912345678").text == "đây •••••• nhé, gọi 0912345678"
    assert hide_numbers("thôn 7, 12/11/2026").found == ()


def test_every_kind_has_its_kind_reason() -> None:
    found = mask("mk: Abc@123, cccd 001099012345, thẻ 4111111111111111, otp 482913").found
    assert set(found) == {"password", "identity", "card", "code"}
    assert len({reason.msgid for kind in found for reason in reasons((kind,))}) == 4


def test_what_was_hidden_stays_hidden_when_read_again() -> None:
    once = mask("otp 482913, mật khẩu là Abc@123").text
    assert mask(once).text == once


@pytest.mark.parametrize(
    "piece",
    ["1 ", "1.", "1-", "1/", "0", "(0 ", "a.", "a@", "mã ", "mật khẩu là ", "otp 1,2", "khong ", "cccd 1"],
)
@pytest.mark.timeout(60)  # patterns that go back over a text again and again would take hours
def test_a_long_message_is_read_to_its_end(piece: str) -> None:
    assert mask(piece * (10_000 // len(piece)) + "mã otp là 482913").found
