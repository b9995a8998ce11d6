"""Every change of who may sign in, with what, and as what."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from hat_clinic.accounts.models import Agency, Clinic, Membership, User
from hat_clinic.accounts.queries import count_other_managers, not_over, standing
from hat_clinic.accounts.rules import Role, may_close_account, may_end_role, may_grant_role
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Refused


class UserRefused(Exception):
    """The person was not stored; the message says what to change."""


class RoleRefused(Refused):
    """The role was not granted or ended."""


class AccountRefused(Refused):
    """The account was not closed."""


def create_user(
    *,
    email: str,
    full_name: str,
    password: str | None,
    by: User | None,
    at: datetime,
    is_service: bool = False,
) -> User:
    """Store one person who can sign in, or a program (`is_service`) that cannot.

    `by` is None only for the first person of an installation. Raises UserRefused for an address that is taken
    and for a password that is short, common or like the person's name.
    """
    try:
        with transaction.atomic(durable=True):
            return store_user(
                email=email, full_name=full_name, password=password, by=by, at=at, is_service=is_service
            )
    except IntegrityError as error:
        raise UserRefused("Somebody already signs in with that e-mail address.") from error


def store_user(
    *,
    email: str,
    full_name: str,
    password: str | None,
    by: User | None,
    at: datetime,
    is_service: bool = False,
) -> User:
    """Store one person in the caller's transaction, as `create_user` does; an address that is taken is refused
    by the database.
    """
    user = User(email=email.strip().lower(), full_name=full_name, is_service=is_service)
    _put_password(user, password)
    user.save(force_insert=True)
    record("accounts.user_created", by=by, at=at, thing=user, is_service=is_service)
    return user


def _put_password(user: User, password: str | None) -> None:
    """Set a password on the row, unsaved. Raises UserRefused if it is short, common or like the name."""
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UserRefused(" ".join(error.messages)) from error
    user.set_password(password)


def reopen_account(*, user: User, password: str, by: User | None, at: datetime) -> None:
    """Open a closed account again with a new password, in the caller's transaction, which locked the person.

    The second factor stays what it was. Raises UserRefused for a weak password.
    """
    _put_password(user, password)
    user.is_active = True
    user.save(update_fields=["password", "is_active"])
    record("accounts.account_reopened", by=by, at=at, thing=user)


def grant_role(
    *,
    user: User,
    clinic: Clinic,
    role: Role,
    by: User | None,
    at: datetime,
    agency: Agency | None = None,
    ends_at: datetime | None = None,
) -> Membership:
    """Give a person one role in one clinic from now on, until `ends_at` if there is an end.

    `agency` is where a referrer works. Raises RoleRefused with the decision of `may_grant_role`.
    """
    with transaction.atomic(durable=True):
        return store_role(
            user=User.objects.select_for_update().get(pk=user.pk),
            clinic=clinic,
            role=role,
            agency=agency,
            ends_at=ends_at,
            by=by,
            at=at,
        )


def store_role(
    *,
    user: User,
    clinic: Clinic,
    role: Role,
    agency: Agency | None,
    ends_at: datetime | None,
    by: User | None,
    at: datetime,
    starts_at: datetime | None = None,
) -> Membership:
    """Give a role as `grant_role` does, in the caller's transaction, which locked the person's row.

    From `starts_at` where that is later than `at`.
    """
    begins_at = max(at, starts_at or at)
    decision = may_grant_role(
        role=role,
        is_open=user.is_active,
        is_held=Membership.objects.filter(standing(at), user=user, clinic=clinic, role=role).exists(),
        has_agency=agency is not None,
        ends_at=ends_at,
        at=at,
        starts_at=begins_at if begins_at > at else None,
    )
    if not decision.is_allowed:
        raise RoleRefused(decision)
    membership = Membership.objects.create(
        user=user,
        clinic=clinic,
        role=role,
        agency=agency,
        starts_at=begins_at,
        ends_at=ends_at,
        granted_by=by,
    )
    record(
        "accounts.role_granted",
        by=by,
        at=at,
        clinic=clinic.pk,
        thing=user,
        role=role.value,
        agency=str(agency.pk) if agency else None,
        ends_at=ends_at.isoformat() if ends_at else None,
    )
    return membership


def end_role(*, user: User, clinic: Clinic, role: Role, by: User, at: datetime) -> None:
    """End a person's role in a clinic now; what they have open there is refused at the next click.

    A role that has not begun never does.

    The clinic's row is locked, so that two managers who end each other's role at once leave one. Raises
    RoleRefused with the decision of `may_end_role`.
    """
    with transaction.atomic(durable=True):
        _lock_staff_of(clinic)
        held = Membership.objects.filter(not_over(at), user=user, clinic=clinic, role=role)
        decision = may_end_role(
            role=role,
            is_held=held.exists(),
            other_managers=count_other_managers(user=user, clinic=clinic, at=at),
        )
        if not decision.is_allowed:
            raise RoleRefused(decision)
        held.update(ends_at=Greatest(F("starts_at"), Value(at)))
        record("accounts.role_ended", by=by, at=at, clinic=clinic.pk, thing=user, role=role.value)


def close_account(*, user: User, clinic: Clinic, by: User, at: datetime) -> None:
    """Close the account of somebody who leaves: their roles end, and what is open ends at the next click.

    Raises AccountRefused with the decision of `may_close_account`.
    """
    with transaction.atomic(durable=True):
        _lock_staff_of(clinic)
        User.objects.select_for_update().get(pk=user.pk)
        memberships = Membership.objects.filter(standing(at), user=user)
        decision = may_close_account(
            roles_elsewhere=memberships.exclude(clinic=clinic).count(),
            is_manager=memberships.filter(clinic=clinic, role=Role.MANAGER).exists(),
            other_managers=count_other_managers(user=user, clinic=clinic, at=at),
        )
        if not decision.is_allowed:
            raise AccountRefused(decision)
        memberships.update(ends_at=at)
        User.objects.filter(pk=user.pk).update(is_active=False)
        record("accounts.account_closed", by=by, at=at, clinic=clinic.pk, thing=user)


def _lock_staff_of(clinic: Clinic) -> None:
    """Let one change of a clinic's staff wait for the other; rows that only point at the clinic do not wait."""
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)


def enrol_totp(*, user: User, secret: str | None, by: User | None, at: datetime) -> str:
    """Give a person an authenticator app's secret (base32), made here if None, in place of any they had.

    Returns the secret, which is stored sealed and cannot be shown again.
    """
    secret = secret or generate_totp_secret()
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
        TOTP.activate(user, secret)
        record("accounts.second_factor_set", by=by, at=at, thing=user, kind="totp")
    return secret


def get_program(*, name: str, at: datetime) -> User:
    """Return the user that stands for one of our own programs in the trail; it cannot sign in.

    Made the first time, in the caller's transaction if there is one. `name` is a few words, such as "cohort
    import".
    """
    email = f"{name.replace(' ', '-')}@program.invalid"
    with transaction.atomic():
        program, is_new = User.objects.get_or_create(
            email=email, defaults={"full_name": name, "is_service": True, "password": make_password(None)}
        )
        if is_new:
            record("accounts.program_created", by=program, at=at, thing=program)
    return program
