"""The licences of a clinic's doctors, in words."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from dosing.models import Licence
from dosing.rules.licences import LicenceState, state_of
from dosing.rules.moments import end_in_words, moment_in_words
from dosing.rules.orders import Product
from dosing.rules.worklist import licence_notice
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission


@dataclass(frozen=True, slots=True)
class ShownLicence:
    """One licence as the pages show it; `revoked` says who revoked it, when and why, or nothing."""

    id: uuid.UUID
    doctor: str
    premises: str
    product: str
    starts: str
    ends: str
    state: LicenceState
    state_in_words: str
    recorded: str
    revoked: str
    live_orders: int

    @property
    def may_be_revoked(self) -> bool:
        """Whether there is anything left to take away, or an order to suspend."""
        return self.state is not LicenceState.REVOKED


def licences_in_force(
    *, doctor_id: uuid.UUID, at: datetime, product: Product = Product.DIAMORPHINE
) -> QuerySet[Licence]:
    """Return what a doctor may act under at a moment, at any premises; the last to end first. Revoked is none.

    Source: clinical rules 1 and 7.11.
    """
    held = Licence.objects.filter(doctor_id=doctor_id, product=product, starts_at__lte=at, ends_at__gt=at)
    return held.exclude(revocation__revoked_at__lte=at).order_by("-ends_at")


@dataclass(frozen=True, slots=True)
class LicenceNotice:
    """The end of a doctor's last licence at one premises, told 90, 30 and 7 days before it and from then on.

    `notice` is which of the three it is under; `left` the whole days to its end.
    """

    doctor_id: uuid.UUID
    doctor: str
    premises: str
    ends_at: datetime
    notice: int
    left: str
    is_over: bool

    @property
    def ends_in_words(self) -> str:
        """Return such as "ends in 6 days"."""
        return "has ended" if self.is_over else f"ends in {self.left}"

    @property
    def sentence(self) -> str:
        """Return whose licence it is, when it ends and what then, for whoever keeps the licences."""
        then = "Since" if self.is_over else "After"
        return (
            f"The licence of {self.doctor} for diamorphine at {self.premises} {self.ends_in_words}. {then} "
            f"{end_in_words(self.ends_at)} no order is signed there under it."
        )


def list_licence_notices(*, clinic: Clinic, at: datetime) -> list[LicenceNotice]:
    """Return what is told of the ends of a clinic's licences, the first to end first.

    A licence that was renewed is told of by its renewal alone. Two statements. Source: clinical rule 1.
    """
    signers = {user.id: user for user in list_doctors(clinic=clinic, at=at)}
    licences = (
        Licence.objects.select_related("premises")
        .filter(
            premises__clinic=clinic, doctor__in=signers, product=Product.DIAMORPHINE, revocation__isnull=True
        )
        .order_by("doctor", "premises", "-ends_at")
        .distinct("doctor", "premises")
    )
    found = []
    for licence in sorted(licences, key=lambda licence: licence.ends_at):
        notice = licence_notice(licence.ends_at, at)
        if notice is None:
            continue
        days = max(0, (licence.ends_at - at).days)
        found.append(
            LicenceNotice(
                doctor_id=licence.doctor_id,
                doctor=signers[licence.doctor_id].full_name,
                premises=licence.premises.name,
                ends_at=licence.ends_at,
                notice=notice,
                left=f"{days} day{'' if days == 1 else 's'}",
                is_over=licence.ends_at <= at,
            )
        )
    return found


def list_licences(*, clinic: Clinic, at: datetime) -> list[ShownLicence]:
    """Return every licence of a clinic's premises, by doctor, the last to end first."""
    licences = _licences(clinic).order_by("doctor__full_name", "doctor", "-ends_at", "-recorded_at")
    return [_shown(licence, at) for licence in licences]


def get_licence(*, clinic: Clinic, licence_id: uuid.UUID, at: datetime) -> ShownLicence | None:
    """Return one licence of a clinic, or None for one of another clinic and for none."""
    licence = _licences(clinic).filter(id=licence_id).first()
    return None if licence is None else _shown(licence, at)


def list_doctors(*, clinic: Clinic, at: datetime) -> list[User]:
    """Return who may be licensed here, by name."""
    found = list_people_who_may(Permission.SIGN_ORDER, clinic=clinic, at=at)
    return sorted(found, key=lambda user: user.full_name)


def list_licensed_doctors(*, clinic: Clinic, at: datetime) -> list[str]:
    """Return the names of the doctors who hold a licence for diamorphine in force in a clinic."""
    licences = Licence.objects.filter(
        premises__clinic=clinic,
        product=Product.DIAMORPHINE,
        starts_at__lte=at,
        ends_at__gt=at,
        revocation__isnull=True,
    )
    licensed = set(licences.values_list("doctor", flat=True))
    return [doctor.full_name for doctor in list_doctors(clinic=clinic, at=at) if doctor.id in licensed]


def list_places(*, clinic: Clinic) -> list[Premises]:
    """Return the premises that a licence may name."""
    return list(Premises.objects.filter(clinic=clinic).order_by("name"))


def _licences(clinic: Clinic) -> QuerySet[Licence]:
    return Licence.objects.select_related(
        "doctor", "premises", "recorded_by", "revocation__revoked_by"
    ).filter(premises__clinic=clinic)


def _shown(licence: Licence, at: datetime) -> ShownLicence:
    gone = getattr(licence, "revocation", None)
    state = state_of(starts_at=licence.starts_at, ends_at=licence.ends_at, is_revoked=gone is not None, at=at)
    revoked = ""
    if gone is not None:
        revoked = f"{gone.revoked_by.full_name}, {moment_in_words(gone.revoked_at)}: “{gone.reason}”"
    return ShownLicence(
        id=licence.id,
        doctor=licence.doctor.full_name,
        premises=licence.premises.name,
        product=licence.get_product_display(),
        starts=moment_in_words(licence.starts_at),
        ends=end_in_words(licence.ends_at),
        state=state,
        state_in_words=_in_words(licence, state, at),
        recorded=f"{licence.recorded_by.full_name}, {moment_in_words(licence.recorded_at)}",
        revoked=revoked,
        live_orders=licence.orders.filter(period__during__endswith__gt=at).count(),
    )


def _in_words(licence: Licence, state: LicenceState, at: datetime) -> str:
    if state is LicenceState.ENDS_SOON:
        days = (licence.ends_at - at).days
        notice = licence_notice(licence.ends_at, at)
        return f"Ends in {days} day{'' if days == 1 else 's'} (notice at {notice} days)"
    return {
        LicenceState.REVOKED: "Revoked",
        LicenceState.NOT_YET: "Not yet in force",
        LicenceState.ENDED: "Ended",
        LicenceState.IN_FORCE: "In force",
    }[state]
