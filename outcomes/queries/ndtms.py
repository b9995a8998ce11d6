"""The national dataset: which code set is used, what is known of each treatment, and what is missing of whom.

Only people with a consent to it that stands leave the clinic in a file; who has none is counted, and nothing more.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.crypto import salted_hmac

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date
from outcomes.models import CodeSet, DatasetExport, HousingRecord, MoneyLine
from outcomes.queries.health import held_expiries
from outcomes.queries.health_lines import facts_of, list_lines
from outcomes.queries.lines import counting
from outcomes.queries.outcome_forms import standing_outcome_forms
from outcomes.queries.support import standing_sessions
from outcomes.rules.health import Topic
from outcomes.rules.health_states import kit_state, state_of
from outcomes.rules.money import MoneyTopic
from outcomes.rules.ndtms import (
    FORM_ITEMS,
    HELP_ITEMS,
    NO,
    NO_FIXED_ABODE,
    YES,
    CodeSetSaid,
    Fact,
    FieldSpec,
    agreed_facts,
    gaps_of,
    outward_postcode,
    read_code_set,
)
from outcomes.rules.support import STRIKING
from patients.models import Episode
from patients.queries.consents import standing_consents
from patients.rules.consents import Purpose
from referrals.models import Referral


@dataclass(frozen=True, slots=True)
class CodeSetShown:
    """A code set as it was loaded, with its fields."""

    id: uuid.UUID
    said: CodeSetSaid
    fields: tuple[FieldSpec, ...]
    sha256: str
    loaded_by: str
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class Treatment:
    """One treatment: whose, which wording they agreed to (empty: none stands), and what is known."""

    person_id: uuid.UUID
    name: str
    consent_wording: str
    facts: Mapping[str, str]

    @property
    def has_consent(self) -> bool:
        """Whether their consent to the dataset stands."""
        return bool(self.consent_wording)

    @property
    def leaving(self) -> dict[str, str]:
        """What may leave the clinic: the facts that the wording names which they agreed to."""
        return agreed_facts(self.facts, wording_version=self.consent_wording)

    def gaps(self, code_set: CodeSetShown) -> tuple[str, ...]:
        """Return in sentences what keeps it from being whole."""
        return gaps_of(code_set.fields, self.facts, wording_version=self.consent_wording)


@dataclass(frozen=True, slots=True)
class ExportShown:
    """One file that was made."""

    version: str
    treatments: int
    without_consent: int
    with_gaps: int
    sha256: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class NdtmsPage:
    """What the manager sees: what is loaded, how many are ready, and the files that were made. No person is named."""

    code_set: CodeSetShown | None
    treatments: int
    without_consent: int
    with_gaps: int
    exports: tuple[ExportShown, ...]


@dataclass(frozen=True, slots=True)
class PersonGaps:
    """What is missing of one person, in sentences."""

    person_id: uuid.UUID
    name: str
    has_consent: bool
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GapsPage:
    """What case workers see: everybody with something missing, and how many are whole."""

    code_set: CodeSetShown | None
    people: tuple[PersonGaps, ...]
    whole: int


def get_code_set(clinic: Clinic) -> CodeSetShown | None:
    """Return the code set that is used, the one loaded last, or None."""
    row = (
        CodeSet.objects.filter(clinic=clinic).select_related("loaded_by").order_by("-loaded_at", "id").first()
    )
    if row is None:
        return None
    return CodeSetShown(
        id=row.id,
        said=CodeSetSaid(
            dataset=row.dataset,
            version=row.version,
            valid_from=row.valid_from,
            source=row.source,
            verified_by=row.verified_by,
        ),
        fields=read_code_set(bytes(row.content)),
        sha256=row.sha256,
        loaded_by=row.loaded_by.full_name,
        loaded_at=row.loaded_at,
    )


def list_treatments(clinic: Clinic, *, at: datetime) -> list[Treatment]:
    """Return every treatment of the clinic's own people, in a fixed number of queries; imported history is none."""
    episodes = list(
        Episode.objects.filter(clinic=clinic, import_run__isnull=True)
        .select_related("person")
        .order_by("accepted_on", "id")
    )
    people = [one.person_id for one in episodes]
    # A consent taken back while the file is asked for does not count either, though the moment is before it.
    standing = standing_consents(at=at).filter(person__in=people, purpose=Purpose.NDTMS)
    agreed = dict(
        standing.filter(withdrawal__isnull=True)
        .order_by("given_at", "recorded_at")
        .values_list("person_id", "wording_version")
    )
    helped = _helped(clinic, people)
    referrals = {one.episode_id: one for one in Referral.objects.filter(clinic=clinic, episode__in=episodes)}
    known = _known(clinic, people, today=london_date(at))
    return [
        Treatment(
            person_id=one.person_id,
            name=one.person.full_name,
            consent_wording=agreed.get(one.person_id, ""),
            facts={
                Fact.AGENCY.value: clinic.code,
                **_facts(one, referrals.get(one.id)),
                **known[one.person_id],
                **_help_of(one, helped[one.person_id]),
            },
        )
        for one in episodes
    ]


def get_ndtms_page(*, clinic: Clinic, at: datetime) -> NdtmsPage:
    """Return what the manager sees."""
    code_set = get_code_set(clinic)
    treatments = list_treatments(clinic, at=at)
    ready = [one for one in treatments if one.has_consent]
    exports = DatasetExport.objects.filter(clinic=clinic).select_related("code_set", "exported_by")
    return NdtmsPage(
        code_set=code_set,
        treatments=len(ready),
        without_consent=len(treatments) - len(ready),
        with_gaps=sum(bool(one.gaps(code_set)) for one in ready) if code_set else 0,
        exports=tuple(
            ExportShown(
                version=f"{one.code_set.dataset}, version {one.code_set.version}",
                treatments=one.treatments,
                without_consent=one.without_consent,
                with_gaps=one.with_gaps,
                sha256=one.sha256,
                by=one.exported_by.full_name,
                at=one.exported_at,
            )
            for one in exports.order_by("-exported_at")[:24]
        ),
    )


def get_gaps_page(*, clinic: Clinic, at: datetime) -> GapsPage:
    """Return what case workers see: whom something is missing of, or who was not asked for consent."""
    code_set = get_code_set(clinic)
    if code_set is None:
        return GapsPage(None, (), 0)
    every = [
        PersonGaps(one.person_id, one.name, one.has_consent, one.gaps(code_set))
        for one in list_treatments(clinic, at=at)
    ]
    people = tuple(one for one in every if one.gaps or not one.has_consent)
    return GapsPage(code_set, people, len(every) - len(people))


def pseudonym_of(person: uuid.UUID, *, clinic: uuid.UUID) -> str:
    """Return what a clinic's files call a person: the same in each, and no way back without the application's key."""
    return salted_hmac(f"outcomes.ndtms.{clinic}", str(person), algorithm="sha256").hexdigest()[:32]


def _facts(one: Episode, referral: Referral | None) -> dict[str, str]:
    person = one.person
    return {
        Fact.CLIENT.value: pseudonym_of(person.id, clinic=one.clinic_id),
        Fact.INITIALS.value: f"{person.given_names[:1]}{person.family_name[:1]}".upper(),
        Fact.BORN_ON.value: _day(person.born_on),
        Fact.SEX.value: person.sex,
        Fact.POSTCODE.value: NO_FIXED_ABODE
        if person.has_no_fixed_abode
        else outward_postcode(person.address),
        Fact.REFERRED_ON.value: _day(referral.referred_on if referral else None),
        Fact.REFERRAL_SOURCE.value: referral.source if referral else "",
        Fact.STARTED_ON.value: _day(one.started_on),
        Fact.EXITED_ON.value: _day(one.exited_on),
        Fact.EXIT_REASON.value: one.exit_reason,
    }


def _helped(clinic: Clinic, people: list[uuid.UUID]) -> dict[uuid.UUID, list[tuple[str, date]]]:
    """Return the sessions that people came to, by person: what each was about, and its day."""
    found: dict[uuid.UUID, list[tuple[str, date]]] = {person: [] for person in people}
    came = standing_sessions(clinic, people).filter(attended=True)
    for person, domain, on in came.values_list("patient_id", "domain", "booked_on"):
        found[person].append((domain, on))
    return found


def _help_of(one: Episode, sessions: list[tuple[str, date]]) -> dict[str, str]:
    """Return of each kind of help whether they came to a session about it during one treatment."""
    during = {
        domain
        for domain, on in sessions
        if one.accepted_on <= on and (one.exited_on is None or on <= one.exited_on)
    }
    return {name: YES if domain.value in during else NO for name, domain in HELP_ITEMS.items()}


def _known(clinic: Clinic, people: list[uuid.UUID], *, today: date) -> dict[uuid.UUID, dict[str, str]]:
    """Return what stands of each person now: housing, work, health as case workers are told it, the last form."""
    known: dict[uuid.UUID, dict[str, str]] = {person: {} for person in people}
    strikes = [str(reason) for reason in STRIKING]
    housing = HousingRecord.objects.filter(clinic=clinic, patient__in=people, amended_by__isnull=True)
    for home in housing.exclude(correction__in=strikes).order_by("recorded_on"):
        known[home.patient_id][Fact.HOUSING.value] = home.state
    work = MoneyLine.objects.filter(
        clinic=clinic, patient__in=people, topic=MoneyTopic.WORK.value, amended_by__isnull=True
    )
    for job in work.exclude(correction__in=strikes).order_by("since_on"):
        known[job.patient_id][Fact.WORK.value] = job.state
    lines = list_lines(clinic, people)
    for person in known:
        counted = counting(lines[person])
        known[person][Fact.HBV.value] = state_of(Topic.HBV, facts_of(counted, Topic.HBV)).told.value
        known[person][Fact.HCV.value] = state_of(Topic.HCV, facts_of(counted, Topic.HCV)).told.value
        known[person][Fact.KIT.value] = kit_state(held_expiries(counted), today=today).value
    for form in standing_outcome_forms(clinic).filter(patient__in=people).order_by("completed_on"):
        answers = {item: getattr(form, item) for item in FORM_ITEMS}
        known[form.patient_id] |= {
            Fact.FORM_ON.value: _day(form.completed_on),
            Fact.FORM_STAGE.value: form.stage,
            **{item: "" if answer is None else str(answer) for item, answer in answers.items()},
        }
    return known


def _day(on: date | None) -> str:
    return on.isoformat() if on else ""
