"""Oral doses that were written on a paper pack: what is contested, and how that is settled.

What nothing speaks against is held to what every oral dose is held to; what is contested is a fact, and counts.
"""

from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only

SETTLED = """
CREATE FUNCTION oral_settlement_is_signed_by_somebody_else() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_signature s
            WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.settled_by_id AND s.part = 'amender'
    ) OR NOT EXISTS (
        SELECT FROM public.dosing_oraldose d JOIN public.dosing_signature g ON g.id = d.signature_id
            WHERE d.id = NEW.dose_id AND cardinality(d.conflicts) > 0
                AND NEW.settled_by_id NOT IN (d.supervised_by_id, g.signed_by_id)
    ) THEN
        RAISE EXCEPTION 'A contested oral dose is settled by somebody who neither gave nor signed it, with a PIN.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'oral_settlement_is_signed_by_somebody_else';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER oral_settlement_is_signed_by_somebody_else BEFORE INSERT ON dosing_oralsettlement
    FOR EACH ROW EXECUTE FUNCTION oral_settlement_is_signed_by_somebody_else();
ALTER TABLE dosing_oralsettlement ENABLE ALWAYS TRIGGER oral_settlement_is_signed_by_somebody_else;
"""
AWAY = " AND NOT EXISTS (SELECT FROM public.dosing_oralsettlement t WHERE t.dose_id = {row}.id AND t.stands = 'computer')"
LATER = " AND NOT EXISTS (SELECT FROM public.dosing_oraldose later WHERE later.amends_id = {row}.id)"
OWN_NURSE = "WHERE s.id = NEW.signature_id AND s.signed_by_id = NEW.supervised_by_id"
OR_FOR_ONE_AWAY = """WHERE s.id = NEW.signature_id AND (
                s.signed_by_id = NEW.supervised_by_id OR (NEW.pack_id IS NOT NULL AND NEW.away_reason <> '')
            )"""
LOCK = "    PERFORM pg_advisory_xact_lock("
CONTESTED = """    -- What stood on paper and clashes is a fact: it counts, and only its order has to be this person's.
    IF cardinality(NEW.conflicts) > 0 THEN
        IF NOT EXISTS (
            SELECT FROM public.dosing_oralorder o
                WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.drug = NEW.drug
        ) THEN
            RAISE EXCEPTION 'An oral dose on paper is of an order of its person.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_oral_dose_is_of_its_order';
        END IF;
        RETURN NEW;
    END IF;
"""
COUNTED = LATER.format(row="d")
JUST_GIVEN = "AND o.given_at > NEW.prepared_at - interval '30 minutes'"
ENTERED_FIRST = """                )
    ) THEN
        RAISE EXCEPTION 'Their line"""
WITH_ORAL_DOSES = """                )
    ) OR EXISTS (
        SELECT FROM public.dosing_paperline l
            JOIN public.dosing_paperrun r ON r.pack_id = l.pack_id
            JOIN public.dosing_downtimepack k ON k.id = l.pack_id
            WHERE l.patient_id = NEW.patient_id AND l.entered_at <= NEW.prepared_at
                AND l.written -> 'has_oral' = 'true'::jsonb
                AND k.service_date >= (NEW.prepared_at AT TIME ZONE 'Europe/London')::date - 1
                AND NOT EXISTS (
                    SELECT FROM public.dosing_oraldose d
                        WHERE d.pack_id = k.id AND d.patient_id = NEW.patient_id
                )
    ) THEN
        RAISE EXCEPTION 'Their line"""
KNOWN_OF = "a.authorised_at >= o.given_at"
KNOWN_SINCE = KNOWN_OF + " AND (o.pack_id IS NULL OR a.authorised_at >= o.recorded_at)"
CHANGED = (
    # A dose of paper is known once it is entered.
    ("stop_is_authorised()", KNOWN_OF, KNOWN_SINCE),
    ("oral_dose_is_allowed()", OWN_NURSE, OR_FOR_ONE_AWAY),
    ("oral_dose_is_allowed()", LOCK, CONTESTED + LOCK),
    ("oral_dose_is_allowed()", COUNTED, COUNTED + AWAY.format(row="d")),
    ("stop_is_authorised()", JUST_GIVEN, JUST_GIVEN + LATER.format(row="o") + AWAY.format(row="o")),
    ("nothing_is_drawn_before_paper_is_entered()", ENTERED_FIRST, WITH_ORAL_DOSES),
)


def read_what_stood_on_paper(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the guards know oral doses of paper, in the functions as they stand."""
    schema_editor.execute(SETTLED, params=None)
    for name, before, after in CHANGED:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [name])
            standing: str = cursor.fetchone()[0]
        if standing.count(before) != 1:
            raise RuntimeError(f"{name} is not what it was")
        schema_editor.execute(standing.replace(before, after, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0042_orders_end_with_the_programme'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='OralSettlement',
            fields=[
                ('dose', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='settlement', serialize=False, to='dosing.oraldose')),
                ('stands', models.CharField(choices=[('paper', 'The paper is right: what it says happened'), ('computer', 'The computer is right: the paper does not count any more')], max_length=8)),
                ('reason', models.CharField(max_length=300)),
                ('settled_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='oraldose',
            name='oral_dose_is_given_to_somebody_awake',
        ),
        migrations.AddField(
            model_name='oraldose',
            name='away_reason',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='oraldose',
            name='conflicts',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None),
        ),
        migrations.AddField(
            model_name='oraldose',
            name='pack',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='oral_doses', to='dosing.downtimepack'),
        ),
        migrations.AlterField(
            model_name='oraldose',
            name='sedation',
            field=models.CharField(blank=True, choices=[('1', 'Awake and alert'), ('2', 'Slightly drowsy, easily roused'), ('3', 'Drifts off while talking'), ('4', 'Hard to rouse, or not at all'), ('S', 'Asleep, easily roused')], max_length=1),
        ),
        migrations.AddConstraint(
            model_name='oraldose',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sedation__in', ['1', '2']), models.Q(('breaths__isnull', True), models.Q(('breaths__gte', 12), ('breaths__lte', 60)), _connector='OR')), models.Q(models.Q(('amends__isnull', False), models.Q(('conflicts__len__gte', 1), ('pack__isnull', False)), _connector='OR'), models.Q(('breaths__isnull', True), ('breaths__lte', 60), _connector='OR')), _connector='OR'), name='oral_dose_is_given_to_somebody_awake', violation_error_message='Nobody drowsy or breathing slowly is given an oral opioid.'),
        ),
        migrations.AddConstraint(
            model_name='oraldose',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('pack__isnull', False)), models.Q(('away_reason', ''), ('conflicts__len', 0)), _connector='OR'), name='contested_oral_dose_is_of_paper', violation_error_message='Only what stood on paper is contested, or signed for somebody away.'),
        ),
        migrations.AddField(
            model_name='oralsettlement',
            name='settled_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='oralsettlement',
            name='signature',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddConstraint(
            model_name='oralsettlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), ('stands__in', ['paper', 'computer'])), name='oral_settlement_has_a_reason', violation_error_message='Write how you know whether it stands.'),
        ),
        make_append_only('dosing_oralsettlement'),
        migrations.RunPython(read_what_stood_on_paper, migrations.RunPython.noop),
    ]
