"""Reads report forms from folders: the shipped one, and an office's own that adds to it.

A folder holds a catalogue of indicators (indicators.yaml) and a file for each form, or for each
version of one.  A form names the indicators it asks; an office's form may say `like: monthly` and
give only what differs.  What is wrong is told with file and line, by a name and its values; the
sentences are elsewhere, since they come in each language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from knowledge.form_faults import (
    contradictions,
    faults_of,
    faults_of_check,
    faults_of_indicator,
    faults_of_looks,
    faults_of_owing,
)
from knowledge.forms import ON_TIME, Check, Form, Forms, Indicator

try:
    from yaml import CSafeLoader as SafeLoader  # ten times faster, where PyYAML was built with it
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

T = TypeVar("T")

SHIPPED = Path(__file__).parent / "reports"
CATALOGUE = "indicators.yaml"
OURS = ("indicators", "asks", "like")  # keys of a file that are no fields of a form, or not as they stand


class Fault(msgspec.Struct, frozen=True):
    """Something that keeps a form from being used."""

    file: str
    line: int
    name: str
    values: dict[str, str | int | float] = {}


class FormError(Exception):
    """A form that cannot be used."""

    def __init__(self, fault: Fault) -> None:
        said = ", ".join(f"{name} {value}" for name, value in fault.values.items())
        super().__init__(f"{fault.file}, line {fault.line}: {fault.name} ({said})")
        self.fault = fault


class _File:
    """One YAML file, with the line of every part of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8-sig"))
            node = yaml.compose(text, Loader=SafeLoader)
            data = yaml.load(text, Loader=SafeLoader)
        except UnicodeDecodeError as error:
            raise FormError(Fault(str(path), 1, "not-utf-8")) from error
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line = mark.line + 1 if mark else 1
            raise FormError(Fault(str(path), line, "yaml", {"problem": error.problem or ""})) from error
        except (yaml.YAMLError, ValueError) as error:  # a date such as 2026-13-01 is a ValueError
            raise FormError(Fault(str(path), 1, "yaml", {"problem": str(error).splitlines()[0]})) from error
        if not isinstance(node, yaml.MappingNode) or not isinstance(data, dict):
            raise FormError(Fault(str(path), 1, "empty"))
        self.node: yaml.Node = node
        self.data: dict[str, Any] = data
        for key, line in _twice(node):
            raise FormError(Fault(str(path), line, "written-twice", {"key": key}))

    def line(self, where: str) -> int:
        """Find the line of a path such as $.indicators[2].unit, or of the nearest part above it."""
        node = self.node
        line = node.start_mark.line + 1
        for name, place in re.findall(r"\.([\w-]+)|\[(?:\.\.\.|(\d+))\]", where):
            if isinstance(node, yaml.MappingNode) and name:
                pair = next(((key, value) for key, value in node.value if key.value == name), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and place and int(place) < len(node.value):
                node = node.value[int(place)]
                line = node.start_mark.line + 1
        return int(line)

    def fault(self, where: str, name: str, /, **values: str | int | float) -> Fault:
        return Fault(str(self.path), self.line(where), name, values)

    def converted(self, data: object, kind: type[T], where: str) -> T:
        """Give data as a struct; raise FormError with the line of what does not fit."""
        try:
            return msgspec.convert(data, kind)
        except msgspec.ValidationError as error:
            what, _, inner = str(error).partition(" - at `")
            path = where + inner.rstrip("`").removeprefix("$")
            if unknown := re.search(r"unknown field `([\w-]+)`", what):
                raise FormError(
                    self.fault(f"{path}.{unknown[1]}", "unknown-field", field=unknown[1])
                ) from error
            if missing := re.search(r"missing required field `([\w-]+)`", what):
                raise FormError(self.fault(path, "missing-field", field=missing[1])) from error
            raise FormError(self.fault(path, "unfit", problem=what)) from error


def load_forms(*folders: Path) -> Forms:
    """Read every form of these folders, the shipped one first; raise FormError at the first fault."""
    forms, faults = examined(*folders)
    if faults:
        raise FormError(faults[0])
    return forms


def examined(*folders: Path) -> tuple[Forms, list[Fault]]:
    """Read every form of these folders, and list what is wrong; a faulty file hides none of the others."""
    reader = _Reader()
    for folder in folders or (SHIPPED,):
        reader.read(folder)
    return Forms(reader.forms), reader.faults


def contradicting(form: Form, *folders: Path) -> list[Fault]:
    """List the checks of a form that no report could pass together, with the file and line of the last one."""
    found = []
    for how, ids, at in contradictions(form):
        file, line = _place_of_check(form, ids[-1], folders or (SHIPPED,))
        values: dict[str, str | int | float] = {"checks": ", ".join(ids)}
        found.append(Fault(file, line, how, values | ({"figure": at} if how == "only-least" else {})))
    return found


def _place_of_check(form: Form, check: str, folders: tuple[Path, ...]) -> tuple[str, int]:
    for folder in reversed(folders):
        for path in sorted(folder.glob("*.yaml")):
            file = _File(path)
            checks = [one.get("id") for one in file.data.get("checks") or () if isinstance(one, dict)]
            if file.data.get("id", file.data.get("like")) == form.id and check in checks:
                return str(path), file.line(f"$.checks[{checks.index(check)}]")
    return str(folders[-1]), 1


class _Reader:
    """Puts the folders together, one behind the other."""

    def __init__(self) -> None:
        self.forms: list[Form] = []
        self.faults: list[Fault] = []
        self._catalogue: dict[str, Indicator] = {}
        self._bases: dict[str, _File] = {}  # the newest file of each form in the folders before

    def read(self, folder: Path) -> None:
        files: list[_File] = []
        for path in sorted(folder.glob("*.yaml")):
            try:
                file = _File(path)
            except FormError as error:
                self.faults.append(error.fault)
                continue
            if path.name == CATALOGUE:
                self._catalogue |= {one.id: one for one in self._indicators(file)}
            else:
                files.append(file)
        for file in files:
            try:
                form = self._form(file)
            except FormError as error:
                self.faults.append(error.fault)
                continue
            if any((other.id, other.version) == (form.id, form.version) for other in self.forms):
                self.faults.append(file.fault("$.version", "version-taken", id=form.id, version=form.version))
                continue
            self.forms.append(form)
        for file in files:
            self._bases.setdefault(str(file.data.get("id")), file)

    def _indicators(self, file: _File) -> Iterator[Indicator]:
        """Give the indicators that a file writes out, those with a fault left out."""
        listed = file.data.get("indicators") or ()
        for place, written in enumerate(listed if isinstance(listed, list) else ()):
            where = f"$.indicators[{place}]"
            try:
                one = file.converted(written, Indicator, where)
            except FormError as error:
                self.faults.append(error.fault)
                continue
            faults = [
                *([file.fault(f"{where}.number", "unknown-field", field="number")] if one.number else []),
            ] + [
                file.fault(f"{where}{inner}", name, **values)
                for inner, name, values in faults_of_indicator(one)
            ]
            ids = [each.get("id") for each in listed[:place] if isinstance(each, dict)]
            if one.id in ids:
                faults.append(file.fault(f"{where}.id", "id-taken", id=one.id))
            self.faults += faults
            if not faults:
                yield one

    def _form(self, file: _File) -> Form:
        data, base = file.data, file
        if (like := data.get("like")) is not None:
            if str(like) not in self._bases:
                names = ", ".join(sorted(self._bases))
                raise FormError(file.fault("$.like", "nothing-like", id=str(like), names=names))
            base = self._bases[str(like)]
            data = {**{k: v for k, v in base.data.items() if k not in ("version", "use")}, **data}
        own = {one.id: one for one in self._indicators(file)}
        known = {**self._catalogue, **(self._known_to(base) if base is not file else {}), **own}

        def placed(where: str) -> _File:
            first = re.match(r"\$\.([\w-]+)", where)
            return file if first is None or first[1] in file.data else base

        asks = data.get("asks") or list(own)
        if not isinstance(asks, list) or not asks:
            raise FormError(file.fault("$.asks", "asks-nothing"))
        for place, one in enumerate(asks):
            if one not in known:
                raise FormError(placed("$.asks").fault(f"$.asks[{place}]", "unknown-indicator", id=str(one)))
            if asks.index(one) != place:
                raise FormError(placed("$.asks").fault(f"$.asks[{place}]", "asked-twice", id=str(one)))
        for where, name, values in faults_of_owing(data.get("owed_by")):
            raise FormError(placed("$.owed_by").fault(where, name, **values))
        fields = {key: value for key, value in data.items() if key not in OURS}
        form = self._converted(file, base, {**fields, "indicators": []})
        asked = tuple(
            msgspec.structs.replace(known[one], number=place) for place, one in enumerate(asks, start=1)
        )
        checks = tuple(self._checks(form, placed("$.checks"), known, set(asks)))
        tasks = tuple(
            msgspec.structs.replace(one, number=place)
            for place, one in enumerate(form.tasks, start=len(asked) + 1)
        )
        for place, written in enumerate(form.tasks):
            if written.number:
                where = f"$.tasks[{place}].number"
                self.faults.append(placed("$.tasks").fault(where, "unknown-field", field="number"))
        form = msgspec.structs.replace(form, indicators=asked, checks=checks, tasks=tasks)
        form = self._looked_at(form, placed, known)
        for where, name, values in faults_of(form):
            self.faults.append(placed(where).fault(where, name, **values))
        return form

    def _known_to(self, base: _File) -> dict[str, Indicator]:
        written = base.data.get("indicators") or ()
        return {one.id: one for one in (base.converted(each, Indicator, "$.indicators") for each in written)}

    def _converted(self, file: _File, base: _File, data: dict[str, Any]) -> Form:
        try:
            return file.converted(data, Form, "$")
        except FormError as error:
            if base is file or not error.fault.values:
                raise
            return (
                base.converted(data, Form, "$") if error.fault.line == 1 else file.converted(data, Form, "$")
            )

    def _checks(
        self, form: Form, file: _File, known: dict[str, Indicator], asked: set[str]
    ) -> Iterator[Check]:
        """Give the checks whose figures this form asks; a term that means nothing is a fault."""
        for place, check in enumerate(form.checks):
            if [one.id for one in form.checks].index(check.id) != place:
                self.faults.append(file.fault(f"$.checks[{place}].id", "id-taken", id=check.id))
            faults = [
                file.fault(f"$.checks[{place}]", name, **values)
                for name, values in faults_of_check(check, known)
            ]
            self.faults += faults
            if not faults and all(term.removesuffix("/of") in asked for term in check.terms):
                yield check

    def _looked_at(self, form: Form, placed: Callable[[str], _File], known: dict[str, Indicator]) -> Form:
        """Keep of what is ranked and watched the indicators that this form asks; what means nothing is a fault."""
        for where, name, values in faults_of_looks(form, known):
            self.faults.append(placed(where).fault(where, name, **values))
        rule = form.ranking
        if rule is not None:
            parts = tuple(part for part in rule.parts if part.of == ON_TIME or form.indicator(part.of))
            rule = msgspec.structs.replace(rule, parts=parts) if parts else None
        still = tuple(each for each in form.still if form.indicator(each.of))
        return msgspec.structs.replace(form, ranking=rule, still=still)


def _twice(node: yaml.Node) -> Iterator[tuple[str, int]]:
    """Give the keys that a mapping writes a second time, with their lines."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield str(key.value), key.start_mark.line + 1
            seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _twice(each)
