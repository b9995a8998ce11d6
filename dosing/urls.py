"""Addresses of the treatment room and the register."""

from __future__ import annotations

from django.urls import path

from dosing.views import register, sessions

app_name = "dosing"

urlpatterns = [
    path("clinics/<slug:clinic_code>/board/", sessions.see_board, name="see_board"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/record-injection/",
        sessions.record_injection,
        name="record_injection",
    ),
    path("clinics/<slug:clinic_code>/register/", register.see_register, name="see_register"),
]
