"""Putting an injection right: its row and its register line stay, and every sum reads what stands."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from dosing.actions.observation import NoSuchVisit
from dosing.actions.opened_holds import open_hold
from dosing.actions.putting_right import CorrectionRefused, SignedWhy, put_right_once
from dosing.actions.register import append_entry
from dosing.models import (
    Amendment,
    Correction,
    Injection,
    InjectionFacts,
    PatientDay,
    RegisterEntry,
    SessionOutcome,
    Signature,
    Visit,
)
from dosing.queries.injection_corrections import get_beside_injection
from dosing.queries.observation import get_watched
from dosing.queries.register import lock_line
from dosing.queries.standing import as_it_stands, get_standing_facts, injection_in_words
from dosing.queries.stock import find_second
from dosing.rules.holds import EventReason, HoldSeverity
from dosing.rules.injection_corrections import InjectionSaid, may_say_of_injection
from dosing.rules.observation import next_due, observation_minutes, watch_until
from dosing.rules.orders import Route
from dosing.rules.register import EntryKind
from dosing.rules.sessions import outcome_of, reduction_of
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from hat_clinic.core.transactions import one_act


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Who signs beside whoever puts other milligrams right, with their own PIN."""

    user_id: uuid.UUID
    pin: str


def amend_injection(
    *,
    clinic: Clinic,
    injection_id: uuid.UUID,
    seen: uuid.UUID,
    said: InjectionSaid,
    second: SecondPerson | None,
    why: SignedWhy,
    by: User,
    at: datetime,
) -> InjectionFacts:
    """Store what an injection should have said, beside its row and its register line, which stay.

    `seen` is what the page showed as standing: the injection, or the facts that were put right last. Other milligrams
    are other waste: a second person signs, a note stands beside the register line, no ampoule moves, and the outcome of
    the session and the day's total follow. Nothing that somebody tolerated is raised by it. Into a muscle they are
    watched longer; after a route that the order does not have, a doctor reviews it before the next dose. Raises
    PinRefused, CorrectionRefused with every reason, NoSuchVisit, RegisterRefused.
    Source: clinical rules 12, 22, 26, 40, 43 and 7.11.
    """
    given = (
        Injection.objects.select_related("preparation", "order")
        .filter(id=injection_id, session__visit__clinic=clinic)
        .first()
    )
    if given is None:
        raise NoSuchVisit("There is no such injection in a visit of this clinic.")
    why.prove(by=by, at=at)
    witness = _prove_second(second, why, clinic=clinic, by=by, at=at) if second is not None else None
    content = content_sha256(
        {
            "amends": seen,
            "given_mg": said.given_mg,
            "route": said.route,
            "site": said.site,
            "syringe_returned": said.syringe_returned,
            "second": witness.id if witness is not None else None,
            "reason": why.reason.value,
            "words": why.words,
        },
        by.id,
    )

    def work(visit: Visit, at: datetime) -> InjectionFacts | Decision:
        standing, was = get_standing_facts(given), as_it_stands(given)
        stands = seen == (standing.id if standing is not None else given.id)
        lines = InjectionFacts.objects.filter(injection=given).values_list("given_mg", flat=True)
        most_mg = max(given.given_mg, *lines) if lines else given.given_mg
        decision = why.may_put_right(visit, stands=stands, is_same=said == was, at=at, has_desk=False)
        syringe_mg = given.preparation.dose_mg if given.preparation is not None else given.drawn_mg
        decision |= may_say_of_injection(
            said,
            was,
            syringe_mg=syringe_mg,
            by_id=by.id,
            second_id=witness.id if witness else None,
            is_contested=given.is_contested,
            beside=get_beside_injection(given, mg=said.given_mg, was_mg=most_mg, at=at),
        )
        if not decision.is_allowed:
            return decision
        entry_id, signed = None, None
        if said.given_mg != was.given_mg and witness is not None:
            entry_id = _note_in_the_register(given, said, was, why, clinic, by=by, at=at)
            signed = Signature.objects.create(
                signed_by=witness, signed_at=at, part=Signature.Part.WITNESS, content_sha256=content
            )
        facts = InjectionFacts.objects.create(
            injection=given,
            session_id=given.session_id,
            amends=standing,
            given_mg=said.given_mg,
            wasted_mg=given.drawn_mg - said.given_mg,
            route=said.route,
            site=said.site,
            syringe_returned=said.syringe_returned,
            entry_id=entry_id,
            witness_signature=signed,
            recorded_at=at,
            recorded_by=by,
        )
        if said.given_mg != was.given_mg:
            more = (said.given_mg - was.given_mg, max(0, said.given_mg - most_mg))
            _count_again(visit, given, more, syringe_mg, content, why, by=by, at=at)
        if said.route == Route.INTRAMUSCULAR and said.route != was.route:
            _watch_longer(visit)
        if said.route not in (was.route, *given.order.routes):
            open_hold(
                clinic_id=clinic.id,
                patient_id=given.patient_id,
                severity=HoldSeverity.REVIEW,
                codes=[EventReason.ROUTE.value],
                reason=f"{injection_in_words(said)}, put right: its order does not have that route.",
                by=by,
                at=at,
            )
        return facts

    return CorrectionRefused.unless_stored(
        one_act(
            lambda: put_right_once(
                event="dosing.injection_amended",
                model=InjectionFacts,
                first=given,
                content=content,
                work=work,
                why=why,
                clinic=clinic,
                by=by,
                at=at,
            )
        )
    )


def _prove_second(second: SecondPerson, why: SignedWhy, *, clinic: Clinic, by: User, at: datetime) -> User:
    found = find_second(second.user_id, clinic=clinic, by=by, at=at)
    if isinstance(found, Decision):
        raise CorrectionRefused(found)
    prove_pin(user=found, pin=second.pin, terminal_id=why.terminal_id, at=at)
    return found


def _note_in_the_register(
    given: Injection,
    said: InjectionSaid,
    was: InjectionSaid,
    why: SignedWhy,
    clinic: Clinic,
    *,
    by: User,
    at: datetime,
) -> int:
    """Write the note beside the register line of an injection: its milligrams, and why."""
    line = RegisterEntry.objects.select_related("line__premises").get(injection=given)
    lock_line(line_id=line.line_id)
    reason = (
        f"{said.given_mg} mg given and {given.drawn_mg - said.given_mg} mg wasted of {given.drawn_mg} mg drawn, not "
        f"{was.given_mg} mg given and {given.drawn_mg - was.given_mg} mg wasted. "
        f"{why.reason.label}{f': {why.words}' if why.words else ''}"
    )
    premises = line.line.premises
    entry = append_entry(
        line_id=line.line_id,
        clinic_id=clinic.id,
        kind=EntryKind.NOTE,
        ampoules=0,
        party_name=premises.name,
        party_address=premises.address,
        reference=f"Note to line {line.seq}: {reason}",
        patient_id=line.patient_id,
        occurred_at=at,
        key=uuid.uuid5(why.key, "register"),
        by=by,
        at=at,
    )
    Amendment.objects.create(entry_id=entry.id, amends=line, reason=reason, written_at=at, written_by=by)
    return entry.id


def _count_again(
    visit: Visit,
    given: Injection,
    more_mg: tuple[int, int],
    syringe_mg: int,
    content: str,
    why: SignedWhy,
    *,
    by: User,
    at: datetime,
) -> None:
    """Let the outcome of the session and the total of the day tell what went in as it stands.

    `more_mg` is what stands more than before, and what is more than any line said: what was allowed is never given back.
    """
    # The session has this injection alone: it was asked.
    first, stands_mg = visit.outcome, as_it_stands(given).given_mg
    assert first is not None  # noqa: S101 - an injection has its outcome
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ordered_session_mg(%s, %s, %s)", [given.order_id, given.session_id, given.given_on]
        )
        ordered_mg: int = cursor.fetchone()[0]
    amending = SessionOutcome.objects.create(
        session_id=given.session_id,
        outcome=outcome_of(stands_mg, ordered_mg),
        given_mg=stands_mg,
        reduced_for=reduction_of(
            session_mg=stands_mg,
            ordered_mg=ordered_mg,
            given_mg=stands_mg,
            drawn_mg=syringe_mg,
            chosen=first.reduced_for,
            earlier="",
        ),
        injection_id=first.injection_id,
        amends=first,
        recorded_by=by,
        recorded_at=at,
    )
    Correction.objects.create(
        key=uuid.uuid5(why.key, "outcome"),
        outcome=amending,
        reason=why.reason,
        words=why.words,
        signature=Signature.objects.create(
            signed_by=by, signed_at=at, part=Signature.Part.AMENDER, content_sha256=content
        ),
        corrected_at=at,
        corrected_by=by,
    )
    visit.outcome = amending
    visit.save(update_fields=["outcome"])
    drawn_at = given.preparation.prepared_at if given.preparation is not None else given.started_at
    PatientDay.objects.filter(patient_id=given.patient_id, on=london_date(drawn_at)).update(
        administered_mg=F("administered_mg") + more_mg[0],
        authorised_mg=F("authorised_mg") + more_mg[1],
    )


def _watch_longer(visit: Visit) -> None:
    if visit.observe_minutes is None or visit.ended_at is not None:
        return
    visit.observe_minutes = observation_minutes(
        ordered_minutes=visit.observe_minutes,
        into_a_muscle=True,
        took_other_drugs=False,
        alcohol_found=False,
        is_new_dose=False,
    )
    after = get_watched(visit=visit)
    due = next_due(after)
    visit.observe_until = watch_until(after)
    visit.next_due_minute = due
    visit.next_due_at = after.ended_at + timedelta(minutes=due) if due is not None else None
    visit.save(update_fields=["observe_minutes", "observe_until", "next_due_minute", "next_due_at"])
