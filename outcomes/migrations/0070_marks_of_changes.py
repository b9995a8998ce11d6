"""The triggers that mark a month as changed and count a frozen one; and both of what is there already.

Each mark is written by the statement, or for what is changed in place by the row, in the transaction that changes it.
"""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only, quoted

# A sample of our own is set against what a file told of the same week: its month changes with the days around it.
AROUND = "(VALUES (-6), (6)) AS around(days)"

# What a statement added, by the table it stands in: the months that are marked, under the name they are frozen by.
ADDED = {
    "dosing_plannedsession": "SELECT clinic_id, 'attendance', service_date FROM added",
    "dosing_sessionoutcome": """
        SELECT s.clinic_id, 'attendance', s.service_date
        FROM added JOIN public.dosing_plannedsession s ON s.id = added.session_id""",
    "outcomes_supportsession": """
        SELECT clinic_id, 'support', booked_on FROM added
        UNION SELECT was.clinic_id, 'support', was.booked_on
        FROM added JOIN public.outcomes_supportsession was ON was.id = added.amends_id""",
    "outcomes_outcomeform": """
        SELECT clinic_id, 'top', completed_on FROM added
        UNION SELECT was.clinic_id, 'top', was.completed_on
        FROM added JOIN public.outcomes_outcomeform was ON was.id = added.amends_id""",
    "outcomes_ownanswers": """
        SELECT clinic_id, 'own', answered_on FROM added
        UNION SELECT was.clinic_id, 'own', was.answered_on
        FROM added JOIN public.outcomes_ownanswers was ON was.id = added.amends_id""",
    "outcomes_urinetest": f"SELECT clinic_id, 'urine', due_on + days FROM added, {AROUND}",
    "outcomes_urinedraw": "SELECT clinic_id, 'urine', due_on FROM added",
    "outcomes_urinestep": """
        SELECT d.clinic_id, 'urine', d.due_on FROM added JOIN public.outcomes_urinedraw d ON d.id = added.draw_id""",
}

MARK = """
    INSERT INTO public.outcomes_changedmonth (clinic_id, table_name, month)
    SELECT DISTINCT clinic, frozen_as, date_trunc('month', day)::date
    FROM ({changed}) AS changed(clinic, frozen_as, day);
"""

TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    {mark}
    RETURN NULL;
END
$$;
CREATE TRIGGER {name} AFTER {events} ON {table} {each} EXECUTE FUNCTION {name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};
"""
EACH_STATEMENT = "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"

# What is changed in place. Of a stay in treatment a new end moves what was due from the earlier of both ends on; all
# else of it moves every sample of the person. The name of an agency stands in what was frozen of its sessions.
CHANGED = {
    "outcomes_urinetest": (
        "UPDATE OR DELETE",
        f"SELECT clinic_id, 'urine', due_on + days FROM (VALUES (OLD.clinic_id, OLD.due_on), (NEW.clinic_id, NEW.due_on))"
        f" AS one(clinic_id, due_on), {AROUND} WHERE clinic_id IS NOT NULL",
    ),
    "patients_episode": (
        "INSERT OR UPDATE OF clinic_id, person_id, started_on, exited_on OR DELETE",
        """
        SELECT clinic_id, 'urine', due_on
        FROM (
            SELECT patient_id, clinic_id, due_on FROM public.outcomes_urinedraw
            UNION ALL SELECT patient_id, clinic_id, due_on FROM public.outcomes_urinetest) AS sample
        WHERE patient_id IN (OLD.person_id, NEW.person_id) AND due_on >= CASE
            WHEN (OLD.clinic_id, OLD.person_id, OLD.started_on) = (NEW.clinic_id, NEW.person_id, NEW.started_on)
            THEN least(OLD.exited_on, NEW.exited_on) ELSE '-infinity' END""",
    ),
    "accounts_agency": (
        "UPDATE OF name",
        "SELECT clinic_id, 'support', booked_on FROM public.outcomes_supportsession WHERE agency_id = NEW.id",
    ),
}

TALLIES = """
    INSERT INTO public.outcomes_segmenttally (segment_id, person, assay, state, number)
    SELECT id, person, '', coalesce(outcome, ''), count(*)
    FROM {segments} AS s, jsonb_to_recordset(rows) AS r(person text, outcome text)
    WHERE table_name = 'attendance' GROUP BY id, person, outcome
    UNION ALL
    SELECT id, person, '', CASE WHEN attended THEN 'attended' ELSE 'not_attended' END, count(*)
    FROM {segments} AS s, jsonb_to_recordset(rows) AS r(person text, attended boolean)
    WHERE table_name = 'support' GROUP BY id, person, attended
    UNION ALL
    SELECT id, person, assay, state, count(*)
    FROM {segments} AS s, jsonb_to_recordset(rows) AS r(person text, assay text, result text, taken_on date),
        LATERAL (SELECT coalesce(result, CASE WHEN taken_on IS NULL THEN '' ELSE 'at_laboratory' END)) AS t(state)
    WHERE table_name = 'urine' GROUP BY id, person, assay, state;
"""

# Two that run as the owner, because the application's login counts nothing of its own and removes no row of its own
# accord. Of marks it may take those away that it names, which are those it saw: one that was written meanwhile stays.
FUNCTIONS = f"""
CREATE FUNCTION count_frozen_months() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    {TALLIES.format(segments="added")}
    RETURN NULL;
END
$$;
CREATE TRIGGER frozen_months_are_counted AFTER INSERT ON outcomes_extractsegment
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_frozen_months();
ALTER TABLE outcomes_extractsegment ENABLE ALWAYS TRIGGER frozen_months_are_counted;

CREATE FUNCTION take_marks_away(marks bigint[]) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH gone AS (DELETE FROM public.outcomes_changedmonth WHERE id = ANY(marks) RETURNING 1)
    SELECT count(*) FROM gone
$$;
"""

# What is there already: every month that has rows is read once more, and every segment counted.
THERE = """
    SELECT clinic_id, 'attendance', service_date FROM dosing_plannedsession
    UNION SELECT clinic_id, 'support', booked_on FROM outcomes_supportsession
    UNION SELECT clinic_id, 'top', completed_on FROM outcomes_outcomeform
    UNION SELECT clinic_id, 'own', answered_on FROM outcomes_ownanswers
    UNION SELECT clinic_id, 'urine', due_on FROM outcomes_urinetest
    UNION SELECT clinic_id, 'urine', due_on FROM outcomes_urinedraw"""


def forwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    def run(sql: str) -> None:
        schema_editor.execute(sql, params=None)

    def mark(name: str, table: str, events: str, each: str, changed: str) -> None:
        run(TRIGGER.format(name=name, table=table, events=events, each=each, mark=MARK.format(changed=changed)))

    for table, changed in ADDED.items():
        mark(f"{table}_marks_months", table, "INSERT", EACH_STATEMENT, changed)
    for table, (events, changed) in CHANGED.items():
        mark(f"{table}_marks_months_changed", table, events, "FOR EACH ROW", changed)
    run(FUNCTIONS)
    app_role = quoted(settings.DATABASE_APP_ROLE)
    run(f"REVOKE INSERT ON outcomes_segmenttally FROM {app_role}")
    run("REVOKE ALL ON FUNCTION count_frozen_months(), take_marks_away(bigint[]) FROM PUBLIC")
    run(f"GRANT EXECUTE ON FUNCTION take_marks_away(bigint[]) TO {app_role}")
    run(MARK.format(changed=THERE))
    run(TALLIES.format(segments="public.outcomes_extractsegment"))


def backwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name in [f"{table}_marks_months" for table in ADDED] + [f"{table}_marks_months_changed" for table in CHANGED]:
        schema_editor.execute(f"DROP FUNCTION {name}() CASCADE", params=None)
    schema_editor.execute("DROP FUNCTION count_frozen_months() CASCADE", params=None)
    schema_editor.execute("DROP FUNCTION take_marks_away(bigint[])", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0069_changed_months'),
        ('dosing', '0044_planned_sessions_stay'),
        ('patients', '0011_police_consent'),
    ]

    operations = [
        make_append_only("outcomes_segmenttally"),
        migrations.RunPython(forwards, backwards),
    ]
