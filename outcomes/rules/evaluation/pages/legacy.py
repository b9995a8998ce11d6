"""The legacy appendix: figures the way the first reports printed them, each beside the better one and why."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.indicators import Group, Indicator
from outcomes.rules.evaluation.pages.blocks import Aside, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import NONE, number_cell, pounds, rate_cell, share_cell
from outcomes.rules.evaluation.words import NBSP, decimal, of, people, whole


def legacy_page(control: Control, figures: Figures, found: Found) -> Page:
    """For whoever compares this report with the first ones; nothing here is a finding."""
    return Page(
        key="legacy",
        running="As the first reports had it",
        heading="The figures of the first reports, and better ones",
        blocks=[
            Paragraph(
                "The reports of 2020 and 2021 printed figures of this kind. They stand here so that nobody has to "
                "reckon them anew, beside the figure of this report that says more.",
            ),
            Table(
                "As then, and better",
                ["As the first reports had it", "People", "As then", "Better", "Why"],
                _rows(figures, found),
                words_in=frozenset({4}),
            ),
            Aside(
                "People treated for 30 weeks or more are those who did well enough to stay: whatever is counted of "
                "them alone looks better than the programme is.",
                "Who stayed.",
            ),
        ],
    )


def _rows(figures: Figures, found: Found) -> list[list[str]]:
    legacy = {id: found[f"legacy.{id}"] for id in _WHY}
    none = found["offending.recorded.none_post"]
    better = {
        "known_before": rate_cell(found["offending.recorded.pre_rate"]),
        "recorded_after": rate_cell(found["offending.recorded.post_rate"]),
        "none_after": share_cell(none),
        "psychological_change_percent": _shift(found["top.psychological.change"]),
        "physical_change_percent": _shift(found["top.physical.change"]),
        "homeless_month1": share_cell(found["housing.homeless.month1"]),
        "secure_start": NONE,
        "rough_start": share_cell(found["housing.rough.start"]),
        "offending_change_percent": rate_cell(found["offending.recorded.rate_ratio"]),
        "saving_gbp": "the page on costs",
    }
    return [
        [
            indicator.label,
            _people(figures, indicator),
            _as_then(id, indicator),
            better[id],
            f"{_WHY[id]} {indicator.note or ''}".strip(),
        ]
        for id, indicator in legacy.items()
    ]


def _people(figures: Figures, indicator: Indicator) -> str:
    """Return the people a figure rests on, of those it is about where some lack what it needs."""
    among = figures.legacy.people if indicator.group is Group.RETAINED_30_WEEKS else figures.housing.started
    return of(among - indicator.missing, among) if indicator.missing else whole(among)


_WHY = {
    "known_before": "Per person-year at liberty, of all who started: a count without a length of time is no rate.",
    "recorded_after": "Per person-year at liberty, of all who started.",
    "none_after": "Of all who started, not of those who stayed.",
    "psychological_change_percent": "In points of the scale, of all with two forms: a percentage of it means nothing.",
    "physical_change_percent": "In points of the scale, of all with two forms.",
    "homeless_month1": "Of all who started.",
    "secure_start": "Supported housing and an own home are told apart on the page on housing.",
    "rough_start": "Of all who started.",
    "offending_change_percent": "The ratio of the rates: the time since is shorter than a year for some.",
    "saving_gbp": "By a table with its sources, in lines that are not netted.",
}


def _as_then(id: str, indicator: Indicator) -> str:
    if indicator.value is None:
        return NONE
    if id == "saving_gbp":
        return pounds(indicator.value)
    if id.endswith("_percent"):
        sign = "+" if indicator.value > 0 else ""
        return f"{sign}{decimal(indicator.value, 1)}{NBSP}%"
    if indicator.denominator is not None:
        return of(int(indicator.numerator or 0), int(indicator.denominator))
    return whole(indicator.value)


def _shift(indicator: Indicator) -> str:
    if indicator.value is None:
        return NONE
    paired = people(int(indicator.extras["people_paired"] or 0))
    return f"{'+' if indicator.value > 0 else ''}{number_cell(indicator)} ({paired})"
