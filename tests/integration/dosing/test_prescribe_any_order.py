"""A prescription of every kind of order through its pages: what is read, what is stored, and what its paper says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions.licences import revoke_licence
from dosing.models import Licence, Order, PrescriptionPrint
from dosing.rules.limits import OrderKind, Step
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from tests.factories.order_pages import Desk
from tests.factories.prescription_pages import (
    NOTES,
    open_paper,
    open_prescription,
    send,
    sign_any_order,
    text_of_pdf,
)
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.doctor)


def days_left(order: Order) -> int:
    """Return how many days from tomorrow the order has."""
    return (london_date(order.ends_at - timedelta(microseconds=1)) - london_date(now())).days


def printed(desk: Desk, *notes: str) -> PrescriptionPrint:
    answer = send(desk, open_prescription(desk, acknowledged=[*NOTES, *notes]), "print")
    assert answer.status_code == 302, answer.content.decode()
    return PrescriptionPrint.objects.latest("printed_at")


def paper(desk: Desk, one: PrescriptionPrint) -> str:
    return " ".join(" ".join(text_of_pdf(open_paper(desk, one))).split())


class TestARange:
    def test_is_prescribed_by_its_most_and_says_so(self, room: TreatmentRoom, desk: Desk) -> None:
        order = sign_any_order(room, least_mg=120)

        read = send(desk, open_prescription(desk), "read").content.decode()
        one = printed(desk, "at_most")

        days = days_left(order)
        assert (one.instalment_mg, one.total_mg, one.days) == (400, 400 * days, days)
        text = paper(desk, one)
        for part in (
            "Dose from 120 mg (one hundred and twenty milligrams) to 200 mg (two hundred milligrams), twice a day",
            "Most in one day 500 mg (five hundred milligrams)",
            f"Total quantity at most {400 * days} mg (",
            "Amount of each instalment at most 400 mg (four hundred milligrams)",
            "Each day counts with the most of the range. Less may be given. (Clinical rules 4, 7 and 7.11.)",
        ):
            assert part in text, part
        assert "The total is" in read
        assert "120 to 200 mg, twice a day" in send(desk, open_prescription(desk), "change").content.decode()

    def test_is_printed_only_once_its_note_was_read(self, room: TreatmentRoom, desk: Desk) -> None:
        sign_any_order(room, least_mg=120)

        answer = send(desk, open_prescription(desk), "print")

        assert "Tick that you have read: The total is" in answer.content.decode()
        assert not PrescriptionPrint.objects.exists()


class TestADoseForEachSession:
    def test_is_prescribed_by_the_sum_of_a_day(self, room: TreatmentRoom, desk: Desk) -> None:
        order = sign_any_order(room, slots=(("am", 200), ("pm", 131)))

        one = printed(desk)

        assert (one.instalment_mg, one.total_mg) == (331, 331 * days_left(order))
        text = paper(desk, one)
        assert "morning 200 mg (two hundred milligrams), afternoon 131 mg (one hundred and thirty-one" in text
        assert "Amount of each instalment 331 mg (three hundred and thirty-one milligrams)" in text
        assert "at most" not in text


class TestAPlan:
    PLAN = (Step(day=1, max_mg=180), Step(day=3, max_mg=200), Step(day=4, max_mg=240))

    def test_is_prescribed_in_parts_with_a_table(self, room: TreatmentRoom, desk: Desk) -> None:
        order = sign_any_order(room, kind=OrderKind.TITRATION, dose_mg=240, plan=self.PLAN)

        read = send(desk, open_prescription(desk), "read").content.decode()
        one = printed(desk, "at_most")

        tomorrow, days = london_date(now()) + timedelta(days=1), days_left(order)
        stored = list(one.parts.order_by("first_on").values_list("first_on", "days", "instalment_mg"))
        assert stored == [
            (tomorrow, 1, 360),
            (tomorrow + timedelta(days=1), 1, 400),
            (tomorrow + timedelta(days=2), days - 2, 480),
        ]
        total = 360 + 400 + 480 * (days - 2)
        assert (one.total_mg, one.instalment_mg) == (total, 480)
        text = paper(desk, one)
        for part in (
            "Dose, from day 1 each dose at most 180 mg (one hundred and eighty milligrams)",
            "Dose, from day 4 each dose at most 240 mg (two hundred and forty milligrams)",
            "Doses twice a day, by injection",
            "Day 1 the day of the first dose",
            f"Total quantity at most {total} mg (",
            "Instalments, one every day",
            "360 mg (three hundred and sixty milligrams)",
            "480 mg (four hundred and eighty milligrams)",
            f"3 to {days}",
            "so each day counts with the highest step that it can reach",
        ):
            assert part in text, part
        assert "Instalments, one every day" in read

    def test_says_the_first_dose_its_repeat_and_the_rest(self, room: TreatmentRoom, desk: Desk) -> None:
        first = Step(day=1, max_mg=180, first_mg=90, repeat_mg=45)
        sign_any_order(room, kind=OrderKind.TITRATION, dose_mg=180, plan=(first,), injections_per_session=2)

        text = paper(desk, printed(desk, "at_most"))

        assert (
            "first 90 mg (ninety milligrams), repeated once with 45 mg (forty-five milligrams), then" in text
        )

    def test_is_not_printed_from_a_page_that_its_first_dose_overtook(
        self, room: TreatmentRoom, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sign_any_order(room, kind=OrderKind.TITRATION, dose_mg=240, plan=self.PLAN)
        page = open_prescription(desk, acknowledged=[*NOTES, "at_most"])
        tomorrow = london_date(now()) + timedelta(days=1)
        monkeypatch.setattr("dosing.queries.prescriptions._first_dose_on", lambda order: tomorrow)

        answer = send(desk, page, "print").content.decode()

        assert "The order changed, its plan moved on, or a prescription was printed" in answer


class TestAnOrderOfSeveralDoses:
    @pytest.mark.parametrize(
        ("doses", "said"),
        [
            ({}, "two hundred milligrams"),
            ({"least_mg": 120}, "at most two hundred milligrams"),
            ({"slots": (("am", 200), ("pm", 131))}, "at most two hundred milligrams"),
            (
                {"kind": OrderKind.TITRATION, "plan": (Step(day=1, max_mg=200),)},
                "at most two hundred milligrams",
            ),
        ],
        ids=["one dose", "range", "sessions", "plan"],
    )
    def test_never_shows_its_most_as_its_dose(
        self, room: TreatmentRoom, desk: Desk, doses: dict[str, Any], said: str
    ) -> None:
        sign_any_order(room, **doses)

        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert f'<p class="hat-order__words">{said}, twice a day</p>' in text


class TestARevokedLicence:
    @pytest.fixture
    def lead(self, room: TreatmentRoom):
        return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Noor Aziz")

    def test_prints_nothing_and_opens_no_paper(self, room: TreatmentRoom, desk: Desk, lead) -> None:
        one = printed(desk)
        revoke_licence(
            clinic=room.clinic,
            licence_id=Licence.objects.get(doctor=room.doctor).id,
            reason="Withdrawn by its issuer.",
            by=lead,
            at=now(),
        )

        page = desk.client.get(desk.address("print_prescription")).content.decode()
        again = open_paper(desk, one).content.decode()

        assert "No licence of yours for this drug at these premises is in force." in page
        assert "Order 1 is suspended" in page
        assert "Order 1 is suspended" in again
