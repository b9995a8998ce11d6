"""Groups of clinics, and the figures put together of their released reports; only ever added."""

import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION rollup_part_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.outcomes_rolluprequest asked
            JOIN public.outcomes_networkclinic member ON member.network_id = asked.network_id
            WHERE asked.id = NEW.request_id AND member.clinic_id = NEW.clinic_id
    ) THEN
        RAISE EXCEPTION 'Only a clinic of the group gives a part.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rollup_part_is_of_the_network';
    END IF;
    IF NEW.run_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_reportrun run
            JOIN public.outcomes_rolluprequest asked ON asked.id = NEW.request_id
            JOIN public.outcomes_reportrelease release ON release.run_id = run.id
            WHERE run.id = NEW.run_id AND run.clinic_id = NEW.clinic_id AND run.month = asked.month
                AND run.edition = asked.edition AND run.figures_sha256 = NEW.figures_sha256
    ) THEN
        RAISE EXCEPTION 'A part is a signed-off report of that clinic, month and edition.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rollup_part_is_a_released_report';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_rolluppart_in_order
    BEFORE INSERT ON public.outcomes_rolluppart
    FOR EACH ROW EXECUTE FUNCTION rollup_part_is_in_order();
ALTER TABLE public.outcomes_rolluppart ENABLE ALWAYS TRIGGER outcomes_rolluppart_in_order;
"""
BACKWARDS = """
DROP TRIGGER outcomes_rolluppart_in_order ON public.outcomes_rolluppart;
DROP FUNCTION rollup_part_is_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0034_added_to_a_group'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Network',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('force_area', 'Police force area'), ('funder', 'Funder'), ('nation', 'Nation')], max_length=10)),
                ('key', models.UUIDField()),
                ('added_at', models.DateTimeField()),
                ('added_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='NetworkClinic',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='outcomes.network')),
            ],
        ),
        migrations.CreateModel(
            name='RollupRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('month', models.DateField()),
                ('edition', models.CharField(choices=[('restricted', 'Restricted'), ('public', 'Public'), ('justice', 'Justice')], max_length=10)),
                ('key', models.UUIDField()),
                ('requested_at', models.DateTimeField()),
                ('network', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='outcomes.network')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RollupPart',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('figures_sha256', models.CharField(blank=True, max_length=64)),
                ('taken_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='outcomes.reportrun')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='outcomes.rolluprequest')),
            ],
        ),
        migrations.CreateModel(
            name='Rollup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('figures', models.JSONField()),
                ('figures_sha256', models.CharField(max_length=64)),
                ('built_at', models.DateTimeField()),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rollup', to='outcomes.rolluprequest')),
            ],
        ),
        migrations.AddConstraint(
            model_name='network',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='one_network_per_name', violation_error_message='There is a group of that name already.'),
        ),
        migrations.AddConstraint(
            model_name='network',
            constraint=models.UniqueConstraint(fields=('key',), name='one_network_per_key', violation_error_message='It was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='networkclinic',
            constraint=models.UniqueConstraint(fields=('network', 'clinic'), name='one_place_of_a_clinic_in_a_network', violation_error_message='That clinic is in the group already.'),
        ),
        migrations.AddConstraint(
            model_name='rolluprequest',
            constraint=models.UniqueConstraint(fields=('key',), name='one_rollup_request_per_key', violation_error_message='It was sent before.'),
        ),
        migrations.AddConstraint(
            model_name='rolluprequest',
            constraint=models.CheckConstraint(condition=models.Q(('month__day', 1)), name='rollup_month_is_its_first_day', violation_error_message='A month is stored as its first day.'),
        ),
        migrations.AddConstraint(
            model_name='rolluppart',
            constraint=models.UniqueConstraint(fields=('request', 'clinic'), name='one_part_of_a_clinic_in_a_rollup', violation_error_message="That clinic's figures are taken already."),
        ),
        migrations.AddConstraint(
            model_name='rolluppart',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('figures_sha256', ''), ('run__isnull', True)), models.Q(('run__isnull', False), models.Q(('figures_sha256', ''), _negated=True)), _connector='OR'), name='rollup_part_has_a_report_with_its_hash_or_none', violation_error_message='A part names its report and its hash.'),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only(
            "outcomes_network",
            "outcomes_networkclinic",
            "outcomes_rolluprequest",
            "outcomes_rolluppart",
            "outcomes_rollup",
        ),
    ]
