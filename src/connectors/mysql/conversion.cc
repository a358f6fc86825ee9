#include "connectors/mysql/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/mysql/expression.h"
#include "connectors/mysql/names.h"
#include "connectors/mysql/partitions.h"
#include "connectors/mysql/routine.h"
#include "connectors/mysql/tokens.h"
#include "connectors/mysql/type_rules.h"
#include "connectors/mysql/values.h"
#include "connectors/mysql/view.h"
#include "sql/plpgsql.h"
#include "sql/splitter.h"
#include "sql/statement.h"

namespace voyager::mysql {
namespace {

using connector::CatalogueObject;
using model::display;
using model::Identifier;

constexpr std::size_t kLabelBytesMax = 63;

bool is_text(const SourceType& type) {
  return type.form == Form::kText || type.form == Form::kEnum || type.form == Form::kSet;
}

bool is_varying_text(std::string_view type) {
  return type == "text" || type.starts_with("character varying");
}

// `sql` in one pair of parentheses, which it may have already.
std::string in_parentheses(const std::string& sql) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql[i] == '\'') quoted = !quoted;
    if (quoted) continue;
    if (sql[i] == '(') ++depth;
    if (sql[i] == ')') --depth;
    if (depth == 0 && i + 1 < sql.size()) return "(" + sql + ")";
  }
  return sql.starts_with('(') ? sql : "(" + sql + ")";
}

// What a table is like beyond what the interface of others tells.
struct Draft {
  const TableRow* row = nullptr;
  std::vector<std::string> changes = {};
  NameSpace constraints = {};
  Partitioning partitions = {};
  std::vector<std::string> lines = {};             ///< Of CREATE TABLE.
  std::set<std::vector<std::string>> unique = {};  ///< Sorted source columns of its keys, whole values only.
  std::string key = {};
};

/// A column by the places of its table and of itself.
struct Member {
  std::size_t table = 0;
  std::size_t column = 0;
  auto operator<=>(const Member&) const = default;
};

class Converter {
 public:
  Converter(const Catalog& catalog, const Identifier& schema)
      : catalog_(catalog), type_rules_(parse_type_rules(catalog.type_rules)) {
    out_.schema = schema;
  }

  Conversion run() {
    name_relations();
    for (std::size_t i = 0; i < drafts_.size(); ++i) describe_columns(i);
    unify_foreign_keys();
    for (std::size_t i = 0; i < drafts_.size(); ++i) settle_columns(i);
    for (std::size_t i = 0; i < drafts_.size(); ++i) write_table(i);
    for (const SequenceRow& one : catalog_.sequences) write_own_sequence(one);
    for (std::size_t i = 0; i < drafts_.size(); ++i) write_indexes(i);
    for (std::size_t i = 0; i < drafts_.size(); ++i) write_foreign_keys(i);
    for (std::size_t i = 0; i < drafts_.size(); ++i) write_comments(i);
    write_views();
    for (const CodeRow& one : catalog_.code) write_code(one);
    std::ranges::sort(out_.tables, {}, [](const ConvertedTable& one) { return one.table.name; });
    return std::move(out_);
  }

 private:
  // --- names ---------------------------------------------------------------------------------------------------------

  model::TableName qualified(std::string name) const { return {out_.schema, Identifier(std::move(name))}; }
  std::string in_schema(const std::string& name) const { return display(qualified(name)); }

  // Tables and views keep their letters where folding would make two of them one.
  void name_relations() {
    std::map<std::string, int> users;
    for (const TableRow& one : catalog_.tables) ++users[folded(one.name)];
    for (const ViewRow& one : catalog_.views) ++users[folded(one.name)];
    for (const SequenceRow& one : catalog_.sequences) ++users[folded(one.name)];
    const auto name_of = [&](const std::string& name) {
      const std::string lower = folded(name);
      return relations_.take(users[lower] > 1 ? name : lower, name);
    };
    for (const TableRow& one : catalog_.tables) {
      ConvertedTable table{.source_name = one.name};
      table.table.name = table.table.root = qualified(name_of(one.name));
      table.table.bytes = one.bytes;
      table.table.estimated_rows = one.estimated_rows;
      table.transactional = base::equals_ignoring_case(one.engine, "InnoDB") ||
                            base::equals_ignoring_case(one.engine, "RocksDB") ||
                            base::equals_ignoring_case(one.engine, "ndbcluster");
      table_of_[one.name] = out_.tables.size();
      out_.tables.push_back(std::move(table));
      drafts_.push_back({.row = &one});
    }
    for (const ViewRow& one : catalog_.views) view_names_[one.name] = name_of(one.name);
    for (const SequenceRow& one : catalog_.sequences) sequence_names_[one.name] = name_of(one.name);
  }

  // --- columns -------------------------------------------------------------------------------------------------------

  void describe_columns(std::size_t index) {
    ConvertedTable& table = out_.tables[index];
    Draft& draft = drafts_[index];
    NameSpace names;
    for (const ColumnRow& row : draft.row->columns) {
      if (row.system) continue;
      ConvertedColumn column{.source_name = row.name};
      std::string name = folded(row.name);
      if (is_system_column(name)) name += "_";
      column.column.name = Identifier(names.take(name, row.name));
      if (column.column.name.catalog_text() != folded(row.name))
        draft.changes.push_back(fmt::format("column {} is called {}", row.name, display(column.column.name)));
      std::optional<SourceType> type = parse_type(row.type);
      if (!type) {
        draft.changes.push_back(
            fmt::format("column {} of the type {}, which is not known, is text", row.name, row.type));
        type = SourceType{.form = Form::kOther, .name = "unknown"};
      }
      if (is_json(*draft.row, row, *type)) type = SourceType{.form = Form::kJson, .name = "json"};
      column.source_type = std::move(*type);
      column.charset = row.charset;
      set_type(column.column, target_type(column.source_type));
      column.why = why_of(column.source_type, row.type);
      if (const TypeRule* rule = type_rule_for(type_rules_, table.source_name, row.name, row.type)) {
        use_rule(table, row, rule->target, fmt::format("the rule {}", rule->text), column);
      } else if (column.source_type.form == Form::kEnum && labels_fit(column.source_type)) {
        set_type(column.column, {});  // It gets its name when it is known which columns have the type.
      }
      column.column.not_null = !row.nullable;
      table.columns.push_back(std::move(column));
    }
    note_source_properties(index);
  }

  static void set_type(model::Column& column, const TargetType& type) {
    column.type = column.value_type = type.type;
    column.wire_type = type.wire_type;
  }

  static std::string why_of(const SourceType& type, const std::string& source_type) {
    switch (type.form) {
      case Form::kInteger:
        return "the smallest type that holds every value";
      case Form::kTimestamp:
        return "it is a moment, which is read in UTC";
      case Form::kJson:
        return source_type == "json" ? "keeps every byte of the text" : "it has a check that it is JSON";
      case Form::kGeometry:
        return "hexadecimal EWKB, which needs no extension";
      case Form::kBoolean:
        return "one bit";
      case Form::kSet:
        return "labels with commas between them, with a check";
      case Form::kOther:
        return type.name == "unknown" ? "its type is not known" : "the type of the same values";
      default:
        return "the type of the same values";
    }
  }

  void use_rule(const ConvertedTable& table, const ColumnRow& row, const std::string& target, const std::string& why,
                ConvertedColumn& column) const {
    const std::optional<Recasted> found = recast(column.source_type, target);
    const bool counts = !row.auto_increment || target == "smallint" || target == "integer" || target == "bigint";
    if (!found || !counts) {
      base::fail(
          base::ExitCode::kUsage, fmt::format("{}.{} cannot become {}", table.source_name, row.name, target),
          fmt::format("it is {}{}, and {} says so", row.type, counts ? "" : " and counts up", why),
          {fmt::format("what it can become: {}", counts ? recasts_of(column.source_type) : "smallint, integer, bigint"),
           "or narrow the rule: --type-rules 'TABLE.COLUMN:SOURCE-TYPE=TYPE', or put another one in front of it"});
    }
    set_type(column.column, found->type);
    column.source_type.recast = found->recast;
    column.why = why;
    column.by_rule = true;
  }

  // MariaDB's JSON is a text with a check.
  static bool is_json(const TableRow& table, const ColumnRow& column, const SourceType& type) {
    if (type.name != "longtext") return false;
    return std::ranges::any_of(table.checks, [&](const CheckRow& one) { return checks_json(one, column.name); });
  }
  static bool checks_json(const CheckRow& check, const std::string& column) {
    const std::vector<Token> tokens = tokens_of(check.clause);
    return tokens.size() == 5 && base::equals_ignoring_case(tokens[0].text, "json_valid") && tokens[2].text == column;
  }

  static bool labels_fit(const SourceType& type) {
    return std::ranges::all_of(type.labels, [](const std::string& one) { return one.size() <= kLabelBytesMax; });
  }

  // What depends on the types that columns have in the end.
  void settle_columns(std::size_t index) {
    for (std::size_t i = 0; i < out_.tables[index].columns.size(); ++i) {
      ConvertedColumn& column = out_.tables[index].columns[i];
      if (column.column.type.empty()) use_enum_type({index, i}, column);
      const ColumnRow& row = row_of(index, column);
      if (!row.auto_increment && row.generated.empty()) set_constant_default(row.default_value, column);
    }
    for (ConvertedColumn& column : out_.tables[index].columns) {
      const ColumnRow& row = row_of(index, column);
      if (!row.generated.empty()) column.column.generated = generated_as(index, row, column).has_value();
    }
  }

  // The columns of a foreign key share the type of one of them.
  void use_enum_type(const Member& member, ConvertedColumn& column) {
    const auto shared = enum_of_.find(member);
    const Member& owner = shared == enum_of_.end() ? member : shared->second;
    std::string& name = enum_names_[owner];
    if (name.empty()) {
      const ConvertedTable& table = out_.tables[owner.table];
      const ConvertedColumn& first = table.columns[owner.column];
      name = relations_.take(table.table.name.name.catalog_text() + "_" + first.column.name.catalog_text(),
                             table.source_name + "." + first.source_name + " type");
      std::string list;
      for (const std::string& one : first.source_type.labels)
        list += (list.empty() ? "\n    " : ",\n    ") + literal(one);
      add_object("TYPE", name, fmt::format("CREATE TYPE {} AS ENUM ({}\n);", in_schema(name), list));
    }
    column.column.type = in_schema(name);
    column.column.value_type = name;
  }

  // Said of the table as a whole: what its columns mean differently on the target.
  void note_source_properties(std::size_t index) {
    Draft& draft = drafts_[index];
    std::map<std::string, std::vector<std::string>> by_collation;
    std::vector<std::string> padded, spatial, invisible;
    for (const ConvertedColumn& one : out_.tables[index].columns) {
      const ColumnRow& row = row_of(index, one);
      if (is_text(one.source_type) && one.source_type.form == Form::kText &&
          row.collation.find("_ci") != std::string::npos)
        by_collation[row.collation].push_back(one.source_name);
      if (one.source_type.zerofill) padded.push_back(one.source_name);
      if (row.invisible) invisible.push_back(one.source_name);
      if (one.source_type.form == Form::kGeometry) spatial.push_back(one.source_name);
    }
    for (const auto& [collation, columns] : by_collation)
      draft.changes.push_back(fmt::format("{} took no notice of upper and lower case ({}); here they do",
                                          base::join(columns, ", "), collation));
    if (!padded.empty()) draft.changes.push_back(base::join(padded, ", ") + " are not padded with zeros any more");
    if (!invisible.empty())
      draft.changes.push_back(base::join(invisible, ", ") + " were invisible; here SELECT * shows them");
    if (!spatial.empty())
      draft.changes.push_back(base::join(spatial, ", ") +
                              " hold shapes as hexadecimal EWKB in a text column, which PostGIS casts to geometry");
    if (!out_.tables[index].transactional)
      draft.changes.push_back(fmt::format("its engine {} has no transactions on the source", draft.row->engine));
    if (draft.row->system_versioned)
      draft.changes.push_back("it was system-versioned: its present rows are carried, its history is not");
  }

  const ColumnRow& row_of(std::size_t index, const ConvertedColumn& column) const {
    return *std::ranges::find(drafts_[index].row->columns, column.source_name, &ColumnRow::name);
  }
  const ConvertedColumn* find_column(std::size_t index, std::string_view source_name) const {
    const auto& columns = out_.tables[index].columns;
    const auto found = std::ranges::find_if(
        columns, [&](const ConvertedColumn& one) { return base::equals_ignoring_case(one.source_name, source_name); });
    return found == columns.end() ? nullptr : &*found;
  }

  // What the user says of one side of a foreign key holds for the other, too.
  bool follow_rule(const std::vector<std::size_t>& group, const std::vector<Member>& members) {
    const auto column_of = [&](std::size_t i) -> ConvertedColumn& {
      return out_.tables[members[i].table].columns[members[i].column];
    };
    const auto ruled = std::ranges::find_if(group, [&](std::size_t i) { return column_of(i).by_rule; });
    if (ruled == group.end()) return false;
    const ConvertedColumn first = column_of(*ruled);
    const std::string name = out_.tables[members[*ruled].table].source_name + "." + first.source_name;
    for (const std::size_t i : group) {
      ConvertedColumn& column = column_of(i);
      const ConvertedTable& table = out_.tables[members[i].table];
      if (column.by_rule && column.column.type == first.column.type) continue;
      if (column.by_rule) {
        base::fail(base::ExitCode::kUsage,
                   fmt::format("{}.{} and {} are two sides of a foreign key, and rules give them different types",
                               table.source_name, column.source_name, name),
                   fmt::format("{}: {}; {}: {}", column.column.type, column.why, first.column.type, first.why),
                   {"give one of them a rule: the other side follows"});
      }
      use_rule(table, row_of(members[i].table, column), first.column.type,
               fmt::format("the foreign key to or from {}, which has {}", name, first.why), column);
    }
    return true;
  }

  // Both sides of a foreign key get one type; a key that counts up is one that a sequence can fill.
  void unify_foreign_keys() {
    std::vector<Member> members;
    std::map<Member, std::size_t> place;
    for (std::size_t t = 0; t < out_.tables.size(); ++t) {
      for (std::size_t c = 0; c < out_.tables[t].columns.size(); ++c) {
        place[{t, c}] = members.size();
        members.push_back({t, c});
      }
    }
    std::vector<std::size_t> parent(members.size());
    std::iota(parent.begin(), parent.end(), std::size_t{0});
    std::vector<bool> refers(members.size());
    const auto root = [&](std::size_t at) {
      while (parent[at] != at) at = parent[at] = parent[parent[at]];
      return at;
    };
    for (std::size_t t = 0; t < drafts_.size(); ++t) {
      for (const ForeignKeyRow& key : drafts_[t].row->foreign_keys) {
        const auto other = table_of_.find(key.other_table);
        if (key.other_schema != catalog_.database || other == table_of_.end()) continue;
        for (std::size_t i = 0; i < key.columns.size() && i < key.other_columns.size(); ++i) {
          const ConvertedColumn* a = find_column(t, key.columns[i]);
          const ConvertedColumn* b = find_column(other->second, key.other_columns[i]);
          if (a == nullptr || b == nullptr || key_obstacle(a->source_type, b->source_type) != nullptr) continue;
          const std::size_t child = place.at({t, static_cast<std::size_t>(a - out_.tables[t].columns.data())});
          parent[root(child)] =
              root(place.at({other->second, static_cast<std::size_t>(b - out_.tables[other->second].columns.data())}));
          refers[child] = true;
        }
      }
    }
    std::map<std::size_t, std::vector<std::size_t>> groups;
    for (std::size_t i = 0; i < members.size(); ++i) groups[root(i)].push_back(i);
    for (const auto& [first, group] : groups) {
      if (follow_rule(group, members)) continue;
      std::vector<Member> columns;
      for (const std::size_t i : group) columns.push_back(members[i]);
      // A type is called by what the others refer to.
      const auto referred = std::ranges::find_if(group, [&](std::size_t i) { return !refers[i]; });
      const Member owner = members[referred == group.end() ? group.front() : *referred];
      switch (column_at(owner).source_type.form) {
        case Form::kInteger:
          unify_numbers(columns);
          break;
        case Form::kEnum:
          if (columns.size() > 1) unify_enums(columns, owner);
          break;
        case Form::kBoolean:
        case Form::kBits:
          unify_bits(columns);
          break;
        default:
          break;
      }
    }
  }

  ConvertedColumn& column_at(const Member& member) { return out_.tables[member.table].columns[member.column]; }

  void unify_numbers(const std::vector<Member>& members) {
    Whole widest = Whole::kSmallint;
    bool counts = false;
    for (const Member& one : members) {
      widest = std::max(widest, whole_of(column_at(one).source_type));
      counts |= row_of(one.table, column_at(one)).auto_increment &&
                drafts_[one.table].row->auto_increment <=
                    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    }
    if (counts && widest == Whole::kNumeric) widest = Whole::kBigint;
    for (const Member& one : members) use_width(column_at(one), widest, members.size() > 1);
  }

  // Values of two enum types are never equal.
  void unify_enums(const std::vector<Member>& members, const Member& owner) {
    const std::vector<std::string>& labels = column_at(owner).source_type.labels;
    const bool one_type = std::ranges::all_of(members, [&](const Member& one) {
      return column_at(one).source_type.labels == labels && column_at(one).column.type.empty();
    });
    for (const Member& one : members) {
      ConvertedColumn& column = column_at(one);
      column.why = "both sides of a foreign key get one type";
      if (one_type) {
        enum_of_[one] = owner;
      } else {
        set_type(column.column, {"text", ""});
        column.why += ", and the labels of one are more than those of the other, so each has a check";
      }
    }
  }

  void unify_bits(const std::vector<Member>& members) {
    int longest = 1;
    for (const Member& one : members) longest = std::max(longest, column_at(one).source_type.length);
    for (const Member& one : members) {
      ConvertedColumn& column = column_at(one);
      if (std::max(1, column.source_type.length) == longest) continue;
      column.source_type.form = Form::kBits;
      column.source_type.bits = longest;
      set_type(column.column, target_type(column.source_type));
      column.why = "both sides of a foreign key get one type, the larger of the two";
    }
  }

  static void use_width(ConvertedColumn& column, Whole width, bool shared) {
    const TargetType type = target_type(width);
    if (type.type == column.column.type) return;
    set_type(column.column, type);
    column.why = shared ? "both sides of a foreign key get one type, the larger of the two"
                        : "it counts up, and a sequence gives no larger numbers";
  }

  // --- expressions ---------------------------------------------------------------------------------------------------

  static Kind kind_of(const ConvertedColumn& column) {
    switch (column.source_type.recast) {
      case Recast::kTruth:
        return Kind::kBoolean;
      case Recast::kMoment:
        return Kind::kTimestamp;
      case Recast::kLocal:
        return Kind::kDateTime;
      case Recast::kDuration:
      case Recast::kUuid:
        return Kind::kOther;
      default:
        break;
    }
    const bool text = is_varying_text(column.column.type);
    switch (column.source_type.form) {
      case Form::kInteger:
      case Form::kYear:
        // Division of numeric has digits behind the point.
        return text ? Kind::kOther : (column.column.type.starts_with("numeric") ? Kind::kNumber : Kind::kInteger);
      case Form::kDecimal:
        return text ? Kind::kOther : Kind::kNumber;
      case Form::kFloat:
      case Form::kDouble:
        return Kind::kFloat;
      case Form::kText:
        return Kind::kText;
      case Form::kDate:
        return Kind::kDate;
      case Form::kDateTime:
        return Kind::kDateTime;
      case Form::kTimestamp:
        return Kind::kTimestamp;
      case Form::kTime:
        return Kind::kTime;
      case Form::kEnum:
        return text ? Kind::kOther : Kind::kEnum;
      default:
        return Kind::kOther;
    }
  }

  // What the source's type holds.
  static Range range_of(const SourceType& type) {
    if (type.form == Form::kYear) return {0, 2155};
    constexpr std::array<std::pair<std::string_view, double>, 5> kSizes = {
        {{"tinyint", 0x1p8}, {"smallint", 0x1p16}, {"mediumint", 0x1p24}, {"int", 0x1p32}, {"bigint", 0x1p64}}};
    const auto* const size =
        std::ranges::find(kSizes, std::string_view(type.name), &decltype(kSizes)::value_type::first);
    const double count = size == kSizes.end() ? 0x1p64 : size->second;
    return type.is_unsigned ? Range{0, count - 1} : Range{-count / 2, count / 2 - 1};
  }

  // Whether the source takes whatever the value can be, or both sides refuse the same.
  static bool fits(const ConvertedColumn& column, const Operand& value) {
    const SourceType& type = column.source_type;
    const bool literal = value.sql.find_first_not_of("0123456789.") == std::string::npos;
    switch (type.form) {
      case Form::kYear:
        return value.year || (literal && Range{1901, 2155}.holds(value.range));
      case Form::kInteger: {
        const Range own = range_of(type);
        constexpr std::array<std::pair<std::string_view, double>, 3> kSigned = {
            {{"smallint", 0x1p15}, {"integer", 0x1p31}, {"bigint", 0x1p63}}};
        const bool same = std::ranges::any_of(kSigned, [&](const auto& one) {
          return column.column.type == one.first && own.holds({-one.second, one.second - 1});
        });
        const bool whole = value.kind == Kind::kInteger || value.is_unsigned;
        return same || value.kind == Kind::kBoolean || (whole && own.holds(value.range));
      }
      case Form::kFloat:
      case Form::kDouble:
        // float(7,2) rounds.
        if (type.length >= 0) return false;
        [[fallthrough]];
      case Form::kDecimal:
        return !type.is_unsigned || literal || (value.kind == Kind::kInteger && value.range.least >= 0);
      case Form::kText: {
        const std::string charset = charset_of(column);
        const bool unicode = charset == "utf8mb4" || charset.starts_with("utf16") || charset == "utf32";
        const bool holds = unicode || value.charset == charset || value.charset == "ascii";
        const double wide = charset.starts_with("utf8mb") ? 1 : 4;
        return holds && (text_limit(type) == kLong || value.bytes_most * wide <= text_limit(type));
      }
      case Form::kDateTime:
      case Form::kTimestamp:
      case Form::kTime:
        // One side cuts what is behind, the other rounds it.
        return value.digits <= std::max(0, type.length);
      default:
        return true;
    }
  }

  // Old servers call it utf8.
  static std::string charset_of(const ConvertedColumn& column) {
    return column.charset == "utf8" ? "utf8mb3" : column.charset;
  }

  // Of a type that has no length on the target, in bytes: what is more is an error there, or cut.
  static constexpr double kLong = 0x1p32;
  static double text_limit(const SourceType& type) {
    if (type.name == "tinytext") return 0x1p8 - 1;
    if (type.name == "text") return 0x1p16 - 1;
    return type.name == "mediumtext" ? 0x1p24 - 1 : kLong;
  }
  static double bytes_most(const ConvertedColumn& column) {
    constexpr double kOfACharacter = 4;
    const SourceType& type = column.source_type;
    if (type.length >= 0 && text_limit(type) == kLong) return type.length * kOfACharacter;
    return text_limit(type) * (charset_of(column).starts_with("utf8mb") ? 1 : kOfACharacter);
  }

  static Operand operand_of(const ConvertedColumn& column, std::string sql) {
    const bool whole = column.source_type.form == Form::kInteger || column.source_type.form == Form::kYear;
    const bool wide = column.column.type == "bigint" || column.column.type.starts_with("numeric");
    return {.sql = std::move(sql),
            .kind = kind_of(column),
            .narrow = (whole && !wide) || column.source_type.form == Form::kFloat,
            .range = whole ? range_of(column.source_type) : Range(),
            .is_unsigned = whole && range_of(column.source_type).least == 0,
            .padded = column.source_type.zerofill || column.source_type.form == Form::kYear,
            .year = column.source_type.form == Form::kYear,
            .charset = charset_of(column),
            .bytes_most = bytes_most(column),
            .digits = std::max(0, column.source_type.length),
            .labels = &column.source_type.labels};
  }

  Resolve columns_of(std::size_t index) const {
    return [this, index](const std::vector<std::string>& parts) -> std::optional<Operand> {
      const ConvertedColumn* column = find_column(index, parts.back());
      if (column == nullptr || parts.size() > 3) return std::nullopt;
      return operand_of(*column, display(column->column.name));
    };
  }

  // The expression of a generated column; nothing where it has no certain form, and then the column is an ordinary one.
  std::optional<std::string> generated_as(std::size_t index, const ColumnRow& row, const ConvertedColumn& column) {
    const Translation done = translate(row.generated, columns_of(index));
    Kind wanted = kind_of(column);
    const bool whole = wanted == Kind::kInteger;
    const bool number = whole || wanted == Kind::kNumber;
    const bool of_kind =
        done.value && (done.value->kind == wanted || done.value->kind == Kind::kNull ||
                       (number && (done.value->kind == Kind::kInteger || done.value->kind == Kind::kBoolean)));
    // Two columns of enums can have two types, and a label need not be one of the other.
    const bool labels = wanted == Kind::kEnum;
    // A sequence's or another generated column's value is not to be had on the target.
    const bool plain = uses_plain_columns(index, row.generated);
    if (!of_kind || labels || !plain || !fits(column, *done.value)) return std::nullopt;
    return done.value->kind == Kind::kBoolean && number ? fmt::format("({})::integer", done.value->sql)
                                                        : done.value->sql;
  }

  bool uses_plain_columns(std::size_t index, const std::string& expression) const {
    const std::vector<Token> tokens = tokens_of(expression);
    return std::ranges::none_of(drafts_[index].row->columns, [&](const ColumnRow& one) {
      return !one.generated.empty() && std::ranges::any_of(tokens, [&](const Token& token) {
        return token.kind == Token::Kind::kName && base::equals_ignoring_case(token.text, one.name);
      });
    });
  }

  // The default as the target writes it; nothing for none. What has no certain form is noted and left out.
  std::optional<std::string> default_of(std::size_t index, const ColumnRow& row, const ConvertedColumn& column) {
    if (!row.default_value || row.auto_increment || !row.generated.empty()) return std::nullopt;
    const std::vector<Token> tokens = tokens_of(*row.default_value);
    if (tokens.size() == 2 && base::equals_ignoring_case(tokens[0].text, "null") &&
        tokens[0].kind == Token::Kind::kWord)
      return std::nullopt;
    std::optional<std::string> found = column.default_sql;
    if (!found) found = computed_default(index, *row.default_value, column);
    if (!found)
      drafts_[index].changes.push_back(
          fmt::format("the default {} of column {} has no certain form and is left out", *row.default_value, row.name));
    return found;
  }

  std::optional<std::string> computed_default(std::size_t index, const std::string& text,
                                              const ConvertedColumn& column) const {
    const std::string lower = base::lower(text);
    if ((lower == "uuid()" || lower == "(uuid())") && column.source_type.form == Form::kText)
      return "gen_random_uuid()";
    const Translation done = translate(text, columns_of(index));
    if (!done.value) return std::nullopt;
    const Kind kind = kind_of(column);
    if (done.value->now && (kind == Kind::kDateTime || kind == Kind::kTimestamp)) {
      // The column's own precision cuts it: none needs to be said.
      return "CURRENT_TIMESTAMP";
    }
    const bool number = kind == Kind::kInteger || kind == Kind::kNumber;
    const bool alike = done.value->kind == kind || (number && done.value->kind == Kind::kInteger);
    if (alike && fits(column, *done.value)) return done.value->sql;
    return std::nullopt;
  }

  std::string next_key() { return std::to_string(++keys_); }

  // --- tables --------------------------------------------------------------------------------------------------------

  std::string add_object(std::string kind, std::string name, const std::string& sql, std::string change = {}) {
    std::string key = next_key();
    add_written(key, kind, name, sql);
    out_.objects.push_back({.key = key,
                            .kind = std::move(kind),
                            .schema = out_.schema.catalog_text(),
                            .name = std::move(name),
                            .change = std::move(change)});
    return key;
  }
  void add_part(std::string kind, std::string name, const std::string& sql, const std::string& said_of) {
    add_written({}, std::move(kind), std::move(name), sql);
    out_.written.back().said_of = said_of;
  }
  void add_written(std::string key, std::string kind, std::string name, const std::string& sql) {
    connector::WrittenObject object{
        .key = std::move(key), .kind = std::move(kind), .schema = out_.schema.catalog_text(), .name = std::move(name)};
    for (const sql::Piece& piece : sql::split_statements(sql)) object.statements.emplace_back(piece.sql());
    out_.written.push_back(std::move(object));
  }
  void leave_out(std::string kind, std::string name, std::string why, std::string statement = {}) {
    out_.objects.push_back({.key = next_key(),
                            .kind = std::move(kind),
                            .schema = out_.schema.catalog_text(),
                            .name = std::move(name),
                            .not_written = std::move(why),
                            .statement = std::move(statement),
                            .foreign_text = true});
  }
  // Of what stands in the statement of its table.
  void made_by_table(std::string kind, std::string name, const std::string& table, std::string change = {}) {
    out_.objects.push_back({.key = next_key(),
                            .kind = std::move(kind),
                            .schema = out_.schema.catalog_text(),
                            .name = std::move(name),
                            .made_by = table,
                            .change = std::move(change)});
  }
  void add_fact(std::string kind, std::string name, std::string definition) {
    out_.facts.push_back({std::move(kind), std::move(name), std::move(definition)});
  }

  const std::string& name_of(std::size_t index) const { return out_.tables[index].table.name.name.catalog_text(); }

  void write_table(std::size_t index) {
    ConvertedTable& table = out_.tables[index];
    Draft& draft = drafts_[index];
    draft.key = next_key();  // Reserved: what the table's parts say of it needs it.
    plan_partitions(index);
    for (ConvertedColumn& column : table.columns) {
      if (column.column.generated)
        column.generated_sql = in_parentheses(*generated_as(index, row_of(index, column), column));
    }
    for (const ConvertedColumn& column : table.columns) draft.lines.push_back(column_line(index, column));
    add_primary_key(index);
    add_checks(index);
    std::string sql = fmt::format("CREATE TABLE {} (", display(table.table.name));
    for (std::size_t i = 0; i < draft.lines.size(); ++i) sql += (i == 0 ? "\n    " : ",\n    ") + draft.lines[i];
    sql += "\n)";
    if (!draft.partitions.by.empty()) sql += "\nPARTITION BY " + draft.partitions.by;
    for (const ConvertedColumn& one : table.columns) table.table.columns.push_back(one.column);
    add_written(draft.key, "TABLE", name_of(index), sql + ";");
    out_.objects.push_back({.key = draft.key,
                            .kind = "TABLE",
                            .schema = out_.schema.catalog_text(),
                            .name = name_of(index),
                            .change = base::join(draft.changes, "; ")});
    add_partitions(index);
    add_clock_trigger(index);
  }

  std::string column_line(std::size_t index, const ConvertedColumn& column) {
    const ColumnRow& row = row_of(index, column);
    std::string line = display(column.column.name) + " " + column.column.type;
    if (!row.generated.empty()) {
      if (column.column.generated)
        return line + fmt::format(" GENERATED ALWAYS AS {} STORED{}", column.generated_sql,
                                  column.column.not_null ? " NOT NULL" : "");
      drafts_[index].changes.push_back(fmt::format(
          "column {} is an ordinary one with the source's values: what it is computed by, {}, has no certain "
          "form",
          row.name, row.generated));
    }
    if (row.auto_increment) {
      line += fmt::format(" DEFAULT nextval({}::regclass)", literal(add_sequence(index, column)));
    } else if (const auto value = default_of(index, row, column)) {
      line += " DEFAULT " + *value;
    }
    if (column.column.not_null) line += " NOT NULL";
    add_label_check(index, column);
    return line;
  }

  // A set is a list of labels with commas; an enum with labels that the target cannot keep is a text.
  void add_label_check(std::size_t index, const ConvertedColumn& column) {
    const bool set = column.source_type.form == Form::kSet;
    if (!set && !(column.source_type.form == Form::kEnum && is_varying_text(column.column.type))) return;
    std::string labels;
    for (const std::string& one : column.source_type.labels) labels += (labels.empty() ? "" : ", ") + literal(one);
    const std::string name = display(column.column.name);
    label_checks_[index].push_back(
        set ? fmt::format("string_to_array({}, ','::text) <@ ARRAY[{}]::text[]", name, labels)
            : fmt::format("{} = ANY (ARRAY[{}]::text[])", name, labels));
  }

  /// Returns the sequence's qualified name.
  std::string add_sequence(std::size_t index, const ConvertedColumn& column) {
    const std::string& column_name = column.column.name.catalog_text();
    const std::string name = relations_.take(fmt::format("{}_{}_seq", name_of(index), column_name),
                                             out_.tables[index].source_name + " sequence");
    const bool small = column.column.type == "smallint";
    const bool medium = column.column.type == "integer";
    const char* type = small ? "smallint" : (medium ? "integer" : "bigint");
    const std::int64_t most = small    ? std::numeric_limits<std::int16_t>::max()
                              : medium ? std::numeric_limits<std::int32_t>::max()
                                       : std::numeric_limits<std::int64_t>::max();
    const std::string key =
        add_object("SEQUENCE", name,
                   fmt::format("CREATE SEQUENCE {}\n    AS {}\n    START WITH 1\n    INCREMENT BY 1\n    NO MINVALUE\n"
                               "    NO MAXVALUE\n    CACHE 1;",
                               in_schema(name), type));
    const std::string owner = in_schema(name_of(index)) + "." + display(column.column.name);
    add_part("SEQUENCE OWNED BY", name, fmt::format("ALTER SEQUENCE {} OWNED BY {};", in_schema(name), owner), key);
    const std::uint64_t next = std::max<std::uint64_t>(1, drafts_[index].row->auto_increment);
    out_.sequences.push_back({.name = qualified(name),
                              .last_value = next == 1 ? 1
                                                      : static_cast<std::int64_t>(std::min<std::uint64_t>(
                                                            next - 1, static_cast<std::uint64_t>(most))),
                              .is_called = next > 1,
                              .owner_table = out_.tables[index].table.name,
                              .owner_column = column.column.name});
    add_fact("sequence", in_schema(name),
             fmt::format("{} start 1 increment 1 minvalue 1 maxvalue {} owned by {}", type, most, owner));
    return in_schema(name);
  }

  void write_own_sequence(const SequenceRow& row) {
    const std::string& name = sequence_names_.at(row.name);
    add_object(
        "SEQUENCE", name,
        fmt::format("CREATE SEQUENCE {}\n    START WITH {}\n    INCREMENT BY {}\n    MINVALUE {}\n    MAXVALUE {}\n"
                    "    CACHE 1{};",
                    in_schema(name), row.start, row.increment, row.least, row.most, row.cycle ? "\n    CYCLE" : ""));
    out_.sequences.push_back(
        {.name = qualified(name), .last_value = row.next, .is_called = false, .increment = row.increment});
    add_fact("sequence", in_schema(name),
             fmt::format("bigint start {} increment {} minvalue {} maxvalue {}{}", row.start, row.increment, row.least,
                         row.most, row.cycle ? " cycle" : ""));
  }

  static const IndexRow* primary_of(const TableRow& row) {
    const auto found = std::ranges::find(row.indexes, "PRIMARY", &IndexRow::name);
    return found == row.indexes.end() ? nullptr : &*found;
  }
  static bool whole_columns(const IndexRow& index) {
    return std::ranges::all_of(index.parts,
                               [](const IndexPart& part) { return !part.column.empty() && part.prefix == 0; });
  }

  std::string column_list(std::size_t index, const std::vector<std::string>& source_names) const {
    std::string out;
    for (const std::string& one : source_names) {
      const ConvertedColumn* column = find_column(index, one);
      out += (out.empty() ? "" : ", ") + (column == nullptr ? one : display(column->column.name));
    }
    return out;
  }
  static std::vector<std::string> names_of(const IndexRow& index) {
    std::vector<std::string> out;
    for (const IndexPart& part : index.parts) out.push_back(part.column);
    return out;
  }

  bool can_be_key(std::size_t index, const IndexRow& row) const {
    return whole_columns(row) && std::ranges::all_of(row.parts, [&](const IndexPart& part) {
             const ConvertedColumn* column = find_column(index, part.column);
             return column != nullptr && column->source_type.form != Form::kJson;
           });
  }

  void add_primary_key(std::size_t index) {
    ConvertedTable& table = out_.tables[index];
    Draft& draft = drafts_[index];
    const IndexRow* key = primary_of(*draft.row);
    if (key == nullptr || !can_be_key(index, *key)) return;
    const std::string name = constraint_name(index, name_of(index) + "_pkey", "PRIMARY");
    const std::string definition = fmt::format("PRIMARY KEY ({})", column_list(index, names_of(*key)));
    draft.lines.push_back(fmt::format("CONSTRAINT {} {}", display(Identifier(name)), definition));
    for (const std::string& one : names_of(*key))
      table.table.primary_key.push_back(find_column(index, one)->column.name);
    remember_key(index, *key);
    made_by_table("CONSTRAINT", name_of(index) + " " + name, draft.key);
    table.indexes.push_back({.source_name = key->name, .name = name, .sql = definition, .primary = true});
    add_key_facts(index, "primary key", name, definition);
    const ConvertedColumn* first = find_column(index, key->parts.front().column);
    if (first->source_type.form == Form::kInteger) table.cut_column = static_cast<int>(first - table.columns.data());
  }

  // A key of a partition has a name of its own, so its definition stands for it.
  void add_key_facts(std::size_t index, const std::string& kind, const std::string& name,
                     const std::string& definition) {
    add_fact(kind, in_schema(name_of(index)) + "." + display(Identifier(name)), definition);
    for (const std::string& part : partition_names_[index])
      add_fact(kind, in_schema(part) + " " + definition, definition);
  }

  void remember_key(std::size_t index, const IndexRow& key) {
    std::vector<std::string> columns;
    for (const IndexPart& part : key.parts) columns.push_back(base::lower(part.column));
    std::ranges::sort(columns);
    drafts_[index].unique.insert(std::move(columns));
  }

  // Of a key: also an index has it.
  std::string constraint_name(std::size_t index, const std::string& wanted, const std::string& identity) {
    const std::string name = relations_.take(wanted, out_.tables[index].source_name + "." + identity);
    (void)drafts_[index].constraints.take(name, name);
    return name;
  }

  void add_checks(std::size_t index) {
    Draft& draft = drafts_[index];
    const auto add = [&](const std::string& wanted, const std::string& sql, const std::string& identity) {
      const std::string name = draft.constraints.take(wanted, identity);
      draft.lines.push_back(fmt::format("CONSTRAINT {} CHECK {}", display(Identifier(name)), in_parentheses(sql)));
      made_by_table("CHECK CONSTRAINT", name_of(index) + " " + name, draft.key);
    };
    for (const std::string& one : label_checks_[index]) add(name_of(index) + "_labels_check", one, one);
    for (const CheckRow& check : draft.row->checks) {
      const ConvertedColumn* own = find_column(index, check.name);
      const std::string wanted =
          own != nullptr ? fmt::format("{}_{}_check", name_of(index), folded(check.name)) : folded(check.name);
      const std::string shown = name_of(index) + " " + wanted;
      const bool json = std::ranges::any_of(out_.tables[index].columns, [&](const ConvertedColumn& column) {
        return column.column.type == "json" && checks_json(check, column.source_name);
      });
      if (json) {
        made_by_table("CHECK CONSTRAINT", shown, draft.key, "the type json stands for it");
        continue;
      }
      const Translation done = translate(check.clause, columns_of(index));
      const std::optional<std::string> condition = done.value ? as_condition(*done.value) : std::nullopt;
      if (condition && check.enforced) {
        add(wanted, *condition, check.name + check.clause);
      } else {
        leave_out("CHECK CONSTRAINT", shown,
                  check.enforced ? fmt::format("the check has no certain form on the target: {}",
                                               done.value ? std::string("it is no condition") : done.why_not)
                                 : "the source does not enforce it",
                  fmt::format("ALTER TABLE {} ADD CHECK ({})", draft.row->name, check.clause));
      }
    }
  }

  // Whether its values lie on the target as on the source.
  static bool keeps_order(const ConvertedColumn& column) {
    const Recast recast = column.source_type.recast;
    if (recast != Recast::kNone && recast != Recast::kSmallint && recast != Recast::kInteger &&
        recast != Recast::kBigint)
      return false;
    return column.source_type.form == Form::kText || !is_varying_text(column.column.type);
  }

  // --- partitions ----------------------------------------------------------------------------------------------------

  void plan_partitions(std::size_t index) {
    Draft& draft = drafts_[index];
    if (draft.row->partitions.empty()) return;
    draft.partitions = convert_partitions(*draft.row, [&](const std::string& name) -> std::optional<KeyColumn> {
      const ConvertedColumn* column = find_column(index, name);
      if (column == nullptr || column->column.generated || !keeps_order(*column)) return std::nullopt;
      KeyColumn key{.sql = display(column->column.name), .nullable = row_of(index, *column).nullable};
      switch (column->source_type.form) {
        case Form::kInteger:
          key.kind = KeyColumn::Kind::kWhole;
          break;
        case Form::kDate:
          key.kind = KeyColumn::Kind::kDate;
          break;
        case Form::kDateTime:
          key.kind = KeyColumn::Kind::kDateTime;
          break;
        case Form::kTimestamp:
          key.kind = KeyColumn::Kind::kTimestamp;
          break;
        case Form::kText:
          key.kind = KeyColumn::Kind::kText;
          key.narrow_text = true;
          break;
        default:
          return std::nullopt;
      }
      return key;
    });
    if (draft.partitions.by.empty()) {
      draft.changes.push_back(
          fmt::format("it has no partitions any more, as theirs have no certain form ({})", draft.partitions.why_not));
      return;
    }
    if (draft.row->partitions.front().has_subpartitions)
      draft.changes.push_back("its partitions are not divided further");
    for (const PartitionPart& part : draft.partitions.parts)
      partition_names_[index].push_back(
          relations_.take(name_of(index) + "_" + folded(part.source_name), draft.row->name + " " + part.source_name));
  }

  void add_partitions(std::size_t index) {
    const Draft& draft = drafts_[index];
    for (std::size_t i = 0; i < draft.partitions.parts.size(); ++i) {
      const std::string& name = partition_names_[index][i];
      out_.tables[index].partitions.push_back({draft.partitions.parts[i].source_name, name});
      add_object("TABLE", name,
                 fmt::format("CREATE TABLE {} PARTITION OF {}\n    {};", in_schema(name), in_schema(name_of(index)),
                             draft.partitions.parts[i].bound));
    }
  }

  // --- ON UPDATE CURRENT_TIMESTAMP -----------------------------------------------------------------------------------

  void add_clock_trigger(std::size_t index) {
    std::string body;
    for (const ConvertedColumn& column : out_.tables[index].columns) {
      if (!row_of(index, column).on_update_now) continue;
      const std::string name = display(column.column.name);
      body += fmt::format(
          "    IF NEW.{0} IS NOT DISTINCT FROM OLD.{0} THEN\n        NEW.{0} := CURRENT_TIMESTAMP;\n    END IF;\n",
          name);
    }
    if (body.empty()) return;
    const std::string function = routines_.take(name_of(index) + "_on_update", drafts_[index].row->name);
    // *<> compares every type, also those without equality.
    add_object(
        "FUNCTION", function + "()",
        fmt::format("CREATE FUNCTION {}() RETURNS trigger\n    LANGUAGE plpgsql\n    AS $$\nBEGIN\n  IF NEW *<> OLD "
                    "THEN\n{}  END IF;\n  RETURN NEW;\nEND\n$$;",
                    in_schema(function), body));
    add_object("TRIGGER", name_of(index) + " " + function,
               fmt::format("CREATE TRIGGER {} BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION {}();",
                           display(Identifier(function)), in_schema(name_of(index)), in_schema(function)));
  }

  // --- indexes -------------------------------------------------------------------------------------------------------

  void write_indexes(std::size_t index) {
    for (const IndexRow& row : drafts_[index].row->indexes) {
      const bool primary = row.name == "PRIMARY";
      if (primary && can_be_key(index, row)) continue;
      const std::string wanted = name_of(index) + "_" + (primary ? "pkey" : folded(row.name));
      const std::string shown = name_of(index) + "." + row.name;
      if (row.type == "SPATIAL") {
        leave_out("INDEX", shown, "shapes are text on the target, which no spatial index can hold",
                  text_of_index(index, row));
      } else if (row.type == "FULLTEXT") {
        add_text_index(index, row, wanted);
      } else if (row.unique && can_be_key(index, row)) {
        add_unique_key(index, row, wanted);
      } else {
        add_plain_index(index, row, wanted, shown);
      }
    }
  }

  // As the source would write it.
  std::string text_of_index(std::size_t index, const IndexRow& row) const {
    std::string parts;
    for (const IndexPart& part : row.parts) {
      parts += (parts.empty() ? "" : ", ") +
               (part.column.empty() ? "(" + part.expression + ")" : fmt::format("`{}`", part.column));
      if (part.prefix > 0) parts += fmt::format("({})", part.prefix);
      if (part.descending) parts += " DESC";
    }
    const char* kind = row.type == "SPATIAL" ? "SPATIAL " : (row.unique ? "UNIQUE " : "");
    return fmt::format("CREATE {}INDEX `{}` ON `{}` ({});", kind, row.name, drafts_[index].row->name, parts);
  }

  void add_unique_key(std::size_t index, const IndexRow& row, const std::string& wanted) {
    const std::string name = constraint_name(index, wanted, row.name);
    const std::string definition = fmt::format("UNIQUE ({})", column_list(index, names_of(row)));
    remember_key(index, row);
    out_.tables[index].indexes.push_back({.source_name = row.name, .name = name, .sql = definition});
    add_object("CONSTRAINT", name_of(index) + " " + name,
               fmt::format("ALTER TABLE ONLY {}\n    ADD CONSTRAINT {} {};", in_schema(name_of(index)),
                           display(Identifier(name)), definition));
    add_key_facts(index, "unique", name, definition);
  }

  void add_text_index(std::size_t index, const IndexRow& row, const std::string& wanted) {
    const std::string name = relations_.take(wanted, drafts_[index].row->name + "." + row.name);
    std::string text;
    for (const IndexPart& part : row.parts) {
      const ConvertedColumn* column = find_column(index, part.column);
      if (column == nullptr) continue;
      text += fmt::format("{}COALESCE({}::text, ''::text)", text.empty() ? "" : " || ' '::text || ",
                          display(column->column.name));
    }
    add_object("INDEX", name,
               fmt::format("CREATE INDEX {} ON {} USING gin (to_tsvector('simple'::regconfig, {}));",
                           display(Identifier(name)), in_schema(name_of(index)), text),
               "a full-text index: queries have to say to_tsvector('simple', ...) @@ ... instead of MATCH ... AGAINST");
    add_index_facts(index, name, {}, {});
    out_.tables[index].indexes.push_back(
        {.source_name = row.name, .name = name, .sql = out_.written.back().statements.back()});
  }

  // How the target writes an expression is its own matter: `parts` is empty then. An index of a partition has a name of
  // its own, so its definition stands for it.
  void add_index_facts(std::size_t index, const std::string& name, const std::string& unique,
                       const std::string& parts) {
    const auto definition = [&](const std::string& table) {
      return fmt::format("CREATE {}INDEX ON {} USING btree ({})", unique, in_schema(table), parts);
    };
    const bool known = !parts.empty() && drafts_[index].partitions.by.empty();
    add_fact("index", in_schema(name), known ? definition(name_of(index)) : std::string());
    if (parts.empty()) return;
    for (const std::string& part : partition_names_[index])
      add_fact("index", in_schema(part) + " " + definition(part), definition(part));
  }

  // The text of one part; nothing when it has no certain form, and then `why` says so.
  std::optional<std::string> index_part(std::size_t index, const IndexPart& part, std::string& why) {
    if (part.column.empty()) {
      const Translation done = translate(part.expression, columns_of(index));
      if (!done.value) {
        why = "its expression has no certain form on the target: " + done.why_not;
        return std::nullopt;
      }
      return "(" + done.value->sql + ")";
    }
    const ConvertedColumn* column = find_column(index, part.column);
    if (column == nullptr || column->source_type.form == Form::kJson) {
      why = "a value of type json cannot be in an index";
      return std::nullopt;
    }
    const std::string name = display(column->column.name);
    if (part.prefix == 0) return name;
    const bool bytes = column->source_type.form == Form::kBytes || column->source_type.form == Form::kGeometry;
    return bytes ? fmt::format("substr({}, 1, {})", name, part.prefix) : fmt::format("left({}, {})", name, part.prefix);
  }

  void add_plain_index(std::size_t index, const IndexRow& row, const std::string& wanted, const std::string& shown) {
    std::string parts, why;
    bool plain = true;
    for (const IndexPart& part : row.parts) {
      const auto text = index_part(index, part, why);
      if (!text) break;
      parts += (parts.empty() ? "" : ", ") + *text + (part.descending ? " DESC" : "");
      plain &= part.prefix == 0 && !part.column.empty();
    }
    if (why.empty() && row.unique && !drafts_[index].partitions.by.empty())
      why = "a partitioned table can have no unique index with expressions";
    if (!why.empty()) {
      leave_out("INDEX", shown, why, text_of_index(index, row));
      return;
    }
    const std::string name = relations_.take(wanted, drafts_[index].row->name + "." + row.name);
    const bool prefix = std::ranges::any_of(row.parts, [](const IndexPart& part) { return part.prefix > 0; });
    const std::string unique = row.unique ? "UNIQUE " : "";
    add_object("INDEX", name,
               fmt::format("CREATE {}INDEX {} ON {} USING btree ({});", unique, display(Identifier(name)),
                           in_schema(name_of(index)), parts),
               prefix ? "it holds beginnings of values: queries use it when they compare the same beginning" : "");
    add_index_facts(index, name, unique, plain ? parts : std::string());
    out_.tables[index].indexes.push_back(
        {.source_name = row.name, .name = name, .sql = out_.written.back().statements.back()});
  }

  // --- foreign keys --------------------------------------------------------------------------------------------------

  // Why no foreign key of the target can say the same; empty where one can.
  std::string obstacle_of_key(std::size_t index, std::size_t other, const ForeignKeyRow& key) const {
    for (std::size_t i = 0; i < key.columns.size() && i < key.other_columns.size(); ++i) {
      const ConvertedColumn* child = find_column(index, key.columns[i]);
      const ConvertedColumn* parent = find_column(other, key.other_columns[i]);
      if (child == nullptr || parent == nullptr) continue;
      if (const char* why = key_obstacle(child->source_type, parent->source_type); why != nullptr)
        return fmt::format("{} ({}) and {} ({}) are {}", child->source_name, row_of(index, *child).type,
                           parent->source_name, row_of(other, *parent).type, why);
    }
    return {};
  }

  void write_foreign_keys(std::size_t index) {
    for (const ForeignKeyRow& key : drafts_[index].row->foreign_keys) {
      const std::string shown = name_of(index) + "." + key.name;
      const auto other = table_of_.find(key.other_table);
      if (key.other_schema != catalog_.database || other == table_of_.end()) {
        leave_out("FK CONSTRAINT", shown,
                  fmt::format("it refers to {}.{}, which is not exported", key.other_schema, key.other_table),
                  fmt::format("ALTER TABLE `{}` ADD CONSTRAINT `{}` FOREIGN KEY ({}) REFERENCES `{}`.`{}` ({});",
                              drafts_[index].row->name, key.name, base::join(key.columns, ", "), key.other_schema,
                              key.other_table, base::join(key.other_columns, ", ")));
        continue;
      }
      std::vector<std::string> referenced;
      for (const std::string& one : key.other_columns) referenced.push_back(base::lower(one));
      std::ranges::sort(referenced);
      if (!drafts_[other->second].unique.contains(referenced)) {
        leave_out("FK CONSTRAINT", shown, "what it refers to is no key of its table, which the target wants",
                  fmt::format("ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({});", in_schema(name_of(index)),
                              column_list(index, key.columns), in_schema(name_of(other->second)),
                              column_list(other->second, key.other_columns)));
        continue;
      }
      if (const std::string why = obstacle_of_key(index, other->second, key); !why.empty()) {
        leave_out("FK CONSTRAINT", shown, why,
                  fmt::format("ALTER TABLE {} ADD FOREIGN KEY ({}) REFERENCES {} ({});", in_schema(name_of(index)),
                              column_list(index, key.columns), in_schema(name_of(other->second)),
                              column_list(other->second, key.other_columns)));
        continue;
      }
      const std::string name = drafts_[index].constraints.take(folded(key.name), key.name);
      // RESTRICT is what the source says for nothing, and what NO ACTION does there.
      const auto action = [](std::string_view event, const std::string& what) {
        return what == "CASCADE" || what == "SET NULL" || what == "SET DEFAULT" ? fmt::format(" ON {} {}", event, what)
                                                                                : "";
      };
      const std::string definition =
          fmt::format("FOREIGN KEY ({}) REFERENCES {}({}){}{}", column_list(index, key.columns),
                      in_schema(name_of(other->second)), column_list(other->second, key.other_columns),
                      action("UPDATE", key.on_update), action("DELETE", key.on_delete));
      add_object("FK CONSTRAINT", name_of(index) + " " + name,
                 fmt::format("ALTER TABLE ONLY {}\n    ADD CONSTRAINT {} {};", in_schema(name_of(index)),
                             display(Identifier(name)), definition));
      add_fact("foreign key", in_schema(name_of(index)) + "." + display(Identifier(name)), definition);
    }
  }

  // --- the rest ------------------------------------------------------------------------------------------------------

  void write_comments(std::size_t index) {
    const std::string table = in_schema(name_of(index));
    const std::string& key = drafts_[index].key;
    if (!drafts_[index].row->comment.empty())
      add_part("COMMENT", "TABLE " + name_of(index),
               fmt::format("COMMENT ON TABLE {} IS {};", table, literal(drafts_[index].row->comment)), key);
    for (const ConvertedColumn& column : out_.tables[index].columns) {
      const std::string& comment = row_of(index, column).comment;
      if (comment.empty()) continue;
      add_part("COMMENT", fmt::format("COLUMN {}.{}", name_of(index), column.column.name.catalog_text()),
               fmt::format("COMMENT ON COLUMN {}.{} IS {};", table, display(column.column.name), literal(comment)),
               key);
    }
  }

  // A view of a view is looked at when that one is known; one that never is, is left out.
  void write_views() {
    std::vector<const ViewRow*> open;
    for (const ViewRow& one : catalog_.views) open.push_back(&one);
    std::map<const ViewRow*, std::string> why;
    for (bool progress = true; progress;) {
      progress = false;
      std::erase_if(open, [&](const ViewRow* view) {
        ConvertedView done =
            convert_view(*view, catalog_.database, [this](const std::string& name) { return relation(name); });
        if (done.sql.empty()) {
          why[view] = done.why_not;
          return false;
        }
        const std::string& name = view_names_.at(view->name);
        const std::string sql = fmt::format("CREATE VIEW {} AS\n{};", in_schema(name), done.sql);
        if (const std::string refused = sql::parse_statement(sql).refused; !refused.empty()) {
          why[view] = refused;
          return false;
        }
        add_object("VIEW", name, sql, change_of(*view));
        known_views_[view->name] = {in_schema(name), std::move(done.columns)};
        return progress = true;
      });
    }
    for (const ViewRow* view : open) {
      if (view->definition.empty()) {
        leave_out("VIEW", view_names_.at(view->name),
                  fmt::format("the user may not see its text: GRANT SHOW VIEW ON `{}`.* TO {};", catalog_.database,
                              catalog_.user));
      } else {
        leave_out("VIEW", view_names_.at(view->name), "it has no certain form on the target: " + why[view],
                  fmt::format("CREATE VIEW {} AS {};", view->name, view->definition));
      }
    }
  }

  static std::string change_of(const ViewRow& view) {
    std::vector<std::string> changes;
    if (view.check_option == "LOCAL" || view.check_option == "CASCADED")
      changes.push_back(fmt::format("it had WITH {} CHECK OPTION, which is left out", view.check_option));
    if (view.by_invoker)
      changes.emplace_back(
          "it read with the rights of who asks (SQL SECURITY INVOKER), and reads with its owner's here: "
          "ALTER VIEW ... SET (security_invoker = true) from PostgreSQL 15 on");
    return base::join(changes, "; ");
  }

  std::optional<Relation> relation(const std::string& name) const {
    if (const auto view = known_views_.find(name); view != known_views_.end()) return view->second;
    const auto table = table_of_.find(name);
    if (table == table_of_.end()) return std::nullopt;
    Relation found{.sql = in_schema(name_of(table->second))};
    for (const ConvertedColumn& column : out_.tables[table->second].columns) {
      found.columns.push_back(
          {.source_name = column.source_name, .value = operand_of(column, display(column.column.name))});
    }
    return found;
  }

  void write_code(const CodeRow& row) {
    const std::string name = row.table.empty() ? folded(row.name) : folded(row.table) + " " + folded(row.name);
    if (row.text.empty()) {
      const char* right = row.kind == "EVENT" ? "EVENT" : (row.kind == "TRIGGER" ? "TRIGGER" : "SHOW CREATE ROUTINE");
      leave_out(row.kind, name,
                fmt::format("the user may not see its text: GRANT {} ON `{}`.* TO {};", right, catalog_.database,
                            catalog_.user));
      return;
    }
    std::string why;
    if (row.kind == "TRIGGER") {
      why = write_trigger(row);
      if (why.empty()) return;
      why = "it has no certain form on the target, " + why;
    } else {
      const bool routine = row.kind == "FUNCTION" || row.kind == "PROCEDURE";
      const std::string refused = routine ? write_routine(row) : std::string();
      if (routine && refused.empty()) return;
      why = row.kind == "EVENT" ? "the target has no events: a scheduler (pg_cron, cron) does their work"
            : routine           ? "it has no certain form on the target, " + refused + ": rewrite it in PL/pgSQL"
                                : "packages are not translated: rewrite them in PL/pgSQL";
      const std::string constructs = base::join(constructs_of(row), ", ");
      if (!constructs.empty()) why += "; think of " + constructs;
    }
    leave_out(row.kind, name, why, row.text);
  }

  // Empty when it is written, else why not.
  std::string write_trigger(const CodeRow& row) {
    const auto found = table_of_.find(row.table);
    if (found == table_of_.end()) return "its table is not exported";
    const std::size_t index = found->second;
    const TriggerHead head = head_of_trigger(row);
    if (std::string why = obstacle_of(row, head, index); !why.empty()) return why;
    BodyNames names = body_names(row);
    names.leave = head.before ? "RETURN NEW;" : "RETURN NULL;";
    // Of its own table it would see other rows than there, and a view may read that.
    names.relation = [&](const std::string& table) {
      const auto read = table_of_.find(table);
      return read == table_of_.end() || read->second == index ? std::nullopt : relation_read(table);
    };
    names.read = [&](const std::vector<std::string>& parts) -> std::optional<Operand> {
      if (parts.size() != 2) return std::nullopt;
      const std::string which = base::lower(parts[0]);
      if (which != "new" && which != "old") return std::nullopt;
      return value_in(index, which, parts[1], head);
    };
    if (head.before) {
      names.assign = [&](const std::string& column, const Operand& value) { return assignment(index, column, value); };
    } else {
      // A trigger may not write to its own table there.
      names.table = [&](const std::vector<std::string>& parts) {
        auto table = written_table(parts);
        return table && table->sql != in_schema(name_of(index)) ? table : std::nullopt;
      };
    }
    const ConvertedBody body = convert_trigger(row, names);
    if (body.sql.empty()) return body.why_not;
    const std::string quote = body.sql.find("$$") == std::string::npos ? "$$" : "$trigger$";
    const std::string function = routines_.take(folded(row.name), row.table + "." + row.name);
    const bool as_owner = !head.before || body.reads;
    const std::string made = fmt::format(
        "CREATE FUNCTION {}() RETURNS trigger\n    LANGUAGE plpgsql{}\n    AS {}\n{}BEGIN\n{}  RETURN "
        "{};\nEND\n{};",
        in_schema(function), as_owner ? kAsOwner : "", quote, columns_first(function) + declared(body.declarations),
        body.sql, head.before ? "NEW" : "NULL", quote);
    const char* event = head.event == "insert" ? "INSERT" : (head.event == "update" ? "UPDATE" : "DELETE");
    const std::string trigger =
        fmt::format("CREATE TRIGGER {} {} {} ON {} FOR EACH ROW EXECUTE FUNCTION {}();", display(Identifier(function)),
                    head.before ? "BEFORE" : "AFTER", event, in_schema(name_of(index)), in_schema(function));
    if (const std::string refused = sql::plpgsql_queries(made).refused; !refused.empty()) return refused;
    if (const std::string refused = sql::parse_statement(trigger).refused; !refused.empty()) return refused;
    add_object("FUNCTION", function + "()",
               made + (as_owner ? for_its_owner("FUNCTION", in_schema(function) + "()") : ""));
    add_object("TRIGGER", name_of(index) + " " + function, trigger);
    return {};
  }

  // Routines and triggers have the rights of who made them, and find their tables wherever they are called.
  static constexpr const char* kAsOwner = " SECURITY DEFINER\n    SET search_path TO 'pg_catalog', 'pg_temp'";

  // Anybody may call what is made on the target, and on the source only who is given the right.
  static std::string for_its_owner(std::string_view kind, const std::string& signature) {
    return fmt::format("\n\nREVOKE ALL ON {} {} FROM PUBLIC;", kind, signature);
  }

  // A routine's parameters have its name in front, and columns that of their table, which may be the same.
  std::string columns_first(const std::string& function) const {
    const bool table = std::ranges::any_of(table_of_, [&](const auto& one) { return name_of(one.second) == function; });
    return table ? "#variable_conflict use_column\n" : "";
  }

  static std::string declared(const std::string& lines) {
    return lines.empty() ? "" : fmt::format("<<{}>>\nDECLARE\n{}", kBodyBlock, lines);
  }

  // Variables, and tables of this database.
  BodyNames body_names(const CodeRow& row) const {
    return {.variable = [&row](const RoutineParameter& one,
                               const std::string& block) { return variable_of(one, block, row); },
            .relation = [this](const std::string& name) { return relation_read(name); },
            .database = catalog_.database};
  }

  static BodyVariable as_variable(const ConvertedColumn& column, const std::string& sql) {
    return {.type = column.column.type, .value = operand_of(column, sql), .assigned = [column](const Operand& value) {
              return assigned_value(column, value);
            }};
  }

  static std::optional<BodyVariable> variable_of(const RoutineParameter& one, const std::string& block,
                                                 const CodeRow& row) {
    const std::string sql = fmt::format("{}.{}", block, display(Identifier(folded(one.name))));
    if (const auto column = column_of(one, row)) return as_variable(*column, sql);
    // A truth: what else goes into it may be too much for it there, and not here.
    const bool truth = one.type == "bool" || one.type == "boolean" || one.type == "tinyint" || one.type == "tinyint(1)";
    if (!truth) return std::nullopt;
    RoutineParameter wider = one;
    wider.type = "smallint";
    BodyVariable out = as_variable(*column_of(wider, row), sql);
    out.assigned = [](const Operand& value) -> std::optional<std::string> {
      if (value.sql == "TRUE" || value.sql == "FALSE") return value.sql == "TRUE" ? "1" : "0";
      if (value.kind == Kind::kBoolean) return in_parentheses(value.sql) + "::integer";
      const bool digits = value.sql.size() < 3 && value.sql.find_first_not_of("0123456789") == std::string::npos;
      if (value.kind == Kind::kNull || (value.kind == Kind::kInteger && digits)) return value.sql;
      return std::nullopt;
    };
    return out;
  }

  // As a routine reads it: what qualifies variables is no table's name.
  std::optional<Relation> relation_read(const std::string& name) const {
    std::optional<Relation> found = relation(name);
    if (found && found->sql.find("." + std::string(kBodyBlock)) != std::string::npos) return std::nullopt;
    return found;
  }

  // Empty when it is written, else why not.
  std::string write_routine(const CodeRow& row) {
    const RoutineHead head = head_of_routine(row);
    if (!head.why_not.empty()) return head.why_not;
    std::size_t parameters = 0;
    std::string list, types, locals;
    BodyNames names = body_names(row);
    const std::string function = routines_.take(folded(row.name), row.name);
    const std::vector<Token> tokens = tokens_of(row.text);
    const bool names_other_things = std::ranges::any_of(tokens, [](const Token& one) {
      return one.kind == Token::Kind::kWord &&
             (base::equals_ignoring_case(one.text, "select") || base::equals_ignoring_case(one.text, "set"));
    });
    for (const RoutineParameter& one : head.parameters) {
      const auto column = column_of(one, row);
      if (!column) return refused_type(one);
      const std::string name = display(column->column.name);
      const std::string bare = column->column.type.substr(0, column->column.type.find('('));
      list += (list.empty() ? "" : ", ") + name + " " + bare;
      types += (types.empty() ? "" : ", ") + bare;
      // A parameter's type has no length: a variable of the same name has, and may be assigned to. Tables, which a
      // statement would look at first, may be called as the routine.
      ++parameters;
      const bool local = bare != column->column.type || !head.result || names_other_things;
      if (local) locals += fmt::format("  {} {} := ${};\n", name, column->column.type, parameters);
      const std::string block(local ? kBodyBlock : std::string_view(function));
      names.parameters[base::lower(one.name)] =
          as_variable(*column, fmt::format("{}.{}", local ? block : display(Identifier(block)), name));
    }
    std::optional<ConvertedColumn> result;
    if (head.result) {
      result = column_of(*head.result, row);
      if (!result) return refused_type(*head.result);
    }
    if (result) {
      const bool sized = result->column.type.find('(') != std::string::npos;
      if (sized) locals += fmt::format("  {} {};\n", kResult, result->column.type);
      names.give = [&, sized](const Operand& value) -> std::optional<std::string> {
        const auto given = assigned_value(*result, value);
        if (!given) return std::nullopt;
        return sized ? fmt::format("{0}.{1} := {2}; RETURN {0}.{1};", kBodyBlock, kResult, *given)
                     : "RETURN " + *given + ";";
      };
    } else {
      names.table = [&](const std::vector<std::string>& parts) { return written_table(parts); };
      names.one_write = true;
      names.leave = "RETURN;";
    }
    const ConvertedBody body = convert_routine(row, head, names);
    if (body.sql.empty()) return body.why_not;
    const std::string quote = body.sql.find("$$") == std::string::npos ? "$$" : "$routine$";
    const bool as_owner = !head.by_invoker && (!result || body.reads);
    const std::string made = fmt::format(
        "CREATE {} {}({}){}\n    LANGUAGE plpgsql{}\n    AS {}\n{}{}BEGIN\n{}END\n{};", row.kind, in_schema(function),
        list, result ? " RETURNS " + result->column.type.substr(0, result->column.type.find('(')) : "",
        as_owner ? kAsOwner : "", quote, result && !body.reads ? "" : columns_first(function),
        declared(locals + body.declarations), body.sql, quote);
    if (const std::string refused = sql::plpgsql_queries(made).refused; !refused.empty()) return refused;
    if (const std::string refused = sql::parse_statement(made).refused; !refused.empty()) return refused;
    const std::string signature = fmt::format("{}({})", in_schema(function), types);
    add_object(
        row.kind, fmt::format("{}({})", function, types), made + (as_owner ? for_its_owner(row.kind, signature) : ""),
        as_owner ? fmt::format("nobody but its owner may call it, whose rights it has: GRANT EXECUTE ON {} {} TO ...",
                               row.kind, signature)
                 : "");
    return {};
  }

  static constexpr const char* kResult = "returned_value";

  static std::string refused_type(const RoutineParameter& one) {
    return fmt::format("line {}: the type {}, which takes other values here", one.line, one.type);
  }

  // Of those types that take the same values on both sides.
  static std::optional<ConvertedColumn> column_of(const RoutineParameter& one, const CodeRow& row) {
    const std::optional<SourceType> type = parse_type(one.type);
    const auto is = [&](std::initializer_list<std::string_view> names) {
      return type && std::ranges::find(names, type->name) != names.end();
    };
    const bool number = is({"smallint", "int", "bigint", "decimal", "double"}) && !type->is_unsigned && !type->zerofill;
    std::string charset = one.charset.empty() ? row.collation : one.charset;
    charset = charset.substr(0, charset.find('_'));
    if (charset == "utf8") charset = "utf8mb3";
    const bool text = is({"varchar", "text", "longtext"}) && charset.starts_with("utf8mb");
    if (!number && !text && !is({"date", "datetime"})) return std::nullopt;
    if (type->form == Form::kDecimal && type->length < 0) return std::nullopt;
    if (type->form == Form::kDouble && type->length >= 0) return std::nullopt;  // rounds
    ConvertedColumn out{.source_name = one.name, .source_type = *type, .charset = text ? charset : ""};
    out.column.name = Identifier(folded(one.name));
    out.column.type = target_type(*type).type;
    return out;
  }

  std::optional<WrittenTable> written_table(const std::vector<std::string>& parts) const {
    const auto found = table_of_.find(parts.back());
    if (found == table_of_.end() || (parts.size() == 2 && parts[0] != catalog_.database)) return std::nullopt;
    const std::size_t index = found->second;
    // What qualifies parameters.
    if (name_of(index).starts_with(kBodyBlock)) return std::nullopt;
    WrittenTable out{.sql = in_schema(name_of(index))};
    for (const ConvertedColumn& one : out_.tables[index].columns) {
      out.columns.push_back(one.source_name);
      const ColumnRow& row = row_of(index, one);
      const bool another_null =
          one.column.not_null && !row.default_value && !row.auto_increment && row.generated.empty();
      if (loses_default(index, row, one) || another_null) out.to_be_named.push_back(one.source_name);
    }
    out.name = [this, index](const std::string& column) {
      const ConvertedColumn* const one = find_column(index, column);
      return one == nullptr ? std::string() : display(one->column.name);
    };
    out.read = [this, index](const std::string& column) -> std::optional<Operand> {
      const ConvertedColumn* const one = find_column(index, column);
      if (one == nullptr) return std::nullopt;
      return operand_of(*one, fmt::format("{}.{}", display(Identifier(name_of(index))), display(one->column.name)));
    };
    out.assigned = [this, index](const std::string& column, const Operand& value) -> std::optional<std::string> {
      const ConvertedColumn* const one = find_column(index, column);
      if (one == nullptr) return std::nullopt;
      const ColumnRow& row = row_of(index, *one);
      if (!row.generated.empty() || row.auto_increment) return std::nullopt;
      return assigned_value(*one, value);
    };
    return out;
  }

  // What lies outside of its text.
  std::string obstacle_of(const CodeRow& row, const TriggerHead& head, std::size_t index) const {
    const auto same = std::ranges::count_if(catalog_.code, [&](const CodeRow& one) {
      if (one.kind != "TRIGGER" || one.table != row.table) return false;
      const TriggerHead other = head_of_trigger(one);
      return other.before == head.before && other.event == head.event;
    });
    if (same > 1)
      return "as its table has other triggers of the same moment, which the target would run by their names";
    const TableRow& table = *drafts_[index].row;
    if (!head.before && head.event == "delete" &&
        std::ranges::any_of(table.foreign_keys, [](const ForeignKeyRow& key) { return key.on_delete == "CASCADE"; }))
      return "as a foreign key of its table deletes rows, and on the source that runs no triggers";
    if (head.event != "update") return {};
    if (head.before && std::ranges::any_of(table.columns, &ColumnRow::on_update_now))
      return "as its table has ON UPDATE CURRENT_TIMESTAMP, and the order of the two is not told";
    // What a foreign key changes runs no triggers on the source.
    const auto acts = [](const std::string& action) { return action == "CASCADE" || action.starts_with("SET "); };
    if (std::ranges::any_of(table.foreign_keys, [&](const ForeignKeyRow& key) {
          return acts(key.on_update) || key.on_delete.starts_with("SET ");
        }))
      return "as a foreign key of its table updates rows, and on the source that runs no triggers";
    return {};
  }

  // A column of NEW or OLD; nothing where the two sides have different values in it while the trigger runs.
  std::optional<Operand> value_in(std::size_t index, const std::string& which, const std::string& source_name,
                                  const TriggerHead& head) const {
    const ConvertedColumn* column = find_column(index, source_name);
    const bool insert = head.event == "insert";
    if (column == nullptr || (insert && which == "old") || (head.event == "delete" && which == "new"))
      return std::nullopt;
    const ColumnRow& row = row_of(index, *column);
    if (head.before && !row.generated.empty()) return std::nullopt;
    if (head.before && insert && (row.auto_increment || loses_default(index, row, *column))) return std::nullopt;
    return operand_of(*column, (which == "new" ? "NEW." : "OLD.") + display(column->column.name));
  }

  bool loses_default(std::size_t index, const ColumnRow& row, const ConvertedColumn& column) const {
    if (!row.default_value || column.default_sql || base::equals_ignoring_case(*row.default_value, "null"))
      return false;
    return !computed_default(index, *row.default_value, column);
  }

  std::optional<std::string> assignment(std::size_t index, const std::string& source_name, const Operand& value) const {
    const ConvertedColumn* column = find_column(index, source_name);
    if (column == nullptr) return std::nullopt;
    const ColumnRow& row = row_of(index, *column);
    if (!row.generated.empty() || row.auto_increment) return std::nullopt;
    const auto assigned = assigned_value(*column, value);
    if (!assigned) return std::nullopt;
    return fmt::format("NEW.{} := {};", display(column->column.name), *assigned);
  }

  static std::optional<std::string> assigned_value(const ConvertedColumn& column, const Operand& value) {
    const Kind wanted = kind_of(column);
    if (value.kind == Kind::kNull) return column.column.not_null ? std::nullopt : std::optional(value.sql);
    if (wanted == Kind::kEnum) {
      const auto& labels = column.source_type.labels;
      const bool label = value.text && std::ranges::find(labels, *value.text) != labels.end();
      return label ? std::optional(value.sql) : std::nullopt;
    }
    if (wanted == Kind::kOther) return std::nullopt;
    if (value.now && (wanted == Kind::kDateTime || wanted == Kind::kTimestamp)) return value.sql;
    // MariaDB makes the present moment of a null there.
    if (wanted == Kind::kTimestamp && column.column.not_null) return std::nullopt;
    if (!fits(column, value)) return std::nullopt;
    const bool whole = wanted == Kind::kInteger;
    if (value.kind == Kind::kBoolean && whole) return in_parentheses(value.sql) + "::integer";
    const bool widens = (wanted == Kind::kNumber || wanted == Kind::kFloat) && value.kind == Kind::kInteger;
    return value.kind == wanted || widens ? std::optional(value.sql) : std::nullopt;
  }

  const Catalog& catalog_;
  const std::vector<TypeRule> type_rules_;
  Conversion out_ = {};
  std::vector<Draft> drafts_ = {};  // One for each table, in the catalogue's order, as out_.tables while it is made.
  std::map<std::string, std::size_t> table_of_ = {};
  std::map<std::string, std::string> view_names_ = {};
  std::map<std::string, std::string> sequence_names_ = {};
  std::map<std::string, Relation> known_views_ = {};
  std::map<std::size_t, std::vector<std::string>> partition_names_ = {};
  std::map<std::size_t, std::vector<std::string>> label_checks_ = {};
  std::map<Member, Member> enum_of_ = {};          // The column whose enum type another one has.
  std::map<Member, std::string> enum_names_ = {};  // Of the types, by the column that has it first.
  NameSpace relations_ = {};                       // And types, which share the tables' names.
  NameSpace routines_ = {};
  int keys_ = 0;
};

}  // namespace

void set_constant_default(const std::optional<std::string>& expression, ConvertedColumn& column) {
  column.default_text.reset();
  column.default_sql.reset();
  if (!expression) return;
  const std::vector<Token> tokens = tokens_of(*expression);
  const bool negative = tokens.size() == 3 && tokens[0].text == "-" && tokens[0].kind == Token::Kind::kSymbol;
  if (tokens.size() != 2 && !negative) return;
  const Token& token = tokens[negative ? 1 : 0];
  const bool given = token.kind == Token::Kind::kText || token.kind == Token::Kind::kNumber ||
                     token.kind == Token::Kind::kBits || token.kind == Token::Kind::kBytes;
  if (!given) return;
  const auto set = [&column](std::string text, std::string sql) {
    column.default_text = std::move(text);
    column.default_sql = std::move(sql);
  };
  std::string raw = (negative ? "-" : "") + token.text;
  const SourceType& type = column.source_type;
  const Form form = type.form;
  if (form == Form::kBits || form == Form::kBoolean) {
    if (token.kind != Token::Kind::kBits && raw != "0" && raw != "1") return;
    if (form == Form::kBoolean) return raw.ends_with('1') ? set("t", "true") : set("f", "false");
    raw.insert(0, static_cast<std::size_t>(std::max(0, bits_of(type) - static_cast<int>(raw.size()))), '0');
    return set(raw, "B'" + raw + "'");
  }
  if (form == Form::kBytes && type.recast == Recast::kNone) {
    if (token.kind == Token::Kind::kBits) return;
    // The server fills a BINARY(n) up.
    if (type.name == "binary") raw.resize(std::max(raw.size(), static_cast<std::size_t>(std::max(0, type.length))));
    std::string hex = "\\x";
    for (const char c : raw) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return set(hex, fmt::format("'{}'::bytea", hex));
  }
  if (token.kind == Token::Kind::kBytes) return;
  std::string scratch;
  std::string_view value;
  if (canonical(type, raw, scratch, value) != nullptr) return;
  if (type.recast == Recast::kTruth) return set(std::string(value), value == "t" ? "true" : "false");
  const bool number = (form == Form::kInteger || form == Form::kDecimal || form == Form::kYear ||
                       form == Form::kFloat || form == Form::kDouble) &&
                      !is_varying_text(column.column.type);
  set(std::string(value), number ? std::string(value) : literal(value));
}

Conversion convert(const Catalog& catalog, const Identifier& schema) {
  return Converter(catalog, schema).run();
}

connector::WrittenSchema written_schema(std::vector<connector::WrittenObject> objects) {
  return {.settings = {"SET client_encoding = 'UTF8';", "SET standard_conforming_strings = on;",
                       "SELECT pg_catalog.set_config('search_path', '', false);"},
          .objects = std::move(objects)};
}

}  // namespace voyager::mysql
