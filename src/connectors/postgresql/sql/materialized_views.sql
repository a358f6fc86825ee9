-- Materialized views of the schemas, each after the ones that it reads from (also through views).
-- $1 text[]: schemas. Result: schema, name.
WITH RECURSIVE reads(view, relation) AS (
  SELECT DISTINCT r.ev_class, d.refobjid
  FROM pg_catalog.pg_rewrite r
  JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = r.oid
                             AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> r.ev_class
), chain(view, relation, depth) AS (
  SELECT c.oid, c.oid, 0
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'm' AND n.nspname = ANY ($1::text[])
  UNION
  SELECT chain.view, reads.relation, chain.depth + 1
  FROM chain
  JOIN reads ON reads.view = chain.relation
)
SELECT n.nspname, c.relname
FROM (SELECT view, max(depth) AS depth FROM chain GROUP BY view) AS deepest
JOIN pg_catalog.pg_class c ON c.oid = deepest.view
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY deepest.depth, 1, 2
