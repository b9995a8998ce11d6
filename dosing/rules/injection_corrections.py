"""Putting an injection right: what went in, where and how, within what was in the syringe."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hat_clinic.core.decisions import Decision, block


@dataclass(frozen=True, slots=True)
class InjectionSaid:
    """What is written of one injection: milligrams that went in, the route, the site, and whether the syringe is back."""

    given_mg: int
    route: str
    site: str
    syringe_returned: bool


def may_say_of_injection(
    said: InjectionSaid,
    was: InjectionSaid,
    *,
    syringe_mg: int,
    by_id: UUID,
    second_id: UUID | None,
    is_contested: bool = False,
) -> Decision:
    """Decide whether an injection may be said to have been so. All reasons at once.

    No more went in than was in the syringe: so a correction never passes what was allowed. Other milligrams are other
    waste, and waste is seen by two. Source: clinical rules 22, 40, 43 and 7.11.
    """
    return Decision.of(
        (
            block(
                "contested",
                "This dose is contested. The clinical lead settles it first, among the contested lines.",
                "clinical rules 7.11",
            )
            if is_contested
            else None,
            block(
                "over_the_syringe",
                f"{syringe_mg} mg were in the syringe: no more went in.",
                "clinical rule 43",
            )
            if said.given_mg > syringe_mg
            else None,
            block(
                "nothing_went_in",
                "At least 1 mg went in. A dose of which nothing went in is told to the controlled-drug lead.",
                "clinical rule 43",
            )
            if said.given_mg < 1
            else None,
            block(
                "needs_second",
                "Other milligrams are other waste: a second person signs too, with their own PIN.",
                "clinical rule 22",
            )
            if said.given_mg != was.given_mg and second_id in (None, by_id)
            else None,
        )
    )
