"""One dose, by the real buttons: recorded once, and refused in words with nothing lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from dosing.models import Injection
from dosing.queries.orders import lock_dosing_state
from hat_clinic.core.clock import london_date, now
from outcomes.actions.evaluation.build import build_report
from outcomes.rules.evaluation.editions import Edition
from tests.browser.windows import Window, with_sign_in
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, an_order

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
# What a connection does that breaks after the server has answered: the nurse sees nothing and presses again.
SEND_BEHIND_THE_PAGE = """
() => fetch(location.href, {method: "POST", body: new FormData(document.querySelector("main form"))})
"""


def doses_of(room: TreatmentRoom) -> int:
    return Injection.objects.filter(patient=room.patient).count()


class TestADose:
    def test_goes_from_sign_in_to_board_register_and_report(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(at=room)
        window.sign_in_by_hand(with_sign_in(room.nurse))
        assert room.patient.full_name in window.page.locator(".hat-tile--due").inner_text()
        window.open_person(room)

        window.fill_dose(witness=room.second_nurse)
        window.record()

        assert f"Saved: the injection of {room.patient.full_name} is recorded." in window.text
        assert "Dose recorded 10:00" in window.page.locator("section[aria-labelledby=left]").inner_text()
        assert "Nobody is due." in window.text
        window.follow(window.page.get_by_role("link", name="Register"))
        line = window.page.locator("tbody tr").first.inner_text()
        assert room.patient.full_name in line
        assert "48" in line
        assert "Grace Okafor / Tom Brennan" in line
        at = now()
        report = build_report(
            clinic=room.clinic.id,
            month=london_date(at).replace(day=1),
            edition=Edition.RESTRICTED,
            by=room.doctor,
            at=at,
        )
        figures = {figure["id"]: figure for figure in report.figures["indicators"]}
        assert figures["attendance.pooled.month"]["numerator"] == 1
        assert figures["flow.started"]["value"] == 1

    def test_is_stored_once_when_the_button_is_pressed_twice(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse)

        window.page.get_by_role("button", name="Record the injection").dblclick()

        window.page.get_by_text("is recorded.").wait_for()
        assert doses_of(room) == 1

    def test_is_answered_as_the_first_time_when_the_page_is_sent_twice(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse)
        window.page.evaluate(SEND_BEHIND_THE_PAGE)
        assert doses_of(room) == 1

        window.record()

        assert "is recorded." in window.text
        assert doses_of(room) == 1

    def test_is_not_offered_again_by_the_back_button(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse)
        window.record()
        window.page.get_by_text("is recorded.").wait_for()

        window.go_back()

        window.page.get_by_text("180 mg given, recorded by Grace Okafor at 10:00.").wait_for()
        assert window.page.locator("#id_given_mg").count() == 0


class TestTwoWindowsAtTheSameMoment:
    def test_store_one_dose_and_tell_the_other_nurse_what_stands(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        first, second = open_window(room.nurse), open_window(room.second_nurse)
        first.open_person(room)
        second.open_person(room)
        first.fill_dose(witness=room.second_nurse)
        second.fill_dose(witness=room.nurse, pins=(SECOND_PIN, NURSE_PIN))

        with transaction.atomic():
            lock_dosing_state(patient_id=room.patient.id)
            for window in (first, second):
                window.page.get_by_role("button", name="Record the injection").click(no_wait_after=True)
            wait_for_both_at_the_lock()
        for window in (first, second):
            window.page.locator(".hat-banner--success, .nhsuk-error-summary").wait_for()

        assert doses_of(room) == 1
        saved, told = sorted((first, second), key=lambda window: len(window.reasons))
        assert "is recorded." in saved.text
        assert told.summary_heading == "Nothing was saved"
        assert "180 mg given, recorded by" in told.reasons[0]


def wait_for_both_at_the_lock() -> None:
    """Give both requests time to come to the person's lock; one and a half seconds, less than they wait."""
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() == (2,):
                return
        time.sleep(0.02)


class TestARefusedDose:
    def test_gives_every_reason_on_top_and_keeps_what_was_typed(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse, mg="500")

        window.record()

        page = window.page
        assert page.title().startswith("Error: ")
        assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary"
        assert page.locator(".nhsuk-error-summary").bounding_box()["y"] < 768 / 2
        assert window.summary_heading == "Nothing was saved"
        assert [reason for reason in window.reasons if "The order is 180 mg" in reason]
        assert [reason for reason in window.reasons if "the day's limit is 400 mg" in reason]
        assert [
            reason for reason in window.reasons if "2 × 100 mg is 200 mg, less than 500 mg given" in reason
        ]
        assert page.get_by_label("Milligrams injected").input_value() == "500"
        assert page.get_by_label("Ampoules opened").input_value() == "2"
        assert page.get_by_label("Left arm").is_checked()
        assert page.get_by_label(room.second_nurse.full_name, exact=True).is_checked()
        assert [field.input_value() for field in window.pin_fields()] == ["", ""]
        assert doses_of(room) == 0

    def test_can_be_put_right_and_sent_again(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse, mg="1800")
        window.record()

        window.page.get_by_label("Milligrams injected").fill("180")
        window.type_pins(NURSE_PIN, SECOND_PIN)
        window.record()

        assert "is recorded." in window.text
        assert doses_of(room) == 1

    def test_says_at_the_fields_what_is_missing(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.nurse)
        window.open_person(room)

        window.record()

        assert window.reasons == [
            "Write the milligrams injected.",
            "Write how many ampoules were opened.",
            "Choose the site.",
            "Choose who witnessed it.",
            "Type your signing PIN.",
            "The witness types their signing PIN.",
        ]
        window.page.get_by_role("link", name="Choose the site.").click()
        assert window.page.evaluate("document.activeElement.name") == "site"

    @pytest.mark.parametrize(
        ("pins", "field"), [(("111222", SECOND_PIN), "giver_pin"), ((NURSE_PIN, "111222"), "witness_pin")]
    )
    def test_says_whose_pin_was_wrong(
        self, room: TreatmentRoom, open_window: Open, pins: tuple[str, str], field: str
    ) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse, pins=pins)

        window.record()

        assert window.reasons == [
            "That PIN was not right: 1 try used. After 5 wrong tries you wait 30 seconds. "
            "After 10, sign in with your password and second factor. Nobody else is locked out."
        ]
        window.page.locator(".nhsuk-error-summary a").click()
        assert window.page.evaluate("document.activeElement.name") == field
        assert doses_of(room) == 0

    def test_says_that_the_order_changed_under_a_page_that_stood_open(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(room.nurse)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=160)

        window.record()

        assert window.reasons == [
            "The order changed: it is 160 mg now. Nothing was saved. Look again before you give.",
        ]
        assert doses_of(room) == 0


class TestWithoutScripts:
    def test_sign_in_and_dose_work(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(at=room, javascript=False)
        window.sign_in_by_hand(with_sign_in(room.nurse))
        window.open_person(room)

        window.fill_dose(witness=room.second_nurse)
        window.record()

        assert "is recorded." in window.text
        assert doses_of(room) == 1

    def test_every_reason_stands_on_top(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(room.nurse, javascript=False)
        window.open_person(room)
        window.fill_dose(witness=room.second_nurse, mg="500")

        window.record()

        assert window.summary_heading == "Nothing was saved"
        assert len(window.reasons) == 4
