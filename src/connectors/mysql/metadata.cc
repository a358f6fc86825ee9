#include "connectors/mysql/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/files.h"
#include "base/text.h"

namespace voyager::mysql {
namespace {

using Field = std::optional<std::string>;

// One CSV file, written when it is whole.
class Csv {
 public:
  Csv(const MetadataInput& input, std::filesystem::path path, std::string_view columns)
      : node_(input.node), path_(std::move(path)), text_(fmt::format("source_node,{}\n", columns)) {}

  void add(const std::vector<Field>& fields) {
    text_ += quoted(node_);
    for (const Field& one : fields) text_ += "," + (one ? quoted(*one) : std::string());
    text_ += '\n';
  }
  void finish() const { base::write_file_atomically(path_, text_); }

 private:
  static std::string quoted(const std::string& text) {
    if (!text.empty() && text.find_first_of(",\"\n\r") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"') out += c;
      out += c;
    }
    return out + "\"";
  }

  const std::string node_;
  const std::filesystem::path path_;
  std::string text_;
};

// As information_schema names a type: without its numbers.
std::string bare_type(const std::string& type) {
  const std::size_t open = type.find('(');
  if (open == std::string::npos || type.starts_with('"')) return type;
  return type.substr(0, open) + type.substr(std::min(type.find(')', open) + 1, type.size()));
}

struct Size {
  std::uint64_t rows = 0, bytes = 0, index_bytes = 0;
};

struct Load {
  std::uint64_t reads = 0, inserts = 0, updates = 0, deletes = 0;
};

class Writer {
 public:
  Writer(const MetadataInput& input, const std::filesystem::path& folder)
      : input_(input), folder_(folder), schema_(input.conversion.schema.catalog_text()) {
    for (int row = 0; row < input.sizes.rows(); ++row) {
      const Size size{input.sizes.number(row, 2), input.sizes.number(row, 3), input.sizes.number(row, 4)};
      Size& all = sizes_[{input.sizes.string(row, 0), ""}];
      all.rows += size.rows;
      all.bytes += size.bytes;
      all.index_bytes += size.index_bytes;
      if (!input.sizes.is_null(row, 1)) sizes_[{input.sizes.string(row, 0), input.sizes.string(row, 1)}] = size;
    }
    first_ = loads_of(input.load_first);
    last_ = loads_of(input.load_last);
  }

  void run() {
    write_objects();
    write_columns();
    write_load(first_, "initial");
    write_load(last_, "final");
    write_usage();
    write_redundant();
    write_source_objects();
    if (input_.scanned) write_unfit();
    write_gathered();
  }

 private:
  using Loads = std::map<std::pair<std::string, std::string>, Load>;

  static Loads loads_of(const Result& rows) {
    Loads out;
    for (int row = 0; row < rows.rows(); ++row)
      out[{rows.string(row, 0), rows.string(row, 1)}] = {rows.number(row, 2), rows.number(row, 3), rows.number(row, 4),
                                                         rows.number(row, 5)};
    return out;
  }

  // Of a table: over all ways to its rows.
  static Load load_of(const Loads& loads, const ConvertedTable& table) {
    Load sum;
    for (auto one = loads.lower_bound({table.source_name, ""});
         one != loads.end() && one->first.first == table.source_name; ++one) {
      sum.reads += one->second.reads;
      sum.inserts += one->second.inserts;
      sum.updates += one->second.updates;
      sum.deletes += one->second.deletes;
    }
    return sum;
  }
  static Load load_of(const Loads& loads, const ConvertedTable& table, const ConvertedIndex& index) {
    const auto found = loads.find({table.source_name, index.source_name});
    return found == loads.end() ? Load() : found->second;
  }

  Size size_of(const ConvertedTable& table, const std::string& partition = {}) const {
    const auto found = sizes_.find({table.source_name, partition});
    return found == sizes_.end() ? Size() : found->second;
  }
  static const std::string& name_of(const ConvertedTable& table) { return table.table.name.name.catalog_text(); }
  static const char* type_of(const ConvertedIndex& index) { return index.primary ? "primary key" : "index"; }
  static std::string columns_of(const ConvertedIndex& index) {
    return std::to_string(1 +
                          std::ranges::count(index.sql.substr(std::min(index.sql.find('('), index.sql.size())), ','));
  }

  // The server tells of all secondary indexes of a table together; each gets its share.
  std::string bytes_of(const ConvertedTable& table, const ConvertedIndex& index) const {
    const auto secondary = std::ranges::count(table.indexes, false, &ConvertedIndex::primary);
    if (index.primary || secondary == 0) return "0";
    return std::to_string(size_of(table).index_bytes / static_cast<std::uint64_t>(secondary));
  }

  void write_objects() {
    Csv types(input_, folder_ / "object-type-mapping.csv", "schema_name,object_name,object_type");
    Csv sizes(input_, folder_ / "table-index-sizes.csv", "schema_name,object_name,object_type,size_in_bytes");
    Csv rows(input_, folder_ / "table-row-counts.csv", "schema_name,table_name,row_count");
    Csv counts(input_, folder_ / "table-columns-count.csv", "schema_name,object_name,object_type,column_count");
    Csv indexes(input_, folder_ / "index-to-table-mapping.csv", "index_schema,index_name,table_schema,table_name");
    for (const ConvertedTable& table : input_.conversion.tables) {
      const std::string columns = std::to_string(table.columns.size());
      const auto add = [&](const std::string& name, const char* type, const std::optional<Size>& size) {
        types.add({schema_, name, type});
        counts.add({schema_, name, type, columns});
        sizes.add({schema_, name, type, size ? Field(std::to_string(size->bytes)) : Field("0")});
        rows.add({schema_, name, size ? Field(std::to_string(size->rows)) : Field("0")});
      };
      if (table.partitions.empty()) {
        add(name_of(table), "table", size_of(table));
      } else {
        add(name_of(table), "partitioned table", std::nullopt);
        for (const ConvertedPartition& part : table.partitions)
          add(part.name, "table", size_of(table, part.source_name));
      }
      for (const ConvertedIndex& index : table.indexes) {
        types.add({schema_, index.name, type_of(index)});
        counts.add({schema_, index.name, type_of(index), columns_of(index)});
        sizes.add({schema_, index.name, type_of(index), bytes_of(table, index)});
        indexes.add({schema_, index.name, schema_, name_of(table)});
      }
    }
    for (const Csv* one : {&types, &sizes, &rows, &counts, &indexes}) one->finish();
  }

  void write_columns() {
    Csv csv(input_, folder_ / "table-columns-data-types.csv", "schema_name,table_name,column_name,data_type");
    for (const ConvertedTable& table : input_.conversion.tables) {
      for (const ConvertedColumn& column : table.columns)
        csv.add({schema_, name_of(table), column.column.name.catalog_text(), bare_type(column.column.type)});
    }
    csv.finish();
  }

  void write_load(const Loads& loads, const std::string& moment) {
    Csv csv(input_, folder_ / fmt::format("table-index-iops-{}.csv", moment),
            "schema_name,object_name,object_type,seq_reads,row_writes,measurement_type");
    const bool known = !loads.empty();
    for (const ConvertedTable& table : input_.conversion.tables) {
      const Load load = load_of(loads, table);
      csv.add({schema_, name_of(table), table.partitions.empty() ? "table" : "partitioned table",
               known ? Field(std::to_string(load.reads)) : Field(),
               known ? Field(std::to_string(load.inserts + load.updates + load.deletes)) : Field(), moment});
      for (const ConvertedIndex& index : table.indexes)
        csv.add(
            {schema_, index.name, type_of(index), known ? Field("0") : Field(), known ? Field("0") : Field(), moment});
    }
    csv.finish();
  }

  void write_usage() {
    if (last_.empty()) return;
    Csv csv(input_, folder_ / "table-index-usage-stats.csv",
            "schema_name,object_name,object_type,parent_table_name,scans,inserts,updates,deletes");
    for (const ConvertedTable& table : input_.conversion.tables) {
      const auto add = [&](const std::string& name, const char* type, const Field& parent, const Load& load) {
        csv.add({schema_, name, type, parent, std::to_string(load.reads), std::to_string(load.inserts),
                 std::to_string(load.updates), std::to_string(load.deletes)});
      };
      add(name_of(table), "table", Field(), load_of(last_, table));
      for (const ConvertedIndex& index : table.indexes)
        add(index.name, type_of(index), name_of(table), load_of(last_, table, index));
    }
    csv.finish();
  }

  // An index is redundant when another of its table begins with all of its parts.
  static bool covers(const IndexRow& existing, const IndexRow& index) {
    if (existing.type != index.type || existing.parts.size() < index.parts.size()) return false;
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
      const IndexPart &a = existing.parts[i], &b = index.parts[i];
      if (a.column != b.column || a.expression != b.expression || a.prefix != b.prefix || a.descending != b.descending)
        return false;
    }
    // Of two that are equal the one with the larger name goes.
    return existing.parts.size() > index.parts.size() || existing.unique || existing.name < index.name;
  }

  void write_redundant() {
    Csv csv(input_, folder_ / "redundant-indexes.csv",
            "redundant_schema_name,redundant_table_name,redundant_index_name,existing_schema_name,existing_table_name,"
            "existing_index_name,redundant_ddl,existing_ddl");
    for (const ConvertedTable& table : input_.conversion.tables) {
      const TableRow& row = *std::ranges::find(input_.catalog.tables, table.source_name, &TableRow::name);
      const auto of = [&](const ConvertedIndex& one) -> const IndexRow& {
        return *std::ranges::find(row.indexes, one.source_name, &IndexRow::name);
      };
      for (const ConvertedIndex& index : table.indexes) {
        if (of(index).unique || of(index).type != "BTREE") continue;
        const auto existing = std::ranges::find_if(table.indexes, [&](const ConvertedIndex& one) {
          return one.name != index.name && covers(of(one), of(index));
        });
        if (existing == table.indexes.end()) continue;
        csv.add({schema_, name_of(table), index.name, schema_, name_of(table), existing->name, without_end(index.sql),
                 without_end(existing->sql)});
      }
    }
    csv.finish();
  }
  static std::string without_end(std::string sql) {
    if (sql.ends_with(';')) sql.pop_back();
    return sql;
  }

  void write_source_objects() {
    Csv csv(input_, folder_ / "source-objects.csv", "object_type,object_name,outcome,reason,statement");
    for (const connector::CatalogueObject& one : input_.conversion.objects) {
      const std::string name = schema_ + "." + one.name;
      if (!one.not_written.empty()) csv.add({one.kind, name, "not translated", one.not_written, one.statement});
      if (one.not_written.empty() && !one.change.empty()) csv.add({one.kind, name, "changed", one.change, Field()});
    }
    csv.finish();
  }

  void write_unfit() {
    Csv csv(input_, folder_ / "unfit-values.csv",
            "schema_name,table_name,column_name,what,row_count,examples,proposed_rule");
    for (const UnfitValues& one : input_.unfit) {
      csv.add({schema_, name_of(*one.table), one.column->column.name.catalog_text(), one.what, std::to_string(one.rows),
               base::join(one.examples, "\n"), one.rule});
    }
    csv.finish();
  }

  void write_gathered() {
    nlohmann::ordered_json unseen = nlohmann::ordered_json::array();
    const auto add = [&unseen](const char* what, std::string why, const char* fix) {
      unseen.push_back({{"what", what}, {"why", std::move(why)}, {"fix", fix}});
    };
    if (last_.empty()) {
      add("reads and writes per second",
          "the server counts none by table: performance_schema is off, or the user may not read it",
          "set performance_schema = ON in my.cnf and restart the server, or GRANT SELECT ON performance_schema.* to "
          "the "
          "user");
    }
    add("the application's queries", "they are written for MySQL: whether the target knows what they use is not judged",
        "");
    add("columns with many nulls or one frequent value", "the server keeps no such statistics", "");
    if (!input_.scanned) add("values that the target cannot hold", "the rows were not read", "assess with --data-scan");
    if (!input_.scan_note.empty()) add("some of the rows", input_.scan_note, "assess with --data-scan-rows 0");
    const nlohmann::ordered_json json = {{"format_version", 1},
                                         {"gathered_at", base::utc_now()},
                                         {"iops_capture_interval", input_.load_interval},
                                         {"server_version", input_.version_text},
                                         {"database", input_.catalog.database},
                                         {"schemas", {schema_}},
                                         {"not_gathered", unseen}};
    base::write_file_atomically(folder_ / "gathered.json", json.dump() + "\n");
  }

  const MetadataInput& input_;
  const std::filesystem::path folder_;
  const std::string schema_;
  std::map<std::pair<std::string, std::string>, Size> sizes_ = {};
  Loads first_ = {}, last_ = {};
};

}  // namespace

void write_metadata(const MetadataInput& input, const std::filesystem::path& folder) {
  Writer(input, folder).run();
}

}  // namespace voyager::mysql
