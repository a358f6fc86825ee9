-- The tables of assessment.db. Apart from source_nodes, table_index_stats, colocation and table_placements each is one kind of CSV file.

CREATE TABLE source_nodes (
  source_node TEXT PRIMARY KEY,
  is_primary INTEGER NOT NULL,
  has_queries INTEGER NOT NULL          -- a db-queries-summary.csv with at least one query was there
) WITHOUT ROWID;

CREATE TABLE table_index_iops (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, object_name TEXT NOT NULL, object_type TEXT,
  seq_reads INTEGER, row_writes INTEGER,
  measurement_type TEXT NOT NULL,       -- initial, final
  PRIMARY KEY (source_node, schema_name, object_name, measurement_type)
) WITHOUT ROWID;

CREATE TABLE table_index_sizes (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, object_name TEXT NOT NULL, object_type TEXT,
  size_in_bytes INTEGER,
  PRIMARY KEY (source_node, schema_name, object_name)
) WITHOUT ROWID;

CREATE TABLE table_row_counts (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL,
  row_count INTEGER,
  PRIMARY KEY (source_node, schema_name, table_name)
) WITHOUT ROWID;

CREATE TABLE table_columns_count (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, object_name TEXT NOT NULL, object_type TEXT,
  column_count INTEGER,
  PRIMARY KEY (source_node, schema_name, object_name)
) WITHOUT ROWID;

CREATE TABLE index_to_table_mapping (
  source_node TEXT NOT NULL, index_schema TEXT NOT NULL, index_name TEXT NOT NULL,
  table_schema TEXT, table_name TEXT,
  PRIMARY KEY (source_node, index_schema, index_name)
) WITHOUT ROWID;

CREATE TABLE object_type_mapping (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, object_name TEXT NOT NULL,
  object_type TEXT,
  PRIMARY KEY (source_node, schema_name, object_name)
) WITHOUT ROWID;

CREATE TABLE table_columns_data_types (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  data_type TEXT,
  PRIMARY KEY (source_node, schema_name, table_name, column_name)
) WITHOUT ROWID;

-- Times are milliseconds. Equal texts of one node are one row.
CREATE TABLE db_queries_summary (
  source_node TEXT NOT NULL, queryid TEXT, query TEXT NOT NULL, calls INTEGER, rows INTEGER,
  total_exec_time REAL, mean_exec_time REAL, min_exec_time REAL, max_exec_time REAL, stddev_exec_time REAL
);

-- Of a source whose schema is converted: what is not on the target (not translated), or is something else there (changed).
CREATE TABLE source_objects (
  source_node TEXT NOT NULL, object_type TEXT, object_name TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT, statement TEXT
);

-- What reading the rows has found (--data-scan).
CREATE TABLE unfit_values (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL, column_name TEXT NOT NULL, what TEXT NOT NULL,
  row_count INTEGER, examples TEXT, proposed_rule TEXT,
  PRIMARY KEY (source_node, schema_name, table_name, column_name, what)
) WITHOUT ROWID;

CREATE TABLE redundant_indexes (
  source_node TEXT NOT NULL,
  redundant_schema_name TEXT NOT NULL, redundant_table_name TEXT NOT NULL, redundant_index_name TEXT NOT NULL,
  existing_schema_name TEXT, existing_table_name TEXT, existing_index_name TEXT,
  redundant_ddl TEXT, existing_ddl TEXT,
  PRIMARY KEY (source_node, redundant_schema_name, redundant_table_name, redundant_index_name)
) WITHOUT ROWID;

CREATE TABLE column_statistics (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, table_name TEXT NOT NULL, column_name TEXT NOT NULL,
  null_frac REAL, effective_n_distinct REAL, most_common_freq REAL, most_common_val TEXT,
  PRIMARY KEY (source_node, schema_name, table_name, column_name)
) WITHOUT ROWID;

CREATE TABLE table_index_usage_stats (
  source_node TEXT NOT NULL, schema_name TEXT NOT NULL, object_name TEXT NOT NULL, object_type TEXT,
  parent_table_name TEXT, scans INTEGER, inserts INTEGER, updates INTEGER, deletes INTEGER,
  PRIMARY KEY (source_node, schema_name, object_name)
) WITHOUT ROWID;

-- What the sizing reads: of the primary, derived from the tables above (assessment_stats.sql).
CREATE TABLE table_index_stats (
  schema_name TEXT NOT NULL, object_name TEXT NOT NULL,
  row_count INTEGER, column_count INTEGER, reads_per_second INTEGER, writes_per_second INTEGER,
  is_index INTEGER NOT NULL, object_type TEXT,
  parent_table_name TEXT,               -- of an index: schema.table
  size_in_bytes INTEGER,
  PRIMARY KEY (schema_name, object_name)
) WITHOUT ROWID;

-- What the sizing recommends: why no table is to be placed (empty when some are), and where tables go.
CREATE TABLE colocation (why_none TEXT NOT NULL);
CREATE TABLE table_placements (
  table_name TEXT NOT NULL,             -- schema.table
  colocated INTEGER NOT NULL            -- 0: on tablets of its own
);

PRAGMA user_version = 1;
