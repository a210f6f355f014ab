"""What counts as an answer: the one place that understands a number, a label, or a label typed badly."""

from __future__ import annotations

from rapidfuzz import fuzz

from handlers.talk import Incoming
from handlers.turn import Turn
from knowledge.folding import fold

LETTERS = "abcdefghijkl"
CLOSE = 86  # of 100: how like a label typed words must be

# Words that mean the same everywhere, without their accents; the first of each is the name in the code.
COMMANDS: dict[str, tuple[str, ...]] = {
    "menu": ("menu", "trang dau", "ve dau", "help", "tro giup", "bat dau", "start", "hi menu"),
    "stop": ("huy", "huy bo", "thoi", "dung lai", "bo di", "thoat", "cancel", "stop", "quit", "thoi khong lam nua"),
    "person": ("nguoi that", "gap nguoi", "gap nguoi that", "nhan vien", "nho nguoi", "nho to", "nho to so",
               "nho to cong nghe so", "a person", "person", "human", "real person", "talk to a person"),
    "back": ("quay lai", "lui lai", "tro lai", "buoc truoc", "back", "go back"),
    "pause": ("tam dung", "nghi da", "de sau", "de mai", "pause", "later"),
    "resume": ("tiep tuc", "lam tiep", "tiep", "continue", "resume", "go on"),
    "more": ("xem them", "them", "chi tiet", "more", "tell me more"),
    "source": ("nguon", "nguon o dau", "can cu", "source", "sources"),
    "privacy": ("rieng tu", "quyen rieng tu", "bao mat thong tin", "privacy"),
    "data": ("du lieu cua toi", "thong tin cua toi", "xem du lieu", "my data"),
    "export": ("xuat du lieu", "tai du lieu", "export my data", "export"),
    "erase": ("xoa du lieu", "xoa thong tin cua toi", "xoa het du lieu", "delete my data", "erase my data"),
    "requests": ("yeu cau cua toi", "yeu cau", "viec toi nho", "den dau roi", "my requests"),
    "cases": ("viec cua toi", "viec", "hang doi", "my work", "queue"),
    "report": ("bao cao", "gui bao cao", "lam bao cao", "nop bao cao", "report", "file report"),
    "situation": ("tinh hinh", "viec cham", "xem phan cham", "overview"),
    "vietnamese": ("tieng viet", "vietnamese"),
    "english": ("tieng anh", "english", "in english"),
    "commune": ("doi xa", "doi phuong", "doi xa phuong", "xa cua toi", "phuong cua toi", "change commune"),
}  # fmt: skip
_MEANT = {phrase: name for name, phrases in COMMANDS.items() for phrase in phrases}


def command(turn: Turn) -> str:
    """Give the name of the word that works everywhere, or nothing."""
    return _MEANT.get(fold(turn.text), "")


def means(turn: Turn, name: str) -> bool:
    """Say whether the person typed this word that works everywhere, or pressed its button."""
    return command(turn) == name or pressed(turn) == (name, turn.talk.context)


def pressed(turn: Turn) -> tuple[str, str] | None:
    """Give the chosen button as (name, context), pressed or typed; None for anything else."""
    event = turn.event
    if not isinstance(event, Incoming):
        return None
    if event.choice:
        name, _, context = event.choice.partition("@")
        return name, context
    if not event.text:
        return None
    data = chosen(
        [(button.data, button.label) for button in turn.talk.offered], event.text, turn.talk.letters
    )
    if data is None:
        return None
    name, _, context = data.partition("@")
    return name, context


def chosen(offered: list[tuple[str, str]], words: str, letters: bool = False) -> str | None:
    """Give which of the offered (data, label) the words mean: by sign, by label, by a label typed badly.

    Where choices were lettered a digit is a value and never chooses.
    """
    typed = fold(words).strip(" .)")
    if not offered or not typed:
        return None
    signs = LETTERS[: len(offered)] if letters else [str(place + 1) for place in range(len(offered))]
    for sign, (data, _) in zip(signs, offered, strict=False):
        if typed == sign:
            return data
    labels = [fold(label) for _, label in offered]
    for label, (data, _) in zip(labels, offered, strict=True):
        if typed == label:
            return data
    if len(typed) < 3 or (letters and typed[0].isdigit()):
        return None
    marks = [fuzz.ratio(typed, label) for label in labels]
    best = max(marks)
    if best >= CLOSE and marks.count(best) == 1:
        return offered[marks.index(best)][0]
    starts = [place for place, label in enumerate(labels) if label.startswith(typed + " ")]
    return offered[starts[0]][0] if len(starts) == 1 and " " in typed else None


def yes(turn: Turn) -> bool:
    """Say whether a bare word agrees."""
    return fold(turn.text) in {
        "co",
        "u",
        "uh",
        "ok",
        "oke",
        "duoc",
        "dong y",
        "vang",
        "da",
        "yes",
        "y",
        "sure",
    }


def no(turn: Turn) -> bool:
    """Say whether a bare word declines."""
    return fold(turn.text) in {"khong", "ko", "k", "thoi", "khong can", "no", "n", "nope"}
