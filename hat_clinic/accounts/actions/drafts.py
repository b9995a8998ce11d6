"""Keeping what somebody typed and has not sent. Drafts are no record, so they leave no event of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import Draft, User
from hat_clinic.accounts.queries import DRAFT_SEAL
from hat_clinic.accounts.rules import fields_to_keep
from hat_clinic.core.sealing import seal


def save_draft(
    *,
    path: str,
    fields: Mapping[str, Sequence[str]],
    by: User,
    at: datetime,
    opened_at: datetime | None = None,
) -> bool:
    """Keep what a person typed on a page, in place of what was kept before, sealed, without PINs and keys.

    What comes from a page that was opened (`opened_at`) before the draft was emptied is too late: it was saved
    for good in the meantime, and must not be offered again. Returns False when it was too much to keep.
    Source: trust design 2.
    """
    kept = fields_to_keep(fields)
    if kept is None:
        return False
    data = seal(json.dumps(kept), purpose=DRAFT_SEAL)
    with transaction.atomic(durable=True):
        last = Draft.objects.select_for_update().filter(user=by, path=path).first()
        if last is not None and not last.data and opened_at is not None and opened_at < last.saved_at:
            return True
        Draft.objects.update_or_create(user=by, path=path, defaults={"data": data, "saved_at": at})
    return True


def empty_draft(*, path: str, by: User, at: datetime) -> None:
    """Forget what a person typed on a page: it was saved, or they start afresh. The row stays, empty, and tells when."""
    with transaction.atomic(durable=True):
        Draft.objects.update_or_create(user=by, path=path, defaults={"data": "", "saved_at": at})
