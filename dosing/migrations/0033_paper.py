"""Lines of a paper pack as they are entered, what of them is contested, and how that is settled."""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.manager
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only


GUARDS = """
CREATE FUNCTION injection_is_of_its_paper_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.paper_line_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF NEW.preparation_id IS NOT NULL OR NOT EXISTS (
        SELECT FROM public.dosing_paperline l
            WHERE l.id = NEW.paper_line_id AND l.what = 'given' AND l.patient_id = NEW.patient_id
                AND l.session_id = NEW.session_id AND l.given_mg = NEW.given_mg AND l.batch_id = NEW.batch_id
                AND l.started_at = NEW.started_at AND l.giver_id = NEW.giver_id AND l.witness_id = NEW.witness_id
                AND l.giver_signature_id = NEW.giver_signature_id
                AND l.witness_signature_id = NEW.witness_signature_id AND l.is_contested = NEW.is_contested
    ) THEN
        RAISE EXCEPTION 'An injection that was entered from paper is what its line says.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_is_of_its_paper_line';
    END IF;
    -- What nothing speaks against is bound as any dose is: a check that lets it go ahead, and no hold.
    IF NOT NEW.is_contested AND (
        NOT EXISTS (
            SELECT FROM public.dosing_paperline l
                JOIN public.dosing_preinjectioncheck c ON c.id = l.check_made_id
                WHERE l.id = NEW.paper_line_id AND c.patient_id = NEW.patient_id AND c.session_id = NEW.session_id
                    AND c.lets_a_dose_go_ahead
                    AND c.made_at BETWEEN NEW.started_at - interval '30 minutes' AND NEW.started_at
        ) OR EXISTS (
            SELECT FROM public.dosing_hold h
                WHERE h.patient_id = NEW.patient_id AND h.opened_at <= NEW.started_at
                    AND (h.lifted_at IS NULL OR h.lifted_at > NEW.started_at)
        )
    ) THEN
        RAISE EXCEPTION 'A dose on paper without its check, or while a hold stood, is contested.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_dose_rests_on_its_check';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION paper_line_is_signed() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature g
            WHERE g.id = NEW.giver_signature_id AND g.content_sha256 = NEW.content_sha256
                AND (g.signed_by_id = coalesce(NEW.giver_id, NEW.entered_by_id) OR NEW.away_reason <> '')
    ) OR (
        NEW.witness_signature_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM public.dosing_signature w
                WHERE w.id = NEW.witness_signature_id AND w.content_sha256 = NEW.content_sha256
                    AND (w.signed_by_id = NEW.witness_id OR NEW.away_reason <> '')
        )
    ) OR (
        NEW.what = 'given' AND NOT NEW.is_contested AND NOT EXISTS (
            SELECT FROM public.dosing_signature g, public.dosing_signature w
                WHERE g.id = NEW.giver_signature_id AND w.id = NEW.witness_signature_id
                    AND g.signed_by_id <> w.signed_by_id
                    AND (g.signed_by_id = NEW.giver_id OR w.signed_by_id = NEW.witness_id)
        )
    ) THEN
        RAISE EXCEPTION 'A line is signed by who did it, or says why somebody else signs.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_line_is_signed';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION paper_line_is_whole() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.is_contested AND NOT EXISTS (SELECT FROM public.dosing_papercase c WHERE c.line_id = NEW.id) THEN
        RAISE EXCEPTION 'A contested line has a case.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contested_line_has_its_case';
    END IF;
    IF NEW.what = 'given' AND NEW.session_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM public.dosing_injection i WHERE i.paper_line_id = NEW.id)
    THEN
        RAISE EXCEPTION 'A dose on paper has its injection.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_dose_has_its_injection';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION paper_case_is_contested() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.dosing_paperline l WHERE l.id = NEW.line_id AND l.is_contested) THEN
        RAISE EXCEPTION 'A case is of a contested line.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_case_is_contested';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION settlement_is_signed_by_somebody_else() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s
            WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.settled_by_id AND s.part = 'amender'
    ) OR EXISTS (
        SELECT FROM public.dosing_paperline l
            WHERE l.id = NEW.case_id AND NEW.settled_by_id IN (l.giver_id, l.witness_id)
    ) THEN
        RAISE EXCEPTION 'A contested line is settled by somebody who neither gave nor witnessed it, with their PIN.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_is_signed_by_somebody_else';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER injection_is_of_its_paper_line BEFORE INSERT ON dosing_injection
    FOR EACH ROW EXECUTE FUNCTION injection_is_of_its_paper_line();
CREATE TRIGGER paper_line_is_signed BEFORE INSERT ON dosing_paperline
    FOR EACH ROW EXECUTE FUNCTION paper_line_is_signed();
CREATE TRIGGER paper_case_is_contested BEFORE INSERT ON dosing_papercase
    FOR EACH ROW EXECUTE FUNCTION paper_case_is_contested();
CREATE TRIGGER settlement_is_signed_by_somebody_else BEFORE INSERT ON dosing_papersettlement
    FOR EACH ROW EXECUTE FUNCTION settlement_is_signed_by_somebody_else();
CREATE CONSTRAINT TRIGGER paper_line_is_whole AFTER INSERT ON dosing_paperline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION paper_line_is_whole();
ALTER TABLE dosing_injection ENABLE ALWAYS TRIGGER injection_is_of_its_paper_line;
ALTER TABLE dosing_paperline ENABLE ALWAYS TRIGGER paper_line_is_signed;
ALTER TABLE dosing_paperline ENABLE ALWAYS TRIGGER paper_line_is_whole;
ALTER TABLE dosing_papercase ENABLE ALWAYS TRIGGER paper_case_is_contested;
ALTER TABLE dosing_papersettlement ENABLE ALWAYS TRIGGER settlement_is_signed_by_somebody_else;
"""

CONTESTED = "IF NEW.is_contested THEN"
# What was entered from paper has its line in the place of a drawn dose.
FROM_PAPER = "IF NEW.is_contested OR NEW.paper_line_id IS NOT NULL THEN"


def let_paper_stand_for_a_drawn_dose(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let an injection of a paper line pass, in the function as it stands now: its own trigger asks of it."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('injection_is_prepared()'::regprocedure)")
        standing: str = cursor.fetchone()[0]
    if standing.count(CONTESTED) != 1:
        raise RuntimeError("injection_is_prepared is not what it was")
    schema_editor.execute(standing.replace(CONTESTED, FROM_PAPER, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_inspections'),
        ('dosing', '0032_handover_numbers'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PaperLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('line', models.PositiveSmallIntegerField()),
                ('what', models.CharField(choices=[('given', 'A dose was injected'), ('not_given', 'No dose in this session'), ('nothing', 'Nothing is written on this line')], max_length=9)),
                ('started_at', models.DateTimeField(null=True)),
                ('given_mg', models.PositiveSmallIntegerField(null=True)),
                ('ampoules', models.PositiveSmallIntegerField(null=True)),
                ('away_reason', models.CharField(blank=True, max_length=300)),
                ('written', models.JSONField()),
                ('words', models.CharField(blank=True, max_length=300)),
                ('findings', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('conflicts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None)),
                ('is_contested', models.BooleanField()),
                ('content_sha256', models.CharField(max_length=64)),
                ('entered_at', models.DateTimeField()),
                ('batch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_lines', to='dosing.batch')),
                ('check_made', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_line', to='dosing.preinjectioncheck')),
                ('ended', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_line', to='dosing.sessionoutcome')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('giver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('giver_signature', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature')),
                ('pack', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines_entered', to='dosing.downtimepack')),
                ('patient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_lines', to='patients.person')),
                ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_lines', to='dosing.plannedsession')),
                ('witness', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('witness_signature', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature')),
            ],
        ),
        migrations.AlterModelManagers(
            name='injection',
            managers=[
                ('every', django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name='PaperCase',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='case', serialize=False, to='dosing.paperline')),
                ('opened_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_cases', to='accounts.clinic')),
                ('hold', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_case', to='dosing.hold')),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.sessionoutcome')),
            ],
        ),
        migrations.AddField(
            model_name='injection',
            name='paper_line',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='injection', to='dosing.paperline'),
        ),
        migrations.CreateModel(
            name='PaperRun',
            fields=[
                ('pack', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='run', serialize=False, to='dosing.downtimepack')),
                ('begun_at', models.DateTimeField()),
                ('begun_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='PaperSettlement',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='settlement', serialize=False, to='dosing.papercase')),
                ('stands', models.CharField(choices=[('paper', 'The paper is right: what it says happened'), ('computer', 'The computer is right: the paper does not count any more')], max_length=8)),
                ('reason', models.CharField(max_length=300)),
                ('settled_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='WaitingEntry',
            fields=[
                ('line', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='waiting_entry', serialize=False, to='dosing.paperline')),
                ('written_at', models.DateTimeField()),
                ('entry', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_entry', to='dosing.registerentry')),
                ('written_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='paperline',
            index=models.Index(fields=['patient', '-entered_at'], name='paper_lines_of_a_patient'),
        ),
        migrations.AddConstraint(
            model_name='paperline',
            constraint=models.UniqueConstraint(fields=('pack', 'line'), name='a_line_of_a_pack_is_entered_once', violation_error_message='This line of the pack is entered already.'),
        ),
        migrations.AddConstraint(
            model_name='paperline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('conflicts__len__gte', 1), ('is_contested', True)), models.Q(('conflicts__len', 0), ('is_contested', False)), _connector='OR'), name='contested_line_says_why', violation_error_message='A line is contested for a reason, and else for none.'),
        ),
        migrations.AddConstraint(
            model_name='paperline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ampoules__isnull', False), ('batch__isnull', False), ('given_mg__gte', 1), ('given_mg__isnull', False), ('giver__isnull', False), ('patient__isnull', False), ('started_at__isnull', False), ('what', 'given'), ('witness__isnull', False), ('witness_signature__isnull', False)), models.Q(('what__in', ['not_given', 'nothing']), ('given_mg__isnull', True), ('giver__isnull', True), ('witness__isnull', True)), _connector='OR'), name='paper_dose_has_all_its_parts', violation_error_message='A dose on paper has its time, its milligrams, its ampoules and two people.'),
        ),
        migrations.AddConstraint(
            model_name='paperline',
            constraint=models.CheckConstraint(condition=models.Q(('giver__isnull', True), models.Q(('giver', models.F('witness')), _negated=True), _connector='OR'), name='paper_giver_and_witness_are_two_people', violation_error_message='The witness is somebody else than the giver.'),
        ),
        migrations.AddConstraint(
            model_name='paperline',
            constraint=models.CheckConstraint(condition=models.Q(('started_at__isnull', True), ('started_at__lte', models.F('entered_at')), _connector='OR'), name='paper_line_tells_of_the_past', violation_error_message='What stands on paper has happened already.'),
        ),
        migrations.AddField(
            model_name='papersettlement',
            name='outcome',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_settlement', to='dosing.sessionoutcome'),
        ),
        migrations.AddField(
            model_name='papersettlement',
            name='settled_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='papersettlement',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddIndex(
            model_name='papercase',
            index=models.Index(fields=['clinic', '-opened_at'], name='contested_lines_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='papersettlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), ('stands__in', ['paper', 'computer'])), name='settlement_has_a_reason', violation_error_message='Write how you know which of the two is right.'),
        ),
        migrations.RunSQL(GUARDS, migrations.RunSQL.noop),
        migrations.RunPython(let_paper_stand_for_a_drawn_dose, migrations.RunPython.noop),
        make_append_only(
            "dosing_paperrun",
            "dosing_paperline",
            "dosing_papercase",
            "dosing_papersettlement",
            "dosing_waitingentry",
        ),
    ]
