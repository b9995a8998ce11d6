"""Addresses of the reports."""

from __future__ import annotations

from django.urls import path, re_path

from outcomes import views

app_name = "outcomes"

urlpatterns = [
    path("clinics/<slug:clinic_code>/reports/", views.list_reports, name="list_reports"),
    path("clinics/<slug:clinic_code>/reports/request-report/", views.request_report, name="request_report"),
    re_path(
        r"^clinics/(?P<clinic_code>[-a-zA-Z0-9_]+)/reports/(?P<run_id>[0-9a-f-]{36})/download\.(?P<kind>pdf|csv)$",
        views.download_report,
        name="download_report",
    ),
]
