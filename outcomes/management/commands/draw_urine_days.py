"""Draw this week's day for a urine sample, for everybody in treatment who has none yet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from outcomes.tasks import draw_days


class Command(BaseCommand):
    help = (
        "Draw the day of this week on which a urine sample is due, for everybody in treatment who has none yet. "
        "Run again it draws nobody's day a second time. Which day it is stays untold until it has come."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        drawn = draw_days()
        self.stdout.write(f"{drawn} {'day was' if drawn == 1 else 'days were'} drawn.")
