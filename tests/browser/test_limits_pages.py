"""The pages of the clinic's limits by the real buttons: drafted, approved with the password afresh, compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import ProtocolDraft, ProtocolVersion
from dosing.queries.protocol import get_protocol_in_force, get_waiting_draft
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.browser.windows import PASSWORD, Window, with_sign_in
from tests.factories.protocol import a_draft, approved_limits
from tests.factories.treatment import TreatmentRoom, a_clinic, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}


@pytest.fixture
def room() -> TreatmentRoom:
    """A clinic whose limits were approved an hour ago: the clock of these tests stands still."""
    return a_treatment_room(at=now() - timedelta(hours=1))


def lead_of(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole")


def go(window: Window, room: TreatmentRoom, page: str = "") -> Window:
    window.go(f"/clinics/{room.clinic.code}/limits/{page}")
    return window


# --- every state of every page -------------------------------------------------------------------------------
def limits_in_force(room: TreatmentRoom, open_window: Open) -> Window:
    window = go(open_window(room.nurse), room)
    assert "In force now: version 1" in window.text
    return window


def limits_with_a_draft_and_a_later_version(room: TreatmentRoom, open_window: Open) -> Window:
    lead, at = lead_of(room), now()
    approved_limits(room.clinic, by=lead, at=at, starts_at=at + timedelta(days=7), order_days_max=21)
    a_draft(
        room.clinic,
        by=room.doctor,
        at=at,
        reason="Two overdoses after the afternoon session in October.",
        daily_block_mg=800,
        observation_minutes=30,
        gap_cap_percent=60,
        single_stop_mg=350,
        oral_delay_minutes=20,
        concentration_mg_per_ml=50,
    )
    window = go(open_window(lead), room)
    assert "waits for approval" in window.text
    return window


def no_limits_at_all(room: TreatmentRoom, open_window: Open) -> Window:
    clinic = a_clinic()
    window = open_window(a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole"))
    window.go(f"/clinics/{clinic.code}/limits/")
    assert "nothing can be signed or given" in window.text
    return window


def worklist_without_limits(room: TreatmentRoom, open_window: Open) -> Window:
    clinic = a_clinic()
    window = open_window(a_member_of_staff(clinic, Role.CLINICAL_LEAD, name="Dr Femi Cole"))
    window.go(f"/clinics/{clinic.code}/worklist/")
    assert "No approved limits: nothing can be signed or given" in window.text
    return window


def one_version(room: TreatmentRoom, open_window: Open) -> Window:
    approved_limits(room.clinic, by=lead_of(room), at=now())
    first = ProtocolVersion.objects.get(clinic=room.clinic, number=1)
    return go(open_window(room.nurse), room, f"{first.id}/")


def two_compared(room: TreatmentRoom, open_window: Open) -> Window:
    approved_limits(room.clinic, by=lead_of(room), at=now(), daily_block_mg=1000, observation_minutes=30)
    first, second = ProtocolVersion.objects.filter(clinic=room.clinic).order_by("number")
    window = go(open_window(room.nurse), room, "compare/")
    window.page.get_by_label("Before").select_option(str(first.id))
    window.page.get_by_label("After").select_option(str(second.id))
    window.press("Compare")
    assert "Looser" in window.text and "Stricter" in window.text
    return window


def nothing_to_compare(room: TreatmentRoom, open_window: Open) -> Window:
    return go(open_window(room.nurse), room, "compare/")


def a_draft_to_write(room: TreatmentRoom, open_window: Open) -> Window:
    return go(open_window(room.doctor), room, "draft/")


def a_draft_that_is_wrong(room: TreatmentRoom, open_window: Open) -> Window:
    window = a_draft_to_write(room, open_window)
    window.page.get_by_label("Never over, one dose", exact=True).fill("1e3")
    window.page.get_by_label("Never over, one day or any 20 hours").fill("1001")
    window.press("Save this draft")
    assert window.summary_heading == "Nothing was saved"
    return window


def an_approval(room: TreatmentRoom, open_window: Open) -> Window:
    lead = lead_of(room)
    a_draft(room.clinic, by=lead, at=now(), daily_block_mg=800, step_percent=40)
    return go(open_window(lead), room, "approve/")


def an_approval_without_ticks(room: TreatmentRoom, open_window: Open) -> Window:
    lead = with_sign_in(lead_of(room))
    a_draft(room.clinic, by=room.doctor, at=now(), daily_block_mg=800)
    window = open_window()
    window.sign_in_by_hand(lead)
    go(window, room, "approve/")
    window.page.get_by_role("checkbox").first.check()
    window.page.get_by_label("The moment I approve").check()
    window.press("Approve these limits")
    assert "Not ticked:" in window.reasons[0]
    return window


def nothing_to_approve(room: TreatmentRoom, open_window: Open) -> Window:
    return go(open_window(lead_of(room)), room, "approve/")


STATES = (
    limits_in_force,
    limits_with_a_draft_and_a_later_version,
    no_limits_at_all,
    worklist_without_limits,
    one_version,
    two_compared,
    nothing_to_compare,
    a_draft_to_write,
    a_draft_that_is_wrong,
    an_approval,
    an_approval_without_ticks,
    nothing_to_approve,
)


class TestEveryPageOfLimits:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, room: TreatmentRoom, open_window: Open, state: Callable[[TreatmentRoom, Open], Window]
    ) -> None:
        window = state(room, open_window)
        assert window.accessibility_faults() == []
        assert window.overflow == []

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)

        assert window.overflow == []
        assert window.accessibility_faults() == []


class TestLimits:
    def test_are_drafted_by_one_and_approved_by_another_with_the_password(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        lead = with_sign_in(lead_of(room))
        writes = go(open_window(room.doctor), room)
        writes.follow(writes.page.get_by_role("link", name="Write a new draft"))
        writes.page.get_by_label("Watched after injecting, at least").fill("30")
        writes.page.get_by_label("Why the limits should change").fill("Two overdoses in October.")
        writes.press("Save this draft")
        assert "Draft 2 waits for approval" in writes.text

        reads = go(open_window(lead), room)
        reads.follow(reads.page.get_by_role("link", name="Read and approve"))
        assert "Two overdoses in October." in reads.text
        for tick in reads.page.get_by_role("checkbox").all():
            tick.check()
        reads.page.get_by_label("The moment I approve").check()
        reads.press("Approve these limits")
        assert reads.heading == "Your password once more"
        reads.page.get_by_label("Password", exact=True).fill(PASSWORD)
        reads.press("Go on")

        assert "Saved: version 2 of the limits is approved, in force from now." in reads.text
        version = get_protocol_in_force(clinic_id=room.clinic.id, at=now())
        assert version is not None
        assert (version.observation_minutes, version.approved_by) == (30, lead)

    def test_are_approved_by_keyboard_alone(self, room: TreatmentRoom, open_window: Open) -> None:
        lead = with_sign_in(lead_of(room))
        a_draft(room.clinic, by=room.doctor, at=now())
        window = open_window()
        window.sign_in_by_hand(lead)
        go(window, room, "approve/")
        page, keys = window.page, window.page.keyboard
        for tick in page.get_by_role("checkbox").all():
            window.tab_to(tick)
            keys.press("Space")
        window.tab_to(page.locator("#id_starts_0"))
        keys.press("Space")
        window.tab_to(page.get_by_role("button", name="Approve these limits"))
        keys.press("Enter")
        page.get_by_text("Saved: version 2 of the limits is approved").wait_for()

    def test_are_drafted_without_javascript_and_nothing_typed_is_lost(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = go(open_window(room.doctor, javascript=False), room, "draft/")
        field = window.page.get_by_label("An order runs, at most")
        field.fill("21 days")
        window.page.get_by_label("Why the limits should change").fill("Shorter orders.")
        window.press("Save this draft")
        assert field.input_value() == "21 days"

        field.fill("21")
        window.press("Save this draft")

        draft = get_waiting_draft(clinic_id=room.clinic.id)
        assert draft is not None and draft.order_days_max == 21
        assert ProtocolDraft.objects.filter(clinic=room.clinic).count() == 2
