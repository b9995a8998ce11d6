"""The words of a form's errors: each says what to do, none says "invalid" or "this field".

A form that gives its own sentence keeps it. Only the stock sentences of the form library are replaced, so
that a page whose author wrote none still speaks the clinic's language.
"""

from __future__ import annotations

from django import forms, template
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

register = template.Library()

LIMITS = {
    "max_value": "at most {limit}",
    "min_value": "at least {limit}",
    "max_length": "at most {limit} characters",
    "min_length": "at least {limit} characters",
    "max_digits": "at most {limit} digits",
    "max_decimal_places": "at most {limit} digits after the point",
}
# How the library's validators begin, whichever field they stand on; our own sentences never say "valid".
STOCK_BEGINNINGS = ("Ensure this value", "Ensure that there", "Enter a valid", "Select a valid")
# Looked up in this order: a field's own kind before the kind it is made from.
HOW_TO_WRITE: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DecimalField, "write a number, like 2.5"),
    (forms.FloatField, "write a number, like 2.5"),
    (forms.IntegerField, "write a whole number, like 180"),
    (forms.DateTimeField, "write a date and a time, like 24/11/2026 09:45"),
    (forms.SplitDateTimeField, "write a date like 24/11/2026 and a time like 09:45"),
    (forms.DateField, "write a date, like 24/11/2026"),
    (forms.TimeField, "write a time, like 09:45"),
    (forms.EmailField, "write an e-mail address, like name@example.org"),
    (forms.URLField, "write a whole address that begins with https"),
    (forms.ChoiceField, "choose from what is shown"),
    (forms.ModelChoiceField, "choose from what is shown"),
    (forms.FileField, "choose a file again"),
)


@register.filter
def sentences(field: BoundField) -> list[str]:
    """The errors of a field as sentences that say what to do: `{% for sentence in field|sentences %}`."""
    found = []
    for error in field.errors.as_data():
        stock = is_stock(field.field, error)
        found += [in_our_words(field, error)] if stock else [str(message) for message in error.messages]
    return found


def is_stock(field: forms.Field, error: ValidationError) -> bool:
    """True where nobody chose the words: the sentence is the form library's own."""
    message = error.messages[0]
    if message.startswith(STOCK_BEGINNINGS):
        return True
    return any(
        message == str(words)
        for kind in type(field).__mro__
        if kind.__module__.startswith("django.")
        for words in getattr(kind, "default_error_messages", {}).values()
    )


def in_our_words(field: BoundField, error: ValidationError) -> str:
    """A stock error in the clinic's words, with the label of what it is about."""
    label = str(field.label).rstrip(":?. ")
    if error.code in {"required", "incomplete"}:
        return missing(field.field, label)
    if error.code in LIMITS and error.params:
        limit = error.params.get("limit_value", error.params.get("max", error.params.get("min", "")))
        return f"{label}: {LIMITS[error.code].format(limit=limit)}"
    for kind, words in HOW_TO_WRITE:
        if isinstance(field.field, kind):
            return f"{label}: {words}"
    return f"{label}: write it in another way"


def missing(field: forms.Field, label: str) -> str:
    """What to say where nothing was entered."""
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}” to go on"
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        return f"{label}: choose an answer"
    if isinstance(field, forms.FileField):
        return f"{label}: choose a file"
    return f"{label}: fill this in"
