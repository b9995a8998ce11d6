"""Stays in custody, as a case worker taps them. Forms parse; the rules decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import Field

from outcomes.forms.fields import SealedForm, day, keys, offer
from outcomes.rules.custody import NOT_RECORDED, CustodyKind, CustodySaid, CustodySource
from outcomes.rules.support import Correction

LAST_DAY = "The last day, even if they were in for a part of it. Such as 24/11/2026"


class RecordCustody(SealedForm):
    """Which custody, who told it, and from when to when."""

    FIELD_OF = {
        "custody_in_future": "first_on",
        "custody_before_birth": "first_on",
        "custody_days_taken": "first_on",
        "custody_end_in_future": "last_on",
        "custody_ends_before": "last_on",
    }

    kind = keys(
        "Where were they held?",
        [(kind.value, kind.label) for kind in CustodyKind],
        error_messages={"required": "Tap where they were held."},
    )
    source = keys(
        "Who told you?",
        [(source.value, source.label) for source in CustodySource],
        error_messages={"required": "Tap who told you."},
        help_text="What the person told and what a service told are kept as two lines, also of the same days.",
    )
    first_on = day(
        "First day in",
        hint="The day they were arrested or went in. Such as 24/11/2026",
        missing="Write the first day.",
    )
    last_on = day("Last day in", hint=f"{LAST_DAY}. Leave it empty while they are still in.")

    save_words = "Save this stay"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(*self.rows(), save=self.save_words)

    def rows(self) -> list[Any]:
        """The questions in the order of the talk."""
        return [
            Field("kind", css_class="hat-keys"),
            Field("source", css_class="hat-keys"),
            Field("first_on", css_class="nhsuk-input--width-10"),
            Field("last_on", css_class="nhsuk-input--width-10"),
        ]

    def said(self) -> CustodySaid:
        """Return what was tapped and typed."""
        typed = self.cleaned_data
        return CustodySaid(
            first_on=typed["first_on"],
            last_on=typed["last_on"],
            kind=typed["kind"],
            source=typed["source"],
        )


class AmendCustody(RecordCustody):
    """A stay written again, with the reason; what was written before stays beside it.

    What earlier records left open may stay open.
    """

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in Correction],
        error_messages={"required": "Tap why it is written again."},
        help_text="A stay of the wrong person, or logged twice, then counts for nothing.",
    )

    save_words = "Save the correction"

    def __init__(self, *args: Any, stands: CustodySaid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in (("kind", CustodyKind), ("source", CustodySource)):
            if not getattr(stands, name):
                self.fields[name].required = False
                offer(self, name, [*((one.value, one.label) for one in known), ("", NOT_RECORDED)])

    def rows(self) -> list[Any]:
        """The reason first, then the stay as it stands."""
        return [Field("correction", css_class="hat-keys"), *super().rows()]


class EndCustody(SealedForm):
    """The last day of a stay that was open."""

    FIELD_OF = {
        "custody_struck": "last_on",
        "custody_not_open": "last_on",
        "custody_end_in_future": "last_on",
        "custody_ends_before": "last_on",
    }

    last_on = day("Last day in", hint=LAST_DAY, missing="Write the last day.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(Field("last_on", css_class="nhsuk-input--width-10"), save="Save the last day")

    def said(self) -> date:
        """Return the last day."""
        last_on: date = self.cleaned_data["last_on"]
        return last_on
