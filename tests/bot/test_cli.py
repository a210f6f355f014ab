"""Commands whose shape others build on, run as they are typed."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bot import cli
from tests.bot.office import HOUSE, PATIENCE, Office

SAMPLE = Path(__file__).parents[1] / "knowledge" / "topics-sample"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of `toso ask --json`, and nothing but it."""

    question: str
    lang: str
    topic: str | None
    score: float
    others: list[Other]


class Other(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    topic: str
    score: float


@pytest.fixture
def here(tmp_path: Path) -> Office:
    return Office(tmp_path)


def lines(out: str) -> list[Line]:
    return [msgspec.json.decode(line, type=Line) for line in out.split("\n") if line]


# --- ask ---


def test_ask_gives_one_object_for_each_question(here: Office) -> None:
    done = here.toso(
        "ask", "--json", "kich hoat vneid the nao", "Forgot my VNeID password", "giá vàng hôm nay"
    )
    assert (done.status, done.err) == (0, "")
    known, english, unknown = lines(done.out)
    assert (known.question, known.lang, known.topic) == ("kich hoat vneid the nao", "vi", "vneid.activate")
    assert (english.lang, english.topic) == ("en", "vneid.forgot-password")
    assert (unknown.question, unknown.topic) == ("giá vàng hôm nay", None)
    for line in (known, english, unknown):
        scores = [line.score, *(other.score for other in line.others)]
        assert all(0 <= score <= 1 for score in scores)
        if line.topic:
            assert scores == sorted(scores, reverse=True)
            assert line.topic not in {other.topic for other in line.others}
    assert list(msgspec.json.decode(done.out.splitlines()[0])) == [
        "question",
        "lang",
        "topic",
        "score",
        "others",
    ]


STRANGE = [
    b"  kich hoat vneid the nao  ",
    b"",
    b"   \t ",
    "Kích hoạt VNeID thế nào".encode(),
    b"\xff\xfe kich hoat",
    b"x" * 100_000,
    "\u200b\u202e🙂".encode(),
    b'{"question": "a\\nb"}',
    b"a\x00b\x1b[31m",
    "dòng\u2028một".encode(),
]


def test_ask_reads_one_question_a_line_whatever_the_line_holds(here: Office) -> None:
    done = here.toso("ask", "--json", typed=b"\xef\xbb\xbf" + b"\r\n".join(STRANGE))  # from a Windows editor
    assert (done.status, done.err) == (0, "")
    found = lines(done.out)
    asked = [line.decode("utf-8", "replace") for line in STRANGE]
    assert [line.question for line in found] == [question for question in asked if question.strip()]
    assert found[0].topic == found[1].topic == "vneid.activate"


def test_ask_without_a_question_says_nothing_and_is_no_failure(here: Office) -> None:
    done = here.toso("ask", "--json", typed="\n\n")
    assert (done.status, done.out, done.err) == (0, "", "")


def test_ask_answers_from_the_folder_that_is_set(here: Office) -> None:
    done = here.toso("ask", "--json", "mất thẻ thư viện", knowledge=str(SAMPLE))
    assert lines(done.out)[0].topic == "library.lost"


def test_ask_can_be_read_by_a_person(here: Office) -> None:
    done = here.toso("ask", "mất thẻ thư viện", "giá vàng hôm nay", knowledge=str(SAMPLE))
    assert done.out.startswith("mất thẻ thư viện\n  library.lost: ")
    assert done.out.endswith("giá vàng hôm nay\n  –\n\n")


# --- link ---


class Judged(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of `toso link --json`, and nothing but it."""

    url: str
    verdict: str
    why: str


def judged(out: str) -> list[Judged]:
    return [msgspec.json.decode(line, type=Judged) for line in out.split("\n") if line]


def test_link_gives_one_object_for_each_url(here: Office) -> None:
    urls = ["https://dichvucong.gov.vn", "dichvucong-gov.vn/a", "https://bit.ly/x"]
    done = here.toso("link", "--json", *urls)
    assert (done.status, done.err) == (0, "")
    found = judged(done.out)
    assert [(line.url, line.verdict) for line in found] == list(
        zip(urls, ("official", "false", "unknown"), strict=True)
    )
    assert found[0].why == "Đây là địa chỉ của Cổng Dịch vụ công quốc gia: dichvucong.gov.vn."
    assert "kết thúc bằng dichvucong-gov[.]vn" in found[1].why
    assert "Đừng đăng nhập" in found[2].why
    assert list(msgspec.json.decode(done.out.splitlines()[0])) == ["url", "verdict", "why"]


def test_link_reads_one_url_a_line_whatever_the_line_holds(here: Office) -> None:
    done = here.toso("link", "--json", "--lang", "en", typed=b"\xef\xbb\xbf" + b"\r\n".join(STRANGE))
    assert (done.status, done.err) == (0, "")
    found = judged(done.out)
    asked = [line.decode("utf-8", "replace") for line in STRANGE]
    assert [line.url for line in found] == [url for url in asked if url.strip()]
    assert {line.verdict for line in found} == {"unknown"}
    assert all("Do not sign in" in line.why for line in found)


def test_link_takes_an_argument_of_any_bytes(here: Office) -> None:
    done = here.toso("link", "--json", "vneid-gov.com/\udcff", "https://vneid.gov\n.vn", "")
    assert (done.status, done.err) == (0, "")
    assert [line.verdict for line in judged(done.out)] == ["false", "unknown"]


def test_link_knows_what_an_office_has_added(here: Office) -> None:
    folder = Path(shutil.copytree(SAMPLE, here.folder / "topics"))
    row = "dongngac.vn\tUBND phường Đông Ngạc\tthe office\tofficial\thttps://dongngac.vn\t2026-11"
    (folder / "domains.tsv").write_text(f"{row}\n", "utf-8")
    done = here.toso("link", "www.dongngac.vn", "vneid.vn", knowledge=str(folder))
    assert done.out.startswith(
        "www.dongngac.vn\n  official: Đây là địa chỉ của UBND phường Đông Ngạc: dongngac.vn.\n"
    )
    assert "vneid[.]vn\n  false: " in done.out
    (folder / "domains.tsv").write_text("dongngac.vn\n", "utf-8")
    done = here.toso("link", "www.dongngac.vn", knowledge=str(folder))
    assert (done.status, done.out) == (1, "")
    remedy = "Ghi đủ 6 cột, cách nhau bằng dấu tab: domain, vi, en, kind, source, date."
    assert done.err.endswith(f"domains.tsv, dòng 1: dòng có 1 cột. {remedy}\n")


def test_link_refuses_a_language_that_is_not_spoken(here: Office) -> None:
    done = here.toso("link", "--lang", "fr", "vneid.vn")
    assert (done.status, done.err) == (1, "--lang is “fr”. Known are: vi, en.\n")


# --- play and record ---

TALK = """
@ Minh  web  citizen

Minh: kich hoat vneid
bot > Minh: … [go | more | person | wrong]
Minh [go]
"""


def played(here: Office, talk: str, *words: str) -> tuple[int, str, str]:
    (here.folder / "talk.txt").write_text(talk, "utf-8")
    done = here.toso("play", "talk.txt", *words)
    return done.status, done.out, done.err


def test_play_prints_the_talk_and_ends_well(here: Office) -> None:
    status, out, err = played(here, TALK + "bot > Minh: …\n")
    assert (status, err) == (0, "")
    assert out.startswith("Minh: kich hoat vneid\nbot > Minh: ")
    assert "Minh [go]\n" in out


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("bot > Minh: Xin chào.\n", ("talk.txt: departs at line 7", "written:  bot > Minh: Xin chào.")),
        ("", ("talk.txt: departs at the end", "written:  nothing more", "happened: bot > Minh: ")),
        ("bot > Minh: …\nMinh [nothing]\n", ("departs at line 8", "Minh was shown only: ")),
        ("bot > Minh: … [go | help]\n", ("departs at line 7",)),
        ("bot > Minh: …\n=> request 4K7 claimed by Hường\n", ("departs at line 8", "no effect")),
        ("bot > Minh: …\nMinh kich hoat\n", ("talk.txt, line 8: write “name: words”",)),
        ("bot > Minh: …\nLan: chào\n", ("talk.txt, line 8: nobody called “Lan” was introduced",)),
        ("bot > Minh: …\n--- tomorrow\n", ("talk.txt, line 8: write “--- +15 minutes”",)),
        ("bot > Minh: …\n--- at 2026-02-30 08:00\n", ("talk.txt, line 8: ", "Write a day that there is.")),
        ('bot > Minh: …\n--- unit "xã A" ends soon\n', ("talk.txt, line 8: write", "ends 2026-10-31 and becomes")),
        ("bot > Minh: …\n@ Lan fax citizen\n", ("talk.txt, line 8: write “@ Name  channel  role”",)),
    ],
)  # fmt: skip
def test_play_shows_where_a_talk_departs(
    more: str,
    says: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("talk.txt").write_text(TALK + more, "utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.play(Path("talk.txt"), record=False, database="")
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert all(words in told for words in says), told


def test_play_ends_with_1_where_a_talk_departs(here: Office) -> None:
    status, _, err = played(here, TALK + "bot > Minh: Xin chào.\n")
    assert status == 1
    assert err.startswith(
        "\ntalk.txt: departs at line 7\n  written:  bot > Minh: Xin chào.\n  happened: bot > Minh: "
    )


def test_play_says_what_to_name_where_there_is_no_file(here: Office) -> None:
    done = here.toso("play", "nowhere.txt")
    assert (done.status, done.err) == (
        1, "nowhere.txt does not exist. Name a transcript, such as those of tests/conversations/.\n",
    )  # fmt: skip


SAID = [
    "kich hoat vneid",
    "1",
    "quên mật khẩu thì sao",
    "# một dòng lạ",
    "bot > Minh: giả [a | b]",
    "menu",
    "huỷ",
]


@pytest.mark.parametrize("command", [("play", "--record", "live.txt"), ("chat", "--record", "live.txt")])
def test_what_was_recorded_plays(command: tuple[str, ...], here: Office) -> None:
    done = here.toso(*command, typed="\n".join(SAID), office_name="UBND khác")
    assert (done.status, done.err) == (0, "")
    recorded = (here.folder / "live.txt").read_text("utf-8")
    assert recorded.startswith("@ Minh  terminal  citizen\nMinh: kich hoat vneid\nbot > Minh: ")
    assert recorded.count("\nMinh: ") == len(SAID)
    again = here.toso("play", "live.txt")
    assert (again.status, again.err) == (0, "")


def test_what_was_recorded_at_a_terminal_plays(here: Office) -> None:
    keyboard, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--record", "live.txt", "--name", "Chị Lan"],
        cwd=here.folder, env={**os.environ, "PYTHONPATH": str(HOUSE)}, stdin=terminal, stdout=subprocess.PIPE,
    )  # fmt: skip
    os.close(terminal)
    with os.fdopen(keyboard, "wb", buffering=0) as hand:
        for line in SAID[:3]:
            hand.write(f"{line}\n".encode())
        hand.write(b"\x04")
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Tổ Số: " in out.decode()
    assert (here.folder / "live.txt").read_text("utf-8").count("\nChị Lan: ") == 3
    assert here.toso("play", "live.txt").status == 0


def test_a_name_that_no_transcript_can_hold_is_refused(here: Office) -> None:
    done = here.toso("chat", "--record", "live.txt", "--name", "a: b")
    assert (done.status, done.err) == (1, "“a: b” cannot stand in a transcript. Choose a name of letters.\n")


def test_chat_talks_with_the_configured_database_and_goes_on_the_next_day(here: Office) -> None:
    assert here.toso("db", "upgrade").status == 0
    first = here.toso("chat", typed="kich hoat vneid\n1\n")
    assert (first.status, first.err) == (0, "")
    assert first.out.count("Tổ Số: ") >= 2
    second = here.toso("chat", typed="menu\n")
    assert "Làm tiếp" in second.out or "tiếp" in second.out
    assert "kich hoat vneid" not in second.out


# --- knowledge check ---


def test_knowledge_check_counts_and_ends_well(here: Office) -> None:
    done = here.toso("knowledge", "check", str(SAMPLE))
    assert done.status == 0
    assert "6 tệp, 0 lỗi, " in done.out
    assert "6 files, 0 errors, " in here.toso("knowledge", "check", str(SAMPLE), "--lang", "en").out


def test_knowledge_check_names_file_and_line_and_ends_with_1(here: Office) -> None:
    topics = Path(shutil.copytree(SAMPLE, here.folder / "topics"))
    broken = topics / "vi" / "library.card.md"
    broken.write_text(broken.read_text("utf-8").replace("(#", "(#nowhere-", 1), "utf-8")
    done = here.toso("knowledge", "check", "topics")
    assert done.status == 1
    assert re.search(r'topics/vi/library\.card\.md, dòng \d+: không có bước "#nowhere-', done.err)
    assert "Sửa chỗ dẫn tới, hoặc viết thêm bước đó." in done.err
    assert "Traceback" not in done.err
    english = here.toso("knowledge", "check", "topics", "--lang", "en")
    assert re.search(r'library\.card\.md, line \d+: there is no step "#nowhere-', english.err)


def test_knowledge_check_refuses_a_folder_that_is_not_there(here: Office) -> None:
    done = here.toso("knowledge", "check", "nowhere", "--lang", "en")
    assert (done.status, done.err) == (1, "nowhere is no folder. Name the one that holds vi/ and en/.\n")
    assert "không phải là thư mục" in here.toso("knowledge", "check", "nowhere").err


# --- invite ---


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("mayor", "xã Ứng Hòa", "Lâm"),
            "“mayor” is no role. Choose one of: member, lead, reporter, head, officer, editor.\n",
        ),
        (("head", "xã Không", "Lâm"), "“xã Không” does not name one commune of today. Add its province.\n"),
    ],
)  # fmt: skip
def test_invite_says_what_it_does_not_understand(words: tuple[str, ...], says: str, here: Office) -> None:
    assert here.toso("db", "upgrade").status == 0
    done = here.toso("invite", *words)
    assert (done.status, done.out, done.err) == (1, "", says)


def test_a_misspelt_team_is_no_second_one_unless_that_is_said(here: Office) -> None:
    assert here.toso("db", "upgrade").status == 0
    assert here.toso("invite", "member", "thôn Đoài, xã Ứng Hòa, Hà Nội", "Anh Sơn").status == 0
    slip = ("invite", "member", "thôn Đòa, xã Ứng Hòa, Hà Nội", "Chị Nga")
    done = here.toso(*slip)
    assert (done.status, done.out, done.err) == (
        1,
        "",
        "There is no team “thôn Đòa, xã Ứng Hòa, Hà Nội” yet. Did you mean “thôn Đoài, xã Ứng Hòa, Hà Nội”? "
        "Write that, or add --new to make another team.\n",
    )
    assert here.toso(*slip, "--new").out.startswith("MOI-")


def test_an_invitation_that_was_made_lets_its_bearer_in_once(here: Office) -> None:
    assert here.toso("db", "upgrade").status == 0
    done = here.toso("invite", "member", "tổ dân phố 7, phường Đông Ngạc, Hà Nội", "Chị Hường")
    assert (done.status, done.err) == (0, "")
    code = done.out.strip()
    assert code.startswith("MOI-")
    first = here.toso("chat", "--name", "Hường", typed=f"{code}\n")
    assert "tổ dân phố 7" in first.out
    second = here.toso("chat", typed=f"{code}\n")
    assert first.out.splitlines()[1:] != second.out.splitlines()[1:]
