"""Open a clinic from a preset, and invite its manager. What is missing until the first dose stands on its checklist."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import DataError, IntegrityError, transaction
from django.urls import reverse

from hat_clinic.accounts.actions import (
    InviteRefused,
    get_program,
    open_clinic,
    open_premises,
    store_invitation,
)
from hat_clinic.accounts.rules import INVITATION_LASTS, Role
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.opening import as_slots, get_checklist_page, get_preset
from hat_clinic.pages.rules.opening import PRESETS, Preset


class Command(BaseCommand):
    """Makes the clinic, its premises and the hours of its sessions; it sets no limit and orders nothing."""

    help = "Open a clinic from a preset: middlesbrough, glasgow, riott or swiss."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("preset", choices=PRESETS)
        parser.add_argument("--code", required=True, help="2 to 12 capital letters or digits")
        parser.add_argument("--name", required=True)
        parser.add_argument("--opened-on", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--premises", required=True, help="name of the premises")
        parser.add_argument("--address", required=True)
        parser.add_argument(
            "--session",
            action="append",
            default=[],
            metavar="HH:MM-HH:MM",
            help="hours of one session, in order; once for each session of the day",
        )
        parser.add_argument("--places", type=int, help="where it differs from the preset")
        parser.add_argument(
            "--manager", required=True, metavar="EMAIL", help="who is invited as its first manager"
        )
        parser.add_argument("--manager-name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        preset = get_preset(options["preset"])
        hours = [_hours(text) for text in options["session"]]
        if len(hours) != preset.sessions_per_day:
            raise CommandError(
                f"{preset.name} holds {preset.sessions_per_day} sessions a day: give --session that many times."
            )
        try:
            validate_email(options["manager"])
        except ValidationError as error:
            raise CommandError("Nothing was opened: the manager's e-mail address is none.") from error
        at = now()
        try:
            clinic, link = _open(options, preset, hours, at)
        except (DataError, IntegrityError) as error:
            raise CommandError(
                "Nothing was opened: the code is taken or is no code, the hours are no hours, or a name is too long."
            ) from error
        except InviteRefused as error:
            raise CommandError(f"Nothing was opened: {error}") from error
        self.stdout.write(f"Opened {clinic.code} after {preset.name}. Missing until the first dose:")
        for item in get_checklist_page(clinic=clinic, at=at).items:
            if item.missing:
                self.stdout.write(f"- {item.what}: {item.missing}")
        unverified = [fact for fact in preset.facts if not fact.is_verified]
        for fact in unverified:
            self.stdout.write(f"NOT VERIFIED: {fact.what}: {fact.says}")
        self.stdout.write(
            f"{options['manager_name']} is invited as the first manager, who invites everybody else. Hand this to "
            f"them; it is shown once and good for {INVITATION_LASTS.days} days. Put it behind this server's address:"
        )
        self.stdout.write(link)


def _open(
    options: dict[str, Any], preset: Preset, hours: list[tuple[time, time]], at: datetime
) -> tuple[Any, str]:
    """Make the clinic, its premises and the invitation of its first manager: all of it or nothing."""
    with transaction.atomic(durable=True):
        clinic = open_clinic(
            code=options["code"],
            name=options["name"],
            opened_on=options["opened_on"],
            places=options["places"] or preset.places,
            sessions_per_day=preset.sessions_per_day,
            has_invented_people=False,
            slots=as_slots(hours),
            preset=preset.code,
            by=None,
            at=at,
        )
        open_premises(clinic=clinic, name=options["premises"], address=options["address"], by=None, at=at)
        invited = store_invitation(
            clinic=clinic,
            email=options["manager"],
            full_name=options["manager_name"],
            roles=[Role.MANAGER],
            agency=None,
            roles_end_at=None,
            by=get_program(name="opening of a clinic", at=at),
            at=at,
        )
    return clinic, f"{reverse('accounts:accept_invitation')}#{invited.token}"


def _hours(text: str) -> tuple[time, time]:
    try:
        opens, closes = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError as error:
        raise CommandError(f"{text} are no hours: write them such as 08:00-12:00.") from error
    return opens, closes
