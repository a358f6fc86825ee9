#include "connectors/fake/world.h"

#include <algorithm>

namespace voyager::fake {
namespace {

std::vector<std::string> lines_of(const std::string& bytes) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = bytes.find('\n', at);
    out.push_back(bytes.substr(at, end == std::string::npos ? std::string::npos : end + 1 - at));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return out;
}

std::string key_of(const std::string& row) {
  return row.substr(0, row.find_first_of("\t\n"));
}

bool holds(const std::map<model::TableName, FakeTable>& tables, const std::string& row) {
  return std::ranges::any_of(
      tables, [&](const auto& entry) { return std::ranges::find(entry.second.rows, row) != entry.second.rows.end(); });
}

}  // namespace

void FakeWorld::pass(FakeFault::At at, model::Side side) {
  const std::lock_guard lock(mutex);
  const auto fault = std::ranges::find(faults_, at, &FakeFault::at);
  passed_ += std::to_string(static_cast<int>(at));
  if (fault == faults_.end() || fault->after-- > 0) return;
  passed_ += '!';
  const FakeFault due = *fault;
  faults_.erase(fault);
  const bool source_side = side == model::Side::kSource;
  throw base::Error({.exit = source_side ? base::ExitCode::kSourceUnreachable : base::ExitCode::kTargetUnreachable,
                     .title = "a fault was ordered",
                     .where = "fake",
                     .retry = due.retry,
                     .connection_lost = due.connection_lost});
}

std::string FakeWorld::passed() {
  const std::lock_guard lock(mutex);
  return passed_;
}

void FakeWorld::order(const FakeFault& fault) {
  const std::lock_guard lock(mutex);
  faults_.push_back(fault);
}

void FakeWorld::add_source_table(FakeTable table) {
  const std::lock_guard lock(mutex);
  if (table.table.root.name.empty()) table.table.root = table.table.name;
  for (const std::string& row : table.rows) table.table.bytes += row.size();
  table.table.estimated_rows = table.rows.size();
  source[table.table.name] = std::move(table);
}

void FakeWorld::add_target_table(FakeTable table) {
  const std::lock_guard lock(mutex);
  if (table.table.root.name.empty()) table.table.root = table.table.name;
  target[table.table.name] = std::move(table);
}

void FakeWorld::write_source(const model::TableName& table, const std::string& row) {
  const std::lock_guard lock(mutex);
  source.at(table).rows.push_back(row);
  ++source_writes;
}

std::vector<std::string> FakeWorld::target_rows(const model::TableName& table) {
  const std::lock_guard lock(mutex);
  return target.at(table).rows;
}

connector::BatchOutcome FakeWorld::import(const std::string& migration, const connector::BatchRequest& request,
                                          const std::string& bytes) {
  const std::lock_guard lock(mutex);
  std::set<model::BatchKey>& noted = bookkeeping[migration];
  for (const model::BatchKey& key : request.keys) {
    const auto same = [&](const model::BatchKey& one) {
      return one.file_name == key.file_name && one.number == key.number;
    };
    if (std::ranges::none_of(noted, same)) continue;
    throw base::Error({.title = "a batch is on the target already", .where = "fake", .retry = base::Retry::kInDoubt});
  }
  const auto at = target.find(request.table);
  if (at == target.end()) {
    throw base::Error({.title = "the target has no such table", .where = "fake", .sqlstate = "42P01"});
  }
  FakeTable& table = at->second;
  std::set<std::string> keys;
  const bool has_key = !table.table.primary_key.empty();
  for (const std::string& row : table.rows) {
    if (has_key) keys.insert(key_of(row));
  }
  std::vector<std::string> taken;
  connector::RowsIn in;
  std::uint64_t number = 0;
  for (const std::string& row : lines_of(bytes)) {
    if (refused_rows.contains(row))
      return connector::RowFault{.row = number, .sqlstate = "22000", .message = "refused"};
    if (const auto needed = needed_rows.find(row); needed != needed_rows.end() && !holds(target, needed->second)) {
      return connector::RowFault{.row = number, .sqlstate = "23514", .message = "another row is missing"};
    }
    const bool known = has_key && !keys.insert(key_of(row)).second;
    if (known && !request.ignore_key_conflicts) {
      return connector::RowFault{.row = number, .sqlstate = "23505", .message = "duplicate key"};
    }
    ++number;
    ++(known ? in.skipped : in.rows);
    if (!known) taken.push_back(row);
  }
  if (request.rows_expected > 0 && number != request.rows_expected) {
    throw base::Error({.title = "the target did not store every row", .where = "fake"});
  }
  table.rows.insert(table.rows.end(), taken.begin(), taken.end());
  noted.insert(request.keys.begin(), request.keys.end());
  return in;
}

}  // namespace voyager::fake
