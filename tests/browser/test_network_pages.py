"""What a manager of several clinics does: make a group, put a month together, read it on a narrow window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from hat_clinic.accounts.actions import grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from outcomes.actions.networks import freeze_rollup, take_part
from outcomes.models import Network, NetworkClinic
from outcomes.rules.evaluation.fingerprints import hash_of_document
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories import ReportFileFactory, ReportReleaseFactory, ReportRunFactory
from tests.factories.networks import RollupRequestFactory
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
        request = RollupRequestFactory(network=Network.objects.get(), month=month)
        window.go(f"/clinics/{room.clinic.code}/networks/")
        assert "waits for the worker" in window.text

        for member in NetworkClinic.objects.all():
            take_part(request=request.pk, clinic=member.clinic_id, by=manager, at=now())
        freeze_rollup(request=request.pk, by=manager, at=now())

        window.go(f"/clinics/{room.clinic.code}/networks/")
        assert window.accessibility_faults() == []
        window.follow(window.page.get_by_role("link", name=f"{month:%B %Y}"))
        assert "16 of 28" in window.text
        window.page.set_viewport_size(NARROW)
        assert window.overflow == []
        assert window.accessibility_faults() == []
