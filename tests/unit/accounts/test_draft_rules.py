from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hat_clinic.accounts.rules import fields_to_keep, is_draft_alive

SAVED = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)


class TestFieldsToKeep:
    def test_are_what_was_typed_with_every_choice(self) -> None:
        typed = {"given_mg": ["180"], "acknowledged": ["a", "b"], "opinion": ["Sleepy."], "keys_lent": ["2"]}

        assert fields_to_keep(typed) == typed

    @pytest.mark.parametrize(
        "name",
        [
            "pin",
            "giver_pin",
            "witness-pin",
            "password",
            "new_password",
            "code",
            "key",
            "seal",
            "csrfmiddlewaretoken",
            "hat-draft",
        ],
    )
    def test_are_never_secrets_nor_what_ties_a_page(self, name: str) -> None:
        assert fields_to_keep({name: ["481592"], "note": ["x"]}) == {"note": ["x"]}

    def test_are_none_when_it_is_too_much(self) -> None:
        assert fields_to_keep({"note": ["x" * 19_996]}) is not None
        assert fields_to_keep({"note": ["x" * 19_997]}) is None


class TestADraft:
    def test_waits_for_a_shift(self) -> None:
        assert is_draft_alive(saved_at=SAVED, at=SAVED + timedelta(hours=12, seconds=-1))
        assert not is_draft_alive(saved_at=SAVED, at=SAVED + timedelta(hours=12))
