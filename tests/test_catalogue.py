"""The catalogues hold every sentence of the code, and speak as the office wants to be heard."""

from __future__ import annotations

import ast
import re
import string
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.wording import read_catalogue
from knowledge.check import LONGEST_LABEL, LONGEST_SENTENCE, NEVER, SENTENCE_END, SYLLABLE
from knowledge.languages import LANGUAGES

HOUSE = Path(__file__).parents[1]
SOURCES = [path for room in ("knowledge", "handlers", "bot") for path in sorted((HOUSE / room).rglob("*.py"))]
ADDRESSES = {"you", "You", "dear"}
POLITE = re.compile(r"\b(ạ|nhé)\b", re.I)
SELF = re.compile(r"(^|[.!?,;:]\s*)(tôi|mình|em) (sẽ|đã|đang|chưa|không|xin|hiểu|biết|giúp|là)\b", re.I)


class Sentence(NamedTuple):
    """A msgid, and where it stands."""

    where: str
    msgid: str


def sentences(tree: ast.AST, where: str) -> Iterator[Sentence]:
    """Every call of _("…"), wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
            yield Sentence(f"{where}:{node.lineno}", literal(node.args[0], f"{where}:{node.lineno}"))


def labels(tree: ast.AST, where: str) -> Iterator[Sentence]:
    """The sentence of every Choice("name", _("label"))."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Choice":
            given = [*node.args[1:2], *(word.value for word in node.keywords if word.arg == "label")]
            for label in given:
                yield from sentences(label, where)


def literal(node: ast.expr, where: str) -> str:
    assert isinstance(node, ast.Constant), f"{where}: a msgid is written out, so that it can be found"
    assert isinstance(node.value, str), where
    return node.value


TREES = [(ast.parse(path.read_text("utf-8")), str(path.relative_to(HOUSE))) for path in SOURCES]
CODE = [found for tree, where in TREES for found in sentences(tree, where)]
MSGIDS = {found.msgid for found in CODE}
LABELS = {found.msgid for tree, where in TREES for found in labels(tree, where)}
CATALOGUES = {
    lang: {str(entry.id): str(entry.string) for entry in read_catalogue(lang) if entry.id}
    for lang in LANGUAGES
    if lang != "en"  # it stands in the code
}
VIETNAMESE = CATALOGUES["vi"]


def placeholders(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _how in string.Formatter().parse(sentence) if name is not None}


def syllables(sentence: str) -> int:
    """Count syllables; what a placeholder stands for counts as one."""
    return len(SYLLABLE.findall(re.sub(r"\{dear\}", "", sentence)))


def too_long(words: str) -> list[str]:
    return [part.strip() for part in SENTENCE_END.split(words) if part and syllables(part) > LONGEST_SENTENCE]


def misplaced(msgid: str, said: str) -> Iterator[str]:
    """What differs in the placeholders, those of address apart."""
    strange = placeholders(said) - placeholders(msgid) - ADDRESSES
    lost = placeholders(msgid) - placeholders(said) - ADDRESSES
    if strange or lost:
        yield f"placeholders: {sorted(strange)} are not in the msgid, {sorted(lost)} are lost"


def faults(msgid: str, vietnamese: str) -> Iterator[str]:
    """What is wrong with a translation."""
    if not vietnamese.strip():
        yield "no translation"
        return
    if unicodedata.normalize("NFC", vietnamese) != vietnamese:
        yield "not NFC"
    yield from misplaced(msgid, vietnamese)
    for never, instead in NEVER.items():
        if re.search(never, vietnamese, re.I):
            yield f"never say “{never}”. {instead}"
    if SELF.search(vietnamese):
        yield "the bot calls itself Tổ Số"
    if "miễn phí" in vietnamese.casefold():
        yield "“miễn phí” needs a source, so it belongs to a topic"
    for part in too_long(vietnamese):
        yield f"{syllables(part)} tiếng: {part}"
    if len(POLITE.findall(vietnamese)) > 1:
        yield "one ạ or nhé is plenty"
    if vietnamese.count("**") % 2:
        yield "** that does not close"


def test_every_sentence_of_the_code_has_its_vietnamese() -> None:
    assert [f"{found.where}: {found.msgid}" for found in CODE if not VIETNAMESE.get(found.msgid)] == []


def test_no_sentence_is_left_that_nobody_says_any_more() -> None:
    assert {lang: said.keys() - MSGIDS for lang, said in CATALOGUES.items() if said.keys() - MSGIDS} == {}


def test_every_catalogue_keeps_the_placeholders() -> None:
    for lang, said in CATALOGUES.items():
        assert [(lang, m, f) for m, words in said.items() if words for f in misplaced(m, words)] == []


def test_every_catalogue_belongs_to_a_language() -> None:
    assert {path.parent.parent.name for path in HOUSE.glob("locales/*/LC_MESSAGES/*.po")} == set(CATALOGUES)


def test_the_vietnamese_sentences_are_as_they_should_be() -> None:
    wrong = [f"{m!r}\n    {v!r}\n    {fault}" for m, v in VIETNAMESE.items() for fault in faults(m, v)]
    assert not wrong, "\n".join(wrong)


def test_english_speaks_to_nobody_by_a_form_of_address() -> None:
    assert [msgid for msgid in MSGIDS if placeholders(msgid) & ADDRESSES] == []


def test_labels_fit_on_a_button() -> None:
    long = [
        f"{len(words)} letters: {words}"
        for msgid in LABELS
        for words in (msgid, VIETNAMESE.get(msgid, ""))
        if len(words) > LONGEST_LABEL and not placeholders(words)
    ]
    assert long == []
    assert LABELS


@pytest.mark.parametrize(
    ("msgid", "vietnamese"),
    [
        ("Done.", ""),
        ("Done.", "Xong nhe\u0301."),  # an accent that is a sign of its own
        ("Done, {name}.", "Xong rồi."),
        ("Done.", "Xong, {name}."),
        ("Please choose.", "Vui lòng chọn."),
        ("You are a user.", "Người dùng mới."),
        ("We will help.", "Tôi sẽ giúp."),
        ("It is free.", "Việc này miễn phí."),
        ("The link is fine.", "Đường dẫn này an toàn."),
        ("Done.", "Xong rồi nhé. Chào bác ạ."),
        ("Done.", "Bấm **Gửi."),
        ("Long.", "một hai ba bốn năm sáu bảy tám chín mười " * 2 + "và thêm nữa."),
    ],
)
def test_a_wrong_translation_is_found(msgid: str, vietnamese: str) -> None:
    assert list(faults(msgid, vietnamese))


def test_a_good_translation_is_let_through() -> None:
    assert list(faults("Done{dear}. {n} left.", "Được{dear}. {You} còn {n} bước, cứ thong thả nhé.")) == []


def test_sentences_are_found_wherever_they_stand() -> None:
    code = 'A = ((_("one"),), {"k": _("two")})\nB = Choice("x", _("three"))\nC = Choice("y", label=_("four"))'
    tree = ast.parse(code)
    assert {found.msgid for found in sentences(tree, "a.py")} == {"one", "two", "three", "four"}
    assert [found.msgid for found in labels(tree, "a.py")] == ["three", "four"]
    with pytest.raises(AssertionError, match=r"a\.py:1: a msgid is written out"):
        list(sentences(ast.parse("_(words)"), "a.py"))
