"""Signing with a key that is not in the database."""

from __future__ import annotations

import pytest

from hat_clinic.core.signing import (
    SigningKeyMissing,
    fingerprint_of,
    has_signing_key,
    is_signed_by,
    known_keys,
    public_key,
    sign,
)


@pytest.fixture(autouse=True)
def a_key(settings) -> None:
    settings.CHECKPOINT_KEY = b"k" * 32
    settings.CHECKPOINT_PUBLIC_KEYS = []


class TestASignature:
    def test_is_verified_with_the_public_key(self) -> None:
        signature = sign(b"text")

        assert is_signed_by(public_key(), text=b"text", signature=signature)
        assert not is_signed_by(public_key(), text=b"texts", signature=signature)

    @pytest.mark.parametrize("signature", ["", "zz", "00", "00" * 64])
    def test_of_any_other_kind_is_none(self, signature: str) -> None:
        assert not is_signed_by(public_key(), text=b"text", signature=signature)

    def test_is_not_verified_with_what_is_no_key(self) -> None:
        assert not is_signed_by(b"short", text=b"text", signature=sign(b"text"))


class TestWithoutAKey:
    def test_nothing_is_signed_and_no_key_is_ours(self, settings) -> None:
        settings.CHECKPOINT_KEY = None

        assert not has_signing_key()
        assert known_keys() == {}
        with pytest.raises(SigningKeyMissing):
            sign(b"text")
        with pytest.raises(SigningKeyMissing):
            public_key()

    def test_what_others_signed_is_still_verified(self, settings) -> None:
        theirs = public_key()
        settings.CHECKPOINT_KEY, settings.CHECKPOINT_PUBLIC_KEYS = None, [theirs]

        assert known_keys() == {fingerprint_of(theirs): theirs}
