"""Verifying a ledger from texts says what verifying it line by line says, whatever is altered."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.chain import COLUMNS, HASHED, exported, prefixed, verify_lines
from dosing.rules.register import (
    NO_HASH,
    ChainedEntry,
    ChainHead,
    ChainVerdict,
    entry_hash,
    length_prefixed,
    verify_chain,
)
from hat_clinic.scenarios.proofs.ledgers import a_ledger, as_text, head_of, rehashed

LINES = int(os.environ.get("HAT_PROVE_N", "12"))


def verify(entries: list[ChainedEntry], head: ChainHead | None = None) -> ChainVerdict:
    return verify_lines([as_text(entry) for entry in entries], head=head)[0]


def altered(value: Any) -> Any:
    """Return another value of the same kind."""
    match value:
        case None:
            return UUID(int=7)
        case UUID():
            return UUID(int=value.int ^ 1)
        case datetime():
            return value + timedelta(microseconds=1)
        case int():
            return value + 1
        case _:
            return value + "x"


class TestTheBytes:
    @given(st.lists(st.none() | st.text(max_size=12)))
    def test_are_those_of_the_slow_way(self, texts: list[str | None]) -> None:
        assert prefixed(texts) == length_prefixed(texts)


class TestAWholeLedger:
    @pytest.mark.parametrize("seed", range(20))
    def test_is_whole_both_ways(self, seed: int) -> None:
        entries = a_ledger(1 + seed, seed=seed)

        assert verify(entries, head_of(entries)) == verify_chain(entries, head=head_of(entries))
        assert verify(entries, head_of(entries)) == ChainVerdict(ok=True, count=len(entries))

    def test_may_be_empty(self) -> None:
        nothing = ChainHead(seq=0, balance=0, hash=NO_HASH)

        assert verify_lines([], head=nothing, marks=[0, 1]) == (
            ChainVerdict(ok=True, count=0),
            {0: (NO_HASH, 0)},
        )

    def test_tells_what_stands_at_the_lines_that_are_asked_for(self) -> None:
        entries = a_ledger(5)

        _, marks = verify_lines([as_text(entry) for entry in entries], head=None, marks=[2, 5, 9])

        assert marks == {seq: (entries[seq - 1].hash, entries[seq - 1].balance) for seq in (2, 5)}


class TestAnAlteredLedger:
    @pytest.mark.parametrize("name", [field.name for field in fields(ChainedEntry)])
    def test_is_seen_at_its_line_whichever_field_it_is(self, name: str) -> None:
        entries = a_ledger(LINES, seed=3)
        for place, entry in enumerate(entries):
            changed = replace(entry, **{name: altered(getattr(entry, name))})
            forged = [*entries[:place], changed, *entries[place + 1 :]]
            verdict = verify(forged, head_of(entries))

            assert not verdict.ok
            assert verdict == verify_chain(forged, head=head_of(entries))
            assert verdict.first_bad_seq == place + 1

    @pytest.mark.parametrize(
        "forge",
        [
            lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
            lambda lines: [*lines[:2], *lines[3:]],
            lambda lines: [*lines[:3], lines[2], *lines[3:]],
            lambda lines: lines[:-1],
            lambda lines: [],
            lambda lines: lines[1:],
            lambda lines: [lines[0], *a_ledger(6, seed=8)[1:]],
            lambda lines: [replace(lines[0], balance=lines[0].balance + 1), *lines[1:]],
        ],
    )
    def test_is_seen_when_lines_are_moved_dropped_or_doubled(self, forge) -> None:
        entries = a_ledger(6, seed=5)
        forged = forge(entries)

        verdict = verify(forged, head_of(entries))

        assert not verdict.ok
        assert verdict == verify_chain(forged, head=head_of(entries))

    @pytest.mark.parametrize("change", [{"hash": "0" * 64}, {"balance": 1}, {"seq": 2}])
    def test_is_seen_when_the_head_is_another(self, change: dict[str, Any]) -> None:
        entries = a_ledger(3)

        verdict = verify(entries, replace(head_of(entries), **change))

        assert verdict == verify_chain(entries, head=replace(head_of(entries), **change))
        assert (verdict.first_bad_seq, verdict.reason) == (
            3,
            "the head of the register does not agree with its last line",
        )

    def test_is_seen_when_a_line_of_another_ledger_stands_in_it(self) -> None:
        entries = a_ledger(3)
        forged = [*entries[:2], replace(entries[2], line_id=UUID(int=1))]

        assert verify(forged).reason == "line 3 belongs to another register"

    @pytest.mark.parametrize("balance", [-1, 4])
    def test_is_seen_when_the_balance_is_not_the_sum_though_the_hashes_are_right(self, balance: int) -> None:
        first = a_ledger(1)[0]
        forged = rehashed([replace(first, ampoules=balance)])
        wrong = [as_text(forged[0])]
        if balance > 0:
            changed = replace(forged[0], balance=balance + 1)
            wrong = [as_text(replace(changed, hash=entry_hash(changed)))]

        verdict, _ = verify_lines(wrong, head=None)

        assert verdict.reason == "line 1 has a balance that its ampoules do not make"

    def test_is_whole_in_itself_when_it_was_chained_anew(self) -> None:
        entries = a_ledger(6)
        forged = rehashed([replace(entries[0], reference="another"), *entries[1:]])

        assert verify(forged, head_of(forged)).ok


class TestAnExport:
    def test_holds_what_is_hashed_and_nobodys_name(self) -> None:
        entry = replace(a_ledger(1)[0], party_name="Invented Person", party_address="8 Invented Yard")

        (told,) = exported([as_text(entry)])

        assert tuple(told) == ("version", *HASHED, "hash")
        assert "Invented" not in str(told)
        assert {"party_name", "party_address", "identity_salt"} <= set(COLUMNS) - set(told)
