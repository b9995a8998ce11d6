"""Which photo of somebody may be shown now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, When
from django.urls import reverse

from hat_clinic.accounts.models import Clinic
from patients.models import PersonPhoto
from patients.queries.consents import standing_consents
from patients.rules.consents import Purpose


def _visible(person_ids: Sequence[uuid.UUID], at: datetime) -> QuerySet[PersonPhoto]:
    """Return the newest photo of each person, if it was added under a consent to photos that stands.

    A photo from before a withdrawal does not come back with a later yes: a new one is taken.
    """
    consents = standing_consents(at=at).filter(
        person=OuterRef("person"), purpose=Purpose.PHOTO, given_at__lte=OuterRef("added_at")
    )
    return (
        PersonPhoto.objects.filter(Exists(consents), person__in=person_ids, added_at__lte=at)
        .order_by("person", "-added_at", "-id")
        .distinct("person")
    )


def photo_of(reference: str, *, at: datetime) -> Subquery:
    """Return the expression of the photo that may be shown of the person a query's rows point at, or NULL.

    `reference` is the column of the person's id in the outer query, so that a list needs no query of its own.
    """
    consents = standing_consents(at=at).filter(
        person=OuterRef("person"), purpose=Purpose.PHOTO, given_at__lte=OuterRef("added_at")
    )
    newest = PersonPhoto.objects.filter(person=OuterRef(reference), added_at__lte=at)
    return Subquery(
        newest.order_by("-added_at", "-id").values(shown=Case(When(Exists(consents), then="id")))[:1]
    )


def photo_version(*, person_ids: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, uuid.UUID]:
    """Return who may be shown by photo, each with the id of that photo, in one query for 500 people.

    Whoever is missing from the answer has no photo, or took the consent back: draw the initials.
    """
    return dict(_visible(person_ids, at).values_list("person_id", "id"))


def photo_urls(*, clinic: Clinic, person_ids: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, str]:
    """Return the addresses of the photos that may be shown, in one query; a new photo has a new address."""
    return {
        person_id: photo_address(clinic, person_id, version)
        for person_id, version in photo_version(person_ids=person_ids, at=at).items()
    }


def photo_url(*, clinic: Clinic, person_id: uuid.UUID, at: datetime) -> str | None:
    """Return the address of one person's photo; None without one, and when the consent was taken back."""
    return photo_urls(clinic=clinic, person_ids=[person_id], at=at).get(person_id)


def get_photo(*, person_id: uuid.UUID, at: datetime) -> bytes | None:
    """Return the JPEG that may be shown of a person now, or None."""
    photo = _visible([person_id], at).first()
    return None if photo is None else bytes(photo.jpeg)


def list_photos(*, person_ids: Sequence[uuid.UUID], at: datetime) -> dict[uuid.UUID, bytes]:
    """Return the JPEGs that may be shown now, by person, in one query."""
    return {photo.person_id: bytes(photo.jpeg) for photo in _visible(person_ids, at)}


def photo_address(clinic: Clinic, person_id: uuid.UUID, version: uuid.UUID) -> str:
    """Return the address of one version of a person's photo."""
    path = reverse("patients:see_photo", kwargs={"clinic_code": clinic.code, "patient_id": person_id})
    return f"{path}?v={version.hex[:8]}"
