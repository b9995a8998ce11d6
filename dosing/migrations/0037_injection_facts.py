"""What an injection should have said, beside its row: milligrams, route, site and syringe, and what then counts."""

from typing import Any

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only


# SECURITY DEFINER nowhere: the application and the register's role may both read the facts.
STANDING = """
CREATE FUNCTION injection_standing_{name}(p_injection uuid, p_first {kind}) RETURNS {kind}
    LANGUAGE sql STABLE
AS $$
    SELECT coalesce(
        (
            SELECT f.{column} FROM public.dosing_injectionfacts f
                WHERE f.injection_id = p_injection AND NOT EXISTS (
                    SELECT FROM public.dosing_injectionfacts later WHERE later.amends_id = f.id
                )
        ),
        p_first
    )
$$;
"""
NAMES = (
    ("mg", "integer", "given_mg"),
    ("route", "varchar", "route"),
    ("site", "varchar", "site"),
    ("syringe", "boolean", "syringe_returned"),
)
FACTS = """
CREATE FUNCTION injection_facts_are_of_their_injection() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    injection public.dosing_injection%ROWTYPE;
BEGIN
    SELECT * INTO STRICT injection FROM public.dosing_injection i WHERE i.id = NEW.injection_id;
    IF NEW.session_id <> injection.session_id OR injection.is_contested OR NEW.amends_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_injectionfacts f WHERE f.id = NEW.amends_id AND f.injection_id = NEW.injection_id
    ) THEN
        RAISE EXCEPTION 'Facts amend those of their own injection.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_facts_amend_their_own';
    END IF;
    IF NEW.given_mg + NEW.wasted_mg <> injection.drawn_mg OR EXISTS (
        SELECT FROM public.dosing_preparation p WHERE p.id = injection.preparation_id AND NEW.given_mg > p.dose_mg
    ) THEN
        RAISE EXCEPTION 'Given and wasted make what was drawn, and no more went in than was in the syringe.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_facts_make_what_was_drawn';
    END IF;
    -- Other milligrams are told in the register by a note beside the line of the injection, which stays.
    IF NEW.given_mg <> public.injection_standing_mg(NEW.injection_id, injection.given_mg) AND NOT EXISTS (
        SELECT FROM public.dosing_amendment a JOIN public.dosing_registerentry e ON e.id = a.amends_id
            WHERE a.entry_id = NEW.entry_id AND e.injection_id = NEW.injection_id
    ) OR NEW.witness_signature_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM public.dosing_signature s
            WHERE s.id = NEW.witness_signature_id AND s.part = 'witness' AND s.signed_by_id <> NEW.recorded_by_id
    ) THEN
        RAISE EXCEPTION 'Other milligrams stand in the register too, signed by two.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_facts_are_in_the_register';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER injection_facts_are_of_their_injection BEFORE INSERT ON dosing_injectionfacts
    FOR EACH ROW EXECUTE FUNCTION injection_facts_are_of_their_injection();
ALTER TABLE dosing_injectionfacts ENABLE ALWAYS TRIGGER injection_facts_are_of_their_injection;

CREATE FUNCTION injection_facts_say_why() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.dosing_correction c WHERE c.facts_id = NEW.id) THEN
        RAISE EXCEPTION 'An injection that is put right says why, and is signed.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_facts_say_why';
    END IF;
    -- What is contested of a session is settled by the clinical lead, with its own ending.
    IF NOT EXISTS (
        SELECT FROM public.dosing_injection i WHERE i.session_id = NEW.session_id AND i.is_contested
    ) AND NOT EXISTS (
        SELECT FROM public.dosing_sessionoutcome o
            WHERE o.session_id = NEW.session_id AND NOT EXISTS (
                SELECT FROM public.dosing_sessionoutcome later WHERE later.amends_id = o.id
            ) AND o.given_mg = (
                SELECT sum(public.injection_standing_mg(i.id, i.given_mg)) FROM public.dosing_injection i
                    WHERE i.session_id = NEW.session_id
            )
    ) THEN
        RAISE EXCEPTION 'The outcome of a session tells what went in as it stands.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'injection_facts_are_in_the_outcome';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER injection_facts_say_why AFTER INSERT ON dosing_injectionfacts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION injection_facts_say_why();
ALTER TABLE dosing_injectionfacts ENABLE ALWAYS TRIGGER injection_facts_say_why;
"""
CHANGED = (
    (
        "outcome_agrees_with_its_injection()",
        "SELECT sum(j.given_mg) FROM",
        "SELECT sum(public.injection_standing_mg(j.id, j.given_mg)) FROM",
    ),
    (
        "injection_within_its_session()",
        "coalesce(sum(i.given_mg), 0)",
        "coalesce(sum(public.injection_standing_mg(i.id, i.given_mg)), 0)",
    ),
    (
        "correction_is_signed_by_who_amends()",
        "WHERE c.id = NEW.check_made_id AND c.amends_id IS NOT NULL AND c.made_by_id = NEW.corrected_by_id",
        "WHERE c.id = NEW.check_made_id AND c.amends_id IS NOT NULL AND c.made_by_id = NEW.corrected_by_id"
        " UNION ALL SELECT FROM public.dosing_injectionfacts f"
        " WHERE f.id = NEW.facts_id AND f.recorded_by_id = NEW.corrected_by_id",
    ),
)


def count_what_stands(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the guards that add milligrams up read them as they stand, in the functions as they are now."""
    register = schema_editor.quote_name(settings.DATABASE_REGISTER_ROLE)
    for name, kind, column in NAMES:
        schema_editor.execute(STANDING.format(name=name, kind=kind, column=column), params=None)
    schema_editor.execute(FACTS, params=None)
    schema_editor.execute(f"GRANT SELECT ON dosing_injectionfacts TO {register}", params=None)
    for name, before, after in CHANGED:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [name])
            standing: str = cursor.fetchone()[0]
        if standing.count(before) != 1:
            raise RuntimeError(f"{name} is not what it was")
        schema_editor.execute(standing.replace(before, after, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0036_amended_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='InjectionFacts',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('given_mg', models.PositiveSmallIntegerField()),
                ('wasted_mg', models.PositiveSmallIntegerField()),
                ('route', models.CharField(choices=[('iv', 'into a vein'), ('im', 'into a muscle'), ('sc', 'under the skin')], max_length=4)),
                ('site', models.CharField(choices=[('left_arm', 'left arm'), ('right_arm', 'right arm'), ('left_hand', 'left hand'), ('right_hand', 'right hand'), ('left_thigh', 'left thigh'), ('right_thigh', 'right thigh'), ('left_buttock', 'left buttock'), ('right_buttock', 'right buttock')], max_length=20)),
                ('syringe_returned', models.BooleanField()),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='correction',
            name='correction_is_of_one_thing',
        ),
        migrations.AlterField(
            model_name='sessionoutcome',
            name='injection',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='dosing.injection'),
        ),
        migrations.AddField(
            model_name='injectionfacts',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='dosing.injectionfacts'),
        ),
        migrations.AddField(
            model_name='injectionfacts',
            name='entry',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.registerentry'),
        ),
        migrations.AddField(
            model_name='injectionfacts',
            name='injection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='dosing.injection'),
        ),
        migrations.AddField(
            model_name='injectionfacts',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='injectionfacts',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.plannedsession'),
        ),
        migrations.AddField(
            model_name='injectionfacts',
            name='witness_signature',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature'),
        ),
        migrations.AddField(
            model_name='correction',
            name='facts',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='dosing.injectionfacts'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('check_made__isnull', True), ('facts__isnull', True), ('outcome__isnull', True), ('reading__isnull', False)), models.Q(('check_made__isnull', True), ('facts__isnull', True), ('outcome__isnull', False), ('reading__isnull', True)), models.Q(('check_made__isnull', False), ('facts__isnull', True), ('outcome__isnull', True), ('reading__isnull', True)), models.Q(('check_made__isnull', True), ('facts__isnull', False), ('outcome__isnull', True), ('reading__isnull', True)), _connector='OR'), name='correction_is_of_one_thing', violation_error_message='A correction is of one reading, one outcome, one check or one injection.'),
        ),
        migrations.AddConstraint(
            model_name='injectionfacts',
            constraint=models.UniqueConstraint(condition=models.Q(('amends__isnull', True)), fields=('injection',), name='one_first_amendment_per_injection', violation_error_message='Somebody has put this injection right meanwhile.'),
        ),
        migrations.AddConstraint(
            model_name='injectionfacts',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', True), ('witness_signature__isnull', True)), models.Q(('entry__isnull', False), ('witness_signature__isnull', False)), _connector='OR'), name='other_milligrams_are_noted_and_seen_by_two', violation_error_message='Other milligrams stand in the register, signed by a second person.'),
        ),
        migrations.AddConstraint(
            model_name='injectionfacts',
            constraint=models.CheckConstraint(condition=models.Q(('given_mg__gte', 1)), name='something_of_an_injection_went_in', violation_error_message='At least 1 mg went in; a dose of which nothing went in is waste.'),
        ),
        migrations.RunPython(count_what_stands, migrations.RunPython.noop),
        make_append_only("dosing_injectionfacts"),
    ]
