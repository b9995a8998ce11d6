"""A person is referred, looked at and accepted, by pressing real buttons; every page in every state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from patients.models import Episode
from referrals.actions import accept_referral, decline_referral, plan_assessment
from referrals.models import Referral
from referrals.rules.deciding import DeclineReason
from tests.browser.windows import Window
from tests.factories.referrals import WRITTEN, a_referral
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def referrer(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.REFERRER, name="Rowan Ashdown-Featherstone")


@pytest.fixture
def other_referrer(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.REFERRER, name="Ash Carter")


def at(room: TreatmentRoom, path: str = "") -> str:
    return f"/clinics/{room.clinic.code}/{path}"


def choose(window: Window, question: str, answer: str) -> None:
    window.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def fill_in(window: Window) -> None:
    page = window.page
    page.get_by_label("Given names").fill("Robin")
    page.get_by_label("Family name").fill("Dale")
    page.get_by_label("Date of birth").fill("04/05/1986")
    choose(window, "Sex", "Do not know")
    choose(window, "Have they an address?", "No fixed abode")
    for number in range(page.locator(".hat-answer--row").count()):
        page.locator(".hat-answer--row").nth(number).get_by_label("Do not know", exact=True).check()
    choose(window, "Does the person know, and agree?", "Yes, they agree")


class TestAReferral:
    def test_goes_from_the_agency_to_a_place(
        self, room: TreatmentRoom, open_window: Open, referrer: User
    ) -> None:
        agency = open_window(referrer)
        agency.go("/")
        assert "No referral of yours is open." in agency.text
        agency.follow(agency.page.get_by_role("link", name="Refer a person"))
        fill_in(agency)
        agency.press("Send this referral")
        assert "Sent: the clinic has your referral." in agency.text
        assert "Now: received." in agency.text
        assert "Robin" not in agency.text

        clinic = open_window(room.doctor)
        clinic.go(at(room, "referrals/"))
        clinic.follow(clinic.page.get_by_role("link", name="Robin Dale"))
        clinic.follow(clinic.page.get_by_role("link", name="Accept Robin Dale…"))
        clinic.page.get_by_label("Assessed on").fill(f"{london_date(now()):%d/%m/%Y}")
        clinic.press("Accept Robin Dale")
        assert "Saved: Robin Dale is accepted and has a place." in clinic.text
        assert clinic.heading.startswith("Robin Dale")
        clinic.go(at(room, "referrals/"))
        assert "Nobody is waiting." in clinic.text

        agency.page.reload()
        assert "Now: accepted." in agency.text
        assert Episode.objects.filter(clinic=room.clinic).count() == 2

    def test_is_written_without_javascript_and_keeps_what_was_typed(
        self, room: TreatmentRoom, open_window: Open, referrer: User
    ) -> None:
        window = open_window(referrer, javascript=False)
        window.go(at(room, "own-referrals/refer-person/"))
        fill_in(window)
        window.page.get_by_label("Date of birth").fill("31/02/1986")
        window.press("Send this referral")
        assert window.reasons == [
            "There is no such day. Write the date of birth as day/month/year, such as 14/03/1979."
        ]
        assert window.page.get_by_label("Given names").input_value() == "Robin"

        window.page.get_by_label("Date of birth").fill("04/05/1986")
        window.press("Send this referral")
        assert Referral.objects.filter(clinic=room.clinic, key__isnull=False).count() == 1

    def test_unfolds_a_treatment_only_where_it_was_tried(
        self, room: TreatmentRoom, open_window: Open, referrer: User
    ) -> None:
        window = open_window(referrer)
        window.go(at(room, "own-referrals/refer-person/"))
        year = window.page.locator("#id_tried_methadone_until")
        assert not year.is_visible()

        choose(window, "Methadone: tried?", "Yes")
        assert year.is_visible()
        choose(window, "Methadone: tried?", "No")
        assert not year.is_visible()

    def test_is_answered_by_keyboard_alone(
        self, room: TreatmentRoom, open_window: Open, referrer: User
    ) -> None:
        window = open_window(referrer)
        window.go(at(room, "own-referrals/refer-person/"))
        keyboard = window.page.keyboard
        window.page.get_by_label("Given names").focus()
        for typed in ("Robin", "Dale", "04/05/1986"):
            keyboard.type(typed)
            keyboard.press("Tab")
        keyboard.press("ArrowLeft")  # from the first key round to the last: do not know
        keyboard.press("Tab")
        keyboard.press("Tab")
        for key in ("ArrowRight", "Tab", "Tab", "Tab"):  # no fixed abode, past how to reach them and the area
            keyboard.press(key)
        for _ in range(7):
            keyboard.press("ArrowLeft")
            keyboard.press("Tab")
        for _ in range(7):  # past the services, the sentence and the release
            keyboard.press("Tab")
        for _ in range(7):
            keyboard.press("ArrowLeft")
            keyboard.press("Tab")
        keyboard.press("Space")  # they agree
        keyboard.press("Tab")
        keyboard.press("Tab")
        with window.page.expect_navigation():
            keyboard.press("Enter")

        assert "Sent: the clinic has your referral." in window.text

    def test_is_barred_with_its_reason_while_every_place_is_taken(
        self, room: TreatmentRoom, open_window: Open, referrer: User
    ) -> None:
        referral = a_referral(room.clinic, by=referrer)
        type(room.clinic).objects.filter(id=room.clinic.id).update(places=1)
        window = open_window(room.doctor)
        window.go(at(room, f"referrals/{referral.id}/"))

        window.page.get_by_role("button", name="Accept: not now").click()

        assert "The only place is taken." in window.page.evaluate("document.activeElement.innerText")


def empty_agency(room: TreatmentRoom, referrer: User, other: User) -> str:
    return "own-referrals/"


def agency_with_referrals(room: TreatmentRoom, referrer: User, other: User) -> str:
    for _ in range(2):
        a_referral(room.clinic, by=referrer)
    gone = a_referral(room.clinic, by=referrer)
    decline_referral(referral_id=gone.id, reason=DeclineReason.OTHER, by=room.doctor, at=now())
    return "own-referrals/"


def form_of_the_agency(room: TreatmentRoom, referrer: User, other: User) -> str:
    return "own-referrals/refer-person/"


def own_referral(room: TreatmentRoom, referrer: User, other: User) -> str:
    return f"own-referrals/{a_referral(room.clinic, by=referrer).id}/"


def own_referral_to_withdraw(room: TreatmentRoom, referrer: User, other: User) -> str:
    return f"own-referrals/{a_referral(room.clinic, by=referrer).id}/withdraw/"


def empty_clinic(room: TreatmentRoom, referrer: User, other: User) -> str:
    return "referrals/"


def clinic_with_referrals(room: TreatmentRoom, referrer: User, other: User) -> str:
    first = a_referral(room.clinic, by=referrer, person=WRITTEN)
    a_referral(room.clinic, by=other, person=WRITTEN)
    plan_assessment(referral_id=first.id, due_on=london_date(now()), by=room.doctor, at=now())
    Referral.objects.filter(id=first.id).update(
        referred_on=first.referred_on - timedelta(days=20), first_seen_at=now(), first_seen_by=room.doctor
    )
    for act in (DeclineReason.NOT_SAFE, None):
        decided = a_referral(room.clinic, by=other)
        if act is None:
            accept_referral(referral=decided, assessed_on=decided.referred_on, by=room.doctor, at=now())
        else:
            decline_referral(referral_id=decided.id, reason=act, by=room.doctor, at=now())
    return "referrals/"


def one_referral(room: TreatmentRoom, referrer: User, other: User) -> str:
    a_referral(room.clinic, by=other, person=WRITTEN)
    return f"referrals/{a_referral(room.clinic, by=referrer, person=WRITTEN).id}/"


def one_referral_barred(room: TreatmentRoom, referrer: User, other: User) -> str:
    type(room.clinic).objects.filter(id=room.clinic.id).update(places=1)
    return one_referral(room, referrer, other)


def one_referral_to_accept(room: TreatmentRoom, referrer: User, other: User) -> str:
    return f"{one_referral(room, referrer, other)}accept/"


def one_referral_to_decline(room: TreatmentRoom, referrer: User, other: User) -> str:
    return f"{one_referral(room, referrer, other)}decline/"


def one_referral_to_plan(room: TreatmentRoom, referrer: User, other: User) -> str:
    return f"{one_referral(room, referrer, other)}plan-assessment/"


STATES = (
    empty_agency,
    agency_with_referrals,
    form_of_the_agency,
    own_referral,
    own_referral_to_withdraw,
    empty_clinic,
    clinic_with_referrals,
    one_referral,
    one_referral_barred,
    one_referral_to_accept,
    one_referral_to_decline,
    one_referral_to_plan,
)


class TestEveryStateOfTheReferrals:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self,
        room: TreatmentRoom,
        open_window: Open,
        referrer: User,
        other_referrer: User,
        state: Callable[[TreatmentRoom, User, User], str],
    ) -> None:
        path = state(room, referrer, other_referrer)
        window = open_window(referrer if path.startswith("own-") else room.doctor)
        window.go(at(room, path))
        assert (window.overflow, window.accessibility_faults()) == ([], [])

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)
        assert (window.overflow, window.accessibility_faults()) == ([], [])

    def test_has_none_with_every_mistake_shown(
        self, room: TreatmentRoom, open_window: Open, referrer: User
    ) -> None:
        window = open_window(referrer)
        window.go(at(room, "own-referrals/refer-person/"))
        window.page.get_by_label("Where we reach you").fill("")
        window.press("Send this referral")
        assert window.summary_heading == "Nothing was sent yet"
        assert "Write the given names." in window.reasons
        assert window.accessibility_faults() == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)
        assert (window.overflow, window.accessibility_faults()) == ([], [])
