"""Addresses of the treatment room and the register."""

from __future__ import annotations

from django.urls import path

from dosing.views import orders, register, sessions

app_name = "dosing"

urlpatterns = [
    path("clinics/<slug:clinic_code>/worklist/", orders.see_worklist, name="see_worklist"),
    path("clinics/<slug:clinic_code>/people/<uuid:patient_id>/orders/", orders.see_orders, name="see_orders"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/sign-order/",
        orders.sign_order,
        name="sign_order",
    ),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/end-order/", orders.end_order, name="end_order"
    ),
    path("clinics/<slug:clinic_code>/board/", sessions.see_board, name="see_board"),
    path(
        "clinics/<slug:clinic_code>/people/<uuid:patient_id>/record-injection/",
        sessions.record_injection,
        name="record_injection",
    ),
    path("clinics/<slug:clinic_code>/register/", register.see_register, name="see_register"),
]
