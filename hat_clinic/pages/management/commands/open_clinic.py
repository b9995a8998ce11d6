"""Open a clinic from a preset, and invite its manager. What is missing until the first dose stands on its checklist."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError

from hat_clinic.accounts.actions import open_clinic, open_premises
from hat_clinic.core.clock import now
from hat_clinic.pages.queries.opening import as_slots, get_checklist_page, get_preset
from hat_clinic.pages.rules.opening import PRESETS


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

    def handle(self, *args: Any, **options: Any) -> None:
        preset = get_preset(options["preset"])
        hours = [_hours(text) for text in options["session"]]
        if len(hours) != preset.sessions_per_day:
            raise CommandError(
                f"{preset.name} holds {preset.sessions_per_day} sessions a day: give --session that many times."
            )
        at = now()
        try:
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
        except IntegrityError as error:
            raise CommandError(
                "Nothing was opened: the code is taken or is no code, or the hours are not hours."
            ) from error
        open_premises(clinic=clinic, name=options["premises"], address=options["address"], by=None, at=at)
        self.stdout.write(f"Opened {clinic.code} after {preset.name}. Missing until the first dose:")
        for item in get_checklist_page(clinic=clinic, at=at).items:
            if item.missing:
                self.stdout.write(f"- {item.what}: {item.missing}")
        unverified = [fact for fact in preset.facts if not fact.is_verified]
        for fact in unverified:
            self.stdout.write(f"NOT VERIFIED: {fact.what}: {fact.says}")


def _hours(text: str) -> tuple[time, time]:
    try:
        opens, closes = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError as error:
        raise CommandError(f"{text} are no hours: write them such as 08:00-12:00.") from error
    return opens, closes
