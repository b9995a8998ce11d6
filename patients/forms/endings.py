"""Why a treatment ends."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from patients.forms.fields import CarriedForm, choice
from patients.queries.people import EXIT_REASONS


class EndTreatment(CarriedForm):
    """The reason, from the list. Nothing is chosen beforehand."""

    reason = choice(
        "Why does the treatment end today?",
        [(value, f"{label[:1].upper()}{label[1:]}") for value, label in EXIT_REASONS],
        required="Choose why the treatment ends.",
    )

    without_plan = forms.BooleanField(
        label="They go without a whole plan: it was offered, or it cannot be made", required=False
    )

    def __init__(self, *args: Any, plan_is_whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if plan_is_whole:
            del self.fields["without_plan"]
        self.helper = FormHelper()
        self.helper.form_error_title = "The treatment goes on"
        self.helper.layout = Layout(
            "reason",
            *([] if plan_is_whole else ["without_plan"]),
            Submit("end", "End the treatment", css_class="hat-button--stop-outline"),
        )
