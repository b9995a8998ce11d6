"""What the tables of clinics and sign-ins refuse, from both sides."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from hat_clinic.accounts.models import Slot
from hat_clinic.accounts.rules import Role
from tests.factories import (
    NINE,
    AgencyFactory,
    ClinicFactory,
    DraftFactory,
    InvitationFactory,
    MembershipFactory,
    PhaseFactory,
    PremisesFactory,
    SessionSlotFactory,
    TerminalEnrolmentFactory,
    TerminalFactory,
    UserFactory,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestUser:
    def test_has_an_address_in_lower_case(self) -> None:
        UserFactory(email="nurse@clinic.example")

        with refused_by("user_email_is_lower_case"):
            UserFactory(email="Nurse@clinic.example")


class TestClinic:
    @pytest.mark.parametrize("code", ["AB", "MBRO", "A23456789012"])
    def test_has_a_code_of_2_to_12_capitals_or_digits(self, code: str) -> None:
        assert ClinicFactory(code=code).pk

    @pytest.mark.parametrize("code", ["A", "mbro", "AB-C", ""])
    def test_has_no_other_code(self, code: str) -> None:
        with refused_by("clinic_code_is_2_to_12_capitals_or_digits"):
            ClinicFactory(code=code)

    def test_has_a_place(self) -> None:
        ClinicFactory(places=1)

        with refused_by("clinic_has_a_place"):
            ClinicFactory(places=0)

    @pytest.mark.parametrize("sessions", [1, 3])
    def test_offers_1_to_3_sessions(self, sessions: int) -> None:
        assert ClinicFactory(sessions_per_day=sessions).pk

    @pytest.mark.parametrize("sessions", [0, 4])
    def test_offers_no_other_number(self, sessions: int) -> None:
        with refused_by("clinic_offers_1_to_3_sessions"):
            ClinicFactory(sessions_per_day=sessions)


class TestSessionSlot:
    def test_is_one_of_a_name_per_clinic(self) -> None:
        morning = SessionSlotFactory(name=Slot.AM)
        SessionSlotFactory(name=Slot.AM)
        SessionSlotFactory(name=Slot.PM, clinic=morning.clinic)

        with refused_by("one_slot_of_a_name_per_clinic"):
            SessionSlotFactory(name=Slot.AM, clinic=morning.clinic)

    def test_opens_before_it_closes(self) -> None:
        SessionSlotFactory(opens_at=time(9, 0), closes_at=time(9, 1))

        with refused_by("slot_opens_before_it_closes"):
            SessionSlotFactory(opens_at=time(9, 0), closes_at=time(9, 0))


class TestPhase:
    def test_may_begin_on_the_day_another_has_ended(self) -> None:
        first = PhaseFactory(during=DateRange(date(2025, 10, 1), date(2026, 1, 1)))

        assert PhaseFactory(clinic=first.clinic, during=DateRange(date(2026, 1, 1), date(2026, 2, 1))).pk

    def test_may_overlap_another_clinics(self) -> None:
        PhaseFactory()

        assert PhaseFactory().pk

    def test_does_not_overlap_another_of_its_clinic(self) -> None:
        first = PhaseFactory(during=DateRange(date(2025, 10, 1), date(2026, 1, 1)))

        with refused_by("phases_of_a_clinic_do_not_overlap"):
            PhaseFactory(clinic=first.clinic, during=DateRange(date(2025, 12, 31), date(2026, 2, 1)))

    @pytest.mark.parametrize(("places", "sessions"), [(1, 1), (15, 3)])
    def test_has_a_place_and_1_to_3_sessions(self, places: int, sessions: int) -> None:
        assert PhaseFactory(places=places, sessions_per_day=sessions).pk

    @pytest.mark.parametrize(("places", "sessions"), [(0, 1), (15, 0), (15, 4)])
    def test_has_no_other_number(self, places: int, sessions: int) -> None:
        with refused_by("phase_offers_1_to_3_sessions"):
            PhaseFactory(places=places, sessions_per_day=sessions)


class TestPremises:
    def test_are_one_of_a_name_per_clinic(self) -> None:
        house = PremisesFactory(name="House")
        PremisesFactory(name="House")
        PremisesFactory(name="Annexe", clinic=house.clinic)

        with refused_by("one_premises_of_a_name_per_clinic"):
            PremisesFactory(name="House", clinic=house.clinic)


class TestMembership:
    def test_stands_once_per_role(self) -> None:
        standing = MembershipFactory(role=Role.NURSE)
        MembershipFactory(user=standing.user, clinic=standing.clinic, role=Role.MANAGER)

        with refused_by("one_standing_membership_per_role"):
            MembershipFactory(user=standing.user, clinic=standing.clinic, role=Role.NURSE)

    def test_may_stand_again_after_it_has_ended(self) -> None:
        ended = MembershipFactory(role=Role.NURSE, ends_at=NINE + timedelta(days=1))

        assert MembershipFactory(user=ended.user, clinic=ended.clinic, role=Role.NURSE).pk

    def test_starts_before_it_ends(self) -> None:
        MembershipFactory(starts_at=NINE, ends_at=NINE)

        with refused_by("membership_starts_before_it_ends"):
            MembershipFactory(starts_at=NINE, ends_at=NINE - timedelta(seconds=1))

    def test_of_a_referrer_names_an_agency(self) -> None:
        MembershipFactory(role=Role.REFERRER, agency=AgencyFactory())

        with refused_by("referrer_has_an_agency_and_nobody_else"):
            MembershipFactory(role=Role.REFERRER)

    def test_of_anybody_else_names_none(self) -> None:
        with refused_by("referrer_has_an_agency_and_nobody_else"):
            MembershipFactory(role=Role.NURSE, agency=AgencyFactory())

    def test_of_an_inspector_ends_within_31_days(self) -> None:
        MembershipFactory(role=Role.INSPECTOR, ends_at=NINE + timedelta(days=31))

        with refused_by("inspector_stays_at_most_31_days"):
            MembershipFactory(role=Role.INSPECTOR, ends_at=NINE + timedelta(days=31, microseconds=1))

    def test_of_an_inspector_ends(self) -> None:
        with refused_by("inspector_stays_at_most_31_days"):
            MembershipFactory(role=Role.INSPECTOR)


class TestTerminal:
    def test_has_a_name_of_its_own_among_those_that_stand(self) -> None:
        first = TerminalFactory(name="Treatment room 1")
        TerminalFactory(name="Treatment room 1")

        with refused_by("one_standing_terminal_of_a_name_per_clinic"):
            TerminalFactory(name="Treatment room 1", clinic=first.clinic)

    def test_may_have_the_name_of_a_retired_one(self) -> None:
        first = TerminalFactory(name="Treatment room 1", retired_at=NINE, retired_by=UserFactory())

        assert TerminalFactory(name="Treatment room 1", clinic=first.clinic).pk

    def test_is_opened_by_somebody_for_a_while(self) -> None:
        TerminalFactory(opened_at=NINE, opened_by=UserFactory(), open_until=NINE + timedelta(hours=12))

        with refused_by("terminal_is_opened_by_somebody"):
            TerminalFactory(opened_at=NINE, open_until=NINE + timedelta(hours=12))
        with refused_by("terminal_is_open_for_a_while"):
            TerminalFactory(opened_at=NINE, opened_by=UserFactory(), open_until=NINE)

    def test_is_retired_by_somebody(self) -> None:
        TerminalFactory(retired_at=NINE, retired_by=UserFactory())

        with refused_by("terminal_is_retired_by_somebody"):
            TerminalFactory(retired_at=NINE)


class TestTerminalEnrolment:
    def test_expires_after_it_is_made(self) -> None:
        TerminalEnrolmentFactory()

        with refused_by("enrolment_expires_after_it_is_made"):
            TerminalEnrolmentFactory(expires_at=NINE)

    def test_is_used_for_a_terminal(self) -> None:
        TerminalEnrolmentFactory(used_at=NINE, terminal=TerminalFactory())

        with refused_by("enrolment_is_used_for_a_terminal"):
            TerminalEnrolmentFactory(used_at=NINE)


class TestDraft:
    def test_is_one_per_person_and_page(self) -> None:
        draft = DraftFactory()
        DraftFactory(path="/other/", user=draft.user)
        DraftFactory(path=draft.path)

        with refused_by("one_draft_per_person_and_page"):
            DraftFactory(path=draft.path, user=draft.user)


class TestInvitation:
    def test_waits_once_for_each_address_and_clinic(self) -> None:
        first = InvitationFactory()
        InvitationFactory(email=first.email)

        with refused_by("one_waiting_invitation_per_address"):
            InvitationFactory(email=first.email, clinic=first.clinic)

    @pytest.mark.parametrize("answer", ["accepted", "withdrawn"])
    def test_may_follow_one_that_is_answered(self, answer: str) -> None:
        first = InvitationFactory(**{f"{answer}_at": NINE, f"{answer}_by": UserFactory()})

        assert InvitationFactory(email=first.email, clinic=first.clinic).pk

    def test_has_an_address_in_lower_case(self) -> None:
        with refused_by("invitation_email_is_lower_case"):
            InvitationFactory(email="Noor@clinic.example")

    def test_names_a_role(self) -> None:
        with refused_by("invitation_names_a_role"):
            InvitationFactory(roles=[])

    def test_of_a_referrer_names_an_agency(self) -> None:
        assert InvitationFactory(roles=["nurse", "referrer"], agency=AgencyFactory()).pk

        with refused_by("invited_referrer_has_an_agency"):
            InvitationFactory(roles=["nurse", "referrer"])
        with refused_by("invited_referrer_has_an_agency"):
            InvitationFactory(agency=AgencyFactory())

    def test_of_an_inspector_has_an_end(self) -> None:
        assert InvitationFactory(roles=["inspector"], roles_end_at=NINE + timedelta(days=7)).pk

        with refused_by("invited_inspector_has_an_end"):
            InvitationFactory(roles=["inspector"])

    @pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=7, microseconds=1)])
    def test_lasts_longer_than_a_moment_and_at_most_7_days(self, lasts: timedelta) -> None:
        assert InvitationFactory(expires_at=NINE + timedelta(microseconds=1)).pk

        with refused_by("invitation_lasts_at_most_7_days"):
            InvitationFactory(expires_at=NINE + lasts)

    def test_that_is_accepted_says_when_and_by_whom(self) -> None:
        with refused_by("invitation_accepted_has_when_and_who"):
            InvitationFactory(accepted_at=NINE)
        with refused_by("invitation_accepted_has_when_and_who"):
            InvitationFactory(accepted_by=UserFactory())

    def test_that_is_withdrawn_says_when_and_by_whom(self) -> None:
        with refused_by("invitation_withdrawn_has_when_and_who"):
            InvitationFactory(withdrawn_at=NINE)
        with refused_by("invitation_withdrawn_has_when_and_who"):
            InvitationFactory(withdrawn_by=UserFactory())

    def test_is_not_both_accepted_and_withdrawn(self) -> None:
        user = UserFactory()

        with refused_by("invitation_is_accepted_or_withdrawn"):
            InvitationFactory(accepted_at=NINE, accepted_by=user, withdrawn_at=NINE, withdrawn_by=user)
