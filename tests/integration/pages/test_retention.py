"""Legal holds on their pages, the preview of what is old enough, and the list of what is kept how long."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.actions.retention import LegalHoldRefused, NoSuchLegalHold, lift_legal_hold, set_legal_hold
from dosing.models import LegalHold, RegisterLine
from dosing.rules.retention import RetentionClass
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.pages.queries import retention
from hat_clinic.pages.queries.retention import list_old_things
from hat_clinic.pages.rules.retention import KEPT
from patients.models import Episode, Person
from tests.factories import PremisesFactory
from tests.factories.cases import a_case
from tests.factories.patients import EpisodeFactory
from tests.factories.register import a_stocked_batch, a_whole_injection, an_open_register
from tests.factories.treatment import a_treatment_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(clinic: Clinic) -> RegisterLine:
    return an_open_register(PremisesFactory(clinic=clinic, name="Harbour Street"))


@pytest.fixture
def privacy_officer(clinic: Clinic, make_member) -> User:
    return make_member(clinic, Role.PRIVACY_OFFICER)


@pytest.fixture
def episode(clinic: Clinic) -> Episode:
    return EpisodeFactory(clinic=clinic)


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def hold(clinic: Clinic, by: Any, **changes: Any) -> LegalHold:
    arguments = {
        "clinic": clinic,
        "person_id": None,
        "line_id": None,
        "reason": "Inquest 12/26.",
        "by": by,
        "at": now(),
    }
    return set_legal_hold(**arguments | changes)


def preview(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("preview_retention", *arguments, stdout=out)
    except SystemExit as stopped:
        return out.getvalue(), int(str(stopped.code))
    return out.getvalue(), 0


def reaches(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> bool:
    """Tell whether a row of a model leads to a person, by a key or an id of its own or of a row that it points at."""
    if model is Person or {"person", "patient"} & {field.name for field in model._meta.concrete_fields}:
        return True
    targets = {
        field.related_model
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and isinstance(field.related_model, type)
    }
    return any(reaches(target, seen | {model}) for target in targets - seen)


class TestTheListOfWhatIsKept:
    def test_has_every_model_that_can_reach_a_person(self) -> None:
        found = {model._meta.label for model in apps.get_models() if reaches(model)}
        ours = {label for label in found if not label.startswith(("admin.", "auth.", "account.", "mfa."))}

        assert {label for label in ours if label not in KEPT} == set()

    def test_names_no_model_that_is_gone(self) -> None:
        assert set(KEPT) - {model._meta.label for model in apps.get_models()} == set()

    def test_that_lacks_a_model_is_seen(self) -> None:
        assert reaches(apps.get_model("dosing.Reading"))
        assert reaches(apps.get_model("audit.AuditEvent"))
        assert not reaches(apps.get_model("accounts.Premises"))

    def test_keeps_the_register_seven_years_and_worksheets_eleven(self) -> None:
        assert KEPT["dosing.RegisterEntry"] is RetentionClass.REGISTER
        assert KEPT["dosing.Preparation"] is RetentionClass.WORKSHEET
        assert KEPT["audit.AuditEvent"] is RetentionClass.TRAIL


class TestALegalHold:
    def test_stands_until_it_is_lifted_and_both_are_recorded(self, clinic, line, privacy_officer) -> None:
        stands = hold(clinic, privacy_officer, line_id=line.id)
        with pytest.raises(LegalHoldRefused, match="stands on it already"):
            hold(clinic, privacy_officer, line_id=line.id)
        lift = {"clinic": clinic, "hold_id": stands.id, "reason": "Over.", "by": privacy_officer, "at": now()}
        lift_legal_hold(**lift)
        with pytest.raises(LegalHoldRefused, match="lifted already"):
            lift_legal_hold(**lift)
        again = hold(clinic, privacy_officer, line_id=line.id)

        assert again != stands
        assert list(
            AuditEvent.objects.filter(event__startswith="dosing.legal_hold")
            .order_by("id")
            .values_list("event", "outcome")
        ) == [
            ("dosing.legal_hold_set", "done"),
            ("dosing.legal_hold_set", "refused"),
            ("dosing.legal_hold_lifted", "done"),
            ("dosing.legal_hold_lifted", "refused"),
            ("dosing.legal_hold_set", "done"),
        ]

    def test_is_of_this_clinic(self, clinic, line, episode, privacy_officer) -> None:
        for wrong in (
            {"line_id": an_open_register().id},
            {"person_id": EpisodeFactory().person_id},
            {"person_id": uuid.uuid4()},
            {"line_id": line.id, "person_id": episode.person_id},
        ):
            with pytest.raises(LegalHoldRefused, match="Choose from the list"):
                hold(clinic, privacy_officer, **wrong)
        with pytest.raises(NoSuchLegalHold):
            lift_legal_hold(clinic=clinic, hold_id=uuid.uuid4(), reason="Over.", by=privacy_officer, at=now())

    def test_is_set_and_lifted_on_its_pages(self, clinic, line, episode, manager, sign_in) -> None:
        client = sign_in(Client(), manager)
        path = reverse("pages:set_legal_hold", args=[clinic.code])
        empty = words(client.get(reverse("pages:see_legal_holds", args=[clinic.code])))
        assert "No legal hold was set." in empty
        assert "Controlled-drug register 7 years" in empty

        def seal(at: str) -> str:
            found = re.search(r'name="seal" value="([^"]*)"', client.get(at).content.decode())
            assert found is not None
            return found[1]

        for thing in ("everything", f"line:{line.id}", f"person:{episode.person_id}"):
            sent = {"seal": seal(path), "thing": thing, "reason": "Inquest 12/26."}
            assert client.post(path, sent).status_code == 302
        twice = client.post(path, {"seal": seal(path), "thing": "everything", "reason": "Again."})
        assert "stands on it already" in words(twice)
        assert "opened by somebody else" in words(
            client.post(path, {"seal": "x", "thing": "everything", "reason": "Again."})
        )
        listed = words(client.get(reverse("pages:see_legal_holds", args=[clinic.code])))
        assert "Everything of this clinic" in listed
        assert "Harbour Street" in listed
        assert episode.person.full_name not in listed

        one = LegalHold.objects.get(line=line)
        there = reverse("pages:lift_legal_hold", args=[clinic.code, one.id])
        assert "opened by somebody else" in words(client.post(there, {"seal": "x", "reason": "Over."}))
        old = seal(there)
        assert client.post(there, {"seal": old, "reason": "Over."}).status_code == 302
        assert "lifted already" in words(client.post(there, {"seal": old, "reason": "Over."}))
        assert "This legal hold is lifted already." in words(client.get(there))
        assert (
            client.get(reverse("pages:lift_legal_hold", args=[clinic.code, uuid.uuid4()])).status_code == 404
        )


class TestThePreview:
    def test_lists_nothing_that_is_young_or_in_use(self, clinic) -> None:
        batch = a_stocked_batch(2, premises=PremisesFactory(clinic=clinic))
        line, person = batch.line, a_whole_injection(batch).patient
        printed, code = preview("--clinic", clinic.code, "--all")

        assert code == 0
        assert f"ledger {line.id}" in printed
        assert "REFUSED. It is kept until" in printed
        assert "REFUSED. It is still in use" in printed
        assert "0 of 2 old enough to be removed. Nothing was removed" in printed
        assert person.full_name not in printed

    def test_lists_what_is_old_enough_to_the_day(self, clinic, line, monkeypatch) -> None:
        today = london_date(now())
        for days, is_old in ((1, True), (0, False)):
            last_on = date(today.year - 7, today.month, today.day) - timedelta(days=days)
            monkeypatch.setattr(retention, "last_entry_on", lambda line_id, on=last_on: on)
            (thing,) = list_old_things(clinic_code=clinic.code, at=now())
            printed, code = preview("--id", str(line.id))

            assert thing.decision.is_allowed is is_old
            assert (code == 0) is is_old
            assert ("OLD ENOUGH" in printed) is is_old
        assert line.entries.count() == 0

    @pytest.mark.parametrize("on", ["line", "clinic"])
    def test_refuses_what_a_legal_hold_covers(
        self, clinic, line, privacy_officer, monkeypatch, on: str
    ) -> None:
        monkeypatch.setattr(retention, "last_entry_on", lambda line_id: date(1999, 1, 1))
        assert preview()[0].startswith(clinic.code)
        hold(clinic, privacy_officer, line_id=line.id if on == "line" else None)

        printed, code = preview("--id", str(line.id))
        assert code == 1
        assert "A legal hold stands on it." in printed

    def test_keeps_a_ledger_with_ampoules_or_an_open_case_however_old(self, monkeypatch) -> None:
        monkeypatch.setattr(retention, "last_entry_on", lambda line_id: date(1999, 1, 1))
        room = a_treatment_room(ampoules=1)
        (ledger, _) = list_old_things(clinic_code=room.clinic.code, at=now())
        assert [finding.code for finding in ledger.decision] == ["in_use"]
        room = a_treatment_room(ampoules=2)
        room.give()
        a_case(room, off_by=-1)
        assert room.line.head.balance == 0
        (ledger, _) = list_old_things(clinic_code=room.clinic.code, at=now())

        assert [finding.code for finding in ledger.decision] == ["in_use"]

    def test_keeps_a_ledger_that_names_a_person_under_a_hold(
        self, clinic, privacy_officer, monkeypatch
    ) -> None:
        monkeypatch.setattr(retention, "last_entry_on", lambda line_id: date(1999, 1, 1))
        batch = a_stocked_batch(2, premises=PremisesFactory(clinic=clinic))
        injection = a_whole_injection(batch)
        hold(clinic, privacy_officer, person_id=injection.patient_id)

        ledger = list_old_things(clinic_code=clinic.code, at=now())[0]

        assert [finding.code for finding in ledger.decision] == ["legal_hold"]

    def test_counts_a_person_from_what_was_written_about_them_last(self, clinic, privacy_officer) -> None:
        person = EpisodeFactory(
            clinic=clinic, accepted_on=date(2000, 1, 1), exited_on=date(2001, 1, 1), exit_reason="completed"
        ).person
        for is_look, days in ((False, 2), (True, 1)):
            with transaction.atomic():
                record(
                    "patients.person_changed" if not is_look else "patients.person_seen",
                    by=privacy_officer,
                    at=now() - timedelta(days=days),
                    person=person.id,
                    is_look=is_look,
                )

        (thing,) = list_old_things(clinic_code=clinic.code, at=now())

        assert thing.last_on == london_date(now() - timedelta(days=2))

    def test_counts_a_person_from_the_end_of_the_last_episode(self, clinic, privacy_officer) -> None:
        person = EpisodeFactory(
            clinic=clinic, accepted_on=date(2000, 1, 1), exited_on=date(2001, 1, 1), exit_reason="completed"
        ).person
        (thing,) = list_old_things(clinic_code=clinic.code, at=now())
        assert (thing.last_on, thing.decision.is_allowed) == (date(2001, 1, 1), True)
        hold(clinic, privacy_officer, person_id=person.id)
        (thing,) = list_old_things(clinic_code=clinic.code, at=now())
        assert [finding.code for finding in thing.decision] == ["legal_hold", "too_young"]
        EpisodeFactory(clinic=clinic, person=person)
        (thing,) = list_old_things(clinic_code=clinic.code, at=now())

        assert [finding.code for finding in thing.decision] == ["legal_hold", "in_use"]
        assert list_old_things(clinic_code="OTHER", at=now()) == ()

    @pytest.mark.parametrize(("asked", "said"), [("x", "is no id"), (str(uuid.UUID(int=0)), "has the id")])
    def test_says_when_it_knows_no_such_thing(self, asked: str, said: str) -> None:
        with pytest.raises(CommandError, match=said):
            preview("--id", asked)
