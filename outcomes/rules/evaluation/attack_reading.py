"""How the attacker reads an issue: what each printed number can have been, and which numbers hang together.

Nothing here knows an exact number. A blank count of people is believed to be 1 to 7 until something contradicts
it; a rounded count can have been any that rounds to it.

Source: Indicators 7 (evaluation), rule (10) of the public edition.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from outcomes.rules.evaluation.bounds import Bounds
from outcomes.rules.evaluation.breakdowns import list_breakdowns
from outcomes.rules.evaluation.definitions import definition_of
from outcomes.rules.evaluation.disclosure import (
    OF_A_KNOWN_NUMBER,
    SMALLEST_SHOWN,
    STEP,
    is_about_nobody,
)
from outcomes.rules.evaluation.housing import HOMELESS_STATES, Moment
from outcomes.rules.evaluation.indicators import FIGURE_KEYS
from outcomes.rules.evaluation.statistics import DAYS_PER_YEAR, wilson
from outcomes.rules.housing import HousingState
from outcomes.rules.measures import DAY_ITEMS

STARTED, IN_TREATMENT, EXITED = "flow.started", "flow.in_treatment", "flow.exited"
CLOSES = ("flow.not_eligible", "flow.undecided", "flow.left_before_start", "flow.waiting", STARTED)
# Blank together, so that neither is believed to be 1 to 7.
TOGETHER = (IN_TREATMENT, EXITED)
MOST_TRIED = 400

Figure = Mapping[str, Any]


def read_issue(bounds: Bounds, figures: Sequence[Figure], issue: str) -> set[str]:
    """Tell what an issue says, every name led by the word for the issue; the names it gives, without the word."""

    def call(name: str) -> str:
        return f"{issue}:{name}"

    names: set[str] = set()
    for figure in figures:
        for name, number, field in cells(figure):
            names.add(name)
            _read_count(bounds, call(name), number, figure, field)
        _read_share(bounds, call, figure)
    tell_sums(bounds, call, figures, names)
    _tell_rates(bounds, call, figures)
    _tell_curve(bounds, call, figures)
    return names


def cells(figure: Figure) -> Iterable[tuple[str, int | None, str]]:
    """Every count of a figure: its name, as which other figures know it too, and where it stands."""
    if is_about_nobody(figure["id"]) or figure["unit"].startswith(("GBP", "percent", "difference")):
        numbers = ["missing"]
    elif figure["id"] in OF_A_KNOWN_NUMBER:
        numbers = ["numerator", "missing"]
    else:
        numbers = ["numerator", "denominator", "missing"]
    for field in (*numbers, *(key for key in figure if key not in FIGURE_KEYS)):
        number = figure[field]
        if number is None or (isinstance(number, int) and not isinstance(number, bool)):
            name = _name(figure, field)
            if name is not None:
                yield name, number, field


def _name(figure: Figure, field: str) -> str | None:
    identifier = figure["id"]
    definition = definition_of(identifier)
    own = f"{identifier}@{figure['source']}"
    if field == "numerator":
        if identifier in ("retention.snapshot", "flow.occupancy"):
            return IN_TREATMENT
        if identifier.startswith("offending.") and identifier.endswith(("_mean", "_rate")):
            return f"{identifier.rpartition('_')[0]}_total"
        if figure["unit"] in ("days", "days or score", "ratio", "severity score"):
            return None
        return own if figure["unit"] == "proportion" or identifier.startswith("health.") else identifier
    if field == "denominator":
        if definition is None or figure["unit"] not in ("proportion", "offences per person"):
            return None
        return _whole(figure, definition.denominator)
    if field == "people_due":
        return STARTED
    if field == "people_paired":
        return f"{identifier.rpartition('.')[0]}:paired"
    if field == "people" and identifier.startswith("offending.") and "_" in identifier.rpartition(".")[2]:
        return f"{identifier.rpartition('_')[0]}:people"
    return f"{own}:{field}"


def _whole(figure: Figure, denominator: str) -> str:
    identifier = figure["id"]
    if denominator == "people who started":
        return STARTED
    if identifier.startswith("housing."):
        return f"housing.recorded.{identifier.rpartition('.')[2]}"
    if denominator == "people paired for the item":
        return f"{identifier.rpartition('.')[0]}:paired"
    return f"{identifier}@{figure['source']}:of"


def _read_count(bounds: Bounds, name: str, number: int | None, figure: Figure, field: str) -> None:
    if number is None:
        is_own_count = field == "numerator" and figure["denominator"] is None and figure["unit"] == "people"
        if figure["suppressed"] and is_own_count and figure["id"] not in TOGETHER:
            bounds.believe(name, 1, SMALLEST_SHOWN - 1)
        elif not figure["suppressed"] and field not in ("numerator", "denominator"):
            bounds.know(name, 1, SMALLEST_SHOWN - 1)
        bounds.know(name, 0, math.inf)
    elif number % STEP:
        bounds.know(name, number, number)
    elif number == 0:
        bounds.know(name, 0, 0)
    else:
        bounds.know(name, max(number - STEP // 2, SMALLEST_SHOWN), number + STEP // 2)


def _read_share(bounds: Bounds, call: Callable[[str], str], figure: Figure) -> None:
    """A share of a whole and its rest; and what a value or an interval that is not of rounded counts says."""
    if figure["unit"] not in ("proportion", "offences per person") or figure["id"] in OF_A_KNOWN_NUMBER:
        return
    part, whole = _name(figure, "numerator"), _name(figure, "denominator")
    if part is None or whole is None or figure["id"].startswith("retention.km_"):
        return
    part, whole = call(part), call(whole)
    if figure["unit"] == "proportion":
        rest = f"{part}:rest:{figure['id']}"
        bounds.know(rest, 0, math.inf)
        bounds.add(whole, (part, rest))
        if figure["value"] is not None and not _tells_more(figure):
            bounds.never_small.add(rest)
    tried = [pair for pair in _pairs(bounds, part, whole, figure) if _agrees(figure, *pair)]
    if tried and _tells_more(figure):
        bounds.know(part, min(k for k, _ in tried), max(k for k, _ in tried))
        bounds.know(whole, min(n for _, n in tried), max(n for _, n in tried))


def _tells_more(figure: Figure) -> bool:
    k, n, value = figure["numerator"], figure["denominator"], figure["value"]
    if figure["interval"] is not None:
        return True
    return value is not None and (k is None or not n or abs(value - k / n) > 1e-9)


def _pairs(bounds: Bounds, part: str, whole: str, figure: Figure) -> Iterable[tuple[int, int]]:
    if not _tells_more(figure):
        return
    (k_low, k_high), (n_low, n_high) = (
        bounds.known.get(part, (0, math.inf)),
        bounds.known.get(whole, (0, math.inf)),
    )
    for n in range(int(n_low), int(min(n_high, MOST_TRIED)) + 1):
        most = n if figure["unit"] == "proportion" else MOST_TRIED
        for k in range(int(k_low), int(min(k_high, most)) + 1):
            yield k, n


def _agrees(figure: Figure, k: int, n: int) -> bool:
    if not n:
        return False
    value, interval = figure["value"], figure["interval"]
    fits = value is None or abs(k / n - value) < 1e-9
    if not fits or interval is None:
        return fits
    found = wilson(k, n)
    return found is not None and abs(found.low - interval["low"]) + abs(found.high - interval["high"]) < 1e-9


def tell_sums(bounds: Bounds, call: Callable[[str], str], figures: Sequence[Figure], names: set[str]) -> None:
    def add(total: str, parts: Iterable[str]) -> None:
        bounds.add(call(total), [call(part) for part in parts])

    if names.issuperset(("flow.referred", *CLOSES)):
        add("flow.referred", CLOSES)
    if names.issuperset((STARTED, *TOGETHER)):
        add(STARTED, TOGETHER)
    keys = {(figure["id"], figure["source"]) for figure in figures}
    for breakdown in list_breakdowns(keys):
        total, parts = breakdown.total[0], [identifier for identifier, _ in breakdown.parts]
        if total in (EXITED, "flow.referred"):
            add(total, parts)
        elif total.startswith("offending."):
            bounds.know(call(f"{total}:other"), 0, math.inf)
            add(total, [*parts, f"{total}:other"])
    for moment in Moment:
        parts = [f"housing.{state}.{moment}@clinic_record" for state in HousingState]
        if names.issuperset(parts):
            add(f"housing.recorded.{moment}", parts)
            homeless = [f"housing.{state}.{moment}@clinic_record" for state in HOMELESS_STATES]
            add(f"housing.homeless.{moment}@clinic_record", homeless)
    for item in DAY_ITEMS:
        asked = [f"top.{item}.{kind}@self_reported:of" for kind in ("abstinent", "initiated")]
        if names.issuperset(asked):
            add(f"top.{item}:paired", asked)
    for figure in figures:
        _tell_sums_of(add, bounds, call, figure, names)


def _tell_sums_of(
    add: Callable[[str, Iterable[str]], None],
    bounds: Bounds,
    call: Callable[[str], str],
    figure: Figure,
    names: set[str],
) -> None:
    """Sums inside one figure: those missing and those recorded, samples by result, offences costed and not."""
    identifier, own = figure["id"], f"{figure['id']}@{figure['source']}"
    missing = f"{own}:missing"
    if identifier.startswith("housing.") or (identifier.startswith("top.") and "people_paired" in figure):
        recorded = _name(figure, "denominator" if identifier.startswith("housing.") else "people_paired")
        add(STARTED, [str(recorded), missing])
    elif identifier == "urine.negative_samples.cumulative":
        rest = f"{own}:no_result"
        bounds.know(call(rest), 0, math.inf)
        add(f"{own}:due", [f"{own}:of", f"{own}:void", f"{own}:not_taken", rest])
        add(missing, [f"{own}:void", f"{own}:not_taken", rest])
    elif identifier.startswith("crime_cost."):
        total = f"offending.recorded.{identifier.rpartition('.')[2]}_total"
        if total in names:
            add(total, [f"{own}:costed", f"{own}:not_costed"])
    elif identifier.startswith("offending.") and identifier.endswith(".none_post"):
        people = f"{identifier.rpartition('.')[0]}.post:people"
        if people in names:
            add(STARTED, [own, people])
            bounds.limit(call(people), call(f"{identifier.rpartition('.')[0]}.post_total"))


def _tell_rates(bounds: Bounds, call: Callable[[str], str], figures: Sequence[Figure]) -> None:
    """Nobody was at liberty for longer than the year of the window, so a rate says how many it was at most."""
    for figure in figures:
        identifier, value = figure["id"], figure["value"]
        if value is not None and identifier.startswith("offending.") and identifier.endswith("_rate"):
            total = f"{identifier.rpartition('_')[0]}_total"
            highest = value + _half_a_step(value)
            if highest:
                bounds.limit(call(total), call(STARTED), highest * 365 / DAYS_PER_YEAR)


def _half_a_step(value: float) -> float:
    """Half of the last of two significant figures."""
    return 0.5 * 10 ** (math.floor(math.log10(value)) - 1) if value else 0.0


def _tell_curve(bounds: Bounds, call: Callable[[str], str], figures: Sequence[Figure]) -> None:
    """Each exit lowers the curve by its share of all who started, or by more where some were not followed."""
    found = {figure["id"]: figure for figure in figures if figure["id"].startswith("retention.km_")}
    last = EXITED
    for identifier in sorted(found, reverse=True):
        value, name = found[identifier]["value"], call(f"{identifier}:left")
        if value is None:
            continue
        bounds.know(name, 1 if value < 0.97 else 0, math.inf)
        bounds.limit(name, call(last))
        bounds.limit(name, call(STARTED), max(1 - value + 0.025, 1e-6))
        last = f"{identifier}:left"
