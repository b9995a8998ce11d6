"""An export for an independent evaluator as it is asked for, and the tick of whoever approves it."""

from __future__ import annotations

from typing import Any

from django import forms

from outcomes.forms.fields import SealedForm, day, line
from outcomes.rules.exports import RECIPIENT_LENGTH, TEXT_LENGTH, ExportSaid


class AskForExport(SealedForm):
    """Who receives the records, what for, under which agreement, and up to which day."""

    FIELD_OF = {
        "export_recipient": "recipient",
        "export_purpose": "purpose",
        "export_agreement": "agreement",
        "export_day": "as_of",
    }

    recipient = line(
        "Who receives the records?",
        longest=RECIPIENT_LENGTH,
        hint="The institution. Written the same way again, it finds the same people again under the same names.",
    )
    purpose = line("What are they evaluated for?", longest=TEXT_LENGTH)
    agreement = line("Under which agreement?", longest=TEXT_LENGTH, hint="Its name or number, and its date")
    as_of = day(
        "Records up to which day? That day is not included.",
        missing="Write the day up to which the records go.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("recipient", "purpose", "agreement", "as_of", save="Send to a colleague to approve")
        self.helper.form_error_title = "The export was not asked for"

    def said(self) -> ExportSaid:
        """Return what was typed."""
        return ExportSaid(
            **{name: self.cleaned_data[name] for name in ("recipient", "purpose", "agreement", "as_of")}
        )


class ApproveExport(SealedForm):
    """That whoever approves has read who receives the records."""

    FIELD_OF = {"export_unconfirmed": "is_confirmed"}

    is_confirmed = forms.BooleanField(
        label="I read who receives the records and the agreement, and they may have them.", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_confirmed", save="Approve this export")
        self.helper.form_error_title = "The export was not approved"
