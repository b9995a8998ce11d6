"""What invented people were given before the demo began: rows as the acts of the room leave them, with their ledger line.

Only for a clinic of invented people. Nothing here is judged by the rules: it stands for doses that were.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.register import append_entry
from dosing.models import (
    Batch,
    ClinicDay,
    DosingState,
    Injection,
    Licence,
    Order,
    OrderPeriod,
    PatientDay,
    PlannedSession,
    PreInjectionCheck,
    Preparation,
    ProtocolVersion,
    Reading,
    Release,
    SessionOutcome,
    Signature,
    Visit,
)
from dosing.rules.days import OpenedHow
from dosing.rules.orders import Product, Route, Site
from dosing.rules.preparations import volume_ul
from dosing.rules.register import EntryKind
from dosing.rules.sessions import Outcome
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, Premises, Slot, User
from hat_clinic.core.clock import LONDON, london_date
from patients.actions.people import start_treatment
from patients.models import Episode

READINGS = (2, 5, 10, 20)
# A dose this long before last evening is still one of the day before, or later.
LAST_ENOUGH = timedelta(hours=1)
DRAWN_BEFORE = timedelta(hours=1)
_NO_CONTENT = "0" * 64


@dataclass(frozen=True, slots=True)
class PastRoom:
    """Where and by whom the invented doses were given."""

    clinic: Clinic
    premises: Premises
    protocol: ProtocolVersion
    licence: Licence
    batch: Batch
    doctor: User
    nurse: User
    witness: User
    cd_lead: User


def past_order(
    room: PastRoom,
    episode: Episode,
    *,
    dose_mg: int,
    daily_max_mg: int,
    starts_at: datetime,
    ends_at: datetime,
    version: int,
) -> Order:
    """Insert an order that was signed before, for two sessions a day."""
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    order = Order.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        version=version,
        routes=[Route.INTRAVENOUS.value],
        sites=[Site.LEFT_ARM.value, Site.RIGHT_ARM.value],
        dose_mg=dose_mg,
        sessions_per_day=2,
        daily_max_mg=daily_max_mg,
        interval_minutes=180,
        observation_minutes=20,
        starts_at=starts_at,
        ends_at=ends_at,
        basis="Reached by titration.",
        hold_criteria="as the clinic's limits say",
        oral_plan="none",
        licence=room.licence,
        protocol=room.protocol,
        signed_by=room.doctor,
        signed_at=starts_at,
    )
    OrderPeriod.objects.create(
        order=order,
        patient_id=episode.person_id,
        product=Product.DIAMORPHINE,
        during=DateTimeTZRange(starts_at, ends_at),
    )
    return order


@transaction.atomic
def past_dose(room: PastRoom, order: Order, *, mg: int, at: datetime) -> Injection:
    """Insert one dose that was given and tolerated, from the check to the door, with its ledger line."""
    _past_day(room, at)
    slot = Slot.AM if at.astimezone(LONDON).time() < time(12, 0) else Slot.PM
    session = PlannedSession.objects.create(
        clinic=room.clinic,
        patient_id=order.patient_id,
        episode_id=order.episode_id,
        service_date=london_date(at),
        slot=slot,
        order=order,
    )
    preparation = _drawn(room, order, session, mg, at)
    strength = room.batch.line.strength_mg
    injection = Injection.objects.create(
        session=session,
        patient_id=order.patient_id,
        premises=room.premises,
        order=order,
        protocol=room.protocol,
        batch=room.batch,
        preparation=preparation,
        ampoules=preparation.ampoules,
        drawn_mg=preparation.ampoules * strength,
        given_mg=mg,
        wasted_mg=preparation.wasted_mg,
        allowed_mg=mg,
        route=Route.INTRAVENOUS,
        site=Site.LEFT_ARM,
        started_at=at,
        ended_at=at,
        given_on=london_date(at),
        guard=DateTimeTZRange(at, at + timedelta(minutes=order.interval_minutes)),
        giver=room.nurse,
        witness=room.witness,
        watched_by=room.nurse,
        giver_signature=preparation.preparer_signature,
        witness_signature=preparation.witness_signature,
    )
    append_entry(
        line_id=room.batch.line_id,
        batch_id=room.batch.id,
        clinic_id=room.clinic.id,
        kind=EntryKind.SUPPLIED,
        ampoules=-preparation.ampoules,
        drawn_mg=preparation.drawn_mg,
        given_mg=mg,
        wasted_mg=preparation.wasted_mg,
        party_name=order.patient.full_name,
        party_address=order.patient.address or "no fixed abode",
        patient_id=order.patient_id,
        order_id=order.id,
        prescriber_id=room.doctor.id,
        injection_id=injection.id,
        witness_id=room.witness.id,
        occurred_at=at,
        key=uuid.uuid4(),
        by=room.nurse,
        at=at,
    )
    outcome = SessionOutcome.objects.create(
        session=session,
        outcome=Outcome.GIVEN,
        given_mg=mg,
        injection=injection,
        recorded_by=room.nurse,
        recorded_at=at,
    )
    _counted(order, mg, at)
    _watched(room, injection, preparation, outcome)
    return injection


def _past_day(room: PastRoom, at: datetime) -> None:
    on = london_date(at)
    if not ClinicDay.objects.filter(premises=room.premises, on=on).exists():
        opened_at = datetime.combine(on, time(0, 0), tzinfo=LONDON)
        ClinicDay.objects.create(
            premises=room.premises,
            on=on,
            how=OpenedHow.UNCHECKED,
            reason="Demo: a day before the demo began.",
            signature=_signature(room.cd_lead, Signature.Part.OPENER, opened_at),
            opened_at=opened_at,
            opened_by=room.cd_lead,
        )


def _drawn(room: PastRoom, order: Order, session: PlannedSession, mg: int, at: datetime) -> Preparation:
    drawn_at = at - timedelta(minutes=3)
    check = PreInjectionCheck.objects.create(
        session=session,
        patient_id=order.patient_id,
        protocol=room.protocol,
        sedation="1",
        breaths=14,
        oxygen=97,
        pulse=70,
        alcohol_ug=0,
        took_other_drugs=False,
        oral_as_ordered=True,
        is_intoxicated=False,
        sites_are_well=True,
        findings=[],
        lets_a_dose_go_ahead=True,
        made_at=at - timedelta(minutes=5),
        made_by=room.nurse,
    )
    strength = room.batch.line.strength_mg
    ampoules = -(-mg // strength)
    return Preparation.objects.create(
        session=session,
        patient_id=order.patient_id,
        order=order,
        protocol=room.protocol,
        check_made=check,
        batch=room.batch,
        ampoules=ampoules,
        drawn_mg=ampoules * strength,
        dose_mg=mg,
        wasted_mg=ampoules * strength - mg,
        allowed_mg=mg,
        volume_ul=volume_ul(dose_mg=mg, concentration_mg_per_ml=room.protocol.concentration_mg_per_ml),
        concentration_mg_per_ml=room.protocol.concentration_mg_per_ml,
        expires_at=drawn_at + timedelta(hours=1),
        prepared_at=drawn_at,
        prepared_by=room.nurse,
        witness=room.witness,
        preparer_signature=_signature(room.nurse, Signature.Part.GIVER, drawn_at),
        witness_signature=_signature(room.witness, Signature.Part.WITNESS, drawn_at),
    )


def _signature(user: User, part: Signature.Part, at: datetime) -> Signature:
    return Signature.objects.create(signed_by=user, signed_at=at, part=part, content_sha256=_NO_CONTENT)


def _counted(order: Order, mg: int, at: datetime) -> None:
    day, _ = PatientDay.objects.get_or_create(
        patient_id=order.patient_id, on=london_date(at), defaults={"maximum_mg": order.daily_max_mg}
    )
    day.authorised_mg += mg
    day.administered_mg += mg
    day.save(update_fields=["authorised_mg", "administered_mg"])


def _watched(room: PastRoom, injection: Injection, preparation: Preparation, outcome: SessionOutcome) -> None:
    ended = injection.ended_at
    left_at = ended + timedelta(minutes=21)
    Reading.objects.bulk_create(
        Reading(
            session=injection.session,
            injection=injection,
            minute=minute,
            sedation="1",
            breaths=14,
            oxygen=97,
            pulse=70,
            taken_at=ended + timedelta(minutes=minute),
            taken_by=room.nurse,
        )
        for minute in READINGS
    )
    Release.objects.create(
        session=injection.session,
        injection=injection,
        left_early=False,
        walks_steadily=True,
        advice_given=True,
        naloxone="has",
        is_tolerated=True,
        released_at=left_at,
        released_by=room.nurse,
    )
    Visit.objects.create(
        session=injection.session,
        clinic=room.clinic,
        patient_id=injection.patient_id,
        state=VisitState.RELEASED,
        arrived_at=ended - timedelta(minutes=8),
        arrived_by=room.nurse,
        with_staff=room.nurse,
        check_made=preparation.check_made,
        preparation=preparation,
        outcome=outcome,
        injected_at=ended,
        injected_by=room.nurse,
        observe_minutes=20,
        observe_until=ended + timedelta(minutes=20),
        ended_at=left_at,
        ended_by=room.nurse,
    )


def settle(room: PastRoom, episode: Episode, *, dose_mg: int, at: datetime) -> None:
    """Give somebody a tolerated dose of last evening, unless one is on record that the next can be measured by.

    The evening before, so that neither the first day nor a gap binds; on the order of then, or one made for it.
    """
    evening = last_evening(at)
    if Injection.objects.filter(patient_id=episode.person_id, started_at__gte=evening - LAST_ENOUGH).exists():
        return
    slot = Slot.PM
    taken = PlannedSession.objects.filter(
        patient_id=episode.person_id, service_date=london_date(evening), slot=slot
    )
    if taken.exists():
        return
    during = OrderPeriod.objects.select_related("order").filter(patient_id=episode.person_id)
    then = during.filter(during__contains=evening).first()
    if then is None and during.filter(during__overlap=DateTimeTZRange(evening - DRAWN_BEFORE, at)).exists():
        return
    order = (
        then.order
        if then is not None
        else past_order(
            room,
            episode,
            dose_mg=dose_mg,
            daily_max_mg=2 * dose_mg,
            starts_at=evening - DRAWN_BEFORE,
            ends_at=at,
            version=1 + (during.count() and max(period.order.version for period in during)),
        )
    )
    with transaction.atomic():
        past_dose(room, order, mg=min(dose_mg, order.dose_mg), at=evening)
        start_treatment(episode=episode, started_on=london_date(evening), by=room.nurse, at=evening)


def last_evening(at: datetime) -> datetime:
    """Return a moment of the evening before: over 3 hours ago, and not over 26."""
    today = at.astimezone(LONDON)
    hour = 18 if today.hour < 12 else 22
    evening = datetime.combine(today.date() - timedelta(days=1), time(hour, 0), tzinfo=LONDON).astimezone(UTC)
    # The night in which the clocks go back is an hour longer.
    return evening if at.astimezone(UTC) - evening <= timedelta(hours=26) else evening + timedelta(hours=1)
