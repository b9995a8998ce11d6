"""When an order was in force is history: a period begins as its order says, and may afterwards only end earlier.

Never before a dose that was given in it, so that what a dose rested on stays where it was. Hand-written and plain
like the register's triggers.
"""

from django.db import migrations

MAKE = """
CREATE FUNCTION order_period_only_shrinks() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.dosing_order o
            WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.product = NEW.product
                AND tstzrange(o.starts_at, o.ends_at) @> NEW.during
    ) THEN
        RAISE EXCEPTION 'A period is that of its order, and no longer.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'order_period_is_of_its_order';
    END IF;
    IF TG_OP = 'UPDATE' AND (
        NEW.order_id <> OLD.order_id
        OR NOT OLD.during @> NEW.during
        OR (NOT isempty(NEW.during) AND lower(NEW.during) <> lower(OLD.during))
        OR EXISTS (
            SELECT FROM public.dosing_injection i
                WHERE i.order_id = OLD.order_id AND OLD.during @> i.started_at
                    AND NOT NEW.during @> i.started_at
        )
    ) THEN
        RAISE EXCEPTION 'A period may only end earlier, and never before a dose that was given in it.'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'order_period_only_shrinks';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER order_period_only_shrinks BEFORE INSERT OR UPDATE ON dosing_orderperiod
    FOR EACH ROW EXECUTE FUNCTION order_period_only_shrinks();
ALTER TABLE dosing_orderperiod ENABLE ALWAYS TRIGGER order_period_only_shrinks;
"""
UNDO = """
DROP TRIGGER order_period_only_shrinks ON dosing_orderperiod;
DROP FUNCTION order_period_only_shrinks();
"""


class Migration(migrations.Migration):
    dependencies = [("dosing", "0005_order_key_is_enough")]

    operations = [migrations.RunSQL(MAKE, UNDO)]
