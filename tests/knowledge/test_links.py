"""What a link is taken for: a table that an officer can read, and what holds for every text there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.domains import STATE
from knowledge.links import Reason, defanged, found_in, judge, shipped, untappable

HOUSE = Path(__file__).parents[2]


class Line(NamedTuple):
    number: int
    link: str
    answer: str
    reason: str


def unescaped(text: str) -> str:
    r"""Give the signs that \u200b and the like stand for; a lone backslash is one."""
    return re.sub(
        r"\\U[0-9a-f]{8}|\\u[0-9a-f]{4}|\\[nt]\b|\\t(?=script)",
        lambda found: found[0].encode().decode("unicode_escape"),
        text,
    )


def table() -> list[Line]:
    lines = []
    for number, raw in enumerate((HOUSE / "tests/knowledge/links.txt").read_text("utf-8").splitlines(), 1):
        if raw.strip() and not raw.startswith("#"):
            link, answer, reason = raw.rsplit(" | ", 2)
            lines.append(Line(number, unescaped(link), answer, reason.partition("#")[0].strip()))
    return lines


TABLE = table()


@pytest.mark.parametrize("line", TABLE, ids=lambda line: f"{line.number}-{line.answer}")
def test_the_link_is_taken_for_what_it_is(line: Line) -> None:
    verdict = judge(line.link)
    assert (verdict.answer, verdict.reason) == (line.answer, line.reason)


def test_the_table_is_long_and_shows_every_reason() -> None:
    assert len(TABLE) >= 120
    assert {line.reason for line in TABLE} == set(get_args(Reason))


def test_no_source_that_we_name_is_called_false() -> None:
    texts = [path.read_text("utf-8") for path in (HOUSE / "knowledge").rglob("*.md")]
    links = {link for text in texts for link in re.findall(r"https?://[^\s)>\]`\"]+", text)}
    assert len(links) > 100
    assert [link for link in sorted(links) if judge(link).answer == "false"] == []


def test_every_row_of_the_table_is_what_it_says() -> None:
    domains = shipped()
    for row in domains.rows:
        if row.domain != STATE:
            assert judge(f"https://{row.domain}/").answer == row.kind, row.domain
            assert judge(f"https://abc.{row.domain}").answer == row.kind, row.domain


# --- whatever somebody sends ---

PARTS = """https:// HTTP: // \\ @ . : / ? # %2e %40 % [ ] [.] xn-- - a 443 ::1 0x7f 1.2.3.4 gov.vn .gov.vn vneid.gov.vn
dichvucong evil.com bit.ly vietcombank.com.vn javascript: data: \u200b \u202e \uff0e \u0435"""
PIECES = st.sampled_from([*PARTS.split(), " ", "\n", "\t"])
LINKS = st.one_of(st.text(), st.lists(PIECES, max_size=12).map("".join))


@settings(max_examples=1_500, deadline=None)
@given(LINKS)
def test_whatever_it_is_there_is_one_answer_of_three_and_official_only_below_a_listed_domain(
    text: str,
) -> None:
    verdict = judge(text)
    assert verdict.answer in ("official", "false", "unknown")
    if verdict.answer == "official":
        host = verdict.host
        assert any(
            host.endswith(f".{row.domain}") or host == row.domain
            for row in shipped().rows
            if row.kind == "official"
        )
        assert host != STATE
        # The host stands in the words, letter for letter, but for what is written around dots.
        assert host in re.sub(r"\[\s*\.\s*\]|\s", lambda found: "." if "." in found[0] else "", text).lower()
        assert all(label and label.isascii() for label in host.split("."))


HOSTS = st.sampled_from(
    [row.domain for row in shipped().rows if row.kind == "official" and row.domain != STATE]
)
LABEL = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


@settings(max_examples=500, deadline=None)
@given(
    HOSTS,
    st.lists(LABEL, max_size=2),
    st.sampled_from(["", "https://", "HTTP://", "ftp://", "hxxps://", "//", "zalo-app://"]),
    st.sampled_from(["", ":", ":80", ":65535"]),
    st.sampled_from(["", "."]),
    st.sampled_from(["", "/", "/a/b.html", "?q=1", "#x", "/@a"]),
    st.booleans(),
)
def test_an_official_host_stays_official(
    host: str, below: list[str], scheme: str, port: str, dot: str, path: str, loud: bool
) -> None:
    link = f"{scheme}{'.'.join([*below, host])}{dot}{port}{path}"
    assert judge(link.upper() if loud else link).answer == "official"


@settings(max_examples=500, deadline=None)
@given(HOSTS, st.lists(LABEL, min_size=1, max_size=2), st.sampled_from(["com", "top", "net", "vn", "info"]))
def test_a_stranger_below_whom_it_stands_makes_it_false(host: str, strangers: list[str], ending: str) -> None:
    link = f"https://{host}.{'.'.join(strangers)}.{ending}/"
    assert judge(link).answer == ("official" if shipped().official(link[8:-1]) else "false")


@settings(max_examples=500, deadline=None)
@given(st.text())
def test_finding_links_never_fails_and_what_is_passed_on_says_the_same(text: str) -> None:
    for link in found_in(text):
        assert judge(link).answer in ("official", "false", "unknown")
    assert isinstance(untappable(text), str)


# --- in what people write ---


@pytest.mark.parametrize(
    ("words", "links"),
    [
        ("vao vneid-gov.com di", ["vneid-gov.com"]),
        ("anh xem https://abc.vn/x, rồi làm", ["https://abc.vn/x"]),
        ("(xem: dantri.com.vn).", ["dantri.com.vn"]),
        ("bấm bit.ly/abc với tinyurl.com/x nhé", ["bit.ly/abc", "tinyurl.com/x"]),
        ("dichvucong[.]cvgov[.]com", ["dichvucong.cvgov.com"]),
        ("bhxh.co that ko", ["bhxh.co"]),
        ("vneid.gov.vn@evil.com", ["vneid.gov.vn@evil.com"]),
        ("roi.co ai giup", []),
        ("xong.Cảm ơn", []),
        ("TP.HCM/Hà Nội", []),
        ("file vneid.apk, don.pdf", []),
        ("thư a@gmail.com nhé", []),
        ("1.284.000 đ, 214/218, 12.5%", []),
        ("đuôi .gov.vn, gov.vn là gì", []),
        ("v.v... 7h.Ok", []),
        ("số 0912.345.678, 1900.0368", []),
    ],
)
def test_links_are_found_among_words(words: str, links: list[str]) -> None:
    assert found_in(words) == links


def test_a_suspicious_link_cannot_be_tapped() -> None:
    assert defanged("https://a.b.top/x") == "https[:]//a[.]b[.]top/x"
    assert defanged("a" * 80 + ".com") == "…" + "a" * 56 + "[.]com"
    words = "họ gửi https://vneid-gov.com/a, còn vneid.gov.vn thì sao"
    assert untappable(words) == "họ gửi https[:]//vneid-gov[.]com/a, còn vneid.gov.vn thì sao"
