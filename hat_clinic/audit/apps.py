from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "hat_clinic.audit"
    label = "audit"
