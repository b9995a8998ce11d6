from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "hat_clinic.demo"
    label = "demo"
