"""Protocols, licences, orders, requests for them, and prescriptions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from factory import LazyAttribute, RelatedFactory, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from dosing.models import (
    Licence,
    LicenceRevocation,
    Order,
    OrderPeriod,
    OrderRequest,
    OrderRequestStanding,
    PrescriptionPart,
    PrescriptionPrint,
    ProtocolDraft,
    ProtocolVersion,
)
from dosing.rules.orders import Product, Route, Site
from dosing.rules.prescriptions import PrescriptionForm
from tests.factories.accounts import ClinicFactory, PremisesFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import EpisodeFactory


class ProtocolDraftFactory(DjangoModelFactory[ProtocolDraft]):
    class Meta:
        model = ProtocolDraft

    clinic = SubFactory(ClinicFactory)
    number = Sequence(lambda n: n + 1)
    reason = "The yearly review of the limits."
    written_by = SubFactory(UserFactory)
    written_at = NINE - timedelta(days=41)
    single_warn_mg = 300
    single_block_mg = 450
    daily_warn_mg = 600
    daily_block_mg = 900
    interval_block_minutes = 180
    interval_warn_minutes = 240
    order_days_max = 28


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


class LicenceRevocationFactory(DjangoModelFactory[LicenceRevocation]):
    class Meta:
        model = LicenceRevocation

    licence = SubFactory(LicenceFactory)
    reason = "Withdrawn by its issuer."
    revoked_by = SubFactory(UserFactory)
    revoked_at = NINE


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
    period = RelatedFactory("tests.factories.orders.OrderPeriodFactory", factory_related_name="order")


class OrderPeriodFactory(DjangoModelFactory[OrderPeriod]):
    class Meta:
        model = OrderPeriod

    order = SubFactory(OrderFactory, period=None)
    patient = SelfAttribute("order.patient")
    product = SelfAttribute("order.product")
    during = LazyAttribute(lambda period: DateTimeTZRange(period.order.starts_at, period.order.ends_at))


class OrderRequestFactory(DjangoModelFactory[OrderRequest]):
    """200 mg twice a day from its signature, as an unlicensed doctor wrote it at nine; it waits.

    `standing=None` leaves out how it stands.
    """

    class Meta:
        model = OrderRequest
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
    ends_at = NINE + timedelta(days=13)
    basis = "stable on this dose"
    hold_criteria = "as the clinic's limits say"
    oral_plan = "none"
    seen = "none"
    protocol = SubFactory(ProtocolVersionFactory, clinic=SelfAttribute("..premises.clinic"))
    written_by = SubFactory(UserFactory)
    written_at = NINE
    standing = RelatedFactory(
        "tests.factories.orders.OrderRequestStandingFactory", factory_related_name="request"
    )


class OrderRequestStandingFactory(DjangoModelFactory[OrderRequestStanding]):
    class Meta:
        model = OrderRequestStanding

    request = SubFactory(OrderRequestFactory, standing=None)
    patient = SelfAttribute("request.patient")
    product = SelfAttribute("request.product")


class PrescriptionPrintFactory(DjangoModelFactory[PrescriptionPrint]):
    """A prescription of 14 days of an order's 400 mg a day, dated today, with the fewest lines on its sheet.

    `part=None` leaves out its one part, which the database asks for at commit.
    """

    class Meta:
        model = PrescriptionPrint
        skip_postgeneration_save = True

    order = SubFactory(OrderFactory)
    number = Sequence(lambda n: n + 1)
    form = PrescriptionForm.FP10MDA
    strength_mg = 100
    wordings = LazyAttribute(lambda _: ["supervise"])
    dated_on = TODAY
    first_on = TODAY
    days = 14
    instalment_mg = 400
    total_mg = LazyAttribute(lambda one: one.instalment_mg * one.days)
    sheet = LazyAttribute(lambda one: {"number": f"1-{one.number}"})
    licence = SelfAttribute("order.licence")
    printed_by = SelfAttribute("order.signed_by")
    printed_at = NINE
    part = RelatedFactory(
        "tests.factories.orders.PrescriptionPartFactory", factory_related_name="prescription"
    )

    @classmethod
    def _generate(cls, strategy: str, params: Any) -> PrescriptionPrint:
        """Insert it together with its part, because the database asks for both at commit."""
        with transaction.atomic():
            made: PrescriptionPrint = super()._generate(strategy, params)
        return made


class PrescriptionPartFactory(DjangoModelFactory[PrescriptionPart]):
    """All instalments of a prescription, in one part."""

    class Meta:
        model = PrescriptionPart

    prescription = SubFactory(PrescriptionPrintFactory, part=None)
    first_on = SelfAttribute("prescription.first_on")
    days = SelfAttribute("prescription.days")
    instalment_mg = SelfAttribute("prescription.instalment_mg")
