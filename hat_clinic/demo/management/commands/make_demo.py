"""Make or renew the demo clinic, and print its sign-ins and a terminal's link as JSON.

With --history it fills in the past behind it instead.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from hat_clinic.accounts.actions import get_program
from hat_clinic.core.clock import now
from hat_clinic.demo.actions import fill_in_history, make_demo
from hat_clinic.demo.cast import CLINIC_CODE, STAFF
from hat_clinic.demo.terminals import make_terminal_link


class Command(BaseCommand):
    help = "Make or renew the demo clinic and print the ways into it as JSON. Only where HAT_DEMO is set."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--history", action="store_true", help="import the invented first year and its report"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("This is not a demo: HAT_DEMO is not set. Nothing was made.")
        at = now()
        by = get_program(name="demo", at=at)
        if options["history"]:
            fill_in_history(by=by, at=at)
            return
        make_demo(by=by, at=at)
        sign_ins = [
            {
                "role": actor.word,
                "label": f"{actor.full_name}, {actor.role.label}",
                "email": actor.email,
                "password": actor.password,
                "pin": actor.pin if actor.signs_by_pin else None,
            }
            for actor in STAFF
        ]
        token = make_terminal_link(clinic_code=CLINIC_CODE, by=by, at=at)
        terminal = reverse("enrol_terminal", kwargs={"token": token})
        self.stdout.write(json.dumps({"sign_ins": sign_ins, "terminal": terminal}, indent=1))
