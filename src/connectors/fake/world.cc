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

std::vector<std::string> fake_values(const std::string& line) {
  std::vector<std::string> out = {{}};
  for (const char c : line) {
    if (c == '\n') break;
    if (c == '\t') {
      out.emplace_back();
    } else {
      out.back() += c;
    }
  }
  return out;
}

std::string fake_line(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) out += (&value == values.data() ? "" : "\t") + value;
  return out + "\n";
}

void FakeWorld::pass(FakeFault::At at, model::Side side) {
  if (on_pass) on_pass(at, side);
  const WorldLock lock(mutex);
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
  const WorldLock lock(mutex);
  return passed_;
}

void FakeWorld::order(const FakeFault& fault) {
  const WorldLock lock(mutex);
  faults_.push_back(fault);
}

void FakeWorld::add_source_table(FakeTable table) {
  const WorldLock lock(mutex);
  if (table.table.root.name.empty()) table.table.root = table.table.name;
  for (const std::string& row : table.rows) table.table.bytes += row.size();
  table.table.estimated_rows = table.rows.size();
  source[table.table.name] = std::move(table);
}

void FakeWorld::add_target_table(FakeTable table) {
  const WorldLock lock(mutex);
  if (table.table.root.name.empty()) table.table.root = table.table.name;
  target[table.table.name] = std::move(table);
}

void FakeWorld::write_source(const model::TableName& table, const std::string& row) {
  const WorldLock lock(mutex);
  source.at(table).rows.push_back(row);
  ++source_writes;
}

std::vector<std::string> FakeWorld::target_rows(const model::TableName& table) {
  const WorldLock lock(mutex);
  return target.at(table).rows;
}

std::map<model::TableName, FakeTable>& FakeWorld::tables(model::Side side) {
  return side == model::Side::kSource ? source : side == model::Side::kTarget ? target : replica;
}

std::string FakeWorld::batches_of(model::Side side, const std::string& migration) {
  return side == model::Side::kTarget ? migration : migration + " of the replica";
}

std::map<model::TableName, model::Sequence>& FakeWorld::sequences(model::Side side) {
  return side == model::Side::kSource   ? source_sequences
         : side == model::Side::kTarget ? target_sequences
                                        : replica_sequences;
}

void FakeWorld::commit(model::Side side, FakeTransaction transaction) {
  const WorldLock lock(mutex);
  for (const FakeChange& change : transaction.changes) {
    std::vector<std::string>& rows = tables(side).at(change.table).rows;
    if (change.kind == model::ChangeKind::kTruncate) rows.clear();
    if (!change.before.empty()) {
      const auto at = std::ranges::find(rows, fake_line(change.before));
      VOY_ASSERT(at != rows.end());
      rows.erase(at);
    }
    if (!change.after.empty()) rows.push_back(fake_line(change.after));
  }
  databases[side].log.push_back(transaction);
  if (side == model::Side::kSource) ++source_writes;
}

connector::BatchOutcome FakeWorld::import(const std::string& migration, const connector::Fence& fence,
                                          const connector::BatchRequest& request, const std::string& bytes,
                                          model::Side side) {
  const WorldLock lock(mutex);
  if (fence && runs[batches_of(side, migration)][fence->importer] != fence->run)
    connector::throw_taken_over("a batch of " + model::display(request.table), "fake");
  std::set<model::BatchKey>& known_keys = bookkeeping[batches_of(side, migration)];
  std::map<model::TableName, FakeTable>& all = tables(side);
  for (const model::BatchKey& key : request.keys) {
    const auto same = [&](const model::BatchKey& one) {
      return one.file_name == key.file_name && one.number == key.number;
    };
    if (std::ranges::none_of(known_keys, same)) continue;
    throw base::Error({.title = "a batch is on the target already", .where = "fake", .retry = base::Retry::kInDoubt});
  }
  const auto at = all.find(request.table);
  if (at == all.end()) {
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
    if (const auto needed = needed_rows.find(row); needed != needed_rows.end() && !holds(all, needed->second)) {
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
  if (planted != PlantedFault::kBatchApart) known_keys.insert(request.keys.begin(), request.keys.end());
  databases[side].snapshot_rows[migration][request.table] += in.rows;
  return in;
}

}  // namespace voyager::fake
