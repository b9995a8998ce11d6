"""What disturbed the programme, as a manager enters it. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field

from outcomes.forms.fields import SealedForm, day, keys, line
from outcomes.rules.costs import REASONS
from outcomes.rules.disruptions import LONGEST_LABEL, DisruptionKind, DisruptionSaid
from outcomes.rules.support import Correction


class RecordDisruption(SealedForm):
    """What was not as usual, what happened, and from when to when."""

    FIELD_OF = {
        "disruption_in_future": "first_on",
        "disruption_known": "first_on",
        "disruption_ends_before": "last_on",
        "disruption_end_in_future": "last_on",
        "disruption_without_label": "label",
        "disruption_long_label": "label",
        "disruption_label_spelling": "label",
    }

    kind = keys(
        "What was not as usual?",
        [(kind.value, kind.label) for kind in DisruptionKind],
        error_messages={"required": "Tap what was not as usual."},
    )
    label = line(
        "What happened?",
        longest=LONGEST_LABEL,
        hint="A few words, such as Flood in the cellar. No names: everybody who reads a report may read it.",
    )
    first_on = day("First day", missing="Write the first day.")
    last_on = day("Last day", hint="The last day that was not as usual. Leave it empty while it goes on.")

    save_words = "Save this disruption"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)

    def rows(self) -> list[Any]:
        """The questions in their order."""
        return [
            Field("kind", css_class="hat-keys"),
            "label",
            Field("first_on", css_class="nhsuk-input--width-10"),
            Field("last_on", css_class="nhsuk-input--width-10"),
        ]

    def said(self) -> DisruptionSaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return DisruptionSaid(
            first_on=typed["first_on"], last_on=typed["last_on"], kind=typed["kind"], label=typed["label"]
        )


class AmendDisruption(RecordDisruption):
    """A disruption written again, with the reason; what was written before stays beside it."""

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in REASONS],
        error_messages={"required": "Tap why it is written again."},
        help_text="A disruption that was logged twice then counts for nothing.",
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the disruption as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]

    def why(self) -> Correction:
        """Return why it is written again."""
        return Correction(self.cleaned_data["correction"])
