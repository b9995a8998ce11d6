"""Changing who somebody is: once, by whom, from what, and never over a colleague's change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions.people import ChangedMeanwhile, ChangeRefused, change_person
from patients.models import Episode, Person, PersonChange
from patients.queries.people import PersonIsImported, details_of
from tests.factories import ImportedPersonFactory, PersonFactory
from tests.factories.treatment import a_patient_in_treatment, a_treatment_room
from tests.integration.patients.pages import address, press, seal_of, words
from tests.integration.patients.rivals import in_a_thread, wait_for_somebody_waiting

NUMBER = "9990000018"
SAME = {
    "given_names": "Danny",
    "born_on": "14/03/1979",
    "sex": "M",
    "address": "8 Cable Yard, Harbour Town",
    "allergies_asked": "not_asked",
}


@pytest.fixture
def episode(db, clinic, nurse) -> Episode:
    return a_patient_in_treatment(clinic, by=nurse)


@pytest.fixture
def browser(client: Client, nurse, sign_in) -> Client:
    return sign_in(client, nurse)


def typed(episode: Episode, **changes: str) -> dict[str, str]:
    """Return the whole form as it stands, with changes."""
    return {**SAME, "family_name": episode.person.family_name, **changes}


def change(episode: Episode, by, version: int = 1, **changes: object) -> tuple[str, ...]:
    return change_person(
        person_id=episode.person_id,
        clinic=episode.clinic,
        details=replace(details_of(Person.objects.get(id=episode.person_id)), **changes),
        version=version,
        by=by,
        at=now(),
    )


@pytest.mark.django_db
class TestAChange:
    def test_is_stored_with_what_it_was_before(self, episode, nurse) -> None:
        changed = change(episode, nurse, phone="07700 900417", born_on=date(1980, 3, 14), nhs_number=NUMBER)

        person = Person.objects.get(id=episode.person_id)
        assert changed == ("born_on", "nhs_number", "phone")
        assert (person.phone, person.born_on, person.birth_year) == ("07700 900417", date(1980, 3, 14), 1980)
        assert (person.nhs_number, person.version) == (NUMBER, 2)
        row = PersonChange.objects.get()
        assert (row.version, row.changed_by) == (2, nurse)
        assert row.before == {"born_on": "1979-03-14", "nhs_number": None, "phone": ""}
        assert row.after == {"born_on": "1980-03-14", "nhs_number": NUMBER, "phone": "07700 900417"}

    def test_tells_the_audit_trail_which_details_and_no_value(self, episode, nurse) -> None:
        change(episode, nurse, phone="07700 900417")

        event = AuditEvent.objects.get(event="patients.person_changed")
        assert event.detail == {"details": ["phone"]}

    def test_of_nothing_stores_nothing(self, episode, nurse) -> None:
        assert change(episode, nurse) == ()

        assert not PersonChange.objects.exists()
        assert Person.objects.get(id=episode.person_id).version == 1

    def test_over_a_colleagues_change_is_refused_with_what_that_was(self, episode, nurse, doctor) -> None:
        change(episode, doctor, phone="07700 900417", address="2 Dock Row")

        with pytest.raises(ChangedMeanwhile) as refused:
            change(episode, nurse, phone="07700 900000")

        assert refused.value.names == ("phone", "address")
        assert "changed phone and address on" in refused.value.since[0]
        assert (refused.value.version, Person.objects.get(id=episode.person_id).phone) == (2, "07700 900417")

    def test_to_anothers_nhs_number_is_refused_without_saying_whose(self, episode, nurse) -> None:
        PersonFactory(nhs_number=NUMBER, family_name="Somebodyelse")

        with pytest.raises(ChangeRefused) as refused:
            change(episode, nurse, nhs_number=NUMBER)

        assert "on another record already" in str(refused.value)
        assert "Somebodyelse" not in str(refused.value)
        assert AuditEvent.objects.get(event="patients.person_changed").detail == {"codes": ["nhs_number"]}

    def test_to_what_may_not_stand_is_refused(self, episode, nurse) -> None:
        with pytest.raises(ChangeRefused, match="Write the given names"):
            change(episode, nurse, given_names="")

    def test_of_imported_history_is_not_possible(self) -> None:
        with pytest.raises(PersonIsImported):
            details_of(ImportedPersonFactory())


@pytest.mark.race
class TestTwoRecordsThatGetOneNumber:
    def test_in_the_same_moment_end_with_one_refused(self, own_database: str) -> None:
        room, other = a_treatment_room(), PersonFactory()
        answers: list[object] = []

        def rival() -> None:
            try:
                answers.append(change(room.episode, room.nurse, nhs_number=NUMBER))
            except ChangeRefused as refusal:
                answers.append(str(refusal))

        work = in_a_thread(rival)
        with transaction.atomic():
            Person.objects.filter(id=other.id).update(nhs_number=NUMBER)
            work.start()
            wait_for_somebody_waiting()
        work.join(timeout=60)

        assert answers == ["This NHS number is on another record already. Check the number with the person."]
        assert Person.objects.get(id=room.patient.id).version == 1


@pytest.mark.django_db
class TestThePage:
    def test_shows_what_is_known_and_saves_what_was_changed(self, episode, browser) -> None:
        page = browser.get(address("change_person", episode))
        assert 'value="14/03/1979"' in page.content.decode()

        answer = press(
            browser,
            address("change_person", episode),
            typed(
                episode,
                name_used="Dan",
                nhs_number="999 000 0018",
                address="",
                has_no_fixed_abode="on",
                allergies_asked="known",
                allergies="Penicillin: rash",
            ),
        )

        assert answer.status_code == 302
        person = Person.objects.get(id=episode.person_id)
        assert (person.name_used, person.nhs_number, person.has_no_fixed_abode) == ("Dan", NUMBER, True)
        assert (person.address, person.allergies) == ("", "Penicillin: rash")

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"given_names": ""}, "Write the given names."),
            ({"born_on": "31/02/1979"}, "Write the day as day/month/year"),
            ({"born_on": "14/03/2015"}, "who is 18 or older"),
            ({"nhs_number": "9990000019"}, "its digits do not fit each other"),
            ({"nhs_number": "999000001"}, "its digits do not fit each other"),
            ({"has_no_fixed_abode": "on"}, "Leave the address empty"),
            ({"allergies_asked": "known"}, "Write what they are allergic to"),
            ({"phone": "0" * 41}, "at most 40 letters"),
            ({"sex": "Q"}, "Choose one of the answers"),
        ],
    )
    def test_says_at_the_field_what_to_do_and_keeps_what_was_typed(
        self, episode, browser, changes, said
    ) -> None:
        answer = press(
            browser, address("change_person", episode), typed(episode, languages="Scots", **changes)
        )

        assert answer.status_code == 200
        assert said in words(answer)
        assert 'value="Scots"' in answer.content.decode()
        assert Person.objects.get(id=episode.person_id).version == 1

    def test_that_is_out_of_date_says_what_changed_and_saves_at_the_second_press(
        self, episode, browser, doctor
    ) -> None:
        stale = seal_of(browser.get(address("change_person", episode)))
        change(episode, doctor, phone="07700 900417")

        first = browser.post(
            address("change_person", episode), {**typed(episode, phone="07700 900000"), "seal": stale}
        )

        assert "Nothing was saved: this page was out of date." in words(first)
        assert "changed phone on" in words(first) and "Phone 07700 900417" in words(first)
        assert 'value="07700 900000"' in first.content.decode()
        assert Person.objects.get(id=episode.person_id).phone == "07700 900417"

        browser.post(
            address("change_person", episode),
            {**typed(episode, phone="07700 900000"), "seal": seal_of(first)},
        )
        assert Person.objects.get(id=episode.person_id).phone == "07700 900000"

    def test_asks_a_case_worker_nothing_clinical_and_keeps_what_is_known(
        self, episode, nurse, case_worker, sign_in
    ) -> None:
        change(episode, nurse, allergies_asked="known", allergies="Penicillin: rash")
        browser = sign_in(Client(), case_worker)

        page = browser.get(address("change_person", episode))
        answer = press(
            browser,
            address("change_person", episode),
            typed(episode, phone="07700 900417", allergies_asked="none_known", allergies=""),
        )

        assert "llerg" not in page.content.decode()
        assert answer.status_code == 302
        person = Person.objects.get(id=episode.person_id)
        assert (person.phone, person.allergies) == ("07700 900417", "Penicillin: rash")

    def test_is_a_look_at_the_person(self, episode, nurse, browser) -> None:
        browser.get(address("change_person", episode))

        assert AuditEvent.objects.filter(event="patients.person_opened", person=episode.person_id).exists()
