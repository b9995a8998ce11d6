"""Offences that police recorded: agreements, references and files; and the schema of its own that the offences stand in.

The application's login may add an offence and read none; the login `hat_police` reads them and nothing else. Nobody
changes or removes one. No foreign key leads into the schema or out of it.
"""
from typing import Any

import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only, quoted

SCHEMA = """
CREATE SCHEMA police;
CREATE TABLE police.offence (
    id uuid PRIMARY KEY,
    file_id uuid NOT NULL,
    clinic_id uuid NOT NULL,
    person_id uuid NOT NULL,
    line integer NOT NULL CHECK (line >= 0),
    occurred_on date NOT NULL,
    kind varchar(40) NOT NULL,
    CONSTRAINT one_police_offence_per_line UNIQUE (file_id, line)
);
CREATE INDEX police_offences_of_a_clinic ON police.offence (clinic_id, occurred_on);
CREATE INDEX police_offences_of_a_person ON police.offence (person_id);
CREATE TRIGGER police_offence_rows_stay
    BEFORE UPDATE OR DELETE ON police.offence
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER police_offence_table_stays
    BEFORE TRUNCATE ON police.offence
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE police.offence ENABLE ALWAYS TRIGGER police_offence_rows_stay;
ALTER TABLE police.offence ENABLE ALWAYS TRIGGER police_offence_table_stays;
REVOKE ALL ON SCHEMA police FROM PUBLIC;
REVOKE ALL ON police.offence FROM PUBLIC;
GRANT USAGE ON SCHEMA police TO {app}, {police};
GRANT INSERT ON police.offence TO {app};
GRANT SELECT ON police.offence TO {police};
"""
FILES = """
CREATE FUNCTION police_file_is_in_order() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- Two at once under one agreement follow each other.
    PERFORM pg_advisory_xact_lock(hashtextextended('police file ' || NEW.agreement_id, 0));
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.outcomes_policefile first
            WHERE first.id = NEW.replaces_id AND first.agreement_id = NEW.agreement_id
    ) THEN
        RAISE EXCEPTION 'A file replaces one of the same agreement.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_file_replaces_its_own';
    END IF;
    IF EXISTS (
        SELECT FROM public.outcomes_policefile other
            WHERE other.agreement_id = NEW.agreement_id AND other.during && NEW.during
                AND other.id IS DISTINCT FROM NEW.replaces_id
                AND NOT EXISTS (
                    SELECT FROM public.outcomes_policefile later WHERE later.replaces_id = other.id
                )
    ) THEN
        RAISE EXCEPTION 'Another file that counts tells of some of these days.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'police_files_tell_of_a_day_once';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER outcomes_policefile_in_order
    BEFORE INSERT ON public.outcomes_policefile
    FOR EACH ROW EXECUTE FUNCTION police_file_is_in_order();
ALTER TABLE public.outcomes_policefile ENABLE ALWAYS TRIGGER outcomes_policefile_in_order;
"""
FILES_BACK = """
DROP TRIGGER outcomes_policefile_in_order ON public.outcomes_policefile;
DROP FUNCTION police_file_is_in_order();
"""


def make_police_schema(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    roles = {"app": quoted(settings.DATABASE_APP_ROLE), "police": quoted(settings.DATABASE_POLICE_ROLE)}
    schema_editor.execute(SCHEMA.format(**roles), params=None)


def drop_police_schema(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute("DROP SCHEMA police CASCADE", params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0017_outcome_forms'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PoliceAgreement',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('purpose', models.CharField(max_length=400)),
                ('basis', models.CharField(choices=[('consent', 'Each person’s consent to sharing with this force'), ('law', 'A law that does not ask for the person’s consent')], max_length=7)),
                ('basis_words', models.CharField(max_length=400)),
                ('signatories', models.CharField(max_length=400)),
                ('importer', models.CharField(choices=[('manager', 'Manager'), ('privacy_officer', 'Privacy officer')], max_length=15)),
                ('case_workers_see', models.BooleanField()),
                ('key', models.UUIDField()),
                ('recorded_at', models.DateTimeField()),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='police_agreements', to='accounts.agency')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='police_agreements', to='accounts.clinic')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PoliceFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('during', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('sha256', models.CharField(max_length=64)),
                ('offences', models.PositiveIntegerField()),
                ('not_stored', models.PositiveIntegerField()),
                ('imported_at', models.DateTimeField()),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='outcomes.policeagreement')),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='outcomes.policefile')),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make_police_schema, drop_police_schema)],
            state_operations=[
                migrations.CreateModel(
                    name='PoliceOffence',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('file_id', models.UUIDField()),
                        ('clinic_id', models.UUIDField()),
                        ('person_id', models.UUIDField()),
                        ('line', models.PositiveIntegerField()),
                        ('occurred_on', models.DateField()),
                        ('kind', models.CharField(max_length=40)),
                    ],
                    options={
                        'db_table': '"police"."offence"',
                        'base_manager_name': 'objects',
                        'constraints': [models.UniqueConstraint(fields=('file_id', 'line'), name='one_police_offence_per_line', violation_error_message='This line of the file is stored already.')],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name='PoliceReference',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(max_length=20)),
                ('given_at', models.DateTimeField()),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='references', to='outcomes.policeagreement')),
                ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='police_references', to='patients.person')),
            ],
        ),
        migrations.CreateModel(
            name='PoliceAgreementEnd',
            fields=[
                ('agreement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='end', serialize=False, to='outcomes.policeagreement')),
                ('why', models.CharField(max_length=400)),
                ('ended_at', models.DateTimeField()),
                ('ended_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddConstraint(
            model_name='policeagreement',
            constraint=models.UniqueConstraint(fields=('key',), name='one_police_agreement_per_key', violation_error_message='This agreement is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='policeagreement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on')), models.Q(('purpose', ''), _negated=True), models.Q(('basis_words', ''), _negated=True), models.Q(('signatories', ''), _negated=True)), name='police_agreement_says_all', violation_error_message='An agreement ends after it starts, and says what for, on what basis, by whom.'),
        ),
        migrations.AddConstraint(
            model_name='policefile',
            constraint=models.UniqueConstraint(fields=('agreement', 'sha256'), name='one_police_file_per_content', violation_error_message='This file was brought in before.'),
        ),
        migrations.AddConstraint(
            model_name='policereference',
            constraint=models.UniqueConstraint(fields=('agreement', 'reference'), name='one_person_per_police_reference', violation_error_message='Somebody has this reference already.'),
        ),
        migrations.AddConstraint(
            model_name='policereference',
            constraint=models.UniqueConstraint(fields=('agreement', 'patient'), name='one_police_reference_per_person', violation_error_message='This person has a reference under this agreement already.'),
        ),
        migrations.AddConstraint(
            model_name='policereference',
            constraint=models.CheckConstraint(condition=models.Q(('reference__regex', '^[A-Z0-9]{6,20}$')), name='police_reference_is_capitals_and_digits', violation_error_message='A reference is 6 to 20 capital letters and digits.'),
        ),
        migrations.AddConstraint(
            model_name='policeagreementend',
            constraint=models.CheckConstraint(condition=models.Q(('why', ''), _negated=True), name='police_agreement_end_has_its_reason', violation_error_message='Say why the agreement ends.'),
        ),
        migrations.RunSQL(FILES, FILES_BACK),
        make_append_only(
            "outcomes_policeagreement",
            "outcomes_policeagreementend",
            "outcomes_policefile",
            "outcomes_policereference",
        ),
    ]
