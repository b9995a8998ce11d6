"""Who somebody is: what the record must hold, and how far their treatment has come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import nhs_number

from hat_clinic.core.decisions import Decision, Finding, block

EARLIEST_BIRTH: Final = date(1900, 1, 1)
# The services this is made for treat adults.
LEAST_AGE: Final = 18


class Allergies(StrEnum):
    """Whether there are allergies. Not asked is not none."""

    NOT_ASKED = "not_asked"
    NONE_KNOWN = "none_known"
    KNOWN = "known"

    @property
    def label(self) -> str:
        """The answer in the clinic's words."""
        return {"not_asked": "not asked yet", "none_known": "none known", "known": "yes"}[self.value]


@dataclass(frozen=True, slots=True)
class PersonDetails:
    """What the clinic knows of who somebody is. Empty text means: not known."""

    given_names: str
    family_name: str
    name_used: str
    born_on: date
    sex: str
    nhs_number: str | None
    languages: str
    phone: str
    address: str
    has_no_fixed_abode: bool
    gp_name: str
    gp_practice: str
    allergies_asked: str
    allergies: str
    next_of_kin: str
    next_of_kin_phone: str


# How each detail is called in a sentence.
WORDS: Final[dict[str, str]] = {
    "given_names": "given names",
    "family_name": "family name",
    "name_used": "name they use",
    "born_on": "date of birth",
    "sex": "sex",
    "nhs_number": "NHS number",
    "languages": "languages",
    "phone": "phone",
    "address": "address",
    "has_no_fixed_abode": "no fixed abode",
    "gp_name": "GP",
    "gp_practice": "GP practice",
    "allergies_asked": "whether there are allergies",
    "allergies": "allergies",
    "next_of_kin": "next of kin",
    "next_of_kin_phone": "phone of the next of kin",
}

# What only clinicians see of it.
CLINICAL_DETAILS: Final = ("allergies_asked", "allergies")


def parse_nhs_number(text: str) -> str | None:
    """Return an NHS number as ten digits, from digits with or without spaces; None if it cannot be one.

    Its last digit is worked out from the nine before it, so that one wrong or swapped digit is seen.
    """
    digits = re.sub(r"[ -]", "", text)
    if re.fullmatch(r"[0-9]{10}", digits) is None or not nhs_number.is_valid(digits):
        return None
    return digits


def changed_details(before: PersonDetails, after: PersonDetails) -> tuple[str, ...]:
    """Return the names of the details that differ, in the order of the record."""
    old, new = asdict(before), asdict(after)
    return tuple(name for name in old if old[name] != new[name])


def may_change_person(details: PersonDetails, *, today: date) -> Decision:
    """Decide whether these details may stand. A finding's code is the name of the detail it is about."""
    return Decision(tuple(_findings(details, today=today)))


# The name of the tick with which whoever changes a record says that the other one is of somebody else.
DUPLICATE: Final = "is_somebody_else"


def is_same_twice(others: tuple[str, ...], *, is_somebody_else: bool) -> Decision:
    """Decide whether names and a birth date may stand that another record here has too; `others` are those, in words.

    Whoever saves has seen them and says that they are somebody else. Source: product R 4.
    """
    if not others or is_somebody_else:
        return Decision()
    message = (
        f"Another record here has these names and this date of birth: {'; '.join(others)}. Look at it with the "
        "person. If it is somebody else, tick that and save again."
    )
    return Decision((block(DUPLICATE, message, "product R 4"),))


def _findings(details: PersonDetails, *, today: date) -> Iterator[Finding]:
    if not details.given_names:
        yield _block("given_names", "Write the given names.")
    if not details.family_name:
        yield _block("family_name", "Write the family name.")
    if not EARLIEST_BIRTH <= details.born_on <= _years_before(today, LEAST_AGE):
        yield _block(
            "born_on", f"Write a date of birth from 1900 on, of somebody who is {LEAST_AGE} or older."
        )
    if details.has_no_fixed_abode and details.address:
        yield _block("address", "Leave the address empty, or take the tick for no fixed abode away.")
    if details.allergies_asked == Allergies.KNOWN and not details.allergies:
        yield _block("allergies", "Write what they are allergic to, and what happened.")
    if details.allergies_asked != Allergies.KNOWN and details.allergies:
        yield _block("allergies_asked", "You wrote an allergy. Choose yes, or take it away.")


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _block(detail: str, message: str) -> Finding:
    return block(detail, message, "trust design 7")


def initials_of(given_names: str, family_name: str) -> str:
    """Return one or two letters to stand where there is no photo."""
    return (given_names[:1] + family_name[:1]).upper()


class Stage(StrEnum):
    """How far somebody's treatment has come, said without a dose."""

    WAITING = "waiting"
    ASSESSED = "assessed"
    ORDERED = "ordered"
    NO_ORDER = "no_order"

    @property
    def label(self) -> str:
        """The stage as it is printed."""
        return _STAGES[self]


_STAGES = {
    Stage.WAITING: "Waiting for assessment",
    Stage.ASSESSED: "Assessed",
    Stage.ORDERED: "Has an order",
    Stage.NO_ORDER: "No order now",
}


def stage_of(*, has_assessment: bool, has_order: bool, had_order: bool) -> Stage:
    """Return how far somebody has come: an order that stands says most, then one that ended."""
    if has_order:
        return Stage.ORDERED
    if had_order:
        return Stage.NO_ORDER
    return Stage.ASSESSED if has_assessment else Stage.WAITING
