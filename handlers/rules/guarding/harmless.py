"""What looks like a secret and is none: telephones, dates, sums, and the codes that offices give."""

from __future__ import annotations

import re

MONEY = r"(?:dong|vnd|usd|trieu|ty|nghin|ngan)\b"

# Things that have a shape of their own: nobody's password looks like that.
_THINGS = re.compile(
    r"""
      (?:https?://|www\.)\S+
    | \b[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.(?:vn|com|net|org|me|info)\b(?:/\S*)?
    | (?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z]{2,})+\b
    | (?:\b\d{3}\.\d{2}\.(?:\d{2,3}\.)*|\b)[a-z]\d{2}(?:\.\d{1,3})*-\d{6}-\d{3,6}\b   # files
    | (?<![\d.])\d\.\d{6}(?:\.\d{3}(?:\.\d{2})*(?:\.[a-z]\d{2})?)?(?![\d.]*\d)       # procedures, 1.004222
    | \bmoi-\w{5}-\w{5}\b | \bnoi-(?:[a-z]\d){2}-(?:[a-z]\d){2}\b  # invitations, joined channels
    | \byc-?[a-z0-9]{2,4}\b | \b[a-z]\d{2}\b                                        # requests and steps
    | \b[a-z]{2,3}-\d{2}-(?=[a-z\d]*\d)[a-z\d]{3,5}\b                                # receipts, UH-11-K4M
    | \b(?!tk|so)[a-z]{2}[ ]?\d[ ]?\d{2}[ ]?\d{5}[ ]?\d{5}\b | \b[a-z]{2}\d{13}\b              # health insurance cards
    | \bp[a-h]\d{11}\b | \bft\d{8,14}\b | \b[a-z]{4,6}\.\d{8,14}\b | \b[a-z]{2}\d{9}vn\b  # meters, payments, letters
    | \b\d{2}[ -]?[a-z]{1,2}\d?[ .-]{1,2}\d{3}[.]?\d{2}\b | \b\d{2}[a-z]{1,2}-?\d{5}\b  # licence plates, 29A-123.45
    | \b\d{2}[a-z]\d-\d{4,5}\b
    | \b\d{1,5}/(?:(?:19|20)\d\d/)?[a-z]{2,6}(?:-[a-z]{2,6}){0,2}\b                  # papers, 69/2024/NĐ-CP
    | (?<![\w.-])(?<!\d[ ])84[ .-]?[35789](?:[ .-]?\d){8}(?![ .-]?\d)                          # telephones
    | (?:\(?\+|\b00)84\)?[ .-]?\(?\d\)?(?:[ .-]?\d){8,9}(?![ .-]?\d)
    | (?<![\d+])(?<!\d[ .-])\(?02\d{1,2}\)?[ .-]\d{7,8}(?![ .-]?\d)
    | (?<![\d+])0\d{9}(?!\d) | (?<!\d)02\d{9}(?!\d)
    | (?<![\d.])(?<!\d[ -])1[89]00[ .]?(?:\d{6}|\d{4})(?!\d)
    | (?<![\d.])(?<!\d[ -])1[89]00[ .]?\d{2}(?:[ .]?\d{2})?(?![ .]?\d)
    """,
    re.VERBOSE,
)
# Dates, times and sums: nothing to hide, unless somebody says that it is a password.
_FIGURES = re.compile(
    rf"""
      (?<![\d/.-])(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}|\d{{4}}-\d{{1,2}}-\d{{1,2}}
        |\d{{1,2}}/\d{{1,2}}/\d{{2}})(?![\d/-])                             # dates
    | (?<![a-z\d])\d{{1,2}}(?:[:hg]|\ gio\ )\d{{2}}(?![a-z\d])                       # times, 7h30
    | (?<![\d.,])\d[\d.,]{{0,7}}\s?/\s?\d[\d.,]{{0,7}}(?!\d)                 # 214/218
    | (?<![\d.,])\d[\d.,]*\s?%
    | (?<![a-z\d.,])(?!0\d)(?:\d{{1,3}}(?:[.,\ ]\d{{3}})+|\d+(?:[.,]\d+)?)
        (?:\s?{MONEY}|\s?d\b|(?:k|tr|ty)\b|tr\d{{1,3}}\b)
    | (?<![\d.,])[1-9]\d{{0,2}}(?:[.,]\d{{3}})+(?![.,]?\d)                  # 1.234.000
    """,
    re.VERBOSE,
)
_GROUPED_PHONE = re.compile(r"(?<![\d+])(?<!\d[ .-])\(?0\d{1,4}\)?(?:[ .-]{1,2}\d{2,4}){1,3}(?![ .-]?\d)")


def _blank(match: re.Match[str]) -> str:
    return "\0" * len(match[0])


def _phone(match: re.Match[str]) -> str:
    digits = sum(letter.isdigit() for letter in match[0])
    landline = match[0].lstrip("(").startswith("02")
    return _blank(match) if digits == 10 or (digits == 11 and landline) else match[0]


def without_things(plain: str) -> str:
    """Blank out telephones, addresses and the codes that offices give; positions stay the same."""
    return _GROUPED_PHONE.sub(_phone, _THINGS.sub(_blank, plain))


def without_figures(plain: str) -> str:
    """Blank out dates, times and sums; positions stay the same."""
    return _FIGURES.sub(_blank, plain)
