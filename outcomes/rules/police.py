"""Agreements with a police force, the references people have under them, and whose offences may come in.

Police facts come in under an agreement alone, matched by a reference that tells nothing of the person, and are never
added to what a person tells.

Source: trust design 7; product W 7.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

TRUST: Final = "trust design 7"
LONGEST_WORDS: Final = 400
SHORTEST_REFERENCE, LONGEST_REFERENCE = 6, 20
_REFERENCE: Final = re.compile(r"[A-Z0-9]{6,20}")
# So many digits in a row of an NHS number, and so many letters of a name, are too many.
_NHS_RUN: Final = 5
_NAME_RUN: Final = 3
# Letters that are none with an accent, as people write them without.
_PLAIN: Final = str.maketrans({"Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Æ": "AE", "Œ": "OE", "Þ": "TH"})


class Basis(StrEnum):
    """What an agreement rests on."""

    CONSENT = "consent"
    LAW = "law"

    @property
    def label(self) -> str:
        """The basis in words."""
        return _BASES[self]


_BASES: Final = {
    Basis.CONSENT: "Each person’s consent to this force telling of their offences",
    Basis.LAW: "A law that does not ask for the person’s consent",
}


class Importer(StrEnum):
    """Which role brings files in."""

    MANAGER = "manager"
    PRIVACY_OFFICER = "privacy_officer"

    @property
    def label(self) -> str:
        """The role in words."""
        return _IMPORTERS[self]


_IMPORTERS: Final = {Importer.MANAGER: "Manager", Importer.PRIVACY_OFFICER: "Privacy officer"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementSaid:
    """An agreement as it was signed; the first and the last day both count."""

    starts_on: date
    ends_on: date
    purpose: str
    basis: Basis
    basis_words: str
    signatories: str
    importer: Importer
    case_workers_see: bool


def may_record_police_agreement(said: AgreementSaid, *, is_police: bool) -> Decision:
    """Decide whether an agreement may be written down, with every reason against it."""
    return Decision.of(
        [
            block("agreement_not_police", "Choose a police force.", TRUST) if not is_police else None,
            block("agreement_ends_first", "The last day comes after the first.", TRUST)
            if said.ends_on <= said.starts_on
            else None,
        ]
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementFacts:
    """What stands of an agreement."""

    starts_on: date
    ends_on: date
    is_ended: bool
    importer: Importer
    basis: Basis

    def is_in_force(self, today: date) -> bool:
        """Whether it counts today."""
        return not self.is_ended and self.starts_on <= today <= self.ends_on


def may_give_police_reference(
    reference: str,
    facts: AgreementFacts,
    *,
    today: date,
    identifiers: tuple[str, ...],
    is_taken: bool,
    has_one: bool,
    has_consent: bool,
) -> Decision:
    """Decide whether a person gets a reference for a force, with every reason against it.

    `identifiers` are what the reference may not hold, as `identifiers_of` gives them.
    """
    shape = f"Write {SHORTEST_REFERENCE} to {LONGEST_REFERENCE} capital letters and digits, without spaces."
    tells = "The reference tells who this is: take no part of a name, a date of birth or an NHS number."
    return Decision.of(
        [
            _in_force(facts, today),
            _consent(facts, has_consent=has_consent),
            block("reference_shape", shape, TRUST) if not _REFERENCE.fullmatch(reference) else None,
            block("reference_tells", tells, TRUST) if _tells(reference, identifiers) else None,
            block("reference_taken", "Somebody has this reference already. Take another.", TRUST)
            if is_taken
            else None,
            block("reference_known", "This person has a reference under this agreement already.", TRUST)
            if has_one
            else None,
        ]
    )


class WhyTakenBack(StrEnum):
    """Why a reference is taken back."""

    WRONG_PERSON = "wrong_person"
    WRONG_LETTERS = "wrong_letters"
    FORCE_ERRED = "force_erred"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _WHY_TAKEN_BACK[self]


_WHY_TAKEN_BACK: Final = {
    WhyTakenBack.WRONG_PERSON: "It was given to the wrong person here",
    WhyTakenBack.WRONG_LETTERS: "It was written down wrongly",
    WhyTakenBack.FORCE_ERRED: "The force uses it for somebody else",
}


def may_take_back_police_reference(*, is_taken_back: bool) -> Decision:
    """Decide whether a reference can be taken back: once, also when its agreement is over, for its offences stay."""
    message = "This reference was taken back already."
    return Decision.of([block("reference_taken_back", message, TRUST) if is_taken_back else None])


def identifiers_of(*, names: str, born_on: date | None, nhs_number: str) -> tuple[str, ...]:
    """Return what a reference may not hold: the names, the date of birth, and runs of digits of the NHS number."""
    words = [_letters(word) for word in names.split()]
    parts = [_letters(part) for part in re.split(r"[\s\-\u2010\u2019'`.]+", names)]
    days = (
        [born_on.strftime(shape) for shape in ("%d%m%Y", "%Y%m%d", "%m%d%Y", "%d%m%y", "%y%m%d")]
        if born_on
        else []
    )
    digits = _digits(nhs_number)
    runs = [digits[first : first + _NHS_RUN] for first in range(len(digits) - _NHS_RUN + 1)]
    names_of = dict.fromkeys(word for word in (*words, *parts) if len(word) >= _NAME_RUN)
    return (*names_of, *days, *runs)


def _tells(reference: str, identifiers: tuple[str, ...]) -> bool:
    """Whether a reference holds one of these, also with digits between the letters, or letters between the digits."""
    letters, digits = _letters(reference), _digits(reference)
    return any(one in (digits if one.isdigit() else letters) for one in identifiers)


def _letters(text: str) -> str:
    """Return the letters of a text alone, as capitals without accents."""
    plain = unicodedata.normalize("NFKD", text.upper().translate(_PLAIN))
    return "".join(letter for letter in plain if letter.isalpha())


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


def may_import_police_file(
    facts: AgreementFacts,
    *,
    today: date,
    roles: frozenset[str],
    period: tuple[date, date],
    overlaps: bool,
) -> Decision:
    """Decide whether a file of an agreement may come in now, by somebody with these roles.

    `period` is the first and the last day the file tells of; `overlaps`: another file of the same force that counts,
    under this agreement or an earlier one, and that this one does not replace, tells of one of those days.
    """
    first, last = period
    by_whom = f"Under this agreement files are brought in by: {facts.importer.label.lower()}."
    return Decision.of(
        [
            _in_force(facts, today),
            block("importer_other", by_whom, TRUST) if facts.importer.value not in roles else None,
            block("period_backwards", "The last day is not before the first, and has come already.", TRUST)
            if last < first or last > today
            else None,
            block(
                "period_overlaps",
                "A file of this force about some of these days was brought in before, under this agreement or an earlier "
                "one. Say that this one replaces it, or write the days after it.",
                TRUST,
            )
            if overlaps
            else None,
        ]
    )


def _in_force(facts: AgreementFacts, today: date) -> Finding | None:
    if facts.is_in_force(today):
        return None
    return block("agreement_not_in_force", "This agreement is not in force today.", TRUST)


def _consent(facts: AgreementFacts, *, has_consent: bool) -> Finding | None:
    if facts.basis is Basis.LAW or has_consent:
        return None
    message = (
        "The agreement rests on consent, and this person’s consent to this force telling of their offences does not "
        "stand."
    )
    return block("police_consent_missing", message, TRUST)
