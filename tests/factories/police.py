"""A police force's file and what it needs: an agreement, references, consents. Made by the real actions."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from hat_clinic.accounts.models import Agency, User
from hat_clinic.core.clock import london_date, now
from outcomes.actions.police import give_police_reference, record_police_agreement
from outcomes.actions.police_file import import_police_file
from outcomes.models import PoliceAgreement, PoliceFile
from outcomes.rules.police import AgreementSaid, Basis, Importer
from tests.factories.accounts import AgencyFactory
from tests.factories.patients import ConsentFactory
from tests.factories.treatment import TreatmentRoom

HEADER = "reference,occurred_on,offence"


def an_agreement(
    room: TreatmentRoom, *, by: User, agency: Agency | None = None, key: uuid.UUID | None = None, **said: Any
) -> PoliceAgreement:
    """Write down an agreement of a clinic that is in force today; it rests on consent unless told."""
    today = london_date(now())
    given: dict[str, Any] = {
        "starts_on": today - timedelta(days=60),
        "ends_on": today + timedelta(days=300),
        "purpose": "To learn whether treatment helps against offending.",
        "basis": Basis.CONSENT,
        "basis_words": "Consent to sharing (invented agreement)",
        "signatories": "Invented chief constable; invented manager",
        "importer": Importer.MANAGER,
        "case_workers_see": True,
        **said,
    }
    return record_police_agreement(
        clinic=room.clinic,
        agency=(agency or AgencyFactory()).id,
        said=AgreementSaid(**given),
        key=key or uuid.uuid4(),
        by=by,
        at=now(),
    )


def a_sharing_consent(room: TreatmentRoom, agreement: PoliceAgreement) -> None:
    """Let the person of a room agree to sharing with the force of an agreement."""
    ConsentFactory(person=room.patient, purpose="police", agency=agreement.agency)


def a_reference(
    room: TreatmentRoom, agreement: PoliceAgreement, *, by: User, reference: str = "QX7TR2"
) -> None:
    """Give the person of a room a reference under an agreement."""
    give_police_reference(
        clinic=room.clinic,
        agreement=agreement.id,
        person=room.patient.id,
        reference=reference,
        by=by,
        at=now(),
    )


def a_csv(*lines: str) -> bytes:
    """Return a file of these lines under its header."""
    return "\r\n".join([HEADER, *lines, ""]).encode()


def a_police_file(
    room: TreatmentRoom,
    agreement: PoliceAgreement,
    *lines: str,
    by: User,
    period: tuple[date, date] | None = None,
    replaces: uuid.UUID | None = None,
) -> PoliceFile:
    """Bring in a file of these lines about the 30 days until today, or about another period."""
    today = london_date(now())
    return import_police_file(
        clinic=room.clinic,
        agreement=agreement.id,
        period=period or (today - timedelta(days=30), today),
        replaces=replaces,
        data=a_csv(*lines),
        by=by,
        at=now(),
    )
