"""What `toso import` does and says."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from bot.lists import keeping
from bot.lists.kinds import KINDS, Kind, template
from bot.lists.sheets import LARGEST, csv_file, xlsx_file
from bot.settings import Unusable
from bot.store.database import Database
from bot.wording import Wording
from handlers.text import Text, _, as_is
from knowledge.places import Places

TOLD = 100  # problems of one file that are listed; who has mended these tries again


def write_template(kind: str, file: Path, lang: str) -> None:
    """Write the template of a list."""
    table = template(_kind(kind), Wording(), lang)
    if file.suffix.lower() not in (".csv", ".xlsx"):
        raise Unusable(f"{file} has no ending that is known. Name it with one of: .csv, .xlsx.")
    file.write_bytes(xlsx_file(table) if file.suffix.lower() == ".xlsx" else csv_file(table))


def bring(database: Database, kind: str, file: Path, lang: str) -> tuple[bool, list[str]]:
    """Import a file; give whether it was kept, and what the operator is told, a line each."""
    wanted = _kind(kind)
    if not file.is_file():
        raise Unusable(f"{file} does not exist. Name a list such as `toso import --template {kind}` writes.")
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    wording = Wording()
    outcome = keeping.bring(database, wanted, data, wording, Places.load())
    told: list[Text] = [problem.text for problem in outcome.problems[:TOLD]]
    if len(outcome.problems) > TOLD:
        told.append(_("And {n} more problems.")(n=len(outcome.problems) - TOLD))
    if outcome.problems:
        told.append(_("Nothing has been imported. Mend this and import the file again."))
    else:
        told += outcome.notices
        same = outcome.rows - outcome.added - outcome.changed
        told.append(
            _("{rows} rows: {added} new, {changed} changed, {same} as before.")(
                rows=outcome.rows, added=outcome.added, changed=outcome.changed, same=same
            )
        )
        if wanted == "people" and outcome.added:
            told.append(_("Their invitations: {command}")(command=as_is("toso invitations thu-moi.pdf")))
    return not outcome.problems, [wording.word(text, lang) for text in told]


def _kind(kind: str) -> Kind:
    known: dict[str, Kind] = {one: one for one in get_args(Kind)}
    if kind not in known:
        raise Unusable(f"“{kind}” is no list. Choose one of: {', '.join(KINDS)}.")
    return known[kind]
