"""Which sessions are closed and why, and what ends a closure early. Forms parse, and decide nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Field, Layout, Submit
from django import forms

from dosing.actions.closures import SessionsToClose
from dosing.forms.fields import NotesRead, RefusableForm
from dosing.forms.order_doses import a_choice
from dosing.rules.closures import LONGEST_WORDS, ClosedFor
from hat_clinic.core.decisions import Decision, Level


def _session(label: str, missing: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, error_messages={"required": missing, "invalid_choice": "Choose a session of the list."}
    )


def _parsed(value: str) -> tuple[date, str]:
    on, slot = value.split(" ")
    return date.fromisoformat(on), slot


def _words(label: str, help_text: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_WORDS,
        error_messages={
            "required": missing,
            "max_length": f"Write it in at most {LONGEST_WORDS} characters.",
        },
    )


class ChooseSessions(RefusableForm):
    """The first session, the last, and why. Nothing is chosen beforehand, and nothing is closed by it."""

    first = _session("First closed session", "Choose the first session that is closed.")
    last = _session("Last closed session", "Choose the last session that is closed.")
    reason = a_choice("Why", [(one.value, one.label) for one in ClosedFor], "Choose why they are closed.")
    words = _words(
        "In a few words",
        "Everybody at the board reads it, such as: heating failed. Name no patient.",
        "Write in a few words why they are closed.",
    )

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first", "last"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = [("", "Choose a session"), *sessions]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was closed"
        self.helper.layout = Layout("first", "last", "reason", "words", Submit("look", "See who is affected"))

    @property
    def asked(self) -> SessionsToClose:
        """What was chosen."""
        told = self.cleaned_data
        return SessionsToClose(
            first=_parsed(told["first"]),
            last=_parsed(told["last"]),
            reason=ClosedFor(told["reason"]),
            words=told["words"].strip(),
        )


class CloseSessions(ChooseSessions):
    """The same, carried along by the page that lists who is affected, with the notes that were read."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    acknowledged = NotesRead(
        label="Tick what you have read", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, sessions: list[tuple[str, str]], decision: Decision | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, sessions=sessions, **kwargs)
        for name in ("first", "last", "reason", "words"):
            self.fields[name].widget = forms.HiddenInput()
        notes = [(one.code, one.message) for one in decision or () if one.level is Level.WARN]
        field = self.fields["acknowledged"]
        assert isinstance(field, NotesRead)  # noqa: S101 - declared above
        field.choices = notes
        self.helper.show_optional = False
        shown = [Field("acknowledged", css_class="hat-keys")] if notes else []
        self.helper.layout = Layout(
            *(Field(name) for name in ("key", "seal", "first", "last", "reason", "words")),
            *shown,
            HTML('<p class="hat-quiet">You are asked for your password again.</p>'),
            Submit("close", "Close these sessions"),
        )


class ReopenSessions(RefusableForm):
    """The session that is held again, and why."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    seal = forms.CharField(widget=forms.HiddenInput)
    session = _session("First session that is held again", "Choose the first session that is held again.")
    words = _words(
        "Why it reopens", "Such as: heating works again. Name no patient.", "Write why it reopens."
    )

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "Choose a session"), *sessions]
        self.helper = FormHelper()
        self.helper.form_error_title = "Nothing was reopened"
        self.helper.layout = Layout(
            Field("key"), Field("seal"), "session", "words", Submit("reopen", "Reopen from this session")
        )

    @property
    def reopens_with(self) -> tuple[date, str]:
        """The session that was chosen."""
        return _parsed(self.cleaned_data["session"])
