"""A head signs off several reports at once: those with nothing unusual by one tap, the others one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from handlers import approvals, filing, standing_in
from handlers.filing import Filing, lines
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold

DOING = f"{filing.DOING} several"
AT = "head-several"
SHOWN = 12  # reports of one list, and approved by one tap
_ASKED = {
    "duyet het", "duyet tat ca", "duyet nhieu", "duyet mot loat", "duyet loat", "duyet nhieu bao cao",
    "duyet tat ca bao cao", "approve all", "approve several", "sign off all",
}  # fmt: skip

Shown = tuple[str, int]  # the name of a report, and the version that was shown


def typed_card(turn: Turn) -> bool:
    """Hear "duyệt hết": show what waits, so that one tap approves it; False where nothing can be meant."""
    if not turn.staff or fold(turn.text) not in _ASKED:
        return False
    if _judges(turn):
        show(turn)
        return True
    other = (*filing.units(turn, "officer"), *filing.units(turn, "reporter"))
    if other:
        turn.say(_("That is for the head of {unit}."), unit=as_is(other[0].name))
    return bool(other)


def see(turn: Turn, _context: str) -> bool:
    """Show what waits for the head."""
    if not _judges(turn):
        return False
    show(turn)
    return True


def show(turn: Turn, before: Text | None = None) -> None:
    """List what waits with what is unusual in each, and offer to approve at once what has nothing unusual."""
    cases = waiting(turn)
    if not cases:
        turn.say(lines(before, _("No report waits for you.")))
        return
    usual = [_shown(case) for case in cases if not _odd(case)]
    if turn.talk.doing == DOING:
        turn.end()  # the list that was shown before
    turn.hold(DOING, AT, shown=" ".join(f"{key}/{number}" for key, number in usual))
    told = [part for case in cases for part in _lines(turn, case)]
    choices = []
    if usual:
        label = _("Approve the {n} as usual")(n=len(usual)) if len(usual) > 1 else _("Approve the usual one")
        choices.append(Choice("approve-usual", label, _mark(usual)))
    choices += [
        Choice("review", _("See {receipt}")(receipt=case.report.receipt), f"{case.key}/{_shown(case)[1]}")
        for case in cases
        if _odd(case)
    ]
    rest = _("What is marked ▲ is looked at one by one.") if len(usual) < len(cases) else None
    turn.say(lines(before, _("Reports for you to approve: {n}.")(n=len(cases)), *told, rest), choices[:4])


def approve_usual(turn: Turn, context: str) -> bool:
    """Approve what the list showed as usual, each in the version that it showed; say what was left out, and why."""
    shown = _kept(turn)
    if not shown and not _judges(turn):
        return False
    if not shown or _mark(shown) != context:
        # The list is no longer the one before this person, so it is shown as it is now.
        show(turn, _("This is what waits now."))
        return True
    turn.end()
    done: list[Text] = []
    for_whom: Text | None = None
    above: Text | None = None
    left: list[Text] = []
    for key, number in sorted(shown):  # everybody holds several in the same order
        case = filing.find(turn, key)
        if case is None:
            continue
        case = filing.hold(turn, case)
        why = _left_out(turn, case, number)
        if why is not None:
            left.append(_("• Left out: {title}, {why}.")(title=filing.title(case), why=why))
            continue
        case = approvals.sign(turn, case)
        for_whom = for_whom or standing_in.also(turn, case)
        above = approvals.above_hears(turn, case) or above
        done.append(
            _("• {title}: version {n}, receipt **{receipt}**")(
                title=filing.title(case), n=number, receipt=case.report.receipt
            )
        )
    head = _("Reports approved at {at}: {n}.")(at=turn.sent, n=len(done))
    files = (
        _("This is not yet the digital signature. Each file comes with “DOCX” and its receipt.")
        if done
        else None
    )
    turn.say(lines(head, *done, *left, for_whom, above, files))
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {"approve-usual": approve_usual, "approve-several": see}


# --- what waits ---


def _judges(turn: Turn) -> bool:
    """Say whether somebody heads an office, or reports wait for them all the same."""
    return bool(filing.units(turn, "head") or filing.waiting(turn, turn.person.id))


def waiting(turn: Turn) -> list[Filing]:
    """Give the reports that wait for this head, the oldest period first."""
    found = filing.waiting(turn, turn.person.id)[:SHOWN]
    cases = [filing.find(turn, filing.key_of(report)) for report in found]
    return [case for case in cases if case is not None and case.report.latest is not None]


def _shown(case: Filing) -> Shown:
    sent = case.report.latest
    assert sent is not None
    return case.key, sent.number


def _odd(case: Filing) -> bool:
    sent = case.report.latest
    if sent is None or sent.number > 1:
        return True
    return bool(filing.unusual(case, sent.values) or filing.empty(case, sent.values))


def _lines(turn: Turn, case: Filing) -> list[Text]:
    sent = case.report.latest
    assert sent is not None
    odd, empty = filing.unusual(case, sent.values), filing.empty(case, sent.values)
    again = sent.number > 1
    words = (
        _("▲ {title} ({receipt}), sent by {who}:")
        if odd or empty or again
        else _("• {title} ({receipt}), sent by {who}: nothing unusual")
    )
    told = [words(title=filing.title(case), receipt=case.report.receipt, who=filing.who(turn, sent.by))]
    if again:
        version = (
            _("   version {n}, corrected: “{why}”") if sent.corrected else _("   version {n}, corrected")
        )
        told.append(version(n=sent.number, **({"why": as_is(sent.corrected)} if sent.corrected else {})))
    lines_of = [filing.line(case, one, sent.values, turn.lang) for one in odd]
    lines_of += [filing.without_figure(empty)] if empty else []
    return told + [_("   {line}")(line=one) for one in lines_of]


def _left_out(turn: Turn, case: Filing, number: int) -> Text | None:
    """Say why a report is not approved with the others; None where nothing stands against it."""
    sent = case.report.latest
    if not filing.may_judge(turn, case.unit):
        if case.unit.village and turn.people.holding("head", case.unit.id):
            return _("since {unit} has a head of its own now")(unit=as_is(case.name))
        return _("since you no longer head {unit}")(unit=as_is(case.name))
    if sent is not None and not approvals.may_judge_own(turn, case):
        return _("since you sent it yourself")
    if case.report.state == "draft":
        return _("since it is being corrected")
    if sent is None or sent.number != number:
        return _("since there is a newer version")
    if case.report.state == "approved":
        return _("since {who} has approved it")(who=filing.decider(turn, sent))
    if case.report.state == "returned":
        return _("since {who} has returned it")(who=filing.decider(turn, sent))
    return _("since something in it is unusual") if _odd(case) else None


def _kept(turn: Turn) -> list[Shown]:
    if turn.talk.doing != DOING:
        return []
    parts = (one.rpartition("/") for one in turn.talk.kept.get("shown", "").split())
    return [(key, int(number)) for key, _slash, number in parts]


def _mark(shown: Sequence[Shown]) -> str:
    """Give by what a button knows the list that it stood under."""
    written = " ".join(f"{key}/{number}" for key, number in sorted(shown))
    return hashlib.sha256(written.encode()).hexdigest()[:8]
