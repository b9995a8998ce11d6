"""A chart of months with what was not as usual: the bands are told in its alternative text and in a line below it.

Source: Indicators 8 (evaluation).
"""

from collections.abc import Sequence
from datetime import date

from outcomes.rules.evaluation.disturbed import DisturbedFacts, bands_in_words, bands_of, with_bands
from outcomes.rules.evaluation.indicators import MONTHS_SHOWN
from outcomes.rules.evaluation.pages.blocks import Block, Chart, Paragraph


def month_chart(name: str, finding: str, disturbed: DisturbedFacts, months: Sequence[date]) -> list[Block]:
    """The chart, and below it what its striped months are, and that earlier ones may be left out."""
    bands = bands_of(disturbed.periods, months)
    blocks: list[Block] = [Chart(name, with_bands(finding, bands))]
    if bands:
        blocks.append(Paragraph(bands_in_words(bands), "Not as usual."))
    if len(months) >= MONTHS_SHOWN:
        blocks.append(
            Paragraph(
                f"At most the last {MONTHS_SHOWN} months, here and in the table; the workbook of this report holds "
                "every month since opening.",
                "Shown.",
            )
        )
    return blocks
