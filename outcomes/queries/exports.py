"""Exports for an independent evaluator: what was asked for, and whose records may go out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date, now
from outcomes.models import CohortExport, ExtractSegment, OffenceType
from outcomes.rules.exports import GOOD_FOR_DAYS
from patients.queries import hold_births, list_people_with_consent
from patients.rules.consents import Purpose


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One export, who asked, who approved, and what was written."""

    id: uuid.UUID
    recipient: str
    purpose: str
    agreement: str
    as_of: date
    asked_by: str
    asked_at: datetime
    approved_by: str
    approved_at: datetime | None
    made_at: datetime | None
    people: int
    left_out: int
    folder_sha256: str
    is_own: bool
    is_too_old: bool

    @property
    def is_ready(self) -> bool:
        """Whether the folder can be written now."""
        return self.approved_at is not None and self.made_at is None and not self.is_too_old


def list_exports(*, clinic: Clinic, reader: uuid.UUID | None, today: date) -> tuple[ExportRow, ...]:
    """Return every export of a clinic, the latest first; `reader` is whoever looks."""
    asked = CohortExport.objects.filter(clinic=clinic).select_related(
        "asked_by", "approval__approved_by", "made"
    )
    rows = []
    for one in asked.order_by("-asked_at"):
        approval, made = getattr(one, "approval", None), getattr(one, "made", None)
        rows.append(
            ExportRow(
                id=one.id,
                recipient=one.recipient,
                purpose=one.purpose,
                agreement=one.agreement,
                as_of=one.as_of,
                asked_by=one.asked_by.full_name,
                asked_at=one.asked_at,
                approved_by=approval.approved_by.full_name if approval else "",
                approved_at=approval.approved_at if approval else None,
                made_at=made.made_at if made else None,
                people=made.people if made else 0,
                left_out=made.left_out if made else 0,
                folder_sha256=made.folder_sha256 if made else "",
                is_own=one.asked_by_id == reader,
                is_too_old=approval is not None
                and (today - london_date(approval.approved_at)).days > GOOD_FOR_DAYS,
            )
        )
    return tuple(rows)


def get_tables(segment_ids: Sequence[int]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of an extract by table, in the order in which they are frozen."""
    tables: dict[str, list[dict[str, Any]]] = {"people": []}
    segments = ExtractSegment.objects.filter(pk__in=segment_ids).order_by("table_name", "month", "pk")
    for name, rows in segments.values_list("table_name", "rows"):
        tables.setdefault(name, []).extend(rows)
    return tables


def hold_people_who_agreed(people: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return sex and year of birth of those of an extract whose consent to the evaluation stands, by id.

    Nobody takes a consent back until the caller's transaction ends. Somebody who was referred and never became a
    patient has no record that a consent could stand in, and is not there.
    """
    births = hold_births(person_ids=[uuid.UUID(row["person"]) for row in people])
    ids = [born.person for born in births]
    agreed = list_people_with_consent(person_ids=ids, purpose=Purpose.EVALUATION, at=now())
    return {
        str(born.person): {"sex": born.sex or None, "birth_year": born.year}
        for born in births
        if born.person in agreed
    }


def list_offence_codes() -> frozenset[str]:
    """Return the codes of the offence table."""
    return frozenset(OffenceType.objects.values_list("code", flat=True))
