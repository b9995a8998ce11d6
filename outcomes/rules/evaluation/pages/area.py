"""Area and need: what others published, the last twelve months beside the twelve before the clinic opened."""

from outcomes.rules.evaluation.around import (
    BEFORE,
    LAST,
    MEASURE_WORDS,
    AreaSum,
    AroundFacts,
    last_twelve,
    twelve_before,
)
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings_of_programme import area_finding
from outcomes.rules.evaluation.indicators import Indicator, Period
from outcomes.rules.evaluation.pages.blocks import Aside, Block, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import NONE, how_sure_cell, share_cell
from outcomes.rules.evaluation.words import day, joined, of, percent, sentence_case, short_day, whole

WINDOW_WORDS = {LAST: "Last 12 months", BEFORE: "12 months before opening"}


def area_page(control: Control, figures: Figures, found: Found) -> Page:
    """The area's own figures side by side, and how many of those who need treatment have come."""
    facts = figures.around
    blocks: list[Block] = []
    if facts.sums:
        blocks += [
            Table(
                _caption(control.period),
                ["Counted", *WINDOW_WORDS.values(), "Published by"],
                [_measure(facts, found, measure, words) for measure, words in MEASURE_WORDS.items()],
                frozenset({3}),
            ),
            *_uncovered(found),
        ]
    else:
        blocks.append(Paragraph(found[f"area.recorded_all.{LAST}"].note or "", "The area."))
    blocks += [
        Paragraph(_share(figures, found["area.cohort_share"]), "Of the area’s offences."),
        *_need(facts, found),
        Aside(
            "The twelve months stand side by side and are not taken from each other. Much else changes in an area, "
            "and people who come here are few beside everybody who lives there. No effect of the clinic is read off "
            "them.",
            "What it does not show.",
        ),
    ]
    heading = area_finding(facts, referred=figures.flow.referred, started=figures.flow.started)
    return Page(key="area", running="Area and need", heading=heading, blocks=blocks)


def _caption(period: Period) -> str:
    parts = [
        f"{words}: {short_day(first)} up to {short_day(until)}"
        for words, (first, until) in (
            ("last", last_twelve(period)),
            ("before opening", twelve_before(period)),
        )
    ]
    return f"Published counts of the area ({'; '.join(parts)})"


def _measure(facts: AroundFacts, found: Found, measure: str, words: str) -> list[str]:
    sums = [facts.sums.get((measure, which)) for which in WINDOW_WORDS]
    sources = sorted({source for one in sums if one is not None for source in one.sources})
    return [
        sentence_case(words),
        *(
            _counted(found[f"area.{measure}.{which}"], one)
            for which, one in zip(WINDOW_WORDS, sums, strict=True)
        ),
        "; ".join(sources) or NONE,
    ]


def _counted(figure: Indicator, one: AreaSum | None) -> str:
    if one is None:
        return "not entered"
    return "cannot be added" if figure.value is None else whole(figure.value)


def _uncovered(found: Found) -> list[Block]:
    """What a sum says of itself: days without a count, or counts that overlap."""
    said: list[Block] = []
    for measure, words in MEASURE_WORDS.items():
        for which, window in WINDOW_WORDS.items():
            figure = found[f"area.{measure}.{which}"]
            if figure.note and (figure.value is not None or "days" in figure.note):
                said.append(Paragraph(figure.note, f"{sentence_case(words)}, {window.lower()}."))
    return said


def _share(figures: Figures, share: Indicator) -> str:
    if share.value is None:
        return share.note or ""
    k, n = int(share.numerator or 0), int(share.denominator or 0)
    text = (
        f"{of(k, n)} recorded offences of the area in the 365 days before opening ({percent(share.value, 1)}) were of "
        f"{whole(figures.around.share.people)} of the {whole(figures.flow.started)} people who have started since. It "
        "is the most that the area’s figure could fall by if none of them offended again."
    )
    return f"{text} {share.note}" if share.note else text


def _need(facts: AroundFacts, found: Found) -> list[Block]:
    estimate = found["need.estimate"]
    need, estimated_on = facts.need, facts.need.estimated_on
    if estimate.value is None or estimated_on is None:
        return [Paragraph(estimate.note or "", "Need.")]

    rows = [
        ["Estimated to need it", whole(estimate.value), NONE],
        *(
            [
                words,
                share_cell(found[f"need.{key}"]),
                how_sure_cell(found[f"need.{key}"]) if found[f"need.{key}"].interval else NONE,
            ]
            for words, key in (("Referred, of these", "referred"), ("Started, of these", "started"))
        ),
    ]
    notes = sorted({found[f"need.{key}"].note or "" for key in ("referred", "started")} - {""})
    return [
        Table(
            f"How many need this treatment, {joined(sorted(set(need.areas)))}",
            ["", "People", "95 % interval"],
            rows,
        ),
        Paragraph(
            f"As of {day(estimated_on)}. Worked out: {'; '.join(need.methods)}. Published by: "
            f"{'; '.join(need.sources)}. An interval knows nothing of how unsure the estimate itself is.",
            "The estimate.",
        ),
        *(Paragraph(note) for note in notes),
    ]
