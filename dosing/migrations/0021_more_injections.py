"""Several injections in one session, a reason for each dose that is less than the full one, and what guards both."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARDS = """
CREATE FUNCTION ordered_session_mg(p_order uuid, p_session uuid, p_on date) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
AS $$
    -- The first day of a plan that names its first dose is ordered by the day; all else by the session.
    SELECT CASE
        WHEN o.kind = 'titration'
            AND EXISTS (
                SELECT FROM public.dosing_orderstep s WHERE s.order_id = o.id AND s.day = 1 AND s.first_mg IS NOT NULL
            )
            AND NOT EXISTS (
                SELECT FROM public.dosing_injection i
                    WHERE i.order_id = o.id AND i.given_on < p_on AND NOT i.is_contested
            )
        THEN o.daily_max_mg
        ELSE coalesce(
            (
                SELECT own.dose_mg FROM public.dosing_orderslot own JOIN public.dosing_plannedsession s ON s.slot = own.slot
                    WHERE own.order_id = o.id AND s.id = p_session
            ),
            o.dose_mg
        )
    END
    FROM public.dosing_order o WHERE o.id = p_order
$$;

CREATE FUNCTION injection_within_its_session() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    before integer;
    given integer;
BEGIN
    -- Facts are never refused: what was given against all this is stored as contested.
    IF NEW.is_contested THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('session ' || NEW.session_id, 0));
    SELECT count(*), coalesce(sum(i.given_mg), 0) INTO before, given
        FROM public.dosing_injection i WHERE i.session_id = NEW.session_id;
    IF before + 1 > (SELECT o.injections_per_session FROM public.dosing_order o WHERE o.id = NEW.order_id) THEN
        RAISE EXCEPTION 'The order allows no further injection in this session.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'session_has_the_injections_ordered';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_injection i
            WHERE i.session_id = NEW.session_id
                AND NEW.started_at < i.ended_at + interval '20 minutes'
                AND i.started_at < NEW.ended_at + interval '20 minutes'
    ) THEN
        RAISE EXCEPTION 'Twenty minutes lie between two injections of a session.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injections_of_a_session_are_apart';
    END IF;
    IF given + NEW.given_mg > public.ordered_session_mg(NEW.order_id, NEW.session_id, NEW.given_on) THEN
        RAISE EXCEPTION 'The injections of a session never pass its ordered dose.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'session_total_within_its_order';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION prepared_dose_within_its_session() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    before integer;
    given integer;
    last_ended_at timestamptz;
BEGIN
    IF NEW.dose_mg < NEW.allowed_mg AND NEW.reduced_for = '' THEN
        RAISE EXCEPTION 'A dose that is less than the full one says why.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reduced_dose_has_its_reason';
    END IF;
    SELECT count(*), coalesce(sum(i.given_mg), 0), max(i.ended_at) INTO before, given, last_ended_at
        FROM public.dosing_injection i
        WHERE i.session_id = NEW.session_id AND i.preparation_id IS DISTINCT FROM NEW.id
            AND i.started_at < NEW.prepared_at;
    IF given + NEW.dose_mg > public.ordered_session_mg(
        NEW.order_id, NEW.session_id, (NEW.prepared_at AT TIME ZONE 'Europe/London')::date
    ) THEN
        RAISE EXCEPTION 'What is drawn up would pass the ordered dose of the session.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'drawn_dose_within_its_session';
    END IF;
    IF before > 0 THEN
        IF EXISTS (
            SELECT FROM public.dosing_reading r
                WHERE r.session_id = NEW.session_id AND r.escalation <> '' AND r.taken_at <= NEW.prepared_at
        ) THEN
            RAISE EXCEPTION 'Nothing more is drawn up in a session in which somebody had to be roused, or worse.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'further_dose_follows_no_event';
        END IF;
        -- 88 % is the lowest target for oxygen that anybody may have of their own (clinical rule 19).
        IF NOT EXISTS (
            SELECT FROM public.dosing_reading r
                WHERE r.id = NEW.reading_id AND r.session_id = NEW.session_id
                    AND r.sedation IN ('1', '2') AND r.breaths >= 12 AND r.oxygen >= 88
                    AND r.taken_at >= last_ended_at
                    AND r.taken_at BETWEEN NEW.prepared_at - interval '5 minutes' AND NEW.prepared_at
        ) AND NOT EXISTS (
            SELECT FROM public.dosing_preinjectioncheck c
                WHERE c.id = NEW.check_made_id AND c.lets_a_dose_go_ahead AND c.made_at >= last_ended_at
                    AND c.made_at BETWEEN NEW.prepared_at - interval '5 minutes' AND NEW.prepared_at
        ) THEN
            RAISE EXCEPTION 'A further dose is drawn up on readings that are at most five minutes old.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'further_dose_rests_on_a_fresh_reading';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION prepared_dose_is_the_only_one() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('drawn for ' || NEW.patient_id, 0));
    IF EXISTS (
        SELECT FROM public.dosing_preparation p
            WHERE p.patient_id = NEW.patient_id AND p.id <> NEW.id
                AND NOT EXISTS (SELECT FROM public.dosing_injection i WHERE i.preparation_id = p.id)
                AND NOT EXISTS (SELECT FROM public.dosing_wasteddose w WHERE w.preparation_id = p.id)
    ) THEN
        RAISE EXCEPTION 'A drawn dose of this person has no ending: nothing more is drawn up.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'person_has_one_drawn_dose';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION outcome_amends_its_session() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_sessionoutcome o WHERE o.id = NEW.amends_id AND o.session_id = NEW.session_id
    ) THEN
        RAISE EXCEPTION 'An outcome amends one of its own session.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'outcome_amends_its_session';
    END IF;
    IF NEW.import_run_id IS NULL AND NEW.outcome = 'given_reduced' AND NEW.reduced_for = '' THEN
        RAISE EXCEPTION 'A session with less than its whole dose says why.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reduced_outcome_has_its_reason';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER injection_within_its_session BEFORE INSERT ON dosing_injection
    FOR EACH ROW EXECUTE FUNCTION injection_within_its_session();
CREATE TRIGGER outcome_amends_its_session BEFORE INSERT ON dosing_sessionoutcome
    FOR EACH ROW EXECUTE FUNCTION outcome_amends_its_session();
CREATE CONSTRAINT TRIGGER prepared_dose_within_its_session AFTER INSERT ON dosing_preparation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION prepared_dose_within_its_session();
CREATE CONSTRAINT TRIGGER prepared_dose_is_the_only_one AFTER INSERT ON dosing_preparation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION prepared_dose_is_the_only_one();
ALTER TABLE dosing_injection ENABLE ALWAYS TRIGGER injection_within_its_session;
ALTER TABLE dosing_sessionoutcome ENABLE ALWAYS TRIGGER outcome_amends_its_session;
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER prepared_dose_within_its_session;
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER prepared_dose_is_the_only_one;
"""

BEFORE = "BETWEEN NEW.prepared_at - interval '30 minutes' AND NEW.prepared_at"
# The whole check is made before the first injection of a session; the next rest on readings of their own.
AFTER = """BETWEEN NEW.prepared_at - (
                    CASE WHEN EXISTS (
                        SELECT FROM public.dosing_injection i
                            WHERE i.session_id = NEW.session_id AND i.started_at < NEW.prepared_at
                    ) THEN interval '24 hours' ELSE interval '30 minutes' END
                ) AND NEW.prepared_at"""


def let_a_further_dose_rest_on_readings(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Ask for the half hour of a check before the first injection alone, in the function as it stands now."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('preparation_is_allowed()'::regprocedure)")
        standing: str = cursor.fetchone()[0]
    if standing.count(BEFORE) != 1:
        raise RuntimeError("preparation_is_allowed is not what it was")
    schema_editor.execute(standing.replace(BEFORE, AFTER, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0020_two_doctors'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='injections_per_session',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='preparation',
            name='reading',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='preparations', to='dosing.reading'),
        ),
        migrations.AddField(
            model_name='preparation',
            name='reduced_for',
            field=models.CharField(blank=True, choices=[('asked', 'They asked for less'), ('drowsy', 'Drowsier than usual, within the limits'), ('took_something', 'Alcohol or other drugs, within the limits'), ('unwell', 'Unwell'), ('first_part', 'A first part: the rest follows in this session'), ('other', 'Another reason'), ('not_all_in', 'Not all of it went in'), ('limits', 'The limits or missed sessions left less')], default='', max_length=14),
        ),
        migrations.AddField(
            model_name='sessionoutcome',
            name='reduced_for',
            field=models.CharField(blank=True, choices=[('asked', 'They asked for less'), ('drowsy', 'Drowsier than usual, within the limits'), ('took_something', 'Alcohol or other drugs, within the limits'), ('unwell', 'Unwell'), ('first_part', 'A first part: the rest follows in this session'), ('other', 'Another reason'), ('not_all_in', 'Not all of it went in'), ('limits', 'The limits or missed sessions left less')], default='', max_length=14),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('injections_per_session__gte', 1), ('injections_per_session__lte', 3)), name='order_is_for_one_to_three_injections_a_session', violation_error_message='A session has one to three injections.'),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunPython(let_a_further_dose_rest_on_readings, migrations.RunPython.noop),
    ]
