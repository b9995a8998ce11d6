"""An alert, a way to reach somebody, and who works with them, as they are typed. Nothing is chosen beforehand."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from patients.forms.fields import CarriedForm, choice, day, text
from patients.rules.alerts import LONGEST_WORDS as LONGEST_ALERT
from patients.rules.alerts import AlertContent, Severity
from patients.rules.contacts import LONGEST_WORDS as LONGEST_CONTACT
from patients.rules.contacts import ContactContent, ContactPurpose
from patients.rules.relationships import Part


def _helper(title: str, *layout: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_error_title = title
    helper.layout = Layout(*layout)
    return helper


class SetAlert(CarriedForm):
    """How much it weighs, what to know and do, and from when until when."""

    severity = choice(
        "How much does it weigh?", [(one.value, f"{one.label}: {one.meaning}") for one in Severity]
    )
    words = text(
        "What to know, and what to do",
        longest=LONGEST_ALERT,
        rows=3,
        hint="Everybody who works with them reads it. It stops no dose: to stop doses, place a hold.",
    )
    starts_on = day("From", required="Write from which day it stands.")
    ends_on = day("Last day", required="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].required = False
        self.fields["ends_on"].required = False
        self.fields["ends_on"].help_text = "Leave it empty where it stands until somebody ends it."
        self.helper = _helper(
            "No alert was set", "severity", "words", "starts_on", "ends_on", Submit("set", "Set the alert")
        )
        self.helper.show_optional = False

    def content(self) -> AlertContent:
        """Return what was typed; what was left empty is empty."""
        typed = self.cleaned_data
        return AlertContent(
            severity=Severity(typed["severity"]) if typed["severity"] else None,
            words=typed["words"],
            starts_on=typed["starts_on"],
            ends_on=typed["ends_on"],
        )


class AddContact(CarriedForm):
    """For what, whom it reaches, how, and whether they know."""

    purpose = choice(
        "What may it be used for?",
        [(one.value, f"{one.label[0].upper()}{one.label[1:]}") for one in ContactPurpose],
    )
    who = text(
        "Whom does it reach?", longest=LONGEST_CONTACT, hint="The person, or who else: name and who they are."
    )
    how = text("Phone, address or e-mail", longest=LONGEST_CONTACT)
    knows_of_treatment = choice(
        "Do they know that the person is in treatment here?",
        [("yes", "Yes"), ("no", "No: leave a name and a number, and nothing else")],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(
            "Nothing was added",
            "purpose",
            "who",
            "how",
            Field("knows_of_treatment"),
            Submit("add", "Add this way to reach them"),
        )
        self.helper.show_optional = False

    def content(self) -> ContactContent:
        """Return what was typed; what was left empty is empty."""
        typed = self.cleaned_data
        return ContactContent(
            purpose=ContactPurpose(typed["purpose"]) if typed["purpose"] else None,
            who=typed["who"],
            how=typed["how"],
            knows_of_treatment=typed["knows_of_treatment"] == "yes" if typed["knows_of_treatment"] else None,
        )


class AddRelationship(CarriedForm):
    """Which colleague, and what they do for the person."""

    colleague = forms.ChoiceField(
        label="Colleague",
        required=False,
        error_messages={"invalid_choice": "Choose a colleague who works in this clinic."},
    )
    part = choice("What do they do?", [(one.value, f"{one.label[0].upper()}{one.label[1:]}") for one in Part])

    def __init__(self, *args: Any, colleagues: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["colleague"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Choose a colleague"), *colleagues]
        self.helper = _helper(
            "Nothing was stored", "colleague", "part", Submit("add", "They work with this person")
        )
        self.helper.show_optional = False
