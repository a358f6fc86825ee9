-- Event triggers whose function is in the schemas, as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'event trigger', t.evtname, NULL, NULL, '',
       concat_ws(' ', 'on', t.evtevent, 'when tag in ' || array_to_string(t.evttags, ', '), 'execute', t.evtfoid::regprocedure::text,
                 CASE t.evtenabled WHEN 'D' THEN '(disabled)' WHEN 'A' THEN '(enabled always)' WHEN 'R' THEN '(enabled for replicas)' END)
FROM pg_event_trigger t
JOIN pg_proc p ON p.oid = t.evtfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_event_trigger'::regclass AND e.objid = t.oid AND e.deptype = 'e')
