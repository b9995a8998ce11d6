"""What the clinic writes about a referral. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms

from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from referrals.queries.deciding import ReferralPage
from referrals.rules.criteria import REASON_LENGTH
from referrals.rules.deciding import DeclineReason

DATE_FORMATS = ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d"]
SOMEBODY_NEW = "new"
FIELD_OF = {
    "assessed_in_future": "assessed_on",
    "assessed_too_early": "assessed_on",
    "who_is_it": "who",
    "no_override_reason": "override_reason",
}


class AcceptReferral(forms.Form):
    """When the person was assessed, and who it is where somebody known here may be the same."""

    assessed_on = DayField(
        label="Assessed on",
        help_text="The day on which a clinician saw the person, such as 24/11/2026.",
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the day of the assessment.",
            "invalid": "There is no such day. Write it as day/month/year, such as 24/11/2026.",
        },
    )
    who = forms.ChoiceField(
        label="Who is it?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose from the people shown: the list has changed."},
    )

    def __init__(self, *args: Any, page: ReferralPage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if page.known:
            field = self.fields["who"]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = [
                *((str(person.id), f"{person.name}, {person.state}") for person in page.known),
                (SOMEBODY_NEW, f"Somebody new: {page.name}, as referred"),
            ]
        else:
            del self.fields["who"]
        if page.eligibility.unmet:
            self.fields["override_reason"] = forms.CharField(
                label="Why do you accept against the criteria?",
                help_text=f"Not met or not known: {page.eligibility.unmet}. Your reason stays with the decision.",
                error_messages={"required": "Write why you accept all the same."},
                max_length=REASON_LENGTH,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
        self.helper = FormHelper()
        self.helper.form_error_title = "Nobody was accepted"
        self.helper.layout = Layout(*self.fields, Submit("accept", f"Accept {page.name}"))

    def known_person_id(self) -> uuid.UUID | None:
        """Return which known person it is, or None."""
        who = self.cleaned_data.get("who")
        return uuid.UUID(who) if who and who != SOMEBODY_NEW else None

    def is_somebody_new(self) -> bool:
        """Return whether the clinician said that it is nobody known here."""
        return self.cleaned_data.get("who") == SOMEBODY_NEW

    def refuse(self, decision: Decision) -> None:
        """Put each reason at the field it is about, else at the top of the page."""
        for finding in decision.refusals:
            field = FIELD_OF.get(finding.code)
            self.add_error(field if field in self.fields else None, finding.message)


class DeclineReferral(forms.Form):
    """Why the clinic does not take the person."""

    reason = forms.ChoiceField(
        label="Why?",
        help_text="Stays in the clinic. The agency reads “Not this time”, and no reason.",
        choices=[(reason.value, reason.label) for reason in DeclineReason],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why the person is not taken in."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout("reason", Submit("decline", "Close without accepting"))


class PlanAssessment(forms.Form):
    """The day on which the person is to be assessed."""

    due_on = DayField(
        label="Assessment on",
        help_text="Today or later, such as 24/11/2026. The agency reads only that there is one.",
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Write the day of the assessment.",
            "invalid": "There is no such day. Write it as day/month/year, such as 24/11/2026.",
        },
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was changed"
        self.helper.layout = Layout("due_on", Submit("plan", "Plan the assessment"))

    def clean_due_on(self) -> date:
        """Return the day, or say that it is over."""
        due_on: date = self.cleaned_data["due_on"]
        if due_on < self.today:
            raise forms.ValidationError("That day is over. Write today or a later day.")
        return due_on
