"""Who is due in a session: everybody with an order for it who has not come yet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from dosing.queries.history import LOOK_BACK
from dosing.queries.missed import MISSED_FACTS, SLOT_ORDER, as_read, missed_facts_between
from dosing.queries.sessions import SessionKey
from hat_clinic.accounts.models import Clinic, Slot
from hat_clinic.core.clock import london_date
from patients.rules.alerts import Severity


@dataclass(frozen=True, slots=True)
class Due:
    """Somebody who has not come yet, as the board asks for them: their order in few words, and what bars it.

    `doses` (start, end, milligrams given and allowed), `missed` (the answer of MISSED_FACTS) and `decision` (when,
    ceiling) tell where they stand on the ladder of missed sessions.
    """

    patient_id: uuid.UUID
    given_names: str
    family_name: str
    dose_mg: int
    daily_max_mg: int
    interval_minutes: int
    ends_at: datetime
    starts_at: datetime
    replaced_mg: int | None
    is_suspended: bool
    last_ended_at: datetime | None
    last_guard_ends_at: datetime | None
    is_held: bool
    has_consent: bool
    photo: uuid.UUID | None
    alert: str | None
    kind: str
    signed_at: datetime
    gap_cap_percent: int | None
    doses: list[list[Any]]
    missed: dict[str, Any]
    decision: list[Any] | None
    count: int


# By hand, because composing it through the mapper took longer than the answer. A photo is shown while the consent
# it was added under stands, an alert while it does: the same conditions as patients.queries.photos.photo_of and
# patients.queries.around.heaviest_alert_of.
_DUE = """
SELECT
    person.id, person.given_names, person.family_name,
    o.dose_mg, o.daily_max_mg, o.interval_minutes, o.ends_at, o.starts_at, replaced.dose_mg,
    NOT doctor.is_active OR EXISTS (SELECT FROM dosing_licencerevocation gone WHERE gone.licence_id = o.licence_id),
    last.ended_at, upper(last.guard),
    EXISTS (SELECT FROM dosing_hold h WHERE h.patient_id = person.id AND h.lifted_at IS NULL),
    EXISTS (
        SELECT FROM patients_consent yes WHERE yes.person_id = person.id AND yes.purpose = 'treatment'
            AND yes.given_at <= %(at)s AND NOT EXISTS (
                SELECT FROM patients_consentwithdrawal no WHERE no.consent_id = yes.id AND no.withdrawn_at <= %(at)s
            )
    ),
    (
        SELECT newest.id FROM (
            SELECT photo.id, photo.added_at FROM patients_personphoto photo
                WHERE photo.person_id = person.id AND photo.added_at <= %(at)s
                ORDER BY photo.added_at DESC, photo.id DESC LIMIT 1
        ) newest WHERE EXISTS (
            SELECT FROM patients_consent yes WHERE yes.person_id = person.id AND yes.purpose = 'photo'
                AND yes.given_at <= newest.added_at AND NOT EXISTS (
                    SELECT FROM patients_consentwithdrawal no
                        WHERE no.consent_id = yes.id AND no.withdrawn_at <= %(at)s
                )
        )
    ),
    (
        SELECT alert.severity FROM patients_alert alert
            WHERE alert.person_id = person.id AND alert.ended_at IS NULL AND alert.starts_on <= %(today)s
                AND (alert.ends_on IS NULL OR alert.ends_on >= %(today)s) AND alert.severity = ANY(%(shown)s)
            ORDER BY array_position(%(shown)s::text[], alert.severity::text) LIMIT 1
    ),
    o.kind, o.signed_at, o.gap_cap_percent,
    (
        SELECT coalesce(jsonb_agg(
            jsonb_build_array(
                i.started_at, i.ended_at,
                -- The least that any line says, without a call for each row.
                least(i.given_mg, (SELECT min(f.given_mg) FROM dosing_injectionfacts f WHERE f.injection_id = i.id)),
                i.allowed_mg
            ) ORDER BY i.started_at
        ), '[]'::jsonb)
        FROM dosing_injection i JOIN dosing_plannedsession s ON s.id = i.session_id
        WHERE i.patient_id = person.id AND i.started_at <= %(at)s
            AND (
                NOT i.is_contested OR EXISTS (
                    SELECT FROM dosing_papersettlement said WHERE said.case_id = i.paper_line_id AND said.stands = 'paper'
                )
            )
            AND (
                (s.clinic_id = episode.clinic_id AND s.episode_id = episode.id)
                OR (s.clinic_id <> episode.clinic_id AND i.given_on >= episode.accepted_on)
            )
            AND i.started_at >= coalesce((
                SELECT max(before.started_at) FROM dosing_injection before
                    WHERE before.patient_id = person.id AND before.started_at <= %(since)s
            ), '-infinity')
    ),
    @missed_facts,
    (
        SELECT jsonb_build_array(gap.decided_at, gap.ceiling_mg) FROM dosing_gapdecision gap
            WHERE gap.episode_id = episode.id AND gap.decided_at <= %(at)s ORDER BY gap.decided_at DESC LIMIT 1
    ),
    count(*) OVER ()
FROM dosing_orderperiod period
    JOIN dosing_order o ON o.id = period.order_id
    JOIN accounts_premises premises ON premises.id = o.premises_id AND premises.clinic_id = %(clinic)s
    JOIN patients_episode episode ON episode.id = o.episode_id AND episode.exited_on IS NULL
    JOIN patients_person person ON person.id = period.patient_id
    JOIN accounts_user doctor ON doctor.id = o.signed_by_id
    LEFT JOIN dosing_order replaced ON replaced.id = o.replaces_id
    LEFT JOIN LATERAL (
        SELECT i.ended_at, i.guard FROM dosing_injection i
            WHERE i.patient_id = person.id AND i.started_at > %(at)s - interval '1 day'
                AND NOT EXISTS (
                    SELECT FROM dosing_papersettlement said
                        WHERE said.case_id = i.paper_line_id AND said.stands = 'computer'
                )
            ORDER BY i.started_at DESC LIMIT 1
    ) last ON true
WHERE period.product = %(product)s AND period.during @> %(at)s::timestamptz AND o.sessions_per_day >= %(turn)s
    AND NOT EXISTS (
        SELECT FROM dosing_visit visit JOIN dosing_plannedsession s ON s.id = visit.session_id
            WHERE visit.patient_id = person.id AND s.service_date = %(day)s AND s.slot = %(slot)s
    )
ORDER BY person.family_name, person.given_names, person.id
LIMIT %(most)s
""".replace("@missed_facts", MISSED_FACTS)


def list_due(*, clinic: Clinic, session: SessionKey, at: datetime, most: int | None) -> list[Due]:
    """Return who has an order for a session and has not come yet, by name, each with how many they are.

    No more than `most` of them; None for everybody. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _DUE,
            {
                "clinic": clinic.id,
                **missed_facts_between(at - LOOK_BACK, at),
                "turn": SLOT_ORDER.index(Slot(session.slot)) + 1,
                "day": session.service_date,
                "slot": session.slot,
                "most": most,
                "today": london_date(at),
                "shown": [one.value for one in Severity if one.is_on_board],
            },
        )
        return [_read(row) for row in cursor.fetchall()]


def _read(row: tuple[Any, ...]) -> Due:
    """Return one row with its JSON read: the doses, what was missed, and the decision on a gap."""
    told = list(row)
    told[-4:-1] = [as_read(answer) for answer in row[-4:-1]]
    return Due(*told)
