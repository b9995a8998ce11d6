"""The pages of a used paper pack: read, entered at the terminal, settled, told of on the board."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from dosing.actions.paper import begin_entry
from dosing.models import DowntimePack, PaperLine, PaperRun, PaperSettlement, WaitingEntry
from dosing.queries.board import get_board
from dosing.queries.handovers import list_handover_facts
from dosing.rules.handovers import FactKind
from dosing.rules.paper import LineState
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, now
from tests.factories.paper import LEAD_PIN, WHY, PaperRoom, a_paper_room
from tests.factories.stock_visitor import Visitor
from tests.factories.treatment import NURSE_PIN, SECOND_PIN
from tests.pages import seal_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def paper(db: None) -> PaperRoom:
    made = a_paper_room()
    # The page reads times to the minute, on the pack's own day.
    whole = made.given_at.replace(second=0, microsecond=0)
    DowntimePack.objects.filter(id=made.pack.id)
    pack = DowntimePack.objects.create(
        clinic=made.room.clinic,
        number=13,
        service_date=whole.astimezone(LONDON).date(),
        slot=made.pack.slot,
        people=made.pack.people,
        made_at=whole - timedelta(minutes=5),
        made_by=made.room.nurse,
    )
    return PaperRoom(room=made.room, lead=made.lead, pack=pack, given_at=whole)


@pytest.fixture
def nurse(paper: PaperRoom, at_terminal: Any) -> Visitor:
    return at_terminal(paper.room, paper.room.nurse)


@pytest.fixture
def lead(paper: PaperRoom, at_terminal: Any) -> Visitor:
    return at_terminal(paper.room, paper.lead)


def url(paper: PaperRoom, name: str, *more: object) -> str:
    return reverse(f"dosing:{name}", args=[paper.room.clinic.code, *more])


def written(paper: PaperRoom, **changes: object) -> dict[str, object]:
    began = paper.given_at.astimezone(LONDON)
    return {
        "what": "given",
        "given_mg": "15",
        "wasted": "5",
        "ampoules": "2",
        "batch": str(paper.room.batch.id),
        "route": "iv",
        "site": "left_arm",
        "started": f"{began:%H:%M}",
        "finished": f"{began:%H:%M}",
        "giver": str(paper.room.nurse.id),
        "witness": str(paper.room.second_nurse.id),
        "is_identified": "on",
        "sedation": "1",
        "breaths": "14",
        "oxygen": "97",
        "pulse": "72",
        "alcohol": "0",
        "rest": "on",
        "how_left": "still_here",
        "signer": str(paper.room.nurse.id),
        "second": str(paper.room.second_nurse.id),
    } | changes


def enter(paper: PaperRoom, nurse: Visitor, **changes: object) -> Any:
    """Fill the line in, look at what the rules say, and sign."""
    where = url(paper, "enter_paper_line", paper.pack.id, 1)
    page = nurse.client.get(where)
    data = {"seal": page.context["form"]["seal"].value()} | written(paper, **changes)
    shown = nurse.client.post(where, data)
    assert shown.status_code == 200
    assert not PaperLine.objects.exists()
    assert shown.context["decision"] is not None, shown.context["form"].errors
    data["shown"] = shown.context["form"]["shown"].value()
    return nurse.client.post(where, data | {"pin": NURSE_PIN, "second_pin": SECOND_PIN})


class TestThePackThatWasUsed:
    def test_is_found_by_the_number_on_the_paper(self, paper: PaperRoom, nurse: Visitor) -> None:
        answer = nurse.client.get(url(paper, "find_paper"), {"number": "P13"})

        assert answer.url == url(paper, "see_paper", paper.pack.id)

    @pytest.mark.parametrize("number", ["", "99", "x", "१३"])
    def test_is_not_found_by_another(self, paper: PaperRoom, nurse: Visitor, number: str) -> None:
        answer = nurse.client.get(url(paper, "find_paper"), {"number": number}, follow=True)

        assert "There is no pack of that number" in answer.content.decode()

    def test_is_asked_for_on_the_board_and_the_handover_until_it_is_entered(
        self, paper: PaperRoom, nurse: Visitor
    ) -> None:
        assert get_board(clinic=paper.room.clinic, at=now()).unentered == ()

        unsealed = nurse.client.post(url(paper, "begin_paper", paper.pack.id), follow=True)
        assert "opened by somebody else" in unsealed.content.decode()
        assert not PaperRun.objects.exists()
        pack = url(paper, "see_paper", paper.pack.id)
        nurse.client.post(url(paper, "begin_paper", paper.pack.id), {"seal": seal_of(nurse.client.get(pack))})

        assert PaperRun.objects.get().begun_by == paper.room.nurse
        assert get_board(clinic=paper.room.clinic, at=now()).unentered == ("P13: 1 line not entered yet",)
        assert "P13: 1 line not entered yet" in nurse.client.get(url(paper, "see_board")).content.decode()
        facts = list_handover_facts(clinic=paper.room.clinic, session=paper.room.session(), at=now())
        assert [one.words for one in facts if one.kind is FactKind.PAPER] == ["P13: 1 line not entered yet"]

        paper.enter(paper.entry(check=None))

        assert get_board(clinic=paper.room.clinic, at=now()).unentered == ()
        facts = list_handover_facts(clinic=paper.room.clinic, session=paper.room.session(), at=now())
        assert [one.words for one in facts if one.kind is FactKind.PAPER] == [
            "1 contested: the clinical lead settles it"
        ]
        page = nurse.client.get(url(paper, "see_downtime")).content.decode()
        assert "all entered, <strong>1 contested</strong>" in page

    def test_shows_each_line_and_records_the_look(self, paper: PaperRoom, nurse: Visitor) -> None:
        begin_entry(clinic=paper.room.clinic, pack=paper.pack, by=paper.room.nurse, at=now())

        page = nurse.client.get(url(paper, "see_paper", paper.pack.id)).context["page"]

        assert [row.state for row in page.rows] == [LineState.NOT_ENTERED] * 7
        assert (page.rows[0].reference, page.missing) == ("P13-01", 1)
        looks = AuditEvent.objects.filter(event="dosing.paper_seen", person=paper.room.patient.id)
        assert looks.count() == 1

    def test_of_another_clinic_is_not_there(self, paper: PaperRoom, nurse: Visitor) -> None:
        other = a_paper_room()
        for name, more in (("see_paper", ()), ("enter_paper_line", (1,))):
            assert nurse.client.get(url(paper, name, other.pack.id, *more)).status_code == 404
        assert nurse.client.post(url(paper, "begin_paper", other.pack.id)).status_code == 404
        line = other.enter(other.entry(check=None))
        assert nurse.client.get(url(paper, "see_paper_line", line.id)).status_code == 404


class TestALineOnItsPage:
    def test_is_shown_what_the_rules_say_and_then_signed(self, paper: PaperRoom, nurse: Visitor) -> None:
        answer = enter(paper, nurse)

        assert answer.status_code == 302, answer.context["form"].errors
        line = PaperLine.objects.get()
        assert (line.is_contested, line.given_mg, line.started_at) == (False, 15, paper.given_at)

    def test_that_breaks_a_rule_is_shown_it_and_stored_contested(
        self, paper: PaperRoom, nurse: Visitor
    ) -> None:
        enter(paper, nurse, rest="")

        assert PaperLine.objects.get().conflicts == ["no_check"]
        page = nurse.client.get(url(paper, "see_paper_line", PaperLine.objects.get().id)).content.decode()
        assert "The check is not whole on paper." in page

    def test_is_shown_again_where_the_rules_say_something_else_meanwhile(
        self, paper: PaperRoom, nurse: Visitor
    ) -> None:
        where = url(paper, "enter_paper_line", paper.pack.id, 1)
        seal = nurse.client.get(where).context["form"]["seal"].value()
        data = written(paper, seal=seal, shown="over_order", pin=NURSE_PIN, second_pin=SECOND_PIN)

        answer = nurse.client.post(where, data)

        assert not PaperLine.objects.exists()
        assert "What the rules say changed meanwhile" in answer.content.decode()
        assert answer.context["form"]["shown"].value() == "day_not_open"

    def test_with_a_wrong_pin_is_not_saved(self, paper: PaperRoom, nurse: Visitor) -> None:
        where = url(paper, "enter_paper_line", paper.pack.id, 1)
        seal = nurse.client.get(where).context["form"]["seal"].value()
        data = written(paper, seal=seal, shown="day_not_open", pin=NURSE_PIN, second_pin="000000")

        answer = nurse.client.post(where, data)

        assert answer.context["form"].errors["second_pin"]
        assert not PaperLine.objects.exists()

    def test_needs_all_its_parts(self, paper: PaperRoom, nurse: Visitor) -> None:
        where = url(paper, "enter_paper_line", paper.pack.id, 1)
        seal = nurse.client.get(where).context["form"]["seal"].value()

        answer = nurse.client.post(
            where, {"seal": seal, "what": "given", "how_left": "released", "ten_sedation": "1"}
        )

        errors = answer.context["form"].errors
        assert {"given_mg", "wasted", "batch", "started", "giver", "signer", "naloxone", "ten_at"} <= set(
            errors
        )

    def test_of_another_page_is_not_saved(self, paper: PaperRoom, nurse: Visitor) -> None:
        answer = nurse.client.post(
            url(paper, "enter_paper_line", paper.pack.id, 1), written(paper, seal="another")
        )

        assert "opened by somebody else" in answer.content.decode()

    def test_without_a_dose_is_signed_by_one(self, paper: PaperRoom, nurse: Visitor) -> None:
        where = url(paper, "enter_paper_line", paper.pack.id, 1)
        seal = nurse.client.get(where).context["form"]["seal"].value()
        data = {
            "seal": seal,
            "what": "not_given",
            "ended": "missed/unknown",
            "signer": str(paper.room.nurse.id),
        }

        shown = nurse.client.post(where, data).context["form"]["shown"].value()
        nurse.client.post(where, data | {"shown": shown, "pin": NURSE_PIN})

        assert PaperLine.objects.get().ended is not None

    def test_that_is_blank_asks_who_it_is(self, paper: PaperRoom, nurse: Visitor) -> None:
        where = url(paper, "enter_paper_line", paper.pack.id, 2)
        page = nurse.client.get(where)
        data = {
            "seal": page.context["form"]["seal"].value(),
            "what": "not_given",
            "ended": "missed/unknown",
            "signer": str(paper.room.nurse.id),
        }
        assert "patient" in nurse.client.post(where, data).context["form"].errors

        data |= {"patient": str(paper.room.patient.id)}
        shown = nurse.client.post(where, data).context["form"]["shown"].value()
        nurse.client.post(where, data | {"shown": shown, "pin": NURSE_PIN})

        assert PaperLine.objects.get().patient == paper.room.patient

    def test_that_is_entered_leads_to_what_was_entered(self, paper: PaperRoom, nurse: Visitor) -> None:
        line = paper.enter()

        answer = nurse.client.get(url(paper, "enter_paper_line", paper.pack.id, 1))

        assert answer.url == url(paper, "see_paper_line", line.id)

    def test_that_cannot_be_a_reading_is_refused(self, paper: PaperRoom, nurse: Visitor) -> None:
        where = url(paper, "enter_paper_line", paper.pack.id, 1)
        seal = nurse.client.get(where).context["form"]["seal"].value()

        answer = nurse.client.post(where, written(paper, seal=seal, witness=str(paper.room.nurse.id)))

        assert "two people" in answer.content.decode()


class TestTheCase:
    def test_is_listed_and_settled_by_the_lead(self, paper: PaperRoom, lead: Visitor) -> None:
        line = paper.enter(paper.entry(check=None))
        listed = lead.client.get(url(paper, "see_paper_cases")).context["cases"]
        assert [(one.line_id, one.is_settled) for one in listed] == [(line.id, False)]

        where = url(paper, "settle_paper_line", line.id)
        seal = lead.client.get(where).context["form"]["seal"].value()
        answer = lead.client.post(where, {"seal": seal, "stands": "paper", "why": WHY, "pin": LEAD_PIN})

        assert answer.url == url(paper, "see_paper_line", line.id)
        assert PaperSettlement.objects.get().settled_by == paper.lead
        assert WHY in lead.client.get(answer.url).content.decode()
        assert lead.client.get(url(paper, "see_paper_cases")).context["cases"][0].is_settled

    def test_for_the_computer_asks_for_the_ending(self, paper: PaperRoom, lead: Visitor) -> None:
        line = paper.enter(paper.entry(check=None))
        where = url(paper, "settle_paper_line", line.id)
        data = {"stands": "computer", "why": WHY, "pin": LEAD_PIN}

        data["seal"] = lead.client.get(where).context["form"]["seal"].value()
        assert "Choose how it ended" in lead.client.post(where, data).content.decode()

        lead.client.post(where, data | {"ended": "missed/unknown"})
        assert PaperSettlement.objects.get().stands == "computer"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"pin": "000000"}, "PIN"),
            ({"seal": "x"}, "opened by somebody else"),
            ({"why": ""}, "Write how you know"),
        ],
        ids=["pin", "seal", "why"],
    )
    def test_is_not_settled(
        self, paper: PaperRoom, lead: Visitor, changes: dict[str, str], words: str
    ) -> None:
        line = paper.enter(paper.entry(check=None))
        where = url(paper, "settle_paper_line", line.id)
        seal = lead.client.get(where).context["form"]["seal"].value()

        answer = lead.client.post(
            where, {"seal": seal, "stands": "paper", "why": WHY, "pin": LEAD_PIN} | changes
        )

        assert words in answer.content.decode()
        assert not PaperSettlement.objects.exists()

    def test_of_a_line_that_is_not_contested_is_not_there(self, paper: PaperRoom, lead: Visitor) -> None:
        line = paper.enter()

        assert lead.client.get(url(paper, "settle_paper_line", line.id)).status_code == 404

    def test_is_not_a_nurses(self, paper: PaperRoom, nurse: Visitor) -> None:
        line = paper.enter(paper.entry(check=None))

        assert nurse.client.get(url(paper, "settle_paper_line", line.id)).status_code in (403, 404)


class TestTheRegisterLineThatWaits:
    def test_is_said_and_refused_until_the_book_has_the_ampoules(
        self, paper: PaperRoom, sign_in: Any, at_a_desk: Any
    ) -> None:
        line = paper.enter(paper.entry(ampoules=51, wasted_mg=495))
        desk = at_a_desk(paper.room, paper.room.cd_lead)

        page = desk.client.get(url(paper, "see_paper_line", line.id)).content.decode()
        unsealed = desk.client.post(url(paper, "write_waiting_line", line.id), follow=True)
        seal = {"seal": seal_of(desk.client.get(url(paper, "see_paper_line", line.id)))}
        answer = desk.client.post(url(paper, "write_waiting_line", line.id), seal, follow=True)

        assert "Its register line waits" in page
        assert "opened by somebody else" in unsealed.content.decode()
        assert "Nothing was written. " in answer.content.decode()
        assert not WaitingEntry.objects.exists()

    def test_is_not_there_of_a_line_without_a_dose(self, paper: PaperRoom, at_a_desk: Any) -> None:
        line = paper.enter(paper.ending())
        desk = at_a_desk(paper.room, paper.room.cd_lead)

        assert desk.client.post(url(paper, "write_waiting_line", line.id)).status_code == 404
