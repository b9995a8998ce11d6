"""Health-service use over a period, as a case worker asks about it. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.fields import SealedForm, day, keys
from outcomes.rules.service_use import COUNTS, MOST_TIMES, UseSaid, UseSource
from outcomes.rules.support import Correction

NUMBER = f"Write a whole number in digits, such as 0 or 2, at most {MOST_TIMES}."


def _times(label: str) -> WholeNumberField:
    return WholeNumberField(
        label,
        parse=whole_between(0, MOST_TIMES),
        how=NUMBER,
        required=False,
        help_text="0 if never. Leave it empty if you did not ask.",
    )


class RecordServiceUse(SealedForm):
    """The period, who told of it, and how often."""

    FIELD_OF = {
        "use_before_birth": "first_on",
        "use_days_taken": "first_on",
        "use_not_over": "last_on",
        "use_ends_before": "last_on",
        "use_without_number": "ambulance",
        **{f"use_{name}_many": name for name in COUNTS},
    }

    source = keys(
        "Who told you?",
        [(source.value, source.label) for source in UseSource],
        error_messages={"required": "Tap who told you."},
        help_text="The person’s own words and another service’s record are kept apart and never added together.",
    )
    first_on = day(
        "From which day?",
        hint="The first day that was asked about. Such as 24/11/2026",
        missing="Write the first day.",
    )
    last_on = day(
        "To which day?",
        hint="The last day that was asked about, yesterday at the latest. Such as 24/11/2026",
        missing="Write the last day.",
    )
    ambulance = _times("How often was an ambulance called for them?")
    ae = _times("How often did they go to A&E?")
    inpatient = _times("How often were they admitted to hospital?")

    save_words = "Save this period"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)

    def rows(self) -> list[Any]:
        """The questions in the order of the talk."""
        return [
            Field("source", css_class="hat-keys"),
            Field("first_on", css_class="nhsuk-input--width-10"),
            Field("last_on", css_class="nhsuk-input--width-10"),
            *(Field(name, css_class="nhsuk-input--width-4") for name in COUNTS),
        ]

    def said(self) -> UseSaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return UseSaid(
            first_on=typed["first_on"],
            last_on=typed["last_on"],
            source=typed["source"],
            **{name: typed[name] for name in COUNTS},
        )


class AmendServiceUse(RecordServiceUse):
    """A period written again, with the reason; what was written before stays beside it."""

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in Correction],
        error_messages={"required": "Tap why it is written again."},
        help_text="A period of the wrong person, or logged twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the period as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]
