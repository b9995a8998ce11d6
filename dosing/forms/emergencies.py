"""What is tapped and written in an emergency. Forms parse; nothing that happened is refused here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

from dosing.forms.fields import RefusableForm, pin_field
from dosing.forms.order_doses import a_choice
from dosing.rules.emergencies import (
    ENDS,
    NALOXONE_LEAST_UG,
    NALOXONE_MOST_UG,
    TAPS,
    WORDS_LENGTH,
    CardDraft,
    LineKind,
    NaloxoneGiven,
    NaloxoneRoute,
    moment_on_the_wall,
)
from hat_clinic.core.clock import LONDON
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between

ROUTES = [(route.value, route.label) for route in NaloxoneRoute]


def micrograms_field() -> WholeNumberField:
    """Return the field for a dose of naloxone."""
    return WholeNumberField(
        "Micrograms of naloxone",
        parse=whole_between(NALOXONE_LEAST_UG, NALOXONE_MOST_UG),
        how="Write the micrograms as a whole number, with the digits 0 to 9 only.",
        missing="Write how many micrograms.",
    )


class StartEmergency(forms.Form):
    """Whose emergency it is: the face that was pressed."""

    key = forms.UUIDField()
    patient = forms.UUIDField()


class WriteEmergency(forms.Form):
    """One tap: what it was and its own key, in the value of the button: "oxygen:1f0c…"."""

    tap = forms.CharField(max_length=60)

    def clean_tap(self) -> tuple[LineKind, uuid.UUID]:
        """Return what was tapped and the key of that press."""
        kind, _, key = self.cleaned_data["tap"].partition(":")
        allowed = {one.value for one in (*TAPS, *ENDS)}
        try:
            if kind in allowed:
                return LineKind(kind), uuid.UUID(key)
        except ValueError:
            pass
        raise forms.ValidationError("This button is not known. Open the page again.")


class HandOverWatching(forms.Form):
    """To whom those who are observed are handed, in the value of the button: their id and the key of that press."""

    to = forms.CharField(max_length=80)

    def clean_to(self) -> tuple[uuid.UUID, uuid.UUID]:
        """Return the colleague and the key."""
        colleague, _, key = self.cleaned_data["to"].partition(":")
        try:
            return uuid.UUID(colleague), uuid.UUID(key)
        except ValueError:
            raise forms.ValidationError("This button is not known. Open the page again.") from None


class TimedForm(RefusableForm):
    """A form that may tell of a time in an emergency, by the clock on the wall."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, began_at: datetime, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.began_at, self.at = began_at, at

    def clean_wall(self) -> datetime | None:
        """Return the moment that was meant, None for now and where none is written."""
        written = self.cleaned_data["wall"]
        if written is None:
            return None
        moment = moment_on_the_wall(written, began_at=self.began_at, at=self.at)
        if moment is None:
            began = f"{self.began_at.astimezone(LONDON):%H:%M:%S}"
            raise forms.ValidationError(
                f"This emergency began at {began}. Write a time from an hour before that until now."
            )
        return moment if moment < self.at else None


def wall_field(label: str, *, required: bool) -> forms.TimeField:
    """Return the field for a time by the clock on the wall."""
    return forms.TimeField(
        label=label,
        required=required,
        input_formats=["%H:%M:%S", "%H:%M"],
        help_text="24 hours, such as 09:44 or 09:44:30",
        widget=forms.TimeInput(format="%H:%M:%S", attrs={"autocomplete": "off"}),
        error_messages={
            "invalid": "Write the time as hours and minutes, such as 09:44.",
            "required": "Write the time.",
        },
    )


class GiveNaloxone(TimedForm):
    """Naloxone in another dose or by another route than the card's, now or before."""

    micrograms = micrograms_field()
    route = a_choice("How was it given?", ROUTES, "Choose how it was given.")
    wall = wall_field("If not just now: when?", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was written"
        self.helper.show_optional = False
        self.helper.layout = Layout(
            Field("key"),
            Field("micrograms", suffix="µg", css_class="nhsuk-input--width-5"),
            Field("route", css_class="hat-keys"),
            Field("wall", css_class="nhsuk-input--width-5"),
            Submit("save", "Write naloxone"),
        )

    @property
    def naloxone(self) -> NaloxoneGiven:
        """The dose and the route."""
        return NaloxoneGiven(self.cleaned_data["micrograms"], NaloxoneRoute(self.cleaned_data["route"]))


class CorrectEmergency(TimedForm):
    """A note that puts a line right, or tells of what was not tapped. The line itself stays."""

    line = forms.ChoiceField(
        label="Which line?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the line, or that it was not tapped."},
    )
    wall = wall_field("When was it really?", required=True)
    words = forms.CharField(
        label="What is put right?",
        max_length=WORDS_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write what is put right, or what was not tapped."},
    )

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["line"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [*lines, ("none", "Something that was not tapped")]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was written"
        self.helper.layout = Layout(
            Field("key"),
            "line",
            Field("wall", css_class="nhsuk-input--width-5"),
            "words",
            Submit("save", "Add this note"),
        )

    @property
    def corrects_id(self) -> uuid.UUID | None:
        """The line that is put right, or None."""
        chosen = self.cleaned_data["line"]
        return None if chosen == "none" else uuid.UUID(chosen)


class SignEmergency(RefusableForm):
    """One's own PIN: I was there."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    pin = pin_field(
        "Your PIN", "You say that you were there, and that this is what was done.", "Type your PIN."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was signed"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("pin", css_class="nhsuk-input--width-5"),
            Submit("save", "I was there: sign"),
        )

    def show(self, *, key: uuid.UUID, seal: str) -> None:
        """Give the page that is about to be shown its own key and seal, whatever was sent before."""
        self.initial = {**self.initial, "key": key, "seal": seal}
        if self.is_bound:
            self.data = dict(self.data.items()) | {"key": str(key), "seal": seal}


class ApproveEmergencyCard(RefusableForm):
    """What the clinic's emergency card says. Nothing is filled in."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    micrograms = micrograms_field()
    route = a_choice("How is it given?", ROUTES, "Choose how it is given.")
    look_again = forms.CharField(
        label="When to look again after naloxone, and what then",
        help_text="In the words of the clinic's own card. It stands beside the clock since naloxone.",
        max_length=WORDS_LENGTH,
        error_messages={"required": "Write when to look again after naloxone, and what then."},
    )
    to_tell = forms.CharField(
        label="What to tell 999: the address and the way in",
        max_length=WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the address and the way in, as 999 needs them."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was approved"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            Field("micrograms", suffix="µg", css_class="nhsuk-input--width-5"),
            Field("route", css_class="hat-keys"),
            "look_again",
            "to_tell",
            Submit("approve", "Approve this card"),
        )

    @property
    def draft(self) -> CardDraft:
        """The card as it was written."""
        data = self.cleaned_data
        return CardDraft(
            naloxone=NaloxoneGiven(data["micrograms"], NaloxoneRoute(data["route"])),
            look_again=data["look_again"],
            to_tell=data["to_tell"],
        )
