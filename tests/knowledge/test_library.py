"""Topics as files, and as what conversations use."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import msgspec
import pytest

from bot.shelf import Bookcase
from knowledge.library import Library, Topic, Unreadable, gather, load

SAMPLE = Path(__file__).parent / "topics-sample"


@pytest.fixture(scope="module")
def library() -> Library:
    return load(SAMPLE)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLE, tmp_path / "topics"))


def test_a_topic_is_read_with_all_its_parts(library: Library) -> None:
    topic = library.topic("library.card", "vi")
    assert topic is not None
    assert (topic.id, topic.lang, topic.title) == ("library.card", "vi", "Làm thẻ thư viện")
    assert topic.questions[-1] == "dk the thu vien"
    assert (topic.owner, topic.checked, topic.expires) == ("Thư viện xã", date(2026, 11, 1), date(2027, 5, 1))
    assert topic.sources[0].url == "https://thuvien.example.gov.vn/noi-quy"
    assert topic.answer.endswith("Mang theo thẻ căn cước, trẻ em đi cùng người lớn.")
    assert topic.more[1] == "Không có thẻ vẫn đọc được tại chỗ."
    assert [step.id for step in topic.steps] == ["papers", "desk", "take", "missing"]


def test_paragraphs_of_a_step_are_parted_by_a_line_break(library: Library) -> None:
    topic = library.topic("library.card", "vi")
    assert topic
    desk = topic.step("desk")
    assert desk
    assert desk.text.splitlines()[1] == "Người trực chụp ảnh ngay tại quầy."


def test_two_choices_of_one_target_have_two_names(library: Library) -> None:
    topic = library.topic("library.card", "vi")
    assert topic
    desk = topic.step("desk")
    assert desk
    assert [(o.name, o.kind, o.target) for o in desk.options] == [
        ("take", "step", "take"),
        ("help", "help", "help"),
        ("help-2", "help", "help"),
    ]
    option = desk.option("help-2")
    assert option
    assert option.label == "Máy báo lỗi"
    assert desk.option("gone") is None


@pytest.mark.parametrize(
    ("step", "position", "shortest", "longest"),
    [("papers", 1, 2, 2), ("desk", 2, 1, 1), ("take", 3, 0, 0), ("missing", 2, 3, 3)],
)
def test_a_step_knows_how_many_are_left(
    library: Library, step: str, position: int, shortest: int, longest: int
) -> None:
    topic = library.topic("library.card", "vi")
    assert topic
    found = topic.step(step)
    assert found
    assert (found.position, found.shortest_left, found.longest_left) == (position, shortest, longest)


@pytest.mark.parametrize(
    ("topic", "straight"), [("sport.field", True), ("library.card", False), ("library.lost", False)]
)
def test_only_a_guide_without_branches_is_straight(library: Library, topic: str, straight: bool) -> None:
    found = library.topic(topic, "vi")
    assert found
    assert found.straight is straight


@pytest.mark.parametrize(
    ("topic", "way"),
    [
        ("library.card", ["papers", "desk", "take"]),
        ("sport.field", ["call", "pay"]),
        ("library.lost", []),
    ],
)
def test_the_way_of_whoever_is_never_stuck_follows_the_first_choices(
    library: Library, topic: str, way: list[str]
) -> None:
    found = library.topic(topic, "vi")
    assert found
    assert [step.id for step in found.way()] == way


def test_the_way_from_a_step_is_what_is_left_of_it(library: Library) -> None:
    topic = library.topic("library.card", "vi")
    assert topic
    step = topic.step("missing")
    assert step
    assert [one.id for one in topic.way(step)] == ["missing", "papers", "desk", "take"]


def test_a_way_ends_where_the_first_choices_lead_back(copy: Path) -> None:
    path = copy / "vi" / "library.card.md"
    path.write_text(
        path.read_text().replace(
            "- [Nhận được thẻ](done)\n- [Tên bị sai](#desk)", "- [A](#desk)\n- [B](done)"
        )
    )
    topic = load(copy).topic("library.card", "vi")
    assert topic
    assert [step.id for step in topic.way()] == ["papers", "desk", "take"]


def test_a_detour_makes_the_longest_way_longer(copy: Path) -> None:
    path = copy / "vi" / "library.card.md"
    path.write_text(path.read_text().replace("[Đã tìm được](#papers)", "[Đã tìm được](#desk)"))
    topic = load(copy).topic("library.card", "vi")
    assert topic
    assert (topic.steps[0].shortest_left, topic.steps[0].longest_left) == (2, 3)


def _knotted(copy: Path) -> Path:
    """Two ways part at the desk, meet again, and lead into each other."""
    path = copy / "vi" / "library.card.md"
    text = path.read_text()
    head = text[: text.index("\n## ")]
    steps = {
        "papers": ["left", "right"],
        "left": ["right", "end"],
        "right": ["left", "detour"],
        "detour": ["end", "papers"],
        "end": ["right"],
    }
    for number, (step, nexts) in enumerate(steps.items()):
        choices = "".join(f"- [Đi {number}{place}](#{after})\n" for place, after in enumerate(nexts))
        done = "- [Xong](done)\n" if step == "end" else ""
        head += f"\n\n## {step} {{#{step} code=T{number + 1:02}}}\nLàm việc này.\n\n{choices}{done}- [Nhờ tổ](help)"
    path.write_text(head + "\n")
    return copy


def _by_trying(topic: Topic) -> dict[str, int]:
    """Walk every way from the first step that passes none twice."""
    ways = {step.id: [o.target for o in step.options if o.kind == "step"] for step in topic.steps}
    left: dict[str, int] = {}

    def walk(step: str, behind: frozenset[str]) -> int:
        behind |= {step}
        most = max((walk(after, behind) + 1 for after in ways[step] if after not in behind), default=0)
        left[step] = max(left.get(step, 0), most)
        return most

    walk(topic.steps[0].id, frozenset())
    return left


def test_where_ways_part_and_meet_again_the_longest_is_counted(copy: Path) -> None:
    topic = load(_knotted(copy)).topic("library.card", "vi")
    assert topic
    assert {step.id: step.longest_left for step in topic.steps} == {
        "papers": 4, "left": 3, "right": 2, "detour": 1, "end": 2,
    }  # fmt: skip


def test_what_is_left_is_what_trying_every_way_finds(bookcase: Bookcase, copy: Path) -> None:
    topics = [load(_knotted(copy)).topic("library.card", "vi"), *bookcase.shelf().library.topics("vi")]
    for topic in topics:
        if topic and 0 < len(topic.steps) <= 20:
            tried = _by_trying(topic)
            for step in topic.steps:
                assert step.longest_left == max(tried[step.id], step.shortest_left), (topic.id, step.id)


@pytest.mark.parametrize("code", ["T02", "t02", " t02 "])
def test_a_code_leads_to_its_step(library: Library, code: str) -> None:
    assert library.step(code) == ("library.card", "desk")


def test_an_answer_is_known_by_its_own_code_and_a_guide_by_that_of_its_first_step(copy: Path) -> None:
    path = copy / "vi" / "library.lost.md"
    path.write_text(path.read_text().replace("questions:", "code: T05\nquestions:"))
    library = load(copy)
    assert library.step("t05") == ("library.lost", "")
    assert [topic.code for topic in library.topics("vi")] == ["T01", "T05", "T11"]
    assert [topic.code for topic in library.topics("en")] == ["T01", "", "T11"]


def test_a_code_nobody_has_leads_nowhere(library: Library) -> None:
    assert library.step("Z99") is None


def test_what_a_language_lacks_comes_in_vietnamese(copy: Path) -> None:
    (copy / "en" / "sport.field.md").unlink()
    library = load(copy)
    topic = library.topic("sport.field", "en")
    assert topic
    assert topic.lang == "vi"
    assert [topic.id for topic in library.topics("en")] == ["library.card", "library.lost"]
    assert library.topic("no.such", "en") is None


def test_the_version_follows_the_content(library: Library, copy: Path) -> None:
    assert load(copy).version == library.version
    path = copy / "vi" / "library.lost.md"
    path.write_text(path.read_text().replace("báo quầy", "báo ngay quầy"))
    assert load(copy).version != library.version


def test_a_later_topic_takes_the_place_of_an_earlier_one(library: Library) -> None:
    old = library.topics("vi")
    new = msgspec.structs.replace(old[0], title="Thẻ bạn đọc")
    merged = gather([*old, new])
    assert [topic.title for topic in merged.topics("vi")] == [
        "Thẻ bạn đọc",
        *(topic.title for topic in old[1:]),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("owner: Thư viện xã\n", "", 'line 19: "owner" is missing. Name the office that answers for it.'),
        ("checked: 2026-11-01", "checked: soon", 'line 14: "checked" is not a date'),
        ("id: library.card", "id: library.cards", 'line 2: "id" is not the file\'s name'),
        ("(#missing)", "(#nowhere)", 'line 32: there is no step "#nowhere"'),
        ("## Lấy thẻ {#take code=T03}", "## Lấy thẻ", "line 44: the heading is not a step"),
        ("---\nid", "id", "line 1: the front matter is missing"),
        ("title: Làm", "title: Làm: ", "line 3: the front matter cannot be read"),
        ("expires: 2027-05-01", "expires: 2027-02-30", "the front matter cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named_with_file_and_line(
    copy: Path, old: str, new: str, message: str
) -> None:
    path = copy / "vi" / "library.card.md"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(Unreadable) as caught:
        load(copy)
    assert str(caught.value).startswith(f"{path}, line ")
    assert message in str(caught.value)


def test_an_empty_folder_is_not_a_library(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there are no topics"):
        load(tmp_path)


def test_a_topic_and_a_step_say_whether_they_send_to_the_communes_desk(copy: Path) -> None:
    path = copy / "vi" / "library.card.md"
    text = path.read_text().replace("owner:", "desk: true\nowner:").replace("code=T02", "code=T02 desk")
    path.write_text(text)
    topic = load(copy).topic("library.card", "vi")
    assert topic
    assert topic.desk
    assert [step.id for step in topic.steps if step.desk] == ["desk"]
