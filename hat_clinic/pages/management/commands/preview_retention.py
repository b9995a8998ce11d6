"""Say what is old enough to be removed, and of everything else why not. Nothing is removed."""

from __future__ import annotations

import sys
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hat_clinic.core.clock import now
from hat_clinic.pages.queries.retention import OldThing, list_old_things


class Command(BaseCommand):
    help = "List what is old enough to be removed, by ids only. Removes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--clinic", default="", metavar="CODE", help="of this clinic only")
        parser.add_argument(
            "--id", metavar="ID", help="ask about one ledger or one person: exit 0 if old enough, else 1"
        )
        parser.add_argument(
            "--all", action="store_true", help="also list what is not old enough, with the reason"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        things = list_old_things(clinic_code=options["clinic"], at=now())
        if options["id"]:
            self._one(things, options["id"])
            return
        old = [thing for thing in things if thing.decision.is_allowed]
        for thing in things if options["all"] else old:
            self.stdout.write(_sentence(thing))
        self.stdout.write(
            f"{len(old)} of {len(things)} old enough to be removed. Nothing was removed: this command only looks."
        )

    def _one(self, things: tuple[OldThing, ...], written: str) -> None:
        try:
            key = uuid.UUID(written)
        except ValueError as problem:
            raise CommandError(f"{written} is no id.") from problem
        thing = next((thing for thing in things if thing.id == key), None)
        if thing is None:
            raise CommandError(f"No ledger and no person has the id {key}.")
        self.stdout.write(_sentence(thing))
        if not thing.decision.is_allowed:
            sys.exit(1)


def _sentence(thing: OldThing) -> str:
    last = f"last entry {thing.last_on:%d/%m/%Y}" if thing.last_on else "in use"
    about = f"{thing.clinic_code}  {thing.kind} {thing.id}  {thing.words}, {last}: "
    if thing.decision.is_allowed and thing.until is not None:
        return f"{about}OLD ENOUGH since the end of {thing.until:%d/%m/%Y}"
    return f"{about}REFUSED. {' '.join(finding.message for finding in thing.decision.refusals)}"
