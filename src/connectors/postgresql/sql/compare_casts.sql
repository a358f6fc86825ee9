-- Casts and transforms that a person made, as facts for a comparison: those that need no schema but the chosen and the system's.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
WITH home(oid, chosen) AS (
  SELECT n.oid, n.nspname = ANY ($1::text[]) OR n.nspname IN ('pg_catalog', 'information_schema')
  FROM pg_namespace n
)
SELECT 'cast', NULL::name, NULL::name, NULL::name, '(' || format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL) || ')',
       concat_ws(' ', CASE c.castmethod WHEN 'f' THEN 'with function ' || c.castfunc::regprocedure::text
                                        WHEN 'i' THEN 'with inout' ELSE 'without function' END,
                 CASE c.castcontext WHEN 'a' THEN 'as assignment' WHEN 'i' THEN 'as implicit' END)
FROM pg_cast c
JOIN pg_type s ON s.oid = c.castsource
JOIN home sh ON sh.oid = s.typnamespace
JOIN pg_type t ON t.oid = c.casttarget
JOIN home th ON th.oid = t.typnamespace
LEFT JOIN pg_proc p ON p.oid = c.castfunc
LEFT JOIN home ph ON ph.oid = p.pronamespace
WHERE c.oid >= 16384 AND sh.chosen AND th.chosen AND coalesce(ph.chosen, true)
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid AND e.deptype = 'e')
UNION ALL
SELECT 'transform', NULL, NULL, NULL, 'for ' || format_type(r.trftype, NULL) || ' language ' || quote_ident(l.lanname),
       concat_ws(' ', 'from sql', r.trffromsql::regprocedure::text, 'to sql', r.trftosql::regprocedure::text)
FROM pg_transform r
JOIN pg_language l ON l.oid = r.trflang
JOIN pg_type t ON t.oid = r.trftype
JOIN home h ON h.oid = t.typnamespace
WHERE r.oid >= 16384 AND h.chosen
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_transform'::regclass AND e.objid = r.oid AND e.deptype = 'e')
