-- Every object of the database that its users made: what initdb made, what extensions made and what is a part of another
-- object (a table's row type, a key's index) left out.
-- Parameters: $1 name[], the schemas that are exported.
-- Result: catalogue and OID; kind; schema, empty for what is in none; name; catalogue and OID of the object whose statement makes it
-- where it has none of its own, else 0; what it needs in a schema that is not exported, empty when nothing (kind, schema, name);
-- whether the schema is exported (true for what is in none); for an extension whether anything uses it, else true; what a
-- statement for another server cannot keep, empty when nothing; for what pg_dump does not write, why not; a statement that makes it.
-- The schema public, which every database is born with, is not among them.
WITH RECURSIVE schema AS (
    SELECT oid, nspname AS name, nspname = ANY ($1::name[]) AS exported
      FROM pg_catalog.pg_namespace
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relation AS (
    SELECT c.oid, c.relname, c.relkind, c.relnamespace,
           concat_ws(', ', 'tablespace ' || t.spcname, 'access method ' || nullif(a.amname, 'heap'),
                     CASE WHEN to_jsonb(c) ->> 'relhasoids' = 'true' THEN 'the column oid (WITH OIDS), which PostgreSQL has no more,' END,
                     (SELECT min('that the triggers of its foreign keys are disabled') FROM pg_catalog.pg_trigger r
                       WHERE r.tgrelid = c.oid AND r.tgisinternal AND r.tgenabled = 'D' AND r.tgconstraint <> 0)) AS not_kept,
           CASE WHEN i.indexrelid IS NULL THEN ''
                WHEN NOT i.indisready OR (NOT i.indisvalid AND t2.relkind <> 'p') THEN 'it is not valid on the source: a build of it failed or is under way'
                ELSE '' END AS not_written,
           CASE WHEN NOT i.indisready OR (NOT i.indisvalid AND t2.relkind <> 'p') THEN pg_catalog.pg_get_indexdef(c.oid) || ';' ELSE '' END AS statement
      FROM pg_catalog.pg_class c
           LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
           LEFT JOIN pg_catalog.pg_class t2 ON t2.oid = i.indrelid
           LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
           LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam AND c.relkind IN ('r', 'm', 'p')
), named AS (
    SELECT 'pg_catalog.pg_namespace'::regclass::oid AS class, oid AS id, 'SCHEMA' AS kind, oid AS schema, name::text AS name,
           0::oid AS by_class, 0::oid AS by_id, '' AS not_kept, '' AS not_written, '' AS statement
      FROM schema
     WHERE name <> 'public'
    UNION ALL
    SELECT 'pg_catalog.pg_extension'::regclass, oid, 'EXTENSION', 0, extname, 0, 0, '', '', '' FROM pg_catalog.pg_extension
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, t.oid, CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, t.typnamespace, t.typname, 0, 0, '', '', ''
      FROM pg_catalog.pg_type t
     WHERE t.typtype IN ('b', 'c', 'd', 'e', 'p', 'r')
       AND (t.typrelid = 0 OR EXISTS (SELECT FROM relation c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, c.oid,
           CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
                          WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' ELSE 'TABLE' END,
           c.relnamespace, c.relname, 0, 0, c.not_kept, c.not_written, c.statement
      FROM relation c
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I')
       AND NOT (c.relkind IN ('i', 'I') AND EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')))
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, oid, CASE prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, pronamespace,
           proname || '(' || pg_catalog.pg_get_function_identity_arguments(oid) || ')', 0, 0, '', '', ''
      FROM pg_catalog.pg_proc WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::regclass, k.oid,
           CASE k.contype WHEN 'f' THEN 'FK CONSTRAINT' WHEN 'c' THEN 'CHECK CONSTRAINT' WHEN 'n' THEN 'NOT NULL CONSTRAINT' ELSE 'CONSTRAINT' END,
           k.connamespace, coalesce(c.relname, t.typname) || ' ' || k.conname,
           CASE WHEN k.contype IN ('c', 'n') AND k.conrelid <> 0 THEN 'pg_catalog.pg_class'::regclass::oid
                WHEN k.contypid <> 0 THEN 'pg_catalog.pg_type'::regclass::oid
                WHEN k.contype = 'f' AND k.conparentid <> 0 THEN 'pg_catalog.pg_constraint'::regclass::oid ELSE 0 END,
           CASE WHEN k.contype IN ('c', 'n') AND k.conrelid <> 0 THEN k.conrelid
                WHEN k.contypid <> 0 THEN k.contypid
                WHEN k.contype = 'f' THEN k.conparentid ELSE 0 END, '', '', ''
      FROM pg_catalog.pg_constraint k
           LEFT JOIN relation c ON c.oid = k.conrelid
           LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
     WHERE k.contype <> 't'
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, 'TRIGGER', c.relnamespace, c.relname || ' ' || t.tgname,
           CASE WHEN coalesce(p.parent, 0) <> 0 THEN 'pg_catalog.pg_trigger'::regclass::oid ELSE 0 END, coalesce(p.parent, 0), '', '', ''
      FROM pg_catalog.pg_trigger t
           JOIN relation c ON c.oid = t.tgrelid
           CROSS JOIN LATERAL (  -- The column is not there before PostgreSQL 13.
             SELECT coalesce((to_jsonb(t) ->> 'tgparentid')::oid,
                             (SELECT d.refobjid FROM pg_catalog.pg_depend d
                               WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.objid = t.oid
                                 AND d.refclassid = 'pg_catalog.pg_trigger'::regclass LIMIT 1)) AS parent) p
           LEFT JOIN pg_catalog.pg_trigger u ON u.oid = p.parent
     -- A copy on a partition is the server's own (marked as such before 15), unless it was switched on or off by itself.
     WHERE NOT t.tgisinternal OR t.tgenabled <> u.tgenabled
    UNION ALL
    SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, 'RULE', c.relnamespace, c.relname || ' ' || r.rulename, 0, 0, '', '', ''
      FROM pg_catalog.pg_rewrite r JOIN relation c ON c.oid = r.ev_class
     WHERE NOT (c.relkind IN ('v', 'm') AND r.rulename = '_RETURN')
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::regclass, p.oid, 'POLICY', c.relnamespace, c.relname || ' ' || p.polname, 0, 0, '', '', ''
      FROM pg_catalog.pg_policy p JOIN relation c ON c.oid = p.polrelid
    UNION ALL
    SELECT 'pg_catalog.pg_operator'::regclass, oid, 'OPERATOR', oprnamespace,
           oprname || ' (' || concat_ws(', ', nullif(oprleft, 0)::regtype, nullif(oprright, 0)::regtype) || ')', 0, 0, '',
           CASE WHEN oprcode = 0 THEN 'it is named by another operator and was never defined' ELSE '' END, ''
      FROM pg_catalog.pg_operator
    UNION ALL
    SELECT 'pg_catalog.pg_opclass'::regclass, oid, 'OPERATOR CLASS', opcnamespace, opcname, 0, 0, '', '', '' FROM pg_catalog.pg_opclass
    UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::regclass, oid, 'OPERATOR FAMILY', opfnamespace, opfname, 0, 0, '', '', '' FROM pg_catalog.pg_opfamily
    UNION ALL
    SELECT 'pg_catalog.pg_cast'::regclass, oid, 'CAST', 0,
           'CAST (' || pg_catalog.format_type(castsource, NULL) || ' AS ' || pg_catalog.format_type(casttarget, NULL) || ')', 0, 0, '', '', ''
      FROM pg_catalog.pg_cast
    UNION ALL
    SELECT 'pg_catalog.pg_transform'::regclass, x.oid, 'TRANSFORM', 0,
           'TRANSFORM FOR ' || pg_catalog.format_type(x.trftype, NULL) || ' LANGUAGE ' || l.lanname, 0, 0, '', '', ''
      FROM pg_catalog.pg_transform x JOIN pg_catalog.pg_language l ON l.oid = x.trflang
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::regclass, oid, 'COLLATION', collnamespace, collname, 0, 0, '', '', '' FROM pg_catalog.pg_collation
    UNION ALL
    SELECT 'pg_catalog.pg_conversion'::regclass, oid, 'CONVERSION', connamespace, conname, 0, 0, '', '', '' FROM pg_catalog.pg_conversion
    UNION ALL
    SELECT 'pg_catalog.pg_language'::regclass, oid, 'PROCEDURAL LANGUAGE', 0, lanname, 0, 0, '', '', '' FROM pg_catalog.pg_language
    UNION ALL
    SELECT 'pg_catalog.pg_am'::regclass, oid, 'ACCESS METHOD', 0, amname, 0, 0, '', '', '' FROM pg_catalog.pg_am
    UNION ALL
    SELECT 'pg_catalog.pg_ts_parser'::regclass, oid, 'TEXT SEARCH PARSER', prsnamespace, prsname, 0, 0, '', '', '' FROM pg_catalog.pg_ts_parser
    UNION ALL
    SELECT 'pg_catalog.pg_ts_template'::regclass, oid, 'TEXT SEARCH TEMPLATE', tmplnamespace, tmplname, 0, 0, '', '', '' FROM pg_catalog.pg_ts_template
    UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::regclass, oid, 'TEXT SEARCH DICTIONARY', dictnamespace, dictname, 0, 0, '', '', '' FROM pg_catalog.pg_ts_dict
    UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::regclass, oid, 'TEXT SEARCH CONFIGURATION', cfgnamespace, cfgname, 0, 0, '', '', '' FROM pg_catalog.pg_ts_config
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::regclass, oid, 'STATISTICS', stxnamespace, stxname, 0, 0, '', '', '' FROM pg_catalog.pg_statistic_ext
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_data_wrapper'::regclass, oid, 'FOREIGN DATA WRAPPER', 0, fdwname, 0, 0, '', '', '' FROM pg_catalog.pg_foreign_data_wrapper
    UNION ALL
    SELECT 'pg_catalog.pg_foreign_server'::regclass, oid, 'SERVER', 0, srvname, 0, 0, '', '', '' FROM pg_catalog.pg_foreign_server
    UNION ALL
    SELECT 'pg_catalog.pg_user_mapping'::regclass, m.umid, 'USER MAPPING', 0, 'USER MAPPING ' || m.usename || ' SERVER ' || m.srvname, 0, 0,
           -- Hidden ones cannot be told from none.
           CASE WHEN m.umoptions IS NULL AND NOT pg_catalog.pg_has_role(s.srvowner, 'USAGE') THEN 'an option that only others than the exporting user may read'
                ELSE '' END, '', ''
      FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
    UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::regclass, oid, 'EVENT TRIGGER', 0, evtname, 0, 0, '', '', '' FROM pg_catalog.pg_event_trigger
    UNION ALL
    SELECT 'pg_catalog.pg_publication'::regclass, oid, 'PUBLICATION', 0, pubname, 0, 0, '', '', '' FROM pg_catalog.pg_publication
    UNION ALL
    SELECT 'pg_catalog.pg_publication_rel'::regclass, r.oid, 'PUBLICATION TABLE', c.relnamespace, p.pubname || ' ' || c.relname, 0, 0, '', '', ''
      FROM pg_catalog.pg_publication_rel r
           JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
           JOIN relation c ON c.oid = r.prrelid
    UNION ALL
    -- Who is no superuser may not read its OID everywhere, nor ever the connection.
    SELECT 'pg_catalog.pg_subscription'::regclass, (16384 + row_number() OVER ())::oid, 'SUBSCRIPTION', 0, subname, 0, 0, '',
           'a dump has no password, and what is made from one would start to work at once: its statement is to be completed and run by hand',
           pg_catalog.format('CREATE SUBSCRIPTION %I CONNECTION ''...'' PUBLICATION %s WITH (enabled = false, slot_name = %s);', subname,
                             (SELECT string_agg(pg_catalog.quote_ident(one), ', ') FROM unnest(subpublications) one),
                             coalesce(pg_catalog.quote_literal(subslotname), 'NONE'))
      FROM pg_catalog.pg_subscription
     WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
    UNION ALL
    SELECT 'pg_catalog.pg_default_acl'::regclass, oid, 'DEFAULT ACL', defaclnamespace,
           'DEFAULT PRIVILEGES FOR ' || CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
                                                           WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END || ' of ' || pg_catalog.pg_get_userbyid(defaclrole), 0, 0, '', '', ''
      FROM pg_catalog.pg_default_acl
), member AS (
    SELECT classid, objid, refobjid AS extension
      FROM pg_catalog.pg_depend
     WHERE deptype = 'e' AND refclassid = 'pg_catalog.pg_extension'::regclass
), on_extension AS (  -- What is on a table or domain of an extension, which makes it; pg_dump does not write it.
    SELECT 'pg_catalog.pg_constraint'::regclass AS class, k.oid AS id, m.extension
      FROM pg_catalog.pg_constraint k JOIN member m ON m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = k.conrelid
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::regclass, k.oid, m.extension
      FROM pg_catalog.pg_constraint k JOIN member m ON m.classid = 'pg_catalog.pg_type'::regclass AND m.objid = k.contypid
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, m.extension
      FROM pg_catalog.pg_index i JOIN member m ON m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = i.indrelid
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, m.extension
      FROM pg_catalog.pg_trigger t JOIN member m ON m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = t.tgrelid
    UNION ALL
    SELECT 'pg_catalog.pg_rewrite'::regclass, r.oid, m.extension
      FROM pg_catalog.pg_rewrite r JOIN member m ON m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = r.ev_class
    UNION ALL
    SELECT 'pg_catalog.pg_publication_rel'::regclass, r.oid, m.extension
      FROM pg_catalog.pg_publication_rel r JOIN member m ON m.classid = 'pg_catalog.pg_class'::regclass AND m.objid = r.prrelid
), object AS (
    SELECT n.*, s.name AS schema_name, coalesce(s.exported, true) AS exported
      FROM named n LEFT JOIN schema s ON s.oid = n.schema
     WHERE n.id >= 16384
       AND (n.schema = 0 OR s.oid IS NOT NULL)
       AND NOT EXISTS (SELECT FROM member m WHERE m.classid = n.class AND m.objid = n.id)
       -- Made and dropped with another one; an identity column's sequence is written all the same.
       AND (n.kind = 'SEQUENCE' OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = n.class AND d.objid = n.id AND d.deptype = 'i'
                                                 AND (d.refclassid, d.refobjid) <> (d.classid, d.objid)))
), piece AS (  -- What depends on something in an object's name.
    SELECT class, id, class AS of_class, id AS of_id FROM object
    UNION ALL
    SELECT 'pg_catalog.pg_attrdef'::regclass, oid, 'pg_catalog.pg_class'::regclass, adrelid FROM pg_catalog.pg_attrdef
    UNION ALL
    SELECT 'pg_catalog.pg_rewrite'::regclass, oid, 'pg_catalog.pg_class'::regclass, ev_class FROM pg_catalog.pg_rewrite WHERE rulename = '_RETURN'
    UNION ALL
    SELECT 'pg_catalog.pg_class'::regclass, conindid, 'pg_catalog.pg_constraint'::regclass, oid FROM pg_catalog.pg_constraint WHERE contype IN ('p', 'u', 'x')
), placed AS (  -- What lies in a schema, with the parts of objects.
    SELECT class, id, kind, schema, name FROM object
    UNION ALL
    SELECT 'pg_catalog.pg_type'::regclass, oid, 'TYPE', typnamespace, typname FROM pg_catalog.pg_type WHERE oid >= 16384
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, 'FUNCTION', p.pronamespace, p.proname FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
), outside AS (
    SELECT p.of_class, p.of_id, min(concat_ws(' ', t.kind, s.name || '.' || t.name)) AS needs
      FROM piece p
           JOIN pg_catalog.pg_depend d ON d.classid = p.class AND d.objid = p.id AND d.deptype IN ('n', 'a')
           JOIN placed t ON t.class = d.refclassid AND t.id = d.refobjid
           JOIN schema s ON s.oid = t.schema AND NOT s.exported
     WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = t.class AND m.objid = t.id)
       AND t.kind <> 'SCHEMA'
     GROUP BY p.of_class, p.of_id
    UNION ALL  -- Rows of a partitioned table that lie in a schema that is not exported.
    SELECT 'pg_catalog.pg_class'::regclass, h.inhparent, min('TABLE ' || s.name || '.' || c.relname || ', its partition')
      FROM pg_catalog.pg_inherits h
           JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid AND c.relispartition AND c.relkind IN ('r', 'p', 'f')
           JOIN schema s ON s.oid = c.relnamespace AND NOT s.exported
     GROUP BY h.inhparent
), lacking AS (  -- With what lies in no schema and needs one of these: the server of a wrapper whose handler is elsewhere.
    SELECT of_class, of_id, needs FROM outside
    UNION
    SELECT o.class, o.id, l.needs
      FROM lacking l
           JOIN object g ON g.class = l.of_class AND g.id = l.of_id AND g.schema = 0
           JOIN pg_catalog.pg_depend d ON d.refclassid = l.of_class AND d.refobjid = l.of_id AND d.deptype IN ('n', 'a')
           JOIN object o ON o.class = d.classid AND o.id = d.objid AND o.schema = 0
), needing AS (
    SELECT of_class, of_id, min(needs) AS needs FROM lacking GROUP BY of_class, of_id
)
SELECT o.class, o.id, o.kind, coalesce(o.schema_name, ''), o.name,
       CASE WHEN e.extension IS NULL THEN o.by_class ELSE 'pg_catalog.pg_extension'::regclass::oid END, coalesce(e.extension, o.by_id),
       coalesce(x.needs, ''), o.exported,
       o.kind <> 'EXTENSION' OR EXISTS (
           SELECT FROM member m JOIN pg_catalog.pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid
            WHERE m.extension = o.id AND d.deptype IN ('n', 'a')
              AND NOT EXISTS (SELECT FROM member own WHERE own.classid = d.classid AND own.objid = d.objid AND own.extension = o.id))
         OR EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = o.class AND d.refobjid = o.id AND d.classid = o.class),
       CASE WHEN e.extension IS NULL THEN o.not_kept
            ELSE 'it is on something of an extension: what the extension makes comes with it, what was added by hand does not' END,
       o.not_written, o.statement
  FROM object o
       LEFT JOIN needing x ON x.of_class = o.class AND x.of_id = o.id
       LEFT JOIN on_extension e ON e.class = o.class AND e.id = o.id
 ORDER BY o.exported DESC, 3, 4, 5;
