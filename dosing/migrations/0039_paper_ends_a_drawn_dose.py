"""A dose on paper may be the one that was drawn up with the computer: then it ends that one."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION injection_is_of_its_paper_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.paper_line_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_paperline l
            WHERE l.id = NEW.paper_line_id AND l.what = 'given' AND l.patient_id = NEW.patient_id
                AND l.session_id = NEW.session_id AND l.given_mg = NEW.given_mg AND l.batch_id = NEW.batch_id
                AND l.started_at = NEW.started_at AND l.giver_id = NEW.giver_id AND l.witness_id = NEW.witness_id
                AND l.giver_signature_id = NEW.giver_signature_id
                AND l.witness_signature_id = NEW.witness_signature_id AND l.is_contested = NEW.is_contested
    ) THEN
        RAISE EXCEPTION 'An injection that was entered from paper is what its line says.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_is_of_its_paper_line';
    END IF;
    IF NEW.preparation_id IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('drawn dose ' || NEW.preparation_id, 0));
        IF NOT EXISTS (
            SELECT FROM public.dosing_preparation p
                WHERE p.id = NEW.preparation_id AND p.patient_id = NEW.patient_id AND p.session_id = NEW.session_id
                    AND p.order_id = NEW.order_id AND p.batch_id = NEW.batch_id AND p.ampoules = NEW.ampoules
                    AND p.drawn_mg = NEW.drawn_mg AND NEW.given_mg <= p.dose_mg AND NEW.started_at >= p.prepared_at
                    AND p.prepared_by_id = NEW.giver_id AND p.witness_id = NEW.witness_id
                    AND (NEW.is_contested OR NEW.started_at <= p.expires_at)
        ) THEN
            RAISE EXCEPTION 'A dose on paper ends the drawn dose that it is, and no other.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_dose_is_the_drawn_one';
        END IF;
        IF EXISTS (SELECT FROM public.dosing_wasteddose w WHERE w.preparation_id = NEW.preparation_id) THEN
            RAISE EXCEPTION 'That dose was wasted.'
                USING ERRCODE = 'restrict_violation', CONSTRAINT = 'drawn_dose_has_one_ending';
        END IF;
    END IF;
    -- What nothing speaks against is bound as any dose is: a check that lets it go ahead, and no hold. A drawn dose
    -- has its check behind it.
    IF NOT NEW.is_contested AND (
        NEW.preparation_id IS NULL AND NOT EXISTS (
            SELECT FROM public.dosing_paperline l
                JOIN public.dosing_preinjectioncheck c ON c.id = l.check_made_id
                WHERE l.id = NEW.paper_line_id AND c.patient_id = NEW.patient_id AND c.session_id = NEW.session_id
                    AND c.lets_a_dose_go_ahead
                    AND c.made_at BETWEEN NEW.started_at - interval '30 minutes' AND NEW.started_at
        ) OR EXISTS (
            SELECT FROM public.dosing_hold h
                WHERE h.patient_id = NEW.patient_id AND h.opened_at <= NEW.started_at
                    AND (h.lifted_at IS NULL OR h.lifted_at > NEW.started_at)
        )
    ) THEN
        RAISE EXCEPTION 'A dose on paper without its check, or while a hold stood, is contested.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_dose_rests_on_its_check';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("dosing", "0038_amended_oral_doses")]

    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
