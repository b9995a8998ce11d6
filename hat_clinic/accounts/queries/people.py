"""Who somebody is, and where."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Func, Q

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.queries.faces import Face, face_of
from hat_clinic.accounts.rules import Permission, Role, may
from hat_clinic.core.sealing import unseal

# What the secrets of second factors are sealed for: they open in no other field.
SEAL_PURPOSE = "second-factor"


@dataclass(frozen=True, slots=True)
class Staff:
    """One signed-in person in one clinic, with the roles that stand at this moment.

    `terminal_id` is the enrolled treatment-room terminal they act at, None in the office; `has_full_sign_in` is
    False for somebody who typed only their PIN there. `agency_id` is the agency that a referrer works for, None
    for everybody else.
    """

    user: User
    clinic: Clinic
    roles: frozenset[Role]
    terminal_id: uuid.UUID | None = None
    agency_id: uuid.UUID | None = None
    terminal_name: str = ""
    has_full_sign_in: bool = True

    def may(self, permission: Permission) -> bool:
        """Return whether any of the roles allows the act."""
        return may(self.roles, permission)

    @property
    def role_label(self) -> str:
        """The roles in the clinic's words, in the order of the role list."""
        return ", ".join(role.label for role in Role if role in self.roles)

    @property
    def face(self) -> Face:
        """The person as drawn in the head of a treatment-room page."""
        return face_of(self.user, self.roles)


def standing(at: datetime | Func) -> Q:
    """Return the condition that a membership stands: from its start until just before its end."""
    return Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def not_over(at: datetime) -> Q:
    """Return the condition that a membership stands or is still to begin."""
    return Q(ends_at__isnull=True) | Q(ends_at__gt=at)


def roles_of(*, user: User, clinic: Clinic, at: datetime) -> frozenset[Role]:
    """Return the roles that a person holds in a clinic at a moment; empty for a stranger or a leaver."""
    memberships = Membership.objects.filter(standing(at), user=user, clinic=clinic)
    return frozenset(Role(role) for role in memberships.values_list("role", flat=True))


def get_staff(*, user: User, clinic_code: str, at: datetime) -> Staff | None:
    """Return the person as a member of the clinic, or None for a stranger and for a clinic that is not there.

    One query for both, so that neither the answer nor its time tells which it was.
    """
    return next(
        iter(staff_of(user, _with_clinics(standing(at), user=user, clinic__code=clinic_code))),
        None,
    )


def list_clinics() -> list[Clinic]:
    """Return every clinic, in the order of their codes."""
    return list(Clinic.objects.order_by("code"))


def list_clinics_of(*, user: User, at: datetime) -> list[Staff]:
    """Return the person as a member of each of their clinics, in the order of the clinics' names."""
    return staff_of(user, _with_clinics(standing(at), user=user))


def _with_clinics(*conditions: Q, **more: object) -> Iterable[Membership]:
    return Membership.objects.filter(*conditions, **more).select_related("clinic")


def staff_of(user: User, memberships: Iterable[Membership]) -> list[Staff]:
    """Return a person as a member of each clinic of some of their memberships, in the order of the names."""
    clinics: dict[uuid.UUID, Clinic] = {}
    roles: dict[uuid.UUID, set[Role]] = {}
    agencies: dict[uuid.UUID, uuid.UUID] = {}
    for membership in memberships:
        clinics[membership.clinic_id] = membership.clinic
        roles.setdefault(membership.clinic_id, set()).add(Role(membership.role))
        if membership.agency_id is not None:
            agencies[membership.clinic_id] = membership.agency_id
    people = [
        Staff(user, clinics[key], frozenset(held), agency_id=agencies.get(key)) for key, held in roles.items()
    ]
    return sorted(people, key=lambda staff: (staff.clinic.name, staff.clinic.code))


def list_people_who_may(permission: Permission, *, clinic: Clinic, at: datetime) -> list[User]:
    """Return everybody whose roles in a clinic allow an act now, by name."""
    roles = [role for role in Role if may(frozenset({role}), permission)]
    members = Membership.objects.filter(standing(at), clinic=clinic, role__in=roles, user__is_active=True)
    return list(User.objects.filter(id__in=members.values("user_id")).order_by("full_name", "id"))


def list_members(*, clinic: Clinic, at: datetime) -> list[Staff]:
    """Return everybody with an open account and a role in a clinic now, each with all their roles, by name."""
    members = Membership.objects.filter(standing(at), clinic=clinic, user__is_active=True)
    users: dict[uuid.UUID, User] = {}
    roles: dict[uuid.UUID, set[Role]] = {}
    for membership in members.select_related("user").order_by("user__full_name", "user_id"):
        users[membership.user.pk] = membership.user
        roles.setdefault(membership.user.pk, set()).add(Role(membership.role))
    return [Staff(user, clinic, frozenset(roles[key])) for key, user in users.items()]


def count_other_managers(*, user: User, clinic: Clinic, at: datetime) -> int:
    """Return how many others with an open account are manager of a clinic without a last day."""
    managers = Membership.objects.filter(
        clinic=clinic, role=Role.MANAGER, starts_at__lte=at, ends_at__isnull=True, user__is_active=True
    )
    return managers.exclude(user=user).count()


def has_second_factor(*, user: User, besides: int = 0) -> bool:
    """Return whether the person has an authenticator app or a security key; recovery codes alone are none.

    `besides` is the number of one factor that is not to count.
    """
    factors = Authenticator.objects.filter(user_id=user.pk).exclude(pk=besides)
    return bool(factors.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def get_app_secret(*, email: str) -> str | None:
    """Return the secret (base32) of somebody's authenticator app; only the demo has a use for it."""
    factor = Authenticator.objects.filter(user__email=email, type=Authenticator.Type.TOTP).first()
    return None if factor is None else unseal(factor.data["secret"], purpose=SEAL_PURPOSE)


def list_emails_at(domain: str) -> list[str]:
    """Return the e-mail addresses of the people at a domain, in alphabetical order."""
    people = User.objects.filter(email__endswith=f"@{domain}").order_by("email")
    return list(people.values_list("email", flat=True))


def get_user_by_email(email: str) -> User | None:
    """Return the person who signs in with an e-mail address, in whatever case it is written."""
    return User.objects.filter(email=email.strip().lower()).first()
