"""Appointments and the times of agencies are only ever added; an appointment falls once, by its end.

A support session of an appointment is of the same person, of one that still stands, and counts once.
"""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION appointment_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF to_jsonb(NEW) - 'is_standing' <> to_jsonb(OLD) - 'is_standing'
            OR NEW.is_standing
            OR NOT EXISTS (SELECT FROM public.outcomes_appointmentend e WHERE e.appointment_id = NEW.id)
        THEN
            RAISE EXCEPTION 'An appointment only ever falls, by its end.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'appointment_only_falls';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT NEW.is_standing THEN
        RAISE EXCEPTION 'An appointment stands when it is booked.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_only_falls';
    END IF;
    IF NEW.slot_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_agencyslot s
            LEFT JOIN public.outcomes_agencyslotend e ON e.slot_id = s.id
            WHERE s.id = NEW.slot_id AND s.clinic_id = NEW.clinic_id AND s.agency_id = NEW.agency_id
                AND s.weekday = extract(isodow FROM NEW.starts_at AT TIME ZONE 'Europe/London')
                AND (NEW.starts_at AT TIME ZONE 'Europe/London')::date
                    BETWEEN s.first_on AND least(
                        s.last_on, CASE WHEN e.id IS NULL THEN NULL ELSE coalesce(e.last_on, s.first_on - 1) END, 'infinity'
                    )
                AND (NEW.starts_at AT TIME ZONE 'Europe/London')::time >= s.begins
                AND (NEW.ends_at AT TIME ZONE 'Europe/London')::time <= s.ends
    ) THEN
        RAISE EXCEPTION 'The agency is not in the clinic at that time.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_is_within_its_slot';
    END IF;
    IF NEW.moved_from_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_appointment a
            JOIN public.outcomes_appointmentend e ON e.appointment_id = a.id AND e.how = 'moved'
            WHERE a.id = NEW.moved_from_id AND a.patient_id = NEW.patient_id AND a.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'An appointment takes the place of one of the same person that was moved.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'appointment_is_moved_of_the_same_person';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_appointment_in_order
    BEFORE INSERT OR UPDATE ON public.outcomes_appointment
    FOR EACH ROW EXECUTE FUNCTION appointment_is_in_order();
ALTER TABLE public.outcomes_appointment ENABLE ALWAYS TRIGGER outcomes_appointment_in_order;

CREATE FUNCTION appointment_falls() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('appointment ' || NEW.appointment_id, 0));
    IF EXISTS (
        SELECT FROM public.outcomes_supportsession s
            WHERE s.appointment_id = NEW.appointment_id
                AND s.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (SELECT FROM public.outcomes_supportsession l WHERE l.amends_id = s.id)
    ) THEN
        RAISE EXCEPTION 'An appointment that is logged is neither cancelled nor moved.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'logged_appointment_stays';
    END IF;
    UPDATE public.outcomes_appointment SET is_standing = false WHERE id = NEW.appointment_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER outcomes_appointmentend_falls
    AFTER INSERT ON public.outcomes_appointmentend
    FOR EACH ROW EXECUTE FUNCTION appointment_falls();
ALTER TABLE public.outcomes_appointmentend ENABLE ALWAYS TRIGGER outcomes_appointmentend_falls;

CREATE FUNCTION support_of_an_appointment_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND EXISTS (
        SELECT FROM public.outcomes_supportsession first
            WHERE first.id = NEW.amends_id AND first.appointment_id IS DISTINCT FROM NEW.appointment_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a session of the same appointment.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'support_keeps_its_appointment';
    END IF;
    IF NEW.appointment_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('appointment ' || NEW.appointment_id, 0));
    IF NOT EXISTS (
        SELECT FROM public.outcomes_appointment a
            WHERE a.id = NEW.appointment_id AND a.is_standing
                AND a.patient_id = NEW.patient_id AND a.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'A session is of a standing appointment of the same person.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'support_is_of_a_standing_appointment';
    END IF;
    IF NEW.correction NOT IN ('wrong_person', 'entered_twice') AND EXISTS (
        SELECT FROM public.outcomes_supportsession other
            WHERE other.appointment_id = NEW.appointment_id
                AND other.id IS DISTINCT FROM NEW.amends_id
                AND other.correction NOT IN ('wrong_person', 'entered_twice')
                AND NOT EXISTS (SELECT FROM public.outcomes_supportsession l WHERE l.amends_id = other.id)
    ) THEN
        RAISE EXCEPTION 'This appointment is logged already.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'one_support_session_per_appointment';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_supportsession_of_appointment
    BEFORE INSERT ON public.outcomes_supportsession
    FOR EACH ROW EXECUTE FUNCTION support_of_an_appointment_is_in_order();
ALTER TABLE public.outcomes_supportsession ENABLE ALWAYS TRIGGER outcomes_supportsession_of_appointment;
"""
BACKWARDS = """
DROP TRIGGER outcomes_supportsession_of_appointment ON public.outcomes_supportsession;
DROP FUNCTION support_of_an_appointment_is_in_order();
DROP TRIGGER outcomes_appointmentend_falls ON public.outcomes_appointmentend;
DROP FUNCTION appointment_falls();
DROP TRIGGER outcomes_appointment_in_order ON public.outcomes_appointment;
DROP FUNCTION appointment_is_in_order();
"""


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0024_appointments")]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_agencyslot", "outcomes_agencyslotend", "outcomes_appointmentend"),
    ]
