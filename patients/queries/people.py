"""One person's row: found in a clinic, and locked."""

from __future__ import annotations

import uuid

from django.db import connection, transaction

from hat_clinic.accounts.models import Clinic
from patients.models import Episode, Person


def lock_person(*, person_id: uuid.UUID) -> Person | None:
    """Lock one person's row against everything else about them, in the caller's transaction; None if missing.

    Whoever changes what a dose rests on (consent) takes it, and waits for the doses that are being written.
    """
    return Person.objects.select_for_update(of=("self",)).filter(id=person_id).first()


def lock_person_for_dosing(*, person_id: uuid.UUID) -> bool:
    """Hold one person's consents still while a dose is written, in the caller's transaction; False if missing.

    The lock is shared (FOR SHARE): two doses do not wait for each other here, a withdrawal waits for both, and
    a dose waits for a withdrawal and then sees it. Take it after the person's dosing state and before asking
    `has_consent`; judge the dose by a clock that is read after it. No act that takes `lock_person` takes the
    dosing state, so the two cannot wait for each other.
    Raises TransactionManagementError outside a transaction, where a lock would hold nothing.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A person is locked inside the transaction of a dose.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM patients_person WHERE id = %s FOR SHARE", [person_id])
        return cursor.fetchone() is not None


def find_open_episode(*, person_id: uuid.UUID, clinic: Clinic) -> Episode | None:
    """Return the treatment that a person has in a clinic now, with the person; None for everybody else."""
    return (
        Episode.objects.select_related("person")
        .filter(person_id=person_id, clinic=clinic, exited_on__isnull=True, person__import_run__isnull=True)
        .first()
    )
