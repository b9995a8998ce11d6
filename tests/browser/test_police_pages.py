"""What a manager does about police agreements and files, and a case worker about references: by keyboard, and narrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from outcomes.models import PoliceAgreement, PoliceFile, PoliceReference
from outcomes.rules.police import Basis
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.accounts import AgencyFactory
from tests.factories.police import a_csv, a_reference, an_agreement
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


@pytest.fixture
def manager(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.MANAGER, name="Imran Shah")


@pytest.fixture
def worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis")


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestAPoliceAgreement:
    def test_is_written_down_by_keyboard_alone(
        self, room: TreatmentRoom, manager: User, open_window: Open
    ) -> None:
        force = AgencyFactory(name="Invented Police")
        window = open_window(manager)
        window.go(f"/clinics/{room.clinic.code}/police-agreements/")
        assert "There is no agreement with a police force." in window.text
        window.follow(window.page.get_by_role("link", name="Write down an agreement"))
        assert_fit(window)
        window.press("Save the agreement")
        assert window.summary_heading == "Nothing was saved"
        keyboard = window.page.keyboard
        window.page.get_by_label("With which police force?").select_option(label=force.name)
        window.page.get_by_label("First day").focus()
        for words in ("01/11/2025", "01/11/2035", "To learn whether treatment helps."):
            keyboard.type(words)
            keyboard.press("Tab")
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.type("Consent to sharing (invented).")
        keyboard.press("Tab")
        keyboard.type("Invented names.")
        keyboard.press("Tab")
        keyboard.press("Space")
        keyboard.press("Tab")
        keyboard.press("Space")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        made = PoliceAgreement.objects.get(clinic=room.clinic)
        assert (made.basis, made.importer, made.case_workers_see) == ("consent", "manager", True)
        assert "in force" in window.text
        assert_fit(window)


class TestAPoliceFile:
    def test_is_shown_in_numbers_and_then_stored(
        self, room: TreatmentRoom, manager: User, worker: User, open_window: Open
    ) -> None:
        made = an_agreement(room, by=manager, basis=Basis.LAW, case_workers_see=False)
        a_reference(room, made, by=worker)
        today = london_date(now())
        window = open_window(manager)
        window.go(f"/clinics/{room.clinic.code}/police-agreements/{made.id}/import-police-file/")
        assert_fit(window)
        window.page.get_by_label("First day the file tells of").fill(f"{today - timedelta(days=9):%d/%m/%Y}")
        window.page.get_by_label("Last day the file tells of").fill(f"{today:%d/%m/%Y}")
        data = a_csv(f"QX7TR2,{today},robbery", f"NOBODY1,{today},robbery")
        window.page.get_by_label("The police force’s file").set_input_files(
            files=[{"name": "offences.csv", "mimeType": "text/csv", "buffer": data}]
        )
        window.press("Check the file")
        assert "Nothing is stored yet." in window.text
        assert_fit(window)
        window.press("Store 1 offence")

        assert PoliceFile.objects.get(agreement=made).offences == 1
        assert "1 left out" in window.text
        assert_fit(window)


class TestAReference:
    def test_is_given_by_keyboard_alone(
        self, room: TreatmentRoom, manager: User, worker: User, open_window: Open
    ) -> None:
        made = an_agreement(room, by=manager, basis=Basis.LAW, case_workers_see=False)
        window = open_window(worker)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/recorded-offences/")
        assert_fit(window)
        window.follow(window.page.get_by_role("link", name="Give a reference"))
        assert_fit(window)
        window.page.get_by_label("Reference").focus()
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")

        assert PoliceReference.objects.get(agreement=made).reference in window.text
        assert_fit(window)

    def test_is_taken_back_by_keyboard_alone(
        self, room: TreatmentRoom, manager: User, worker: User, open_window: Open
    ) -> None:
        made = an_agreement(room, by=manager, basis=Basis.LAW, case_workers_see=False)
        a_reference(room, made, by=worker)
        window = open_window(worker)
        window.go(f"/clinics/{room.clinic.code}/people/{room.patient.id}/recorded-offences/")
        window.follow(window.page.get_by_role("link", name="Take this reference back"))
        window.press("Take the reference back")
        assert window.summary_heading == "Nothing was taken back"
        assert_fit(window)
        window.tab_to(window.page.get_by_label("It was given to the wrong person here"))
        window.page.keyboard.press("Space")
        with window.page.expect_navigation():
            window.page.keyboard.press("Enter")

        assert "No reference stands" in window.text
        assert "QX7TR2, taken back on" in window.text
        assert_fit(window)
