"""Addresses of the first page and of the health pages."""

from django.urls import path

from hat_clinic.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.home, name="home"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]
