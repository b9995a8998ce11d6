"""The limits a dose is judged by: hard ceilings in code, and the clinic's own approved version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# No clinic can loosen these. Source: clinical rules 7.9 and 7.11 (single 450, day 1000, interval 3 h, 28 days).
SINGLE_CEILING_MG: Final = 450
DAILY_CEILING_MG: Final = 1000
INTERVAL_FLOOR_MINUTES: Final = 180
ORDER_DAYS_CEILING: Final = 28
# A dose above this needs a licensed doctor's reason in every clinic. Source: clinical rule 11.
SINGLE_STOP_MG: Final = 400
# Nobody may be let go sooner after an injection. Source: clinical rule 26.
OBSERVATION_FLOOR_MINUTES: Final = 15


@dataclass(frozen=True, slots=True)
class Protocol:
    """One approved version of a clinic's limits: milligrams, minutes and days.

    Defaults are the unverified starting values of clinical rules 7.9; a clinical lead approves them.
    """

    single_warn_mg: int = 300
    single_block_mg: int = 450
    daily_warn_mg: int = 600
    daily_block_mg: int = 900
    interval_block_minutes: int = 180
    interval_warn_minutes: int = 240
    order_days_max: int = 28
    concentration_mg_per_ml: int = 100
