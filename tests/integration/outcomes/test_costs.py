"""What the programme cost: what the actions store and refuse, what the table refuses, and the pages."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.costs import (
    CostAmended,
    CostKeyReused,
    CostsRefused,
    amend_cost,
    record_costs,
)
from outcomes.models import ProgrammeCost
from outcomes.queries.costs import get_costs_page, list_months_of_costs, standing_costs
from outcomes.rules.costs import CostSaid
from outcomes.rules.support import Correction
from tests.factories import ClinicFactory, ImportRunFactory, ProgrammeCostFactory
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
JANUARY = date(2025, 1, 1)
FILE = b"month,payer,category,amount_gbp\n2025-01,Council,staff,10.50\n2025-02,Council,drug,0\n"


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 15))


@pytest.fixture
def manager(clinic, make_member) -> User:
    return make_member(clinic, Role.MANAGER, "manager")


def enter(clinic, by: User, pence: dict[str, int], **more: Any) -> tuple[ProgrammeCost, ...]:
    given: dict[str, Any] = {"month": JANUARY, "payer": "Council", "key": uuid.uuid4(), **more}
    return record_costs(clinic=clinic, pence=pence, by=by, at=now(), **given)


def correct(clinic, cost: ProgrammeCost, *, by: User, **more: Any) -> ProgrammeCost:
    given: dict[str, Any] = {
        "said": CostSaid(month=JANUARY, payer="Council", category="staff", pence=7),
        "correction": Correction.WRONG_KEY,
        "key": uuid.uuid4(),
        **more,
    }
    return amend_cost(clinic=clinic, cost=cost.id, by=by, at=now(), **given)


def standing(clinic) -> list[tuple[str, int]]:
    return sorted(standing_costs(clinic).values_list("category", "amount_pence"))


class TestEntering:
    def test_stores_a_line_for_each_amount_and_none_for_what_is_empty(self, clinic, manager):
        enter(clinic, manager, {"staff": 1000, "drug": 0})

        assert standing(clinic) == [("drug", 0), ("staff", 1000)]
        event = AuditEvent.objects.get(event="outcomes.costs_recorded")
        assert (event.actor, event.detail["month"], len(event.detail["lines"])) == (manager, "2025-01", 2)

    def test_stores_the_same_key_once_and_refuses_it_with_other_content(self, clinic, manager):
        key = uuid.uuid4()

        first, again = (enter(clinic, manager, {"staff": 5}, key=key) for _ in range(2))

        assert first == again
        for pence in ({"staff": 6}, {"drug": 5}, {"staff": 5, "drug": 1}):
            with pytest.raises(CostKeyReused):
                enter(clinic, manager, pence, key=key)
        assert standing(clinic) == [("staff", 5)]

    def test_stores_all_or_none_and_tells_the_trail(self, clinic, manager):
        enter(clinic, manager, {"staff": 5})

        with pytest.raises(CostsRefused, match="already"):
            enter(clinic, manager, {"drug": 1, "staff": 6}, payer="COUNCIL")

        assert standing(clinic) == [("staff", 5)]
        refused = AuditEvent.objects.get(event="outcomes.costs_recorded", outcome="refused")
        assert refused.detail["codes"] == ["cost_known"]

    def test_refuses_a_form_without_an_amount(self, clinic, manager):
        with pytest.raises(CostsRefused, match="at least one amount"):
            enter(clinic, manager, {})


class TestCorrecting:
    def test_keeps_both_rows_and_counts_the_newer(self, clinic, manager):
        (first,) = enter(clinic, manager, {"staff": 5})
        key = uuid.uuid4()

        rows = [correct(clinic, first, by=manager, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        assert standing(clinic) == [("staff", 7)]
        assert ProgrammeCost.objects.count() == 2
        with pytest.raises(CostKeyReused):
            correct(clinic, first, by=manager, key=key, correction=Correction.LEARNED_LATER)
        with pytest.raises(CostAmended):
            correct(clinic, first, by=manager)

    def test_that_strikes_out_frees_the_place(self, clinic, manager):
        (first,) = enter(clinic, manager, {"staff": 5})

        correct(clinic, first, by=manager, correction=Correction.ENTERED_TWICE)
        assert standing(clinic) == []
        enter(clinic, manager, {"staff": 9})

        assert standing(clinic) == [("staff", 9)]

    def test_is_refused_onto_another_line_and_told_to_the_trail(self, clinic, manager):
        enter(clinic, manager, {"staff": 5})
        (drug,) = enter(clinic, manager, {"drug": 5})

        with pytest.raises(CostsRefused):
            correct(clinic, drug, by=manager)

        assert AuditEvent.objects.get(event="outcomes.cost_amended", outcome="refused")


class TestTheTable:
    def test_holds_one_row_per_key(self):
        first = ProgrammeCostFactory()

        with refused_by("one_cost_per_key"):
            ProgrammeCostFactory(key=first.key)

    def test_asks_who_entered_it_unless_it_was_imported(self, clinic):
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        run = ImportRunFactory(clinic=clinic)
        for _ in range(2):
            ProgrammeCostFactory(clinic=clinic, import_run=run, **nobody)

        with refused_by("cost_is_recorded_by_a_person_or_imported"):
            ProgrammeCostFactory(recorded_by=None)

    def test_asks_why_a_line_is_written_again(self):
        first = ProgrammeCostFactory()

        with refused_by("cost_correction_has_its_reason"):
            ProgrammeCostFactory(clinic=first.clinic, month=first.month, amends=first)

    def test_takes_a_correction_of_the_same_month_and_clinic_alone(self):
        first = ProgrammeCostFactory()

        with refused_by("cost_correction_is_of_the_same_month"):
            ProgrammeCostFactory(month=first.month, amends=first, correction="wrong_key")

    def test_holds_one_line_of_a_month_payer_and_category(self):
        first = ProgrammeCostFactory()
        ProgrammeCostFactory(clinic=first.clinic, month=first.month, category="drug")

        with refused_by("one_cost_per_month_payer_and_category"):
            ProgrammeCostFactory(clinic=first.clinic, month=first.month, payer=first.payer.upper())

    @pytest.mark.parametrize("sql", ["UPDATE {} SET amount_pence = 0", "DELETE FROM {}"])
    def test_only_grows(self, sql):
        ProgrammeCostFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format("outcomes_programmecost"))


class TestThePages:
    @pytest.fixture
    def client(self, manager, sign_in) -> Client:
        return sign_in(Client(), manager)

    def url(self, name: str, clinic, *more: Any) -> str:
        return reverse(f"outcomes:{name}", args=[clinic.code, *more])

    def opened(self, client: Client, address: str, **said: Any) -> dict[str, Any]:
        page = client.get(address).content.decode()
        return {**dict(re.findall(r'name="(seal|key)" value="([^"]+)"', page)), **said}

    def test_enter_a_month_and_show_it(self, client, clinic):
        address = self.url("record_costs", clinic, "2025-01")
        content = self.opened(client, address, payer="Council", staff_pounds="1200.50", drug_pounds="0")

        answers = [client.post(address, content, follow=True) for _ in range(2)]

        text = answers[0].content.decode()
        assert "Council, staff: £1,200.50" in text
        assert "Council, medicine: £0" in text
        assert ProgrammeCost.objects.count() == 2
        listed = client.get(self.url("list_costs", clinic)).content.decode()
        assert "£1,200.50" in listed
        assert "not entered" in listed

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"payer": ""}, "Write who paid."),
            ({"staff_pounds": ""}, "Write at least one amount"),
            ({"staff_pounds": "ten"}, "Write pounds in digits"),
            ({"seal": "x"}, "opened by somebody else"),
        ],
    )
    def test_say_what_is_wrong_and_keep_what_was_typed(self, client, clinic, changes, words):
        address = self.url("record_costs", clinic, "2025-01")
        content = self.opened(client, address, payer="Council", staff_pounds="12") | changes

        text = client.post(address, content).content.decode()

        assert words in text
        assert all(f'value="{content[name]}"' in text for name in ("payer", "staff_pounds") if content[name])
        assert not ProgrammeCost.objects.exists()

    def test_say_that_a_form_was_sent_before(self, client, clinic):
        address = self.url("record_costs", clinic, "2025-01")
        content = self.opened(client, address, payer="Council", staff_pounds="12")
        client.post(address, content)

        assert "sent before" in client.post(address, content | {"staff_pounds": "13"}).content.decode()

    def test_know_no_month_to_come_and_none_that_is_none(self, client, clinic):
        for month in ("2999-01", "2025-13", "1899-01"):
            assert client.get(self.url("record_costs", clinic, month)).status_code == 404

    def test_correct_a_line_show_both_and_say_why_not(self, client, clinic, manager):
        (row,) = enter(clinic, manager, {"staff": 500})
        address = self.url("amend_cost", clinic, row.id)
        content = self.opened(
            client, address, correction="wrong_key", payer="Council", category="staff", pounds="6"
        )
        for changes, words in (
            ({"pounds": "  "}, "Write the amount"),
            ({"category": ""}, "Tap for what."),
            ({"correction": ""}, "Tap why it is written again."),
            ({"payer": ""}, "Write who paid."),
        ):
            assert words in client.post(address, content | changes).content.decode()

        text = client.post(address, content, follow=True).content.decode()

        assert "Council, staff: £6" in text
        assert "Before: Council, staff: £5" in text
        again = self.opened(client, address) | {**content, "key": str(uuid.uuid4())}
        assert "corrected meanwhile" in client.post(address, again).content.decode()
        strange = ProgrammeCostFactory()
        assert client.get(self.url("amend_cost", clinic, strange.id)).status_code == 404

    def test_list_months_before_the_opening_and_count_what_stands(self, clinic, manager):
        (row,) = enter(clinic, manager, {"staff": 500})
        correct(clinic, row, by=manager, correction=Correction.ENTERED_TWICE)
        enter(clinic, manager, {"setup": 5}, month=date(2020, 6, 1))

        months = list_months_of_costs(clinic=clinic, today=date(2025, 2, 3))
        page = get_costs_page(clinic=clinic, month=JANUARY)

        assert [one.code for one in months][:2] == ["2025-02", "2025-01"]
        assert [one.code for one in months][-2:] == ["2024-01", "2020-06"]
        assert (months[1].lines, months[-1].total) == (0, "£0.05")
        assert [entry.stands.is_struck for entry in page.entries] == [True]
