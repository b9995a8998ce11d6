"""A person's own target for oxygen, a doctor's reason that lets one dose pass a stop, and notes that were read.

Oxygen is held against what stood then, in the check and in every reading. A dose on a check with a stop has the reason
of a licensed doctor who is neither its giver nor its witness, used once, and so has one soon after an oral opioid.
Nothing is drawn up in a treatment that has ended. Hand-written and plain like the triggers of the visit.
"""

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only

GUARDS = """
CREATE FUNCTION licence_stood(p_licence uuid, p_doctor uuid, p_clinic uuid, p_at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM public.dosing_licence l JOIN public.accounts_premises p ON p.id = l.premises_id
            WHERE l.id = p_licence AND l.doctor_id = p_doctor AND l.starts_at <= p_at AND p_at < l.ends_at
                AND l.product = 'diamorphine' AND p.clinic_id = p_clinic
                AND NOT EXISTS (
                    SELECT FROM public.dosing_licencerevocation r WHERE r.licence_id = l.id AND r.revoked_at <= p_at
                )
    )
$$;

CREATE FUNCTION authorisation_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_preinjectioncheck c JOIN public.dosing_plannedsession s ON s.id = c.session_id
            WHERE c.id = NEW.check_made_id AND c.session_id = NEW.session_id AND c.patient_id = NEW.patient_id
                AND s.clinic_id = NEW.clinic_id
                -- A further injection of a session rests on readings: the check is made before the first alone.
                AND (
                    NEW.authorised_at BETWEEN c.made_at AND c.made_at + interval '30 minutes'
                    OR EXISTS (
                        SELECT FROM public.dosing_reading r
                            WHERE r.session_id = c.session_id AND r.escalation = ''
                                AND r.taken_at BETWEEN NEW.authorised_at - interval '5 minutes' AND NEW.authorised_at
                    )
                )
                AND (NEW.code <> 'alcohol_stop' OR c.alcohol_ug IS NULL OR c.alcohol_ug BETWEEN 20 AND 34)
    ) THEN
        RAISE EXCEPTION 'A doctor lets a dose pass a finding of a check of its session, while it or a reading is fresh.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_is_of_its_check';
    END IF;
    IF NOT public.licence_stood(NEW.licence_id, NEW.authorised_by_id, NEW.clinic_id, NEW.authorised_at) OR EXISTS (
        SELECT FROM public.dosing_preinjectioncheck c
            WHERE c.id = NEW.check_made_id AND c.made_by_id = NEW.authorised_by_id
    ) THEN
        RAISE EXCEPTION 'A licensed doctor who did not make the check lets a dose pass a finding.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_is_a_licensed_doctors';
    END IF;
    IF NEW.signature_id IS NULL AND NEW.entered_by_id <> NEW.authorised_by_id OR NEW.signature_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_signature g
            WHERE g.id = NEW.signature_id AND g.signed_by_id = NEW.authorised_by_id
    ) THEN
        RAISE EXCEPTION 'Who lets a dose go ahead signs it, at the terminal or at their own desk.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_is_signed';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION authorisation_is_used_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_authorisation a JOIN public.dosing_preparation p ON p.check_made_id = a.check_made_id
            WHERE a.id = NEW.authorisation_id AND p.id = NEW.preparation_id AND a.authorised_at <= p.prepared_at
                AND a.authorised_by_id NOT IN (p.prepared_by_id, p.witness_id)
    ) THEN
        RAISE EXCEPTION 'An authorisation is for a dose on its own check, which its doctor neither gives nor witnesses.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorisation_is_used_for_its_check';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION stop_is_authorised() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.dosing_preinjectioncheck c
            WHERE c.id = NEW.check_made_id AND (c.alcohol_ug IS NULL OR c.alcohol_ug BETWEEN 20 AND 34)
    ) AND NOT EXISTS (
        SELECT FROM public.dosing_authorisationuse u JOIN public.dosing_authorisation a ON a.id = u.authorisation_id
            WHERE u.preparation_id = NEW.id AND a.code = 'alcohol_stop'
    ) THEN
        RAISE EXCEPTION 'With this breath alcohol a dose needs the reason of a licensed doctor.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prepared_stop_is_authorised';
    END IF;
    -- A doctor decides on the oral dose that they knew of, never on a later one.
    IF EXISTS (
        SELECT FROM public.dosing_oraldose o
            WHERE o.patient_id = NEW.patient_id AND o.given_at <= NEW.prepared_at
                AND o.given_at > NEW.prepared_at - interval '30 minutes'
                AND NOT EXISTS (
                    SELECT FROM public.dosing_authorisationuse u
                        JOIN public.dosing_authorisation a ON a.id = u.authorisation_id
                        WHERE u.preparation_id = NEW.id AND a.code = 'oral_before' AND a.authorised_at >= o.given_at
                )
    ) THEN
        RAISE EXCEPTION 'In the half hour after an oral opioid a dose needs the reason of a licensed doctor.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'prepared_after_oral_is_authorised';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION injection_is_not_the_authorisers() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.dosing_authorisationuse u JOIN public.dosing_authorisation a ON a.id = u.authorisation_id
            WHERE u.preparation_id = NEW.preparation_id AND a.authorised_by_id = NEW.watched_by_id
    ) THEN
        RAISE EXCEPTION 'Who let a dose go ahead does not record its injection.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_is_not_recorded_by_its_authoriser';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION oxygen_baseline_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.patients_episode e
            WHERE e.id = NEW.episode_id AND e.person_id = NEW.patient_id
                AND public.licence_stood(NEW.licence_id, NEW.set_by_id, e.clinic_id, NEW.set_at)
    ) THEN
        RAISE EXCEPTION 'A licensed doctor sets a target for oxygen, for the person of the treatment.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oxygen_baseline_is_a_licensed_doctors';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER authorisation_is_in_order BEFORE INSERT ON dosing_authorisation
    FOR EACH ROW EXECUTE FUNCTION authorisation_is_in_order();
CREATE TRIGGER authorisation_is_used_in_order BEFORE INSERT ON dosing_authorisationuse
    FOR EACH ROW EXECUTE FUNCTION authorisation_is_used_in_order();
CREATE TRIGGER oxygen_baseline_is_in_order BEFORE INSERT ON dosing_oxygenbaseline
    FOR EACH ROW EXECUTE FUNCTION oxygen_baseline_is_in_order();
CREATE TRIGGER injection_is_not_the_authorisers BEFORE INSERT ON dosing_injection
    FOR EACH ROW EXECUTE FUNCTION injection_is_not_the_authorisers();
CREATE CONSTRAINT TRIGGER stop_is_authorised AFTER INSERT ON dosing_preparation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stop_is_authorised();
ALTER TABLE dosing_authorisation ENABLE ALWAYS TRIGGER authorisation_is_in_order;
ALTER TABLE dosing_authorisationuse ENABLE ALWAYS TRIGGER authorisation_is_used_in_order;
ALTER TABLE dosing_oxygenbaseline ENABLE ALWAYS TRIGGER oxygen_baseline_is_in_order;
ALTER TABLE dosing_injection ENABLE ALWAYS TRIGGER injection_is_not_the_authorisers;
ALTER TABLE dosing_preparation ENABLE ALWAYS TRIGGER stop_is_authorised;
"""

# What stands in the functions of earlier migrations, and what takes its place.
CHECK_BEFORE = """coalesce(c.oxygen, 88) >= 88
                    AND EXISTS (
                        SELECT FROM public.dosing_hold h
                            WHERE h.patient_id = NEW.patient_id
                                AND h.opened_at < c.made_at AND h.lifted_at >= c.made_at
                    )
                ))"""
CHECK_AFTER = """coalesce(c.oxygen, c.oxygen_target) >= c.oxygen_target
                    AND EXISTS (
                        SELECT FROM public.dosing_hold h
                            WHERE h.patient_id = NEW.patient_id
                                AND h.opened_at < c.made_at AND h.lifted_at >= c.made_at
                    )
                ) OR (
                    -- Nothing but a stop on alcohol stands: stop_is_authorised asks for the doctor's reason.
                    c.sedation IN ('1', '2') AND c.breaths >= 12 AND c.oxygen >= c.oxygen_target
                    AND c.pulse IS NOT NULL AND NOT c.is_intoxicated
                    AND coalesce(c.alcohol_ug, 20) BETWEEN 20 AND 34
                ))"""
ORDERED_BEFORE = "AND u.is_active"
ORDERED_AFTER = """AND u.is_active
                AND EXISTS (
                    SELECT FROM public.patients_episode e WHERE e.id = o.episode_id AND e.exited_on IS NULL
                )"""
READING_BEFORE = "r.oxygen >= 88"
READING_AFTER = "r.oxygen >= r.oxygen_target"


def hold_a_dose_against_what_stands_now(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Ask for a person's own target in the place of the lowest that anybody may have, and for a treatment that goes on.

    In the functions as they stand.
    """
    for name, before, after in (
        ("preparation_is_allowed()", CHECK_BEFORE, CHECK_AFTER),
        ("preparation_is_allowed()", ORDERED_BEFORE, ORDERED_AFTER),
        ("prepared_dose_within_its_session()", READING_BEFORE, READING_AFTER),
    ):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [name])
            standing: str = cursor.fetchone()[0]
        if standing.count(before) != 1:
            raise RuntimeError(f"{name} is not what it was")
        schema_editor.execute(standing.replace(before, after, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_inspections'),
        ('dosing', '0026_cases_and_closing'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Acknowledgement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=40)),
                ('message', models.CharField(max_length=300)),
                ('acknowledged_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Authorisation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=40)),
                ('message', models.CharField(max_length=300)),
                ('reason', models.CharField(choices=[('seen', 'I have seen the person myself'), ('spoken', 'I have spoken with the person and the nurse'), ('known_and_alert', 'Known to me at such a reading, and alert'), ('cannot_blow', 'A breath sample cannot be given, for a reason I know'), ('other', 'Another reason')], max_length=16)),
                ('words', models.CharField(max_length=300)),
                ('authorised_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='OxygenBaseline',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('percent', models.PositiveSmallIntegerField()),
                ('scale', models.PositiveSmallIntegerField(choices=[(1, 'Scale 1, the usual one'), (2, 'Scale 2, for lungs that hold on to carbon dioxide')])),
                ('evidence', models.CharField(max_length=300)),
                ('review_on', models.DateField()),
                ('set_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='preinjectioncheck',
            name='check_that_lets_go_ahead_is_within_limits',
        ),
        migrations.AddField(
            model_name='preinjectioncheck',
            name='oxygen_scale',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='preinjectioncheck',
            name='oxygen_target',
            field=models.PositiveSmallIntegerField(default=94),
        ),
        migrations.AddField(
            model_name='reading',
            name='oxygen_scale',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='reading',
            name='oxygen_target',
            field=models.PositiveSmallIntegerField(default=94),
        ),
        migrations.AlterField(
            model_name='signature',
            name='part',
            field=models.CharField(choices=[('giver', 'Giver'), ('witness', 'Witness'), ('counter', 'Counter'), ('opener', 'Opener'), ('keeper', 'Keeper'), ('doctor', 'Doctor')], max_length=8),
        ),
        migrations.AddConstraint(
            model_name='preinjectioncheck',
            constraint=models.CheckConstraint(condition=models.Q(('oxygen_target__lte', 94), models.Q(models.Q(('oxygen_scale', 1), ('oxygen_target__gte', 90)), models.Q(('oxygen_scale', 2), ('oxygen_target__gte', 88)), _connector='OR')), name='check_target_for_oxygen_is_allowed', violation_error_message='Oxygen is held against 90 % or more, on scale 2 against 88 % or more.'),
        ),
        migrations.AddConstraint(
            model_name='preinjectioncheck',
            constraint=models.CheckConstraint(condition=models.Q(('lets_a_dose_go_ahead', False), models.Q(('alcohol_ug__isnull', False), ('alcohol_ug__lt', 20), ('breaths__gte', 12), ('is_intoxicated', False), ('oxygen__gte', models.F('oxygen_target')), ('oxygen__isnull', False), ('pulse__isnull', False), ('sedation__in', ['1', '2'])), _connector='OR'), name='check_that_lets_go_ahead_is_within_limits', violation_error_message='That check does not let a dose go ahead.'),
        ),
        migrations.AddConstraint(
            model_name='reading',
            constraint=models.CheckConstraint(condition=models.Q(('oxygen_target__lte', 94), models.Q(models.Q(('oxygen_scale', 1), ('oxygen_target__gte', 90)), models.Q(('oxygen_scale', 2), ('oxygen_target__gte', 88)), _connector='OR')), name='reading_target_for_oxygen_is_allowed', violation_error_message='Oxygen is held against 90 % or more, on scale 2 against 88 % or more.'),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='acknowledged_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='acknowledgement',
            name='preparation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='acknowledgements', to='dosing.preparation'),
        ),
        migrations.CreateModel(
            name='AuthorisationUse',
            fields=[
                ('authorisation', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='use', serialize=False, to='dosing.authorisation')),
            ],
        ),
        migrations.AddField(
            model_name='authorisation',
            name='authorised_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='check_made',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='dosing.preinjectioncheck'),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic'),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='licence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='dosing.licence'),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='patients.person'),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations', to='dosing.plannedsession'),
        ),
        migrations.AddField(
            model_name='authorisation',
            name='signature',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='authorisation', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='oxygenbaseline',
            name='episode',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oxygen_baselines', to='patients.episode'),
        ),
        migrations.AddField(
            model_name='oxygenbaseline',
            name='licence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oxygen_baselines', to='dosing.licence'),
        ),
        migrations.AddField(
            model_name='oxygenbaseline',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='oxygen_baselines', to='patients.person'),
        ),
        migrations.AddField(
            model_name='oxygenbaseline',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='acknowledgement',
            constraint=models.UniqueConstraint(fields=('preparation', 'code'), name='each_note_is_acknowledged_once', violation_error_message='That note is ticked already.'),
        ),
        migrations.AddField(
            model_name='authorisationuse',
            name='preparation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='authorisations_used', to='dosing.preparation'),
        ),
        migrations.AddIndex(
            model_name='authorisation',
            index=models.Index(fields=['check_made'], name='authorisations_of_a_check'),
        ),
        migrations.AddConstraint(
            model_name='authorisation',
            constraint=models.CheckConstraint(condition=models.Q(('code__in', ['alcohol_stop', 'oral_before'])), name='authorisation_is_of_a_stop', violation_error_message="No doctor's reason lets a dose pass that finding."),
        ),
        migrations.AddConstraint(
            model_name='authorisation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('words', ''), _negated=True), ('reason__in', ['seen', 'spoken', 'known_and_alert', 'cannot_blow', 'other'])), name='authorisation_says_why', violation_error_message='A doctor says why a dose may go ahead.'),
        ),
        migrations.AddIndex(
            model_name='oxygenbaseline',
            index=models.Index(fields=['patient', '-set_at'], name='oxygen_baselines_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='oxygenbaseline',
            constraint=models.CheckConstraint(condition=models.Q(('percent__lte', 94), models.Q(models.Q(('percent__gte', 90), ('scale', 1)), models.Q(('percent__gte', 88), ('scale', 2)), _connector='OR')), name='oxygen_baseline_is_not_under_its_scale', violation_error_message='A target is 90 % or more on scale 1, 88 % or more on scale 2.'),
        ),
        migrations.AddConstraint(
            model_name='oxygenbaseline',
            constraint=models.CheckConstraint(condition=models.Q(('evidence', ''), _negated=True), name='oxygen_baseline_has_evidence', violation_error_message='A target for oxygen says what it rests on.'),
        ),
        migrations.AddConstraint(
            model_name='oxygenbaseline',
            constraint=models.CheckConstraint(condition=models.Q(('review_on__gte', models.F('set_at__date'))), name='oxygen_baseline_is_reviewed_later', violation_error_message='A target for oxygen is reviewed after it was set.'),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunPython(hold_a_dose_against_what_stands_now, migrations.RunPython.noop),
        make_append_only(
            "dosing_acknowledgement",
            "dosing_authorisation",
            "dosing_authorisationuse",
            "dosing_oxygenbaseline",
        ),
    ]
