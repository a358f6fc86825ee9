-- Partitions that were hung below a captured table since the capture began, by another statement than the one that made them.
-- A column that each table has, and that nobody alters, says which transaction made a table. The link that was made last of those above a
-- partition is the one by which it came; where table and link are of one transaction, its rows say whether there were any before, unless it
-- was made as a partition: CREATE ... PARTITION OF links a few commands behind the making, and writes the table's row by another than the
-- link; ATTACH writes both by one.
-- $1 numbers of the tables that the capture began with, partitioned ones included, $2 the publication.
-- One row a leaf partition: schema, name, number, schema and name of the topmost table, the transaction of the link, its command therein,
-- the transaction that made the leaf, the capture began with it, its changes are published, it was made as the partition that it
-- is, its columns but those that are computed, quoted, it is unlogged, foreign keys refer to it.
WITH RECURSIVE below AS (
  SELECT c.oid, c.oid AS root, NULL::xid AS link, NULL::bigint AS command, false AS direct
  FROM pg_catalog.pg_class c
  WHERE c.oid = ANY ($1::bigint[]::oid[]) AND c.relkind = 'p' AND NOT c.relispartition
  UNION ALL
  SELECT i.inhrelid, b.root,
         CASE WHEN later.than THEN i.xmin ELSE b.link END, CASE WHEN later.than THEN i.cmin::text::bigint ELSE b.command END, later.than
  FROM below b
  JOIN pg_catalog.pg_inherits i ON i.inhparent = b.oid,
  LATERAL (SELECT b.link IS NULL OR pg_catalog.age(i.xmin) < pg_catalog.age(b.link)
                  OR (i.xmin = b.link AND i.cmin::text::bigint >= b.command) AS than) later
), leaf AS (
  SELECT b.*, made.xmin AS made, made.cmin::text::bigint AS made_by, b.oid = ANY ($1::bigint[]::oid[]) AS known
  FROM below b
  JOIN pg_catalog.pg_attribute made ON made.attrelid = b.oid AND made.attname = 'ctid'
  WHERE b.link IS NOT NULL
)
SELECT n.nspname, c.relname, c.oid, rn.nspname, r.relname, l.link, l.command, l.made, l.known,
       EXISTS (SELECT FROM pg_catalog.pg_publication_tables t WHERE t.pubname = $2 AND t.schemaname = n.nspname AND t.tablename = c.relname),
       l.direct AND l.made = l.link AND c.xmin = l.link AND c.cmin::text::bigint <> l.command AND l.command - l.made_by <= 4,
       (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') = ''),
       c.relpersistence = 'u', EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.confrelid = c.oid AND k.contype = 'f' AND k.conrelid <> c.oid)
FROM leaf l
JOIN pg_catalog.pg_class c ON c.oid = l.oid AND c.relkind = 'r'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = l.root
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
WHERE NOT l.known
   OR (l.link <> l.made
       AND pg_catalog.age(l.link) < (SELECT pg_catalog.age(p.xmin) FROM pg_catalog.pg_publication p WHERE p.pubname = $2))
ORDER BY 1, 2
