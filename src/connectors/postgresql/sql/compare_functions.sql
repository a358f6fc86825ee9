-- Functions, procedures and aggregates as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname, p.proname, NULL,
       -- Procedures are printed with the word IN from PostgreSQL 14 on.
       '(' || CASE WHEN p.prokind = 'p' THEN regexp_replace(pg_get_function_identity_arguments(p.oid), '(^|, )IN ', '\1', 'g')
                   ELSE pg_get_function_identity_arguments(p.oid) END || ')',
       CASE WHEN p.prokind = 'p' THEN regexp_replace(pg_get_functiondef(p.oid), '([(]|, )IN (?=[^\n]*[)]\n LANGUAGE)', '\1', 'g')
            WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid)
            ELSE (SELECT concat_ws(' ', 'sfunc', g.aggtransfn::text, 'stype', g.aggtranstype::regtype::text,
                                   'initcond ' || quote_literal(g.agginitval),
                                   'finalfunc ' || nullif(g.aggfinalfn::text, '-'),
                                   'combinefunc ' || nullif(g.aggcombinefn::text, '-'),
                                   'msfunc ' || nullif(g.aggmtransfn::text, '-'),
                                   'minvfunc ' || nullif(g.aggminvtransfn::text, '-'),
                                   'sortop ' || nullif(g.aggsortop::regoperator::text, '0'),
                                   'kind', g.aggkind::text, 'parallel', p.proparallel::text)
                  FROM pg_aggregate g WHERE g.aggfnoid = p.oid) END
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
