-- Triggers of partitions that are switched otherwise than their root's, as facts for a comparison. From version 13 on.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'trigger of a partition', n.nspname, c.relname, t.tgname, '', CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'D' THEN 'disabled'
                                                                      WHEN 'A' THEN 'enabled always' ELSE 'enabled for replicas' END
FROM pg_trigger t
JOIN pg_trigger above ON above.oid = t.tgparentid
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND t.tgenabled <> above.tgenabled
  AND NOT (t.tgisinternal AND t.tgconstraint <> 0)
