"""Drafts of a clinic's limits, and what the database asks of a version that is approved from one."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

# As they stood when this was written: a limit that is verified later comes with a migration of its own.
UNVERIFIED = (
    "single_stop_mg", "single_block_mg", "first_repeat_minutes", "day_one_dose_mg", "day_one_gap_minutes",
    "interval_block_minutes", "interval_warn_minutes", "top_up_minutes", "top_up_titration_minutes",
    "order_days_usual", "order_days_max", "observation_minutes", "gap_full_hours", "gap_cap_hours",
    "gap_decide_hours", "gap_full_missed", "gap_cap_missed", "gap_decide_missed", "gap_cap_percent",
    "gap_decide_percent", "oral_delay_minutes", "methadone_block_mg", "buprenorphine_block_mg",
    "morphine_block_mg", "concentration_mg_per_ml",
)
# All columns but these are numbers, and a limit that is added later is compared as well.
NOT_OF_THE_DRAFT = "'id', 'clinic_id', 'number', 'reason', 'written_by_id', 'written_at'"
NOT_OF_THE_VERSION = (
    "'id', 'clinic_id', 'number', 'draft_id', 'confirmed', 'starts_at', 'approved_by_id', 'approved_at'"
)
CONFIRMED = ", ".join(f"'{name}'" for name in UNVERIFIED)

GUARD = f"""
CREATE FUNCTION protocol_is_as_drafted() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.draft_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_protocoldraft d
            WHERE d.id = NEW.draft_id AND d.clinic_id = NEW.clinic_id AND d.written_at <= NEW.approved_at
    ) THEN
        RAISE EXCEPTION 'A version is approved from a draft of its own clinic that was written before.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'protocol_is_of_a_draft_of_its_clinic';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_protocoldraft d
            WHERE d.id = NEW.draft_id
                AND to_jsonb(d) - ARRAY[{NOT_OF_THE_DRAFT}] = to_jsonb(NEW) - ARRAY[{NOT_OF_THE_VERSION}]
    ) THEN
        RAISE EXCEPTION 'A version has the numbers of its draft.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'protocol_has_the_numbers_of_its_draft';
    END IF;
    IF NOT NEW.confirmed::text[] @> ARRAY[{CONFIRMED}] THEN
        RAISE EXCEPTION 'Each number that nobody has verified is confirmed locally.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'protocol_is_confirmed_locally';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER protocol_is_as_drafted BEFORE INSERT ON dosing_protocolversion
    FOR EACH ROW EXECUTE FUNCTION protocol_is_as_drafted();
ALTER TABLE dosing_protocolversion ENABLE ALWAYS TRIGGER protocol_is_as_drafted;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0017_holds_by_hand'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='protocolversion',
            name='confirmed',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None),
        ),
        migrations.CreateModel(
            name='ProtocolDraft',
            fields=[
                ('single_warn_mg', models.PositiveSmallIntegerField()),
                ('single_stop_mg', models.PositiveSmallIntegerField(default=400)),
                ('single_block_mg', models.PositiveSmallIntegerField()),
                ('daily_warn_mg', models.PositiveSmallIntegerField()),
                ('daily_block_mg', models.PositiveSmallIntegerField()),
                ('first_dose_mg', models.PositiveSmallIntegerField(default=15)),
                ('first_repeat_minutes', models.PositiveSmallIntegerField(default=20)),
                ('day_one_dose_mg', models.PositiveSmallIntegerField(default=30)),
                ('day_one_gap_minutes', models.PositiveSmallIntegerField(default=30)),
                ('step_percent', models.PositiveSmallIntegerField(default=50)),
                ('interval_block_minutes', models.PositiveSmallIntegerField()),
                ('interval_warn_minutes', models.PositiveSmallIntegerField()),
                ('top_up_minutes', models.PositiveSmallIntegerField(default=20)),
                ('top_up_titration_minutes', models.PositiveSmallIntegerField(default=30)),
                ('sessions_per_day_max', models.PositiveSmallIntegerField(default=2)),
                ('order_days_usual', models.PositiveSmallIntegerField(default=14)),
                ('order_days_max', models.PositiveSmallIntegerField()),
                ('observation_minutes', models.PositiveSmallIntegerField(default=20)),
                ('gap_full_hours', models.PositiveSmallIntegerField(default=26)),
                ('gap_cap_hours', models.PositiveSmallIntegerField(default=50)),
                ('gap_decide_hours', models.PositiveSmallIntegerField(default=74)),
                ('gap_full_missed', models.PositiveSmallIntegerField(default=1)),
                ('gap_cap_missed', models.PositiveSmallIntegerField(default=3)),
                ('gap_decide_missed', models.PositiveSmallIntegerField(default=5)),
                ('gap_cap_percent', models.PositiveSmallIntegerField(default=75)),
                ('gap_decide_percent', models.PositiveSmallIntegerField(default=50)),
                ('oral_delay_minutes', models.PositiveSmallIntegerField(default=30)),
                ('methadone_block_mg', models.PositiveSmallIntegerField(default=150)),
                ('buprenorphine_block_mg', models.PositiveSmallIntegerField(default=24)),
                ('morphine_block_mg', models.PositiveSmallIntegerField(default=1200)),
                ('concentration_mg_per_ml', models.PositiveSmallIntegerField(default=100)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('reason', models.CharField(max_length=500)),
                ('written_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='protocol_drafts', to='accounts.clinic')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='protocolversion',
            name='draft',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='version', to='dosing.protocoldraft'),
        ),
        migrations.AddConstraint(
            model_name='protocolversion',
            constraint=models.CheckConstraint(condition=models.Q(('starts_at__gte', models.F('approved_at'))), name='protocol_starts_not_before_its_approval', violation_error_message='Limits come into force when they are approved, or later.'),
        ),
        migrations.AddConstraint(
            model_name='protocoldraft',
            constraint=models.UniqueConstraint(fields=('clinic', 'number'), name='protocol_drafts_are_numbered_once', violation_error_message='This draft of the limits already exists.'),
        ),
        migrations.AddConstraint(
            model_name='protocoldraft',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='protocol_draft_has_its_reason', violation_error_message='A draft says why the limits should change.'),
        ),
        migrations.AddConstraint(
            model_name='protocoldraft',
            constraint=models.CheckConstraint(condition=models.Q(('single_warn_mg__gte', 1), ('single_warn_mg__lte', 450), ('single_stop_mg__gte', 300), ('single_stop_mg__lte', 400), ('single_block_mg__gte', 1), ('single_block_mg__lte', 450), ('daily_warn_mg__gte', 1), ('daily_warn_mg__lte', 1000), ('daily_block_mg__gte', 1), ('daily_block_mg__lte', 1000), ('first_dose_mg__gte', 1), ('first_dose_mg__lte', 15), ('first_repeat_minutes__gte', 20), ('first_repeat_minutes__lte', 240), ('day_one_dose_mg__gte', 1), ('day_one_dose_mg__lte', 30), ('day_one_gap_minutes__gte', 30), ('day_one_gap_minutes__lte', 720), ('step_percent__gte', 10), ('step_percent__lte', 50), ('interval_block_minutes__gte', 180), ('interval_block_minutes__lte', 1440), ('interval_warn_minutes__gte', 180), ('interval_warn_minutes__lte', 1440), ('top_up_minutes__gte', 20), ('top_up_minutes__lte', 240), ('top_up_titration_minutes__gte', 30), ('top_up_titration_minutes__lte', 240), ('sessions_per_day_max__gte', 1), ('sessions_per_day_max__lte', 3), ('order_days_usual__gte', 1), ('order_days_usual__lte', 28), ('order_days_max__gte', 1), ('order_days_max__lte', 28), ('observation_minutes__gte', 15), ('observation_minutes__lte', 240), ('gap_full_hours__gte', 1), ('gap_full_hours__lte', 26), ('gap_cap_hours__gte', 1), ('gap_cap_hours__lte', 50), ('gap_decide_hours__gte', 1), ('gap_decide_hours__lte', 74), ('gap_full_missed__gte', 0), ('gap_full_missed__lte', 1), ('gap_cap_missed__gte', 0), ('gap_cap_missed__lte', 3), ('gap_decide_missed__gte', 0), ('gap_decide_missed__lte', 5), ('gap_cap_percent__gte', 1), ('gap_cap_percent__lte', 75), ('gap_decide_percent__gte', 1), ('gap_decide_percent__lte', 50), ('oral_delay_minutes__gte', 20), ('oral_delay_minutes__lte', 720), ('methadone_block_mg__gte', 1), ('methadone_block_mg__lte', 150), ('buprenorphine_block_mg__gte', 1), ('buprenorphine_block_mg__lte', 24), ('morphine_block_mg__gte', 1), ('morphine_block_mg__lte', 1200), ('concentration_mg_per_ml__gte', 1), ('concentration_mg_per_ml__lte', 200)), name='protocol_draft_is_not_looser_than_the_ceilings', violation_error_message="A clinic's limits may be stricter than the ceilings, never looser."),
        ),
        migrations.AddConstraint(
            model_name='protocoldraft',
            constraint=models.CheckConstraint(condition=models.Q(('single_warn_mg__lte', models.F('single_block_mg')), ('daily_warn_mg__lte', models.F('daily_block_mg')), ('interval_block_minutes__lte', models.F('interval_warn_minutes')), ('order_days_usual__lte', models.F('order_days_max')), ('gap_full_hours__lte', models.F('gap_cap_hours')), ('gap_cap_hours__lte', models.F('gap_decide_hours')), ('gap_full_missed__lte', models.F('gap_cap_missed')), ('gap_cap_missed__lte', models.F('gap_decide_missed')), ('gap_decide_percent__lte', models.F('gap_cap_percent'))), name='protocol_draft_warns_before_it_blocks', violation_error_message='A warning comes before the block.'),
        ),
        make_append_only("dosing_protocoldraft"),
        migrations.RunSQL(GUARD, migrations.RunSQL.noop),
    ]
