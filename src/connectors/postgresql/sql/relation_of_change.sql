-- What a change's relation belongs to, what its columns' types are called, and how its columns can be added elsewhere.
-- $1 its oid, $2 oids of the types, $3 their modifiers, $4 the columns' names, $5 the publication.
-- Schema and name of the topmost partitioned table above it (itself, when there is none; null when it is gone), and of a column its
-- type, whether rows that nothing has happened to since it was added have one known value in it, what stands behind its name where it
-- is added (empty: the type alone), and what ALTER COLUMN has to do then (or empty): one row a column, in order; one row with a null
-- type for a table without columns.
-- Which value old rows have is known when the server keeps it beside the table; else it is null, provided that the table's file was not
-- written anew, with values that the log does not hold. A file that is older than the publication has a smaller number.
WITH RECURSIVE upwards AS (
  SELECT c.oid, c.relispartition, 0 AS level FROM pg_catalog.pg_class c WHERE c.oid = $1::oid
  UNION ALL
  SELECT p.oid, p.relispartition, u.level + 1
  FROM upwards u
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = u.oid
  JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  WHERE u.relispartition
), root AS (
  SELECT n.nspname, c.relname
  FROM upwards u
  JOIN pg_catalog.pg_class c ON c.oid = u.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  ORDER BY u.level DESC
  LIMIT 1
), col AS (
  SELECT t.attname, t.atttypid, t.atttypmod, t.attnotnull, t.atthasmissing, d.expression,
         (t.attmissingval::text::text[])[1] AS missing,
         CASE WHEN t.attcollation <> y.typcollation
              THEN (SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, o.collname)
                    FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace
                    WHERE o.oid = t.attcollation) ELSE '' END AS collation,
         coalesce(pg_catalog.pg_relation_filenode(t.attrelid) < (SELECT oid FROM pg_catalog.pg_publication WHERE pubname = $5), false)
           AS same_file
  FROM pg_catalog.pg_attribute t
  JOIN pg_catalog.pg_type y ON y.oid = t.atttypid
  LEFT JOIN LATERAL (SELECT pg_catalog.pg_get_expr(e.adbin, e.adrelid) AS expression
                     FROM pg_catalog.pg_attrdef e WHERE e.adrelid = t.attrelid AND e.adnum = t.attnum) d ON true
  WHERE t.attrelid = $1::oid AND t.attnum > 0 AND NOT t.attisdropped AND t.attidentity = ''
    AND coalesce(pg_catalog.to_jsonb(t) ->> 'attgenerated', '') = ''
)
SELECT r.nspname, r.relname, pg_catalog.format_type(a.type, a.modifier),
       coalesce(col.atthasmissing OR (col.same_file AND NOT col.attnotnull), false),
       CASE WHEN col.atthasmissing
            THEN pg_catalog.format('%s%s DEFAULT %L%s', pg_catalog.format_type(a.type, a.modifier), col.collation, col.missing,
                                   CASE WHEN col.attnotnull THEN ' NOT NULL' ELSE '' END)
            WHEN col.collation <> '' THEN pg_catalog.format_type(a.type, a.modifier) || col.collation
            ELSE '' END,
       CASE WHEN col.expression IS NOT NULL THEN 'SET DEFAULT ' || col.expression
            WHEN col.atthasmissing THEN 'DROP DEFAULT'
            ELSE '' END
FROM (SELECT 1) one
LEFT JOIN root r ON true
LEFT JOIN ROWS FROM (pg_catalog.unnest($2::oid[]), pg_catalog.unnest($3::int[]), pg_catalog.unnest($4::text[]))
  WITH ORDINALITY AS a(type, modifier, name, position) ON true
LEFT JOIN col ON col.attname = a.name AND col.atttypid = a.type AND col.atttypmod = a.modifier
ORDER BY a.position
