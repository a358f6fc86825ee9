#include "report/object_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/text.h"
#include "report/json_text.h"
#include "report/page.h"
#include "report/page_table.h"

namespace voyager::report {
namespace {

using model::ObjectOutcome;
using model::SchemaObject;
using nlohmann::ordered_json;

constexpr std::size_t kRowsMax = 500;

std::string_view word_of(ObjectOutcome outcome) {
  switch (outcome) {
    case ObjectOutcome::kMoved:
      return "moved";
    case ObjectOutcome::kMovedWithChange:
      return "moved with a change";
    case ObjectOutcome::kLeftOut:
      return "left out";
  }
  return "";
}

ordered_json object_json(const SchemaObject& object) {
  ordered_json json = {{"kind", object.kind},
                       {"schema", object.schema},
                       {"name", object.name},
                       {"outcome", std::string(word_of(object.outcome))}};
  if (object.outcome == ObjectOutcome::kMovedWithChange) json["change"] = object.note;
  if (object.outcome == ObjectOutcome::kLeftOut) json["reason"] = object.note;
  if (!object.statement.empty()) json["statement"] = object.statement;
  return json;
}

ordered_json counts_json(const model::OutcomeCounts& counts) {
  return {{"all", counts.all()},
          {"moved", counts.moved},
          {"moved_with_a_change", counts.moved_with_change},
          {"left_out", counts.left_out}};
}

std::vector<const SchemaObject*> chosen(const std::vector<SchemaObject>& objects, bool properties) {
  std::vector<const SchemaObject*> found;
  for (const SchemaObject& one : objects) {
    if (one.property == properties) found.push_back(&one);
  }
  return found;
}

std::string counts_text(const model::OutcomeCounts& counts) {
  return fmt::format("{} moved, {} with a change, {} left out", base::format_count(counts.moved),
                     base::format_count(counts.moved_with_change), base::format_count(counts.left_out));
}

std::string full_name(const SchemaObject& object) {
  return object.schema.empty() ? object.name : object.schema + "." + object.name;
}

std::string table_html(const std::vector<SchemaObject>& objects, ObjectOutcome outcome, std::string_view caption,
                       std::string_view why) {
  PageTable table(std::string(caption), {{"Object"}, {"Kind"}, {std::string(why)}, {"Statement"}});
  std::size_t count = 0;
  for (const SchemaObject& one : objects) {
    if (one.outcome != outcome || ++count > kRowsMax) continue;
    table.row({escape_html(full_name(one)), escape_html(one.kind), escape_html(one.note),
               one.statement.empty()
                   ? ""
                   : folded_html("show", "<pre>" + escape_html(base::beginning(one.statement, 2000)) + "</pre>")});
  }
  if (count == 0) return {};
  const std::string more = count <= kRowsMax ? std::string()
                                             : fmt::format("<p>And {} more, in reports/objects.json.</p>",
                                                           base::format_count(count - kRowsMax));
  return folded_html(fmt::format("{}: {}", caption, base::format_count(count)), table.html() + more, count <= 20);
}

}  // namespace

std::string object_report_json(const model::ObjectReport& report) {
  JsonText json(2, ' ');
  json.member("format_version", 1);
  json.member("voyager_version", report.program_version);
  json.member("made_at", report.made_at);
  json.member("source_database_name", report.database);
  json.member("schemas", report.schemas);
  json.member("schema_import", report.schema_import);
  json.member("counts", {{"objects", counts_json(model::count_outcomes(report.objects, false))},
                         {"properties", counts_json(model::count_outcomes(report.objects, true))}});
  for (const bool properties : {false, true}) {
    const char* key = properties ? "properties" : "objects";
    const std::vector<const SchemaObject*> some = chosen(report.objects, properties);
    if (some.empty()) {
      json.member(key, ordered_json::array());
    } else {
      json.list(key, some, [](const SchemaObject* one) { return object_json(*one); });
    }
  }
  return std::move(json).finish();
}

std::string object_section_html(const std::vector<SchemaObject>& objects) {
  const model::OutcomeCounts of_objects = model::count_outcomes(objects, false);
  const model::OutcomeCounts of_properties = model::count_outcomes(objects, true);
  std::string html = fmt::format("<p>Objects in the source's catalogue: {}. {}.</p>",
                                 base::format_count(of_objects.all()), escape_html(counts_text(of_objects)));
  if (of_properties.all() > 0)
    html += fmt::format("<p>Comments, rights, labels and settings: {}. {}.</p>",
                        base::format_count(of_properties.all()), escape_html(counts_text(of_properties)));
  html += table_html(objects, ObjectOutcome::kLeftOut, "Left out", "Why");
  html += table_html(objects, ObjectOutcome::kMovedWithChange, "Moved with a change", "What changed");
  return html + "<p>All of them are in reports/objects.json.</p>";
}

std::string object_summary(const std::vector<SchemaObject>& objects) {
  const model::OutcomeCounts counts = model::count_outcomes(objects, false);
  return fmt::format("{} objects in the source's catalogue: {}", base::format_count(counts.all()), counts_text(counts));
}

}  // namespace voyager::report
