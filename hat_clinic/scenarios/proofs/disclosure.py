"""The promise that no number of people from 1 to 7 can be told from a public issue, from two in a row, or from the
pair of a public and a justice one.

Random small clinics, each at the end of two quarters. The attack is the program's own; a solver of whole numbers,
which shares the attacker's reading and nothing of its reckoning, tries the flow again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from hat_clinic.scenarios.proofs.cohort_figures import QUARTERS, figures_of
from hat_clinic.scenarios.proofs.cohorts import make_people
from hat_clinic.scenarios.proofs.measures import Figure
from hat_clinic.scenarios.proofs.whole_numbers import list_pinned
from outcomes.rules.evaluation.attack import NOW, find_leaks
from outcomes.rules.evaluation.attack_reading import read_issue
from outcomes.rules.evaluation.bounds import Bounds
from outcomes.rules.evaluation.disclosure import disclose, is_small, round_count
from outcomes.rules.evaluation.figures import Figures, list_indicators
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.justice import make_justice
from outcomes.rules.evaluation.justice_attack import find_leaks_beside, is_exact
from outcomes.rules.evaluation.public import make_public

TITLE = "Small numbers in public reports: what was measured"
REMARKS = (
    "Clinics are invented, of 8 to 40 people, with sizes drawn around the edges of the rule. A clinic's two issues are "
    "a quarter apart, and the justice issue is of the end of the later one.\n"
    "The controls are what the attack has to find: counts rounded one by one and nothing more, and "
    "leaks put into an issue by hand.\nWhat was not tried: three issues in a row, and knowledge from outside of who is "
    "in the clinic."
)
# With fewer pairs the control may happen to find nothing.
ENOUGH = 100
Issue = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many pairs of quarters are tried, and how many of them the solver tries again."""

    pairs: int
    solved: int


FULL, FEW = Sizes(pairs=250, solved=100), Sizes(pairs=4, solved=2)


def prove(*, template: str, sizes: Sizes, seed: int) -> Iterator[Figure]:
    """Try pairs of quarters, and the controls. Needs no database."""
    random = Random(seed)  # noqa: S311 - which clinics are made, no secret
    pairs = leaks = by_rules = bare = shown = every = pinned = 0
    justice = Justice()
    planted: dict[str, list[bool]] = {name: [] for name in PLANTS}
    for index in range(sizes.pairs):
        people, quarter = make_people(random), random.randrange(len(QUARTERS) - 1)
        first, second = (list_indicators(figures_of(people, QUARTERS[at])) for at in (quarter, quarter + 1))
        before = _json(make_public(first))
        now = _json(make_public(second, before))
        pairs += 1
        leaks += bool(find_leaks(before) or find_leaks(now, before))
        by_rules += bool(find_leaks(_json(disclose(second)), _json(disclose(first))))
        bare += _leaks_bare(first) or _leaks_bare(second)
        shown += sum(not figure["suppressed"] for figure in now)
        every += len(now)
        justice.add(figures_of(people, QUARTERS[quarter + 1]), second, before, now)
        if index < sizes.solved:
            pinned += bool(_solve(now))
        for name, plant in PLANTS.items():
            changed = plant(now, second)
            if changed is not None:
                planted[name].append(bool(find_leaks(changed)))
    yield Figure(
        what="Pairs of quarters that tell a number of 1 to 7",
        how="the issues as they are made, each alone and both together",
        count=f"{pairs} pairs",
        result=f"{leaks} ({shown / every:.0%} of the figures of the later issue are shown)",
        is_kept=leaks == 0,
    )
    yield Figure(
        what="The flow of these, tried again by a solver of whole numbers",
        how="the least and the most of every blank count by SciPy's milp, where the program narrows sums",
        count=f"{sizes.solved} issues",
        result=f"{pinned} with a number that is told",
        is_kept=pinned == 0,
    )
    yield Figure(
        what="Rules (1) to (9) alone, without one more figure left blank",
        how="the same pairs; what leaks here is left blank before an issue is stored",
        count=f"{pairs} pairs",
        result=f"{by_rules} tell something",
        is_kept=True,
    )
    yield Figure(
        what="Positive control: counts rounded one by one, no other rule",
        how="the same attack on each issue alone; it has to find something",
        count=f"{pairs} pairs",
        result=f"{bare} tell something",
        is_kept=bare > 0 or pairs < ENOUGH,
    )
    yield from justice.figures()
    for name, found in planted.items():
        yield Figure(
            what=f"Positive control: {name}",
            how="put into an issue that tells nothing",
            count=f"{len(found)} issues",
            result=f"{sum(found)} found",
            is_kept=all(found),
        )


@dataclass(slots=True)
class Justice:
    """Justice issues of the same quarters' ends, each beside the public issue of that quarter and the one before."""

    issues: int = 0
    leaks: int = 0
    bare: int = 0
    held: int = 0
    exact: int = 0

    def add(self, facts: Figures, exact: Sequence[Indicator], before: Issue, now: Issue) -> None:
        """Try one more: as it is made, and as it would be with every exact number."""
        every = make_justice(exact, period=facts.period, public=before)
        made = make_justice(exact, period=facts.period, public=before, public_around=(before, now))
        self.issues += 1
        self.bare += bool(find_leaks_beside(now, every))
        self.leaks += bool(find_leaks_beside(now, made) or find_leaks_beside(before, made))
        ours = [figure for figure in made if is_exact(figure["id"])]
        self.exact += len(ours)
        self.held += sum(figure["suppressed"] for figure in ours)

    def figures(self) -> Iterator[Figure]:
        """What was found."""
        yield Figure(
            what="Justice issues that tell a number of 1 to 7 of a public issue",
            how="each beside the public issue of its quarter, and beside the one before",
            count=f"{self.issues} issues",
            result=f"{self.leaks} ({self.held / self.exact:.0%} of the exact figures are left blank for it)",
            is_kept=self.leaks == 0,
        )
        yield Figure(
            what="Positive control: justice issues with every exact number",
            how="the same attack on the pair; it has to find something",
            count=f"{self.issues} issues",
            result=f"{self.bare} tell something",
            is_kept=self.bare > 0 or self.issues < ENOUGH,
        )


def _json(figures: Sequence[Indicator]) -> list[dict[str, Any]]:
    return [figure.to_json() for figure in figures]


def _solve(issue: Issue) -> list[str]:
    bounds = Bounds()
    read_issue(bounds, issue, NOW)
    blank = [
        f"{NOW}:{figure['id']}"
        for figure in issue
        if figure["suppressed"] and figure["domain"] == "flow" and figure["unit"] == "people"
    ]
    return list_pinned(bounds, blank)


def _leaks_bare(exact: Sequence[Indicator]) -> bool:
    """Whether counts that are each rounded or blanked by themselves tell something; broken rules do not count."""
    issue = []
    for figure in _json(exact):
        if figure["domain"] != "flow" or figure["unit"] != "people":
            continue
        number = round_count(figure["numerator"])
        issue.append({**figure, "numerator": number, "value": number, "suppressed": number is None})
    return any(leak.number for leak in find_leaks(issue))


def _small_count(issue: Issue, exact: Sequence[Indicator]) -> Issue | None:
    small = {figure.id: figure.numerator for figure in exact if is_small(figure.numerator)}
    found = [figure["id"] for figure in issue if figure["suppressed"] and figure["id"] in small]
    return _with(issue, found[0], numerator=small[found[0]]) if found else None


def _interval(issue: Issue, exact: Sequence[Indicator]) -> Issue | None:
    intervals = {figure["id"]: figure["interval"] for figure in _json(exact) if figure["interval"]}
    found = [figure["id"] for figure in issue if figure["id"] in intervals]
    return _with(issue, found[0], interval=intervals[found[0]]) if found else None


def _exact_share(issue: Issue, exact: Sequence[Indicator]) -> Issue | None:
    exactly = {figure.id: figure.value for figure in exact}
    for figure in issue:
        if figure["unit"] == "proportion" and figure["numerator"] and figure["id"] != "flow.occupancy":
            rounded, value = figure["numerator"] / figure["denominator"], exactly[figure["id"]]
            if abs(rounded - (value or 0)) > 1e-4:
                return _with(issue, figure["id"], value=value)
    return None


def _exact_total(issue: Issue, exact: Sequence[Indicator]) -> Issue | None:
    """Those in treatment and all who started as they are, beside those who left blank."""
    counts = {figure.id: int(figure.numerator or 0) for figure in exact if figure.domain == "flow"}
    started, inside, left = (counts[f"flow.{word}"] for word in ("started", "in_treatment", "exited"))
    if not is_small(left) or started % 5 == 0 or inside % 5 == 0 or is_small(started) or is_small(inside):
        return None
    found = _with(issue, "flow.started", numerator=started, value=started, suppressed=False)
    return _with(found, "flow.in_treatment", numerator=inside, value=inside, suppressed=False)


PLANTS = {
    "a small count shown": _small_count,
    "an interval shown": _interval,
    "a share of exact counts": _exact_share,
    "exact totals beside a blank": _exact_total,
}


def _with(issue: Issue, identifier: str, **fields: Any) -> Issue:
    return [{**figure, **fields} if figure["id"] == identifier else figure for figure in issue]
