"""Lines of where somebody lives are only ever added; one counts on a day, and a correction is of the same person."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION housing_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_housingrecord first
            WHERE first.id = NEW.amends_id AND first.patient_id = NEW.patient_id AND first.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a line of the same person in the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'housing_correction_is_of_the_same_person';
    END IF;
    -- Two at once for one person follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('housing ' || NEW.clinic_id || NEW.patient_id, 0));
    IF NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_housingrecord other
            WHERE other.patient_id = NEW.patient_id AND other.clinic_id = NEW.clinic_id
                AND other.recorded_on = NEW.recorded_on
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_housingrecord later WHERE later.amends_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'There is already a housing line of this person on that date.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_housing_record_per_person_and_date';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_housingrecord_in_order
    BEFORE INSERT ON public.outcomes_housingrecord
    FOR EACH ROW EXECUTE FUNCTION housing_is_in_order();
ALTER TABLE public.outcomes_housingrecord ENABLE ALWAYS TRIGGER outcomes_housingrecord_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_housingrecord_in_order ON public.outcomes_housingrecord;
DROP FUNCTION housing_is_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0012_housing_pages")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_housingrecord"),
    ]
