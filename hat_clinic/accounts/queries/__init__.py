"""Who somebody is, and where."""

from hat_clinic.accounts.queries.people import (
    SEAL_PURPOSE,
    Staff,
    count_other_managers,
    get_app_secret,
    get_staff,
    get_user_by_email,
    has_second_factor,
    list_clinics_of,
    list_emails_at,
    list_people_who_may,
    roles_of,
    standing,
)

__all__ = [
    "SEAL_PURPOSE",
    "Staff",
    "count_other_managers",
    "get_app_secret",
    "get_staff",
    "get_user_by_email",
    "has_second_factor",
    "list_clinics_of",
    "list_emails_at",
    "list_people_who_may",
    "roles_of",
    "standing",
]
