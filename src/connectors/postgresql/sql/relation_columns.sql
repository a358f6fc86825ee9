-- All columns that the table of a change has or had, by their numbers.
-- $1 its oid.
-- One row a column: oid of the topmost partitioned table above it (its own, when there is none), number, name, dropped, computed, oid of
-- its type, modifier, number of the root's column of this name (null: none), what stands behind its name where it is added, if computed.
WITH RECURSIVE upwards AS (
  SELECT c.oid, c.relispartition, 0 AS level FROM pg_catalog.pg_class c WHERE c.oid = $1::oid
  UNION ALL
  SELECT p.oid, p.relispartition, u.level + 1
  FROM upwards u
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = u.oid
  JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
  WHERE u.relispartition
), root AS (
  SELECT oid FROM upwards ORDER BY level DESC LIMIT 1
)
SELECT root.oid, a.attnum, a.attname, a.attisdropped, kind.generated <> '', a.atttypid, a.atttypmod, r.attnum,
       CASE WHEN kind.generated <> '' AND NOT a.attisdropped
            THEN pg_catalog.format('%s GENERATED ALWAYS AS (%s) %s', pg_catalog.format_type(a.atttypid, a.atttypmod),
                                   pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                                   CASE WHEN kind.generated = 's' THEN 'STORED' ELSE 'VIRTUAL' END)
            ELSE '' END
FROM root
JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::oid AND a.attnum > 0
CROSS JOIN LATERAL (SELECT coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') AS generated) kind
LEFT JOIN pg_catalog.pg_attribute r ON r.attrelid = root.oid AND r.attnum > 0 AND NOT r.attisdropped AND r.attname = a.attname
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
ORDER BY a.attnum
