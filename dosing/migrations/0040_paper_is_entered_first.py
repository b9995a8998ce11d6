"""Nothing is drawn up for somebody whose line of a used paper pack is not entered yet."""

from django.db import migrations

GUARD = """
CREATE FUNCTION nothing_is_drawn_before_paper_is_entered() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.dosing_paperrun r JOIN public.dosing_downtimepack k ON k.id = r.pack_id
            WHERE NEW.patient_id = ANY (k.people) AND r.begun_at <= NEW.prepared_at
                AND k.service_date >= (NEW.prepared_at AT TIME ZONE 'Europe/London')::date - 1
                AND NOT EXISTS (
                    SELECT FROM public.dosing_paperline l
                        WHERE l.pack_id = k.id AND l.line = array_position(k.people, NEW.patient_id)
                )
    ) THEN
        RAISE EXCEPTION 'Their line of a used paper pack is entered first.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_drawn_before_paper_is_entered';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER nothing_is_drawn_before_paper_is_entered AFTER INSERT ON dosing_preparation
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nothing_is_drawn_before_paper_is_entered();
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER nothing_is_drawn_before_paper_is_entered;
"""


class Migration(migrations.Migration):
    dependencies = [("dosing", "0039_paper_ends_a_drawn_dose")]

    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
