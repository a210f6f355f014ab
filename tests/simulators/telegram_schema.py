"""The published Bot API as a judge of calls and answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

PUBLISHED = Path(__file__).with_name("bot-api-10.1.json")


class Uploaded(msgspec.Struct, frozen=True):
    """A file that came with a call."""

    name: str
    content: bytes


class Schema:
    """Every method and type; problems are said as sentences, none means agreement."""

    def __init__(self, published: Mapping[str, Any]) -> None:
        self.methods: Mapping[str, Any] = published["methods"]
        self.types: Mapping[str, Any] = published["types"]

    def decoded(self, method: str, form: Mapping[str, object]) -> dict[str, Any]:
        """Give a call's parameters with the strings of a form read as what the method takes."""
        fields = self.methods.get(method, {}).get("fields", {})
        return {
            name: _read(fields[name]["types"], raw) if name in fields else raw for name, raw in form.items()
        }

    def wrong_call(self, method: str, params: Mapping[str, object]) -> list[str]:
        """Say what is wrong with a call."""
        if method not in self.methods:
            return [f"{method} is no method of the Bot API"]
        return list(self._fields(self.methods[method].get("fields", {}), params, method))

    def wrong_answer(self, method: str, result: object) -> list[str]:
        """Say what is wrong with what a method is said to have returned."""
        return list(self._any_of(self.methods[method]["returns"], result, f"the answer of {method}"))

    def wrong_value(self, type_: str, value: object) -> list[str]:
        """Say what is wrong with a value of a named type, such as an Update."""
        return list(self._one(type_, value, type_))

    def _fields(self, fields: Mapping[str, Any], value: Mapping[str, object], where: str) -> Iterator[str]:
        for name, field in fields.items():
            if name in value:
                yield from self._any_of(field["types"], value[name], f"{where}.{name}")
            elif field["required"]:
                yield f"{where}.{name} is missing"
        for name in value:
            if name not in fields:
                yield f"{where}.{name} is unknown"

    def _any_of(self, types: list[str], value: object, where: str) -> Iterator[str]:
        wrong = [list(self._one(type_, value, where)) for type_ in types]
        if all(wrong):
            # The type that comes closest tells most about the mistake.
            yield from min(wrong, key=len)

    def _one(self, type_: str, value: object, where: str) -> Iterator[str]:
        if element := type_.removeprefix("Array of ") if type_.startswith("Array of ") else "":
            if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from self._one(element, item, f"{where}[{index}]")
            else:
                yield f"{where} is not a list"
        elif type_ in SCALARS:
            fits = isinstance(value, SCALARS[type_]) and (type_ == "Boolean" or not isinstance(value, bool))
            if not fits:
                yield f"{where} is not {type_}"
        elif type_ == "InputFile":
            if not isinstance(value, Uploaded):
                yield f"{where} is not a file"
        elif subtypes := self.types[type_].get("subtypes"):
            yield from self._any_of(subtypes, value, where)
        elif isinstance(value, Mapping):
            yield from self._fields(self.types[type_].get("fields", {}), value, where)
        else:
            yield f"{where} is not {type_}"


SCALARS: Mapping[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
}


def _read(types: list[str], raw: object) -> object:
    if not isinstance(raw, str):
        return raw
    if "Integer" in types and re.fullmatch(r"-?\d+", raw):
        return int(raw)
    if "Float" in types and re.fullmatch(r"-?\d+(\.\d+)?", raw):
        return float(raw)
    if "Boolean" in types and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if not set(types) & {*SCALARS, "InputFile"}:
        try:
            return json.loads(raw)
        except ValueError:
            return raw  # and the check says that it is not what the method takes
    return raw


@cache
def schema() -> Schema:
    """Give the published schema, read once."""
    return Schema(json.loads(PUBLISHED.read_bytes()))
