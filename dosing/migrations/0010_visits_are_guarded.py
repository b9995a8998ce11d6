"""What the database itself refuses about drawn doses, and that the facts of a visit are only ever added.

Hand-written and plain like the register's triggers. What a drawn dose rests on is asked when the transaction
commits: the register's lock is taken again there, so that two doses cannot both take the last ampoule.
"""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only, quoted

ALLOWED = """
CREATE FUNCTION preparation_is_allowed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    line uuid;
    held integer;
    drawn integer;
    strength integer;
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_plannedsession s WHERE s.id = NEW.session_id AND s.patient_id = NEW.patient_id
    ) THEN
        RAISE EXCEPTION 'The session is another person''s.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_is_in_the_persons_session';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s, public.dosing_signature w
            WHERE s.id = NEW.preparer_signature_id AND s.signed_by_id = NEW.prepared_by_id
                AND w.id = NEW.witness_signature_id AND w.signed_by_id = NEW.witness_id
    ) THEN
        RAISE EXCEPTION 'A drawn dose is signed by who prepared it and by its witness.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_is_signed_by_its_two';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_order o JOIN public.dosing_orderperiod p ON p.order_id = o.id
            JOIN public.accounts_user u ON u.id = o.signed_by_id
            WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND u.is_active
                AND o.signed_at <= NEW.prepared_at AND p.during @> NEW.prepared_at
    ) THEN
        RAISE EXCEPTION 'No signed order of this person was in force when the dose was drawn up.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_is_ordered';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_preinjectioncheck c
            WHERE c.id = NEW.check_made_id AND c.session_id = NEW.session_id
                AND c.made_at BETWEEN NEW.prepared_at - interval '30 minutes' AND NEW.prepared_at
                -- A doctor lifts a hold after a new check, and never over sedation, breathing or oxygen. 88 % is the
                -- lowest target for oxygen that anybody may have of their own (clinical rule 19).
                AND (c.lets_a_dose_go_ahead OR (
                    c.sedation IN ('1', '2') AND c.breaths >= 12 AND coalesce(c.oxygen, 88) >= 88
                    AND EXISTS (
                        SELECT FROM public.dosing_hold h
                            WHERE h.patient_id = NEW.patient_id
                                AND h.opened_at < c.made_at AND h.lifted_at >= c.made_at
                    )
                ))
    ) THEN
        RAISE EXCEPTION 'A dose is drawn up on a check of this session that is at most half an hour old.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_has_a_fresh_check';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_hold h WHERE h.patient_id = NEW.patient_id AND h.lifted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'Nothing is drawn up while a hold stands.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_is_not_on_hold';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.patients_consent c
            WHERE c.person_id = NEW.patient_id AND c.purpose = 'treatment' AND c.given_at <= NEW.prepared_at
                AND NOT EXISTS (
                    SELECT FROM public.patients_consentwithdrawal w
                        WHERE w.consent_id = c.id AND w.withdrawn_at <= NEW.prepared_at
                )
    ) THEN
        RAISE EXCEPTION 'Nothing is drawn up without consent to treatment.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_has_consent';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_clinicday d JOIN public.dosing_order o ON o.premises_id = d.premises_id
            WHERE o.id = NEW.order_id AND d."on" = (NEW.prepared_at AT TIME ZONE 'Europe/London')::date
    ) THEN
        RAISE EXCEPTION 'Nothing is drawn up before the day is opened.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_day_is_open';
    END IF;
    SELECT l.id, l.strength_mg INTO line, strength
        FROM public.dosing_batch b JOIN public.dosing_registerline l ON l.id = b.line_id
        WHERE b.id = NEW.batch_id;
    IF NEW.drawn_mg IS DISTINCT FROM NEW.ampoules * strength THEN
        RAISE EXCEPTION 'What was drawn is not the content of the ampoules opened.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_draws_whole_ampoules';
    END IF;
    PERFORM public.register_lock(line);
    SELECT b.ampoules INTO held FROM public.dosing_batch b WHERE b.id = NEW.batch_id;
    SELECT coalesce(sum(p.ampoules), 0) INTO drawn FROM public.dosing_preparation p
        WHERE p.batch_id = NEW.batch_id
            AND NOT EXISTS (SELECT FROM public.dosing_injection i WHERE i.preparation_id = p.id)
            AND NOT EXISTS (SELECT FROM public.dosing_wasteddose w WHERE w.preparation_id = p.id);
    IF drawn > held THEN
        RAISE EXCEPTION 'More ampoules are drawn up than this batch has.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'preparation_is_in_stock';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION injection_is_prepared() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- Facts are never refused: what was given without a drawn dose on record is stored as contested.
    IF NEW.is_contested THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('drawn dose ' || NEW.preparation_id, 0));
    IF NOT EXISTS (
        SELECT FROM public.dosing_preparation p
            JOIN public.dosing_signature g ON g.id = NEW.giver_signature_id
            WHERE p.id = NEW.preparation_id AND p.patient_id = NEW.patient_id
                AND p.session_id = NEW.session_id AND p.order_id = NEW.order_id
                AND p.batch_id = NEW.batch_id AND p.ampoules = NEW.ampoules AND p.drawn_mg = NEW.drawn_mg
                AND NEW.given_mg <= p.dose_mg AND NEW.started_at >= p.prepared_at
                AND NEW.giver_id = p.prepared_by_id AND NEW.witness_id = p.witness_id
                AND NEW.witness_signature_id = p.witness_signature_id AND g.signed_by_id = p.prepared_by_id
    ) THEN
        RAISE EXCEPTION 'An injection is of the dose that two people drew up for it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_is_prepared';
    END IF;
    IF EXISTS (SELECT FROM public.dosing_wasteddose w WHERE w.preparation_id = NEW.preparation_id) THEN
        RAISE EXCEPTION 'That dose was wasted.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'drawn_dose_has_one_ending';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION wasted_dose_has_no_other_ending() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('drawn dose ' || NEW.preparation_id, 0));
    IF EXISTS (SELECT FROM public.dosing_injection i WHERE i.preparation_id = NEW.preparation_id) THEN
        RAISE EXCEPTION 'That dose was injected.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'drawn_dose_has_one_ending';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s, public.dosing_signature w
            WHERE s.id = NEW.waster_signature_id AND s.signed_by_id = NEW.wasted_by_id
                AND w.id = NEW.witness_signature_id AND w.signed_by_id = NEW.witness_id
    ) THEN
        RAISE EXCEPTION 'Waste is signed by who wasted it and by its witness.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'waste_is_signed_by_its_two';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_registerentry e
            JOIN public.dosing_stockmovement m ON m.entry_id = e.id
            JOIN public.dosing_preparation p ON p.id = NEW.preparation_id AND p.batch_id = m.batch_id
            WHERE e.id = NEW.register_entry_id AND e.kind = 'wasted' AND e.ampoules = -p.ampoules
                AND e.patient_id = p.patient_id AND e.order_id = p.order_id AND e.wasted_mg = p.drawn_mg
                AND e.entered_by_id = NEW.wasted_by_id AND e.witness_id = NEW.witness_id
    ) THEN
        RAISE EXCEPTION 'A wasted dose and its register line do not say the same.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'waste_agrees_with_its_register_line';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION hold_is_only_lifted() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF OLD.lifted_at IS NOT NULL
        OR (NEW.id, NEW.clinic_id, NEW.patient_id, NEW.check_made_id, NEW.codes, NEW.opened_at, NEW.opened_by_id)
            IS DISTINCT FROM
            (OLD.id, OLD.clinic_id, OLD.patient_id, OLD.check_made_id, OLD.codes, OLD.opened_at, OLD.opened_by_id)
    THEN
        RAISE EXCEPTION 'A hold may only be lifted, once.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hold_is_only_lifted';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER injection_is_prepared BEFORE INSERT ON dosing_injection
    FOR EACH ROW EXECUTE FUNCTION injection_is_prepared();
CREATE TRIGGER wasted_dose_has_no_other_ending BEFORE INSERT ON dosing_wasteddose
    FOR EACH ROW EXECUTE FUNCTION wasted_dose_has_no_other_ending();
CREATE TRIGGER hold_is_only_lifted BEFORE UPDATE ON dosing_hold
    FOR EACH ROW EXECUTE FUNCTION hold_is_only_lifted();
CREATE CONSTRAINT TRIGGER preparation_is_allowed AFTER INSERT ON dosing_preparation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION preparation_is_allowed();
ALTER TABLE dosing_injection ENABLE ALWAYS TRIGGER injection_is_prepared;
ALTER TABLE dosing_wasteddose ENABLE ALWAYS TRIGGER wasted_dose_has_no_other_ending;
ALTER TABLE dosing_hold ENABLE ALWAYS TRIGGER hold_is_only_lifted;
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER preparation_is_allowed;
"""


def let_the_register_tell_of_waste(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Ask of a wasted dose, too, that what was drawn is the content of the ampoules opened."""
    register = quoted(settings.DATABASE_REGISTER_ROLE)
    first = import_module("dosing.migrations.0003_register").APPEND
    append = first[first.index("CREATE FUNCTION register_append(") :].replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1
    )
    changed = append.replace("IF p_kind = 'supplied' AND", "IF p_kind IN ('supplied', 'wasted') AND", 1)
    if changed == append:
        raise RuntimeError("register_append is not what it was")
    # To change what it owns, the role must be allowed to make it; only for as long as it takes.
    schema_editor.execute(f"GRANT CREATE ON SCHEMA public TO {register}", params=None)
    schema_editor.execute(changed, params=None)
    schema_editor.execute(f"REVOKE CREATE ON SCHEMA public FROM {register}", params=None)


class Migration(migrations.Migration):
    dependencies = [("dosing", "0009_visits"), ("patients", "0003_consents_and_assessments")]

    operations = [
        migrations.RunSQL(ALLOWED, migrations.RunSQL.noop),
        migrations.RunPython(let_the_register_tell_of_waste, migrations.RunPython.noop),
        make_append_only(
            "dosing_identitycheck",
            "dosing_preinjectioncheck",
            "dosing_preparation",
            "dosing_wasteddose",
            "dosing_reading",
            "dosing_release",
        ),
    ]
