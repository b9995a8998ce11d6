from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "hat_clinic.pages"
    label = "pages"
