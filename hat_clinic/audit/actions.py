"""Writing the audit trail."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from hat_clinic.audit.models import AuditEvent
from hat_clinic.audit.request import request_id


def record(
    event: str,
    *,
    by: AbstractBaseUser | None,
    at: datetime,
    clinic: uuid.UUID | None = None,
    person: uuid.UUID | None = None,
    thing: Any = None,
    refused: bool = False,
    is_look: bool = False,
    **detail: str | int | bool | list[str] | None,
) -> None:
    """Add one event in the caller's transaction: what is told of and the telling stand or fall together.

    `event` is "app.thing_done". `thing` is the row acted on. `detail` takes ids, codes and numbers only.
    `is_look` marks what was only read; `record_look` is the shorter way where no detail is told.
    `by` is None only before anybody has signed in. Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "An audit event is written inside the act's transaction."
        )
    AuditEvent.objects.create(
        at=at,
        actor=cast(Any, by),  # audit lies below accounts and cannot name its User
        clinic=clinic,
        event=event,
        is_look=is_look,
        outcome=AuditEvent.Outcome.REFUSED if refused else AuditEvent.Outcome.DONE,
        person=person,
        object_type=thing._meta.label_lower if thing is not None else "",
        object_id=str(thing.pk) if thing is not None else "",
        request_id=request_id.get(),
        detail=detail,
    )


def record_look(
    event: str, *, by: AbstractBaseUser, at: datetime, clinic: uuid.UUID, people: Sequence[uuid.UUID] = ()
) -> None:
    """Add one event for a page that was looked at, and one for every person it shows, before it is sent.

    A transaction of its own: if the look cannot be written, the page is not shown.
    """
    with transaction.atomic():
        AuditEvent.objects.bulk_create(
            AuditEvent(
                at=at,
                actor_id=by.pk,
                clinic=clinic,
                event=event,
                is_look=True,
                person=person,
                request_id=request_id.get(),
            )
            for person in (people or (None,))
        )
