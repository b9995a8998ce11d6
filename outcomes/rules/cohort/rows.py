"""The typed rows of a cohort: one frozen dataclass per file, its fields in the order of the file's columns.

None is an empty cell: not recorded. Periods are half-open, `from_on` included and `to_on` not. `line` is the
physical line where the row begins. `broken` names the columns whose cell could not be read and is always
empty in a `Cohort`: rows with broken cells, whose fields are then None whatever their type says, only live
inside the checks, which ask `reads` first.

Source: cohort files (evaluation).
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    broken: frozenset[str]

    def reads(self, *columns: str) -> bool:
        """True when none of these columns is broken in this row."""
        return not self.broken or self.broken.isdisjoint(columns)


@dataclass(frozen=True, slots=True)
class ProgrammeRow(Row):
    clinic_code: str
    clinic_name: str
    opened_on: date
    places: int
    sessions_per_day: int


@dataclass(frozen=True, slots=True)
class PersonRow(Row):
    """A row about one person of patients.csv."""

    patient_ref: str


@dataclass(frozen=True, slots=True)
class PatientRow(PersonRow):
    sex: str | None
    birth_year: int | None
    referred_on: date
    referral_source: str
    assessed_on: date | None
    eligible: bool | None
    started_on: date | None
    exited_on: date | None
    exit_reason: str | None
    area: str | None


@dataclass(frozen=True, slots=True)
class AttendanceRow(PersonRow):
    on: date
    session: str
    outcome: str
    dose_mg: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class TopRow(PersonRow):
    """A Treatment Outcomes Profile: days of the last 28, yes or no, scores from 0 to 20."""

    on: date
    stage: str
    alcohol_days: int | None
    opiates_days: int | None
    crack_days: int | None
    cocaine_days: int | None
    amphetamines_days: int | None
    cannabis_days: int | None
    tobacco_days: int | None
    other_days: int | None
    injecting_days: int | None
    shoplifting_days: int | None
    drug_selling_days: int | None
    paid_work_days: int | None
    education_days: int | None
    sharing: bool | None
    other_theft: bool | None
    assault: bool | None
    housing_acute: bool | None
    eviction_risk: bool | None
    psychological: int | None
    physical: int | None
    quality_of_life: int | None


@dataclass(frozen=True, slots=True)
class UrineRow(PersonRow):
    due_on: date
    taken_on: date | None
    assay: str
    result: str


@dataclass(frozen=True, slots=True)
class OffenceRow(PersonRow):
    occurred_on: date
    offence: str
    source: str


@dataclass(frozen=True, slots=True)
class CustodyRow(PersonRow):
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class ServiceUseRow(PersonRow):
    from_on: date
    to_on: date
    source: str
    ambulance: int | None
    ae: int | None
    inpatient: int | None


@dataclass(frozen=True, slots=True)
class HousingRow(PersonRow):
    on: date
    state: str


@dataclass(frozen=True, slots=True)
class SupportRow(PersonRow):
    on: date
    domain: str
    attended: bool
    minutes: int | None
    agency: str | None


@dataclass(frozen=True, slots=True)
class EventRow(PersonRow):
    """`drug_related` None: not recorded, or the inquest is open."""

    on: date
    category: str
    on_site: bool
    naloxone: bool | None
    place: str | None
    drug_related: bool | None


@dataclass(frozen=True, slots=True)
class CostRow(Row):
    """`month` is the first day of the month."""

    month: date
    payer: str
    category: str
    amount_gbp: Decimal


@dataclass(frozen=True, slots=True)
class PhaseRow(Row):
    name: str
    from_on: date
    to_on: date | None
    places: int
    sessions_per_day: int
    funded_by: str | None
    funded_until: date | None


@dataclass(frozen=True, slots=True)
class DisruptionRow(Row):
    from_on: date
    to_on: date | None
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class AreaRow(Row):
    area: str
    from_on: date
    to_on: date
    measure: str
    count: int
    source: str


@dataclass(frozen=True, slots=True)
class NeedRow(Row):
    as_of: date
    area: str
    people: int
    method: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnRow(PersonRow):
    """The clinic's own four questions."""

    on: date
    stage: str
    spend_week_gbp: Decimal | None
    public_injecting: bool | None
    unsafe_disposal: bool | None
    family_contact: str | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """A folder in which nothing is wrong; rows in the order of the files."""

    programme: ProgrammeRow
    patients: tuple[PatientRow, ...]
    attendance: tuple[AttendanceRow, ...]
    top: tuple[TopRow, ...]
    urine: tuple[UrineRow, ...]
    offences: tuple[OffenceRow, ...]
    custody: tuple[CustodyRow, ...]
    service_use: tuple[ServiceUseRow, ...]
    housing: tuple[HousingRow, ...]
    support: tuple[SupportRow, ...]
    events: tuple[EventRow, ...]
    costs: tuple[CostRow, ...]
    phases: tuple[PhaseRow, ...]
    disruptions: tuple[DisruptionRow, ...]
    area: tuple[AreaRow, ...]
    need: tuple[NeedRow, ...]
    own: tuple[OwnRow, ...]
