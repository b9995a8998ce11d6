"""How often the outcome form is asked, as it is typed; and the tick of whoever approves it."""

from __future__ import annotations

from typing import Any

from django import forms

from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from outcomes.forms.fields import SealedForm, day, line
from outcomes.rules.form_schedules import SOURCE_LENGTH, ScheduleSaid

WINDOW = "Write how many days before and after a due day a form is in time; 0 is none."
HOW = "Write whole days with the digits 0 to 9 only, such as 84."


class WriteFormSchedule(SealedForm):
    """From when on, how often, how far around, and where the numbers come from."""

    FIELD_OF = {
        "form_schedule_past": "from_day",
        "form_schedule_days": "every_days",
        "form_schedule_window": "window_days",
        "form_schedule_source": "source",
    }

    from_day = day("From which day on?", missing="Write the first day.")
    every_days = WholeNumberField(
        "Days between two reviews",
        parse=whole_between(0, 9999),
        how=HOW,
        missing="Write how many days lie between two reviews.",
    )
    window_days = WholeNumberField(
        "Days before and after in which a form is in time",
        parse=whole_between(0, 9999),
        how=HOW,
        missing=WINDOW,
    )
    source = line(
        "Where do the numbers come from?",
        longest=SOURCE_LENGTH,
        hint="The guidance or the agreement, with its date",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("from_day", "every_days", "window_days", "source", save="Send to a colleague to approve")

    def said(self) -> ScheduleSaid:
        """Return what was typed."""
        return ScheduleSaid(
            **{name: self.cleaned_data[name] for name in ("from_day", "every_days", "window_days", "source")}
        )


class ApproveFormSchedule(SealedForm):
    """That whoever approves has read where the numbers come from."""

    FIELD_OF = {"form_schedule_unconfirmed": "is_confirmed"}

    is_confirmed = forms.BooleanField(
        label="I read where these numbers come from, and they are right for this clinic.", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_confirmed", save="Approve these numbers")
