"""Somebody calls, writes or comes and says that they are of the digital team: what was really arranged.

Swindlers do so.  The answer comes at once, from what is kept, and nothing is asked for it.
"""

from __future__ import annotations

import re
from datetime import timedelta

from handlers import appointments, cases
from handlers.records.requests import Request, Way
from handlers.text import Text, _, lines
from handlers.turn import Turn
from knowledge.folding import fold

_TEAM = (
    r"(?:to (?:cong nghe )?so(?: cong dong)?|to (?:cns|cnscd|cnsc)|doi cong nghe so"
    r"|(?:community )?digital team|tech team)"
)
_SAYS = (
    r"(?:tu xung|tu nhan|tu gioi thieu|xung (?:la|danh|minh)|nhan (?:la|minh)|(?:bao|noi|gioi thieu)(?: la| minh| rang)"
    r"|gia (?:danh|lam|vo|mao)|mao danh|mao nhan"
    r"|claim\w*|say\w* (?:that )?(?:they|he|she|it)|pretend\w*|posing as|calls? (?:him|her|them)sel\w+)"
)
_WHO = (
    r"(?:nguoi|ai|so la|so nao|may nguoi|anh|chi|ong|ba|thang|dua|ke|hai nguoi|2 nguoi|mot nguoi|1 nguoi"
    r"|some ?(?:body|one)|a (?:man|woman|person|caller|stranger)|two (?:men|people)|people|they)"
)
_COMES = (
    r"(?:goi|dien thoai|alo|nhan tin|nhan zalo|den|toi|vao nha|go cua|o cua|truoc cua|ngoai cua|ngoai cong|hoi"
    r"|call\w*|phon\w*|rang|ring\w*|text\w*|messag\w*|came|come\w*|is here|at the door|at my door|knock\w*)"
)
_TOLD = tuple(
    re.compile(form)
    for form in (
        rf"\b{_SAYS}\b.*\b{_TEAM}\b",  # "có người gọi tự nhận là tổ số"
        rf"\b(?:co|there is|there was|just now)\b(?: \w+){{0,2}} {_WHO}\b.*\b{_COMES}\b.*\b{_TEAM}\b",
        rf"^{_WHO}\b.*\b{_COMES}\b.*\b(?:from|of) (?:the |our )?{_TEAM}\b",
        # "tổ số có gọi cho tôi không", "người gọi có phải tổ số không"
        rf"\b{_TEAM}\b(?: \w+){{0,2}} (?:goi|den|toi|nhan tin)\b.*\b(?:that khong|phai khong|co phai|co that|that a)\b",
        rf"\b{_TEAM}\b (?:co |vua |da |cho |cu )+(?:nguoi )?(?:goi|den|toi|nhan tin)\b.*\b(?:khong|chua|ha|a)$",
        rf"\b{_COMES}\b.*\b(?:co phai|co dung|phai|dung)(?: la)?(?: nguoi)?(?: cua)? {_TEAM}\b",
        rf"\b(?:is|was|did)\b.*\b{_TEAM}\b.*\b(?:call\w*|phon\w*|come|came|door|really)\b",
        rf"\b(?:is|was) (?:it|this|that|the caller)\b.*\breally\b.*\b{_TEAM}\b",
    )
)
# Whoever wants the team's help names it as well, and so does whoever is of the team.
_WANTS = re.compile(
    r"^(?:cho|nho|muon|xin|can|goi|giup|lam sao|the nao|toi muon|em muon)\b"
    r"(?!.*\b(?:tu xung|tu nhan|tu gioi thieu|xung|gia danh|mao danh)\b)"
)

_ASKS_WHO = re.compile(
    r"(?:the |vay |nay )?ai (?:dang |vua |moi |sap |se )*(?:goi|den|toi|go cua|o ngoai|bam chuong)\b"
    r"(?: (?:cho|toi|minh|em|bac|co|chu|anh|chi|nha|den|dien|cua|ngoai|day|do|the|vay|nhi|a|ha))*"
    r"|(?:who is|whos|who s|who) (?:calling|coming|called|came|at the door|on the phone|is it|it is)(?: me| now| here)?"
)

HANG_UP = _("Hang up or do not open; pay nothing, give no code, install nothing.")
NEVER = _("Even a real helper needs no code, no password and no money.")
GIVEN = _("If you gave a code or money already, write “scammed”.")
COMING: dict[Way, Text] = {
    "call": _("Arranged: {helper}, {team}, may call you about {code}."),
    "visit": _("Arranged: {helper}, {team}, may come to you about {code}."),
}
AT: dict[Way, Text] = {
    "call": _("Arranged: {helper}, {team}, calls you about {code}: {when}."),
    "visit": _("Arranged: {helper}, {team}, comes to you about {code}: {when}."),
}
NOT_NOW = _("That is not now: ask {helper} here before you answer or open.")
NEAR = timedelta(
    minutes=45
)  # of an appointment, at which somebody who calls or comes may be the one expected


def told_of(text: str) -> bool:
    """Say whether words tell of somebody who claims to be of the team."""
    said = fold(text)
    return not _WANTS.search(said) and any(form.search(said) for form in _TOLD)


def answer(turn: Turn) -> bool:
    """Say what has been arranged with this person; False where the words are about something else."""
    asks_who = _ASKS_WHO.fullmatch(fold(turn.text)) is not None
    if not (told_of(turn.text) or asks_who):
        return False
    own = turn.requests.of(turn.person.id)
    claimed = [request for request in own if request.state == "claimed"]
    arranged = [request for request in claimed if request.arranged]
    if asks_who and not arranged:
        return False  # "ai gọi": of anything else
    if arranged:
        told = [
            *(text for request in arranged for text in _coming(turn, request)),
            _(
                "Let them say the two words first; do not say them yourself. "
                "They are **{words}**. If they cannot, it is somebody else: hang up, do not open."
            )(words=", ".join(dict.fromkeys(request.watchwords for request in arranged))),
            NEVER,
        ]
    else:
        told = [
            _("Nothing of the kind is arranged here, so take it for somebody who is not of the digital team.")
        ]
        told += [_writes(turn, request) for request in claimed]
        told += [HANG_UP, GIVEN]
    turn.say(lines(*told))
    turn.note("asked who calls", f"person:{turn.person.id}")
    return True


def _coming(turn: Turn, request: Request) -> list[Text]:
    """Say who calls or comes, and when where a time has been agreed to."""
    meeting, helper = request.meeting, cases.helper(turn, request.claimed_by)
    values = {"helper": helper, "team": cases.side(turn, request), "code": cases.written(request)}
    if meeting is None or meeting.at + NEAR < turn.now:
        return [COMING[request.way](**values)]
    told = [AT[meeting.way](when=appointments.when(turn, meeting.at), **values)]
    return told if abs(meeting.at - turn.now) <= NEAR else [*told, NOT_NOW(helper=helper)]


def _writes(turn: Turn, request: Request) -> Text:
    return _("{Helper} helps you with {code} by message only, here.")(
        Helper=cases.helper_first(turn, request.claimed_by), code=cases.written(request)
    )
