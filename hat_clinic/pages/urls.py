"""Addresses of the first page, of the pages made of several rooms, and of the health pages."""

from django.urls import path

from hat_clinic.pages.views import home, trail

app_name = "pages"
urlpatterns = [
    path("", home.home, name="home"),
    path("livez", home.livez, name="livez"),
    path("readyz", home.readyz, name="readyz"),
    # the audit trail
    path("clinics/<slug:clinic_code>/acts/", trail.see_acts, name="see_acts"),
    path("clinics/<slug:clinic_code>/looks/", trail.see_looks, name="see_looks"),
]
