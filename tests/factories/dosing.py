"""Sessions, stock, and single rows of what actions write together.

Injections, outcomes and register lines are inserted alone only to try one constraint of one table.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from dosing.models import (
    Batch,
    ClinicDay,
    Hold,
    Injection,
    PatientDay,
    PlannedSession,
    PreInjectionCheck,
    Preparation,
    RegisterEntry,
    RegisterLine,
    SessionOutcome,
    Signature,
    StockMovement,
)
from dosing.rules.checks import Sedation
from dosing.rules.days import OpenedHow
from dosing.rules.orders import Product, Route, Site
from dosing.rules.register import EntryKind
from dosing.rules.sessions import Outcome, Reduction
from hat_clinic.accounts.models import Slot
from hat_clinic.core.clock import london_date
from patients.models import Consent
from patients.rules.consents import Purpose
from tests.factories.accounts import ClinicFactory, PremisesFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.orders import OrderFactory
from tests.factories.patients import ConsentFactory


class PatientDayFactory(DjangoModelFactory[PatientDay]):
    class Meta:
        model = PatientDay

    patient = SubFactory("tests.factories.patients.PersonFactory")
    on = TODAY
    maximum_mg = 400


class PlannedSessionFactory(DjangoModelFactory[PlannedSession]):
    class Meta:
        model = PlannedSession

    order = SubFactory(OrderFactory)
    clinic = SelfAttribute("order.premises.clinic")
    patient = SelfAttribute("order.patient")
    episode = SelfAttribute("order.episode")
    service_date = TODAY
    slot = Slot.AM


class RegisterLineFactory(DjangoModelFactory[RegisterLine]):
    class Meta:
        model = RegisterLine

    premises = SubFactory(PremisesFactory)
    product = Product.DIAMORPHINE
    strength_mg = 100
    form = RegisterLine.Form.AMPOULE_POWDER
    opened_at = NINE - timedelta(days=40)
    opened_by = SubFactory(UserFactory)


class BatchFactory(DjangoModelFactory[Batch]):
    """A batch of which nothing has come yet: stock movements bring and take its ampoules."""

    class Meta:
        model = Batch

    line = SubFactory(RegisterLineFactory)
    number = Sequence(lambda n: f"B{n}")
    expires_on = TODAY + timedelta(days=365)
    ampoules = 0


class SignatureFactory(DjangoModelFactory[Signature]):
    class Meta:
        model = Signature

    signed_by = SubFactory(UserFactory)
    signed_at = NINE
    part = Signature.Part.GIVER
    content_sha256 = "0" * 64


class PreInjectionCheckFactory(DjangoModelFactory[PreInjectionCheck]):
    """A check of the session's person in which nothing stands against a dose, five minutes before nine."""

    class Meta:
        model = PreInjectionCheck

    session = SubFactory(PlannedSessionFactory)
    patient = SelfAttribute("session.patient")
    protocol = SelfAttribute("session.order.protocol")
    sedation = Sedation.ALERT
    breaths = 14
    oxygen = 97
    pulse = 70
    alcohol_ug = 0
    took_other_drugs = False
    oral_as_ordered = True
    is_intoxicated = False
    sites_are_well = True
    findings = LazyAttribute(lambda _: [])
    lets_a_dose_go_ahead = True
    made_at = NINE - timedelta(minutes=5)
    made_by = SubFactory(UserFactory)


class HoldFactory(DjangoModelFactory[Hold]):
    """A hold for slow breathing, opened by the check that found it."""

    class Meta:
        model = Hold

    clinic = SubFactory(ClinicFactory)
    check_made = SubFactory(
        PreInjectionCheckFactory,
        session__order__premises__clinic=SelfAttribute(".....clinic"),
        breaths=10,
        findings=["breathing"],
        lets_a_dose_go_ahead=False,
    )
    patient = SelfAttribute("check_made.patient")
    codes = LazyAttribute(lambda _: ["breathing"])
    opened_at = NINE - timedelta(minutes=5)
    opened_by = SubFactory(UserFactory)


class PreparationFactory(DjangoModelFactory[Preparation]):
    """180 mg drawn up from two 100 mg ampoules a minute before nine, on an open day and with consent."""

    class Meta:
        model = Preparation

    session = SubFactory(PlannedSessionFactory)
    patient = SelfAttribute("session.patient")
    order = SelfAttribute("session.order")
    protocol = SelfAttribute("order.protocol")
    batch = SubFactory(BatchFactory, line__premises=SelfAttribute("...order.premises"))
    prepared_at = NINE - timedelta(minutes=1)
    check_made = SubFactory(
        PreInjectionCheckFactory,
        session=SelfAttribute("..session"),
        made_at=LazyAttribute(lambda check: check.factory_parent.prepared_at - timedelta(minutes=4)),
    )
    ampoules = 2
    drawn_mg = 200
    dose_mg = 180
    wasted_mg = 20
    allowed_mg = 200
    reduced_for = Reduction.OTHER
    volume_ul = 1800
    concentration_mg_per_ml = 100
    expires_at = LazyAttribute(lambda preparation: preparation.prepared_at + timedelta(hours=1))
    prepared_by = SubFactory(UserFactory)
    witness = SubFactory(UserFactory)
    preparer_signature = SubFactory(SignatureFactory, signed_by=SelfAttribute("..prepared_by"))
    witness_signature = SubFactory(
        SignatureFactory, signed_by=SelfAttribute("..witness"), part=Signature.Part.WITNESS
    )

    @classmethod
    def _create(cls, model_class: type[Preparation], *args: Any, **kwargs: Any) -> Preparation:
        """Insert it with what the database asks of it at commit: an open day, and consent to treatment."""
        premises, on = kwargs["order"].premises, london_date(kwargs["prepared_at"])
        if not ClinicDay.objects.filter(premises=premises, on=on).exists():
            ClinicDay.objects.create(
                premises=premises,
                on=on,
                how=OpenedHow.UNCHECKED,
                reason="A row for one test.",
                signature=SignatureFactory(),
                opened_at=kwargs["prepared_at"],
                opened_by=UserFactory(),
            )
        if not Consent.objects.filter(person=kwargs["patient"], purpose=Purpose.TREATMENT).exists():
            ConsentFactory(person=kwargs["patient"], given_at=NINE - timedelta(days=400))
        made: Preparation = super()._create(model_class, *args, **kwargs)
        return made


class InjectionFactory(DjangoModelFactory[Injection]):
    """180 mg of two 100 mg ampoules, given at nine as they were drawn up, with a guard of three hours after it."""

    class Meta:
        model = Injection

    session = SubFactory(PlannedSessionFactory)
    patient = SelfAttribute("session.patient")
    order = SelfAttribute("session.order")
    premises = SelfAttribute("order.premises")
    protocol = SelfAttribute("order.protocol")
    batch = SubFactory(BatchFactory, line__premises=SelfAttribute("...premises"))
    ampoules = 2
    drawn_mg = 200
    given_mg = 180
    wasted_mg = 20
    allowed_mg = 200
    route = Route.INTRAVENOUS
    site = Site.LEFT_ARM
    started_at = NINE
    ended_at = LazyAttribute(lambda injection: injection.started_at + timedelta(minutes=2))
    given_on = TODAY
    guard = LazyAttribute(
        lambda injection: DateTimeTZRange(injection.started_at, injection.ended_at + timedelta(hours=3))
    )
    giver = SubFactory(UserFactory)
    witness = SubFactory(UserFactory)
    preparation = SubFactory(
        PreparationFactory,
        session=SelfAttribute("..session"),
        patient=SelfAttribute("..patient"),
        order=SelfAttribute("..order"),
        batch=SelfAttribute("..batch"),
        ampoules=SelfAttribute("..ampoules"),
        drawn_mg=SelfAttribute("..drawn_mg"),
        dose_mg=SelfAttribute("..given_mg"),
        wasted_mg=SelfAttribute("..wasted_mg"),
        prepared_by=SelfAttribute("..giver"),
        witness=SelfAttribute("..witness"),
        prepared_at=LazyAttribute(lambda drawn: drawn.factory_parent.started_at - timedelta(minutes=1)),
    )
    giver_signature = SelfAttribute("preparation.preparer_signature")
    witness_signature = SelfAttribute("preparation.witness_signature")


class SessionOutcomeFactory(DjangoModelFactory[SessionOutcome]):
    """A session that was missed, as a nurse recorded it."""

    class Meta:
        model = SessionOutcome

    session = SubFactory(PlannedSessionFactory)
    outcome = Outcome.MISSED
    reason = "unknown"
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class RegisterEntryFactory(DjangoModelFactory[RegisterEntry]):
    """A receipt of ten ampoules. The application's own login may not insert it: see `database_as_owner`."""

    class Meta:
        model = RegisterEntry

    line = SubFactory(RegisterLineFactory)
    seq = Sequence(lambda n: n + 1)
    kind = EntryKind.OBTAINED
    ampoules = 10
    balance = 10
    party_name = "Invented Supplier"
    party_address = "2 Invented Street"
    identity_salt = LazyFunction(uuid.uuid4)
    reference = "requisition 1"
    entered_by = SubFactory(UserFactory)
    witness = SubFactory(UserFactory)
    occurred_at = NINE
    recorded_at = NINE
    key = LazyFunction(uuid.uuid4)
    previous_hash = "0" * 64
    hash = "1" * 64


class StockMovementFactory(DjangoModelFactory[StockMovement]):
    class Meta:
        model = StockMovement

    batch = SubFactory(BatchFactory)
    entry = SubFactory(RegisterEntryFactory, line=SelfAttribute("..batch.line"))
    ampoules = 10
    moved_at = NINE
    moved_by = SubFactory(UserFactory)
