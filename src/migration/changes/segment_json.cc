#include "migration/changes/segment_json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "format/segment.h"
#include "model/changes.h"

namespace voyager::migration {
namespace {

using Json = nlohmann::ordered_json;
using model::BeforeKind;
using model::Change;
using model::ChangeKind;
using model::ChangeTable;
using model::ChangeValue;
using model::ValueKind;

Json fields_of(const ChangeTable& table, std::span<const ChangeValue> tuple, bool keys_only) {
  Json out = Json::object();
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    if (tuple[i].kind == ValueKind::kUnchanged || (keys_only && !table.columns[i].key)) continue;
    const std::string& name = table.columns[i].name.catalog_text();
    out[name] = tuple[i].kind == ValueKind::kNull ? Json() : Json(std::string(tuple[i].text));
  }
  return out;
}

class Lines {
 public:
  Lines(std::string exporter_role, const std::function<void(const std::string&)>& line)
      : exporter_role_(std::move(exporter_role)), line_(line) {}

  void add(const Change& change, std::int64_t vsn) {
    if (change.kind == ChangeKind::kBegin) {
      transaction_ = change.text;
      place_ = 0;
    }
    if (!change.numbered()) return;
    ++place_;
    Json event = {{"vsn", vsn}};
    if (change.kind == ChangeKind::kControl) {
      event["op"] = change.text;
      name(event, nullptr);
    } else if (change.kind == ChangeKind::kTruncate) {
      event["op"] = "t";
      name(event, nullptr);
      event["tables"] = Json::array();
      for (const ChangeTable* table : change.tables) event["tables"].push_back(model::quoted(table->leaf));
    } else if (change.kind == ChangeKind::kCascade) {
      // The table whose row was changed, and those that its foreign keys reach.
      event["op"] = "cascade";
      name(event, change.tables.front());
      event["fields"] = fields_of(*change.tables.front(), change.after, false);
      event["before_fields"] = fields_of(*change.tables.front(), change.before, false);
      event["tables"] = Json::array();
      for (const ChangeTable* table : change.tables) event["tables"].push_back(model::quoted(table->leaf));
    } else {
      row(event, change);
    }
    event["event_id"] =
        change.kind == ChangeKind::kControl ? Json() : Json(fmt::format("{},{},{}", transaction_, place_, place_));
    event["exporter_role"] = exporter_role_;
    line_(event.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

 private:
  static void name(Json& event, const ChangeTable* table) {
    event["schema_name"] = table == nullptr ? Json() : Json(table->name.schema.catalog_text());
    event["table_name"] = table == nullptr ? Json() : Json(table->name.name.catalog_text());
    if (table != nullptr && table->leaf != table->name) {
      event["partition_schema_name"] = table->leaf.schema.catalog_text();
      event["partition_table_name"] = table->leaf.name.catalog_text();
    }
  }

  static void row(Json& event, const Change& change) {
    const ChangeTable& table = *change.table;
    event["op"] = change.kind == ChangeKind::kInsert ? "c" : change.kind == ChangeKind::kUpdate ? "u" : "d";
    name(event, &table);
    event["key"] = fields_of(table, change.before.empty() ? change.after : change.before, true);
    event["fields"] = fields_of(table, change.after, false);
    event["before_fields"] = fields_of(table, change.before, change.before_kind == BeforeKind::kKey);
  }

  const std::string exporter_role_;
  const std::function<void(const std::string&)>& line_;
  std::string transaction_ = {};
  std::uint64_t place_ = 0;
};

}  // namespace

void segment_as_json(const std::filesystem::path& segment, const std::function<void(const std::string&)>& line) {
  format::SegmentReader reader(segment);
  Lines lines(reader.header().exporter_role, line);
  model::ChangeTables tables;
  format::SegmentBlock block;
  while (reader.next(block)) {
    model::ChangeReader records(block.records, tables);
    Change change;
    std::int64_t vsn = block.first_vsn;
    while (records.next(change)) {
      lines.add(change, vsn);
      if (change.numbered()) ++vsn;
    }
    if (records.fault()) {
      throw base::Error({.code = "DIR-006",
                         .exit = base::ExitCode::kState,
                         .title = "a segment holds what is no change: " + segment.string(),
                         .cause = records.fault()->what});
    }
  }
}

}  // namespace voyager::migration
