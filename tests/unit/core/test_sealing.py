from __future__ import annotations

import base64

import pytest

from hat_clinic.core.sealing import SealBroken, seal, unseal

KEY = bytes(range(32))


@pytest.fixture(autouse=True)
def a_key(settings) -> None:
    settings.FIELD_KEY = KEY


class TestSeal:
    def test_opens_again(self) -> None:
        assert unseal(seal("JBSWY3DPEHPK3PXP", purpose="p"), purpose="p") == "JBSWY3DPEHPK3PXP"

    def test_opens_a_text_of_long_ago(self) -> None:
        """A test vector: what is in a clinic's database must open for ever with the same key."""
        kept = "1:AAAAAAAAAAAAAAAARP7miewfx+1N4Pl+K3zJyVVR2IS2TpDxyk6b1p7Vx9A="

        assert unseal(kept, purpose="second-factor") == "JBSWY3DPEHPK3PXP"

    def test_is_never_the_same_twice(self) -> None:
        assert seal("a", purpose="p") != seal("a", purpose="p")

    def test_cannot_be_moved_to_another_field(self) -> None:
        with pytest.raises(SealBroken):
            unseal(seal("a", purpose="p"), purpose="q")

    def test_does_not_open_with_another_key(self, settings) -> None:
        sealed = seal("a", purpose="p")
        settings.FIELD_KEY = bytes(32)

        with pytest.raises(SealBroken):
            unseal(sealed, purpose="p")

    def test_shows_every_changed_byte(self) -> None:
        body = base64.b64decode(seal("abc", purpose="p")[2:])
        for place in range(len(body)):
            changed = bytes(byte ^ (place == index) for index, byte in enumerate(body))
            with pytest.raises(SealBroken):
                unseal(f"1:{base64.b64encode(changed).decode()}", purpose="p")

    @pytest.mark.parametrize("text", ["", "plain", "2:AAAA", "1:", "1:*", "1:AAAA"])
    def test_refuses_what_it_did_not_make(self, text) -> None:
        with pytest.raises(SealBroken):
            unseal(text, purpose="p")

    def test_needs_a_key(self, settings) -> None:
        settings.FIELD_KEY = None

        with pytest.raises(SealBroken, match="FIELD_KEY is not set"):
            seal("a", purpose="p")
