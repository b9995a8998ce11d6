"""The national dataset's shape: which of our facts go into which field with which code, and what is missing of whom.

The fields and codes are data that a clinic loads, with its version and source; nothing national is written here.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS
from outcomes.rules.support import DOMAIN_WORDS, Domain

PRODUCT: Final = "product W 6"
STATEMENT: Final = (
    "The current national code sets must be loaded before anything is submitted. What the clinic loaded is its own "
    "responsibility; this program has not checked it against the national documents."
)
COLUMNS: Final = ("field", "fact", "required", "ours", "theirs")
MOST_BYTES: Final = 500_000
LONGEST_LINE: Final = 120
ADULT_AGE: Final = 18


class Fact(StrEnum):
    """What we can say of one treatment. Results of tests and samples are not among it."""

    AGENCY = "agency"
    CLIENT = "client"
    INITIALS = "initials"
    BORN_ON = "born_on"
    SEX = "sex"
    POSTCODE = "postcode"
    REFERRED_ON = "referred_on"
    REFERRAL_SOURCE = "referral_source"
    STARTED_ON = "started_on"
    EXITED_ON = "exited_on"
    EXIT_REASON = "exit_reason"
    HOUSING = "housing"
    WORK = "work"
    HBV = "hbv"
    HCV = "hcv"
    KIT = "kit"
    FORM_ON = "form_on"
    FORM_STAGE = "form_stage"

    @property
    def label(self) -> str:
        """The fact as a case worker calls it."""
        return _WORDS[self]


_WORDS: Final = {
    Fact.AGENCY: "this clinic, by its code",
    Fact.CLIENT: "reference",
    Fact.INITIALS: "initials",
    Fact.BORN_ON: "date of birth",
    Fact.SEX: "sex",
    Fact.POSTCODE: "first half of the postcode",
    Fact.REFERRED_ON: "day of the referral",
    Fact.REFERRAL_SOURCE: "who referred them",
    Fact.STARTED_ON: "first day of treatment",
    Fact.EXITED_ON: "last day of treatment",
    Fact.EXIT_REASON: "why they left",
    Fact.HOUSING: "where they live",
    Fact.WORK: "work",
    Fact.HBV: "hepatitis B vaccination, due, offered or done",
    Fact.HCV: "hepatitis C test, due, offered or done",
    Fact.KIT: "naloxone kit",
    Fact.FORM_ON: "day of the last outcome form",
    Fact.FORM_STAGE: "stage of the last outcome form",
}
# The answers of the last outcome form, each by its own name.
FORM_ITEMS: Final = (*DAY_ITEMS, *SCORE_ITEMS)
# Whether they came to a session about something during this treatment: yes or no.
HELP_ITEMS: Final = {f"help_{domain.value}": domain for domain in Domain}
YES, NO = "yes", "no"
NAMES: Final = frozenset({*(fact.value for fact in Fact), *FORM_ITEMS, *HELP_ITEMS})
# What stands for a postcode where somebody has no fixed abode. A code set says what the dataset writes then.
NO_FIXED_ABODE: Final = "no_fixed_abode"
# What the first wording of the consent does not name: it leaves the clinic only for who agreed to a later one.
FIRST_WORDING: Final = "2026-11"
OLD_WORDING: Final = (
    "They agreed to an earlier wording, which does not name all that the code set asks for. Ask them again."
)
NOT_IN_FIRST_WORDING: Final = frozenset({Fact.POSTCODE.value, *HELP_ITEMS})
# Facts that are only there after somebody left; they are never missing before.
_AFTER_LEAVING: Final = frozenset({Fact.EXITED_ON.value, Fact.EXIT_REASON.value})


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the dataset: what of ours it carries, whether it may be empty, and the codes for our words."""

    name: str
    fact: str
    is_required: bool
    codes: Mapping[str, str]

    @property
    def words(self) -> str:
        """What the field carries, in words."""
        if self.fact in set(Fact):
            return Fact(self.fact).label
        if self.fact in HELP_ITEMS:
            return f"help with {DOMAIN_WORDS[HELP_ITEMS[self.fact]].lower()}"
        return f"outcome form, {self.fact.replace('_', ' ')}"

    @property
    def is_coded(self) -> bool:
        """Whether each value has a code. A postcode is written as it is; only its absence may have a code."""
        return bool(self.codes) and self.fact != Fact.POSTCODE

    def cell(self, value: str) -> str:
        """Return what the file says for a fact of ours: nothing where the code set has no code for it."""
        if self.is_coded or value == NO_FIXED_ABODE:
            return self.codes.get(value, "")
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeSetSaid:
    """What whoever loads a code set says of it. `verified_by` is empty where nobody checked it."""

    dataset: str
    version: str
    valid_from: date
    source: str
    verified_by: str


class CodeSetUnreadable(Exception):
    """A file is no code set: the message says in sentences what is wrong, with the lines."""


def read_code_set(content: bytes) -> tuple[FieldSpec, ...]:
    """Return the fields that a file defines, in its order. Raises CodeSetUnreadable with everything that is wrong."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CodeSetUnreadable("The file is not UTF-8. Save it as CSV, UTF-8.") from None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise CodeSetUnreadable(
            "The file is not CSV: a quote is not closed, or a cell is too long. Save it as CSV, UTF-8."
        ) from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise CodeSetUnreadable(f"The first line is: {','.join(COLUMNS)}.")
    problems: list[str] = []
    fields: dict[str, tuple[str, bool, dict[str, str]]] = {}
    for line, cells in enumerate(rows[1:], start=2):
        problem = _problem_of(cells, fields)
        if problem:
            problems.append(f"Line {line}: {problem}")
            continue
        name, fact, required, ours, theirs = cells
        _, _, codes = fields.setdefault(name, (fact, required == "yes", {}))
        if ours:
            codes[ours] = theirs
    if problems:
        raise CodeSetUnreadable(" ".join(problems[:20]))
    if not fields:
        raise CodeSetUnreadable("The file defines no field.")
    return tuple(FieldSpec(name, *rest) for name, rest in fields.items())


def _problem_of(cells: list[str], fields: Mapping[str, tuple[str, bool, dict[str, str]]]) -> str:
    """Return what is wrong with a line, or nothing."""
    if len(cells) != len(COLUMNS):
        return f"it has {len(cells)} cells, not {len(COLUMNS)}."
    for cell in cells:
        try:
            refuse_bad_characters(cell)
        except Unreadable as refused:
            return str(refused)
    name, fact, required, ours, theirs = cells
    if not name:
        return "it names no field."
    if fact not in NAMES:
        return f"“{fact}” is no fact of ours."
    if required not in ("yes", "no"):
        return "required is yes or no."
    if bool(ours) != bool(theirs):
        return "ours and theirs are both filled in, or both empty."
    if name in fields:
        before_fact, before_required, codes = fields[name]
        if (before_fact, before_required) != (fact, required == "yes"):
            return f"{name} was another fact, or another answer to required, before."
        if not ours or ours in codes:
            return f"{name} says the same twice."
    return ""


def may_load_code_set(said: CodeSetSaid, *, is_known: bool) -> Decision:
    """Decide whether a code set may be loaded: it says what it is and where it comes from, and is not there yet."""
    lines = {
        "dataset": said.dataset,
        "version": said.version,
        "source": said.source,
        "verified_by": said.verified_by,
    }
    missing = {
        "dataset": "Write the name of the dataset.",
        "version": "Write its version.",
        "source": "Write where the file comes from.",
    }
    findings: list[Finding | None] = [
        block(f"ndtms_{name}_missing", message, PRODUCT) if not lines[name] else None
        for name, message in missing.items()
    ]
    findings += [
        block(f"ndtms_{name}_long", f"Keep it to {LONGEST_LINE} letters.", PRODUCT)
        for name, text in lines.items()
        if len(text) > LONGEST_LINE
    ]
    message = "This version is loaded already. A corrected one has a version of its own."
    findings.append(block("ndtms_version_known", message, PRODUCT) if is_known else None)
    return Decision.of(findings)


def agreed_facts(facts: Mapping[str, str], *, wording_version: str) -> dict[str, str]:
    """Return the facts that the wording names which somebody agreed to: the others do not leave the clinic."""
    return {name: value for name, value in facts.items() if name not in _hidden(wording_version)}


def _hidden(wording_version: str) -> frozenset[str]:
    return NOT_IN_FIRST_WORDING if wording_version == FIRST_WORDING else frozenset()


def outward_postcode(address: str) -> str:
    """Return the first half of the last whole postcode in an address, or nothing."""
    found = _POSTCODE.findall(address.upper())
    return found[-1] if found else ""


_POSTCODE: Final = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}\b")


def gaps_of(
    fields: tuple[FieldSpec, ...], facts: Mapping[str, str], *, wording_version: str = ""
) -> tuple[str, ...]:
    """Return in plain sentences what keeps one treatment from being whole. No value of a fact is told.

    `wording_version` is that of the consent they gave, empty where there is none.
    """
    named = [field for field in fields if field.fact not in _hidden(wording_version)]
    gaps = [OLD_WORDING] if len(named) < len(fields) else []
    gaps += [
        f"Nothing is written down: {field.words}."
        for field in named
        if field.is_required
        and not facts.get(field.fact)
        and (field.fact not in _AFTER_LEAVING or facts.get(Fact.EXITED_ON))
    ]
    gaps += [
        f"The code set has no code for what is written down: {field.words}."
        for field in named
        if facts.get(field.fact) and not field.cell(facts[field.fact])
    ]
    return (*gaps, *_dates(facts))


def _dates(facts: Mapping[str, str]) -> list[str]:
    found = {fact: date.fromisoformat(facts[fact]) for fact in _DATES if facts.get(fact)}
    born, referred = found.get(Fact.BORN_ON), found.get(Fact.REFERRED_ON)
    started, exited = found.get(Fact.STARTED_ON), found.get(Fact.EXITED_ON)
    gaps = []
    if born and referred and _age(born, referred) < ADULT_AGE:
        gaps.append("They were under 18 on the day of the referral. Check the date of birth.")
    if referred and started and started < referred:
        gaps.append("The first day of treatment is before the day of the referral. Check both.")
    if started and exited and exited < started:
        gaps.append("The last day of treatment is before the first. Check both.")
    return gaps


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


_DATES: Final = (Fact.BORN_ON, Fact.REFERRED_ON, Fact.STARTED_ON, Fact.EXITED_ON)


def file_of(fields: tuple[FieldSpec, ...], said: CodeSetSaid, treatments: list[Mapping[str, str]]) -> str:
    """Return the file: the statement and what was loaded, the header, and one line for each treatment.

    What nobody knows is empty, never zero. Cells that a spreadsheet would take for a formula are led by a quote.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    verified = f"verified by {said.verified_by}" if said.verified_by else "not verified"
    about = f"{said.dataset}, version {said.version}, valid from {said.valid_from.isoformat()}, {verified}"
    writer.writerow([_safe(f"# {about}. Source: {said.source}. {STATEMENT}")])
    writer.writerow([field.name for field in fields])
    for facts in treatments:
        writer.writerow([_safe(field.cell(facts.get(field.fact, ""))) for field in fields])
    return out.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
