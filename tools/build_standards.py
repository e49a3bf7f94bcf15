"""Write the policy standards and governance tables of the package from the clause catalogue.

Development only. Reads ``../shared/domain/policy_catalogue.json`` beside the repository and the hand-made
tables in ``tools/policy``; writes ``standards/data/*.toml`` and ``governance/data/*.toml``. Run it again
after a change: ``python tools/build_standards.py``; ``--check`` only says whether the files are current.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from policy.governance import governance_document
from policy.toml_text import toml_text

REPO = Path(__file__).resolve().parents[1]
CATALOGUE = REPO.parent / "shared" / "domain" / "policy_catalogue.json"
STANDARDS = REPO / "src" / "cultureplan" / "standards" / "data"
GOVERNANCE = REPO / "src" / "cultureplan" / "governance" / "data"
POLICY = Path(__file__).resolve().parent / "policy"
# How the catalogue knows who is responsible, in our words.
BASIS = {
    "named_in_seed": "named",
    "general_clause_of_same_seed": "general_clause",
    "duty_list_of_same_seed": "duty_list",
    "inferred_by_cataloguer": "inferred",
}


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a small table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unit_codes() -> dict[str, str]:
    """Return the catalogue's unit names -> ours."""
    return {
        name: row["unit"] for row in read_csv(STANDARDS / "units.csv") for name in row["catalogue"].split("|")
    }


def note_text(note: str) -> str:
    """Return a note of the catalogue, which calls its papers seeds, in the words of the package."""
    for old, new in (
        ("seed 001", "the Ordos paper"), ("Seed sets", "The paper sets"), ("Seed text", "The text"),
        ("this seed", "this paper"), ("the seed", "the paper"), ("Software should take", "Taken as"),
        ("Software must treat more than the upper figure", "More than the upper figure is treated"),
    ):  # fmt: skip
        note = note.replace(old, new)
    return note


def requirement_row(
    entry: dict[str, Any], check: dict[str, Any], units: dict[str, str], notes: dict[str, str]
) -> dict[str, Any]:
    """Return one requirement as it stands in a standard's file."""
    basis = entry["responsible_basis"]
    row: dict[str, Any] = {
        "id": entry["id"],
        "clause_zh": entry["clause_zh"],
        "clause_en": entry["clause_en"],
        "source": entry["source_file"],
        "type": entry["type"],
        "levels": ["county" if level == "district" else level for level in entry["level"]],
        "settlement": entry["settlement"],
        "comparison": entry.get("comparison") or "report",
        "checkability": entry["checkability"],
        "status": "verified",
        "responsible": entry.get("responsible") or [],
        "responsible_basis": BASIS[basis.split(" ")[0]],
    }
    for name in ("period", "per"):
        if entry.get(name):
            row[name] = entry[name]
    if entry.get("group"):
        row["group"] = entry["group"].split("(")[1].rstrip(")").replace(" ", "_")
    if entry.get("unit"):
        row["unit"] = units[entry["unit"]]
    elif entry.get("value") is not None:
        row["unit"] = "count"
    # The figure of a circle stands in measures/data once, and is looked up there by the requirement's id.
    if check.get("measure") != "circle":
        for key, name in (("threshold", "value"), ("upper", "value_max")):
            if entry.get(name) is not None:
                row[key] = entry[name]
        row["is_printed"] = entry["number_printed_in_source"]
    if entry.get("ambiguity"):
        row["note_en"] = note_text(entry["ambiguity"])
        row["note_zh"] = notes[entry["id"]]
    if check:
        row["check"] = check
    return row


def standard_document(place: str, catalogue: dict[str, Any]) -> dict[str, Any]:
    """Return the document of one paper's standard."""
    paper = tomllib.loads((POLICY / "papers.toml").read_text(encoding="utf-8"))[place]
    checks = tomllib.loads((POLICY / "checks.toml").read_text(encoding="utf-8"))
    readings = tomllib.loads((POLICY / "readings.toml").read_text(encoding="utf-8"))
    notes = {row["id"]: row["zh"] for row in read_csv(POLICY / "notes_zh.csv")}
    entries = [entry for entry in catalogue["requirements"] if entry["place"] == place]
    unknown = set(checks) - {entry["id"] for entry in catalogue["requirements"]}
    if unknown:
        raise SystemExit(f"checks.toml names what the catalogue does not have: {sorted(unknown)}")
    source = next(s for s in catalogue["meta"]["sources"] if s["place"] == place)
    document: dict[str, Any] = {
        key: paper[key] for key in ("id", "title_en", "title_zh", "date", "circles") if key in paper
    }
    document["source"] = source["file"]
    document["governance"] = paper["id"]
    settings = {}
    for name, reading in readings.items():
        if paper["id"] in reading["standards"]:
            default = reading.get("default_of", {}).get(paper["id"], reading["default"])
            kept = {
                key: value
                for key, value in reading.items()
                if key not in ("standards", "default_of", "default")
            }
            settings[name] = {"default": default, **kept}
    if settings:
        document["settings"] = settings
    units = unit_codes()
    document["requirements"] = [
        requirement_row(entry, checks.get(entry["id"], {}), units, notes) for entry in entries
    ]
    return document


def outputs() -> dict[Path, str]:
    """Return every file that this script writes, with its text."""
    catalogue = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    papers = tomllib.loads((POLICY / "papers.toml").read_text(encoding="utf-8"))
    details = {row["id"]: row["zh"] for row in read_csv(POLICY / "anomalies_zh.csv")}
    duties_en = {entry["id"]: entry["clause_en"] for entry in catalogue["governance"]["duties"]}
    files = {}
    for place, paper in papers.items():
        head = f"# Written by tools/build_standards.py from the clause catalogue ({place}); do not edit.\n"
        files[STANDARDS / f"{paper['id']}.toml"] = head + toml_text(standard_document(place, catalogue))
        document = governance_document(place, paper, catalogue["governance"], details, duties_en)
        files[GOVERNANCE / f"{paper['id']}.toml"] = head + toml_text(document)
    return files


def main() -> int:
    """Write the files, or with ``--check`` compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is not current")
    only_check = parser.parse_args().check
    stale = 0
    for path, content in outputs().items():
        current = path.read_text(encoding="utf-8") if path.is_file() else ""
        if current == content:
            continue
        stale += 1
        print(("stale: " if only_check else "written: ") + str(path.relative_to(REPO)))
        if not only_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return 1 if only_check and stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
