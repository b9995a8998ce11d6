"""The names that can stand on a paper pack, to choose from."""

from __future__ import annotations

from datetime import datetime

from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission

Choices = tuple[tuple[str, str], ...]


def names_who_may(*permissions: Permission, clinic: Clinic, at: datetime) -> Choices:
    """Return who may do one of several things at a clinic, as id and name, by name."""
    found = {
        user.id: user.full_name
        for permission in permissions
        for user in list_people_who_may(permission, clinic=clinic, at=at)
    }
    return tuple(sorted(((str(key), name) for key, name in found.items()), key=lambda one: one[1]))
