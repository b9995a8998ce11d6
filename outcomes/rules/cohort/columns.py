"""The file formats of a cohort folder, as data: which files, which columns, what a cell may hold.

Nothing here reads anything. `FORMATS` is in the order in which problems are listed.

Source: cohort files (evaluation).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

LARGEST_WHOLE_NUMBER = 999_999_999
"""A whole number has one to nine digits."""

REF_LENGTH = 64
TEXT_LENGTH = 1000

DOSE_LIMIT_MG = 450
"""The most that one session may have given. Source: rule 11 (clinical rules), the hard single limit."""

DAY_LIMIT_MG = 900
"""The most that one local day may have given. Source: rule 11 (clinical rules), the daily default."""

SEXES = ("F", "M", "X")
REFERRAL_SOURCES = ("police", "probation", "prison", "health", "housing", "social_care", "self", "other")
DIED = "died"
EXIT_REASONS = (
    "completed",
    "transferred",
    "dropped_out",
    "withdrawn",
    "prison",
    "declined",
    DIED,
    "other",
)
SESSIONS = ("am", "pm", "eve")
SESSIONS_OFFERED: Mapping[int, tuple[str, ...]] = {1: SESSIONS[:1], 2: SESSIONS[:2], 3: SESSIONS}
"""Which sessions a clinic with so many sessions a day offers."""

OUTCOMES_WITH_DOSE = ("given", "given_reduced")
OUTCOMES = (*OUTCOMES_WITH_DOSE, "withheld", "missed", "excused")
REASONS = ("custody", "hospital", "clinic_closed", "ill", "intoxicated", "declined", "unknown", "other")
STAGES = ("start", "review", "exit", "post_exit")
ASSAYS = ("street_heroin_marker", "generic_opiate", "cocaine", "benzodiazepine", "amphetamine")
NOT_TAKEN = "not_taken"
RESULTS = ("negative", "positive", "void", NOT_TAKEN)
OFFENCE_SOURCES = ("police_recorded", "self_reported")
USE_SOURCES = ("self_reported", "record")
HOUSING_STATES = ("rough", "emergency", "sofa", "supported", "own", "institution")
SUPPORT_DOMAINS = (
    "housing",
    "health",
    "welfare",
    "employment",
    "mental_health",
    "family",
    "psychosocial",
)
DEATH = "death"
EVENT_CATEGORIES = ("over_sedation", "overdose", DEATH, "other")
EVENT_PLACES = ("clinic", "home", "street", "hospital", "custody", "other")
COST_CATEGORIES = ("drug", "staff", "premises", "setup", "other")
DISRUPTION_KINDS = ("closed", "reduced", "area_wide")
AREA_MEASURES = ("recorded_all", "recorded_theft", "drug_deaths", "overdose_calls", "needle_finds")
FAMILY_CONTACTS = ("wanted_has", "wanted_not", "not_wanted", "not_safe")


class Kind(Enum):
    """What a cell of a column holds, and so what its typed value is."""

    REF = auto()  # str, 1-64 characters
    TEXT = auto()  # str, 1-1000 characters
    CLINIC_CODE = auto()  # str, 2-12 of A-Z, 0-9
    CODE = auto()  # str, one of the column's codes
    DATE = auto()  # datetime.date
    MONTH = auto()  # datetime.date, the first of the month
    YES_NO = auto()  # bool
    WHOLE = auto()  # int between low and high, both included
    MONEY = auto()  # decimal.Decimal, pounds
    BIRTH_YEAR = auto()  # int from 1900 to this year


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `required` means that no cell of it may be empty and that the header must have it."""

    name: str
    kind: Kind
    required: bool = False
    low: int = 0
    high: int = LARGEST_WHOLE_NUMBER
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One file of the folder; `required` means that the folder must have it."""

    name: str
    columns: tuple[Column, ...]
    required: bool = False


def _required(name: str, kind: Kind, *, low: int = 0, high: int = LARGEST_WHOLE_NUMBER) -> Column:
    return Column(name, kind, required=True, low=low, high=high)


def _optional(name: str, kind: Kind, *, low: int = 0, high: int = LARGEST_WHOLE_NUMBER) -> Column:
    return Column(name, kind, low=low, high=high)


def _code(name: str, codes: tuple[str, ...], *, required: bool = True) -> Column:
    return Column(name, Kind.CODE, required=required, codes=codes)


PATIENT_REF = _required("patient_ref", Kind.REF)
_DATE = _required("date", Kind.DATE)
_FROM = _required("from", Kind.DATE)
_TO = _required("to", Kind.DATE)
_OPEN_TO = _optional("to", Kind.DATE)
_PLACES = _required("places", Kind.WHOLE, low=1)
_SESSIONS_PER_DAY = _required("sessions_per_day", Kind.WHOLE, low=1, high=3)
_STAGE = _code("stage", STAGES)
_SOURCE = _required("source", Kind.TEXT)

FORMATS: tuple[FileFormat, ...] = (
    FileFormat(
        "programme.csv",
        (
            _required("clinic_code", Kind.CLINIC_CODE),
            _required("clinic_name", Kind.TEXT),
            _required("opened_on", Kind.DATE),
            _PLACES,
            _SESSIONS_PER_DAY,
        ),
        required=True,
    ),
    FileFormat(
        "patients.csv",
        (
            PATIENT_REF,
            _code("sex", SEXES, required=False),
            _optional("birth_year", Kind.BIRTH_YEAR),
            _required("referred_on", Kind.DATE),
            _code("referral_source", REFERRAL_SOURCES),
            _optional("assessed_on", Kind.DATE),
            _optional("eligible", Kind.YES_NO),
            _optional("started_on", Kind.DATE),
            _optional("exited_on", Kind.DATE),
            _code("exit_reason", EXIT_REASONS, required=False),
            _optional("area", Kind.TEXT),
        ),
        required=True,
    ),
    FileFormat(
        "attendance.csv",
        (
            PATIENT_REF,
            _DATE,
            _code("session", SESSIONS),
            _code("outcome", OUTCOMES),
            _optional("dose_mg", Kind.WHOLE, low=1, high=DOSE_LIMIT_MG),
            _code("reason", REASONS, required=False),
        ),
    ),
    FileFormat(
        "top.csv",
        (
            PATIENT_REF,
            _DATE,
            _STAGE,
            *(_optional(item, Kind.WHOLE, high=28) for item in DAY_ITEMS),
            *(_optional(item, Kind.YES_NO) for item in YES_NO_ITEMS),
            *(_optional(item, Kind.WHOLE, high=20) for item in SCORE_ITEMS),
        ),
    ),
    FileFormat(
        "urine.csv",
        (
            PATIENT_REF,
            _required("due_on", Kind.DATE),
            _optional("taken_on", Kind.DATE),
            _code("assay", ASSAYS),
            _code("result", RESULTS),
        ),
    ),
    FileFormat(
        "offences.csv",
        (
            PATIENT_REF,
            _required("occurred_on", Kind.DATE),
            _code("offence", ()),  # the codes of the offence table: see with_offence_codes
            _code("source", OFFENCE_SOURCES),
        ),
    ),
    FileFormat("custody.csv", (PATIENT_REF, _FROM, _OPEN_TO)),
    FileFormat(
        "service_use.csv",
        (
            PATIENT_REF,
            _FROM,
            _TO,
            _code("source", USE_SOURCES),
            _optional("ambulance", Kind.WHOLE),
            _optional("ae", Kind.WHOLE),
            _optional("inpatient", Kind.WHOLE),
        ),
    ),
    FileFormat("housing.csv", (PATIENT_REF, _DATE, _code("state", HOUSING_STATES))),
    FileFormat(
        "support.csv",
        (
            PATIENT_REF,
            _DATE,
            _code("domain", SUPPORT_DOMAINS),
            _required("attended", Kind.YES_NO),
            _optional("minutes", Kind.WHOLE),
            _optional("agency", Kind.TEXT),
        ),
    ),
    FileFormat(
        "events.csv",
        (
            PATIENT_REF,
            _DATE,
            _code("category", EVENT_CATEGORIES),
            _required("on_site", Kind.YES_NO),
            _optional("naloxone", Kind.YES_NO),
            _code("place", EVENT_PLACES, required=False),
            _optional("drug_related", Kind.YES_NO),
        ),
    ),
    FileFormat(
        "costs.csv",
        (
            _required("month", Kind.MONTH),
            _required("payer", Kind.TEXT),
            _code("category", COST_CATEGORIES),
            _required("amount_gbp", Kind.MONEY),
        ),
    ),
    FileFormat(
        "phases.csv",
        (
            _required("name", Kind.TEXT),
            _FROM,
            _OPEN_TO,
            _PLACES,
            _SESSIONS_PER_DAY,
            _optional("funded_by", Kind.TEXT),
            _optional("funded_until", Kind.DATE),
        ),
    ),
    FileFormat(
        "disruptions.csv",
        (_FROM, _OPEN_TO, _code("kind", DISRUPTION_KINDS), _required("label", Kind.TEXT)),
    ),
    FileFormat(
        "area.csv",
        (
            _required("area", Kind.TEXT),
            _FROM,
            _TO,
            _code("measure", AREA_MEASURES),
            _required("count", Kind.WHOLE),
            _SOURCE,
        ),
    ),
    FileFormat(
        "need.csv",
        (
            _required("as_of", Kind.DATE),
            _required("area", Kind.TEXT),
            _required("people", Kind.WHOLE),
            _required("method", Kind.TEXT),
            _SOURCE,
        ),
    ),
    FileFormat(
        "own.csv",
        (
            PATIENT_REF,
            _DATE,
            _STAGE,
            _optional("spend_week_gbp", Kind.MONEY),
            _optional("public_injecting", Kind.YES_NO),
            _optional("unsafe_disposal", Kind.YES_NO),
            _code("family_contact", FAMILY_CONTACTS, required=False),
        ),
    ),
)

FILE_NAMES: tuple[str, ...] = tuple(file_format.name for file_format in FORMATS)
REQUIRED_FILES: tuple[str, ...] = tuple(file_format.name for file_format in FORMATS if file_format.required)
FORMAT_OF: Mapping[str, FileFormat] = {file_format.name: file_format for file_format in FORMATS}


def with_offence_codes(file_format: FileFormat, offence_codes: frozenset[str]) -> FileFormat:
    """The same format; the column `offence` accepts `offence_codes`, which a data table elsewhere holds."""
    codes = tuple(sorted(offence_codes))
    columns = tuple(
        replace(column, codes=codes) if column.name == "offence" else column for column in file_format.columns
    )
    return replace(file_format, columns=columns)
