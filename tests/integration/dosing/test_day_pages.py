"""The pages of a blind count and of opening the day, through the browser's address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.models import ClinicDay, StockCount
from hat_clinic.accounts.actions import enrol_totp, set_pin
from hat_clinic.accounts.models import User
from hat_clinic.accounts.queries import has_second_factor
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.days import a_count, an_open_day, both_count
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_terminal, a_treatment_room

pytestmark = pytest.mark.django_db
LEAD_PIN = "384756"
# Balance and first count: figures that occur nowhere else on a page.
STOCK, COUNTED = 7137, 6829


@pytest.fixture
def room() -> TreatmentRoom:
    room = a_treatment_room(ampoules=STOCK)
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    return room


@pytest.fixture
def enter(room, sign_in_at_terminal) -> Callable[[User], Client]:
    """Return a function that gives the terminal's browser with one person active."""

    def give(user: User) -> Client:
        if not has_second_factor(user=user):
            enrol_totp(user=user, secret=None, by=None, at=now())
        return sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret)

    return give


def address(room: TreatmentRoom, name: str) -> str:
    return reverse(f"dosing:{name}", kwargs={"clinic_code": room.clinic.code})


def hidden_fields(response: HttpResponse) -> dict[str, str]:
    """Return what the page sends along unseen: key, seal, and who counts when that is settled."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def sign(client: Client, room: TreatmentRoom, **changes: Any) -> HttpResponse:
    """Open the page of the count, fill it in and send it, and follow where it leads."""
    page = client.get(address(room, "count_stock"))
    content = {**hidden_fields(page), "full_boxes": "1", "loose": "2", "pin": NURSE_PIN, **changes}
    return client.post(address(room, "count_stock"), content, follow=True)


def figures_in(response: HttpResponse) -> list[str]:
    """Return the secret figures that a response holds anywhere: text, hint, attribute, script or header."""
    # A page may well be as many bytes long as there are ampoules.
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    raw = response.content.decode() + str(headers) + str(response.cookies)
    secret = {STOCK, COUNTED, STOCK // 5, COUNTED // 5}
    return sorted(str(figure) for figure in secret if re.search(rf"(?<![\w-]){figure}(?![\w-])", raw))


class TestABlindCount:
    def test_shows_no_figure_before_it_has_ended(self, room, enter) -> None:
        grace, tom = enter(room.nurse), enter(room.second_nurse)
        seen = [grace.get(address(room, "count_stock"))]
        seen.append(sign(grace, room, full_boxes=str(COUNTED // 5), loose=str(COUNTED % 5)))
        for client in (grace, tom, enter(room.cd_lead)):
            seen += [client.get(address(room, name)) for name in ("count_stock", "open_day", "see_register")]
        seen.append(sign(tom, room, full_boxes="1,5", pin=SECOND_PIN))
        seen.append(sign(tom, room, full_boxes="1", loose="2", pin="111222"))
        between_the_rounds = sign(tom, room, full_boxes="1400", loose="0", pin=SECOND_PIN)
        seen += [
            between_the_rounds,
            grace.get(address(room, "open_day")),
            grace.get(address(room, "see_register")),
        ]

        assert StockCount.objects.count() == 2
        assert "Each counts once more" in words(between_the_rounds)
        assert [figures_in(page) for page in seen] == [[]] * len(seen)

    def test_fills_nothing_in_beforehand(self, room, enter) -> None:
        page = enter(room.nurse).get(address(room, "count_stock")).content.decode()

        for name in ("full_boxes", "loose", "pin"):
            field = re.search(rf'<input[^>]* name="{name}"[^>]*>', page)
            assert field is not None
            assert "value=" not in field[0]
            assert "placeholder" not in field[0]

    def test_shows_all_three_figures_once_they_agree(self, room, enter) -> None:
        grace, tom = enter(room.nurse), enter(room.second_nurse)
        right = {"full_boxes": str(STOCK // 5), "loose": str(STOCK % 5)}
        sign(grace, room, **right)
        answer = sign(tom, room, **right, pin=SECOND_PIN)

        text = words(answer)
        assert answer.redirect_chain[-1][0] == address(room, "open_day")
        assert (
            f"Grace Okafor counted {STOCK} Tom Brennan counted {STOCK} The register expected {STOCK}" in text
        )
        assert 'value="Open the day"' in answer.content.decode()

    def test_shows_all_three_figures_once_they_still_differ(self, room, enter) -> None:
        both_count(room, COUNTED, STOCK)
        both_count(room, COUNTED, STOCK)
        answer = enter(room.nurse).get(address(room, "count_stock"), follow=True)

        text = words(answer)
        assert (
            f"Grace Okafor counted {COUNTED} Tom Brennan counted {STOCK} The register expected {STOCK}"
            in text
        )
        assert "Only the controlled-drug lead can open the day" in text
        assert "hat-button--barred" in answer.content.decode()
        assert address(room, "open_day_unchecked") not in answer.content.decode()


class TestTheRegisterDuringACount:
    @pytest.mark.parametrize("who", ["nurse", "second_nurse", "cd_lead"])
    def test_is_hidden_from_whoever_may_count(self, room, enter, who: str) -> None:
        a_count(room, COUNTED)
        page = enter(getattr(room, who)).get(address(room, "see_register"))

        assert "Hidden during the count" in words(page)
        assert figures_in(page) == []

    def test_is_shown_to_who_may_not(self, room, enter) -> None:
        a_count(room, COUNTED)

        assert figures_in(enter(room.doctor).get(address(room, "see_register"))) == [str(STOCK)]

    def test_is_shown_again_when_the_count_has_ended(self, room, enter) -> None:
        both_count(room, STOCK, STOCK)

        page = enter(room.nurse).get(address(room, "see_register"))
        assert figures_in(page) == [str(STOCK)]
        assert "Hidden during the count" not in words(page)


class TestACountOnThePage:
    @pytest.mark.parametrize("text", ["1_000", "1e3", "１２", "-1", "1.5", "ten", "10000"])
    def test_is_whole_digits_only_and_keeps_what_was_typed(self, room, enter, text: str) -> None:
        answer = sign(enter(room.nurse), room, full_boxes=text)

        assert "Write a whole number with the digits 0 to 9 only" in words(answer)
        assert f'value="{text}"' in answer.content.decode()
        assert not StockCount.objects.exists()

    def test_says_what_is_missing(self, room, enter) -> None:
        text = words(sign(enter(room.nurse), room, full_boxes="", loose="", pin=""))

        assert "Write how many full boxes there are." in text
        assert "Write how many loose ampoules there are." in text
        assert "Type your signing PIN." in text

    def test_of_none_is_a_typed_nought(self, room, enter) -> None:
        sign(enter(room.nurse), room, full_boxes="0", loose="0")

        assert StockCount.objects.get().ampoules == 0

    def test_is_signed_by_the_second_person_on_the_first_ones_page(self, room, enter) -> None:
        grace = enter(room.nurse)
        sign(grace, room, full_boxes="1427", loose="2")
        page = grace.get(address(room, "count_stock")).content.decode()
        answer = sign(
            grace, room, counter=str(room.second_nurse.id), full_boxes="1427", loose="2", pin=SECOND_PIN
        )

        assert "Who counts second?" in page
        assert f'value="{room.nurse.id}"' not in page
        assert f'value="{room.cd_lead.id}"' in page
        assert answer.redirect_chain[-1][0] == address(room, "open_day")

    def test_asks_who_counts_second(self, room, enter) -> None:
        grace = enter(room.nurse)
        sign(grace, room)

        assert "Choose who counts second." in words(sign(grace, room))

    def test_is_refused_to_the_same_person_in_words(self, room, enter) -> None:
        grace = enter(room.nurse)
        sign(grace, room)

        assert "Grace Okafor has counted already." in words(sign(grace, room, counter=str(room.nurse.id)))

    def test_is_stored_once_when_sent_twice(self, room, enter) -> None:
        grace = enter(room.nurse)
        page = grace.get(address(room, "count_stock"))
        content = {**hidden_fields(page), "full_boxes": "1", "loose": "2", "pin": NURSE_PIN}
        for _ in range(2):
            grace.post(address(room, "count_stock"), content)

        assert StockCount.objects.count() == 1

    def test_of_somebody_elses_page_is_never_signed(self, room, enter) -> None:
        page = enter(room.nurse).get(address(room, "count_stock"))
        content = {**hidden_fields(page), "full_boxes": "1", "loose": "2", "pin": SECOND_PIN}
        answer = enter(room.second_nurse).post(address(room, "count_stock"), content, follow=True)

        assert "This page was opened by somebody else" in words(answer)
        assert not StockCount.objects.exists()

    def test_of_yesterdays_page_is_never_signed(self, room, enter) -> None:
        client = enter(room.nurse)
        content = hidden_fields(client.get(address(room, "count_stock")))
        sealed = signing.loads(content["seal"], salt="dosing.count_stock")
        content["seal"] = signing.dumps({**sealed, "on": "2026-01-01"}, salt="dosing.count_stock")
        content |= {"full_boxes": "1", "loose": "2", "pin": NURSE_PIN}
        client.post(address(room, "count_stock"), content)

        assert not StockCount.objects.exists()

    def test_goes_through_the_registers_in_turn(self, room, enter) -> None:
        an_open_register(room.premises, strength_mg=500)
        both_count(room, STOCK, STOCK)

        page = words(enter(room.nurse).get(address(room, "count_stock")))
        assert "Count: diamorphine 500 mg ampoules register 2 of 2" in page

    def test_can_be_set_aside(self, room, enter) -> None:
        client = enter(room.second_nurse)
        a_count(room, COUNTED)
        seal = hidden_fields(client.get(address(room, "count_stock")))["seal"]
        answer = client.post(address(room, "set_count_aside"), {"seal": seal}, follow=True)
        again = client.post(address(room, "set_count_aside"), {"seal": seal}, follow=True)
        unsealed = client.post(address(room, "set_count_aside"), follow=True)

        assert "The first count was set aside." in words(answer)
        assert "No count is waiting" in words(again)
        assert "opened by somebody else" in words(unsealed)

    def test_says_that_stock_moved(self, room, enter) -> None:
        a_count(room, STOCK)
        receive(room.line, 5)
        answer = sign(enter(room.second_nurse), room, full_boxes="1427", loose="0", pin=SECOND_PIN)

        assert "Ampoules came in or went out between the two counts" in words(answer)

    def test_waits_for_somebody_when_nobody_else_may_count(self, room, enter) -> None:
        for person in (room.second_nurse, room.cd_lead):
            person.is_active = False
            person.save()
        a_count(room, COUNTED)

        assert "Nobody else of this clinic may count." in words(
            enter(room.nurse).get(address(room, "count_stock"))
        )


class TestOpeningTheDay:
    def test_is_one_button(self, room, enter) -> None:
        both_count(room, STOCK, STOCK)
        client = enter(room.nurse)
        seal = hidden_fields(client.get(address(room, "open_day")))["seal"]
        answer = client.post(address(room, "open_day"), {"seal": seal}, follow=True)

        assert "The day is open." in words(answer)
        assert answer.redirect_chain[-1][0] == address(room, "see_board")
        assert ClinicDay.objects.get().how == "checked"

    def test_is_barred_until_both_have_counted(self, room, enter) -> None:
        client = enter(room.nurse)
        page = client.get(address(room, "open_day"))
        answer = client.post(address(room, "open_day"), {"seal": seal_of(client, room)}, follow=True)

        assert "Start balance check" in words(page)
        assert "hat-button--barred" in page.content.decode()
        assert "The balance check is not finished." in words(answer)
        assert not ClinicDay.objects.exists()

    def test_is_refused_on_somebody_elses_page(self, room, enter) -> None:
        both_count(room, STOCK, STOCK)
        seal = seal_of(enter(room.nurse), room)
        answer = enter(room.second_nurse).post(address(room, "open_day"), {"seal": seal}, follow=True)

        assert "This page was opened by somebody else" in words(answer)
        assert not ClinicDay.objects.exists()

    def test_leads_to_the_board_once_it_is_open(self, room, enter) -> None:
        an_open_day(room)

        nurses, leads = (
            enter(person).get(address(room, "open_day")).content.decode()
            for person in (room.nurse, room.cd_lead)
        )
        assert "Balance check done" in nurses
        assert address(room, "see_board") in nurses
        assert "Go to the board" not in leads

    def test_at_a_clinic_without_premises_says_what_is_missing(
        self, make_clinic, make_member, sign_in_at_terminal
    ) -> None:
        clinic = make_clinic("BARE")
        lead = make_member(clinic, Role.CD_LEAD)
        client = sign_in_at_terminal(Client(), lead, *a_terminal(clinic, by=lead))
        there = reverse("dosing:open_day", kwargs={"clinic_code": clinic.code})
        page = client.get(there)
        answer = client.post(there, {"seal": page.context["form"].initial["seal"]}, follow=True)

        assert "write down the clinic&#x27;s premises" in page.content.decode()
        assert "Look at it again" in words(answer)


class TestOpeningWithAReason:
    def test_is_offered_to_the_controlled_drug_lead(self, room, enter) -> None:
        pages = [
            enter(person).get(address(room, "open_day")).content.decode()
            for person in (room.nurse, room.cd_lead)
        ]

        assert [address(room, "open_day_unchecked") in page for page in pages] == [False, True]

    def test_opens_the_day(self, room, enter) -> None:
        client = enter(room.cd_lead)
        answer = open_with_reason(client, room)

        assert "Day open without a balance check that agrees. Ewa Malik opened it" in words(answer)
        assert answer.redirect_chain[-1][0] == address(room, "open_day")
        assert client.get(address(room, "open_day_unchecked")).status_code == 302

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"reason": " "}, "Write why the day is opened"),
            ({"reason": "x" * 301}, "at most 300 characters"),
            ({"pin": ""}, "Type your signing PIN."),
            ({"pin": "111222"}, "That PIN was not right"),
        ],
    )
    def test_is_refused_in_words(self, room, enter, changes: dict[str, str], sentence: str) -> None:
        assert sentence in words(open_with_reason(enter(room.cd_lead), room, **changes))
        assert not ClinicDay.objects.exists()

    def test_keeps_the_reason_after_a_wrong_pin(self, room, enter) -> None:
        answer = open_with_reason(enter(room.cd_lead), room, pin="111222").content.decode()

        assert "Tom is ill." in answer
        assert "111222" not in answer

    def test_is_no_nurses(self, room, enter) -> None:
        assert enter(room.nurse).get(address(room, "open_day_unchecked")).status_code == 403


def seal_of(client: Client, room: TreatmentRoom) -> str:
    """Return a seal of this person's, as it stands on the page while the day can be opened."""
    page = client.get(address(room, "open_day"))
    found = hidden_fields(page).get("seal")
    return found or str(page.context["form"].initial["seal"])


def open_with_reason(client: Client, room: TreatmentRoom, **changes: str) -> HttpResponse:
    page = client.get(address(room, "open_day_unchecked"))
    content = {**hidden_fields(page), "reason": "Tom is ill.", "pin": LEAD_PIN, **changes}
    return client.post(address(room, "open_day_unchecked"), content, follow=True)
