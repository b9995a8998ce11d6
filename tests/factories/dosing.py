"""Protocols, licences, orders, sessions, stock, and single rows of what actions write together.

Injections, outcomes and register lines are inserted alone only to try one constraint of one table.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory import LazyAttribute, LazyFunction, RelatedFactory, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from dosing.models import (
    Batch,
    Injection,
    Licence,
    Order,
    OrderPeriod,
    PatientDay,
    PlannedSession,
    ProtocolVersion,
    RegisterEntry,
    RegisterLine,
    SessionOutcome,
    Signature,
    StockMovement,
)
from dosing.rules.orders import Product, Route, Site
from dosing.rules.register import EntryKind
from dosing.rules.sessions import Outcome
from hat_clinic.accounts.models import Slot
from tests.factories.accounts import ClinicFactory, PremisesFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import EpisodeFactory


class ProtocolVersionFactory(DjangoModelFactory[ProtocolVersion]):
    class Meta:
        model = ProtocolVersion

    clinic = SubFactory(ClinicFactory)
    number = Sequence(lambda n: n + 1)
    starts_at = NINE - timedelta(days=40)
    approved_by = SubFactory(UserFactory)
    approved_at = NINE - timedelta(days=40)
    single_warn_mg = 300
    single_block_mg = 450
    daily_warn_mg = 600
    daily_block_mg = 900
    interval_block_minutes = 180
    interval_warn_minutes = 240
    order_days_max = 28


class LicenceFactory(DjangoModelFactory[Licence]):
    class Meta:
        model = Licence

    doctor = SubFactory(UserFactory)
    premises = SubFactory(PremisesFactory)
    product = Product.DIAMORPHINE
    starts_at = NINE - timedelta(days=40)
    ends_at = NINE + timedelta(days=325)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE - timedelta(days=40)


class OrderFactory(DjangoModelFactory[Order]):
    """An order of 200 mg twice a day for the person of its episode, in force; `period=None` leaves it out."""

    class Meta:
        model = Order
        skip_postgeneration_save = True

    premises = SubFactory(PremisesFactory)
    episode = SubFactory(EpisodeFactory, clinic=SelfAttribute("..premises.clinic"))
    patient = SelfAttribute("episode.person")
    product = Product.DIAMORPHINE
    routes = LazyAttribute(lambda _: [Route.INTRAVENOUS.value])
    sites = LazyAttribute(lambda _: [Site.LEFT_ARM.value])
    dose_mg = 200
    sessions_per_day = 2
    daily_max_mg = 400
    interval_minutes = 180
    observation_minutes = 20
    signed_at = NINE - timedelta(days=1)
    starts_at = NINE - timedelta(days=1)
    ends_at = NINE + timedelta(days=13)
    basis = "stable on this dose"
    licence = SubFactory(LicenceFactory, premises=SelfAttribute("..premises"))
    protocol = SubFactory(ProtocolVersionFactory, clinic=SelfAttribute("..premises.clinic"))
    signed_by = SelfAttribute("licence.doctor")
    period = RelatedFactory("tests.factories.dosing.OrderPeriodFactory", factory_related_name="order")


class OrderPeriodFactory(DjangoModelFactory[OrderPeriod]):
    class Meta:
        model = OrderPeriod

    order = SubFactory(OrderFactory, period=None)
    patient = SelfAttribute("order.patient")
    product = SelfAttribute("order.product")
    during = LazyAttribute(lambda period: DateTimeTZRange(period.order.starts_at, period.order.ends_at))


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


class InjectionFactory(DjangoModelFactory[Injection]):
    """180 mg of two 100 mg ampoules, given at nine, with a guard of three hours after it."""

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
    giver_signature = SubFactory(SignatureFactory, signed_by=SelfAttribute("..giver"))
    witness_signature = SubFactory(
        SignatureFactory, signed_by=SelfAttribute("..witness"), part=Signature.Part.WITNESS
    )


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
