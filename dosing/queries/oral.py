"""Orders of oral opioids and of naloxone: what stands, what stood before, and what a new one is filled in against."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from dosing.models import OralDose, OralOrder, OralOrderPeriod, ProtocolVersion
from dosing.queries.correction_words import correction_in_words
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.checks import Sedation
from dosing.rules.moments import ends_when, exact_moment
from dosing.rules.oral import (
    OralDrug,
    OralSigningFacts,
)
from dosing.rules.oral_corrections import OralSaid
from dosing.rules.oral_doses import OralBefore
from dosing.rules.paper_oral import oral_codes_in_words
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Permission, may
from hat_clinic.core.clock import LONDON
from patients.models import Episode
from patients.queries import has_consent
from patients.queries.closings import get_last_day
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class OralDoseGiven:
    """One oral dose as it is told on a line of time and on a page: what, how much, when, and by whom."""

    drug: OralDrug
    mg: int
    given_at: datetime
    supervised_by: str
    sedation: str
    is_supervised: bool
    id: uuid.UUID | None = None
    put_right: str = ""

    @property
    def words(self) -> str:
        """Such as "Methadone 1 mg/ml oral solution, 40 mg"."""
        return oral_in_words(self.drug, self.mg)


def oral_in_words(drug: str, mg: int) -> str:
    """Return such as "Methadone 1 mg/ml oral solution, 40 mg"."""
    label = OralDrug(drug).label
    return f"{label[0].upper()}{label[1:]}, {mg} mg"


def supervision_in_words(is_supervised: bool) -> str:
    """Return whether a nurse sees the dose taken."""
    return "taken here, a nurse watching" if is_supervised else "handed over to take away"


def list_oral_doses(*, patient_id: uuid.UUID, since: datetime) -> tuple[OralDoseGiven, ...]:
    """Return the oral doses of one person from a moment on, the first one first, in one statement."""
    doses = OralDose.objects.select_related(
        "order", "supervised_by", "amends", "correction__corrected_by", "pack"
    ).filter(patient_id=patient_id, given_at__gte=since)
    return tuple(
        OralDoseGiven(
            drug=OralDrug(dose.drug),
            mg=dose.mg,
            given_at=dose.given_at,
            supervised_by=dose.supervised_by.full_name,
            sedation=dose.sedation,
            is_supervised=dose.order.is_supervised,
            id=dose.id,
            put_right=_put_right(dose),
        )
        for dose in doses.order_by("given_at", "id")
    )


def _put_right(dose: OralDose) -> str:
    """Return what was written first of a dose that was put right, and who did that; or that it stood on paper."""
    if dose.pack is not None:
        contested = f" Contested: {oral_codes_in_words(dose.conflicts)}." if dose.conflicts else ""
        return f"Entered from paper pack P{dose.pack.number}.{contested}"
    if dose.amends is None:
        return ""
    return f"First line: {dose_in_words(dose.amends)}. {correction_in_words(dose.correction)}."


def said_of_oral(dose: OralDose) -> OralSaid:
    """Return what one row says of an oral dose."""
    return OralSaid(dose.mg, Sedation(dose.sedation) if dose.sedation else None, dose.breaths, dose.given_at)


def dose_in_words(dose: OralDose) -> str:
    """Return what is written of a dose: "40 mg at 09:10, POSS 1, breathing 14"."""
    counted = f"breathing {dose.breaths}" if dose.breaths is not None else "breathing not counted"
    seen = f"POSS {dose.sedation}" if dose.sedation else "POSS not on paper"
    return f"{dose.mg} mg at {dose.given_at.astimezone(LONDON):%H:%M}, {seen}, {counted}"


def get_oral_before(*, patient_id: uuid.UUID, at: datetime | None = None) -> OralBefore | None:
    """Return the last oral opioid that a person was given here, or that they had been given at a moment before.

    As the rule before an injection reads it.
    """
    given = OralDose.objects.filter(patient_id=patient_id)
    if at is not None:
        given = given.filter(given_at__lte=at)
    last = given.order_by("-given_at").first()
    return OralBefore(words=oral_in_words(last.drug, last.mg), given_at=last.given_at) if last else None


# --- what stands -------------------------------------------------------------------------------------------


def list_oral_orders_in_force(
    *, patient_id: uuid.UUID, clinic_id: uuid.UUID, at: datetime
) -> list[OralOrder]:
    """Return the oral orders of one clinic in force for a person at a moment, in the order of the drugs."""
    periods = OralOrderPeriod.objects.select_related("order__signed_by", "order__premises").filter(
        patient_id=patient_id, during__contains=at, order__premises__clinic_id=clinic_id
    )
    return sorted(
        (period.order for period in periods), key=lambda order: list(OralDrug).index(OralDrug(order.drug))
    )


def list_standing_oral_periods(*, patient_id: uuid.UUID, at: datetime) -> list[OralOrderPeriod]:
    """Return the periods of every oral drug that reach past a moment, the live ones and those still to begin."""
    return list(
        OralOrderPeriod.objects.select_related("order__signed_by", "order__premises")
        .filter(patient_id=patient_id, during__endswith__gt=at)
        .order_by("drug", "order__version")
    )


def get_last_oral_orders(*, patient_id: uuid.UUID) -> dict[str, OralOrder]:
    """Return the newest oral order of each drug, whether it is in force, still to begin, or over."""
    orders = OralOrder.objects.select_related("period__ended_by", "signed_by").filter(patient_id=patient_id)
    return {order.drug: order for order in orders.order_by("version")}


def as_oral_seen(last: dict[str, OralOrder]) -> str:
    """Return what a page is sealed with, so that it is known when the orders it showed are not the last any more."""
    seen = []
    for drug in OralDrug:
        order = last.get(drug)
        ended = order.period.ended_at if order else None
        seen.append(f"{order.id if order else 'none'} {ended.isoformat() if ended else 'stands'}")
    return "|".join(seen)


def what_stands_oral(last: dict[str, OralOrder], *, at: datetime) -> str:
    """Return what became of the last oral order of each drug, for whoever looked at an older one."""
    sentences = [_what_became_of(last[drug], at) for drug in OralDrug if drug in last]
    return " ".join(sentences) or "There is no order of oral medicine."


def _what_became_of(order: OralOrder, at: datetime) -> str:
    what = f"{oral_in_words(order.drug, order.daily_mg)} a day (order {order.version})"
    period = order.period
    if period.ended_by is not None and period.ended_at is not None:
        return f"{what}: {period.ended_by.full_name} ended it on {exact_moment(period.ended_at)}."
    if order.ends_at <= at:
        return f"{what}: it ended {ends_when(order.ends_at)}."
    return f"{what}: signed by {order.signed_by.full_name} on {exact_moment(order.signed_at)}."


# --- signing -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownAtOralSigning:
    """The facts for the rule, and the rows that an order will point at."""

    facts: OralSigningFacts
    protocol: ProtocolVersion | None
    last: dict[str, OralOrder]


def may_prescribe(*, user: User, clinic: Clinic, at: datetime) -> bool:
    """Tell whether somebody is a doctor or another prescriber of a clinic at a moment."""
    return may(frozenset(roles_of(user=user, clinic=clinic, at=at)), Permission.SIGN_ORAL_ORDER)


def get_oral_signing_facts(
    *, episode: Episode, clinic: Clinic, drug: str, signer: User, at: datetime
) -> KnownAtOralSigning:
    """Gather what `may_sign_oral_order` asks about the signer, the person and the clinic's limits."""
    patient_id = episode.person_id
    protocol = get_protocol_in_force(clinic_id=clinic.id, at=at)
    given = OralDose.objects.filter(patient_id=patient_id, drug=drug).order_by("-given_at")
    others = list_standing_oral_periods(patient_id=patient_id, at=at)
    return KnownAtOralSigning(
        facts=OralSigningFacts(
            at=at,
            signer_may_prescribe=may_prescribe(user=signer, clinic=clinic, at=at),
            protocol=as_rules_read_it(protocol),
            person_is_in_treatment=episode.exited_on is None and episode.clinic_id == clinic.id,
            has_treatment_consent=has_consent(person_id=patient_id, purpose=Purpose.TREATMENT, at=at),
            others=tuple(
                f"{oral_in_words(period.drug, period.order.daily_mg)} a day"
                for period in others
                if period.drug != drug
            ),
            last_given_at=given.values_list("given_at", flat=True).first(),
            programme_ends_on=get_last_day(clinic_id=clinic.id),
        ),
        protocol=protocol,
        last=get_last_oral_orders(patient_id=patient_id),
    )
