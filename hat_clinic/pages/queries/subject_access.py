"""Everything held about one person, read table by table."""

from __future__ import annotations

import json
import uuid
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.template.loader import render_to_string

from hat_clinic.accounts.models import Clinic, Membership, User
from hat_clinic.accounts.queries import standing
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.printing import static_file
from hat_clinic.pages.rules.subject_access import (
    BEFORE_A_PERSON,
    BEFORE_HANDING_OVER,
    EXPORTED,
    KEPT_APART,
    LEFT_OUT,
    NOT_READ,
    THIRD_PARTIES,
    TOLD_ON_THE_DAY,
)
from outcomes.queries.police import list_struck_files
from patients.models import Episode, Person
from referrals.models import Referral


@dataclass(frozen=True, slots=True)
class HeldTable:
    """One table with the rows that are about the person; `to_read` are the columns that may name somebody else."""

    label: str
    name: str
    to_read: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]

    @property
    def read(self) -> tuple[tuple[tuple[str, Any], ...], ...]:
        """Return each row as pairs of a column and its value, whatever its columns are called."""
        return tuple(tuple(row.items()) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Held:
    """Everything held about one person; `files` are the pictures, by name.

    `doubtful` are referrals that are only likely about them, in words: nothing of them is written out.
    """

    person_id: uuid.UUID
    at: datetime
    tables: tuple[HeldTable, ...]
    files: dict[str, bytes]
    doubtful: tuple[str, ...]

    @property
    def count(self) -> int:
        """Return how many rows there are."""
        return sum(len(table.rows) for table in self.tables)


def is_known(person_id: uuid.UUID) -> bool:
    """Tell whether anybody is known by an id: a person, or somebody who was referred and is none yet."""
    return Person.objects.filter(id=person_id).exists() or Referral.objects.filter(id=person_id).exists()


def get_name_here(*, person_id: uuid.UUID, clinic: Clinic) -> str | None:
    """Return the name of somebody who is or was treated in a clinic; None of anybody else."""
    episode = Episode.objects.filter(person_id=person_id, clinic=clinic).select_related("person").first()
    return episode.person.full_name if episode is not None else None


def find_asker(
    *, email: str, person_id: uuid.UUID, at: datetime, roles: tuple[Role, ...] = (Role.PRIVACY_OFFICER,)
) -> User | None:
    """Return a colleague with one of the roles in a clinic that knows the person, by e-mail address; else None."""
    clinics = [
        *Episode.objects.filter(person_id=person_id).values_list("clinic_id", flat=True),
        *Referral.objects.filter(Q(person_id=person_id) | Q(id=person_id)).values_list(
            "clinic_id", flat=True
        ),
    ]
    member = (
        Membership.objects.select_related("user")
        .filter(
            standing(at),
            clinic__in=clinics,
            role__in=roles,
            user__email=email,
            user__is_active=True,
        )
        .first()
    )
    return member.user if member is not None else None


def get_held(*, person_id: uuid.UUID, at: datetime) -> Held:
    """Return everything held about a person, in one query for each table.

    Of referrals those that a clinician joined to the person; of somebody who is no person yet, the one of that id.
    """
    is_person = Person.objects.filter(id=person_id).exists()
    names = {user.pk: user.full_name for user in User.objects.all()}
    files: dict[str, bytes] = {}
    tables = []
    for label in EXPORTED:
        model = apps.get_model(label)
        about = _about(label, person_id)
        if label in BEFORE_A_PERSON and not is_person:
            way = BEFORE_A_PERSON[label]
            about |= Q(**{f"{way}id": person_id, f"{way}person__isnull": True})
        if label in TOLD_ON_THE_DAY:
            about &= Q(**{f"{TOLD_ON_THE_DAY[label]}__lte": london_date(at)})
        # The plain manager: what was amended or set aside is held as well.
        found = model._base_manager.filter(about).order_by("pk").distinct()
        door = KEPT_APART.get(label)
        if door and not apps.get_model(door)._base_manager.filter(_about(door, person_id)).exists():
            found = found.none()
        elif door:
            # What came in under a reference that was taken back is about somebody else.
            found = found.exclude(file_id__in=list_struck_files(person_id=person_id))
        rows = tuple(_row(row, names, files) for row in found)
        tables.append(
            HeldTable(label, str(model._meta.verbose_name_plural), THIRD_PARTIES.get(label, ()), rows)
        )
    doubtful = _doubtful(person_id, is_person=is_person)
    return Held(person_id=person_id, at=at, tables=tuple(tables), files=files, doubtful=doubtful)


def _about(label: str, person_id: uuid.UUID) -> Q:
    """Return the condition that a row of a table is about the person."""
    about = Q()
    for way in EXPORTED[label]:
        about |= Q(**{way: person_id})
    return about


def _doubtful(person_id: uuid.UUID, *, is_person: bool) -> tuple[str, ...]:
    """Return the referrals that a search by names found likely and nobody joined to the person, by their ids."""
    likely = Q(same_as=person_id) | Q(id=person_id) if is_person else Q(same_as=person_id)
    referrals = Referral.objects.filter(likely, person__isnull=True).order_by("referred_on", "id")
    return tuple(f"Referral {one.id} of {one.referred_on:%-d %B %Y}" for one in referrals)


def as_json(held: Held) -> dict[str, Any]:
    """Return everything held as it is written to the file of data."""
    return {
        "person": str(held.person_id),
        "made_at": held.at.isoformat(),
        "tables": {table.label: list(table.rows) for table in held.tables},
        "left_out": LEFT_OUT,
        "doubtful": list(held.doubtful),
    }


def fingerprint_of(held: Held) -> str:
    """Return the SHA-256 of what a clinician reads of a record: another word in it, another fingerprint."""
    read = {table.label: list(table.rows) for table in held.tables if table.label not in NOT_READ}
    pictures = {name: sha256(content).hexdigest() for name, content in sorted(held.files.items())}
    written = json.dumps([read, pictures, list(held.doubtful)], sort_keys=True, ensure_ascii=False)
    return sha256(written.encode()).hexdigest()


def write_bundle(held: Held, target: Path) -> None:
    """Write everything held into a zip file that nobody else may read and that is not there yet."""
    target.touch(mode=0o600, exist_ok=False)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("read-me-first.html", as_page(held))
        bundle.writestr("export.css", static_file("hat/export.css").read_bytes())
        bundle.writestr("record.json", json.dumps(as_json(held), indent=1, ensure_ascii=False))
        for name, content in sorted(held.files.items()):
            bundle.writestr(f"pictures/{name}", content)


def as_page(held: Held) -> str:
    """Return everything held as one page to read."""
    return render_to_string(
        "pages/subject_access.html",
        {"held": held, "left_out": LEFT_OUT.items(), "before": BEFORE_HANDING_OVER},
    )


def _row(row: models.Model, names: dict[Any, str], files: dict[str, bytes]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        value = field.value_from_object(row)
        if isinstance(field, models.BinaryField):
            name = f"{row._meta.model_name}-{row.pk}.jpg"
            files[name] = bytes(value)
            told[field.name] = name
        elif isinstance(field, models.ForeignKey) and field.related_model is User:
            told[field.name] = names.get(value)
        else:
            told[field.name] = _plain(value)
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(LONDON):%Y-%m-%d %H:%M:%S %Z}"
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, str, dict)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if hasattr(value, "lower") and hasattr(value, "upper"):
        return {"from": _plain(value.lower), "until": _plain(value.upper)}
    return str(value)
