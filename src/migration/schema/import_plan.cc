#include "migration/schema/import_plan.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/files.h"
#include "migration/optimize/optimize_schema.h"
#include "migration/schema/object_types.h"

namespace voyager::migration {
namespace {

using model::PostDataStatement;
using sql::ConstraintKind;
using sql::StatementKind;
using Waits = PostDataStatement::Kind;

/// When a statement runs that does not wait for rows. Objects come first; what changes them follows once all are there.
enum Phase { kObjects, kSequenceAlters, kTableAlters, kIndexAlters };

Phase phase_of(const SchemaStatement& statement) {
  // A partition is attached before there are indexes: indexes made on both afterwards stay unfinished on the upper
  // table.
  if (!statement.info.alter || statement.info.kind == StatementKind::kAttachPartition) return kObjects;
  if (statement.file == kSequenceFile) return kSequenceAlters;
  if (statement.file == kTableFile) return kTableAlters;
  if (statement.file == kIndexFile) return kIndexAlters;
  return kObjects;
}

/// Settings that a program writes into a schema for its own sake: the one hides what the server notes of a statement,
/// the other is not known to servers before 17.
bool is_of_the_writer(const std::string& setting) {
  return setting == "client_min_messages" || setting == "transaction_timeout";
}

class Planner {
 public:
  explicit Planner(const PlanOptions& options) : options_(options) {}

  void read(const std::filesystem::path& folder, const std::string& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / file, ignored)) return;
    const std::string text = base::read_file(folder / file);
    std::vector<SessionSetting>& settings = plan_.settings.emplace_back();
    std::vector<std::string> acting_as;
    sql::read_file_statements(text, [&](sql::FileStatement&& one) {
      if (one.info.kind == StatementKind::kSession) {
        // Who gives a right is a part of it.
        if (one.info.setting == "session_authorization") acting_as = one.info.roles;
        return add_setting(one, settings);
      }
      one.info.roles.insert(one.info.roles.end(), acting_as.begin(), acting_as.end());
      const bool other_name = one.info.names_database && !options_.database.empty();
      statements_.push_back(
          {.file = file,
           .line = one.piece.line,
           .sql = other_name ? sql::with_database(one.piece.sql(), options_.database) : std::string(one.piece.sql()),
           .fingerprint = sql::fingerprint(one.piece.sql()),
           .info = std::move(one.info),
           .file_number = plan_.settings.size() - 1,
           .settings = settings.size()});
    });
  }

  ImportPlan finish() {
    for (const SchemaStatement& statement : statements_) note_names(statement.info);
    for (const SchemaStatement& statement : statements_) note_waiting(statement.info);
    for (SchemaStatement& statement : statements_) place(statement);
    std::ranges::stable_sort(plan_.run, {}, phase_of);
    std::ranges::stable_sort(plan_.rights, {},
                             [](const SchemaStatement& one) { return one.info.kind == StatementKind::kRights; });
    std::ranges::stable_sort(plan_.after_rows, {}, &PostDataStatement::kind);
    return std::move(plan_);
  }

 private:
  void add_setting(const sql::FileStatement& one, std::vector<SessionSetting>& settings) {
    const std::string& name = one.info.setting;
    if (is_of_the_writer(name)) return;
    if (options_.sharding || !name.starts_with(kShardingSettingPrefix)) {
      settings.push_back({std::string(one.piece.sql()), name});
      return;
    }
    std::vector<std::string>& known = plan_.settings_left_out;
    if (std::ranges::find(known, name) == known.end()) known.push_back(name);
  }

  void note_names(const sql::Statement& info) {
    if (info.kind == StatementKind::kCreateMaterializedView) {
      plan_.materialized_views.push_back(info.object);
      materialized_.insert(info.object);
    }
    if (info.kind == StatementKind::kCreateTable) plan_.tables.push_back(info.object);
    if (info.kind == StatementKind::kAddConstraint && info.constraint.not_valid)
      not_valid_.insert({info.table, info.object});
  }

  /// What uses an index may stand in a file above that of the index.
  void note_waiting(const sql::Statement& info) {
    const bool makes_one = info.kind == StatementKind::kCreateIndex || info.kind == StatementKind::kAddConstraint;
    if (!makes_one || belongs_to_not_valid(info)) return;
    const std::optional<Waits> kind = waits(info);
    if (kind) table_of_waiting_.emplace(info.object, info.table);
    if (kind == Waits::kForeignKey) foreign_keys_.insert({info.table, info.object});
  }

  void place(SchemaStatement& statement) {
    const sql::Statement& info = statement.info;
    if (options_.sharding && info.replica_identity) {
      // It says what the log of the source holds of a change. The target writes another log.
      ++plan_.replica_identities_left_out;
    } else if (info.event_trigger || info.kind == StatementKind::kSetting) {
      plan_.last.push_back(std::move(statement));
    } else if (info.kind == StatementKind::kOwner || info.kind == StatementKind::kRights) {
      plan_.rights.push_back(std::move(statement));
    } else if (belongs_to_not_valid(info)) {
      plan_.after_all.push_back(std::move(statement));
    } else if (const std::optional<Waits> kind = waits(info)) {
      add_waiting(*kind, statement);
    } else {
      plan_.run.push_back(std::move(statement));
    }
  }

  bool belongs_to_not_valid(const sql::Statement& info) const {
    return (info.kind == StatementKind::kAddConstraint || info.kind == StatementKind::kCommentOnConstraint) &&
           not_valid_.contains({info.table, info.object});
  }

  std::optional<Waits> waits(const sql::Statement& info) const {
    if (options_.indexes_before_rows) return std::nullopt;
    switch (info.kind) {
      case StatementKind::kCreateIndex:
        // A materialized view gets no rows from us; its indexes are filled when it is refreshed.
        return materialized_.contains(info.table) ? std::nullopt : std::optional(Waits::kIndex);
      case StatementKind::kAddConstraint:
        return constraint_waits(info.constraint);
      case StatementKind::kAttachIndex:
        return is_waiting(info.object) || is_waiting(info.table) ? std::optional(Waits::kAttach) : std::nullopt;
      case StatementKind::kUsesIndex:
      case StatementKind::kAltersIndex:
      case StatementKind::kCommentOnConstraint:
        // Foreign keys come last, and in this order.
        if (foreign_keys_.contains({info.table, info.object})) return Waits::kForeignKey;
        [[fallthrough]];
      case StatementKind::kCommentOnIndex:
        return is_waiting(info.object) ? std::optional(Waits::kOther) : std::nullopt;
      default:
        return std::nullopt;
    }
  }

  static std::optional<Waits> constraint_waits(const sql::ConstraintInfo& constraint) {
    switch (constraint.kind) {
      case ConstraintKind::kUnique:
      case ConstraintKind::kExclusion:
        return constraint.using_index ? Waits::kOther : Waits::kUnique;
      case ConstraintKind::kForeignKey:
        return Waits::kForeignKey;
      default:
        return std::nullopt;
    }
  }

  bool is_waiting(const model::TableName& object) const { return table_of_waiting_.contains(object); }

  model::TableName table_of(Waits kind, const sql::Statement& info) const {
    if (kind == Waits::kAttach) {
      const auto upper = table_of_waiting_.find(info.table);
      const auto lower = table_of_waiting_.find(info.object);
      return upper != table_of_waiting_.end() ? upper->second : lower->second;
    }
    const bool of_index = info.kind == StatementKind::kCommentOnIndex || info.kind == StatementKind::kAltersIndex;
    return of_index ? table_of_waiting_.at(info.object) : info.table;
  }

  void add_waiting(Waits kind, const SchemaStatement& statement) {
    const sql::Statement& info = statement.info;
    const model::TableName table = table_of(kind, info);
    plan_.after_rows.push_back({.kind = kind,
                                .table = table,
                                .object = info.object.name.catalog_text(),
                                .sql = statement.sql,
                                .file = statement.file,
                                .line = statement.line});
  }

  const PlanOptions& options_;
  ImportPlan plan_ = {};
  std::vector<SchemaStatement> statements_ = {};
  std::set<std::pair<model::TableName, model::TableName>> not_valid_ = {};     ///< Table and constraint.
  std::map<model::TableName, model::TableName> table_of_waiting_ = {};         ///< Index or constraint to its table.
  std::set<std::pair<model::TableName, model::TableName>> foreign_keys_ = {};  ///< Table and constraint, waiting.
  std::set<model::TableName> materialized_ = {};
};

bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// As it stands within the quotes of SQL.
std::string with_doubled_quotes(const std::string& name) {
  std::string text;
  for (const char c : name) text += c == '"' ? "\"\"" : std::string(1, c);
  return text;
}

}  // namespace

bool holds_name(const std::string& text, const std::string& name) {
  if (name.empty()) return false;
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !continues_name(text[at - 1])) && (end == text.size() || !continues_name(text[end]))) return true;
  }
  return false;
}

ImportPlan make_import_plan(const std::filesystem::path& schema_folder, const PlanOptions& options) {
  Planner planner(options);
  for (const std::string& file : options.files) planner.read(schema_folder, file);
  return planner.finish();
}

bool wait_for_named(const SchemaStatement& statement, const std::string& message,
                    std::vector<PostDataStatement>& after_rows) {
  const auto named = std::ranges::find_if(after_rows, [&](const PostDataStatement& one) {
    return holds_name(message, one.object) && holds_name(statement.sql, with_doubled_quotes(one.object));
  });
  if (named == after_rows.end()) return false;
  const model::TableName table = named->table;
  after_rows.push_back({.kind = Waits::kOther,
                        .table = table,
                        .object = statement.info.object.name.catalog_text(),
                        .sql = statement.sql,
                        .file = statement.file,
                        .line = statement.line});
  return true;
}

}  // namespace voyager::migration
