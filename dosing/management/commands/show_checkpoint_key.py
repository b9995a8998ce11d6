"""./hat manage show_checkpoint_key: the public key with which anybody verifies the register's checkpoints."""

from __future__ import annotations

import base64
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hat_clinic.core.signing import SigningKeyMissing, fingerprint_of, public_key


class Command(BaseCommand):
    help = "Print the public key of the register's checkpoints in base64, and its fingerprint."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            key = public_key()
        except SigningKeyMissing as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"public key   {base64.b64encode(key).decode()}")
        self.stdout.write(f"fingerprint  {fingerprint_of(key)}")
