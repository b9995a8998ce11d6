"""The people of a clinic, and one of them with everything a role may see."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Subquery

from dosing.models import Injection, Order, OrderPeriod, SessionOutcome
from dosing.queries.oral import list_oral_orders_in_force, oral_in_words
from dosing.queries.order_pages import signed_by_whom
from dosing.queries.orders import get_order_in_force
from dosing.queries.standing import as_it_stands
from dosing.rules.orders import Product, Route
from dosing.rules.sessions import Outcome
from hat_clinic.accounts.models import Clinic, Slot
from hat_clinic.core.clock import london_date
from outcomes.models import SupportSession
from patients.models import Assessment, Episode, EpisodeStage
from patients.queries.around import (
    AlertLine,
    ContactLine,
    RelationshipLine,
    list_alerts,
    list_contact_details,
    list_relationships,
)
from patients.queries.assessments import find_assessment, parts_of
from patients.queries.consents import ConsentLine, list_consent_lines, list_people_with_consent
from patients.queries.leaving import PlanLine, get_plan
from patients.queries.people import PersonHead, get_person_head, tell_changes
from patients.queries.photos import photo_urls
from patients.queries.stages import StageLine, StageShown, list_stages
from patients.rules.consents import Purpose
from patients.rules.people import CLINICAL_DETAILS, Allergies, Stage, initials_of, stage_of
from patients.rules.stages import TreatmentStage
from referrals.models import Referral

ATTENDANCE_DAYS = 14
MOST_SUPPORT = 10
_CAME = {Outcome.GIVEN, Outcome.GIVEN_REDUCED, Outcome.WITHHELD}


# --- the list --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person of the list: no dose, no order, nothing of their health."""

    patient_id: uuid.UUID
    name: str
    name_used: str
    initials: str
    born_on: date | None
    photo_url: str | None
    stage: Stage
    treatment_stage: TreatmentStage | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody in treatment in one clinic, by family name."""

    rows: tuple[PersonRow, ...]
    places: int


def get_people_page(*, clinic: Clinic, at: datetime) -> PeoplePage:
    """Return everybody in treatment in a clinic, in the same number of queries for 10 people and 500."""
    signed = Assessment.objects.filter(episode=OuterRef("pk"), signed_at__lte=at)
    standing = OrderPeriod.objects.filter(order__episode=OuterRef("pk"), during__contains=at)
    episodes = list(
        Episode.objects.select_related("person")
        .filter(clinic=clinic, exited_on__isnull=True, person__import_run__isnull=True)
        .annotate(
            has_assessment=Exists(signed),
            has_order=Exists(standing),
            had_order=Exists(Order.objects.filter(episode=OuterRef("pk"))),
            said=Subquery(
                EpisodeStage.objects.filter(episode=OuterRef("pk")).order_by("-number").values("stage")[:1]
            ),
        )
        .order_by("person__family_name", "person__given_names", "person_id")
    )
    people = [episode.person_id for episode in episodes]
    photos = photo_urls(clinic=clinic, person_ids=people, at=at)
    consenting = list_people_with_consent(person_ids=people, purpose=Purpose.TREATMENT, at=at)
    rows = []
    for episode in episodes:
        person = episode.person
        missing = {
            "consent to treatment": person.id not in consenting,
            "assessment": not episode.has_assessment,
            "photo": person.id not in photos,
        }
        rows.append(
            PersonRow(
                patient_id=person.id,
                name=person.full_name,
                name_used=person.name_used,
                initials=initials_of(person.given_names, person.family_name),
                born_on=person.born_on,
                photo_url=photos.get(person.id),
                stage=stage_of(
                    has_assessment=episode.has_assessment,
                    has_order=episode.has_order,
                    had_order=episode.had_order,
                ),
                treatment_stage=TreatmentStage(episode.said) if episode.said else None,
                missing=tuple(words for words, is_missing in missing.items() if is_missing),
            )
        )
    return PeoplePage(rows=tuple(rows), places=clinic.places)


# --- one person ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """The newest assessment, as clinicians read it: each part with its words."""

    number: int
    signed_by: str
    signed_at: datetime
    due_on: date
    is_overdue: bool
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """The order in force, in figures."""

    dose_mg: int
    sessions_per_day: int
    daily_max_mg: int
    route: str
    ends_at: datetime
    signed_by: str


@dataclass(frozen=True, slots=True)
class DoseView:
    """The last dose that was given, anywhere."""

    given_mg: int
    ended_at: datetime
    route: str


@dataclass(frozen=True, slots=True)
class Treatment:
    """What only clinicians see."""

    assessment: AssessmentView | None
    order: OrderView | None
    last_dose: DoseView | None
    allergies: str
    stage: StageLine | None
    oral: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    """One planned session: came, did not come, or excused. Never what happened in the room."""

    on: date
    slot: str
    word: str


@dataclass(frozen=True, slots=True)
class SupportLine:
    """One session of help around treatment."""

    on: date
    domain: str
    agency: str
    has_come: bool
    minutes: int | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person with everything that the viewer's role may see. `treatment` is None for others than clinicians."""

    head: PersonHead
    stage: Stage
    treatment_stage: StageShown | None
    missing: tuple[str, ...]
    needs_assessment: bool
    treatment: Treatment | None
    consents: tuple[ConsentLine, ...]
    referred_by: str
    referred_on: date | None
    attendance: tuple[AttendanceLine, ...]
    support: tuple[SupportLine, ...]
    last_change: str
    alerts: tuple[AlertLine, ...]
    contacts: tuple[ContactLine, ...]
    relationships: tuple[RelationshipLine, ...]
    plan: PlanLine | None

    @property
    def came(self) -> int:
        """Return to how many of the sessions they came."""
        return sum(line.word == "came" for line in self.attendance)


def get_person_page(
    *, clinic: Clinic, patient_id: uuid.UUID, sees_treatment: bool, at: datetime
) -> PersonPage | None:
    """Return the page of somebody in treatment in a clinic, in a fixed number of queries; None for others.

    Without `sees_treatment` no dose, order, drug, reading or finding is in the page object at all: what is not
    there cannot be printed by mistake.
    """
    head = get_person_head(person_id=patient_id, clinic=clinic, at=at)
    if head is None:
        return None
    consents = list_consent_lines(person_id=patient_id, at=at)
    assessment = find_assessment(person_id=patient_id, at=at)
    order = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    had_order = Order.objects.filter(episode=head.episode).exists()
    referral = Referral.objects.select_related("agency").filter(episode=head.episode).first()
    stages = list_stages(episode_id=head.episode.id)
    said = stages[0] if stages else None
    today = london_date(at)
    is_overdue = assessment is not None and assessment.due_on < today
    missing = {
        "consent to treatment": not any(
            line.purpose is Purpose.TREATMENT and line.is_standing for line in consents
        ),
        "assessment": assessment is None,
        "new assessment: the last one is overdue": is_overdue,
        "photo": head.photo_url is None,
    }
    changes = tell_changes(
        person_id=patient_id, after_version=0, leaving_out=() if sees_treatment else CLINICAL_DETAILS
    )
    return PersonPage(
        head=head,
        stage=stage_of(
            has_assessment=assessment is not None, has_order=order is not None, had_order=had_order
        ),
        treatment_stage=StageShown(said.stage, said.since_on) if said else None,
        missing=tuple(words for words, is_missing in missing.items() if is_missing),
        needs_assessment=assessment is None or is_overdue,
        treatment=_treatment(head, assessment, order, said, clinic=clinic, at=at) if sees_treatment else None,
        consents=consents,
        referred_by=_source(referral),
        referred_on=referral.referred_on if referral else None,
        attendance=_attendance(patient_id, since=today - timedelta(days=ATTENDANCE_DAYS - 1)),
        support=_support(patient_id, clinic),
        last_change=changes[-1] if changes else "",
        alerts=list_alerts(person_id=patient_id, at=at),
        contacts=list_contact_details(person_id=patient_id),
        relationships=list_relationships(person_id=patient_id, clinic=clinic),
        plan=get_plan(episode_id=head.episode.id) if sees_treatment else None,
    )


def _treatment(
    head: PersonHead,
    assessment: Assessment | None,
    order: Order | None,
    stage: StageLine | None,
    *,
    clinic: Clinic,
    at: datetime,
) -> Treatment:
    last = Injection.objects.filter(patient_id=head.person.id).order_by("-ended_at").first()
    person = head.person
    return Treatment(
        assessment=_assessment(assessment, today=london_date(at)) if assessment else None,
        order=OrderView(
            dose_mg=order.dose_mg,
            sessions_per_day=order.sessions_per_day,
            daily_max_mg=order.daily_max_mg,
            route=" or ".join(Route(route).label for route in order.routes),
            ends_at=order.ends_at,
            signed_by=signed_by_whom(order),
        )
        if order
        else None,
        last_dose=_dose(last) if last is not None else None,
        allergies=person.allergies
        if person.allergies_asked == Allergies.KNOWN
        else Allergies(person.allergies_asked).label,
        oral=tuple(
            f"{oral_in_words(oral.drug, oral.daily_mg)} a day"
            for oral in list_oral_orders_in_force(patient_id=person.id, clinic_id=clinic.id, at=at)
        ),
        stage=stage,
    )


def _dose(last: Injection) -> DoseView:
    stands = as_it_stands(last)
    return DoseView(given_mg=stands.given_mg, ended_at=last.ended_at, route=Route(stands.route).label)


def _assessment(found: Assessment, *, today: date) -> AssessmentView:
    return AssessmentView(
        number=found.number,
        signed_by=found.signed_by.full_name,
        signed_at=found.signed_at,
        due_on=found.due_on,
        is_overdue=found.due_on < today,
        parts=parts_of(found),
    )


def _source(referral: Referral | None) -> str:
    if referral is None:
        return ""
    return referral.agency.name if referral.agency else referral.get_source_display()


def _attendance(patient_id: uuid.UUID, *, since: date) -> tuple[AttendanceLine, ...]:
    order = {slot: place for place, slot in enumerate(Slot)}
    outcomes = SessionOutcome.objects.select_related("session").filter(
        session__patient_id=patient_id, session__service_date__gte=since, amended_by__isnull=True
    )
    lines = [
        AttendanceLine(outcome.session.service_date, Slot(outcome.session.slot).label, _word(outcome.outcome))
        for outcome in sorted(
            outcomes,
            key=lambda one: (one.session.service_date, order[Slot(one.session.slot)]),
            reverse=True,
        )
    ]
    return tuple(lines)


def _word(outcome: str) -> str:
    if outcome in _CAME:
        return "came"
    return "excused" if outcome == Outcome.EXCUSED else "did not come"


def _support(patient_id: uuid.UUID, clinic: Clinic) -> tuple[SupportLine, ...]:
    sessions = SupportSession.objects.select_related("agency").filter(patient_id=patient_id, clinic=clinic)
    return tuple(
        SupportLine(
            on=session.booked_on,
            domain=session.get_domain_display(),
            agency=session.agency.name if session.agency else "",
            has_come=session.attended,
            minutes=session.minutes,
        )
        for session in sessions.order_by("-booked_on")[:MOST_SUPPORT]
    )
