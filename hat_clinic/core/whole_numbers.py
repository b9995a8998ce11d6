"""The one field in which a number is typed: digits 0 to 9, read as they stand or refused, never cleaned."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django import forms

Parse = Callable[[str], int | None]
DIGITS_ONLY = {"inputmode": "numeric", "autocomplete": "off"}

_WHOLE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def whole_between(least: int, most: int) -> Parse:
    """Return a function that reads a whole number from least to most, and None from anything else.

    Only the digits 0-9 are read, without zeros before them; spaces around the number are let pass.
    """

    def parse(text: str) -> int | None:
        stripped = text.strip(" ")
        if not _WHOLE.fullmatch(stripped):
            return None
        return int(stripped) if least <= int(stripped) <= most else None

    return parse


class WholeNumberField(forms.CharField):
    """A whole number, read by a function of the rules that gives None for what it refuses.

    A sign, point, separator, exponent, unit or another script is refused with the sentence `how`; what was typed stays
    in the page. `missing` is the sentence for an empty field that must be filled in; else an empty one is None.
    """

    def __init__(
        self,
        label: str = "",
        *,
        parse: Parse,
        how: str,
        missing: str = "",
        required: bool = True,
        widget: forms.Widget | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            label=label,
            required=required,
            strip=False,
            widget=widget or forms.TextInput(attrs=DIGITS_ONLY),
            error_messages={"required": missing},
            **kwargs,
        )
        self.parse, self.how = parse, how

    def clean(self, value: Any) -> int | None:
        """Return the number, or None for nothing; refuse anything else."""
        text = str(self.to_python(value) or "")
        if not text.strip(" "):
            if self.required:
                raise forms.ValidationError(self.error_messages["required"], code="required")
            return None
        number = self.parse(text)
        if number is None:
            raise forms.ValidationError(self.how, code="invalid")
        return number
