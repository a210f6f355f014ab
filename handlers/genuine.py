"""Is this real?  Links, telephone numbers and transfer codes that somebody was sent, judged in the talk.

What a link is taken for is decided in `knowledge.links`; here it is said, and whoever has opened a false one
already is led on.  A suspicious address is only repeated so that nobody can tap it.
"""

from __future__ import annotations

import re

from handlers import answers, guides, misses, questions, requesting, steps
from handlers.text import Text, _, as_is, lines
from handlers.turn import Choice, Turn
from knowledge import hotlines, payments
from knowledge.domains import STATE, Domains
from knowledge.folding import fold
from knowledge.links import Verdict, defanged, found_in, judge, spread
from knowledge.payments import Payment

DOING = "doubt"
ABOUT = "link"  # what the choices here belong to
ADDRESSES, CALLERS, CODES = "safe.official-links", "safe.fake-police", "pay.qr"  # what else is told
CHEATED = "safe.been-scammed"  # the guide for whoever has been taken in
BACK = _("Back to where we were:")
MOST = 3  # verdicts of one message
WORDS = 1  # that may stand beside a link which is all that somebody sent

# --- why ---

# Whose it is, or what is wrong with it; what each name means stands in `knowledge.links`.
WHY: dict[str, Text] = {
    "listed": _("This is an address of {whose}: {real}."),
    "below": _("The address stands below {real}, which belongs to {whose}."),
    "state": _(
        "The address ends in .gov.vn, as those of state bodies do. Tổ Số does not know this name: "
        "ask that office before signing in."
    ),
    "warned": _("The address ends in {end}. Public warnings name it since {since}: it imitates {whose}."),
    "stranger": _("{real} only stands in front. The address ends in {end}, which is somebody else's."),
    "letters": _("The address has strange letters that look like {real}."),
    "before-at": _("What stands before the @ is for show. The link leads to {end}, not to {real}."),
    "name": _("The address carries the name of {whose}, but ends in {end}; that is not theirs."),
    "near": _("The address is written nearly like {real}, but ends in {end}."),
    "gov": _("The word gov only stands in the middle. The address ends in {end}, not in .gov.vn."),
    "behind": _("{real} only stands behind the slash. What opens is {end}."),
    "command": _("The link carries the name of {whose}, but opens none of their pages: it runs something."),
    "unlisted": _("Tổ Số does not know whose {end} is."),
    "short": _("This is a shortened link: it does not show where it leads."),
    "number": _("The address is a bare number: it does not show whose it is."),
    "opens-no-page": _("The link opens no page, it starts something else on the phone."),
    "mail": _("This is an e-mail address, and a sender's name proves nothing."),
    "gaps": _("The address has gaps and can be read in several ways."),
    "several-at": _("There are several @ in the link, and not every phone opens the same page."),
    "unreadable": _("Tổ Số finds no address in this."),
}
WARNED_STATE = _(
    "The address ends in {end}, not in .gov.vn. Public warnings name it since {since}: it imitates {whose}."
)
ODD_LETTERS = _("The address has strange letters that look like ordinary ones.")
REAL = _("The real address of {whose} is {real}.")
SIGN_IN_NOWHERE = _("Do not sign in or type a code there.")


def why(verdict: Verdict, domains: Domains, lang: str) -> Text:
    """Say why a link is taken for what it is, and what is better."""
    reason = _reason(verdict, domains, lang)
    if verdict.answer == "unknown":
        return _next(reason, SIGN_IN_NOWHERE)
    real = _real(verdict, domains, lang)
    return _next(reason, real) if real else reason


def _reason(verdict: Verdict, domains: Domains, lang: str) -> Text:
    known = verdict.name or verdict.row
    row = domains.row(verdict.real)
    text = WHY[verdict.reason]
    if verdict.reason == "listed" and verdict.row and verdict.host.removeprefix("www.") != verdict.row.domain:
        text = WHY["below"]
    elif verdict.reason == "warned" and row and row.domain.endswith(f".{STATE}"):
        text = WARNED_STATE
    elif verdict.reason == "letters" and not verdict.real:
        text = ODD_LETTERS
    elif verdict.reason == "near" and not verdict.real:
        text = WHY["name"]
    real = verdict.row.domain if verdict.reason == "listed" and verdict.row else verdict.real
    return text(
        whose=as_is(known.whose(lang) if known else ""),
        real=as_is(real),
        end=as_is(defanged(verdict.end)),
        since=as_is(verdict.row.since if verdict.row else ""),
    )


def _real(verdict: Verdict, domains: Domains, lang: str) -> Text | None:
    """Name the real address, where there is one and it is known for certain."""
    row = domains.row(verdict.real) if verdict.answer == "false" else None
    return REAL(whose=as_is(row.whose(lang)), real=as_is(row.domain)) if row else None


def _next(first: Text, second: Text) -> Text:
    return _("{first} {second}")(first=first, second=second)


# --- in the talk ---

_JUDGE = re.compile(
    r"\b(?:that (?:khong|chu|ha|a|hay|vay)|co that|la that|co phai|phai khong|gia (?:khong|mao|hay)|that gia|lua dao"
    r"|chinh thuc|tin duoc|dang tin|nen (?:bam|vao|mo|nghe|tin)|(?:bam|vao|mo) duoc khong|an toan khong|cua ai|so ai"
    r"|real|fake|genuine|official|legit\w*|scam\w*|trust\w*|safe|phishing|whose)\b"
)
_CALLER = re.compile(
    r"\b(?:so|sdt|dien thoai|tong dai|dau so|goi|nhan tin|hotline|number|call\w*|text\w*|phone)\b"
)

FALSE = _("It is false, do not open it. {why}")
TYPE_IT = _("If you need it, type it yourself.")
TOUCHED = _("Did you open it, or type anything there?")
TYPE_ALWAYS = _("Better type it yourself than open it from a message.")
SENT = _("Whoever sent it in an office's name: find that office's number yourself and ask.")
LATER = _("If something has been typed there already, write “scammed”.")

UNTOUCHED, OPENED, TYPED, INSTALLED = (
    Choice("link-untouched", _("No, I only read it"), ABOUT),
    Choice("link-opened", _("I opened it"), ABOUT),
    Choice("link-typed", _("I typed a code, password"), ABOUT),
    Choice("link-installed", _("I installed an app"), ABOUT),
)
HOW, HELP = (
    Choice("link-how", _("How to read addresses"), ABOUT),
    Choice("link-help", _("Ask a person"), ABOUT),
)


def answer(turn: Turn) -> bool:
    """Say whether what somebody was sent is real; False where nothing in the words is to be judged."""
    if payment := payments.read(turn.text):
        _transfer(turn, payment)
        return True
    verdicts = _judged(turn)
    asked = _JUDGE.search(" ".join(answers.tokens(turn.text))) is not None
    if not verdicts:
        return asked and _number(turn)
    found = turn.found.hits[0].topic if turn.found and turn.found.verdict == "answer" else ""
    worst = verdicts[0]
    if worst.answer == "false":
        if found == CHEATED:  # what has happened is told already, and comes first
            turn.say(FALSE(why=_told(turn, verdicts)))
            return False
        _false(turn, verdicts)
    elif asked or _alone(turn):
        _doubtful(turn, verdicts) if worst.answer == "unknown" else _official(turn, verdicts)
    elif worst.answer == "official" or turn.staff:
        return False
    elif found and found != ADDRESSES:
        turn.say(_told(turn, verdicts))
        return False
    else:
        _doubtful(turn, verdicts)
    return True


def remark(turn: Turn, *, false_only: bool) -> bool:
    """Say the verdict and nothing else, beside what goes on; False where there is none to say."""
    verdicts = [found for found in _judged(turn) if found.answer == "false" or not false_only]
    if verdicts:
        told = _told(turn, verdicts)
        turn.say(FALSE(why=told) if verdicts[0].answer == "false" else told)
    return bool(verdicts)


def _judged(turn: Turn) -> list[Verdict]:
    """Judge each link in the words, the worst first."""
    domains = turn.shelf.domains
    return list(spread([judge(link, domains) for link in found_in(turn.text, domains)]))[:MOST]


def _told(turn: Turn, verdicts: list[Verdict]) -> Text:
    return lines(*(why(verdict, turn.shelf.domains, turn.lang) for verdict in verdicts))


def _alone(turn: Turn) -> bool:
    """Say whether a link is all that was sent."""
    words = turn.text.split()
    return len(words) - len(found_in(turn.text, turn.shelf.domains)) <= WORDS


def _false(turn: Turn, verdicts: list[Verdict]) -> None:
    """Say that it is false, and ask how far somebody went; what was interrupted waits for the answer."""
    worst, *others = verdicts
    domains, lang = turn.shelf.domains, turn.lang
    said = [FALSE(why=_reason(worst, domains, lang))]
    real = _real(worst, domains, lang)
    said.append(_next(_next(real, TYPE_IT), TOUCHED) if real else TOUCHED)
    said[1:1] = [why(verdict, domains, lang) for verdict in others]
    _ask(turn)
    turn.say(lines(*said), [UNTOUCHED, OPENED, TYPED, INSTALLED])


def _ask(turn: Turn) -> None:
    resting = turn.talk.doing in ("", "topic", "topics", "unknown", misses.DOING, DOING)
    if resting or (turn.talk.doing.startswith("guide ") and turn.talk.at == "end"):
        turn.asks(DOING, "touched", context=ABOUT)
    else:
        turn.hold(DOING, "touched")
        turn.change(context=ABOUT)
    _about(turn, ADDRESSES)


def _doubtful(turn: Turn, verdicts: list[Verdict]) -> None:
    told = _told(turn, verdicts)
    if steps.under_way(turn):
        turn.say(lines(told, LATER))
        _about(turn, ADDRESSES)
        steps.again(turn, BACK)
    else:
        _about(turn, ADDRESSES)
        turn.say(lines(told, SENT), [HOW, TYPED, HELP])


def _official(turn: Turn, verdicts: list[Verdict]) -> None:
    _about(turn, ADDRESSES)
    turn.say(_next(_told(turn, verdicts), TYPE_ALWAYS))
    if steps.under_way(turn):
        steps.again(turn, BACK)


def _about(turn: Turn, topic: str) -> None:
    """Let "source" and "more" tell about this."""
    if turn.topic(topic):
        turn.change(topic=topic)


def take(turn: Turn) -> bool:
    """Take the answer to how far somebody went; False, and out of the way, when something else was said."""
    pressed = answers.pressed(turn, loosely=True)
    said = " ".join(answers.tokens(turn.text))
    if pressed and pressed[0] in CARDS:
        return CARDS[pressed[0]](turn, ABOUT)
    if answers.no(turn):
        return untouched(turn)
    if answers.yes(turn):
        return _helped_out(turn, "clicked")
    if len(said.split()) <= SHORT and not answers.asks(turn.text):
        step = next((step for step, words in _WENT if words.fullmatch(said)), "")
        if step:
            return _helped_out(turn, step)
    turn.end()
    return False


SHORT = 8  # words of an answer; who writes more tells something
# How far somebody went, in a few words of their own, and where the guide for that begins.
_SELF = r"(?:(?:toi|em|chau|con|co|bac|chu|anh|chi|minh|i|have|da|lo|moi|chi) )*"
_WENT = (
    ("phone-off", re.compile(rf"{_SELF}(?:cai|tai|installed?|downloaded?)\b(?!.*\b(?:khong|chua)\b).*")),
    ("gave-what", re.compile(rf"{_SELF}(?:nhap|dien|khai|typed?|entered?|gave)\b(?!.*\b(?:khong|chua)\b).*")),
    (
        "clicked",
        re.compile(rf"{_SELF}(?:roi|da|bam|mo|vao|opened|clicked)(?: (?:vao|mat|roi|no|thu|it|xem|day))*|da"),
    ),
)


def untouched(turn: Turn, _link: str = ABOUT) -> bool:
    """Be glad with whoever has only read it, and go on where that was interrupted."""
    if turn.talk.doing == DOING:
        turn.end()
    _about(turn, ADDRESSES)
    turn.say(
        _(
            "Good, then nothing has happened. Do not answer whoever sent it. To report it, "
            "text S (sender's number) (what it says) to 5656."
        )
    )
    if steps.under_way(turn):
        steps.again(turn, BACK)
    return True


def _helped_out(turn: Turn, step: str) -> bool:
    """Lead whoever has gone further through the first hour; what was interrupted waits."""
    if turn.talk.doing == DOING:
        turn.end()
    topic = turn.topic(CHEATED)
    if topic is None or not topic.steps:
        turn.say(
            _("Stop there. Call your bank on the number on the back of the card, then type “a person” here.")
        )
        return True
    guides.start(turn, topic, step)
    return True


def _how(turn: Turn, _link: str) -> bool:
    topic = turn.topic(ADDRESSES)
    if topic is None:
        return False
    questions.tell(turn, topic)
    return True


def _help(turn: Turn, _link: str) -> bool:
    requesting.open_free(turn, "")
    return True


CARDS = {
    UNTOUCHED.name: untouched,
    OPENED.name: lambda turn, _link: _helped_out(turn, "clicked"),
    TYPED.name: lambda turn, _link: _helped_out(turn, "gave-what"),
    INSTALLED.name: lambda turn, _link: _helped_out(turn, "phone-off"),
    HOW.name: _how,
    HELP.name: _help,
}

# --- who called, and what a code pays ---


def _number(turn: Turn) -> bool:
    """Judge a telephone number that is asked about; a known one is only good to call back."""
    numbers = hotlines.numbers_in(turn.text)
    if not numbers or not _CALLER.search(fold(turn.text)):
        return False
    known = next((found for number in numbers if (found := hotlines.hotline(number))), None)
    if known is not None:
        turn.say(
            _("{number} is {whose}. But a number on the screen can be forged: hang up and call it yourself.")(
                number=as_is(_grouped(known.number)), whose=as_is(known.whose(turn.lang))
            )
        )
    else:
        turn.say(_("Tổ Số does not know whose number that is, and a number on the screen can be forged."))
        if topic := turn.topic(CALLERS):
            questions.tell(turn, topic)
            return True
    if steps.under_way(turn):
        steps.again(turn, BACK)
    return True


def _grouped(number: str) -> str:
    return f"{number[:4]} {number[4:]}" if len(number) > 5 else number


def _transfer(turn: Turn, payment: Payment) -> None:
    """Say what a code would pay to whom, and that nothing in it tells whose the account is."""
    if not payment.sound:
        text = _("This transfer code is incomplete or was changed. Do not use it, ask for it anew.")
    else:
        parts = [_("This code transfers money to an account ending in {tail} at {bank}.")]
        if not payment.tail:
            parts = [_("This code pays money to a shop or a service.")]
        if payment.amount:
            parts.append(_("Amount: {amount} VND.")(amount=payment.amount))
        if payment.name:
            parts.append(_("It says “{name}”, but whoever made the code can write any name."))
        parts.append(
            _(
                "Scan it in the bank's app only and read the receiver's name there. "
                "If it is not whom you mean to pay, stop."
            )
        )
        known = {"tail": as_is(payment.tail), "bank": as_is(payment.bank), "name": as_is(payment.name)}
        text = lines(*(part(**known) for part in parts))
    topic = turn.topic(CODES)
    if steps.under_way(turn):
        turn.say(text)
        _about(turn, CODES)
        steps.again(turn, BACK)
    elif topic:
        questions.encourage(turn, topic, text)
    else:
        turn.say(text)
