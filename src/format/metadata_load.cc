#include "format/metadata_load.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/error.h"
#include "format/csv.h"
#include "format/metadata_tables.h"
#include "format/numbers.h"
#include "format/query_csv.h"

namespace voyager::format {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNodeFolder = "node-";
constexpr std::string_view kNodeColumn = "source_node";
constexpr std::string_view kQueriesTable = "db_queries_summary";
constexpr std::string_view kLoadTable = "table_index_iops";

/// A folder with the files of one node.
struct NodeFolder {
  std::string node = {};
  fs::path path = {};
  bool primary() const { return node == kPrimaryNode; }
};

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) entries.push_back(entry.path());
  if (error) {
    throw base::Error({.code = "ASM-010",
                       .exit = base::ExitCode::kUsage,
                       .title = "the gathered metadata cannot be read",
                       .where = folder.string(),
                       .cause = error.message(),
                       .fix = {"name the folder that the script wrote to"},
                       .then = "an earlier assessment was left as it is"});
  }
  std::ranges::sort(entries);
  return entries;
}

// The primary first: where nodes know of the same query, its notes come first.
std::vector<NodeFolder> node_folders(const fs::path& metadata) {
  std::vector<NodeFolder> folders;
  for (const fs::path& path : entries_of(metadata)) {
    const std::string name = path.filename().string();
    if (name.starts_with(kNodeFolder) && fs::is_directory(path))
      folders.push_back({.node = name.substr(kNodeFolder.size()), .path = path});
  }
  if (folders.empty()) folders.push_back({.node = std::string(kPrimaryNode), .path = metadata});
  std::ranges::stable_partition(folders, &NodeFolder::primary);
  return folders;
}

class MetadataLoader {
 public:
  explicit MetadataLoader(SqliteConnection& db) : db_(db) {}

  void load(const NodeFolder& folder) {
    nodes_.try_emplace(folder.node, false);
    std::set<std::string> tables;
    for (const fs::path& file : entries_of(folder.path)) {
      if (file.extension() != ".csv") continue;
      const std::string name = table_of_file(file.filename().string());
      const auto table = std::ranges::find(metadata_tables(), name, &MetadataTable::name);
      if (name == kQueriesTable) {
        load_queries(file, folder.node);
      } else if (table != metadata_tables().end()) {
        load_table(file, *table, folder.node);
      }
      tables.insert(name);
    }
    if (folder.primary()) check_needed(folder, tables);
  }

  void note_nodes() {
    Statement insert(db_, "INSERT INTO source_nodes VALUES (?1, ?2, ?3)");
    for (const auto& [node, has_queries] : nodes_) insert.bind(node, node == kPrimaryNode, has_queries).run();
  }

 private:
  /// Where the columns of the table stand in the file.
  static std::vector<std::size_t> places_of(const CsvReader& csv, const MetadataTable& table) {
    std::vector<std::size_t> places;
    for (const MetadataColumn& column : table.columns) {
      const std::optional<std::size_t> place = csv.column(column.name);
      if (!place) csv.fail(fmt::format("the header misses the column {}", column.name));
      places.push_back(*place);
    }
    return places;
  }

  static std::string insert_text(const MetadataTable& table) {
    std::string columns(kNodeColumn), values = "?1";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      columns += fmt::format(", {}", table.columns[i].name);
      values += fmt::format(", ?{}", i + 2);
    }
    return fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING", table.name, columns, values);
  }

  void load_table(const fs::path& file, const MetadataTable& table, const std::string& default_node) {
    CsvReader csv(file);
    const std::vector<std::size_t> places = places_of(csv, table);
    const std::optional<std::size_t> node_place = csv.column(kNodeColumn);
    Statement insert(db_, insert_text(table));
    while (csv.next()) {
      insert.reset();
      insert.bind_at(1, node_of(csv, node_place, default_node));
      for (std::size_t i = 0; i < places.size(); ++i)
        bind_value(csv, csv.values()[places[i]], table.columns[i], insert, static_cast<int>(i) + 2);
      if (table.name == kLoadTable) check_reading(csv, csv.values()[places.back()].text);
      insert.run();
      if (!table.repeats && sqlite3_changes(db_.handle()) == 0)
        csv.fail("a record before describes the same object of the same node");
    }
  }

  std::string_view node_of(const CsvReader& csv, std::optional<std::size_t> place, const std::string& default_node) {
    const std::string_view node = place ? csv.values()[*place].text : std::string_view(default_node);
    if (node.empty()) csv.fail(fmt::format("the column {} is empty", kNodeColumn));
    if (!nodes_.contains(node)) nodes_.emplace(node, false);
    return node;
  }

  static void bind_value(const CsvReader& csv, const CsvValue& value, const MetadataColumn& column, Statement& insert,
                         int parameter) {
    const auto refuse = [&](const char* why) {
      csv.fail(fmt::format("\"{}\" in the column {} is {}", value.text, column.name, why));
    };
    if (value.text.empty()) {
      if (column.value == MetadataValue::kKey) csv.fail(fmt::format("the column {} is empty", column.name));
      if (column.value == MetadataValue::kText && value.quoted) insert.bind_at(parameter, value.text);
    } else if (column.value == MetadataValue::kInteger) {
      const std::optional<std::int64_t> number = read_integer(value.text);
      if (!number) refuse("not an integer");
      insert.bind_at(parameter, number);
    } else if (column.value == MetadataValue::kReal) {
      const std::optional<double> number = read_real(value.text);
      if (!number) refuse("not a number");
      insert.bind_at(parameter, number);
    } else {
      insert.bind_at(parameter, value.text);
    }
  }

  static void check_reading(const CsvReader& csv, std::string_view type) {
    if (type != "initial" && type != "final")
      csv.fail(fmt::format("the measurement_type \"{}\" is neither initial nor final", type));
  }

  void load_queries(const fs::path& file, const std::string& default_node) {
    CsvReader csv(file);
    QueryCsv queries(csv);
    const std::optional<std::size_t> node_place = csv.column(kNodeColumn);
    std::map<std::string, std::vector<model::QueryStatistics>, std::less<>> by_node;
    while (csv.next()) {
      const std::string node(node_of(csv, node_place, default_node));
      if (auto query = queries.read()) by_node[node].push_back(std::move(*query));
    }
    Statement insert(db_, "INSERT INTO db_queries_summary VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    for (auto& [node, own] : by_node) {
      nodes_.find(node)->second = true;
      for (const model::QueryStatistics& one : model::merge_by_text(std::move(own))) {
        insert
            .bind(node, one.id, one.query, one.calls, one.rows, one.total_ms, one.mean_ms, one.min_ms, one.max_ms,
                  one.stddev_ms)
            .run();
      }
    }
  }

  static void check_needed(const NodeFolder& folder, const std::set<std::string>& tables) {
    std::vector<std::string> missing;
    for (const MetadataTable& table : metadata_tables()) {
      if (!table.needed || tables.contains(std::string(table.name))) continue;
      std::string file(table.name);
      std::ranges::replace(file, '_', '-');
      missing.push_back(file + ".csv");
    }
    if (missing.empty()) return;
    throw base::Error({.code = "ASM-010",
                       .exit = base::ExitCode::kUsage,
                       .title = "the gathered metadata is not complete",
                       .where = folder.path.string(),
                       .cause = fmt::format("missing: {}", fmt::join(missing, ", ")),
                       .fix = {"name the folder that the script wrote to, with all that is in it",
                               "or run the script again, to its end"},
                       .then = "an earlier assessment was left as it is"});
  }

  SqliteConnection& db_;
  std::map<std::string, bool, std::less<>> nodes_ = {};  ///< Whether it has queries, by name.
};

}  // namespace

void load_metadata(const fs::path& metadata, SqliteConnection& db) {
  const std::vector<NodeFolder> folders = node_folders(metadata);
  if (!folders.front().primary()) {
    throw base::Error(
        {.code = "ASM-010",
         .exit = base::ExitCode::kUsage,
         .title = "the gathered metadata is not complete",
         .where = metadata.string(),
         .cause = "there is no folder node-primary; the replicas alone do not tell how large the tables are",
         .fix = {"run the script against the primary with the node name \"primary\" into the same folder"},
         .then = "an earlier assessment was left as it is"});
  }
  MetadataLoader loader(db);
  for (const NodeFolder& folder : folders) loader.load(folder);
  loader.note_nodes();
}

}  // namespace voyager::format
