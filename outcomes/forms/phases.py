"""The phases of the programme, as a manager enters them. Forms parse; the rules decide."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Field

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.fields import SealedForm, day, keys, line
from outcomes.rules.costs import REASONS
from outcomes.rules.phases import LONGEST_NAME, MOST_PLACES, PhaseSaid
from outcomes.rules.support import Correction

NARROW = "nhsuk-input--width-10"
SESSIONS = [("1", "One"), ("2", "Two"), ("3", "Three")]


class RecordPhase(SealedForm):
    """What it is called, from when to when, how many places and sessions a day, and who pays until when."""

    FIELD_OF = {
        "no_name": "name",
        "long_name": "name",
        "bad_name": "name",
        "long_funder": "funded_by",
        "bad_funder": "funded_by",
        "phase_in_future": "first_on",
        "phase_known": "first_on",
        "phase_ends_before": "last_on",
        "phase_end_in_future": "last_on",
        "phase_places": "places",
        "phase_sessions": "sessions_per_day",
        "phase_funded_before": "funded_until",
    }

    name = line("What is it called?", longest=LONGEST_NAME, hint="Such as First year, or Pilot")
    first_on = day("First day", missing="Write the first day.")
    last_on = day("Last day", hint="The last day of this phase. Leave it empty while it goes on.")
    places = WholeNumberField(
        "How many places?",
        parse=whole_between(1, MOST_PLACES),
        how="Write a whole number with the digits 0 to 9 only, such as 20.",
        missing="Write how many places there are.",
    )
    sessions_per_day = keys(
        "How many sessions a day?",
        SESSIONS,
        error_messages={"required": "Tap how many sessions a day has."},
    )
    funded_by = line("Who pays?", longest=LONGEST_NAME, hint="Leave it empty where nobody knows.")
    funded_until = day("Paid until", hint="The last day that is paid for. Leave it empty where nobody knows.")

    save_words = "Save this phase"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)

    def rows(self) -> list[Any]:
        """The questions in their order."""
        days = [Field(name, css_class=NARROW) for name in ("first_on", "last_on", "places")]
        sessions = Field("sessions_per_day", css_class="hat-keys")
        return ["name", *days, sessions, "funded_by", Field("funded_until", css_class=NARROW)]

    def said(self) -> PhaseSaid:
        """Return what was typed and tapped."""
        typed = self.cleaned_data
        names = ("name", "first_on", "last_on", "places", "funded_by", "funded_until")
        return PhaseSaid(
            sessions_per_day=int(typed["sessions_per_day"]), **{name: typed[name] for name in names}
        )


class AmendPhase(RecordPhase):
    """A phase written again, with the reason; what was written before stays beside it."""

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in REASONS],
        error_messages={"required": "Tap why it is written again."},
        help_text="To give its last day, tap Learned more later. A phase that was logged twice then counts for nothing.",
    )

    save_words = "Save the correction"

    def rows(self) -> list[Any]:
        """The reason first, then the phase as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]

    def why(self) -> Correction:
        """Return why it is written again."""
        return Correction(self.cleaned_data["correction"])
