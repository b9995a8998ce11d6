"""What is asked of whoever signs a report off."""

from __future__ import annotations

from typing import Any

from django import forms

from outcomes.forms.fields import SealedForm


class ReleaseReport(SealedForm):
    """One tick, and the button."""

    FIELD_OF = {"release_unread": "is_read"}

    is_read = forms.BooleanField(label="I have read this report whole", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_read", save="Sign off and release")
        self.helper.form_error_title = "The report was not released"
