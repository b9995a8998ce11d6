"""Keys to tap in place of numbers to type: measured values, each with the mark of the limit it falls under."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django import forms

from dosing.rules.oxygen import USUAL, OxygenTarget
from hat_clinic.core.whole_numbers import DIGITS_ONLY, WholeNumberField

_WHOLE = re.compile(r"[0-9]{1,3}", re.ASCII)
UNABLE = "unable"
LOW, HIGH = "low", "high"


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its value, what stands on it, and the word of the limit it falls under, if any."""

    value: str
    label: str
    small: str = ""
    mark: str = ""


class KeyRadios(forms.RadioSelect):
    """Radio buttons drawn as keys; each option carries the second line and the mark of its key."""

    def __init__(self, keys: Iterable[Key] = (), attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.keys = {key.value: key for key in keys}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        key = self.keys.get(str(value))
        return option | {
            "small": key.small if key else "",
            "mark": key.mark if key else "",
            "is_end": value in (LOW, HIGH),
        }


class KeyField(forms.ChoiceField):
    """One row of keys; exactly one is tapped."""

    def __init__(self, *, label: str, keys: tuple[Key, ...], missing: str, **kwargs: Any) -> None:
        super().__init__(
            label=label,
            choices=[(key.value, key.label) for key in keys],
            widget=KeyRadios(keys),
            error_messages={"required": missing, "invalid_choice": missing},
            **kwargs,
        )
        self.keys = keys

    def __deepcopy__(self, memo: dict[int, Any]) -> KeyField:
        copy: KeyField = super().__deepcopy__(memo)
        return copy


class ExactField(WholeNumberField):
    """The number behind an end key such as "21 +", written in a field of its own and read only where it was tapped."""

    def __init__(self, *, label: str) -> None:
        super().__init__(
            label,
            parse=whole_number,
            how="",
            required=False,
            widget=forms.TextInput(attrs={**DIGITS_ONLY, "size": "4"}),
        )

    def clean(self, value: Any) -> Any:
        """Return what was typed: `number_of` reads it once the key says between which numbers it lies."""
        return self.to_python(value)


def whole_number(text: str) -> int | None:
    """Return a whole number of one to three ASCII digits, or None for anything else; spaces around it pass."""
    stripped = text.strip(" ")
    return int(stripped) if _WHOLE.fullmatch(stripped) else None


def number_of(form: forms.Form, name: str, ends: dict[str, tuple[int, int]]) -> int | None:
    """Return the number of a row of keys, None for one that cannot be had; add an error where it is not told.

    `ends` holds the least and the most that each end key stands for; the number behind it is typed exactly.
    """
    tapped = form.cleaned_data.get(name)
    if not tapped or tapped == UNABLE:
        return None
    if tapped not in ends:
        return int(tapped)
    exact = whole_number(form.cleaned_data.get(f"{name}_exact") or "")
    least, most = ends[tapped]
    if exact is None or not least <= exact <= most:
        form.add_error(f"{name}_exact", f"Write the exact number, {least} to {most}, with the digits 0 to 9.")
        return None
    return exact


SEDATION_KEYS = (
    Key("1", "1", "Awake and alert"),
    Key("2", "2", "Slightly drowsy, easily roused"),
    Key("3", "3", "Drifts off while talking", "hold"),
    Key("4", "4", "Hard to rouse, or not at all", "emergency"),
    Key("S", "S", "Asleep, easily roused"),
)
BREATHS_KEYS = (
    Key(LOW, "≤ 8", "", "emergency"),
    *(Key(str(number), str(number), "", "hold" if number < 12 else "") for number in range(9, 21)),
    Key(HIGH, "21 +"),
)


def oxygen_keys(target: OxygenTarget) -> tuple[Key, ...]:
    """Return the oxygen keys with the marks that bite on one person: the limit is theirs, the keys everybody's."""
    low = "emergency" if target.scale.emergency_below >= 90 else "hold"
    return (
        Key(LOW, "≤ 89", "", low),
        *(
            Key(str(number), str(number), "", "hold" if number < target.percent else "")
            for number in range(90, 101)
        ),
        Key(UNABLE, "?", "cannot measure", "hold"),
    )


OXYGEN_KEYS = oxygen_keys(USUAL)
PULSE_KEYS = (
    Key(LOW, "< 50"),
    *(Key(str(number), str(number)) for number in range(50, 111, 5)),
    Key(HIGH, "> 110"),
    Key(UNABLE, "?", "cannot measure", "hold"),
)
ALCOHOL_KEYS = (
    Key("0", "0"),
    Key("some", "1 to 19"),
    Key("stop", "20 to 34", "", "needs a doctor"),
    Key("hold", "35 +", "", "hold"),
    Key(UNABLE, "?", "declined or cannot", "needs a doctor"),
)


class ReadingsForm(forms.Form):
    """Sedation, breathing, oxygen and pulse: a key each, and the exact number where an end key was tapped."""

    sedation = KeyField(label="Sedation", keys=SEDATION_KEYS, missing="Tap the sedation: 1, 2, 3, 4 or S.")
    breaths = KeyField(label="Breathing", keys=BREATHS_KEYS, missing="Tap the breaths counted in a minute.")
    breaths_exact = ExactField(label="Breaths a minute, exactly")
    oxygen = KeyField(
        label="Oxygen %", keys=OXYGEN_KEYS, missing="Tap the oxygen, or ? if it cannot be measured."
    )
    oxygen_exact = ExactField(label="Oxygen in percent, exactly")
    pulse = KeyField(label="Pulse", keys=PULSE_KEYS, missing="Tap the pulse, or ? if it cannot be measured.")
    pulse_exact = ExactField(label="Pulse a minute, exactly")
    unable_reason = forms.CharField(
        label="Why a value could not be had",
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    # The least and the most that the end keys stand for, by field.
    BOUNDS = {
        "breaths": {LOW: (0, 8), HIGH: (21, 60)},
        "oxygen": {LOW: (30, 89)},
        "pulse": {LOW: (10, 49), HIGH: (111, 250)},
    }

    target = USUAL

    def hold_oxygen_against(self, target: OxygenTarget) -> Self:
        """Mark the oxygen keys by one person's own target, and return the form."""
        self.target = target
        widget = self.fields["oxygen"].widget
        assert isinstance(widget, KeyRadios)  # noqa: S101 - declared above
        widget.keys = {key.value: key for key in oxygen_keys(target)}
        return self

    def clean(self) -> dict[str, Any]:
        """Turn keys into numbers, and ask why where one is missing."""
        data = super().clean() or {}
        for name, ends in self.BOUNDS.items():
            data[f"{name}_number"] = number_of(self, name, ends)
        if self.is_something_unknown(data) and not data.get("unable_reason", "").strip():
            self.add_error("unable_reason", "Say in a few words why a value could not be had.")
        return data

    def is_something_unknown(self, data: dict[str, Any]) -> bool:
        """Tell whether any row was answered with ?."""
        return UNABLE in (data.get("oxygen"), data.get("pulse"))
