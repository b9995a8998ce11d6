"""Addresses of the treatment room and the register."""

from __future__ import annotations

from django.urls import path

from dosing.views import days, register, sessions

app_name = "dosing"

urlpatterns = [
    path("clinics/<slug:clinic_code>/board/", sessions.see_board, name="see_board"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/record-injection/",
        sessions.record_injection,
        name="record_injection",
    ),
    path("clinics/<slug:clinic_code>/day/", days.open_day, name="open_day"),
    path("clinics/<slug:clinic_code>/day/count/", days.count_stock, name="count_stock"),
    path("clinics/<slug:clinic_code>/day/count/set-aside/", days.set_count_aside, name="set_count_aside"),
    path("clinics/<slug:clinic_code>/day/unchecked/", days.open_day_unchecked, name="open_day_unchecked"),
    path("clinics/<slug:clinic_code>/register/", register.see_register, name="see_register"),
]
