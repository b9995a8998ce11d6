"""What a clinic has by now, and the preset it was opened from."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from dosing.models import Injection, RegisterHead
from dosing.queries.emergencies import get_card
from dosing.queries.licences import list_licensed_doctors
from dosing.queries.protocol import get_protocol_in_force
from hat_clinic.accounts.models import Clinic, Membership, Slot, Terminal
from hat_clinic.accounts.queries import standing
from hat_clinic.core.clock import LONDON
from hat_clinic.pages.rules.opening import (
    PRESETS,
    ChecklistItem,
    OpeningFacts,
    Preset,
    checklist,
    read_preset,
)

FOLDER = Path(__file__).resolve().parents[1] / "data" / "presets"


@dataclass(frozen=True, slots=True)
class ChecklistPage:
    """What a clinic needs until its first dose, and what is known of the programme it follows."""

    items: tuple[ChecklistItem, ...]
    preset: Preset | None
    first_dose: str

    @property
    def missing(self) -> int:
        """Return how many things are missing."""
        return sum(bool(item.missing) for item in self.items)


def get_preset(code: str) -> Preset:
    """Return a preset from its file. Raises KeyError for a code that is none."""
    if code not in PRESETS:
        raise KeyError(code)
    return read_preset(code, tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8")))


def as_slots(hours: list[tuple[time, time]]) -> dict[Slot, tuple[time, time]]:
    """Return the hours of a day's sessions by session, in their order."""
    return dict(zip(Slot, hours, strict=False))


def get_checklist_page(*, clinic: Clinic, at: datetime) -> ChecklistPage:
    """Return the checklist of a clinic; it names nobody."""
    facts = get_opening_facts(clinic=clinic, at=at)
    return ChecklistPage(
        items=checklist(facts),
        preset=get_preset(clinic.preset) if clinic.preset else None,
        first_dose=facts.first_dose,
    )


def get_opening_facts(*, clinic: Clinic, at: datetime) -> OpeningFacts:
    """Gather what the checklist asks."""
    heads = list(RegisterHead.objects.filter(line__premises__clinic=clinic).values_list("balance", flat=True))
    roles = Membership.objects.filter(standing(at), clinic=clinic, user__is_active=True)
    first = Injection.objects.filter(premises__clinic=clinic).order_by("started_at").first()
    return OpeningFacts(
        premises=clinic.premises.count(),
        slots=clinic.slots.count(),
        sessions_per_day=clinic.sessions_per_day,
        licences=len(list_licensed_doctors(clinic=clinic, at=at)),
        has_limits=get_protocol_in_force(clinic_id=clinic.id, at=at) is not None,
        stocked_lines=sum(balance > 0 for balance in heads),
        empty_lines=sum(balance == 0 for balance in heads),
        staff=dict(Counter(roles.values_list("role", flat=True))),
        terminals=Terminal.objects.filter(clinic=clinic, retired_at__isnull=True).count(),
        has_emergency_card=get_card(clinic_id=clinic.id) is not None,
        first_dose=f"{first.started_at.astimezone(LONDON):%-d %B %Y}" if first else "",
    )
