from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "hat_clinic.accounts"
    label = "accounts"
