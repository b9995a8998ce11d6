"""A check before a dose that puts another right: its session and moment, and why. A correction opens no way."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


CHECKS = """
CREATE FUNCTION check_amends_its_own() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_preinjectioncheck c
            WHERE c.id = NEW.amends_id AND c.session_id = NEW.session_id AND c.patient_id = NEW.patient_id
                AND c.made_at = NEW.made_at AND c.oxygen_target = NEW.oxygen_target
                AND c.oxygen_scale = NEW.oxygen_scale
    ) THEN
        RAISE EXCEPTION 'A check amends one of its own session and moment.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'check_amends_its_own';
    END IF;
    -- A correction never opens the way to a dose: where the first values stood against one, a new check is made.
    IF NEW.amends_id IS NOT NULL AND NEW.lets_a_dose_go_ahead AND NOT EXISTS (
        SELECT FROM public.dosing_preinjectioncheck c WHERE c.id = NEW.amends_id AND c.lets_a_dose_go_ahead
    ) THEN
        RAISE EXCEPTION 'A check that was put right lets no dose go ahead that the first did not.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amending_check_opens_no_way';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER check_amends_its_own BEFORE INSERT ON dosing_preinjectioncheck
    FOR EACH ROW EXECUTE FUNCTION check_amends_its_own();
ALTER TABLE dosing_preinjectioncheck ENABLE ALWAYS TRIGGER check_amends_its_own;

CREATE FUNCTION amending_check_says_why() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.dosing_correction c WHERE c.check_made_id = NEW.id) THEN
        RAISE EXCEPTION 'A check that amends another says why, and is signed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'amending_check_says_why';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER amending_check_says_why AFTER INSERT ON dosing_preinjectioncheck
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.amends_id IS NOT NULL) EXECUTE FUNCTION amending_check_says_why();
ALTER TABLE dosing_preinjectioncheck ENABLE ALWAYS TRIGGER amending_check_says_why;

CREATE FUNCTION rests_on_a_standing_check() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM public.dosing_preinjectioncheck later WHERE later.amends_id = NEW.check_made_id) THEN
        RAISE EXCEPTION 'That check was put right meanwhile. Look at the values that stand.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rests_on_a_standing_check';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rests_on_a_standing_check BEFORE INSERT ON dosing_preparation
    FOR EACH ROW EXECUTE FUNCTION rests_on_a_standing_check();
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER rests_on_a_standing_check;
CREATE TRIGGER rests_on_a_standing_check BEFORE INSERT ON dosing_authorisation
    FOR EACH ROW EXECUTE FUNCTION rests_on_a_standing_check();
ALTER TABLE dosing_authorisation ENABLE ALWAYS TRIGGER rests_on_a_standing_check;

CREATE OR REPLACE FUNCTION correction_is_signed_by_who_amends() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s
            WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.corrected_by_id AND s.part = 'amender'
    ) OR NOT EXISTS (
        SELECT FROM public.dosing_reading r
            WHERE r.id = NEW.reading_id AND r.amends_id IS NOT NULL AND r.taken_by_id = NEW.corrected_by_id
        UNION ALL
        SELECT FROM public.dosing_sessionoutcome o
            WHERE o.id = NEW.outcome_id AND o.amends_id IS NOT NULL AND o.recorded_by_id = NEW.corrected_by_id
        UNION ALL
        SELECT FROM public.dosing_preinjectioncheck c
            WHERE c.id = NEW.check_made_id AND c.amends_id IS NOT NULL AND c.made_by_id = NEW.corrected_by_id
    ) THEN
        RAISE EXCEPTION 'A correction is of a row that amends another, signed by whoever wrote that row.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_signed_by_who_amends';
    END IF;
    RETURN NEW;
END
$$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0034_room_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='correction',
            name='correction_is_of_one_thing',
        ),
        migrations.AddField(
            model_name='correction',
            name='check_made',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='dosing.preinjectioncheck'),
        ),
        migrations.AddField(
            model_name='preinjectioncheck',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='dosing.preinjectioncheck'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('check_made__isnull', True), ('outcome__isnull', True), ('reading__isnull', False)), models.Q(('check_made__isnull', True), ('outcome__isnull', False), ('reading__isnull', True)), models.Q(('check_made__isnull', False), ('outcome__isnull', True), ('reading__isnull', True)), _connector='OR'), name='correction_is_of_one_thing', violation_error_message='A correction is of one reading, of one outcome or of one check.'),
        ),
        migrations.RunSQL(CHECKS, migrations.RunSQL.noop),
    ]
