"""Agreements with police forces, who has a reference, what files came in, and what a file would bring in."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from outcomes.models import OffenceType, PoliceAgreement, PoliceFile, PoliceReference, PoliceStrike
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.police import AgreementFacts, Basis, Importer, may_import_police_file
from outcomes.rules.police_file import Sorted, read_offences, sort_rows
from patients.queries.consents import standing_consents
from patients.rules.consents import Purpose

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file that came in; the first and the last day it tells of both count."""

    id: uuid.UUID
    first: date
    last: date
    offences: int
    not_stored: int
    fingerprint: str
    imported_by: str
    imported_at: datetime
    is_replaced: bool

    @property
    def label(self) -> str:
        """The file in a list to choose from."""
        return f"{self.first:%-d %b %Y} to {self.last:%-d %b %Y}, came in {self.imported_at:%-d %b %Y}"


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """One agreement with its files, newest first."""

    id: uuid.UUID
    force: str
    starts_on: date
    ends_on: date
    purpose: str
    basis: str
    basis_words: str
    signatories: str
    importer: str
    case_workers_see: bool
    is_in_force: bool
    ended_at: datetime | None
    why_ended: str
    people: int
    files: tuple[FileLine, ...]


def facts_of(agreement: PoliceAgreement) -> AgreementFacts:
    """Return what the rules ask of an agreement."""
    return AgreementFacts(
        starts_on=agreement.starts_on,
        ends_on=agreement.ends_on,
        is_ended=hasattr(agreement, "end"),
        importer=Importer(agreement.importer),
        basis=Basis(agreement.basis),
    )


def list_police_agreements(*, clinic: Clinic, today: date) -> tuple[AgreementLine, ...]:
    """Return every agreement of a clinic, newest first."""
    agreements = (
        PoliceAgreement.objects.filter(clinic=clinic)
        .select_related("agency", "end")
        .prefetch_related("files__imported_by", "files__replaced_by", "references__end")
        .order_by("-starts_on", "-recorded_at")
    )
    return tuple(_agreement_line(one, today) for one in agreements)


def find_police_agreement(*, clinic: Clinic, agreement_id: uuid.UUID, today: date) -> AgreementLine | None:
    """Return one agreement of a clinic, or None."""
    lines = list_police_agreements(clinic=clinic, today=today)
    return next((line for line in lines if line.id == agreement_id), None)


def list_files_that_count(*, clinic: Clinic, agreement_id: uuid.UUID) -> list[tuple[str, str]]:
    """Return the files of one force that count, under any of its agreements, newest first, to choose from."""
    agreement = PoliceAgreement.objects.get(id=agreement_id, clinic=clinic)
    files = standing_files(agreements_of_force(agreement)).select_related("imported_by")
    return [(str(one.id), _file_line(one, is_replaced=False).label) for one in files.order_by("-imported_at")]


def list_police_forces() -> list[tuple[str, str]]:
    """Return the police forces that are known, by name."""
    forces = Agency.objects.filter(kind=Agency.Kind.POLICE).order_by("name")
    return [(str(one.id), one.name) for one in forces]


def people_with_sharing(
    *, agreement: PoliceAgreement, people: Iterable[uuid.UUID], at: datetime
) -> frozenset[uuid.UUID]:
    """Return whose police facts the agreement lets in: everybody's, or those whose consent to this force stands."""
    if agreement.basis == Basis.LAW:
        return frozenset(people)
    standing = standing_consents(at=at).filter(
        person__in=list(people), purpose=Purpose.POLICE.value, agency_id=agreement.agency_id
    )
    return frozenset(standing.values_list("person_id", flat=True))


def references_of(agreement: PoliceAgreement) -> dict[str, uuid.UUID]:
    """Return who has which reference under an agreement."""
    return dict(standing_references(agreement).values_list("reference", "patient_id"))


def standing_references(agreement: PoliceAgreement) -> QuerySet[PoliceReference]:
    """Return the references that match something: those taken back do not."""
    return PoliceReference.objects.filter(agreement=agreement, end__isnull=True)


def struck_in(files: Iterable[uuid.UUID]) -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """Return of which files what they tell of which person counts for nothing: the reference was taken back."""
    strikes = PoliceStrike.objects.filter(file__in=list(files))
    return frozenset(strikes.values_list("file_id", "end__reference__patient_id"))


def list_struck_files(*, person_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the files whose offences under this person's name are somebody else's."""
    strikes = PoliceStrike.objects.filter(end__reference__patient_id=person_id)
    return list(strikes.values_list("file_id", flat=True))


def agreements_of_force(agreement: PoliceAgreement) -> QuerySet[PoliceAgreement]:
    """Return every agreement of the clinic with the same force: it tells of a day once, across all of them."""
    return PoliceAgreement.objects.filter(clinic=agreement.clinic_id, agency=agreement.agency_id)


def standing_files(agreements: Iterable[PoliceAgreement]) -> QuerySet[PoliceFile]:
    """Return the files that count: replaced by none."""
    return PoliceFile.objects.filter(agreement__in=list(agreements), replaced_by__isnull=True)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a file would bring in, or why it may not; `before` is the same file, brought in earlier."""

    sha256: str
    before: PoliceFile | None
    decision: Decision
    problems: tuple[Problem, ...]
    sorted: Sorted
    people: int


def weigh_police_file(
    *,
    agreement: PoliceAgreement,
    period: tuple[date, date],
    replaces: uuid.UUID | None,
    data: bytes,
    roles: frozenset[str],
    today: date,
    at: datetime,
) -> Weighed:
    """Work out what becomes of each row of a file, without storing anything. Rows are matched by reference alone."""
    sha256 = hashlib.sha256(data).hexdigest()
    first, last = period
    before, overlaps = None, False
    if first <= last <= today:
        during = DateRange(first, last + A_DAY)
        # A header alone is the same file every month: only one about the same days was brought in before.
        sent = PoliceFile.objects.filter(agreement=agreement, sha256=sha256, during=during)
        before = _before(sent, replaces)
        standing = standing_files(agreements_of_force(agreement)).filter(during__overlap=during)
        overlaps = standing.exclude(id__in=[replaces] if replaces else []).exists()
    decision = may_import_police_file(
        facts_of(agreement), today=today, roles=roles, period=period, overlaps=overlaps
    )
    codes = frozenset(OffenceType.objects.values_list("code", flat=True))
    rows, problems = read_offences(data, today=today, period=period, codes=codes)
    known = references_of(agreement)
    allowed = people_with_sharing(agreement=agreement, people=known.values(), at=at)
    found = sort_rows(rows, known=known, allowed=frozenset(allowed))
    people = len({row.reference for row in found.stored})
    return Weighed(sha256, before, decision, problems, found, people)


def _before(sent: QuerySet[PoliceFile], replaces: uuid.UUID | None) -> PoliceFile | None:
    """Return the same file as it was brought in earlier, or None where it is a new one.

    It is new where it takes the place of one with other rows, or of itself after a reference was taken back: what it
    tells is matched again then.
    """
    if replaces is None:
        return sent.order_by("-imported_at").first()
    again = sent.filter(replaces=replaces).first()
    return again or sent.filter(id=replaces, strikes__isnull=True).first()


def check_police_file(
    *,
    clinic: Clinic,
    agreement: uuid.UUID,
    period: tuple[date, date],
    replaces: uuid.UUID | None,
    data: bytes,
    by: User,
    at: datetime,
) -> Weighed:
    """Work out what a file would bring in if somebody sent it now; the store asks again, under its locks."""
    return weigh_police_file(
        agreement=PoliceAgreement.objects.select_related("end").get(id=agreement, clinic=clinic),
        period=period,
        replaces=replaces,
        data=data,
        roles=frozenset(role.value for role in roles_of(user=by, clinic=clinic, at=at)),
        today=london_date(at),
        at=at,
    )


def _agreement_line(one: PoliceAgreement, today: date) -> AgreementLine:
    facts = facts_of(one)
    end = one.end if facts.is_ended else None
    files = sorted(one.files.all(), key=lambda file: file.imported_at, reverse=True)
    return AgreementLine(
        id=one.id,
        force=one.agency.name,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
        purpose=one.purpose,
        basis=facts.basis.label,
        basis_words=one.basis_words,
        signatories=one.signatories,
        importer=facts.importer.label,
        case_workers_see=one.case_workers_see,
        is_in_force=facts.is_in_force(today),
        ended_at=end.ended_at if end else None,
        why_ended=end.why if end else "",
        people=sum(not hasattr(reference, "end") for reference in one.references.all()),
        files=tuple(_file_line(file, is_replaced=hasattr(file, "replaced_by")) for file in files),
    )


def _file_line(file: PoliceFile, *, is_replaced: bool) -> FileLine:
    return FileLine(
        id=file.id,
        first=file.during.lower,
        last=file.during.upper - A_DAY,
        offences=file.offences,
        not_stored=file.not_stored,
        fingerprint=file.sha256[:12],
        imported_by=file.imported_by.full_name,
        imported_at=file.imported_at,
        is_replaced=is_replaced,
    )
