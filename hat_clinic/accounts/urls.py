"""Addresses of the staff, of one's own sign-in and PIN, of terminals and of drafts.

Names with a prefix are those that django-allauth looks up.
"""

from django.urls import include, path, register_converter

from hat_clinic.accounts.converters import Token
from hat_clinic.accounts.views import drafts, invitations, pins, sign_in, staff, terminals

register_converter(Token, "token")

STAFF = "clinics/<slug:clinic_code>/staff/"
MEMBER = f"{STAFF}<uuid:user_id>/"

people = [
    path(STAFF, staff.list_staff, name="list_staff"),
    path(f"{STAFF}invite-person/", invitations.invite_person, name="invite_person"),
    path(f"{STAFF}invite-inspector/", invitations.invite_inspector, name="invite_inspector"),
    path(f"{STAFF}add-agency/", staff.add_agency, name="add_agency"),
    path(MEMBER, staff.see_staff_member, name="see_staff_member"),
    path(f"{MEMBER}grant-role/", staff.grant_role, name="grant_role"),
    path(f"{MEMBER}end-role/", staff.end_role, name="end_role"),
    path(f"{MEMBER}close-account/", staff.close_account, name="close_account"),
    path(
        "clinics/<slug:clinic_code>/invitations/<uuid:invitation_id>/withdraw/",
        invitations.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("accept-invitation/", invitations.accept_invitation, name="accept_invitation"),
    path("my-pin/", pins.choose_pin, name="choose_pin"),
]

urlpatterns = [
    path("", include((people, "accounts"))),
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("prove-second-factor/", sign_in.prove_second_factor, name="mfa_authenticate"),
    path("confirm-password/", sign_in.confirm_password, name="account_reauthenticate"),
    path("confirm-code/", sign_in.confirm_code, name="mfa_reauthenticate"),
    path("confirm-key/", sign_in.confirm_key, name="mfa_reauthenticate_webauthn"),
    path("second-factor/", sign_in.see_second_factors, name="mfa_index"),
    path("second-factor/set-up-app/", sign_in.set_up_app, name="set_up_app"),
    path("second-factor/keys/", sign_in.list_keys, name="mfa_list_webauthn"),
    path("second-factor/add-key/", sign_in.add_key, name="mfa_add_webauthn"),
    path("second-factor/remove-key/", sign_in.remove_key, name="remove_key"),
    path("second-factor/recovery-codes/", sign_in.see_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "second-factor/renew-recovery-codes/",
        sign_in.renew_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("terminal/", terminals.choose_person, name="choose_person"),
    path("terminal/lock/", terminals.lock_terminal, name="lock_terminal"),
    path("terminal/locked/", terminals.unlock_terminal, name="unlock_terminal"),
    path("terminal/input/", terminals.note_input, name="note_input"),
    path("terminal/enrol/<token:token>/", terminals.enrol_terminal, name="enrol_terminal"),
    path("clinics/<slug:clinic_code>/terminals/", terminals.list_terminals, name="list_terminals"),
    path("clinics/<slug:clinic_code>/terminals/add/", terminals.add_terminal, name="add_terminal"),
    path(
        "clinics/<slug:clinic_code>/terminals/<uuid:terminal_id>/retire/",
        terminals.retire_terminal,
        name="retire_terminal",
    ),
    path("drafts/save/", drafts.save_draft, name="save_draft"),
    path("drafts/load/", drafts.load_draft, name="load_draft"),
]
