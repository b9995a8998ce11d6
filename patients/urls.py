"""Addresses of one person's record."""

from __future__ import annotations

from django.urls import path

from patients.views import around, assessments, consents, endings, leaving, openings, people, photos, stages

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
    path(f"{PERSON}set-alert/", around.set_alert, name="set_alert"),
    path(f"{PERSON}alerts/<uuid:alert_id>/end-alert/", around.end_alert, name="end_alert"),
    path(f"{PERSON}add-contact/", around.add_contact, name="add_contact"),
    path(f"{PERSON}contacts/<uuid:contact_id>/end-contact/", around.end_contact, name="end_contact"),
    path(f"{PERSON}add-relationship/", around.add_relationship, name="add_relationship"),
    path(
        f"{PERSON}relationships/<uuid:relationship_id>/end-relationship/",
        around.end_relationship,
        name="end_relationship",
    ),
    path(f"{PERSON}plan-leaving/", leaving.plan_leaving, name="plan_leaving"),
    path("clinics/<slug:clinic_code>/record-openings/", openings.see_openings, name="see_openings"),
    path(
        "clinics/<slug:clinic_code>/record-openings/<uuid:opening_id>/review-opening/",
        openings.review_opening,
        name="review_opening",
    ),
    path("clinics/<slug:clinic_code>/open-record/", openings.open_record, name="open_record"),
    path(f"{PERSON}end-treatment/", endings.end_treatment, name="end_treatment"),
]
