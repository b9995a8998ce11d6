"""Putting an injection right: what went in, where and how, within what was in the syringe."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hat_clinic.core.decisions import Decision, block


@dataclass(frozen=True, slots=True)
class BesideInjection:
    """What else is known where other milligrams are written of an injection.

    `is_alone`: its session has no other injection and no line of a paper pack. `is_drawn`: another dose of the person is
    drawn up and has no ending. `over` names the limits that the totals would pass with what is written now.
    """

    is_alone: bool = True
    is_drawn: bool = False
    over: str = ""


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
    beside: BesideInjection | None = None,
) -> Decision:
    """Decide whether an injection may be said to have been so. All reasons at once.

    No more went in than was in the syringe. Other milligrams are other waste, and waste is seen by two; they are
    written where nothing else rests on the first: no dose drawn up since, no other injection of the session, no total
    that they would pass. What is refused for that is told to the clinical lead, as an incident.
    Source: clinical rules 22, 40, 43 and 7.11.
    """
    known = beside or BesideInjection()
    is_other = said.given_mg != was.given_mg
    return Decision.of(
        (
            block(
                "dose_is_drawn",
                "Another dose of this person is drawn up. It gets its ending first: waste it, or inject it.",
                "trust design 5",
            )
            if is_other and known.is_drawn
            else None,
            block(
                "not_alone",
                "This session has another injection, or a line of a paper pack. Its milligrams are not put right here: "
                "tell the clinical lead, who writes an incident and has the register adjusted.",
                "clinical rules 7.11",
            )
            if is_other and not known.is_alone
            else None,
            block(
                "over_with_it",
                f"With this, {known.over} would be passed. Hold the next dose, and tell the clinical lead now: it is an "
                "incident.",
                "clinical rules 7.11",
            )
            if is_other and known.over
            else None,
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
