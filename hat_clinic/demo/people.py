"""Who the demo people are: what they agreed to, what was found, and drawn faces. A second run adds nothing."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

from PIL import Image, ImageDraw

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from patients.actions.around import add_contact, add_relationship, set_alert
from patients.actions.assessments import record_assessment
from patients.actions.consents import record_consent
from patients.actions.people import change_person
from patients.actions.photos import add_photo
from patients.models import Consent, Episode, Person, PersonPhoto
from patients.queries.around import list_alerts
from patients.queries.assessments import find_assessment
from patients.queries.consents import has_consent
from patients.queries.people import details_of
from patients.rules.alerts import AlertContent, Severity
from patients.rules.assessments import DUE_AFTER, AssessmentContent
from patients.rules.consent_wordings import current_wording
from patients.rules.consents import Purpose
from patients.rules.contacts import ContactContent, ContactPurpose
from patients.rules.relationships import Part

# One of the demo people never said yes to a photo.
WITHOUT_PHOTO = {"Terry"}
PURPOSES = (Purpose.TREATMENT, Purpose.PHOTO, Purpose.EVALUATION)
_GROUNDS = ("#d9e8dc", "#efe0d8", "#d8e4f0", "#ece3f0", "#f0ead2")
_SKINS = ("#f2cfae", "#c98f63", "#8a5a3c", "#5f3b26", "#e5b48c")
_HAIRS = ("#2b2320", "#6b4423", "#b98b46", "#8d8d8d", "#40302a", "#a63c24")
_SHIRTS = ("#3d6e70", "#6f7f4f", "#5a4a78", "#8a4b3c", "#4b5f7f")


def introduce_people(*, clinic: Clinic, nurse: User, doctor: User, by: User, at: datetime) -> None:
    """Record the consents, assessments, details and drawn faces that the demo people lack."""
    episodes = Episode.objects.select_related("person").filter(
        clinic=clinic, exited_on__isnull=True, person__import_run__isnull=True
    )
    for place, episode in enumerate(episodes.order_by("person__family_name", "person__given_names")):
        person = episode.person
        _ask(person, clinic, by=nurse, at=at)
        if find_assessment(person_id=person.id, at=at) is None:
            record_assessment(
                episode=episode, content=_found(person, place, at=at), follows=0, by=doctor, at=at
            )
        if person.version == 1:
            _get_to_know(person, clinic, place, by=by, at=at)
        if not PersonPhoto.objects.filter(person=person).exists() and has_consent(
            person_id=person.id, purpose=Purpose.PHOTO, at=at
        ):
            add_photo(person=person, clinic=clinic, content=drawn_face(place), by=nurse, at=at)
        _write_around(episode, place, nurse=nurse, doctor=doctor, at=at)


def _write_around(episode: Episode, place: int, *, nurse: User, doctor: User, at: datetime) -> None:
    """Write what everybody must know of some of them, how they are reached, and who works with them.

    The actions store each once.
    """
    who: dict[str, Any] = {"person_id": episode.person_id, "clinic": episode.clinic, "at": at}
    add_contact(
        content=ContactContent(
            ContactPurpose.MISSED, "Demo: sister", f"07700 900{500 + place}", place % 2 == 0
        ),
        by=nurse,
        **who,
    )
    if place % 3 == 0:
        add_relationship(colleague_id=doctor.pk, part=Part.LEAD_PRESCRIBER, by=nurse, **who)
    standing = {
        0: (Severity.DANGER, "Demo: do not visit alone."),
        2: (Severity.NOTE, "Demo: prefers mornings."),
    }
    if place in standing:
        severity, words = standing[place]
        if not list_alerts(person_id=episode.person_id, at=at):
            set_alert(content=AlertContent(severity, words, london_date(at), None), by=nurse, **who)


def _ask(person: Person, clinic: Clinic, *, by: User, at: datetime) -> None:
    """Ask about each purpose once: whoever took a consent back in the demo is not asked again."""
    for purpose in PURPOSES:
        asked = Consent.objects.filter(person=person, purpose=purpose).exists()
        if asked or (purpose is Purpose.PHOTO and person.given_names in WITHOUT_PHOTO):
            continue
        record_consent(
            person=person,
            clinic=clinic,
            purpose=purpose,
            wording_version=current_wording(purpose).version,
            given_at=at,
            by=by,
            at=at,
        )


def _found(person: Person, place: int, *, at: datetime) -> AssessmentContent:
    birth_year = person.birth_year or 1980
    return AssessmentContent(
        opioid_since_year=birth_year + 18 + place % 6,
        opioid_route="injected",
        opioid_days_of_28=28 - place % 4,
        injecting="now",
        tolerance_evidence="Demo: street heroin seen daily for years; morphine in three urine tests.",
        physical_health="Demo: breathless on stairs. No open wounds.",
        mental_health="Demo: low in mood at times, not suicidal.",
        liver="Demo: hepatitis C treated, bloods normal.",
        pregnancy="not_applicable" if person.sex == Person.Sex.MALE else "no",
        alcohol="Demo: none in the last month.",
        benzodiazepines="Demo: none prescribed, street tablets denied.",
        ecg="normal",
        ecg_words="",
        veins="Demo: both arms usable.",
        naloxone="held",
        options_offered=("injected", "oral", "residential"),
        option_chosen="injected",
        why_in_their_words="Demo: methadone never held me, and I was using on top every day.",
        capacity="yes",
        due_on=london_date(at) + DUE_AFTER,
    )


def _get_to_know(person: Person, clinic: Clinic, place: int, *, by: User, at: datetime) -> None:
    change_person(
        person_id=person.id,
        clinic=clinic,
        details=replace(
            details_of(person),
            languages="English" if person.family_name != "Novak" else "Slovak, and English well enough",
            phone=f"07700 900{400 + place}",
            gp_name="Dr Ola Finch",
            gp_practice="Quayside Practice (invented)",
            allergies_asked="known" if place % 5 == 1 else "none_known",
            allergies="Penicillin: rash" if place % 5 == 1 else "",
        ),
        version=1,
        by=by,
        at=at,
    )


def drawn_face(place: int) -> bytes:
    """Return a flat drawing of a face as a PNG: plainly a drawing, another one for each place."""
    side, large = 400, 800
    image = Image.new("RGB", (large, large), _GROUNDS[place % len(_GROUNDS)])
    draw = ImageDraw.Draw(image)
    skin, hair = _SKINS[place % len(_SKINS)], _HAIRS[(place * 5 + 1) % len(_HAIRS)]
    shirt = _SHIRTS[(place * 3 + 2) % len(_SHIRTS)]
    draw.ellipse((130, 600, 670, 1100), fill=shirt)
    if place % 3 == 0:  # long hair behind the face
        draw.rounded_rectangle((210, 170, 590, 640), radius=180, fill=hair)
    draw.rounded_rectangle((345, 520, 455, 680), radius=50, fill=skin)
    draw.ellipse((240, 190, 560, 590), fill=skin)
    draw.chord((230, 150, 570, 520), 180, 360, fill=hair)
    if place % 4 == 1:  # a bun
        draw.ellipse((350, 80, 450, 190), fill=hair)
    if place % 2 == 1 and place % 3 != 0:  # a beard
        draw.chord((262, 330, 538, 610), 10, 170, fill=hair)
        draw.ellipse((350, 490, 450, 530), fill=skin)
    for left in (320, 455):
        draw.ellipse((left, 375, left + 26, 401), fill="#26211f")
    draw.line((400, 400, 388, 455, 405, 458), fill="#26211f", width=5)
    draw.arc((360, 470, 440, 520), 15, 165, fill="#26211f", width=6)
    if place % 5 == 2:  # glasses
        for left in (295, 430):
            draw.ellipse((left, 345, left + 76, 431), outline="#26211f", width=6)
        draw.line((371, 385, 430, 385), fill="#26211f", width=6)
    out = io.BytesIO()
    image.resize((side, side)).save(out, format="PNG")
    return out.getvalue()
