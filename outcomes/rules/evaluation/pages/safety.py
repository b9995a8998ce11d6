"""Safety since opening, and how complete the records are."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import safety_finding
from outcomes.rules.evaluation.indicators import Indicator
from outcomes.rules.evaluation.pages.blocks import Aside, Control, Found, Page, Paragraph, Table
from outcomes.rules.evaluation.pages.cells import NONE, how_sure_cell, rate_cell, share_cell
from outcomes.rules.evaluation.safety import DEATHS
from outcomes.rules.evaluation.words import decimal, percent, whole

COUNTED = (
    "safety.over_sedation",
    "safety.overdose.on_site",
    "safety.overdose.off_site",
    "safety.naloxone",
)
COMPLETE = ("quality.top_start", "quality.housing_start", "quality.urine_taken")


def safety_page(control: Control, figures: Figures, found: Found) -> Page:
    """What went wrong since opening, and what none so far still allows."""
    return Page(
        key="safety",
        running="Safety",
        heading=safety_finding(figures.safety),
        blocks=[
            Table(
                "Since opening, of people who ever started",
                ["", "Number", "If none: up to, of people"],
                [[found[id].label, _number(found[id]), _limit(found[id])] for id in COUNTED],
            ),
            Table(
                "Deaths since opening; those before a start are of all people referred",
                [
                    "",
                    "Number",
                    "Person-years",
                    "For 100 person-years (95 % interval)",
                    "If none: up to, of people",
                ],
                [
                    _deaths(found[f"safety.deaths.{key}"], found[f"safety.deaths.{key}.rate"])
                    for key in DEATHS
                ],
            ),
            Aside(
                "What nobody wrote down is not here. None so far is not never: the last column is the exact upper "
                "95 % limit on the share of such people who could still be affected. Person-years: all people's time "
                "of that kind together, until a death or the data cut. A rate of so few deaths says little more than "
                "its interval.",
                "How to read it.",
            ),
        ],
    )


def quality_page(control: Control, figures: Figures, found: Found) -> Page:
    """How complete the records are that the other pages rest on."""
    return Page(
        key="quality",
        running="Data quality",
        heading="How complete the records are",
        blocks=[
            Paragraph("A figure that rests on few of the records it needs says little, whatever it says."),
            Table(
                "Records that are there",
                ["", "There", "95 % interval", "Nothing written down"],
                [
                    [
                        found[id].label,
                        share_cell(found[id]),
                        how_sure_cell(found[id]),
                        _missing(found[id]),
                    ]
                    for id in COMPLETE
                ],
            ),
        ],
    )


def _number(indicator: Indicator) -> str:
    return NONE if indicator.value is None else whole(indicator.value)


def _deaths(deaths: Indicator, rate: Indicator) -> list[str]:
    years = NONE if rate.denominator is None else decimal(rate.denominator)
    return [deaths.label, _number(deaths), years, rate_cell(rate), _limit(deaths)]


def _missing(indicator: Indicator) -> str:
    return NONE if indicator.value is None else whole(indicator.missing)


def _limit(indicator: Indicator) -> str:
    upper = indicator.extras.get("upper_if_zero")
    return NONE if upper is None else percent(upper, 1)
