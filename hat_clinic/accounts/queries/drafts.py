"""What somebody typed before: their own, and nobody else's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import Draft, User
from hat_clinic.accounts.rules import is_draft_alive
from hat_clinic.core.sealing import unseal

# What drafts are sealed for: they open in no other field.
DRAFT_SEAL = "draft"


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """What one person typed on a page, by field, and when it was kept."""

    fields: dict[str, list[str]]
    saved_at: datetime


def get_draft(*, user: User, path: str, at: datetime) -> KeptDraft | None:
    """Return what this person typed on a page and has not saved, or None."""
    draft = Draft.objects.filter(user=user, path=path).exclude(data="").first()
    if draft is None or not is_draft_alive(saved_at=draft.saved_at, at=at):
        return None
    return KeptDraft(json.loads(unseal(draft.data, purpose=DRAFT_SEAL)), draft.saved_at)
