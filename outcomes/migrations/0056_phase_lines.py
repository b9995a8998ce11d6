"""A phase is entered by a named person, or imported; only added; accounts.Phase follows what stands."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

# Phases that were imported before had no line yet: each gets the one that its clinic's first import brought.
KNOWN = """
INSERT INTO outcomes_phaseline (
    id, clinic_id, phase_id, name, from_on, to_on, places, sessions_per_day, funded_by, funded_until, correction,
    import_run_id
)
SELECT gen_random_uuid(), p.clinic_id, p.id, p.name, lower(p.during), upper(p.during), p.places,
    p.sessions_per_day, p.funded_by, p.funded_until, '', r.id
FROM accounts_phase p CROSS JOIN LATERAL (
    SELECT id FROM patients_importrun WHERE clinic_id = p.clinic_id ORDER BY imported_at, id LIMIT 1
) AS r
WHERE NOT isempty(p.during);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""

FORWARDS = """
CREATE FUNCTION phase_lines_are_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_phaseline first
            WHERE first.id = NEW.amends_id AND first.clinic_id = NEW.clinic_id AND first.phase_id = NEW.phase_id
    ) THEN
        RAISE EXCEPTION 'A correction is of the same phase of the same clinic.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_correction_is_of_the_same_phase';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_phaseline_in_order
    BEFORE INSERT ON public.outcomes_phaseline
    FOR EACH ROW EXECUTE FUNCTION phase_lines_are_in_order();
ALTER TABLE public.outcomes_phaseline ENABLE ALWAYS TRIGGER outcomes_phaseline_in_order;

-- What stands of a phase is what its last line says; one that was struck out holds no day.
CREATE FUNCTION phase_follows_its_lines() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.amends_id IS NULL THEN
        INSERT INTO public.accounts_phase (
            id, clinic_id, name, during, places, sessions_per_day, funded_by, funded_until
        ) VALUES (
            NEW.phase_id, NEW.clinic_id, NEW.name, daterange(NEW.from_on, NEW.to_on), NEW.places,
            NEW.sessions_per_day, NEW.funded_by, NEW.funded_until
        );
    ELSE
        UPDATE public.accounts_phase SET
            name = NEW.name,
            during = CASE WHEN NEW.correction = 'entered_twice' THEN 'empty'
                ELSE daterange(NEW.from_on, NEW.to_on) END,
            places = NEW.places,
            sessions_per_day = NEW.sessions_per_day,
            funded_by = NEW.funded_by,
            funded_until = NEW.funded_until
        WHERE id = NEW.phase_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER outcomes_phaseline_is_followed
    AFTER INSERT ON public.outcomes_phaseline
    FOR EACH ROW EXECUTE FUNCTION phase_follows_its_lines();
ALTER TABLE public.outcomes_phaseline ENABLE ALWAYS TRIGGER outcomes_phaseline_is_followed;

-- A phase changes by a line and in no other way: then this fires inside the trigger above.
CREATE FUNCTION phase_changes_by_a_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'A phase is corrected by a line that says why.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'phase_changes_by_a_line';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_phase_changes_by_a_line
    BEFORE UPDATE ON public.accounts_phase
    FOR EACH ROW EXECUTE FUNCTION phase_changes_by_a_line();
ALTER TABLE public.accounts_phase ENABLE ALWAYS TRIGGER accounts_phase_changes_by_a_line;
"""
BACKWARDS = """
DROP TRIGGER accounts_phase_changes_by_a_line ON public.accounts_phase;
DROP FUNCTION phase_changes_by_a_line();
DROP TRIGGER outcomes_phaseline_is_followed ON public.outcomes_phaseline;
DROP FUNCTION phase_follows_its_lines();
DROP TRIGGER outcomes_phaseline_in_order ON public.outcomes_phaseline;
DROP FUNCTION phase_lines_are_in_order();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0065_evaluator_exports'),
        ('patients', '0011_police_consent'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PhaseLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=1000)),
                ('from_on', models.DateField()),
                ('to_on', models.DateField(null=True)),
                ('places', models.PositiveIntegerField()),
                ('sessions_per_day', models.PositiveSmallIntegerField()),
                ('funded_by', models.CharField(blank=True, max_length=1000)),
                ('funded_until', models.DateField(null=True)),
                ('key', models.UUIDField(null=True)),
                ('recorded_at', models.DateTimeField(null=True)),
                ('correction', models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('entered_twice', 'Logged twice')], max_length=14)),
                ('amends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.phaseline')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='phase_lines', to='accounts.clinic')),
                ('import_run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.importrun')),
                ('phase', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='accounts.phase')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('key',), name='one_phase_line_per_key', violation_error_message='This line is stored already.'), models.UniqueConstraint(condition=models.Q(('amends__isnull', True)), fields=('phase',), name='one_first_line_per_phase', violation_error_message='A phase has one first line; the others amend it.'), models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='phase_line_is_recorded_by_a_person_or_imported', violation_error_message='A phase is entered by a named person, or imported.'), models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='phase_line_correction_has_its_reason', violation_error_message='Say why the line is written again.'), models.CheckConstraint(condition=models.Q(('to_on__isnull', True), ('to_on__gt', models.F('from_on')), _connector='OR'), name='phase_line_runs_forward', violation_error_message='A phase ends after it begins.')],
            },
        ),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        make_append_only("outcomes_phaseline"),
    ]
