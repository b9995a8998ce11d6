"""Every address of the application."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("hat_clinic.pages.urls")),
    path("", include("hat_clinic.accounts.urls")),
    path("", include("patients.urls")),
    path("", include("referrals.urls")),
    path("", include("dosing.urls")),
    path("", include("outcomes.urls")),
]
