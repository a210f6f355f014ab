"""What counts as an answer: the one place that understands a number, a label, or a label typed badly."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rapidfuzz import fuzz

from handlers.talk import Incoming
from handlers.text import _
from handlers.turn import Turn
from knowledge.folding import expand, fold, plain, synonyms, words
from knowledge.languages import DEFAULT, LANGUAGES

LETTERS = "abcdefghijkl"
CLOSE = 86  # of 100: how like a label typed words must be
SHARED = 0.66  # how much of a label's words must have been typed, where no more than words agree
LEAD = 0.3  # by how much more than of any other label
LABELS = 16384  # whose words are read once: the guides of both languages have 4,521, each read in two ways

# Words that mean the same everywhere, without their accents; the first of each is the name in the code.
COMMANDS: dict[str, tuple[str, ...]] = {
    "menu": ("menu", "trang dau", "ve dau", "help", "tro giup", "bat dau", "start", "hi menu"),
    "stop": ("huy", "huy bo", "thoi", "dung lai", "bo di", "thoat", "cancel", "stop", "quit", "thoi khong lam nua",
             "thoi khong can nua",
             "thoi khoi", "never mind", "nevermind", "forget it"),
    "person": ("nguoi that", "gap nguoi", "gap nguoi that", "nhan vien", "nho nguoi", "nho to", "nho to so",
               "nho to cong nghe so", "a person", "person", "human", "real person", "a human",
               "talk to a person", "talk to a real person", "talk to someone", "talk to somebody", "talk to a human",
               "speak to a person", "speak to a real person", "speak to someone", "speak to somebody",
               "speak to a human", "noi chuyen voi nguoi", "noi chuyen voi nguoi that", "gap nhan vien", "gap can bo",
               "goi cho toi", "goi lai cho toi", "goi dien cho toi", "call me", "call me back"),
    "back": ("quay lai", "lui lai", "tro lai", "buoc truoc", "back", "go back"),
    "pause": ("tam dung", "nghi da", "de sau", "de mai", "de mai lam", "mai lam", "de khi khac",
              "de hom khac", "de luc khac", "lat nua", "lat nua lam", "mai tinh", "pause", "later", "not now"),
    "resume": ("tiep tuc", "lam tiep", "tiep", "nhac lai", "doc lai", "noi lai", "xem lai", "lap lai",
               "continue", "resume", "go on", "repeat", "say again", "say it again"),
    "more": ("xem them", "them", "chi tiet", "more", "tell me more"),
    "source": ("nguon", "nguon o dau", "can cu", "source", "sources"),
    "privacy": ("rieng tu", "quyen rieng tu", "bao mat thong tin", "privacy"),
    "data": ("du lieu cua toi", "thong tin cua toi", "xem du lieu", "my data"),
    "export": ("xuat du lieu", "tai du lieu", "export my data", "export"),
    "erase": ("xoa du lieu", "xoa thong tin cua toi", "xoa het du lieu", "delete my data", "erase my data"),
    "link": ("noi kenh", "noi cac kenh", "ket noi kenh", "lien ket kenh", "link", "link channels", "link my channels"),
    "unlink": ("huy noi", "huy noi kenh", "bo noi kenh", "tach kenh", "unlink", "unlink channels"),
    "requests": ("yeu cau cua toi", "yeu cau", "viec toi nho", "my requests"),
    "progress": ("den dau roi", "toi dau roi", "viec den dau roi", "yeu cau den dau roi", "viec toi nho den dau roi",
                 "viec cua toi den dau roi", "how far is it", "how far", "how is my request",
                 "ai dang giu viec cua toi",
                 "ai giu viec cua toi", "ai nhan viec cua toi", "ai dang giup toi", "hai chu hen", "hai chu hen la gi",
                 "hai chu la gi", "hai chu gi", "toi quen hai chu hen", "quen hai chu hen", "toi quen hai chu",
                 "who has my request", "who is helping me", "the two words", "what are the two words"),
    "cases": ("viec cua toi", "viec", "hang doi", "viec nao chua ai nhan", "viec chua ai nhan", "my work", "queue"),
    "load": ("viec cua to", "ai giu viec gi", "ai dang giu viec gi", "ai ranh", "ai dang ranh", "ai con ranh",
             "team load", "who has what", "who is free"),
    "report": ("bao cao", "gui bao cao", "lam bao cao", "nop bao cao", "report", "file report"),
    "template": ("mau", "mau excel", "mau bao cao", "gui mau", "gui mau excel", "xin mau", "lay mau", "tai mau",
                 "file excel", "tep excel", "excel", "template", "excel template", "send the template"),
    "misses": ("cau chua tra loi", "cau hoi chua tra loi", "unanswered", "unanswered questions"),
    "lost": ("cho hay vuong", "buoc hay vuong", "where people get stuck"),
    "wrong": ("chua dung y", "khong dung y", "chua dung y toi", "khong phai y toi", "not what i meant"),
    "announce": ("thong bao", "gui thong bao", "soan thong bao", "viet thong bao", "announce", "announcement",
                 "write an announcement"),
    "announced": ("thong bao the nao", "thong bao the nao roi", "xem thong bao", "tinh hinh thong bao",
                  "how is the announcement", "how are the announcements"),
    "news-off": ("thoi nhan tin", "khong nhan tin nua", "khong muon nhan tin nua", "dung nhan tin", "ngung nhan tin",
                 "huy nhan tin", "thoi nhan thong bao", "khong nhan thong bao nua", "stop news", "no more news",
                 "stop announcements", "unsubscribe"),
    "news-on": ("nhan tin cua xa", "nhan tin cua phuong", "nhan tin cua thon", "dang ky nhan tin", "nhan lai tin",
                "nhan thong bao cua xa", "nhan thong bao cua phuong", "news of the commune", "get news", "subscribe"),
    "situation": ("tinh hinh", "viec cham", "viec nao cham", "viec nao dang tre", "viec nao tre", "viec tre",
                  "viec nao qua han", "viec qua han", "xem phan cham", "overview"),
    **{lang: language.asked for lang, language in LANGUAGES.items()},
    "commune": ("doi xa", "doi phuong", "doi xa phuong", "xa cua toi", "phuong cua toi", "change commune"),
}  # fmt: skip
# What a channel with a list of commands shows: what may be typed, and what it does.
SHORTCUTS = (
    (_("menu"), _("What Tổ Số helps with")),
    (_("a person"), _("Talk to a person")),
    (_("my requests"), _("My requests")),
    (_("cancel"), _("Stop what is under way")),
    (_("privacy"), _("Privacy")),
)
_MEANT = {phrase: name for name, phrases in COMMANDS.items() for phrase in phrases}
_POLITE = re.compile(
    r"(?:(?:da|xin|muon|cho|toi|tui|em|co|bac|chu|anh|chi|chau|con|minh|please|i want to|i want) )*"
    r"(?P<meant>.+?)"
    r"(?: (?:a|ah|di|nhe|nha|voi|giup|oi|em|chau|con|to so|please))*"
)


# "Cho người đến giúp bà với" asks for somebody, and for nothing that is known; "nhờ người đi lấy hộ" is a question.
_ME = r"(?:toi|tui|em|chau|con|minh|ba|ong|bac|co|chu|anh|chi|gia dinh toi|nha toi)"
_SOMEBODY = re.compile(
    r"(?:(?:.{0,60} )?(?:cho|nho|can|goi|kiem|tim|xin|muon|co) )?(?:mot |1 )?(?:nguoi|ai|can bo)(?: do| nao)?"
    rf"(?: (?:den|toi|qua|xuong|vao|ra)(?: tan)?(?: nha)?(?: {_ME})?)?"
    r" (?:giup|giup do|ho tro|chi|huong dan|day)"
    rf"(?: (?:do|cho|giup|ho))?(?: {_ME})?(?: (?:voi|nhe|nha|di|a|chau|con|oi|em))*"
    r"|(?:cho|nho|can|goi|xin|muon) (?:mot |1 )?nguoi (?:den|toi|qua)(?: tan)? nha"
    rf"(?: {_ME})?(?: (?:voi|nhe|nha|di|a))*"
)
_SPEAKERS = {"toi", "tui", "em", "co", "bac", "chu", "anh", "chi", "chau", "con", "minh"}
_PHONE = re.compile(r" 0\d(?: ?\d){8}$")  # "gọi cho tôi 09…"


def command(turn: Turn) -> str:
    """Give the name of the word that works everywhere, or nothing; courtesies around it are left out."""
    typed = _PHONE.sub("", fold(turn.text))
    if not typed:
        return ""
    if turn.talk.doing.startswith("guide ") and _labelled(turn, typed):
        return ""  # the step has a choice of that name
    if typed in _MEANT or turn.helped or turn.staff:  # who talks with a person says "thôi ạ" to that person
        return _MEANT.get(typed, "")
    if wants_somebody(turn):
        return "person"
    found = _POLITE.fullmatch(typed)
    if found is None or found["meant"] in _MEANT:
        return _MEANT.get(found["meant"], "") if found else ""
    put_off = " ".join(word for word in found["meant"].split() if word not in _SPEAKERS)
    return "pause" if _MEANT.get(put_off) == "pause" else ""  # "để mai bác làm"


def wants_somebody(turn: Turn) -> bool:
    """Say whether somebody asks in own words for a person, and not beside a question that has its answer."""
    if turn.talk.doing.startswith("form ") or (turn.found and turn.found.verdict == "answer"):
        return False
    return _SOMEBODY.fullmatch(fold(turn.text)) is not None


def _labelled(turn: Turn, typed: str) -> bool:
    here = f"@{turn.talk.context}"
    return any(fold(button.label) == typed and button.data.endswith(here) for button in turn.talk.offered)


_CALL = re.compile(r"\bgoi (?:dien |lai )?cho (?:toi|tui|em|bac|co|chu|anh|chi|chau|con|minh)\b|\bcall me\b")
_NUMBER = re.compile(r"(?<!\d)(?:\+?84|0)(?:[ .-]?\d){9,10}(?!\d)")


def wants_call(turn: Turn) -> bool:
    """Say whether somebody who asks for a person asks to be called."""
    return _CALL.search(fold(turn.text)) is not None


def phone(text: str) -> str:
    """Give the telephone number in the words as people here write it; nothing where there is none."""
    found = _NUMBER.search(text)
    digits = re.sub(r"\D", "", found[0]) if found else ""
    return f"0{digits[2:]}" if digits.startswith("84") else digits


def means(turn: Turn, name: str) -> bool:
    """Say whether the person typed this word that works everywhere, or pressed its button."""
    return command(turn) == name or pressed(turn) == (name, turn.talk.context)


def pressed(turn: Turn, *, loosely: bool = False) -> tuple[str, str] | None:
    """Give the chosen button as (name, context), pressed or typed; None for anything else.

    Loosely, words are enough that can mean only one of the labels.
    """
    event = turn.event
    if not isinstance(event, Incoming):
        return None
    if event.choice:
        name, _, context = event.choice.partition("@")
        return name, context
    if not event.text:
        return None
    offered = [(button.data, button.label) for button in turn.talk.offered]
    data = chosen(offered, event.text, turn.talk.letters)
    if data is None and loosely and not turn.talk.letters:
        data = meant(offered, event.text)
    if data is None:
        return None
    name, _, context = data.partition("@")
    return name, context


def past(turn: Turn) -> str:
    """Give the button of the question before that a lone sign means while nothing is open, or nothing."""
    talk = turn.talk
    if talk.doing or talk.offered:
        return ""
    typed = fold(turn.text).strip(" .)")
    signs = signs_of(len(talk.past), letters=talk.past_letters)
    return talk.past[signs.index(typed)].data if typed in signs else ""


def signs_of(how_many: int, *, letters: bool) -> list[str]:
    """Give what stands before so many choices: numbers, or letters where a digit is a value."""
    return [LETTERS[place] if letters else str(place + 1) for place in range(how_many)]


def chosen(offered: list[tuple[str, str]], text: str, letters: bool = False) -> str | None:
    """Give which of the offered (data, label) the words mean: by sign, by label, by a label typed badly.

    Where choices were lettered a digit is a value and never chooses.
    """
    typed = fold(text).strip(" .)")
    if not offered or not typed:
        return None
    for sign, (data, _label) in zip(signs_of(len(offered), letters=letters), offered, strict=True):
        if typed == sign:
            return data
    labels = [fold(label) for _, label in offered]
    same = [one for one, label in zip(offered, labels, strict=True) if typed == label]
    if len(same) > 1:  # "1.234" and "1,234" differ by their sign alone
        written = [one for one in same if one[1].strip() == text.strip()]
        return written[0][0] if written else None
    if same:
        return same[0][0]
    if len(typed) < 3 or (letters and typed[0].isdigit()):
        return None
    # A slip of the finger is one of letters: "tổ 12" is never "tổ 11" typed badly.
    marks = [fuzz.ratio(typed, label) if _figures(typed) == _figures(label) else 0 for label in labels]
    best = max(marks)
    if best >= CLOSE and marks.count(best) == 1:
        return offered[marks.index(best)][0]
    starts = [place for place, label in enumerate(labels) if label.startswith(typed + " ")]
    return offered[starts[0]][0] if len(starts) == 1 and " " in typed else None


def _figures(words: str) -> list[str]:
    return [word for word in words.split() if any(letter.isdigit() for letter in word)]


# --- words that are no label, but can mean only one of those offered ---

_DENIES = {"khong", "chua", "chang", "not", "never", "cannot", "cant", "dont", "doesnt", "didnt", "isnt"}
_ALONE = {"co", "roi", "xong", "duoc", "dung", "sai", "khong", "chua", "hieu", "thay", "yes", "no", "done"}
_PARTICLES = {"a", "ah", "nhe", "nha", "nhi", "oi", "ne"}
_FINISHED = {"xong", "xong roi", "xong luon", "xong luon roi", "da xong", "lam xong", "lam xong roi", "duoc roi",
             "on roi", "ok roi", "done", "finished", "it worked", "all done"}  # fmt: skip
_SUCCEEDS = {"xong", "roi", "duoc", "done", "works"}
_FIRST = re.compile(r"\s*([^,.;:!?\n]+?)\s*[,.;:!?)\n](?:\s+(.*))?", re.S)


def meant(offered: list[tuple[str, str]], text: str) -> str | None:
    """Give the one of the offered (data, label) that free words can mean; None where that is doubtful."""
    return _meant(offered, text, tokens) or _meant(offered, text, _named)


def _meant(offered: list[tuple[str, str]], text: str, read: Callable[[str], tuple[str, ...]]) -> str | None:
    labels = [_readings(label, read) for _, label in offered]
    first, _rest = parts(text)
    place = None
    if first:
        strict = chosen(offered, first)
        if strict is not None:
            return strict
        place = _all_of(read(first), labels)
        place = _finishing(read(first), labels) if place is None else place
    if place is None and not asks(text):
        place = _place(read(text), labels)
    return None if place is None else offered[place][0]


@lru_cache(LABELS)
def _readings(label: str, read: Callable[[str], tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Give the words of a label, and of each part of one such as "Rồi, chưa có tin nhắn"."""
    pieces = label.split(",")
    return (read(label), *(read(piece) for piece in pieces if len(pieces) > 1))


def parts(text: str) -> tuple[str, str]:
    """Part "2, but where is that?" into the answer and what follows it; nothing where there is no answer."""
    found = _FIRST.match(text)
    if found and (found[2] or "").strip():
        return found[1], found[2].strip()
    sign, _, rest = text.strip().partition(" ")
    return (sign, rest) if len(sign) == 1 and sign.isdigit() and rest and not asks(text) else ("", "")


def tokens(text: str) -> tuple[str, ...]:
    """Give the words with abbreviations spelt out and without accents."""
    return tuple(plain(word) for word in expand(_spoken(text)))


def _named(text: str) -> tuple[str, ...]:
    """Give the words with things of several names called by one: a laptop is a computer."""
    return tuple(plain(word) for word in synonyms(DEFAULT).replaced(expand(_spoken(text))))


def _spoken(text: str) -> tuple[str, ...]:
    # "Đừng" without accents reads "đúng", which is its opposite.
    said = tuple("không" if word == "đừng" else word for word in words(text))
    while len(said) > 1 and plain(said[-1]) in _PARTICLES:  # "a" there is ạ and not anh
        said = said[:-1]
    return said


def _place(typed: tuple[str, ...], labels: list[tuple[tuple[str, ...], ...]]) -> int | None:
    whole = [label[0] for label in labels]
    inside = [place for place, label in enumerate(whole) if _contains(typed, label)]
    if inside:
        longest = max(inside, key=lambda place: len(whole[place]))
        others = (whole[place] for place in inside if place != longest)
        return longest if all(set(other) < set(whole[longest]) for other in others) else None
    place = _all_of(typed, labels)
    place = _finishing(typed, labels) if place is None else place
    return _most_of(typed, whole) if place is None else place


def finished(text: str) -> bool:
    """Say whether words say that all is done, and nothing else."""
    return " ".join(tokens(text)) in _FINISHED


def _finishing(typed: tuple[str, ...], labels: list[tuple[tuple[str, ...], ...]]) -> int | None:
    """Find the way on for who says that all is done: it stands first, elsewhere «rồi» may be a mishap."""
    if " ".join(typed) not in _FINISHED:
        return None
    return 0 if [at for at, label in enumerate(labels) if _succeeds(label[0])] == [0] else None


def beyond(label: str, text: str) -> int:
    """Count the words that say more than a label does."""
    return len(set(tokens(text)) - set(tokens(label)))


def _succeeds(label: tuple[str, ...]) -> bool:
    return (label[:1] == ("da",) or bool(_SUCCEEDS & set(label))) and not _denies(label)


def _denies(said: tuple[str, ...]) -> bool:
    return bool(_DENIES & set(said))


def _contains(typed: tuple[str, ...], label: tuple[str, ...]) -> bool:
    """Say whether a label stands in the words: two of them at the beginning, three anywhere, none denied."""
    size = len(label)
    for at in range(len(typed) - size + 1):
        if typed[at : at + size] == label and size >= (2 if at == 0 else 3):
            return not _denies(typed[:at])
    return False


def _all_of(typed: tuple[str, ...], labels: list[tuple[tuple[str, ...], ...]]) -> int | None:
    """Find the only label that has all the words, and says no where they do."""
    if not typed or (len(typed) == 1 and typed[0] not in _ALONE):
        return None
    fits = [
        place
        for place, readings in enumerate(labels)
        if any(set(typed) <= set(one) and _denies(typed) == _denies(one) for one in readings)
    ]
    return fits[0] if len(fits) == 1 else None


def _most_of(typed: tuple[str, ...], labels: list[tuple[str, ...]]) -> int | None:
    """Find the label most of whose words were typed, if it leads clearly."""
    marks = []
    for label in labels:
        common = set(typed) & set(label)
        fair = len(common) >= 2 and len(typed) <= 2 * len(label) + 3
        alike = _denies(typed) == _denies(label)
        marks.append(len(common) / len(set(label)) if fair and alike else 0.0)
    best = max(marks, default=0.0)
    if best < SHARED or any(0 < best - mark < LEAD for mark in marks) or marks.count(best) > 1:
        return None
    return marks.index(best)


# --- small words ---

_ASKS_AT_END = re.compile(
    r"(?:\b(?:sao|bao nhieu|bao lau|the nao|ha|vay|nhi)|(?P<which>\b(?:gi|dau|nao|ai))"
    r"|(?<=\S )(?<!van )(?<!em )(?<!toi )(?<!bac )(?<!chau )(?:khong|chua))"
    r"(?: (?:a|ah|vay|the|nhi|chau|em|co|chi|anh|bac|chu|con|to so))*"
)
_ASKS_AT_FRONT = re.compile(
    r"(?:lam sao|tai sao|vi sao|sao lai|the nao|bao lau|bao nhieu|co phai|co can|how|what|where|when|why|who|which"
    r"|can|could|is|are|do i|does|should|may i)\b"
)


def asks(text: str) -> bool:
    """Say whether words have the shape of a question."""
    if not text:
        return False
    typed = " ".join(tokens(text))
    if text.rstrip().endswith("?") or _ASKS_AT_FRONT.match(typed):
        return True
    end = next((match for match in _ASKS_AT_END.finditer(typed) if match.end() == len(typed)), None)
    if end is None:
        return False
    # "không thấy đâu" says that it is not to be seen; "để ở đâu" asks.
    return not (end["which"] and re.search(r"\b(?:khong|chua|chang)\b", typed[: end.start()]))


_GREETING = re.compile(
    r"(?:(?:da|e|em|chau|con|co|bac|minh|toi) )?"
    r"(?:xin chao|chao|hello|hi|hey|helo|he lo|alo+|a lo|good (?:morning|afternoon|evening))"
    r"(?: (?:hello|hi|alo+|a lo))*"
    r"(?: (?:ban|em|anh|chi|co|chu|bac|chau|ad|admin|bot|a|ah|nhe|oi|to so|tro ly|there|moi nguoi|ca nha|cac ban"
    r"|buoi (?:sang|trua|chieu|toi)))*"
    r"|(?:alo )?(?:to so|bot|ad|admin|em|chau|ban|anh|chi|co|chu|bac) (?:oi|dau roi|oi oi)"
    r"|co ai(?: (?:o day|o do|truc|nghe|tra loi))?(?: may| day| do)?(?: (?:khong|ko|k))(?: (?:a|vay|the|chau|em))*"
    r"|co ai (?:o day|o do|truc|nghe|tra loi)(?: may| day| do)?"
    r"|(?:is )?(?:any(?:one|body)|someone) (?:there|here)"
    r"|(?:ban|to so|bot|em) (?:co )?khoe khong|how are you(?: today)?"
)
_THANKS = re.compile(
    r"(?:(?:da|vang|ok|oke|duoc|em|chau|con|co|bac|toi|minh|xin|roi|tot qua|hay qua) )*"
    r"(?:cam on|cam own|thanks|thank you|thank u|thank kiu|thanks kiu|tks|thks|many thanks|camon)"
    r"(?: (?:nhieu|b|ban|em|anh|chi|co|chau|con|bac|chu|ad|admin|bot|a|ah|nhe|nha|nghe|nghen|hen|luon|qua|ca nha"
    r"|cac ban|moi nguoi|to so|lam|rat|da|vi|giup|giup do|tra loi|huong dan|very much|so much|a lot"
    r"|for (?:the |your )?help(?:ing)?(?: me)?))*"
)


def greets(turn: Turn) -> bool:
    """Say whether it is a greeting and nothing else."""
    return bool(_GREETING.fullmatch(fold(turn.text)))


def thanks(turn: Turn) -> bool:
    """Say whether it is a word of thanks and nothing else."""
    return bool(_THANKS.fullmatch(fold(turn.text)))


_YES = {"co", "u", "uh", "um", "ok", "oke", "okay", "duoc", "dong y", "vang", "da", "da vang", "dung", "dung roi",
        "nhat tri", "gui", "gui di", "gui giup", "cu gui", "chuyen", "chuyen di", "chuyen giup", "lam di", "cu lam",
        "phai", "phai roi", "the thi tot qua", "yes", "y", "yeah", "sure", "yes please", "all right",
        "i agree"}  # fmt: skip
_NO = {"khong", "ko", "k", "hong", "thoi", "khong can", "khong dau", "thoi khong can", "khong dong y", "de sau",
       "no", "n", "nope", "no thanks", "no thank you"}  # fmt: skip
_COURTESY = re.compile(
    r"(?:da )?(?P<said>.+?)(?: (?:a|ah|di|voi|nhe|nha|nghe|em|chau|con|ban|luon|roi|oi|to so|(?:giup|cho|ho)"
    r" (?:toi|tui|em|chau|con|minh|ba|ong|bac|co|chu|anh|chi)))*"
)
_AGREES = re.compile(r"(?:u|uh|um|vang|ok|oke|duoc|dong y|da|yes|sure) (?P<said>.+)")  # "ừ gửi đi cháu"


def yes(turn: Turn) -> bool:
    """Say whether a bare word agrees, or two of them."""
    said = fold(turn.text)
    again = _AGREES.fullmatch(said)
    return bool({said, _bare(said), _bare(again["said"]) if again else ""} & _YES)


def no(turn: Turn) -> bool:
    """Say whether a bare word declines."""
    return bool({fold(turn.text), _bare(fold(turn.text))} & _NO)


def _bare(said: str) -> str:
    found = _COURTESY.fullmatch(said)
    return found["said"] if found else ""
