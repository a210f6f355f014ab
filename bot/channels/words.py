"""Texts for platforms: bold marks, lengths as platforms count them, and cuts where nobody minds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from handlers.answers import signs_of
from handlers.talk import LINK, Message

GAPS = ("\n\n", "\n", " ")  # the widest first
BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")


def without_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Give the text without its ** and the stretches of it that are bold."""
    plain, bold, done = "", [], 0
    for mark in BOLD.finditer(text):
        plain += text[done : mark.start()]
        bold.append((len(plain), len(plain) + len(mark[1])))
        plain += mark[1]
        done = mark.end()
    return plain + text[done:], bold


def numbered(message: Message) -> str:
    """Give a message whole, for where there are no buttons: choices numbered, or lettered where a figure is due.

    A card has no numbers, which belong to the question now open; it says what to type.
    """
    lines = [message.text.strip()]
    signs = signs_of(len(message.choices), letters=message.letters)
    for sign, button in zip(signs, message.choices, strict=True):
        lines.append(f"• {button.label}: {button.typed}" if button.typed else f"{sign}. {button.label}")
    if message.link and message.link not in message.text:
        lines.append(message.link)
    return "\n".join(line for line in lines if line)


def instead(message: Message, link: str = "") -> str:
    """Give what is said in place of a file that a platform does not show, with the address where it can be opened."""
    if LINK not in message.unseen:
        return "\n".join(filter(None, (message.unseen, link)))
    return "\n".join(
        line.replace(LINK, link) for line in message.unseen.split("\n") if link or LINK not in line
    )


def parts(plain: str, limit: int) -> Iterator[tuple[int, int]]:
    """Give the stretches to send one after another: whole paragraphs if possible, else lines, else words."""
    start = 0
    while (fitting := _furthest(plain, start, limit)) < len(plain):
        end = _cut(plain, start, fitting)
        yield start, end
        start = end + len(plain[end:]) - len(plain[end:].lstrip())
    yield start, len(plain)


def _cut(plain: str, start: int, fitting: int) -> int:
    """Give where a stretch ends: at the widest gap of its second half, for each may cost; else at its last gap."""
    # One more character, so that a gap just behind the limit is seen.
    ends = [plain.rfind(gap, start + 1, fitting + len(gap)) for gap in GAPS]
    late = [end for end in ends if end >= (start + fitting) // 2]
    return late[0] if late else max(ends) if max(ends) > 0 else fitting


def _furthest(plain: str, start: int, limit: int) -> int:
    length = 0
    for index in range(start, min(start + limit, len(plain))):
        length += units(plain[index])
        if length > limit:
            return index
    return min(start + limit, len(plain))


def units(text: str) -> int:
    """Give the length in UTF-16 units, in which Telegram and Zalo measure."""
    return len(text) + sum(letter > "\uffff" for letter in text)
