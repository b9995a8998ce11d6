"""Sets of criteria as data: what may be asked, three published examples, and who approves a clinic's own.

Source: product R 2. What a source does not say as a number is marked unverified.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from hat_clinic.core.decisions import Decision, Finding, block

REASON_LENGTH: Final = 500
EXCLUSION_LENGTH: Final = 100
MOST_EXCLUSIONS: Final = 12
INJECTING_WINDOW_DAYS: Final = 90


class Criterion(StrEnum):
    """One thing that is looked at before somebody is taken in, in the order of the page."""

    AGE = "age"
    DEPENDENCE = "dependence"
    INJECTING = "injecting"
    OPTIMISED_ORAL = "optimised_oral"
    OTHER_TREATMENTS = "other_treatments"
    AGENCY_CONCERN = "agency_concern"
    CAPACITY = "capacity"
    ATTENDANCE = "attendance"
    EXCLUSIONS = "exclusions"

    @property
    def label(self) -> str:
        """The criterion in words."""
        return _CRITERIA[self]


_CRITERIA = {
    Criterion.AGE: "Age",
    Criterion.DEPENDENCE: "Years of dependence",
    Criterion.INJECTING: "Injects street heroin",
    Criterion.OPTIMISED_ORAL: "Optimised oral treatment has failed",
    Criterion.OTHER_TREATMENTS: "Treatments that have failed",
    Criterion.AGENCY_CONCERN: "Concern of services",
    Criterion.CAPACITY: "Can decide about this treatment",
    Criterion.ATTENDANCE: "Can attend every day",
    Criterion.EXCLUSIONS: "Nothing rules it out",
}


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a set: its name, what it says, its unit, and the most that is read. None is "not asked"."""

    name: str
    label: str
    unit: str
    most: int
    criterion: Criterion


NUMBERS: Final = (
    Number("age_from", "Youngest", "years", 110, Criterion.AGE),
    Number("age_to", "Oldest", "years", 110, Criterion.AGE),
    Number("dependence_years", "Dependent on heroin for at least", "years", 60, Criterion.DEPENDENCE),
    Number(
        "injecting_days",
        f"Injected street heroin on at least, of the last {INJECTING_WINDOW_DAYS} days",
        "days",
        INJECTING_WINDOW_DAYS,
        Criterion.INJECTING,
    ),
    Number("oral_months", "In one oral treatment for at least", "months", 120, Criterion.OPTIMISED_ORAL),
    Number("oral_mg", "Highest methadone a day at least", "mg", 300, Criterion.OPTIMISED_ORAL),
    Number(
        "treatments_failed", "Treatments that failed, at least", "treatments", 10, Criterion.OTHER_TREATMENTS
    ),
    Number(
        "services_concerned",
        "Services that are concerned, at least",
        "services",
        10,
        Criterion.AGENCY_CONCERN,
    ),
)
NAMES: Final = tuple(number.name for number in NUMBERS)


@dataclass(frozen=True, slots=True)
class Criteria:
    """One set: every number, None where it is not asked, and what rules the treatment out."""

    age_from: int | None = None
    age_to: int | None = None
    dependence_years: int | None = None
    injecting_days: int | None = None
    oral_months: int | None = None
    oral_mg: int | None = None
    treatments_failed: int | None = None
    services_concerned: int | None = None
    exclusions: tuple[str, ...] = ()

    @property
    def numbers(self) -> dict[str, int | None]:
        """Every number by name, in the order of `NUMBERS`."""
        return {name: getattr(self, name) for name in NAMES}

    @property
    def data(self) -> dict[str, int | list[str] | None]:
        """The set as it is stored."""
        return {**self.numbers, "exclusions": list(self.exclusions)}

    @property
    def sha256(self) -> str:
        """The fingerprint of the set: the same data, the same fingerprint."""
        text = json.dumps(self.data, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def read_criteria(data: Mapping[str, Any]) -> Criteria:
    """Return the set that was stored."""
    numbers = {name: data[name] for name in NAMES}
    return Criteria(**numbers, exclusions=tuple(data["exclusions"]))


@dataclass(frozen=True, slots=True)
class Example:
    """A published set to begin from. `unverified` names the numbers that its sources do not give as numbers."""

    name: str
    label: str
    criteria: Criteria
    unverified: frozenset[str]
    remark: str


# Each is what a publication says, read once; no clinic has to follow one. Source: product R 2.
EXAMPLES: Final = (
    Example(
        "middlesbrough",
        "Middlesbrough",
        Criteria(age_from=18, treatments_failed=1, services_concerned=2),
        frozenset({"age_from", "treatments_failed", "services_concerned"}),
        "Published as words: engaged in local treatment, chronic injecting dependence, standard treatment failed, of "
        "most concern to justice and health services. The numbers are our reading.",
    ),
    Example(
        "riott",
        "RIOTT trial",
        Criteria(
            age_from=18,
            age_to=65,
            dependence_years=3,
            injecting_days=45,
            oral_months=6,
            exclusions=(
                "Alcohol dependence",
                "Severe medical or psychiatric disorder",
                "Unstable use of prescription drugs",
                "Lives outside the catchment",
            ),
        ),
        frozenset({"injecting_days"}),
        "Published: 18 to 65, 3 years, oral treatment for 6 months, injecting on half of the days of the last 3 "
        "months. That this is 45 of 90 days is our reading.",
    ),
    Example(
        "germany",
        "Germany",
        Criteria(age_from=23, dependence_years=5, injecting_days=46, oral_months=6, treatments_failed=2),
        frozenset({"injecting_days"}),
        "Published: 23 or over, 5 years of dependence, mainly into a vein, two failed treatments, one of them at "
        "least 6 months of substitution. That mainly is more than half of the days is our reading.",
    ),
)
EXAMPLE_OF: Final = {example.name: example for example in EXAMPLES}


def unverified_of(basis: str, criteria: Criteria) -> tuple[str, ...]:
    """Return the names of the numbers that no source gives: all that differ from the example, or are its reading.

    What the clinic thought of itself is as unverified as what we read into a publication. Source: product R 2.
    """
    example = EXAMPLE_OF.get(basis)
    names = []
    for name, number in criteria.numbers.items():
        is_verified = (
            example is not None
            and name not in example.unverified
            and example.criteria.numbers[name] == number
        )
        if number is not None and not is_verified:
            names.append(name)
    return tuple(names)


def may_write_criteria(criteria: Criteria, *, reason: str) -> Decision:
    """Decide whether a set may be stored: numbers in range and not against each other, and why it is written.

    Source: product R 2.
    """
    findings: list[Finding | None] = []
    for number in NUMBERS:
        value = criteria.numbers[number.name]
        if value is not None and not 1 <= value <= number.most:
            message = f"{number.label}: write 1 to {number.most} {number.unit}, or nothing."
            findings.append(block(f"number_{number.name}", message, "product R 2"))
    if criteria.age_from is None or criteria.age_from < 18:
        message = "Youngest: this clinic treats adults only. Write 18 or more."
        findings.append(block("number_age_from", message, "product R 2"))
    if criteria.age_from and criteria.age_to and criteria.age_to < criteria.age_from:
        message = "Oldest: that is younger than the youngest. Check both."
        findings.append(block("number_age_to", message, "product R 2"))
    if len(criteria.exclusions) > MOST_EXCLUSIONS or any(
        not text.strip() or len(text) > EXCLUSION_LENGTH for text in criteria.exclusions
    ):
        message = f"Write at most {MOST_EXCLUSIONS} lines, each of at most {EXCLUSION_LENGTH} characters."
        findings.append(block("exclusions", message, "product R 2"))
    if not reason.strip():
        findings.append(block("reason", "Write why these are the clinic's criteria.", "product R 2"))
    return Decision.of(findings)


@dataclass(frozen=True, slots=True)
class CriteriaApprovalFacts:
    """What is known when a set is approved. `unverified` are its unverified numbers, `confirmed` those ticked."""

    is_clinical_lead: bool
    is_own: bool
    is_newest: bool
    is_approved: bool
    unverified: tuple[str, ...]
    confirmed: frozenset[str]


def may_approve_criteria(facts: CriteriaApprovalFacts) -> Decision:
    """Decide whether a set becomes the clinic's: by a clinical lead who did not write it, the newest, once.

    Each number that no source gives is confirmed.

    Source: product R 2.
    """
    findings: list[Finding | None] = []
    if not facts.is_clinical_lead:
        findings.append(block("not_lead", "A clinical lead approves criteria.", "product R 2"))
    if facts.is_own:
        message = "You wrote these. A clinical lead who did not write them approves them."
        findings.append(block("own_criteria", message, "product R 2"))
    if facts.is_approved or not facts.is_newest:
        message = "Other criteria were written or approved meanwhile. Nothing was saved. Look at them again."
        findings.append(block("criteria_changed", message, "product R 2"))
    labels = {number.name: number.label for number in NUMBERS}
    for name in facts.unverified:
        if name not in facts.confirmed:
            message = f"{labels[name]}: no source gives this number. Confirm it for this clinic."
            findings.append(block(f"unconfirmed_{name}", message, "product R 2"))
    return Decision.of(findings)
