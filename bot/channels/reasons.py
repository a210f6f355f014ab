"""Why a platform could not be asked, for whoever reads the doctor in their own language; a log has it in English."""

from __future__ import annotations

from bot.channels import Refused, TryLater
from handlers.text import Text, _

AWAY = _("{platform} cannot be reached ({why})")
NOT_THEIRS = _("the answer is not {platform}'s: it cannot be read ({why})")
SAYS = _("{platform} says “{words}”")
IN_THE_LOG = _("see the log of `toso run`")


def reason_of(error: TryLater | Refused) -> Text:
    """Give why, in words that can be said in every language."""
    return error.reason if isinstance(error.reason, Text) else IN_THE_LOG
