"""The day at one premises: blind counts by two, their comparison with the register, and the opening.

The triggers refuse what the application must never write even if it is wrong: a count of a check that has ended, a
result that its counts and the register do not make, a day opened on counts that are not there. Hand-written and plain
like the register's triggers; tables stand with their schema, so that a temporary one cannot stand in.
"""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FOLLOW = """
CREATE FUNCTION balance_check_follows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    last_number integer;
    last_round integer;
    last_result text;
BEGIN
    SELECT c.number, c.round, r.result INTO last_number, last_round, last_result
        FROM public.dosing_balancecheck c
        LEFT JOIN public.dosing_balanceresult r ON r.balance_check_id = c.id
        WHERE c.line_id = NEW.line_id AND c."on" = NEW."on" AND c.kind = NEW.kind
        ORDER BY c.number DESC LIMIT 1;
    IF NEW.number <> coalesce(last_number, 0) + 1
        OR NEW.round <> (CASE
            WHEN last_number IS NULL THEN 1
            WHEN last_result = 'differs' THEN last_round + 1
            WHEN last_result IN ('moved', 'set_aside') THEN last_round
            ELSE 0
        END)
    THEN
        RAISE EXCEPTION 'A count is begun when none is open and the last has no result that stands.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'balance_check_follows';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER balance_check_follows BEFORE INSERT ON dosing_balancecheck
    FOR EACH ROW EXECUTE FUNCTION balance_check_follows();
ALTER TABLE dosing_balancecheck ENABLE ALWAYS TRIGGER balance_check_follows;

CREATE FUNCTION stock_count_is_of_an_open_check() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('balance check ' || NEW.balance_check_id, 0));
    IF EXISTS (SELECT FROM public.dosing_balanceresult r WHERE r.balance_check_id = NEW.balance_check_id) THEN
        RAISE EXCEPTION 'This check has ended; nothing is counted for it any more.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'stock_count_is_of_an_open_check';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_balancecheck c
            JOIN public.dosing_registerhead h ON h.line_id = c.line_id
            JOIN public.dosing_signature s ON s.id = NEW.signature_id
            WHERE c.id = NEW.balance_check_id AND h.seq = NEW.register_seq
                AND s.signed_by_id = NEW.counted_by_id
    ) THEN
        RAISE EXCEPTION 'A count is signed by who counted, at the last line of its register.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_count_is_signed_at_the_last_line';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER stock_count_is_of_an_open_check BEFORE INSERT ON dosing_stockcount
    FOR EACH ROW EXECUTE FUNCTION stock_count_is_of_an_open_check();
ALTER TABLE dosing_stockcount ENABLE ALWAYS TRIGGER stock_count_is_of_an_open_check;

CREATE FUNCTION balance_result_is_true() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    one record;
    two record;
    head record;
    is_true boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('balance check ' || NEW.balance_check_id, 0));
    SELECT c.ampoules, c.register_seq INTO one FROM public.dosing_stockcount c
        WHERE c.balance_check_id = NEW.balance_check_id AND c.position = 1;
    SELECT c.ampoules, c.register_seq INTO two FROM public.dosing_stockcount c
        WHERE c.balance_check_id = NEW.balance_check_id AND c.position = 2;
    SELECT h.seq, h.balance INTO head FROM public.dosing_registerhead h
        JOIN public.dosing_balancecheck c ON c.line_id = h.line_id WHERE c.id = NEW.balance_check_id;
    is_true := CASE NEW.result
        WHEN 'set_aside' THEN one.ampoules IS NOT NULL AND two.ampoules IS NULL
        WHEN 'moved' THEN one.register_seq <> two.register_seq
        ELSE one.ampoules = NEW.first AND two.ampoules = NEW.second AND head.balance = NEW.expected
            AND one.register_seq = head.seq AND two.register_seq = head.seq
    END;
    IF is_true IS NOT TRUE THEN
        RAISE EXCEPTION 'The counts and the register do not make this result.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'balance_result_is_true';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER balance_result_is_true BEFORE INSERT ON dosing_balanceresult
    FOR EACH ROW EXECUTE FUNCTION balance_result_is_true();
ALTER TABLE dosing_balanceresult ENABLE ALWAYS TRIGGER balance_result_is_true;

CREATE FUNCTION day_rests_on_its_checks() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.how = 'checked' AND (
        NOT EXISTS (SELECT FROM public.dosing_registerline l WHERE l.premises_id = NEW.premises_id)
        OR EXISTS (
            SELECT FROM public.dosing_registerline l
                WHERE l.premises_id = NEW.premises_id AND NOT EXISTS (
                    SELECT FROM public.dosing_balancecheck c
                        JOIN public.dosing_balanceresult r ON r.balance_check_id = c.id
                        WHERE c.line_id = l.id AND c."on" = NEW."on" AND c.kind = 'opening'
                            AND r.result = 'agrees'
                )
        )
    ) THEN
        RAISE EXCEPTION 'A day is opened on counts of every register that agree, or with a reason.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_rests_on_its_checks';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER day_rests_on_its_checks BEFORE INSERT ON dosing_clinicday
    FOR EACH ROW EXECUTE FUNCTION day_rests_on_its_checks();
ALTER TABLE dosing_clinicday ENABLE ALWAYS TRIGGER day_rests_on_its_checks;
"""
UNDO = """
DROP TRIGGER day_rests_on_its_checks ON dosing_clinicday;
DROP TRIGGER balance_result_is_true ON dosing_balanceresult;
DROP TRIGGER stock_count_is_of_an_open_check ON dosing_stockcount;
DROP TRIGGER balance_check_follows ON dosing_balancecheck;
DROP FUNCTION day_rests_on_its_checks();
DROP FUNCTION balance_result_is_true();
DROP FUNCTION stock_count_is_of_an_open_check();
DROP FUNCTION balance_check_follows();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_sign_in_cache'),
        ('dosing', '0007_orders_pages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BalanceCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('kind', models.CharField(choices=[('opening', 'opening'), ('closing', 'closing')], max_length=7)),
                ('number', models.PositiveSmallIntegerField()),
                ('round', models.PositiveSmallIntegerField()),
                ('started_at', models.DateTimeField()),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='balance_checks', to='dosing.registerline')),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AlterField(
            model_name='signature',
            name='part',
            field=models.CharField(choices=[('giver', 'Giver'), ('witness', 'Witness'), ('counter', 'Counter'), ('opener', 'Opener')], max_length=8),
        ),
        migrations.CreateModel(
            name='BalanceResult',
            fields=[
                ('balance_check', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='result', serialize=False, to='dosing.balancecheck')),
                ('result', models.CharField(choices=[('agrees', 'agrees'), ('differs', 'differs'), ('moved', 'moved'), ('set_aside', 'set aside')], max_length=9)),
                ('first', models.PositiveIntegerField(null=True)),
                ('second', models.PositiveIntegerField(null=True)),
                ('expected', models.PositiveIntegerField(null=True)),
                ('compared_at', models.DateTimeField()),
                ('compared_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ClinicDay',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('on', models.DateField()),
                ('how', models.CharField(choices=[('checked', 'checked'), ('unchecked', 'unchecked')], max_length=9)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('opened_at', models.DateTimeField()),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('premises', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clinic_days', to='accounts.premises')),
                ('signature', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature')),
            ],
        ),
        migrations.CreateModel(
            name='StockCount',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField()),
                ('full_boxes', models.PositiveSmallIntegerField()),
                ('loose', models.PositiveSmallIntegerField()),
                ('ampoules', models.PositiveIntegerField()),
                ('register_seq', models.PositiveIntegerField()),
                ('key', models.UUIDField(unique=True)),
                ('balance_check', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='dosing.balancecheck')),
                ('counted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('signature', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='dosing.signature')),
            ],
        ),
        migrations.CreateModel(
            name='Discrepancy',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('owner', models.CharField(choices=[('cd_lead', 'controlled-drug lead')], max_length=20)),
                ('opened_at', models.DateTimeField()),
                ('explanation', models.CharField(blank=True, max_length=1000)),
                ('explained_at', models.DateTimeField(null=True)),
                ('explained_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('balance_result', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='discrepancy', to='dosing.balanceresult')),
            ],
            options={
                'verbose_name_plural': 'discrepancies',
            },
        ),
        migrations.AddConstraint(
            model_name='balancecheck',
            constraint=models.UniqueConstraint(fields=('line', 'on', 'kind', 'number'), name='balance_checks_are_numbered_once', violation_error_message='Somebody else has just begun this count. Look again.'),
        ),
        migrations.AddConstraint(
            model_name='balancecheck',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ["opening", "closing"]), ('number__gte', 1), ('round__gte', 1), ('round__lte', 2)), name='balance_check_is_a_known_round', violation_error_message='A count is opening or closing, in the first or the second round.'),
        ),
        migrations.AddConstraint(
            model_name='clinicday',
            constraint=models.UniqueConstraint(fields=('premises', 'on'), name='a_day_is_opened_once', violation_error_message='The day is already open.'),
        ),
        migrations.AddConstraint(
            model_name='clinicday',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('how', "checked"), ('reason', ''), ('signature__isnull', True)), models.Q(('how', "unchecked"), ('signature__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='day_is_checked_or_has_a_reason', violation_error_message='A day without a balance check is opened with a reason and a PIN.'),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.UniqueConstraint(fields=('balance_check', 'position'), name='a_check_has_one_count_per_position', violation_error_message='Both counts are already in.'),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.UniqueConstraint(fields=('balance_check', 'counted_by'), name='two_different_people_count', violation_error_message="The second count is somebody else's."),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.CheckConstraint(condition=models.Q(('position__in', [1, 2])), name='a_check_has_two_counts', violation_error_message='A check has a first and a second count.'),
        ),
        migrations.AddConstraint(
            model_name='stockcount',
            constraint=models.CheckConstraint(condition=models.Q(('ampoules', models.expressions.CombinedExpression(models.expressions.CombinedExpression(models.F('full_boxes'), '*', models.Value(5)), '+', models.F('loose')))), name='boxes_and_loose_make_the_count', violation_error_message='Five to a box, and the loose ones, make the count.'),
        ),
        migrations.AddConstraint(
            model_name='discrepancy',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('explained_at__isnull', True), ('explained_by__isnull', True), ('explanation', '')), models.Q(('explained_at__isnull', False), ('explained_by__isnull', False), models.Q(('explanation', ''), _negated=True)), _connector='OR'), name='discrepancy_is_explained_by_somebody_in_words', violation_error_message='An explanation is written down, with who gave it and when.'),
        ),
        migrations.AddConstraint(
            model_name='balanceresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('expected', models.F('second')), ('expected__isnull', False), ('first', models.F('second')), ('first__isnull', False), ('result', "agrees"), ('second__isnull', False)), models.Q(('expected__isnull', False), ('first__isnull', False), ('result', "differs"), ('second__isnull', False), models.Q(models.Q(('first', models.F('second')), _negated=True), models.Q(('expected', models.F('second')), _negated=True), _connector='OR')), models.Q(('expected__isnull', True), ('first__isnull', True), ('result__in', ["moved", "set_aside"]), ('second__isnull', True)), _connector='OR'), name='balance_result_follows_from_its_figures', violation_error_message='Counts agree when all three figures are the same, and else differ.'),
        ),
        migrations.RunSQL(FOLLOW, UNDO),
        make_append_only(
            "dosing_clinicday", "dosing_balancecheck", "dosing_stockcount", "dosing_balanceresult"
        ),
    ]
