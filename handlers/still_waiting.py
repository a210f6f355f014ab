"""What somebody types while nobody has taken their request yet: how long still, whether anybody comes, never mind.

The search knows nothing of it, and whoever waits is not left with a list of topics.
"""

from __future__ import annotations

import re

from handlers import answers, courtesy, own_requests, steps
from handlers.records.requests import Request
from handlers.text import Text, _
from handlers.turn import Turn
from knowledge.folding import fold

# Nothing may be left over: one word more, and it is about something else.
_SMALL = (
    r"(?:a|ai|anh|ah|bac|bao|biet|chau|chi|cho|chu|chua|co|con|cua|da|dang|dau|day|den|di|do|duoc|em|gi|gio|giup|ha"
    r"|ho|khi|khong|la|lam|lau|luc|luot|mai|minh|moi|nao|nay|nguoi|nha|nhan|nhe|nhi|nua|oi|o|ong|ba|phai|qua|roi|sao"
    r"|sap|se|so|thay|the|thi|to|toi|tra loi|trong|tui|vay|van|viec|voi|xong|yeu cau|vua|goi"
    r"|how|long|still|until|when|is|any(?:body|one)|some(?:body|one)|coming|there|yet|who|will|help|me|my|turn|do|i|have"
    r"|wait|much|longer|why|nobody|no one|has|answered|taken|it)"
)
_ALL_SMALL = re.compile(rf"{_SMALL}(?: {_SMALL})*")
_ASKS = re.compile(
    r"\b(?:lau|cho mai|ai|luot|sap|nguoi (?:nao|den|giup|nhan|goi|tra loi)|bao gio|khi nao"
    r"|how long|who|when|any(?:body|one)|some(?:body|one)|nobody|no one|longer|turn)\b"
)
_OWN = r"(?:da|thoi|a|ah|the|thi|u|ok|toi|tui|bac|co|chu|em|chau|con|nha|minh|ba|ong|anh|chi)"
_GIVES_UP = re.compile(
    rf"(?:{_OWN} )*(?:rut|huy|bo)(?: (?:lai|bo|viec|yeu cau|loi nho|di|giup|nhe|nay|kia|cua|{_OWN}))*"
    r"|(?:.* )?(?:khong|ko|k) (?:can|phien|nho) (?:\w+ ){0,3}nua\b.*"
    rf"|(?:{_OWN} )*(?:trai|gai|dau|re|hang xom|{_OWN}) (?:toi |bac |co |no )?(?:da )?"
    r"lam (?:giup |ho |duoc |cho |xong )*roi.*"
    r"|(?:i )?(?:do not|don t|dont) need (?:it|this|help|you) any ?(?:more|longer)|(?:it is )?no longer needed"
    r"|(?:withdraw|take back)(?: it| this| my request)?|take it back"
)
LONGEST = 100  # letters; who writes more tells something


def answer(turn: Turn) -> bool:
    """Say how far what waits is to whoever asks for no more than that, or wants it no more; False for other words."""
    if asks_how_long(turn.text) and courtesy.mood(turn.text) is None:
        return _shown(turn)
    about_another = turn.found is not None and turn.found.verdict == "answer"
    if about_another or answers.asks(turn.text) or not gives_up(turn.text):
        return False
    return offer_back(turn)


def asks_how_long(words: str) -> bool:
    """Say whether words ask when somebody comes or who that is, and nothing else."""
    said = fold(words)
    return len(said) <= LONGEST and _ALL_SMALL.fullmatch(said) is not None and _ASKS.search(said) is not None


def gives_up(words: str) -> bool:
    """Say whether words tell that help is needed no more."""
    said = fold(words)
    return len(said) <= LONGEST and _GIVES_UP.fullmatch(said) is not None


def offer_back(turn: Turn) -> bool:
    """Offer to take back what waits, to whoever seems to want it no more; False where nothing waits."""
    return _shown(
        turn, _("It still waits for somebody. To take it back, choose that, or type “withdraw {short}”.")
    )


def unread(turn: Turn) -> Request | None:
    """Give the newest request of this person that nobody has taken yet; None where none waits."""
    return next(iter(_waiting(turn)), None)


def _waiting(turn: Turn) -> list[Request]:
    return [request for request in turn.requests.of(turn.person.id) if request.state == "open"]


def _shown(turn: Turn, before: Text | None = None) -> bool:
    waiting = _waiting(turn)
    if not waiting:
        return False
    if len(waiting) == 1:
        own_requests.show(turn, waiting[0], before and before(short=waiting[0].code))
    else:
        own_requests.mine(turn)
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))
    return True
