"""Encryption of the few fields that a copy of the database must not give away.

AES-256-GCM under FIELD_KEY, which is kept outside the database. A sealed text is `1:` (the version of the key
and of this format), then base64 of 12 random bytes and the ciphertext with its tag.
"""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_VERSION = "1"
NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed text cannot be opened: the key is another one, or the text was changed or moved."""


def seal(text: str, *, purpose: str) -> str:
    """Encrypt a text. It opens only with the same `purpose`, so that it cannot be moved to another field."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(_key()).encrypt(nonce, text.encode(), _bound_to(purpose))
    return f"{KEY_VERSION}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, purpose: str) -> str:
    """Decrypt what `seal` made. Raises SealBroken."""
    version, _, body = sealed.partition(":")
    if version != KEY_VERSION:
        raise SealBroken("The sealed text was made with a key of another version.")
    try:
        raw = base64.b64decode(body, validate=True)
        return AESGCM(_key()).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(purpose)).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBroken("The sealed text does not open with FIELD_KEY.") from error


def _key() -> bytes:
    if settings.FIELD_KEY is None:
        raise SealBroken("FIELD_KEY is not set.")
    key: bytes = settings.FIELD_KEY
    return key


def _bound_to(purpose: str) -> bytes:
    return f"hat-clinic:{KEY_VERSION}:{purpose}".encode()
