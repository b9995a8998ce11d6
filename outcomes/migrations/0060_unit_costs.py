"""What an offence costs each body, as tables: loaded by one, approved by another before they begin."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
ALTER TABLE public.outcomes_unitcosttable ADD CONSTRAINT unit_cost_table_holds_some_rows CHECK (
    jsonb_typeof(rows) = 'array' AND jsonb_array_length(rows) BETWEEN 1 AND 500);
CREATE FUNCTION unit_cost_approval_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    loaded record;
BEGIN
    SELECT t.loaded_by_id, t.from_day, t.clinic_id INTO loaded
        FROM public.outcomes_unitcosttable t WHERE t.id = NEW.table_id;
    IF loaded.loaded_by_id = NEW.approved_by_id THEN
        RAISE EXCEPTION 'Whoever loaded this table does not approve it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'unit_costs_are_approved_by_another';
    END IF;
    IF loaded.from_day <= (NEW.approved_at AT TIME ZONE 'Europe/London')::date AND EXISTS (
        SELECT FROM public.outcomes_unitcostapproval a JOIN public.outcomes_unitcosttable t ON t.id = a.table_id
        WHERE t.clinic_id = loaded.clinic_id) THEN
        RAISE EXCEPTION 'A table that replaces another is approved before its first day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'later_unit_costs_are_approved_before_they_begin';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_unitcostapproval_in_order
    BEFORE INSERT ON public.outcomes_unitcostapproval
    FOR EACH ROW EXECUTE FUNCTION unit_cost_approval_is_in_order();
ALTER TABLE public.outcomes_unitcostapproval ENABLE ALWAYS TRIGGER outcomes_unitcostapproval_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_unitcostapproval_in_order ON public.outcomes_unitcostapproval;
DROP FUNCTION unit_cost_approval_is_in_order();
ALTER TABLE public.outcomes_unitcosttable DROP CONSTRAINT unit_cost_table_holds_some_rows;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0054_police_taken_back'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UnitCostTable',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('from_day', models.DateField()),
                ('rows', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('loaded_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='unit_cost_tables', to='accounts.clinic')),
                ('loaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='UnitCostApproval',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('approved_at', models.DateTimeField()),
                ('approved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('table', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='approval', to='outcomes.unitcosttable')),
            ],
        ),
        migrations.AddConstraint(
            model_name='unitcosttable',
            constraint=models.UniqueConstraint(fields=('clinic', 'sha256', 'from_day'), name='one_unit_cost_table_per_file_and_day', violation_error_message='This file is loaded already.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_unitcosttable", "outcomes_unitcostapproval"),
    ]
