"""The invented people of the demo clinic. Nobody here exists."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

from hat_clinic.accounts.rules import Role

CLINIC_CODE = "HARBOUR"
CLINIC_NAME = "Harbour Street Clinic (invented)"
AGENCY_NAME = "Harbour Town Police (invented)"
# Not the code that the folder itself names, so that a newcomer can import that folder into the demo too.
COHORT_CODE = "MBRODEMO"


@dataclass(frozen=True, slots=True)
class Actor:
    """One demo member of staff; `word` is what `./hat code` is asked with."""

    word: str
    role: Role
    full_name: str
    signs_by_pin: bool = False
    sees_cohort: bool = False

    @property
    def email(self) -> str:
        """The address to sign in with."""
        return f"{self.word}@demo.example"

    @property
    def password(self) -> str:
        """Letters and digits that only this installation knows, the same at every start."""
        digest = _secret(f"password:{self.word}").hex()
        return "-".join(digest[start : start + 4] for start in range(0, 16, 4))

    @property
    def pin(self) -> str:
        """Six digits for signing doses, the same at every start; never a first guess."""
        digits = [str(2 + byte % 8) for byte in _secret(f"pin:{self.word}")[:4]]
        return f"{digits[0]}9{digits[1]}2{digits[2]}7"


STAFF = (
    Actor("nurse", Role.NURSE, "Grace Okafor", signs_by_pin=True),
    Actor("nurse2", Role.NURSE, "Tom Brennan", signs_by_pin=True),
    Actor("doctor", Role.DOCTOR, "Dr Priya Nair"),
    Actor("prescriber", Role.PRESCRIBER, "Sol Oduya"),
    Actor("case_worker", Role.CASE_WORKER, "Hanif Rahman"),
    Actor("commissioner", Role.COMMISSIONER, "Rhona Keir", sees_cohort=True),
    Actor("referrer", Role.REFERRER, "Sergeant Ada Lowe"),
    Actor("cd_lead", Role.CD_LEAD, "Ewa Malik", signs_by_pin=True),
    Actor("clinical_lead", Role.CLINICAL_LEAD, "Dr Lena Hart", signs_by_pin=True, sees_cohort=True),
    Actor("manager", Role.MANAGER, "Morag Ellis", sees_cohort=True),
    Actor("privacy_officer", Role.PRIVACY_OFFICER, "Ines Duarte"),
    Actor("inspector", Role.INSPECTOR, "Owen Pryce"),
    Actor("board", Role.BOARD, "Nadia Marlow", sees_cohort=True),
    Actor("police_commissioner", Role.POLICE_COMMISSIONER, "Idris Vane", sees_cohort=True),
    Actor("probation", Role.PROBATION, "Bea Lindqvist", sees_cohort=True),
    Actor("prison_group", Role.PRISON_GROUP, "Ruben Achterberg", sees_cohort=True),
    Actor("evaluator", Role.EVALUATOR, "Dr Mina Sorley", sees_cohort=True),
)


@dataclass(frozen=True, slots=True)
class Patient:
    """One demo person in treatment: milligrams a session, two sessions a day."""

    number: int
    given_names: str
    family_name: str
    born: str
    sex: str
    address: str
    dose_mg: int

    @property
    def nhs_number(self) -> str:
        """A number of the range that is never issued (999), with its check digit."""
        body = f"999{self.number:06d}"
        remainder = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
        return body + str(0 if remainder == 11 else remainder)


PATIENTS = (
    Patient(100, "Danny", "Marsh", "1979-03-14", "M", "8 Cable Yard, Harbour Town", 180),
    Patient(101, "Lorraine", "Tate", "1983-07-02", "F", "2 Dock Row, Harbour Town", 140),
    Patient(102, "Yusuf", "Karim", "1986-11-21", "M", "31 Pilot Street, Harbour Town", 200),
    Patient(103, "Kev", "Roscoe", "1974-01-30", "M", "Flat 3, 9 Ropewalk, Harbour Town", 220),
    Patient(104, "Anita", "Bell", "1981-05-09", "F", "14 Ferry Street, Harbour Town", 100),
    Patient(106, "Stef", "Novak", "1988-09-17", "M", "The Anchorage, Room 12, Harbour Town", 160),
    Patient(107, "Gemma", "Reid", "1990-12-03", "F", "5 Sailmakers Court, Harbour Town", 120),
    Patient(108, "Paulie", "Grant", "1977-08-25", "M", "40 Beacon Lane, Harbour Town", 240),
    Patient(113, "Shaz", "Whitfield", "1985-02-11", "X", "17 Tide Street, Harbour Town", 150),
    Patient(110, "Col", "Pearce", "1972-06-19", "M", "The Anchorage, Room 4, Harbour Town", 260),
    Patient(111, "Jade", "Linton", "1992-10-28", "F", "22 Lighthouse Road, Harbour Town", 80),
    Patient(114, "Terry", "Hobbs", "1970-04-06", "M", "3 Dock Row, Harbour Town", 200),
)


def actor(word: str) -> Actor | None:
    """Return one member of staff by the word used for them, or None."""
    return next((actor for actor in STAFF if actor.word == word), None)


def _secret(purpose: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), purpose.encode(), hashlib.sha256).digest()
