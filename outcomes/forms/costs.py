"""What the programme cost in a month, as a manager enters it. Forms parse; the rules decide."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Hidden, Layout, Submit
from django import forms

from outcomes.actions.costs import Confirmed
from outcomes.forms.fields import SealedForm, keys, line
from outcomes.rules.costs import LONGEST_PAYER, REASONS, CostCategory, CostSaid, read_pence
from outcomes.rules.costs_file import MOST_BYTES, TOO_LARGE
from outcomes.rules.support import Correction

POUNDS = "Write pounds in digits, such as 1200 or 1200.50."


class PoundsField(forms.CharField):
    """An amount of money, read by the rule as pence; nothing is None, and is not zero."""

    def __init__(self, label: str, *, hint: str = "", missing: str = "") -> None:
        super().__init__(
            label=label,
            required=bool(missing),
            strip=False,
            help_text=hint,
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "decimal"}),
            error_messages={"required": missing},
        )

    def clean(self, value: Any) -> int | None:
        """Return the pence, or None for nothing; refuse anything else."""
        text = super().clean(value)
        if not text.strip(" "):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        pence = read_pence(text)
        if pence is None:
            raise forms.ValidationError(POUNDS, code="invalid")
        return pence


class RecordCosts(SealedForm):
    """Who paid, and how much for what."""

    FIELD_OF = {
        "cost_without_payer": "payer",
        "cost_long_payer": "payer",
        "cost_payer_spelling": "payer",
        "cost_without_amount": "drug_pounds",
    }

    payer = line(
        "Who paid?",
        longest=LONGEST_PAYER,
        hint="As it was spelled before, such as Police and crime commissioner",
    )
    drug_pounds = PoundsField(
        "Medicine, in pounds", hint="0 if nothing was spent. Leave empty what you do not know."
    )
    staff_pounds = PoundsField("Staff, in pounds")
    premises_pounds = PoundsField("Premises, in pounds")
    setup_pounds = PoundsField("Setting up, in pounds", hint="What was spent once, to open the clinic")
    other_pounds = PoundsField("Anything else, in pounds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amounts = [
            Field(f"{category}_pounds", css_class="nhsuk-input--width-10") for category in CostCategory
        ]
        self.lay_out("payer", *amounts, save="Save these costs")

    def payer_said(self) -> str:
        """Return who paid."""
        payer: str = self.cleaned_data["payer"]
        return payer

    def pence(self) -> dict[str, int]:
        """Return the amounts that were written, by category."""
        amounts = {category.value: self.cleaned_data[f"{category}_pounds"] for category in CostCategory}
        return {category: pence for category, pence in amounts.items() if pence is not None}


class AmendCost(SealedForm):
    """A line written again, with the reason; what was written before stays beside it."""

    FIELD_OF = {
        "cost_without_payer": "payer",
        "cost_long_payer": "payer",
        "cost_payer_spelling": "payer",
        "cost_known": "category",
    }

    correction = keys(
        "Why is it written again?",
        [(correction.value, correction.label) for correction in REASONS],
        error_messages={"required": "Tap why it is written again."},
        help_text="A line that was logged twice then counts for nothing.",
    )
    payer = line("Who paid?", longest=LONGEST_PAYER)
    category = keys(
        "For what?",
        [(category.value, category.label) for category in CostCategory],
        error_messages={"required": "Tap for what."},
    )
    pounds = PoundsField("How much, in pounds", missing="Write the amount: 0 if nothing was spent.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(
            Field("correction", css_class="hat-keys"),
            "payer",
            Field("category", css_class="hat-keys"),
            Field("pounds", css_class="nhsuk-input--width-10"),
            save="Save the correction",
        )

    def said(self, month: date) -> CostSaid:
        """Return the line of that month as it is now."""
        typed = self.cleaned_data
        return CostSaid(month=month, payer=typed["payer"], category=typed["category"], pence=typed["pounds"])

    def why(self) -> Correction:
        """Return why it is written again."""
        return Correction(self.cleaned_data["correction"])


class ImportCosts(forms.Form):
    """One CSV file of costs; its size is looked at before it is read."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    file = forms.FileField(
        label="The file of costs",
        help_text="CSV in UTF-8, at most 1 MB. A spreadsheet is saved as CSV first.",
        allow_empty_file=True,
        error_messages={"required": "Choose the file."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was brought in"
        self.helper.attrs = {"enctype": "multipart/form-data", "data-hat-busy": "Reading…"}
        self.helper.layout = Layout("file", Submit("import", "Check and bring in all"))

    def carry(self, seal: str) -> None:
        """Take the seal along, made anew each time the page is drawn: what was posted does not stay."""
        self.helper.layout.append(Hidden("seal", seal))

    def clean_file(self) -> Any:
        """Refuse a file that is too large before a byte of it is read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(TOO_LARGE[0].upper() + TOO_LARGE[1:])
        return file

    def content(self) -> bytes:
        """Return what the file holds."""
        content: bytes = self.cleaned_data["file"].read()
        return content


class ConfirmCosts(forms.Form):
    """The same file again, which differences are meant, and why they are stored."""

    seal = forms.CharField(widget=forms.HiddenInput, required=False)
    again = forms.CharField(widget=forms.HiddenInput, max_length=2 * MOST_BYTES)
    differences = forms.CharField(widget=forms.HiddenInput, max_length=64)
    why = keys(
        "Why does the file say something else?",
        [(correction.value, correction.label) for correction in REASONS if not correction.strikes],
        error_messages={"required": "Tap why the file says something else."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was brought in"
        self.helper.layout = Layout(
            "again",
            "differences",
            Field("why", css_class="hat-keys"),
            Submit("confirm", "Store what the file says"),
        )

    def clean_again(self) -> bytes:
        """Return what the file held."""
        try:
            return b64decode(self.cleaned_data["again"], validate=True)
        except ValueError:
            raise forms.ValidationError("Choose the file again.") from None

    def carry(self, seal: str) -> None:
        """Take the seal along, as the form of the file does."""
        self.helper.layout.append(Hidden("seal", seal))

    def content(self) -> bytes:
        """Return what the file held."""
        content: bytes = self.cleaned_data["again"]
        return content

    def confirmed(self) -> Confirmed:
        """Return what was confirmed, and why."""
        return Confirmed(key=self.cleaned_data["differences"], why=Correction(self.cleaned_data["why"]))


def carried(data: bytes) -> str:
    """Return a file as the form takes it along."""
    return b64encode(data).decode()
