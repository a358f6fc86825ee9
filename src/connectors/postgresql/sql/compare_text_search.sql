-- Parsers, templates, dictionaries and configurations of text search as facts for a comparison.
-- $1 text[]: schemas. Result: kind, three parts of the name, text after the name, definition.
SELECT 'text search parser', n.nspname, p.prsname, NULL, '',
       concat_ws(' ', p.prsstart::text, p.prstoken::text, p.prsend::text, nullif(p.prsheadline::text, '-'), p.prslextype::text)
FROM pg_ts_parser p
JOIN pg_namespace n ON n.oid = p.prsnamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_ts_parser'::regclass AND e.objid = p.oid AND e.deptype = 'e')
UNION ALL
SELECT 'text search template', n.nspname, t.tmplname, NULL, '', concat_ws(' ', nullif(t.tmplinit::text, '-'), t.tmpllexize::text)
FROM pg_ts_template t
JOIN pg_namespace n ON n.oid = t.tmplnamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_ts_template'::regclass AND e.objid = t.oid AND e.deptype = 'e')
UNION ALL
SELECT 'text search dictionary', n.nspname, d.dictname, NULL, '',
       concat_ws(', ', 'template ' || quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname), d.dictinitoption)
FROM pg_ts_dict d
JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = d.oid AND e.deptype = 'e')
UNION ALL
SELECT 'text search configuration', n.nspname, c.cfgname, NULL, '',
       'parser ' || quote_ident(pn.nspname) || '.' || quote_ident(p.prsname)
         || coalesce((SELECT string_agg('; ' || k.alias || ' with ' || m.dictionaries, '' ORDER BY k.alias COLLATE "C")
                      FROM (SELECT m.maptokentype, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                            FROM pg_ts_config_map m WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) AS m
                      JOIN ts_token_type(c.cfgparser) AS k ON k.tokid = m.maptokentype), '')
FROM pg_ts_config c
JOIN pg_namespace n ON n.oid = c.cfgnamespace
JOIN pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE n.nspname = ANY ($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend e
                  WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = c.oid AND e.deptype = 'e')
