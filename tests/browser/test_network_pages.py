"""What a manager of several clinics does: make a group, put a month together, read it on a narrow window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from hat_clinic.accounts.actions import grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.actions.networks import freeze_rollup, take_part
from outcomes.models import Network, NetworkClinic
from outcomes.rules.evaluation.fingerprints import hash_of_document
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories import ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.networks import (
    NetworkClinicFactory,
    NetworkFactory,
    RollupRequestFactory,
    a_manager_who_reads,
)
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


def a_signed_off_report(clinic, month: date, numerator: int) -> None:
    share = {
        "id": "retention.snapshot",
        "source": "clinic_record",
        "label": "In treatment of all who started",
        "unit": "proportion",
        "numerator": numerator,
        "denominator": 14,
        "value": numerator / 14,
        "interval": None,
    }
    figures = {"indicators": [share]}
    run = ReportRunFactory(
        clinic=clinic, month=month, figures=figures, figures_sha256=hash_of_document(figures)
    )
    ReportFileFactory(run=run, kind="pdf")
    ReportReleaseFactory(run=run)


class TestAGroupOfClinics:
    def test_is_made_put_together_and_read(self, room: TreatmentRoom, open_window: Open) -> None:
        manager = a_member_of_staff(room.clinic, Role.MANAGER, name="Morag Ellis")
        other = a_clinic()
        grant_role(user=manager, clinic=other, role=Role.COMMISSIONER, by=None, at=now())
        month = room.clinic.opened_on.replace(day=1)
        for clinic, numerator in ((room.clinic, 7), (other, 9)):
            a_signed_off_report(clinic, month, numerator)
        window = open_window(manager)
        window.go(f"/clinics/{room.clinic.code}/networks/")
        assert "There is no group that you read." in window.text
        window.follow(window.page.get_by_role("link", name="Make a group"))
        window.press("Make this group")
        assert "Tap what holds the group together." in window.text
        assert window.accessibility_faults() == []
        window.page.get_by_label("Name of the group").fill("Teesside")
        window.page.get_by_label("Funder").check()
        window.page.get_by_label(other.name).check()
        window.press("Make this group")
        network = Network.objects.get(name="Teesside")
        request = RollupRequestFactory(network=network, month=month)
        window.go(f"/clinics/{room.clinic.code}/networks/")
        assert "waits for the worker" in window.text

        for member in NetworkClinic.objects.filter(network=network):
            take_part(request=request.pk, clinic=member.clinic_id, by=manager, at=now())
        freeze_rollup(request=request.pk, by=manager, at=now())

        window.go(f"/clinics/{room.clinic.code}/networks/")
        assert window.accessibility_faults() == []
        window.follow(window.page.get_by_role("link", name=f"{month:%B %Y}"))
        assert "16 of 28" in window.text
        window.page.set_viewport_size(NARROW)
        assert window.overflow == []
        assert window.accessibility_faults() == []

    def test_is_left_by_a_clinic_and_ended(self, room: TreatmentRoom, open_window: Open) -> None:
        others = [a_clinic(), a_clinic()]
        network = NetworkFactory(name="Wearside")
        for clinic in (room.clinic, *others):
            NetworkClinicFactory(network=network, clinic=clinic)
        window = open_window(
            a_manager_who_reads([room.clinic, *others], partial(a_member_of_staff, name="Morag Ellis"))
        )
        window.page.set_viewport_size(NARROW)
        window.go(f"/clinics/{room.clinic.code}/networks/")
        window.follow(window.page.get_by_role("link", name="A clinic leaves Wearside"))
        window.press("Let this clinic leave")
        assert "Tap the clinic that leaves." in window.text
        assert window.accessibility_faults() == []
        assert window.overflow == []
        window.page.locator(f"input[value='{others[0].id}']").check()
        window.page.get_by_label("Its last day in the group").fill(f"{london_date(now()):%d/%m/%Y}")
        window.page.get_by_label("Why does it leave?").fill("It has another funder now")
        window.press("Let this clinic leave")
        assert "Saved: the clinic has left." in window.text

        window.follow(window.page.get_by_role("link", name="End this group"))
        window.press("End this group")
        assert "Write the last day of the group." in window.text
        assert window.accessibility_faults() == []
        assert window.overflow == []
        window.page.get_by_label("Last day of the group").fill(f"{london_date(now()):%d/%m/%Y}")
        window.page.get_by_label("Why does it end?").fill("The contract is over")
        window.press("End this group")
        assert "Saved: the group has ended." in window.text
        assert window.accessibility_faults() == []
        assert window.overflow == []
