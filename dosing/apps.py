from django.apps import AppConfig


class DosingConfig(AppConfig):
    name = "dosing"

    def ready(self) -> None:
        """Let the readiness page say how old the register's checkpoints are."""
        from dosing.queries.checkpoints import look_at_checkpoints
        from hat_clinic.core import health

        health.ALSO.append(look_at_checkpoints)
