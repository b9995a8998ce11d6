"""Addresses of the referrals: the agency's own, and the clinic's."""

from __future__ import annotations

from django.urls import path

from referrals.views import asking, deciding

app_name = "referrals"

OWN = "clinics/<slug:clinic_code>/own-referrals/"
ALL = "clinics/<slug:clinic_code>/referrals/"

urlpatterns = [
    path(OWN, asking.list_own_referrals, name="list_own_referrals"),
    path(f"{OWN}refer-person/", asking.refer_person, name="refer_person"),
    path(f"{OWN}<uuid:referral_id>/", asking.see_own_referral, name="see_own_referral"),
    path(f"{OWN}<uuid:referral_id>/withdraw/", asking.withdraw_referral, name="withdraw_referral"),
    path(ALL, deciding.list_referrals, name="list_referrals"),
    path(f"{ALL}<uuid:referral_id>/", deciding.see_referral, name="see_referral"),
    path(f"{ALL}<uuid:referral_id>/plan-assessment/", deciding.plan_assessment, name="plan_assessment"),
    path(f"{ALL}<uuid:referral_id>/accept/", deciding.accept_referral, name="accept_referral"),
    path(f"{ALL}<uuid:referral_id>/decline/", deciding.decline_referral, name="decline_referral"),
]
