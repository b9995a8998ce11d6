"""The public issue of a quarter: the rules, and then whatever else has to be blank so that nothing can be told.

The rules alone leave rare cases: a total of 17 beside parts of 8, 8 and 1 reads 15, 10, 10 and a blank, and only
these numbers add up so. There the attack says what it could tell, and one more figure is left blank.

Source: Indicators 7 (evaluation), the ten rules of the public edition.
"""

from collections.abc import Sequence

from outcomes.rules.evaluation.attack import NOW, Figures, Leak, find_leaks
from outcomes.rules.evaluation.attack_reading import cells
from outcomes.rules.evaluation.disclosure import Key, disclose, key_of
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.justice_attack import find_leaks_beside


def make_public(
    indicators: Sequence[Indicator], *earlier: Figures, justice: Sequence[Figures] = ()
) -> list[Indicator]:
    """The public figures of exact ones, after earlier issues and beside justice ones.

    What still leaks then is refused at the release.
    """
    held: set[Key] = set()
    issue = disclose(indicators)
    while more := _to_hold(issue, earlier, justice) - held:
        held |= more
        issue = disclose(indicators, held)
    return issue


def _to_hold(issue: Sequence[Indicator], earlier: Sequence[Figures], justice: Sequence[Figures]) -> set[Key]:
    figures = [indicator.to_json() for indicator in issue]
    leaks = find_leaks(figures, *earlier)
    if justice:
        leaks += find_leaks_beside(figures, *justice)
    return {key for leak in leaks for key in _what_to_hold(issue, leak)}


def _what_to_hold(issue: Sequence[Indicator], leak: Leak) -> list[Key]:
    """The figure that says it, else those that print the number of the sum that the fewest figures print."""
    shown = [indicator for indicator in issue if not indicator.suppressed]
    own = [key_of(indicator) for indicator in shown if indicator.id == leak.figure]
    if own:
        return own
    told = {name.partition(":")[2] for name in leak.through if name.startswith(f"{NOW}:")}
    told |= {name.partition(":")[2] for name in leak.through if name.startswith("change:")}
    printing: dict[str, list[Key]] = {}
    for indicator in shown:
        for name, number, _ in cells(indicator.to_json()):
            if number and name in told:
                printing.setdefault(name, []).append(key_of(indicator))
    return min(printing.values(), key=len, default=[])
