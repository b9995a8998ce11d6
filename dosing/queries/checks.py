"""A check before an injection, as pages tell it."""

from __future__ import annotations

from dosing.models import PreInjectionCheck
from dosing.rules.checks import Sedation
from dosing.rules.oxygen import USUAL_TARGET


def check_in_words(check: PreInjectionCheck) -> tuple[tuple[str, str], ...]:
    """Return what a check found, a line each."""
    unknown = f"not known: {check.unable_reason}"
    own = "" if check.oxygen_target == USUAL_TARGET else f", own target {check.oxygen_target} %"
    return (
        ("Sedation", f"POSS {check.sedation}, {Sedation(check.sedation).label.lower()}"),
        ("Breathing", f"{check.breaths} a minute"),
        ("Oxygen", f"{check.oxygen} %{own}" if check.oxygen is not None else unknown),
        ("Pulse", f"{check.pulse} a minute" if check.pulse is not None else unknown),
        ("Breath alcohol", f"{check.alcohol_ug} µg in 100 ml" if check.alcohol_ug is not None else unknown),
        ("Other drugs", "taken" if check.took_other_drugs else "none told"),
        ("Oral medicine", "as ordered" if check.oral_as_ordered else "not as ordered"),
        ("Nurse's judgement", "intoxicated" if check.is_intoxicated else "not intoxicated"),
    )
