"""Nobody comes into treatment in a programme that closes or pauses, whatever the program asks."""

from django.db import migrations

# Whoever closes a programme holds the clinic's row, and so does this: the decision of the same moment is seen or waits.
GUARD = """
CREATE FUNCTION patients_take_nobody_at_the_end() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    the_kind text;
BEGIN
    PERFORM FROM public.accounts_clinic WHERE id = NEW.clinic_id FOR NO KEY UPDATE;
    SELECT kind INTO the_kind FROM public.patients_programmeclosing
        WHERE clinic_id = NEW.clinic_id ORDER BY number DESC LIMIT 1;
    IF the_kind IN ('closes', 'pauses') THEN
        RAISE EXCEPTION 'nobody comes into treatment in a programme that closes or pauses'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nobody_enters_an_ending_programme';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER nobody_enters_an_ending_programme
    BEFORE INSERT ON patients_episode
    FOR EACH ROW WHEN (NEW.exited_on IS NULL AND NEW.import_run_id IS NULL)
    EXECUTE FUNCTION patients_take_nobody_at_the_end();
ALTER TABLE patients_episode ENABLE ALWAYS TRIGGER nobody_enters_an_ending_programme;

CREATE TRIGGER nobody_reenters_an_ending_programme
    BEFORE UPDATE ON patients_episode
    FOR EACH ROW WHEN (
        OLD.exited_on IS NOT NULL AND NEW.exited_on IS NULL AND NEW.import_run_id IS NULL
    )
    EXECUTE FUNCTION patients_take_nobody_at_the_end();
ALTER TABLE patients_episode ENABLE ALWAYS TRIGGER nobody_reenters_an_ending_programme;
"""

REMOVE = """
DROP TRIGGER nobody_enters_an_ending_programme ON patients_episode;
DROP TRIGGER nobody_reenters_an_ending_programme ON patients_episode;
DROP FUNCTION patients_take_nobody_at_the_end();
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0006_around_the_person")]

    operations = [migrations.RunSQL(GUARD, REMOVE)]
