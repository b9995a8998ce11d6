"""Addresses of the referrals: the agency's own, and the clinic's."""

from __future__ import annotations

from django.urls import path

from referrals.views import asking, deciding, eligibility, importing, releases

app_name = "referrals"

OWN = "clinics/<slug:clinic_code>/own-referrals/"
ALL = "clinics/<slug:clinic_code>/referrals/"
CRITERIA = "clinics/<slug:clinic_code>/criteria/"

urlpatterns = [
    path(OWN, asking.list_own_referrals, name="list_own_referrals"),
    path(f"{OWN}refer-person/", asking.refer_person, name="refer_person"),
    path(f"{OWN}refer-person/<uuid:key>/", asking.continue_referral, name="continue_referral"),
    path(f"{OWN}refer-person/<uuid:key>/drop/", asking.drop_draft, name="drop_draft"),
    path(f"{OWN}import/", importing.import_referrals, name="import_referrals"),
    path(f"{OWN}<uuid:referral_id>/", asking.see_own_referral, name="see_own_referral"),
    path(f"{OWN}<uuid:referral_id>/withdraw/", asking.withdraw_referral, name="withdraw_referral"),
    path(f"{OWN}<uuid:referral_id>/write/", asking.write_to_clinic, name="write_to_clinic"),
    path(f"{OWN}<uuid:referral_id>/release/", asking.tell_release, name="tell_release"),
    path(f"{OWN}<uuid:referral_id>/letter/", asking.print_own_letter, name="print_own_letter"),
    path(ALL, deciding.list_referrals, name="list_referrals"),
    path(f"{ALL}refer-oneself/", deciding.refer_oneself, name="refer_oneself"),
    path(f"{ALL}import/", importing.import_for_agency, name="import_for_agency"),
    path(f"{ALL}against-criteria/", eligibility.list_overrides, name="list_overrides"),
    path("clinics/<slug:clinic_code>/releases/", releases.list_releases, name="list_releases"),
    path(
        "clinics/<slug:clinic_code>/releases/<uuid:referral_id>/", releases.plan_release, name="plan_release"
    ),
    path(CRITERIA, eligibility.see_criteria, name="see_criteria"),
    path(f"{CRITERIA}write/", eligibility.write_criteria, name="write_criteria"),
    path(f"{CRITERIA}<uuid:criteria_id>/approve/", eligibility.approve_criteria, name="approve_criteria"),
    path(f"{ALL}<uuid:referral_id>/", deciding.see_referral, name="see_referral"),
    path(f"{ALL}<uuid:referral_id>/plan-assessment/", deciding.plan_assessment, name="plan_assessment"),
    path(f"{ALL}<uuid:referral_id>/accept/", deciding.accept_referral, name="accept_referral"),
    path(f"{ALL}<uuid:referral_id>/decline/", deciding.decline_referral, name="decline_referral"),
    path(f"{ALL}<uuid:referral_id>/ask/", deciding.ask_agency, name="ask_agency"),
    path(f"{ALL}<uuid:referral_id>/stop-telling/", deciding.stop_telling, name="stop_telling"),
    path(f"{ALL}<uuid:referral_id>/letter/", deciding.print_letter, name="print_letter"),
    path(
        f"{ALL}<uuid:referral_id>/criteria/<slug:criterion>/",
        eligibility.note_fact,
        name="note_fact",
    ),
]
