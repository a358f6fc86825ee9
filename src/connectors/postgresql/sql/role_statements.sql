-- Statements that make the roles that objects of this database name, and those that they are members of; in the order in which they run.
-- Result: one statement a row, without passwords.
WITH RECURSIVE this AS (
    SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()
), named(role) AS (
    SELECT d.refobjid
      FROM pg_catalog.pg_shdepend d, this
     WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass
       AND (d.dbid = this.oid OR (d.classid = 'pg_catalog.pg_database'::regclass AND d.objid = this.oid))
    UNION
    SELECT s.setrole FROM pg_catalog.pg_db_role_setting s, this WHERE s.setdatabase = this.oid
    UNION
    SELECT m.roleid FROM named n JOIN pg_catalog.pg_auth_members m ON m.member = n.role
), role AS (
    SELECT r.* FROM pg_catalog.pg_roles r JOIN named n ON n.role = r.oid
     WHERE r.rolname !~ '^pg_' AND r.oid <> 10  -- What initdb makes is on every server.
)
SELECT statement
  FROM (
    SELECT 1 AS step, rolname AS first, '' AS second,
           pg_catalog.format('CREATE ROLE %I WITH %s;', rolname,
               concat_ws(' ', CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END, CASE WHEN rolsuper THEN 'SUPERUSER' END,
                         CASE WHEN NOT rolinherit THEN 'NOINHERIT' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
                         CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
                         CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN rolconnlimit >= 0 THEN 'CONNECTION LIMIT ' || rolconnlimit END,
                         'VALID UNTIL ' || pg_catalog.quote_literal(rolvaliduntil))) AS statement
      FROM role
    UNION ALL
    SELECT 2, of.rolname, member.rolname,
           pg_catalog.format('GRANT %I TO %I%s;', of.rolname, member.rolname, CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END)
             -- In a statement of its own: servers before 16 refuse it, and keep the membership.
             || coalesce(pg_catalog.format(' GRANT %I TO %I WITH ', of.rolname, member.rolname)
                         || nullif(concat_ws(', ', CASE WHEN to_jsonb(m) ->> 'inherit_option' = 'false' THEN 'INHERIT FALSE' END,
                                             CASE WHEN to_jsonb(m) ->> 'set_option' = 'false' THEN 'SET FALSE' END), '') || ';', '')
      FROM pg_catalog.pg_auth_members m
           JOIN pg_catalog.pg_roles of ON of.oid = m.roleid
           JOIN role member ON member.oid = m.member
     WHERE of.oid <> 10
    UNION ALL
    SELECT 3, r.rolname, one.setting,
           pg_catalog.format('ALTER ROLE %I SET %s TO %s;', r.rolname, split_part(one.setting, '=', 1),
               -- These hold lists that are quoted already.
               CASE WHEN split_part(one.setting, '=', 1) IN ('search_path', 'session_preload_libraries', 'local_preload_libraries', 'temp_tablespaces')
                    THEN coalesce(nullif(substr(one.setting, strpos(one.setting, '=') + 1), ''), '''''')
                    ELSE pg_catalog.quote_literal(substr(one.setting, strpos(one.setting, '=') + 1)) END)
      FROM pg_catalog.pg_db_role_setting s
           JOIN role r ON r.oid = s.setrole
           CROSS JOIN unnest(s.setconfig) AS one(setting)
     WHERE s.setdatabase = 0
  ) AS all_of_them
 ORDER BY step, first, second
