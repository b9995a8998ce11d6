"""Oral opioids and take-home naloxone.

What the database itself refuses is hand-written and plain like the register's triggers: a dose is of an order that
was in force, within the milligrams of its day, not too soon after an injection, and on its own London day.
"""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

GUARDS = """
CREATE FUNCTION oral_order_period_only_shrinks() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_oralorder o
            WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.drug = NEW.drug
                AND tstzrange(o.starts_at, o.ends_at) @> NEW.during
    ) THEN
        RAISE EXCEPTION 'A period is that of its order, and no longer.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_order_period_is_of_its_order';
    END IF;
    IF TG_OP = 'UPDATE' AND (
        NEW.order_id <> OLD.order_id
        OR NOT OLD.during @> NEW.during
        OR (NOT isempty(NEW.during) AND lower(NEW.during) <> lower(OLD.during))
        OR EXISTS (
            SELECT FROM public.dosing_oraldose d
                WHERE d.order_id = OLD.order_id AND OLD.during @> d.given_at
                    AND NOT NEW.during @> d.given_at
        )
    ) THEN
        RAISE EXCEPTION 'A period may only end earlier, and never before a dose that was given in it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'oral_order_period_only_shrinks';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION oral_dose_is_allowed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    most integer;
    given integer;
BEGIN
    IF NEW.given_on IS DISTINCT FROM (NEW.given_at AT TIME ZONE 'Europe/London')::date THEN
        RAISE EXCEPTION 'The day of a dose is its day in London.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_dose_is_on_its_london_day';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s
            WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.supervised_by_id
    ) THEN
        RAISE EXCEPTION 'An oral dose is signed by who supervised it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_dose_is_signed_by_its_nurse';
    END IF;
    PERFORM pg_advisory_xact_lock(
        hashtextextended('oral dose ' || NEW.patient_id || NEW.drug || NEW.given_on, 0)
    );
    SELECT least(o.daily_mg, CASE o.drug
            WHEN 'methadone' THEN v.methadone_block_mg
            WHEN 'buprenorphine' THEN v.buprenorphine_block_mg
            WHEN 'morphine' THEN v.morphine_block_mg
        END)
        INTO most
        FROM public.dosing_oralorder o
            JOIN public.dosing_oralorderperiod p ON p.order_id = o.id
            JOIN public.accounts_user u ON u.id = o.signed_by_id
            JOIN public.dosing_protocolversion v ON v.id = NEW.protocol_id
        WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.drug = NEW.drug AND u.is_active
            AND o.signed_at <= NEW.given_at AND p.during @> NEW.given_at;
    IF most IS NULL THEN
        RAISE EXCEPTION 'No signed order of this person for this drug was in force.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_dose_is_ordered';
    END IF;
    SELECT coalesce(sum(d.mg), 0) INTO given FROM public.dosing_oraldose d
        WHERE d.patient_id = NEW.patient_id AND d.drug = NEW.drug AND d.given_on = NEW.given_on;
    IF given + NEW.mg > most THEN
        RAISE EXCEPTION 'That would pass the milligrams of the day.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_dose_is_within_its_day';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_injection i JOIN public.dosing_protocolversion v ON v.id = NEW.protocol_id
            WHERE i.patient_id = NEW.patient_id AND i.started_at <= NEW.given_at
                AND i.ended_at > NEW.given_at - make_interval(mins => v.oral_delay_minutes)
    ) THEN
        RAISE EXCEPTION 'The last injection is too short a time ago for an oral opioid.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_dose_waits_after_an_injection';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER oral_order_period_only_shrinks BEFORE INSERT OR UPDATE ON dosing_oralorderperiod
    FOR EACH ROW EXECUTE FUNCTION oral_order_period_only_shrinks();
ALTER TABLE dosing_oralorderperiod ENABLE ALWAYS TRIGGER oral_order_period_only_shrinks;
CREATE TRIGGER oral_dose_is_allowed BEFORE INSERT ON dosing_oraldose
    FOR EACH ROW EXECUTE FUNCTION oral_dose_is_allowed();
ALTER TABLE dosing_oraldose ENABLE ALWAYS TRIGGER oral_dose_is_allowed;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0014_prescriptions'),
        ('patients', '0004_people_and_photos'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OralOrder',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('drug', models.CharField(choices=[('methadone', 'methadone 1 mg/ml oral solution'), ('buprenorphine', 'buprenorphine sublingual tablets'), ('morphine', 'morphine slow-release capsules')], max_length=20)),
                ('version', models.PositiveIntegerField(default=1)),
                ('daily_mg', models.PositiveSmallIntegerField()),
                ('is_supervised', models.BooleanField()),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('basis', models.TextField()),
                ('signed_at', models.DateTimeField()),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_orders', to='patients.episode')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_orders', to='patients.person')),
                ('premises', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_orders', to='accounts.premises')),
                ('protocol', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_orders', to='dosing.protocolversion')),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='dosing.oralorder')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='OralDecision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=500)),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_decisions', to='patients.person')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='dosing.oralorder')),
            ],
        ),
        migrations.CreateModel(
            name='OralDose',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('drug', models.CharField(choices=[('methadone', 'methadone 1 mg/ml oral solution'), ('buprenorphine', 'buprenorphine sublingual tablets'), ('morphine', 'morphine slow-release capsules')], max_length=20)),
                ('mg', models.PositiveSmallIntegerField()),
                ('sedation', models.CharField(choices=[('1', 'Awake and alert'), ('2', 'Slightly drowsy, easily roused'), ('3', 'Drifts off while talking'), ('4', 'Hard to rouse, or not at all'), ('S', 'Asleep, easily roused')], max_length=1)),
                ('breaths', models.PositiveSmallIntegerField(null=True)),
                ('given_at', models.DateTimeField()),
                ('given_on', models.DateField()),
                ('key', models.UUIDField(unique=True)),
                ('recorded_at', models.DateTimeField(db_default=models.Func(function='hat_now'))),
                ('decision', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='doses', to='dosing.oraldecision')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_doses', to='patients.person')),
                ('protocol', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.protocolversion')),
                ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='oral_doses', to='dosing.plannedsession')),
                ('signature', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature')),
                ('supervised_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='doses', to='dosing.oralorder')),
            ],
        ),
        migrations.CreateModel(
            name='NaloxoneOrder',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('dose_ug', models.PositiveSmallIntegerField()),
                ('kits', models.PositiveSmallIntegerField()),
                ('signed_at', models.DateTimeField()),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='naloxone_orders', to='patients.episode')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='naloxone_orders', to='patients.person')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('dose_ug__gte', 1), ('dose_ug__lte', 9999), ('kits__gte', 1), ('kits__lte', 9)), name='naloxone_order_is_of_something', violation_error_message='Naloxone is ordered in whole micrograms, 1 to 9 kits.')],
            },
        ),
        migrations.CreateModel(
            name='OralOrderPeriod',
            fields=[
                ('order', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='period', serialize=False, to='dosing.oralorder')),
                ('drug', models.CharField(choices=[('methadone', 'methadone 1 mg/ml oral solution'), ('buprenorphine', 'buprenorphine sublingual tablets'), ('morphine', 'morphine slow-release capsules')], max_length=20)),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('replaced', 'a new order took its place'), ('safety', 'dosing is not safe now'), ('missed', 'sessions were missed'), ('asked', 'the person asked for it'), ('leaving', 'the person leaves or moves to another service'), ('mistake', 'the order was written wrong'), ('other', 'another reason')], default='', max_length=10)),
                ('end_words', models.TextField(blank=True, default='')),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oral_order_periods', to='patients.person')),
            ],
        ),
        migrations.AddConstraint(
            model_name='oralorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('daily_mg__gte', 1), ('daily_mg__lte', 150), ('drug', 'methadone')), models.Q(('daily_mg__gte', 1), ('daily_mg__lte', 24), ('drug', 'buprenorphine')), models.Q(('daily_mg__gte', 1), ('daily_mg__lte', 1200), ('drug', 'morphine')), _connector='OR'), name='oral_order_is_within_the_ceilings', violation_error_message='No clinic may order more of that drug in a day.'),
        ),
        migrations.AddConstraint(
            model_name='oralorder',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at')), ('starts_at__gte', models.F('signed_at'))), name='oral_order_runs_forward_from_its_signature', violation_error_message='An order starts when it is signed or later, and ends after it starts.'),
        ),
        migrations.AddConstraint(
            model_name='oralorder',
            constraint=models.CheckConstraint(condition=models.Q(('basis', ''), _negated=True), name='oral_order_says_its_basis', violation_error_message='An order says what its dose rests on.'),
        ),
        migrations.AddIndex(
            model_name='oraldose',
            index=models.Index(fields=['patient', '-given_at'], name='last_oral_doses_of_a_patient'),
        ),
        migrations.AddConstraint(
            model_name='oraldose',
            constraint=models.CheckConstraint(condition=models.Q(('mg__gte', 1)), name='oral_dose_is_at_least_one_mg', violation_error_message='An oral dose is at least 1 mg.'),
        ),
        migrations.AddConstraint(
            model_name='oraldose',
            constraint=models.CheckConstraint(condition=models.Q(('sedation__in', ['1', '2']), models.Q(('breaths__isnull', True), models.Q(('breaths__gte', 12), ('breaths__lte', 60)), _connector='OR')), name='oral_dose_is_given_to_somebody_awake', violation_error_message='Nobody drowsy or breathing slowly is given an oral opioid.'),
        ),
        migrations.AddConstraint(
            model_name='oraldecision',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='oral_decision_has_a_reason', violation_error_message='A decision says why.'),
        ),
        migrations.AddConstraint(
            model_name='oralorderperiod',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('patient', '='), ('drug', '='), ('during', '&&')], name='one_oral_order_in_force_per_patient_and_drug', violation_error_message='Another order for this drug is in force at that time.'),
        ),
        migrations.AddConstraint(
            model_name='oralorderperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='oral_order_period_ended_at_and_by', violation_error_message='Ending an order names who and when.'),
        ),
        migrations.AddConstraint(
            model_name='oralorderperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason', ''), ('end_words', ''), ('ended_at__isnull', True)), models.Q(('end_reason', 'replaced'), ('end_words', ''), ('ended_at__isnull', False)), models.Q(('ended_at__isnull', False), models.Q(('end_reason__in', ['', 'replaced']), _negated=True), models.Q(('end_words', ''), _negated=True)), _connector='OR'), name='oral_order_period_end_has_its_reason', violation_error_message='Ending an order says why, in a sentence of its own.'),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        make_append_only(
            "dosing_oralorder",
            "dosing_oraldecision",
            "dosing_oraldose",
            "dosing_naloxoneorder",
        ),
    ]
