"""The register on screen: what it prints, for whom, and that looking is recorded."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from dosing.models import RegisterEntry, RegisterLine
from dosing.queries.register import PAGE_LINES, NoSuchRegister, get_register_page
from dosing.rules.register import ChainVerdict
from hat_clinic.accounts.models import Clinic
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories import NINE, PremisesFactory
from tests.factories.register import a_stocked_batch, a_whole_injection, an_open_register, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(clinic: Clinic) -> RegisterLine:
    """An open ledger of the clinic, with no line yet."""
    return an_open_register(
        PremisesFactory(clinic=clinic, name="Harbour Street", address="14 Harbour Street")
    )


@pytest.fixture
def reader(client: Client, cd_lead, sign_in) -> Client:
    """The controlled-drug lead, signed in with both factors."""
    return sign_in(client, cd_lead)


def address(clinic: Clinic) -> str:
    return f"/clinics/{clinic.code}/register/"


def words(response) -> str:
    """Return what is read on the page, without tags and repeated spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def page_of(line: RegisterLine, *, days: int = 1, before: int | None = None):
    today = london_date(now())
    return get_register_page(
        clinic=line.premises.clinic,
        line_id=line.id,
        since=today - timedelta(days=days),
        until=today,
        before=before,
        may_count=False,
        at=now(),
    )


class TestThePage:
    def test_has_the_head_the_balance_and_the_lines(self, reader, clinic) -> None:
        batch = a_stocked_batch(10, premises=PremisesFactory(clinic=clinic, name="Harbour Street"))
        injection = a_whole_injection(batch)

        text = words(reader.get(address(clinic)))

        assert "Class: diamorphine · Strength: 100 mg · Form: ampoule, powder for injection" in text
        assert "Premises: Harbour Street, 1 Invented Street" in text
        assert "Balance now 8 ampoules" in text
        assert "2 lines, each chained to the one before." in text
        assert "Not compared with a checkpoint kept elsewhere." in text
        assert "Lines 1 to 2, of 2 in this period." in text
        assert "Invented Person, 8 Invented Yard" in text
        assert f"{injection.order.signed_by.full_name}. Administered on the premises" in text
        assert "180 given, 20 wasted" in text
        assert f"{injection.giver.full_name} / {injection.witness.full_name}" in text
        assert "Invented Wholesale, 2 Invented Way Requisition 0088, batch DM24117, exp 02/02/2027" in text
        assert text.index("Supplied") < text.index("Obtained")

    def test_is_the_first_page_of_the_controlled_drug_lead(self, reader, clinic, line) -> None:
        assert reader.get("/", follow=True).request["PATH_INFO"] == address(clinic)

    def test_shows_that_the_chain_is_broken(self, reader, clinic, line, monkeypatch) -> None:
        verdict = ChainVerdict(ok=False, count=3, first_bad_seq=4, reason="line 4 is not what was written")
        monkeypatch.setattr("dosing.queries.register.verify_register", lambda line_id: verdict)

        text = words(reader.get(address(clinic)))

        assert "NOT WHOLE: line 4" in text
        assert "line 4 is not what was written. Tell the controlled-drug lead now" in text

    def test_says_that_a_clinic_has_no_register(self, reader, clinic) -> None:
        assert "No register is open in this clinic." in words(reader.get(address(clinic)))

    def test_says_that_no_line_was_written(self, reader, clinic, line) -> None:
        text = words(reader.get(address(clinic)))

        assert "No line was written in this period." in text
        assert "No line is written yet." in text
        assert "Balance now 0 ampoules" in text

    def test_links_to_the_clinics_other_registers(self, reader, clinic, line) -> None:
        other = an_open_register(line.premises, strength_mg=500)

        response = reader.get(address(clinic), {"line": str(other.id)})

        assert "Strength: 500 mg" in words(response)
        assert f"?line={line.id}" in response.content.decode()

    def test_keeps_the_two_days_when_a_date_cannot_be_read(self, reader, clinic, line) -> None:
        receive(line, 5)

        text = words(reader.get(address(clinic), {"since": "31/02/2026", "until": "x"}))

        assert "That is not a period" in text
        assert "Write the first day as day/month/year" in text
        assert "Write the last day as day/month/year" in text
        assert "Lines 1 to 1, of 1 in this period." in text

    def test_says_when_the_period_ends_before_it_begins(self, reader, clinic, line) -> None:
        asked = {"since": "02/02/2026", "until": "01/02/2026"}

        assert "The last day is before the first." in words(reader.get(address(clinic), asked))

    def test_escapes_what_was_typed(self, reader, clinic, line) -> None:
        receive(line, 5, supplier_name="<script>alert(1)</script>")

        assert "<script>alert(1)" not in reader.get(address(clinic)).content.decode()

    @pytest.mark.parametrize("junk", [{"line": "x"}, {"before": "-1"}, {"before": "9" * 30}, {"line": ""}])
    def test_takes_no_harm_from_junk(self, reader, clinic, line, junk) -> None:
        assert reader.get(address(clinic), junk).status_code == 200

    def test_changes_nothing(self, reader, clinic, line) -> None:
        assert reader.post(address(clinic)).status_code == 405


class TestTheDoor:
    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("nurse", 200),
            ("doctor", 200),
            ("cd_lead", 200),
            ("clinical_lead", 200),
            ("inspector", 200),
            ("case_worker", 403),
            ("commissioner", 403),
            ("manager", 403),
        ],
    )
    def test_opens_for_whom_the_roles_allow(
        self, client, clinic, line, sign_in, request, who: str, status: int
    ) -> None:
        sign_in(client, request.getfixturevalue(who))

        assert client.get(address(clinic)).status_code == status

    def test_hides_another_clinics_register(self, reader, clinic, line) -> None:
        elsewhere = an_open_register()

        hidden = reader.get(address(clinic), {"line": str(elsewhere.id)})
        missing = reader.get(address(clinic), {"line": str(uuid.uuid4())})

        assert hidden.status_code == missing.status_code == 404
        assert reader.get(address(elsewhere.premises.clinic)).status_code == 404


class TestALook:
    def test_is_recorded_with_the_lines_and_every_patient_shown(self, reader, clinic, cd_lead) -> None:
        batch = a_stocked_batch(10, premises=PremisesFactory(clinic=clinic))
        injection = a_whole_injection(batch)

        reader.get(address(clinic))

        events = AuditEvent.objects.filter(event="dosing.register_seen").order_by("id")
        assert [(event.actor, event.clinic) for event in events] == [(cd_lead, clinic.id)] * 2
        page, person = events
        assert (page.object_type, page.object_id) == ("dosing.registerline", str(batch.line_id))
        assert (page.detail["first_line"], page.detail["last_line"]) == (1, 2)
        assert page.person is None
        assert person.person == injection.patient_id

    def test_is_recorded_when_no_line_is_shown(self, reader, clinic, line) -> None:
        reader.get(address(clinic))

        event = AuditEvent.objects.get(event="dosing.register_seen")
        assert event.detail["first_line"] is None


class TestTheLinesOfAPeriod:
    def test_are_those_written_in_it_whenever_they_happened(self, line) -> None:
        receive(line, 5, at=NINE)

        page = page_of(line)

        assert [entry.seq for entry in page.lines] == [1]
        assert page.lines[0].days_late == (london_date(now()) - date(2026, 2, 2)).days

    def test_are_not_those_written_before_it(self, line) -> None:
        receive(line, 5)
        tomorrow = london_date(now()) + timedelta(days=1)

        page = get_register_page(
            clinic=line.premises.clinic,
            line_id=None,
            since=tomorrow,
            until=tomorrow,
            before=None,
            may_count=False,
            at=now(),
        )

        assert page.lines == ()
        assert page.shown is None
        assert page.balance == 5

    def test_are_marked_late_in_words(self, reader, clinic, line) -> None:
        receive(line, 5, at=datetime(2026, 1, 1, 9, 0, tzinfo=UTC))
        receive(line, 5, at=now())

        text = words(reader.get(address(clinic)))

        assert len(re.findall(r"LATE: written \d+ days after\.", text)) == 1

    def test_go_on_below_the_last_one_shown(self, line) -> None:
        for _ in range(PAGE_LINES + 2):
            receive(line, 1)

        first = page_of(line)
        second = page_of(line, before=first.older_before)

        assert [entry.seq for entry in first.lines] == list(range(PAGE_LINES + 2, 2, -1))
        assert first.older_before == 3
        assert [entry.seq for entry in second.lines] == [2, 1]
        assert second.older_before is None
        assert first.count == second.count == PAGE_LINES + 2

    def test_of_exactly_one_page_have_no_older_ones(self, line) -> None:
        for _ in range(PAGE_LINES):
            receive(line, 1)

        assert page_of(line).older_before is None

    def test_take_six_queries_for_one_and_for_thirty(self, line, django_assert_num_queries) -> None:
        today = london_date(now())
        period = {
            "since": today - timedelta(days=1),
            "until": today,
            "line_id": None,
            "before": None,
            "may_count": False,
            "at": now(),
        }
        receive(line, 1)
        with django_assert_num_queries(6):
            get_register_page(clinic=line.premises.clinic, **period)
        for _ in range(29):
            receive(line, 1)

        with django_assert_num_queries(6):
            page = get_register_page(clinic=line.premises.clinic, **period)

        assert len(page.lines) == RegisterEntry.objects.count() == 30

    def test_of_another_clinic_do_not_exist(self, line, make_clinic) -> None:
        with pytest.raises(NoSuchRegister):
            get_register_page(
                clinic=make_clinic("OTHER"),
                line_id=line.id,
                since=NINE.date(),
                until=NINE.date(),
                before=None,
                may_count=False,
                at=NINE,
            )


class TestAPeriodAtTheEndsOfTheCalendar:
    @pytest.mark.parametrize(
        ("asked", "refused"),
        [
            ("since=01/01/1900", False),
            ("since=31/12/1899", True),
            ("until=01/01/0001", True),
            ("until=31/12/2200", False),
            ("until=01/01/3000", True),
            ("since=31/12/9999", True),
        ],
    )
    def test_is_refused_in_words(self, reader, clinic, line, asked: str, refused: bool) -> None:
        answer = reader.get(f"{address(clinic)}?{asked}")

        assert answer.status_code == 200
        assert ("write a day from 1900 to 2200." in words(answer)) is refused
