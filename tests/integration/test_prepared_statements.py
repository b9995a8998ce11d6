"""Statements planned once for each connection."""

from __future__ import annotations

import uuid

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.core.prepared import ask_once_planned, insert_planned, list_once_planned
from hat_clinic.core.transactions import one_act
from tests.factories.accounts import UserFactory
from tests.statements import statements

SUM = "SELECT $1 + $2 AS total, 'x' AS letter"


@pytest.mark.django_db
class TestAStatementPlannedOnce:
    def test_is_planned_at_the_first_asking_and_named_afterwards(self) -> None:
        sql = f"{SUM} -- first"
        with statements() as found:
            answers = [ask_once_planned(sql, ("int", "int"), [one, 2]) for one in (1, 40)]

        assert answers == [{"total": 3, "letter": "x"}, {"total": 42, "letter": "x"}]
        assert [text.split()[0] for text, _ in found.sent] == ["PREPARE", "EXECUTE", "EXECUTE"]

    def test_answers_none_where_there_is_no_row(self) -> None:
        assert ask_once_planned("SELECT 1 AS one WHERE $1 > 1", ("int",), [0]) is None

    def test_survives_a_transaction_that_was_undone(self) -> None:
        sql = f"{SUM} -- undone"
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            ask_once_planned(sql, ("int", "int"), [1, 1])
            raise ZeroDivisionError

        assert ask_once_planned(sql, ("int", "int"), [1, 1]) == {"total": 2, "letter": "x"}

    def test_keeps_what_is_sent_apart_from_what_is_asked(self) -> None:
        text = "'; DROP TABLE dosing_order; --"

        assert ask_once_planned("SELECT $1 AS said", ("text",), [text]) == {"said": text}

    def test_gives_every_row_in_the_order_of_its_columns(self) -> None:
        sql = "SELECT n, n * $1 FROM generate_series(1, $2) AS n"

        assert list_once_planned(sql, ("int", "int"), [10, 3]) == [(1, 10), (2, 20), (3, 30)]
        assert list_once_planned(sql, ("int", "int"), [10, 0]) == []


@pytest.mark.django_db
class TestANewRow:
    def test_is_stored_as_the_program_would_store_it(self) -> None:
        by = UserFactory()
        kept = []
        for detail in ({"codes": ["a", "b"]}, {"words": "'; --", "count": 3}):
            row = AuditEvent(
                at=now(), actor=by, clinic=uuid.uuid4(), event="dosing.tried", detail=detail, object_id="x"
            )
            with statements() as found:
                insert_planned(row)
            kept.append([text.split()[0] for text, _ in found.sent])
        stored = list(AuditEvent.objects.filter(event="dosing.tried").order_by("id"))

        assert kept[1] == ["EXECUTE"]
        assert [one.detail for one in stored] == [{"codes": ["a", "b"]}, {"words": "'; --", "count": 3}]
        assert all(one.actor == by and one.recorded_at is not None and one.person is None for one in stored)
        assert not row._state.adding

    def test_goes_in_with_others_by_one_statement(self) -> None:
        rows = [AuditEvent(at=now(), event="dosing.tried", detail={"count": n}) for n in range(3)]
        with statements() as found:
            insert_planned(*rows)

        sent = [text.split()[0] for text, _ in found.sent]
        assert [one for one in sent if one != "PREPARE"] == [
            "EXECUTE"
        ]  # planned before on this connection, or now
        stored = AuditEvent.objects.filter(event="dosing.tried").order_by("id")
        assert [one.detail for one in stored] == [{"count": n} for n in range(3)]
        assert not any(row._state.adding for row in rows)

    def test_is_held_to_the_table_s_rules(self) -> None:
        with pytest.raises(IntegrityError, match="audit_event_is_a_name"), transaction.atomic():
            insert_planned(AuditEvent(at=now(), event="Not a name"))


class TestAConnectionOfItsOwn:
    def test_plans_anew(self, own_database: str) -> None:
        sql = f"{SUM} -- anew"
        ask_once_planned(sql, ("int", "int"), [1, 1])
        connection.close()

        assert ask_once_planned(sql, ("int", "int"), [2, 1]) == {"total": 3, "letter": "x"}


class TestATableThatChanges:
    def test_fails_once_and_is_planned_anew(self, own_database: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE changing (held integer)")
            cursor.execute("INSERT INTO changing VALUES (7)")
            sql = "SELECT held FROM changing WHERE held > $1"
            before = ask_once_planned(sql, ("int",), [1])
            cursor.execute("ALTER TABLE changing ALTER held TYPE bigint")
            with pytest.raises(DatabaseError, match="cached plan"):
                ask_once_planned(sql, ("int",), [1])

            assert before == ask_once_planned(sql, ("int",), [1]) == {"held": 7}

    def test_is_asked_again_by_an_act(self, own_database: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE changing_again (held integer)")
            cursor.execute("INSERT INTO changing_again VALUES (7)")
            sql = "SELECT held FROM changing_again WHERE held > $1"
            ask_once_planned(sql, ("int",), [1])
            cursor.execute("ALTER TABLE changing_again ALTER held TYPE bigint")

        assert one_act(lambda: ask_once_planned(sql, ("int",), [1])) == {"held": 7}
