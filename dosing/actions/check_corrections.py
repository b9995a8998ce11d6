"""Putting a check before a dose right, and doing at once what the right values ask for."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from dosing.actions.events import begin
from dosing.actions.observation import NoSuchVisit
from dosing.actions.opened_holds import open_hold
from dosing.actions.putting_right import CorrectionRefused, SignedWhy, put_right_once
from dosing.models import PreInjectionCheck, Visit
from dosing.queries.corrections import find_line
from dosing.queries.observation import get_watched
from dosing.queries.visits import as_answers
from dosing.rules.checks import CheckAnswers, gaps_in, judge_check
from dosing.rules.corrections import CheckAsks, asked_by_amended_check, opens_the_way, stage_of
from dosing.rules.observation import next_due, observation_minutes, watch_until
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import ENDED, VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.decisions import Decision
from hat_clinic.core.transactions import one_act


def amend_check(
    *,
    clinic: Clinic,
    check_id: uuid.UUID,
    answers: CheckAnswers,
    unable_reason: str,
    why: SignedWhy,
    by: User,
    at: datetime,
) -> PreInjectionCheck:
    """Store what a check before a dose should have said, beside what it said, and do what that asks for.

    It keeps the moment and the oxygen target of the first, so that it is no fresher; it never opens the way to a dose.
    A dose that went in stays as it is: a hold, a longer observation or an emergency follow now, and what the wrong
    values opened stands until the rules end it. What a doctor let pass on the first is not let pass on this one.
    Raises PinRefused, CorrectionRefused with every reason, NoSuchVisit. Source: clinical rules 17, 19, 20 and 7.11.
    """
    first = find_line(PreInjectionCheck, check_id, clinic=clinic)
    if first is None:
        raise NoSuchVisit("There is no such line in a visit of this clinic.")
    was = as_answers(first)
    answers = replace(answers, readings=replace(answers.readings, target=was.readings.target))
    content = content_sha256(
        {
            "amends": first.id,
            "sedation": answers.readings.sedation.value,
            "breaths": answers.readings.breaths,
            "oxygen": answers.readings.oxygen,
            "pulse": answers.readings.pulse,
            "alcohol": answers.alcohol_ug,
            "other_drugs": answers.took_other_drugs,
            "oral_as_ordered": answers.oral_as_ordered,
            "intoxicated": answers.is_intoxicated,
            "sites": answers.sites_are_well,
            "unable": unable_reason,
            "reason": why.reason.value,
            "words": why.words,
        },
        by.id,
    )

    def work(visit: Visit, at: datetime) -> PreInjectionCheck | Decision:
        stands = not PreInjectionCheck.objects.filter(amends=first).exists()
        decision = why.may_put_right(visit, stands=stands, is_same=was == answers, at=at)
        decision |= gaps_in(answers, unable_reason=unable_reason)
        if not decision.is_allowed:
            return decision
        return _store(visit, first, answers, unable_reason, by=by, at=at)

    why.prove(by=by, at=at)
    return CorrectionRefused.unless_stored(
        one_act(
            lambda: put_right_once(
                event="dosing.check_amended",
                model=PreInjectionCheck,
                first=first,
                content=content,
                work=work,
                why=why,
                clinic=clinic,
                by=by,
                at=at,
            )
        )
    )


def _store(
    visit: Visit,
    first: PreInjectionCheck,
    answers: CheckAnswers,
    unable_reason: str,
    *,
    by: User,
    at: datetime,
) -> PreInjectionCheck:
    readings, found = answers.readings, judge_check(answers)
    amending = PreInjectionCheck.objects.create(
        session_id=first.session_id,
        patient_id=first.patient_id,
        protocol_id=first.protocol_id,
        sedation=readings.sedation,
        breaths=readings.breaths,
        oxygen=readings.oxygen,
        oxygen_target=first.oxygen_target,
        oxygen_scale=first.oxygen_scale,
        pulse=readings.pulse,
        alcohol_ug=answers.alcohol_ug,
        unable_reason=unable_reason,
        took_other_drugs=answers.took_other_drugs,
        oral_as_ordered=answers.oral_as_ordered,
        is_intoxicated=answers.is_intoxicated,
        sites_are_well=answers.sites_are_well,
        findings=[finding.code for finding in found],
        lets_a_dose_go_ahead=opens_the_way(first_did=first.lets_a_dose_go_ahead, amended=found),
        made_at=first.made_at,
        made_by=by,
        amends=first,
    )
    # A later check of the session stands for itself: only the one that the visit rests on moves it.
    if visit.check_made_id == first.id:
        _follow_in_visit(visit, amending)
    asks = asked_by_amended_check(
        as_answers(first),
        answers,
        stage=stage_of(
            is_drawn=visit.state == VisitState.PREPARED,
            is_given=visit.injected_at is not None,
            is_over=visit.state in ENDED,
        ),
        is_watched=visit.injected_at is not None and visit.state not in ENDED,
    )
    _hold(visit, amending, asks, by=by, at=at)
    if asks.is_emergency:
        begin(
            clinic=visit.clinic,
            patient_id=visit.patient_id,
            reading=None,
            terminal_id=None,
            key=uuid.uuid4(),
            by=by,
            at=at,
        )
    return amending


def _follow_in_visit(visit: Visit, amending: PreInjectionCheck) -> None:
    """Let the visit rest on the right check: back before a check where it says no, watched longer where it asks so."""
    visit.check_made = amending
    if visit.state == VisitState.CHECKED and not amending.lets_a_dose_go_ahead:
        visit.state = VisitState.IDENTIFIED
    visit.save(update_fields=["check_made", "state"])
    if visit.injected_at is None or visit.observe_minutes is None or visit.ended_at is not None:
        return
    visit.observe_minutes = observation_minutes(
        ordered_minutes=visit.observe_minutes,
        into_a_muscle=False,
        took_other_drugs=amending.took_other_drugs,
        alcohol_found=amending.alcohol_ug != 0,
        is_new_dose=False,
    )
    after = get_watched(visit=visit)
    due = next_due(after)
    visit.observe_until = watch_until(after)
    visit.next_due_minute = due
    visit.next_due_at = after.ended_at + timedelta(minutes=due) if due is not None else None
    visit.save(update_fields=["observe_minutes", "observe_until", "next_due_minute", "next_due_at"])


def _hold(visit: Visit, amending: PreInjectionCheck, asks: CheckAsks, *, by: User, at: datetime) -> None:
    if asks.severity is None:
        return
    open_hold(
        clinic_id=visit.clinic_id,
        patient_id=visit.patient_id,
        severity=asks.severity,
        codes=asks.codes,
        check_made=amending,
        by=by,
        at=at,
    )
