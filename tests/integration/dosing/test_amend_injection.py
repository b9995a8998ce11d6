"""An injection put right: its row and register line stay, and every sum and page reads what stands."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import Sum
from django.urls import reverse

from dosing.actions.amendments import note_line
from dosing.actions.injection_corrections import SecondPerson, amend_injection
from dosing.actions.observation import NoSuchVisit
from dosing.actions.preparations import PreparationRefused
from dosing.actions.putting_right import CorrectionRefused
from dosing.actions.register import RegisterRefused
from dosing.models import (
    Amendment,
    Batch,
    Correction,
    Hold,
    Injection,
    InjectionFacts,
    PatientDay,
    RegisterEntry,
    SessionOutcome,
    Signature,
)
from dosing.queries.handovers import list_handover_facts
from dosing.queries.history import get_dose_history
from dosing.queries.injections import get_highest_recent
from dosing.queries.sessions import get_session_facts, get_so_far
from dosing.queries.standing import as_it_stands, get_standing_facts, least_mg, most_mg, standing_mg
from dosing.queries.statements import what_is_said
from dosing.queries.timeline import get_timeline
from dosing.queries.worklist_after import list_after_leaving
from dosing.rules.handovers import FactKind
from dosing.rules.history import GivenDose
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_amend_pages import enter, filled
from tests.integration.dosing.test_amend_reading import why
from tests.integration.dosing.test_further_injection import a_room, draw, first_part, well_at
from tests.integration.dosing.test_observation import Bedside, codes
from tests.refusals import refused_by

__all__ = ["enter"]


@pytest.fixture
def bedside(clock: Clock) -> Bedside:
    """Somebody who is written to have had all of their 180 mg into the left arm."""
    room = a_treatment_room(dose_mg=180)
    return Bedside(room, clock, room.give().session_id)


def given(bedside: Bedside) -> Injection:
    return Injection.objects.get(session_id=bedside.session_id)


def amend(bedside: Bedside, **changes: Any) -> InjectionFacts:
    injection = given(bedside)
    standing = get_standing_facts(injection)
    room = bedside.room
    content: dict[str, Any] = {
        "clinic": room.clinic,
        "injection_id": injection.id,
        "seen": standing.id if standing else injection.id,
        "second": SecondPerson(room.second_nurse.id, SECOND_PIN),
        "why": why(bedside),
        "by": room.nurse,
        "at": now(),
    }
    said = {
        name: changes.pop(name)
        for name in ("given_mg", "route", "site", "syringe_returned")
        if name in changes
    }
    return amend_injection(said=replace(as_it_stands(injection), **said), **(content | changes))


def dose(bedside: Bedside) -> GivenDose:
    return get_dose_history(episode=bedside.room.episode, at=now()).doses[-1]


class TestAnInjectionPutRight:
    def test_stands_beside_its_row_which_stays(self, bedside: Bedside) -> None:
        facts = amend(bedside, site="right_arm", second=None)

        assert (given(bedside).site, facts.site, facts.given_mg) == ("left_arm", "right_arm", 180)
        assert Correction.objects.get(facts=facts).corrected_by == bedside.room.nurse
        assert (
            facts.entry is None and SessionOutcome.objects.filter(session_id=bedside.session_id).count() == 1
        )

    def test_is_told_by_a_last_dose_statement_as_it_stands(self, bedside: Bedside) -> None:
        amend(bedside, given_mg=100)

        said = what_is_said(person=bedside.room.patient, clinic=bedside.room.clinic, at=now())

        told = [said["last_injection"], said["days"][0]["lines"][-1]]
        assert all("100 mg diamorphine" in words and "180 mg" not in words for words in told)
        assert all("ask the clinic" in words for words in told)

    def test_with_other_milligrams_counts_everywhere(self, bedside: Bedside) -> None:
        amend(bedside, given_mg=100)

        live = SessionOutcome.objects.get(session_id=bedside.session_id, amended_by__isnull=True)
        assert (live.outcome, live.given_mg, live.reduced_for) == ("given_reduced", 100, "not_all_in")
        assert live.injection == given(bedside) and bedside.visit().outcome == live
        day = PatientDay.objects.get(patient=bedside.room.patient, on=given(bedside).given_on)
        assert day.administered_mg == 100
        assert dose(bedside).mg == 100
        known = get_session_facts(
            patient_id=bedside.room.patient.id,
            clinic=bedside.room.clinic,
            session=bedside.room.session(),
            at=now(),
        )
        # What was allowed is given back to nobody.
        assert known.facts.given_today_mg == 180
        so_far = get_so_far(bedside.session_id)
        assert so_far is not None and so_far.given_mg == 180
        page = get_timeline(clinic=bedside.room.clinic, patient_id=bedside.room.patient.id, days=7, at=now())
        assert page is not None
        session = page.known.sessions[-1]
        assert session.given_mg == 100
        assert any(
            "First line: 180 mg, into a vein, left arm, syringe back" in note for note in session.notes
        )

    def test_is_a_note_beside_its_register_line_and_moves_no_ampoule(self, bedside: Bedside) -> None:
        line = RegisterEntry.objects.get(injection=given(bedside))
        batch = Batch.objects.get(id=bedside.room.batch.id).ampoules

        facts = amend(bedside, given_mg=100)

        note = Amendment.objects.get(amends=line)
        assert facts.entry_id == note.entry_id and note.entry.ampoules == 0
        assert (
            note.entry.balance == line.balance
            and Batch.objects.get(id=bedside.room.batch.id).ampoules == batch
        )
        assert (
            "100 mg given and 100 mg wasted of 200 mg drawn, not 180 mg given and 20 mg wasted" in note.reason
        )
        assert facts.witness_signature is not None
        assert facts.witness_signature.signed_by == bedside.room.second_nurse

    def test_never_raises_what_was_tolerated(self, bedside: Bedside) -> None:
        amend(bedside, given_mg=100)
        amend(bedside, given_mg=180)

        # The least of any line counts, also where the last says more.
        assert (dose(bedside).mg, dose(bedside).proved_mg) == (180, 100)
        amend(bedside, given_mg=90)
        assert dose(bedside).proved_mg == 90

    def test_counts_as_tolerated_no_higher_than_it_was_written_first(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        here = Bedside(room, clock, room.give(given_mg=100).session_id)
        here.read_at(2, 5, 10, 20)
        here.release()

        amend(here, given_mg=180)

        assert (dose(here).mg, dose(here).proved_mg) == (180, 100)
        highest = get_highest_recent(patient_id=room.patient.id, episode_id=room.episode.id, at=now())
        assert highest.session_mg == 180  # the dose of the evening before
        assert (
            SessionOutcome.objects.get(session_id=here.session_id, amended_by__isnull=True).outcome == "given"
        )

    def test_by_another_route_proves_nothing_and_is_watched_longer(self, bedside: Bedside) -> None:
        amend(bedside, route="im", second=None)

        assert (dose(bedside).route, dose(bedside).is_tolerated) == ("im", False)
        assert bedside.visit().observe_minutes == 30

    def test_by_a_route_that_the_order_does_not_have_is_reviewed(self, bedside: Bedside) -> None:
        amend(bedside, route="sc", second=None)
        amend(bedside, route="sc", site="right_arm", second=None)

        held = Hold.objects.get()
        assert "sc" not in given(bedside).order.routes and held.codes == ["route"]
        assert (held.severity, held.opened_by) == ("review", bedside.room.nurse)
        assert "180 mg, under the skin, left arm, syringe back, put right" in held.reason

    def test_without_its_syringe_is_asked_for(self, bedside: Bedside) -> None:
        amend(bedside, syringe_returned=False, second=None)

        rows = list_after_leaving(bedside.room.clinic, now())
        assert [row.tag for row in rows] == ["Syringe"]
        amend(bedside, given_mg=100)
        assert "After 100 mg" in list_after_leaving(bedside.room.clinic, now())[0].facts
        assert FactKind.SYRINGE in self.told(bedside)
        amend(bedside, syringe_returned=True, second=None)
        assert list_after_leaving(bedside.room.clinic, now()) == []
        assert FactKind.SYRINGE not in self.told(bedside)

    def told(self, bedside: Bedside) -> set[FactKind]:
        room = bedside.room
        facts = list_handover_facts(clinic=room.clinic, session=room.session(), at=now())
        return {fact.kind for fact in facts}

    def test_sent_twice_is_once(self, bedside: Bedside) -> None:
        signed, seen = why(bedside), given(bedside).id
        first = amend(bedside, given_mg=100, why=signed)

        assert amend(bedside, given_mg=100, why=signed, seen=seen) == first
        assert InjectionFacts.objects.count() == 1 and Amendment.objects.count() == 1


def session_before(bedside: Bedside) -> uuid.UUID:
    """Return the session of the evening before."""
    before = Injection.objects.filter(patient=bedside.room.patient).exclude(session_id=bedside.session_id)
    return before.latest("started_at").session_id


class TestIsRefused:
    def refused(self, bedside: Bedside, **changes: Any) -> set[str]:
        with pytest.raises(CorrectionRefused) as refusal:
            amend(bedside, **changes)
        assert not InjectionFacts.objects.exists()
        return codes(refusal)

    def test_by_one_alone_with_other_milligrams(self, bedside: Bedside) -> None:
        own = SecondPerson(bedside.room.nurse.id, NURSE_PIN)

        assert self.refused(bedside, given_mg=100, second=None) == {"needs_second"}
        assert self.refused(bedside, given_mg=100, second=own) == {"same_person"}

    def test_over_the_syringe_or_the_same(self, bedside: Bedside) -> None:
        assert self.refused(bedside, given_mg=181) == {"over_the_syringe"}
        assert self.refused(bedside) == {"nothing_changed"}

    def test_on_a_page_that_is_old(self, bedside: Bedside) -> None:
        amend(bedside, given_mg=100)

        with pytest.raises(CorrectionRefused) as refusal:
            amend(bedside, given_mg=90, seen=given(bedside).id)

        assert codes(refusal) == {"amended_meanwhile"}

    def test_after_its_day(self, bedside: Bedside) -> None:
        bedside.clock.pass_by(hours=24)

        assert self.refused(bedside, given_mg=100) == {"day_is_past"}

    def test_with_a_wrong_pin_or_from_elsewhere(self, bedside: Bedside) -> None:
        with pytest.raises(PinRefused):
            amend(bedside, given_mg=100, second=SecondPerson(bedside.room.second_nurse.id, NURSE_PIN))
        with pytest.raises(NoSuchVisit):
            amend(bedside, given_mg=100, clinic=a_treatment_room().clinic)

    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({"given_mg": 100, "wasted_mg": 99}, "injection_facts_make_what_was_drawn"),
            ({"given_mg": 181, "wasted_mg": 19}, "injection_facts_make_what_was_drawn"),
            ({"given_mg": 100, "wasted_mg": 100}, "injection_facts_are_in_the_register"),
            ({}, "injection_facts_say_why"),
        ],
        ids=["sum", "over the syringe", "without a note", "without a reason"],
    )
    def test_by_the_table(self, bedside: Bedside, changes: dict[str, Any], name: str) -> None:
        with refused_by(name):
            InjectionFacts.objects.create(**(self.row(bedside) | changes))

    def test_by_the_table_though_it_stands_in_the_register(self, bedside: Bedside) -> None:
        line = RegisterEntry.objects.get(injection=given(bedside))
        room = bedside.room
        note = note_line(
            clinic=room.clinic, entry_key=line.key, text="Wrong.", key=uuid.uuid4(), by=room.nurse, at=now()
        )
        seen = Signature.objects.create(
            signed_by=room.second_nurse, signed_at=now(), part="witness", content_sha256="0" * 64
        )
        signed = {"entry_id": note.id, "witness_signature": seen}

        with refused_by("something_of_an_injection_went_in"):
            InjectionFacts.objects.create(**(self.row(bedside) | signed | {"given_mg": 0, "wasted_mg": 200}))
        with refused_by("other_milligrams_are_noted_and_seen_by_two"):
            InjectionFacts.objects.create(**(self.row(bedside) | {"entry_id": note.id}))
        with refused_by("one_first_amendment_per_injection"):
            InjectionFacts.objects.create(**self.row(bedside))
            InjectionFacts.objects.create(**self.row(bedside))
        with refused_by("injection_facts_amend_their_own"):
            InjectionFacts.objects.create(**(self.row(bedside) | {"session_id": session_before(bedside)}))

    def row(self, bedside: Bedside) -> dict[str, Any]:
        return {
            "injection": given(bedside),
            "session_id": bedside.session_id,
            "given_mg": 180,
            "wasted_mg": 20,
            "route": "iv",
            "site": "left_arm",
            "syringe_returned": True,
            "recorded_at": now(),
            "recorded_by": bedside.room.nurse,
        }


class TestAnyChain:
    @pytest.mark.parametrize("seed", range(4))
    def test_leaves_one_live_row_that_all_readers_agree_on(self, bedside: Bedside, seed: int) -> None:
        chance, written = random.Random(seed), [180]
        for _ in range(5):
            mg = chance.choice([60, 90, 120, 150, 180])
            if mg != as_it_stands(given(bedside)).given_mg:
                amend(bedside, given_mg=mg)
                written.append(mg)

        stands = as_it_stands(given(bedside)).given_mg
        live = SessionOutcome.objects.get(session_id=bedside.session_id, amended_by__isnull=True)
        day = PatientDay.objects.get(patient=bedside.room.patient, on=given(bedside).given_on)
        so_far = get_so_far(bedside.session_id)
        assert so_far is not None
        assert {live.given_mg, day.administered_mg, dose(bedside).mg} == {stands}
        # The ceilings count the most that was ever written: less gives nothing back.
        assert {so_far.given_mg, day.authorised_mg} == {180}
        assert InjectionFacts.objects.filter(amended_by__isnull=True).count() <= 1
        assert dose(bedside).proved_mg == min(written)
        lines = RegisterEntry.objects.filter(line=bedside.room.line)
        assert lines.aggregate(total=Sum("ampoules"))["total"] == lines.latest("seq").balance


class TestAFurtherDose:
    def test_counts_the_most_that_was_written_of_the_first_by_the_table_too(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = first_part(a_room(), clock)
        amend(here, given_mg=60)
        amend(here, given_mg=80)
        well_at(here, 20)

        with pytest.raises(PreparationRefused):
            draw(here, 81)
        monkeypatch.setattr("dosing.queries.sessions.most_mg", standing_mg)
        with pytest.raises(IntegrityError, match="would pass the ordered dose of the session"):
            draw(here, 100)

    def test_counts_as_tolerated_no_more_than_the_least_that_was_written(self, bedside: Bedside) -> None:
        amend(bedside, given_mg=60)
        amend(bedside, given_mg=90)
        bedside.read_at(2, 5, 10, 20)
        bedside.release()

        one = Injection.objects.filter(session_id=bedside.session_id)
        assert one.values_list(standing_mg(), most_mg(), least_mg()).get() == (90, 180, 60)
        assert (dose(bedside).mg, dose(bedside).proved_mg) == (90, 60)
        patient_id, episode_id = bedside.room.patient.id, bedside.room.episode.id
        highest = get_highest_recent(patient_id=patient_id, episode_id=episode_id, at=now())
        assert highest.single_mg == 180  # the dose of the evening before


class TestThePage:
    def test_says_what_the_register_does_not_take(
        self, bedside: Bedside, enter: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room = bedside.room
        nurse = enter(room)
        address = reverse("dosing:amend_injection", args=[room.clinic.code, given(bedside).id])
        said = {"given_mg": "100", "route": "iv", "site": "left_arm", "syringe": "back"}
        second = {"second": str(room.second_nurse.id), "second_pin": SECOND_PIN}

        def refuse(**line: Any) -> None:
            raise RegisterRefused("The chain is broken.")

        monkeypatch.setattr("dosing.actions.injection_corrections.append_entry", refuse)
        answer = nurse.post(address, filled(nurse.get(address), **said | second))

        assert "Nothing was saved. The chain is broken." in answer.content.decode()
        assert not InjectionFacts.objects.exists()

    def test_puts_it_right_with_both_lines_shown(self, bedside: Bedside, enter: Any) -> None:
        room = bedside.room
        nurse, address = (
            enter(room),
            reverse("dosing:amend_injection", args=[room.clinic.code, given(bedside).id]),
        )
        written = reverse("dosing:see_written", args=[room.clinic.code, bedside.session_id])
        assert address in nurse.get(written).content.decode()
        said = {
            "given_mg": "100",
            "route": "iv",
            "site": "left_arm",
            "syringe": "back",
            "second": str(room.second_nurse.id),
            "second_pin": SECOND_PIN,
        }

        alone = nurse.post(address, filled(nurse.get(address), **said | {"second": "", "second_pin": ""}))
        no_pin = nurse.post(address, filled(nurse.get(address), **said | {"second_pin": ""}))
        wrong = nurse.post(address, filled(nurse.get(address), **said | {"second_pin": NURSE_PIN}))
        other = nurse.post(address, filled(nurse.get(address), **said | {"seal": "none"}))
        late = filled(nurse.get(address), **said | {"given_mg": "90"})
        answer = nurse.post(address, filled(nurse.get(address), **said))

        assert "a second person signs too" in alone.content.decode()
        assert "The second person types their PIN." in no_pin.content.decode()
        assert wrong.context["form"].errors["second_pin"]
        assert "opened by somebody else" in other.content.decode()
        assert answer["Location"] == written
        shown = nurse.get(written).content.decode()
        assert "180 mg, into a vein, left arm, syringe back" in shown and "100 mg, into a vein" in shown
        assert nurse.post(address, late).status_code == 409
        missing = reverse("dosing:amend_injection", args=[room.clinic.code, uuid.uuid4()])
        assert nurse.get(missing).status_code == 404
