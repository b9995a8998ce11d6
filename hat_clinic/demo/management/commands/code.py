"""`manage.py code ROLE`: what the authenticator app of a demo person would show now."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.queries import get_app_secret, list_emails_at

DEMO_DOMAIN = "demo.example"
STEP_SECONDS = 30


class Command(BaseCommand):
    """Print the six digits for one demo person, so that a newcomer needs no phone to look around."""

    help = "Print the current second-factor code of a demo person: nurse, nurse2, doctor, ..."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="the part of the demo person's e-mail address before the @")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError(
                "This is not the demo, so no code is shown. "
                "Use the authenticator app of the person who signs in."
            )
        role = options["role"]
        secret = get_app_secret(email=f"{role}@{DEMO_DOMAIN}")
        if secret is None:
            raise CommandError(_unknown(role))
        at = int(time.time())
        code = format_hotp_value(hotp_value(secret, at // STEP_SECONDS))
        self.stdout.write(code)
        self.stderr.write(f"good for {STEP_SECONDS - at % STEP_SECONDS} seconds, once")


def _unknown(role: str) -> str:
    roles = [email.partition("@")[0] for email in list_emails_at(DEMO_DOMAIN)]
    if not roles:
        return "The demo clinic is not made yet. Start it with ./hat demo and try again."
    return f"There is no demo person {role!r}. There are: {', '.join(roles)}."
