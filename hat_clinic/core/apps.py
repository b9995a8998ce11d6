from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "hat_clinic.core"
    label = "core"

    def ready(self) -> None:
        from hat_clinic.core import checks  # noqa: F401  # registers the system checks
