"""What is known when a drawn dose is injected, in as few statements as can be: a queue waits behind it."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, OuterRef, Sum

from dosing.models import Hold, Injection
from dosing.queries.roused import roused_in
from dosing.queries.standing import least_mg
from dosing.queries.visits import hold_in_words
from dosing.rules.checks import Readings, Sedation
from dosing.rules.further import WatchedSince
from dosing.rules.observation import REFERENCE_WINDOW, observation_minutes
from dosing.rules.orders import Route
from dosing.rules.oxygen import OxygenScale, OxygenTarget
from dosing.rules.preparations import PreparedDose
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.prepared import ask_once_planned


class NoSuchDrawnDose(Exception):
    """There is no such drawn dose of this person in this clinic."""


@dataclass(frozen=True, slots=True)
class DrawnDose:
    """A drawn dose with what its injection is written from: ids, whole milligrams, minutes.

    `last_number` is that of the last injection its session has had, also of one that was settled as never given.
    `earlier` is how many injections of it count, `earlier_mg` what they come to, `earlier_minutes` how long
    the person is watched after them; `amends_id` is the session's live outcome, and `earlier_reduced_for` its reason.
    `authorised_by_ids` are the doctors who let this dose go ahead over a finding.
    """

    session_id: uuid.UUID
    patient_id: uuid.UUID
    prepared_at: datetime
    prepared_by_id: uuid.UUID
    preparer_name: str
    witness_id: uuid.UUID
    preparer_signature_id: uuid.UUID
    witness_signature_id: uuid.UUID
    batch_id: uuid.UUID
    line_id: uuid.UUID
    protocol_id: uuid.UUID
    ampoules: int
    drawn_mg: int
    dose_mg: int
    allowed_mg: int
    order_id: uuid.UUID
    premises_id: uuid.UUID
    prescriber_id: uuid.UUID
    ordered_mg: int
    interval_minutes: int
    ordered_observation_minutes: int
    took_other_drugs: bool
    alcohol_ug: int | None
    patient_name: str
    patient_address: str
    episode_id: uuid.UUID
    started_on: date | None
    reduced_for: str
    last_number: int
    earlier: int
    earlier_mg: int
    earlier_minutes: int | None
    amends_id: uuid.UUID | None
    earlier_reduced_for: str | None
    authorised_by_ids: list[uuid.UUID]


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """What this key was answered before, and what it had been sent with."""

    content_sha256: str
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class KnownAtInjection:
    """The drawn dose as rules read it, as it is written from, the moment, and the answer if the key was used."""

    prepared: PreparedDose
    drawn: DrawnDose
    at: datetime
    first: FirstAnswer | None
    is_new_dose: bool


# One statement by hand: the same question through the mapper cost more time than all of the writing.
_KNOWN = """
SELECT
    p.session_id, p.patient_id, p.prepared_at, p.prepared_by_id, preparer.full_name AS preparer_name,
    p.witness_id, p.preparer_signature_id, p.witness_signature_id, p.batch_id, b.line_id, p.protocol_id,
    p.ampoules, p.drawn_mg, p.dose_mg, p.allowed_mg, p.expires_at,
    o.id AS order_id, o.premises_id, o.signed_by_id AS prescriber_id,
    p.reduced_for,
    CASE
        WHEN o.kind = 'titration' THEN p.allowed_mg + before.allowed_mg
        ELSE coalesce(
            (SELECT own.dose_mg FROM dosing_orderslot own WHERE own.order_id = o.id AND own.slot = s.slot), o.dose_mg
        )
    END AS ordered_mg,
    (SELECT coalesce(max(i.number), 0) FROM dosing_injection i WHERE i.session_id = p.session_id) AS last_number,
    before.injections AS earlier, before.given_mg AS earlier_mg, before.last_ended_at,
    ARRAY(
        SELECT a.authorised_by_id FROM dosing_authorisationuse used
            JOIN dosing_authorisation a ON a.id = used.authorisation_id
            WHERE used.preparation_id = p.id
    ) AS authorised_by_ids,
    visit.observe_minutes AS earlier_minutes, live.id AS amends_id, live.reduced_for AS earlier_reduced_for,
    newest.sedation, newest.breaths, newest.oxygen, newest.oxygen_target, newest.oxygen_scale, newest.pulse,
    newest.taken_at AS read_at,
    -- Every line counts, also one that was put right since.
    EXISTS (SELECT FROM dosing_reading e WHERE e.session_id = p.session_id AND e.escalation <> '') AS had_event,
    greatest(o.interval_minutes, v.interval_block_minutes) AS interval_minutes,
    greatest(o.observation_minutes, v.observation_minutes) AS ordered_observation_minutes, o.routes, o.sites,
    c.took_other_drugs, c.alcohol_ug,
    btrim(person.given_names || ' ' || person.family_name) AS patient_name, person.address AS patient_address,
    s.episode_id, e.started_on,
    t.at,
    collapse.began_at AS emergency_at,
    -- What went in before an emergency is judged by what stood when that began, not by what was done because of it.
    period.during @> stood.at AND (e.exited_on IS NULL OR collapse.began_at IS NOT NULL) AS order_is_in_force,
    (NOT doctor.is_active AND collapse.began_at IS NULL) OR EXISTS (
        SELECT FROM dosing_licencerevocation gone WHERE gone.licence_id = o.licence_id AND gone.revoked_at <= stood.at
    ) AS is_suspended,
    EXISTS (
        SELECT FROM patients_consent yes WHERE yes.person_id = p.patient_id AND yes.purpose = 'treatment'
            AND yes.given_at <= stood.at AND NOT EXISTS (
                SELECT FROM patients_consentwithdrawal no WHERE no.consent_id = yes.id AND no.withdrawn_at <= stood.at
            )
    ) AS has_treatment_consent,
    EXISTS (SELECT FROM dosing_injection i WHERE i.preparation_id = p.id)
        OR EXISTS (SELECT FROM dosing_wasteddose w WHERE w.preparation_id = p.id) AS is_ended,
    (
        SELECT h.id FROM dosing_hold h
            WHERE h.patient_id = p.patient_id AND h.lifted_at IS NULL
                AND (collapse.began_at IS NULL OR h.opened_at < collapse.began_at)
            LIMIT 1
    ) AS hold_id,
    (
        SELECT max(injection_least_mg(i.id, i.given_mg))
            FROM dosing_injection i JOIN dosing_plannedsession earlier ON earlier.id = i.session_id
            JOIN dosing_release left_as ON left_as.session_id = earlier.id AND left_as.is_tolerated
            WHERE i.patient_id = p.patient_id AND earlier.episode_id = s.episode_id AND NOT i.is_contested
                AND NOT EXISTS (
                    SELECT FROM dosing_reading e WHERE e.session_id = earlier.id AND e.escalation <> '' AND NOT EXISTS (
                        SELECT FROM dosing_reading later WHERE later.amends_id = e.id
                    )
                )
                AND i.started_at >= t.at - make_interval(secs => $1)
    ) AS highest_mg,
    (
        SELECT max(total) FROM (
            SELECT sum(injection_least_mg(i.id, i.given_mg)) AS total
                FROM dosing_injection i JOIN dosing_plannedsession earlier ON earlier.id = i.session_id
                    JOIN dosing_release left_as ON left_as.session_id = earlier.id AND left_as.is_tolerated
                WHERE i.patient_id = p.patient_id AND earlier.episode_id = s.episode_id AND NOT i.is_contested
                    AND NOT EXISTS (
                        SELECT FROM dosing_reading e
                            WHERE e.session_id = earlier.id AND e.escalation <> '' AND NOT EXISTS (
                                SELECT FROM dosing_reading later WHERE later.amends_id = e.id
                            )
                    )
                    AND i.started_at >= t.at - make_interval(secs => $1)
                GROUP BY i.session_id
        ) totals
    ) AS highest_total_mg,
    r.content_sha256 AS first_content, r.answer AS first_answer
FROM (SELECT hat_now() AS at) t
    JOIN dosing_preparation p ON p.id = $2 AND p.patient_id = $3
    JOIN dosing_plannedsession s ON s.id = p.session_id AND s.clinic_id = $4
    JOIN patients_episode e ON e.id = s.episode_id
    JOIN patients_person person ON person.id = p.patient_id
    JOIN dosing_order o ON o.id = p.order_id
    JOIN dosing_orderperiod period ON period.order_id = o.id
    JOIN accounts_user doctor ON doctor.id = o.signed_by_id
    JOIN accounts_user preparer ON preparer.id = p.prepared_by_id
    JOIN dosing_protocolversion v ON v.id = p.protocol_id
    JOIN dosing_batch b ON b.id = p.batch_id
    JOIN dosing_visit visit ON visit.session_id = p.session_id
    -- As it stands: it may have been put right since the dose was drawn up.
    JOIN dosing_preinjectioncheck c ON c.id = coalesce(visit.check_made_id, p.check_made_id)
    JOIN LATERAL (
        SELECT min(em.began_at) AS began_at FROM dosing_emergency em
            WHERE em.patient_id = p.patient_id AND em.began_at >= p.prepared_at
    ) collapse ON true
    JOIN LATERAL (SELECT coalesce(collapse.began_at, t.at) AS at) stood ON true
    JOIN LATERAL (
        SELECT count(*) AS injections, coalesce(sum(injection_standing_mg(i.id, i.given_mg)), 0) AS given_mg,
                max(i.ended_at) AS last_ended_at,
                coalesce(sum(q.allowed_mg), 0) AS allowed_mg
            FROM dosing_standinginjection i LEFT JOIN dosing_preparation q ON q.id = i.preparation_id
            WHERE i.session_id = p.session_id AND i.preparation_id IS DISTINCT FROM p.id
    ) before ON true
    LEFT JOIN LATERAL (
        SELECT r.sedation, r.breaths, r.oxygen, r.oxygen_target, r.oxygen_scale, r.pulse, r.taken_at
            FROM dosing_reading r
            WHERE r.session_id = p.session_id AND r.taken_at >= before.last_ended_at
                AND NOT EXISTS (SELECT FROM dosing_reading later WHERE later.amends_id = r.id)
            ORDER BY r.taken_at DESC LIMIT 1
    ) newest ON true
    LEFT JOIN LATERAL (
        SELECT outcome.id, outcome.reduced_for FROM dosing_sessionoutcome outcome
            WHERE outcome.session_id = p.session_id AND NOT EXISTS (
                SELECT FROM dosing_sessionoutcome later WHERE later.amends_id = outcome.id
            )
    ) live ON true
    LEFT JOIN dosing_recordedrequest r ON r.key = $5
"""


def get_known_at_injection(
    *, clinic: Clinic, patient_id: uuid.UUID, preparation_id: uuid.UUID, key: uuid.UUID
) -> KnownAtInjection:
    """Gather what `may_inject` asks, in one statement, at the database's time. Call it with the locks held.

    Raises NoSuchDrawnDose for a drawn dose of another person or clinic.
    """
    row = ask_once_planned(
        _KNOWN,
        ("double precision", "uuid", "uuid", "uuid", "uuid"),
        [REFERENCE_WINDOW.total_seconds(), preparation_id, patient_id, clinic.id, key],
    )
    if row is None:
        raise NoSuchDrawnDose("There is no such drawn dose.")
    hold = Hold.objects.get(id=row["hold_id"]) if row["hold_id"] else None
    first = None
    if row["first_content"] is not None:
        first = FirstAnswer(row["first_content"], _as_json(row["first_answer"]))
    return KnownAtInjection(
        prepared=PreparedDose(
            dose_mg=row["dose_mg"],
            order_is_in_force=row["order_is_in_force"],
            is_suspended=row["is_suspended"],
            has_treatment_consent=row["has_treatment_consent"],
            hold=hold_in_words(hold) if hold is not None else "",
            routes=frozenset(row["routes"]),
            sites=frozenset(row["sites"]),
            expires_at=row["expires_at"],
            is_ended=row["is_ended"],
            since=_since(row) if row["earlier"] else None,
            last_ended_at=row["last_ended_at"],
            emergency_at=row["emergency_at"],
        ),
        drawn=DrawnDose(**{name: row[name] for name in DrawnDose.__slots__}),
        at=row["at"],
        first=first,
        is_new_dose=is_raised(
            Highest(row["highest_mg"], row["highest_total_mg"]),
            dose_mg=row["dose_mg"],
            earlier_mg=row["earlier_mg"],
        ),
    )


def _since(row: dict[str, Any]) -> WatchedSince:
    readings = None
    if row["read_at"] is not None:
        readings = Readings(
            sedation=Sedation(row["sedation"]),
            breaths=row["breaths"],
            oxygen=row["oxygen"],
            pulse=row["pulse"],
            target=OxygenTarget(row["oxygen_target"], OxygenScale(row["oxygen_scale"])),
        )
    return WatchedSince(
        is_observed=True, readings=readings, read_at=row["read_at"], had_event=row["had_event"]
    )


@dataclass(frozen=True, slots=True)
class Highest:
    """The highest tolerated injection of the last 72 hours, and the highest tolerated session; None without any."""

    single_mg: int | None
    session_mg: int | None


def is_raised(highest: Highest, *, dose_mg: int, earlier_mg: int) -> bool:
    """Tell whether an injection is above what was tolerated, by itself or with what its session has had.

    Source: clinical rules 26 and 7.11.
    """
    if highest.single_mg is None or highest.session_mg is None:
        return True
    return dose_mg > highest.single_mg or earlier_mg + dose_mg > highest.session_mg


def _as_json(value: Any) -> dict[str, Any]:
    """Return a JSON column as it is read without the mapper: as text, where Django has switched the reader off."""
    read: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return read


def minutes_to_watch(
    *, ordered_minutes: int, route: str, took_other_drugs: bool, alcohol_ug: int | None, is_new_dose: bool
) -> int:
    """Return how long somebody is watched after a drawn dose goes in by a route."""
    return observation_minutes(
        ordered_minutes=ordered_minutes,
        into_a_muscle=route == Route.INTRAMUSCULAR,
        took_other_drugs=took_other_drugs,
        alcohol_found=alcohol_ug != 0,
        is_new_dose=is_new_dose,
    )


def get_highest_recent(*, patient_id: uuid.UUID, episode_id: uuid.UUID, at: datetime) -> Highest:
    """Return the highest tolerated doses of the last 72 hours in an episode: one above them is a new one."""
    recent = Injection.objects.filter(
        ~roused_in(OuterRef("session_id")),
        patient_id=patient_id,
        session__episode_id=episode_id,
        session__release__is_tolerated=True,
        started_at__gte=at - REFERENCE_WINDOW,
        is_contested=False,
    )
    totals = recent.values("session").annotate(single=Max(least_mg()), total=Sum(least_mg()))
    found = totals.values_list("single", "total")
    return Highest(
        single_mg=max((single for single, _ in found), default=None),
        session_mg=max((total for _, total in found), default=None),
    )
