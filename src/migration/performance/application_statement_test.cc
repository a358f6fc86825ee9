#include "migration/performance/application_statement.h"

#include <gtest/gtest.h>

namespace voyager::migration {
namespace {

TEST(ApplicationStatement, WhatMigrationsSendIsNone) {
  for (const char* query : {
           "SELECT c.oid, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1",
           "SELECT * FROM pg_catalog.pg_extension x WHERE x.oid = $1::pg_catalog.oid",
           "WITH RECURSIVE w AS (SELECT oid FROM pg_depend) SELECT * FROM w",
           "SELECT pg_catalog.set_config($1, $2, $3)",
           "SELECT pg_catalog.pg_get_viewdef($1::pg_catalog.oid) AS viewdef",
           "PREPARE dumpFunc(pg_catalog.oid) AS SELECT proretset FROM pg_catalog.pg_proc p WHERE p.oid = $1",
           "SELECT to_jsonb(s) FROM pg_stat_statements s",
           "SELECT * FROM public.pg_stat_statements",
           "SELECT pg_stat_statements_reset()",
           "SELECT table_name FROM information_schema.tables",
           "INSERT INTO ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 VALUES ($1, $2)",
           "LOCK TABLE public.orders IN ACCESS SHARE MODE",
           "COPY public.orders (id, note) FROM STDIN",
           "COPY (SELECT id FROM ONLY public.orders WHERE ctid >= '(0,0)') TO STDOUT",
           "SET statement_timeout = 0",
           "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
           "SELECT version()",
           "SELECT split_part(version(), $1, $2) || $3 || current_setting($4)",
           "DO $$ BEGIN PERFORM pg_catalog.set_config(name, value, false) FROM (VALUES ('a', 'b')) AS s(name, value); "
           "END $$",
           "/* a note */ set search_path to x",
           "CREATE TABLE t (id int)",
           "ALTER TABLE t ADD CONSTRAINT p PRIMARY KEY (id)",
       }) {
    EXPECT_FALSE(is_application_statement(query)) << query;
  }
}

TEST(ApplicationStatement, EverythingElseIs) {
  for (const char* query : {
           "SELECT note FROM orders WHERE id = $1",
           "SELECT o.id FROM orders o, pg_class c WHERE c.relname = o.note",
           "SELECT id, pg_sleep($1) FROM orders",
           "SELECT pg_sleep($1)",
           "SELECT pg_advisory_lock($1)",
           "INSERT INTO orders SELECT relname FROM pg_class",
           "UPDATE shop.pg_jobs SET done = $1",
           "WITH pg_mine AS (SELECT id FROM orders) SELECT id FROM pg_mine",
           "CREATE TEMP TABLE t AS SELECT id FROM orders",
           "ALTER ROLE shop PASSWORD '********'",
           "COMMIT",
           "DO $$ BEGIN PERFORM work(); END $$",
           "SELECT version FROM documents WHERE id = $1",
           "SELECT current_setting($1), id FROM orders",
           "not SQL at all, about pg_class",
           "",
       }) {
    EXPECT_TRUE(is_application_statement(query)) << query;
  }
}

}  // namespace
}  // namespace voyager::migration
