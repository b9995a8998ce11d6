"""What the figures of a report say of each aim of the programme: one sentence by rule, never "reached" or "missed".

The aims are those that were frozen with the extract, so an old report keeps its own.

Source: Indicators 5, 7 and 8 (evaluation).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from outcomes.rules.evaluation.findings import Change, change_of_ratio
from outcomes.rules.evaluation.indicators import document_interval
from outcomes.rules.evaluation.quoting import how_sure, shown_as
from outcomes.rules.evaluation.words import plural, sentence_case, whole

Figure = Mapping[str, Any]
# A figure of a time before, and the one of the time since that is told with it.
_PAIRED_ENDS = (
    (".pre_total", ".post_total"),
    (".pre_rate", ".post_rate"),
    (".pre_rate", ".during_rate"),
    (".pre_mean", ".post_mean"),
    (".pre_median", ".post_median"),
    (".pre", ".post"),
    (".start", ".latest"),
    (".before_12m", ".last_12m"),
)

_WHICH_WAY = {
    Change.FELL: "so it fell",
    Change.ROSE: "so it rose",
    Change.UNCLEAR: "so it may have risen or fallen",
    Change.TOO_FEW: "of too few events to say whether it rose or fell",
    Change.NONE: "of no event",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Aim:
    """One aim as it was frozen."""

    number: int
    words: str
    figures: tuple[str, ...]
    unknown: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AimsFacts:
    """The aims in force at the data cut; no aims where none were written down."""

    version: str = ""
    source: str = ""
    basis: str = ""
    aims: tuple[Aim, ...] = field(default=())


def figures_by_id(figures: Sequence[Figure]) -> Mapping[str, Sequence[Figure]]:
    """The figures of a document by id; figures of other services have one for each source."""
    found: dict[str, list[Figure]] = {}
    for figure in figures:
        found.setdefault(figure["id"], []).append(figure)
    return found


def aim_sentence(aim: Aim, by_id: Mapping[str, Sequence[Figure]]) -> str:
    """One sentence: the first figure that has a value, with the one of the other time, and how many have none."""
    valued = [figure for id in aim.figures for figure in by_id.get(id, ()) if figure["value"] is not None]
    without = sum(
        all(figure["value"] is None for figure in by_id.get(identifier, ())) for identifier in aim.figures
    )
    if not valued:
        return "None of its figures can be given here, so nothing can be said of this aim from the records."
    first = valued[0]
    then = next((one for one in valued[1:] if _are_a_pair(first, one)), None)
    sentence = _both(first, then) if then else _one(first, _events_behind(first, by_id))
    if without:
        sentence += f"; {whole(without)} of its {len(aim.figures)} figures cannot be given"
    return f"{sentence}."


def aims_finding(facts: AimsFacts, by_id: Mapping[str, Sequence[Figure]]) -> str:
    """How many aims there are, and of how many some figure can be given."""
    if not facts.aims:
        return "No aims of the programme were written down when this report was frozen"
    told = sum(
        any(figure["value"] is not None for id in aim.figures for figure in by_id.get(id, ()))
        for aim in facts.aims
    )
    aims = plural(len(facts.aims), "aim", "aims")
    if told == len(facts.aims):
        return f"The programme has {aims}, and each has a figure in this report"
    return f"The programme has {aims}; {whole(told)} of them {'has' if told == 1 else 'have'} a figure in this report"


def _are_a_pair(first: Figure, then: Figure) -> bool:
    return first["source"] == then["source"] and any(
        first["id"].endswith(before) and then["id"] == first["id"].removesuffix(before) + since
        for before, since in _PAIRED_ENDS
    )


def _both(first: Figure, then: Figure) -> str:
    """Two figures whose labels begin alike, the times told apart."""
    head = 0
    one, other = first["label"].split(", "), then["label"].split(", ")
    while head < min(len(one), len(other)) - 1 and one[head] == other[head]:
        head += 1
    begins = sentence_case(", ".join(one[:head]))
    before, since = (", ".join(label[head:]) for label in (one, other))
    return f"{begins}: {shown_as(first)} {before}, {shown_as(then)} {since}"


def _one(figure: Figure, events: int) -> str:
    said = f"{sentence_case(figure['label'])}: {shown_as(figure)}"
    sure = how_sure(figure)
    if not sure:
        return said
    if figure["unit"] == "ratio":
        change = change_of_ratio(figure["value"], document_interval(figure), events)
        return f"{said}, {sure}, {_WHICH_WAY[change]}"
    return f"{said}, {sure}"


def _events_behind(ratio: Figure, by_id: Mapping[str, Sequence[Figure]]) -> int:
    """The events of both times that a ratio of rates rests on, of its own source; 0 of any other figure."""
    head = ratio["id"].removesuffix(".rate_ratio")
    return sum(
        int(figure["numerator"] or 0)
        for rate in ("pre_rate", "post_rate", "during_rate")
        for figure in by_id.get(f"{head}.{rate}", ())
        if figure["source"] == ratio["source"]
    )
