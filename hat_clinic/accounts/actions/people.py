"""Every change of who may sign in, with what, and as what."""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.queries import standing
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record


class UserRefused(Exception):
    """The person was not stored; the message says what to change."""


class RoleRefused(Exception):
    """The role was not granted or ended; the message says why."""


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
    email = email.strip().lower()
    user = User(email=email, full_name=full_name, is_service=is_service)
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise UserRefused(" ".join(error.messages)) from error
    user.set_password(password)
    try:
        with transaction.atomic(durable=True):
            user.save(force_insert=True)
            record("accounts.user_created", by=by, at=at, thing=user, is_service=is_service)
    except IntegrityError as error:
        raise UserRefused("Somebody already signs in with that e-mail address.") from error
    return user


def grant_role(*, user: User, clinic: Clinic, role: Role, by: User | None, at: datetime) -> Membership:
    """Give a person one role in one clinic from now on. Raises RoleRefused if it stands already."""
    with transaction.atomic(durable=True):
        User.objects.select_for_update().get(pk=user.pk)
        if Membership.objects.filter(standing(at), user=user, clinic=clinic, role=role).exists():
            raise RoleRefused("This person already has that role here.")
        membership = Membership.objects.create(
            user=user, clinic=clinic, role=role, starts_at=at, granted_by=by
        )
        record("accounts.role_granted", by=by, at=at, clinic=clinic.pk, thing=user, role=role.value)
    return membership


def end_role(*, user: User, clinic: Clinic, role: Role, by: User, at: datetime) -> None:
    """End a person's role in a clinic now. Raises RoleRefused if it does not stand."""
    with transaction.atomic(durable=True):
        ended = Membership.objects.filter(standing(at), user=user, clinic=clinic, role=role).update(
            ends_at=at
        )
        if not ended:
            raise RoleRefused("This person does not have that role here.")
        record("accounts.role_ended", by=by, at=at, clinic=clinic.pk, thing=user, role=role.value)


def close_account(*, user: User, by: User, at: datetime) -> None:
    """Close a person's account: no new sign-in, and what is open ends at the next click."""
    with transaction.atomic(durable=True):
        User.objects.filter(pk=user.pk).update(is_active=False)
        record("accounts.account_closed", by=by, at=at, thing=user)


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
