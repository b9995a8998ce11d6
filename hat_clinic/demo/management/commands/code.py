"""`manage.py code ROLE`: what the authenticator app of a demo person would show now."""

from __future__ import annotations

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.accounts.models import User

DEMO_ADDRESS = "@demo.example"
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
        factors = Authenticator.objects.filter(
            type=Authenticator.Type.TOTP, user__email__endswith=DEMO_ADDRESS
        )
        factor = factors.filter(user__email=f"{role}{DEMO_ADDRESS}").first()
        if factor is None:
            raise CommandError(_unknown(role))
        at = int(time.time())
        code = format_hotp_value(hotp_value(decrypt(factor.data["secret"]), at // STEP_SECONDS))
        self.stdout.write(code)
        self.stderr.write(f"good for {STEP_SECONDS - at % STEP_SECONDS} seconds, once")


def _unknown(role: str) -> str:
    addresses = User.objects.filter(email__endswith=DEMO_ADDRESS).order_by("email")
    roles = [address.removesuffix(DEMO_ADDRESS) for address in addresses.values_list("email", flat=True)]
    if not roles:
        return "The demo clinic is not made yet. Start it with ./hat demo and try again."
    return f"There is no demo person {role!r}. There are: {', '.join(roles)}."
