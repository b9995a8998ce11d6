"""verify_register: exit 0 intact, 1 tampered, 2 cannot tell."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from dosing.queries.register import list_registers, verify_register
from tests.factories import PremisesFactory
from tests.factories.register import a_stocked_batch, a_whole_injection, an_open_register, receive
from tests.owner import as_owner

UNSEEN = "Compared without a checkpoint kept elsewhere"


def run() -> str:
    out = io.StringIO()
    call_command("verify_register", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
class TestAWholeRegister:
    def test_is_said_to_be_whole_with_what_was_not_compared(self) -> None:
        batch = a_stocked_batch()
        a_whole_injection(batch)
        premises = batch.line.premises

        said = run()

        title = f"{premises.clinic.code} diamorphine 100 mg, ampoule, powder for injection, {premises.name}"
        assert f"{title}: whole, 2 lines." in said
        assert UNSEEN in said

    def test_may_have_no_line_yet(self) -> None:
        an_open_register()

        assert "whole, 0 lines." in run()

    def test_need_not_be_open(self) -> None:
        assert "No register is open: there is nothing to verify." in run()

    def test_is_one_of_several_each_named(self) -> None:
        premises = PremisesFactory()
        receive(an_open_register(premises, strength_mg=100), 5)
        receive(an_open_register(premises, strength_mg=500), 5)

        said = run()

        assert "100 mg" in said
        assert "500 mg" in said
        assert said.count("whole, 1 line.") == 2

    def test_is_read_in_two_queries_its_lines_in_one(self, django_assert_num_queries) -> None:
        batch = a_stocked_batch()
        for _ in range(5):
            receive(batch.line, 1)

        with django_assert_num_queries(2):
            verify_register(batch.line_id)


class TestATamperedRegister:
    def test_is_told_with_its_first_bad_line_and_exit_1(self, own_database: str) -> None:
        line = an_open_register()
        other = a_stocked_batch().line
        for _ in range(3):
            receive(line, 5)
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_registerentry DISABLE TRIGGER USER")
            owner.execute("UPDATE dosing_registerentry SET ampoules = 4, balance = balance - 1 WHERE seq = 2")
        out = io.StringIO()

        with pytest.raises(CommandError, match="1 of 2 registers are not whole") as refusal:
            call_command("verify_register", stdout=out)

        assert refusal.value.returncode == 1
        assert "TAMPERED at line 2: line 2 is not what was written." in out.getvalue()
        assert verify_register(other.id).ok
        assert {named.id for named in list_registers()} == {line.id, other.id}


class TestAnUnreadableRegister:
    def test_is_told_with_exit_2(self, own_database: str) -> None:
        an_open_register()
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE dosing_registerhead RENAME TO elsewhere")

        with pytest.raises(CommandError, match=r"Cannot tell: .* run this again") as refusal:
            call_command("verify_register")

        assert refusal.value.returncode == 2

    def test_is_told_with_exit_2_when_the_database_is_not_there(self, own_database: str) -> None:
        connection.close()
        right = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = "no_such_database"
        try:
            with pytest.raises(CommandError, match="Cannot tell") as refusal:
                call_command("verify_register")
        finally:
            connection.close()
            connection.settings_dict["NAME"] = right

        assert refusal.value.returncode == 2
