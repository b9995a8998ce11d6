"""Street heroin: samples by month with a band for those not taken, and steady responders."""

from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.findings import urine_finding
from outcomes.rules.evaluation.indicators import MONTHS_SHOWN, Indicator
from outcomes.rules.evaluation.pages.blocks import (
    Aside,
    Block,
    Control,
    Found,
    Page,
    Paragraph,
    Table,
    in_two_columns,
)
from outcomes.rules.evaluation.pages.month_charts import month_chart
from outcomes.rules.evaluation.urine import left_out_words
from outcomes.rules.evaluation.words import FEW_PEOPLE, of, percent, percent_range, short_month, whole


def urine_page(control: Control, figures: Figures, found: Found) -> Page:
    """Whether street heroin was used."""
    facts = figures.urine
    heading = urine_finding(facts.cumulative)
    blocks: list[Block] = [Paragraph(_opening(found))]
    if any(month.samples.due for month in facts.months):
        blocks += [
            *month_chart("urine", heading, figures.disturbed, [month.month for month in facts.months]),
            Paragraph(
                (
                    "Each bar is a month, by the day samples were due: free of street heroin at the foot, "
                    f"then with street heroin, then void, then {left_out_words(facts.months)}. A sample not "
                    "taken is shown, never left out."
                ),
                "How to read it.",
            ),
            in_two_columns(
                Table(
                    "Samples by month",
                    ["Month", "Due", "Free", "With", "Void", left_out_words(facts.months).capitalize()],
                    [
                        [
                            short_month(month.month),
                            whole(month.samples.due),
                            whole(month.samples.negative),
                            whole(month.samples.positive),
                            whole(month.samples.void),
                            whole(month.samples.not_taken + month.samples.no_result),
                        ]
                        for month in facts.months
                    ],
                )
            ),
        ]
    elif facts.cumulative.due:
        blocks.append(Paragraph(f"None in the last {MONTHS_SHOWN} months.", "Samples due."))
    blocks += [
        Table(
            "Figures",
            ["Measure", "Of how many", "Share", "95 % interval"],
            [
                _line("Samples free of street heroin, this month", found["urine.negative_samples.month"]),
                _line("The same, since opening", found["urine.negative_samples.cumulative"]),
                _line("Steady responders, weeks 14 to 26 (people)", found["urine.responders"]),
                _line("The same, only weeks with a result (people)", found["urine.responders_as_observed"]),
                _line("Samples taken, of those due", found["quality.urine_taken"]),
            ],
        ),
        Aside(
            (
                "The street-heroin marker is not in the clinic's medicine, so a prescribed dose does not "
                "turn it positive. Only this test is counted. One person gives many samples, so intervals "
                "of samples are too narrow."
            ),
            "What it counts.",
        ),
    ]
    return Page(key="urine", running="Street heroin", heading=heading, blocks=blocks)


def _opening(found: Found) -> str:
    responders, observed = found["urine.responders"], found["urine.responders_as_observed"]
    if responders.value is None:
        return responders.note or ""
    text = (
        f"Of people followed for 26 weeks or more, {_n_of_n(responders)} were steady responders: seven "
        "or more of the 13 weeks from the 14th to the 26th were free, and a week without a sample "
        "counts as not free."
    )
    if observed.value is not None:
        text += f" Leaving out weeks without a sample gives {_n_of_n(observed)}, which flatters."
    return text


def _n_of_n(indicator: Indicator) -> str:
    return of(int(indicator.numerator or 0), int(indicator.denominator or 0))


def _line(label: str, indicator: Indicator) -> list[str]:
    if indicator.value is None:
        return [label, "–", "–", "–"]
    if (indicator.denominator or 0) < FEW_PEOPLE:
        return [label, _n_of_n(indicator), "–", "–"]
    return [label, _n_of_n(indicator), percent(indicator.value), percent_range(indicator.interval)]
