"""What an agency is asked about a person, what it may send, and when two referrals are about the same person.

Source: product R 1 (the questions), product R 4 (one person, found again).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import nhs_number

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block
from referrals.rules.releases import check_release
from referrals.rules.whens import When, check_period

# Who agrees, agrees to these words; a change of them is a new version, and each referral keeps its own.
CONSENT_WORDING_VERSION = "2026-1"
CONSENT_WORDING = (
    "The person knows of this referral and agrees that we give the clinic what is written here, so that the "
    "clinic can decide whether its treatment fits. They can take this back at any time. They know that we are "
    "told only where the referral stands, and nothing about health or treatment."
)
ADULT_AT = 18
OLDEST = 110
FIRST_YEAR_OF_TREATMENTS = 1960
HIGHEST_DOSE_MG = 2000
LONGEST_AREA = 120


class Answer(StrEnum):
    """What an agency answers to each question; not knowing is a fair answer."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The answer in words."""
        return {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: "Do not know"}[self]


class Flag(StrEnum):
    """One reason why an agency may be concerned about somebody."""

    OFFENDING = "offending"
    OVERDOSE = "overdose"
    ROUGH_SLEEPING = "rough_sleeping"
    EMERGENCY = "emergency"
    CUSTODY = "custody"
    CHILDREN = "children"
    EXPLOITATION = "exploitation"
    CONCERNS_POLICE = "concerns_police"
    CONCERNS_PROBATION = "concerns_probation"
    CONCERNS_HOSPITAL = "concerns_hospital"
    CONCERNS_HOUSING = "concerns_housing"
    CONCERNS_SOCIAL_CARE = "concerns_social_care"

    @property
    def is_service(self) -> bool:
        """True where it names another service that is concerned, rather than a reason."""
        return self in SERVICES

    @property
    def question(self) -> str:
        """What the agency is asked."""
        return _QUESTIONS[self]

    @property
    def label(self) -> str:
        """What the clinic reads where the answer is yes."""
        return _FLAGS[self]


_QUESTIONS = {
    Flag.OFFENDING: "Offends often?",
    Flag.OVERDOSE: "Overdosed in the last 12 months?",
    Flag.ROUGH_SLEEPING: "Sleeps rough?",
    Flag.EMERGENCY: "Often in A&E or an ambulance?",
    Flag.CUSTODY: "In custody now, or out in the last 3 months?",
    Flag.CHILDREN: "Children live with them, or are in care?",
    Flag.EXPLOITATION: "Exploited or threatened by others?",
    Flag.CONCERNS_POLICE: "Police",
    Flag.CONCERNS_PROBATION: "Probation",
    Flag.CONCERNS_HOSPITAL: "Hospital",
    Flag.CONCERNS_HOUSING: "Housing",
    Flag.CONCERNS_SOCIAL_CARE: "Social care",
}
_FLAGS = {
    Flag.OFFENDING: "offends often",
    Flag.OVERDOSE: "overdosed in the last 12 months",
    Flag.ROUGH_SLEEPING: "sleeps rough",
    Flag.EMERGENCY: "often in A&E or an ambulance",
    Flag.CUSTODY: "in custody, or just out",
    Flag.CHILDREN: "children live with them, or are in care",
    Flag.EXPLOITATION: "exploited or threatened",
    Flag.CONCERNS_POLICE: "of concern to the police",
    Flag.CONCERNS_PROBATION: "of concern to probation",
    Flag.CONCERNS_HOSPITAL: "of concern to a hospital",
    Flag.CONCERNS_HOUSING: "of concern to housing",
    Flag.CONCERNS_SOCIAL_CARE: "of concern to social care",
}
SERVICES = (
    Flag.CONCERNS_POLICE,
    Flag.CONCERNS_PROBATION,
    Flag.CONCERNS_HOSPITAL,
    Flag.CONCERNS_HOUSING,
    Flag.CONCERNS_SOCIAL_CARE,
)
# The kinds of agency that the form names as a service, so that none is counted twice.
_SERVICE_OF = {
    "police": Flag.CONCERNS_POLICE,
    "probation": Flag.CONCERNS_PROBATION,
    "hospital": Flag.CONCERNS_HOSPITAL,
    "housing": Flag.CONCERNS_HOUSING,
    "social_care": Flag.CONCERNS_SOCIAL_CARE,
}


def service_of(agency_kind: str) -> Flag | None:
    """Return which of the services of the form an agency is, or None where it is none of them."""
    return _SERVICE_OF.get(agency_kind)


# What each agency is asked about; the services are ticked together in one question.
REASONS = tuple(flag for flag in Flag if flag not in SERVICES)


class Treatment(StrEnum):
    """One kind of treatment that may have been tried before."""

    METHADONE = "methadone"
    BUPRENORPHINE = "buprenorphine"
    RESIDENTIAL = "residential"
    DETOX = "detox"
    PSYCHOSOCIAL = "psychosocial"
    ORAL_MORPHINE = "oral_morphine"
    OTHER = "other"

    @property
    def is_oral_opioid(self) -> bool:
        """True where a highest daily dose and its supervision are asked for."""
        return self in _ORAL_OPIOIDS

    @property
    def label(self) -> str:
        """The treatment in words."""
        return _TREATMENTS[self]


_TREATMENTS = {
    Treatment.METHADONE: "Methadone",
    Treatment.BUPRENORPHINE: "Buprenorphine",
    Treatment.RESIDENTIAL: "Residential rehab",
    Treatment.DETOX: "Detox",
    Treatment.PSYCHOSOCIAL: "Talking treatment or group work",
    Treatment.ORAL_MORPHINE: "Slow-release morphine",
    Treatment.OTHER: "Another treatment",
}
_ORAL_OPIOIDS = {Treatment.METHADONE, Treatment.BUPRENORPHINE, Treatment.ORAL_MORPHINE}


class Ending(StrEnum):
    """How a treatment that was tried came to its end, as far as an agency can know."""

    USED_ON_TOP = "used_on_top"
    DROPPED_OUT = "dropped_out"
    REMOVED = "removed"
    PRISON = "prison"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The ending in words."""
        return _ENDINGS[self]


# What shows that a treatment failed; prison ended it from outside, and of an unknown ending nobody can tell.
FAILED = frozenset({Ending.USED_ON_TOP, Ending.DROPPED_OUT, Ending.REMOVED})

_ENDINGS = {
    Ending.USED_ON_TOP: "Used on top",
    Ending.DROPPED_OUT: "Dropped out",
    Ending.REMOVED: "Removed",
    Ending.PRISON: "Prison",
    Ending.UNKNOWN: "Do not know",
}


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells one person from another: names, date of birth, and the NHS number where it is known."""

    given_names: str
    family_name: str
    born_on: date | None
    nhs_number: str | None


def read_nhs_number(text: str) -> str | None:
    """Return the ten digits of an NHS number written with or without spaces, or None if the check digit fails."""
    digits = "".join(text.replace("-", " ").split())
    is_ten_digits = len(digits) == 10 and digits.isascii() and digits.isdecimal()
    return digits if is_ten_digits and nhs_number.is_valid(digits) else None


def check_birth_date(born_on: date, *, today: date) -> Finding | None:
    """Return what stands against a date of birth: the future, more than 110 years, under 18; or None.

    Source: product R 1 and 2.
    """
    if born_on > today:
        message = "The date of birth is in the future. Check day, month and year."
        return block("birth_in_future", message, "product R 1")
    if age_on(born_on, today=today) > OLDEST:
        message = f"The date of birth is more than {OLDEST} years ago. Check the year."
        return block("birth_too_long_ago", message, "product R 1")
    if age_on(born_on, today=today) < ADULT_AT:
        message = (
            f"This person is under {ADULT_AT}. This clinic treats adults only: "
            "ask the young people's drug service. If the date is wrong, put it right."
        )
        return block("under_age", message, "product R 2")
    return None


def age_on(born_on: date, *, today: date) -> int:
    """Return whole years of age on a day; who was born on 29 February has a birthday on 1 March."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def check_area(area: str) -> Finding | None:
    """Return why an area cannot stand in a report's table, or None."""
    if len(area) > LONGEST_AREA:
        return block("bad_area", f"Keep the area to {LONGEST_AREA} letters.", "product R 1")
    try:
        refuse_bad_characters(area)
    except Unreadable as wrong:
        return block("bad_area", f"The area {wrong}", "product R 1")
    return None


def may_refer(
    identity: Identity,
    *,
    has_agreed: bool,
    today: date,
    periods: Iterable[tuple[str, When | None, When | None]] = (),
    release_on: date | None = None,
    area: str = "",
) -> Decision:
    """Decide whether an agency may send a referral: of an adult with a name, who agreed, with possible dates.

    `periods` are the treatments that were tried: what each is called, when it began and when it ended.
    Source: product R 1 and 2; trust design 7 (an agency tells the clinic only what the person agreed to).
    """
    findings: list[Finding | None] = []
    if not identity.given_names.strip() or not identity.family_name.strip():
        findings.append(block("no_name", "Write the given names and the family name.", "product R 1"))
    born_on = identity.born_on
    if born_on is None:
        findings.append(block("no_birth_date", "Write the date of birth.", "product R 1"))
    else:
        impossible = check_birth_date(born_on, today=today)
        findings.append(impossible)
        born_on = None if impossible else born_on
    if identity.nhs_number is not None and read_nhs_number(identity.nhs_number) != identity.nhs_number:
        message = "That is not an NHS number. Check the ten digits, or leave it empty."
        findings.append(block("nhs_number", message, "product R 4"))
    for label, started, ended in periods:
        findings += check_period(label, started, ended, born_on=born_on, today=today)
    if release_on is not None:
        findings.append(check_release(release_on, today=today))
    findings.append(check_area(area))
    if not has_agreed:
        message = (
            "A referral is sent only when the person knows of it and agrees. Speak with them first; "
            "nothing was saved."
        )
        findings.append(block("not_agreed", message, "trust design 7"))
    return Decision.of(findings)


def is_same_person(one: Identity, other: Identity) -> bool:
    """Decide whether two referrals are likely about one person.

    The NHS number decides where both have one; else the same date of birth and the same names, however they
    are spaced and capitalised. Source: product R 4.
    """
    if one.nhs_number and other.nhs_number:
        return one.nhs_number == other.nhs_number
    if one.born_on is None or one.born_on != other.born_on:
        return False
    return _plain(one) == _plain(other)


def which_are_same(one: Identity, others: Sequence[Identity]) -> tuple[bool, ...]:
    """Decide for each of several whether it is about the same person as `one`, and none as a friend of a friend.

    Two with the same names and day of birth and different NHS numbers are two people. Who has no number could be
    either of them, so that neither counts as the same. Source: product R 4.
    """
    same = [is_same_person(one, other) for other in others]
    numbers = {
        other.nhs_number for other, is_same in zip(others, same, strict=True) if is_same and other.nhs_number
    }
    if not one.nhs_number and len(numbers) > 1:
        same = [is_same and not other.nhs_number for other, is_same in zip(others, same, strict=True)]
    return tuple(same)


def _plain(identity: Identity) -> str:
    return " ".join(f"{identity.given_names} {identity.family_name}".casefold().split())
