"""Addresses of one person's record."""

from __future__ import annotations

from django.urls import path

from patients.views import assessments, consents, endings, people, photos, stages

app_name = "patients"

PERSON = "clinics/<slug:clinic_code>/people/<uuid:patient_id>/"

urlpatterns = [
    path(f"{PERSON}change-person/", people.change_person, name="change_person"),
    path(f"{PERSON}photo/", photos.see_photo, name="see_photo"),
    path(f"{PERSON}add-photo/", photos.add_photo, name="add_photo"),
    path(f"{PERSON}record-consent/", consents.record_consent, name="record_consent"),
    path(
        f"{PERSON}consents/<uuid:consent_id>/withdraw-consent/",
        consents.withdraw_consent,
        name="withdraw_consent",
    ),
    path(f"{PERSON}record-assessment/", assessments.record_assessment, name="record_assessment"),
    path(f"{PERSON}assessments/", assessments.see_assessments, name="see_assessments"),
    path(
        f"{PERSON}assessments/<uuid:assessment_id>/",
        assessments.see_assessment,
        name="see_assessment",
    ),
    path(f"{PERSON}set-stage/", stages.set_stage, name="set_stage"),
    path(f"{PERSON}end-treatment/", endings.end_treatment, name="end_treatment"),
]
