"""What is asked of the report builder."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from hat_clinic.core.decisions import Decision
from outcomes.forms.fields import line
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.schedule import LONGEST_REASON

EDITIONS = {
    Edition.RESTRICTED: "Restricted: exact numbers, for the commissioner under a signed agreement",
    Edition.PUBLIC: "Public: after a quarter, no number from 1 to 7",
    Edition.JUSTICE: "Justice: after a month, offences, custody and costs exact, the rest as the public reads it",
}


class RequestReport(forms.Form):
    """Which month and edition to build; `months` are the first days of the clinic's months."""

    month = forms.TypedChoiceField(
        label="Month",
        coerce=date.fromisoformat,
        error_messages={
            "required": "Choose the month.",
            "invalid_choice": "Choose a month from the list: the clinic was not open then, or it has not begun.",
        },
    )

    edition = forms.TypedChoiceField(
        label="Edition",
        coerce=Edition,
        choices=[(edition.value, words) for edition, words in EDITIONS.items()],
        initial=Edition.RESTRICTED.value,
        required=False,
        empty_value=Edition.RESTRICTED,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose the edition.",
            "invalid_choice": "Choose an edition from the list.",
        },
    )

    reason = line(
        "If the month is built already: why is it built again?",
        longest=LONGEST_REASON,
        hint="Such as: the laboratory sent its late results. No names. The new issue prints this line.",
    )

    def __init__(self, *args: Any, months: tuple[date, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["month"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [(month.isoformat(), f"{month:%B %Y}") for month in months]
        self.helper = FormHelper()
        self.helper.layout = Layout("month", "edition", "reason", Submit("build", "Build this report"))

    def refuse(self, decision: Decision) -> None:
        """Put every reason against it at the field it is about."""
        for finding in decision.refusals:
            self.add_error(
                "reason" if finding.code == "report_again_without_reason" else "month", finding.message
            )
