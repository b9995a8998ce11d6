"""Who may be accepted, how a referral ends, and what its agency is told of it.

Source: product R 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from hat_clinic.core.decisions import Decision, Finding, block, note
from referrals.rules.eligibility import CriterionStanding, check_override


class Outcome(StrEnum):
    """How a referral ended."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DeclineReason(StrEnum):
    """Why the clinic does not take a person; kept by the clinic and never told to an agency."""

    UNDER_AGE = "under_age"
    NO_DEPENDENCE = "no_dependence"
    OTHERS_NOT_TRIED = "others_not_tried"
    NOT_SAFE = "not_safe"
    ALREADY_IN_TREATMENT = "already_in_treatment"
    NOT_WANTED = "not_wanted"
    NOT_FOUND = "not_found"
    OUT_OF_AREA = "out_of_area"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _DECLINE[self]

    @property
    def is_about_eligibility(self) -> bool:
        """True where the treatment does not fit the person, rather than the person not coming."""
        return self in _NOT_ELIGIBLE


_DECLINE = {
    DeclineReason.UNDER_AGE: "Under 18",
    DeclineReason.NO_DEPENDENCE: "Not dependent on street heroin",
    DeclineReason.OTHERS_NOT_TRIED: "Other treatments have not been tried",
    DeclineReason.NOT_SAFE: "Not safe for this person's health",
    DeclineReason.ALREADY_IN_TREATMENT: "Already in this treatment",
    DeclineReason.NOT_WANTED: "The person does not want it",
    DeclineReason.NOT_FOUND: "The person could not be reached",
    DeclineReason.OUT_OF_AREA: "Lives outside the area",
    DeclineReason.OTHER: "Another reason",
}
_NOT_ELIGIBLE = {
    DeclineReason.UNDER_AGE,
    DeclineReason.NO_DEPENDENCE,
    DeclineReason.OTHERS_NOT_TRIED,
    DeclineReason.NOT_SAFE,
    DeclineReason.OUT_OF_AREA,
}


class WithdrawReason(StrEnum):
    """Why an agency takes a referral back."""

    CHANGED_MIND = "changed_mind"
    OTHER_HELP = "other_help"
    MOVED = "moved"
    PRISON = "prison"
    DIED = "died"
    MISTAKE = "mistake"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _WITHDRAW[self]


_WITHDRAW = {
    WithdrawReason.CHANGED_MIND: "The person no longer agrees",
    WithdrawReason.OTHER_HELP: "Another service helps them now",
    WithdrawReason.MOVED: "They moved away",
    WithdrawReason.PRISON: "They went to prison",
    WithdrawReason.DIED: "They died",
    WithdrawReason.MISTAKE: "It was sent by mistake",
    WithdrawReason.OTHER: "Another reason",
}


@dataclass(frozen=True, slots=True)
class AcceptanceFacts:
    """What is known at the moment of accepting. `places` and `taken` are whole numbers of people.

    `has_known_match` tells whether somebody known here may be the same person, `is_chosen` whether the
    clinician said who it is, `is_in_treatment` whether that person is in treatment, here or elsewhere. Of those who
    are in treatment at another clinic of the network, `is_elsewhere` says that one has the same NHS number,
    `may_be_elsewhere` that one has the same names and date of birth. `standings` are the criteria in force;
    `has_criteria` is False where the clinic has approved none.
    """

    places: int
    taken: int
    is_decided: bool
    is_closed: bool
    referred_on: date
    today: date
    has_known_match: bool
    is_chosen: bool
    is_in_treatment: bool
    is_elsewhere: bool = False
    may_be_elsewhere: bool = False
    standings: tuple[CriterionStanding, ...] = ()
    has_criteria: bool = True


def may_accept(facts: AcceptanceFacts, *, assessed_on: date | None, override_reason: str = "") -> Decision:
    """Decide whether a person may be accepted; `assessed_on` is None while only the page is shown.

    Source: product R 2 (against the criteria with a reason), 3 (never beyond the places) and 4 (one person, one
    treatment).
    """
    findings: list[Finding | None] = []
    if facts.is_decided or facts.is_closed:
        message = "This referral was closed. Ask for a new one."
        findings.append(block("closed", message, "product R 4"))
    if facts.taken >= facts.places:
        findings.append(block("no_place", no_place(facts.places), "product R 3"))
    if facts.is_in_treatment:
        message = "This person is already in treatment. Close the referral instead, with that reason."
        findings.append(block("in_treatment", message, "product R 4"))
    elif facts.is_elsewhere:
        message = (
            "Somebody with this NHS number is in treatment at another clinic of the network. Speak with the person; "
            "the agency is not told. They can be accepted once that treatment has ended."
        )
        findings.append(block("elsewhere", message, "product R 4"))
    elif facts.may_be_elsewhere:
        message = (
            "Somebody with these names and this date of birth is in treatment at another clinic of the network. Make "
            "sure that it is another person, by the NHS number; the agency is not told."
        )
        findings.append(note("may_be_elsewhere", message, "product R 4"))
    if not facts.has_criteria:
        message = (
            "This clinic has approved no criteria, so nothing is held against any. Whom you accept is your judgement "
            "alone: the clinical lead approves criteria under Criteria."
        )
        findings.append(note("no_criteria", message, "product R 2"))
    reason = None if assessed_on is None else override_reason
    findings += check_override(facts.standings, reason=reason)
    if assessed_on is not None:
        findings.append(_check_assessment(facts, assessed_on))
        if facts.has_known_match and not facts.is_chosen:
            message = "Choose whether this is somebody known here or somebody new."
            findings.append(block("who_is_it", message, "product R 4"))
    return Decision.of(findings)


def no_place(places: int) -> str:
    """Return the sentence that says that every place is taken."""
    if places == 1:
        return "The only place is taken. The person stays on the waiting list."
    return f"All {places} places are taken. The person stays on the waiting list."


def _check_assessment(facts: AcceptanceFacts, assessed_on: date) -> Finding | None:
    if assessed_on > facts.today:
        message = "The assessment is in the future. Write the day on which it was done."
        return block("assessed_in_future", message, "product R 3")
    if assessed_on < facts.referred_on:
        message = f"The assessment is before the referral of {facts.referred_on:%-d %B %Y}. Check the date."
        return block("assessed_too_early", message, "product R 3")
    return None


def may_close(*, is_decided: bool) -> Decision:
    """Decide whether a referral may still be declined or taken back: only while nothing is decided."""
    if is_decided:
        message = "This referral was decided already. Look at it again: nothing was changed."
        return Decision((block("decided", message, "product R 4"),))
    return Decision()


class Step(StrEnum):
    """One step of a referral, as its agency sees it."""

    RECEIVED = "received"
    LOOKED_AT = "looked_at"
    ASSESSMENT = "assessment"
    DECIDED = "decided"
    STARTED = "started"


class Progress(StrEnum):
    """How far a step is."""

    DONE = "done"
    NOW = "now"
    NOT_YET = "not_yet"
    NOT_TOLD = "not_told"


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """What an agency may know of its referral: yes or no and the outcome, no reason and nothing clinical.

    `may_tell_start` says that the person agreed to share with this agency, and that stands; `is_asked` that the
    clinic's last word is a question to the agency; `tells_no_more` that the person took back that it is told.
    """

    is_looked_at: bool
    has_assessment: bool
    outcome: Outcome | None
    is_started: bool = False
    may_tell_start: bool = False
    is_asked: bool = False
    tells_no_more: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a referral stands: one word, one sentence, and each step."""

    word: str
    sentence: str
    steps: tuple[tuple[Step, Progress], ...]
    is_open: bool


def standing_of(facts: StandingFacts) -> Standing:
    """Work out where a referral stands in the words its agency reads.

    A refusal has no reason here, and a start is told only where the person agreed to that. Source: trust
    design 7 (the agency sees only what the consent allows: a status word).
    """
    if facts.tells_no_more:
        return _NO_MORE
    word, sentence = _words_of(facts)
    return Standing(word, sentence, tuple(_steps_of(facts)), facts.outcome is None)


# The same whatever the clinic decided before or after it.
_NO_MORE = Standing(
    "We tell you no more",
    "The person does not want us to tell you where this stands. What you sent stays with the clinic.",
    tuple((step, Progress.DONE if step is Step.RECEIVED else Progress.NOT_TOLD) for step in Step),
    is_open=False,
)


def _words_of(facts: StandingFacts) -> tuple[str, str]:
    if facts.outcome is Outcome.ACCEPTED:
        if facts.may_tell_start and facts.is_started:
            return "Started", "The person has started treatment and agreed that we tell you so."
        return "Accepted", "The clinic takes this person. You need do nothing."
    if facts.outcome is Outcome.DECLINED:
        return "Not this time", (
            "The clinic does not take this person now. You may refer them again when something has changed."
        )
    if facts.outcome is Outcome.WITHDRAWN:
        return "Taken back", "Your agency took this referral back. You may refer the person again."
    if facts.is_asked:
        return "A question for you", "The clinic asks you something. Answer below, so that it can go on."
    if facts.has_assessment:
        return "Assessment", "The clinic is seeing the person. Help them get there if they ask you."
    if facts.is_looked_at:
        return "Being looked at", "A clinician is reading it. Tell the person to expect a call."
    return "Received", "It waits for a clinician. You need do nothing."


def _steps_of(facts: StandingFacts) -> list[tuple[Step, Progress]]:
    reached = [True, facts.is_looked_at, facts.has_assessment, facts.outcome is not None]
    furthest = max(place for place, is_reached in enumerate(reached) if is_reached)
    steps = []
    for place, step in enumerate((Step.RECEIVED, Step.LOOKED_AT, Step.ASSESSMENT, Step.DECIDED)):
        if facts.outcome is None and place == furthest + 1:
            steps.append((step, Progress.NOW))
        else:
            steps.append((step, Progress.DONE if reached[place] else Progress.NOT_YET))
    return [*steps, (Step.STARTED, _start_of(facts))]


def _start_of(facts: StandingFacts) -> Progress:
    if facts.outcome is not Outcome.ACCEPTED or not facts.may_tell_start:
        return Progress.NOT_TOLD
    return Progress.DONE if facts.is_started else Progress.NOT_YET
