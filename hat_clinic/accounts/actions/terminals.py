"""Making a browser a treatment-room terminal, opening it, retiring it."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from hat_clinic.accounts.models import Clinic, Premises, Terminal, TerminalEnrolment, User
from hat_clinic.accounts.queries import hash_secret
from hat_clinic.accounts.rules import LINK_LASTS, OPEN_FOR
from hat_clinic.audit.actions import record

# 256 random bits, as 43 signs that stand in an address.
TOKEN_BYTES = 32


class TerminalRefused(Exception):
    """Nothing was stored; the message is what the person reads."""


def add_terminal(
    *,
    clinic: Clinic,
    premises_id: uuid.UUID | None,
    name: str,
    by: User,
    at: datetime,
    lasts: timedelta = LINK_LASTS,
    opens_terminal: bool = False,
) -> str:
    """Make the link that turns one browser into a terminal, once, and return its token, which is kept nowhere.

    `opens_terminal` is allowed in the demo only: everywhere else a terminal is opened by somebody who signs in
    with password and second factor. Raises TerminalRefused for a name that is taken or premises of another
    clinic. Source: trust design 2.
    """
    if opens_terminal and not settings.IS_DEMO:
        raise TerminalRefused("Only the demo may open a terminal without a sign-in.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic(durable=True):
        premises = None
        if premises_id is not None:
            premises = Premises.objects.filter(clinic=clinic, pk=premises_id).first()
            if premises is None:
                raise TerminalRefused("Choose premises of this clinic.")
        if Terminal.objects.filter(clinic=clinic, name=name, retired_at=None).exists():
            raise TerminalRefused(f"There is already a terminal called {name}. Choose another name.")
        enrolment = TerminalEnrolment.objects.create(
            clinic=clinic,
            premises=premises,
            name=name,
            token_sha256=hash_secret(token),
            made_at=at,
            made_by=by,
            expires_at=at + lasts,
            opens_terminal=opens_terminal,
        )
        record("accounts.terminal_added", by=by, at=at, clinic=clinic.pk, thing=enrolment)
    return token


def enrol_terminal(*, token: str, by: User | None, at: datetime) -> tuple[Terminal, str]:
    """Use a link once: store the terminal, and return it with the secret for the browser's cookie.

    The link is locked, so that two browsers that use it at once make one terminal. Whoever made the link
    answers for it; `by` is who is signed in at the browser, if anybody. Raises TerminalRefused for a link that
    is unknown, used or over, all alike. Source: trust design 2.
    """
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic(durable=True):
        enrolment = (
            TerminalEnrolment.objects.select_for_update(of=("self",))
            .select_related("clinic", "premises", "made_by")
            .filter(token_sha256=hash_secret(token), used_at=None, expires_at__gt=at)
            .first()
        )
        if enrolment is None:
            raise TerminalRefused("This link was used already, or its time is over.")
        is_open = enrolment.opens_terminal and settings.IS_DEMO
        try:
            with transaction.atomic():
                terminal = Terminal.objects.create(
                    clinic=enrolment.clinic,
                    premises=enrolment.premises,
                    name=enrolment.name,
                    secret_sha256=hash_secret(secret),
                    enrolled_at=at,
                    enrolled_by=enrolment.made_by,
                    opened_at=at if is_open else None,
                    opened_by=enrolment.made_by if is_open else None,
                    open_until=at + OPEN_FOR if is_open else None,
                )
        except IntegrityError as error:
            raise TerminalRefused(
                f"Another browser became {enrolment.name} in the meantime. Ask for a link with another name."
            ) from error
        enrolment.used_at, enrolment.terminal = at, terminal
        enrolment.save(update_fields=["used_at", "terminal"])
        record(
            "accounts.terminal_enrolled",
            by=by,
            at=at,
            clinic=terminal.clinic_id,
            thing=terminal,
            open=is_open,
        )
    return terminal, secret


def open_terminal(*, terminal_id: uuid.UUID, by: User, at: datetime) -> None:
    """Open a terminal for 12 hours: somebody of its clinic has signed in at it with both factors.

    Source: trust design 2.
    """
    with transaction.atomic(durable=True):
        terminal = Terminal.objects.select_for_update().get(pk=terminal_id, retired_at=None)
        terminal.opened_at, terminal.opened_by, terminal.open_until = at, by, at + OPEN_FOR
        terminal.save(update_fields=["opened_at", "opened_by", "open_until"])
        record("accounts.terminal_opened", by=by, at=at, clinic=terminal.clinic_id, thing=terminal)


def retire_terminal(*, clinic: Clinic, terminal_id: uuid.UUID, by: User, at: datetime) -> Terminal | None:
    """End a terminal: its cookie and every PIN session at it are worth nothing at the next click.

    Returns None when the clinic has no such terminal; one that is retired stays as it was.
    """
    with transaction.atomic(durable=True):
        terminal = Terminal.objects.select_for_update().filter(clinic=clinic, pk=terminal_id).first()
        if terminal is not None and terminal.retired_at is None:
            terminal.retired_at, terminal.retired_by = at, by
            terminal.save(update_fields=["retired_at", "retired_by"])
            record("accounts.terminal_retired", by=by, at=at, clinic=clinic.pk, thing=terminal)
    return terminal


def note_locked(*, terminal_id: uuid.UUID, why: str, by: User, at: datetime) -> None:
    """Write down that a person's session at a terminal was locked, by its button or by time."""
    with transaction.atomic(durable=True):
        terminal = Terminal.objects.get(pk=terminal_id)
        record("accounts.terminal_locked", by=by, at=at, clinic=terminal.clinic_id, thing=terminal, why=why)
