#include "report/verify_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "base/text.h"
#include "report/style.h"
#include "report/text_width.h"

namespace voyager::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;
constexpr std::size_t kChunksNamed = 12;
constexpr std::string_view kMissing = "missing on the target";

std::string safe(std::string_view text, const TextStyle& style) {
  const std::string out = printable(text);
  return style.ascii ? to_ascii(out) : out;
}

const char* in_words(Difference difference) {
  switch (difference) {
    case Difference::kMissingOnTarget:
      return "missing on target";
    case Difference::kOnlyOnTarget:
      return "only on target";
    case Difference::kDifferent:
      return "different";
  }
  return "different";
}

std::string counted(std::uint64_t number, const char* one, const char* many) {
  return fmt::format("{} {}", base::format_count(number), number == 1 ? one : many);
}

std::uint64_t rows_compared(const VerifyResult& result) {
  std::uint64_t rows = 0;
  for (const VerifiedTable& table : result.tables) rows += table.source_rows;
  return rows;
}

std::uint64_t tables_differing(const VerifyResult& result) {
  return static_cast<std::uint64_t>(
      std::count_if(result.tables.begin(), result.tables.end(), [](const VerifiedTable& one) { return !one.equal; }));
}

std::string verdict_line(const VerifyResult& result, const TextStyle& style) {
  const std::string scope =
      fmt::format("{}, {}, {} compared in {}", counted(result.objects_compared, "object", "objects"),
                  counted(result.tables.size(), "table", "tables"), counted(rows_compared(result), "row", "rows"),
                  base::format_duration(result.seconds));
  const std::string up_to = result.equal_up_to.empty() ? "" : " as of " + safe(result.equal_up_to, style);
  if (is_equal(result)) return painted("equal" + up_to, Paint::kGood, style.colour) + ": " + scope + "\n";
  if (is_moving(result)) {
    return painted("still moving", Paint::kWarn, style.colour) +
           fmt::format(": rows of {} changed each time they were compared, everything else is equal{}; {}\n",
                       counted(tables_differing(result), "table", "tables"), up_to, scope);
  }
  return painted("different", Paint::kBad, style.colour) +
         fmt::format(": {} and {} differ; {}\n", counted(result.objects.size(), "object", "objects"),
                     counted(tables_differing(result), "table", "tables"), scope);
}

/// A definition may have several lines; all but the first stand below the first one's text.
std::string definition_lines(const char* side, const std::string& definition, const TextStyle& style) {
  std::string out;
  for (const std::string& line : base::split(base::mask_secrets(definition), '\n')) {
    out += fmt::format("    {:<8}{}\n", out.empty() ? side : "", safe(line, style));
  }
  return out;
}

/// Kinds of which the source has several and the target nothing.
std::set<std::string> kinds_all_missing(const VerifyResult& result) {
  std::map<std::string, std::size_t> missing;
  for (const VerifiedObject& one : result.objects) {
    if (one.difference == Difference::kMissingOnTarget) ++missing[one.kind];
  }
  std::set<std::string> out;
  for (const auto& [kind, count] : missing) {
    const auto known = result.kinds.find(kind);
    if (count > 1 && known != result.kinds.end() && known->second == count) out.insert(kind);
  }
  return out;
}

std::string objects_text(const VerifyResult& result, const TextStyle& style) {
  if (result.objects.empty()) return {};
  std::string out = "\n" + painted("Objects", Paint::kBold, style.colour) + "\n";
  const std::set<std::string> all_missing = kinds_all_missing(result);
  for (const std::string& kind : all_missing) {
    out += fmt::format("  {}: {}, all {} of the source\n", painted("missing on target", Paint::kWarn, style.colour),
                       safe(kind, style), base::format_count(result.kinds.at(kind)));
  }
  for (const VerifiedObject& object : result.objects) {
    if (object.difference == Difference::kMissingOnTarget && all_missing.contains(object.kind)) continue;
    out += fmt::format("  {}: {} {}\n", painted(in_words(object.difference), Paint::kWarn, style.colour),
                       safe(object.kind, style), safe(object.name, style));
    if (!object.source.empty()) out += definition_lines("source", object.source, style);
    if (!object.target.empty()) out += definition_lines("target", object.target, style);
    if (!object.fix.empty()) out += definition_lines("fix", object.fix, style);
  }
  return out;
}

std::string intended_text(const std::vector<VerifiedObject>& objects, const TextStyle& style) {
  std::string indexes;
  std::string options;
  for (const VerifiedObject& object : objects)
    (object.kind == "index" ? indexes : options) += fmt::format("  {}\n", safe(object.name, style));
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  const auto headed = [&](const std::string& text, const char* one, const char* many, const char* why) {
    return text.empty()
               ? text
               : fmt::format("\n{} {}:\n{}", counted(static_cast<std::uint64_t>(lines(text)), one, many), why, text);
  };
  return headed(indexes, "index is", "indexes are", "missing on purpose (schema/tables/redundant_indexes.sql)") +
         headed(options, "storage parameter was", "storage parameters were",
                "left out, which the target does not know");
}

std::string notes_text(const VerifyResult& result, const TextStyle& style) {
  std::string out;
  for (const std::string& note : result.notes) out += fmt::format("\nnote: {}\n", safe(note, style));
  if (!result.not_compared.empty())
    out += fmt::format("\nnot compared: {}\n", safe(base::join(result.not_compared, "; "), style));
  return out;
}

std::string chunk_list(const std::vector<std::uint32_t>& chunks) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(chunks.size(), kChunksNamed); ++i) names.push_back(std::to_string(chunks[i]));
  std::string out = base::join(names, ", ");
  if (chunks.size() > kChunksNamed) out += fmt::format(" and {} more", chunks.size() - kChunksNamed);
  return out;
}

std::string table_details(const VerifiedTable& table, const TextStyle& style) {
  if (table.chunks_differing.empty() && table.keys.empty() && table.error.empty() && table.moving == 0) return {};
  std::string out = "  " + safe(table.table, style) + "\n";
  if (!table.error.empty()) {
    out += fmt::format("    not compared: {}\n", safe(base::mask_secrets(table.error), style));
  }
  if (!table.chunks_differing.empty()) {
    out += fmt::format("    chunks {} of {}: {}\n", base::format_count(table.chunks_differing.size()),
                       base::format_count(table.chunks), chunk_list(table.chunks_differing));
  }
  for (const VerifiedKey& key : table.keys)
    out += fmt::format("    {}: {}\n", in_words(key.difference), safe(key.key, style));
  if (table.keys_cut && (table.moving == 0 || !table.keys.empty())) out += "    more keys differ\n";
  if (table.moving > 0) {
    out += fmt::format(
        "    {}{} changed each time they were compared: compare this table again while it is written to less, or "
        "after the cutover\n",
        table.keys_cut ? "at least " : "", counted(table.moving, "row", "rows"));
  }
  return out;
}

std::string tables_text(const std::vector<VerifiedTable>& tables, const TextStyle& style) {
  TextTable counts{.columns = {{"TABLE"},
                               {"SOURCE ROWS", Align::kRight},
                               {"TARGET ROWS", Align::kRight},
                               {"CHUNKS DIFFERING", Align::kRight}}};
  std::string details;
  const bool nothing_there =
      tables.size() > 1 && std::ranges::all_of(tables, [](const VerifiedTable& one) { return one.error == kMissing; });
  if (nothing_there)
    return fmt::format("\nRows\n  the target has none of the {} tables\n", base::format_count(tables.size()));
  for (const VerifiedTable& table : tables) {
    if (table.equal) continue;
    const bool compared = table.error.empty();
    counts.rows.push_back(
        {table.table, compared ? base::format_count(table.source_rows) : "?",
         compared ? base::format_count(table.target_rows) : "?",
         compared ? fmt::format("{} of {}", table.chunks_differing.size(), table.chunks) : "not compared"});
    details += table_details(table, style);
  }
  if (counts.rows.empty()) return {};
  return "\n" + table_text(counts, style) + (details.empty() ? "" : "\n" + details);
}

Json objects_json(const std::vector<VerifiedObject>& objects) {
  Json out = Json::array();
  for (const VerifiedObject& object : objects) {
    out.push_back({{"difference", to_string(object.difference)},
                   {"kind", object.kind},
                   {"name", object.name},
                   {"source", base::mask_secrets(object.source)},
                   {"target", base::mask_secrets(object.target)},
                   {"fix", object.fix}});
  }
  return out;
}

Json keys_json(const std::vector<VerifiedKey>& keys) {
  Json out = Json::array();
  for (const VerifiedKey& key : keys) out.push_back({{"difference", to_string(key.difference)}, {"key", key.key}});
  return out;
}

}  // namespace

const char* to_string(Difference difference) {
  switch (difference) {
    case Difference::kMissingOnTarget:
      return "missing_on_target";
    case Difference::kOnlyOnTarget:
      return "only_on_target";
    case Difference::kDifferent:
      return "different";
  }
  return "different";
}

bool is_moving(const VerifyResult& result) {
  return result.objects.empty() && tables_differing(result) > 0 &&
         std::ranges::all_of(result.tables, [](const VerifiedTable& one) {
           return one.equal || (one.moving > 0 && one.keys.empty() && one.error.empty());
         });
}

bool is_equal(const VerifyResult& result) {
  return result.objects.empty() && tables_differing(result) == 0;
}

std::string verify_text(const VerifyResult& result, const TextStyle& style) {
  return verdict_line(result, style) + objects_text(result, style) + tables_text(result.tables, style) +
         intended_text(result.intended, style) + notes_text(result, style);
}

std::string verify_json(const VerifyResult& result) {
  Json tables = Json::array();
  for (const VerifiedTable& table : result.tables) {
    tables.push_back({{"table", table.table},
                      {"equal", table.equal},
                      {"source_rows", table.source_rows},
                      {"target_rows", table.target_rows},
                      {"chunks", table.chunks},
                      {"chunks_differing", table.chunks_differing},
                      {"keys", keys_json(table.keys)},
                      {"keys_cut", table.keys_cut},
                      {"moving", table.moving},
                      {"error", base::mask_secrets(table.error)}});
  }
  const Json out = {{"format_version", kFormatVersion},
                    {"verdict", is_equal(result)    ? "equal"
                                : is_moving(result) ? "moving"
                                                    : "different"},
                    {"equal_up_to", result.equal_up_to},
                    {"seconds", result.seconds},
                    {"objects_compared", result.objects_compared},
                    {"tables_compared", result.tables.size()},
                    {"rows_compared", rows_compared(result)},
                    {"objects", objects_json(result.objects)},
                    {"missing_on_purpose", objects_json(result.intended)},
                    {"not_compared", result.not_compared},
                    {"notes", result.notes},
                    {"tables", tables}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace voyager::report
