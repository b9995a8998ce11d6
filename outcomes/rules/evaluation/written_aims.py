"""The aims of a programme, as versions: what may be written, who may approve it, and the file that ships some.

An aim is a sentence of the programme's own, the figures of the report that stand nearest to it, and what cannot be
known. No aim is ever called reached or missed. The bounds are our own, unverified ([P]).

Source: Indicators 8 (evaluation).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block

SOURCE: Final = "indicators-8"
MOST_AIMS: Final = 8
MOST_FIGURES: Final = 5
LONGEST_WORDS: Final = 200
LONGEST_UNKNOWN: Final = 300
LONGEST_SOURCE: Final = 300


class AimsFileRefused(ValueError):
    """The file is no file of aims; the message says what is wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AimSaid:
    """One aim: its words, the ids of the figures nearest to it, and what cannot be known."""

    words: str
    figures: tuple[str, ...]
    unknown: str

    def to_json(self) -> dict[str, Any]:
        """The aim as it is stored."""
        return {"words": self.words, "figures": list(self.figures), "unknown": self.unknown}


@dataclass(frozen=True, kw_only=True, slots=True)
class AimsSaid:
    """One version: from which day on, the aims in their order, and where they are from."""

    from_day: date
    aims: tuple[AimSaid, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippedAims:
    """A version that comes with this program, of the clinics with these codes."""

    clinic_codes: tuple[str, ...]
    version: str
    said: AimsSaid


def may_write_aims(
    said: AimsSaid, *, today: date, opened_on: date, is_first: bool, knows: Callable[[str], bool]
) -> Decision:
    """Decide whether a version can be stored; `knows` tells whether the report has a figure of an id.

    The first version of a clinic may begin when it opened. A later one begins tomorrow or later: aims are not moved
    after the figures are known.
    """
    findings = [
        _begins(said.from_day, today=today, opened_on=opened_on, is_first=is_first),
        _block("aims_none", "Write one aim at least.") if not said.aims else None,
        _block("aims_many", f"Write {MOST_AIMS} aims at most.") if len(said.aims) > MOST_AIMS else None,
        _text("aims_source", said.source, LONGEST_SOURCE, "Write where the aims come from."),
    ]
    for number, aim in enumerate(said.aims, start=1):
        findings += _aim(number, aim, knows)
    return Decision.of(findings)


def may_approve_aims(
    *,
    from_day: date,
    today: date,
    opened_on: date,
    is_first: bool,
    is_own: bool,
    is_approved: bool,
    is_confirmed: bool,
) -> Decision:
    """Decide whether somebody may approve what another wrote."""
    return Decision.of(
        [
            _block("aims_approved", "These aims are approved already.") if is_approved else None,
            _block("aims_own", "You wrote these aims. Somebody else approves them.") if is_own else None,
            _begins(from_day, today=today, opened_on=opened_on, is_first=is_first),
            _block("aims_unconfirmed", "Tick that you read each aim and where they come from.")
            if not is_confirmed
            else None,
        ]
    )


def read_shipped(content: dict[str, Any], *, knows: Callable[[str], bool]) -> tuple[ShippedAims, ...]:
    """Return the versions of one shipped file. Raises AimsFileRefused where a part is missing or too long."""
    if set(content) != {"clinic_codes", "versions"}:
        raise AimsFileRefused("A file of aims has exactly clinic_codes and versions.")
    found = []
    for version in content["versions"]:
        if set(version) != {"version", "from_day", "source", "aims"}:
            raise AimsFileRefused("A version has exactly version, from_day, source and aims.")
        if any(set(aim) != {"words", "figures", "unknown"} for aim in version["aims"]):
            raise AimsFileRefused("An aim has exactly words, figures and unknown.")
        said = AimsSaid(
            from_day=version["from_day"],
            source=version["source"],
            aims=tuple(
                AimSaid(words=aim["words"], figures=tuple(aim["figures"]), unknown=aim["unknown"])
                for aim in version["aims"]
            ),
        )
        day = said.from_day
        decision = may_write_aims(said, today=day, opened_on=day, is_first=True, knows=knows)
        if not decision.is_allowed:
            raise AimsFileRefused(" ".join(finding.message for finding in decision.refusals))
        found.append(
            ShippedAims(clinic_codes=tuple(content["clinic_codes"]), version=version["version"], said=said)
        )
    return tuple(found)


def shipped_in_force(versions: Sequence[ShippedAims], *, clinic_code: str, as_of: date) -> ShippedAims | None:
    """Return the shipped version of a clinic that began last before the data cut, or None."""
    begun = [one for one in versions if clinic_code in one.clinic_codes and one.said.from_day < as_of]
    return max(begun, key=lambda one: one.said.from_day, default=None)


def _begins(from_day: date, *, today: date, opened_on: date, is_first: bool) -> Finding | None:
    if from_day < opened_on:
        return _block("aims_before_opening", "The clinic had not opened on that day.")
    if is_first or from_day > today:
        return None
    return _block(
        "aims_past",
        "Aims are not changed after the fact: the first day of new ones is tomorrow or later.",
    )


def _aim(number: int, aim: AimSaid, knows: Callable[[str], bool]) -> list[Finding | None]:
    unknown = [one for one in aim.figures if not knows(one)]
    return [
        _text(f"aim_{number}_words", aim.words, LONGEST_WORDS, f"Write aim {number} in words."),
        _text(
            f"aim_{number}_unknown",
            aim.unknown,
            LONGEST_UNKNOWN,
            f"Write what cannot be known of aim {number}.",
        ),
        _block(f"aim_{number}_figures", f"Choose one figure at least for aim {number}.")
        if not aim.figures
        else None,
        _block(f"aim_{number}_figures", f"Choose {MOST_FIGURES} figures at most for aim {number}.")
        if len(aim.figures) > MOST_FIGURES
        else None,
        _block(f"aim_{number}_figures", f"Aim {number} names a figure twice.")
        if len(set(aim.figures)) < len(aim.figures)
        else None,
        _block(f"aim_{number}_figures", f"The report has no figure {', '.join(unknown)}.")
        if unknown
        else None,
    ]


def _text(code: str, text: str, longest: int, wanted: str) -> Finding | None:
    if not text.strip():
        return _block(code, wanted)
    if len(text) > longest:
        return _block(code, f"Keep it to {longest} letters.")
    try:
        refuse_bad_characters(text)
    except Unreadable as wrong:
        return _block(code, f"The line {wrong}")
    return None


def _block(code: str, message: str) -> Finding:
    return block(code, message, SOURCE)
