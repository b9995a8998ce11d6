"""The page on which an oral dose is given, and what the rule asks about one person before it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q

from dosing.models import (
    Emergency,
    Hold,
    Injection,
    OralDecision,
    OralDose,
    OralOrder,
    Order,
    PlannedSession,
    ProtocolVersion,
    Reading,
    SessionOutcome,
)
from dosing.queries.emergencies import get_naloxone_at
from dosing.queries.licences import licences_in_force
from dosing.queries.oral import (
    OralDoseGiven,
    list_oral_doses,
    list_oral_orders_in_force,
    supervision_in_words,
)
from dosing.queries.orders import get_episode_here
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.queries.sessions import SessionKey, get_current_session
from dosing.queries.visits import (
    ago_in_words,
    dates_to_choose_from,
    get_open_draw_in_words,
    get_person_at_hatch,
    get_planned_session,
    hold_in_words,
    initials_of,
)
from dosing.rules.moments import moment_in_words
from dosing.rules.observation import Escalation
from dosing.rules.oral import OralDrug
from dosing.rules.oral_doses import (
    OralFacts,
    OralInForce,
    allowed_oral_mg,
    needs_breathing,
    stands_against_oral,
)
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from patients.models import Person
from patients.queries import has_consent
from patients.queries.photos import photo_url
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class KnownBeforeOral:
    """The facts for the rule, and the rows that a dose will point at."""

    facts: OralFacts
    order: OralOrder | None
    protocol: ProtocolVersion | None
    decision: OralDecision | None
    session: PlannedSession | None


def get_oral_facts(
    *, patient_id: uuid.UUID, clinic: Clinic, order: OralOrder | None, at: datetime
) -> KnownBeforeOral:
    """Gather what `may_give_oral` asks about one person and one oral order in force."""
    protocol = get_protocol_in_force(clinic_id=clinic.id, at=at)
    doses = OralDose.objects.filter(
        patient_id=patient_id, drug=order.drug if order else "", given_on=london_date(at)
    )
    ended = Injection.objects.filter(patient_id=patient_id, started_at__lte=at).order_by("-ended_at")
    withheld, since = get_withheld(patient_id=patient_id, at=at)
    decision = _decision(order, since=since, at=at) if since is not None and order is not None else None
    session = get_current_session(clinic=clinic, at=at)
    return KnownBeforeOral(
        facts=OralFacts(
            at=at,
            order=OralInForce(
                drug=OralDrug(order.drug),
                daily_mg=order.daily_mg,
                is_suspended=not order.signed_by.is_active,
            )
            if order
            else None,
            protocol=as_rules_read_it(protocol),
            person_is_in_treatment=get_person_at_hatch(clinic=clinic, patient_id=patient_id) is not None,
            has_treatment_consent=has_consent(person_id=patient_id, purpose=Purpose.TREATMENT, at=at),
            given_today_mg=sum(doses.values_list("mg", flat=True)),
            last_injection_ended_at=ended.values_list("ended_at", flat=True).first(),
            open_draw=get_open_draw_in_words(patient_id=patient_id),
            naloxone=get_naloxone_in_words(patient_id=patient_id, at=at),
            withheld=withheld,
            is_allowed_by_prescriber=decision is not None,
        ),
        order=order,
        protocol=protocol,
        decision=decision,
        session=get_planned_session(patient_id=patient_id, session=session) if session else None,
    )


def get_naloxone_in_words(*, patient_id: uuid.UUID, at: datetime) -> str:
    """Return the emergency that no licensed doctor had reviewed at a moment, in words, or nothing.

    An emergency, and a reading that asked for naloxone, count as naloxone given. A licensed doctor has reviewed it when
    they signed
    an order for this person since, of diamorphine or of an oral opioid.
    """
    last = (
        Reading.objects.filter(
            session__patient_id=patient_id,
            escalation=Escalation.B,
            amended_by__isnull=True,
            taken_at__lte=at,
        )
        .order_by("-taken_at")
        .values_list("taken_at", flat=True)
        .first()
    )
    given = get_naloxone_at(patient_id=patient_id, by=at)
    began = Emergency.objects.filter(patient_id=patient_id, began_at__lte=at).aggregate(last=Max("began_at"))[
        "last"
    ]
    last = max((moment for moment in (last, given, began) if moment is not None), default=None)
    signed = {"patient_id": patient_id, "signed_at__gt": last, "signed_at__lte": at}
    if last is None or Order.objects.filter(**signed).exists():
        return ""
    for order in OralOrder.objects.filter(**signed):
        licensed = licences_in_force(doctor_id=order.signed_by_id, at=order.signed_at)
        if licensed.filter(premises_id=order.premises_id).exists():
            return ""
    return (
        f"An emergency with naloxone by the clinic’s card was called for on {moment_in_words(last)}. No oral opioid "
        "until a licensed doctor has signed an order since."
    )


def get_withheld(*, patient_id: uuid.UUID, at: datetime) -> tuple[str, datetime | None]:
    """Return what stood against an injection on the day of a moment, in words, and when that was; or nothing.

    A session that was withheld by then, or a hold that stood then, from whatever day. Who came and did not want the
    injection was not withheld one, and has their oral dose as ordered. What was withheld on paper was so on paper,
    whenever it was entered.
    """
    stood = Hold.objects.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=at), opened_at__lte=at)
    hold = stood.filter(patient_id=patient_id).order_by("-opened_at").first()
    outcome = (
        SessionOutcome.objects.select_related("session")
        .filter(
            # Also one that was put right since: what was withheld once is decided on by a prescriber.
            Q(recorded_at__lte=at) | Q(recorded_at__isnull=False, paper_line__isnull=False),
            outcome=Outcome.WITHHELD,
            session__patient_id=patient_id,
            session__service_date=london_date(at),
        )
        .exclude(reason=Reason.DECLINED)
        .order_by("-recorded_at")
        .first()
    )
    moments = [hold.opened_at] if hold else []
    sentences = [hold_in_words(hold)] if hold else []
    if outcome is not None and outcome.recorded_at is not None:
        slot = SessionKey(outcome.session.service_date, outcome.session.slot).label.lower()
        sentences.append(f"The injection of the {slot} was withheld today.")
        moments.append(outcome.recorded_at)
    return " ".join(sentences), max(moments, default=None)


def _decision(order: OralOrder, *, since: datetime, at: datetime) -> OralDecision | None:
    """Return the last decision on an order that was made after what stood against an injection, and today."""
    made = OralDecision.objects.filter(order=order, decided_at__gte=since, decided_at__lte=at)
    decided = made.order_by("-decided_at").first()
    return decided if decided is not None and london_date(decided.decided_at) == london_date(at) else None


# --- the pages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OralChoice:
    """One oral order in force, as it is given: what it is, what is left of today, and what stands against it."""

    order_id: uuid.UUID
    drug: str
    daily_mg: int
    left_mg: int
    supervision: str
    signed_by: str
    is_supervised: bool
    needs_breathing: bool
    decision: Decision


@dataclass(frozen=True, slots=True)
class GiveOralPage:
    """All that the page of an oral dose prints: who, what is ordered, what was given, what stands against it."""

    patient_id: uuid.UUID
    name: str
    called: str
    born_on: date | None
    initials: str
    photo: str
    dates: tuple[date, ...]
    last_words: str
    choices: tuple[OralChoice, ...]
    doses: tuple[OralDoseGiven, ...]

    @property
    def is_barred(self) -> bool:
        """True where nothing can be given of any order, whatever is answered."""
        return all(not choice.decision.is_allowed for choice in self.choices)

    @property
    def needs_breathing(self) -> bool:
        """True where breathing is counted before any of the doses."""
        return any(choice.needs_breathing for choice in self.choices)


def get_give_oral_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> GiveOralPage | None:
    """Return the page of an oral dose for somebody in treatment here; None for anybody else."""
    person = get_person_at_hatch(clinic=clinic, patient_id=patient_id)
    if person is None:
        return None
    orders = list_oral_orders_in_force(patient_id=patient_id, clinic_id=clinic.id, at=at)
    last = Injection.objects.filter(patient=person).order_by("-ended_at")
    ended_at = last.values_list("ended_at", flat=True).first()
    today = OralDose.objects.filter(patient=person, given_on=london_date(at)).order_by("given_at")
    first = today.values_list("given_at", flat=True).first()
    return GiveOralPage(
        patient_id=person.id,
        name=person.full_name,
        called=person.given_names.split(" ")[0],
        born_on=person.born_on,
        initials=initials_of(person.given_names, person.family_name),
        photo=photo_url(clinic=clinic, person_id=person.id, at=at) or "",
        dates=dates_at_the_cup(person=person, at=at),
        last_words=ago_in_words(ended_at, at) if ended_at else "none recorded here",
        choices=tuple(_choice(order, person, clinic, at) for order in orders),
        doses=list_oral_doses(patient_id=person.id, since=first) if first else (),
    )


def dates_at_the_cup(*, person: Person, at: datetime) -> tuple[date, ...]:
    """Return the person's date of birth and two that are made up from it, the same all day."""
    return dates_to_choose_from(person=person, session=SessionKey(london_date(at), "oral"))


def _choice(order: OralOrder, person: Person, clinic: Clinic, at: datetime) -> OralChoice:
    facts = get_oral_facts(patient_id=person.id, clinic=clinic, order=order, at=at).facts
    return OralChoice(
        order_id=order.id,
        drug=order.get_drug_display(),
        daily_mg=order.daily_mg,
        left_mg=allowed_oral_mg(facts),
        supervision=supervision_in_words(order.is_supervised),
        signed_by=order.signed_by.full_name,
        is_supervised=order.is_supervised,
        needs_breathing=needs_breathing(facts),
        decision=stands_against_oral(facts),
    )


@dataclass(frozen=True, slots=True)
class AllowOralPage:
    """What a prescriber decides on: what stood against the injection, and the oral orders in force."""

    patient_id: uuid.UUID
    name: str
    born_on: date | None
    withheld: str
    choices: tuple[OralChoice, ...]


def get_allow_oral_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> AllowOralPage | None:
    """Return the page of that decision for a person in treatment here; None for anybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        return None
    withheld, _ = get_withheld(patient_id=patient_id, at=at)
    orders = list_oral_orders_in_force(patient_id=patient_id, clinic_id=clinic.id, at=at)
    return AllowOralPage(
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        withheld=withheld,
        choices=tuple(_choice(order, episode.person, clinic, at) for order in orders),
    )
