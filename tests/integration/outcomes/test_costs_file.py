"""Files of costs: stored once; what differs from what stands is told, and stored only when it is confirmed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from outcomes.actions.costs import (
    Confirmed,
    CostsFileDiffers,
    CostsFileRefused,
    CostsImported,
    import_costs,
)
from outcomes.models import ProgrammeCost
from outcomes.rules.costs_file import MOST_BYTES, Compared
from outcomes.rules.support import Correction
from tests.factories import ClinicFactory, ImportRunFactory, ProgrammeCostFactory
from tests.integration.outcomes.test_costs import FILE, JANUARY, correct, enter, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic():
    return ClinicFactory(opened_on=date(2025, 1, 15))


@pytest.fixture
def manager(clinic, make_member) -> User:
    return make_member(clinic, Role.MANAGER, "manager")


def bring_in(clinic, by: User, data: bytes = FILE, confirmed: Confirmed | None = None) -> CostsImported:
    return import_costs(clinic=clinic, data=data, confirmed=confirmed, by=by, at=now())


def differing(clinic, by: User, data: bytes = FILE, confirmed: Confirmed | None = None) -> Compared:
    with pytest.raises(CostsFileDiffers) as caught:
        bring_in(clinic, by, data, confirmed)
    return caught.value.compared


class TestAFile:
    def test_is_stored_once_and_counted(self, clinic, manager):
        answers = [bring_in(clinic, manager) for _ in range(2)]

        assert [(done.lines, done.already_there) for done in answers] == [(2, 0), (2, 2)]
        assert standing(clinic) == [("drug", 0), ("staff", 1050)]

    def test_is_stored_once_and_never_undoes_a_correction(self, clinic, manager):
        bring_in(clinic, manager)
        correct(clinic, ProgrammeCost.objects.get(category="staff"), by=manager)

        (one,) = differing(clinic, manager).different

        assert (one.said.month, one.said.payer, one.category, one.was, one.said.pounds) == (
            JANUARY,
            "Council",
            "Staff",
            "£0.07",
            "£10.50",
        )
        assert standing(clinic) == [("drug", 0), ("staff", 7)]

    def test_that_differs_is_stored_whole_once_it_is_confirmed(self, clinic, manager):
        (first,) = enter(clinic, manager, {"staff": 5})
        compared = differing(clinic, manager)
        assert len(compared.new) == 1
        refused = AuditEvent.objects.get(event="outcomes.costs_imported", outcome="refused")
        assert refused.detail["differences"] == 1
        why = Confirmed(key=compared.key, why=Correction.LEARNED_LATER)

        answers = [bring_in(clinic, manager, confirmed=why) for _ in range(2)]

        assert [(done.already_there, done.corrected) for done in answers] == [(0, 1), (2, 0)]
        assert standing(clinic) == [("drug", 0), ("staff", 1050)]
        row = ProgrammeCost.objects.get(amends=first)
        assert (row.correction, row.recorded_by) == ("learned_later", manager)

    def test_brings_a_struck_line_back_when_it_is_confirmed(self, clinic, manager):
        bring_in(clinic, manager)
        struck = correct(
            clinic,
            ProgrammeCost.objects.get(category="staff"),
            by=manager,
            correction=Correction.ENTERED_TWICE,
        )

        compared = differing(clinic, manager)
        assert compared.different[0].was == "struck out: counts for nothing"
        bring_in(clinic, manager, confirmed=Confirmed(key=compared.key, why=Correction.WRONG_KEY))

        assert standing(clinic) == [("drug", 0), ("staff", 1050)]
        assert ProgrammeCost.objects.get(amends=struck).amount_pence == 1050

    def test_is_compared_with_what_was_entered_again_after_a_line_was_struck(self, clinic, manager):
        (row,) = enter(clinic, manager, {"staff": 5})
        correct(clinic, row, by=manager, correction=Correction.ENTERED_TWICE)
        (again,) = enter(clinic, manager, {"staff": 9})

        compared = differing(clinic, manager)
        assert compared.different[0].was == "£0.09"
        bring_in(clinic, manager, confirmed=Confirmed(key=compared.key, why=Correction.WRONG_KEY))

        assert ProgrammeCost.objects.get(amount_pence=1050).amends == again

    def test_is_confirmed_of_these_differences_and_no_others(self, clinic, manager):
        (row,) = enter(clinic, manager, {"staff": 5})
        seen = Confirmed(key=differing(clinic, manager).key, why=Correction.WRONG_KEY)
        correct(clinic, row, by=manager)

        compared = differing(clinic, manager, confirmed=seen)

        assert compared.different[0].was == "£0.07"
        assert standing(clinic) == [("staff", 7)]

    def test_says_where_two_earlier_lines_stand_unless_one_says_the_same(self, clinic, manager):
        run = ImportRunFactory(clinic=clinic)
        nobody = dict.fromkeys(["key", "recorded_by", "recorded_at"])
        for pence in (1050, 7):
            ProgrammeCostFactory(
                clinic=clinic,
                month=JANUARY,
                payer="Council",
                category="staff",
                amount_pence=pence,
                import_run=run,
                **nobody,
            )
        assert bring_in(clinic, manager).already_there == 1

        with pytest.raises(CostsFileRefused) as caught:
            bring_in(clinic, manager, FILE.replace(b"10.50", b"11"))

        (problem,) = caught.value.problems
        assert (problem.line, problem.column) == (2, "amount_gbp")
        assert problem.message.startswith("two lines of earlier records stand")

    def test_with_problems_is_refused_whole_with_every_one(self, clinic, manager):
        enter(clinic, manager, {"staff": 5})
        data = FILE.replace(b"10.50", b"9999999999") + b"2999-01,Council,staff,1\n"

        with pytest.raises(CostsFileRefused) as caught:
            bring_in(clinic, manager, data)

        assert [(one.line, one.column) for one in caught.value.problems] == [(2, "amount_gbp"), (4, "month")]
        assert standing(clinic) == [("staff", 5)]
        refused = AuditEvent.objects.get(event="outcomes.costs_imported", outcome="refused")
        assert refused.detail["problems"] == 2


class TestThePage:
    @pytest.fixture
    def client(self, manager, sign_in) -> Client:
        return sign_in(Client(), manager)

    def address(self, clinic) -> str:
        return reverse("outcomes:import_costs", args=[clinic.code])

    def sent(self, client: Client, clinic, data: bytes, **more: str) -> str:
        page = client.get(self.address(clinic)).content.decode()
        content = {**hidden(page), "file": SimpleUploadedFile("costs.csv", data), **more}
        return client.post(self.address(clinic), content, follow=True).content.decode()

    def test_brings_in_a_file_or_says_every_problem(self, client, clinic):
        assert "opened by somebody else" in self.sent(client, clinic, FILE, seal="x")
        assert "larger than 1 MB" in self.sent(client, clinic, b"x" * (MOST_BYTES + 1))
        assert "1 thing to put right" in self.sent(client, clinic, FILE.replace(b"10.50", b"ten"))
        assert not ProgrammeCost.objects.exists()
        assert "2 lines were brought in" in self.sent(client, clinic, FILE)
        assert "2 of this file stood already" in self.sent(client, clinic, FILE)

    def test_tells_each_difference_and_stores_it_with_the_reason(self, client, clinic, manager):
        enter(clinic, manager, {"staff": 5})

        page = self.sent(client, clinic, FILE)

        assert "Nothing is stored yet: 1 line of the file says something else" in page
        told = ["January 2025", "Council", "Staff", "£0.05", "£10.50"]
        assert re.findall(r"<t[hd][^>]*>([^<]+)</t[hd]>", page)[5:10] == told
        assert "1 new line comes in besides" in page
        content = hidden(page)
        assert set(content) == {"seal", "again", "differences"}

        for more, words in (
            ({}, "Tap why the file says something else."),
            ({"why": "wrong_key", "seal": "x"}, "opened by somebody else"),
            ({"why": "wrong_key", "seal": "x"}, "Nothing is stored yet"),
            ({"why": "wrong_key", "again": "!"}, "Choose the file again."),
            ({"why": "wrong_key", "differences": "x"}, "£0.05"),
        ):
            assert words in client.post(self.address(clinic), content | more).content.decode()
        assert standing(clinic) == [("staff", 5)]
        without = client.post(self.address(clinic), content).content.decode()
        assert "£0.05" in without

        done = client.post(self.address(clinic), hidden(without) | {"why": "wrong_key"}, follow=True)

        assert "1 line was brought in. 1 line was corrected." in done.content.decode()
        assert standing(clinic) == [("drug", 0), ("staff", 1050)]


def hidden(page: str) -> dict[str, Any]:
    """Return what a form of the page carries unseen."""
    names = r'name="(seal|again|differences)" value="([^"]+)"'
    return dict(re.findall(names, page))
