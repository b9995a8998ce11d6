"""Who somebody is, and where."""

from hat_clinic.accounts.queries.invitations import (
    InvitationPage,
    find_invitation,
    get_invitation_page,
    hash_of_token,
)
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
from hat_clinic.accounts.queries.pins import (
    PinPage,
    get_pin_page,
)
from hat_clinic.accounts.queries.staff import (
    AGENCY_KINDS,
    AgencyChoice,
    MemberPage,
    StaffPage,
    get_agency,
    get_member_page,
    get_staff_page,
    last_day_of_inspection,
    list_agencies,
)

__all__ = [
    "AGENCY_KINDS",
    "SEAL_PURPOSE",
    "AgencyChoice",
    "InvitationPage",
    "MemberPage",
    "PinPage",
    "Staff",
    "StaffPage",
    "count_other_managers",
    "find_invitation",
    "get_agency",
    "get_app_secret",
    "get_invitation_page",
    "get_member_page",
    "get_pin_page",
    "get_staff",
    "get_staff_page",
    "get_user_by_email",
    "has_second_factor",
    "hash_of_token",
    "last_day_of_inspection",
    "list_agencies",
    "list_clinics_of",
    "list_emails_at",
    "list_people_who_may",
    "roles_of",
    "standing",
]
