"""Days and steps of urine samples are only ever added, and a step follows the last one of its sample."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only

# A step that the program would write out of turn, of another clinic's sample or of a day before the sample was due
# is refused here as well. Rivals are told apart by the number of the step.
FOLLOWS = """
CREATE FUNCTION urine_step_follows() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    drawn record;
    last record;
BEGIN
    SELECT clinic_id, due_on INTO drawn FROM outcomes_urinedraw WHERE id = NEW.draw_id;
    SELECT number, kind INTO last FROM outcomes_urinestep WHERE draw_id = NEW.draw_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NEW.before <> coalesce(last.kind, 'due') THEN
        RAISE EXCEPTION 'a step follows the last step of its sample'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_step_follows_the_last';
    END IF;
    IF NEW.clinic_id <> drawn.clinic_id THEN
        RAISE EXCEPTION 'a step is of the clinic of its sample'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'urine_step_is_of_its_clinic';
    END IF;
    IF NEW.taken_on < drawn.due_on OR NEW.taken_on >= date_trunc('week', drawn.due_on)::date + 7 THEN
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
CREATE TRIGGER outcomes_urinestep_follows BEFORE INSERT ON outcomes_urinestep
    FOR EACH ROW EXECUTE FUNCTION urine_step_follows();
ALTER TABLE outcomes_urinestep ENABLE ALWAYS TRIGGER outcomes_urinestep_follows;
"""
BACK = """
DROP TRIGGER outcomes_urinestep_follows ON outcomes_urinestep;
DROP FUNCTION urine_step_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0008_urine_samples")]

    operations = [
        migrations.RunSQL(FOLLOWS, BACK),
        make_append_only("outcomes_urinedraw", "outcomes_urinestep"),
    ]
