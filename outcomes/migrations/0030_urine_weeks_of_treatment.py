"""Days of samples are drawn in weeks of treatment. Days drawn in weeks of the calendar keep the week they have."""

from django.db import migrations

# The week of a row that is there stays true: until now it began on a Monday, and its sample was taken within it.
FORWARDS = """
CREATE FUNCTION urine_week_is_of_treatment() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    first_on date;
BEGIN
    SELECT min(started_on) INTO first_on FROM patients_episode
        WHERE person_id = NEW.patient_id AND clinic_id = NEW.clinic_id;
    IF first_on IS NULL OR NEW.week_on < first_on OR (NEW.week_on - first_on) % 7 <> 0 THEN
        RAISE EXCEPTION 'a week is one of seven days counted from the first start in this clinic'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_week_is_of_treatment';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_urinedraw_week BEFORE INSERT ON outcomes_urinedraw
    FOR EACH ROW EXECUTE FUNCTION urine_week_is_of_treatment();
ALTER TABLE outcomes_urinedraw ENABLE ALWAYS TRIGGER outcomes_urinedraw_week;

CREATE OR REPLACE FUNCTION urine_step_follows() RETURNS trigger LANGUAGE plpgsql
    SET search_path = public, pg_temp AS $$
DECLARE
    drawn record;
    last record;
BEGIN
    SELECT clinic_id, due_on, week_on INTO drawn FROM outcomes_urinedraw WHERE id = NEW.draw_id;
    SELECT number, kind INTO last FROM outcomes_urinestep WHERE draw_id = NEW.draw_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.before <> coalesce(last.kind, 'due') THEN
        RAISE EXCEPTION 'a step follows the last step of its sample'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_step_follows_the_last';
    END IF;
    IF NEW.clinic_id <> drawn.clinic_id THEN
        RAISE EXCEPTION 'a step is of the clinic of its sample'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_step_is_of_its_clinic';
    END IF;
    IF NEW.taken_on < drawn.due_on OR NEW.taken_on >= drawn.week_on + 7 THEN
        RAISE EXCEPTION 'a sample is taken on its day or later in its week'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_taken_in_its_week';
    END IF;
    -- A label that was written for the wrong person is free again once that sample is void.
    IF NEW.reference <> '' AND EXISTS (
        SELECT FROM outcomes_urinestep other
            WHERE other.clinic_id = NEW.clinic_id AND other.reference = NEW.reference
                AND NOT EXISTS (
                    SELECT FROM outcomes_urinestep gone WHERE gone.draw_id = other.draw_id AND gone.kind = 'void'))
    THEN
        RAISE EXCEPTION 'another sample bears this number'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'one_urine_sample_per_reference';
    END IF;
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM outcomes_urinestep first WHERE first.id = NEW.amends_id
            AND first.draw_id = NEW.draw_id AND first.assay = NEW.assay)
    THEN
        RAISE EXCEPTION 'a correction is of the same sample and test'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_correction_is_of_its_result';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0022_told_offences")]

    operations = [
        migrations.RemoveConstraint(model_name="urinedraw", name="urine_week_begins_on_monday"),
        # There is no way back: weeks that were drawn since begin on other days than Monday.
        migrations.RunSQL(FORWARDS),
    ]
