"""Whom a request is for: oneself, somebody of the family or a neighbour, whose village decides where it goes.

It is asked once, where the words or the guide speak of somebody and it is not clear who; never where the words say it.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from handlers import answers, forms, profile
from handlers.forms import Checked, Question
from handlers.records.requests import Whom
from handlers.text import Text, _
from handlers.turn import Choice, Turn
from knowledge.folding import fold

ME, FAMILY, NEIGHBOUR = (
    Choice("for-me", _("For myself")),
    Choice("for-family", _("For my family")),
    Choice("for-neighbour", _("For a neighbour")),
)
SAME = Choice("same-place", _("Where I live"))
MEANS: dict[str, Whom] = {FAMILY.name: "family", NEIGHBOUR.name: "neighbour"}
TOLD: dict[Whom, Text] = {"family": _("• For somebody of the family"), "neighbour": _("• For a neighbour")}
OF_OTHERS = {
    "vneid.elderly-no-smartphone",
    "vneid.dependants",
    "idcard.child",
}  # guides read for somebody else

_MINE = r"(?:toi|tui|em|chau|minh|nha (?:toi|em|minh|chau)|cua (?:toi|em|minh|chau))"
_FAMILY = re.compile(
    rf"\b(?:ba|me|ma|bo|cha|ong|cu|vo|chong|con trai|con gai|anh trai|chi gai|em trai|em gai) {_MINE}\b"
    r"|\b(?:ba|ong) (?:noi|ngoai)\b|\b(?:bo me|cha me|ong ba|nguoi nha)\b"
    r"|\bmy (?:mother|mum|mom|father|dad|parents?|grand\w+|wife|husband|son|daughter|aunt|uncle|sister|brother)\b"
)
# "Ông hàng xóm bảo xóa đi" speaks of whom one heard it from.
_NEIGHBOUR = re.compile(
    r"\b(?:hang xom|lang gieng|nguoi cung xom|nha ben canh|neighbou?rs?)\b"
    r"(?! (?:\w+ )?(?:bao|noi|chi|ke|xui|khuyen|day|said|says|told|tells)\b)"
)
_SOMEBODY = re.compile(
    r"\b(?:ba cu|cu ba|cu ong|ong cu|nguoi gia|nguoi lon tuoi|nguoi cao tuoi|an? (?:old|elderly) \w+)\b"
    r"|\b(?:cho|giup|cua|ho) (?:ba|ong|me|bo|cu)\b|\b(?:ba|ong|me|bo|cu) (?:quen|ko|khong|chua|bi|muon|can|khong)\b"
)


# Without accents "mà tôi", "máy cũ của tôi", "nó cứ bị" read as a mother, an old man and another one.
_NOT_KIN = re.compile(r"\b(?:mà|mã|mả|bỏ|bó|bộ|cũ|củ|cứ|vỡ|vô|vờ|vở|chả|chà)\b")
_UNACCENTED = re.compile(
    r"(?<!cho )(?<!giup )(?<!cua )(?<!^)\bma(?= (?:toi|tui|em|minh)\b)|\bcu(?= cua\b)|(?<=no )cu\b"
)


def _read(text: str) -> str:
    """Give words without accents, and without those that only then look like somebody of a family."""
    if text.isascii():
        return _UNACCENTED.sub("…", fold(text))
    return fold(_NOT_KIN.sub("…", unicodedata.normalize("NFC", text).lower()))


def named(text: str) -> str:
    """Give whom words name clearly, by the choice's name; nothing where they name nobody so."""
    words = _read(text)
    if _NEIGHBOUR.search(words):
        return NEIGHBOUR.name
    return FAMILY.name if _FAMILY.search(words) else ""


def _said(turn: Turn) -> str:
    """Give whom the words name: a choice's name, "somebody" where that is not clear, nothing where they name nobody."""
    words = turn.talk.kept.get("words", "")
    if clear := named(words):
        return clear
    read = _read(words)
    if own := _own(turn):
        read = re.sub(rf"\b{own}\b", "toi", read)
    somebody = _SOMEBODY.search(read) or turn.talk.kept.get("topic") in OF_OTHERS
    return "somebody" if somebody else ""


def _own(turn: Turn) -> str:
    """Give what an elder calls themselves, without accents: a "bà" in their words is no other one."""
    own = fold(turn.person.address)
    return own if own in ("ba", "ong") else ""


def of(turn: Turn) -> Whom:
    """Give whom the open form is for; nothing for oneself."""
    return MEANS.get(turn.talk.kept.get("whom") or _said(turn), "")


def _answer(turn: Turn, text: str) -> Checked:
    chosen = forms.one_of(ME.name, FAMILY.name, NEIGHBOUR.name)(turn, text)
    if isinstance(chosen, str):
        return chosen
    said = fold(text)
    own = _own(turn)
    if said in ("toi", "em", "minh", "cho toi", "me", "for me", "myself") or (
        own and said in (own, f"cho {own}")
    ):
        return ME.name
    if _NEIGHBOUR.search(said):
        return NEIGHBOUR.name
    return FAMILY.name if _FAMILY.search(said) or said in ("ba", "ong", "me", "bo", "vo", "chong") else None


QUESTION = Question(
    "whom",
    ask=lambda turn: _("For whom is this?"),
    check=_answer,
    otherwise=_("Please choose one of these."),
    choices=lambda turn: (ME, FAMILY, NEIGHBOUR),
    needed=lambda turn: _said(turn) == "somebody",
)


def _place(turn: Turn, text: str) -> Checked:
    pressed = answers.pressed(turn, loosely=True)
    if pressed and pressed[0] == SAME.name and turn.person.commune:
        turn.change(kept={**turn.talk.kept, "village": turn.person.village})
        return turn.person.commune
    return profile.commune(turn, text)


def _where(turn: Turn) -> Text:
    if of(turn):
        return _("Which ward or commune, and which village, do they live in? Their place, not yours.")
    return profile.COMMUNE_QUESTION.ask(turn)


PLACE = msgspec.structs.replace(
    profile.COMMUNE_QUESTION,
    ask=_where,
    check=_place,
    choices=lambda turn: (SAME,) if of(turn) and turn.person.commune else (),
)
