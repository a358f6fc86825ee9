#include "migration/snapshot/export_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/text.h"
#include "format/target_tables.h"
#include "migration/schema/guardrails.h"
#include "migration/snapshot/chunk_scheduler.h"
#include "migration/snapshot/export_identity.h"

namespace voyager::migration {

model::Identifier default_schema_of(const std::vector<model::Identifier>& schemas) {
  return schemas.size() == 1 ? schemas[0] : model::Identifier("public");
}

std::string exported_name(const model::TableName& table, const model::Identifier& default_schema) {
  return table.schema == default_schema ? model::display(table.name) : model::display(table);
}

model::RowFormat choose_format(const model::Table& table, const model::Table* target, DataFormat wanted) {
  if (model::is_large_objects(table.kind)) {
    return table.kind == model::TableKind::kLargeObjectRights ? model::RowFormat::kText : model::RowFormat::kBinary;
  }
  if (wanted == DataFormat::kText) return model::RowFormat::kText;
  if (wanted == DataFormat::kBinary) return model::RowFormat::kBinary;
  if (target == nullptr) return model::RowFormat::kText;
  for (const model::Column& column : table.columns) {
    if (column.generated) continue;
    const auto same =
        std::ranges::find_if(target->columns, [&](const model::Column& one) { return one.name == column.name; });
    if (same == target->columns.end() || column.wire_type.empty() || same->wire_type != column.wire_type) {
      return model::RowFormat::kText;
    }
  }
  return model::RowFormat::kBinary;
}

namespace {

nlohmann::json snapshot_notes(format::DocumentLedger& db) {
  const nlohmann::json notes = nlohmann::json::parse(db.json("export_snapshot"), nullptr, false);
  return notes.is_object() ? notes : nlohmann::json::object();
}

}  // namespace

void note_snapshot(format::DocumentLedger& db, const std::string& text, bool raw_bytes) {
  db.set_json("export_snapshot", nlohmann::json{{"text", text}, {"raw_bytes", raw_bytes}}.dump());
}

std::string noted_snapshot(format::DocumentLedger& db) {
  return snapshot_notes(db).value("text", "");
}

bool exported_raw_bytes(format::DocumentLedger& db) {
  return snapshot_notes(db).value("raw_bytes", false);
}

void forget_snapshot(format::MigrationState& db) {
  db.in_transaction([&] {
    note_export_forgotten(db);
    db.clear_snapshot();
    db.set_json(kValueChanges, "");
  });
}

std::vector<model::Table> noted_target_tables(format::DocumentLedger& db) {
  const std::string text = db.json("target_tables");
  return text.empty() ? std::vector<model::Table>() : format::target_tables_from_json(text);
}

std::vector<model::Sequence> sequences_in_scope(std::vector<model::Sequence> all,
                                                const std::vector<model::PlannedTable>& plan, bool limited) {
  if (!limited) return all;
  std::erase_if(all, [&](const model::Sequence& sequence) {
    return std::ranges::none_of(plan, [&](const model::PlannedTable& table) {
      return table.table.name == sequence.owner_table || table.table.root == sequence.owner_table;
    });
  });
  return all;
}

ExportedTables exported_tables(const std::vector<model::PlannedTable>& plan, bool limited) {
  ExportedTables out{.limited = limited};
  std::set<std::string> known;
  for (const model::PlannedTable& table : plan) {
    if (model::is_large_objects(table.table.kind)) continue;
    const std::string root = model::quoted(table.table.root);
    const std::string leaf = model::quoted(table.table.name);
    if (known.insert(root).second) out.roots.push_back(root);
    out.leaves.push_back(leaf);
    if (root != leaf) out.root_of_leaf[leaf] = root;
  }
  return out;
}

bool is_limited(const model::TableList& tables) {
  return !tables.include.empty() || !tables.exclude.empty();
}

namespace {

void add_large_objects(const PlanRequest& request, std::vector<model::Table>& tables, model::Dialogue& dialogue) {
  const bool wanted = request.options.large_objects.value_or(!is_limited(request.options.tables));
  const std::vector<model::Table> there = request.snapshot.large_objects();
  if (there.empty()) return;
  if (wanted) {
    tables.insert(tables.end(), there.begin(), there.end());
    if (request.options.with_changes) {
      dialogue.notice(model::NoticeLevel::kWarning,
                      "changes of large objects are in no log: they arrive as the snapshot shows them");
    }
  } else {
    dialogue.notice(model::NoticeLevel::kWarning, fmt::format("{} large objects are left out (--large-objects true "
                                                              "exports them)",
                                                              there[0].estimated_rows));
  }
}

}  // namespace

void plan_snapshot(const PlanRequest& request, format::DocumentLedger& documents, format::PlanLedger& plans,
                   model::Dialogue& dialogue) {
  const ExportDataOptions& options = request.options;
  const std::vector<model::Table> all = request.snapshot.tables();
  const model::Identifier default_schema = default_schema_of(request.source.schemas);
  std::vector<model::Table> tables = model::select_tables(all, options.tables, default_schema);
  add_large_objects(request, tables, dialogue);
  if (options.run_guardrails) {
    answer_findings(request.product.source_preflight(request.source)->check_export_data(tables), options.command,
                    dialogue);
  }
  // What the target has may have been noted by import schema, or asked for just now.
  const std::vector<model::Table> target =
      request.target_columns ? *request.target_columns : noted_target_tables(documents);

  DataFormat form = options.format;
  if (request.snapshot.raw_bytes()) {
    // Only text can be read in an encoding that is given for the import.
    form = DataFormat::kText;
    dialogue.notice(
        model::NoticeLevel::kWarning,
        fmt::format("the source's database knows no encoding: texts are exported byte by byte. Where the target's "
                    "database has one, rows that are no valid text in it are refused and named; {} --encoding X reads "
                    "them as X",
                    options.to_files ? "import data" : options.command));
  }
  std::vector<model::Table> planned;
  std::uint64_t bytes = 0;
  for (model::Table& table : tables) {
    if (table.kind == model::TableKind::kPartitionRoot) continue;
    // One that was made a moment ago is not captured: it is not taken along by half.
    if (request.published != nullptr && !request.published->contains(table.name)) continue;
    bytes += table.bytes;
    planned.push_back(std::move(table));
  }
  const std::vector<model::RangeSpace> spaces = request.snapshot.range_spaces(planned);
  std::map<model::TableName, const model::Table*> on_target;
  for (const model::Table& table : target) on_target[table.name] = &table;
  std::vector<model::PlannedTable> plan;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    const auto there = on_target.find(planned[i].root);
    const model::RowFormat rows = choose_format(planned[i], there == on_target.end() ? nullptr : there->second, form);
    plan.push_back({.table = std::move(planned[i]), .rows = rows, .space = spaces[i], .next = spaces[i].all.begin});
  }
  if (options.to_files) warn_of_disk_space(bytes, options.compress, options.export_dir / "data", dialogue);
  const bool limited = is_limited(options.tables);
  const std::vector<model::Sequence> sequences = sequences_in_scope(request.snapshot.sequences(), plan, limited);
  documents.in_transaction([&] {
    plans.save_plan(plan);
    plans.save_sequences(sequences);
    change_record(documents, [&](MigrationRecord& record) { record.tables = exported_tables(plan, limited); });
  });
}

void warn_of_disk_space(std::uint64_t table_bytes, bool compressed, const std::filesystem::path& data_dir,
                        model::Dialogue& dialogue) {
  // Compression is not promised to help, but a third is what ordinary rows come to.
  const std::uint64_t needed = compressed ? table_bytes / 3 : table_bytes;
  const std::uint64_t there = base::free_bytes(data_dir);
  if (there >= needed) return;
  dialogue.notice(model::NoticeLevel::kWarning,
                  fmt::format("the export may need about {} but {} has {} free", base::format_bytes(needed),
                              data_dir.string(), base::format_bytes(there)));
}

}  // namespace voyager::migration
