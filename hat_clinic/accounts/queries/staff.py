"""The staff of a clinic: who works there as what, who was invited, who has left."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from allauth.mfa.models import Authenticator

from hat_clinic.accounts.models import Agency, Clinic, Invitation, Membership, SigningPin, User
from hat_clinic.accounts.queries.people import count_other_managers, standing
from hat_clinic.accounts.rules import (
    INSPECTOR_LIMIT,
    LAST_WRONG_PIN,
    InvitationState,
    Role,
    invitation_state,
    may_close_account,
    may_end_role,
    signs_with_pin,
)
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision

NOTHING_ASKED = Decision()
AGENCY_KINDS = Agency.Kind.choices


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One role of one person in a clinic; `decision` tells whether it may be ended now."""

    role: Role
    agency: str
    since: datetime
    ends_at: datetime | None
    decision: Decision

    @property
    def last_day(self) -> date | None:
        """The last Europe/London day on which the role stands, None without an end."""
        return None if self.ends_at is None else london_date(self.ends_at - timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person as the manager sees them; `roles` stand now, or are the last ones of a leaver."""

    user_id: uuid.UUID
    name: str
    email: str
    is_open: bool
    roles: tuple[RoleRow, ...]
    has_second_factor: bool
    has_pin: bool
    is_pin_off: bool

    @property
    def needs_pin(self) -> bool:
        """Whether any of the roles signs with a PIN."""
        return signs_with_pin(frozenset(row.role for row in self.roles))


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """One invitation and where it stands."""

    id: uuid.UUID
    name: str
    email: str
    roles: str
    state: InvitationState
    invited_at: datetime
    invited_by: str
    expires_at: datetime
    changed_at: datetime | None

    @property
    def may_be_withdrawn(self) -> bool:
        """Whether it is unanswered: a waiting one is taken back, an expired one taken off the list."""
        return self.state in {InvitationState.WAITING, InvitationState.EXPIRED}


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Everybody of one clinic."""

    staff: tuple[StaffRow, ...]
    unanswered: tuple[InvitationRow, ...]
    answered: tuple[InvitationRow, ...]
    leavers: tuple[StaffRow, ...]


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One person who works, or worked, in a clinic."""

    user: User
    person: StaffRow
    past_roles: tuple[RoleRow, ...]
    clinics_elsewhere: int
    closing: Decision


@dataclass(frozen=True, slots=True)
class AgencyChoice:
    """One agency as a form offers it."""

    id: uuid.UUID
    name: str


def get_staff_page(*, clinic: Clinic, at: datetime) -> StaffPage:
    """Return the staff of a clinic by name, the newest invitation first, in a fixed number of queries."""
    here: list[tuple[User, list[Membership]]] = []
    left: list[tuple[User, list[Membership]]] = []
    memberships = Membership.objects.filter(clinic=clinic, user__is_service=False)
    for user, rows in _by_person(memberships.select_related("user", "agency")).items():
        now_held = [row for row in rows if _stands(row, at)]
        (here if now_held else left).append((user, now_held or rows))
    facts = _SignInFacts([user for user, _ in (*here, *left)])
    invitations = [
        _invitation_row(invitation, at)
        for invitation in Invitation.objects.filter(clinic=clinic)
        .select_related("invited_by")
        .order_by("-invited_at")
    ]
    return StaffPage(
        staff=tuple(facts.row(user, rows) for user, rows in here),
        unanswered=tuple(row for row in invitations if row.may_be_withdrawn),
        answered=tuple(row for row in invitations if not row.may_be_withdrawn),
        leavers=tuple(facts.row(user, rows) for user, rows in left),
    )


def get_member_page(*, clinic: Clinic, user_id: uuid.UUID, at: datetime) -> MemberPage | None:
    """Return one person who works or worked in a clinic, or None for everybody else."""
    memberships = Membership.objects.filter(clinic=clinic, user_id=user_id, user__is_service=False)
    people = _by_person(memberships.select_related("user", "agency"))
    if not people:
        return None
    ((user, rows),) = people.items()
    others = count_other_managers(user=user, clinic=clinic, at=at)
    held = [
        _role_row(row, may_end_role(role=Role(row.role), is_held=True, other_managers=others))
        for row in rows
        if _stands(row, at)
    ]
    elsewhere = Membership.objects.filter(standing(at), user=user).exclude(clinic=clinic)
    count = elsewhere.values("clinic_id").distinct().count()
    facts = _SignInFacts([user])
    return MemberPage(
        user=user,
        person=facts.row_of(user, held),
        past_roles=tuple(_role_row(row) for row in rows if not _stands(row, at)),
        clinics_elsewhere=count,
        closing=may_close_account(
            roles_elsewhere=count,
            is_manager=any(row.role is Role.MANAGER for row in held),
            other_managers=others,
        ),
    )


def list_agencies() -> list[AgencyChoice]:
    """Return every agency by name."""
    return [AgencyChoice(pk, name) for pk, name in Agency.objects.order_by("name").values_list("pk", "name")]


def get_agency(agency_id: uuid.UUID | None) -> Agency | None:
    """Return the agency that was chosen, None where none was."""
    return None if agency_id is None else Agency.objects.get(pk=agency_id)


def last_day_of_inspection(at: datetime) -> date:
    """Return the latest last day that an inspector's role may have when it begins now."""
    return london_date(at + INSPECTOR_LIMIT) - timedelta(days=1)


def _by_person(memberships: Iterable[Membership]) -> dict[User, list[Membership]]:
    """Return each person's roles, people by name, roles in the order of the role list, the newest first."""
    order = list(Role)
    people: dict[User, list[Membership]] = {}
    for row in sorted(memberships, key=lambda row: (row.user.full_name, str(row.user_id))):
        people.setdefault(row.user, []).append(row)
    return {
        user: sorted(rows, key=lambda row: (order.index(Role(row.role)), -row.starts_at.timestamp()))
        for user, rows in people.items()
    }


def _stands(row: Membership, at: datetime) -> bool:
    return row.ends_at is None or row.ends_at > at  # one that is still to begin is shown with its first day


def _role_row(row: Membership, decision: Decision = NOTHING_ASKED) -> RoleRow:
    return RoleRow(
        role=Role(row.role),
        agency=row.agency.name if row.agency else "",
        since=row.starts_at,
        ends_at=row.ends_at,
        decision=decision,
    )


class _SignInFacts:
    """What is known of the sign-in of many people, read at once."""

    def __init__(self, users: list[User]) -> None:
        factors = Authenticator.objects.filter(user__in=users)
        self._with_factor = set(
            factors.exclude(type=Authenticator.Type.RECOVERY_CODES).values_list("user_id", flat=True)
        )
        self._failures = dict(SigningPin.objects.filter(user__in=users).values_list("user_id", "failures"))

    def row(self, user: User, memberships: Iterable[Membership]) -> StaffRow:
        return self.row_of(user, [_role_row(row) for row in memberships])

    def row_of(self, user: User, roles: Iterable[RoleRow]) -> StaffRow:
        failures = self._failures.get(user.pk)
        return StaffRow(
            user_id=user.pk,
            name=user.full_name,
            email=user.email,
            is_open=user.is_active,
            roles=tuple(roles),
            has_second_factor=user.pk in self._with_factor,
            has_pin=failures is not None,
            is_pin_off=failures is not None and failures >= LAST_WRONG_PIN,
        )


def _invitation_row(invitation: Invitation, at: datetime) -> InvitationRow:
    return InvitationRow(
        id=invitation.pk,
        name=invitation.full_name,
        email=invitation.email,
        roles=words_of(invitation.roles),
        state=invitation_state(
            expires_at=invitation.expires_at,
            accepted_at=invitation.accepted_at,
            withdrawn_at=invitation.withdrawn_at,
            at=at,
        ),
        invited_at=invitation.invited_at,
        invited_by=invitation.invited_by.full_name,
        expires_at=invitation.expires_at,
        changed_at=invitation.accepted_at or invitation.withdrawn_at,
    )


def words_of(roles: Iterable[str]) -> str:
    """Return roles in the clinic's words, with commas."""
    return ", ".join(Role(role).label for role in roles)
