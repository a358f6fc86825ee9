#include "format/assessment_db.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "format/embedded.h"
#include "format/metadata_load.h"
#include "format/sqlite.h"

namespace voyager::format {
namespace {

constexpr int kVersion = 1;
const std::vector<std::string> kNoNames;

const SqliteWords& assessment_words() {
  static const SqliteWords words = {
      .name = "the assessment database",
      .damaged_code = "ASM-012",
      .damaged_fix = {"make {} anew: yb-voyager assess-migration --start-clean true ..."}};
  return words;
}

[[noreturn]] void fail_open(const std::filesystem::path& file, std::string title, std::string cause) {
  throw base::Error({.code = "ASM-012",
                     .exit = base::ExitCode::kState,
                     .title = std::move(title),
                     .where = file.string(),
                     .cause = std::move(cause),
                     .fix = {"yb-voyager assess-migration --start-clean true ..."}});
}

}  // namespace

struct AssessmentDb::Impl {
  explicit Impl(const std::filesystem::path& file) : db(file, SqliteConnection::Mode::kReadOnly, assessment_words()) {}
  SqliteConnection db;
};

AssessmentDb::AssessmentDb(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AssessmentDb::~AssessmentDb() = default;
AssessmentDb::AssessmentDb(AssessmentDb&&) noexcept = default;
AssessmentDb& AssessmentDb::operator=(AssessmentDb&&) noexcept = default;

AssessmentDb AssessmentDb::build(const std::filesystem::path& file, const std::filesystem::path& metadata,
                                 std::int64_t load_interval) {
  replace_database(file, assessment_words(), [&](SqliteConnection& db) {
    db.exec(kAssessmentDbSql);
    load_metadata(metadata, db);
    Statement(db, kAssessmentStatsSql).bind(std::max<std::int64_t>(load_interval, 1)).run();
  });
  return open(file);
}

AssessmentDb AssessmentDb::open(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file))
    fail_open(file, "there is no assessment of this migration", "the file is not there");
  auto impl = std::make_unique<Impl>(file);
  if (const int version = impl->db.user_version(); version != kVersion) {
    fail_open(file, "the assessment database cannot be used",
              fmt::format("it has version {}, this program reads version {}", version, kVersion));
  }
  return AssessmentDb(std::move(impl));
}

std::vector<model::AssessedNode> AssessmentDb::nodes() {
  Statement rows(impl_->db,
                 "SELECT source_node, is_primary, has_queries FROM source_nodes ORDER BY is_primary DESC, source_node");
  std::vector<model::AssessedNode> out;
  while (rows.step())
    out.push_back({.name = rows.text(0), .primary = rows.integer(1) != 0, .has_queries = rows.integer(2) != 0});
  return out;
}

std::vector<model::ObjectFigures> AssessmentDb::figures() {
  Statement rows(impl_->db,
                 "SELECT schema_name, object_name, coalesce(object_type, ''), coalesce(parent_table_name, ''), "
                 "is_index, row_count, column_count, reads_per_second, writes_per_second, size_in_bytes "
                 "FROM table_index_stats ORDER BY schema_name, object_name");
  std::vector<model::ObjectFigures> out;
  while (rows.step()) {
    out.push_back({.schema = rows.text(0),
                   .name = rows.text(1),
                   .object_type = rows.text(2),
                   .parent = rows.text(3),
                   .is_index = rows.integer(4) != 0,
                   .rows = rows.integer_or_null(5),
                   .columns = rows.integer_or_null(6),
                   .reads_per_second = rows.integer_or_null(7),
                   .writes_per_second = rows.integer_or_null(8),
                   .bytes = rows.integer_or_null(9)});
  }
  return out;
}

std::vector<model::RedundantIndex> AssessmentDb::redundant_indexes() {
  Statement rows(impl_->db,
                 "SELECT redundant_schema_name, redundant_table_name, redundant_index_name, existing_schema_name, "
                 "existing_table_name, existing_index_name, redundant_ddl, existing_ddl FROM redundant_indexes "
                 "WHERE source_node = 'primary' ORDER BY 1, 2, 3");
  std::vector<model::RedundantIndex> out;
  while (rows.step()) {
    out.push_back({.schema = rows.text(0),
                   .table = rows.text(1),
                   .index = rows.text(2),
                   .existing_schema = rows.text(3),
                   .existing_table = rows.text(4),
                   .existing_index = rows.text(5),
                   .ddl = rows.text(6),
                   .existing_ddl = rows.text(7)});
  }
  return out;
}

std::vector<model::QueryStatistics> AssessmentDb::queries() {
  Statement rows(impl_->db,
                 "SELECT queryid, query, calls, rows, total_exec_time, mean_exec_time, min_exec_time, max_exec_time, "
                 "stddev_exec_time FROM db_queries_summary ORDER BY rowid");
  std::vector<model::QueryStatistics> out;
  while (rows.step()) {
    out.push_back({.id = rows.text(0),
                   .query = rows.text(1),
                   .calls = rows.integer(2),
                   .rows = rows.integer(3),
                   .total_ms = rows.real(4),
                   .mean_ms = rows.real(5),
                   .min_ms = rows.real(6),
                   .max_ms = rows.real(7),
                   .stddev_ms = rows.real(8)});
  }
  return model::merge_by_text(std::move(out));
}

std::vector<ColumnShare> AssessmentDb::column_shares() {
  Statement rows(impl_->db,
                 "SELECT schema_name, table_name, column_name, null_frac, most_common_freq, most_common_val "
                 "FROM column_statistics WHERE source_node = 'primary' ORDER BY 1, 2, 3");
  std::vector<ColumnShare> out;
  while (rows.step()) {
    out.push_back({.schema = rows.text(0),
                   .table = rows.text(1),
                   .column = rows.text(2),
                   .null_share = rows.real(3),
                   .top_share = rows.real(4),
                   .top_value = rows.text(5)});
  }
  return out;
}

std::vector<ColumnType> AssessmentDb::column_types() {
  Statement rows(impl_->db,
                 "SELECT schema_name, table_name, column_name, data_type FROM table_columns_data_types "
                 "WHERE source_node = 'primary' ORDER BY 1, 2, 3");
  std::vector<ColumnType> out;
  while (rows.step())
    out.push_back({.schema = rows.text(0), .table = rows.text(1), .column = rows.text(2), .type = rows.text(3)});
  return out;
}

std::vector<ObjectUse> AssessmentDb::object_uses() {
  Statement rows(impl_->db,
                 "SELECT schema_name, object_name, coalesce(max(object_type), ''), "
                 "coalesce(max(parent_table_name), ''), coalesce(sum(scans), 0), "
                 "coalesce(sum(CASE WHEN source_node = 'primary' THEN inserts END), 0), "
                 "coalesce(sum(CASE WHEN source_node = 'primary' THEN updates END), 0), "
                 "coalesce(sum(CASE WHEN source_node = 'primary' THEN deletes END), 0) "
                 "FROM table_index_usage_stats GROUP BY schema_name, object_name ORDER BY 1, 2");
  std::vector<ObjectUse> out;
  while (rows.step()) {
    out.push_back({.schema = rows.text(0),
                   .name = rows.text(1),
                   .object_type = rows.text(2),
                   .parent = rows.text(3),
                   .scans = rows.integer(4),
                   .inserts = rows.integer(5),
                   .updates = rows.integer(6),
                   .deletes = rows.integer(7)});
  }
  return out;
}

std::vector<SourceObject> AssessmentDb::source_objects() {
  Statement rows(impl_->db,
                 "SELECT coalesce(object_type, ''), object_name, outcome = 'changed', coalesce(reason, ''), "
                 "coalesce(statement, '') FROM source_objects WHERE source_node = 'primary' ORDER BY rowid");
  std::vector<SourceObject> out;
  while (rows.step())
    out.push_back({.type = rows.text(0),
                   .name = rows.text(1),
                   .translated = rows.integer(2) != 0,
                   .reason = rows.text(3),
                   .statement = rows.text(4)});
  return out;
}

std::vector<UnfitColumn> AssessmentDb::unfit_columns() {
  Statement rows(impl_->db,
                 "SELECT schema_name, table_name, column_name, what, coalesce(row_count, 0), coalesce(examples, ''), "
                 "coalesce(proposed_rule, '') FROM unfit_values WHERE source_node = 'primary' ORDER BY 1, 2, 3, 4");
  std::vector<UnfitColumn> out;
  while (rows.step())
    out.push_back({.schema = rows.text(0),
                   .table = rows.text(1),
                   .column = rows.text(2),
                   .what = rows.text(3),
                   .rows = rows.integer(4),
                   .examples = rows.text(5),
                   .proposed_rule = rows.text(6)});
  return out;
}

void AssessmentDb::save_colocation(const std::filesystem::path& file, const model::Colocation& colocation) {
  SqliteConnection db(file, SqliteConnection::Mode::kCreate, assessment_words());
  db.exec("BEGIN; DELETE FROM colocation; DELETE FROM table_placements");
  Statement(db, "INSERT INTO colocation VALUES (?1)").bind(colocation.why_none).run();
  Statement insert(db, "INSERT INTO table_placements VALUES (?1, ?2)");
  for (const bool colocated : {false, true}) {
    for (const std::string& table : (colocated ? colocation.colocated : colocation.sharded).value_or(kNoNames))
      insert.bind(table, colocated).run();
  }
  db.exec("COMMIT");
}

std::optional<model::Colocation> AssessmentDb::colocation() {
  Statement kept(impl_->db, "SELECT 1 FROM sqlite_master WHERE name = 'colocation'");
  if (!kept.step()) return std::nullopt;
  Statement why(impl_->db, "SELECT why_none FROM colocation");
  if (!why.step()) return std::nullopt;
  model::Colocation out{.why_none = why.text(0)};
  Statement rows(impl_->db, "SELECT table_name, colocated FROM table_placements ORDER BY rowid");
  while (rows.step()) {
    std::optional<std::vector<std::string>>& names = rows.integer(1) != 0 ? out.colocated : out.sharded;
    if (!names) names.emplace();
    names->push_back(rows.text(0));
  }
  return out;
}

std::map<std::string, std::string> AssessmentDb::object_types() {
  Statement rows(impl_->db,
                 "SELECT schema_name || '.' || object_name, coalesce(object_type, '') FROM object_type_mapping "
                 "WHERE source_node = 'primary' ORDER BY 1");
  std::map<std::string, std::string> out;
  while (rows.step()) out.emplace_hint(out.end(), rows.text(0), rows.text(1));
  return out;
}

}  // namespace voyager::format
