from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hat_clinic.accounts"
    label = "accounts"

    def ready(self) -> None:
        from hat_clinic.accounts import receivers  # noqa: F401  # connects what the sign-in library tells us
