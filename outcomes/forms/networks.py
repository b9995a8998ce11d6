"""What is asked about a group of clinics."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, cast

from crispy_forms.layout import Field
from django import forms

from outcomes.forms.fields import SealedForm, day, keys, line, offer
from outcomes.rules.evaluation.rollup import LONGEST_NAME, LONGEST_REASON, NetworkKind


class AddNetwork(SealedForm):
    """A name, what holds the group together, and its clinics."""

    FIELD_OF = {
        "network_name": "name",
        "network_taken": "name",
        "network_clinics": "clinics",
        "network_reader": "clinics",
    }

    name = line("Name of the group", longest=LONGEST_NAME, hint="Such as: Cleveland Police area")
    kind = keys(
        "What holds it together?",
        [(kind.value, kind.label) for kind in NetworkKind],
        error_messages={"required": "Tap what holds the group together."},
    )
    clinics = forms.MultipleChoiceField(
        label="Its clinics",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Those whose reports you read. This clinic is always one of them.",
        error_messages={"invalid_choice": "Tick only clinics of the list."},
    )

    def __init__(self, *args: Any, clinics: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["clinics"]).choices = clinics
        self.lay_out("name", Field("kind", css_class="hat-keys"), "clinics", save="Make this group")

    def chosen(self) -> set[uuid.UUID]:
        """Return the ticked clinics."""
        return {uuid.UUID(one) for one in self.cleaned_data["clinics"]}


class EndNetwork(SealedForm):
    """With which day a group ends, and why."""

    FIELD_OF = {"ending_day": "last_on", "ending_asked": "last_on", "ending_reason": "why"}

    last_on = day("Last day of the group", missing="Write the last day of the group.")
    why = line("Why does it end?", longest=LONGEST_REASON, hint="Such as: the funder's contract is over")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("last_on", "why", save="End this group")


class LeaveNetwork(SealedForm):
    """Which clinic leaves, with which day, and why."""

    FIELD_OF = {
        "leaving_clinic": "leaver",
        "ending_day": "last_on",
        "ending_asked": "last_on",
        "ending_reason": "why",
    }

    leaver = keys(
        "Which clinic leaves?",
        [],
        error_messages={
            "required": "Tap the clinic that leaves.",
            "invalid_choice": "Tap a clinic that is in the group.",
        },
    )
    last_on = day("Its last day in the group", missing="Write its last day in the group.")
    why = line("Why does it leave?", longest=LONGEST_REASON, hint="Such as: it has another funder now")

    def __init__(self, *args: Any, clinics: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "leaver", clinics)
        self.lay_out(Field("leaver", css_class="hat-keys"), "last_on", "why", save="Let this clinic leave")


class RequestRollup(SealedForm):
    """Which month to put together."""

    FIELD_OF = {"rollup_month": "month", "rollup_ended": "month", "rollup_parts": "month"}

    month = forms.TypedChoiceField(
        label="Month",
        coerce=date.fromisoformat,
        error_messages={"required": "Choose the month.", "invalid_choice": "Choose a month of the list."},
    )

    def __init__(self, *args: Any, months: tuple[date, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["month"])
        field.choices = [(month.isoformat(), f"{month:%B %Y}") for month in months]
        self.lay_out("month", save="Put this month together")
