"""What a checkpoint says, the code on paper, and which rewritings of a ledger the two catch."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.chain import verify_lines
from dosing.rules.checkpoints import (
    MOST_AGE,
    VERIFIED_WITHIN,
    NotACheckpoint,
    Restored,
    SignedCheckpoint,
    Statement,
    WhyNoIncarnation,
    alarms,
    as_kept,
    checkpoint_text,
    compare,
    from_kept,
    incarnation_text,
    may_start_incarnation,
    number_of_next,
    read_code,
    short_code,
)
from dosing.rules.register import ChainedEntry, ChainVerdict
from hat_clinic.scenarios.proofs.ledgers import a_ledger, as_text, head_of, rehashed

AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def said(entries: list[ChainedEntry], *, incarnation: int = 1, at: datetime = AT) -> Statement:
    last = entries[-1]
    return Statement("CLINIC1", incarnation, last.line_id, last.seq, last.hash, last.balance, at)


def found(
    entries: list[ChainedEntry],
    *statements: Statement,
    incarnation: int = 1,
    restores: tuple[Restored, ...] = (),
    lives: tuple[int, ...] = (),
) -> ChainVerdict:
    wanted = {one.seq for one in statements} | {one.seq for one in restores}
    head = head_of(entries)
    verdict, marks = verify_lines([as_text(entry) for entry in entries], head=head, marks=wanted)
    return compare(
        statements,
        verdict=verdict,
        marks=marks,
        head=head,
        incarnation=incarnation,
        restores=restores,
        lives=lives,
    )


class TestTheTextThatIsSigned:
    def test_is_length_prefixed_behind_its_version(self) -> None:
        text = checkpoint_text(Statement("A,b", 2, UUID(int=5), 7, "0" * 64, 3, AT))

        assert text.startswith(
            b"16:hat-checkpoint/1,3:A,b,1:2,36:00000000-0000-0000-0000-000000000005,1:7,64:"
        )
        assert text.endswith(b",1:3,27:2026-11-24T10:00:00.000000Z,")

    @pytest.mark.parametrize(
        "change",
        [
            {"origin": "CLINIC2"},
            {"incarnation": 2},
            {"line_id": UUID(int=6)},
            {"seq": 8},
            {"head_hash": "1" * 64},
            {"balance": 4},
            {"made_at": AT + timedelta(microseconds=1)},
        ],
    )
    def test_differs_with_every_field(self, change) -> None:
        one = Statement("CLINIC1", 1, UUID(int=5), 7, "0" * 64, 3, AT)

        assert checkpoint_text(replace(one, **change)) != checkpoint_text(one)

    def test_of_an_incarnation_differs_with_where_the_ledgers_stood(self) -> None:
        told = {
            "number": 2,
            "reason": "r",
            "started_at": AT,
            "started_by": UUID(int=1),
            "confirmed_by": UUID(int=2),
        }

        texts = {
            incarnation_text(**told, heads=heads, lost=lost)
            for heads in ([], [["a", "1", "h"]], [["a", "1", "h"], ["b", "2", "i"]], [["a", "1h", ""]])
            for lost in ([], [["b", "2", "i"]])
        }

        assert len(texts) == 8


class TestAKeptCheckpoint:
    ONE = SignedCheckpoint(Statement("CLINIC1", 1, UUID(int=5), 7, "a" * 64, 3, AT), "b" * 64, "c" * 128)

    def test_is_read_as_it_was_kept(self) -> None:
        assert from_kept(as_kept(self.ONE)) == self.ONE

    @pytest.mark.parametrize(
        "line",
        [
            "",
            "no json",
            "[]",
            "7",
            "{}",
            as_kept(ONE).replace("hat-checkpoint/1", "hat-checkpoint/9"),
            as_kept(ONE).replace('"seq": 7', '"seq": "7"'),
            as_kept(ONE).replace('"seq": 7', '"seq": true'),
            as_kept(ONE).replace('"origin": "CLINIC1"', '"origin": 1'),
            as_kept(ONE).replace("00000000-0000", "0000"),
            as_kept(ONE).replace("2026-11-24T", "2026-13-24T"),
        ],
    )
    def test_that_is_none_is_refused(self, line: str) -> None:
        with pytest.raises(NotACheckpoint):
            from_kept(line)

    def test_is_one_line(self) -> None:
        assert "\n" not in as_kept(self.ONE)
        assert json.loads(as_kept(self.ONE))["version"] == "hat-checkpoint/1"


class TestTheCodeOnPaper:
    def test_is_the_lines_number_and_four_groups(self) -> None:
        code = short_code(line_id=UUID(int=5), seq=12, head_hash="a" * 64)

        number, *groups = code.text.split("-")
        assert number == "12"
        assert [len(group) for group in groups] == [4, 4, 4, 4]
        assert not set("".join(groups)) & set("ILOU")

    def test_differs_with_ledger_line_and_hash(self) -> None:
        codes = {
            short_code(line_id=UUID(int=line), seq=seq, head_hash=digest).text
            for line in (5, 6)
            for seq in (1, 2)
            for digest in ("a" * 64, "b" * 64)
        }

        assert len(codes) == 8

    @given(st.integers(0, 999_999_999), st.text("0123456789abcdef", min_size=64, max_size=64))
    def test_is_read_as_it_was_printed(self, seq: int, digest: str) -> None:
        code = short_code(line_id=UUID(int=5), seq=seq, head_hash=digest)

        assert read_code(code.text) == code
        assert read_code(f"  {code.text.lower()} ") == code
        assert read_code(code.text.replace("-", " ")) == code

    def test_takes_letters_that_look_like_digits_for_them(self) -> None:
        code = next(
            one
            for one in (short_code(line_id=UUID(int=5), seq=7, head_hash=f"{n:064x}") for n in range(99))
            if {"0", "1"} <= set(one.digits)
        )

        number, _, rest = code.text.partition("-")

        assert read_code(f"{number}-{rest.replace('0', 'O').replace('1', 'l')}") == code

    @given(st.integers(0, 15), st.integers(1, 31), st.integers(1, 999_999))
    def test_with_one_character_misread_is_none(self, place: int, step: int, seq: int) -> None:
        digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        code = short_code(line_id=UUID(int=5), seq=seq, head_hash="a" * 64)
        other = digits[(digits.index(code.digits[place]) + step) % 32]
        misread = code.digits[:place] + other + code.digits[place + 1 :]

        assert read_code(f"{seq}-{misread}") is None

    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "12",
            "12-",
            "-7KQ2M9XD4RTP0WZB",
            "x-7KQ2M9XD4RTP0WZB",
            "12-7KQ2",
            "１２-7KQ2M9XD4RTP0WZB",
            "1" * 61,
        ],
    )
    def test_is_not_made_of_anything(self, typed: str) -> None:
        assert read_code(typed) is None


# What whoever holds the database may do, and then chain all anew. Each is whole in itself.
REWRITINGS: dict[str, Callable[[list[ChainedEntry]], list[ChainedEntry]]] = {
    "edit": lambda lines: [*lines[:2], replace(lines[2], reference="another"), *lines[3:]],
    "delete": lambda lines: [*lines[:2], *lines[3:]],
    "cut the tail": lambda lines: lines[:-2],
    "restore and go on": lambda lines: [
        *lines[:-2],
        replace(lines[-2], reference="b"),
        replace(lines[-1], reference="c"),
    ],
    "swap": lambda lines: [lines[0], lines[2], lines[1], *lines[3:]],
    "insert": lambda lines: [*lines[:2], replace(lines[0], id=9), *lines[2:]],
    "rewrite the balance": lambda lines: [replace(lines[0], ampoules=lines[0].ampoules + 5), *lines[1:]],
}


def a_long_ledger() -> list[ChainedEntry]:
    lines = a_ledger(8, seed=11)
    return rehashed([replace(lines[0], ampoules=400), *lines[1:]])


class TestARewrittenLedger:
    @pytest.mark.parametrize("name", REWRITINGS)
    def test_is_whole_in_itself_and_caught_by_a_checkpoint(self, name: str) -> None:
        entries = a_long_ledger()
        forged = rehashed(REWRITINGS[name](entries))

        assert found(forged).ok
        assert not found(forged, said(entries)).ok

    def test_is_told_between_the_checkpoint_that_agrees_and_the_one_that_does_not(self) -> None:
        entries = a_long_ledger()
        forged = rehashed([*entries[:4], replace(entries[4], reference="another"), *entries[5:]])

        verdict = found(forged, said(entries[:3]), said(entries[:6]), said(entries))

        assert verdict.first_bad_seq == 4
        assert "line 6 is not what the checkpoint of 2026-11-24T10:00:00.000000Z tells" in verdict.reason

    def test_that_is_shorter_cannot_have_this_history(self) -> None:
        entries = a_long_ledger()

        verdict = found(entries[:5], said(entries))

        assert verdict.first_bad_seq == 6
        assert "it cannot have this history, it was restored or cut" in verdict.reason

    def test_with_another_balance_at_the_line_is_caught(self) -> None:
        entries = a_long_ledger()

        assert not found(entries, replace(said(entries), balance=1)).ok

    def test_that_is_broken_already_stays_so(self) -> None:
        entries = a_long_ledger()
        broken = [*entries[:3], replace(entries[3], reference="x"), *entries[4:]]

        assert found(broken, said(entries[:2])).first_bad_seq == 4

    def test_without_a_head_stays_as_it_was_found(self) -> None:
        nothing = ChainVerdict(ok=True, count=0)

        assert compare([], verdict=nothing, marks={}, head=None, incarnation=1) is nothing


class TestAWholeLedger:
    def test_agrees_with_all_its_checkpoints(self) -> None:
        entries = a_long_ledger()

        assert found(entries, *(said(entries[:length]) for length in range(1, 9))).ok


class TestARestoredLedger:
    def test_of_an_older_life_than_a_checkpoint_cannot_have_its_history(self) -> None:
        entries = a_long_ledger()

        verdict = found(entries, said(entries, incarnation=2))

        assert not verdict.ok
        assert "of incarnation 2, this database of 1" in verdict.reason

    def test_is_whole_once_the_restore_is_on_record(self) -> None:
        entries = a_long_ledger()
        kept = entries[:5]
        went_on = rehashed([*kept, replace(entries[6], reference="again")])
        restored = Restored(incarnation=2, seq=5, hash=kept[-1].hash)
        checkpoints = (said(entries), said(kept[:3]), said(went_on, incarnation=2))

        assert found(went_on, *checkpoints, incarnation=2, restores=(restored,), lives=(2,)).ok

    def test_is_whole_after_a_second_restore_from_before_the_first(self) -> None:
        entries = a_long_ledger()
        second_life = rehashed([*entries[:3], replace(entries[3], reference="of the second life")])
        went_on = rehashed([*entries[:6], replace(entries[6], reference="again")])
        restored = Restored(incarnation=3, seq=6, hash=entries[5].hash)
        checkpoints = (
            said(entries),
            said(entries[:3]),
            said(second_life, incarnation=2),
            said(went_on, incarnation=3),
        )

        assert found(went_on, *checkpoints, incarnation=3, restores=(restored,), lives=(3,)).ok
        assert not found(went_on, *checkpoints, incarnation=3, lives=(3,)).ok
        assert not found(went_on, *checkpoints, incarnation=3, restores=(restored,), lives=(2, 3)).ok

    def test_has_a_number_above_every_life_that_was_signed(self) -> None:
        entries = a_long_ledger()

        assert number_of_next(1, []) == 2
        assert number_of_next(3, [said(entries, incarnation=2)]) == 4
        assert number_of_next(1, [said(entries, incarnation=2), said(entries)]) == 3

    def test_is_not_whole_when_a_line_before_the_restore_is_another(self) -> None:
        entries = a_long_ledger()
        forged = rehashed([replace(entries[0], reference="x"), *entries[1:5]])
        restored = Restored(incarnation=2, seq=5, hash=entries[4].hash)

        verdict = found(forged, incarnation=2, restores=(restored,))

        assert (verdict.ok, verdict.reason) == (False, "line 5 is not the one that was restored")

    def test_may_have_begun_with_no_line(self) -> None:
        entries = a_long_ledger()

        assert found(entries, incarnation=2, restores=(Restored(2, 0, "0" * 64),)).ok


class TestANewIncarnation:
    def test_may_begin_with_a_reason_and_two_leads(self) -> None:
        assert may_start_incarnation(reason="r" * 20, is_same_person=False, are_both_leads=True) == ()

    def test_is_told_everything_that_stands_against_it(self) -> None:
        against = may_start_incarnation(reason=" short ", is_same_person=True, are_both_leads=False)

        assert against == (
            WhyNoIncarnation.SAME_PERSON,
            WhyNoIncarnation.NOT_THE_LEADS,
            WhyNoIncarnation.REASON,
        )

    @pytest.mark.parametrize(("length", "may"), [(19, False), (20, True), (300, True), (301, False)])
    def test_has_a_reason_of_some_length(self, length: int, may: bool) -> None:
        against = may_start_incarnation(reason="r" * length, is_same_person=False, are_both_leads=True)

        assert (against == ()) is may


class TestAlarms:
    WELL = {"waiting": {}, "not_whole": [], "unverified": [timedelta(hours=3)]}

    def test_are_none_when_all_is_well_or_nothing_is_written(self) -> None:
        assert alarms(**self.WELL) == ()
        assert alarms(waiting={}, not_whole=[], unverified=[]) == ()

    @pytest.mark.parametrize(("age", "rings"), [(MOST_AGE, False), (MOST_AGE + timedelta(seconds=1), True)])
    def test_ring_for_a_line_without_a_checkpoint(self, age: timedelta, rings: bool) -> None:
        told = alarms(**self.WELL | {"waiting": {"the ledger": age}})

        assert bool(told) is rings
        assert not rings or "No checkpoint of the ledger for 5 minutes" in told[0]

    @pytest.mark.parametrize(
        ("since", "rings"), [(VERIFIED_WITHIN, False), (VERIFIED_WITHIN + timedelta(seconds=1), True)]
    )
    def test_ring_for_a_night_without_verification_of_any_ledger(self, since: timedelta, rings: bool) -> None:
        told = alarms(**self.WELL | {"unverified": [timedelta(0), since]})

        assert bool(told) is rings
        assert not rings or "No verification of the register has succeeded for 26 hours." in told[0]

    def test_ring_for_a_register_that_is_not_whole(self) -> None:
        (told,) = alarms(**self.WELL | {"not_whole": ["The ledger, line 4: changed."]})

        assert told.startswith("The register is NOT WHOLE: The ledger, line 4: changed.")
