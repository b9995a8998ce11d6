"""Keeping what somebody looks like."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from patients.models import Person, PersonPhoto
from patients.queries.consents import has_consent
from patients.queries.people import lock_person
from patients.rules.consents import Purpose
from patients.rules.photos import NotAPhoto, clean_photo


class PhotoRefused(Exception):
    """The photo was not kept; the message says why and what to do."""


def add_photo(*, person: Person, clinic: Clinic, content: bytes, by: User, at: datetime) -> PersonPhoto:
    """Keep the picture in a file, made small and clean, as the photo of a person; earlier ones stay behind it.

    Raises PhotoRefused when consent to a photo does not stand, or when the file is no photo; the refusal is in
    the audit trail. The file is decoded before the person is locked: no dose waits for a picture.
    Source: trust design 8.
    """
    try:
        clean = clean_photo(content)
    except NotAPhoto as reason:
        with transaction.atomic(durable=True):
            _note_refusal("not_a_photo", person=person, clinic=clinic, by=by, at=at)
        raise PhotoRefused(str(reason)) from reason
    with transaction.atomic(durable=True):
        lock_person(person_id=person.id)
        if has_consent(person_id=person.id, purpose=Purpose.PHOTO, at=at):
            photo = PersonPhoto.objects.create(
                person=person, jpeg=clean.jpeg, sha256=clean.sha256, added_at=at, added_by=by
            )
            record("patients.photo_added", by=by, at=at, clinic=clinic.id, person=person.id, thing=photo)
            return photo
        _note_refusal("no_photo_consent", person=person, clinic=clinic, by=by, at=at)
    raise PhotoRefused("No consent to a photo stands. Ask the person, and record what they say first.")


def _note_refusal(code: str, *, person: Person, clinic: Clinic, by: User, at: datetime) -> None:
    record(
        "patients.photo_added",
        by=by,
        at=at,
        clinic=clinic.id,
        person=person.id,
        refused=True,
        code=code,
    )
