"""One line of paper entered by two at once, and a line against the same dose with the computer, on real connections."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import Sum

from dosing.actions.paper_cases import write_waiting_line
from dosing.models import (
    Injection,
    PaperCase,
    PaperLine,
    PatientDay,
    Preparation,
    RegisterEntry,
    SessionOutcome,
)
from dosing.queries.register import verify_register
from dosing.rules.paper import Stands
from dosing.rules.paper_book import waits_for_the_book
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.paper import LEAD_PIN, PaperRoom, a_pack
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, another
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_authorised_once import waste
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_preparation_races import kinds

pytestmark = pytest.mark.race
ROUNDS = int(os.environ.get("HAT_PROVE_N", "5"))


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    made = a_treatment_room(ampoules=40 * ROUNDS, places=5 * ROUNDS)
    made.open_day()
    return made


@pytest.fixture
def lead(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Irina Lead", pin=LEAD_PIN)


@pytest.fixture
def on_paper(room: TreatmentRoom, lead: User, clock: Clock) -> Callable[[int], PaperRoom]:
    """Return a function that gives somebody else of the room whose dose was written on paper twenty minutes ago."""

    def written(number: int) -> PaperRoom:
        here = another(room)
        clock.pass_by(minutes=5)
        given_at = now()
        pack = a_pack(here, made_at=given_at - timedelta(minutes=1), slot=here.session().slot, number=number)
        clock.pass_by(minutes=5)
        return PaperRoom(room=here, lead=lead, pack=pack, given_at=given_at)

    return written


class TestTwoWhoEnterOneLine:
    def test_store_it_once_and_have_the_same_answer(self, on_paper: Callable[[int], PaperRoom]) -> None:
        for number in range(1, ROUNDS + 1):
            paper = on_paper(number)

            answers = at_once(
                lambda paper=paper: paper.enter(),
                lambda paper=paper: paper.enter(by=paper.room.second_nurse),
            )

            assert kinds(answers) == {"PaperLine": 2}, answers
            assert answers[0] == answers[1]
            assert Injection.objects.filter(patient=paper.room.patient).count() == 1
        assert verify_register(paper.room.line.id).ok

    def test_and_say_different_things_leave_one(self, on_paper: Callable[[int], PaperRoom]) -> None:
        for number in range(1, ROUNDS + 1):
            paper = on_paper(number)

            answers = at_once(
                lambda paper=paper: paper.enter(),
                lambda paper=paper: paper.enter(paper.entry(given_mg=14, wasted_mg=6)),
            )

            assert kinds(answers) == {"PaperLine": 1, "PaperRefused": 1}, answers
            assert PaperLine.objects.filter(pack=paper.pack).count() == 1


class TestALineAgainstTheSameDoseWithTheComputer:
    def test_loses_neither_and_agrees_with_the_books(self, on_paper: Callable[[int], PaperRoom]) -> None:
        for number in range(1, ROUNDS + 1):
            paper = on_paper(number)
            drawn = paper.room.prepare()

            entered, live = at_once(
                lambda paper=paper: paper.enter(),
                lambda paper=paper, drawn=drawn: paper.room.inject(drawn),
            )

            assert isinstance(entered, PaperLine), entered
            assert entered.is_contested
            assert PaperCase.objects.filter(line=entered).count() == 1
            # A dose that is held for the paper's is not injected any more: it is wasted.
            assert kinds([live]) in ({"InjectionRecorded": 1}, {"InjectionRefused": 1}), live
            theirs = Injection.objects.filter(patient=paper.room.patient)
            assert theirs.count() == 1 + (kinds([live]) == {"InjectionRecorded": 1})
            if waits_for_the_book(entered.conflicts):
                # The paper came first: its register line waits until the drawn dose has its ending.
                assert kinds([live]) == {"InjectionRefused": 1}
                assert not RegisterEntry.objects.filter(injection__in=theirs).exists()
                waste(paper.room, drawn)
                write_waiting_line(
                    clinic=paper.room.clinic, line_id=entered.id, by=paper.room.cd_lead, at=now()
                )
            assert RegisterEntry.objects.filter(injection__in=theirs).count() == theirs.count()
            given = theirs.aggregate(mg=Sum("given_mg"))["mg"]
            assert PatientDay.objects.get(patient=paper.room.patient).administered_mg == given
            standing = SessionOutcome.objects.filter(session__patient=paper.room.patient, amended_by=None)
            # The clock goes on from round to round: paper and computer may be of two sessions, each ended once.
            sessions = {entered.session_id, Preparation.objects.get(id=drawn).session_id}
            assert sorted(standing.values_list("session_id", flat=True)) == sorted(sessions)
        assert verify_register(paper.room.line.id).ok


class TestTwoLeadsWhoSettleOneLine:
    def test_leave_one_settlement(self, on_paper: Callable[[int], PaperRoom], room: TreatmentRoom) -> None:
        other = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Jonah Lead", pin=LEAD_PIN)
        for number in range(1, ROUNDS + 1):
            paper = on_paper(number)
            line = paper.enter(paper.entry(check=None))

            answers = at_once(
                lambda paper=paper, line=line: paper.settle(line, Stands.PAPER),
                lambda paper=paper, line=line: paper.settle(line, Stands.PAPER, by=other),
            )

            assert kinds(answers) == {"PaperSettlement": 1, "SettlementRefused": 1}, answers
