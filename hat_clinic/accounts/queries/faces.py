"""How a member of staff is drawn at a terminal."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role


@dataclass(frozen=True, slots=True)
class Face:
    """One person on the page of faces. `colour` is one of six, always the same for one person."""

    user_id: uuid.UUID
    full_name: str
    initials: str
    role_label: str
    colour: int


def initials_of(full_name: str) -> str:
    """Return the first letters of the first and the last word of a name, without a title before it."""
    words = [word for word in full_name.split() if word.rstrip(".").lower() not in {"dr", "mr", "mrs", "ms"}]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def face_of(user: User, roles: frozenset[Role]) -> Face:
    """Return a person as drawn at a terminal: staff have no photos, so initials on a colour stand for them."""
    return Face(
        user_id=user.pk,
        full_name=user.full_name,
        initials=initials_of(user.full_name),
        role_label=", ".join(role.label for role in Role if role in roles),
        colour=user.pk.int % 6 + 1,
    )
