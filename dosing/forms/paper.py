"""What is typed from one line of a paper pack, and how a contested line is settled. Forms parse; they decide nothing."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from typing import Any

from django import forms

from dosing.forms.fields import JudgedLaterUUID, RefusableForm, pin_field
from dosing.forms.visits import NOT_GIVEN
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.orders import Route, Site
from dosing.rules.oxygen import USUAL, OxygenTarget
from dosing.rules.paper import (
    REASON_LENGTH,
    DoseOnPaper,
    HowLeft,
    LeftOnPaper,
    OnLine,
    PaperEntry,
    SetOnPaper,
    Stands,
)
from dosing.rules.sessions import REDUCTIONS, Outcome, Reason, parse_mg
from hat_clinic.core.clock import LONDON
from hat_clinic.core.whole_numbers import WholeNumberField, whole_between

ADVERSE = (
    ("took_other_drugs", "Other drugs taken since the last visit"),
    ("oral_not_as_ordered", "Oral medicine not as ordered"),
    ("is_intoxicated", "Intoxicated, in the judgement of who checked"),
    ("sites_of_concern", "An injection site of concern"),
)
CHOOSE = ("", "Choose")
WHEN = "Write the time as hours:minutes, such as 09:30."


def number_field(label: str, least: int, most: int) -> WholeNumberField:
    """Return a field of a whole number within bounds that may stay empty."""
    how = f"Write a whole number from {least} to {most} with the digits 0 to 9 only."
    return WholeNumberField(label, parse=whole_between(least, most), how=how, required=False)


def clock_field(label: str) -> forms.TimeField:
    """Return a field of a time of day, hours and minutes, that may stay empty."""
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": WHEN},
    )


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _one_of(label: str, choices: Any, *, is_required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[CHOOSE, *choices],
        required=is_required,
        error_messages={"required": f"Choose: {label.lower()}.", "invalid_choice": "Choose from the list."},
    )


def name_field(label: str) -> JudgedLaterUUID:
    """Return a choice of somebody or something by its identifier; whether it is needed is asked in `clean`."""
    return JudgedLaterUUID(
        label=label, required=False, error_messages={"invalid_choice": "Choose from the list."}
    )


SEDATION = [(step.value, f"{step.value}: {step.label}") for step in Sedation]


class PaperReadings(forms.Form):
    """Three sets of readings as they are written: before the dose, ten minutes after it, and at leaving."""

    sedation = _one_of("POSS", SEDATION)
    breaths = number_field("Breaths a minute", 0, 60)
    oxygen = number_field("Oxygen in percent", 0, 100)
    pulse = number_field("Pulse a minute", 0, 250)
    alcohol = number_field("Breath alcohol, µg in 100 ml", 0, 300)
    rest = _tick("The rest of the check is written: drugs since, oral medicine, judgement, sites")
    adverse = forms.MultipleChoiceField(
        label="Of it, what is written as not well",
        choices=ADVERSE,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ten_sedation = _one_of("POSS at 10 minutes", SEDATION)
    ten_breaths = number_field("Breaths at 10 minutes", 0, 60)
    ten_oxygen = number_field("Oxygen at 10 minutes", 0, 100)
    ten_pulse = number_field("Pulse at 10 minutes", 0, 250)
    ten_at = clock_field("Time of the 10 minute set")
    last_sedation = _one_of("POSS at leaving", SEDATION)
    last_breaths = number_field("Breaths at leaving", 0, 60)
    last_oxygen = number_field("Oxygen at leaving", 0, 100)
    last_pulse = number_field("Pulse at leaving", 0, 250)
    last_at = clock_field("Time of the last set")

    target: OxygenTarget = USUAL

    def readings(self, part: str) -> Readings | None:
        """Return one set, or None where its sedation or its breathing is not written."""
        data = self.cleaned_data
        if not data.get(f"{part}sedation") or data.get(f"{part}breaths") is None:
            return None
        return Readings(
            sedation=Sedation(data[f"{part}sedation"]),
            breaths=data[f"{part}breaths"],
            oxygen=data.get(f"{part}oxygen"),
            pulse=data.get(f"{part}pulse"),
            target=self.target,
        )

    def check(self) -> CheckAnswers | None:
        """Return the whole check, or None where the paper has not all of it."""
        readings, data = self.readings(""), self.cleaned_data
        if readings is None or not data["rest"]:
            return None
        adverse = set(data["adverse"])
        return CheckAnswers(
            readings=readings,
            alcohol_ug=data.get("alcohol"),
            took_other_drugs="took_other_drugs" in adverse,
            oral_as_ordered="oral_not_as_ordered" not in adverse,
            is_intoxicated="is_intoxicated" in adverse,
            sites_are_well="sites_of_concern" not in adverse,
        )


class EnterPaperLine(PaperReadings, RefusableForm):
    """One line of a pack. `shown` is what the rules said on the page before, so that nobody signs unread."""

    seal = forms.CharField(widget=forms.HiddenInput)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    what = forms.ChoiceField(
        label="What stands on this line?",
        choices=[(one.value, one.label) for one in OnLine],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what stands on this line.",
            "invalid_choice": "Choose from the list.",
        },
    )
    patient = name_field("Who is it?")
    ended = _one_of("Why was there no dose?", NOT_GIVEN)
    given_mg = WholeNumberField(
        "Milligrams injected",
        parse=parse_mg,
        how="Write whole milligrams with the digits 0 to 9 only, such as 120.",
        required=False,
    )
    wasted = number_field("Milligrams wasted", 0, 9999)
    ampoules = number_field("Ampoules opened", 1, 999)
    batch = name_field("Batch")
    route = _one_of("Route", [(one.value, one.label) for one in Route])
    site = _one_of("Site", [(one.value, one.label) for one in Site])
    started = clock_field("Injection began")
    finished = clock_field("Injection ended")
    giver = name_field("Given by, on paper")
    witness = name_field("Witness, on paper")
    is_identified = _tick("Identity by two items is written")
    reduction = _one_of("If less than the full dose: why", [(one.value, one.label) for one in REDUCTIONS])
    not_returned = _tick("The syringe did not come back")
    how_left = _one_of("How did they leave?", [(one.value, one.label) for one in HowLeft])
    left_at = clock_field("Left at")
    left_reason = forms.CharField(label="Why early, where it is written", required=False, max_length=200)
    walks_steadily = _tick("Walks steadily")
    advice_given = _tick("Advice given")
    naloxone = _one_of("Naloxone", [(one.value, one.label) for one in NaloxoneHeld])
    has_oral = _tick("An oral dose is written on this line too: it is entered next")
    words = forms.CharField(label="What else is written", required=False, max_length=REASON_LENGTH)
    signer = name_field("Who signs as giver, or for a line without a dose")
    second = name_field("Who signs as witness")
    away_reason = forms.CharField(
        label="If somebody signs for one who is away: why they are away",
        help_text="The clinical lead signs for one who is away.",
        required=False,
        max_length=REASON_LENGTH,
    )
    pin = pin_field("PIN of who signs first", "It says: this is what happened.", "Type the PIN, six digits.")
    second_pin = pin_field(
        "PIN of who signs second", "It says: I saw all of this.", "Type the PIN, six digits."
    )

    def __init__(self, *args: Any, service_date: date, patient_id: uuid.UUID | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.service_date, self.patient_id = service_date, patient_id
        # The PINs are asked once what the rules say has been shown.
        self.is_shown = bool(self.data.get("shown"))
        for name in ("pin", "second_pin"):
            self.fields[name].required = False

    BEFORE = ("is_identified", "sedation", "breaths", "oxygen", "pulse", "alcohol", "rest", "adverse")
    DOSE = (
        *("given_mg", "reduction", "route", "site", "started", "finished", "batch", "ampoules", "wasted"),
        *("not_returned", "giver", "witness"),
    )
    AFTER = (
        *("ten_sedation", "ten_breaths", "ten_oxygen", "ten_pulse", "ten_at"),
        *("last_sedation", "last_breaths", "last_oxygen", "last_pulse", "last_at"),
        *("how_left", "left_at", "left_reason", "walks_steadily", "advice_given", "naloxone"),
    )

    @property
    def before_dose(self) -> list[forms.BoundField]:
        """The fields of the check, in the order of the paper."""
        return [self[name] for name in self.BEFORE]

    @property
    def of_dose(self) -> list[forms.BoundField]:
        """The fields of the dose."""
        return [self[name] for name in self.DOSE]

    @property
    def after_dose(self) -> list[forms.BoundField]:
        """The fields of what was read afterwards, and of leaving."""
        return [self[name] for name in self.AFTER]

    def offer(self, **choices: tuple[tuple[str, str], ...]) -> None:
        """Show choices."""
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared as one
            field.choices = [CHOOSE, *found]

    def clean(self) -> dict[str, Any]:
        """Ask for all that the kind of line needs."""
        data = super().clean() or {}
        needs: dict[str, tuple[str, ...]] = {
            OnLine.GIVEN: (
                *("given_mg", "wasted", "ampoules", "batch", "route", "site", "started", "finished"),
                *("giver", "witness", "how_left", "signer", "second"),
            ),
            OnLine.NOT_GIVEN: ("ended", "signer"),
            OnLine.NOTHING: ("signer",),
        }
        asked = needs.get(data.get("what", ""), ())
        if self.patient_id is None and data.get("what") != OnLine.NOTHING:
            asked = ("patient", *asked)
        for name in asked:
            if data.get(name) in (None, "") and name not in self.errors:
                label = str(self.fields[name].label)
                self.add_error(name, f"This is needed from the paper: {label[:1].lower()}{label[1:]}.")
        if data.get("what") == OnLine.NOTHING and data.get("has_oral"):
            self.add_error(
                "has_oral", "An oral dose is something: choose that there was no dose in this session."
            )
        if data.get("how_left") == HowLeft.RELEASED and not data.get("naloxone"):
            self.add_error("naloxone", "A release needs what is written of naloxone.")
        for part, at in (("ten_", "ten_at"), ("last_", "last_at")):
            if data.get(f"{part}sedation") and data.get(at) is None and at not in self.errors:
                self.add_error(at, f"Write the time of this set. {WHEN}")
        return data

    def moment(self, name: str) -> datetime | None:
        """Return a time on paper as a moment of the pack's day."""
        found: time | None = self.cleaned_data.get(name)
        if found is None:
            return None
        # In UTC, so that no sum of hours is one of wall clocks.
        return datetime.combine(self.service_date, found, tzinfo=LONDON).astimezone(UTC)

    def entry(self) -> PaperEntry:
        """Return all that the line says, of a form that is valid."""
        data = self.cleaned_data
        what = OnLine(data["what"])
        patient_id = self.patient_id or uuid.UUID(data["patient"] or str(uuid.UUID(int=0)))
        if what is OnLine.GIVEN:
            return PaperEntry(
                what, patient_id, dose=self._dose(), words=data["words"], has_oral=data["has_oral"]
            )
        if what is OnLine.NOT_GIVEN:
            outcome, reason = data["ended"].split("/")
            return PaperEntry(
                what,
                patient_id,
                outcome=Outcome(outcome),
                reason=Reason(reason),
                words=data["words"],
                has_oral=data["has_oral"],
            )
        return PaperEntry(what, patient_id, words=data["words"])

    def _dose(self) -> DoseOnPaper:
        data = self.cleaned_data
        started, ended = self.moment("started"), self.moment("finished")
        assert started is not None and ended is not None  # noqa: S101 - asked for in clean
        return DoseOnPaper(
            given_mg=data["given_mg"],
            wasted_mg=data["wasted"],
            ampoules=data["ampoules"],
            batch_id=uuid.UUID(data["batch"]),
            route=data["route"],
            site=data["site"],
            started_at=started,
            ended_at=ended,
            giver_id=uuid.UUID(data["giver"]),
            witness_id=uuid.UUID(data["witness"]),
            is_identified=data["is_identified"],
            check=self.check(),
            reduction=data["reduction"],
            syringe_returned=not data["not_returned"],
            after=tuple(self._after()),
            left=LeftOnPaper(
                how=HowLeft(data["how_left"]),
                at=self.moment("left_at"),
                reason=data["left_reason"],
                walks_steadily=data["walks_steadily"],
                advice_given=data["advice_given"],
                naloxone=data["naloxone"],
            ),
        )

    def _after(self) -> list[SetOnPaper]:
        found = []
        for part, at, minute in (("ten_", "ten_at", 10), ("last_", "last_at", None)):
            readings, taken_at = self.readings(part), self.moment(at)
            if readings is not None and taken_at is not None:
                found.append(SetOnPaper(readings, taken_at, minute))
        return found


class SettlePaperLine(RefusableForm):
    """Which of two records stands, how it is known, and the PIN of the clinical lead. Nothing is chosen beforehand."""

    seal = forms.CharField(widget=forms.HiddenInput)
    stands = forms.ChoiceField(
        label="Which of the two is right?",
        choices=[(one.value, one.label) for one in Stands],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose which of the two is right.",
            "invalid_choice": "Choose from the list.",
        },
    )
    ended = _one_of("If the paper does not count: how did the session end?", NOT_GIVEN)
    why = forms.CharField(
        label="How do you know?",
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Write how you know which of the two is right."},
    )
    pin = pin_field("Your PIN", "It says: this is what stands.", "Type your PIN, six digits.")

    def ending(self) -> tuple[Outcome | None, Reason | None]:
        """Return how the session ended without the paper, where that was chosen."""
        if not self.cleaned_data["ended"]:
            return None, None
        outcome, reason = self.cleaned_data["ended"].split("/")
        return Outcome(outcome), Reason(reason)
