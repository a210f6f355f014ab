"""The citizen's side of a request: what typed and pressed words about requests mean."""

from __future__ import annotations

import re
from collections.abc import Callable

from handlers import answers, cases, feedback, guides, incidents, own_requests, requesting, steps, wordless
from handlers.records.requests import Request
from handlers.relay import carry, tell
from handlers.rules import moves, roles
from handlers.text import _, lines
from handlers.turn import Turn
from knowledge.folding import fold


def works(turn: Turn, code: str) -> bool:
    """Hear that it works: the guide goes on where a helper has given it back, else it is asked how the help was."""
    request = feedback.given_back(turn, code)
    topic = steps.current(turn)
    stuck = topic.step(request.step) if request and topic else None
    if topic is None or stuck is None:
        return feedback.works(turn, code)
    told = _("Good. On with the guide:")
    if turn.talk.at == stuck.id:
        guides.go_on(turn, topic, stuck, told)
    else:  # they have gone on alone
        steps.again(turn, told)
    return True


_VERBS: dict[str, Callable[[Turn, str], bool]] = {
    "mo lai": feedback.reopen,
    "mo": feedback.reopen,
    "reopen": feedback.reopen,
    "open again": feedback.reopen,
    "rut": own_requests.withdraw,
    "rut lai": own_requests.withdraw,
    "huy": own_requests.withdraw,
    "withdraw": own_requests.withdraw,
    "cancel": own_requests.withdraw,
    "them": own_requests.add,
    "bo sung": own_requests.add,
    "add": own_requests.add,
    "add to": own_requests.add,
    "nhan": tell,
    "tell": tell,
    "write": tell,
    "duoc roi": works,
    "works": works,
    "chua duoc": feedback.not_yet,
    "not yet": feedback.not_yet,
    "viec khac": incidents.apart,
    "another matter": incidents.apart,
    "xem": own_requests.see,
    "yeu cau": own_requests.see,
    "see": own_requests.see,
    "den dau roi": own_requests.see,
    "how far": own_requests.see,
    "how far is": own_requests.see,
    "claim": own_requests.see,
    "take": own_requests.see,
    **dict.fromkeys(own_requests.WHO_HAS, own_requests.see),
    "": own_requests.see,
}
_TYPED = re.compile(rf"({'|'.join(sorted(_VERBS, key=len, reverse=True))}) ?{cases.CODE}(?: nhe| a| di)?")
# The code may come first: "4K7 đến đâu rồi?".
_HOW_FAR = re.compile(rf"(?:(?:viec|yeu cau) )?{cases.CODE} (?:den dau roi|toi dau roi|how far)(?: a)?")
_YES = {"1", "duoc roi", "duoc", "roi", "da duoc", "da duoc roi", "on roi", "xong roi", "duoc roi a", "ok roi",
        "co", "yes", "it works", "works", "yes it works", "works now"}  # fmt: skip
_NO = {
    "2",
    "chua",
    "chua duoc",
    "van chua duoc",
    "chua duoc a",
    "khong duoc",
    "van khong duoc",
    "no",
    "not yet",
}


_AGAIN = {"mo lai", "mo lai viec", "mo lai yeu cau", "mo lai giup toi", "mo lai viec cua toi", "reopen", "open again",
          "open it again", "reopen it"}  # fmt: skip


def _bare(said: str) -> str:
    """Give an answer without the courtesies behind it: "được rồi cháu ạ"."""
    return re.sub(r"(?<=\w)(?: (?:a|ah|nhe|nha|chau|con|em|anh|chi|co|chu|bac|oi))+$", "", said)


def typed_card(turn: Turn) -> bool:
    """Do what a line such as "mở lại 4K7" says, or a bare answer to "does it work now?"."""
    typed = fold(turn.text)
    plain = "" if feedback.asked_to_rate(turn) else _bare(fold(feedback.beside(turn)[0]))
    if plain in _YES or plain in _NO:
        closed = turn.requests.just_closed(turn.person.id) or feedback.asked_whether(turn)
        if closed is not None and moves.stage_of(closed) == "resolved":
            return works(turn, closed.code) if plain in _YES else feedback.not_yet(turn, closed.code)
        return False
    if asked := _HOW_FAR.fullmatch(typed):
        return own_requests.see(turn, asked[1])
    if typed in _AGAIN and (over := own_requests.newest_over(turn)):
        return feedback.reopen(turn, over.code)
    found = _TYPED.fullmatch(typed)
    if found is None:
        return False
    if _VERBS[found[1].strip()](turn, found[2]):
        return True
    if not found[1]:
        return False
    others = cases.find(turn, found[2])
    if others and _VERBS[found[1].strip()] is feedback.reopen and _worked_on(turn, others):
        turn.say(
            lines(
                cases.finished(turn, others),
                _("Only who asked opens it again, within 7 days: with “not yet”, or “reopen {short}”.")(
                    short=others.code
                ),
            )
        )
        return True
    turn.say(_("Tổ Số knows no request {code} of yours.")(code=f"YC-{found[2].upper()}"))
    return True


def _worked_on(turn: Turn, request: Request) -> bool:
    """Say whether this person may see a request as one of those who help, and it is over."""
    theirs = roles.may("card", cases.standings(turn, turn.person.id, request))
    return theirs and request.state in ("closed", "withdrawn")


def relay(turn: Turn) -> bool:
    """Pass on what a helped person says to the helper; False when it is meant for somebody else."""
    typed = fold(turn.text)
    return not (_TYPED.fullmatch(typed) or _HOW_FAR.fullmatch(typed)) and carry(turn)


def take(turn: Turn) -> bool:
    """Take an answer to a question about requests; False when the person said something else."""
    pressed = answers.pressed(turn)
    if pressed and pressed[0] in CARDS and pressed[1] and CARDS[pressed[0]](turn, pressed[1]):
        return True
    match turn.talk.at:
        case "attached":
            return wordless.decided(turn)
        case "rating" if rating := feedback.rating_meant(turn):
            return CARDS[rating](turn, turn.talk.context)
        case "words" if own_requests.added(turn):
            return True
    turn.end()
    return False


CARDS: dict[str, Callable[[Turn, str], bool]] = {
    "apart": incidents.apart,
    "see": own_requests.see,
    "withdraw": own_requests.withdraw,
    "words": own_requests.add,
    "reopen": feedback.reopen,
    "works": works,
    "not-yet": feedback.not_yet,
    "tell": tell,
    **{name: feedback.rate(name) for name in feedback.RATINGS},
}
FORMS = (requesting.REQUEST,)
DUE = feedback.DUE
