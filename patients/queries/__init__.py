"""Reads about people, their consents and their assessments."""

from patients.queries.assessments import get_standing_assessment
from patients.queries.consents import has_consent, list_people_with_consent
from patients.queries.history import list_imported_refs
from patients.queries.people import find_open_episode, hold_births, lock_person, lock_person_for_dosing
from patients.queries.photos import get_photo, photo_url, photo_urls, photo_version

__all__ = [
    "find_open_episode",
    "get_photo",
    "get_standing_assessment",
    "has_consent",
    "hold_births",
    "list_imported_refs",
    "list_people_with_consent",
    "lock_person",
    "lock_person_for_dosing",
    "photo_url",
    "photo_urls",
    "photo_version",
]
