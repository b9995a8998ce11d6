"""Cases as lines that are only added, the end of the day, and legal holds.

A case line follows the one before and a closed case was classified; a day is closed on its own date, on counts of
every ledger at its last line, and with no difference left unclassified. Closing counts with a result are made anew
when a line was written since. Hand-written and plain like the triggers of the day.
"""

import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FOLLOW = """
CREATE OR REPLACE FUNCTION balance_check_follows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    last_number integer;
    last_round integer;
    last_result text;
    has_moved boolean;
BEGIN
    SELECT c.number, c.round, r.result, h.seq <> (
            SELECT max(s.register_seq) FROM public.dosing_stockcount s WHERE s.balance_check_id = c.id
        )
        INTO last_number, last_round, last_result, has_moved
        FROM public.dosing_balancecheck c
        JOIN public.dosing_registerhead h ON h.line_id = c.line_id
        LEFT JOIN public.dosing_balanceresult r ON r.balance_check_id = c.id
        WHERE c.line_id = NEW.line_id AND c."on" = NEW."on" AND c.kind = NEW.kind
        ORDER BY c.number DESC LIMIT 1;
    IF NEW.number <> coalesce(last_number, 0) + 1
        OR NEW.round <> (CASE
            WHEN last_number IS NULL THEN 1
            WHEN NEW.kind = 'closing' AND has_moved
                AND (last_result = 'agrees' OR last_result = 'differs' AND last_round = 2) THEN 1
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
"""
FOLLOW_AS_BEFORE = """
CREATE OR REPLACE FUNCTION balance_check_follows() RETURNS trigger
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
"""
CASES = """
CREATE FUNCTION case_line_follows() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    last_number integer;
    is_classified boolean;
    is_closed boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('discrepancy ' || NEW.discrepancy_id, 0));
    SELECT coalesce(max(e.number), 0), coalesce(bool_or(e.kind = 'classified'), false),
            coalesce(bool_or(e.kind = 'closed'), false)
        INTO last_number, is_classified, is_closed
        FROM public.dosing_caseevent e WHERE e.discrepancy_id = NEW.discrepancy_id;
    IF NEW.number <> last_number + 1 THEN
        RAISE EXCEPTION 'A line of a case is numbered one above the line before.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_line_follows';
    END IF;
    IF is_closed AND NEW.kind = 'classified' OR NEW.kind = 'closed' AND NOT is_classified THEN
        RAISE EXCEPTION 'A case is classified before it is closed.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'case_is_classified_before_it_is_closed';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER case_line_follows BEFORE INSERT ON dosing_caseevent
    FOR EACH ROW EXECUTE FUNCTION case_line_follows();
ALTER TABLE dosing_caseevent ENABLE ALWAYS TRIGGER case_line_follows;

CREATE FUNCTION day_closing_rests_on_its_checks() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    closed record;
BEGIN
    SELECT d.premises_id, d."on" INTO closed FROM public.dosing_clinicday d WHERE d.id = NEW.day_id;
    IF (NEW.closed_at AT TIME ZONE 'Europe/London')::date <> closed."on" THEN
        RAISE EXCEPTION 'A day is closed on its own date.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_is_closed_on_its_date';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_registerline l
            JOIN public.dosing_registerhead h ON h.line_id = l.id
            LEFT JOIN LATERAL (
                SELECT r.result, c.round, (
                        SELECT max(s.register_seq) FROM public.dosing_stockcount s
                            WHERE s.balance_check_id = c.id
                    ) AS counted_at
                    FROM public.dosing_balancecheck c
                    LEFT JOIN public.dosing_balanceresult r ON r.balance_check_id = c.id
                    WHERE c.line_id = l.id AND c."on" = closed."on" AND c.kind = 'closing'
                    ORDER BY c.number DESC LIMIT 1
            ) last ON true
            WHERE l.premises_id = closed.premises_id
                AND (last.counted_at = h.seq
                    AND (last.result = 'agrees' OR last.result = 'differs' AND last.round = 2)) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'A day is closed on counts of every register at its last line.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_closing_rests_on_its_checks';
    END IF;
    IF EXISTS (
        SELECT FROM public.dosing_discrepancy x
            JOIN public.dosing_balancecheck c ON c.id = x.balance_result_id
            JOIN public.dosing_registerline l ON l.id = c.line_id
            WHERE l.premises_id = closed.premises_id AND NOT EXISTS (
                SELECT FROM public.dosing_caseevent e
                    WHERE e.discrepancy_id = x.id AND e.kind = 'classified'
            )
    ) THEN
        RAISE EXCEPTION 'A day is not closed on a difference that nobody has classified.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_is_closed_on_classified_differences';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER day_closing_rests_on_its_checks BEFORE INSERT ON dosing_dayclosing
    FOR EACH ROW EXECUTE FUNCTION day_closing_rests_on_its_checks();
ALTER TABLE dosing_dayclosing ENABLE ALWAYS TRIGGER day_closing_rests_on_its_checks;
"""
UNDO = """
DROP TRIGGER day_closing_rests_on_its_checks ON dosing_dayclosing;
DROP TRIGGER case_line_follows ON dosing_caseevent;
DROP FUNCTION day_closing_rests_on_its_checks();
DROP FUNCTION case_line_follows();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0025_stock_acts'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CaseEvent',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('note', 'note'), ('classified', 'classified'), ('told', 'told'), ('closed', 'closed')], max_length=10)),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('classification', models.CharField(blank=True, choices=[('counting', 'Counting or arithmetic error'), ('not_written', 'A line that was not written in the register'), ('wrong_line', 'A line with a wrong quantity, or in the wrong register'), ('broken_found', 'Broken ampoule found'), ('found', 'Found elsewhere on the premises'), ('delivery', 'Delivery short or over'), ('dose', 'A dose was drawn up or given otherwise than recorded'), ('surplus', 'More than the register says, not explained'), ('loss', 'Less than the register says, not explained'), ('theft', 'Suspected theft or diversion')], max_length=20)),
                ('destination', models.CharField(blank=True, choices=[('officer', 'Controlled-drug accountable officer’s contact'), ('police', 'Police controlled-drug liaison officer'), ('manager', 'Clinic’s manager'), ('cqc', 'CQC notification'), ('lfpse', 'LFPSE, patient safety event'), ('supplier', 'Supplier')], max_length=20)),
                ('told_name', models.CharField(blank=True, max_length=120)),
                ('told_moment', models.DateTimeField(null=True)),
                ('reference', models.CharField(blank=True, max_length=120)),
                ('key', models.UUIDField(unique=True)),
                ('recorded_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='DayClosing',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('without_outcome', models.PositiveIntegerField()),
                ('still_to_come', models.PositiveIntegerField()),
                ('open_draws', models.PositiveIntegerField()),
                ('observed', models.PositiveIntegerField()),
                ('closed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=500)),
                ('set_at', models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='discrepancy',
            name='discrepancy_is_explained_by_somebody_in_words',
        ),
        migrations.RemoveField(
            model_name='discrepancy',
            name='explained_at',
        ),
        migrations.RemoveField(
            model_name='discrepancy',
            name='explained_by',
        ),
        migrations.RemoveField(
            model_name='discrepancy',
            name='explanation',
        ),
        migrations.AddField(
            model_name='caseevent',
            name='discrepancy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='dosing.discrepancy'),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='caseevent',
            name='seen_with',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dayclosing',
            name='closed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dayclosing',
            name='day',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='closing', to='dosing.clinicday'),
        ),
        migrations.CreateModel(
            name='LegalHoldLift',
            fields=[
                ('hold', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='lift', serialize=False, to='dosing.legalhold')),
                ('reason', models.CharField(max_length=500)),
                ('lifted_at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='legalhold',
            name='clinic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='accounts.clinic'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='line',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='dosing.registerline'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='patients.person'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.UniqueConstraint(fields=('discrepancy', 'number'), name='case_lines_are_numbered_once', violation_error_message='Somebody else has just written in this case. Look again.'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', "closed")), fields=('discrepancy',), name='a_case_is_closed_once', violation_error_message='This case is closed already.'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('classification', ''), ('destination', ''), ('kind__in', ["note", "closed"]), models.Q(('words', ''), _negated=True)), models.Q(('classification__in', ["counting", "not_written", "wrong_line", "broken_found", "found", "delivery", "dose", "surplus", "loss", "theft"]), ('destination', ''), ('kind', "classified"), models.Q(('words', ''), _negated=True)), models.Q(('classification', ''), ('destination__in', ["officer", "police", "manager", "cqc", "lfpse", "supplier"]), ('kind', "told"), ('told_moment__isnull', False), models.Q(('told_name', ''), _negated=True)), _connector='OR'), name='case_line_has_what_its_kind_needs', violation_error_message='A line of a case says what its kind needs, and nothing of another kind.'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind', "told"), models.Q(('reference', ''), ('told_moment__isnull', True), ('told_name', '')), _connector='OR'), name='only_who_was_told_is_named_as_told', violation_error_message='Whom, when and the reference stand only where somebody was told.'),
        ),
        migrations.AddConstraint(
            model_name='caseevent',
            constraint=models.CheckConstraint(condition=models.Q(('seen_with__isnull', True), models.Q(('kind', "classified"), models.Q(('seen_with', models.F('recorded_by')), _negated=True)), _connector='OR'), name='case_is_seen_with_somebody_else', violation_error_message='The colleague named beside a classification is somebody else.'),
        ),
        migrations.AddField(
            model_name='legalholdlift',
            name='lifted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(('person__isnull', True), ('line__isnull', True), _connector='OR'), name='legal_hold_is_on_one_thing', violation_error_message='A legal hold stands on one person, one register, or the whole clinic.'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='legal_hold_has_a_reason', violation_error_message='Write why nothing may be removed.'),
        ),
        migrations.AddConstraint(
            model_name='legalholdlift',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='lifted_legal_hold_has_a_reason', violation_error_message='Write why things may be removed again.'),
        ),
        migrations.RunSQL(FOLLOW, FOLLOW_AS_BEFORE),
        migrations.RunSQL(CASES, UNDO),
        make_append_only(
            "dosing_discrepancy",
            "dosing_caseevent",
            "dosing_dayclosing",
            "dosing_legalhold",
            "dosing_legalholdlift",
        ),
    ]
