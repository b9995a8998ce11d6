"""The register's canonical text, its chain and its LATE mark."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.rules.register import (
    NO_HASH,
    ChainedEntry,
    ChainHead,
    EntryKind,
    canonical_text,
    days_late,
    entry_hash,
    fixed_time,
    identity_commitment,
    length_prefixed,
    verify_chain,
)

LINE = UUID(int=1)
NINE = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)


def a_receipt(seq: int, balance: int, previous_hash: str, **changes: object) -> ChainedEntry:
    """Return a rightly hashed receipt of ten ampoules."""
    entry = ChainedEntry(
        id=100 + seq,
        line_id=LINE,
        seq=seq,
        kind=EntryKind.OBTAINED.value,
        ampoules=10,
        drawn_mg=None,
        given_mg=None,
        wasted_mg=None,
        balance=balance,
        party_name="Invented Wholesale",
        party_address="2 Invented Way",
        identity_salt=UUID(int=2),
        patient_id=None,
        order_id=None,
        prescriber_id=None,
        injection_id=None,
        reference="0088",
        entered_by_id=UUID(int=3),
        witness_id=UUID(int=4),
        occurred_at=NINE,
        recorded_at=NINE + timedelta(seconds=seq),
        key=UUID(int=1000 + seq),
        previous_hash=previous_hash,
        hash="",
    )
    entry = replace(entry, **changes)  # type: ignore[arg-type]  # names of fields, checked by replace
    return replace(entry, hash=entry_hash(entry))


def a_chain(length: int = 3) -> list[ChainedEntry]:
    """Return a whole ledger of receipts."""
    entries: list[ChainedEntry] = []
    for seq in range(1, length + 1):
        entries.append(a_receipt(seq, 10 * seq, entries[-1].hash if entries else NO_HASH))
    return entries


def head_of(entries: list[ChainedEntry]) -> ChainHead:
    return ChainHead(entries[-1].seq, entries[-1].balance, entries[-1].hash)


def other_value(value: object) -> object:
    """Return a value of the same type that is not this one."""
    if value is None:
        return 7
    if isinstance(value, UUID):
        return UUID(int=value.int + 1)
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, int):
        return value + 1
    return f"{value} "


class TestLengthPrefixed:
    def test_writes_length_colon_text_comma(self) -> None:
        assert length_prefixed(["ab", "", None]) == b"2:ab,0:,-,"

    def test_counts_bytes_of_utf_8(self) -> None:
        assert length_prefixed(["é"]) == b"2:\xc3\xa9,"

    @settings(deadline=None)
    @given(st.lists(st.none() | st.text(alphabet="a1:,-|é\n", max_size=4)), st.data())
    def test_gives_two_different_lists_two_different_texts(
        self, one: list[str | None], data: st.DataObject
    ) -> None:
        other = data.draw(st.lists(st.none() | st.text(alphabet="a1:,-|é\n", max_size=4)))

        assert (length_prefixed(one) == length_prefixed(other)) == (one == other)


class TestFixedTime:
    def test_is_utc_with_six_decimals(self) -> None:
        assert fixed_time(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) == "2026-07-01T09:00:00.000000Z"

    @pytest.mark.parametrize(
        "zone", [ZoneInfo("Europe/London"), ZoneInfo("Asia/Kathmandu"), timezone(timedelta(hours=-3))]
    )
    def test_follows_no_zone(self, zone: ZoneInfo | timezone) -> None:
        at = datetime(2026, 7, 1, 9, 0, 0, 1, tzinfo=UTC)

        assert fixed_time(at.astimezone(zone)) == "2026-07-01T09:00:00.000001Z"


class TestIdentityCommitment:
    def test_differs_with_the_salt(self) -> None:
        one = identity_commitment(salt=UUID(int=1), name="A", address="B")

        assert one != identity_commitment(salt=UUID(int=2), name="A", address="B")

    def test_does_not_confuse_name_with_address(self) -> None:
        one = identity_commitment(salt=UUID(int=1), name="AB", address="")

        assert one != identity_commitment(salt=UUID(int=1), name="A", address="B")


class TestCanonicalText:
    def test_is_what_the_published_form_says(self) -> None:
        entry = a_receipt(1, 10, NO_HASH)
        commitment = identity_commitment(
            salt=entry.identity_salt, name=entry.party_name, address=entry.party_address
        )

        assert canonical_text(entry) == (
            b"14:hat-register/1,"
            b"36:00000000-0000-0000-0000-000000000001,1:1,3:101,8:obtained,2:10,-,-,-,2:10,-,"
            + f"64:{commitment},".encode()
            + b"-,-,36:00000000-0000-0000-0000-000000000003,36:00000000-0000-0000-0000-000000000004,4:0088,"
            b"27:2026-02-02T09:00:00.000000Z,27:2026-02-02T09:00:01.000000Z,"
            b"36:00000000-0000-0000-0000-0000000003e9,-," + f"64:{NO_HASH},".encode()
        )

    def test_is_hashed_with_sha_256(self) -> None:
        entry = a_receipt(1, 10, NO_HASH)

        assert entry.hash == hashlib.sha256(canonical_text(entry)).hexdigest()


class TestVerifyChain:
    def test_accepts_an_empty_ledger(self) -> None:
        verdict = verify_chain([], head=ChainHead(0, 0, NO_HASH))

        assert verdict.ok
        assert verdict.count == 0

    def test_accepts_a_whole_ledger(self) -> None:
        entries = a_chain()

        verdict = verify_chain(entries, head=head_of(entries))

        assert verdict.ok
        assert verdict.count == 3

    @pytest.mark.parametrize("name", [field.name for field in fields(ChainedEntry)])
    @pytest.mark.parametrize("place", [0, 1, 2])
    def test_names_the_line_of_which_any_field_was_altered(self, name: str, place: int) -> None:
        entries = a_chain()
        head = head_of(entries)
        entries[place] = replace(entries[place], **{name: other_value(getattr(entries[place], name))})

        verdict = verify_chain(entries, head=head)

        assert not verdict.ok
        assert verdict.first_bad_seq == place + 1

    def test_catches_a_line_hashed_anew(self) -> None:
        entries = a_chain()
        entries[1] = a_receipt(2, 20, entries[0].hash, reference="another")

        verdict = verify_chain(entries)

        assert verdict.first_bad_seq == 3
        assert verdict.reason == "line 3 is not chained to the line before"

    def test_catches_a_balance_that_the_ampoules_do_not_make(self) -> None:
        entries = [a_receipt(1, 11, NO_HASH)]

        assert verify_chain(entries).reason == "line 1 has a balance that its ampoules do not make"

    def test_catches_a_negative_balance(self) -> None:
        entries = [a_receipt(1, -10, NO_HASH, ampoules=-10)]

        assert verify_chain(entries).first_bad_seq == 1

    @pytest.mark.parametrize("gone", [0, 1])
    def test_catches_a_line_taken_out(self, gone: int) -> None:
        entries = a_chain()
        del entries[gone]

        verdict = verify_chain(entries)

        assert verdict.first_bad_seq == gone + 1
        assert "missing" in verdict.reason

    def test_catches_two_lines_swapped(self) -> None:
        entries = a_chain()
        entries[0], entries[1] = entries[1], entries[0]

        assert verify_chain(entries).first_bad_seq == 1

    def test_catches_a_line_twice(self) -> None:
        entries = a_chain()
        entries.insert(1, entries[0])

        assert verify_chain(entries).first_bad_seq == 2

    def test_catches_a_line_of_another_register(self) -> None:
        entries = a_chain(1)
        entries.append(a_receipt(2, 20, entries[0].hash, line_id=UUID(int=99)))

        assert verify_chain(entries).reason == "line 2 belongs to another register"

    def test_catches_a_tail_cut_off_by_the_head(self) -> None:
        entries = a_chain()

        verdict = verify_chain(entries[:2], head=head_of(entries))

        assert verdict.first_bad_seq == 3
        assert verdict.reason == "line 3 and later are missing: 3 were written"

    def test_does_not_see_a_tail_cut_off_without_the_head(self) -> None:
        assert verify_chain(a_chain()[:2]).ok

    @pytest.mark.parametrize(
        "head",
        [ChainHead(2, 20, "x"), ChainHead(2, 21, "="), ChainHead(1, 20, "="), ChainHead(0, 0, NO_HASH)],
    )
    def test_catches_a_head_that_disagrees(self, head: ChainHead) -> None:
        entries = a_chain(2)
        if head.hash == "=":
            head = replace(head, hash=entries[-1].hash)

        verdict = verify_chain(entries, head=head)

        assert verdict.first_bad_seq == 2
        assert verdict.reason == "the head of the register does not agree with its last line"


class TestDaysLate:
    @pytest.mark.parametrize(
        ("occurred", "recorded", "late"),
        [
            ("2026-02-02T09:00Z", "2026-02-02T09:00Z", 0),
            ("2026-02-02T00:00Z", "2026-02-03T23:59:59Z", 0),
            ("2026-02-02T23:59:59Z", "2026-02-04T00:00Z", 2),
            ("2026-02-02T09:00Z", "2026-02-05T09:00Z", 3),
            # In summer London is an hour ahead: 23:30 UTC is the next day there.
            ("2026-07-01T23:30Z", "2026-07-03T22:30Z", 0),
            ("2026-07-01T22:30Z", "2026-07-02T23:30Z", 2),
        ],
    )
    def test_counts_london_days_beyond_the_next(self, occurred: str, recorded: str, late: int) -> None:
        days = days_late(
            occurred_at=datetime.fromisoformat(occurred), recorded_at=datetime.fromisoformat(recorded)
        )

        assert days == late
