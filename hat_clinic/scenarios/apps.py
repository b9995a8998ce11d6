from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "hat_clinic.scenarios"
    label = "scenarios"
