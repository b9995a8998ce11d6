"""The database and Python hash the same bytes, and whatever is altered behind the application is seen."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dosing.actions.register import RegisterRefused
from dosing.models import Batch, RegisterEntry, RegisterHead, RegisterLine
from dosing.queries.register import verify_register
from dosing.rules.register import ChainedEntry, entry_hash
from tests.factories import NINE, UserFactory
from tests.factories.register import a_stocked_batch, a_whole_injection, an_open_register, receive
from tests.owner import as_owner

AWKWARD = [
    ("plain", "1 Street"),
    ("bar|bar", "colon:, comma,"),
    ("new\nline", "tab\t and \\ backslash"),
    ("Zoë Ñandú", "Łódź 東京 😀"),
    ("e\u0301 is not é", "%s %% {0} $1 'quoted' \"twice\""),
    ("-,", "0:,"),
    (" spaces ", "\u200bzero width\u00a0"),
]


def chained(line: RegisterLine) -> list[ChainedEntry]:
    """Read a ledger's lines as Python hashes them."""
    names = [field.name for field in fields(ChainedEntry)]
    return [ChainedEntry(*row) for row in line.entries.order_by("seq").values_list(*names)]


@pytest.mark.django_db
class TestTheDatabasesHash:
    @pytest.mark.parametrize(("name", "address"), AWKWARD)
    def test_is_pythons_for_awkward_text(self, name: str, address: str) -> None:
        line = an_open_register()

        written = receive(line, 5, supplier_name=name, supplier_address=address, requisition=name)

        (entry,) = chained(line)
        assert entry_hash(entry) == entry.hash == written.hash

    @pytest.mark.usefixtures("unfinished")
    @pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"])
    @pytest.mark.parametrize("style", ["ISO, MDY", "SQL, DMY", "German"])
    def test_follows_neither_the_sessions_zone_nor_its_date_style(self, zone: str, style: str) -> None:
        line = an_open_register()
        occurred_at = datetime(2026, 7, 1, 0, 30, 59, 123456, tzinfo=UTC)
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
            cursor.execute("SELECT set_config('DateStyle', %s, true)", [style])

            cursor.execute(
                "SELECT new_seq FROM register_append(%s, 'obtained', 5, NULL, NULL, NULL, 'A', 'B',"
                " NULL, NULL, NULL, NULL, '0088', %s, NULL, %s, gen_random_uuid())",
                [line.id, line.opened_by_id, occurred_at],
            )
            cursor.execute("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'")

        (entry,) = chained(line)
        assert entry.occurred_at == occurred_at
        assert entry_hash(entry) == entry.hash

    @pytest.mark.parametrize("microsecond", [0, 1, 10, 999_999])
    def test_keeps_microseconds(self, microsecond: int) -> None:
        line = an_open_register()

        receive(line, 5, at=NINE.replace(microsecond=microsecond))

        (entry,) = chained(line)
        assert entry.occurred_at.microsecond == microsecond
        assert entry_hash(entry) == entry.hash

    def test_tells_an_absent_witness_from_a_present_one(self) -> None:
        line = an_open_register()

        receive(line, 5, witness=None)
        receive(line, 5, witness=UserFactory())

        assert [entry_hash(entry) == entry.hash for entry in chained(line)] == [True, True]

    def test_is_pythons_for_a_supply(self) -> None:
        batch = a_stocked_batch()

        a_whole_injection(batch)

        supply = chained(batch.line)[1]
        assert supply.kind == "supplied"
        assert entry_hash(supply) == supply.hash
        assert verify_register(batch.line_id).ok


@pytest.mark.django_db
class TestTheBalance:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.tuples(st.booleans(), st.integers(1, 4)), min_size=1, max_size=8))
    def test_is_opening_plus_sum_at_every_line(self, acts: list[tuple[bool, int]]) -> None:
        batch = a_stocked_batch(3)
        expected, now_has = [3], 3
        for day, (is_receipt, ampoules) in enumerate(acts):
            if is_receipt:
                receive(batch.line, ampoules, batch_number=f"B{day % 2}")
            else:
                drawn = ampoules * 100
                try:
                    with transaction.atomic():
                        a_whole_injection(
                            batch, ampoules=ampoules, drawn_mg=drawn, given_mg=80, wasted_mg=drawn - 80
                        )
                except (RegisterRefused, IntegrityError) as refusal:
                    # Refused only for what is not there: in the register, or in that batch.
                    assert re.search("ampoules|stock_is_never_negative", str(refusal))
                    assert Batch.objects.get(id=batch.id).ampoules < ampoules
                    continue
            connection.check_constraints()
            now_has += ampoules if is_receipt else -ampoules
            expected.append(now_has)

        balances = list(batch.line.entries.order_by("seq").values_list("balance", flat=True))

        assert balances == expected
        assert RegisterHead.objects.get(line=batch.line).balance == now_has
        assert sum(batch.line.batches.values_list("ampoules", flat=True)) == now_has
        assert verify_register(batch.line_id).ok


@contextmanager
def behind_the_back(database: str) -> Iterator[Any]:
    """Give the owner's cursor with every trigger of the register switched off, as a hostile owner would."""
    tables = ("dosing_registerentry", "dosing_registerhead")
    with as_owner(database) as cursor:
        cursor.execute("SET synchronous_commit = off")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


ALTERATIONS = {
    "id": "id + 100000",
    "line_id": "(SELECT id FROM dosing_registerline l WHERE l.id <> line_id LIMIT 1)",
    "seq": "seq + 1000",
    "kind": "CASE kind WHEN 'obtained' THEN 'supplied' ELSE 'obtained' END",
    "ampoules": "ampoules + 1",
    "drawn_mg": "coalesce(drawn_mg, 0) + 1",
    "given_mg": "coalesce(given_mg, 0) + 1",
    "wasted_mg": "coalesce(wasted_mg, 0) + 1",
    "balance": "balance + 1",
    "party_name": "party_name || ' '",
    "party_address": "upper(party_address)",
    "identity_salt": "gen_random_uuid()",
    "patient_id": "CASE WHEN patient_id IS NULL THEN (SELECT id FROM patients_person LIMIT 1) END",
    "order_id": "CASE WHEN order_id IS NULL THEN (SELECT id FROM dosing_order LIMIT 1) END",
    "prescriber_id": "(SELECT id FROM accounts_user u WHERE u.id IS DISTINCT FROM prescriber_id LIMIT 1)",
    "injection_id": "CASE WHEN injection_id IS NULL THEN gen_random_uuid() END",
    "reference": "reference || '0'",
    "entered_by_id": "witness_id",
    "witness_id": "entered_by_id",
    "occurred_at": "occurred_at - interval '1 microsecond'",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "key": "gen_random_uuid()",
    "previous_hash": "md5(previous_hash)",
    "hash": "md5(hash)",
}


class TestARegisterAlteredByItsOwner:
    def test_is_seen_whatever_field_of_whatever_line_it_is(self, own_database: str) -> None:
        batch = a_stocked_batch()
        with transaction.atomic():
            a_whole_injection(batch)
        receive(batch.line, 7)
        an_open_register()
        entries = list(RegisterEntry.objects.order_by("seq").values_list("id", "seq"))
        assert set(ALTERATIONS) == {field.attname for field in RegisterEntry._meta.concrete_fields}
        assert verify_register(batch.line_id).ok

        missed, false_alarms = [], []
        with behind_the_back(own_database) as owner:
            for table in ("dosing_registerentry", "dosing_stockmovement"):
                owner.execute(
                    "SELECT conname FROM pg_constraint"
                    " WHERE conrelid = %s::regclass AND contype IN ('c', 'f')",
                    [table],
                )
                for (name,) in owner.fetchall():
                    owner.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
            for pk, seq in entries:
                for name, altered in ALTERATIONS.items():
                    owner.execute("CREATE TEMP TABLE kept AS SELECT * FROM dosing_registerentry")
                    change = f"UPDATE dosing_registerentry SET {name} = {altered} WHERE id = %s"
                    owner.execute(change, [pk])
                    verdict = verify_register(batch.line_id)
                    if verdict.ok or verdict.first_bad_seq != seq:
                        missed.append((seq, name, verdict))
                    owner.execute("DELETE FROM dosing_registerentry")
                    owner.execute("INSERT INTO dosing_registerentry SELECT * FROM kept")
                    owner.execute("DROP TABLE kept")
                    if not verify_register(batch.line_id).ok:
                        false_alarms.append((seq, name))

        assert missed == []
        assert false_alarms == []

    @pytest.mark.parametrize(
        ("statement", "first_bad_seq"),
        [
            ("UPDATE dosing_registerhead SET balance = balance + 1", 3),
            ("UPDATE dosing_registerhead SET hash = reverse(hash)", 3),
            ("UPDATE dosing_registerhead SET seq = seq - 1", 3),
            ("UPDATE dosing_registerhead SET seq = seq + 1", 4),
            ("DELETE FROM dosing_registerhead", 1),
        ],
    )
    def test_is_seen_when_it_is_the_head(self, own_database: str, statement: str, first_bad_seq: int) -> None:
        batch = a_stocked_batch()
        receive(batch.line, 7)
        receive(batch.line, 7)

        with behind_the_back(own_database) as owner:
            owner.execute(statement)

        verdict = verify_register(batch.line_id)
        assert not verdict.ok
        assert verdict.first_bad_seq == first_bad_seq


@pytest.mark.django_db
class TestALineSentTwice:
    def test_is_written_once_and_answered_alike(self) -> None:
        line = an_open_register()
        again = {"key": uuid.uuid4(), "by": UserFactory(), "witness": UserFactory()}

        first = receive(line, 5, **again)
        second = receive(line, 5, **again, at=NINE + timedelta(minutes=1))

        assert second == first
        assert line.entries.count() == 1
        assert sum(line.batches.values_list("ampoules", flat=True)) == 5

    @pytest.mark.parametrize(
        "other", [{"ampoules": 6}, {"requisition": "0089"}, {"batch_number": "X"}, {"supplier_name": "Y"}]
    )
    def test_with_other_content_is_refused(self, other: dict[str, Any]) -> None:
        line = an_open_register()
        again = {"key": uuid.uuid4(), "by": UserFactory(), "witness": UserFactory()}
        receive(line, 5, **again)

        with pytest.raises(RegisterRefused, match="already in the register"):
            receive(line, **{"ampoules": 5, **again, **other})

        assert line.entries.count() == 1
