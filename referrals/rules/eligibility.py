"""Working out, criterion by criterion, whether the treatment fits somebody: met, not met, or not known, and why.

The software shows what stands; a clinician decides. Source: product R 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block, note
from referrals.rules.asking import FAILED, Answer, Ending, Flag, Treatment, age_on
from referrals.rules.criteria import INJECTING_WINDOW_DAYS, Criteria, Criterion
from referrals.rules.whens import When, least_months

EVIDENCE_LENGTH: Final = 300
# How long a count of days of the last three months says where somebody stands. Unverified: our own reading.
COUNT_LASTS_DAYS: Final = 28
# What a clinician writes down for each criterion; the others follow from what is known already.
NUMBER_OF: Final = {
    Criterion.DEPENDENCE: ("Years of dependence on heroin", 60),
    Criterion.INJECTING: (
        f"Days of the last {INJECTING_WINDOW_DAYS} on which they injected",
        INJECTING_WINDOW_DAYS,
    ),
    Criterion.OTHER_TREATMENTS: ("How many treatments failed", 20),
}
QUESTION_OF: Final = {
    Criterion.OPTIMISED_ORAL: "Did oral treatment at its best, as the criteria have it, fail?",
    Criterion.CAPACITY: "Can they understand, weigh up and decide about this treatment?",
    Criterion.ATTENDANCE: "Can they come every day?",
    Criterion.EXCLUSIONS: "Does any of the exclusions stand?",
}


class FactSource(StrEnum):
    """Where what a clinician wrote down comes from."""

    PERSON = "person"
    RECORDS = "records"
    AGENCY = "agency"
    EXAMINED = "examined"

    @property
    def label(self) -> str:
        """The source in words."""
        return _SOURCES[self]


_SOURCES = {
    FactSource.PERSON: "The person said so",
    FactSource.RECORDS: "Seen in records",
    FactSource.AGENCY: "An agency said so",
    FactSource.EXAMINED: "Examined or observed here",
}


class State(StrEnum):
    """Where one criterion stands."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The state in words."""
        return {"met": "Met", "not_met": "Not met", "unknown": "Not known"}[self.value]


@dataclass(frozen=True, slots=True)
class Told:
    """What one agency said of one treatment, and when it said it."""

    sender: str
    said_on: date
    treatment: Treatment
    answer: Answer
    started: When | None = None
    ended: When | None = None
    highest_dose_mg: int | None = None
    supervised: Answer | None = None
    ending: Ending | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """That one agency referred the person, and which other services it named as concerned.

    `own` is the service that the agency is itself, None where no question of the form names it.
    """

    sender: str
    said_on: date
    services: tuple[Flag, ...] = ()
    own: Flag | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """What a clinician wrote down for one criterion: a number or an answer, its evidence, its source and whose."""

    number: int | None
    answer: Answer | None
    evidence: str
    source: FactSource
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class EligibilityFacts:
    """All that is known of somebody, from every referral about them and from the assessment."""

    born_on: date | None
    today: date
    told: tuple[Told, ...]
    concerns: tuple[Concern, ...]
    noted: Mapping[Criterion, Noted]


@dataclass(frozen=True, slots=True)
class CriterionStanding:
    """One criterion: what is asked, where it stands, on what evidence, whose that is, and what is missing."""

    criterion: Criterion
    asked: str
    state: State
    evidence: str
    source: str
    missing: str = ""


def stand(criteria: Criteria, facts: EligibilityFacts) -> tuple[CriterionStanding, ...]:
    """Return where every criterion that the set asks stands, in the order of the page. Source: product R 2."""
    return tuple(
        standing
        for work_out in _WORKED_OUT
        for standing in (work_out(criteria, facts),)
        if standing is not None
    )


def unmet_of(standings: tuple[CriterionStanding, ...]) -> tuple[Criterion, ...]:
    """Return the criteria that are not met or not known."""
    return tuple(standing.criterion for standing in standings if standing.state is not State.MET)


def check_override(standings: tuple[CriterionStanding, ...], *, reason: str | None) -> Decision:
    """Decide whether somebody may be accepted as the criteria stand; `reason` is None while the page is shown.

    Against a criterion that is not met or not known only with a reason, which stays with the decision and stands on
    the list of decisions against the criteria. Source: product R 2.
    """
    unmet = unmet_of(standings)
    findings: list[Finding | None] = []
    if unmet:
        names = ", ".join(criterion.label.lower() for criterion in unmet)
        message = f"Not met or not known: {names}. Write why you accept all the same."
        if reason is None:
            findings.append(note("against_criteria", message, "product R 2"))
        elif not reason.strip():
            findings.append(block("no_override_reason", message, "product R 2"))
    return Decision.of(findings)


def may_note(
    criterion: Criterion, *, number: int | None, answer: Answer | None, evidence: str, is_open: bool
) -> Decision:
    """Decide whether a clinician's finding may be noted: a number or an answer as the criterion asks, with evidence.

    Source: product R 2.
    """
    findings: list[Finding | None] = []
    if not is_open:
        message = "This referral was decided already. Nothing was saved."
        findings.append(block("decided", message, "product R 2"))
    if criterion in NUMBER_OF:
        label, most = NUMBER_OF[criterion]
        if number is None or not 0 <= number <= most:
            findings.append(block("number", f"{label}: write digits, from 0 to {most}.", "product R 2"))
    elif criterion in QUESTION_OF:
        if answer is None:
            findings.append(block("answer", "Choose an answer. “Not known” is one.", "product R 2"))
    else:
        message = "This follows from what is known. It is not noted by hand."
        findings.append(block("not_noted", message, "product R 2"))
    if not evidence.strip():
        message = "Write what this rests on: what was said, seen or examined."
        findings.append(block("evidence", message, "product R 2"))
    return Decision.of(findings)


def _age(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    if criteria.age_from is None and criteria.age_to is None:
        return None
    asked = f"{criteria.age_from or 0} years or over"
    if criteria.age_to is not None:
        asked = f"{criteria.age_from or 0} to {criteria.age_to} years"
    if facts.born_on is None:
        missing = "the date of birth"
        return CriterionStanding(Criterion.AGE, asked, State.UNKNOWN, "No date of birth", "", missing)
    age = age_on(facts.born_on, today=facts.today)
    fits = age >= (criteria.age_from or 0) and (criteria.age_to is None or age <= criteria.age_to)
    evidence = f"{age} years, born {facts.born_on:%-d %B %Y}"
    return CriterionStanding(
        Criterion.AGE, asked, State.MET if fits else State.NOT_MET, evidence, "As referred"
    )


def _counted(
    criterion: Criterion, least: int | None, asked: str, facts: EligibilityFacts
) -> CriterionStanding | None:
    """Return a criterion that a clinician's number settles."""
    if least is None:
        return None
    noted = facts.noted.get(criterion)
    if noted is None or noted.number is None:
        return CriterionStanding(
            criterion, asked, State.UNKNOWN, "Nothing noted", "", NUMBER_OF[criterion][0].lower()
        )
    if criterion is Criterion.INJECTING and (facts.today - noted.on).days > COUNT_LASTS_DAYS:
        missing = f"a new count: this one is over {COUNT_LASTS_DAYS} days old (our own reading, unverified)"
        return CriterionStanding(
            criterion, asked, State.UNKNOWN, f"{noted.number}: {noted.evidence}", _source_of(noted), missing
        )
    return _by_number(criterion, least, asked, noted, noted.number)


def _by_number(criterion: Criterion, least: int, asked: str, noted: Noted, number: int) -> CriterionStanding:
    state = State.MET if number >= least else State.NOT_MET
    return CriterionStanding(criterion, asked, state, f"{number}: {noted.evidence}", _source_of(noted))


def _source_of(noted: Noted) -> str:
    return f"{noted.source.label}; noted by {noted.by}, {noted.on:%-d %B %Y}"


def _dependence(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    asked = f"{criteria.dependence_years} years or more"
    return _counted(Criterion.DEPENDENCE, criteria.dependence_years, asked, facts)


def _injecting(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    asked = f"{criteria.injecting_days} days or more of the last {INJECTING_WINDOW_DAYS}"
    return _counted(Criterion.INJECTING, criteria.injecting_days, asked, facts)


def _optimised_oral(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    if criteria.oral_months is None and criteria.oral_mg is None:
        return None
    months = f"{criteria.oral_months} months or more" if criteria.oral_months else ""
    dose = f"methadone of {criteria.oral_mg} mg a day or more, supervised" if criteria.oral_mg else ""
    asked = f"Tried and not lasted: {', '.join(part for part in (months, dose) if part)}"
    noted = facts.noted.get(Criterion.OPTIMISED_ORAL)
    if noted is not None:
        return _answered(Criterion.OPTIMISED_ORAL, asked, noted, fits=Answer.YES)
    oral = [told for told in facts.told if told.treatment.is_oral_opioid]
    enough = next((told for told in oral if _lasted(criteria, told)), None)
    if enough is not None:
        return CriterionStanding(
            Criterion.OPTIMISED_ORAL, asked, State.MET, _in_words(enough), _said_by(enough)
        )
    known = [told for told in oral if told.answer is not Answer.UNKNOWN]
    evidence = "; ".join(f"{_in_words(told)} ({told.sender})" for told in known) or "No agency knows of any"
    is_none_tried = bool(oral) and all(told.answer is Answer.NO for told in oral)
    return CriterionStanding(
        Criterion.OPTIMISED_ORAL,
        asked,
        State.NOT_MET if is_none_tried else State.UNKNOWN,
        evidence,
        "As agencies told",
        "" if is_none_tried else "dates, highest dose, supervision, or your own finding",
    )


def _lasted(criteria: Criteria, told: Told) -> bool:
    """Tell whether one oral treatment that failed was long, high and supervised enough."""
    if not _has_failed(told):
        return False
    months = least_months(told.started, told.ended)
    if criteria.oral_months is not None and (months is None or months < criteria.oral_months):
        return False
    return criteria.oral_mg is None or (
        told.treatment is Treatment.METHADONE
        and (told.highest_dose_mg or 0) >= criteria.oral_mg
        and told.supervised is Answer.YES
    )


def _has_failed(told: Told) -> bool:
    """Tell whether a treatment was tried and is known to have failed; that it was tried alone says nothing of that."""
    return told.answer is Answer.YES and told.ending in FAILED


def _tried_in_words(told: Told) -> str:
    ending = (
        "ending not known" if told.ending in (None, Ending.UNKNOWN) else Ending(told.ending).label.lower()
    )
    return f"{told.treatment.label}: tried, {ending}"


def _other_treatments(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    least = criteria.treatments_failed
    if least is None:
        return None
    asked = f"{least} or more"
    noted = facts.noted.get(Criterion.OTHER_TREATMENTS)
    if noted is not None and noted.number is not None:
        return _by_number(Criterion.OTHER_TREATMENTS, least, asked, noted, noted.number)
    tried = [told for told in facts.told if told.answer is Answer.YES]
    failed = {told.treatment for told in tried if _has_failed(told)}
    evidence = "; ".join(dict.fromkeys(_tried_in_words(told) for told in tried)) or "None known"
    source = "As agencies told: " + ", ".join(dict.fromkeys(_said_by(told) for told in facts.told))
    if len(failed) >= least:
        return CriterionStanding(Criterion.OTHER_TREATMENTS, asked, State.MET, evidence, source)
    unclear = [
        treatment.label
        for treatment in Treatment
        if treatment not in failed and any(told.treatment is treatment for told in tried)
    ]
    parts = [f"{least - len(failed)} more that failed, from other services or the person"]
    parts += [f"how it ended: {', '.join(unclear)}"] if unclear else []
    missing = "; ".join(parts)
    return CriterionStanding(Criterion.OTHER_TREATMENTS, asked, State.UNKNOWN, evidence, source, missing)


def _agency_concern(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    least = criteria.services_concerned
    if least is None:
        return None
    senders = dict.fromkeys(concern.sender for concern in facts.concerns)
    refer = {concern.own or concern.sender for concern in facts.concerns}
    named = [
        flag
        for flag in dict.fromkeys(flag for concern in facts.concerns for flag in concern.services)
        if flag not in refer
    ]
    found = len(refer) + len(named)
    evidence = "; ".join([*(f"{sender} refers" for sender in senders), *(flag.label for flag in named)])
    source = ", ".join(f"{concern.sender}, {concern.said_on:%-d %B %Y}" for concern in facts.concerns)
    asked = f"{least} or more services"
    if found >= least:
        return CriterionStanding(Criterion.AGENCY_CONCERN, asked, State.MET, evidence, source)
    missing = f"{least - found} more: ask which other services know the person"
    return CriterionStanding(
        Criterion.AGENCY_CONCERN, asked, State.UNKNOWN, evidence or "None known", source, missing
    )


def _capacity(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding:
    return _asked(Criterion.CAPACITY, "Yes, by a clinician's finding", facts, fits=Answer.YES)


def _attendance(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding:
    return _asked(Criterion.ATTENDANCE, "Yes", facts, fits=Answer.YES)


def _exclusions(criteria: Criteria, facts: EligibilityFacts) -> CriterionStanding | None:
    if not criteria.exclusions:
        return None
    return _asked(Criterion.EXCLUSIONS, f"None of: {'; '.join(criteria.exclusions)}", facts, fits=Answer.NO)


def _asked(criterion: Criterion, asked: str, facts: EligibilityFacts, *, fits: Answer) -> CriterionStanding:
    noted = facts.noted.get(criterion)
    if noted is None:
        return CriterionStanding(criterion, asked, State.UNKNOWN, "Nothing noted", "", "your own finding")
    return _answered(criterion, asked, noted, fits=fits)


def _answered(criterion: Criterion, asked: str, noted: Noted, *, fits: Answer) -> CriterionStanding:
    """Return a criterion that a clinician's answer settles."""
    if noted.answer in (None, Answer.UNKNOWN):
        return CriterionStanding(
            criterion, asked, State.UNKNOWN, noted.evidence, _source_of(noted), "a finding of yes or no"
        )
    state = State.MET if noted.answer is fits else State.NOT_MET
    return CriterionStanding(criterion, asked, state, noted.evidence, _source_of(noted))


def _said_by(told: Told) -> str:
    return f"{told.sender}, {told.said_on:%-d %B %Y}"


def _in_words(told: Told) -> str:
    if told.answer is Answer.NO:
        return f"{told.treatment.label}: not tried"
    return f"{told.treatment.label}: {details_of(told) or 'no details'}"


def details_of(told: Told) -> str:
    """Return dates, dose, supervision and ending of a treatment in words, as far as they were told."""
    parts = []
    if told.started or told.ended:
        begin = told.started.words if told.started else "not known"
        parts.append(f"{begin} to {told.ended.words if told.ended else 'not known'}")
    if told.highest_dose_mg is not None:
        parts.append(f"up to {told.highest_dose_mg} mg a day")
    if told.supervised in (Answer.YES, Answer.NO):
        parts.append("supervised" if told.supervised is Answer.YES else "not supervised")
    if told.ending not in (None, Ending.UNKNOWN):
        parts.append(str(Ending(told.ending).label).lower())
    return ", ".join(parts)


_WORKED_OUT: Final[tuple[Callable[[Criteria, EligibilityFacts], CriterionStanding | None], ...]] = (
    _age,
    _dependence,
    _injecting,
    _optimised_oral,
    _other_treatments,
    _agency_concern,
    _capacity,
    _attendance,
    _exclusions,
)
