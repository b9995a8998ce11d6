"""Asking a frozen extract: the rows of its segments as tables, for one statement at a time.

Figures are computed from segments only, never from the live tables, so the same extract gives the same
numbers for ever. Each table of an extract is one common table expression; a figure names those it needs.

Source: Indicators 1 and 2 (evaluation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from outcomes.rules.evaluation.indicators import Period

SEGMENT = """segment AS (
    SELECT id, table_name, month, rows FROM outcomes_extractsegment WHERE id = ANY(%(segments)s)
)"""

# The days of treatment from which somebody belongs to L30, 30 weeks. Indicators 2.
LONG_TREATMENT = 210

TABLES = {
    "programme": """programme AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(opened_on date, places int, sessions_per_day int)
    WHERE table_name = 'programme'
)""",
    "phases": """phases AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(starts_on date, ends_on date, places int)
    WHERE table_name = 'phases'
)""",
    # R, with what had happened by the data cut.
    "people": """people AS MATERIALIZED (
    SELECT r.*,
        coalesce(r.started_on < %(as_of)s, false) AS has_started,
        coalesce(r.exited_on < %(as_of)s, false) AS has_left
    FROM segment, jsonb_to_recordset(rows) AS r(
        person text, referred_on date, referral_source text, assessed_on date, eligible boolean,
        started_on date, exited_on date, exit_reason text, area text, against_criteria boolean)
    WHERE table_name = 'people' AND r.referred_on < %(as_of)s
)""",
    # S, with the clocks of each person.
    "starters": """starters AS MATERIALIZED (
    SELECT person, started_on, has_left,
        least(exited_on, %(as_of)s::date) - started_on AS duration,
        started_on - 365 AS pre_from,
        least(started_on + 365, %(as_of)s::date) AS follow_to
    FROM people WHERE has_started
)""",
    # The sessions of the month, one row each.
    "attendance": """attendance AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        person text, date date, slot text, outcome text, given_mg int, reason text)
    WHERE table_name = 'attendance' AND month >= %(month)s AND r.date >= %(opened_on)s AND r.date < %(as_of)s
)""",
    # All sessions since opening, counted by person, month and outcome. The database counted whole months when they
    # were frozen; the month asked about, and one in the middle of which the clinic opened, are counted here.
    "sessions": """sessions AS MATERIALIZED (
    SELECT told.*,
        coalesce(told.outcome IN ('given', 'given_reduced', 'withheld'), false) AS is_attended,
        coalesce(told.outcome <> 'excused', false) AS is_offered,
        told.month >= %(month)s AS in_month
    FROM (
        SELECT t.person, nullif(t.state, '') AS outcome, month, t.number AS sessions
        FROM segment JOIN outcomes_segmenttally t ON t.segment_id = segment.id
        WHERE table_name = 'attendance' AND month >= %(opened_on)s AND month < %(month)s
        UNION ALL
        SELECT r.person, r.outcome, month, count(*)::int
        FROM segment, jsonb_to_recordset(rows) AS r(person text, date date, outcome text)
        WHERE table_name = 'attendance' AND NOT (month >= %(opened_on)s AND month < %(month)s)
            AND r.date >= %(opened_on)s AND r.date < %(as_of)s
        GROUP BY r.person, r.outcome, month) AS told
)""",
    # Samples due since opening on one assay, counted in the same way by person, month and what became of them.
    "samples": """samples AS MATERIALIZED (
    SELECT told.*, told.month >= %(month)s AS in_month
    FROM (
        SELECT t.person, t.state, month, t.number
        FROM segment JOIN outcomes_segmenttally t ON t.segment_id = segment.id
        WHERE table_name = 'urine' AND t.assay = %(assay)s AND month >= %(opened_on)s AND month < %(month)s
        UNION ALL
        SELECT r.person, coalesce(r.result, CASE WHEN r.taken_on IS NULL THEN '' ELSE 'at_laboratory' END), month,
            count(*)::int
        FROM segment, jsonb_to_recordset(rows) AS r(
            person text, due_on date, taken_on date, assay text, result text)
        WHERE table_name = 'urine' AND r.assay = %(assay)s AND NOT (month >= %(opened_on)s AND month < %(month)s)
            AND r.due_on >= %(opened_on)s AND r.due_on < %(as_of)s
        GROUP BY 1, 2, 3) AS told
)""",
    # The samples of months in which somebody's weeks of treatment lie that are asked about, one row each.
    "weekly_samples": """weekly_samples AS MATERIALIZED (
    SELECT r.person, r.due_on, r.result
    FROM segment, jsonb_to_recordset(rows) AS r(person text, due_on date, assay text, result text)
    WHERE table_name = 'urine' AND r.assay = %(assay)s AND r.due_on >= %(opened_on)s AND r.due_on < %(as_of)s
        AND EXISTS (
            SELECT FROM starters
            WHERE started_on + 7 * %(last_week)s > month
                AND started_on + 7 * (%(first_week)s - 1) < month + interval '1 month')
)""",
    "offences": """offences AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        person text, occurred_on date, offence text, source text)
    WHERE table_name = 'offences' AND r.occurred_on < %(as_of)s
)""",
    # The fingerprint is over the table alone: two clinics that weigh alike print the same.
    "offence_types": """offence_types AS (
    SELECT r.*, segment.sha256 AS table_sha256
    FROM (SELECT rows, encode(sha256(convert_to(rows::text, 'UTF8')), 'hex') AS sha256 FROM outcomes_extractsegment
          WHERE id = ANY(%(segments)s) AND table_name = 'offence_types') AS segment,
        jsonb_to_recordset(rows) AS r(
            code text, offence_group text, css_weight numeric, response_cost_gbp int, social_cost_gbp int,
            verified boolean)
)""",
    # Stays of one person that touch or overlap are one: a day inside counts once.
    "custody": """custody AS MATERIALIZED (
    SELECT r.person, range_agg(daterange(r.starts_on, least(r.ends_on, %(as_of)s::date))) AS inside
    FROM segment, jsonb_to_recordset(rows) AS r(person text, starts_on date, ends_on date)
    WHERE table_name = 'custody' AND r.starts_on < %(as_of)s
    GROUP BY r.person
)""",
    "told_stays": """told_stays AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(person text, starts_on date, ends_on date)
    WHERE table_name = 'custody' AND r.starts_on < %(as_of)s
)""",
    # The days on which stays begin, each once. A day inside an earlier stay of the person begins none; a stay that
    # follows on the day another ends does.
    "stays": """stays AS MATERIALIZED (
    SELECT DISTINCT person, starts_on FROM told_stays AS stay
    WHERE NOT EXISTS (
        SELECT FROM told_stays AS other
        WHERE other.person = stay.person AND other.starts_on < stay.starts_on
            AND (other.ends_on IS NULL OR other.ends_on > stay.starts_on))
)""",
    # Each form with the items that were answered.
    "top": """top AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(person text, date date, stage text, items jsonb)
    WHERE table_name = 'top' AND r.date < %(as_of)s
)""",
    # The start form nearest to each start, and the last review or exit form after it.
    "start_forms": """start_forms AS MATERIALIZED (
    SELECT DISTINCT ON (person) person, started_on, duration, date, items
    FROM starters JOIN top USING (person)
    WHERE stage = 'start' AND abs(date - started_on) <= 14
    ORDER BY person, abs(date - started_on), date
)""",
    "last_forms": """last_forms AS MATERIALIZED (
    SELECT DISTINCT ON (person) person, top.items
    FROM start_forms JOIN top USING (person)
    WHERE stage IN ('review', 'exit') AND top.date > start_forms.date
    ORDER BY person, top.date DESC
)""",
    # The clinic's own questions, with the answers that were given.
    "own": """own AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(person text, date date, stage text, answers jsonb)
    WHERE table_name = 'own' AND r.date < %(as_of)s
)""",
    "own_at_start": """own_at_start AS MATERIALIZED (
    SELECT DISTINCT ON (person) person, date, answers AS first
    FROM starters JOIN own USING (person)
    WHERE stage = 'start' AND abs(date - started_on) <= 14
    ORDER BY person, abs(date - started_on), date, answers::text
)""",
    "own_paired": """own_paired AS MATERIALIZED (
    SELECT DISTINCT ON (person) person, first, own.answers AS last
    FROM own_at_start JOIN own USING (person)
    WHERE stage IN ('review', 'exit') AND own.date > own_at_start.date
    ORDER BY person, own.date DESC, own.answers::text
)""",
    # What a colleague wrote holds from its day on; the rest, and all that was frozen before, tells of its day only.
    "housing": """housing AS MATERIALIZED (
    SELECT r.person, r.date, r.state, coalesce(r.holds, false) AS holds
    FROM segment, jsonb_to_recordset(rows) AS r(person text, date date, state text, holds boolean)
    WHERE table_name = 'housing' AND r.date < %(as_of)s
)""",
    # Stretches that somebody asked about or looked up, over by the data cut.
    "service_use": """service_use AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        person text, starts_on date, ends_on date, source text, ambulance int, ae int, inpatient int)
    WHERE table_name = 'service_use' AND r.ends_on <= %(as_of)s
)""",
    "events": """events AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        person text, date date, category text, on_site boolean, naloxone boolean)
    WHERE table_name = 'events' AND r.date >= %(opened_on)s AND r.date < %(as_of)s
)""",
    # The first day on which somebody is said to have died, also before the opening.
    "deaths": """deaths AS (
    SELECT r.person, min(r.date) AS died_on
    FROM segment, jsonb_to_recordset(rows) AS r(person text, date date, category text)
    WHERE table_name = 'events' AND r.category = 'death' AND r.date < %(as_of)s
    GROUP BY r.person
)""",
    "costs": """costs AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        month date, payer text, category text, amount_pence bigint)
    WHERE table_name = 'costs' AND r.month < %(as_of)s
)""",
    # What others published of the area, over by the data cut.
    "area": """area AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        area text, measure text, starts_on date, ends_on date, number int, source text)
    WHERE table_name = 'area' AND r.ends_on <= %(as_of)s
)""",
    "disruptions": """disruptions AS MATERIALIZED (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        starts_on date, ends_on date, kind text, label text)
    WHERE table_name = 'disruptions' AND r.starts_on < %(as_of)s
)""",
    "need": """need AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        estimated_on date, area text, people int, method text, source text)
    WHERE table_name = 'need' AND r.estimated_on < %(as_of)s
)""",
    # The aims of the programme that were in force at the data cut.
    "aims": """aims AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        number int, words text, figures jsonb, unknown text, version text, source text, basis text)
    WHERE table_name = 'aims'
)""",
    # What an offence costs each body, by the table in force at the data cut.
    "unit_costs": """unit_costs AS (
    SELECT r.* FROM segment, jsonb_to_recordset(rows) AS r(
        version text, label text, offence text, pence jsonb, price_year int, source text, verified_by text,
        verified_on text)
    WHERE table_name = 'unit_costs'
)""",
    # The support sessions of the month, one row each.
    "support": """support AS MATERIALIZED (
    SELECT r.*
    FROM segment, jsonb_to_recordset(rows) AS r(
        person text, date date, domain text, attended boolean, minutes int, agency text)
    WHERE table_name = 'support' AND month >= %(month)s AND r.date < %(as_of)s
)""",
    # Those since opening, counted as sessions are.
    "supported": """supported AS MATERIALIZED (
    SELECT t.person, t.state = 'attended' AS attended, month, t.number
    FROM segment JOIN outcomes_segmenttally t ON t.segment_id = segment.id
    WHERE table_name = 'support' AND month >= %(opened_on)s AND month < %(month)s
    UNION ALL
    SELECT r.person, r.attended, month, count(*)::int
    FROM segment, jsonb_to_recordset(rows) AS r(person text, date date, attended boolean)
    WHERE table_name = 'support' AND NOT (month >= %(opened_on)s AND month < %(month)s)
        AND r.date >= least(%(opened_on)s, %(month)s) AND r.date < %(as_of)s
    GROUP BY 1, 2, 3
)""",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Frozen:
    """The segments of one extract and the month that is asked about."""

    segment_ids: Sequence[int]
    period: Period

    def ask(self, tables: Sequence[str], sql: str, **values: Any) -> list[dict[str, Any]]:
        """The rows of one statement over the named tables of the extract, in order of dependence."""
        parameters = {
            "segments": list(self.segment_ids),
            "month": self.period.month,
            "as_of": self.period.as_of,
            "opened_on": self.period.opened_on,
            **values,
        }
        return _fetch(tables, sql, parameters)

    def ask_one(self, tables: Sequence[str], sql: str, **values: Any) -> dict[str, Any]:
        """The single row of an aggregate."""
        (row,) = self.ask(tables, sql, **values)
        return row


def get_period(segment_ids: Sequence[int], month: date, as_of: date) -> Period:
    """The month with the opening day that the extract's own programme row gives."""
    parameters = {"segments": list(segment_ids)}
    (row,) = _fetch(["programme"], "SELECT opened_on FROM programme", parameters)
    return Period(month=month, opened_on=row["opened_on"], as_of=as_of)


def _fetch(tables: Sequence[str], sql: str, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    expressions = ",\n".join([SEGMENT, *(TABLES[name] for name in tables)])
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {expressions}\n{sql}", parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
