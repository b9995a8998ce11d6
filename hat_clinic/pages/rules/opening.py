"""Opening a clinic: what a preset says, and what is missing until the first dose.

Source: product A 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

PRESETS: Final = ("glasgow", "middlesbrough", "riott", "swiss")
# Who a clinic cannot give a dose without, and how many of each at least.
STAFF_NEEDED: Final = (
    ("nurse", 2),
    ("doctor", 1),
    ("cd_lead", 1),
    ("clinical_lead", 1),
    ("manager", 1),
    ("privacy_officer", 1),
)


class PresetRefused(ValueError):
    """The file is no preset; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class PresetFact:
    """One thing that is known of the programme a preset follows, where it is from, and whether anybody verified it."""

    what: str
    says: str
    source: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """A clinic to begin from: places and sessions a day, and what was published of its model. It sets no limit."""

    code: str
    name: str
    words: str
    places: int
    sessions_per_day: int
    facts: tuple[PresetFact, ...]


def read_preset(code: str, content: dict[str, Any]) -> Preset:
    """Return a preset from its file. Raises PresetRefused where a part is missing, or a verified fact names no source.

    Source: product A 9 (data files with sources, unverified numbers marked).
    """
    wanted = {"name", "words", "places", "sessions_per_day", "facts"}
    if set(content) != wanted:
        raise PresetRefused(f"{code}: a preset has exactly {', '.join(sorted(wanted))}.")
    facts = []
    for fact in content["facts"]:
        if set(fact) != {"what", "says", "source", "is_verified"} or not all(
            fact[part] for part in ("what", "says", "source")
        ):
            raise PresetRefused(
                f"{code}: a fact says what, what it says, its source, and whether it is verified."
            )
        if fact["is_verified"] and fact["source"] == "None":
            raise PresetRefused(f"{code}: what has no source is not verified.")
        facts.append(PresetFact(**fact))
    if not 1 <= content["sessions_per_day"] <= 3 or content["places"] < 1:
        raise PresetRefused(f"{code}: a clinic has places and one to three sessions a day.")
    return Preset(
        code=code,
        name=content["name"],
        words=content["words"],
        places=content["places"],
        sessions_per_day=content["sessions_per_day"],
        facts=tuple(facts),
    )


@dataclass(frozen=True, slots=True)
class OpeningFacts:
    """What a clinic has by now. `staff` counts people by role; `first_dose` is its day in words, or nothing."""

    premises: int
    slots: int
    sessions_per_day: int
    licences: int
    has_limits: bool
    stocked_lines: int
    empty_lines: int
    staff: dict[str, int]
    terminals: int
    has_emergency_card: bool
    first_dose: str


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One thing that a clinic needs before its first dose; `missing` is empty where it has it."""

    what: str
    missing: str
    page: str


def checklist(facts: OpeningFacts) -> tuple[ChecklistItem, ...]:
    """Return what a clinic needs before its first dose, in the order in which it is done.

    Source: product A 9 (licence, approved protocol, stock line, staff, terminal).
    """
    lacking = [
        f"{least} × {role.replace('_', ' ')}"
        for role, least in STAFF_NEEDED
        if facts.staff.get(role, 0) < least
    ]
    no_stock = (
        "No ledger has ampoules. Receive stock."
        if facts.empty_lines
        else "No ledger is open. The controlled-drug lead opens one."
    )
    return (
        ChecklistItem(
            "Premises", "" if facts.premises else "Enter the address where drugs are kept and given.", ""
        ),
        ChecklistItem(
            "Session hours",
            ""
            if facts.slots == facts.sessions_per_day
            else f"{facts.slots} of {facts.sessions_per_day} sessions have their hours.",
            "",
        ),
        ChecklistItem(
            "Staff", f"Still needed: {', '.join(lacking)}." if lacking else "", "accounts:list_staff"
        ),
        ChecklistItem(
            "Licence",
            "" if facts.licences else "No doctor's licence for diamorphine at these premises is in force.",
            "dosing:see_licences",
        ),
        ChecklistItem(
            "Approved limits",
            "" if facts.has_limits else "The clinical lead approves the clinic's limits.",
            "dosing:see_protocol",
        ),
        ChecklistItem(
            "Emergency card",
            "" if facts.has_emergency_card else "The clinical lead approves the emergency card.",
            "",
        ),
        ChecklistItem("Terminal", "" if facts.terminals else "Enrol a terminal.", "list_terminals"),
        ChecklistItem("Stock", "" if facts.stocked_lines else no_stock, "dosing:see_stock"),
        ChecklistItem("First dose", "" if facts.first_dose else "No dose has been given here yet.", ""),
    )
