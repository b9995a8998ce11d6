from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "hat_clinic.core"
    label = "core"
