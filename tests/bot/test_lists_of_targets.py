"""A list of targets: what is refused with row, column and remedy, what is kept once, and who is told."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, select

from bot.lists import keeping
from bot.shelf import Bookcase
from bot.store import tables as t
from bot.store.database import Database
from bot.store.people import StoredPeople
from bot.store.records import StoredRecords
from bot.store.targets import StoredTargets
from bot.wording import Wording
from handlers import desk
from handlers.records.people import Person
from handlers.records.targets import Target
from handlers.talk import Due, Talk
from handlers.turn import Turn
from tests.bot.test_lists import NOW, bring, database, everything, told, with_all

__all__ = ["database"]
HEADING = "mã;địa bàn;việc cần đếm;đơn vị tính;số cần đạt;từ ngày;đến ngày;nơi báo số;cách tính;đã có trước;ngày tính\n"
TARGETS = HEADING + (
    "VN;xã Ứng Hòa, Hà Nội;hộ cài VNeID;;1.500;16/11/2026;14/1/2027;;;;\n"
    ";10402;tài khoản mức 2;tài khoản;800;16/11/2026;31/12/2026;D + thôn Thống Nhất;tổng;120;ngày làm việc\n"
    ";10402;bài tuyên truyền;bài;45;9/11/2026;23/12/2026;cả xã;mới;;mọi ngày\n"
)
FIRST, LAST = date(2026, 11, 16), date(2027, 1, 14)


def stored(database: Database) -> list[Target]:
    with database.read() as connection:
        kept = StoredTargets(connection, NOW)
        return [target for number in range(1, 9) if (target := kept.one(number))]


def test_a_list_sets_targets_and_the_same_list_again_changes_nothing(database: Database) -> None:
    with_all(database)
    outcome = bring(database, "targets", TARGETS)
    assert (outcome.rows, outcome.added, told(outcome)) == (3, 3, [])
    vneid, accounts, posts = stored(database)
    assert (vneid.name, vneid.measure, vneid.goal, vneid.first, vneid.last) == (
        "hộ cài VNeID",
        "hộ",
        1500,
        FIRST,
        LAST,
    )
    assert (vneid.every, vneid.places, vneid.counts, vneid.days_off, vneid.key) == (
        True,
        (),
        "new",
        True,
        "VN",
    )
    assert (accounts.every, len(accounts.places), accounts.counts, accounts.base) == (False, 2, "total", 120)
    assert not accounts.days_off
    assert (posts.every, posts.places) == (False, ())
    with database.read() as connection:
        assert [(one.what, one.by) for one in StoredTargets(connection, NOW).history(1, 5)] == [("set", 0)]
    kept = everything(database)
    assert (bring(database, "targets", TARGETS).added, bring(database, "targets", TARGETS).changed) == (0, 0)
    assert everything(database) == kept


def test_what_the_chat_has_changed_stays_until_the_list_says_something_else(database: Database) -> None:
    with_all(database)
    bring(database, "targets", TARGETS)
    with database.write() as connection:
        kept = StoredTargets(connection, NOW)
        vneid, _accounts, posts = (kept.one(number) for number in (1, 2, 3))
        assert vneid
        assert posts
        kept.save(msgspec.structs.replace(vneid, goal=1600), "changed", 7, "")
        kept.save(msgspec.structs.replace(posts, state="ended"), "ended", 7, "")
    outcome = bring(database, "targets", TARGETS)
    assert (outcome.added, outcome.changed) == (0, 0)
    assert [Wording().word(one, "vi") for one in outcome.notices] == [
        'Dòng 4: "bài tuyên truyền" đã kết thúc. Vẫn để vậy.'
    ]
    narrow = "mã;việc cần đếm;địa bàn;số cần đạt;đến ngày;từ ngày\nVN;hộ cài VNeID;10402;1500;14/01/2027;2026-11-16\n"
    assert bring(database, "targets", narrow).changed == 0  # the same, written otherwise
    assert [target.goal for target in stored(database)] == [1600, 800, 45]
    outcome = bring(database, "targets", TARGETS.replace("1.500", "2000").replace("hộ cài", "hộ dân cài"))
    assert (outcome.added, outcome.changed) == (0, 1)
    vneid = stored(database)[0]
    assert (vneid.name, vneid.goal) == ("hộ dân cài VNeID", 2000)
    with database.read() as connection:
        newest = StoredTargets(connection, NOW).history(1, 1)[0]
        assert (newest.what, newest.by, msgspec.json.decode(newest.detail, type=Target).goal) == (
            "changed",
            0,
            1600,
        )


def row(**cells: str) -> str:
    """Give a list of one row that is right but for these cells."""
    names = HEADING.strip().split(";")
    right = {
        "địa bàn": "10402",
        "việc cần đếm": "hộ cài VNeID",
        "số cần đạt": "500",
        "từ ngày": "16/11/2026",
        "đến ngày": "14/1/2027",
    } | {name.replace("_", " "): cell for name, cell in cells.items()}
    return HEADING + ";".join(right.get(name, "") for name in names) + "\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (row(số_cần_đạt="khoảng 50"), 'cột "số cần đạt": "khoảng 50" không phải số nguyên. Chỉ ghi chữ số, '),
        (row(số_cần_đạt="12,5"), 'cột "số cần đạt": "12,5" không phải số nguyên.'),
        (row(số_cần_đạt="0"), 'cột "số cần đạt": 0 thì chưa phải mục tiêu.'),
        (row(số_cần_đạt="=A1"), 'cột "số cần đạt": Ô này là công thức.'),
        (row(số_cần_đạt=""), 'cột "số cần đạt": Ô này để trống. Điền vào, hoặc bỏ dòng này.'),
        (row(địa_bàn="99999"), 'cột "địa bàn": Nay không có xã, phường "99999". Ghi tên kèm tỉnh'),
        (row(địa_bàn="10354"), 'cột "địa bàn": Xã, phường này chưa có cơ quan nào ở đây. Nhập'),
        (row(việc_cần_đếm="VNeID"), 'cột "đơn vị tính": Chưa rõ đếm theo đơn vị nào.'),
        (row(đến_ngày="16/11/2026"), 'cột "đến ngày": Ngày cuối phải sau ngày đầu'),
        (row(đến_ngày="1/11/2026"), 'cột "đến ngày": Ngày cuối trước ngày đầu. Sửa một trong hai ngày.'),
        (row(đến_ngày="14/1/2029"), 'cột "đến ngày": Ngày cuối phải sau ngày đầu, trong vòng một năm.'),
        (row(từ_ngày="1/9/2026", đến_ngày="1/10/2026"), 'cột "đến ngày": Ngày đó đã qua.'),
        (row(đến_ngày="cuối năm"), 'cột "đến ngày": "cuối năm" không phải ngày.'),
        (row(nơi_báo_số="D + thôn Lạ"), 'cột "nơi báo số": Nơi đó không có thôn, tổ "thôn Lạ". Nhập danh sách thôn'),
        (row(nơi_báo_số="M"), 'cột "nơi báo số": Nơi đó không có thôn, tổ "M". Nhập danh sách thôn, tổ trước'),  # ended
        (row(cách_tính="lung tung"), 'cột "cách tính": "lung tung" chưa rõ cách tính. Ghi: mới, hoặc tổng.'),
        (row(đã_có_trước="20"), 'cột "đã có trước": Chỉ cách tính tổng số mới có số đã có trước.'),
        (row(cách_tính="tổng", đã_có_trước="500"), 'cột "số cần đạt": Mục tiêu phải lớn hơn 500 đã có từ trước.'),
        (row(ngày_tính="thứ hai"), 'cột "ngày tính": "thứ hai" chưa rõ tính ngày nào.'),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_told_with_its_place_and_remedy(
    content: str, sentence: str, sqlite_url: str
) -> None:
    opened = Database(sqlite_url)
    with_all(opened)
    [problem] = told(bring(opened, "targets", content))
    assert problem.startswith(f"Dòng 2, {sentence}")
    assert stored(opened) == []
    opened.close()


def test_two_rows_about_the_same_and_one_bad_row_keep_the_whole_list_out(database: Database) -> None:
    with_all(database)
    twice = TARGETS + TARGETS.splitlines()[1] + "\n"
    assert told(bring(database, "targets", twice)) == [
        'Dòng 5, cột "mã": Trùng với dòng 2. Bỏ một dòng, hoặc cho mỗi dòng một mã riêng.'
    ]
    assert stored(database) == []


def test_a_new_campaign_of_an_old_name_is_another_target(database: Database) -> None:
    with_all(database)
    bring(database, "targets", row())
    with database.write() as connection:
        kept = StoredTargets(connection, NOW)
        before = kept.one(1)
        assert before
        kept.save(msgspec.structs.replace(before, state="ended"), "ended", 7, "")
    assert bring(database, "targets", row(từ_ngày="1/12/2026")).added == 1
    assert [target.state for target in stored(database)] == ["ended", "running"]


def test_a_list_judged_by_what_the_chat_has_changed_meanwhile_is_judged_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_all(database)
    bring(database, "targets", row())
    judge, times = keeping.JUDGES["targets"], 0

    def changed_meanwhile(*given: Any) -> Any:
        nonlocal times
        judged = judge(*given)
        times += 1
        if times == 1:
            with database.write() as connection:
                kept = StoredTargets(connection, NOW)
                before = kept.one(1)
                assert before
                kept.save(msgspec.structs.replace(before, goal=700), "changed", 7, "")
        return judged

    monkeypatch.setitem(keeping.JUDGES, "targets", changed_meanwhile)
    assert bring(database, "targets", row(số_cần_đạt="600")).changed == 1
    assert times == 2
    assert [target.goal for target in stored(database)] == [600]


def test_leads_are_told_of_a_new_target_by_day_and_asked_as_for_any_other(
    database: Database, bookcase: Bookcase, wording: Wording
) -> None:
    with_all(database)
    with database.write() as connection:
        lead = connection.scalar(
            insert(t.conversations)
            .values(touched=NOW, person='{"name":"Sơn"}')
            .returning(t.conversations.c.id)
        )
        team = connection.scalar(select(t.units.c.id).where(t.units.c.key == "TD"))
        people = StoredPeople(connection, NOW)
        code = people.invite("lead", team or 0, "Sơn", "anh")
        invitation = people.invitation(code)
        assert invitation
        people.join(invitation, lead or 0)
    bring(database, "targets", row(nơi_báo_số="D"))
    night = datetime(2026, 11, 9, 16, tzinfo=UTC)
    with database.write() as connection:
        event = connection.scalar(select(t.inbox.c.event).where(t.inbox.c.key.like("target.listed:%")))
        due = msgspec.json.decode(event or b"", type=Due)
        turn = Turn(
            event=due,
            person=Person(id=99),
            talk=Talk(),
            now=night,
            shelf=bookcase.shelf(),
            records=StoredRecords(connection, night),
        )
        desk.decide(turn)
        [said] = turn.said
        assert said.to == lead
        assert said.not_before == datetime(2026, 11, 10, 0, 30, tzinfo=UTC)
        assert wording.word(said.text, "vi", "anh").startswith(
            "Mục tiêu mới của xã Ứng Hòa, theo danh sách của cơ quan:\n**500 hộ cài VNeID**"
        )
        assert turn.notes == [("target set by a list", "target:1", 0)]
