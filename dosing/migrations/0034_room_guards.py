"""What the room's actions refuse, refused by the tables too."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import quoted

GUARDS = """
CREATE FUNCTION nothing_is_drawn_in_a_closed_session() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.dosing_closure c JOIN public.dosing_plannedsession s ON s.id = NEW.session_id
            WHERE c.clinic_id = s.clinic_id AND c.closed_at <= NEW.prepared_at
                AND c.starts_at <= NEW.prepared_at AND NEW.prepared_at < c.ends_at
                AND NOT EXISTS (
                    SELECT FROM public.dosing_reopening r WHERE r.closure_id = c.id AND r.from_at <= NEW.prepared_at
                )
    ) THEN
        RAISE EXCEPTION 'Nothing is drawn up in a closed session.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_drawn_in_a_closed_session';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER nothing_is_drawn_in_a_closed_session AFTER INSERT ON dosing_preparation
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nothing_is_drawn_in_a_closed_session();
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER nothing_is_drawn_in_a_closed_session;

-- A dose that was drawn up before an emergency is recorded alone where it went in before it.
CREATE FUNCTION injection_began_before_its_emergency() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT NEW.is_contested AND EXISTS (
        SELECT FROM public.dosing_preparation p JOIN public.dosing_emergency e ON e.patient_id = p.patient_id
            WHERE p.id = NEW.preparation_id AND e.began_at >= p.prepared_at AND e.began_at < NEW.ended_at
    ) THEN
        RAISE EXCEPTION 'An emergency began since this dose was drawn up: it went in before, or not at all.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_began_before_its_emergency';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER injection_began_before_its_emergency BEFORE INSERT ON dosing_injection
    FOR EACH ROW EXECUTE FUNCTION injection_began_before_its_emergency();
ALTER TABLE dosing_injection ENABLE ALWAYS TRIGGER injection_began_before_its_emergency;

CREATE FUNCTION late_arrival_follows_its_ending() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_sessionoutcome o
            WHERE o.id = NEW.ends_id AND o.session_id = NEW.session_id
                AND (o.outcome IN ('missed', 'excused') OR o.outcome = 'withheld' AND o.reason = 'declined')
                AND NOT EXISTS (SELECT FROM public.dosing_sessionoutcome later WHERE later.amends_id = o.id)
    ) THEN
        RAISE EXCEPTION 'Somebody comes after all to a session that was recorded as missed, excused or declined.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'late_arrival_follows_its_ending';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER late_arrival_follows_its_ending BEFORE INSERT ON dosing_latearrival
    FOR EACH ROW EXECUTE FUNCTION late_arrival_follows_its_ending();
ALTER TABLE dosing_latearrival ENABLE ALWAYS TRIGGER late_arrival_follows_its_ending;

CREATE FUNCTION handover_is_read_by_somebody_else() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.dosing_handover h WHERE h.id = NEW.handover_id AND h.signed_by_id = NEW.acknowledged_by_id
    ) THEN
        RAISE EXCEPTION 'A handover is read by somebody else than whoever signed it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'handover_is_read_by_somebody_else';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER handover_is_read_by_somebody_else BEFORE INSERT ON dosing_handoveracknowledgement
    FOR EACH ROW EXECUTE FUNCTION handover_is_read_by_somebody_else();
ALTER TABLE dosing_handoveracknowledgement ENABLE ALWAYS TRIGGER handover_is_read_by_somebody_else;

-- An ending replaces another by a further injection, a late arrival, a correction, or a line of a paper pack.
CREATE FUNCTION amending_outcome_says_why() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.injection_id IS NULL
        AND NOT EXISTS (SELECT FROM public.dosing_correction c WHERE c.outcome_id = NEW.id)
        AND NOT EXISTS (SELECT FROM public.dosing_latearrival a WHERE a.ends_id = NEW.amends_id)
        AND NOT EXISTS (SELECT FROM public.dosing_paperline l WHERE l.session_id = NEW.session_id)
    THEN
        RAISE EXCEPTION 'An ending that amends another says why.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amending_outcome_says_why';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER amending_outcome_says_why AFTER INSERT ON dosing_sessionoutcome
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL) EXECUTE FUNCTION amending_outcome_says_why();
ALTER TABLE dosing_sessionoutcome ENABLE ALWAYS TRIGGER amending_outcome_says_why;
"""

# The injections that count: without those of a paper line that was settled as never given. For statements by hand and
# for triggers; the program's own manager says the same.
STANDING_INJECTIONS = """
CREATE VIEW dosing_standinginjection WITH (security_invoker = true) AS
    SELECT i.* FROM dosing_injection i WHERE NOT EXISTS (
        SELECT FROM dosing_papersettlement said WHERE said.case_id = i.paper_line_id AND said.stands = 'computer'
    );
"""
COUNTING = (
    ("prepared_dose_within_its_session()", "FROM public.dosing_injection i\n        WHERE i.session_id"),
    ("injection_within_its_session()", "FROM public.dosing_injection i WHERE i.session_id"),
    ("injection_within_its_session()", "FROM public.dosing_injection i\n            WHERE i.session_id"),
    (
        "preparation_is_allowed()",
        "SELECT FROM public.dosing_injection i\n                            WHERE i.session_id",
    ),
    ("oral_dose_is_allowed()", "FROM public.dosing_injection i JOIN public.dosing_protocolversion"),
)

# An outcome says what its session came to with its own injection and those before it that count.
OUTCOME_COUNTS = (
    "outcome_agrees_with_its_injection()",
    "FROM public.dosing_injection j",
    "FROM (SELECT id, session_id, number, given_mg FROM public.dosing_standinginjection UNION SELECT id, session_id, "
    "number, given_mg FROM public.dosing_injection own WHERE own.id = NEW.injection_id) j",
)

# A reading that was put right since is as if it had not been taken.
STANDING = "(SELECT FROM public.dosing_reading later WHERE later.amends_id = r.id)"
FRESH_READINGS = (
    (
        "prepared_dose_within_its_session()",
        "WHERE r.id = NEW.reading_id AND r.session_id = NEW.session_id\n",
        f"WHERE r.id = NEW.reading_id AND r.session_id = NEW.session_id AND NOT EXISTS {STANDING}\n",
    ),
    (
        "authorisation_is_in_order()",
        "WHERE r.session_id = c.session_id AND r.escalation = ''\n",
        f"WHERE r.session_id = c.session_id AND r.escalation = '' AND NOT EXISTS {STANDING}\n",
    ),
)


def count_what_stands(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let no dose and no authorisation rest on a reading that was put right, in the functions as they stand.

    And let them count no injection that was settled as never given.
    """
    counting = [
        (name, found, found.replace("dosing_injection", "dosing_standinginjection")) for name, found in COUNTING
    ]
    for name, found, wanted in (*FRESH_READINGS, *counting, OUTCOME_COUNTS):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_get_functiondef('{name}'::regprocedure)")  # noqa: S608 - our own names
            standing: str = cursor.fetchone()[0]
        if standing.count(found) != 1:
            raise RuntimeError(f"{name} is not what it was")
        schema_editor.execute(standing.replace(found, wanted, 1), params=None)


def let_the_program_read(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application's login and the register's functions read the view, and write nothing through it."""
    app, register = quoted(settings.DATABASE_APP_ROLE), quoted(settings.DATABASE_REGISTER_ROLE)
    for statement in (
        f"REVOKE ALL ON dosing_standinginjection FROM {app}",
        f"GRANT SELECT ON dosing_standinginjection TO {app}, {register}",
        f"GRANT SELECT ON dosing_papersettlement TO {register}",
    ):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("dosing", "0033_paper")]

    operations = [
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunSQL(STANDING_INJECTIONS, migrations.RunSQL.noop),
        migrations.RunPython(count_what_stands, migrations.RunPython.noop),
        migrations.RunPython(let_the_program_read, migrations.RunPython.noop),
    ]
