"""Every clinical, legal and counting claim in the code has its source, and docs/sources.md lists exactly those."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

from tests.architecture.house import ROOT, Module, copy_of_the_house, modules, plant

LIST = ROOT / "docs" / "sources.md"

_NUMBERS = r"(\d+(?:\.\d+)?(?:\s*(?:,\s*and|,|and|-)\s+?\d+(?:\.\d+)?|\s*-\s*\d+)*)"
_KINDS = [
    ("clinical rule", re.compile(rf"\bclinical\s+rules?\s+{_NUMBERS}", re.IGNORECASE)),
    ("clinical rule", re.compile(rf"\brules?\s+{_NUMBERS}\s+\(clinical rules\)", re.IGNORECASE)),
    ("indicators", re.compile(rf"\bindicators\s+{_NUMBERS}", re.IGNORECASE)),
    ("trust design", re.compile(rf"\btrust\s+design\s+{_NUMBERS}", re.IGNORECASE)),
    ("product R", re.compile(rf"\bproduct\s+R\s+{_NUMBERS}")),
    ("product A", re.compile(rf"\bproduct\s+A\s+{_NUMBERS}")),
    ("product W", re.compile(rf"\bproduct\s+W\s+{_NUMBERS}")),
    ("product P", re.compile(rf"\bproduct\s+P\s+{_NUMBERS}")),
]
# An invariant is named by its number in section 5.
_INVARIANT = re.compile(r"\btrust\s+design\b[^.;]*\bINV-\d+", re.IGNORECASE)
_COHORT = re.compile(r"\bcohort\s+files\b", re.IGNORECASE)
# From the word to the end of its paragraph.
_SOURCE = re.compile(r"\bSource: (.+?)(?=\n\s*\n|\Z)", re.DOTALL)
_ROW = re.compile(
    r"^\| `(?P<id>[^`]+)` \|(?P<says>[^|]+)\|(?P<standing>[^|]+)\|(?P<used>[^|]+)\|$", re.MULTILINE
)


def ids_in(text: str) -> set[str]:
    """Return the ids of the sources a text names: "clinical rules 6, 11 and 7.9" names three."""
    found = {"cohort files"} if _COHORT.search(text) else set()
    if _INVARIANT.search(text):
        found.add("trust design 5")
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            for part in re.findall(r"\d+(?:\.\d+)?(?:\s*-\s*\d+)?", match.group(1)):
                first, _, last = (piece.strip() for piece in part.partition("-"))
                if "." in first:
                    found.add(f"clinical rules {first}" if kind == "clinical rule" else f"{kind} {first}")
                else:
                    found |= {f"{kind} {number}" for number in range(int(first), int(last or first) + 1)}
    return found


def claims_of(module: Module) -> list[str]:
    """Return the text behind each "Source:" in docstrings and comments, and each source given to a finding."""
    texts = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            if isinstance(node.value.value, str):
                texts.append(node.value.value)
        elif isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            given = [keyword.value for keyword in node.keywords if keyword.arg == "source"]
            if name in ("block", "stop", "warn") and len(node.args) > 2:
                given.append(node.args[2])
            if name in ("Finding", "block", "stop", "warn"):
                texts += [
                    f"Source: {value.value}"
                    for value in given
                    if isinstance(value, ast.Constant) and isinstance(value.value, str)
                ]
    comments, last = "", 0
    for token in tokenize.generate_tokens(io.StringIO(module.path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            gap = "\n" if token.start[0] == last + 1 else "\n\n"
            comments += gap + token.string.lstrip("# ")
            last = token.start[0]
    return [match.group(1) for text in [*texts, comments] for match in _SOURCE.finditer(text)]


def cited(houses: list[Module]) -> tuple[dict[str, set[str]], list[str]]:
    """Return where each source is used (room.shelf.noun), and a sentence for each claim that names none."""
    used: dict[str, set[str]] = defaultdict(set)
    nameless = []
    for module in houses:
        parts = module.name.split(".")
        place = ".".join(parts[: 4 if parts[0] == "hat_clinic" else 3])
        for claim in claims_of(module):
            ids = ids_in(claim)
            if not ids:
                nameless.append(f"{module.name} names no source in: {' '.join(claim.split())[:60]}")
            for source in ids:
                used[source].add(place)
    return used, nameless


def listed(text: str) -> dict[str, set[str]]:
    """Return the places that the table of docs/sources.md gives for each source."""
    return {row["id"]: set(re.findall(r"`([^`]+)`", row["used"])) for row in _ROW.finditer(text)}


def differences(used: dict[str, set[str]], table: dict[str, set[str]]) -> list[str]:
    """Return a sentence for each source that code and table do not tell alike; the table follows the code."""
    violations = [f"`{source}` is listed and used nowhere" for source in sorted(set(table) - set(used))]
    for source in sorted(used):
        places = ", ".join(f"`{place}`" for place in sorted(used[source]))
        if source not in table:
            violations.append(f"`{source}` is not listed; used in {places}")
        elif used[source] != table[source]:
            violations.append(f"`{source}` is used in {places}")
    return violations


class TestSources:
    def test_are_named_by_every_claim(self) -> None:
        _, nameless = cited(modules())

        assert nameless == []

    def test_are_listed_where_they_are_used(self) -> None:
        used, _ = cited(modules())

        assert differences(used, listed(LIST.read_text(encoding="utf-8"))) == []

    def test_cited_and_not_listed_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "dosing.rules.orders", "# Source: clinical rule 999.")
        used, _ = cited(modules(house))

        planted = differences(used, listed(LIST.read_text(encoding="utf-8")))

        assert "`clinical rule 999` is not listed; used in `dosing.rules.orders`" in planted

    def test_listed_and_not_cited_are_seen(self) -> None:
        table = {"clinical rule 999": {"dosing.rules.orders"}}

        assert differences({}, table) == ["`clinical rule 999` is listed and used nowhere"]

    def test_missing_from_a_claim_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "dosing.rules.orders", 'def planted() -> None:\n    """Do. Source: hearsay."""')

        _, nameless = cited(modules(house))

        assert "dosing.rules.orders names no source in: hearsay." in nameless

    def test_are_read_from_lists_ranges_and_sections(self) -> None:
        assert ids_in("clinical rules 6, 11, 21-23 and 7.11; Indicators 3 and 7 (evaluation)") == {
            "clinical rule 6",
            "clinical rule 11",
            "clinical rule 21",
            "clinical rule 22",
            "clinical rule 23",
            "clinical rules 7.11",
            "indicators 3",
            "indicators 7",
        }
