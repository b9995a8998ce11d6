"""Orders that an unlicensed doctor writes for a licensed one to sign.

A request is only ever added; its standing changes once. Whoever wrote it never signs it, and what is signed is what
was written: the table of standings refuses anything else. Hand-written and plain like the register's triggers.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

GUARDS = """
CREATE FUNCTION order_request_standing_is_right() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    asked public.dosing_orderrequest;
BEGIN
    SELECT * INTO asked FROM public.dosing_orderrequest r WHERE r.id = NEW.request_id;
    IF asked.id IS NULL OR NEW.patient_id <> asked.patient_id OR NEW.product <> asked.product THEN
        RAISE EXCEPTION 'A standing is that of its request.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_request_standing_is_of_its_request';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'open' THEN
            RAISE EXCEPTION 'A request begins open.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'order_request_ends_once';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.status <> 'open' OR NEW.status = 'open' OR NEW.request_id <> OLD.request_id THEN
        RAISE EXCEPTION 'A request ends once.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'order_request_ends_once';
    END IF;
    IF (NEW.status = 'withdrawn' AND NEW.ended_by_id <> asked.written_by_id)
        OR (NEW.status IN ('signed', 'sent_back') AND NEW.ended_by_id = asked.written_by_id)
    THEN
        RAISE EXCEPTION 'Its author withdraws a request; another answers it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_request_is_answered_by_another';
    END IF;
    IF NEW.status = 'signed' AND NOT EXISTS (
        SELECT FROM public.dosing_order o
            WHERE o.id = NEW.order_id AND o.signed_by_id = NEW.ended_by_id AND o.written_by_id = asked.written_by_id
                AND o.patient_id = asked.patient_id AND o.episode_id = asked.episode_id
                AND o.premises_id = asked.premises_id AND o.product = asked.product
                AND o.routes = asked.routes AND o.sites = asked.sites
                AND o.kind = asked.kind AND o.dose_mg = asked.dose_mg
                AND o.least_mg IS NOT DISTINCT FROM asked.least_mg
                AND o.sessions_per_day = asked.sessions_per_day AND o.daily_max_mg = asked.daily_max_mg
                AND o.interval_minutes = asked.interval_minutes
                AND o.observation_minutes = asked.observation_minutes
                AND o.starts_at = coalesce(asked.starts_at, o.signed_at) AND o.ends_at = asked.ends_at
                AND o.gap_cap_percent IS NOT DISTINCT FROM asked.gap_cap_percent
                AND o.basis = asked.basis AND o.high_dose_reason = asked.high_dose_reason
                AND o.hold_criteria = asked.hold_criteria AND o.oral_plan = asked.oral_plan
                AND asked.steps = coalesce((
                    SELECT jsonb_agg(jsonb_build_object('day', s.day, 'max_mg', s.max_mg,
                            'first_mg', s.first_mg, 'repeat_mg', s.repeat_mg) ORDER BY s.day)
                        FROM public.dosing_orderstep s WHERE s.order_id = o.id
                ), '[]'::jsonb)
                AND coalesce((
                    SELECT jsonb_agg(one ORDER BY one ->> 0) FROM jsonb_array_elements(asked.slots) one
                ), '[]'::jsonb) = coalesce((
                    SELECT jsonb_agg(jsonb_build_array(d.slot, d.dose_mg) ORDER BY d.slot)
                        FROM public.dosing_orderslot d WHERE d.order_id = o.id
                ), '[]'::jsonb)
    ) THEN
        RAISE EXCEPTION 'What is signed is what was written, for the same person, by another doctor.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_request_is_signed_as_written';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_request_standing_is_right BEFORE INSERT OR UPDATE ON dosing_orderrequeststanding
    FOR EACH ROW EXECUTE FUNCTION order_request_standing_is_right();
ALTER TABLE dosing_orderrequeststanding ENABLE ALWAYS TRIGGER order_request_standing_is_right;
"""
UNDO = """
DROP TRIGGER order_request_standing_is_right ON dosing_orderrequeststanding;
DROP FUNCTION order_request_standing_is_right();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0019_contacts'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderRequest',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('product', models.CharField(choices=[('diamorphine', 'diamorphine hydrochloride')], max_length=20)),
                ('routes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('iv', 'into a vein'), ('im', 'into a muscle'), ('sc', 'under the skin')], max_length=4), size=3)),
                ('sites', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=20)),
                ('kind', models.CharField(choices=[('maintenance', 'one dose'), ('titration', 'a plan of steps')], default='maintenance', max_length=11)),
                ('dose_mg', models.PositiveSmallIntegerField()),
                ('least_mg', models.PositiveSmallIntegerField(null=True)),
                ('slots', models.JSONField(default=list)),
                ('steps', models.JSONField(default=list)),
                ('sessions_per_day', models.PositiveSmallIntegerField()),
                ('daily_max_mg', models.PositiveSmallIntegerField()),
                ('interval_minutes', models.PositiveSmallIntegerField()),
                ('observation_minutes', models.PositiveSmallIntegerField()),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField()),
                ('basis', models.TextField()),
                ('high_dose_reason', models.TextField(blank=True, default='')),
                ('gap_cap_percent', models.PositiveSmallIntegerField(null=True)),
                ('hold_criteria', models.TextField()),
                ('oral_plan', models.TextField()),
                ('seen', models.CharField(max_length=100)),
                ('codes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('written_at', models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('written_by__isnull', True), models.Q(('written_by', models.F('signed_by')), _negated=True), _connector='OR'), name='order_is_not_signed_by_its_author', violation_error_message='What one doctor wrote is signed by another, who is licensed.'),
        ),
        migrations.AddField(
            model_name='orderrequest',
            name='episode',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_requests', to='patients.episode'),
        ),
        migrations.AddField(
            model_name='orderrequest',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_requests', to='patients.person'),
        ),
        migrations.AddField(
            model_name='orderrequest',
            name='premises',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_requests', to='accounts.premises'),
        ),
        migrations.AddField(
            model_name='orderrequest',
            name='protocol',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_requests', to='dosing.protocolversion'),
        ),
        migrations.AddField(
            model_name='orderrequest',
            name='written_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.CreateModel(
            name='OrderRequestStanding',
            fields=[
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='standing', serialize=False, to='dosing.orderrequest')),
                ('product', models.CharField(choices=[('diamorphine', 'diamorphine hydrochloride')], max_length=20)),
                ('status', models.CharField(choices=[('open', 'waits for a licensed doctor'), ('signed', 'signed by a licensed doctor'), ('sent_back', 'sent back by a licensed doctor'), ('withdrawn', 'withdrawn by its author'), ('lapsed', 'over with the treatment that it was written for')], default='open', max_length=10)),
                ('reason', models.TextField(blank=True, default='')),
                ('ended_at', models.DateTimeField(null=True)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='asked', to='dosing.order')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_request_standings', to='patients.person')),
            ],
        ),
        migrations.AddConstraint(
            model_name='orderrequest',
            constraint=models.CheckConstraint(condition=models.Q(('daily_max_mg__gte', models.F('dose_mg')), ('daily_max_mg__lte', 1000), ('dose_mg__gte', 1), ('dose_mg__lte', 450), ('interval_minutes__gte', 180), ('observation_minutes__gte', 15), models.Q(('least_mg__isnull', True), models.Q(('least_mg__gte', 1), ('least_mg__lt', models.F('dose_mg'))), _connector='OR'), models.Q(('gap_cap_percent__isnull', True), ('gap_cap_percent__lte', 75), _connector='OR'), models.Q(('dose_mg__lte', 400), models.Q(('high_dose_reason', ''), _negated=True), _connector='OR')), name='order_request_is_within_the_ceilings', violation_error_message='No clinic may order that, so nobody asks for it.'),
        ),
        migrations.AddConstraint(
            model_name='orderrequest',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('written_at')), models.Q(('starts_at__isnull', True), models.Q(('starts_at__gte', models.F('written_at')), ('starts_at__lt', models.F('ends_at'))), _connector='OR')), name='order_request_runs_forward_from_its_writing', violation_error_message='What is asked for starts when it is written or later, and then ends.'),
        ),
        migrations.AddConstraint(
            model_name='orderrequest',
            constraint=models.CheckConstraint(condition=models.Q(('routes__len__gte', 1), ('sites__len__gte', 1), models.Q(('basis', ''), _negated=True), models.Q(('hold_criteria', ''), _negated=True), models.Q(('oral_plan', ''), _negated=True)), name='order_request_says_all_that_an_order_says', violation_error_message='A request names route, sites, basis, hold and oral medicine.'),
        ),
        migrations.AddConstraint(
            model_name='orderrequeststanding',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('patient', 'product'), name='one_open_order_request_per_patient_and_product', violation_error_message='Another request for this person and drug is open.'),
        ),
        migrations.AddConstraint(
            model_name='orderrequeststanding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='order_request_ended_at_and_by', violation_error_message='The end of a request names who and when.'),
        ),
        migrations.AddConstraint(
            model_name='orderrequeststanding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('order__isnull', True), ('reason', ''), ('status__in', ['open', 'lapsed'])), models.Q(('order__isnull', False), ('reason', ''), ('status', 'signed')), models.Q(('order__isnull', True), ('status__in', ['sent_back', 'withdrawn']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='order_request_end_says_what_came_of_it', violation_error_message='A request ends with its order, or with a reason.'),
        ),
        make_append_only("dosing_orderrequest"),
        migrations.RunSQL(GUARDS, UNDO),
    ]
