"""A room holds one agency at a time, and a colleague is booked for one person at a time.

Only what is added is looked at: times that lie over each other already stay as they were written, to be put right.
"""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION agency_slot_has_its_room() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- Two at once for one clinic follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('rooms ' || NEW.clinic_id, 0));
    IF EXISTS (
        SELECT FROM public.outcomes_agencyslot other
            LEFT JOIN public.outcomes_agencyslotend e ON e.slot_id = other.id
            CROSS JOIN LATERAL (SELECT
                greatest(other.first_on, NEW.first_on) AS first_on,
                least(other.last_on, NEW.last_on, e.last_on) AS last_on) AS together
            WHERE other.clinic_id = NEW.clinic_id AND lower(btrim(other.room)) = lower(btrim(NEW.room))
                AND other.weekday = NEW.weekday AND other.begins < NEW.ends AND other.ends > NEW.begins
                AND (e.id IS NULL OR e.last_on IS NOT NULL)
                AND (together.last_on IS NULL OR together.first_on
                    + (NEW.weekday - extract(isodow FROM together.first_on)::int + 7) % 7 <= together.last_on)
    ) THEN
        RAISE EXCEPTION 'Another agency is in that room at that time.'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'one_agency_in_a_room_at_a_time';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_agencyslot_has_its_room
    BEFORE INSERT ON public.outcomes_agencyslot
    FOR EACH ROW EXECUTE FUNCTION agency_slot_has_its_room();
ALTER TABLE public.outcomes_agencyslot ENABLE ALWAYS TRIGGER outcomes_agencyslot_has_its_room;

CREATE FUNCTION appointment_has_its_colleague() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.worker_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('appointments with ' || NEW.worker_id, 0));
    IF EXISTS (
        SELECT FROM public.outcomes_appointment other
            WHERE other.worker_id = NEW.worker_id AND other.is_standing
                AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
                AND (other.clinic_id, other.patient_id) <> (NEW.clinic_id, NEW.patient_id)
    ) THEN
        RAISE EXCEPTION 'This colleague is booked with somebody else at that time.'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'one_person_with_a_colleague_at_a_time';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_appointment_has_its_colleague
    BEFORE INSERT ON public.outcomes_appointment
    FOR EACH ROW EXECUTE FUNCTION appointment_has_its_colleague();
ALTER TABLE public.outcomes_appointment ENABLE ALWAYS TRIGGER outcomes_appointment_has_its_colleague;
"""
BACKWARDS = """
DROP TRIGGER outcomes_appointment_has_its_colleague ON public.outcomes_appointment;
DROP FUNCTION appointment_has_its_colleague();
DROP TRIGGER outcomes_agencyslot_has_its_room ON public.outcomes_agencyslot;
DROP FUNCTION agency_slot_has_its_room();
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0053_report_file_kinds")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
