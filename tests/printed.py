"""What a validator finds in a printed file."""

from __future__ import annotations

import page


def failures(content: bytes) -> list[tuple[str, str]]:
    """The rules of PDF/A-3a and PDF/UA-1 that the file breaks."""
    return [
        (profile, failure.rule_id)
        for profile in ("3a", "ua1")
        for failure in page.validate_pdf_bytes(content, profile=profile).failures
    ]
