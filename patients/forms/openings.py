"""Whom somebody asks for and why, and what was found about it. Forms parse; they decide nothing."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout, Submit

from patients.forms.fields import CarriedForm, choice, day, text
from patients.queries.openings import Asked
from patients.rules.relationships import LONGEST_REASON, OpeningFinding, OpeningReason


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


class OpenRecord(CarriedForm):
    """An NHS number, or family name and birth date; and why, by a code and in words of one's own."""

    nhs_number = text("NHS number", longest=14, hint="Ten digits.", inputmode="numeric")
    family_name = text("Family name", longest=120)
    born_on = day("Date of birth", required="", example="14/03/1979")
    reason = choice("Why do you open it?", [(one.value, _sentence(one.label)) for one in OpeningReason])
    words = text(
        "What happened, in your own words",
        longest=LONGEST_REASON,
        rows=3,
        hint="Who asks, where the person is, what you need to know. The privacy officer reads it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["born_on"].required = False
        self.helper = FormHelper()
        self.helper.form_error_title = "The record stays closed"
        self.helper.show_optional = False
        self.helper.layout = Layout(
            Fieldset("Who it is: the number, or name and birth date", "nhs_number", "family_name", "born_on"),
            Fieldset("Why", "reason", "words"),
            Submit("open", "Open the record for one hour", css_class="hat-button--stop-outline"),
        )

    @property
    def asked(self) -> Asked:
        """Whom was asked for."""
        typed = self.cleaned_data
        return Asked(typed["nhs_number"], typed["family_name"], typed["born_on"])

    @property
    def why(self) -> OpeningReason | None:
        """The code that was chosen."""
        chosen = self.cleaned_data["reason"]
        return OpeningReason(chosen) if chosen else None


class ReviewOpening(CarriedForm):
    """What was found, by a code and in words."""

    finding = choice("What did you find?", [(one.value, _sentence(one.label)) for one in OpeningFinding])
    words = text("Whom you asked, and what follows", longest=LONGEST_REASON, rows=3, hint="Name no patient.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was closed"
        self.helper.show_optional = False
        self.helper.layout = Layout("finding", "words", Submit("close", "Close with this finding"))

    @property
    def found(self) -> OpeningFinding | None:
        """The finding that was chosen."""
        chosen = self.cleaned_data["finding"]
        return OpeningFinding(chosen) if chosen else None
