"""Doses that a scenario says were given before, one by one or day after day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dosing.rules.orders import LONDON
from hat_clinic.scenarios.reading import Named, NotBuilt, moment


@dataclass(frozen=True, slots=True)
class Dose:
    """One injection that was given here; milligrams."""

    patient: str
    at: datetime
    mg: int
    route: str
    tolerated: bool | None
    ordered_mg: int
    left_mg: int = 0
    session: str = ""
    number: int = 1


def written_doses(fact: Named) -> Iterator[Dose]:
    """Yield each dose of a fact; NotBuilt for what cannot be told of one."""
    content = fact.content
    if fact.kind == "injected":
        at = moment(content["at"]).astimezone(UTC)  # two moments of one zone are reckoned by their walls
        yield Dose(
            patient=content["patient"],
            at=at,
            mg=content["mg"],
            route=content["route"],
            tolerated=_tolerated(content["tolerated"]),
            ordered_mg=content["mg"],
            session=content.get("session", ""),
            number=content.get("number", 1),
        )
    elif fact.kind == "regular":
        day, last = date.fromisoformat(content["from"]), date.fromisoformat(content["to"])
        while day <= last:
            for clock in content["daily_at"]:
                yield Dose(
                    patient=content["patient"],
                    at=datetime.combine(day, time.fromisoformat(clock), tzinfo=LONDON).astimezone(UTC),
                    mg=content["mg"],
                    route=content["route"],
                    tolerated=_tolerated(content["tolerated"]),
                    ordered_mg=content["ordered_mg"] if "ordered_mg" in content else content["mg"],
                    left_mg=content.get("left_in_syringe_mg", 0),
                )
            day += timedelta(days=1)


def _tolerated(written: object) -> bool | None:
    if written == "pending":
        return None
    if isinstance(written, bool):
        return written
    raise NotBuilt(f"a dose whose tolerance is {written}")
