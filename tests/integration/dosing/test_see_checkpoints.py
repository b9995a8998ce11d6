"""The page of checkpoints, the codes on register pages and sheets, and the answer to a printed code."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.test import Client
from page import validate_pdf_bytes
from pypdf import PdfReader

from dosing import tasks
from dosing.actions.checkpoints import store_verification
from dosing.models import Checkpoint, RegisterLine
from dosing.queries.chain import VerifiedLine, verify_line
from dosing.queries.checkpoints import list_paper_codes
from dosing.queries.verification import verify_registers
from dosing.rules.register import ChainVerdict
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories import PremisesFactory, UserFactory
from tests.factories.checkpoints import begin_life, sign_all, signed_anew
from tests.factories.order_pages import Desk
from tests.factories.prescription_pages import text_of_pdf
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import a_treatment_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(clinic) -> RegisterLine:
    """A ledger of the clinic with two lines."""
    line = an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))
    receive(line, 5)
    receive(line, 7)
    return line


@pytest.fixture
def lead(client: Client, cd_lead, sign_in) -> Client:
    return sign_in(client, cd_lead)


def words(response) -> str:
    """Return what is read on the page, without tags and repeated spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def page(client: Client, clinic, **query: str) -> str:
    response = client.get(f"/clinics/{clinic.code}/checkpoints/", query)
    assert response.status_code == 200
    return words(response)


class TestThePage:
    def test_says_where_each_register_stands_and_how_it_was_verified(
        self, lead, clinic, line, settings
    ) -> None:
        settings.CHECKPOINT_FOLDER = ""
        sign_all()
        tasks.verify_register()
        (code,) = list_paper_codes(clinic=clinic, at=now())

        text = page(lead, clinic)

        assert "diamorphine 100 mg, ampoule, powder for injection, Harbour Street 2 Line 2," in text
        assert code.code in text
        assert "whole, agrees with 1 checkpoint" in text
        assert "Lines were written since" not in text

    def test_says_that_lines_were_written_since(self, lead, clinic, line) -> None:
        assert "None yet; the next is made within a minute." in page(lead, clinic)
        sign_all()
        receive(line, 1)

        assert "Lines were written since; the next is made within a minute." in page(lead, clinic)

    def test_says_that_there_is_no_register_or_no_line(self, lead, clinic) -> None:
        assert "No register is open in this clinic." in page(lead, clinic)

        an_open_register(PremisesFactory(clinic=clinic))

        assert "None; no line is written." in page(lead, clinic)

    def test_shows_the_public_key_to_take_away(self, lead, clinic, settings) -> None:
        out = io.StringIO()
        call_command("show_checkpoint_key", stdout=out)

        shown = page(lead, clinic)

        assert all(line.split()[-1] in shown for line in out.getvalue().splitlines())

    def test_says_that_no_key_is_set(self, lead, clinic, settings) -> None:
        settings.CHECKPOINT_KEY = None

        assert "No signing key is set here" in page(lead, clinic)

    def test_tells_of_a_restore(self, lead, clinic, cd_lead, manager) -> None:
        reason = "The disk failed; restored the backup of 02:00."
        begin_life(reason=reason, second=manager, by=cd_lead)

        assert f"by {cd_lead.full_name} and {manager.full_name}: {reason}" in page(lead, clinic)

    def test_is_a_look_that_names_the_code_that_was_checked(self, lead, clinic, line, cd_lead) -> None:
        sign_all()
        (code,) = list_paper_codes(clinic=clinic, at=now())

        page(lead, clinic)
        page(lead, clinic, code=code.code.lower())

        first, second = AuditEvent.objects.filter(event="dosing.checkpoints_seen").order_by("id")
        assert (first.actor, first.clinic, first.is_look) == (cd_lead, clinic.id, True)
        assert first.detail["code"] is None
        assert (second.detail["code"], second.detail["is_unchanged"]) == (code.code, True)

    def test_is_named_among_what_an_inspector_opened(
        self, client, clinic, inspector, manager, sign_in
    ) -> None:
        page(sign_in(client, inspector), clinic)

        shown = words(sign_in(client, manager).get(f"/clinics/{clinic.code}/inspections/"))

        assert "looked at the checkpoints of the register" in shown

    def test_shows_no_balance(self, lead, clinic, line) -> None:
        sign_all()

        assert "12" not in page(lead, clinic).partition("How the registers stand")[2].partition("Line 2,")[0]

    def test_is_in_the_navigation_of_those_who_answer_for_the_register(
        self, client, clinic, cd_lead, manager, inspector, sign_in
    ) -> None:
        link = f'<a href="/clinics/{clinic.code}/checkpoints/" aria-current="page">Checkpoints</a>'

        for user in (cd_lead, manager, inspector):
            shown = sign_in(client, user).get(f"/clinics/{clinic.code}/checkpoints/").content.decode()

            assert link in shown

    def test_is_linked_from_the_register_for_those_who_may_open_it(
        self, client, clinic, line, cd_lead, nurse, sign_in
    ) -> None:
        linked = [
            "check a printed code"
            in sign_in(client, user).get(f"/clinics/{clinic.code}/register/").content.decode()
            for user in (cd_lead, nurse)
        ]

        assert linked == [True, False]


class TestACodeThatIsTyped:
    def test_is_answered_by_the_register(self, lead, clinic, line) -> None:
        sign_all()
        (code,) = list_paper_codes(clinic=clinic, at=now())

        text = page(lead, clinic, code=code.code.lower())

        assert "Unchanged: line 2 of diamorphine 100 mg" in text

    def test_that_no_line_has_is_said_loudly(self, lead, clinic, line, make_clinic) -> None:
        other = an_open_register(PremisesFactory(clinic=make_clinic("CLINIC2")))
        receive(other, 5)
        sign_all()
        (code,) = list_paper_codes(clinic=other.premises.clinic, at=now())

        text = page(lead, clinic, code=code.code)

        assert "NOT FOUND: no register here has line 1 as it was printed" in text

    def test_with_a_character_misread_is_asked_for_again(self, lead, clinic, line) -> None:
        assert "A character is misread" in page(lead, clinic, code="2-0000-0000-0000-0001")

    @pytest.mark.parametrize(("typed", "said"), [("", "Type the code"), ("1" * 61, "longer than any code")])
    def test_that_is_none_is_refused_by_the_form(self, lead, clinic, typed, said) -> None:
        text = page(lead, clinic, code=typed)

        assert "Nothing was looked up" in text
        assert said in text

    def test_is_answered_when_a_line_before_it_is_not_whole(self, lead, clinic, line, monkeypatch) -> None:
        sign_all()
        (code,) = list_paper_codes(clinic=clinic, at=now())
        broken = ChainVerdict(ok=False, count=0, first_bad_seq=1, reason="line 1 is not what was written")
        monkeypatch.setattr(
            "dosing.queries.verification.verify_line", lambda line_id: VerifiedLine(broken, None, {})
        )

        assert "NOT WHOLE: line 1 of diamorphine 100 mg" in page(lead, clinic, code=code.code)


class TestARegisterPage:
    def test_is_signed_when_it_is_opened_and_prints_the_code(self, lead, clinic, line) -> None:
        text = words(lead.get(f"/clinics/{clinic.code}/register/"))

        (code,) = list_paper_codes(clinic=clinic, at=now())
        assert code.seq == 2
        assert code.code in text
        assert "Code of the checkpoint of line 2" in text
        assert Checkpoint.objects.get().made_by.is_service

    def test_is_not_whole_after_the_night_found_it_so_with_a_checkpoint(
        self, lead, clinic, line, settings
    ) -> None:
        settings.CHECKPOINT_FOLDER = ""
        (one,) = sign_all()
        found = verify_registers(kept=[signed_anew(replace(one.said, head_hash="a" * 64))])
        store_verification(found=found, by=UserFactory(), at=now())
        assert verify_line(line.id).verdict.ok

        told = "line 2 is not what the checkpoint of"
        assert told in words(lead.get(f"/clinics/{clinic.code}/register/"))
        (sheet,) = text_of_pdf(lead.get(f"/clinics/{clinic.code}/register/print/"))
        assert "NOT WHOLE when printed, line" in " ".join(sheet.split())

    def test_opens_without_a_key_and_says_so(self, lead, clinic, line, settings) -> None:
        settings.CHECKPOINT_KEY = None

        text = words(lead.get(f"/clinics/{clinic.code}/register/"))

        assert "This register has no checkpoint yet." in text
        assert not Checkpoint.objects.exists()


class TestASheet:
    def test_has_the_code_of_the_register_and_stays_one_page(self, at_a_desk: Callable[..., Desk]) -> None:
        room = a_treatment_room()
        desk = at_a_desk(room, room.nurse)

        response = desk.client.get(desk.address("print_order"))

        (code,) = list_paper_codes(clinic=room.clinic, at=now())
        reader = PdfReader(io.BytesIO(response.content))
        text = " ".join(reader.pages[0].extract_text().split())
        assert len(reader.pages) == 1
        assert code.code in text
        assert "type it on the page Checkpoints" in text
        assert validate_pdf_bytes(response.content, profile="ua1").failures == []
