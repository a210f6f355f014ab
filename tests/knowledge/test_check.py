"""What the checker refuses, and how it says so."""

from __future__ import annotations

import shutil
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from bot.fault_words import told
from bot.wording import Wording
from knowledge.check import Problem, check, copied

SAMPLE = Path(__file__).parent / "topics-sample"
TODAY = date(2026, 11, 21)
LONG_SENTENCE = "Thẻ " + "dùng tại quầy " * 7 + "thôi."


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "topics"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_the_sample_has_no_problem() -> None:
    assert check(SAMPLE, TODAY, release=True) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: library.card", "id: library.other", 2, '"id" is not the file\'s name'),
        ("  - dk the thu vien\n", "", 4, "there are 7 questions"),
        ("dk the thu vien", "Làm the thu viện, ở đâu?", 12, '"Làm the thu viện, ở đâu?" is already asked'),
        ("dk the thu vien", "mất thẻ thư viện", 5, "is already asked in library.card.md, line 12"),
        ("dk the thu vien", "thẻ của {you} đâu", 12, "a placeholder stands in a title or question"),
        ("checked: 2026-11-01", "checked: 2026-12-01", 14, '"checked" is in the future'),
        ("expires: 2027-05-01", "expires: 2026-10-01", 15, '"expires" is before "checked"'),
        ("owner:", "editor: Minh\nowner:", 13, '"editor" is not a known field'),
        ("owner: Thư viện xã", "owner: Thư viện xã\nowner: Xã", 14, '"owner" stands twice'),
        (
            "sources:\n  - title: Nội quy thư viện xã Mẫu, Điều 3\n    url: https://thuvien.example.gov.vn/noi-quy\n"
            '    holds: ["Đăng ký thẻ"]\n',
            "",
            16,
            '"sources" is missing',
        ),
        ("    url: https://thuvien.example.gov.vn/noi-quy\n", "", 17, 'a source is not "title" and "url"'),
        ("url: https://thuvien.example.gov.vn/noi-quy", "url: noi-quy", 16, '"noi-quy" is not an address'),
        ("Thẻ thư viện làm", "Thẻ. " * 90 + "Thẻ thư viện làm", 21, "the paragraph has"),
        ("Cầm sẵn", "Cầm ngay. " * 40 + "Cầm sẵn", 28, "the step has"),
        ("[Có đủ rồi]", "[Có đủ hết các giấy tờ rồi nhé]", 31, "the label has 29 characters"),
        ("[Có đủ rồi]", "[Thiếu giấy tờ]", 28, "two choices are called the same"),
        ("- [Có đủ rồi](#desk)", "- [Có đủ rồi](#counter)", 31, 'there is no step "#counter"'),
        ("(library.lost)", "(library.found)", 55, 'there is no topic "library.found"'),
        ("(#missing)", "(#desk)", 51, 'nobody reaches the step "missing"'),
        ("(done)", "(help)", 28, "the guide never ends well"),
        ("- [Nhận được thẻ](done)\n- [Tên bị sai](#desk)\n", "", 44, "the step has 1 choices"),
        (
            "- [Tên bị sai](#desk)\n- [Nhờ tổ công nghệ số](help)",
            "- [Ký rồi](done)",
            44,
            "the last step lacks done or",
        ),
        (
            "- [Thẻ của tôi bị mất](library.lost)",
            "- [A](help)\n- [B](help)\n- [C](help)",
            51,
            "the step has 5 choices",
        ),
        ("title: Làm", "code: T05\ntitle: Làm", 3, "a guide has no code of its own"),
        ("code=T02", "code=T1", 35, '"T1" is no code'),
        ("owner: Thư viện xã", "desk: có\nowner: Thư viện xã", 13, '"desk" is not true or false'),
        ("code=T02", "code=T02 desk", 35, 'the step "desk" does not send to the commune\'s desk'),
        ("code=T02", "code=T01", 35, "the code T01 is also used in library.card.md"),
        ("code=T02", "code=T11", 23, "the code T11 is also used in library.card.md"),
        ("{#take ", "{#Take_It ", 44, '"Take_It" is no step id'),
        ("{#take ", "{#end ", 44, '"end" is no step id'),
        ("{#take ", "{#desk ", 44, 'the step "desk" stands twice'),
        ("Kiểm tra tên in trên thẻ rồi ký nhận.\n", "", 44, "the step has no text"),
        ("Kiểm tra tên", "{name} kiểm tra tên", 45, "the placeholder {name} is not known here"),
        ("Kiểm tra tên", "*Kiểm tra* tên", 45, "only **bold** and bare https:// links"),
        ("Kiểm tra tên", "Xem http://thuvien.example.vn tên", 45, "only **bold** and bare https:// links"),
        ("Kiểm tra tên", "Vui lòng kiểm tra tên", 45, '"vui lòng" is never said'),
        ("Kiểm tra tên", "Đường dẫn này an toàn", 45, '"an toàn" is never said'),
        ("Kiểm tra tên", "Cán bộ xã sẽ gọi", 45, '"cán bộ xã sẽ gọi" is never said'),
        ("Kiểm tra tên", f"{LONG_SENTENCE} Kiểm tra tên", 45, "has 23 tiếng"),
        ("Không có thẻ", unicodedata.normalize("NFD", "Không có thẻ"), 26, "the letters are not composed"),
        ("- [Có đủ rồi](#desk)", "- Có đủ rồi", 31, "the choice has no target"),
        ("- [Nhận được thẻ]", "- [Nhận được thẻ](done)\nKý.\n- [X]", 48, "words stand below the choices"),
        ("Thẻ dùng được", "- [Đi tiếp](#desk)\n\nThẻ dùng được", 24, "a choice stands outside a step"),
    ],
)
def test_a_bad_topic_is_refused_with_its_line(
    topics: Path, old: str, new: str, line: int, message: str
) -> None:
    change(topics / "vi" / "library.card.md", old, new)
    found = [p for p in check(topics, TODAY) if p.severity == "error" and message in p.message]
    assert [p.line for p in found] == [line], [str(p) for p in check(topics, TODAY)]


@pytest.mark.parametrize(
    "words",
    [
        "Bấm **Từ chối** để thoát.",
        "Trang của Cục An toàn thông tin, liên kết ở dưới.",
        "{You} xem ba chỗ: tên in trên mặt thẻ có đúng không, ngày sinh có đúng không, ảnh có rõ mặt không.",
        "Được{dear}. Gọi 1900.0368 hoặc xem https://thuvien.example.gov.vn rồi làm theo.",
    ],
)
def test_good_words_are_left_alone(topics: Path, words: str) -> None:
    change(topics / "vi" / "library.card.md", "holds: [", 'holds: ["Từ chối", "1900.0368", ')
    change(topics / "vi" / "library.card.md", "Không có thẻ vẫn đọc được tại chỗ.", words)
    assert check(topics, TODAY) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("code=T02", "code=T22", 31, 'the code of "desk" is T02 in Vietnamese'),
        ("(#take)", "(#missing)", 31, 'the choices of "desk" lead elsewhere'),
        ("code=T02", "code=T02 desk", 31, '"desk" is not marked with desk in Vietnamese'),
        ("owner: Commune", "desk: true\nowner: Commune", 13, '"desk" is missing in the Vietnamese topic'),
        ("{#desk ", "{#counter ", 24, "the steps are not those of the Vietnamese topic"),
        ("Hold your", "{You} hold your", 25, "the placeholder {You} is not known here"),
    ],
)
def test_a_translation_that_differs_is_refused(
    topics: Path, old: str, new: str, line: int, message: str
) -> None:
    change(topics / "en" / "library.card.md", old, new)
    found = [p for p in check(topics, TODAY) if message in p.message]
    assert [p.line for p in found] == [line], [str(p) for p in check(topics, TODAY)]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("T1", '"T1" is no code'),
        ("T01", "the code T01 is also used in library.card.md, line"),
        ("T05", '"code" is missing in the Vietnamese topic'),
    ],
)
def test_a_bad_code_of_an_answer_is_refused(topics: Path, code: str, message: str) -> None:
    for lang in ("vi", "en") if code != "T05" else ("en",):
        change(topics / lang / "library.lost.md", "questions:", f"code: {code}\nquestions:")
    found = [p for p in check(topics, TODAY) if message in p.message]
    assert {p.line for p in found} == {4}, [str(p) for p in check(topics, TODAY)]


def test_an_answer_may_have_a_code(topics: Path) -> None:
    for lang in ("vi", "en"):
        change(topics / lang / "library.lost.md", "questions:", "code: T05\nquestions:")
    assert [str(p) for p in check(topics, TODAY) if "code" in p.message] == []


def test_a_translation_of_nothing_is_refused(topics: Path) -> None:
    (topics / "vi" / "sport.field.md").unlink()
    assert [str(p) for p in check(topics, TODAY)] == [
        f"{topics}/en/sport.field.md, line 1: there is no Vietnamese topic of that name. "
        "Write it first; it is what others are translated from."
    ]


def test_a_circle_without_a_way_out_is_refused(topics: Path) -> None:
    path = topics / "vi" / "sport.field.md"
    text = path.read_text().replace("(help)", "(#call)").replace("(done)", "(#pay)").replace("T12", "T12")
    path.write_text(text)
    messages = [p.message for p in check(topics, TODAY) if p.path == path]
    assert 'the step "call" only leads round in a circle' in messages
    assert 'the step "pay" only leads round in a circle' in messages


@pytest.mark.parametrize(("release", "severity"), [(True, "error"), (False, "warning")])
def test_an_expired_topic_stops_only_a_release(topics: Path, release: bool, severity: str) -> None:
    found = check(topics, date(2027, 5, 2), release=release)
    assert {(p.message, p.severity) for p in found} == {("the topic expired on 2027-05-01", severity)}
    assert len(found) == 6
    assert check(topics, date(2027, 5, 1), release=True) == []


def test_an_unreadable_file_hides_no_other_problem(topics: Path) -> None:
    (topics / "vi" / "library.card.md").write_bytes(b"\xff\xfe nothing")
    (topics / "vi" / "library.lost.md").write_text("no front matter")
    change(topics / "vi" / "sport.field.md", "T11", "T9")
    messages = [(p.path.name, p.message) for p in check(topics, TODAY) if p.path.parent.name == "vi"]
    assert ("library.card.md", "the file is not UTF-8") in messages
    assert ("library.lost.md", "the front matter is missing") in messages
    assert ("sport.field.md", '"T9" is no code') in messages


def test_a_file_outside_the_languages_is_refused(topics: Path) -> None:
    (topics / "notes.md").write_text("later")
    assert [p.message for p in check(topics, TODAY)] == ["the file stands in no language"]


def test_a_problem_says_where_what_and_what_to_do() -> None:
    path = Path("knowledge/topics/vi/idcard.lost.md")
    problem = Problem(path, 7, '"sources" is missing', "Name the law.")
    assert str(problem) == f'{path}, line 7: "sources" is missing. Name the law.'


def test_a_question_copied_from_the_test_questions_is_found(topics: Path) -> None:
    found = copied(topics, ["DK thẻ thư viện??", "where do I get bread"])
    assert [(p.path.name, p.line) for p in found] == [("library.card.md", 12)]
    assert copied(topics, ["thẻ thư viện"]) == []


def test_a_problem_is_told_in_the_readers_language_with_its_values(tmp_path: Path) -> None:
    folder = tmp_path / "topics" / "vi"
    folder.mkdir(parents=True)
    (folder / "a.b.md").write_text("---\nid: a.b\ntitle: 12\nquestions: [một]\n---\nGọi 1022.\n", "utf-8")
    wording = Wording()
    said = [wording.word(told(one), "vi") for one in check(folder.parent, date(2026, 11, 20))]
    assert f'{folder / "a.b.md"}, dòng 3: "title" phải là chữ. Gọi tên việc trong vài chữ.' in said
    assert any("mới có 1 câu hỏi. Viết ít nhất 8 câu" in one for one in said)
    assert any("chưa nguồn nào ghi số 1022. Ghi thêm vào" in one for one in said)
    for one in check(folder.parent, date(2026, 11, 20)):
        assert wording.word(told(one), "en") == str(one)
