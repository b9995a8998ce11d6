"""What is typed about the stock. Forms parse; they decide nothing and write nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms

from dosing.forms.fields import JudgedLaterUUID, NotesRead, RefusableForm, pin_field
from dosing.rules.quarantine import AuthorityKind, QuarantineReason
from dosing.rules.stock import Supply, last_day_of_use, parse_ampoules, parse_ampoules_or_none
from hat_clinic.core.clock import LONDON
from hat_clinic.core.days import DayField
from hat_clinic.core.decisions import Decision, Finding, Level
from hat_clinic.core.whole_numbers import WholeNumberField

Choices = tuple[tuple[str, str], ...]
WHOLE = "Write a whole number from 1 to 9999 with the digits 0 to 9 only."
WHOLE_OR_NONE = "Write 0, or a whole number to 9999, with the digits 0 to 9 only."


def words(label: str, missing: str, *, length: int, hint: str = "", rows: int = 0) -> forms.CharField:
    """Return a field for words that must be there."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=length,
        widget=widget,
        error_messages={"required": missing, "max_length": f"Write at most {length} characters."},
    )


def day(label: str, *, hint: str = "", is_required: bool = True) -> DayField:
    """Return a field for a day, written day/month/year."""
    wrong = "Write the day as day/month/year, such as 31/12/2026."
    return DayField(
        label=label,
        help_text=hint,
        required=is_required,
        input_formats=["%d/%m/%Y"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": wrong, "invalid": wrong},
    )


def pick(label: str, missing: str) -> JudgedLaterUUID:
    """Return a field of choices that the rule judges."""
    return JudgedLaterUUID(label=label, widget=forms.RadioSelect, error_messages={"required": missing})


class Ampoules(WholeNumberField):
    """A whole number of ampoules, read strictly."""

    def __init__(self, label: str = "Ampoules", **kwargs: Any) -> None:
        super().__init__(label, parse=parse_ampoules, how=WHOLE, missing=WHOLE, **kwargs)


class SealedForm(RefusableForm):
    """A form tied to who opened it; `asked` are the fields that its page prints in a row."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    SIGNING: tuple[str, ...] = ()

    def offer(self, **choices: Choices) -> None:
        """Show choices; one that is the only one is chosen."""
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared as one
            field.choices = list(found)
            if len(found) == 1:
                field.initial = found[0][0]

    @property
    def asked(self) -> list[forms.BoundField]:
        """The fields that are asked before anybody signs."""
        return [field for field in self.visible_fields() if field.name not in self.SIGNING]


class SignedByTwo(SealedForm):
    """A form that two people sign, each with their own PIN."""

    SIGNING = ("second", "own_pin", "second_pin")
    second = pick("Who signs second", "Choose who signs second.")
    own_pin = pin_field("Your PIN", "It says: I did what is written here.", "Type your PIN, six digits.")
    second_pin = pin_field("Second PIN", "It says: I saw all of this.", "The second person types their PIN.")

    def __init__(self, *args: Any, seconds: Choices, signer_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(second=seconds)
        self.has_second = bool(seconds)
        self.fields["own_pin"].label = f"{signer_name}: your PIN"


class Happened(forms.Form):
    """When something happened, where that is not now: a day and a time, or neither."""

    happened_on = day(
        "Day, if not today", hint="Such as 23/11/2026. Leave it empty for now.", is_required=False
    )
    happened_time = forms.TimeField(
        label="Time of that day",
        help_text="Such as 09:30.",
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": "Write the time as hours:minutes, such as 09:30."},
    )

    def clean(self) -> dict[str, Any]:
        """Ask for both parts of a moment or for neither."""
        data = super().clean() or {}
        on, clock = data.get("happened_on"), data.get("happened_time")
        if on is not None and clock is None and "happened_time" not in self.errors:
            self.add_error("happened_time", "Write the time of that day too, such as 09:30.")
        if on is None and clock is not None and "happened_on" not in self.errors:
            self.add_error("happened_on", "Write the day too, such as 23/11/2026.")
        return data

    @property
    def happened_at(self) -> datetime | None:
        """The moment that was written, or None for now."""
        on: date | None = self.cleaned_data.get("happened_on")
        clock: time | None = self.cleaned_data.get("happened_time")
        return datetime.combine(on, clock, tzinfo=LONDON) if on and clock else None


class ReadNotes(forms.Form):
    """Notes that have to be ticked before something is stored; there are none until the rule finds some."""

    acknowledged = NotesRead(label="Notes", required=False, widget=forms.CheckboxSelectMultiple)
    # In brief, for a page that comes back before the rule was asked again, such as after a wrong PIN.
    IN_BRIEF: ClassVar = {
        "over_delivery": "More came than was ordered.",
        "requisition_closed": "The requisition was closed.",
        "expired_on_arrival": "The batch is past its last day of use.",
        "no_order": "No order of this person is in force.",
        "fewer_than_sent": "Fewer came than were sent.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self["acknowledged"].value() if self.is_bound else None
        self._offer([(code, self.IN_BRIEF[code]) for code in ticked or () if code in self.IN_BRIEF])

    def refuse(self, decision: Decision) -> None:
        """Put every reason at the top of the page, and offer the notes that are to be ticked."""
        for finding in decision.refusals:
            self.add_error(None, finding.message)
        self.offer_notes(tuple(finding for finding in decision if finding.level is Level.WARN))

    def offer_notes(self, notes: tuple[Finding, ...]) -> None:
        """Show each note as a box to tick."""
        self._offer([(note.code, note.message) for note in notes])

    def _offer(self, notes: list[tuple[str, str]]) -> None:
        field = self.fields["acknowledged"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 - declared above
        field.choices = [(code, f"I have read: {message}") for code, message in notes]


class OpenRegister(SealedForm):
    """What a ledger is to be kept for."""

    premises = pick("Premises", "Choose the premises.")
    strength = Ampoules("Strength in one ampoule, milligrams")
    supply = forms.ChoiceField(
        label="Whose ampoules",
        choices=[(supply.value, supply.label.capitalize()) for supply in Supply],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose ampoules it keeps."},
    )


class OrderStock(SealedForm):
    """A requisition: its number, the supplier, and how many ampoules for which ledger."""

    line = pick("Register", "Choose the register.")
    number = words("Requisition number", "Write the number of the requisition.", length=120)
    supplier_name = words("Supplier", "Write the supplier's name.", length=250)
    supplier_address = words("Supplier's address", "Write the supplier's address.", length=300, rows=2)
    ampoules = Ampoules("Ampoules ordered")


class CloseRequisition(SealedForm):
    """Why nothing more is expected on a requisition."""

    reason = words(
        "Why no more is expected",
        "Write why no more is expected.",
        length=300,
        hint="Such as: the supplier cancelled the rest.",
        rows=2,
    )


BROUGHT = ("batch_number", "expires", "ampoules", "happened_on", "happened_time")


class Brought(Happened):
    """One batch that came: its number, last day of use, and ampoules."""

    batch_number = words("Batch number", "Write the batch number that is printed on the ampoules.", length=40)
    expires = words(
        "Last day of use",
        "Write it as it is printed: 30/06/2028, or 06/2028.",
        length=10,
        hint="As printed: 30/06/2028, or 06/2028 for the last day of that month.",
    )
    ampoules = Ampoules("Ampoules that came")
    field_order: Sequence[str] = BROUGHT

    def clean_expires(self) -> date:
        """Return the last day of use, or say how to write it."""
        found = last_day_of_use(self.cleaned_data["expires"])
        if found is None:
            raise forms.ValidationError("Write it as it is printed: 30/06/2028, or 06/2028.")
        return found


class ReceiveStock(ReadNotes, Brought, SignedByTwo):
    """A delivery against a requisition."""


class ReceiveOwn(ReadNotes, Brought, SignedByTwo):
    """What a pharmacy dispensed for one patient."""

    line = pick("Register", "Choose the register.")
    pharmacy_name = words("Pharmacy", "Write the pharmacy's name.", length=250)
    pharmacy_address = words("Pharmacy's address", "Write the pharmacy's address.", length=300, rows=2)
    prescription = words("Prescription", "Write the number or date of the prescription.", length=120)
    field_order = ("line", "pharmacy_name", "pharmacy_address", "prescription", *BROUGHT)


class QuarantineStock(SignedByTwo):
    """Ampoules that are put apart, and why."""

    batch = pick("Batch", "Choose the batch.")
    ampoules = Ampoules()
    reason = forms.ChoiceField(
        label="Why they are put apart",
        choices=[(reason.value, reason.label) for reason in QuarantineReason],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why they are put apart."},
    )
    words = forms.CharField(
        label="In a few words, if there is more to say",
        help_text="Name no patient.",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RecordAuthority(SealedForm):
    """The letter that lets somebody witness a destruction."""

    kind = forms.ChoiceField(
        label="Kind of authority",
        choices=[(kind.value, kind.label) for kind in AuthorityKind],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind of authority."},
    )
    name = words("Name of the witness", "Write the witness's name.", length=200)
    granted_by = words(
        "Given by", "Write who gave the authority.", length=160, hint="Such as NHS England CDAO."
    )
    number = words("Number of the authority", "Write the number of the authority.", length=120)
    identity_seen = words(
        "What proved who they are",
        "Write which document you saw.",
        length=200,
        hint="Such as a warrant card or a staff pass. Do not copy its number.",
    )
    starts_on = day("First day")
    ends_on = day("Last day", hint="The authority covers this whole day.")


class DestroyStock(Happened, SignedByTwo):
    """Ampoules that are destroyed out of quarantine."""

    batch = pick("Batch in quarantine", "Choose the batch.")
    ampoules = Ampoules("Ampoules destroyed")
    authority = pick("Authorised witness", "Choose the authorised witness.")
    method = words("How", "Write how they were destroyed.", length=200, hint="Such as a denaturing kit.")
    exemption = words("T28 reference", "Write the reference of the T28 exemption.", length=60)
    field_order = ("batch", "ampoules", "authority", "method", "exemption", "happened_on", "happened_time")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Without one the rule says what is missing, and what was a patient's own needs none.
        self.fields["authority"].required = False


class SendStock(Happened, SignedByTwo):
    """Ampoules for the same register of other premises."""

    batch = pick("Batch", "Choose the batch.")
    target = pick("To which register", "Choose the register they go to.")
    ampoules = Ampoules("Ampoules sent")
    field_order = ("batch", "target", "ampoules", "happened_on", "happened_time")


class AmpoulesOrNone(WholeNumberField):
    """A whole number of ampoules that may be none, read strictly."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(
            label, parse=parse_ampoules_or_none, how=WHOLE_OR_NONE, missing=WHOLE_OR_NONE, **kwargs
        )


class ReceiveTransfer(ReadNotes, Happened, SignedByTwo):
    """What came of a transfer."""

    ampoules = AmpoulesOrNone("Ampoules that came")
    reason = forms.CharField(
        label="If fewer came than were sent: what is known of the others",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    field_order = ("ampoules", "reason", "happened_on", "happened_time")


class TakeReturn(SealedForm):
    """What somebody brought back."""

    drug = words("What was brought back", "Write the medicine, strength and form.", length=200)
    quantity = Ampoules("How much of it, a whole number")
    unit = words("Counted in", "Write what it is counted in.", length=40, hint="Such as ampoules or ml.")


class DestroyReturn(SignedByTwo):
    """How a return is destroyed."""

    method = words("How", "Write how it was destroyed.", length=200, hint="Such as a denaturing kit.")


class NoteLine(SealedForm):
    """A note beside a line."""

    text = words(
        "What was wrong, and what is right",
        "Write what was wrong and what is right.",
        length=500,
        hint="It stands beside the line for ever, with your name and the date. No clinical notes.",
        rows=3,
    )


class AdjustLine(SealedForm):
    """An adjustment beside a line, approved by the lead and a second person."""

    SIGNING = ("lead", "lead_pin", "second", "second_pin")
    direction = forms.ChoiceField(
        label="The balance is wrong by",
        choices=[
            ("less", "too high: take ampoules away"),
            ("more", "too low: add ampoules"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether ampoules are taken away or added."},
    )
    ampoules = Ampoules()
    place = forms.ChoiceField(
        label="Where they are missing, or too many",
        choices=[("cabinet", "in the cabinet"), ("quarantine", "in quarantine")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the cabinet or quarantine."},
    )
    reason = words(
        "What was wrong, and what is right", "Write what was wrong and what is right.", length=500, rows=3
    )
    lead = pick("Controlled-drug lead", "Choose the controlled-drug lead.")
    lead_pin = pin_field("Lead's PIN", "It says: I approve this.", "The lead types their PIN, six digits.")
    second = pick("Second person", "Choose the second person.")
    second_pin = pin_field(
        "Second person's PIN",
        "It says: I approve this too.",
        "The second person types their PIN, six digits.",
    )

    @property
    def signed_ampoules(self) -> int:
        """Ampoules to add, below none to take away."""
        number: int = self.cleaned_data["ampoules"]
        return number if self.cleaned_data["direction"] == "more" else -number
