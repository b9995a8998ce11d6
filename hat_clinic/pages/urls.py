"""Addresses of the first page, of pages made of several rooms, and of the health pages."""

from django.urls import path

from hat_clinic.pages.views import front, harm, inspections, opened, opening, people, retention, trail

app_name = "pages"
urlpatterns = [
    path("", front.home, name="home"),
    path("clinics/<slug:clinic_code>/people/", people.list_people, name="list_people"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/",
        people.see_person,
        name="see_person",
    ),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/check-harm/",
        harm.check_harm,
        name="check_harm",
    ),
    path(
        "clinics/<slug:clinic_code>/opened-records/<uuid:opening_id>/",
        opened.see_opened_record,
        name="see_opened_record",
    ),
    path(
        "clinics/<slug:clinic_code>/left/<uuid:patient_id>/",
        opened.see_left_person,
        name="see_left_person",
    ),
    path("clinics/<slug:clinic_code>/checklist/", opening.see_checklist, name="see_checklist"),
    path("clinics/<slug:clinic_code>/acts/", trail.see_acts, name="see_acts"),
    path("clinics/<slug:clinic_code>/looks/", trail.see_looks, name="see_looks"),
    path("clinics/<slug:clinic_code>/inspections/", inspections.see_inspections, name="see_inspections"),
    path("clinics/<slug:clinic_code>/legal-holds/", retention.see_legal_holds, name="see_legal_holds"),
    path("clinics/<slug:clinic_code>/legal-holds/set/", retention.set_legal_hold, name="set_legal_hold"),
    path(
        "clinics/<slug:clinic_code>/legal-holds/<uuid:legal_hold_id>/lift/",
        retention.lift_legal_hold,
        name="lift_legal_hold",
    ),
    path("livez", front.livez, name="livez"),
    path("readyz", front.readyz, name="readyz"),
]
