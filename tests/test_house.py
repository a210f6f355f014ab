"""The rules of the house, read from the source: who imports whom, and what stands in one place only."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

HOUSE = Path(__file__).parents[1]
ROOMS = ("knowledge", "handlers", "bot")  # a room imports itself and the rooms before it

TIME_AND_CHANCE = {"bot/clock.py", "bot/codes.py"}
CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "os.getrandom",
    "os.urandom",
    "sqlalchemy.func.current_timestamp",
    "sqlalchemy.func.now",
    "sqlalchemy.func.random",
    "time.ctime",
    "time.gmtime",
    "time.localtime",
    "time.time",
    "time.time_ns",
}
DICE = {"random", "secrets", "uuid"}

EDGES = ("bot/turns.py", "bot/outbox.py", "bot/ticker.py", "bot/channels/", "bot/web/")

WORLDLY = {
    "aiogram", "aiohttp", "alembic", "anyio", "asyncio", "ftplib", "http", "httpx", "psycopg", "requests",
    "smtplib", "socket", "sqlalchemy", "sqlite3", "ssl", "starlette", "subprocess", "telegram",
    "urllib.request", "uvicorn", "uvloop",
}  # fmt: skip
SQL = re.compile(
    r"\s*(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\s", re.S
)
CHANNEL = re.compile(r"telegram|zalo", re.I)  # in a name
ACCOUNT = re.compile(r"(?:telegram|terminal|web|zalo\w*)(?::.*)?")  # a whole string

# The brackets keep these lines from finding themselves.
ELSEWHERE = re.compile(
    r"(?<![\w.~-])/(?:w[o]rk|r[o]ot|t[m]p)/"
    r"|p[y]pi\.org|python[h]osted\.org|npm[j]s\.(?:org|com)|deb\.de[b]ian\.org|archive\.ub[u]ntu\.com"
)

Rule = Callable[[str, ast.Module], Iterable[str]]


def repository() -> list[Path]:
    """Every file that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=HOUSE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [path for name in listed.stdout.split("\0") if name and (path := HOUSE / name).is_file()]


FILES = repository()
SOURCES = {
    path.relative_to(HOUSE).as_posix(): ast.parse(path.read_text("utf-8"), path.name)
    for path in FILES
    if path.suffix == ".py"
}
PRODUCT = {path: tree for path, tree in SOURCES.items() if path.startswith(tuple(f"{r}/" for r in ROOMS))}


def module_of(path: str) -> str:
    """The dotted name under which a file is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class Import(NamedTuple):
    """One imported name."""

    line: int
    name: str  # in full, with dots
    local: str  # what the module calls it
    means: str  # what that stands for: after "import os.path", "os" stands for "os"


def imports(path: str, tree: ast.AST) -> Iterator[Import]:
    """Everything imported, wherever the statement stands."""
    package = module_of(path).split(".")
    if not path.endswith("/__init__.py"):
        package.pop()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                local = alias.asname or alias.name.split(".")[0]
                yield Import(node.lineno, alias.name, local, alias.name if alias.asname else local)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield Import(node.lineno, name, alias.asname or alias.name, name)


def backwards(path: str, tree: ast.Module) -> Iterator[str]:
    """Imports of a room by one that stands before it, or of the tests."""
    own = ROOMS.index(path.split("/")[0])
    for found in imports(path, tree):
        if found.name.split(".")[0] in {*ROOMS[own + 1 :], "tests"}:
            yield f"{path}:{found.line} imports {found.name}"


def clock_or_chance(path: str, tree: ast.Module) -> Iterator[str]:
    """Readings of the time or of chance; the monotonic clock is no reading of the time."""
    means = {found.local: found.means for found in imports(path, tree)}
    for found in imports(path, tree):
        if found.name.split(".")[0] in DICE or found.name in CLOCKS:
            yield f"{path}:{found.line} imports {found.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            if f"{means.get(first, first)}.{rest}" in CLOCKS:
                yield f"{path}:{node.lineno} reads {ast.unparse(node)}"


def broad_excepts(path: str, tree: ast.Module) -> Iterator[str]:
    """Handlers, and uses of suppress, that catch whatever comes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "suppress":
            kinds = [*node.args]
        else:
            continue
        if any(kind is None or ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds):
            yield f"{path}:{node.lineno} catches everything"


def worldly(path: str, tree: ast.Module) -> Iterator[str]:
    """What a room that only decides or knows must not have: a database, a network, anything async."""
    for found in imports(path, tree):
        if any(f"{found.name}.".startswith(f"{world}.") for world in WORLDLY):
            yield f"{path}:{found.line} imports {found.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"{path}:{node.lineno} is async"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield f"{path}:{node.lineno} holds SQL"


def named_channels(path: str, tree: ast.Module) -> Iterator[str]:
    """Names that mention a platform, strings that are one; words that people write may be anything."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if CHANNEL.search(name):
                yield f"{path}:{node.lineno} names a channel: {name}"
            case ast.Constant(value=str(text)) if ACCOUNT.fullmatch(text):
                yield f"{path}:{node.lineno} names a channel: {text}"


def a_cycle(graph: dict[str, set[str]]) -> list[str]:
    """One ring of modules that import each other; empty when there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def graph_of(sources: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Which module of ours imports which; importing a name means the module that has it."""
    ours = {module_of(path) for path in sources}
    graph = {}
    for path, tree in sources.items():
        names = [found.name for found in imports(path, tree)]
        graph[module_of(path)] = ours.intersection(n if n in ours else n.rpartition(".")[0] for n in names)
    return graph


def broken(rule: Rule, sources: dict[str, ast.Module]) -> list[str]:
    return [finding for path, tree in sources.items() for finding in rule(path, tree)]


def rooms(*names: str) -> dict[str, ast.Module]:
    return {path: tree for path, tree in PRODUCT.items() if path.split("/")[0] in names}


def test_the_three_rooms_are_there() -> None:
    assert {path.split("/")[0] for path in PRODUCT} == set(ROOMS)


def test_imports_run_from_bot_to_handlers_to_knowledge() -> None:
    assert broken(backwards, PRODUCT) == []


def test_no_modules_import_each_other_in_a_ring() -> None:
    assert a_cycle(graph_of(PRODUCT)) == []


def test_time_and_chance_are_read_in_two_places_only() -> None:
    elsewhere = {path: tree for path, tree in PRODUCT.items() if path not in TIME_AND_CHANCE}
    assert broken(clock_or_chance, elsewhere) == []


def test_only_the_five_edges_catch_everything() -> None:
    inside = {path: tree for path, tree in PRODUCT.items() if not path.startswith(EDGES)}
    assert broken(broad_excepts, inside) == []


def test_handlers_and_knowledge_have_no_database_no_network_and_nothing_async() -> None:
    assert broken(worldly, rooms("handlers", "knowledge")) == []


def test_handlers_name_no_channel() -> None:
    assert broken(named_channels, rooms("handlers")) == []


def test_every_module_says_what_it_is_for() -> None:
    assert [path for path, tree in SOURCES.items() if not ast.get_docstring(tree)] == []


def test_no_file_names_a_package_registry_or_a_place_on_one_machine() -> None:
    found = []
    for path in FILES:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a picture or an archive
        found += [f"{path.relative_to(HOUSE)}: {match[0]}" for match in ELSEWHERE.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        (backwards, "knowledge/a.py", "import handlers.desk"),
        (backwards, "handlers/a.py", "from bot import store"),
        (backwards, "handlers/a.py", "def f():\n    from bot.store import tables"),
        (backwards, "handlers/rules/a.py", "from ...bot import clock"),
        (backwards, "bot/a.py", "from tests import helpers"),
        (clock_or_chance, "bot/a.py", "from datetime import datetime\nx = datetime.now(UTC)"),
        (clock_or_chance, "bot/a.py", "import datetime as d\nx = d.date.today()"),
        (clock_or_chance, "bot/a.py", "import datetime\nx = datetime.datetime.utcnow"),
        (clock_or_chance, "bot/a.py", "import time\nx = time.time()"),
        (clock_or_chance, "bot/a.py", "from time import time as now"),
        (clock_or_chance, "bot/a.py", "from sqlalchemy import func\nx = func.now()"),
        (clock_or_chance, "bot/a.py", "import os\nx = os.urandom(8)"),
        (clock_or_chance, "bot/a.py", "from random import choice"),
        (clock_or_chance, "bot/a.py", "import uuid"),
        (clock_or_chance, "bot/a.py", "import secrets as s"),
        (broad_excepts, "bot/a.py", "try: f()\nexcept: pass"),
        (broad_excepts, "bot/a.py", "try: f()\nexcept (OSError, Exception) as e: pass"),
        (broad_excepts, "bot/a.py", "try: f()\nexcept BaseException: pass"),
        (broad_excepts, "bot/a.py", "with contextlib.suppress(Exception): f()"),
        (worldly, "handlers/a.py", "from sqlalchemy.engine import Connection"),
        (worldly, "handlers/a.py", "from urllib import request"),
        (worldly, "handlers/a.py", "async def f(): pass"),
        (worldly, "knowledge/a.py", "x = 'SELECT name FROM people WHERE 1'"),
        (named_channels, "handlers/a.py", "if account.startswith('telegram:'): pass"),
        (named_channels, "handlers/a.py", "zalo_oa = 1"),
    ],
)
def test_a_broken_rule_is_found(rule: Rule, path: str, code: str) -> None:
    assert broken(rule, {path: ast.parse(code)})


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        (backwards, "bot/a.py", "from handlers import desk\nfrom knowledge.search import find"),
        (backwards, "handlers/a.py", "from handlers.turn import Turn\nimport botany"),
        (clock_or_chance, "bot/a.py", "import time\nx = time.monotonic()"),
        (clock_or_chance, "handlers/a.py", "from datetime import datetime\nx = turn.now + datetime.min"),
        (broad_excepts, "bot/a.py", "try: f()\nexcept (OSError, ValueError): pass"),
        (worldly, "knowledge/a.py", "from urllib.parse import urlsplit\nx = 'Select one of the two.'"),
        (named_channels, "handlers/a.py", '"""Telegram is unknown here."""\nx = "zalo|facebook"'),
    ],
)
def test_what_is_allowed_is_left_alone(rule: Rule, path: str, code: str) -> None:
    assert broken(rule, {path: ast.parse(code)}) == []


def test_a_ring_of_imports_is_found() -> None:
    sources = {
        "handlers/a.py": ast.parse("from handlers import b"),
        "handlers/b.py": ast.parse("def f():\n    from handlers.c import thing"),
        "handlers/c.py": ast.parse("from .a import other"),
    }
    assert set(a_cycle(graph_of(sources))) == {"handlers.a", "handlers.b", "handlers.c"}


@pytest.mark.parametrize(
    "line", ["cd /wor" + "k/main", "open('/tm" + "p/x')", "https://py" + "pi.org/simple"]
)
def test_a_place_on_one_machine_is_found(line: str) -> None:
    assert ELSEWHERE.search(line)
