"""Signing with Ed25519, for what must be provable against whoever holds the database.

The private key is CHECKPOINT_KEY, which is kept outside the database and its backups. Public keys are named by
their fingerprint: the SHA-256 of the 32 bytes, in hexadecimal digits.
"""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


class SigningKeyMissing(Exception):
    """CHECKPOINT_KEY is not set: nothing can be signed here."""


def sign(text: bytes) -> str:
    """Return the signature of a text in 128 hexadecimal digits. Raises SigningKeyMissing."""
    return _private_key().sign(text).hex()


def has_signing_key() -> bool:
    """Tell whether anything can be signed here."""
    return settings.CHECKPOINT_KEY is not None


def public_key() -> bytes:
    """Return the 32 bytes with which anybody verifies what is signed here. Raises SigningKeyMissing."""
    return _private_key().public_key().public_bytes_raw()


def fingerprint_of(key: bytes) -> str:
    """Return the name of a public key, 64 hexadecimal digits."""
    return hashlib.sha256(key).hexdigest()


def known_keys() -> dict[str, bytes]:
    """Return the public keys that are trusted here by fingerprint: our own, and those that settings name."""
    keys = list(settings.CHECKPOINT_PUBLIC_KEYS)
    if has_signing_key():
        keys.append(public_key())
    return {fingerprint_of(key): key for key in keys}


def is_signed_by(key: bytes, *, text: bytes, signature: str) -> bool:
    """Tell whether a signature, in hexadecimal digits, is that of a text under a public key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _private_key() -> Ed25519PrivateKey:
    if settings.CHECKPOINT_KEY is None:
        raise SigningKeyMissing("CHECKPOINT_KEY is not set: no checkpoint of the register can be signed.")
    return Ed25519PrivateKey.from_private_bytes(settings.CHECKPOINT_KEY)
