"""How a commune's officer adds a picture or a recording to a step, for those who do not read or speak another language.

Both are sent by chat and confirmed; showing them stands in `step_media.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from handlers import answers, card, forms, steps, things
from handlers.card_keeping import communes
from handlers.forms import Checked, Form, Pick, Question
from handlers.step_media import ABOUT, about
from handlers.talk import Due, Incoming
from handlers.text import Text, _, as_is
from handlers.turn import Choice, Turn
from knowledge.folding import fold
from knowledge.library import Step, Topic

KINDS: dict[str, Text] = {"photo": _("the picture"), "voice": _("the recording")}
SAVE, REMOVE, DROP = (
    Choice("save", _("Yes, show it")),
    Choice("save", _("Yes, take it away")),
    Choice("drop", _("Never mind")),
)
_TYPED = re.compile(
    r"(?:(?P<off>bo|xoa|go|remove|delete) )?(?:gui )?(?:the )?"
    r"(?:(?P<photo>anh|hinh|hinh anh|picture|photo)|(?P<voice>ghi am|am thanh|tieng|sound|recording))"
    r"(?: (?:cho|for|of))?(?: (?:buoc|step))? ?(?P<code>[a-z] ?\d\d)"
)
_CODE = re.compile(r"(?:(?:cho )?(?:buoc|step|ma) )?([a-z]) ?(\d\d)")


def meant(turn: Turn) -> bool:
    """Say whether words are about a picture or a recording of a step."""
    return _TYPED.fullmatch(fold(turn.text)) is not None


def typed_card(turn: Turn) -> bool:
    """Hear "ảnh B71", "ghi âm B71", and "bỏ ảnh B71"."""
    found = _TYPED.fullmatch(fold(turn.text))
    if found is None or not turn.staff:
        return False
    if not communes(turn):
        turn.say(NOT_YOURS)
        return True
    kind = "photo" if found["photo"] else "voice"
    _begin(turn, kind=kind, code=_code(found), act="remove" if found["off"] else "add")
    return True


def attached(turn: Turn) -> bool:
    """Take a photo or a voice note for a step from an officer; False where it is for somebody else."""
    event = turn.event
    assert isinstance(event, Incoming)
    kind = event.attachment.kind if event.attachment else ""
    own = communes(turn) if turn.staff else []
    captioned = _TYPED.fullmatch(fold(event.text))
    waits = turn.talk.doing == FORM.doing
    if not own or not (waits or captioned or not turn.talk.doing.startswith(("form ", "guide "))):
        return False
    if kind not in KINDS:
        if waits:
            forms.insist(turn, FORM)
        return waits
    thing = things.noted(turn)
    if not thing:
        return True
    if waits:
        turn.change(kept={**turn.talk.kept, "media": thing, "kind": kind})
        forms.ask_next(turn, FORM)
        return True
    known = {"code": _code(captioned)} if captioned else {}
    _begin(turn, kind=kind, media=thing, act="add", **known)
    return True


def _code(found: re.Match[str]) -> str:
    return found["code"].replace(" ", "").upper()


def _begin(turn: Turn, **kept: str) -> None:
    own = communes(turn)
    if len(own) == 1:
        kept["commune"] = own[0]
    code = kept.get("code")
    if code and _step(turn, code) is None:
        turn.say(NO_STEP, code=code)
        kept.pop("code")
    if turn.talk.doing == FORM.doing:
        turn.change(kept=kept)
        forms.ask_next(turn, FORM)
    else:
        forms.begin(turn, FORM, **kept)


NOT_YOURS = _("Pictures and recordings of steps come from the officer in charge of the commune.")
NO_STEP = _("No step has the code {code}. It stands beside the step on a leaflet, such as B71.")


def _step(turn: Turn, code: str) -> tuple[Topic, Step] | None:
    found = turn.shelf.library.step(code)
    topic = turn.topic(found[0]) if found else None
    step = topic.step(found[1]) if topic and found else None
    return (topic, step) if topic and step else None


def _kept(turn: Turn, name: str) -> str:
    return turn.talk.kept.get(name, "")


def _kind(turn: Turn) -> Text:
    return KINDS.get(_kept(turn, "kind"), KINDS["photo"])


def _check_code(turn: Turn, text: str) -> Checked:
    typed = _CODE.fullmatch(fold(text))
    code = f"{typed[1]}{typed[2]}".upper() if typed else ""
    if code and _step(turn, code) is None:
        return Pick(NO_STEP(code=code), ())
    return code or None


def _check_sure(turn: Turn, text: str) -> Checked:
    if answers.yes(turn) or answers.no(turn):
        return SAVE.name if answers.yes(turn) else DROP.name
    return forms.one_of(SAVE.name, DROP.name)(turn, text)


def _ask_sure(turn: Turn) -> Text:
    code, commune = _kept(turn, "code"), _kept(turn, "commune")
    found = _step(turn, code)
    values = {
        "kind": _kind(turn),
        "code": code,
        "title": as_is(found[1].title if found else ""),
        "place": card.place(turn, commune),
    }
    if _kept(turn, "act") == "remove":
        return _("Citizens of {place} will no longer get {kind} of step {code}, “{title}”. Right?")(**values)
    return _(
        "Everybody of {place} will get {kind} with step {code}, “{title}”. "
        "Nobody's papers, number or name may be in it. Right?"
    )(**values)


def _done(turn: Turn) -> None:
    kept = turn.talk.kept
    commune, code, kind = kept["commune"], kept["code"], kept["kind"]
    subject = about(commune, code, kind)
    turn.end()
    if kept["sure"] == DROP.name:
        turn.say(_("Nothing was changed."))
    elif commune not in communes(turn):
        turn.say(NOT_YOURS)
    elif kept["act"] == "remove":
        turn.media.drop(subject)
        turn.note(f"{kind} of a step removed", subject)
        turn.say(_("Taken away."))
    else:
        turn.media.want(kept["media"], subject)
        turn.say(_("Tổ Số is fetching it, and says so here when citizens can see it."))
    if steps.under_way(turn):
        steps.again(turn, _("Back to where we were:"))


def _sure(turn: Turn) -> Sequence[Choice]:
    return (REMOVE if _kept(turn, "act") == "remove" else SAVE, DROP)


FORM = Form(
    "step-media",
    (
        Question(
            "commune",
            ask=lambda turn: _("For the citizens of which commune?"),
            check=lambda turn, text: None,
            otherwise=_("Please choose one of these."),
            choices=lambda turn: [
                Choice(f"pick={one}", as_is(card.place(turn, one))) for one in communes(turn)
            ],
        ),
        Question(
            "code",
            ask=lambda turn: _("For which step is {kind}? Please type its code, such as B71.")(
                kind=_kind(turn)
            ),
            check=_check_code,
            otherwise=_("Please type the code of a step, such as B71, or “cancel”."),
        ),
        Question(
            "media",
            ask=lambda turn: _("Please send {kind} of step {code} now.")(
                kind=_kind(turn), code=_kept(turn, "code")
            ),
            check=lambda turn, text: None,
            otherwise=_("Please send a photo or a voice note, or type “cancel”."),
            needed=lambda turn: _kept(turn, "act") == "add",
        ),
        Question(
            "sure",
            ask=_ask_sure,
            check=_check_sure,
            otherwise=_("Please choose one of these."),
            choices=_sure,
        ),
    ),
    _done,
)
FORMS = (FORM,)

# --- what comes of it ---


def kept(turn: Turn) -> None:
    """Let what has been fetched take the place of what was shown with the step, and tell its officer."""
    assert isinstance(turn.event, Due)
    if not turn.event.about.startswith(f"{ABOUT}:"):
        things.kept(turn)
        return
    thing = turn.media.get(turn.event.facts["code"])
    if thing is None:
        return
    _step_word, commune, code, _as_sent = thing.about.split(":")
    turn.media.replace(thing.code)
    turn.note(f"{thing.kind} of a step shown", thing.about, by=thing.person)
    turn.say(
        _("Step {code}: from now on citizens of {place} get this.")(
            code=code, place=card.place(turn, commune)
        ),
        to=thing.person,
        media=thing.code,
        kind="notice",
    )


def refused(turn: Turn) -> None:
    """Tell the officer that nothing has changed, and what to do."""
    assert isinstance(turn.event, Due)
    if not turn.event.about.startswith(f"{ABOUT}:"):
        things.refused(turn)
        return
    thing = turn.media.get(turn.event.facts["code"])
    if thing is None:
        return
    code = thing.about.split(":")[2]
    turn.say(REFUSED[thing.reason or "lost"](code=code), to=thing.person, kind="notice")


REFUSED: dict[str, Text] = {
    "large": _("Step {code}: the file is too large. Please send a smaller one."),
    "kind": _("Step {code}: that kind of file cannot be shown. Please send a photo or a voice note."),
    "lost": _("Step {code}: the file could not be fetched. Please send it once more."),
}


DUE: dict[str, Callable[[Turn], None]] = {**things.DUE, "media.kept": kept, "media.refused": refused}
