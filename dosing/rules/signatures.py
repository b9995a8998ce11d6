"""What a signature is put to: one hash of an act's whole content and of who signs it."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import UUID


def content_sha256(content: dict[str, Any], signer_id: UUID) -> str:
    """Return the hash of an act's content with who signs it, in one canonical form.

    Source: trust design 5 (same key, same content).
    """
    text = {name: str(value) for name, value in content.items()} | {"signer_id": str(signer_id)}
    return hashlib.sha256(json.dumps(text, sort_keys=True).encode()).hexdigest()
