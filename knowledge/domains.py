"""Whose an internet address is: the tables of real and false domains, and what is wrong with a row.

`data/domains.tsv` names each domain with its owner, a source and a day; an office lays its own rows over it in
`domains.tsv` beside its topics.  `data/names.tsv` are the names that swindlers borrow, `data/address-parts.tsv`
what addresses are made of.  Nothing here reads a link; that is `links`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, TypeVar, get_args

import msgspec

from knowledge.page import Fault
from knowledge.told import Faulty, at
from knowledge.told import told as _

DATA = Path(__file__).parent / "data"
OWN = "domains.tsv"  # beside the topics: what an office adds
STATE = "gov.vn"  # whoever stands below it is a state body
COLUMNS = ("domain", "vi", "en", "kind", "source", "date")

_V = TypeVar("_V")

Kind = Literal["official", "false"]
How = Literal["near", "part", "word"]
"""A borrowed name: also misspelt, anywhere in a label, or only as a word of its own."""

Part = Literal["short", "shared", "cheap", "second", "bait", "ending", "file", "no-page"]
"""What a part of an address is: a host that shortens links, one where anybody may publish, an ending that costs
next to nothing, one below which strangers register; a word that stands beside a borrowed name; a common ending, the
ending of a file, and a scheme that opens no page."""

_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_DATE = re.compile(r"20\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


class BadTable(Faulty):
    """A table that cannot be used; says file, line and remedy."""


class Domain(msgspec.Struct, frozen=True):
    """A domain somebody knows about: whose it is, or whom it imitates."""

    domain: str
    vi: str
    en: str
    kind: Kind
    source: str
    date: str  # of the source, or the day it was read where that has none; "2024-04-15", "2024-04" or "2024"

    def whose(self, lang: str) -> str:
        """Give the owner, or who is imitated, in a language."""
        return self.en if lang == "en" else self.vi

    @property
    def since(self) -> str:
        """Give month and year of the warning as people write them."""
        year, _, rest = self.date.partition("-")
        return f"{int(rest[:2])}/{year}" if rest else year


class Name(msgspec.Struct, frozen=True):
    """A name that people trust, as it looks in an address."""

    name: str
    vi: str
    en: str
    home: tuple[str, ...]  # where it is at home; only what is also an official domain is called so
    how: How
    unless: tuple[str, ...]  # longer words it may be the beginning of: "dichvucongnghe"

    def whose(self, lang: str) -> str:
        """Give who is known by it, in a language."""
        return self.en if lang == "en" else self.vi


class Domains(msgspec.Struct, frozen=True, dict=True):
    """All that is known of addresses."""

    rows: tuple[Domain, ...]
    names: tuple[Name, ...]
    parts: dict[Part, frozenset[str]]

    @classmethod
    def load(cls, own: Path | None = None) -> Domains:
        """Read the shipped tables, and an office's own rows over them; raise BadTable where a row is wrong."""
        rows = {row.domain: row for row in _read(DATA / OWN)}
        if own is not None and own.exists():
            rows |= {row.domain: row for row in _read(own)}
        names = tuple(
            Name(name, vi, en, tuple(home.split()), _how(how), tuple(unless.split()))
            for name, vi, en, home, how, unless in _cells(DATA / "names.tsv", 6)
        )
        return cls(tuple(rows.values()), names, {kind: _parts(kind) for kind in get_args(Part)})

    @cached_property
    def _official(self) -> dict[str, Domain]:
        return {row.domain: row for row in self.rows if row.kind == "official"}

    @cached_property
    def _false(self) -> dict[str, Domain]:
        """The rows that are false, also by the end that their owner has bought: cvgov.com."""
        rows = [row for row in self.rows if row.kind == "false"]
        return {self.end(row.domain): row for row in rows} | {row.domain: row for row in rows}

    @cached_property
    def homes(self) -> frozenset[str]:
        """The ends of whatever is somebody's own: vnpt.vn, though only smartca.vnpt.vn is listed."""
        own = [*self._official, *(home for name in self.names for home in name.home)]
        return frozenset(self.end(domain) for domain in own if domain != STATE)

    def official(self, host: str) -> Domain | None:
        """Give the nearest official domain that a host is, or really stands below."""
        return _nearest(host, self._official)

    def false(self, host: str) -> Domain | None:
        """Give the false domain that a host is, or stands below."""
        return _nearest(host, self._false)

    def imitated(self, false: Domain) -> str:
        """Give the official domain of whom a false one imitates; nothing where none is listed."""
        return next((row.domain for row in self._official.values() if row.en == false.en), "")

    def row(self, domain: str) -> Domain | None:
        """Give the official row of exactly this domain."""
        return self._official.get(domain)

    @cached_property
    def officials(self) -> tuple[str, ...]:
        """The official domains but the state's own ending, the longest first."""
        return tuple(sorted(self._official.keys() - {STATE}, key=lambda domain: (-len(domain), domain)))

    @cached_property
    def shapes(self) -> dict[str, str]:
        """The official domains by their letters, without dots and dashes."""
        return {squeezed(domain): domain for domain in self.officials}

    @cached_property
    def labels(self) -> dict[str, str]:
        """The official domains by the label that their owner chose."""
        return {self.end(domain).partition(".")[0]: domain for domain in self.officials}

    def end(self, host: str) -> str:
        """Give the part of a host that one owner has: example.com.vn of www.example.com.vn."""
        labels = host.split(".")
        if host in self.parts["shared"]:
            return host
        for size in range(len(labels) - 1, 0, -1):
            if ".".join(labels[-size:]) in self.parts["shared"]:
                return ".".join(labels[-size - 1 :])
        if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in self.parts["second"]:
            return ".".join(labels[-3:])
        return ".".join(labels[-2:])

    def listed(self, kind: Part, host: str) -> bool:
        """Say whether a host is, or stands below, one of a kind; "cheap" are endings."""
        return _nearest(host, dict.fromkeys(self.parts[kind], True)) is not None


def squeezed(host: str) -> str:
    """Give the letters of a host, without dots and dashes."""
    return host.replace(".", "").replace("-", "")


def _nearest(host: str, rows: Mapping[str, _V]) -> _V | None:
    labels = host.split(".")
    found = (".".join(labels[at:]) for at in range(len(labels)))
    # gov.vn itself is nobody's page.
    return next((rows[name] for name in found if name in rows and not name == host == STATE), None)


# --- reading and checking ---


def faults(path: Path, today: date) -> list[Fault]:
    """List all that is wrong with a table of domains."""
    found: list[Fault] = []
    seen: dict[str, int] = {}
    for number, cells in _numbered(path):
        told = list(_wrong(cells, today))
        domain = cells[0]
        if domain in seen:
            told.append(
                (
                    _('"{domain}" stands already in line {line}', domain=domain, line=seen[domain]),
                    _("Keep one of the two."),
                )
            )
        seen.setdefault(domain, number)
        found += [Fault(number, what, remedy) for what, remedy in told]
    return found


def _wrong(cells: list[str], today: date | None = None) -> Iterator[tuple[str, str]]:
    """Say what is wrong with a row, and what to do."""
    if len(cells) != len(COLUMNS):
        what = _("the row has {n} columns", n=len(cells))
        yield (
            what,
            _("Write {n}, with a tab between two: {columns}.", n=len(COLUMNS), columns=", ".join(COLUMNS)),
        )
        return
    domain, vi, en, kind, source, day = cells
    if not _DOMAIN.fullmatch(domain):
        yield (
            _('"{domain}" is no domain', domain=domain),
            _("Write it in small letters, without https:// and without a slash."),
        )
    if kind not in ("official", "false"):
        yield _('the kind is "{kind}"', kind=kind), _("Write official or false.")
    if not vi.strip() or not en.strip():
        yield _("it is not said whose it is"), _("Write the owner, or who is imitated, in both languages.")
    if not re.fullmatch(r"https?://[^\s/]+\.\S+", source):
        yield (
            _('the source "{source}" is no address', source=source),
            _("Name the page that says so, with https://."),
        )
    if not _DATE.fullmatch(day) or (kind == "false" and len(day) < len("2024-04")):
        yield (
            _('the date is "{day}"', day=day),
            _("Write it like 2024-04-15, or 2024-04 where the day is not known."),
        )
    elif today is not None and day > today.isoformat()[: len(day)]:
        yield _("the date {day} is in the future", day=day), _("Write the day of the source.")
    if kind == "official":
        yield from _too_wide(domain)


def _too_wide(domain: str) -> Iterator[tuple[str, str]]:
    """Refuse as official what strangers may publish below, or what carries somebody else's name."""
    first, _dot, rest = domain.partition(".")
    public = domain != STATE and first in _parts("second") and len(rest) == 2
    if public or domain in _parts("shared") | _parts("short"):
        yield (
            _("anybody may publish below {domain}", domain=domain),
            _("Name the whole domain of the office."),
        )
    if domain == STATE or domain.endswith(f".{STATE}"):
        return
    for name, _vi, _en, home, _how_known, _unless in _cells(DATA / "names.tsv", 6):
        at_home = any(domain == own or domain.endswith(f".{own}") for own in home.split())
        if len(name) > 4 and name in domain.replace("-", "") and not at_home:
            remedy = _(
                "Ask the office; if it is theirs, add it to the homes of {name} in data/names.tsv.", name=name
            )
            yield (
                _(
                    '{domain} carries the name "{name}" and is not known as its home',
                    domain=domain,
                    name=name,
                ),
                remedy,
            )


def _numbered(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the rows with their lines; the heading, empty lines and remarks are left out."""
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        if line.strip() and not line.startswith("#") and line.split("\t") != list(COLUMNS):
            yield number, [cell.strip() for cell in line.split("\t")]


def _read(path: Path) -> list[Domain]:
    rows = []
    for number, cells in _numbered(path):
        for what, remedy in _wrong(cells):
            raise BadTable(at(path, number, what, remedy))
        domain, vi, en, kind, source, day = cells
        rows.append(Domain(domain, vi, en, "official" if kind == "official" else "false", source, day))
    return rows


@cache
def _cells(path: Path, size: int) -> tuple[tuple[str, ...], ...]:
    """Give the rows of a shipped table, without its heading."""
    lines = path.read_text("utf-8").splitlines()[1:]
    return tuple(tuple([*line.split("\t"), *[""] * size][:size]) for line in lines)


@cache
def _parts(kind: Part) -> frozenset[str]:
    return frozenset(part for part, of in _cells(DATA / "address-parts.tsv", 2) if of == kind)


def _how(word: str) -> How:
    match word:
        case "near" | "part" | "word":
            return word
    raise BadTable(_('{file}: "{word}" is not near, part or word.', file=DATA / "names.tsv", word=word))
