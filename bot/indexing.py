"""The index of the topics, made in a process of its own.

Making it is a second or two of pure Python, in which a service would keep the platforms' calls waiting; so the
service lets another process make it and only takes the result in, which takes a twentieth of that.
"""

from __future__ import annotations

import gc
import logging
import pickle
import subprocess
import sys

from knowledge.library import Library
from knowledge.search import Index

log = logging.getLogger(__name__)


def made_apart(library: Library) -> Index:
    """Give the index of a library, made in another process; where that fails, made here."""
    try:
        made = subprocess.run(
            [sys.executable, "-P", "-m", "bot.indexing"],
            input=pickle.dumps(library),
            capture_output=True,
            check=True,
        )
        return _taken_in(made.stdout)
    except (OSError, subprocess.CalledProcessError, pickle.UnpicklingError, EOFError) as error:
        log.warning("the index is made in the service itself, which answers slowly meanwhile: %s", error)
        return Index(library)


def _taken_in(made: bytes) -> Index:
    """Read an index; without the collector, which would look through all of it several times over."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        index: Index = pickle.loads(made)  # noqa: S301 - written by `main` of this module a moment ago
    finally:
        if collecting:
            gc.enable()
    return index


def main() -> None:
    """Read a library from standard input and write its index to standard output."""
    library: Library = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by `made_apart`
    pickle.dump(Index(library), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


if __name__ == "__main__":
    main()
