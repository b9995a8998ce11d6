"""What of a used pack is not done yet: a line that is not entered, and a dose whose register line waits."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dosing.actions.paper import begin_entry
from dosing.actions.paper_cases import write_waiting_line
from dosing.actions.preparations import PreparationRefused
from dosing.models import ClinicDay, PaperLine
from dosing.queries.closing import get_closing_page
from dosing.queries.handovers import list_handover_facts
from dosing.queries.paper_pages import list_paper_cases
from dosing.queries.visits import get_visit_facts
from dosing.rules.paper import OnLine, PaperEntry, Stands
from dosing.rules.preparations import stands_against
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import LONDON, now
from tests.factories.paper import PaperRoom, a_paper_room
from tests.factories.register import receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    return a_paper_room()


@pytest.fixture
def waiting(paper: PaperRoom) -> PaperLine:
    """51 ampoules are written, and the book has 50."""
    return paper.enter(paper.entry(ampoules=51, wasted_mg=495))


def told(paper: PaperRoom, sign_in) -> list[bool]:
    """Tell whether it stands at the closing of the day, in the handover, in the list, and on the register's page."""
    room, at = paper.room, now()
    closing = get_closing_page(clinic=room.clinic, terminal_id=room.terminal.id, at=at).decision
    facts = list_handover_facts(clinic=room.clinic, session=room.session(), at=at)
    enrol_totp(user=room.cd_lead, secret=None, by=None, at=at)
    page = sign_in(Client(), room.cd_lead).get(reverse("dosing:see_register", args=[room.clinic.code]))
    return [
        any(finding.code == "waiting_lines" for finding in closing),
        any(fact.words == "1 without a register line: see Contested lines" for fact in facts),
        any(case.is_waiting for case in list_paper_cases(clinic=room.clinic)),
        "1 dose on paper has no line here yet" in page.content.decode(),
    ]


class TestALineThatIsNotEntered:
    def bars(self, paper: PaperRoom, at: datetime) -> bool:
        facts = get_visit_facts(patient_id=paper.room.patient.id, visit=None, at=at)
        return "paper_not_entered" in [finding.code for finding in stands_against(facts)]

    def test_bars_the_next_dose_from_the_moment_that_the_pack_is_said_to_be_used(
        self, paper: PaperRoom
    ) -> None:
        room = paper.room
        assert not self.bars(paper, now())  # nobody has said that it was used

        begin_entry(clinic=room.clinic, pack=paper.pack, by=room.nurse, at=now())

        assert self.bars(paper, now())
        if not ClinicDay.objects.exists():
            room.open_day()
        visit = room.checked()
        with pytest.raises(PreparationRefused, match="their line P12-01 is not entered"):
            room.prepare(visit)

    def test_lets_it_go_once_it_is_entered_also_as_empty(self, paper: PaperRoom) -> None:
        begin_entry(clinic=paper.room.clinic, pack=paper.pack, by=paper.room.nurse, at=now())

        paper.enter(PaperEntry(OnLine.NOTHING, paper.room.patient.id))

        assert not self.bars(paper, now())

    def test_bars_until_the_end_of_the_day_after(self, paper: PaperRoom) -> None:
        begin_entry(clinic=paper.room.clinic, pack=paper.pack, by=paper.room.nurse, at=now())
        last = datetime.combine(paper.pack.service_date + timedelta(days=2), time.min, LONDON)

        assert self.bars(paper, last - timedelta(seconds=1))
        assert not self.bars(paper, last)


class TestALineThatWaits:
    def test_is_told_of_until_it_is_written(self, paper: PaperRoom, waiting: PaperLine, sign_in) -> None:
        assert told(paper, sign_in) == [True] * 4
        paper.settle(waiting, Stands.PAPER)
        assert told(paper, sign_in) == [True] * 4  # settled, and still not in the book
        receive(
            paper.room.line,
            5,
            batch_number=paper.room.batch.number,
            expires_on=paper.room.batch.expires_on,
            by=paper.room.cd_lead,
            witness=paper.room.nurse,
            at=now(),
        )

        write_waiting_line(clinic=paper.room.clinic, line_id=waiting.id, by=paper.room.cd_lead, at=now())
        connection.check_constraints()

        assert told(paper, sign_in) == [False] * 4

    def test_is_told_of_no_more_once_it_never_was(
        self, paper: PaperRoom, waiting: PaperLine, sign_in
    ) -> None:
        paper.settle(waiting, Stands.COMPUTER, outcome=Outcome.MISSED, reason=Reason.UNKNOWN)

        assert told(paper, sign_in) == [False] * 4
