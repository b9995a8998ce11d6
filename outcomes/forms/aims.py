"""The aims of a programme, as they are typed; and the tick of whoever approves them."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Fieldset
from django import forms

from outcomes.forms.fields import SealedForm, day, line
from outcomes.rules.evaluation.quotable import by_subject
from outcomes.rules.evaluation.written_aims import (
    LONGEST_SOURCE,
    LONGEST_UNKNOWN,
    LONGEST_WORDS,
    MOST_AIMS,
    MOST_FIGURES,
    AimSaid,
    AimsSaid,
)

NOT_THERE = "Choose a figure from the list, or none."


class WriteAims(SealedForm):
    """From when on, the aims in their order, and where they come from. An aim without any word is left out."""

    FIELD_OF = {
        "aims_past": "from_day",
        "aims_before_opening": "from_day",
        "aims_none": "aim_1_words",
        "aims_source": "source",
    }

    from_day = day("From which day on?", missing="Write the first day.")
    source = line("Where do the aims come from?", longest=LONGEST_SOURCE, hint="The agreement, with its date")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        figures: list[Any] = [("", "No figure"), *by_subject()]
        rows = []
        for number in range(1, MOST_AIMS + 1):
            names = [f"aim_{number}_words"]
            self.fields[names[0]] = line("What the programme wants", longest=LONGEST_WORDS)
            for place in range(1, MOST_FIGURES + 1):
                names.append(f"aim_{number}_figure_{place}")
                self.fields[names[-1]] = forms.ChoiceField(
                    label=f"Figure {place} to read for it",
                    choices=figures,
                    required=False,
                    error_messages={"invalid_choice": NOT_THERE},
                )
            names.append(f"aim_{number}_unknown")
            self.fields[names[-1]] = line("What cannot be known", longest=LONGEST_UNKNOWN)
            rows.append(Fieldset(f"Aim {number}", *names))
        self.lay_out("from_day", *rows, "source", save="Send to a colleague to approve")

    @staticmethod
    def typed(said: AimsSaid) -> dict[str, str]:
        """Return aims as the form would hold them, to write a new version from."""
        held = {"source": said.source}
        for number, aim in enumerate(said.aims, start=1):
            held |= {f"aim_{number}_words": aim.words, f"aim_{number}_unknown": aim.unknown}
            held |= {f"aim_{number}_figure_{place}": id for place, id in enumerate(aim.figures, start=1)}
        return held

    def said(self) -> AimsSaid:
        """Return what was typed. Aims after an empty one move up; what the rule says of one stands at its own place."""
        typed = {place: aim for place in range(1, MOST_AIMS + 1) if (aim := self._aim(place))}
        self.FIELD_OF = type(self).FIELD_OF | {
            f"aim_{number}_{part}": f"aim_{place}_{field}"
            for number, place in enumerate(typed, start=1)
            for part, field in (("words", "words"), ("unknown", "unknown"), ("figures", "figure_1"))
        }
        return AimsSaid(
            from_day=self.cleaned_data["from_day"],
            source=self.cleaned_data["source"],
            aims=tuple(typed.values()),
        )

    def _aim(self, number: int) -> AimSaid | None:
        held = self.cleaned_data
        words, unknown = held[f"aim_{number}_words"], held[f"aim_{number}_unknown"]
        chosen = [held[f"aim_{number}_figure_{place}"] for place in range(1, MOST_FIGURES + 1)]
        figures = tuple(one for one in chosen if one)
        return AimSaid(words=words, figures=figures, unknown=unknown) if words or unknown or figures else None


class ApproveAims(SealedForm):
    """That whoever approves has read each aim and where they come from."""

    FIELD_OF = {"aims_unconfirmed": "is_confirmed"}

    is_confirmed = forms.BooleanField(
        label="I read each aim and where they come from, and they are this programme’s.", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out("is_confirmed", save="Approve these aims")
