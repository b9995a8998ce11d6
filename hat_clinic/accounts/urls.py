"""Addresses of sign-in and second factor. Names with a prefix are those that django-allauth looks up."""

from django.urls import path

from hat_clinic.accounts import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("prove-second-factor/", views.prove_second_factor, name="mfa_authenticate"),
    path("confirm-password/", views.confirm_password, name="account_reauthenticate"),
    path("confirm-code/", views.confirm_code, name="mfa_reauthenticate"),
    path("confirm-key/", views.confirm_key, name="mfa_reauthenticate_webauthn"),
    path("second-factor/", views.see_second_factors, name="mfa_index"),
    path("second-factor/set-up-app/", views.set_up_app, name="set_up_app"),
    path("second-factor/keys/", views.list_keys, name="mfa_list_webauthn"),
    path("second-factor/add-key/", views.add_key, name="mfa_add_webauthn"),
    path("second-factor/remove-key/", views.remove_key, name="remove_key"),
    path("second-factor/recovery-codes/", views.see_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "second-factor/renew-recovery-codes/", views.renew_recovery_codes, name="mfa_generate_recovery_codes"
    ),
]
