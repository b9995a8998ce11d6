"""What is written in a draft of a clinic's limits, and what a clinical lead ticks. Forms parse; they decide nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Fieldset, Layout, Row, Submit
from django import forms

from dosing.forms.fields import NotesRead, RefusableForm
from dosing.forms.order_doses import LATER, ONCE, StartsNowOrLater, a_choice
from dosing.queries.protocol_pages import NOT_VERIFIED
from dosing.rules.protocol import LIMITS, UNVERIFIED, Limit, limit_of
from dosing.rules.protocol_versions import GROUPS, REASON_LENGTH, limit_meant, parse_limit, with_unit
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision
from hat_clinic.core.whole_numbers import WholeNumberField


def _limit_field(limit: Limit) -> WholeNumberField:
    """Return the field of one limit, with the range that nobody can leave."""
    hint = f"{limit.least} to {limit.most} {limit.unit}."

    def parse(text: str) -> int | None:
        """Read a whole number; none where none would mean nothing. Its range is the rule's to judge."""
        number = parse_limit(text)
        return None if number == 0 < limit.least else number

    return WholeNumberField(
        limit.label,
        parse=parse,
        how=f"{limit.label}: write a whole number with the digits 0 to 9 only, without unit, sign or point.",
        missing=f"Write a number for “{limit.label}”.",
        help_text=hint if limit.is_verified else f"{hint} {NOT_VERIFIED}.",
    )


class DraftProtocol(RefusableForm):
    """Every limit of the clinic, and why it should be so."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the limits should change, or stay as they are",
        help_text="Whoever approves them reads it. It stays with the version. Name no patient.",
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why the limits should change, or why they should stay."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for limit in LIMITS:
            self.fields[limit.name] = _limit_field(limit)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was saved"
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            *(Fieldset(heading, *(_number(name) for name in names)) for heading, names in GROUPS),
            "reason",
            Submit("save", "Save this draft"),
        )

    @property
    def numbers(self) -> dict[str, int]:
        """The limits that could be read."""
        return {
            limit.name: self.cleaned_data[limit.name] for limit in LIMITS if limit.name in self.cleaned_data
        }

    @property
    def reason_written(self) -> str:
        """The reason as far as it could be read."""
        return str(self.cleaned_data.get("reason", ""))

    def refuse(self, decision: Decision) -> None:
        """Put every reason beside its limit, unless the field has one of its own already; the rest at the top."""
        for finding in decision.refusals:
            name = "reason" if finding.code == "reason" else limit_meant(finding.code)
            if not name or finding.code.startswith("over_") or name not in self.errors:
                self.add_error(name or None, finding.message)


def _number(name: str) -> Field:
    return Field(name, suffix=limit_of(name).unit, css_class="nhsuk-input--width-4")


class ApproveProtocol(StartsNowOrLater, RefusableForm):
    """Which unverified numbers are confirmed locally, and from when the limits are in force."""

    no_day = "Write the day from which the limits are in force."
    no_time = "Write the time at which the limits come into force."

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    confirmed = NotesRead(
        label="Confirmed locally",
        help_text="Tick each number that this clinic has confirmed. Nobody has verified them for you.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    starts = a_choice(
        "In force from",
        [(ONCE, "The moment I approve"), (LATER, "Later")],
        "Choose from when they are in force.",
    )
    starts_on = DayField(
        label="If later: day",
        required=False,
        input_formats=["%d/%m/%Y"],
        help_text="Day/month/year",
        widget=forms.DateInput(format="%d/%m/%Y", attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the day as day/month/year, such as 25/11/2026."},
    )
    starts_time = forms.TimeField(
        label="If later: time",
        required=False,
        input_formats=["%H:%M"],
        help_text="24 hours, such as 08:00, by the clock in London",
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the time as hours and minutes, such as 08:00."},
    )

    def __init__(self, *args: Any, numbers: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticks = self.fields["confirmed"]
        assert isinstance(ticks, forms.MultipleChoiceField)  # noqa: S101 - declared above
        ticks.choices = [
            (limit.name, f"{limit.label}: {with_unit(limit, numbers[limit.name])} ({limit.source})")
            for limit in LIMITS
            if limit.name in numbers and not limit.is_verified
        ]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was approved"
        self.helper.show_optional = False  # the labels say what need not be answered
        self.helper.layout = Layout(
            Field("key"),
            Field("seal"),
            "confirmed",
            Field("starts", css_class="hat-keys"),
            Row(
                Column(Field("starts_on", css_class="nhsuk-input--width-10")),
                Column(Field("starts_time", css_class="nhsuk-input--width-5")),
            ),
            Submit("approve", "Approve these limits"),
        )

    def starts_at(self, at: datetime) -> datetime:
        """Return the first moment of the limits; those that start at once are read as if they were approved now."""
        if self.starts_at_once:
            return at
        day, wall = self.cleaned_data["starts_on"], self.cleaned_data["starts_time"]
        return datetime.combine(day, wall, tzinfo=LONDON).astimezone(UTC)

    def refuse(self, decision: Decision) -> None:
        """Put the numbers that are not ticked beside the ticks, a start in the past beside it, the rest at the top."""
        unticked = []
        for finding in decision.refusals:
            if finding.code.startswith("unconfirmed_"):
                unticked.append(limit_of(limit_meant(finding.code)).label)
            else:
                self.add_error("starts_on" if finding.code == "starts_in_the_past" else None, finding.message)
        if unticked:
            which = (
                f"Not ticked: {'; '.join(unticked)}."
                if len(unticked) < len(UNVERIFIED)
                else "None is ticked."
            )
            self.add_error("confirmed", f"Tick each number that is confirmed locally. {which}")
