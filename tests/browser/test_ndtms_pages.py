"""The national dataset: the manager loads a code set and makes a file, the case worker reads what is missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import outcomes
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from outcomes.actions.ndtms import load_code_set
from outcomes.models import DatasetExport
from outcomes.rules.ndtms import CodeSetSaid
from tests.browser.sizes import NARROW
from tests.browser.windows import Window
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
EXAMPLE = Path(outcomes.__file__).parent / "data" / "example-code-set.csv"


@pytest.fixture
def manager(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.MANAGER, name="Mona Reyes")


@pytest.fixture
def window(room: TreatmentRoom, manager: User, open_window: Open) -> Window:
    window = open_window(manager)
    window.go(f"/clinics/{room.clinic.code}/dataset/")
    return window


def assert_fit(window: Window) -> None:
    """Axe finds nothing, and nothing runs over the edge, wide or enlarged four times."""
    assert window.accessibility_faults() == []
    window.page.set_viewport_size(NARROW)
    assert window.overflow == []
    assert window.accessibility_faults() == []


class TestTheManager:
    def test_loads_a_code_set_that_nobody_verified_and_makes_a_file(
        self, room: TreatmentRoom, window: Window
    ) -> None:
        assert "No code set is loaded." in window.text
        window.follow(window.page.get_by_role("link", name="Load a code set"))
        window.page.get_by_label("Name of the dataset").fill("Example (invented)")
        window.page.get_by_label("Its version").fill("1")
        window.page.get_by_label("Valid from which day?").fill("01/11/2026")
        window.page.get_by_label("Where does the file come from?").fill("invented")
        window.page.get_by_label("The file", exact=True).set_input_files(EXAMPLE)
        assert_fit(window)
        window.press("Load it")

        assert "not verified" in window.text
        assert "must be loaded before anything is submitted" in window.text
        window.follow(window.page.get_by_role("link", name="Make a file"))
        assert_fit(window)
        with window.page.expect_download() as download:
            window.page.get_by_role("button", name="Make the file").click()

        assert download.value.suggested_filename == "dataset.csv"
        assert DatasetExport.objects.get(clinic=room.clinic).without_consent == 1
        window.go(f"/clinics/{room.clinic.code}/dataset/")
        assert_fit(window)

    def test_is_told_what_is_missing_and_keeps_what_was_typed(self, window: Window) -> None:
        window.follow(window.page.get_by_role("link", name="Load a code set"))
        window.page.get_by_label("Its version").fill("1")

        window.press("Load it")

        assert window.summary_heading == "Nothing was loaded"
        assert window.page.get_by_label("Its version").input_value() == "1"
        assert_fit(window)


class TestTheCaseWorker:
    def test_reads_what_is_missing_of_whom(
        self, room: TreatmentRoom, manager: User, open_window: Open
    ) -> None:
        said = CodeSetSaid(
            dataset="Example (invented)",
            version="1",
            valid_from=date(2026, 11, 1),
            source="invented",
            verified_by="",
        )
        load_code_set(clinic=room.clinic, said=said, content=EXAMPLE.read_bytes(), by=manager, at=now())
        window = open_window(a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Maya Ellis"))
        window.go(f"/clinics/{room.clinic.code}/caseload/")
        window.follow(window.page.get_by_role("link", name="Dataset"))

        assert "Nothing is written down: where they live." in window.text
        assert "No consent to the national dataset stands" in window.text
        assert_fit(window)
