"""The terminal a browser is, who stands at the door with what proof, and whose faces are shown."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import (
    BooleanField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
)
from django.db.models.functions import JSONObject

from hat_clinic.accounts.models import Clinic, Membership, SigningPin, Terminal, TerminalEnrolment, User
from hat_clinic.accounts.queries.faces import Face, face_of
from hat_clinic.accounts.queries.people import Staff, staff_of, standing
from hat_clinic.accounts.rules import Role, acts_at_terminal
from hat_clinic.core.prepared import list_once_planned


class _Now(Func):
    """The database's clock inside a statement, which saves the statement that asks for it."""

    function = "hat_now"
    output_field = DateTimeField()


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """The standing terminal that a browser is: never a retired one."""

    id: uuid.UUID
    name: str
    clinic_id: uuid.UUID
    is_open: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member of a clinic at its door: who they are there, and what their browser and second factor are."""

    staff: Staff
    at: datetime
    has_second_factor: bool
    terminal: TerminalFacts | None


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a terminal's secret or a link's token: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


# Asked at every click: by hand, because composing it through the mapper took longer than answering it.
_VISITOR = """
SELECT m.role, m.agency_id, hat_now(),
    EXISTS (SELECT FROM mfa_authenticator a WHERE a.user_id = m.user_id AND a.type <> $1),
    t.id, t.name, t.clinic_id, t.open_until > hat_now(),
    c.id, c.code, c.name, c.opened_on, c.places, c.sessions_per_day, c.has_invented_people
FROM accounts_membership m
    JOIN accounts_clinic c ON c.id = m.clinic_id
    LEFT JOIN accounts_terminal t ON t.secret_sha256 = $2 AND t.retired_at IS NULL
WHERE m.user_id = $3 AND c.code = $4 AND m.starts_at <= hat_now() AND (m.ends_at IS NULL OR m.ends_at > hat_now())
"""
_CLINIC_COLUMNS = ("id", "code", "name", "opened_on", "places", "sessions_per_day", "has_invented_people")


def get_visitor(*, user: User, clinic_code: str, secret: str) -> Visitor | None:
    """Return everything a door asks about, in one statement; None for a stranger and for a missing clinic.

    `secret` is what the browser's cookie holds, empty without one.
    """
    rows = list_once_planned(
        _VISITOR,
        ("text", "text", "uuid", "text"),
        [Authenticator.Type.RECOVERY_CODES.value, hash_secret(secret), user.pk, clinic_code],
    )
    if not rows:
        return None
    _, _, at, has_second_factor, *terminal = rows[0][:8]
    clinic = Clinic.from_db(connection.alias, _CLINIC_COLUMNS, rows[0][8:])
    memberships = [Membership(user=user, clinic=clinic, role=row[0], agency_id=row[1]) for row in rows]
    return Visitor(
        staff=staff_of(user, memberships)[0],
        at=at,
        has_second_factor=has_second_factor,
        terminal=TerminalFacts(*terminal) if terminal[0] else None,
    )


def get_terminal_facts(*, secret: str) -> TerminalFacts | None:
    """Return the standing terminal whose secret a browser holds, or None."""
    return _read(_facts(secret).first()) if secret else None


def _facts(secret: str) -> QuerySet[Terminal, dict[str, str | bool]]:
    is_open = ExpressionWrapper(Q(open_until__gt=_Now()), output_field=BooleanField())
    return Terminal.objects.filter(secret_sha256=hash_secret(secret), retired_at=None).values_list(
        JSONObject(id="id", name="name", clinic="clinic_id", is_open=is_open), flat=True
    )


def _read(facts: dict[str, str | bool] | None) -> TerminalFacts | None:
    if facts is None:
        return None
    return TerminalFacts(
        id=uuid.UUID(str(facts["id"])),
        name=str(facts["name"]),
        clinic_id=uuid.UUID(str(facts["clinic"])),
        is_open=bool(facts["is_open"]),
    )


def list_standing_terminals() -> list[Terminal]:
    """Return the terminals of every clinic that were not retired, each with its clinic."""
    return list(
        Terminal.objects.filter(retired_at=None).select_related("clinic").order_by("clinic__code", "name")
    )


def get_terminal(*, secret: str) -> Terminal | None:
    """Return the standing terminal whose secret a browser holds, with its clinic and who opened it."""
    terminals = Terminal.objects.select_related("clinic", "opened_by")
    return terminals.filter(secret_sha256=hash_secret(secret), retired_at=None).first() if secret else None


def list_faces(*, clinic: Clinic, at: datetime) -> list[Face]:
    """Return whoever acts or witnesses at a clinic's terminals and has a signing PIN, by name."""
    memberships = Membership.objects.filter(
        standing(at),
        clinic=clinic,
        role__in=[role for role in Role if acts_at_terminal(role)],
        user__is_active=True,
        user__in=SigningPin.objects.values("user"),
    ).select_related("user")
    people: dict[uuid.UUID, User] = {}
    roles: dict[uuid.UUID, set[Role]] = {}
    for membership in memberships:
        people[membership.user_id] = membership.user
        roles.setdefault(membership.user_id, set()).add(Role(membership.role))
    faces = [face_of(people[key], frozenset(held)) for key, held in roles.items()]
    return sorted(faces, key=lambda face: (face.full_name, str(face.user_id)))


def has_pin(*, user: User) -> bool:
    """Return whether a person has a signing PIN, so that one can unlock."""
    return SigningPin.objects.filter(user=user).exists()


def get_person_with_face(*, clinic: Clinic, user_id: str, at: datetime) -> User | None:
    """Return the person whose face was tapped, or None when no such face is shown."""
    known = {str(face.user_id) for face in list_faces(clinic=clinic, at=at)}
    return User.objects.filter(pk=user_id).first() if user_id in known else None


def get_enrolment(*, token: str, at: datetime) -> TerminalEnrolment | None:
    """Return the unused link of a token while it lasts, or None."""
    links = TerminalEnrolment.objects.select_related("clinic")
    return links.filter(token_sha256=hash_secret(token), used_at=None, expires_at__gt=at).first()


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """One terminal in the manager's list."""

    id: uuid.UUID
    name: str
    premises: str
    enrolled_at: datetime
    enrolled_by: str
    open_until: datetime | None
    opened_by: str
    retired_at: datetime | None
    retired_by: str

    @property
    def is_retired(self) -> bool:
        """Whether it is a terminal no more."""
        return self.retired_at is not None


@dataclass(frozen=True, slots=True)
class TerminalsPage:
    """The standing terminals of a clinic, and those that were."""

    standing: list[TerminalRow]
    retired: list[TerminalRow]


def get_terminals_page(*, clinic: Clinic, at: datetime) -> TerminalsPage:
    """Return the terminals of a clinic by name, the retired ones apart, last retired first."""
    terminals = (
        Terminal.objects.filter(clinic=clinic)
        .select_related("premises", "enrolled_by", "opened_by", "retired_by")
        .order_by(F("retired_at").desc(), "name")
    )
    rows = [
        TerminalRow(
            id=terminal.pk,
            name=terminal.name,
            premises=terminal.premises.name if terminal.premises else "",
            enrolled_at=terminal.enrolled_at,
            enrolled_by=terminal.enrolled_by.full_name,
            open_until=terminal.open_until if terminal.open_until and terminal.open_until > at else None,
            opened_by=terminal.opened_by.full_name if terminal.opened_by else "",
            retired_at=terminal.retired_at,
            retired_by=terminal.retired_by.full_name if terminal.retired_by else "",
        )
        for terminal in terminals
    ]
    return TerminalsPage(
        standing=[row for row in rows if not row.is_retired], retired=[row for row in rows if row.is_retired]
    )


def list_premises_choices(*, clinic: Clinic) -> list[tuple[str, str]]:
    """Return the premises of a clinic as choices of a form."""
    return [(str(key), name) for key, name in clinic.premises.order_by("name").values_list("id", "name")]
