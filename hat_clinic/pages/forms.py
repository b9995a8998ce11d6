"""What is chosen on the pages of the roof. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Field, Hidden, Layout, Row, Submit
from django import forms

from dosing.rules.retention import REASON_LENGTH
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between
from hat_clinic.pages.queries.trail import Choice
from patients.rules.harm_checks import LONGEST_WORDS

EVERYBODY = "Everybody"
# Without a name, so that the address carries nothing but what was chosen.
SHOW = '<button type="submit" class="nhsuk-button nhsuk-button--secondary">Show</button>'


def _earlier() -> WholeNumberField:
    """Return the field of the link to earlier events: before which event of the trail they are."""
    return WholeNumberField(
        parse=whole_between(1, 9_223_372_036_854_775_807),
        how="Follow the link to earlier events.",
        required=False,
        widget=forms.HiddenInput(),
    )


class Filter(forms.Form):
    """What to leave out of a list: sent by GET, so nothing but ids and days may be in it."""

    day = DayField(
        label="Day",
        required=False,
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "nhsuk-input--width-10"}),
        error_messages={"invalid": "Write the day as day/month/year, such as 23/11/2026."},
    )
    colleague = forms.TypedChoiceField(
        label="Colleague",
        required=False,
        coerce=uuid.UUID,
        empty_value=None,
        error_messages={"invalid_choice": "Choose a colleague from the list."},
    )
    before = _earlier()

    def __init__(self, *args: Any, colleagues: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["colleague"], EVERYBODY, colleagues)

    def asked(self, name: str) -> Any:
        """Return what was chosen, or None: what could not be read leaves nothing out."""
        self.is_valid()
        return self.cleaned_data.get(name) or None

    def query(self, **changes: Any) -> str:
        """Return the same choice as the query of an address, with some of it changed."""
        asked = {name: self[name].data for name in self.fields if name != "before"} | changes
        return urlencode({name: value for name, value in asked.items() if value})


class SeeActs(Filter):
    """Which acts to show."""

    refused = forms.BooleanField(label="Only what was refused", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = _helper(Row(Column("day"), Column("colleague")), "refused")


class SeeLooks(Filter):
    """Whose looks, at whom, to show."""

    person = forms.TypedChoiceField(
        label="Person looked at",
        required=False,
        coerce=uuid.UUID,
        empty_value=None,
        error_messages={"invalid_choice": "Choose a person from the list."},
    )

    def __init__(self, *args: Any, people: Sequence[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["person"], "Nobody chosen", people)
        self.fields["day"].label = "Seven days up to"
        self.helper = _helper(Row(Column("day"), Column("colleague"), Column("person")))


def _helper(*fields: Any) -> FormHelper:
    helper = FormHelper()
    helper.form_method = "get"
    helper.show_optional = False
    helper.layout = Layout(*fields, HTML(SHOW))
    return helper


def _offer(field: forms.Field, none: str, choices: Sequence[Choice]) -> None:
    if isinstance(field, forms.TypedChoiceField):
        field.choices = [("", none), *((str(choice.id), choice.label) for choice in choices)]


class SeeInspections(forms.Form):
    """Whose looks to show."""

    inspector = forms.UUIDField(required=False)
    before = _earlier()

    def asked(self, name: str) -> Any:
        """Return what was chosen, or None: what could not be read leaves nothing out."""
        self.is_valid()
        return self.cleaned_data.get(name) or None


EVERYTHING = "everything"


class _WithAReason(forms.Form):
    """A reason, and the seal of the page."""

    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason",
        help_text="Such as an inquest, a complaint or an inquiry, with its reference. Name no patient.",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Write the reason.",
            "max_length": f"Write the reason in at most {REASON_LENGTH} characters.",
        },
    )


class SetLegalHold(_WithAReason):
    """What may not be removed, and why."""

    thing = forms.ChoiceField(
        label="What may not be removed",
        error_messages={
            "required": "Choose what may not be removed.",
            "invalid_choice": "Choose from the list.",
        },
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[Choice],
        ledgers: Sequence[tuple[uuid.UUID, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["thing"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [
            ("", "Choose"),
            (EVERYTHING, "Everything of this clinic"),
            *((f"line:{key}", f"Register: {title}") for key, title in ledgers),
            *((f"person:{choice.id}", f"Person: {choice.label}") for choice in people),
        ]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout("seal", "thing", "reason", Submit("set", "Set the legal hold"))

    @property
    def person_id(self) -> uuid.UUID | None:
        """The person who was chosen, or None."""
        return self._chosen("person")

    @property
    def line_id(self) -> uuid.UUID | None:
        """The register that was chosen, or None."""
        return self._chosen("line")

    def _chosen(self, kind: str) -> uuid.UUID | None:
        found, _, key = self.cleaned_data["thing"].partition(":")
        return uuid.UUID(key) if found == kind else None


class LiftLegalHold(_WithAReason):
    """Why a legal hold is lifted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout("seal", "reason", Submit("lift", "Lift the legal hold"))


class CheckHarm(forms.Form):
    """What is to be kept back, in words, and the password that signs. Nothing is filled in."""

    kept_back = forms.CharField(
        label="To be taken out before it is handed over, and why",
        help_text="What would do somebody serious harm, or is about somebody else. Leave it empty when nothing is.",
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Sign with your password."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was signed"
        self.helper.layout = Layout(
            Field("kept_back"),
            Field("password", css_class="nhsuk-input--width-20"),
            Submit("sign", "Sign that it does nobody serious harm"),
        )

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn."""
        self.helper.layout.append(Hidden("seal", seal))

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the password, or at the top of the page."""
        for finding in decision.refusals:
            self.add_error("password" if finding.code == "password" else None, finding.message)
