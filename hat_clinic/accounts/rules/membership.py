"""Who gets a role, for how long, and who may lose it."""

from __future__ import annotations

from datetime import datetime, timedelta

from hat_clinic.accounts.rules.roles import Role
from hat_clinic.core.decisions import Decision, Finding, block

# An inspector comes for a reason that ends; their sign-in does not outlive it.
INSPECTOR_LIMIT = timedelta(days=31)


def may_grant_role(
    *,
    role: Role,
    is_open: bool,
    is_held: bool,
    has_agency: bool,
    ends_at: datetime | None,
    at: datetime,
    starts_at: datetime | None = None,
) -> Decision:
    """Decide whether a person gets a role in a clinic from `at` until just before `ends_at` (None: no end).

    With a `starts_at` after `at` the role stands from then on, and an inspection is counted from then.

    `is_open` says that their account is, `is_held` that they have the role already, `has_agency` that an
    agency is named: a referrer needs one, and nobody else has one. An inspector's role ends within 31 days.
    Source: trust design 3.
    """
    return Decision.of(
        [
            _is_closed(is_open),
            _is_held(is_held),
            _agency_fits(role, has_agency),
            _ends_later(ends_at, at),
            _begins_first(starts_at, ends_at),
            _inspection_ends(role, ends_at, max(at, starts_at or at)),
        ]
    )


def _is_closed(is_open: bool) -> Finding | None:
    if is_open:
        return None
    return block(
        "account_is_closed", "This account is closed. Invite the person again to open it.", "trust design 3"
    )


def _is_held(is_held: bool) -> Finding | None:
    if not is_held:
        return None
    return block("role_is_held", "This person already has that role here.", "trust design 3")


def _agency_fits(role: Role, has_agency: bool) -> Finding | None:
    if role is Role.REFERRER and not has_agency:
        return block(
            "referrer_without_agency", "Choose the agency that the referrer works for.", "trust design 3"
        )
    if role is not Role.REFERRER and has_agency:
        return block(
            "agency_without_referrer",
            "Only an agency referrer works for an agency. Leave the agency out.",
            "trust design 3",
        )
    return None


def _ends_later(ends_at: datetime | None, at: datetime) -> Finding | None:
    if ends_at is None or ends_at > at:
        return None
    return block("role_ends_before_it_starts", "Choose a last day that is not over.", "trust design 3")


def _begins_first(starts_at: datetime | None, ends_at: datetime | None) -> Finding | None:
    if starts_at is None or (ends_at is not None and starts_at < ends_at):
        return None
    return block("role_begins_after_it_ends", "The last day is before the first.", "trust design 3")


def _inspection_ends(role: Role, ends_at: datetime | None, at: datetime) -> Finding | None:
    if role is not Role.INSPECTOR or (ends_at is not None and ends_at <= at + INSPECTOR_LIMIT):
        return None
    return block(
        "inspection_has_no_end",
        f"An inspector's role needs a last day, at most {INSPECTOR_LIMIT.days} days from when it begins.",
        "trust design 3",
    )


def may_end_role(*, role: Role, is_held: bool, other_managers: int) -> Decision:
    """Decide whether a person's role in a clinic ends now.

    `other_managers` counts the people with an open account who are manager there without a last day, besides
    this person: the last manager stays until there is another, or nobody could let anybody in. Source: trust
    design 3.
    """
    if not is_held:
        return Decision(
            (block("role_is_not_held", "This person does not have that role here.", "trust design 3"),)
        )
    if role is Role.MANAGER and other_managers == 0:
        return Decision((_LAST_MANAGER,))
    return Decision()


def may_close_account(*, roles_elsewhere: int, is_manager: bool, other_managers: int) -> Decision:
    """Decide whether a clinic closes a person's account.

    `roles_elsewhere` counts the roles that stand in other clinics: who works there too keeps the account, and
    only the roles here end. Source: trust design 3.
    """
    return Decision.of(
        [
            block(
                "works_elsewhere_too",
                "This person works in another clinic too, so the account stays open. End the roles here instead.",
                "trust design 3",
            )
            if roles_elsewhere
            else None,
            _LAST_MANAGER if is_manager and other_managers == 0 else None,
        ]
    )


_LAST_MANAGER = block(
    "last_manager",
    "Nobody else is manager here without a last day. Give somebody else that role first.",
    "trust design 3",
)
