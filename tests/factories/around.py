"""What stands around a person: alerts, contacts, relationships, plans, closings, openings and disclosures."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from factory import LazyAttribute, LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date, now
from patients.actions.leaving import plan_leaving
from patients.models import (
    Alert,
    ContactDetail,
    Disclosure,
    Episode,
    LeavingPlan,
    OpeningReview,
    ProgrammeClosing,
    RecordOpening,
    Relationship,
)
from patients.rules.leaving import LeavingPlanContent, NaloxonePlan
from patients.rules.relationships import OPEN_FOR
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import EpisodeFactory, PersonFactory

WHY = "They lie in the emergency department and cannot be woken."
SAID = {
    "clinic": ["Test clinic (invented)", "Main house, 1 Example Street"],
    "person": [
        ["Name", "Invented Person"],
        ["Address", "1 Example Street"],
        ["Date of birth", "1 January 1980"],
        ["NHS number", "999 000 0000"],
    ],
    "as_of": "24 November 2026 at 09:00",
    "warnings": [],
    "last_injection": "No injection is written in this clinic's record.",
    "order": "No order for diamorphine is in force.",
    "oral_orders": [],
    "days_told": 7,
    "days": [{"day": "24 November 2026", "lines": ["No dose is written."]}],
    "always": ["It is no prescription."],
}


class AlertFactory(DjangoModelFactory[Alert]):
    class Meta:
        model = Alert

    person = SubFactory(PersonFactory)
    clinic = SubFactory(ClinicFactory)
    severity = "warning"
    words = "Falls asleep sitting: look every two minutes."
    starts_on = TODAY
    set_by = SubFactory(UserFactory)
    set_at = NINE


class ContactDetailFactory(DjangoModelFactory[ContactDetail]):
    class Meta:
        model = ContactDetail

    person = SubFactory(PersonFactory)
    purpose = "missed"
    who = "Sister, Ola"
    how = "07700 900100"
    knows_of_treatment = False
    added_by = SubFactory(UserFactory)
    added_at = NINE


class RelationshipFactory(DjangoModelFactory[Relationship]):
    class Meta:
        model = Relationship

    person = SubFactory(PersonFactory)
    clinic = SubFactory(ClinicFactory)
    colleague = SubFactory(UserFactory)
    part = "key_worker"
    added_by = SubFactory(UserFactory)
    added_at = NINE


class LeavingPlanFactory(DjangoModelFactory[LeavingPlan]):
    class Meta:
        model = LeavingPlan

    episode = SubFactory(EpisodeFactory)
    number = 1
    receiving_service = "Community drug service"
    written_by = SubFactory(UserFactory)
    written_at = NINE


class ProgrammeClosingFactory(DjangoModelFactory[ProgrammeClosing]):
    class Meta:
        model = ProgrammeClosing

    clinic = SubFactory(ClinicFactory)
    number = 1
    kind = "closes"
    last_on = TODAY + timedelta(days=60)
    words = "The funding ends."
    decided_by = SubFactory(UserFactory)
    decided_at = NINE


class RecordOpeningFactory(DjangoModelFactory[RecordOpening]):
    class Meta:
        model = RecordOpening

    person = SubFactory(PersonFactory)
    clinic = SubFactory(ClinicFactory)
    reason = "emergency"
    words = WHY
    opened_by = SubFactory(UserFactory)
    opened_at = NINE
    ends_at = LazyAttribute(lambda one: one.opened_at + OPEN_FOR)


class OpeningReviewFactory(DjangoModelFactory[OpeningReview]):
    class Meta:
        model = OpeningReview

    opening = SubFactory(RecordOpeningFactory)
    finding = "justified"
    words = "Asked the ward: it was so."
    reviewed_by = SubFactory(UserFactory)
    reviewed_at = NINE


class DisclosureFactory(DjangoModelFactory[Disclosure]):
    class Meta:
        model = Disclosure

    person = SubFactory(PersonFactory)
    clinic = SubFactory(ClinicFactory)
    number = 1
    kind = "hospital"
    recipient = "General Hospital, Dr Ray"
    emergency_words = WHY
    said = LazyFunction(lambda: SAID)
    key = LazyFunction(uuid.uuid4)
    disclosed_by = SubFactory(UserFactory)
    disclosed_at = NINE


def a_whole_plan(*, today: date, **changes: Any) -> LeavingPlanContent:
    """Return a plan that lacks nothing."""
    whole = LeavingPlanContent(
        receiving_service="Community drug service",
        receiving_prescriber="Dr Imani Cole, agreed",
        oral_medicine="Methadone, as Dr Cole ordered it",
        oral_started_on=today,
        last_injection_on=today,
        naloxone=NaloxonePlan.HELD,
        letter_sent_on=today,
        follow_up_on=today + timedelta(days=7),
        follow_up_words="Lena Hart calls",
    )
    return replace(whole, **changes)


def plan_for(episode: Episode, *, by: User) -> LeavingPlan:
    """Write a whole plan through the real action."""
    at = now()
    return plan_leaving(episode=episode, content=a_whole_plan(today=london_date(at)), follows=0, by=by, at=at)


def end_the_programme(clinic: Clinic, *, by: User, days: int = 10, kind: str = "closes") -> ProgrammeClosing:
    """Decide that a programme ends in so many days, through the real action."""
    from dosing.actions.programme import close_programme
    from patients.rules.closings import ClosingContent, ClosingKind

    at = now()
    content = ClosingContent(ClosingKind(kind), london_date(at) + timedelta(days=days), None, "Funding ends.")
    return close_programme(clinic=clinic, content=content, follows=0, by=by, at=at)
