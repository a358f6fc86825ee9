-- Operators as facts for a comparison. A shell, which has no function, is part of the operator that names it.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'operator', n.nspname, NULL, NULL,
       '.' || o.oprname || '(' || CASE o.oprleft WHEN 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
         || CASE o.oprright WHEN 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')',
       concat_ws(' ', 'function', o.oprcode::text, 'returns', format_type(o.oprresult, NULL),
                 'commutator ' || nullif(o.oprcom::regoperator::text, '0'), 'negator ' || nullif(o.oprnegate::regoperator::text, '0'),
                 'restrict ' || nullif(o.oprrest::text, '-'), 'join ' || nullif(o.oprjoin::text, '-'),
                 CASE WHEN o.oprcanhash THEN 'hashes' END, CASE WHEN o.oprcanmerge THEN 'merges' END)
FROM pg_operator o
JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE n.nspname = ANY ($1::text[]) AND o.oprcode <> 0
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid AND e.deptype = 'e')
