#include "application.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "baton.h"

namespace voyager::simulation {
namespace {

using fake::FakeChange;
using fake::FakeTable;
using model::ChangeKind;
using model::Side;
using Row = std::vector<std::string>;

constexpr Side kSides[] = {Side::kSource, Side::kTarget, Side::kSourceReplica};
constexpr const char* kNull = "\\N";

model::TableName name_of(const char* table) {
  return {model::Identifier("public"), model::Identifier(table)};
}

const model::TableName& sequence() {
  static const model::TableName kName = name_of("ids");
  return kName;
}

struct Form {
  const char* name = "";
  std::vector<const char*> columns = {};
  bool key = true;
  std::vector<std::size_t> unique = {};
  bool whole_rows = false;
};
const std::vector<Form>& forms() {
  static const std::vector<Form> kAll = {
      {.name = "plain", .columns = {"id", "a", "b"}},
      {.name = "held", .columns = {"id", "u", "a"}, .unique = {1}},
      {.name = "shown", .columns = {"id", "u", "a"}, .unique = {1}, .whole_rows = true},
      {.name = "bare", .columns = {"a", "b"}, .key = false}};
  return kAll;
}

std::string value() {
  if (one_in(8)) return kNull;
  if (one_in(20)) return std::string(1 + draw(300), static_cast<char>('a' + draw(26)));
  return fmt::format("v{}", draw(30));
}

std::string next_id(fake::FakeWorld& world, Side side) {
  return std::to_string(++world.sequences(side).at(sequence()).last_value);
}

// The tables as one transaction sees them.
class Transaction {
 public:
  Transaction(fake::FakeWorld& world, Side side) : world_(world), side_(side) {}

  void do_something() {
    const Form& form = forms()[draw(forms().size())];
    const model::TableName table = name_of(form.name);
    std::vector<Row>& rows = rows_of(table);
    switch (draw(12)) {
      case 0:
      case 1:
      case 2:
        return insert(form, table, rows);
      case 3:
        if (rows.empty()) return;
        return remove(table, rows, draw(rows.size()));
      case 4:
        if (rows.size() < 2 || form.unique.empty()) return;
        return hand_over(table, rows, form.unique[0]);
      case 5:
        if (rows.empty() || !form.key) return;
        return change(table, rows, draw(rows.size()), 0, next_id(world_, side_));
      case 6:
        if (!one_in(6)) return;
        rows.clear();
        changes_.push_back({.kind = ChangeKind::kTruncate, .table = table});
        return;
      case 7: {
        if (rows.empty() || !form.key) return;
        // The same row again, as another.
        const std::size_t at = draw(rows.size());
        const Row before = rows[at];
        remove(table, rows, at);
        Row after = before;
        after.back() = value();
        return add(table, rows, after);
      }
      default: {
        if (rows.empty()) return;
        const std::size_t column = form.columns.size() - 1;
        return change(table, rows, draw(rows.size()), column, value());
      }
    }
  }

  std::vector<FakeChange> take() { return std::move(changes_); }

 private:
  std::vector<Row>& rows_of(const model::TableName& table) {
    const auto known = rows_.find(table);
    if (known != rows_.end()) return known->second;
    std::vector<Row>& out = rows_[table];
    for (const std::string& line : world_.tables(side_).at(table).rows) out.push_back(fake::fake_values(line));
    return out;
  }
  void add(const model::TableName& table, std::vector<Row>& rows, const Row& row) {
    rows.push_back(row);
    changes_.push_back({.kind = ChangeKind::kInsert, .table = table, .after = row});
  }
  void insert(const Form& form, const model::TableName& table, std::vector<Row>& rows) {
    Row row;
    for (std::size_t i = 0; i < form.columns.size(); ++i) row.push_back(value());
    if (form.key) {
      row[0] = next_id(world_, side_);
      const bool taken = std::ranges::any_of(rows, [&](const Row& one) { return one[0] == row[0]; });
      if (taken) world_.violations.push_back("the sequence of this side gives an id that is there: " + row[0]);
      if (taken) return;
    }
    for (const std::size_t column : form.unique) row[column] = free_value(rows, column);
    add(table, rows, row);
  }
  void remove(const model::TableName& table, std::vector<Row>& rows, std::size_t at) {
    changes_.push_back({.kind = ChangeKind::kDelete, .table = table, .before = rows[at]});
    rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void change(const model::TableName& table, std::vector<Row>& rows, std::size_t at, std::size_t column,
              const std::string& to) {
    Row after = rows[at];
    after[column] = to;
    changes_.push_back({.kind = ChangeKind::kUpdate, .table = table, .before = rows[at], .after = after});
    rows[at] = after;
  }
  static std::string free_value(const std::vector<Row>& rows, std::size_t column) {
    const std::string wanted = fmt::format("u{}", draw(25));
    const bool taken = std::ranges::any_of(rows, [&](const Row& one) { return one[column] == wanted; });
    return taken ? kNull : wanted;
  }
  // As an application has to do it: a unique value is free before another row takes it.
  void hand_over(const model::TableName& table, std::vector<Row>& rows, std::size_t column) {
    const std::size_t from = draw(rows.size());
    const std::size_t to = draw(rows.size());
    const std::string handed = rows[from][column];
    const std::string back = rows[to][column];
    if (from == to || handed == kNull) return;
    if (one_in(4)) {
      const std::string kept = rows[to].back();
      remove(table, rows, from);
      const std::size_t now = from < to ? to - 1 : to;
      return change(table, rows, now, column, handed);
    }
    change(table, rows, from, column, kNull);
    change(table, rows, to, column, handed);
    if (one_in(2)) change(table, rows, from, column, back);
  }

  fake::FakeWorld& world_;
  const Side side_;
  std::map<model::TableName, std::vector<Row>> rows_ = {};
  std::vector<FakeChange> changes_ = {};
};

}  // namespace

void make_tables(fake::FakeWorld& world) {
  for (const Side side : kSides) {
    world.sequences(side)[sequence()] = {.name = sequence(),
                                         .is_called = true,
                                         .owner_table = name_of("plain"),
                                         .owner_column = model::Identifier("id")};
  }
  for (const Form& form : forms()) {
    FakeTable table{.unique = form.unique, .logs_whole_rows = form.whole_rows};
    table.table.name = table.table.root = name_of(form.name);
    for (const char* column : form.columns)
      table.table.columns.push_back({.name = model::Identifier(column), .type = "text"});
    if (form.key) table.table.primary_key = {model::Identifier("id")};
    for (const Side side : kSides) world.tables(side)[table.table.name] = table;
    table.can_be_cut = !one_in(4);
    // As if its rows were large, so that it is read in several pieces.
    table.table.bytes = draw(2) * (64UL << 20U);
    world.add_source_table(table);
  }
  const std::uint64_t transactions = draw(40);
  for (std::uint64_t i = 0; i < transactions; ++i) write_something(world, Side::kSource);
  world.databases.clear();
}

void write_something(fake::FakeWorld& world, Side side) {
  Transaction transaction(world, side);
  const std::uint64_t count = one_in(10) ? 5 + draw(40) : 1 + draw(5);
  for (std::uint64_t i = 0; i < count; ++i) transaction.do_something();
  std::vector<FakeChange> changes = transaction.take();
  if (changes.empty()) return;
  note(fmt::format("the application changes {} rows of side {}", changes.size(), static_cast<int>(side)));
  const SharedMemory shared;
  world.commit(side, {.committed_at_micros = static_cast<std::int64_t>(now_us()), .changes = std::move(changes)});
}

std::string difference(fake::FakeWorld& world, Side one, Side other) {
  std::string out;
  for (const auto& [name, table] : world.tables(one)) {
    std::map<std::string, int> count;
    for (const std::string& row : table.rows) ++count[row];
    for (const std::string& row : world.tables(other).at(name).rows) --count[row];
    for (const auto& [row, times] : count) {
      if (times == 0) continue;
      out += fmt::format("  {}: {:+} of {}", model::display(name), -times, row);
    }
  }
  return out;
}

}  // namespace voyager::simulation
