"""Hashes that let anybody check that two reports rest on the same rows and say the same.

Source: Indicators 1 (evaluation).
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any


def hash_of_extract(hashes: Sequence[str]) -> str:
    """The fingerprint of an extract: over its segments' hashes in order, each led by its length."""
    digest = sha256()
    for text in hashes:
        digest.update(f"{len(text)}:{text}".encode())
    return digest.hexdigest()


def hash_of_document(document: Mapping[str, Any]) -> str:
    """The fingerprint of a report's figures: over their canonical JSON."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return sha256(text.encode()).hexdigest()
