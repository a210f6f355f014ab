"""The head's side of a report: told at once, sees what is unusual first, approves, returns or asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

from handlers import (
    answers,
    beside,
    cases,
    documents,
    evidence,
    filing,
    locking,
    overview,
    published,
    stagnation,
    standing_in,
    supervision,
    tasks,
    things,
    versions,
)
from handlers.filing import Filing, lines
from handlers.records.media import Thing
from handlers.records.people import Unit
from handlers.records.reports import Report, Submission
from handlers.rules import adding, arrival
from handlers.talk import Due, Incoming
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.forms import FormTask

RETURNING, ASKING, ANSWERING, REVIEW = "head-return", "head-ask", "officer-answer", "head-review"
ANSWERED = "officer-answered"  # a photo may still follow
STATES = (RETURNING, ASKING, ANSWERING, ANSWERED, REVIEW)
RESTING = (REVIEW, ANSWERED)  # in which nothing is waited for
NAMED = 2  # people who are invited and have not come, named one by one
LONGEST = 500  # letters of a reason or a question that are passed on

_HEARD = {"ok", "oke", "okay", "okie", "ok a", "oke a", "da ok", "ok em", "ok nhe"}  # answers nothing
_WORDS_TOO = re.compile(r"([1-4])[\s.,:)]+([^\W\d_].*)", re.S)


def tell(turn: Turn, case: Filing) -> None:
    """Tell the heads of the unit, or who stands in for them, that a report waits for them."""
    for head in filing.judges(turn, case.unit, _latest(case).by):
        turn.say(
            lines(standing_in.asked(turn, case, head), _overview(turn, case, head.lang or "vi")),
            _ways(turn, case),
            to=head,
            kind="notice",
            about=f"{case.about}:{_latest(case).number}",
        )
        evidence.show(turn, case, head, evidence.new(turn, case))


def taken_back(turn: Turn, case: Filing) -> None:
    """Tell those who were to judge a report that it is being corrected."""
    turn.withdraw(f"{case.about}:{_latest(case).number}")
    for head in filing.judges(turn, case.unit, _latest(case).by):
        if head.id != turn.person.id:
            turn.say(
                lines(
                    _("{who} is correcting {title}; the new version will come to you by itself.")(
                        who=filing.who(turn, turn.person.id, first=True),
                        title=filing.title(filing.read_by(case, head)),
                    ),
                    filing.corrected(case.report.correcting),
                ),
                to=head,
                kind="notice",
            )


# --- cards: their context is the report and the version that was shown ---


def review(turn: Turn, context: str) -> bool:
    """Show a report that waits, so that the head may answer in words."""
    case, number = _of(turn, context)
    if case is None:
        return False
    if _may_judge(turn, case, number):
        _show(turn, case)
    return True


def see_all(turn: Turn, context: str) -> bool:
    """Show every indicator of the version that was pressed."""
    case, number = _of(turn, context)
    if case is None:
        return False
    if not _is_head(turn, case):
        return True
    sent = next((each for each in case.report.submissions if each.number == number), _latest(case))
    every = versions.told(turn, case, sent)
    with_it = evidence.of(turn, case) if sent == _latest(case) else []
    if case.report.state == "submitted" and sent == _latest(case):
        _stand(turn, case)
        _seen(turn)
        turn.say(every, _ways(turn, case)[:3])
    else:
        turn.say(every)
    evidence.show(turn, case, turn.person, with_it)
    return True


APPROVED = _("Approved at {at}: version {n} of {title}, sent {timely}. {who} is being told.")
CORRECTION_APPROVED = _("Approved at {at}: version {n} of {title}; {timely}. {who} is being told.")


def approve(turn: Turn, context: str) -> bool:
    """Approve what the head was shown, and no other version."""
    case, number = _of(turn, context)
    if case is None:
        return False
    case = filing.hold(turn, case)
    if not _may_judge(turn, case, number):
        return True
    case = sign(turn, case)
    sent = _latest(case)
    _leave(turn)
    turn.say(
        lines(
            (APPROVED if sent.number == 1 else CORRECTION_APPROVED)(
                at=sent.decided,
                n=sent.number,
                title=filing.title(case),
                timely=filing.timely(turn, case),
                who=filing.who(turn, sent.by, first=True),
            ),
            standing_in.also(turn, case),
            above_hears(turn, case),
            _("This is not yet the digital signature. The file goes with this, to be signed."),
        ),
        documents.ways(case),
        file=filing.sheet(turn, case, sent),
    )
    return True


def above_hears(turn: Turn, case: Filing) -> Text | None:
    """Have the unit above told of what was just approved, and say when; None where nobody is there to be."""
    told = supervision.approved(turn, case)
    if told is None:
        return None
    return _("{unit} will be told at {at}.")(unit=as_is(filing.capital(overview.called(told[0]))), at=told[1])


def sign(turn: Turn, case: Filing) -> Filing:
    """Approve what was sent last, and tell those who report; give the report as it is then."""
    case = _judged(turn, case, "approved")
    sent = _latest(case)
    turn.note(f"approved version {sent.number}", case.about)
    published.corrected(turn, case)
    for officer in filing.officers(turn, case):
        if officer.id != turn.person.id:
            turn.say(
                lines(
                    _("{who} has approved {title}: version {n}, receipt **{receipt}**.")(
                        who=filing.decider(turn, sent, first=True),
                        title=filing.title(filing.read_by(case, officer)),
                        n=sent.number,
                        receipt=case.report.receipt,
                    ),
                    _("This is not yet the digital signature. The file goes with this, to be signed."),
                ),
                documents.ways(case),
                to=officer,
                kind="receipt",
                file=filing.sheet(turn, case, sent),
            )
    return case


def send_back(turn: Turn, context: str) -> bool:
    """Ask for the reason without which nothing is returned."""
    case, number = _of(turn, context)
    if case is None:
        return False
    if _may_judge(turn, case, number, approved_too=True):
        if filing.locked(turn, case):
            locking.refuse(turn, case)
            return True
        _enter(turn, case, RETURNING)
        _wait(turn, case)
    return True


def ask_officer(turn: Turn, context: str) -> bool:
    """Ask what the head wants to know."""
    case, number = _of(turn, context)
    if case is None:
        return False
    if _may_judge(turn, case, number):
        _enter(turn, case, ASKING)
        _wait(turn, case)
    return True


def answer_head(turn: Turn, context: str) -> bool:
    """Let the officer type an answer to the head's question."""
    case, _number = _of(turn, context)
    if case is None:
        return False
    if not filing.acts(turn, "reporter", case.unit):
        turn.say(_("You no longer report for {unit}."), unit=as_is(case.name))
        return True
    _enter(turn, case, ANSWERING)
    _wait(turn, case)
    return True


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "review": review,
    "approve": approve,
    "send-back": send_back,
    "ask-officer": ask_officer,
    "see-all": see_all,
    "answer-head": answer_head,
}


# --- words that were waited for ---

_AWAITED = {
    RETURNING: _("What is to be put right? One sentence; {who} will read it. “Stop” leaves all as it is."),
    ASKING: _("What would you like to ask {who}? The report waits meanwhile."),
    ANSWERING: _("Type the answer; it goes to the head as you write it."),
}


def _wait(turn: Turn, case: Filing, before: Text | None = None) -> None:
    turn.say(lines(before, _AWAITED[turn.talk.at](who=filing.who(turn, _latest(case).by))))


def again(turn: Turn, before: Text | None = None) -> bool:
    """Ask once more for the words that were waited for; False when none are."""
    case, number = _of(turn, turn.talk.kept.get("case", ""))
    if turn.talk.at not in STATES or turn.talk.at == ANSWERED or case is None:
        return False
    if turn.talk.at != REVIEW:
        _wait(turn, case, before)
    elif number == _latest(case).number and case.report.state == "submitted":
        _show(turn, case, before)
    return True


def take(turn: Turn) -> bool:
    """Take a reason, a question, an answer, or a choice with words behind it; False when it was none."""
    at = turn.talk.at
    case, number = _of(turn, turn.talk.kept.get("case", ""))
    if case is None:
        turn.end()
        return False
    if at == REVIEW:
        return _with_words(turn, case)
    if at == ANSWERED:
        turn.end()
        return False
    if answers.command(turn) in ("stop", "back", "pause"):
        _leave(turn)
        turn.say(_("All right. The report stays as it is."))
        return True
    if answers.command(turn):
        return False
    words = turn.text[:LONGEST]
    if at == ANSWERING:  # "412" and "872 + 412 = 1284 ạ" answer a question
        wordless = fold(words) in _HEARD or not any(letter.isalnum() for letter in words)
    else:
        no_reason = at == RETURNING and (answers.yes(turn) or answers.no(turn))
        wordless = no_reason or sum(letter.isalpha() for letter in words) < 2
    if wordless:
        if at == ANSWERING:
            turn.say(_("A few words or a figure, please. “Stop” leaves all as it is."))
        else:
            turn.say(_("One sentence in words, please. “Stop” leaves all as it is."))
        return True
    {RETURNING: _return, ASKING: _ask, ANSWERING: _answer}[at](turn, case, number, words)
    return True


def typed_card(turn: Turn) -> bool:
    """Hear "duyệt UH-11-K4M", "trả lại UH-11-K4M: …", or "duyệt" alone, where there are no buttons to press."""
    if fold(turn.text) in _APPROVE and turn.talk.kept.get("seen") and _before(turn):
        return approve(turn, turn.talk.kept["case"])
    offered = {button.data.partition("@")[0] for button in turn.talk.offered}
    if fold(turn.text) in _SHOW or (
        fold(turn.text) in _APPROVE and (turn.talk.at != REVIEW or "approve" not in offered)
    ):
        waiting = filing.waiting(turn, turn.person.id)
        case = filing.find(turn, filing.key_of(waiting[0])) if waiting else None
        if case is None:
            return situation(turn)
        _show(turn, case, None if fold(turn.text) in _SHOW else NOT_YET)
        return True
    named = filing.naming(turn)
    verb = next((name for name, said in _VERBS.items() if named and named.verb in said), "")
    if not named or not verb:
        return False
    case = named.case
    if case is None or not case.report.latest:
        turn.say(filing.NO_SUCH)
        return True
    context = f"{case.key}/{case.report.latest.number}"
    words = named.words
    if verb == "send-back" and not words and case.report.state == "approved":
        words = case.report.correcting  # the reason for which it was asked back, if it was
    return (bool(words) and chosen_with(turn, verb, context, words)) or CARDS[verb](turn, context)


NOT_YET = _("Not approved yet. Please look at it first; “approve” once more approves it.")
# Alone it names no report, so the one that has waited longest is shown and decided with the next word.
_APPROVE = {"duyet", "duyet bao cao", "duyet nhe", "duyet luon", "approve"}
_SHOW = {"xem bao cao", "see the report", "see report", "show the report"}
_VERBS = {
    "review": {"xem", "xem bao cao", "see", "review"},
    "see-all": {"xem het", "xem ca", "xem du", "see all"},
    "approve": {"duyet", "duyet bao cao", "approve"},
    "send-back": {"tra lai", "tra", "return", "send back"},
    "ask-officer": {"hoi", "ask"},
    "answer-head": {"tra loi", "answer", "reply"},
}


def _before(turn: Turn) -> bool:
    """Say whether what this head has before them is the version that waits."""
    case, number = _of(turn, turn.talk.kept.get("case", ""))
    return (
        turn.talk.at == REVIEW
        and case is not None
        and case.report.state == "submitted"
        and number == _latest(case).number
    )


def _with_words(turn: Turn, case: Filing) -> bool:
    sign, words = parted(turn.text)
    offered = [(button.data, button.label) for button in turn.talk.offered]
    data = answers.chosen(offered, sign) if words else None
    name, _at, context = (data or "").partition("@")
    if name not in ("send-back", "ask-officer"):
        return False
    return chosen_with(turn, name, context, words)


def parted(text: str) -> tuple[str, str]:
    """Part "3 số này lấy ở đâu" into the number and the words behind it; other text has none."""
    match = _WORDS_TOO.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def chosen_with(turn: Turn, name: str, context: str, words: str) -> bool:
    """Take a choice together with the words it would have asked for; False where it asks for none."""
    case, _number = _of(turn, context)
    if case is None or name not in ("send-back", "ask-officer", "answer-head"):
        return False
    CARDS[name](turn, context)
    if turn.talk.at in (RETURNING, ASKING, ANSWERING):
        turn.said.pop()  # the question has its answer already
        _said_with(turn, case, words)
    return True


def _said_with(turn: Turn, case: Filing, words: str) -> None:
    act = {RETURNING: _return, ASKING: _ask, ANSWERING: _answer}[turn.talk.at]
    act(turn, case, _latest(case).number, words[:LONGEST])


def _return(turn: Turn, case: Filing, number: int, words: str) -> None:
    case = filing.hold(turn, case)
    _leave(turn)
    if not _may_judge(turn, case, number, approved_too=True):
        return
    if filing.locked(turn, case):
        locking.refuse(turn, case)
        return
    case = _judged(turn, case, "returned", words)
    turn.note(f"returned version {number}", case.about)
    told = filing.officers(turn, case)
    turn.say(
        lines(
            _("Version {n} is returned; {who} is being told and corrects it.")(
                n=number, who=filing.who(turn, told[0].id) if told else _("somebody of the office")
            ),
            standing_in.also(turn, case),
        )
    )
    if case.report.correcting:  # somebody has asked for it, who need not be whoever sent it
        colleagues = {one.id: one for one in (*told, *filing.there(turn, "reporter", case.unit))}
        told = tuple(one for one in colleagues.values() if one.id != turn.person.id)
    for officer in told:
        turn.say(
            lines(
                _("{who} has returned {title}, version {n}:")(
                    who=filing.decider(turn, _latest(case), first=True),
                    title=filing.title(filing.read_by(case, officer)),
                    n=number,
                ),
                as_is(f"“{words}”"),
            ),
            [
                Choice(
                    "file-report",
                    _("Correct it"),
                    case.key,
                    _("CORRECT {receipt}")(receipt=case.report.receipt),
                )
            ],
            to=officer,
            kind="notice",
            about=f"{case.about}:{number}",
        )


def _ask(turn: Turn, case: Filing, number: int, words: str) -> None:
    _leave(turn)
    if not _may_judge(turn, case, number):
        return
    if not (turn.talk.doing or turn.talk.held):
        _enter(turn, case, REVIEW)  # so that "duyệt" is enough once the answer is here
        _seen(turn)
    told = filing.officers(turn, case)
    turn.note("asked about", case.about)
    for other in filing.judges(turn, case.unit, _latest(case).by) if told else ():
        if other.id == turn.person.id:
            continue
        turn.say(  # the answer goes to all who can approve it
            lines(
                _("{who} has asked {officer} about {title}:")(
                    who=filing.who(turn, turn.person.id, first=True),
                    officer=filing.who(turn, told[0].id),
                    title=filing.title(filing.read_by(case, other)),
                ),
                as_is(f"“{words}”"),
            ),
            to=other,
            kind="notice",
            about=f"{case.about}:{number}",
        )
    for officer in told:
        turn.say(
            lines(
                _("{who} asks about {title}:")(
                    who=filing.who(turn, turn.person.id, first=True),
                    title=filing.title(filing.read_by(case, officer)),
                ),
                as_is(f"“{words}”"),
                _("To answer, tap below, or type: reply {receipt}")(receipt=case.report.receipt),
            ),
            [
                Choice(
                    "answer-head",
                    _("Answer"),
                    f"{case.key}/{number}",
                    _("REPLY {receipt}")(receipt=case.report.receipt),
                )
            ],
            to=officer,
            kind="notice",
            about=f"{case.about}:{number}",
        )
    turn.say(
        _("The question has gone to {who}. The report still waits for you.")
        if told
        else _("Nobody reports for {unit} now, so there is nobody to ask."),
        who=filing.who(turn, told[0].id) if told else "",
        unit=as_is(case.name),
    )


def _answer(turn: Turn, case: Filing, number: int, words: str) -> None:
    turn.end()
    if not (turn.talk.doing or turn.talk.held):
        _enter(turn, case, ANSWERED)
    turn.note("answered about", case.about)
    waits = case.report.state == "submitted"
    summed = _summed(case, words)
    for head in filing.judges(turn, case.unit, _latest(case).by):
        told = _("{who} on {title}: “{words}”")(
            who=filing.who(turn, turn.person.id, first=True),
            title=filing.title(filing.read_by(case, head)),
            words=as_is(words),
        )
        turn.say(
            lines(told, summed),
            _ways(turn, case) if waits else (),
            to=head,
            kind="notice",
            about=f"{case.about}:{number}",
        )
    turn.say(_("Passed on."))


def _summed(case: Filing, words: str) -> Text | None:
    """Say that a sum in an answer makes a figure of the report; None where none does."""
    values = _latest(case).values
    whole = {one.id for one in case.form.indicators if not one.decimals}
    figures = [
        number
        for name, value in values.items()
        if name in whole
        for number in (value.value, value.of)
        if number is not None
    ]
    found = adding.fitting(words, figures)
    if found is None:
        return None
    told = _("{n}")(n=found.parts[0])
    for part in found.parts[1:]:
        told = _("{before} + {n}")(before=told, n=part)
    return _("{parts} = {n}, as in the report.")(parts=told, n=found.total)


# --- a picture beside an answer ---


def attached(turn: Turn) -> bool:
    """Pass on a photo or file that goes with an answer to the head; False where none is being answered."""
    event = turn.event
    assert isinstance(event, Incoming)
    case, number = _of(turn, turn.talk.kept.get("case", ""))
    if turn.talk.at not in (ANSWERING, ANSWERED) or event.attachment is None or case is None:
        return False
    if not filing.acts(turn, "reporter", case.unit):
        turn.say(_("You no longer report for {unit}."), unit=as_is(case.name))
        turn.end()
        return True
    code = things.noted(turn)
    if code:
        turn.media.want(code, f"{case.about}/{number}")
    if turn.talk.at == ANSWERING and turn.text:
        _answer(turn, case, number, turn.text[:LONGEST])
    elif turn.talk.at == ANSWERING:
        _wait(turn, case, _("It goes to the head as well.") if code else None)
    elif code:
        turn.say(_("It goes to the head as well."))
    return True


def kept(turn: Turn) -> None:
    """Show the heads what was sent beside an answer, once it is here."""
    thing, case = _sent_beside(turn)
    if thing is not None and case is not None:
        evidence.to_judges(turn, case, thing)


def refused(turn: Turn) -> None:
    """Tell whoever sent something beside an answer that it was not passed on, and what to do."""
    thing, case = _sent_beside(turn)
    if thing is not None and case is not None:
        why = things.REFUSED[thing.reason or "lost"]
        turn.say(why(code=case.report.receipt, kind=cases.KINDS[thing.kind]), to=thing.person)


def _sent_beside(turn: Turn) -> tuple[Thing | None, Filing | None]:
    assert isinstance(turn.event, Due)
    case, _number = _of(turn, turn.event.about.partition(":")[2])
    return turn.media.get(turn.event.facts["code"]), case


# --- what waits ---


def situation(turn: Turn) -> bool:
    """Tell a head what waits and what is missing, an officer how those below stand; False for anybody else."""
    units = filing.units(turn, "head")
    watched = overview.watched(turn)
    if not watched:
        return False
    parts: list[Text] = []
    choices: list[Choice] = []
    waiting = filing.waiting(turn, turn.person.id)
    own = [unit.id for unit in units]
    for unit in units:
        _awaiting(turn, [one for one in waiting if one.unit == unit.id], parts, choices)
        _asked_back(turn, unit, parts, choices)
        for owed in (*filing.earlier(turn, [unit]), *filing.current(turn, unit)):
            if owed.report.delivered or not filing.owed(turn, owed):
                continue
            parts.append(missing(turn, owed))
            officers = turn.people.holding("reporter", unit.id)
            if officers and not filing.locked(turn, owed):
                remind = _("Remind {who}")(who=filing.who(turn, officers[0].id))
                fits = filing.name_fits(turn, officers[0].id)
                label = remind if fits else _("Remind them")
                if filing.is_earlier(turn, owed):
                    label = _("Remind of {period}")(period=filing.period_name(owed.form, owed.period))
                choices.append(Choice("nudge", label, owed.key))
    _awaiting(turn, [one for one in waiting if one.unit not in own], parts, choices)
    if sum(choice.name == "review" for choice in choices) > 1:
        choices.insert(0, Choice("approve-several", _("Approve several at once"), "all"))
    for line, choice in locking.awaited(turn, turn.people.roles(turn.person.id)):
        parts.append(line)
        choices.append(choice)
    if past := tasks.overdue(turn, turn.person):
        parts.append(tasks.overdue_line(turn, past))
        choices.append(msgspec.structs.replace(tasks.LIST, context="all"))
    of_own = [told for unit in units if (told := beside.told(turn, unit)) is not None]
    choices += [stagnation.picture(case) for _words, case in of_own[:1]]
    below = [words for words, _case in of_own]
    below += [words for unit in watched if (words := overview.told(turn, unit)) is not None]
    below += [nobody] if (nobody := overview.nobody_below(turn)) is not None else []
    if not parts:
        nothing = _("Nothing waits for you.") if units or not below else None
        turn.say(lines(nothing, *below), choices)
        return True
    if any(choice.name == "review" for choice in choices):
        first = next(choice for choice in choices if choice.name == "review")
        shown, _number = _of(turn, first.context)
        if shown is not None:
            _stand(turn, shown)
    turn.say(lines(_("What waits:"), *parts, *below), choices[:4])
    return True


def _awaiting(turn: Turn, waiting: list[Report], parts: list[Text], choices: list[Choice]) -> None:
    """Name the reports that wait for somebody, each with the tap that shows it."""
    for report in waiting:
        case = filing.find(turn, filing.key_of(report))
        if case is not None and (sent := case.report.latest):
            parts.append(
                _("• For you to approve: {title}, sent by {who} at {at}.")(
                    title=filing.title(case), who=filing.who(turn, sent.by), at=sent.at
                )
            )
            choices.append(Choice("review", _("See the report"), f"{case.key}/{sent.number}"))


def awaited(turn: Turn, *, heads: bool) -> tuple[list[Text], list[Choice]]:
    """Give the reports that wait for this person to approve, or as head to return, each with its tap."""
    parts: list[Text] = []
    choices: list[Choice] = []
    _awaiting(turn, list(filing.waiting(turn, turn.person.id)), parts, choices)
    for unit in filing.units(turn, "head") if heads else ():
        _asked_back(turn, unit, parts, choices)
    return parts, choices


def _asked_back(turn: Turn, unit: Unit, parts: list[Text], choices: list[Choice]) -> None:
    """Name the approved reports of an office that somebody asks to have returned, each with the tap that does it."""
    for case in filing.current(turn, unit):
        if case.report.state == "approved" and case.report.correcting:
            parts.append(
                _("• To be returned, as its office asks: {title}. “{reason}”")(
                    title=filing.title(case), reason=as_is(case.report.correcting)
                )
            )
            choices.append(Choice("return-asked", _("Return it"), f"{case.key}/{_latest(case).number}"))


def to_review(turn: Turn) -> list[Choice]:
    """Give the tap that leads to the report that has waited longest for this head; none where none waits."""
    return [
        Choice("review", _("See the report"), f"{filing.key_of(report)}/{report.latest.number}")
        for report in filing.waiting(turn, turn.person.id)[:1]
        if report.latest is not None
    ]


def missing(turn: Turn, case: Filing) -> Text:
    """Say that a report has not come, how far it is, and when it is due."""
    late = filing.late_by(turn, case, turn.now)
    if not turn.people.holding("reporter", case.unit.id):
        state = _("nobody has taken the invitation to report yet")
        if names := filing.invited(turn, case.unit):
            told = _("nobody could be reminded: {who} has not come with the code")
            state = told(who=as_is(", ".join(names[:NAMED])))
    elif not filing.there(turn, "reporter", case.unit):
        state = _("whoever reports is on leave, and nobody stands in")
    elif case.report.state == "returned":
        state = _("returned, not sent again yet")
    elif arrival.reworked(case.report):
        state = _("taken back, not sent again yet")
    elif case.entered:
        state = _("figures entered: {n} of {all}")(n=case.entered, all=case.form.asked)
    elif filing.worked_on(turn, case):
        state = _("being worked on")
    else:
        state = _("not begun")
    if arrival.reworked(case.report):
        return _("• Being corrected: {title} ({state}; {first}).")(
            title=filing.title(case), state=state, first=filing.first_version(turn, case)
        )
    if late:
        return _("• Missing, {days} late: {title} ({state}).")(
            title=filing.title(case), days=filing.workdays(late), state=state
        )
    return _("• Missing: {title} ({state}). Due {due}.")(
        title=filing.title(case), state=state, due=filing.due_day(turn, case)
    )


# --- small parts ---


def _of(turn: Turn, context: str) -> tuple[Filing | None, int]:
    key, _slash, number = context.partition("/")
    case = filing.find(turn, key) if number.isdigit() else None
    if case is None or case.report.latest is None:
        return None, 0
    return case, int(number)


def _latest(case: Filing) -> Submission:
    sent = case.report.latest
    assert sent is not None
    return sent


def _is_head(turn: Turn, case: Filing) -> bool:
    if filing.may_judge(turn, case.unit):
        return True
    over = filing.judged_above(turn, case.unit)
    turn.say(_("That is for the head of {unit}."), unit=as_is(overview.called(over) if over else case.name))
    return False


def _may_judge(turn: Turn, case: Filing, number: int, *, approved_too: bool = False) -> bool:
    """Say whether this version can be judged by this person now; if not, they have been told why."""
    if not _is_head(turn, case):
        return False
    sent, state = _latest(case), case.report.state
    if not may_judge_own(turn, case):
        turn.say(
            _("You sent {title} yourself, so approving it is left to {who}."),
            title=filing.title(case),
            who=_other(turn, case),
        )
    elif state == "draft":
        turn.say(
            _("A new version of {title} is being written; it will come to you by itself."),
            title=filing.title(case),
        )
    elif number != sent.number:
        _show(turn, case, _("There is a newer version."))
    elif state == "approved" and not approved_too:
        turn.say(
            _("{who} approved this version at {at}."),
            who=filing.decider(turn, sent, first=True),
            at=sent.decided,
        )
    elif state == "returned":
        turn.say(
            _("{who} returned this version at {at}: “{reason}”"),
            who=filing.decider(turn, sent, first=True),
            at=sent.decided,
            reason=as_is(sent.reason),
        )
    else:
        return True
    return False


def may_judge_own(turn: Turn, case: Filing) -> bool:
    """Say whether it is not their own report that somebody would judge in another's place."""
    over = filing.judged_above(turn, case.unit)
    return _latest(case).by != turn.person.id or filing.holds(turn, "head", over or case.unit)


def _other(turn: Turn, case: Filing) -> Text:
    """Name who is to judge a report that somebody has sent themselves."""
    over = filing.judged_above(turn, case.unit)
    if over is None:
        return filing.who(turn, filing.in_place_of(turn, case.unit))
    others = filing.judges(turn, case.unit, turn.person.id)
    return filing.who(turn, others[0].id) if others else _("the head of {unit}")(unit=as_is(over.name))


def _judged(turn: Turn, case: Filing, verdict: Literal["approved", "returned"], reason: str = "") -> Filing:
    before = _latest(case)
    undone = verdict == "returned" and before.verdict == "approved"
    sent = msgspec.structs.replace(
        before,
        verdict=verdict,
        decided=turn.sent,
        decided_by=turn.person.id,
        decided_for=filing.in_place_of(turn, case.unit),
        reason=reason,
        approved_by=before.decided_by if undone else before.approved_by,
    )
    report = msgspec.structs.replace(
        case.report, state=verdict, submissions=(*case.report.submissions[:-1], sent)
    )
    return filing.standing(case, turn.reports.save(report))


def _overview(turn: Turn, case: Filing, lang: str) -> Text:
    case = msgspec.structs.replace(case, lang=lang)
    sent = _latest(case)
    odd, empty = filing.unusual(case, sent.values), filing.empty(case, sent.values)
    every = len(case.form.indicators)
    head = _("{who} has sent {title}, version {n}, at {at}, {timely}.")(
        who=filing.who(turn, sent.by, first=True),
        title=filing.title(case),
        n=sent.number,
        at=sent.at,
        timely=filing.timely(turn, case),
    )
    if every == 1:
        usual = None if odd or empty else _("Its one indicator is as usual.")
    elif odd or empty:
        usual = _("As usual: {n} of {all} indicators.")(n=every - len({*odd, *empty}), all=every)
    else:
        usual = _("All {all} indicators are as usual.")(all=every)
    four = filing.four_measures(filing.measured(turn, case, sent))
    why = filing.corrected(sent.corrected)
    with_it = evidence.listed(evidence.of(turn, case))
    told = [filing.line(case, one, sent.values, lang) for one in odd]
    told += [filing.without_figure(empty)] if empty else []
    if case.form.tasks:
        undone = [one for one in case.form.tasks if not _is_done(sent, one)]
        told.append(
            _("Tasks done: {n} of {all}.")(n=len(case.form.tasks) - len(undone), all=len(case.form.tasks))
        )
        told += [filing.task_line(one, sent.tasks, lang) for one in undone]
    return lines(head, why, usual, *told, filing.series(turn, case), with_it, four)


def _is_done(sent: Submission, task: FormTask) -> bool:
    state = sent.tasks.get(task.id)
    return state is not None and state.stage == "done"


def _ways(turn: Turn, case: Filing) -> list[Choice]:
    sent = _latest(case)
    context = f"{case.key}/{sent.number}"
    fits = filing.name_fits(turn, sent.by)
    ask = _("Ask {who}")(who=filing.who(turn, sent.by)) if fits else _("Ask about it")
    receipt = case.report.receipt
    return [
        Choice("approve", _("Approve"), context, _("APPROVE {receipt}")(receipt=receipt)),
        Choice("send-back", _("Return with a reason"), context, _("RETURN {receipt}")(receipt=receipt)),
        Choice("ask-officer", ask, context, _("ASK {receipt}")(receipt=receipt)),
        Choice("see-all", filing.see_all(case), context, _("SEE ALL {receipt}")(receipt=receipt)),
    ]


def _show(turn: Turn, case: Filing, before: Text | None = None) -> None:
    _stand(turn, case)
    _seen(turn)
    turn.say(lines(before, _overview(turn, case, turn.lang)), _ways(turn, case))


def _stand(turn: Turn, case: Filing) -> None:
    """Put the talk before this report, so that a number with words behind it is understood."""
    _enter(turn, case, REVIEW)


def _seen(turn: Turn) -> None:
    """Keep that the head has this very report before them, so that the bare word approves it."""
    turn.change(kept={**turn.talk.kept, "seen": "yes"})


def _enter(turn: Turn, case: Filing, at: str) -> None:
    doing = f"{filing.DOING} {case.key}"
    if turn.talk.at not in STATES:
        turn.hold(doing, at)
    turn.asks(doing, at, context=f"{case.key}.{at}", case=f"{case.key}/{_latest(case).number}", seen="")


def _leave(turn: Turn) -> None:
    if turn.talk.doing.startswith(filing.DOING) and turn.talk.at in STATES:
        turn.end()
