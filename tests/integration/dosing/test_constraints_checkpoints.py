"""What the tables of checkpoints, incarnations and verifications refuse, and that they take what is right."""

from __future__ import annotations

from typing import Any

import pytest

from dosing.models import Incarnation, RegisterLine, RegisterVerification
from tests.factories import NINE, UserFactory
from tests.factories.checkpoints import a_row
from tests.factories.register import an_open_register, receive
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> RegisterLine:
    """A ledger with two lines."""
    line = an_open_register()
    receive(line, 5)
    receive(line, 7)
    return line


def an_incarnation(**changes: Any) -> Incarnation:
    told = {
        "number": 2,
        "reason": "Restored after the disk failed.",
        "heads": [],
        "lost": [],
        "started_at": NINE,
        "started_by": UserFactory(),
        "confirmed_by": UserFactory(),
        "key": "a" * 64,
        "signature": "b" * 128,
    }
    return Incarnation.objects.create(**told | changes)


def a_verification(line: RegisterLine | None, **changes: Any) -> RegisterVerification:
    told = {
        "line": line,
        "result": "whole",
        "lines": 2,
        "checkpoints": 1,
        "verified_at": NINE,
        "verified_by": UserFactory(),
    }
    return RegisterVerification.objects.create(**told | changes)


class TestCheckpoint:
    def test_tells_of_a_line_as_it_stands(self, line) -> None:
        assert a_row(line).seq == 2

    @pytest.mark.parametrize("change", [{"seq": 1}, {"seq": 3}, {"head_hash": "c" * 64}, {"balance": 11}])
    def test_of_a_line_that_is_not_there_is_refused(self, line, change) -> None:
        with refused_by("checkpoint_tells_of_its_line"):
            a_row(line, **change)

    def test_may_be_of_an_earlier_line(self, line) -> None:
        first = line.entries.get(seq=1)

        assert a_row(line, seq=1, head_hash=first.hash, balance=first.balance)

    def test_is_of_the_incarnation_that_lives(self, line) -> None:
        with refused_by("checkpoint_is_of_the_living_incarnation"):
            a_row(line, incarnation=2)
        an_incarnation()

        a_row(line, incarnation=2)

        with refused_by("checkpoint_is_of_the_living_incarnation"):
            a_row(line, incarnation=1)

    def test_is_one_per_line_of_a_register(self, line) -> None:
        a_row(line)

        with refused_by("one_checkpoint_per_line_of_a_register"):
            a_row(line)

    @pytest.mark.parametrize("change", [{"key": "a" * 63}, {"signature": ""}, {"key": "G" * 64}])
    def test_has_a_signature(self, line, change) -> None:
        with refused_by("checkpoint_is_signed"):
            a_row(line, **change)


class TestIncarnation:
    def test_follows_the_last(self) -> None:
        an_incarnation()
        an_incarnation(number=5)

        with refused_by("incarnation_follows_the_last"):
            an_incarnation(number=4)

    def test_is_never_the_first(self) -> None:
        with refused_by("incarnation_follows_the_last"):
            an_incarnation(number=1)

    def test_is_confirmed_by_another(self) -> None:
        alone = UserFactory()

        with refused_by("incarnation_is_confirmed_by_another"):
            an_incarnation(started_by=alone, confirmed_by=alone)

    def test_has_a_reason(self) -> None:
        with refused_by("incarnation_has_a_reason"):
            an_incarnation(reason="")

    def test_has_a_signature(self) -> None:
        with refused_by("incarnation_is_signed"):
            an_incarnation(signature="b")


class TestVerification:
    def test_may_be_of_no_ledger_that_is_here(self) -> None:
        assert a_verification(None)

    @pytest.mark.parametrize(
        "found",
        [
            {},
            {"result": "tampered", "first_bad_seq": 2, "reason": "line 2 is not what was written"},
            {"result": "cannot_tell", "reason": "An unknown key."},
        ],
    )
    def test_finds_one_of_three_things(self, line, found) -> None:
        assert a_verification(line, **found)

    def test_finds_nothing_else(self, line) -> None:
        with refused_by("verification_result_is_known"):
            a_verification(line, result="fine", reason="x")

    @pytest.mark.parametrize("found", [{"result": "tampered", "reason": "x"}, {"first_bad_seq": 2}])
    def test_names_the_first_bad_line(self, line, found) -> None:
        with refused_by("verification_names_the_first_bad_line"):
            a_verification(line, **found)

    @pytest.mark.parametrize("found", [{"result": "cannot_tell"}, {"reason": "x"}])
    def test_says_why_it_is_not_whole(self, line, found) -> None:
        with refused_by("verification_says_why_it_is_not_whole"):
            a_verification(line, **found)
