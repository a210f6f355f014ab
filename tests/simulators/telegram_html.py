"""Telegram's HTML style, read as strictly as Telegram reads it."""

from __future__ import annotations

import html
import re
from typing import Any

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "a": "text_link",
}
TAG = re.compile(r"<(/?)([a-zA-Z-]*)((?:\s+[\w-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+))*)\s*>")
ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")


class UnreadableMarkup(Exception):
    """Markup that Telegram refuses, in its words."""


def units(text: str) -> int:
    """Give a text's length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def parsed(marked: str) -> tuple[str, list[dict[str, Any]]]:
    """Give the words and the entities of a text in HTML style; UnreadableMarkup where Telegram refuses."""
    plain = ""
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int, str]] = []
    at = 0
    while at < len(marked):
        if marked[at] == "&" and (entity := ENTITY.match(marked, at)):
            plain += html.unescape(entity[0])
            at = entity.end()
            continue
        if marked[at] != "<":
            plain += marked[at]
            at += 1
            continue
        offset = len(marked[:at].encode())
        tag = TAG.match(marked, at)
        if not tag:
            raise UnreadableMarkup(f'Unsupported start tag "" at byte offset {offset}')
        closing, name, attributes = tag[1], tag[2].lower(), tag[3]
        if closing:
            if not open_tags:
                raise UnreadableMarkup(f"Unexpected end tag at byte offset {offset}")
            opened, start, link = open_tags.pop()
            if name not in ("", opened):
                raise UnreadableMarkup(
                    f'Unmatched end tag at byte offset {offset}, expected "</{opened}>", found "</{name}>"'
                )
            length = units(plain) - start
            if length:
                entity_ = {"type": TAGS[opened], "offset": start, "length": length}
                entities.append({**entity_, "url": link} if link else entity_)
        elif name in TAGS:
            href = re.search(r"href\s*=\s*[\"']?([^\"'\s>]+)", attributes)
            open_tags.append((name, units(plain), href[1] if href else ""))
        else:
            raise UnreadableMarkup(f'Unsupported start tag "{name}" at byte offset {offset}')
        at = tag.end()
    if open_tags:
        raise UnreadableMarkup(f'Can\'t find end tag corresponding to start tag "{open_tags[-1][0]}"')
    return plain, sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
