"""Agreements with police forces, references and files: what the actions store and refuse, and what the tables refuse."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.utils import DatabaseError

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.police import (
    NeverTreatedHere,
    PoliceAgreementRefused,
    PoliceKeyReused,
    PoliceReferenceRefused,
    end_police_agreement,
    give_police_reference,
)
from outcomes.actions.police_file import PoliceFileRefused, PoliceFileUnreadable
from outcomes.models import PoliceAgreement, PoliceAgreementEnd, PoliceFile, PoliceReference
from outcomes.rules.police import Basis
from patients.actions.consents import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories import (
    AgencyFactory,
    ConsentFactory,
    PersonFactory,
    PoliceAgreementFactory,
    PoliceFileFactory,
    PoliceReferenceFactory,
)
from tests.factories.police import a_police_file, a_reference, a_sharing_consent, an_agreement
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def manager(room, make_member) -> User:
    return make_member(room.clinic, Role.MANAGER, "manager")


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def agreement(room, manager, worker) -> PoliceAgreement:
    """Return an agreement that rests on consent, under which the person of the room consented and has a reference."""
    made = an_agreement(room, by=manager)
    a_sharing_consent(room, made)
    a_reference(room, made, by=worker)
    return made


@pytest.fixture
def yesterday() -> str:
    return (london_date(now()) - A_DAY).isoformat()


class TestAnAgreement:
    def test_is_stored_once_with_who_wrote_it_down(self, room, manager):
        key, agency = uuid.uuid4(), AgencyFactory()

        rows = [an_agreement(room, by=manager, agency=agency, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        event = AuditEvent.objects.get(event="outcomes.police_agreement_recorded")
        assert (event.object_id, event.actor) == (str(rows[0].id), manager)

    def test_is_refused_under_a_key_with_other_words(self, room, manager):
        key, agency = uuid.uuid4(), AgencyFactory()
        an_agreement(room, by=manager, agency=agency, key=key)

        with pytest.raises(PoliceKeyReused):
            an_agreement(room, by=manager, agency=agency, key=key, purpose="Another.")

    def test_with_others_than_police_is_refused_and_told_to_the_trail(self, room, manager):
        with pytest.raises(PoliceAgreementRefused, match="Choose a police force"):
            an_agreement(room, by=manager, agency=AgencyFactory(kind="housing"))

        refused = AuditEvent.objects.get(event="outcomes.police_agreement_recorded", outcome="refused")
        assert refused.detail["codes"] == ["agreement_not_police"]

    def test_is_ended_once(self, room, manager, agreement):
        ends = [
            end_police_agreement(clinic=room.clinic, agreement=agreement.id, why=why, by=manager, at=now())
            for why in ("The force asked.", "Again.")
        ]

        assert [end.why for end in ends] == ["The force asked."] * 2
        assert AuditEvent.objects.filter(event="outcomes.police_agreement_ended").count() == 1


class TestAReference:
    def test_is_stored_once(self, room, agreement, worker):
        a_reference(room, agreement, by=worker)

        assert PoliceReference.objects.get().patient_id == room.patient.id
        event = AuditEvent.objects.get(event="outcomes.police_reference_given")
        assert "QX7TR2" not in str(event.detail)

    def test_that_tells_who_it_is_is_refused_and_told_to_the_trail(self, room, manager, worker):
        made = an_agreement(room, by=manager, basis=Basis.LAW)

        with pytest.raises(PoliceReferenceRefused, match="tells who this is"):
            a_reference(room, made, by=worker, reference=f"{room.patient.born_on:%d%m%Y}")

        assert AuditEvent.objects.get(event="outcomes.police_reference_given", outcome="refused")

    def test_is_refused_without_consent_where_the_agreement_rests_on_it(self, room, manager, worker):
        made = an_agreement(room, by=manager)

        with pytest.raises(PoliceReferenceRefused, match="does not stand"):
            a_reference(room, made, by=worker)

    def test_is_refused_for_somebody_never_accepted_here(self, room, agreement, worker):
        with pytest.raises(NeverTreatedHere):
            give_police_reference(
                clinic=room.clinic,
                agreement=agreement.id,
                person=PersonFactory().id,
                reference="QX7TR9",
                by=worker,
                at=now(),
            )


class TestAFile:
    def test_stores_what_can_be_matched_and_counts_the_rest(self, room, agreement, manager, yesterday):
        lines = [f"QX7TR2,{yesterday},robbery", f"NOBODY1,{yesterday},robbery"]

        file = a_police_file(room, agreement, *lines, by=manager)

        assert (file.offences, file.not_stored, file.imported_by) == (1, 1, manager)
        event = AuditEvent.objects.get(event="outcomes.police_file_imported")
        assert event.detail["offences"] == 1
        assert "robbery" not in str(event.detail)
        assert "NOBODY1" not in str(event.detail)

    def test_sent_again_is_stored_once(self, room, agreement, manager, yesterday):
        files = [a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager) for _ in range(2)]

        assert files[0] == files[1]
        assert AuditEvent.objects.filter(event="outcomes.police_file_imported").count() == 1

    def test_leaves_out_whose_consent_was_taken_back_a_moment_ago(
        self, room, agreement, manager, worker, yesterday
    ):
        withdraw_consent(
            person_id=room.patient.id,
            clinic=room.clinic,
            purpose=Purpose.POLICE,
            agency_id=agreement.agency_id,
            by=worker,
            at=now(),
        )

        file = a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)

        assert (file.offences, file.not_stored) == (0, 1)

    def test_does_not_ask_for_consent_where_a_law_does_without(self, room, manager, worker, yesterday):
        made = an_agreement(room, by=manager, basis=Basis.LAW)
        a_reference(room, made, by=worker)

        assert a_police_file(room, made, f"QX7TR2,{yesterday},robbery", by=manager).offences == 1

    def test_of_a_last_day_that_no_calendar_goes_beyond_is_refused(self, room, agreement, manager):
        with pytest.raises(PoliceFileRefused, match="has come already"):
            a_police_file(room, agreement, by=manager, period=(london_date(now()), date.max))

    def test_with_a_problem_stores_nothing_and_tells_every_one(self, room, agreement, manager, yesterday):
        with pytest.raises(PoliceFileUnreadable) as caught:
            a_police_file(room, agreement, f"QX7TR2,{yesterday},arson", "QX7TR2,,robbery", by=manager)

        assert [problem.line for problem in caught.value.problems] == [2, 3]
        assert not PoliceFile.objects.exists()
        assert AuditEvent.objects.get(event="outcomes.police_file_imported", outcome="refused")

    def test_is_refused_after_the_agreement_ended_and_to_another_role(
        self, room, agreement, manager, make_member
    ):
        officer = make_member(room.clinic, Role.PRIVACY_OFFICER, "ruth")
        with pytest.raises(PoliceFileRefused, match="brought in by: manager"):
            a_police_file(room, agreement, by=officer)
        end_police_agreement(clinic=room.clinic, agreement=agreement.id, why="Over.", by=manager, at=now())

        with pytest.raises(PoliceFileRefused, match="not in force"):
            a_police_file(room, agreement, by=manager)

    def test_under_a_renewed_agreement_tells_of_no_day_that_was_told_of_before(
        self, room, agreement, manager, worker, yesterday
    ):
        first = a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)
        end_police_agreement(clinic=room.clinic, agreement=agreement.id, why="Renewed.", by=manager, at=now())
        renewed = an_agreement(room, by=manager, agency=agreement.agency)
        a_reference(room, renewed, by=worker)

        with pytest.raises(PoliceFileRefused, match="under this agreement or an earlier one"):
            a_police_file(room, renewed, f"QX7TR2,{yesterday},robbery", by=manager)
        again = a_police_file(room, renewed, f"QX7TR2,{yesterday},robbery", by=manager, replaces=first.id)

        assert (again.replaces, again.offences) == (first, 1)

    def test_without_offences_comes_in_for_every_period(self, room, agreement, manager, yesterday):
        day = date.fromisoformat(str(yesterday))
        a_police_file(room, agreement, by=manager, period=(day, day))
        earlier = day - timedelta(days=1)

        a_police_file(room, agreement, by=manager, period=(earlier, earlier))

        assert PoliceFile.objects.count() == 2

    def test_rests_on_a_consent_of_its_own_and_on_no_other(self, room, manager, worker, yesterday):
        made = an_agreement(room, by=manager)
        ConsentFactory(person=room.patient, purpose="sharing", agency=made.agency)

        with pytest.raises(PoliceReferenceRefused, match="telling of their offences does not stand"):
            a_reference(room, made, by=worker)

    def test_of_days_that_another_tells_of_replaces_it_or_is_refused(
        self, room, agreement, manager, yesterday
    ):
        first = a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)
        lines = [f"QX7TR2,{yesterday},shoplifting"]

        with pytest.raises(PoliceFileRefused, match="this one replaces it"):
            a_police_file(room, agreement, *lines, by=manager)
        second = a_police_file(room, agreement, *lines, by=manager, replaces=first.id)

        assert second.replaces == first
        assert PoliceFile.objects.count() == 2


class TestTheTables:
    def test_hold_one_agreement_per_key(self):
        first = PoliceAgreementFactory()

        with refused_by("one_police_agreement_per_key"):
            PoliceAgreementFactory(key=first.key)

    @pytest.mark.parametrize("field", ["purpose", "basis_words", "signatories"])
    def test_ask_an_agreement_for_every_word(self, field):
        with refused_by("police_agreement_says_all"):
            PoliceAgreementFactory(**{field: ""})

    def test_end_an_agreement_after_it_starts(self):
        with refused_by("police_agreement_says_all"):
            PoliceAgreementFactory(starts_on="2026-01-02", ends_on="2026-01-02")

    def test_ask_why_an_agreement_ends(self, room, manager, agreement):
        with refused_by("police_agreement_end_has_its_reason"):
            PoliceAgreementEnd.objects.create(agreement=agreement, why="", ended_by=manager, ended_at=now())

    def test_hold_one_person_per_reference_and_one_reference_per_person(self):
        first = PoliceReferenceFactory()

        with refused_by("one_person_per_police_reference"):
            PoliceReferenceFactory(agreement=first.agreement, reference=first.reference)
        with refused_by("one_police_reference_per_person"):
            PoliceReferenceFactory(agreement=first.agreement, patient=first.patient)

    def test_hold_a_reference_of_capitals_and_digits(self):
        with refused_by("police_reference_is_capitals_and_digits"):
            PoliceReferenceFactory(reference="Danny Marsh")

    def test_hold_a_file_once_and_a_day_once(self):
        first = PoliceFileFactory()

        with refused_by("police_files_tell_of_a_day_once"):
            PoliceFileFactory(agreement=first.agreement, sha256=first.sha256)
        with refused_by("police_files_tell_of_a_day_once"):
            PoliceFileFactory(agreement=first.agreement)
        PoliceFileFactory(agreement=first.agreement, replaces=first)

    def test_hold_a_day_of_one_force_once_across_its_agreements(self):
        first = PoliceFileFactory()
        renewed = PoliceAgreementFactory(clinic=first.agreement.clinic, agency=first.agreement.agency)

        with refused_by("police_files_tell_of_a_day_once"):
            PoliceFileFactory(agreement=renewed)
        assert PoliceFileFactory(agreement=renewed, replaces=first).pk
        assert PoliceFileFactory(agreement=PoliceAgreementFactory(clinic=first.agreement.clinic)).pk

    def test_hold_a_file_without_offences_for_each_period(self):
        first = PoliceFileFactory()
        before = DateRange(first.during.lower - timedelta(days=30), first.during.lower)

        assert PoliceFileFactory(agreement=first.agreement, sha256=first.sha256, during=before).pk

    def test_let_a_file_replace_one_of_its_own_agreement_alone(self):
        other = PoliceFileFactory()

        with refused_by("police_file_replaces_its_own"):
            PoliceFileFactory(replaces=other)

    @pytest.mark.parametrize("sql", ["UPDATE {} SET agreement_id = agreement_id", "DELETE FROM {}"])
    @pytest.mark.parametrize("table", ["outcomes_policefile", "outcomes_policereference"])
    def test_only_grow(self, table, sql):
        PoliceFileFactory()
        PoliceReferenceFactory()

        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql.format(table))
