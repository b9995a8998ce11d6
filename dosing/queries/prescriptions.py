"""Prescriptions of one person's order: what is known, what is read before one is printed, and what was printed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dosing.models import Injection, Licence, Order, PrescriptionPrint
from dosing.queries.history import steps_of
from dosing.queries.licences import licences_in_force
from dosing.queries.order_words import slots_of
from dosing.queries.orders import as_seen, get_episode_here, get_last_order, get_order_in_force, is_suspended
from dosing.queries.supply import (
    SuppliedPart,
    doses_of_a_session,
    parts_of,
    what_is_supplied,
    who_it_is_for,
)
from dosing.rules.moments import day_in_words, exact_moment
from dosing.rules.orders import Product
from dosing.rules.prescriptions import (
    EarlierPrescription,
    PrescriptionDraft,
    PrescriptionFacts,
    may_begin_prescription,
    may_print_again,
    may_print_prescription,
    why_at_most,
)
from dosing.rules.supply import PrescribedOrder, Standing, prescription_of
from dosing.rules.wordings import wordings_of
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Level
from patients.models import Episode
from patients.queries import has_consent
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class KnownAtPrinting:
    """The facts for the rule, and the rows that a prescription points at.

    `order` is the order in force in this clinic, or else the newest one of the person there, or None.
    """

    facts: PrescriptionFacts
    order: Order | None
    licence: Licence | None
    seen: str


def as_prescribed(order: Order, *, at: datetime) -> PrescribedOrder:
    """Return what of an order goes onto paper. Its period tells when it really begins and ends.

    Day 1 of a plan is the day of the first dose on the order; until then the earliest day that it can be, which is
    today for an order in force. Source: clinical rules 7 and 7.11.
    """
    during = order.period.during
    starts_at, ends_at = (order.starts_at, order.ends_at) if during.isempty else (during.lower, during.upper)
    if during.isempty or ends_at <= at:
        standing = Standing.ENDED
    elif starts_at > at:
        standing = Standing.PLANNED
    else:
        standing = Standing.SUSPENDED if is_suspended(order) else Standing.LIVE
    plan = steps_of(order)
    begun_on = _first_dose_on(order) if plan else None
    return PrescribedOrder(
        version=order.version,
        product=Product(order.product),
        dose_mg=order.dose_mg,
        sessions_per_day=order.sessions_per_day,
        daily_max_mg=order.daily_max_mg,
        starts_at=starts_at,
        ends_at=ends_at,
        standing=standing,
        least_mg=order.least_mg,
        slots=slots_of(order),
        plan=plan,
        plan_begins_on=begun_on or max(london_date(starts_at), london_date(at)),
        plan_has_begun=begun_on is not None,
    )


def _first_dose_on(order: Order) -> date | None:
    doses = Injection.objects.filter(order=order).order_by("started_at")
    return doses.values_list("given_on", flat=True).first()


def get_order_to_print(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> Order | None:
    """Return the order in force in this clinic, or else the newest one of the person there, or None."""
    product = Product.DIAMORPHINE
    order = get_order_in_force(patient_id=patient_id, product=product, at=at)
    order = order or get_last_order(patient_id=patient_id, product=product)
    return order if order is not None and order.premises.clinic_id == clinic.id else None


def get_printing_facts(*, episode: Episode, clinic: Clinic, printer: User, at: datetime) -> KnownAtPrinting:
    """Gather what `may_print_prescription` asks about the doctor, the person and the order."""
    order = get_order_to_print(clinic=clinic, patient_id=episode.person_id, at=at)
    licence = None
    if order is not None:
        held = licences_in_force(doctor_id=printer.id, at=at, product=Product(order.product))
        licence = held.filter(premises=order.premises_id).first()
    prints = list(
        PrescriptionPrint.objects.select_related("order")
        .filter(order__patient=episode.person_id)
        .order_by("printed_at")
    )
    person = episode.person
    last = get_last_order(patient_id=episode.person_id, product=Product.DIAMORPHINE)
    prescribed = as_prescribed(order, at=at) if order is not None else None
    begins = f" from {prescribed.plan_begins_on}" if prescribed is not None and prescribed.plan else ""
    return KnownAtPrinting(
        facts=PrescriptionFacts(
            today=london_date(at),
            order=prescribed,
            printer_is_doctor=Role.DOCTOR in roles_of(user=printer, clinic=clinic, at=at),
            licence_last_on=london_date(licence.ends_at) - timedelta(days=1) if licence else None,
            person_is_in_treatment=episode.exited_on is None and episode.clinic_id == clinic.id,
            has_treatment_consent=has_consent(person_id=person.id, purpose=Purpose.TREATMENT, at=at),
            address_is_known=bool(person.address) or person.has_no_fixed_abode,
            earlier=tuple(_earlier(one) for one in prints),
        ),
        order=order,
        licence=licence,
        seen=f"{as_seen(last)} and {len(prints)}{begins}",
    )


def _earlier(one: PrescriptionPrint) -> EarlierPrescription:
    return EarlierPrescription(
        number=one.full_number,
        dated_on=one.dated_on,
        first_on=one.first_on,
        last_on=one.first_on + timedelta(days=one.days - 1),
    )


@dataclass(frozen=True, slots=True)
class PrintedPrescription:
    """One prescription of a person, as the list tells of it."""

    id: uuid.UUID
    number: str
    form: str
    total: str
    days: str
    printed: str
    reason: str


@dataclass(frozen=True, slots=True)
class PrescriptionPage:
    """What a prescription is chosen against: the order it comes from, what was printed, and what bars it already."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    version: int | None
    order: str
    first_on: str
    last_on: str
    printed: tuple[PrintedPrescription, ...]
    decision: Decision
    seen: str


def get_prescription_page(
    *, clinic: Clinic, patient_id: uuid.UUID, printer: User, at: datetime
) -> PrescriptionPage | None:
    """Return what a prescription of somebody who is or was in treatment here is chosen against; else None."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        return None
    known = get_printing_facts(episode=episode, clinic=clinic, printer=printer, at=at)
    order = known.facts.order
    prints = (
        PrescriptionPrint.objects.select_related("order", "printed_by")
        .filter(order__patient=patient_id, order__premises__clinic=clinic)
        .order_by("-printed_at")
    )
    return PrescriptionPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        version=order.version if order else None,
        order=doses_of_a_session(order) if order else "",
        first_on=day_in_words(order.first_on) if order else "",
        last_on=day_in_words(order.last_on) if order else "",
        printed=tuple(_listed(one) for one in prints),
        decision=may_begin_prescription(known.facts),
        seen=known.seen,
    )


def _listed(one: PrescriptionPrint) -> PrintedPrescription:
    last_on = one.first_on + timedelta(days=one.days - 1)
    return PrintedPrescription(
        id=one.id,
        number=one.full_number,
        form=one.get_form_display(),
        total=f"{one.total_mg} mg",
        days=f"{day_in_words(one.first_on)} to {day_in_words(last_on)}",
        printed=f"{one.printed_by.full_name}, {exact_moment(one.printed_at)}",
        reason=one.reason,
    )


@dataclass(frozen=True, slots=True)
class PrescriptionReview:
    """A prescription as it is read before it is printed: its lines, its wording, and every finding."""

    lines: tuple[tuple[str, str], ...]
    parts: tuple[SuppliedPart, ...]
    at_most: str
    directions: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]
    decision: Decision


def review_prescription(
    *, episode: Episode, clinic: Clinic, draft: PrescriptionDraft, printer: User, at: datetime
) -> PrescriptionReview:
    """Return a prescription as it would be printed, with what stands for and against it; printing asks again."""
    known = get_printing_facts(episode=episode, clinic=clinic, printer=printer, at=at)
    decision = may_print_prescription(draft, known.facts)
    order = known.facts.order
    is_shown = order is not None and not decision.refusals
    return PrescriptionReview(
        lines=(*who_it_is_for(episode.person), *what_is_supplied(order, draft)) if order and is_shown else (),
        parts=parts_of(prescription_of(order, draft.first_on)) if order and is_shown else (),
        at_most=why_at_most(order) if order is not None else "",
        directions=tuple(wording.text for wording in wordings_of(draft.wordings)),
        notes=tuple((one.code, one.message) for one in decision if one.level is Level.WARN),
        decision=decision,
    )


def licence_in_words(licence: Licence) -> str:
    """Return whose licence it is, for which drug and premises, and its days."""
    last_on = london_date(licence.ends_at - timedelta(microseconds=1))
    return (
        f"{licence.doctor.full_name}, {Product(licence.product).label}, at {licence.premises.name}, "
        f"{day_in_words(london_date(licence.starts_at))} to {day_in_words(last_on)}"
    )


def get_print(*, clinic: Clinic, print_id: uuid.UUID) -> PrescriptionPrint | None:
    """Return one prescription of this clinic, or None."""
    prints = PrescriptionPrint.objects.select_related(
        "order__patient", "order__episode__person", "printed_by"
    )
    return prints.filter(id=print_id, order__premises__clinic=clinic).first()


def may_open_print(*, one: PrescriptionPrint, clinic: Clinic, printer: User, at: datetime) -> Decision:
    """Return whether a printed prescription may still be put on paper, by somebody."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=one.order.patient_id, is_open=False)
    episode = episode or one.order.episode
    known = get_printing_facts(episode=episode, clinic=clinic, printer=printer, at=at)
    printed = known.facts.earlier
    mine = _earlier(one)
    place = printed.index(mine)
    later = [other.number for other in printed[place + 1 :] if other.shares_a_day_with(mine)]
    return may_print_again(
        known.facts,
        order_version=one.order.version,
        is_own=one.printed_by_id == printer.id,
        replaced_by=later[-1] if later else "",
    )
