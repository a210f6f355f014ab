"""Numbers and names as they stand on cards, papers and bills, and the ways people write them down.

Secrets and harmless things are made here from what they are: a card number by its issuer and check
digit, an identity number by province, century and year, a dossier code by office and day.  Nothing
here knows how the guard looks for them.
"""

from __future__ import annotations

import random
from collections.abc import Callable

Thing = Callable[[random.Random], str]

NAMES = ("Nguyễn Thị Nga", "Trần Văn Tư", "Lê Hoa", "Phạm Minh", "bác Tư", "bà Chín", "cô Thắm", "anh Khoa")
PLACES = ("thôn Đoài", "xã Ứng Hòa", "phường Đông Ngạc", "xóm 4", "tổ 7", "khu phố 3", "ấp Bình Hòa")
WORDS = ("hoa", "minh", "thu", "lan", "tuan", "huong", "sao", "mua", "vang", "trang", "khoa", "nga")
DIGIT_WORDS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
ENGLISH_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def digits(chance: random.Random, size: int) -> str:
    """Give so many digits, the first no nought."""
    return str(chance.randrange(10 ** (size - 1), 10**size))


def cut(number: str, sizes: tuple[int, ...], gap: str) -> str:
    """Write a number in groups; what is left over makes the last one."""
    parts, at = [], 0
    for size in sizes:
        parts.append(number[at : at + size])
        at += size
    return gap.join(part for part in (*parts, number[at:]) if part)


# --- secrets ---


def otp(chance: random.Random) -> str:
    """A one-time code of six digits, now and then of four or eight, as read from a message."""
    size = chance.choice((6, 6, 6, 6, 6, 4, 8))
    code = "".join(chance.choice("0123456789") for _ in range(size))
    match chance.randrange(10):
        case 0:
            return cut(code, (size // 2,), " ")
        case 1:
            return cut(code, (2,) * (size // 2), chance.choice((" ", "-")))
        case 2 if size == 6:
            return " ".join(code)
        case 3 if size == 6:
            return cut(code, (3,), "-")
    return code


def dotted(chance: random.Random) -> str:
    """A code of six digits with a dot where others have a gap, or one behind each."""
    code = "".join(chance.choice("0123456789") for _ in range(6))
    return chance.choice((cut(code, (3,), "."), ".".join(code), cut(code, (2, 2), ".")))


def six(chance: random.Random) -> str:
    """Six digits that somebody chose: at random, a birthday, or a row."""
    day = f"{chance.randrange(1, 29):02}{chance.randrange(1, 13):02}{chance.randrange(40, 100):02}"
    return chance.choice((digits(chance, 6), digits(chance, 6), day, "123456", "888888"))


def pin(chance: random.Random) -> str:
    """The PIN of a bank card or a signature: four to six digits."""
    return "".join(chance.choice("0123456789") for _ in range(chance.choice((4, 4, 6))))


def letters_and_digits(chance: random.Random) -> str:
    """An activation code as some pages make them."""
    letters = "ABCDEFGHKLMNPQRSTUVXY"
    code = [chance.choice(letters) for _ in range(3)] + [chance.choice("23456789") for _ in range(3)]
    chance.shuffle(code)
    return "".join(code)


def spelt(chance: random.Random) -> str:
    """A code read aloud, digit for digit."""
    return " ".join(chance.choice(DIGIT_WORDS) for _ in range(chance.choice((4, 6, 6))))


def spelt_in_english(chance: random.Random) -> str:
    """The same in English."""
    return " ".join(chance.choice(ENGLISH_DIGITS) for _ in range(chance.choice((4, 6))))


def password(chance: random.Random) -> str:
    """A password as pages demand it, or as people make it when nobody demands anything."""
    word, other = chance.choice(WORDS), chance.choice(WORDS)
    year, sign = chance.randrange(1945, 2012), chance.choice("@#!$*")
    return chance.choice(
        (
            f"{word.capitalize()}{sign}{year}",
            f"{word.capitalize()}{other}{sign}{chance.randrange(10, 99)}",
            f"{word}{year}",
            f"{word}{other}{chance.randrange(100, 999)}",
            f"{word.capitalize()}{year}",
            f"{word}{sign}{chance.randrange(1000, 9999)}",
            f"{sign}{word.capitalize()}{chance.randrange(100, 999)}{sign}",
        )
    )


def strong(chance: random.Random) -> str:
    """A password with a capital, a figure and a sign, as VNeID wants it."""
    word, sign = chance.choice(WORDS).capitalize(), chance.choice("@#!$*")
    return f"{word}{sign}{chance.randrange(1945, 2012)}"


def number_password(chance: random.Random) -> str:
    """A password of digits only."""
    return digits(chance, chance.choice((6, 8)))


def identity(chance: random.Random) -> str:
    """Twelve digits of a citizen: province, sex and century, year, number; in groups now and then."""
    year = chance.randrange(1940, 2016)
    sex = 2 * (year >= 2000) + chance.randrange(2)
    number = f"{chance.choice(PROVINCES)}{sex}{year % 100:02}{chance.randrange(10**6):06}"
    match chance.randrange(8):
        case 0:
            return cut(number, (3, 3, 3), chance.choice((" ", "-")))
        case 1:
            return cut(number, (4, 4), " ")
        case 2:
            return cut(number, (3, 3), " ")
    return number


PROVINCES = ("001", "010", "019", "026", "030", "034", "036", "038", "040", "048", "064", "075", "079", "092")


def dotted_identity(chance: random.Random) -> str:
    """The same with dots."""
    return cut(identity(chance).replace(" ", "").replace("-", ""), (3, 3, 3), ".")


def old_identity(chance: random.Random) -> str:
    """Nine digits of the card before, in groups now and then."""
    number = chance.choice(("0", "1", "2", "3")) + digits(chance, 8)
    return chance.choice((number, number, number, cut(number, (3, 3), " ")))


def card(chance: random.Random) -> str:
    """A card number with its check digit: Napas, Visa, Mastercard or JCB."""
    start, size = chance.choice((("9704", 16), ("9704", 19), ("4", 16), ("51", 16), ("54", 16), ("3528", 16)))
    number = start + "".join(chance.choice("0123456789") for _ in range(size - len(start) - 1))
    number += _check_digit(number)
    return chance.choice(
        (number, cut(number, (4, 4, 4), " "), cut(number, (4, 4, 4), " "), cut(number, (4, 4, 4), "-"))
    )


def _check_digit(number: str) -> str:
    total = 0
    for place, letter in enumerate(reversed(number)):
        value = int(letter) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def cvv(chance: random.Random) -> str:
    """Three digits on the back of a card."""
    return "".join(chance.choice("0123456789") for _ in range(3))


def login(chance: random.Random) -> str:
    """A name to sign in with."""
    word, other = chance.choice(WORDS), chance.choice(WORDS)
    return chance.choice(
        (
            f"{word}.{other}",
            f"{word}{other}{chance.randrange(60, 99)}",
            f"{word}_{chance.randrange(100, 999)}",
            f"{word}{other}",
        )
    )


SECRETS: dict[str, tuple[str, Thing]] = {  # by name in a template: kind, and how one is made
    "otp": ("code", otp),
    "dotted": ("code", dotted),
    "activation": ("code", letters_and_digits),
    "spelt": ("code", spelt),
    "spelt_en": ("code", spelt_in_english),
    "six": ("passcode", six),
    "pin": ("passcode", pin),
    "password": ("password", password),
    "strong": ("password", strong),
    "number_password": ("password", number_password),
    "cccd": ("identity, 12", identity),
    "dotted_cccd": ("identity, 12", dotted_identity),
    "cmnd": ("identity, 9", old_identity),
    "card": ("card", card),
    "cvv": ("card", cvv),
    "login": ("login", login),
}

# --- what is no secret ---


def dossier(chance: random.Random) -> str:
    """The code of a file, by office, day and number."""
    office = chance.choice(
        ("H29.12", "H26.31", "H17.9", "000.00.19.H26", "000.27.12.H29", "G01.34", "H29", "H40.18.2")
    )
    day = f"{chance.randrange(23, 27)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}"
    return f"{office}-{day}-{chance.randrange(1, 9999):04}"


MOBILE = ("32", "35", "38", "70", "79", "81", "83", "90", "91", "93", "96", "97", "98")  # behind the nought


def mobile(chance: random.Random) -> str:
    """A mobile number in one of the ways it is written."""
    own = f"{chance.choice(MOBILE)}{chance.randrange(10**7):07}"
    number = f"0{own}"
    return chance.choice(
        (
            number,
            number,
            cut(number, (4, 3), " "),
            cut(number, (4, 3), "."),
            cut(number, (3, 3), " "),
            cut(number, (4, 3), "-"),
            cut(number, (4, 2, 2), "."),
            f"+84{own}",
            f"+84 {cut(own, (3, 3), ' ')}",
            f"84{own}",
            f"(+84) {cut(own, (2, 3), ' ')}",
        )
    )


def landline(chance: random.Random) -> str:
    """A number with an area code."""
    area, rest = chance.choice((("024", 8), ("028", 8), ("0236", 7), ("0204", 7)))
    own = digits(chance, rest)
    return chance.choice(
        (
            f"{area}{own}",
            f"{area} {own}",
            f"{area}.{own}",
            f"({area}) {cut(own, (4,), ' ')}",
            f"{area} {cut(own, (4,), ' ')}",
        )
    )


def hotline(chance: random.Random) -> str:
    """A number to be asked for help."""
    return chance.choice(
        (
            "1900.0368",
            "19000368",
            "1900 9068",
            "18001091",
            "1800 1091",
            "1022",
            "113",
            "5656",
            "1900 545454",
            "19001288",
        )
    )


def day(chance: random.Random) -> str:
    """A date."""
    year, month, number = chance.randrange(1945, 2030), chance.randrange(1, 13), chance.randrange(1, 29)
    return chance.choice(
        (
            f"{number:02}/{month:02}/{year}",
            f"{number}/{month}/{year}",
            f"{number}-{month}-{year}",
            f"{number}.{month}.{year}",
            f"{year}-{month:02}-{number:02}",
            f"{number}/{month}",
            f"{number:02}/{month:02}/{year % 100:02}",
        )
    )


def year(chance: random.Random) -> str:
    """A year."""
    return str(chance.randrange(1935, 2031))


def hour(chance: random.Random) -> str:
    """A time of day."""
    hours, minutes = chance.randrange(24), chance.choice((0, 5, 15, 30, 45))
    return chance.choice(
        (
            f"{hours}h{minutes:02}",
            f"{hours:02}:{minutes:02}",
            f"{hours}h",
            f"{hours} giờ {minutes}",
            f"{hours}g{minutes:02}",
        )
    )


def money(chance: random.Random) -> str:
    """A sum in đồng."""
    amount = chance.choice(
        (
            chance.randrange(5, 999) * 1000,
            chance.randrange(10, 9999) * 10000,
            chance.randrange(1, 999) * 10**6,
        )
    )
    grouped = f"{amount:,}"
    return chance.choice(
        (
            grouped.replace(",", ".") + " đồng",
            grouped.replace(",", ".") + "đ",
            grouped.replace(",", "."),
            grouped + " VND",
            grouped.replace(",", " ") + " đ",
            f"{amount} đồng",
            f"{amount}đ",
            f"{chance.randrange(10, 999)}k",
            f"{chance.randrange(1, 99)} triệu",
            f"{chance.randrange(1, 9)}tr{chance.randrange(1, 9)}",
            f"{chance.randrange(1, 9)} triệu {chance.randrange(100, 999)}",
            f"{chance.randrange(20, 999)} nghìn",
        )
    )


def figure(chance: random.Random) -> str:
    """A value of a report."""
    whole = chance.randrange(2, 10 ** chance.randrange(1, 7))
    part = chance.randrange(0, whole + 1)
    return chance.choice(
        (
            str(whole),
            f"{whole:,}".replace(",", "."),
            f"{part}/{whole}",
            f"{chance.randrange(100)},{chance.randrange(100):02}%",
            f"{part} / {whole}",
        )
    )


def count(chance: random.Random) -> str:
    """How many there are of something."""
    return str(chance.randrange(2, 10 ** chance.randrange(2, 6)))


def house(chance: random.Random) -> str:
    """A house number."""
    return chance.choice(
        (
            str(chance.randrange(1, 1999)),
            f"{chance.randrange(1, 300)}/{chance.randrange(1, 99)}",
            f"{chance.randrange(1, 300)}/{chance.randrange(1, 99)}/{chance.randrange(1, 30)}",
            f"{chance.randrange(1, 99)}A",
        )
    )


def plate(chance: random.Random) -> str:
    """The plate of a motorbike or a car."""
    where = f"{chance.randrange(11, 99)}"
    five = f"{chance.randrange(100, 999)}.{chance.randrange(10, 99)}"
    return chance.choice(
        (
            f"{where}A-{five}",
            f"{where}-B{chance.randrange(1, 9)} {five}",
            f"{where}H1-{chance.randrange(10000, 99999)}",
            f"{where}F1 {five}",
            f"{where}a{chance.randrange(10000, 99999)}",
        )
    )


def insurance(chance: random.Random) -> str:
    """The ten digits of social insurance."""
    number = f"{chance.choice(('01', '79', '31', '48'))}{chance.randrange(10**8):08}"
    return chance.choice((number, number, cut(number, (2, 4), " "), cut(number, (4, 3), " ")))


def health_card(chance: random.Random) -> str:
    """The fifteen signs of the older health insurance card."""
    who = chance.choice(("GD", "DN", "HN", "TE", "HT"))
    number = f"{who}{chance.randrange(1, 5)}{chance.randrange(10, 97)}{insurance(chance).replace(' ', '')}"
    return chance.choice((number, cut(number, (2, 1, 2, 5), " "), number.lower()))


def meter(chance: random.Random) -> str:
    """A customer's code at the electricity company."""
    return f"{chance.choice(('PE', 'PD', 'PA', 'PC', 'PB'))}{chance.randrange(1, 30):02}{chance.randrange(10**9):09}"


def water(chance: random.Random) -> str:
    """A customer's code at a water company."""
    return digits(chance, chance.choice((7, 8, 10, 11)))


def tax(chance: random.Random) -> str:
    """The tax number of a household business or of a branch."""
    number = f"{chance.choice(('01', '03', '80', '83'))}{chance.randrange(10**8):08}"
    return chance.choice((number, number, f"{number}-{chance.randrange(1, 20):03}"))


def account(chance: random.Random) -> str:
    """The number of a bank account."""
    return chance.choice(
        (
            digits(chance, 13),
            digits(chance, 14),
            digits(chance, 10),
            digits(chance, 12),
            digits(chance, 9),
            f"19{digits(chance, 12)}",
            cut(digits(chance, 12), (4, 4), " "),
            cut(digits(chance, 14), (4, 4, 4), " "),
        )
    )


def step(chance: random.Random) -> str:
    """The code of a step, as printed on a leaflet."""
    return f"{chance.choice('ABCDHKNSVY')}{chance.randrange(10, 99)}"


def request(chance: random.Random) -> str:
    """The code of a request."""
    return f"YC-{chance.randrange(2, 9)}{chance.choice('CGHKMPRT')}{chance.randrange(2, 9)}"


def receipt(chance: random.Random) -> str:
    """The receipt of a report."""
    office, letter, other = chance.choice(("UH", "DN", "BH")), chance.choice("KMPR"), chance.choice("MTHC")
    return f"{office}-{chance.randrange(1, 13):02}-{letter}{chance.randrange(2, 9)}{other}"


def procedure(chance: random.Random) -> str:
    """The code of a procedure."""
    number = f"{chance.randrange(1, 3)}.{chance.randrange(10**6):06}"
    return chance.choice((number, number, f"{number}.000.00.00.H{chance.randrange(10, 63)}"))


def decree(chance: random.Random) -> str:
    """The number of a rule or an official paper."""
    return chance.choice(
        (
            f"{chance.randrange(1, 200)}/202{chance.randrange(2, 7)}/NĐ-CP",
            f"{chance.randrange(1, 9999)}/UBND-VP",
            f"{chance.randrange(1, 999)}/BC-UBND",
            f"{chance.randrange(1000, 19999)}/VPCP-KSTT",
        )
    )


def trade(chance: random.Random) -> str:
    """The reference of a payment, as apps show it."""
    return chance.choice(
        (
            f"FT{digits(chance, 14)}",
            f"FT{digits(chance, 10)}",
            f"MBVCB.{digits(chance, 10)}",
            digits(chance, 10),
            digits(chance, 11),
        )
    )


def plot(chance: random.Random) -> str:
    """A plot of land on its map sheet."""
    return f"thửa {chance.randrange(1, 999)} tờ {chance.randrange(1, 99)}"


def link(chance: random.Random) -> str:
    """An address with figures in it."""
    return chance.choice(
        (
            f"https://dichvucong.gov.vn/p/home/chi-tiet.html?ma_thu_tuc={digits(chance, 6)}",
            f"baohanoi.vn/bai-{digits(chance, 9)}.html",
            f"https://zalo.me/0{digits(chance, 9)}",
            f"http://vneid-{digits(chance, 4)}.com/otp",
        )
    )


def mail(chance: random.Random) -> str:
    """An e-mail address."""
    return f"{chance.choice(WORDS)}{chance.choice(WORDS)}{chance.randrange(1950, 2010)}@gmail.com"


def make(chance: random.Random) -> str:
    """A make of telephone."""
    return chance.choice(
        (
            "iPhone 13",
            "iphone15",
            "Samsung A12",
            "Redmi 9A",
            "Oppo A5s",
            "Galaxy S21",
            "Nokia 1280",
            "android 12",
        )
    )


def post(chance: random.Random) -> str:
    """The number of a letter on its way."""
    return f"{chance.choice(('EW', 'CP', 'RR'))}{digits(chance, 9)}VN"


FACTS: dict[str, Thing] = {
    "dossier": dossier,
    "mobile": mobile,
    "landline": landline,
    "hotline": hotline,
    "day": day,
    "year": year,
    "hour": hour,
    "money": money,
    "figure": figure,
    "count": count,
    "house": house,
    "plate": plate,
    "insurance": insurance,
    "health_card": health_card,
    "meter": meter,
    "water": water,
    "tax": tax,
    "account": account,
    "step": step,
    "request": request,
    "receipt": receipt,
    "procedure": procedure,
    "decree": decree,
    "trade": trade,
    "plot": plot,
    "link": link,
    "mail": mail,
    "make": make,
    "post": post,
    "name": lambda chance: chance.choice(NAMES),
    "place": lambda chance: chance.choice(PLACES),
    "n": lambda chance: str(chance.randrange(2, 60)),
}
