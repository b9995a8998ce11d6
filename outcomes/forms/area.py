"""What is known of the area, as a manager enters it. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.fields import SealedForm, day, keys, line
from outcomes.rules.area import LONGEST_NAME, LONGEST_SOURCE, MEASURE_WORDS, MOST, AreaSaid, NeedSaid
from outcomes.rules.costs import REASONS
from outcomes.rules.support import Correction

HOW = "Write a whole number with the digits 0 to 9 only, such as 60."
NARROW = "nhsuk-input--width-10"


def _why() -> Any:
    return keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in REASONS],
        error_messages={"required": "Tap why it is written again."},
        help_text="A line that was logged twice then counts for nothing.",
    )


class RecordAreaFigure(SealedForm):
    """One published count: of which area, of what, over which days, how many, and where it was published."""

    FIELD_OF = {
        "no_area": "area",
        "long_area": "area",
        "bad_area": "area",
        "no_source": "source",
        "long_source": "source",
        "bad_source": "source",
        "area_ends_before": "last_on",
        "area_in_future": "last_on",
        "area_count": "count",
        "area_known": "first_on",
    }

    measure = keys(
        "What was counted?",
        list(MEASURE_WORDS.items()),
        error_messages={"required": "Tap what was counted."},
    )
    area = line("Which area?", longest=LONGEST_NAME, hint="As the publication names it")
    first_on = day("First day", missing="Write the first day.")
    last_on = day("Last day", missing="Write the last day.")
    count = WholeNumberField(
        "How many?", parse=whole_between(0, MOST), how=HOW, missing="Write how many were counted."
    )
    source = line("Where was it published?", longest=LONGEST_SOURCE, hint="Who published it, what, and when")

    save_words = "Save this count"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)

    def rows(self) -> list[Any]:
        """The questions in their order."""
        days = [Field(name, css_class=NARROW) for name in ("first_on", "last_on", "count")]
        return [Field("measure", css_class="hat-keys"), "area", *days, "source"]

    def said(self) -> AreaSaid:
        """Return what was tapped and typed."""
        names = ("area", "first_on", "last_on", "measure", "count", "source")
        return AreaSaid(**{name: self.cleaned_data[name] for name in names})


class AmendAreaFigure(RecordAreaFigure):
    """A count written again, with the reason; what was written before stays beside it."""

    correction = _why()

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the count as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]

    def why(self) -> Correction:
        """Return why it is written again."""
        return Correction(self.cleaned_data["correction"])


class RecordNeedEstimate(SealedForm):
    """One estimate of how many people need this treatment, how it was worked out, and where it was published."""

    FIELD_OF = {
        "no_area": "area",
        "long_area": "area",
        "bad_area": "area",
        "no_method": "method",
        "long_method": "method",
        "bad_method": "method",
        "no_source": "source",
        "long_source": "source",
        "bad_source": "source",
        "need_in_future": "as_of",
        "need_people": "people",
        "need_known": "as_of",
    }

    area = line("Which area?", longest=LONGEST_NAME, hint="As the publication names it")
    as_of = day("Of which day?", missing="Write the day of the estimate.")
    people = WholeNumberField(
        "How many people?", parse=whole_between(0, MOST), how=HOW, missing="Write how many people."
    )
    method = line("How was it worked out?", longest=LONGEST_SOURCE)
    source = line("Where was it published?", longest=LONGEST_SOURCE, hint="Who published it, what, and when")

    save_words = "Save this estimate"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)

    def rows(self) -> list[Any]:
        """The questions in their order."""
        numbers = [Field(name, css_class=NARROW) for name in ("as_of", "people")]
        return ["area", *numbers, "method", "source"]

    def said(self) -> NeedSaid:
        """Return what was typed."""
        names = ("as_of", "area", "people", "method", "source")
        return NeedSaid(**{name: self.cleaned_data[name] for name in names})


class AmendNeedEstimate(RecordNeedEstimate):
    """An estimate written again, with the reason; what was written before stays beside it."""

    correction = _why()

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the estimate as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]

    def why(self) -> Correction:
        """Return why it is written again."""
        return Correction(self.cleaned_data["correction"])
