"""A prescription is its parts: instalments of one amount each, which follow by day and sum up to its total."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

# What was printed until now is one part. Its foreign key is checked at once, so that the table may be altered after.
EARLIER = """
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO dosing_prescriptionpart (prescription_id, first_on, days, instalment_mg)
    SELECT id, first_on, days, instalment_mg FROM dosing_prescriptionprint;
SET CONSTRAINTS ALL DEFERRED;
"""

GUARD = """
CREATE FUNCTION prescription_is_its_parts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    which uuid;
BEGIN
    IF TG_TABLE_NAME = 'dosing_prescriptionpart' THEN
        which := NEW.prescription_id;
    ELSE
        which := NEW.id;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_prescriptionprint p
            WHERE p.id = which AND (p.first_on, p.days, p.total_mg, p.instalment_mg) = (
                SELECT min(q.first_on), sum(q.days), sum(q.days::integer * q.instalment_mg::integer), max(q.instalment_mg)
                    FROM public.dosing_prescriptionpart q WHERE q.prescription_id = which
            )
    ) OR EXISTS (
        SELECT FROM (
            SELECT q.first_on, lag(q.first_on + q.days) OVER (ORDER BY q.first_on) AS due
                FROM public.dosing_prescriptionpart q WHERE q.prescription_id = which
        ) part WHERE part.first_on <> part.due
    ) THEN
        RAISE EXCEPTION 'The parts of a prescription follow by day and sum up to its days and its total.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prescription_is_its_parts';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER prescription_is_its_parts AFTER INSERT ON dosing_prescriptionprint
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION prescription_is_its_parts();
CREATE CONSTRAINT TRIGGER part_is_of_its_prescription AFTER INSERT ON dosing_prescriptionpart
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION prescription_is_its_parts();
ALTER TABLE dosing_prescriptionprint ENABLE ALWAYS TRIGGER prescription_is_its_parts;
ALTER TABLE dosing_prescriptionpart ENABLE ALWAYS TRIGGER part_is_of_its_prescription;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0022_requests_of_injections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PrescriptionPart',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('first_on', models.DateField()),
                ('days', models.PositiveSmallIntegerField()),
                ('instalment_mg', models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='prescriptionprint',
            name='prescription_total_is_its_instalments',
        ),
        migrations.AddConstraint(
            model_name='prescriptionprint',
            constraint=models.CheckConstraint(condition=models.Q(('days__gte', 1), ('instalment_mg__gte', 1), ('number__gte', 1), ('strength_mg__gte', 1), ('total_mg__gte', models.F('instalment_mg')), ('total_mg__lte', django.db.models.expressions.CombinedExpression(models.F('instalment_mg'), '*', models.F('days')))), name='prescription_total_is_within_its_instalments', violation_error_message='The total is one largest instalment at least, and one for each day at most.'),
        ),
        migrations.AddField(
            model_name='prescriptionpart',
            name='prescription',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='dosing.prescriptionprint'),
        ),
        migrations.AddConstraint(
            model_name='prescriptionpart',
            constraint=models.UniqueConstraint(fields=('prescription', 'first_on'), name='parts_of_a_prescription_begin_on_their_own_days', violation_error_message='Another part of this prescription begins on that day.'),
        ),
        migrations.AddConstraint(
            model_name='prescriptionpart',
            constraint=models.CheckConstraint(condition=models.Q(('days__gte', 1), ('instalment_mg__gte', 1), ('instalment_mg__lte', 1000)), name='prescription_part_has_days_and_milligrams', violation_error_message='A part has a day at least, and 1 to 1000 mg for each.'),
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
        make_append_only("dosing_prescriptionpart"),
    ]
