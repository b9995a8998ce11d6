"""Comparing what became of an act with what a scenario expects. Nothing of a single scenario stands here.

Decision, reply and rows are compared exactly. The finding only loosely, because a scenario says it in its own
words and the program in its: where they have no number and no longer word in common, the act may have been
refused for another reason, and the command says so beside the verdict without letting the scenario fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.results import Result
from hat_clinic.scenarios.standing import EVERY, Standing

# Sentences that no program can hold against its tables; they are for the reader of a scenario.
NOT_COMPARED = {"also"}
_TOKEN = re.compile(r"[0-9]+|[a-z]+")
# Long enough to mean something; words of one stem begin alike.
_WORD, _STEM = 4, 5
_SAYS_NOTHING = {
    "with",
    "this",
    "that",
    "than",
    "only",
    "from",
    "have",
    "were",
    "over",
    "under",
    "above",
    "below",
}


def differences(expect: Content, result: Result, before: Standing, after: Standing) -> list[str]:
    """Return what is otherwise than expected, in words. Raises NotBuilt for rows that the program does not have."""
    found = [
        f"{name}: expected {expect[name]}, was {was}"
        for name, was in (("decision", result.decision), ("reply", result.reply))
        if name in expect and expect[name] != was
    ]
    before = result.since or before
    rows = expect.get("after", {})
    if rows == "unchanged":
        return found + list(_unchanged(result, before, after))
    for name, number in rows.items():
        if name in NOT_COMPARED:
            continue
        if name == "day_total_mg":
            found += _day_total(number, before, after)
            continue
        if name == "stock":
            found += _stock(number, before, after)
            continue
        if name not in EVERY:
            raise NotBuilt(f"counting {name}")
        added = after.counts[name] - before.counts[name]
        if added != number:
            found.append(f"{name}: expected {number} more, were {added}")
    return found


def _day_total(expected: int, before: Standing, after: Standing) -> Iterable[str]:
    """Compare what the act left a person's day at; the day is the one whose total it changed."""
    changed = [mg for day, mg in after.day_totals.items() if before.day_totals.get(day) != mg]
    if changed != [expected]:
        was = " and ".join(f"{mg} mg" for mg in changed) or "unchanged"
        yield f"day_total_mg: expected {expected} mg, was {was}"


def _stock(expected: Content, before: Standing, after: Standing) -> Iterable[str]:
    """Compare how many ampoules each batch has more; a batch is named by its number."""
    for batch, number in expected.items():
        if batch not in after.stock:
            raise NotBuilt(f"counting the ampoules of {batch}, which is no batch's number")
        added = after.stock[batch] - before.stock.get(batch, 0)
        if added != number:
            yield f"ampoules of {batch}: expected {number:+d}, were {added:+d}"


def doubt(expect: Content, result: Result) -> str:
    """Return in words that what was told has nothing in common with the finding expected; empty if it has."""
    finding = str(expect.get("finding", "none"))
    if has_told(finding, result.told):
        return ""
    return f'look at the reason: expected "{finding}", was told "{" ".join(result.told) or "nothing"}"'


def has_told(finding: str, told: Iterable[str]) -> bool:
    """Tell whether what was told has anything in common with a finding; "none" is expected of nothing told or more."""
    return finding == "none" or bool(_tokens(finding) & _tokens(" ".join(told)))


def _tokens(text: str) -> set[str]:
    return {
        token if token.isdigit() else token[:_STEM]
        for token in _TOKEN.findall(text.lower())
        if token.isdigit() or (len(token) >= _WORD and token not in _SAYS_NOTHING)
    }


def _unchanged(result: Result, before: Standing, after: Standing) -> Iterable[str]:
    altered = [table for table, digest in after.digests.items() if before.digests[table] != digest]
    if altered:
        yield f"expected no row added or altered, but {', '.join(altered)}"
    if result.is_trail_asked and after.refusals == before.refusals:
        yield "expected a line of the trail that tells of the refusal, was none"
