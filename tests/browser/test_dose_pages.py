"""One dose by the real buttons, from the board to the door: by touch, and without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dosing.models import Injection, Preparation, Reading, Visit
from tests.browser.dose import CHECKED, READ, Hands
from tests.browser.test_terminal_pages import enter, lock, tap_face, tap_pin
from tests.browser.windows import Window
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, an_order

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
LetPass = Callable[..., None]
# A first dose is observed for thirty minutes.
READINGS_AFTER = (2, 3, 5, 10, 10)
# What a connection does that breaks after the server has answered: the nurse sees nothing and presses again.
SEND_BEHIND_THE_PAGE = """
() => {
    const form = document.querySelector("main form");
    const body = new FormData(form, form.querySelector("button[name=went_in]"));
    return fetch(location.href, {method: "POST", body});
}
"""


@pytest.fixture(autouse=True)
def day(room: TreatmentRoom) -> None:
    """Have the day opened by two."""
    room.open_day()


def at_work(room: TreatmentRoom, open_window: Open, **how: bool) -> Hands:
    """Return the hands of the first nurse, who is in at the terminal and looks at the board."""
    window = open_window(at=room, **how)
    enter(window, "Grace Okafor", NURSE_PIN)
    return Hands(window, touch=how.get("touch", False))


def doses_of(room: TreatmentRoom) -> int:
    return Injection.objects.filter(patient=room.patient).count()


class TestADoseByTouch:
    def test_takes_twelve_taps_and_two_pins_and_four_taps_for_each_reading(
        self, room: TreatmentRoom, open_window: Open, let_pass: LetPass
    ) -> None:
        hands = at_work(room, open_window, touch=True)
        page = hands.window.page

        hands.open_person(room)
        assert hands.window.heading == "Who is this?"
        hands.identify(room)
        page.get_by_role("heading", name="Still needed").wait_for()
        hands.answer()
        page.get_by_role("heading", name="Nothing stands in the way").wait_for()
        hands.decide()
        assert "fifteen milligrams" in hands.window.text
        hands.sign()
        hands.inject()
        page.get_by_role("timer").first.wait_for()
        for_the_dose = hands.taps
        for minutes in READINGS_AFTER:
            let_pass(minutes=minutes)
            page.reload()
            hands.read()
            assert "Saved:" in hands.window.text
        for_the_readings = hands.taps - for_the_dose
        hands.let_go()

        assert hands.window.path.endswith("/board/")
        left = page.locator("section[aria-labelledby=column-left]")
        assert room.patient.full_name in left.inner_text()
        assert (for_the_dose, hands.taps - for_the_readings, hands.digits) == (11, 12, 12)
        assert for_the_readings == 4 * len(READINGS_AFTER)
        injection = Injection.objects.get(patient=room.patient)
        assert (injection.given_mg, injection.site) == (15, "left_arm")
        assert Visit.objects.get(patient=room.patient).state == "released"
        assert list(
            Reading.objects.order_by("taken_at")
            .filter(session__patient=room.patient)
            .values_list("minute", flat=True)
        ) == [2, 5, 10, 20, 30]

    def test_is_injected_where_the_body_was_tapped(self, room: TreatmentRoom, open_window: Open) -> None:
        hands = at_work(room, open_window, touch=True)
        hands.go_to_preparation(room)
        hands.sign()

        hands.tap(hands.window.page.locator("[data-hat-site=right_arm]"))

        assert hands.window.page.locator("#site-right_arm").is_checked()
        assert "Started" in hands.window.text
        hands.tap_on(hands.button("All 15 mg in, syringe back"))
        assert Injection.objects.get(patient=room.patient).site == "right_arm"


class TestADoseOnce:
    def test_is_prepared_once_when_the_button_is_pressed_twice(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        hands = at_work(room, open_window)
        hands.go_to_preparation(room)
        page = hands.window.page
        page.locator("#id_witness_pin").fill(SECOND_PIN)
        page.locator("#id_preparer_pin").evaluate("(pin, digits) => { pin.value = digits; }", NURSE_PIN)
        page.get_by_role("button", name="Both saw it").dblclick(no_wait_after=True)

        page.get_by_role("heading", name="Where? Tap the body or the list").wait_for()
        assert Preparation.objects.filter(patient=room.patient).count() == 1

    def test_is_injected_once_when_the_page_is_sent_twice(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        hands = at_work(room, open_window)
        hands.go_to_preparation(room)
        hands.sign()
        hands.tap(hands.key("site", "left_arm"))
        hands.window.page.evaluate(SEND_BEHIND_THE_PAGE)
        assert doses_of(room) == 1

        hands.tap_on(hands.button("All 15 mg in, syringe back"))

        hands.window.page.get_by_role("heading", name="being observed").wait_for(state="attached")
        assert doses_of(room) == 1

    def test_is_not_offered_again_by_the_back_button(self, room: TreatmentRoom, open_window: Open) -> None:
        hands = at_work(room, open_window)
        hands.go_to_preparation(room)
        hands.sign()
        hands.inject()

        for _ in range(3):
            hands.window.go_back()
            hands.window.page.wait_for_load_state()
            assert hands.button("Full dose").count() == 0
            assert hands.button("All 15 mg in").count() == 0
        assert doses_of(room) == 1


class TestARefusedDose:
    @pytest.mark.parametrize(
        ("pins", "field"), [(("111222", SECOND_PIN), "preparer_pin"), ((NURSE_PIN, "111222"), "witness_pin")]
    )
    def test_says_whose_pin_was_wrong(
        self, room: TreatmentRoom, open_window: Open, pins: tuple[str, str], field: str
    ) -> None:
        hands = at_work(room, open_window)
        hands.go_to_preparation(room)

        hands.sign(*pins)

        assert hands.window.reasons == [
            "That PIN was not right: 1 try used. After 5 wrong tries you wait 30 seconds. "
            "After 10, sign in with your password and second factor. Nobody else is locked out."
        ]
        hands.window.page.locator(".nhsuk-error-summary a").click()
        assert hands.window.page.evaluate("document.activeElement.name") == field
        assert not Preparation.objects.filter(patient=room.patient).exists()

    def test_says_that_the_order_changed_under_a_page_that_stood_open(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        hands = at_work(room, open_window)
        hands.go_to_preparation(room)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)

        hands.sign()

        assert [reason for reason in hands.window.reasons if "14 mg" in reason]
        assert not Preparation.objects.filter(patient=room.patient).exists()

    def test_says_what_is_still_needed_and_keeps_what_was_tapped(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        hands = at_work(room, open_window)
        hands.go_to_check(room)
        hands.tap(hands.key("sedation", "1"))
        hands.tap(hands.key("breaths", "14"))
        hands.window.page.get_by_role("heading", name="Still needed: oxygen").wait_for()

        hands.tap_on(hands.button("Full dose"))

        assert hands.window.summary_heading == "Nothing was saved"
        assert hands.window.reasons[0] == "Tap the oxygen, or ? if it cannot be measured."
        assert hands.window.page.locator("input[name=breaths][value='14']").is_checked()
        assert Visit.objects.get(patient=room.patient).state == "identified"

    def test_becomes_a_hold_before_anything_is_pressed(self, room: TreatmentRoom, open_window: Open) -> None:
        hands = at_work(room, open_window)
        hands.go_to_check(room)

        hands.answer(oxygen="93")
        hands.decide("Save the check: no dose")

        assert "no dose" in hands.window.text
        assert "Tell the doctor now." in hands.window.text
        assert Visit.objects.get(patient=room.patient).state == "identified"

    def test_of_a_part_is_never_taken_for_the_whole(self, room: TreatmentRoom, open_window: Open) -> None:
        hands = at_work(room, open_window)
        hands.go_to_preparation(room)
        hands.sign()
        page = hands.window.page
        hands.tap(hands.key("site", "left_arm"))
        page.get_by_text("Only part went in…").click()
        page.get_by_label("Milligrams that went in").fill("9")

        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert hands.window.reasons == [
            "You wrote how much went in. Press “Only part: record it”, or empty this field if all of it did."
        ]
        assert doses_of(room) == 0
        hands.tap_on(hands.button("Only part: record it"))
        assert Injection.objects.get(patient=room.patient).given_mg == 9


class TestWithoutScripts:
    def test_a_whole_dose_can_be_recorded(
        self, room: TreatmentRoom, open_window: Open, let_pass: LetPass
    ) -> None:
        window = open_window(at=room, javascript=False)
        hands, page = Hands(window), window.page
        window.go("/terminal/")
        page.get_by_role("radio", name="Grace Okafor").check()
        page.locator("#id_pin").fill(NURSE_PIN)
        window.press("Sign in")
        hands.open_person(room)
        hands.identify(room)
        for name, value in CHECKED.items():
            hands.tap(hands.key(name, value))
        for name in ("no_other_drugs", "oral_as_ordered", "not_intoxicated", "sites_are_well"):
            hands.tap(hands.key(name, "so"))
        hands.decide()
        page.locator("#id_preparer_pin").fill(NURSE_PIN)
        page.locator("#id_witness_pin").fill(SECOND_PIN)
        hands.tap_on(hands.button("Both saw it"))
        hands.inject()
        for minutes in READINGS_AFTER:
            let_pass(minutes=minutes)
            page.reload()
            for name, value in READ.items():
                hands.tap(hands.key(name, value))
            hands.tap_on(hands.button("Save the reading"))
            assert "Saved:" in window.text
        hands.let_go()

        assert Visit.objects.get(patient=room.patient).state == "released"
        assert doses_of(room) == 1

    def test_a_syringe_that_is_not_back_is_said_to_be_missing(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        room.prepare()
        window = open_window(room.nurse, javascript=False)
        hands = Hands(window)
        window.go_to_board(room)
        hands.open_person(room)
        hands.tap(hands.key("site", "left_arm"))
        window.page.get_by_text("Syringe not handed back…").click()

        hands.tap_on(hands.button("All 15 mg in, syringe not back"))

        assert not Injection.objects.get(patient=room.patient).syringe_returned


class TestTheNextNurse:
    def test_sees_nobody_of_the_first_by_the_back_button(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        hands = at_work(room, open_window)
        hands.go_to_check(room)
        hands.tap(hands.key("oxygen", "93"))
        window = hands.window
        lock(window)
        assert room.patient.full_name not in window.page.content()
        window.follow(window.page.get_by_role("link", name="I am somebody else"))
        tap_face(window, "Tom Brennan")
        tap_pin(window, SECOND_PIN)
        window.page.get_by_role("heading", name="Board", exact=True).wait_for(state="attached")

        for _ in range(5):
            window.go_back()
            window.page.wait_for_load_state()
            assert room.patient.full_name not in window.page.content()
            assert "93" not in window.text
