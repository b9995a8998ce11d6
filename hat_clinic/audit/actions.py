"""Writing the audit trail."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from hat_clinic.audit.models import AuditEvent
from hat_clinic.audit.request import request_id
from hat_clinic.core.prepared import insert_planned

# The events of an act that are written together, None outside of one.
_kept: ContextVar[list[AuditEvent] | None] = ContextVar("kept", default=None)


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
    told = AuditEvent(
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
    kept = _kept.get()
    if kept is None:
        told.save(force_insert=True)
    else:
        kept.append(told)


@contextmanager
def recorded_together() -> Iterator[None]:
    """Write the events recorded inside the block with one statement, at its end, in the caller's transaction.

    For an act that a queue waits behind. When the block fails nothing is written, as nothing was done.
    """
    token = _kept.set([])
    try:
        yield
        if kept := _kept.get():
            insert_planned(*kept)
    finally:
        _kept.reset(token)


def record_look(
    event: str,
    *,
    by: AbstractBaseUser,
    at: datetime,
    clinic: uuid.UUID,
    people: Sequence[uuid.UUID] = (),
    detail: Mapping[str, str] | None = None,
) -> None:
    """Add one event for a page that was looked at, and one for every person it shows, before it is sent.

    `detail` tells which of its things the page shows, in ids, codes and days only. A transaction of its own: if the
    look cannot be written, the page is not shown.
    """
    # One statement with the people as an array: a board of hundreds is logged as fast as it is read.
    with transaction.atomic(), transaction.get_connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditevent (at, recorded_at, actor_id, clinic, event, outcome, person, object_type,"
            " object_id, request_id, detail, is_look)"
            " SELECT %s, (SELECT hat_now()), %s, %s, %s, %s, person, '', '', %s, %s::jsonb, true"
            " FROM unnest(%s::uuid[]) AS person",
            [
                at,
                by.pk,
                clinic,
                event,
                AuditEvent.Outcome.DONE.value,
                request_id.get(),
                json.dumps(detail or {}),
                [*people] if people else [None],  # nobody: the page itself was looked at
            ],
        )
