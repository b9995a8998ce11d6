"""The register on paper: the head the law asks for on every page, every column, and printing recorded."""

from __future__ import annotations

import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dosing.models import RegisterEntry, RegisterLine
from dosing.queries import register_sheet
from dosing.queries.checkpoints import list_paper_codes
from dosing.queries.register import NoSuchRegister
from dosing.queries.register_sheet import get_register_sheet, list_parts
from dosing.rules.register import ChainVerdict
from dosing.rules.stock import Supply
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories import PremisesFactory
from tests.factories.cases import both_count_at_closing
from tests.factories.days import a_count
from tests.factories.prescription_pages import text_of_pdf
from tests.factories.register import a_stocked_batch, a_whole_injection, an_open_register, receive
from tests.factories.stock import a_note, a_stock_room, adjust
from tests.factories.treatment import a_treatment_room, another

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(clinic: Clinic) -> RegisterLine:
    """An open ledger of the clinic, with no line yet."""
    premises = PremisesFactory(clinic=clinic, name="Harbour Street", address="14 Harbour Street, TS1 1AA")
    return an_open_register(premises)


@pytest.fixture
def reader(client: Client, inspector, sign_in) -> Client:
    return sign_in(client, inspector)


@pytest.fixture
def enter(sign_in) -> Callable[[User], Client]:
    """Return a function that signs somebody of a treatment room in with both factors."""

    def give(user: User) -> Client:
        enrol_totp(user=user, secret=None, by=None, at=now())
        return sign_in(Client(), user)

    return give


def address(clinic: Clinic) -> str:
    return f"/clinics/{clinic.code}/register/print/"


def pages_of(response: HttpResponse) -> list[str]:
    """Return the text of each page with single spaces; kept as a file too where a folder is named for looking."""
    assert response["Content-Type"] == "application/pdf", response.content[:3000]
    folder = os.environ.get("HAT_LOOK")
    if folder:
        name = os.environ["PYTEST_CURRENT_TEST"].rsplit("::", 1)[1].partition(" ")[0]
        (Path(folder) / f"{re.sub(r'[^a-z0-9_-]', '-', name)}.pdf").write_bytes(response.content)
    return [" ".join(page.split()) for page in text_of_pdf(response)]


def tags_below(element: Any) -> Iterator[str]:
    """Yield the tag of every structure element of a PDF below one."""
    element = element.get_object()
    if isinstance(element, list):
        for one in element:
            yield from tags_below(one)
    elif isinstance(element, dict):
        if "/S" in element:
            yield element["/S"]
        if "/K" in element:
            yield from tags_below(element["/K"])


class TestThePaper:
    def test_has_every_column_of_an_obtained_and_a_supplied_line(self, reader, clinic, inspector) -> None:
        premises = PremisesFactory(clinic=clinic, name="Harbour Street", address="14 Harbour Street")
        batch = a_stocked_batch(10, premises=premises)
        injection = a_whole_injection(batch)

        (page,) = pages_of(reader.get(address(clinic)))

        for part in (
            "Controlled-drug register",
            "Class diamorphine · Strength 100 mg · Form ampoule, powder for injection",
            "Harbour Street, 14 Harbour Street",
            "Page 1 of 1",
            f"by {inspector.full_name}",
            "Balance brought forward: 0 ampoules (no line before)",
            "Obtained from, or supplied to",
            "Collected by; ID asked for, shown",
            "Invented Wholesale, 2 Invented Way",
            "Requisition 0088, batch DM24117",
            "Invented Person, 8 Invented Yard",
            injection.order.signed_by.full_name,
            "Administered on the premises",
            "180 given, 20 wasted",
            injection.giver.full_name,
            injection.witness.full_name,
            "Balance at the end: 8 ampoules · In 10 · Out 2 · 0 + 10 − 2 = 8",
            ", lines 1 to 2",
            "Whole when printed",
            "Seen by (name, signature, date)",
        ):
            assert part in page, part
        assert page.index("Obtained from,") < page.index("Supplied ")

    def test_repeats_the_head_on_every_page(self, reader, clinic, line) -> None:
        for _ in range(40):
            receive(line, 5, at=now())

        pages = pages_of(reader.get(address(clinic)))

        assert len(pages) > 1
        for number, page in enumerate(pages, start=1):
            assert f"Page {number} of {len(pages)}" in page
            assert "Class diamorphine · Strength 100 mg · Form ampoule, powder for injection" in page
            assert "14 Harbour Street" in page
            assert "Happened, written" in page
        assert "Balance at the end: 200 ampoules · In 200 · Out 0 · 0 + 200 − 0 = 200" in pages[-1]

    @pytest.mark.parametrize("lines", [0, 1])
    def test_of_no_line_and_of_one_is_a_page(self, reader, clinic, line, lines: int) -> None:
        for _ in range(lines):
            receive(line, 5, at=now())

        (page,) = pages_of(reader.get(address(clinic)))

        assert ("No line was written in this period." in page) is (lines == 0)
        assert f"Balance at the end: {5 * lines} ampoules" in page

    def test_brings_the_balance_forward(self, reader, clinic, line) -> None:
        receive(line, 7, at=now())
        tomorrow = london_date(now()) + timedelta(days=1)
        day = f"{tomorrow:%d/%m/%Y}"

        (page,) = pages_of(reader.get(address(clinic), {"since": day, "until": day}))

        assert "Balance brought forward: 7 ampoules (line 1)" in page
        assert "Balance at the end: 7 ampoules" in page

    def test_marks_a_late_line(self, reader, clinic, line) -> None:
        receive(line, 7, occurred_at=now() - timedelta(days=3), at=now())

        (page,) = pages_of(reader.get(address(clinic)))

        assert "LATE: written 3 days after." in page

    def test_tells_of_balance_checks_between_the_lines(self, enter) -> None:
        room = a_treatment_room(ampoules=12)
        room.open_day()
        both_count_at_closing(room, 11, 12)
        client = enter(room.cd_lead)
        both_count_at_closing(room, 12, 12)

        text = " ".join(pages_of(client.get(address(room.clinic))))

        assert "Opening, counted by two, blind: 12 and 12. The register: 12. Agrees." in text
        assert "Closing, counted by two, blind: 11 and 12. The register: 12. DIFFERS." in text
        assert "INVENTED" in text

    def test_says_that_the_register_is_not_whole(self, reader, clinic, line, monkeypatch) -> None:
        verdict = ChainVerdict(ok=False, count=3, first_bad_seq=4, reason="line 4 is not what was written")
        monkeypatch.setattr(register_sheet, "verify_register", lambda line_id: verdict)

        (page,) = pages_of(reader.get(address(clinic)))

        assert "NOT WHOLE when printed, line 4: line 4 is not what was written." in page

    def test_carries_the_code_of_the_checkpoint_that_was_signed_for_it(self, reader, clinic, line) -> None:
        receive(line, 5, at=now())

        (page,) = pages_of(reader.get(address(clinic)))

        (code,) = list_paper_codes(clinic=clinic, line_id=line.id, at=now())
        assert f"Checkpoint {code.code}, lines 1 to 1" in page

    def test_has_no_clinical_note_and_escapes_what_was_typed(self, reader, clinic, line) -> None:
        receive(line, 5, supplier_name="<b>&Co</b>", at=now())

        (page,) = pages_of(reader.get(address(clinic)))

        assert "<b>&Co</b>" in page

    def test_has_each_note_in_place_at_its_line_whenever_it_was_written(self, enter) -> None:
        room = a_stock_room(ampoules=12)
        room.give()
        supply = RegisterEntry.objects.get(line=room.line, seq=2)
        a_note(room, supply, "One box was torn.")
        adjust(room, supply, -1, reason="Three were opened.")

        (page,) = pages_of(enter(room.cd_lead).get(address(room.clinic)))

        place = page.index("Supplied")
        for part in (
            "Note. Line 3,",
            ": One box was torn.",
            "Note. Line 4,",
            ": -1 ampoule. Three were opened.",
        ):
            assert place < (place := page.index(part, place)), part

    def test_costs_the_same_for_one_line_and_for_many_with_notes(self, enter) -> None:
        room = a_stock_room(ampoules=12)
        client = enter(room.cd_lead)
        client.get(address(room.clinic))
        with CaptureQueriesContext(connection) as one:
            client.get(address(room.clinic))
        for _ in range(4):
            a_note(room, RegisterEntry.objects.get(line=room.line, seq=1))
        client.get(address(room.clinic))

        with CaptureQueriesContext(connection) as many:
            client.get(address(room.clinic))

        assert len(many) == len(one)

    def test_of_patients_own_medicine_says_so_in_its_head(self, reader, clinic) -> None:
        premises = PremisesFactory(clinic=clinic)
        an_open_register(premises)
        own = an_open_register(premises, supply=Supply.NAMED)

        (service,) = pages_of(reader.get(address(clinic)))
        (named,) = pages_of(reader.get(address(clinic), {"line": own.id}))

        assert "Patients' own" in named
        assert "atients' own" not in service

    def test_is_tagged(self, reader, clinic, line) -> None:
        receive(line, 5, at=now())

        root = pypdf.PdfReader(io.BytesIO(reader.get(address(clinic)).content)).trailer["/Root"]

        tags = Counter(tags_below(root["/StructTreeRoot"]))
        assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en-GB", True)
        # Eleven heads of columns and the number of the one line.
        assert (tags["/H1"], tags["/Table"], tags["/TH"], tags["/TD"]) == (1, 1, 12, 10)

    def test_of_a_day_in_the_treatment_room_adds_up(self, enter) -> None:
        room = a_treatment_room(ampoules=60)
        room.give()
        for _ in range(3):
            another(room).give()
        both_count_at_closing(room, 52, 52)

        text = " ".join(pages_of(enter(room.cd_lead).get(address(room.clinic))))

        assert "0 + 60 − 8 = 52" in text
        assert text.count("Administered on the premises; ID: does not apply") == 4


class TestALongPeriod:
    def test_is_printed_in_parts_that_follow_each_other(self, reader, clinic, line, monkeypatch) -> None:
        monkeypatch.setattr(register_sheet, "PART_LINES", 3)
        for _ in range(7):
            receive(line, 5, at=now())
        today = london_date(now())

        parts = list_parts(line_id=line.id, since=today, until=today)
        texts = [" ".join(pages_of(reader.get(address(clinic), {"after": after}))) for after in parts]

        assert parts == (0, 3, 6)
        assert "0 + 15 − 0 = 15" in texts[0]
        assert "The period goes on after line 3: see the next part." in texts[0]
        assert "Balance brought forward: 15 ampoules (line 3)" in texts[1]
        assert "15 + 15 − 0 = 30" in texts[1]
        assert "30 + 5 − 0 = 35" in texts[2]
        assert "goes on" not in texts[2]
        page = reader.get(f"/clinics/{clinic.code}/register/").content.decode()
        assert ">Part 3</a>" in page

    def test_has_each_balance_check_in_one_of_its_parts(self, enter, monkeypatch) -> None:
        monkeypatch.setattr(register_sheet, "PART_LINES", 1)
        room = a_treatment_room(ampoules=12)
        room.open_day()
        receive(room.line, 5, at=now())
        both_count_at_closing(room, 17, 17)
        today = london_date(now())
        client = enter(room.cd_lead)

        texts = [
            " ".join(pages_of(client.get(address(room.clinic), {"after": after})))
            for after in list_parts(line_id=room.line.id, since=today, until=today)
        ]

        assert [text.count("counted by two, blind") for text in texts] == [0, 2]

    def test_in_one_part_is_no_list_of_parts(self, reader, clinic, line) -> None:
        receive(line, 5, at=now())
        today = london_date(now())

        assert list_parts(line_id=line.id, since=today, until=today) == ()
        assert ">Part 1</a>" not in reader.get(f"/clinics/{clinic.code}/register/").content.decode()


class TestAPrint:
    def test_is_recorded_with_period_lines_and_every_patient(self, reader, clinic, inspector) -> None:
        batch = a_stocked_batch(10, premises=PremisesFactory(clinic=clinic))
        injection = a_whole_injection(batch)
        reader.get(address(clinic))

        act, look = AuditEvent.objects.filter(event="dosing.register_printed").order_by("id")
        today = london_date(now())
        assert (act.actor, act.is_look, act.object_id) == (inspector, False, str(batch.line_id))
        assert act.detail == {
            "since": (today - timedelta(days=1)).isoformat(),
            "until": today.isoformat(),
            "first_line": 1,
            "last_line": 2,
        }
        assert (look.is_look, look.person) == (True, injection.patient_id)

    def test_of_no_line_is_recorded_too(self, reader, clinic, line) -> None:
        reader.get(address(clinic))

        assert AuditEvent.objects.get(event="dosing.register_printed").detail["first_line"] is None

    def test_is_not_made_where_there_is_no_register(self, reader, clinic) -> None:
        page = reader.get(address(clinic)).content.decode()

        assert "No register is open in this clinic." in page
        assert not AuditEvent.objects.filter(event="dosing.register_printed").exists()

    @pytest.mark.parametrize("junk", [{"since": "yesterday"}, {"until": "32/01/2026"}, {"after": "x"}])
    def test_of_a_period_that_cannot_be_read_is_not_made(self, reader, clinic, line, junk) -> None:
        assert "That is not a period." in reader.get(address(clinic), junk).content.decode()

    def test_is_not_made_for_a_counter_during_a_count(self, enter) -> None:
        room = a_treatment_room(ampoules=12)
        a_count(room, 12)
        page = enter(room.cd_lead).get(address(room.clinic)).content.decode()

        assert "The stock is being counted." in page
        assert not AuditEvent.objects.filter(event="dosing.register_printed").exists()

    def test_waits_for_another(self, reader, clinic, line) -> None:
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('print the register'))")
        try:
            busy = reader.get(address(clinic))
        finally:
            other.close()

        assert busy.status_code == 503
        assert "Another part of the register is being printed." in busy.content.decode()
        assert reader.get(address(clinic))["Content-Type"] == "application/pdf"

    def test_of_another_clinics_register_is_404(self, reader, clinic, line, inspector) -> None:
        elsewhere = an_open_register()

        assert reader.get(address(clinic), {"line": str(elsewhere.id)}).status_code == 404
        assert reader.get(address(elsewhere.premises.clinic)).status_code == 404
        with pytest.raises(NoSuchRegister):
            get_register_sheet(
                clinic=clinic,
                line_id=elsewhere.id,
                since=london_date(now()),
                until=london_date(now()),
                after=0,
                may_count=False,
                printer=inspector,
                at=now(),
            )
