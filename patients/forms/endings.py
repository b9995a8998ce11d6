"""Why a treatment ends."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit

from patients.forms.fields import CarriedForm, choice
from patients.queries.people import EXIT_REASONS


class EndTreatment(CarriedForm):
    """The reason, from the list. Nothing is chosen beforehand."""

    reason = choice(
        "Why does the treatment end today?",
        [(value, f"{label[:1].upper()}{label[1:]}") for value, label in EXIT_REASONS],
        required="Choose why the treatment ends.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "The treatment goes on"
        self.helper.layout = Layout(
            "reason", Submit("end", "End the treatment", css_class="hat-button--stop-outline")
        )
