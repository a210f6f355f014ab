"""Whether a link is what it claims to be, read from its letters alone: nothing is opened, no network is asked.

A link is read as browsers read it, but every doubt counts against it: official is only a host that
is, or really stands below, an official domain and is written in ordinary letters.  False is a known swindle,
a look-alike, or anybody's host that carries the name of an office, a bank or a service.  All else is unknown.
The reason is a name with its facts; the sentences are elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Literal
from urllib.parse import unquote

import msgspec
from rapidfuzz.distance import OSA

from knowledge.domains import STATE, Domain, Domains, Name, squeezed
from knowledge.letters import blurred, trimmed, undisguised

Answer = Literal["official", "false", "unknown"]
Reason = Literal[
    "listed",  # official: a domain of the table
    "state",  # official: a state body's domain that the table does not name
    "warned",  # false: a public warning names it
    "stranger",  # false: a real address stands in front, the end is somebody else's
    "letters",  # false: letters that look like others, or hidden ones
    "before-at",  # false: the trusted name stands before an @
    "name",  # false: carries a trusted name
    "near",  # false: nearly a trusted name
    "gov",  # false: "gov" in the middle, as if it were the state's
    "behind",  # false: the real address stands behind the slash
    "command",  # false: carries a trusted name and opens no page
    "unlisted",  # unknown
    "short",  # unknown: hides where it leads
    "number",  # unknown: a bare number instead of a name
    "opens-no-page",  # unknown: starts something on the phone
    "mail",  # unknown: an address for letters
    "gaps",  # unknown: with gaps it reads in several ways
    "several-at",  # unknown: programs disagree where it leads
    "unreadable",  # unknown: there is no address in it
]


class Verdict(msgspec.Struct, frozen=True):
    """What a link is taken for, and why."""

    answer: Answer
    reason: Reason
    host: str = ""  # as it was understood
    end: str = ""  # the part of it that one owner has
    row: Domain | None = None  # whose it is, or the warning
    name: Name | None = None  # the trusted name that it carries
    real: str = ""  # the official address that it resembles


class _Read(msgspec.Struct, frozen=True):
    """A link taken apart."""

    host: str  # small letters as they were written
    before: str = ""  # what stands before the last @
    path: str = ""
    strange: bool = False  # percent signs, hidden marks or letters that are not plain
    ats: int = 0


_PAGES = ("http", "https", "ftp", "ftps", "ws", "wss", "hxxp", "hxxps", "hxp")
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_GAP = re.compile(r"\s")
_DEFANGED = re.compile(r"\[\s*(?:\.|dot)\s*\]|\(\s*(?:\.|dot)\s*\)|\{\s*\.\s*\}", re.I)
_LONGEST = 4_000  # letters; a host ends long before


def judge(text: str, domains: Domains | None = None) -> Verdict:
    """Say what a link is taken for; whatever the text, there is an answer."""
    known = domains or shipped()
    link = _DEFANGED.sub(".", trimmed(text[:_LONGEST]))
    return _with_gaps(link, known) if _GAP.search(link) else _both_ways(link, known)


@cache
def shipped() -> Domains:
    """Give the tables as they are shipped."""
    return Domains.load()


def _with_gaps(text: str, known: Domains) -> Verdict:
    """Judge a link that has gaps: whichever way it is read, the worst counts."""
    parts = text.split()
    linked = [part for part in parts if _looks_like_one(part)]
    pieces = [_both_ways(part, known) for part in linked]
    loose = any(part[0] in "./\\@:#?" or part[-1] in "./\\@:" for part in parts)
    if linked and not loose and len(linked) < len(parts):  # a sentence with a link in it
        return worst(pieces)
    whole = _both_ways("".join(parts), known)
    found = worst([whole, *pieces])
    if found.answer == "official" or whole.answer == "false":
        return found if found.answer == "official" else whole
    cut_off = whole.answer == "official" and whole.host.startswith(found.host)  # "vneid.gov .vn"
    if found.answer == "false" and not cut_off:
        return found
    return (
        whole
        if whole.reason == "unreadable" and not linked
        else Verdict("unknown", "gaps", whole.host, whole.end)
    )


def worst(verdicts: list[Verdict]) -> Verdict:
    """Give the verdict to be most afraid of; the first of these."""
    order = ("false", "unknown", "official")
    return min(verdicts, key=lambda verdict: order.index(verdict.answer))


def _both_ways(text: str, known: Domains) -> Verdict:
    """Judge a link; where a backslash stands before an @, as browsers read it and as other programs do."""
    found = _judge(text.replace("\\", "/"), known)
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    if lead is None or "\\" not in rest.partition("@")[0] or "@" not in rest:
        return found
    return worst([found, _judge(lead[0].replace("\\", "/") + rest.replace("\\", ""), known)])


_LEAD = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?[/\\]*")


def _judge(text: str, known: Domains) -> Verdict:
    scheme, rest = _parted(text, known)
    if scheme in known.parts["no-page"]:
        name = _carried(undisguised(unquote(rest)), known)
        return Verdict("false", "command", name=name[0]) if name else Verdict("unknown", "opens-no-page")
    if scheme == "mailto" or (not scheme and _is_mail(rest)):
        return _mail(rest, known)
    read = _read(rest)
    if read is None:
        return _unreadable(rest, known)
    return _bare_number(read, known) if _is_number(read.host) else _judge_host(read, known)


def _parted(text: str, known: Domains) -> tuple[str, str]:
    """Part the scheme from the rest; a host with a port has none."""
    found = _SCHEME.match(text)
    if found is None:
        return "", text
    scheme, rest = found[1].lower(), text[found.end() :]
    if scheme == "view-source":
        return _parted(rest, known)
    if scheme in _PAGES or scheme in known.parts["no-page"] or scheme == "mailto" or rest.startswith("//"):
        return scheme, rest
    port = "." in scheme or re.match(r"\d{0,5}(?:[/?#]|$)", rest)
    return "", text if port or not _looks_like_one(rest) else rest


def _read(rest: str) -> _Read | None:
    """Take the part behind the scheme apart; None where there is no host in it."""
    rest = rest.lstrip("/")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    before, _at, host = authority.rpartition("@")
    ats = authority.count("@")
    written = host.lower()
    plain = unquote(unquote(written)).lower()  # %2576 is %76 is v
    if plain.startswith("["):
        literal, bracket, _port = plain.partition("]")
        return _Read(literal + bracket, before, path, ats=ats) if bracket else None
    strange = plain != written or not plain.isascii() or "xn--" in plain
    shown, colon, port = (undisguised(_from_punycode(plain)) if strange else plain).partition(":")
    shown = shown.removesuffix(".")
    labels = shown.split(".")
    if (colon and not re.fullmatch(r"\d{0,5}", port)) or len(shown) > 253:
        return None
    if not all(_LABEL.fullmatch(label) for label in labels) or (len(labels) < 2 and not _is_number(shown)):
        return None
    return _Read(shown, before, path, strange, ats)


def _from_punycode(host: str) -> str:
    """Give a host in the letters that a browser may show; a label that is none stays."""
    labels = []
    for label in host.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label[:4] == "xn--" else label)
        except (UnicodeError, ValueError, OverflowError):
            labels.append(label)
    return ".".join(labels)


def _is_number(host: str) -> bool:
    """Say whether a host is a bare number in one of its many spellings."""
    labels = host.split(".")
    return host.startswith("[") or (
        len(labels) <= 4 and all(re.fullmatch(r"0x[0-9a-f]*|\d+", label) for label in labels)
    )


def _judge_host(read: _Read, known: Domains) -> Verdict:
    host, end = read.host, known.end(read.host)
    row = known.official(host)
    if row and not read.strange:
        if read.ats > 1:
            return Verdict("unknown", "several-at", host, end)
        return Verdict("official", "state" if row.domain == STATE else "listed", host, end, row)
    if row:  # the disguise is taken off, and below it is an official address
        return Verdict("false", "letters", host, end, real="" if row.domain == STATE else row.domain)
    if warned := known.false(host):
        return Verdict("false", "warned", host, end, warned, real=known.imitated(warned))
    if real := _in_front(host, known):
        return Verdict("false", "stranger", host, end, real=real)
    if read.before and (real := _trusted(read.before, known)):
        return Verdict("false", "before-at", host, end, real=real)
    if (read.strange or end not in known.homes) and host != STATE:
        if carried := _carried(_above(host, known), known, spared=_spared(host, known)):
            name, exactly = carried
            reason: Reason = "letters" if read.strange else "name" if exactly else "near"
            return Verdict("false", reason, host, end, name=name, real=_home(name, known))
        if real := _moved(host, end, known):
            return Verdict("false", "letters" if read.strange else "near", host, end, real=real)
        if _as_if_state(host, end):
            return Verdict("false", "letters" if read.strange else "gov", host, end)
    return _path(read, end, known) or _unknown(host, end, known)


def _path(read: _Read, end: str, known: Domains) -> Verdict | None:
    """Judge what stands behind the host: newspapers write of everybody there, swindlers only on odd hosts."""
    first = undisguised(unquote(re.split(r"[/?#]", read.path[1:], maxsplit=1)[0])).lstrip("@")
    row = known.official(first) if "." in first else None
    if row and first in (row.domain, f"www.{row.domain}"):
        return Verdict("false", "behind", read.host, end, real=row.domain)
    file = read.path.lower().partition("?")[0].rpartition("/")[2]
    if (
        file.endswith(APPS)
        and (carried := _carried(undisguised(unquote(file)), known))
        and end not in known.homes
    ):
        return Verdict("false", "name", read.host, end, name=carried[0], real=_home(carried[0], known))
    built = known.listed("shared", read.host)
    if end in known.homes or not (built or known.listed("cheap", read.host)):
        return None
    claimed = undisguised(unquote(read.path)) if built else first
    if claimed.count("-") + claimed.count("_") > HEADLINE:
        return None
    if carried := _carried(claimed, known):
        return Verdict("false", "name", read.host, end, name=carried[0], real=_home(carried[0], known))
    return None


APPS = (".apk", ".xapk", ".apks", ".ipa", ".exe", ".mobileconfig")  # no office hands these out by a link
HEADLINE = 2  # dashes; more are the headline of an article


def _unknown(host: str, end: str, known: Domains) -> Verdict:
    return Verdict("unknown", "short" if known.listed("short", host) else "unlisted", host, end)


def _bare_number(read: _Read, known: Domains) -> Verdict:
    number = read.host
    if real := _trusted(read.before, known):
        return Verdict("false", "before-at", number, number, real=real)
    if real := _trusted(read.path, known):
        return Verdict("false", "behind", number, number, real=real)
    return Verdict("unknown", "number", number, number)


def _is_mail(rest: str) -> bool:
    return re.fullmatch(r"[\w.+-]{1,64}@[^@/?#]+", rest) is not None


def _mail(rest: str, known: Domains) -> Verdict:
    """Judge an address for letters: anybody can write any sender, so it is never official."""
    name, _at, host = rest.partition("?")[0].rpartition("@")
    read = _read(host)
    if read is None:
        return _unreadable(rest, known)
    found = _judge_host(msgspec.structs.replace(read, before=name if "." in name else ""), known)
    return found if found.answer == "false" else Verdict("unknown", "mail", read.host, known.end(read.host))


def _unreadable(rest: str, known: Domains) -> Verdict:
    """Judge what is no address: a slip of the finger, or a trick with a trusted name in it."""
    authority = re.split(r"[/?#]", rest.lstrip("/"), maxsplit=1)[0]
    hosts = [
        part
        for part in re.split(r"[^a-z0-9.-]+", undisguised(unquote(unquote(authority))))
        if "." in part.strip(".")
    ]
    tricky = "%" in authority or "@" in authority
    strangers = len(hosts) > 1 and (tricky or not all(known.official(host.strip(".")) for host in hosts))
    if strangers and (real := _trusted(authority, known)):
        return Verdict("false", "letters", real=real)
    return Verdict("unknown", "unreadable")


# --- trusted names ---


def _above(host: str, known: Domains) -> str:
    """Give the labels that somebody chose: all but the ending."""
    ending = known.end(host).partition(".")[2]
    return host.removesuffix(f".{ending}")


def _in_front(host: str, known: Domains) -> str:
    """Give the official domain that stands in a host without being its end."""
    around = f".{host}."
    return next((domain for domain in known.officials if f".{domain}." in around), "")


def _trusted(text: str, known: Domains) -> str:
    """Give the official address that a text pretends: written out, or by a name it carries."""
    plain = undisguised(unquote(text))
    found = next((word for word in re.findall(r"[a-z0-9.-]+", plain) if known.official(word.strip(".-"))), "")
    if found:
        return found.strip(".-")
    return _pretended(plain, known)


def _pretended(text: str, known: Domains) -> str:
    """Give the address of a name that a text carries; nothing where it carries none."""
    carried = _carried(text, known)
    return (_home(carried[0], known) or carried[0].home[0]) if carried else ""


def _home(name: Name, known: Domains) -> str:
    """Give the official address of a trusted name; nothing where none is known for certain."""
    return next((home for home in name.home if known.row(home)), "")


def _moved(host: str, end: str, known: Domains) -> str:
    """Give the official domain whose dots or dashes were moved, or that has another ending."""
    own, shape = end.partition(".")[0], squeezed(host.removeprefix("www."))
    for spelt in (shape, squeezed(f"{own}.vn") if own.endswith("gov") else ""):  # hanoi-gov.vn, hanoi-gov.com
        if spelt in known.shapes:
            return known.shapes[spelt]
    without_ending = squeezed(host.rpartition(".")[0])
    name = next((name for name in known.names if name.name == without_ending and name.how != "word"), None)
    if name is not None:
        return _home(name, known)
    return known.labels.get(own, "") if len(own) >= DISTINCT else ""


DISTINCT = 10  # letters of a name that nobody else has by chance
# The ending of another country, but those that are sold to everybody.
_FOREIGN = re.compile(r"\.(?!vn|cc|co|me|io|to|tv|ws|ly|tk|ml|ga|cf|gq|pw|la|ai)[a-z]{2}$")


def _spared(host: str, known: Domains) -> int:
    """Say up to what length a name may be a namesake's, where a label is nothing else: evn.at, msb.se, acb.com."""
    if _FOREIGN.search(host):
        return LONGEST_NAMESAKE
    return 0 if host.endswith(".vn") or known.listed("cheap", host) else SHORTEST


LONGEST_NAMESAKE, SHORTEST = 8, 3


def _carried(text: str, known: Domains, *, spared: int = 0) -> tuple[Name, bool] | None:
    """Give the trusted name that labels or words carry, and whether just so or nearly; None where they do not."""
    labels = [label for label in re.split(r"[^a-z0-9-]+", text) if label]
    pieces = {label.replace("-", "") for label in labels}
    words = {word for label in labels for word in re.split(r"[-_\d]+", label)} | pieces
    whole = "".join(labels).replace("-", "")
    for name in known.names:
        if name.how == "word":
            lone = name.name in labels and len(name.name) <= spared
            if not lone and any(_is_word(word, name.name, known.parts["bait"]) for word in words):
                return name, True
        elif whole == name.name or any(_within(piece, name) for piece in pieces):
            return name, True
    hasty = {blurred(piece) for piece in pieces}
    for name in (name for name in known.names if name.how != "word"):
        if any(_within(piece, name, blurred(name.name)) for piece in hasty):
            return name, False
        if len(name.name) > SHORT and _within(whole, name):
            return name, False
        if name.how == "near" and any(_misspelt(word, name) for word in words):
            return name, False
    return None


SHORT = 7  # letters; a longer name does not come about by chance where two labels meet


def _is_word(word: str, name: str, bait: frozenset[str]) -> bool:
    """Say whether a word is a short name, or one with what often stands beside it: vcbonline, evnvn."""
    if not word.startswith(name) and not word.endswith(name):
        return False
    return word == name or word.removeprefix(name) in bait or word.removesuffix(name) in bait


def _within(piece: str, name: Name, written: str = "") -> bool:
    """Say whether a label holds a name, and not only as the beginning of another word."""
    sought = written or name.name
    if sought not in piece:
        return False
    for longer in name.unless:
        piece = piece.replace(blurred(longer) if written else longer, "")
    return sought in piece


def _misspelt(word: str, name: Name) -> bool:
    """Say whether a word is a name with a letter or two wrong."""
    size = len(name.name)
    allowed = 2 if size > 10 else 1
    if abs(len(word) - size) > allowed or any(word.startswith(longer) for longer in name.unless):
        return False
    if size < SHORT and word[:1] != name.name[0]:
        return False
    return OSA.distance(word, name.name, score_cutoff=allowed) <= allowed


def _as_if_state(host: str, end: str) -> bool:
    """Say whether a host only seems to end in .gov.vn."""
    own, _, ending = end.partition(".")
    if re.search(r"(?:^|[.-])gov[.-]?vn|govvn|vngov|vn-gov", host):
        return True
    if own.endswith("-gov") and not _FOREIGN.search(host):
        return True
    return ending.endswith("vn") and blurred(own) in ("gov", "gvo", "ogv", "govv", "ggov", "goov")


# --- finding links in what people write ---

_CANDIDATE = re.compile(r"[^\s<>\"“”«»|]+")
_AROUND = ".'‘’`*,;!…()[]{}:?"
MOST = 20  # links of one message


def found_in(text: str, domains: Domains | None = None) -> list[str]:
    """Give the links in what somebody wrote, as they stand there."""
    known = domains or shipped()
    links: list[str] = []
    for match in _CANDIDATE.finditer(_DEFANGED.sub(".", text[:_LONGEST])):
        link = trimmed(match[0]).strip(_AROUND)
        if "." in link and link not in links and _is_link(link, known):
            links.append(link)
        if len(links) == MOST:
            break
    return links


def _is_link(word: str, known: Domains) -> bool:
    scheme, rest = _parted(word, known)
    if scheme in known.parts["no-page"] or (scheme and word[len(scheme) :].startswith("://")):
        return True
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if "@" in host:  # an address for letters, unless it pretends to be a page
        return _judge(word, known).answer == "false"
    labels = undisguised(host).partition(":")[0].strip(".").split(".")
    if len(labels) < 2 or not all(labels) or labels[-1] in known.parts["file"] or labels[-1].isdigit():
        return False
    if ".".join(labels) == STATE:
        return False
    with_path = len(labels[-1]) == 2 and labels[-1].isalpha() and len(rest) > len(host) + 1
    if host.isascii() and (labels[0] == "www" or labels[-1] in known.parts["ending"] or with_path):
        return True
    return _judge(word, known).answer != "unknown"  # "rồi.co" and "bhxh.co"


def _looks_like_one(word: str) -> bool:
    """Say whether a word may be a link by itself."""
    return re.search(r"[^\W_]\.[^\W_]", word) is not None and trimmed(word) != STATE


def untappable(text: str, domains: Domains | None = None) -> str:
    """Give somebody's words with every link that is not official written so that nobody can tap it."""
    known = domains or shipped()
    for link in found_in(text, known):
        if judge(link, known).answer != "official":
            text = text.replace(link, defanged(link, len(link)))
    return text


def defanged(address: str, most: int = 60) -> str:
    """Give an address that nobody can tap."""
    shown = address if len(address) <= most else f"…{address[-most:]}"
    return shown.replace(".", "[.]").replace(":", "[:]")


def spread(verdicts: list[Verdict]) -> Iterator[Verdict]:
    """Give each host once, the worst first."""
    told: set[str] = set()
    for answer in ("false", "unknown", "official"):
        for verdict in verdicts:
            if verdict.answer == answer and verdict.end not in told:
                told.add(verdict.end)
                yield verdict
