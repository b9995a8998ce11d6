"""An injection as it stands: what was put right of it counts, what was written first stays beside it."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    Field,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    When,
)

from dosing.models import Injection, InjectionFacts
from dosing.rules.injection_corrections import InjectionSaid
from dosing.rules.orders import Route, Site


def standing_mg() -> Case:
    """Return the milligrams of an injection as they stand, for a query of injections."""
    return _where_put_right("given_mg", "injection_standing_mg", IntegerField())


def most_mg() -> Case:
    """Return the most milligrams that any line of an injection says: what the ceilings count.

    What was put right to less frees nothing. Source: clinical rules 12 and 7.11 (the stricter way).
    """
    return _where_put_right("given_mg", "injection_most_mg", IntegerField())


def least_mg() -> Case:
    """Return the least milligrams that any line of an injection says: what counts as tolerated.

    Source: clinical rules 26 and 7.11 (the stricter way).
    """
    return _where_put_right("given_mg", "injection_least_mg", IntegerField())


def standing_route() -> Case:
    """Return the route of an injection as it stands, for a query of injections."""
    return _where_put_right("route", "injection_standing_route", CharField())


def standing_site() -> Case:
    """Return the site of an injection as it stands, for a query of injections."""
    return _where_put_right("site", "injection_standing_site", CharField())


def syringe_is_back() -> Case:
    """Return whether the syringe of an injection came back, as it stands, for a query of injections."""
    return _where_put_right("syringe_returned", "injection_standing_syringe", BooleanField())


def _where_put_right(first: str, function: str, field: Field[Any, Any]) -> Case:
    """Ask a function of the injections that were put right alone, which are few; of all others their own row."""
    facts = InjectionFacts.objects.filter(injection=OuterRef("pk"))
    asked = Func(F("pk"), F(first), function=function, output_field=field)
    return Case(When(Exists(facts), then=asked), default=F(first), output_field=field)


def with_what_stands(injections: QuerySet[Injection]) -> QuerySet[Injection]:
    """Return a query of injections that brings what stands of each, for `found_standing`."""
    return injections.annotate(
        standing_mg=standing_mg(),
        standing_route=standing_route(),
        standing_site=standing_site(),
        standing_syringe=syringe_is_back(),
    )


def found_standing(injection: Any) -> InjectionSaid:
    """Return what stands of an injection that was found with it."""
    return InjectionSaid(
        given_mg=injection.standing_mg,
        route=injection.standing_route,
        site=injection.standing_site,
        syringe_returned=injection.standing_syringe,
    )


def get_standing_facts(injection: Injection) -> InjectionFacts | None:
    """Return what was last put right of an injection, or None where its own row stands."""
    return _standing().filter(injection=injection).select_related("recorded_by").first()


def as_it_stands(injection: Injection) -> InjectionSaid:
    """Return what is written of an injection now."""
    return said_by(get_standing_facts(injection) or injection)


def said_by(row: Injection | InjectionFacts) -> InjectionSaid:
    """Return what one row says of an injection: its own, or one that puts it right."""
    return InjectionSaid(
        given_mg=row.given_mg,
        route=row.route,
        site=row.site,
        syringe_returned=row.syringe_returned,
    )


def injection_in_words(said: InjectionSaid) -> str:
    """Return what is written of an injection: "120 mg, into a vein, left arm, syringe back"."""
    back = "syringe back" if said.syringe_returned else "syringe not back"
    return f"{said.given_mg} mg, {Route(said.route).label}, {Site(said.site).label}, {back}"


def _standing() -> QuerySet[InjectionFacts]:
    return InjectionFacts.objects.filter(amended_by__isnull=True)
