"""Every change of who may sign in, with what, and as what."""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import Clinic, Membership, Premises, SessionSlot, SigningPin, Slot, User
from hat_clinic.accounts.queries import standing
from hat_clinic.accounts.rules import Role, may_choose_pin, may_try_pin, wrong_pin_sentence
from hat_clinic.audit.actions import record

# Chosen on purpose, about 30 to 40 ms: the PIN is checked twice for every dose. A million PINs are seconds of
# guessing at any cost a nurse would wait for, so what protects a PIN is the pepper, which is not in the
# database, and the limit of tries, not this hash.
PIN_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class UserRefused(Exception):
    """The person was not stored; the message says what to change."""


class PinRefused(Exception):
    """The PIN was not accepted; the message is what the person reads, `user_id` whose PIN it was."""

    def __init__(self, message: str, *, user_id: uuid.UUID) -> None:
        super().__init__(message)
        self.user_id = user_id


class RoleRefused(Exception):
    """The role was not granted or ended; the message says why."""


@dataclass(frozen=True, slots=True)
class PinProof:
    """Somebody typed their own PIN at this moment."""

    user_id: uuid.UUID
    proved_at: datetime


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


def set_pin(*, user: User, pin: str, by: User, at: datetime) -> None:
    """Store a person's signing PIN, in place of the one before, with a clean count of tries.

    Raises PinRefused unless it is six digits that are not among the first guesses.
    """
    decision = may_choose_pin(pin)
    if not decision.is_allowed:
        raise PinRefused(decision.refusals[0].message, user_id=user.pk)
    digest = PIN_HASHER.hash(_peppered(user, pin))
    with transaction.atomic(durable=True):
        SigningPin.objects.update_or_create(
            user=user, defaults={"digest": digest, "set_at": at, "failures": 0, "last_failed_at": None}
        )
        record("accounts.pin_set", by=by, at=at, thing=user)


def prove_pin(*, user: User, pin: str, at: datetime) -> PinProof:
    """Check that a person typed their own PIN, and count the try.

    The count is committed here, before and apart from the act it is for, so that a refused act still counts
    it: call it outside any transaction. The row is locked, so that two wrong tries at once count two. Raises
    PinRefused with the sentence to show; a try during the waiting time is not counted.
    """
    refusal = None
    with transaction.atomic(durable=True):
        kept = SigningPin.objects.select_for_update().filter(user=user).first()
        if kept is None or not user.is_active:
            refusal = f"{user.full_name} has no signing PIN yet. Set one before signing for a dose."
            record("accounts.pin_proved", by=user, at=at, refused=True, why="no_pin")
        elif not (
            decision := may_try_pin(failures=kept.failures, last_failed_at=kept.last_failed_at, at=at)
        ).is_allowed:
            refusal = decision.refusals[0].message
            record("accounts.pin_proved", by=user, at=at, refused=True, why=decision.refusals[0].code)
        elif _is_right(kept, user, pin):
            kept.failures, kept.last_failed_at = 0, None
            kept.save(update_fields=["failures", "last_failed_at"])
            record("accounts.pin_proved", by=user, at=at)
        else:
            kept.failures, kept.last_failed_at = kept.failures + 1, at
            kept.save(update_fields=["failures", "last_failed_at"])
            refusal = wrong_pin_sentence(kept.failures)
            record("accounts.pin_proved", by=user, at=at, refused=True, failures=kept.failures)
    if refusal is not None:
        raise PinRefused(refusal, user_id=user.pk)
    return PinProof(user.pk, at)


def forgive_wrong_pins(*, user: User, by: User, at: datetime) -> None:
    """Turn a person's PIN on again after a sign-in with password and second factor."""
    with transaction.atomic(durable=True):
        if SigningPin.objects.filter(user=user, failures__gt=0).update(failures=0, last_failed_at=None):
            record("accounts.pin_tries_forgiven", by=by, at=at, thing=user)


def _peppered(user: User, pin: str) -> str:
    """Return the PIN mixed with the pepper and the person, so that equal PINs do not look equal."""
    return hmac.new(settings.PIN_PEPPER, f"{user.pk}:{pin}".encode(), "sha256").hexdigest()


def _is_right(kept: SigningPin, user: User, pin: str) -> bool:
    try:
        return PIN_HASHER.verify(kept.digest, _peppered(user, pin))
    except VerificationError:
        return False


# --- organisations ---------------------------------------------------------------------------------------


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


def open_clinic(
    *,
    code: str,
    name: str,
    opened_on: date,
    places: int,
    sessions_per_day: int,
    has_invented_people: bool,
    by: User | None,
    at: datetime,
    slots: Mapping[Slot, tuple[time, time]] | None = None,
) -> Clinic:
    """Store one clinic, and when its sessions open and close by the clock in Europe/London.

    May run inside the caller's transaction. A code that is taken is refused by the database.
    """
    with transaction.atomic():
        clinic = Clinic.objects.create(
            code=code,
            name=name,
            opened_on=opened_on,
            places=places,
            sessions_per_day=sessions_per_day,
            has_invented_people=has_invented_people,
        )
        SessionSlot.objects.bulk_create(
            SessionSlot(clinic=clinic, name=slot, opens_at=opens_at, closes_at=closes_at)
            for slot, (opens_at, closes_at) in (slots or {}).items()
        )
        record("accounts.clinic_opened", by=by, at=at, clinic=clinic.pk, thing=clinic)
    return clinic


def open_premises(*, clinic: Clinic, name: str, address: str, by: User | None, at: datetime) -> Premises:
    """Store one address of a clinic where controlled drugs are kept and given."""
    with transaction.atomic(durable=True):
        premises = Premises.objects.create(clinic=clinic, name=name, address=address)
        record("accounts.premises_opened", by=by, at=at, clinic=clinic.pk, thing=premises)
    return premises
