"""Whether an order may be signed: who signs, for whom, and what its numbers are held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dosing.rules.history import DoseHistory, Row, gap_in_words, standing_at
from dosing.rules.limits import (
    LimitFacts,
    OrderKind,
    caps_at_signing,
    plan_faults,
    restart_needed,
)
from dosing.rules.orders import LONDON, OrderDraft, OrderTerms, Route, Site, latest_end
from dosing.rules.protocol import OBSERVATION_FLOOR_MINUTES, Protocol
from dosing.rules.remedies import with_remedies
from dosing.rules.sessions import INJECTIONS_MOST
from hat_clinic.core.decisions import Decision, Finding, block, note, stop
from patients.rules.assessments import StandingAssessment, may_order_rest_on
from patients.rules.closings import outlives_programme


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """What is known when an order is signed.

    `licence_ends_at` is the end of the signer's licence in force for these premises and this product, or None.
    `protocol` is the clinic's approved version in force, or None. `assessment` is the newest one of the treatment
    that runs, or None. `last_given_at` is when this person's last
    injection began, or None. `history` is what was given and missed in this treatment.
    `clinic_sessions_per_day` is how many sessions the clinic runs. `programme_ends_on` is the last day of doses where the
    programme closes or pauses.
    """

    at: datetime
    signer_is_doctor: bool
    licence_ends_at: datetime | None
    protocol: Protocol | None
    person_is_in_treatment: bool
    has_treatment_consent: bool
    assessment: StandingAssessment | None
    history: DoseHistory
    clinic_sessions_per_day: int
    last_given_at: datetime | None = None
    programme_ends_on: date | None = None


def may_sign_order(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts) -> Decision:
    """Decide whether an order may be signed. It checks the prescriber's numbers and proposes none.

    Source: clinical rules 1, 2, 4, 6, 8 to 11, 13, 26 and 32, and 7.11 (limits are tested twice); product P 7.
    """
    return may_begin_order(facts) | with_remedies(
        _outlives_licence(draft, facts)
        | Decision.of((outlives_programme(draft.ends_at, facts.programme_ends_on),))
        | _terms(draft, terms, facts)
        | _times(draft, facts)
        | _doses(draft, terms, facts)
    )


def may_begin_order(facts: SigningFacts) -> Decision:
    """Decide what is known before a number is written: who signs, for whom, and under which limits.

    Source: clinical rules 1, 2, 4 and 7.11 (treatment consent; no approved limits).
    """
    begun = Decision.of(
        (
            _if(
                not facts.person_is_in_treatment,
                block("not_in_treatment", "This person is not in treatment here.", "clinical rule 4"),
            ),
            _signer(facts),
            _if(
                facts.protocol is None,
                block(
                    "no_protocol",
                    "The clinic has no approved limits in force. The clinical lead approves them first.",
                    "clinical rules 7.11",
                ),
            ),
            _if(
                not facts.has_treatment_consent,
                block(
                    "no_consent",
                    "No treatment consent of this person stands. Without it nothing is ordered and nothing given.",
                    "clinical rules 7.11",
                ),
            ),
        )
    )
    today = facts.at.astimezone(LONDON).date()
    return with_remedies(begun | may_order_rest_on(facts.assessment, today=today))


def _if(found: bool, finding: Finding) -> Finding | None:
    return finding if found else None


def _signer(facts: SigningFacts) -> Finding | None:
    if not facts.signer_is_doctor:
        message = "Only a doctor orders diamorphine. A doctor licensed for these premises signs this."
        return block("not_a_doctor", message, "clinical rule 2")
    if facts.licence_ends_at is None:
        message = "No licence of yours for this drug at these premises is in force. A licensed doctor signs."
        return block("no_licence", message, "clinical rule 1")
    return None


def _outlives_licence(draft: OrderDraft, facts: SigningFacts) -> Decision:
    if facts.licence_ends_at is None or draft.ends_at <= facts.licence_ends_at:
        return Decision()
    message = "The order would end after your licence. Choose an earlier end."
    return Decision((block("outlives_licence", message, "clinical rule 1"),))


def _terms(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts) -> Decision:
    least_minutes = facts.protocol.observation_minutes if facts.protocol else OBSERVATION_FLOOR_MINUTES
    return Decision.of(
        (
            _if(
                not terms.routes or not set(terms.routes) <= set(Route),
                block("routes", "An order names at least one route of the list.", "clinical rule 4"),
            ),
            _if(
                not terms.sites or not set(terms.sites) <= set(Site),
                block("sites", "An order names at least one site of the list.", "clinical rule 23"),
            ),
            _if(
                not terms.basis.strip(),
                block("basis", "An order says in words what its dose rests on.", "clinical rule 4"),
            ),
            _if(
                not terms.hold_criteria.strip(),
                block("hold_criteria", "An order says when a dose is held back.", "clinical rule 4"),
            ),
            _if(
                not terms.oral_plan.strip(),
                block(
                    "oral_plan", "An order says which oral opioid goes with it, or none.", "clinical rule 4"
                ),
            ),
            _if(
                not 1 <= draft.sessions_per_day <= facts.clinic_sessions_per_day,
                block(
                    "sessions",
                    f"An order is for 1 to {facts.clinic_sessions_per_day} sessions a day, which is what this "
                    f"clinic runs; {draft.sessions_per_day} was written.",
                    "clinical rule 4",
                ),
            ),
            _if(
                not 1 <= draft.injections_per_session <= INJECTIONS_MOST,
                block(
                    "injections",
                    f"An order is for 1 to {INJECTIONS_MOST} injections in a session; "
                    f"{draft.injections_per_session} was written.",
                    "clinical rule 4",
                ),
            ),
            _if(
                draft.injections_per_session == 1 and any(step.repeat_mg is not None for step in draft.plan),
                block(
                    "repeat_needs_two",
                    "A repeat of the first dose is a second injection of its session: allow 2 or more.",
                    "clinical rule 8",
                ),
            ),
            _if(
                terms.observation_minutes < least_minutes,
                block(
                    "observation",
                    f"{terms.observation_minutes} minutes of watching is under the least, {least_minutes} minutes.",
                    "clinical rule 26",
                ),
            ),
        )
    )


def _times(draft: OrderDraft, facts: SigningFacts) -> Decision:
    given = facts.last_given_at
    own = Decision.of(
        (
            _if(
                draft.starts_at < facts.at,
                block(
                    "starts_in_the_past", "An order starts when it is signed or later.", "clinical rules 7.11"
                ),
            ),
            _if(
                given is not None and draft.starts_at <= given,
                block(
                    "dose_meanwhile",
                    "A dose was given meanwhile. Look at it before you sign.",
                    "clinical rule 5",
                ),
            ),
            _if(
                draft.ends_at <= draft.starts_at,
                block("ends_before_it_starts", "An order must end after it starts.", "clinical rule 4"),
            ),
        )
    )
    return own if facts.protocol is None else own | _length_and_sessions(draft, facts.protocol)


def _length_and_sessions(draft: OrderDraft, protocol: Protocol) -> Decision:
    return Decision.of(
        (
            _if(
                draft.sessions_per_day > protocol.sessions_per_day_max,
                block(
                    "sessions_limit",
                    f"{draft.sessions_per_day} sessions a day is over the clinic's limit of "
                    f"{protocol.sessions_per_day_max}.",
                    "clinical rules 7.9",
                ),
            ),
            _if(
                draft.ends_at > latest_end(draft.starts_at, protocol.order_days_max),
                block(
                    "too_long",
                    f"An order may run for at most {protocol.order_days_max} days.",
                    "clinical rule 6",
                ),
            ),
            _if(
                draft.interval_minutes < protocol.interval_block_minutes,
                block(
                    "interval",
                    f"Sessions must be at least {protocol.interval_block_minutes} minutes apart.",
                    "clinical rule 13",
                ),
            ),
        )
    )


def _doses(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts) -> Decision:
    own = Decision.of(
        (
            _if(
                draft.dose_mg < 1 or any(mg < 1 for _, mg in draft.slots),
                block("dose_is_none", "An order has a dose of at least 1 mg.", "clinical rule 4"),
            ),
            _if(
                draft.least_mg is not None and not 1 <= draft.least_mg < draft.dose_mg,
                block(
                    "range", "The least of a range is at least 1 mg and under its most.", "clinical rule 4"
                ),
            ),
            _if(
                any(mg > draft.dose_mg for _, mg in draft.slots),
                block("slots", "No session's dose is over the dose of the order.", "clinical rule 4"),
            ),
            _own_daily_maximum(draft),
            _gap_plan(terms, facts),
        )
    )
    if facts.protocol is None:
        return own
    return (
        own
        | Decision.of((_single(draft, terms, facts.protocol), _daily(draft, facts.protocol)))
        | _limits(draft, terms, facts, facts.protocol)
    )


def _own_daily_maximum(draft: OrderDraft) -> Finding | None:
    """A fixed dose must fit the order's own day; the most of a range need not, because the day bars it then."""
    if draft.dose_mg > draft.daily_max_mg:
        message = f"{draft.dose_mg} mg is over the order's own maximum of a day, {draft.daily_max_mg} mg."
        return block("own_daily_maximum", message, "clinical rules 7.11")
    if draft.kind is OrderKind.TITRATION or draft.day_mg <= draft.daily_max_mg:
        return None
    message = (
        f"{draft.sessions_per_day} × {draft.dose_mg} mg is {draft.day_mg} mg a day, over the order's own "
        f"maximum of {draft.daily_max_mg} mg."
        if not draft.slots
        else f"The sessions come to {draft.day_mg} mg a day, over the order's own maximum of {draft.daily_max_mg} mg."
    )
    if draft.least_mg is not None:
        return note("range_over_day", message, "clinical rules 7.11")
    return block("own_daily_maximum", message, "clinical rules 7.11")


def _gap_plan(terms: OrderTerms, facts: SigningFacts) -> Finding | None:
    percent = terms.gap_cap_percent
    if percent is None or facts.protocol is None or 1 <= percent <= facts.protocol.gap_cap_percent:
        return None
    message = (
        f"An order's own plan after missed sessions is at most the clinic's {facts.protocol.gap_cap_percent} %; "
        f"{percent} % was written."
    )
    return block("gap_plan", message, "clinical rule 32")


def _limits(draft: OrderDraft, terms: OrderTerms, facts: SigningFacts, protocol: Protocol) -> Decision:
    """Hold the numbers against what was given and tolerated, and against the gap as it is now.

    Source: clinical rules 8, 9, 10, 32 and 7.11.
    """
    limits = LimitFacts(
        history=facts.history,
        protocol=protocol,
        routes=frozenset(set(terms.routes) & set(Route)),
        sessions_per_day=draft.sessions_per_day,
        at=facts.at,
        today=draft.starts_at.astimezone(LONDON).date(),
    )
    caps = caps_at_signing(limits)
    standing = standing_at(facts.history, protocol, at=facts.at)
    found = []
    if standing.row is Row.RESTART and draft.kind is not OrderKind.TITRATION:
        found.append(restart_needed(standing, protocol))
    elif standing.row in (Row.CAP, Row.DECIDE):
        what = (
            f"the next dose is at most {protocol.gap_cap_percent} % of what was tolerated before"
            if standing.row is Row.CAP
            else "a licensed doctor's decision on the gap comes before the next dose"
        )
        message = f"{gap_in_words(standing)} Whatever the order says, {what}."
        found.append(note("gap", message, "clinical rule 32"))
    if draft.kind is OrderKind.TITRATION:
        is_first = any(cap.code == "first_dose" for cap in caps)
        first_cap = None if is_first or not caps else min(cap.mg for cap in caps)
        return Decision(tuple(found)) | plan_faults(draft.plan, protocol=protocol, first_cap_mg=first_cap)
    return Decision(tuple(found)) | Decision.of(cap.finding(draft.dose_mg) for cap in dict.fromkeys(caps))


def _single(draft: OrderDraft, terms: OrderTerms, protocol: Protocol) -> Finding | None:
    mg = draft.dose_mg
    if mg > protocol.single_block_mg:
        message = f"{mg} mg is over the limit for one dose, {protocol.single_block_mg} mg."
        return block("single_dose", message, "clinical rule 11")
    if mg > protocol.single_stop_mg and not terms.high_dose_reason.strip():
        message = (
            f"{mg} mg is over {protocol.single_stop_mg} mg in one dose. A licensed doctor can sign it with a reason "
            "that stays with the order. Write the reason."
        )
        return stop("high_dose_reason", message, "clinical rule 11")
    if mg > protocol.single_stop_mg:
        message = (
            f"{mg} mg is over {protocol.single_stop_mg} mg in one dose. The reason stays with the order."
        )
        return note("high_dose", message, "clinical rule 11")
    if mg > protocol.single_warn_mg:
        message = f"{mg} mg is over {protocol.single_warn_mg} mg in one dose."
        return note("high_single", message, "clinical rule 11")
    return None


def _daily(draft: OrderDraft, protocol: Protocol) -> Finding | None:
    mg = draft.daily_max_mg
    if mg > protocol.daily_block_mg:
        message = f"{mg} mg a day is over the clinic's limit of {protocol.daily_block_mg} mg."
        return block("daily_maximum", message, "clinical rule 11")
    if mg > protocol.daily_warn_mg:
        message = f"{mg} mg a day is over {protocol.daily_warn_mg} mg."
        return note("high_day", message, "clinical rule 11")
    return None
