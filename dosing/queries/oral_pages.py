"""The pages of one person's oral medicine: what stands, what stood before, and what a new order is filled in against."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from dosing.models import NaloxoneOrder, OralDose, OralOrder
from dosing.queries.oral import (
    OralDoseGiven,
    as_oral_seen,
    dose_in_words,
    get_last_oral_orders,
    get_oral_signing_facts,
    list_oral_doses,
    list_standing_oral_periods,
    oral_in_words,
    supervision_in_words,
    what_stands_oral,
)
from dosing.queries.orders import get_episode_here
from dosing.rules.moments import end_in_words, exact_moment, moment_in_words
from dosing.rules.oral import OralDraft, OralDrug, limit_in_words, may_begin_oral_order, may_sign_oral_order
from dosing.rules.orders import USUAL_ORDER_DAYS, EndReason, usual_last_day
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Level
from patients.models import Episode

# --- the section of a person's orders ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownOralOrder:
    """One version of an oral order as it is printed, with exact times."""

    version: int
    drug: str
    daily_mg: int
    daily_in_words: str
    supervision: str
    basis: str
    began: str
    ends: str
    signed: str
    ended: str
    is_suspended: bool
    never_began: bool


@dataclass(frozen=True, slots=True)
class OralSection:
    """One person's oral medicine: what is in force, what is signed for later, what was, today's doses, naloxone."""

    live: tuple[ShownOralOrder, ...]
    planned: tuple[ShownOralOrder, ...]
    earlier: tuple[ShownOralOrder, ...]
    doses: tuple[OralDoseGiven, ...]
    naloxone: tuple[str, ...]

    @property
    def is_standing(self) -> bool:
        """True where an order is in force or signed for later, so that there is something to end."""
        return bool(self.live or self.planned)


def get_oral_section(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> OralSection:
    """Return the oral medicine of one person in one clinic, in a fixed number of statements."""
    orders = OralOrder.objects.select_related("period__ended_by", "signed_by").filter(
        patient_id=patient_id, premises__clinic=clinic
    )
    live, planned, earlier = [], [], []
    for order in orders.order_by("drug", "version"):
        during = order.period.during
        shown = _shown(order)
        if during.isempty or during.upper <= at:
            earlier.append((order.signed_at, shown))
        elif during.lower <= at:
            live.append(shown)
        else:
            planned.append(shown)
    earlier.sort(key=lambda pair: pair[0], reverse=True)
    today = london_date(at)
    doses = OralDose.objects.filter(patient_id=patient_id, given_on=today).order_by("given_at")
    first = doses.values_list("given_at", flat=True).first()
    kits = NaloxoneOrder.objects.select_related("signed_by").filter(
        patient_id=patient_id, episode__clinic=clinic
    )
    return OralSection(
        live=tuple(live),
        planned=tuple(planned),
        earlier=tuple(shown for _, shown in earlier),
        doses=list_oral_doses(patient_id=patient_id, since=first) if first else (),
        naloxone=tuple(
            f"{order.kits} kit{'' if order.kits == 1 else 's'} of {order.dose_ug} micrograms a dose, ordered by "
            f"{order.signed_by.full_name} on {moment_in_words(order.signed_at)}"
            for order in kits.order_by("-signed_at")
        ),
    )


def _shown(order: OralOrder) -> ShownOralOrder:
    during = order.period.during
    return ShownOralOrder(
        version=order.version,
        drug=order.get_drug_display(),
        daily_mg=order.daily_mg,
        daily_in_words=number_in_words(order.daily_mg),
        supervision=supervision_in_words(order.is_supervised),
        basis=order.basis,
        began=exact_moment(order.starts_at),
        ends=end_in_words(order.ends_at if during.isempty else during.upper),
        signed=f"{order.signed_by.full_name}, {exact_moment(order.signed_at)}",
        ended=_how_it_ended(order),
        is_suspended=not order.signed_by.is_active,
        never_began=during.isempty,
    )


def _how_it_ended(order: OralOrder) -> str:
    period = order.period
    if period.ended_by is None or period.ended_at is None:
        return f"Ran its time, until {end_in_words(order.ends_at)}."
    reason = EndReason(period.end_reason).label
    words = f" “{period.end_words}”" if period.end_words else ""
    until = "" if period.during.isempty else f" In force until {exact_moment(period.during.upper)}."
    return f"{reason[0].upper()}{reason[1:]}: {period.ended_by.full_name}, {exact_moment(period.ended_at)}.{words}{until}"


# --- signing and ending -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OralSigningPage:
    """What an oral order is filled in against: what stands now, the limits, and what bars a signature already.

    No number here goes into a field: the limits are printed as limits. `usual_last_day` alone is filled in.
    """

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    premises: tuple[Premises, ...]
    standing: str
    limits: tuple[tuple[str, str, str], ...]
    order_days_max: int | None
    usual_days: int
    usual_last_day: date | None
    decision: Decision
    seen: str

    def place(self, premises_id: str) -> Premises:
        """Return one of the premises by its id."""
        return next(place for place in self.premises if str(place.id) == premises_id)


def get_oral_signing_page(
    *, clinic: Clinic, patient_id: uuid.UUID, signer: User, at: datetime
) -> OralSigningPage | None:
    """Return what a new oral order for a person in treatment here is filled in against; None for anybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    premises = tuple(Premises.objects.select_related("clinic").filter(clinic=clinic).order_by("name"))
    if episode is None or not premises:
        return None
    known = get_oral_signing_facts(episode=episode, clinic=clinic, drug="", signer=signer, at=at)
    protocol = known.facts.protocol
    usual_days = protocol.order_days_usual if protocol else USUAL_ORDER_DAYS
    return OralSigningPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        premises=premises,
        standing=what_stands_oral(known.last, at=at) if known.last else "",
        limits=tuple(
            (drug.value, drug.label, limit_in_words(protocol, drug) if protocol else "no approved limit")
            for drug in OralDrug
        ),
        order_days_max=protocol.order_days_max if protocol else None,
        usual_days=usual_days,
        usual_last_day=usual_last_day(london_date(at), days=usual_days, licence_ends_at=None),
        decision=may_begin_oral_order(known.facts),
        seen=as_oral_seen(known.last),
    )


@dataclass(frozen=True, slots=True)
class OralReview:
    """An oral order as it is read before it is signed: each line in figures and in words, and every finding."""

    drug: str
    daily_mg: int
    daily_in_words: str
    lines: tuple[tuple[str, str, str], ...]
    basis: str
    notes: tuple[tuple[str, str], ...]
    decision: Decision


def review_oral_order(
    *,
    episode: Episode,
    premises: Premises,
    draft: OralDraft,
    starts_at_once: bool,
    signer: User,
    at: datetime,
) -> OralReview:
    """Return an oral order in figures and words with what stands for and against it; signing asks again."""
    known = get_oral_signing_facts(
        episode=episode, clinic=premises.clinic, drug=draft.drug, signer=signer, at=at
    )
    decision = may_sign_oral_order(draft, known.facts)
    days = (london_date(draft.ends_at) - london_date(draft.starts_at)).days
    return OralReview(
        drug=OralDrug(draft.drug).label,
        daily_mg=draft.daily_mg,
        daily_in_words=number_in_words(draft.daily_mg),
        lines=(
            ("How it is taken", supervision_in_words(draft.is_supervised), ""),
            ("Premises", premises.name, ""),
            ("Starts", "the moment you sign" if starts_at_once else moment_in_words(draft.starts_at), ""),
            ("Ends", end_in_words(draft.ends_at), f"{days} day{'' if days == 1 else 's'}"),
        ),
        basis=draft.basis,
        notes=tuple((note.code, note.message) for note in decision if note.level is Level.WARN),
        decision=decision,
    )


def oral_signed_sentence(order: OralOrder) -> str:
    """Return what is said when an oral order was signed."""
    return (
        f"Saved: {order.get_drug_display()}, {order.daily_mg} mg a day, is signed from "
        f"{moment_in_words(order.starts_at)}."
    )


@dataclass(frozen=True, slots=True)
class OralEndingPage:
    """What is shown when an oral order ends: each one that stands."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    standing: tuple[str, ...]
    drugs: tuple[tuple[str, str], ...]
    seen: str


def get_oral_ending_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> OralEndingPage | None:
    """Return the page that ends an oral order of a person who is or was in treatment here; None for others."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        return None
    standing = [
        period.order
        for period in list_standing_oral_periods(patient_id=patient_id, at=at)
        if period.order.premises.clinic_id == clinic.id
    ]
    return OralEndingPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        standing=tuple(
            f"{oral_in_words(order.drug, order.daily_mg)} a day, signed by {order.signed_by.full_name}, "
            f"{'in force' if order.starts_at <= at else 'to begin'} from {moment_in_words(order.starts_at)}."
            for order in standing
        ),
        drugs=tuple({order.drug: OralDrug(order.drug).label for order in standing}.items()),
        seen=as_oral_seen(get_last_oral_orders(patient_id=patient_id)),
    )


@dataclass(frozen=True, slots=True)
class AmendOralPage:
    """An oral dose that is put right: whose it is, what it says, and whether it still stands."""

    patient_id: uuid.UUID
    name: str
    dose_id: uuid.UUID
    given_at: datetime
    says: str
    written_words: str
    stands: bool
    now_says: str


def get_amend_oral_page(*, clinic: Clinic, dose_id: uuid.UUID) -> AmendOralPage | None:
    """Return the page that puts an oral dose right, or None for one of another clinic."""
    doses = OralDose.written.select_related("patient", "supervised_by")
    dose = doses.filter(id=dose_id, order__premises__clinic=clinic).first()
    if dose is None:
        return None
    live = dose
    while (later := OralDose.written.filter(amends=live).first()) is not None:
        live = later
    return AmendOralPage(
        patient_id=dose.patient_id,
        name=dose.patient.full_name,
        dose_id=dose.id,
        given_at=dose.given_at,
        says=f"{dose.get_drug_display()}: {dose_in_words(dose)}",
        written_words=f"{moment_in_words(dose.given_at)}, {dose.supervised_by.full_name}",
        stands=live == dose,
        now_says=dose_in_words(live),
    )
