"""Oral opioids: ordered and given by the real actions, at a desk and at a terminal, and single rows to try alone."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from factory import LazyAttribute, LazyFunction, RelatedFactory, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.oral import sign_oral_order
from dosing.actions.oral_doses import OralToGive, give_oral
from dosing.actions.orders import SentPage
from dosing.models import NaloxoneOrder, OralDecision, OralDose, OralOrder, OralOrderPeriod
from dosing.queries.oral import as_oral_seen, get_last_oral_orders
from dosing.rules.checks import Sedation
from dosing.rules.oral import OralDraft
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from tests.factories.accounts import PremisesFactory, UserFactory
from tests.factories.dosing import SignatureFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.order_pages import Desk
from tests.factories.orders import ProtocolVersionFactory
from tests.factories.patients import EpisodeFactory
from tests.factories.treatment import NURSE_PIN, TreatmentRoom

BORN = date(1979, 3, 14)


def oral_seen(room: TreatmentRoom) -> str:
    """Return what a page of the person's oral orders is sealed with now."""
    return as_oral_seen(get_last_oral_orders(patient_id=room.patient.id))


def an_oral_order(
    room: TreatmentRoom,
    *,
    by: User | None = None,
    key: uuid.UUID | None = None,
    seen: str | None = None,
    starts_at_once: bool = True,
    notes: frozenset[str] = frozenset({"other_oral_1"}),
    **changes: Any,
) -> OralOrder:
    """Sign an oral order for the room's person: methadone, 40 mg a day from now on, unless told otherwise."""
    at = now()
    content: dict[str, Any] = {
        "drug": "methadone",
        "daily_mg": 40,
        "is_supervised": True,
        "starts_at": at,
        "ends_at": at + timedelta(days=13),
        "basis": "Took 40 mg a day at the last clinic.",
    }
    return sign_oral_order(
        episode=room.episode,
        premises=room.premises,
        draft=OralDraft(**(content | changes)),
        page=SentPage(
            key=key or uuid.uuid4(),
            seen=seen or oral_seen(room),
            acknowledged=notes,
            starts_at_once=starts_at_once,
        ),
        by=by or room.doctor,
        at=at,
    )


def give(
    room: TreatmentRoom,
    order: OralOrder,
    *,
    key: uuid.UUID | None = None,
    by: User | None = None,
    pin: str = NURSE_PIN,
    **changes: Any,
) -> OralDose:
    """Give an oral dose of the room's order at its terminal: all of the day, to somebody awake."""
    content: dict[str, Any] = {
        "order_id": order.id,
        "mg": order.daily_mg,
        "sedation": Sedation.ALERT,
        "breaths": None,
        "born": BORN,
    }
    return give_oral(
        clinic=room.clinic,
        patient_id=room.patient.id,
        dose=OralToGive(**(content | changes)),
        pin=pin,
        key=key or uuid.uuid4(),
        terminal_id=room.terminal.id,
        by=by or room.nurse,
        at=now(),
    )


class OralDesk(Desk):
    """A prescriber at a browser in the office, at the oral medicine of one person."""

    def open_oral(self, **changes: Any) -> dict[str, Any]:
        """Return an oral order filled in on a page that was just opened: methadone, 40 mg a day for 14 days."""
        form = self.client.get(self.address("sign_oral_order")).context["form"]
        last_day = london_date(now()) + timedelta(days=13)
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "premises": str(self.room.premises.pk),
            "drug": "methadone",
            "daily_mg": "40",
            "supervised": "yes",
            "starts": "at_once",
            "ends_on": f"{last_day:%d/%m/%Y}",
            "basis": "Took 40 mg a day at the last clinic.",
        } | changes

    def send(self, name: str, page: dict[str, Any], **more: Any) -> HttpResponse:
        """Send one of the pages."""
        return self.client.post(self.address(name), page | more)

    def open_page(self, name: str, **answers: Any) -> dict[str, Any]:
        """Return one of the other pages, opened and filled in."""
        form = self.client.get(self.address(name)).context["form"]
        return {"key": str(form["key"].value()), "seal": form["seal"].value()} | answers


class OralCup:
    """A nurse at the room's terminal, about to give an oral dose."""

    def __init__(self, client: Client, room: TreatmentRoom) -> None:
        self.client, self.room = client, room
        self.address = reverse("dosing:give_oral", args=[room.clinic.code, room.patient.pk])

    def open(self, ordered: OralOrder, /, **changes: Any) -> dict[str, Any]:
        """Return the page filled in: 40 mg to somebody awake who says the right date."""
        form = self.client.get(self.address).context["form"]
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "order": str(ordered.pk),
            "born": BORN.isoformat(),
            "sedation": "1",
            "mg": "40",
            "pin": NURSE_PIN,
        } | changes

    def send(self, page: dict[str, Any]) -> HttpResponse:
        """Press the button that saves it."""
        return self.client.post(self.address, page)


# --- single rows -------------------------------------------------------------------------------------------


class OralOrderPeriodFactory(DjangoModelFactory[OralOrderPeriod]):
    """The whole time of its order."""

    class Meta:
        model = OralOrderPeriod

    order = SubFactory("tests.factories.oral.OralOrderFactory", period=None)
    patient = SelfAttribute("order.patient")
    drug = SelfAttribute("order.drug")
    during = LazyAttribute(lambda period: DateTimeTZRange(period.order.starts_at, period.order.ends_at))


class OralOrderFactory(DjangoModelFactory[OralOrder]):
    """Methadone, 40 mg a day, signed the evening before, in force for a fortnight."""

    class Meta:
        model = OralOrder
        skip_postgeneration_save = True

    episode = SubFactory(EpisodeFactory)
    patient = SelfAttribute("episode.person")
    premises = SubFactory(PremisesFactory)
    drug = "methadone"
    daily_mg = 40
    is_supervised = True
    starts_at = NINE - timedelta(hours=9)
    ends_at = NINE + timedelta(days=13)
    basis = "Took 40 mg a day at the last clinic."
    protocol = SubFactory(ProtocolVersionFactory)
    signed_by = SubFactory(UserFactory)
    signed_at = LazyAttribute(lambda order: order.starts_at - timedelta(hours=8))
    period = RelatedFactory(OralOrderPeriodFactory, factory_related_name="order")


class OralDecisionFactory(DjangoModelFactory[OralDecision]):
    class Meta:
        model = OralDecision

    order = SubFactory(OralOrderFactory)
    patient = SelfAttribute("order.patient")
    reason = "Seen, and well."
    decided_at = NINE
    decided_by = SubFactory(UserFactory)


class OralDoseFactory(DjangoModelFactory[OralDose]):
    """Forty milligrams at nine."""

    class Meta:
        model = OralDose

    order = SubFactory(OralOrderFactory)
    patient = SelfAttribute("order.patient")
    drug = SelfAttribute("order.drug")
    protocol = SelfAttribute("order.protocol")
    mg = 40
    sedation = Sedation.ALERT
    given_at = NINE
    given_on = TODAY
    supervised_by = SubFactory(UserFactory)
    signature = SubFactory(SignatureFactory, signed_by=SelfAttribute("..supervised_by"))
    key = LazyFunction(uuid.uuid4)


class NaloxoneOrderFactory(DjangoModelFactory[NaloxoneOrder]):
    class Meta:
        model = NaloxoneOrder

    episode = SubFactory(EpisodeFactory)
    patient = SelfAttribute("episode.person")
    dose_ug = 400
    kits = 2
    signed_at = NINE
    signed_by = SubFactory(UserFactory)
