-- Extended statistics as facts for a comparison. Before 13 an object has no target of its own.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'statistics', n.nspname, s.stxname, NULL, '',
       concat_ws(' ', pg_get_statisticsobjdef(s.oid), 'target ' || nullif(to_jsonb(s) ->> 'stxstattarget', '-1'))
FROM pg_statistic_ext s
JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_statistic_ext'::regclass AND e.objid = s.oid AND e.deptype = 'e')
