"""What the tables of orders that wait for a licensed doctor refuse, from both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dosing.models import OrderRequest, OrderRequestStanding, OrderSlot, OrderStep
from tests.factories import (
    NINE,
    OrderFactory,
    OrderRequestFactory,
    OrderRequestStandingFactory,
    PersonFactory,
    UserFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
ENDS_AT = NINE + timedelta(days=13)


def signed(request: OrderRequest, **changes: Any) -> Any:
    """Return an order as the request says, signed by another doctor at ten past nine."""
    at = NINE + timedelta(minutes=10)
    said = {
        name: getattr(request, name)
        for name in (
            *("patient", "episode", "premises", "product", "routes", "sites", "kind", "dose_mg", "least_mg"),
            *(
                "sessions_per_day",
                "daily_max_mg",
                "interval_minutes",
                "observation_minutes",
                "ends_at",
                "basis",
            ),
            *("high_dose_reason", "gap_cap_percent", "hold_criteria", "oral_plan", "protocol", "written_by"),
        )
    }
    return OrderFactory(**(said | {"starts_at": request.starts_at or at, "signed_at": at} | changes))


def end(request: OrderRequest, status: str, **changes: Any) -> None:
    """End a request as an update of its row."""
    what: dict[str, Any] = {"status": status, "ended_by": UserFactory(), "ended_at": NINE + SECOND}
    OrderRequestStanding.objects.filter(request=request).update(**(what | changes))


class TestAnOrder:
    def test_is_signed_by_another_than_its_author(self) -> None:
        author = UserFactory()
        assert OrderFactory(written_by=author).pk
        assert OrderFactory(written_by=None).pk

        with refused_by("order_is_not_signed_by_its_author"):
            OrderFactory(written_by=author, licence__doctor=author)


class TestARequest:
    @pytest.mark.parametrize(
        "terms",
        [
            {"dose_mg": 1, "daily_max_mg": 1},
            {"dose_mg": 400},
            {"dose_mg": 450, "daily_max_mg": 900, "high_dose_reason": "Long on it."},
            {"daily_max_mg": 1000},
            {"interval_minutes": 180, "observation_minutes": 15},
            {"least_mg": 199},
            {"gap_cap_percent": 75},
        ],
        ids=str,
    )
    def test_may_fill_the_ceilings(self, terms: dict[str, Any]) -> None:
        assert OrderRequestFactory(**terms).pk

    @pytest.mark.parametrize(
        "terms",
        [
            {"dose_mg": 0},
            {"dose_mg": 401, "daily_max_mg": 802},
            {"dose_mg": 451, "daily_max_mg": 902, "high_dose_reason": "Long on it."},
            {"daily_max_mg": 199},
            {"daily_max_mg": 1001},
            {"interval_minutes": 179},
            {"observation_minutes": 14},
            {"least_mg": 200},
            {"least_mg": 0},
            {"gap_cap_percent": 76},
            {"injections_per_session": 0},
            {"injections_per_session": 4},
        ],
        ids=str,
    )
    def test_does_not_pass_them(self, terms: dict[str, Any]) -> None:
        with refused_by("order_request_is_within_the_ceilings"):
            OrderRequestFactory(**terms)

    @pytest.mark.parametrize(
        "times", [{"ends_at": NINE + SECOND}, {"starts_at": NINE, "ends_at": NINE + SECOND}]
    )
    def test_runs_forward(self, times: dict[str, Any]) -> None:
        assert OrderRequestFactory(**times).pk

    @pytest.mark.parametrize(
        "times", [{"ends_at": NINE}, {"starts_at": NINE - SECOND}, {"starts_at": ENDS_AT, "ends_at": ENDS_AT}]
    )
    def test_runs_no_other_way(self, times: dict[str, Any]) -> None:
        with refused_by("order_request_runs_forward_from_its_writing"):
            OrderRequestFactory(**times)

    @pytest.mark.parametrize(
        "missing", [{"routes": []}, {"sites": []}, {"basis": ""}, {"hold_criteria": ""}, {"oral_plan": ""}]
    )
    def test_says_all_that_an_order_says(self, missing: dict[str, Any]) -> None:
        with refused_by("order_request_says_all_that_an_order_says"):
            OrderRequestFactory(**missing)


class TestAnOpenRequest:
    def test_is_the_only_one_of_its_person_and_product(self) -> None:
        first = OrderRequestFactory()

        with refused_by("one_open_order_request_per_patient_and_product"):
            OrderRequestFactory(episode=first.episode)
        end(first, "withdrawn", ended_by=first.written_by, reason="Written wrong.")
        assert OrderRequestFactory(episode=first.episode).pk

    def test_is_of_its_request(self) -> None:
        request = OrderRequestFactory(standing=None)

        with refused_by("order_request_standing_is_of_its_request"):
            OrderRequestStandingFactory(request=request, patient=PersonFactory())

    def test_begins_open(self) -> None:
        request = OrderRequestFactory(standing=None)

        with refused_by("order_request_ends_once"):
            OrderRequestStandingFactory(
                request=request, status="lapsed", ended_by=UserFactory(), ended_at=NINE
            )


class TestTheEndOfARequest:
    def test_comes_once(self) -> None:
        request = OrderRequestFactory()
        end(request, "lapsed")

        for status, changes in (("lapsed", {}), ("open", {"ended_by": None, "ended_at": None})):
            with refused_by("order_request_ends_once"):
                end(request, status, **changes)

    def test_names_who_and_when(self) -> None:
        request = OrderRequestFactory()

        with refused_by("order_request_ended_at_and_by"):
            end(request, "lapsed", ended_at=None)
        with refused_by("order_request_ended_at_and_by"):
            end(request, "lapsed", ended_by=None)

    @pytest.mark.parametrize(("status", "reason"), [("lapsed", "Nobody says that."), ("sent_back", "")])
    def test_says_what_came_of_it(self, status: str, reason: str) -> None:
        request = OrderRequestFactory()

        with refused_by("order_request_end_says_what_came_of_it"):
            end(request, status, reason=reason)

    def test_is_no_order_where_it_was_sent_back(self) -> None:
        request = OrderRequestFactory()

        with refused_by("order_request_end_says_what_came_of_it"):
            end(request, "sent_back", reason="Too high.", order=signed(request))

    def test_is_withdrawn_by_its_author_alone(self) -> None:
        request = OrderRequestFactory()

        with refused_by("order_request_is_answered_by_another"):
            end(request, "withdrawn", reason="Written wrong.")
        end(request, "withdrawn", ended_by=request.written_by, reason="Written wrong.")

    def test_is_sent_back_by_another(self) -> None:
        request = OrderRequestFactory()

        with refused_by("order_request_is_answered_by_another"):
            end(request, "sent_back", ended_by=request.written_by, reason="Too high.")
        end(request, "sent_back", reason="Too high.")

    def test_is_not_signed_by_its_author(self) -> None:
        request = OrderRequestFactory()
        order = signed(request)

        with refused_by("order_request_is_answered_by_another"):
            end(request, "signed", ended_by=request.written_by, order=order)
        end(request, "signed", ended_by=order.signed_by, order=order)


class TestWhatIsSigned:
    @pytest.mark.parametrize(
        "otherwise",
        [
            {"dose_mg": 201, "daily_max_mg": 402},
            {"daily_max_mg": 401},
            {"sessions_per_day": 1},
            {"interval_minutes": 181},
            {"injections_per_session": 2},
            {"observation_minutes": 21},
            {"ends_at": ENDS_AT + SECOND},
            {"starts_at": NINE + timedelta(minutes=11)},
            {"routes": ["im"]},
            {"sites": ["right_arm"]},
            {"basis": "another"},
            {"hold_criteria": "another"},
            {"oral_plan": "methadone"},
            {"high_dose_reason": "another"},
            {"gap_cap_percent": 50},
            {"least_mg": 100},
            {"kind": "titration"},
            {"written_by": None},
        ],
        ids=str,
    )
    def test_is_what_was_written(self, otherwise: dict[str, Any]) -> None:
        request = OrderRequestFactory()
        order = signed(request, **otherwise)

        with refused_by("order_request_is_signed_as_written"):
            end(request, "signed", ended_by=order.signed_by, order=order)

    def test_is_signed_by_who_answers(self) -> None:
        request = OrderRequestFactory()

        with refused_by("order_request_is_signed_as_written"):
            end(request, "signed", order=signed(request))

    def test_starts_when_it_was_to_start(self) -> None:
        request = OrderRequestFactory(starts_at=NINE + timedelta(hours=1))
        order = signed(request)

        end(request, "signed", ended_by=order.signed_by, order=order)

    def test_has_the_steps_and_sessions_that_were_written(self) -> None:
        step = {"day": 1, "max_mg": 200, "first_mg": 15, "repeat_mg": 15}
        later = {"day": 2, "max_mg": 200, "first_mg": None, "repeat_mg": None}
        request = OrderRequestFactory(steps=[step, later], slots=[["pm", 200], ["am", 150]])
        order = signed(request)

        with refused_by("order_request_is_signed_as_written"):
            end(request, "signed", ended_by=order.signed_by, order=order)
        OrderStep.objects.create(order=order, **later)
        OrderStep.objects.create(order=order, **step)
        OrderSlot.objects.create(order=order, slot="am", dose_mg=150)
        with refused_by("order_request_is_signed_as_written"):
            end(request, "signed", ended_by=order.signed_by, order=order)
        OrderSlot.objects.create(order=order, slot="pm", dose_mg=200)
        end(request, "signed", ended_by=order.signed_by, order=order)
