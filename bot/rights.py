"""The table of who may see and do what, as a page."""

from __future__ import annotations

from bot.wording import Wording
from handlers.rules.roles import RIGHTS, STANDINGS
from handlers.text import Text, _


def page(wording: Wording, lang: str) -> str:
    """Give the whole page in Markdown."""

    def say(text: Text) -> str:
        return wording.word(text, lang)

    rows = [
        [say(right.words), *("✓" if standing in right.who else "" for standing in STANDINGS)]
        for right in RIGHTS.values()
    ]
    heading = [say(_("What")), *(say(words) for words in STANDINGS.values())]
    table = [heading, ["---", *(":-:" for _standing in STANDINGS)], *rows]
    return "\n".join(
        [
            f"# {say(_('Who may see and do what'))}",
            "",
            say(
                _(
                    "Written by `toso roles` from the table by which Tổ Số decides; the page is never edited by hand."
                )
            ),
            say(
                _("Each column is how somebody stands to one request, or to the report of their own office.")
            ),
            say(
                _(
                    "Telephone and name are seen by nobody but whoever took the request; every taking is recorded."
                )
            ),
            say(_("A role ends with its day, or when it is given up; what it allowed ends with it.")),
            "",
            *("| " + " | ".join(row) + " |" for row in table),
            "",
        ]
    )
