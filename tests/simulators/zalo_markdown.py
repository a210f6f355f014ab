"""Zalo's markdown as strictly as it may be read: what a reader sees, and what of it is bold."""

from __future__ import annotations

import re

MARK = re.compile(r"\\([*_])|(\*\*|\*|_|`)|(^#{1,4} )", re.MULTILINE)


def shown(text: str) -> tuple[str, tuple[str, ...]]:
    """Give the text without its marks, and its bold stretches; marks that have no partner stay."""
    plain: list[str] = []
    bold: list[str] = []
    opened: dict[str, int] = {}  # mark: where in `plain` it stands
    done = 0
    for found in MARK.finditer(text):
        plain.append(text[done : found.start()])
        done = found.end()
        escaped, mark, _heading = found.groups()
        if escaped:
            plain.append(escaped)
        elif mark:
            before, after = text[found.start() - 1 : found.start()], text[done : done + 1]
            if mark in opened and _closes(before, after):
                place = opened.pop(mark)
                plain[place] = ""
                if mark == "**":
                    bold.append("".join(plain[place:]))
                plain.append("")
                opened = {name: where for name, where in opened.items() if where < place}
            else:
                if _opens(before, after):
                    opened[mark] = len(plain)
                plain.append(mark)
    plain.append(text[done:])
    return "".join(plain), tuple(bold)


def _opens(before: str, after: str) -> bool:
    return bool(after.strip()) and (after.isalnum() or not before.strip() or not before.isalnum())


def _closes(before: str, after: str) -> bool:
    return bool(before.strip()) and (before.isalnum() or not after.strip() or not after.isalnum())
