"""Help around treatment: what a support session may say, and when a case worker should ask the treatment room.

Nothing here knows a dose, a reading, a test or a drug: a case worker is never shown one.

Source: trust design 3; cohort files, support.csv.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

LONGEST_MINUTES: Final = 480
LONGEST_LINE: Final = 120
# A next step further away than this is a slip of the key, not a plan.
FURTHEST_STEP: Final = timedelta(days=366)
# Attendance is shown this many days back, and an incident looked for, today included.
DAYS_SHOWN: Final = 14
INCIDENT_DAYS: Final = 7
MISSED_IN_A_ROW: Final = 3
TRUST, FILES = "trust design 3", "cohort files"


class Domain(StrEnum):
    """What a session is about, in the codes of the files and the report."""

    HOUSING = "housing"
    HEALTH = "health"
    WELFARE = "welfare"
    EMPLOYMENT = "employment"
    MENTAL_HEALTH = "mental_health"
    FAMILY = "family"
    PSYCHOSOCIAL = "psychosocial"

    @property
    def label(self) -> str:
        """The domain in the words on the keys."""
        return DOMAIN_WORDS[self]


DOMAIN_WORDS: Final = {
    Domain.HOUSING: "Housing",
    Domain.HEALTH: "Health",
    Domain.WELFARE: "Money",
    Domain.EMPLOYMENT: "Work",
    Domain.MENTAL_HEALTH: "Mental health",
    Domain.FAMILY: "Family",
    Domain.PSYCHOSOCIAL: "Talking therapy",
}

# What is done in any session, and what in one about one thing. Codes are stored, words may be improved.
DONE_ANYWHERE: Final = {
    "talked": "Talked",
    "phone_call": "Phone call made",
    "form_filled_in": "Form filled in",
    "letter_written": "Letter written",
    "referred_on": "Referred on",
}
DONE_ABOUT: Final[dict[Domain, dict[str, str]]] = {
    Domain.HOUSING: {
        "housing_application": "Application sent",
        "viewing": "Place viewed",
        "landlord_contact": "Landlord spoken to",
        "tenancy_signed": "Tenancy signed",
    },
    Domain.HEALTH: {
        "gp_registered": "Registered with a GP",
        "appointment_booked": "Appointment booked",
        "went_along": "Went along",
    },
    Domain.WELFARE: {
        "benefit_claim": "Benefit claim sent",
        "debt_plan": "Debt plan made",
        "bank_account": "Bank account opened",
    },
    Domain.EMPLOYMENT: {
        "cv_written": "CV written",
        "job_application": "Application for work sent",
        "course_joined": "Course joined",
    },
    Domain.MENTAL_HEALTH: {
        "mental_health_appointment": "Appointment booked with the team",
        "coping_plan": "Coping plan made",
    },
    Domain.FAMILY: {
        "family_contact": "Family contacted",
        "family_meeting": "Family met",
        "childrens_services": "Children's services spoken to",
    },
    Domain.PSYCHOSOCIAL: {
        "one_to_one": "One to one",
        "group": "Group",
        "goals_reviewed": "Goals looked at",
    },
}
# What was done because somebody did not come.
FOLLOW_UP: Final = {
    "follow_up_call": "Called, spoke",
    "follow_up_message": "Left a message",
    "follow_up_visit": "Went to see them",
    "follow_up_agency": "Told the agency",
    "follow_up_room": "Asked the treatment room",
    "follow_up_none": "Nothing yet",
}


class Correction(StrEnum):
    """Why a session is written again. The last two take it out of every count."""

    WRONG_KEY = "wrong_key"
    LEARNED_LATER = "learned_later"
    WRONG_PERSON = "wrong_person"
    ENTERED_TWICE = "entered_twice"

    @property
    def label(self) -> str:
        """The reason in the words on the keys."""
        return _CORRECTION_WORDS[self]

    @property
    def strikes(self) -> bool:
        """Whether the session then counts for nothing."""
        return self in STRIKING


_CORRECTION_WORDS: Final = {
    Correction.WRONG_KEY: "Wrong key",
    Correction.LEARNED_LATER: "Learned more later",
    Correction.WRONG_PERSON: "Logged for the wrong person",
    Correction.ENTERED_TWICE: "Logged twice",
}
STRIKING: Final = (Correction.WRONG_PERSON, Correction.ENTERED_TWICE)


def words_for(code: str) -> str:
    """Return the words of one thing done; a code of an older release stands for itself."""
    for words in (DONE_ANYWHERE, FOLLOW_UP, *DONE_ABOUT.values()):
        if code in words:
            return words[code]
    return code.replace("_", " ")


def may_be_done(domain: str, *, attended: bool) -> frozenset[str]:
    """Return the codes that fit a session of a domain: what is done in one, or after nobody came."""
    if not attended:
        return frozenset(FOLLOW_UP)
    return frozenset(DONE_ANYWHERE) | frozenset(DONE_ABOUT[Domain(domain)])


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionLogged:
    """What a case worker says of one session. Empty text and None mean: nothing was said."""

    on: date
    domain: str
    attended: bool
    minutes: int | None
    done: Sequence[str]
    note: str
    next_step: str
    next_step_on: date | None


def may_log_session(said: SessionLogged, *, today: date, accepted_on: date) -> Decision:
    """Decide whether a session may be stored, with every reason against it.

    The future has not happened; before the person was accepted here there was nobody to help. Minutes and what
    was done belong to a session that somebody came to, a follow-up to one that nobody came to.
    """
    return Decision.of([*_when(said, today, accepted_on), *_what(said), *_next(said)])


def _when(said: SessionLogged, today: date, accepted_on: date) -> list[Finding | None]:
    return [
        block("support_in_future", "That day has not come yet. Log a session once it is over.", FILES)
        if said.on > today
        else None,
        block(
            "support_before_acceptance",
            f"That day is before {accepted_on:%-d %B %Y}, when this person was accepted here. Check the day.",
            FILES,
        )
        if said.on < accepted_on
        else None,
    ]


def _what(said: SessionLogged) -> list[Finding | None]:
    strange = set(said.done) - may_be_done(said.domain, attended=said.attended)
    return [
        block(
            "support_minutes",
            f"Say how long it took: whole minutes from 1 to {LONGEST_MINUTES}.",
            FILES,
        )
        if said.attended and not 1 <= (said.minutes or 0) <= LONGEST_MINUTES
        else None,
        block("support_minutes_of_nobody", "A session that nobody came to has no minutes.", FILES)
        if not said.attended and said.minutes is not None
        else None,
        block("support_done_elsewhere", "What was done does not fit what the session was about.", FILES)
        if strange
        else None,
        block(
            "support_nothing_done",
            "Tap at least one thing that was done."
            if said.attended
            else "Tap what was done because they did not come, or “Nothing yet”.",
            FILES,
        )
        if not said.done
        else None,
        block("support_long_line", f"Keep each line to {LONGEST_LINE} letters.", FILES)
        if max(len(said.note), len(said.next_step)) > LONGEST_LINE
        else None,
    ]


def _next(said: SessionLogged) -> list[Finding | None]:
    if said.next_step_on is None:
        return _after_nobody_came(said)
    return [
        *_after_nobody_came(said),
        block("support_day_without_step", "Write the next step that goes with this day.", FILES)
        if said.attended and not said.next_step
        else None,
        block("support_step_before_session", "The next step cannot be before the session.", FILES)
        if said.next_step_on < said.on
        else None,
        block("support_step_far_away", "That day is more than a year away. Check the year.", FILES)
        if said.next_step_on > said.on + FURTHEST_STEP
        else None,
    ]


def _after_nobody_came(said: SessionLogged) -> list[Finding | None]:
    if said.attended:
        return []
    return [
        block(
            "support_follow_up_what",
            "Write what happens next because they did not come, such as “Call again”.",
            TRUST,
        )
        if not said.next_step
        else None,
        block("support_follow_up_day", "Say by when it is done. It stays on the caseload until then.", TRUST)
        if said.next_step_on is None
        else None,
    ]


def may_be_followed_up(*, attended: bool, owner_is_here: bool) -> Decision:
    """Decide whether whoever is named may follow up a session that nobody came to: a case worker of the clinic."""
    return Decision.of(
        [
            block(
                "support_follow_up_owner",
                "Choose a case worker of this clinic to follow it up.",
                TRUST,
            )
            if not attended and not owner_is_here
            else None
        ]
    )


def may_close_follow_up(how: str, *, is_superseded: bool = False) -> Decision:
    """Decide whether a follow-up is done: somebody says what came of it, in one line.

    `is_superseded` tells that its session was corrected: what is to be done stands with the correction.
    """
    superseded = (
        "The session was corrected meanwhile. Open the caseload again: what is to be done stands there."
    )
    return Decision.of(
        [
            block("follow_up_superseded", superseded, TRUST) if is_superseded else None,
            block("follow_up_says_nothing", "Write what came of it.", TRUST) if not how.strip() else None,
            block("follow_up_long_line", f"Keep the line to {LONGEST_LINE} letters.", TRUST)
            if len(how) > LONGEST_LINE
            else None,
        ]
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class LastDays:
    """How the last days went for one person, as far as a case worker may be told: came or not, oldest first.

    `had_trouble` is true when a session ended without what was planned although they came, or something was
    written down as an incident; which of the two is never said.
    """

    came: Sequence[bool]
    had_trouble: bool


def should_ask_the_room(days: LastDays) -> bool:
    """Decide whether to say "speak to the treatment room", the only thing that is ever said. Trust design 3."""
    last = days.came[-MISSED_IN_A_ROW:]
    return days.had_trouble or (len(last) == MISSED_IN_A_ROW and not any(last))
