"""What a dose on paper writes: the injection, its register line, what the day counts, and how far the visit has come."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import F
from django.db.models.functions import Greatest

from dosing.actions.events import follow_amended_reading, hold_for_reading
from dosing.actions.opened_holds import hold_for_check
from dosing.actions.register import append_entry
from dosing.models import (
    Batch,
    Injection,
    PaperLine,
    PatientDay,
    Reading,
    Release,
    SessionOutcome,
    Visit,
)
from dosing.queries.injections import get_highest_recent, is_raised, minutes_to_watch
from dosing.queries.observation import get_watched
from dosing.queries.paper import KnownOfPaper
from dosing.queries.visits import as_answers, get_live_outcome
from dosing.rules.checks import CheckAnswers, judge_check
from dosing.rules.downtime import paper_reference
from dosing.rules.observation import (
    Escalation,
    NaloxoneHeld,
    escalation_of,
    is_tolerated,
    may_release,
    next_due,
    watch_until,
)
from dosing.rules.paper import DoseOnPaper, HowLeft
from dosing.rules.paper_book import ampoules_of, waits_for_the_book
from dosing.rules.register import EntryKind
from dosing.rules.sessions import Reduction, outcome_of, reduction_of
from dosing.rules.visits import IN_THE_ROOM, VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from patients.actions import start_treatment

# The key of a paper dose's register line follows from its line: it can never be written twice.
REGISTER_KEY = uuid.UUID("6f0d7f0e-7a55-4a5e-9f0f-2c7f1f3c9b60")


def store_dose(
    *, clinic: Clinic, line: PaperLine, dose: DoseOnPaper, known: KnownOfPaper, by: User, at: datetime
) -> Injection:
    """Store the injection of a paper line with all that belongs to it, in the caller's transaction.

    Source: clinical rules 39, 42, 43 and 7.11.
    """
    order, protocol, session = known.order, known.protocol, line.session
    assert order is not None and protocol is not None and session is not None  # noqa: S101 - asked before
    assert line.witness_signature is not None  # noqa: S101 - the table asks it of a dose
    batch = Batch.objects.select_related("line").get(id=dose.batch_id)
    # A dose takes at least the ampoules that hold it, whatever was written; the line keeps what was written.
    ampoules = ampoules_of(dose, strength_mg=batch.line.strength_mg)
    drawn = ampoules * batch.line.strength_mg
    injection = Injection.every.create(
        session=session,
        number=Injection.every.filter(session=session).count() + 1,
        patient_id=session.patient_id,
        premises_id=batch.line.premises_id,
        order=order,
        protocol=protocol,
        batch=batch,
        paper_line=line,
        preparation=known.drawn,
        ampoules=ampoules,
        drawn_mg=drawn,
        given_mg=dose.given_mg,
        wasted_mg=drawn - dose.given_mg,
        allowed_mg=known.allowed_mg,
        route=dose.route,
        site=dose.site,
        started_at=dose.started_at,
        ended_at=dose.ended_at,
        given_on=london_date(dose.started_at),
        guard=DateTimeTZRange(dose.started_at, dose.ended_at + timedelta(minutes=known.interval_minutes)),
        is_contested=line.is_contested,
        giver_id=dose.giver_id,
        witness_id=dose.witness_id,
        watched_by=line.giver_signature.signed_by,
        syringe_returned=dose.syringe_returned,
        giver_signature=line.giver_signature,
        witness_signature=line.witness_signature,
    )
    if not waits_for_the_book(line.conflicts):
        write_register_line(clinic=clinic, line=line, by=by, at=at)
    _store_readings(injection, dose, by=by)
    outcome = _store_outcome(injection, dose, known, by=by, at=at)
    _count(injection, known)
    if order.episode.started_on is None:
        start_treatment(episode=order.episode, started_on=injection.given_on, by=by, at=at)
    if outcome is not None:
        visit = _move_visit(clinic, line, injection, outcome, dose, known, by=by, at=at)
        if visit is not None:
            _bring_on(visit, injection, dose, is_contested=line.is_contested, by=by)
    return injection


def write_register_line(*, clinic: Clinic, line: PaperLine, by: User, at: datetime) -> int:
    """Write the register's line of a paper dose, in the caller's transaction, and return the number of its row.

    It has the paper's time beside the time of its entry, and names the reference of the paper.
    """
    injection = Injection.every.select_related("patient", "order", "batch").get(paper_line=line)
    wasted = line.written["dose"]["wasted_mg"]
    said = f", {wasted} mg written as waste" if wasted != injection.wasted_mg else ""
    opened = f", {line.ampoules} ampoules written as opened" if line.ampoules != injection.ampoules else ""
    entry = append_entry(
        line_id=injection.batch.line_id,
        batch_id=injection.batch_id,
        clinic_id=clinic.id,
        kind=EntryKind.SUPPLIED,
        ampoules=-injection.ampoules,
        drawn_mg=injection.drawn_mg,
        given_mg=injection.given_mg,
        wasted_mg=injection.wasted_mg,
        party_name=injection.patient.full_name,
        party_address=injection.patient.address or "no fixed abode",
        patient_id=injection.patient_id,
        order_id=injection.order_id,
        prescriber_id=injection.order.signed_by_id,
        injection_id=injection.id,
        reference=f"Paper pack, line {paper_reference(line.pack.number, line.line)}{said}{opened}",
        witness_id=injection.witness_id,
        occurred_at=injection.ended_at,
        key=uuid.uuid5(REGISTER_KEY, str(line.id)),
        entered_by_id=injection.giver_id,
        by=by,
        at=at,
    )
    return entry.id


def _store_outcome(
    injection: Injection, dose: DoseOnPaper, known: KnownOfPaper, *, by: User, at: datetime
) -> SessionOutcome | None:
    """End the session with the dose; where another record of it stands, that one stands until it is settled."""
    if known.recorded is not None or injection.number > 1:
        return None
    return SessionOutcome.objects.create(
        session_id=injection.session_id,
        outcome=outcome_of(injection.given_mg, known.ordered_mg),
        given_mg=injection.given_mg,
        reduced_for=reduction_of(
            session_mg=injection.given_mg,
            ordered_mg=known.ordered_mg,
            given_mg=injection.given_mg,
            drawn_mg=known.drawn.dose_mg if known.drawn is not None else injection.given_mg,
            chosen=dose.reduction or (known.drawn and known.drawn.reduced_for) or Reduction.OTHER,
            earlier="",
        ),
        amends=get_live_outcome(session_id=injection.session_id),
        injection=injection,
        recorded_by=by,
        recorded_at=at,
    )


def _count(injection: Injection, known: KnownOfPaper) -> None:
    """Count the dose on its own day: what is contested counts as given, and was never authorised."""
    order, protocol = known.order, known.protocol
    assert order is not None and protocol is not None  # noqa: S101 - asked before
    maximum = min(order.daily_max_mg, protocol.daily_block_mg)
    day, _ = PatientDay.objects.get_or_create(
        patient_id=injection.patient_id, on=injection.given_on, defaults={"maximum_mg": maximum}
    )
    authorised = 0 if injection.is_contested else injection.given_mg
    if known.drawn is not None:  # what was in the syringe was counted as it was drawn up
        PatientDay.objects.filter(
            patient_id=injection.patient_id, on=london_date(known.drawn.prepared_at)
        ).update(authorised_mg=F("authorised_mg") - known.drawn.dose_mg)
    PatientDay.objects.filter(id=day.id).update(
        # An order may have changed since the day began: its own maximum held at the time on paper.
        maximum_mg=Greatest(F("maximum_mg"), maximum),
        authorised_mg=F("authorised_mg") + authorised,
        administered_mg=F("administered_mg") + injection.given_mg,
    )


def _move_visit(
    clinic: Clinic,
    line: PaperLine,
    injection: Injection,
    outcome: SessionOutcome,
    dose: DoseOnPaper,
    known: KnownOfPaper,
    *,
    by: User,
    at: datetime,
) -> Visit | None:
    """Bring the visit as far as the injection; one with another drawn dose stays as it is, on every screen."""
    visit, _ = Visit.objects.select_for_update(of=("self",)).get_or_create(
        session_id=injection.session_id,
        defaults={
            "clinic": clinic,
            "patient_id": injection.patient_id,
            "state": VisitState.ARRIVED,
            "arrived_at": dose.started_at,
            "arrived_by": by,
            "with_staff": by,
        },
    )
    moves = visit.state in (VisitState.ARRIVED, VisitState.NOT_GIVEN, *IN_THE_ROOM)
    if not moves or (visit.state == VisitState.PREPARED and known.drawn is None):
        return None
    check = _check_of(dose, known, visit)
    minutes = minutes_to_watch(
        ordered_minutes=max(injection.order.observation_minutes, injection.protocol.observation_minutes),
        route=injection.route,
        took_other_drugs=check is None or check.took_other_drugs,
        alcohol_ug=check.alcohol_ug if check is not None else None,
        is_new_dose=is_raised(
            get_highest_recent(
                patient_id=injection.patient_id,
                episode_id=outcome.session.episode_id,
                at=injection.started_at,
            ),
            dose_mg=injection.given_mg,
            earlier_mg=0,
        ),
    )
    visit.state, visit.outcome = VisitState.OBSERVED, outcome
    visit.check_made = line.check_made or visit.check_made
    visit.injected_at, visit.injected_by, visit.with_staff = injection.ended_at, by, by
    visit.ended_at, visit.ended_by = None, None
    visit.observe_minutes = minutes
    visit.observe_until = injection.ended_at + timedelta(minutes=minutes)
    visit.save()
    return visit


def _check_of(dose: DoseOnPaper, known: KnownOfPaper, visit: Visit) -> CheckAnswers | None:
    """Return the check that the dose rests on: of the paper, or of the drawn dose that the paper ends."""
    if dose.check is not None or known.drawn is None:
        return dose.check
    return as_answers(visit.check_made or known.drawn.check_made)  # as it stands: it may have been put right


def _store_readings(injection: Injection, dose: DoseOnPaper, *, by: User) -> None:
    """Store the readings after the injection as the paper has them, whatever else is recorded of the session."""
    for one in dose.after:
        Reading.objects.create(
            session_id=injection.session_id,
            injection=injection,
            minute=one.minute,
            sedation=one.readings.sedation,
            breaths=one.readings.breaths,
            oxygen=one.readings.oxygen,
            oxygen_target=one.readings.target.percent,
            oxygen_scale=one.readings.target.scale,
            pulse=one.readings.pulse,
            unable_reason="" if None not in (one.readings.oxygen, one.readings.pulse) else "not on paper",
            escalation=escalation_of(one.readings),
            taken_at=one.taken_at,
            taken_by=by,
        )


def _bring_on(visit: Visit, injection: Injection, dose: DoseOnPaper, *, is_contested: bool, by: User) -> None:
    """Bring the visit as far as the readings did, and store how they left, as the paper has it."""
    watched = get_watched(visit=visit)
    due = next_due(watched)
    visit.observe_until = watch_until(watched)
    visit.next_due_minute = due
    visit.next_due_at = injection.ended_at + timedelta(minutes=due) if due is not None else None
    read = [Escalation(escalation_of(one.readings)) for one in dose.after]
    visit.escalation = max([Escalation.NONE, *read], key=list(Escalation).index)
    left_at = dose.left.at
    if dose.left.how is HowLeft.STILL_HERE or left_at is None:
        visit.save()
        return
    naloxone = NaloxoneHeld(dose.left.naloxone) if dose.left.naloxone else None
    by_the_rule = may_release(
        watched,
        walks_steadily=dose.left.walks_steadily,
        advice_given=dose.left.advice_given,
        naloxone=naloxone,
        missing_reason="on paper",
        at=left_at,
    )
    is_released = dose.left.how is HowLeft.RELEASED and by_the_rule.is_allowed
    codes = ", ".join(finding.code for finding in by_the_rule.refusals)
    why = dose.left.reason or (f"On paper: {codes}" if codes else "On paper: it is not said how they left")
    Release.objects.create(
        session_id=injection.session_id,
        injection=injection,
        left_early=not is_released,
        reason="On paper" if is_released else why[:200],
        walks_steadily=True if is_released else None,
        advice_given=True if is_released else None,
        naloxone=dose.left.naloxone if is_released else "",
        is_tolerated=not is_contested and is_tolerated(watched, left_early=not is_released),
        released_at=left_at,
        released_by=by,
    )
    visit.state = VisitState.RELEASED if is_released else VisitState.LEFT_EARLY
    visit.ended_at, visit.ended_by = left_at, by
    visit.save()


def follow_what_was_read(
    *, clinic: Clinic, line: PaperLine, dose: DoseOnPaper, by: User, at: datetime
) -> None:
    """Do what the readings on paper ask for now, in the caller's transaction: holds, or an emergency that goes on.

    Source: clinical rules 19, 20 and 28.
    """
    assert line.patient_id is not None  # noqa: S101 - the table asks it of a dose
    codes = [one.code for one in judge_check(dose.check) if one.opens_hold] if dose.check is not None else []
    if line.check_made is not None:
        hold_for_check(check=line.check_made, clinic_id=clinic.id, codes=codes, by=by, at=at)
    # A visit that never came to this injection is no visit of somebody who is watched after it.
    visit = Visit.objects.filter(session=line.session_id, injected_at__isnull=False).first()
    by_moment = {one.taken_at: one.readings for one in dose.after}
    for reading in Reading.objects.filter(injection__paper_line=line).exclude(escalation=""):
        if visit is None:
            hold_for_reading(
                clinic_id=clinic.id,
                patient_id=line.patient_id,
                reading=reading,
                readings=by_moment[reading.taken_at],
                by=by,
                at=at,
            )
            continue
        follow_amended_reading(
            visit=visit,
            reading=reading,
            readings=by_moment[reading.taken_at],
            was=Escalation.NONE,
            by=by,
            at=at,
        )
