-- Triggers as facts for a comparison, without those that a partition has from its root (tgparentid; before 13 they are
-- internal, as are those of constraints).
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'trigger', n.nspname, c.relname, t.tgname, '',
       pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'D' THEN ' (disabled)' WHEN 'A' THEN ' (enabled always)'
                                                    WHEN 'R' THEN ' (enabled for replicas)' ELSE '' END
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::text[]) AND c.relpersistence <> 't' AND NOT t.tgisinternal
  AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0'
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')
