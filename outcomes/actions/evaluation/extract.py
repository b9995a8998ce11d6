"""Freezing what a report rests on: the clinic's rows up to the data cut, in segments that runs share.

One statement reads everything, so that all tables are seen at the same moment. A fact that lies on or after
the data cut is left out or empty, so that a report built late freezes what it would have frozen on the day. Of the
tables that grow without end only the months are read that are marked as changed, or are not known as of this data cut.

Source: Indicators 1 and 2 (evaluation).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from outcomes.queries.aims import list_aims_in_force
from outcomes.queries.recorded_offences import list_recorded_for_report
from outcomes.queries.unit_costs import list_unit_costs_in_force
from outcomes.rules.evaluation.fingerprints import hash_of_extract
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS
from outcomes.rules.support import STRIKING

# A person counts once, however often they came: from the first referral and the first start, until the end of the
# last treatment begun before the data cut. Somebody who is not accepted yet counts by the first referral about them,
# whose id becomes theirs; of several referrals the one that was accepted tells whether they left before a start, and
# any of them whether they were accepted against the criteria. The outcome of a session is the one that nothing
# amends; so is what stands of what our own people write, unless its correction strikes it out. This is the one place
# where our own urine samples become what is counted: a day that was drawn is one sample, due on it while the person
# was in treatment; without a result it has none yet. What an imported file tells of the same person, test and week of
# treatment is that week's sample, and counts alone. So it is of our own incidents: the last line of each is one
# event, unless a file told of the same person, day and kind; an emergency of the treatment room with naloxone is one
# where no incident of the same person and day tells of it. An offence that an earlier history and a police file both
# tell of counts once. Our own lines of where somebody lives hold from their day on; what an imported file tells, and a
# correction of it, is where they lived on that day. What police recorded is read beforehand, by the login that alone
# may; the lock on the clinic's row, which a police file takes as well, keeps the moment the same.
FREEZE = """
WITH RECURSIVE marks AS MATERIALIZED (
    SELECT id, table_name, month FROM outcomes_changedmonth WHERE clinic_id = %(clinic)s AND month < %(as_of)s
),
unread AS MATERIALIZED (
    SELECT table_name, month, (month + interval '1 month')::date AS ends_on,
        least((month + interval '1 month')::date, %(as_of)s) AS read_to
    FROM (
        SELECT table_name, month FROM marks
        UNION
        SELECT table_name, month FROM outcomes_keptmonth
        WHERE clinic_id = %(clinic)s AND month < %(as_of)s AND (form <> %(form)s OR settled_on > %(as_of)s)) AS months
),
kept AS (
    SELECT segment_id FROM outcomes_keptmonth k
    WHERE clinic_id = %(clinic)s AND month < %(as_of)s AND segment_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM unread u WHERE u.table_name = k.table_name AND u.month = k.month)
),
starts AS (
    SELECT person_id, min(started_on) AS started_on,
        (array_agg(exited_on ORDER BY started_on DESC))[1] AS exited_on,
        (array_agg(exit_reason ORDER BY started_on DESC))[1] AS exit_reason
    FROM patients_episode
    WHERE clinic_id = %(clinic)s AND started_on < %(as_of)s
    GROUP BY person_id
),
requests AS (
    SELECT coalesce(r.person_id, first.person_id, r.same_as_id, r.id) AS person_id, r.referred_on, r.source,
        r.assessed_on, r.is_eligible, r.closed_on, r.closed_reason, r.area, r.id,
        coalesce(e.accepted_on < %(as_of)s, false) AS is_accepted,
        CASE WHEN e.accepted_on < %(as_of)s THEN j.is_override END AS against_criteria
    FROM referrals_referral r
    LEFT JOIN referrals_referral first ON first.id = r.same_as_id
    LEFT JOIN patients_episode e ON e.id = r.episode_id
    LEFT JOIN referrals_referraldecision d ON d.referral_id = r.id
    LEFT JOIN referrals_eligibilityjudgement j ON j.decision_id = d.id
    WHERE r.clinic_id = %(clinic)s AND r.referred_on < %(as_of)s
    UNION ALL
    SELECT e.person_id, e.accepted_on, 'other', NULL, true, e.exited_on, e.exit_reason, '', e.id, true, NULL
    FROM patients_episode e
    WHERE e.clinic_id = %(clinic)s AND e.accepted_on < %(as_of)s AND NOT EXISTS (
        SELECT FROM referrals_referral r
        WHERE r.person_id = e.person_id AND r.clinic_id = e.clinic_id AND r.referred_on < %(as_of)s)
),
people AS (
    SELECT person_id, min(referred_on) AS referred_on,
        (array_agg(source ORDER BY referred_on, id))[1] AS source,
        min(assessed_on) AS assessed_on,
        (array_agg(is_eligible ORDER BY is_eligible IS NULL, referred_on DESC, id))[1] AS is_eligible,
        (array_agg(closed_on ORDER BY is_accepted DESC, referred_on DESC, id))[1] AS closed_on,
        (array_agg(closed_reason ORDER BY is_accepted DESC, referred_on DESC, id))[1] AS closed_reason,
        (array_agg(area ORDER BY referred_on, id))[1] AS area,
        bool_or(against_criteria) AS against_criteria
    FROM requests GROUP BY person_id
),
lives AS (
    SELECT p.person_id, p.referred_on, p.source, p.area, p.is_eligible, p.against_criteria, s.started_on,
        CASE WHEN p.assessed_on < %(as_of)s THEN p.assessed_on END AS assessed_on,
        CASE WHEN s.person_id IS NULL THEN p.closed_on ELSE s.exited_on END AS exited_on,
        CASE WHEN s.person_id IS NULL THEN p.closed_reason ELSE s.exit_reason END AS exit_reason
    FROM people p LEFT JOIN starts s USING (person_id)
),
days_due AS MATERIALIZED (
    SELECT d.*, u.month
    FROM unread u CROSS JOIN LATERAL (
        SELECT id, patient_id, due_on, assay FROM outcomes_urinedraw
        WHERE clinic_id = %(clinic)s AND due_on >= u.month AND due_on < u.read_to OFFSET 0) AS d
    WHERE u.table_name = 'urine'
),
steps AS MATERIALIZED (
    SELECT s.*, NOT EXISTS (SELECT FROM outcomes_urinestep later WHERE later.amends_id = s.id) AS stands
    FROM days_due CROSS JOIN LATERAL (
        SELECT id, draw_id, number, kind, taken_on, assay, found, reported_on FROM outcomes_urinestep
        WHERE draw_id = days_due.id OFFSET 0) AS s
),
last_steps AS (SELECT DISTINCT ON (draw_id) draw_id, kind FROM steps ORDER BY draw_id, number DESC),
givings AS (
    SELECT DISTINCT ON (draw_id) draw_id, taken_on FROM steps
    WHERE kind = 'taken' AND taken_on < %(as_of)s ORDER BY draw_id, number DESC
),
results AS (
    SELECT draw_id, assay, found FROM steps WHERE kind = 'result' AND stands AND reported_on < %(as_of)s
),
days_drawn AS (
    SELECT d.id, d.patient_id, d.due_on, d.assay, last.kind
    FROM days_due d LEFT JOIN last_steps last ON last.draw_id = d.id
    WHERE last.kind IS NOT NULL OR EXISTS (
        SELECT FROM patients_episode e
        WHERE e.person_id = d.patient_id AND e.clinic_id = %(clinic)s AND e.started_on <= d.due_on
            AND (e.exited_on IS NULL OR e.exited_on > d.due_on))
),
samples AS (
    SELECT d.patient_id, d.due_on, g.taken_on, d.assay, CASE
        WHEN g.taken_on IS NULL THEN CASE WHEN d.kind = 'not_taken' THEN 'not_taken' END
        WHEN d.kind = 'void' THEN 'void'
        ELSE r.found END AS result
    FROM days_drawn d
    LEFT JOIN givings g ON g.draw_id = d.id
    LEFT JOIN results r ON r.draw_id = d.id AND r.assay = d.assay
    UNION ALL
    SELECT d.patient_id, d.due_on, g.taken_on, r.assay, CASE WHEN d.kind = 'void' THEN 'void' ELSE r.found END
    FROM days_drawn d JOIN givings g ON g.draw_id = d.id JOIN results r ON r.draw_id = d.id
    WHERE r.assay <> d.assay
),
weeks_told AS (
    SELECT DISTINCT t.patient_id, t.assay,
        floor((t.due_on - coalesce(b.started_on, DATE '2000-01-03')) / 7.0) AS week
    FROM unread u CROSS JOIN LATERAL (
        SELECT patient_id, assay, due_on FROM outcomes_urinetest
        WHERE clinic_id = %(clinic)s AND due_on >= u.month - 6 AND due_on < least(u.ends_on + 6, %(as_of)s) OFFSET 0
    ) AS t LEFT JOIN starts b ON b.person_id = t.patient_id
    WHERE u.table_name = 'urine'
),
own_samples AS (
    SELECT s.* FROM samples s LEFT JOIN starts b ON b.person_id = s.patient_id
    WHERE NOT EXISTS (
        SELECT FROM weeks_told t WHERE t.patient_id = s.patient_id AND t.assay = s.assay
            AND t.week = floor((s.due_on - coalesce(b.started_on, DATE '2000-01-03')) / 7.0))
),
first_starts AS (
    SELECT person_id, min(started_on) AS started_on FROM patients_episode WHERE clinic_id = %(clinic)s GROUP BY person_id
),
last_facts AS (
    SELECT d.month, max(greatest(s.reported_on, b.started_on)) AS day
    FROM days_due d LEFT JOIN steps s ON s.draw_id = d.id LEFT JOIN first_starts b ON b.person_id = d.patient_id
    GROUP BY d.month
),
incidents AS (
    SELECT DISTINCT ON (incident) patient_id, happened_on, kind, place = 'clinic' AS on_site, naloxone_given
    FROM outcomes_incidentreport WHERE clinic_id = %(clinic)s ORDER BY incident, number DESC
),
emergencies AS (
    SELECT e.patient_id, (i.opened_at AT TIME ZONE 'Europe/London')::date AS happened_on
    FROM dosing_emergency e JOIN dosing_emergencyincident i ON i.emergency_id = e.id
    WHERE e.clinic_id = %(clinic)s AND i.category = 'naloxone'
),
told AS (
    SELECT person_id AS patient_id, happened_on, category, on_site, naloxone_given
    FROM patients_incident WHERE clinic_id = %(clinic)s
    UNION ALL
    SELECT i.* FROM incidents i WHERE NOT EXISTS (
        SELECT FROM patients_incident p WHERE p.clinic_id = %(clinic)s AND p.person_id = i.patient_id
            AND p.happened_on = i.happened_on AND p.category = i.kind)
),
events AS (
    SELECT * FROM told
    UNION ALL
    SELECT e.patient_id, e.happened_on, 'emergency', true, true FROM emergencies e WHERE NOT EXISTS (
        SELECT FROM told t
        WHERE t.patient_id = e.patient_id AND t.happened_on = e.happened_on AND t.naloxone_given)
),
homes_told AS (
    SELECT id FROM outcomes_housingrecord WHERE clinic_id = %(clinic)s AND import_run_id IS NOT NULL
    UNION ALL
    SELECT later.id FROM outcomes_housingrecord later JOIN homes_told h ON later.amends_id = h.id
),
rows AS (
    SELECT 'programme' AS table_name, opened_on AS day, jsonb_build_object(
        'opened_on', opened_on, 'places', places, 'sessions_per_day', sessions_per_day) AS row
    FROM accounts_clinic WHERE id = %(clinic)s
    UNION ALL
    SELECT 'phases', lower(during), jsonb_build_object(
        'name', name, 'starts_on', lower(during), 'ends_on', upper(during), 'places', places,
        'sessions_per_day', sessions_per_day, 'funded_by', funded_by, 'funded_until', funded_until)
    FROM accounts_phase WHERE clinic_id = %(clinic)s AND lower(during) < %(as_of)s
    UNION ALL
    SELECT 'people', referred_on, jsonb_build_object(
        'person', person_id, 'referred_on', referred_on, 'referral_source', source,
        'assessed_on', assessed_on, 'eligible', is_eligible, 'started_on', started_on,
        'exited_on', CASE WHEN exited_on < %(as_of)s THEN exited_on END,
        'exit_reason', CASE WHEN exited_on < %(as_of)s THEN exit_reason END,
        'area', nullif(area, ''), 'against_criteria', against_criteria)
    FROM lives
    UNION ALL
    SELECT 'attendance', s.service_date, jsonb_build_object(
        'person', s.patient_id, 'date', s.service_date, 'slot', s.slot, 'outcome', s.outcome,
        'given_mg', s.given_mg, 'reason', nullif(s.reason, ''))
    FROM unread u CROSS JOIN LATERAL (
        SELECT p.patient_id, p.service_date, p.slot, o.outcome, o.given_mg, o.reason
        FROM dosing_plannedsession p LEFT JOIN LATERAL (
            SELECT live.outcome, live.given_mg, live.reason FROM dosing_sessionoutcome live
            WHERE live.session_id = p.id
                AND (SELECT later.id FROM dosing_sessionoutcome later WHERE later.amends_id = live.id) IS NULL
            LIMIT 1) AS o ON true
        WHERE p.clinic_id = %(clinic)s AND p.service_date >= u.month AND p.service_date < u.read_to OFFSET 0) AS s
    WHERE u.table_name = 'attendance'
    UNION ALL
    SELECT 'urine', due_on, jsonb_build_object(
        'person', patient_id, 'due_on', due_on, 'taken_on', taken_on, 'assay', assay, 'result', result)
    FROM (
        SELECT t.* FROM unread u CROSS JOIN LATERAL (
            SELECT patient_id, due_on, taken_on, assay, result FROM outcomes_urinetest
            WHERE clinic_id = %(clinic)s AND due_on >= u.month AND due_on < u.read_to OFFSET 0) AS t
        WHERE u.table_name = 'urine'
        UNION ALL
        SELECT * FROM own_samples
    ) AS urine
    UNION ALL
    SELECT 'offences', occurred_on, jsonb_build_object(
        'person', o.person_id, 'occurred_on', o.occurred_on, 'offence', o.type_id, 'source', o.source)
    FROM outcomes_offence o
    WHERE o.clinic_id = %(clinic)s AND o.occurred_on < %(as_of)s AND o.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_offence later WHERE later.amends_id = o.id)
    UNION ALL
    SELECT 'offences', r.occurred_on, jsonb_build_object(
        'person', r.person, 'occurred_on', r.occurred_on, 'offence', r.offence, 'source', 'police_recorded')
    FROM (
        SELECT person, occurred_on, offence,
            row_number() OVER (PARTITION BY person, occurred_on, offence) AS number
        FROM jsonb_to_recordset(%(recorded)s::jsonb) AS r(person uuid, occurred_on date, offence text)
    ) AS r
    WHERE r.number > (
        SELECT count(*) FROM outcomes_offence o
        WHERE o.clinic_id = %(clinic)s AND o.person_id = r.person AND o.occurred_on = r.occurred_on
            AND o.type_id = r.offence AND o.source = 'police_recorded')
    UNION ALL
    SELECT 'offence_types', (SELECT opened_on FROM accounts_clinic WHERE id = %(clinic)s), jsonb_build_object(
        'code', code, 'offence_group', "group", 'css_weight', severity_weight,
        'response_cost_gbp', response_cost_gbp, 'social_cost_gbp', social_cost_gbp, 'verified', is_verified)
    FROM outcomes_offencetype
    UNION ALL
    SELECT 'custody', lower(during), jsonb_build_object(
        'person', patient_id, 'starts_on', lower(during),
        'ends_on', CASE WHEN upper(during) < %(as_of)s THEN upper(during) END)
    FROM outcomes_custodystay c WHERE clinic_id = %(clinic)s AND lower(during) < %(as_of)s
        AND correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_custodystay later WHERE later.amends_id = c.id)
    UNION ALL
    SELECT 'top', f.completed_on, jsonb_build_object(
        'person', f.patient_id, 'date', f.completed_on, 'stage', f.stage, 'items', coalesce(
            (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(f))
             WHERE key = ANY(%(items)s) AND value <> 'null'), '{}'))
    FROM unread u CROSS JOIN LATERAL (
        SELECT * FROM outcomes_outcomeform
        WHERE clinic_id = %(clinic)s AND completed_on >= u.month AND completed_on < u.read_to OFFSET 0) AS f
    WHERE u.table_name = 'top' AND f.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_outcomeform later WHERE later.amends_id = f.id)
    UNION ALL
    SELECT 'own', q.answered_on, jsonb_build_object(
        'person', q.patient_id, 'date', q.answered_on, 'stage', q.stage, 'answers', jsonb_strip_nulls(
            jsonb_build_object('spend_week_pence', q.spend_week_pence, 'public_injecting', q.public_injecting,
                'unsafe_disposal', q.unsafe_disposal, 'family_contact', nullif(q.family_contact, ''))))
    FROM unread u CROSS JOIN LATERAL (
        SELECT * FROM outcomes_ownanswers
        WHERE clinic_id = %(clinic)s AND answered_on >= u.month AND answered_on < u.read_to OFFSET 0) AS q
    WHERE u.table_name = 'own' AND q.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_ownanswers later WHERE later.amends_id = q.id)
    UNION ALL
    SELECT 'housing', h.recorded_on, jsonb_build_object(
        'person', h.patient_id, 'date', h.recorded_on, 'state', h.state)
        || CASE WHEN h.id IN (SELECT id FROM homes_told) THEN '{}' ELSE '{"holds": true}' END::jsonb
    FROM outcomes_housingrecord h
    WHERE h.clinic_id = %(clinic)s AND h.recorded_on < %(as_of)s AND h.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_housingrecord later WHERE later.amends_id = h.id)
    UNION ALL
    SELECT 'service_use', u.from_on, jsonb_build_object(
        'person', u.patient_id, 'starts_on', u.from_on, 'ends_on', u.to_on, 'source', u.source,
        'ambulance', u.ambulance, 'ae', u.ae, 'inpatient', u.inpatient)
    FROM outcomes_serviceuse u
    WHERE u.clinic_id = %(clinic)s AND u.to_on <= %(as_of)s AND u.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_serviceuse later WHERE later.amends_id = u.id)
    UNION ALL
    SELECT 'events', happened_on, jsonb_build_object(
        'person', patient_id, 'date', happened_on, 'category', category, 'on_site', on_site,
        'naloxone', naloxone_given)
    FROM events WHERE happened_on < %(as_of)s
    UNION ALL
    SELECT 'costs', c.month, jsonb_build_object(
        'month', c.month, 'payer', c.payer, 'category', c.category, 'amount_pence', c.amount_pence)
    FROM outcomes_programmecost c
    WHERE c.clinic_id = %(clinic)s AND c.month < %(as_of)s AND c.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_programmecost later WHERE later.amends_id = c.id)
    UNION ALL
    SELECT 'area', a.from_on, jsonb_build_object(
        'area', a.area, 'measure', a.measure, 'starts_on', a.from_on, 'ends_on', a.to_on, 'number', a.count,
        'source', a.source)
    FROM outcomes_areafigure a
    WHERE a.clinic_id = %(clinic)s AND a.to_on <= %(as_of)s AND a.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_areafigure later WHERE later.amends_id = a.id)
    UNION ALL
    SELECT 'disruptions', d.from_on, jsonb_build_object(
        'starts_on', d.from_on, 'ends_on', CASE WHEN d.to_on <= %(as_of)s THEN d.to_on END, 'kind', d.kind,
        'label', d.label)
    FROM outcomes_disruption d
    WHERE d.clinic_id = %(clinic)s AND d.from_on < %(as_of)s AND d.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_disruption later WHERE later.amends_id = d.id)
    UNION ALL
    SELECT 'need', n.as_of, jsonb_build_object(
        'estimated_on', n.as_of, 'area', n.area, 'people', n.people, 'method', n.method, 'source', n.source)
    FROM outcomes_needestimate n
    WHERE n.clinic_id = %(clinic)s AND n.as_of < %(as_of)s AND n.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_needestimate later WHERE later.amends_id = n.id)
    UNION ALL
    SELECT 'support', s.booked_on, jsonb_build_object(
        'person', s.patient_id, 'date', s.booked_on, 'domain', s.domain, 'attended', s.attended,
        'minutes', s.minutes, 'agency', a.name)
    FROM unread u CROSS JOIN LATERAL (
        SELECT * FROM outcomes_supportsession
        WHERE clinic_id = %(clinic)s AND booked_on >= u.month AND booked_on < u.read_to OFFSET 0) AS s
    LEFT JOIN accounts_agency a ON a.id = s.agency_id
    WHERE u.table_name = 'support' AND s.correction <> ALL(%(struck)s)
        AND NOT EXISTS (SELECT FROM outcomes_supportsession later WHERE later.amends_id = s.id)
    UNION ALL
    SELECT 'aims', c.opened_on, aim.value
    FROM accounts_clinic c, jsonb_array_elements(%(aims)s::jsonb) AS aim WHERE c.id = %(clinic)s
    UNION ALL
    SELECT 'unit_costs', c.opened_on, cost.value
    FROM accounts_clinic c, jsonb_array_elements(%(unit_costs)s::jsonb) AS cost WHERE c.id = %(clinic)s
),
contents AS (
    SELECT table_name, date_trunc('month', day)::date AS month, count(*) AS row_count,
        jsonb_agg(row ORDER BY row::text COLLATE "C") AS rows
    FROM rows GROUP BY 1, 2
),
segments AS (
    SELECT *, encode(sha256(convert_to(
        concat_ws(E'\\n', %(clinic)s, to_char(month, 'YYYY-MM'), table_name, rows::text), 'UTF8')), 'hex')
        AS sha256
    FROM contents
),
added AS (
    INSERT INTO outcomes_extractsegment (clinic_id, month, table_name, sha256, row_count, rows, frozen_at)
    SELECT %(clinic)s, month, table_name, sha256, row_count, rows, %(at)s FROM segments
    ON CONFLICT (clinic_id, month, table_name, sha256) DO NOTHING
    RETURNING id, table_name, month, sha256
),
found AS (
    SELECT id, table_name, month, sha256, true AS is_new FROM added
    UNION ALL
    SELECT e.id, e.table_name, e.month, e.sha256, false
    FROM outcomes_extractsegment e JOIN segments s
        ON e.clinic_id = %(clinic)s AND e.month = s.month AND e.table_name = s.table_name AND e.sha256 = s.sha256
    UNION ALL
    SELECT e.id, e.table_name, e.month, e.sha256, false
    FROM outcomes_extractsegment e JOIN kept ON kept.segment_id = e.id
),
settled AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT u.table_name, u.month, found.id AS segment_id, greatest(
            u.ends_on + CASE u.table_name WHEN 'urine' THEN 6 ELSE 0 END, last_facts.day + 1) AS settled_on
        FROM unread u LEFT JOIN found USING (table_name, month)
        LEFT JOIN last_facts ON u.table_name = 'urine' AND last_facts.month = u.month) AS months
    WHERE settled_on <= %(as_of)s
),
keeping AS (
    INSERT INTO outcomes_keptmonth (clinic_id, table_name, month, segment_id, settled_on, form)
    SELECT %(clinic)s, table_name, month, segment_id, settled_on, %(form)s FROM settled
    ON CONFLICT (clinic_id, table_name, month) DO UPDATE
        SET segment_id = excluded.segment_id, settled_on = excluded.settled_on, form = excluded.form
),
taken_away AS (
    SELECT take_marks_away(array_agg(marks.id)) FROM marks JOIN settled USING (table_name, month)
)
SELECT id, table_name, month, sha256, is_new FROM found CROSS JOIN taken_away ORDER BY table_name, month
"""
# A change of how a month is frozen changes this: then every month is read again.
FORM = sha256(repr((FREEZE, sorted(STRIKING), DAY_ITEMS, YES_NO_ITEMS, SCORE_ITEMS)).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Extract:
    """The segments of one frozen extract in their order, and the hash over theirs."""

    segment_ids: tuple[int, ...]
    sha256: str


def freeze_extract(*, clinic: UUID, as_of: date, by: User, at: datetime) -> Extract:
    """Freeze what is known of a clinic before the data cut; a segment that did not change is used again.

    Runs inside the caller's transaction, which holds the clinic's row, so that two freezes follow each other.
    """
    house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic)
    with connection.cursor() as cursor:
        # Straight after an import the tables have no statistics yet, and the planner would compare every
        # session with every outcome.
        cursor.execute("SET LOCAL enable_nestloop = off")
        parameters: dict[str, Any] = {
            "clinic": clinic,
            "as_of": as_of,
            "at": at,
            "form": FORM,
            "struck": [str(reason) for reason in STRIKING],
            "recorded": json.dumps(list_recorded_for_report(clinic_id=clinic, as_of=as_of)),
            "aims": json.dumps(list_aims_in_force(clinic=house, as_of=as_of)),
            "unit_costs": json.dumps(list_unit_costs_in_force(clinic=house, as_of=as_of)),
            "items": [*DAY_ITEMS, *YES_NO_ITEMS, *SCORE_ITEMS],
        }
        cursor.execute(FREEZE, parameters)
        found = cursor.fetchall()
        cursor.execute("SET LOCAL enable_nestloop = on")
    extract = Extract(
        segment_ids=tuple(row[0] for row in found),
        sha256=hash_of_extract([row[3] for row in found]),
    )
    record(
        "outcomes.extract_frozen",
        by=by,
        at=at,
        clinic=clinic,
        as_of=as_of.isoformat(),
        sha256=extract.sha256,
        segments=len(found),
        new_segments=sum(1 for row in found if row[4]),
    )
    return extract
