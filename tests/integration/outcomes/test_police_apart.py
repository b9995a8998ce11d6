"""Police facts stand apart: who can read them by the database's own word, and what reads them for whom."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

import psycopg2
import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.pages.queries.subject_access import get_held
from outcomes.actions.evaluation.extract import freeze_extract
from outcomes.models import ExtractSegment, PoliceOffence
from outcomes.models.police import POLICE
from outcomes.queries.recorded_offences import get_recorded_page, list_recorded_for_report
from outcomes.rules.police import Basis
from patients.actions.consents import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories import OffenceFactory
from tests.factories.accounts import AgencyFactory
from tests.factories.police import a_police_file, a_reference, a_sharing_consent, an_agreement
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.owner import as_owner
from tests.refusals import refused_by

A_DAY = timedelta(days=1)
READABLE = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
    AND has_schema_privilege(%(role)s, n.oid, 'USAGE')
    AND has_table_privilege(%(role)s, c.oid, 'SELECT')
"""


@pytest.fixture
def apart(own_database: str) -> Iterator[str]:
    """Point the alias of the police schema at the test's own database too; what is written is committed."""
    police = connections[POLICE]
    shared = police.settings_dict["NAME"]
    police.close()
    police.settings_dict["NAME"] = own_database
    yield own_database
    police.close()
    police.settings_dict["NAME"] = shared


@pytest.fixture
def room(apart: str) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def manager(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.MANAGER, name="Imran Shah")


@pytest.fixture
def worker(room: TreatmentRoom, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def yesterday() -> date:
    return london_date(now()) - A_DAY


def signed_in_as(role: str, password: str, database: str) -> psycopg2.extensions.connection:
    where = settings.DATABASES["default"]
    return psycopg2.connect(
        dbname=database, user=role, password=password or None, host=where["HOST"], port=where["PORT"] or None
    )


def readable_by(role: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(READABLE, {"role": role})
        return {name for (name,) in cursor.fetchall()}


class TestTheLogins:
    @pytest.mark.django_db
    def test_that_read_police_facts_read_nothing_else_and_the_others_none(self) -> None:
        assert readable_by(settings.DATABASE_POLICE_ROLE) == {"police.offence"}
        for role in (settings.DATABASE_APP_ROLE, settings.DATABASE_REGISTER_ROLE):
            assert not {name for name in readable_by(role) if name.startswith("police.")}
        assert "patients.person" not in readable_by(settings.DATABASE_POLICE_ROLE)

    @pytest.mark.django_db
    def test_are_members_of_no_other_that_could(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_has_role(%s, %s, 'MEMBER'), pg_has_role(%s, %s, 'MEMBER')",
                [settings.DATABASE_APP_ROLE, settings.DATABASE_POLICE_ROLE] * 2,
            )
            assert cursor.fetchone() == (False, False)
            cursor.execute(
                "SELECT pg_has_role(%s, %s, 'MEMBER')",
                [settings.DATABASE_POLICE_ROLE, settings.DATABASE_APP_ROLE],
            )
            assert cursor.fetchone() == (False,)

    def test_signed_in_for_police_facts_can_look_at_them_and_do_nothing_more(self, apart: str) -> None:
        login = settings.DATABASES[POLICE]
        signed_in = signed_in_as(login["USER"], login["PASSWORD"], apart)
        try:
            signed_in.autocommit = True
            with signed_in.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM police.offence")
                assert cursor.fetchone() == (0,)
                cursor.execute("SET default_transaction_read_only = off")
                for sql in (
                    "SELECT FROM public.patients_person",
                    "SELECT FROM public.audit_auditevent",
                    "INSERT INTO police.offence SELECT",
                    "UPDATE police.offence SET line = 1",
                    "DELETE FROM police.offence",
                    "TRUNCATE police.offence",
                    "CREATE TABLE police.copy (id int)",
                ):
                    with pytest.raises(psycopg2.Error):
                        cursor.execute(sql)
        finally:
            signed_in.close()

    def test_of_the_application_may_add_and_not_read(self, apart: str) -> None:
        login = connections["default"].settings_dict
        signed_in = signed_in_as(login["USER"], login["PASSWORD"], apart)
        try:
            signed_in.autocommit = True
            with signed_in.cursor() as cursor:
                for sql in (
                    "SELECT FROM police.offence",
                    "UPDATE police.offence SET line = 1",
                    "DELETE FROM police.offence",
                    "TRUNCATE police.offence",
                    "INSERT INTO police.offence SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),"
                    " gen_random_uuid(), 1, now(), 'robbery' RETURNING id",
                ):
                    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                        cursor.execute(sql)
        finally:
            signed_in.close()

    def test_even_the_owner_changes_and_removes_no_offence(self, room, manager, worker, yesterday) -> None:
        made = an_agreement(room, by=manager)
        a_sharing_consent(room, made)
        a_reference(room, made, by=worker)
        a_police_file(room, made, f"QX7TR2,{yesterday},robbery", by=manager)

        with as_owner(connections["default"].settings_dict["NAME"]) as cursor:
            for sql in (
                "UPDATE police.offence SET line = 9",
                "DELETE FROM police.offence",
                "TRUNCATE police.offence",
            ):
                with pytest.raises(psycopg2.errors.RestrictViolation):
                    cursor.execute(sql)
            cursor.execute(
                "SELECT count(*) FROM pg_constraint WHERE contype = 'f'"
                " AND 'police.offence'::regclass IN (conrelid, confrelid)"
            )
            assert cursor.fetchone() == (0,)

    @pytest.mark.django_db
    def test_store_a_line_of_a_file_once(self) -> None:
        same = {"file_id": AgencyFactory().id, "line": 2}
        more = {"clinic_id": same["file_id"], "person_id": same["file_id"], "occurred_on": date(2026, 1, 1)}
        PoliceOffence(**same, **more, kind="robbery").save(using="default", force_insert=True)

        with refused_by("one_police_offence_per_line"):
            PoliceOffence(**same, **more, kind="robbery").save(using="default", force_insert=True)


class TestWhatIsRead:
    @pytest.fixture
    def agreement(self, room, manager, worker):
        made = an_agreement(room, by=manager)
        a_sharing_consent(room, made)
        a_reference(room, made, by=worker)
        return made

    def kinds(self, room: TreatmentRoom) -> list[str]:
        page = get_recorded_page(
            clinic=room.clinic, person_id=room.patient.id, today=london_date(now()), at=now()
        )
        assert page is not None
        return [line.kind for line in page.offences]

    def frozen_recorded(self, room: TreatmentRoom) -> list[str]:
        rows = list_recorded_for_report(clinic_id=room.clinic.id, as_of=london_date(now()) + A_DAY)
        return [row["offence"] for row in rows]

    def frozen(self, room: TreatmentRoom, *, by: User) -> list[tuple[str, str]]:
        with transaction.atomic():
            extract = freeze_extract(clinic=room.clinic.id, as_of=london_date(now()) + A_DAY, by=by, at=now())
        segments = ExtractSegment.objects.filter(id__in=extract.segment_ids, table_name="offences")
        return sorted((row["offence"], row["source"]) for one in segments for row in one.rows)

    def test_is_the_file_that_replaced_another_for_case_workers_and_reports(
        self, room, agreement, manager, worker, yesterday
    ) -> None:
        first = a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)
        assert self.kinds(room) == ["Robbery"]

        a_police_file(room, agreement, f"QX7TR2,{yesterday},shoplifting", by=manager, replaces=first.id)

        assert self.kinds(room) == ["Shoplifting"]
        assert PoliceOffence.objects.count() == 2
        assert self.frozen(room, by=manager) == [("shoplifting", "police_recorded")]

    def test_of_days_that_an_earlier_history_tells_of_is_counted_as_often_as_the_file_says(
        self, room, agreement, manager, yesterday
    ) -> None:
        imported = {"key": None, "recorded_by": None, "recorded_at": None, "import_run_id": uuid.uuid4()}
        OffenceFactory(
            clinic_id=room.clinic.id,
            person_id=room.patient.id,
            occurred_on=yesterday,
            type_id="shoplifting",
            source="police_recorded",
            **imported,
        )
        a_police_file(room, agreement, *[f"QX7TR2,{yesterday},shoplifting"] * 3, by=manager)

        assert self.frozen(room, by=manager) == [("shoplifting", "police_recorded")] * 3

    def test_stays_apart_from_what_the_person_told(self, room, agreement, manager, yesterday) -> None:
        a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)
        OffenceFactory(
            clinic_id=room.clinic.id, person_id=room.patient.id, occurred_on=yesterday, type_id="robbery"
        )

        assert self.kinds(room) == ["Robbery"]
        assert self.frozen(room, by=manager) == [
            ("robbery", "police_recorded"),
            ("robbery", "self_reported"),
        ]

    def test_is_nothing_once_consent_was_taken_back_or_case_workers_were_not_agreed(
        self, room, agreement, manager, worker, yesterday
    ) -> None:
        a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)
        hidden = an_agreement(room, by=manager, basis=Basis.LAW, case_workers_see=False)
        a_reference(room, hidden, by=worker)
        a_police_file(room, hidden, f"QX7TR2,{yesterday},shoplifting", by=manager)
        assert self.kinds(room) == ["Robbery"]
        assert sorted(self.frozen_recorded(room)) == ["robbery", "shoplifting"]

        withdraw_consent(
            person_id=room.patient.id,
            clinic=room.clinic,
            purpose=Purpose.POLICE,
            agency_id=agreement.agency_id,
            by=worker,
            at=now(),
        )

        assert self.kinds(room) == []
        assert self.frozen_recorded(room) == ["shoplifting"]

    def test_is_in_the_answer_to_a_person_who_asks_what_is_held(
        self, room, agreement, manager, yesterday
    ) -> None:
        a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)

        held = {table.label: table.rows for table in get_held(person_id=room.patient.id, at=now()).tables}

        assert [row["kind"] for row in held["outcomes.PoliceOffence"]] == ["robbery"]
        assert [row["reference"] for row in held["outcomes.PoliceReference"]] == ["QX7TR2"]

    def test_stands_on_a_page_of_its_own_and_the_look_is_recorded(
        self, room, agreement, manager, worker, yesterday, sign_in
    ) -> None:
        a_police_file(room, agreement, f"QX7TR2,{yesterday},robbery", by=manager)
        client = sign_in(Client(), worker)

        url = reverse("outcomes:see_recorded_offences", args=[room.clinic.code, room.patient.id])
        text = client.get(url).content.decode()

        assert "Robbery" in text and "QX7TR2" in text
        assert AuditEvent.objects.filter(
            event="outcomes.recorded_offences_seen", person=room.patient.id, actor=worker
        ).exists()
