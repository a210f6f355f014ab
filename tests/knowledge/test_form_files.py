"""Report forms as files: the shipped ones, an office's own, and every fault with its line and remedy."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.form_text import explained
from bot.form_words import told
from bot.wording import Wording
from knowledge.calendar import Calendar
from knowledge.check import LONGEST_SENTENCE, SENTENCE_END, SYLLABLE
from knowledge.form_files import SHIPPED, FormError, contradicting, examined, load_forms
from knowledge.forms import Form, Forms, Words

FORMS = load_forms()
SEVEN = [
    "paperless-meetings",
    "signed-documents",
    "malware-protection",
    "official-email",
    "online-transactions",
    "services-used-online",
    "files-handled-online",
]
FIFTEEN = [
    "vneid-activated",
    "paid-online",
    "full-process",
    "resolved-on-time",
    "files-digitised",
    "data-reused",
    "electronic-results",
    "services-paid-online",
    "files-submitted-online",
    "personal-signatures",
    "digital-skills",
    "cashless-benefits",
    "officials-trained",
    "households-helped",
    "feedback-on-time",
]
ALL = f"like: monthly\nversion: 2\nasks: [{', '.join(SEVEN + FIFTEEN)}]\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return folder


def office(folder: Path, **files: str) -> Forms:
    return load_forms(SHIPPED, write(folder, **files))


# --- what is shipped ---


def test_the_monthly_form_asks_the_seven_and_knows_fifteen_more(tmp_path: Path) -> None:
    assert [one.id for one in FORMS["monthly"].indicators] == SEVEN
    every = office(tmp_path, monthly=ALL)["monthly"]
    assert [one.id for one in every.indicators] == SEVEN + FIFTEEN
    assert [one.number for one in every.indicators] == list(range(1, 23))
    assert len(every.checks) == 7


def test_what_the_teams_count_feeds_the_indicators_of_people_and_of_households(tmp_path: Path) -> None:
    text = "id: ours\nlike: monthly\nversion: 1\nasks: [people-guided, households-helped]\n"
    asked = office(tmp_path, ours=text)["ours"].indicators
    assert [(one.id, one.kind, one.source) for one in asked] == [
        ("people-guided", "flow", "people-helped"),
        ("households-helped", "flow", "help-given"),
    ]


def test_only_the_monthly_form_is_asked_until_an_office_turns_others_on(tmp_path: Path) -> None:
    assert [form.id for form in FORMS.in_use] == ["monthly"]
    forms = office(tmp_path, q="like: quarterly\nversion: 2\nuse: true\n")
    assert [form.id for form in forms.in_use] == ["monthly", "quarterly"]


def test_a_form_is_owed_by_villages_and_communes_until_an_office_names_others(tmp_path: Path) -> None:
    assert {form.owed_by for form in FORMS.all} == {("village", "commune")}
    text = "id: ours\nlike: monthly\nversion: 1\nasks: [paid-online]\nowed_by: [department, school]\n"
    forms = office(tmp_path, ours=text)
    assert [form.id for form in forms.owed_by("school")] == ["ours"]
    assert [form.id for form in forms.owed_by("commune")] == ["monthly"]
    assert forms.owed_by("union") == ()


@pytest.mark.parametrize("form", FORMS.all, ids=lambda form: form.id)
def test_no_shipped_form_contradicts_itself(form: Form) -> None:
    assert contradicting(form) == []


def test_all_the_indicators_together_contradict_nothing(tmp_path: Path) -> None:
    assert contradicting(office(tmp_path, monthly=ALL)["monthly"]) == []


def shown_to_cadres() -> list[Words]:
    catalogue = {one.id: one for form in _everything().all for one in form.indicators}
    words = [
        each
        for one in catalogue.values()
        for each in (one.name, one.definition, one.unit, one.ask, one.ask_of)
        if each is not None
    ]
    words += [each for form in FORMS.all for task in form.tasks for each in (task.name, task.product)]
    return words + [check.says for form in FORMS.all for check in form.checks]


def _everything() -> Forms:
    forms, faults = examined(SHIPPED)
    assert faults == []
    return forms


def test_every_word_a_cadre_reads_is_short_and_in_both_languages(tmp_path: Path) -> None:
    every = office(tmp_path, monthly=ALL)
    words = shown_to_cadres() + [
        each
        for one in every["monthly"].indicators
        for each in (one.name, one.definition, one.unit, one.ask, one.ask_of)
        if each is not None
    ]
    assert len(words) > 100
    for each in words:
        assert each.of("vi") != each.of("en")
        assert unicodedata.is_normalized("NFC", each.vi)
        longest = max(len(SYLLABLE.findall(part)) for part in SENTENCE_END.split(each.vi) if part)
        assert longest <= LONGEST_SENTENCE + 3, each.vi  # a definition may name what it leaves out
        assert len(each.vi) <= 300
    for one in every["monthly"].indicators:
        assert len(one.name.vi) <= 45


# --- an office's own ---


def test_an_office_chooses_its_indicators_and_its_days_in_a_few_lines(tmp_path: Path) -> None:
    text = "like: monthly\nversion: 2\nasks: [paid-online, online-transactions]\ndue: {day: 20}\n"
    form = office(tmp_path, monthly=text)["monthly"]
    assert [(one.number, one.id) for one in form.indicators] == [
        (1, "paid-online"),
        (2, "online-transactions"),
    ]
    assert form.due.day == 20
    assert form.period == FORMS["monthly"].period
    assert form.title == FORMS["monthly"].title


OWN = """indicators:
  - id: smart-screens
    name: {vi: Số màn hình tra cứu, en: Screens for the public}
    definition: {vi: Màn hình đặt ở bộ phận một cửa., en: Screens at the service centre.}
    kind: stock
    shape: count
    unit: {vi: cái, en: screens}
    ask: {vi: Có bao nhiêu màn hình?, en: How many screens are there?}
"""


def test_an_office_adds_indicators_of_its_own_and_changes_shipped_ones(tmp_path: Path) -> None:
    shipped = (SHIPPED / "indicators.yaml").read_text("utf-8")
    start = shipped.index("  - id: online-transactions")
    changed = shipped[start : shipped.index("  - id: services-used-online")].replace("1000000", "500")
    form = office(
        tmp_path,
        indicators=OWN + changed,
        monthly="like: monthly\nversion: 2\nasks: [online-transactions, smart-screens]\n",
    )["monthly"]
    assert [(one.id, one.most) for one in form.indicators] == [
        ("online-transactions", 500),
        ("smart-screens", 1_000_000),
    ]


def test_a_changed_form_is_a_new_version_and_the_old_one_stays(tmp_path: Path) -> None:
    text = "like: monthly\nversion: 2\nvalid_from: 2027-01-15\nasks: [paid-online]\n"
    forms = office(tmp_path, monthly=text)
    assert [form.version for form in forms.versions("monthly")] == [1, 2]
    assert forms["monthly"].version == 2
    before, after = FORMS["monthly"].valid_from, forms.version("monthly", 1)
    assert before is None
    assert after == FORMS["monthly"]
    assert forms.on("monthly", date(2026, 12, 15)).version == 1
    assert forms.on("monthly", date(2027, 1, 15)).version == 2


def test_a_check_counts_only_where_all_its_figures_are_asked(tmp_path: Path) -> None:
    asks = "asks: [files-submitted-online, files-handled-online]"
    form = office(tmp_path, monthly=f"like: monthly\nversion: 2\n{asks}\n")["monthly"]
    assert [check.id for check in form.checks] == ["handled-not-above-submitted", "received-is-one-number"]


def test_an_indicator_says_what_it_is_offered_from(tmp_path: Path, wording: Wording) -> None:
    text = "like: monthly\nversion: 2\nasks: [households-helped, smart-screens]\n"
    own = OWN.replace("shape: count", "shape: count\n    source: last-period")
    form = office(tmp_path, indicators=own, monthly=text)["monthly"]
    assert [one.source for one in form.indicators] == ["help-given", "last-period"]
    for lang, says in (
        ("vi", ["số người được giúp qua yêu cầu và số hộ được giúp tại nhà", "số của kỳ trước"]),
        (
            "en",
            [
                "people helped through requests and households helped at home",
                "the figure of the period before",
            ],
        ),
    ):
        lines = [
            wording.word(line, lang) for line in explained(form, Calendar.load(), date(2026, 11, 16), lang)
        ]
        offered = [line for line in lines if line.startswith(("   Có sẵn để", "   Offered from"))]
        assert [line.rpartition(": ")[2] for line in offered] == [f"{one}." for one in says]


# --- what is wrong ---

MONTHLY = (SHIPPED / "monthly.yaml").read_text("utf-8")
CAMPAIGN = (SHIPPED / "campaign.yaml").read_text("utf-8")
INDICATORS = (SHIPPED / "indicators.yaml").read_text("utf-8")
BROKEN = [
    # file, what stood there, what stands there, a word of the line, what is said, what is to be done
    ("indicators", "kind: flow", "kind: flo", "kind: flo", "giá trị chưa đúng loại", "mẫu tháng"),
    ("indicators", "    unit: {vi: cuộc, en: meetings}\n", "", "- id: paperless", "thiếu “unit”", "Thêm vào"),
    ("indicators", "    most: 300\n", "    mots: 300\n", "mots: 300", "không có mục “mots”", "chính tả"),
    ("indicators", "- id: paperless-meetings", "- number: 1\n    id: paperless-meetings", "number: 1", "mục", "Bỏ"),
    ("indicators", "id: signed-documents", "id: paperless-meetings", "id: paperless", "đã có", "Đặt mã khác"),
    ("indicators", "id: signed-documents", "id: Văn bản", "id: Văn bản", "chưa đúng kiểu", "a-z"),
    ("indicators", "{vi: máy, en: machines}", '{vi: máy, en: ""}', "unit: {vi: máy", "thiếu một thứ tiếng", "vi và en"),
    ("indicators", "    full_above: 50\n", "    full_above: 50\n    jump: 1\n", "jump: 1", "tăng vọt", "lớn hơn 1"),
    ("indicators", "shape: pair", "shape: count", "- id: malware", "nói đến số thứ hai", "đổi “shape”"),
    ("indicators", "    new_words: [cài", "    # [cài", "- id: malware", "chưa có tên gọi", "Ghi new_words"),
    ("indicators", "    most: 300\n", "    most: 300\n    least: 301\n", "least: 301", "không có số", "Sửa “least”"),
    ("indicators", "    most: 300\n", "    most: 300\n    decimals: 2\n", "decimals: 2", "phần thập phân", "Bỏ"),
    ("indicators", "source: help-given", "source: helped", "source: helped", "không đếm sẵn", "people-helped"),
    ("indicators", "source: help-given", "source: last-period", "source: last", "không lấy được", "một tên khác"),
    ("indicators", "    new_words: [cài", "    source: help-given\n    new_words: [cài", "source: h", "số tổng", "Bỏ"),
    ("monthly", "day: 17", "day: 14", "day: 14", "trước khi số liệu chốt", "muộn hơn"),
    ("monthly", "day: 17", "day: 31", "day: 31", "không phải tháng nào", "1 đến 28"),
    ("monthly", "day: 17", "weekday: monday\n  day: 17", "due:", "chưa rõ", "một trong ba"),
    ("monthly", "cutoff: 14", "cutoff: 30", "cutoff: 30", "không chốt được", "1 đến 28"),
    ("monthly", "village: {day: 15}", "village: {day: 19}", "levels:", "muộn hơn cấp", "hạn sớm hơn"),
    ("monthly", "[village, commune]", "[village, xã]", "owed_by:", "không phải loại đơn vị", "department"),
    ("monthly", "[village, commune]", "[commune, commune]", "owed_by:", "hai lần", "Bỏ bớt"),
    ("monthly", "[village, commune]", "[]", "owed_by:", "không ghi ai phải gửi", "ít nhất một"),
    ("monthly", "[village, commune]", "commune", "owed_by:", "không ghi ai phải gửi", "ít nhất một"),
    ("monthly", "grace: 0", "grace: -1", "grace: -1", "gia hạn", "0 đến 20"),
    ("monthly", "name: late-3", "name: late-1", "name: late-1, counted_from: due, days: 3", "hai lần", "Đổi tên"),
    ("monthly", "days: -3,", "weeks: 2, days: -3,", "weeks: 2", "chưa có gì chậm", "sau hạn"),
    ("monthly", "version: 1\n", "", "id: monthly", "thiếu “version”", "Thêm vào"),
    ("monthly", "version: 1\n", "version: 1\nversion: 2\n", "version: 2", "viết hai lần", "Giữ lại một"),
    ("monthly", "  - official-email\n", "  - offical-email\n", "offical-email", "không có chỉ tiêu", "chính tả"),
    ("monthly", "  - official-email\n", "  - signed-documents\n", "signed-doc", "được hỏi hai lần", "Bỏ bớt"),
    ("monthly", "left: [full-process]", "left: [ful-process]", "- id: full-pro", "không phải chỉ tiêu", "chính tả"),
    ("monthly", "left: [full-process]", "left: [online-transactions/of]", "- id: full", "không có số thứ hai", "/of"),
    ("monthly", "left: [full-process]", "left: [files-submitted-online]", "- id: full-pro", "cả hai vế", "một vế"),
    ("monthly", "left: [full-process]", "left: []", "- id: full-pro", "để trống", "cả hai vế"),
    ("campaign", "owner: head", "owner: heed", "owner: heed", "giá trị chưa đúng loại", "mẫu tháng"),
    ("campaign", "    owner: head\n", "", "id: campaign-meeting", "thiếu “owner”", "Thêm vào"),
    ("campaign", "id: campaign-stuck", "id: campaign-plan", "id: campaign-plan", "đã có", "Đặt mã khác"),
    ("campaign", "id: campaign-stuck", "id: campaign-files", "id: campaign-files", "đã có", "Đặt mã khác"),
    ("campaign", "id: campaign-stuck", "id: Việc", "id: Việc", "chưa đúng kiểu", "a-z"),
    ("campaign", "en: Weekly meeting of the campaign", 'en: ""', "name:", "thiếu một thứ tiếng", "vi và en"),
    ("campaign", "{working_days: 1}", "{}", "due: {}", "chưa rõ hạn", "một trong hai"),
    ("campaign", "{working_days: 1}", "{working_days: 61}", "working_days: 61", "quá xa", "-60 đến 60"),
    ("campaign", "owner: head\n", "owner: head\n    number: 3\n", "number: 3", "không có mục “number”", "Bỏ"),
    ("monthly", "  every: month", "  every: [month", "", "không đọc được", "dấu hai chấm"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "good", "bad", "line", "what", "remedy"), BROKEN)
def test_a_fault_names_file_line_and_remedy(
    tmp_path: Path, wording: Wording, file: str, good: str, bad: str, line: str, what: str, remedy: str
) -> None:
    texts = {"monthly": MONTHLY, "indicators": INDICATORS, "campaign": CAMPAIGN}
    assert good in texts[file]
    texts[file] = texts[file].replace(good, bad, 1)
    with pytest.raises(FormError) as refused:
        load_forms(write(tmp_path, **texts))
    fault = refused.value.fault
    said = wording.word(told(fault), "vi")
    assert said.startswith(f"{tmp_path / file}.yaml, dòng {fault.line}: ")
    assert line in texts[file].splitlines()[fault.line - 1]
    assert what in said
    assert remedy in said
    english = wording.word(told(fault), "en")
    assert english.startswith(f"{tmp_path / file}.yaml, line {fault.line}: ")
    assert not re.search(r"{\w+}", said + english)


def test_a_task_with_one_day_is_for_a_form_that_ends(tmp_path: Path, wording: Wording) -> None:
    task = """tasks:
  - {id: one, name: {vi: Việc, en: Task}, product: {vi: Tệp, en: File}, owner: head, due: {day: 2026-08-14}}
"""
    text = "like: campaign\nversion: 2\nuse: true\n" + task
    _forms, (fault,) = examined(SHIPPED, write(tmp_path, campaign=text))
    assert fault.name == "task-for-ever"
    assert "valid_until" in wording.word(told(fault), "vi")
    form = office(tmp_path, campaign=text + "valid_until: 2026-08-14\n")["campaign"]
    assert [(one.id, one.number) for one in form.tasks] == [("one", 5)]
    assert form.asked == 5


def test_tasks_are_numbered_behind_the_indicators_that_an_office_asks(tmp_path: Path) -> None:
    form = office(tmp_path, campaign="like: campaign\nversion: 2\nasks: [campaign-people]\n")["campaign"]
    assert [(one.number, one.owner) for one in form.tasks] == [(2, "officer"), (3, "officer"), (4, "head")]
    assert form.task(3) is form.task("campaign-stuck")
    assert form.task(1) is None


def test_an_empty_file_and_one_that_is_not_utf_8_are_named(tmp_path: Path) -> None:
    write(tmp_path, a="")
    (tmp_path / "b.yaml").write_bytes("id: tháng".encode("utf-16"))
    _forms, faults = examined(SHIPPED, tmp_path)
    assert [fault.name for fault in faults] == ["empty", "not-utf-8"]


def test_an_office_may_not_give_its_form_the_version_of_the_shipped_one(tmp_path: Path) -> None:
    with pytest.raises(FormError) as refused:
        office(tmp_path, monthly="like: monthly\nversion: 1\nasks: [paid-online]\n")
    assert refused.value.fault.name == "version-taken"


def test_a_form_cannot_be_like_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormError) as refused:
        office(tmp_path, monthly="like: mothly\nversion: 2\n")
    assert refused.value.fault.name == "nothing-like"
    assert refused.value.fault.values["names"] == "campaign, monthly, quarterly"


def test_one_faulty_file_hides_none_of_the_others(tmp_path: Path) -> None:
    write(tmp_path, a="like: monthly\n", b="like: nothing\nversion: 1\n")
    forms, faults = examined(SHIPPED, tmp_path)
    assert [fault.name for fault in faults] == ["missing-field", "nothing-like"]
    assert list(forms) == ["campaign", "monthly", "quarterly"]


def test_a_fault_of_what_was_taken_over_names_the_file_it_stands_in(tmp_path: Path) -> None:
    with pytest.raises(FormError) as refused:
        office(tmp_path, monthly="like: monthly\nversion: 2\nperiod: {every: month, cutoff: 18}\n")
    assert refused.value.fault.file == str(SHIPPED / "monthly.yaml")  # the due day there is the 17th
    assert refused.value.fault.name == "too-early"


# --- checks against each other ---


def with_checks(
    *checks: str, asks: str = "files-online, files-direct, files-received, files-resolved"
) -> str:
    written = "".join(
        f"  - {{id: {chr(97 + n)}, left: [{left}], rule: {rule}, right: [{right}], says: {{vi: câu, en: said}}}}\n"
        for n, check in enumerate(checks)
        for left, rule, right in [re.fullmatch(r"(.+) (equals|not-above) (.+)", check).groups()]  # type: ignore[union-attr]
    )
    return f"like: quarterly\nversion: 2\nuse: true\nasks: [{asks}]\nchecks:\n{written}"


CONTRADICTIONS = [
    # the checks, and what is found: how, which of them
    (["files-online, files-direct equals files-received"], []),
    (["files-online not-above files-received", "files-direct not-above files-received"], []),
    (
        ["files-online, files-direct equals files-received", "files-received not-above files-online"],
        [("only-least", "a, b"), ("only-equal", "a, b")],
    ),
    (
        ["files-online not-above files-direct", "files-direct not-above files-online"],
        [("only-equal", "a, b")],
    ),
    (
        ["files-online not-above files-direct", "files-direct not-above files-received",
         "files-received not-above files-online"],
        [("only-equal", "a, b, c")],
    ),
    (
        ["files-received equals files-online, files-direct", "files-received equals files-online",
         "files-resolved not-above files-received"],
        [("only-least", "a, b")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("checks", "found"), CONTRADICTIONS)
def test_checks_that_contradict_each_other_are_found(
    tmp_path: Path, checks: list[str], found: list[tuple[str, str]]
) -> None:
    forms = office(tmp_path, quarterly=with_checks(*checks))
    faults = contradicting(forms["quarterly"], SHIPPED, tmp_path)
    assert sorted({(fault.name, str(fault.values["checks"])) for fault in faults}) == sorted(
        [one for one in found if one[0] == "only-least"] or found
    )
    for fault in faults:
        assert fault.file == str(tmp_path / "quarterly.yaml")
        last = str(fault.values["checks"])[-1]
        assert f"id: {last}," in Path(fault.file).read_text("utf-8").splitlines()[fault.line - 1]


def test_ranges_that_no_sum_can_reach_are_found(tmp_path: Path) -> None:
    start = INDICATORS.index("  - id: files-online")
    own = INDICATORS[start : INDICATORS.index("  - id: files-direct")].replace(
        "most: 500000", "least: 600000\n    most: 700000"
    )
    received = INDICATORS[
        INDICATORS.index("  - id: files-received") : INDICATORS.index("  - id: files-open-before")
    ]
    own += received.replace("most: 1000000", "most: 500000")
    forms = office(
        tmp_path,
        indicators=f"indicators:\n{own}",
        quarterly=with_checks("files-online not-above files-received"),
    )
    assert [fault.name for fault in contradicting(forms["quarterly"], SHIPPED, tmp_path)] == ["impossible"]


# --- the command ---


@pytest.mark.parametrize(
    ("lang", "said"),
    [("vi", "mâu thuẫn nhau"), ("en", "contradict each other")],
)
def test_the_command_tells_of_contradictions_in_both_languages(tmp_path: Path, lang: str, said: str) -> None:
    write(
        tmp_path,
        quarterly=with_checks("files-online not-above files-direct", "files-direct not-above files-online"),
    )
    done = CliRunner().invoke(app, ["reports", "check", str(tmp_path), "--lang", lang])
    assert done.exit_code == 1
    assert said in done.output


@pytest.mark.parametrize(("lang", "said"), [("vi", "3 mẫu, 0 lỗi"), ("en", "3 forms, 0 faults")])
def test_the_shipped_forms_pass(lang: str, said: str) -> None:
    done = CliRunner().invoke(app, ["reports", "check", "--lang", lang])
    assert (done.exit_code, done.output.strip()) == (0, said)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_explained_so_that_an_officer_can_check_it(form: str, lang: str) -> None:
    done = CliRunner().invoke(app, ["reports", "explain", form, "--lang", lang])
    assert done.exit_code == 0
    for one in FORMS[form].indicators:
        assert one.name.of(lang) in done.output
        assert one.definition.of(lang) in done.output
    for task in FORMS[form].tasks:
        assert task.name.of(lang) in done.output
        assert task.product.of(lang) in done.output
    for check in FORMS[form].checks:
        assert check.says.of(lang) in done.output
    assert not re.search(r"{\w+}", done.output)


def test_a_form_that_is_not_there_is_named() -> None:
    done = CliRunner().invoke(app, ["reports", "explain", "yearly"])
    assert done.exit_code == 1
    assert "campaign, monthly, quarterly" in done.output
