"""What the programme cost in a month, as a manager enters it. Forms parse; the rules decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout, Submit
from django import forms

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
        self.helper.layout = Layout("seal", "file", Submit("import", "Check and bring in all"))

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
