"""No order ends after the last day of its programme, whoever signs it in the same moment."""

from django.db import migrations

# The clinic's row is held while an order is stored: a decision that ends the programme waits for it, or is seen by it.
GUARD = """
CREATE FUNCTION order_ends_with_the_programme() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    clinic uuid;
    last_day date;
BEGIN
    SELECT p.clinic_id INTO clinic FROM public.accounts_premises p WHERE p.id = NEW.premises_id;
    PERFORM FROM public.accounts_clinic c WHERE c.id = clinic FOR SHARE;
    SELECT pc.last_on INTO last_day FROM public.patients_programmeclosing pc
        WHERE pc.clinic_id = clinic ORDER BY pc.number DESC LIMIT 1;
    IF last_day IS NOT NULL AND NEW.ends_at > ((last_day + 1)::timestamp AT TIME ZONE 'Europe/London') THEN
        RAISE EXCEPTION 'No order ends after the last day of the programme.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_ends_with_the_programme';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_ends_with_the_programme BEFORE INSERT ON dosing_order
    FOR EACH ROW EXECUTE FUNCTION order_ends_with_the_programme();
ALTER TABLE dosing_order ENABLE ALWAYS TRIGGER order_ends_with_the_programme;
CREATE TRIGGER order_ends_with_the_programme BEFORE INSERT ON dosing_oralorder
    FOR EACH ROW EXECUTE FUNCTION order_ends_with_the_programme();
ALTER TABLE dosing_oralorder ENABLE ALWAYS TRIGGER order_ends_with_the_programme;
"""


class Migration(migrations.Migration):
    dependencies = [("dosing", "0041_every_line_counts"), ("patients", "0006_around_the_person")]

    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
