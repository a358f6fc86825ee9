#include "connectors/fake/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/clock.h"

namespace voyager::fake {
namespace {

using model::ChangeKind;
using At = FakeFault::At;

constexpr const char* kNull = "\\N";

// A place in a log: behind `changes` changes of transaction `transaction` (from 1), or behind all of it.
struct Place {
  static constexpr std::uint64_t kAll = ~std::uint64_t{0};
  std::uint64_t transaction = 0;
  std::uint64_t changes = kAll;
  auto operator<=>(const Place&) const = default;

  model::Position position() const {
    model::Position out;
    for (const std::uint64_t number : {transaction, changes}) {
      for (int shift = 56; shift >= 0; shift -= 8) out.bytes += static_cast<char>(number >> shift & 0xff);
    }
    return out;
  }
  static Place of(const model::Position& position) {
    VOY_ASSERT(position.bytes.size() == 16);
    std::uint64_t numbers[2] = {};
    for (std::size_t i = 0; i < 16; ++i) {
      numbers[i / 8] = numbers[i / 8] << 8U | static_cast<unsigned char>(position.bytes[i]);
    }
    return {.transaction = numbers[0], .changes = numbers[1]};
  }
};

[[noreturn]] void slot_is_gone() {
  throw base::Error({.code = "CDC-002",
                     .exit = base::ExitCode::kState,
                     .title = "the source keeps nothing for this migration",
                     .where = "fake"});
}

class Setup final : public connector::CaptureSetup {
 public:
  Setup(std::shared_ptr<FakeWorld> world, model::Side side, std::string migration)
      : world_(std::move(world)), side_(side), migration_(std::move(migration)) {
    world_->pass(At::kConnect, side_);
  }
  ~Setup() override {
    const WorldLock lock(world_->mutex);
    world_->anchors.erase(anchor_);
  }

  std::vector<model::Finding> check(const std::vector<model::Table>&) override {
    world_->pass(At::kAsk, side_);
    return {};
  }
  std::vector<std::string> undo(const std::vector<model::Table>&) override { return {}; }

  connector::CaptureStart begin(const std::vector<model::Table>& tables, connector::CaptureSnapshot snapshot) override {
    world_->pass(At::kAsk, side_);
    connector::CaptureStart start;
    {
      const WorldLock lock(world_->mutex);
      FakeDatabase& database = world_->databases[side_];
      const std::uint64_t now = database.log.size();
      const auto slot = database.slots.find(migration_);
      const bool there = slot != database.slots.end();
      if (snapshot == connector::CaptureSnapshot::kAgain) {
        if (!there) slot_is_gone();
        start.position = Place{.transaction = now}.position();
      } else if (snapshot == connector::CaptureSnapshot::kNone && there) {
        start.position = Place{.transaction = slot->second.start}.position();
      } else {
        FakeSlot& made = database.slots[migration_] = {.start = now, .confirmed = now};
        for (const model::Table& table : tables) made.tables.insert(table.name);
        start.position = Place{.transaction = now}.position();
      }
      if (snapshot != connector::CaptureSnapshot::kNone) {
        start.anchor = anchor_ = fmt::format("anchor/{}", now);
        world_->anchors[anchor_] = world_->tables(side_);
      }
    }
    world_->pass(At::kAsk, side_);
    return start;
  }
  std::uint64_t retained_bytes() override { return 0; }
  std::vector<model::Sequence> sequences() override {
    world_->pass(At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    std::vector<model::Sequence> out;
    for (const auto& [name, sequence] : world_->sequences(side_)) out.push_back(sequence);
    return out;
  }
  void end(const std::vector<std::string>&) override {
    world_->pass(At::kAsk, side_);
    {
      const WorldLock lock(world_->mutex);
      world_->databases[side_].slots.erase(migration_);
    }
    world_->pass(At::kAsk, side_);
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const model::Side side_;
  const std::string migration_;
  std::string anchor_ = {};
};

class Stream final : public connector::ChangeSource {
 public:
  Stream(std::shared_ptr<FakeWorld> world, const model::ConnectionOptions& options, std::string migration)
      : world_(std::move(world)), side_(options.side), stop_(options.stop), migration_(std::move(migration)) {
    world_->pass(At::kConnect, side_);
  }

  void open(const model::Position& from, const connector::CaptureScope& scope) override {
    world_->pass(At::kConnect, side_);
    const WorldLock lock(world_->mutex);
    const FakeSlot& kept = slot();
    place_ = from.bytes.empty() ? Place{.transaction = kept.start} : Place::of(from);
    tables_ = kept.tables;
    held_.clear();
    for (const auto& [table, position] : scope.held) held_[table] = Place::of(position).transaction;
    // What was confirmed is not sent again, whatever is asked for.
    while (place_ < Place{.transaction = kept.confirmed}) {
      if (place_.changes == Place::kAll) place_ = {.transaction = place_.transaction + 1, .changes = 0};
      const std::vector<FakeChange>& changes = world_->databases[side_].log[place_.transaction - 1].changes;
      const auto lost = [this](const FakeChange& change) { return concerns(change); };
      if (std::any_of(changes.begin() + static_cast<std::ptrdiff_t>(place_.changes), changes.end(), lost))
        world_->violations.push_back(fmt::format("transaction {} was confirmed, and is not there", place_.transaction));
      place_.changes = Place::kAll;
    }
    told_.clear();
    begun_ = false;
  }

  void poll(connector::ChangeBatch& batch, std::chrono::milliseconds budget, std::size_t bytes_wanted) override {
    batch.records.clear();
    batch.changes = 0;
    constexpr std::chrono::milliseconds kPause{10};
    for (std::chrono::milliseconds waited{0}; waited < budget && !has_more(); waited += kPause) {
      if (!base::system_clock().sleep_for(kPause, *stop_)) break;
    }
    world_->pass(At::kSend, side_);
    const WorldLock lock(world_->mutex);
    FakeDatabase& database = world_->databases[side_];
    const std::size_t bytes_max = std::min(bytes_wanted, world_->change_bytes_max);
    while (batch.records.size() < bytes_max && give_one(database.log, batch)) {
    }
    batch.end = place_.position();
    batch.caught_up = place_ == Place{.transaction = database.log.size()};
    batch.in_transaction = place_.changes != Place::kAll;
    if (world_->planted == PlantedFault::kConfirmedWhenSent) slot().confirmed = place_.transaction;
  }
  bool keep_nothing_uncommitted() override { return false; }

  void confirm(const model::Position& durable) override {
    world_->pass(At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    const Place place = Place::of(durable);
    std::uint64_t& confirmed = slot().confirmed;
    const std::uint64_t whole = place.changes == Place::kAll ? place.transaction : place.transaction - 1;
    if (place > place_) world_->violations.emplace_back("what was never sent is confirmed");
    if (whole < confirmed && world_->planted == PlantedFault::kNone)
      world_->violations.emplace_back("a confirmed place goes back");
    confirmed = std::max(confirmed, whole);
  }
  model::Position end_of_log() override {
    world_->pass(At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    return Place{.transaction = world_->databases[side_].log.size()}.position();
  }
  bool has_seen(const model::Position& place) override { return place_ >= Place::of(place); }
  connector::SourceLag lag() override { return {}; }
  std::vector<connector::ValueChange> value_changes() override { return {}; }
  connector::CapturedTables tables() override { return {}; }
  void abandon() override {
    const WorldLock lock(world_->mutex);
    world_->databases[side_].slots.erase(migration_);
  }

 private:
  FakeSlot& slot() {
    const auto at = world_->databases[side_].slots.find(migration_);
    if (at == world_->databases[side_].slots.end()) slot_is_gone();
    return at->second;
  }
  bool has_more() {
    const WorldLock lock(world_->mutex);
    return place_ < Place{.transaction = world_->databases[side_].log.size()};
  }

  // The next change, or the end of its transaction. False when there is none.
  bool give_one(const std::vector<FakeTransaction>& log, connector::ChangeBatch& batch) {
    model::ChangeWriter out(batch.records);
    if (place_.changes == Place::kAll) {
      if (place_.transaction == log.size()) return false;
      place_ = {.transaction = place_.transaction + 1, .changes = 0};
    }
    const FakeTransaction& transaction = log[place_.transaction - 1];
    if (place_.changes == transaction.changes.size()) {
      if (begun_) out.commit();
      begun_ = false;
      place_.changes = Place::kAll;
      return true;
    }
    const FakeChange& change = transaction.changes[place_.changes++];
    if (!concerns(change)) return true;
    if (!begun_) out.begin(fmt::format("{}", place_.transaction), transaction.committed_at_micros);
    begun_ = true;
    batch.committed_at_micros = transaction.committed_at_micros;
    give(change, out);
    ++batch.changes;
    return true;
  }

  // Of the transaction in hand.
  bool concerns(const FakeChange& change) const {
    const auto held = held_.find(change.table);
    return tables_.contains(change.table) && (held == held_.end() || place_.transaction > held->second);
  }

  void give(const FakeChange& change, model::ChangeWriter& out) {
    const FakeTable& table = world_->tables(side_).at(change.table);
    const std::size_t columns = table.table.columns.size();
    const std::vector<model::Identifier>& key = table.table.primary_key;
    const bool whole = key.empty() || table.logs_whole_rows;
    const auto is_key = [&](std::size_t column) {
      return whole || std::ranges::find(key, table.table.columns[column].name) != key.end();
    };
    const auto number = static_cast<std::uint32_t>(
        1 + std::distance(world_->tables(side_).begin(), world_->tables(side_).find(change.table)));
    if (told_.insert(number).second) {
      model::ChangeTable described{.name = change.table, .leaf = change.table};
      for (std::size_t i = 0; i < columns; ++i) {
        described.columns.push_back(
            {.name = table.table.columns[i].name, .type = table.table.columns[i].type, .key = is_key(i)});
      }
      out.table(number, described);
    }
    if (change.kind == ChangeKind::kTruncate) return out.truncate(std::span(&number, 1), false, false);
    bool key_changed = false;
    for (std::size_t i = 0; i < change.before.size() && !change.after.empty(); ++i)
      key_changed = key_changed || (is_key(i) && change.before[i] != change.after[i]);
    const bool needed = change.kind == ChangeKind::kDelete || key_changed || (whole && !change.before.empty());
    const model::BeforeKind before = !needed ? model::BeforeKind::kNone
                                     : whole ? model::BeforeKind::kFull
                                             : model::BeforeKind::kKey;
    out.begin_row(change.kind, number, before);
    const auto tuple = [&](const std::vector<std::string>& values, bool key_only) {
      out.begin_tuple(static_cast<std::uint32_t>(columns));
      for (std::size_t i = 0; i < columns; ++i) {
        const bool left_out = key_only && !is_key(i);
        left_out || values[i] == kNull ? out.null() : out.text(values[i]);
      }
    };
    if (needed) tuple(change.before, !whole);
    if (!change.after.empty()) tuple(change.after, false);
    out.end_row();
  }

  const std::shared_ptr<FakeWorld> world_;
  const model::Side side_;
  const base::Stop* const stop_;
  const std::string migration_;
  Place place_ = {};
  std::set<model::TableName> tables_ = {};
  std::map<model::TableName, std::uint64_t> held_ = {};
  std::set<std::uint32_t> told_ = {};
  bool begun_ = false;  // the transaction in hand was begun in what was given
};

class Applier final : public connector::ChangeTarget {
 public:
  Applier(std::shared_ptr<FakeWorld> world, model::Side side, std::string migration)
      : world_(std::move(world)), side_(side), migration_(std::move(migration)) {
    world_->pass(At::kConnect, side_);
  }

  std::vector<model::TableName> names_of(const std::vector<std::uint64_t>&) override { return {}; }
  std::vector<connector::ApplyTable> describe(const std::vector<model::TableName>& names) override {
    world_->pass(At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    std::vector<connector::ApplyTable> out;
    for (const auto& [name, table] : world_->tables(side_)) {
      if (std::ranges::find(names, name) == names.end()) continue;
      connector::ApplyTable one{.name = name, .primary_key = table.table.primary_key};
      for (const model::Column& column : table.table.columns) {
        one.columns.push_back({.name = column.name, .type = column.type, .full_type = column.type, .equality = "="});
      }
      for (const std::size_t column : table.unique) one.unique.push_back({.columns = {one.columns[column].name}});
      out.push_back(std::move(one));
    }
    return out;
  }
  std::vector<connector::ApplyHook> hooks(const std::vector<model::TableName>&) override { return {}; }
  connector::ColumnChanged change_column(const connector::ColumnChange&) override { return {}; }

  std::vector<std::int64_t> begin(int lanes) override {
    world_->pass(At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    std::vector<std::int64_t>& rows = world_->databases[side_].lanes[migration_].applied;
    if (rows.empty()) rows.resize(static_cast<std::size_t>(lanes));
    VOY_ASSERT(lanes == 0 || rows.size() == static_cast<std::size_t>(lanes));
    return rows;
  }
  std::uint64_t applied_changes() override {
    const WorldLock lock(world_->mutex);
    std::uint64_t sum = 0;
    for (const auto& [table, counts] : world_->databases[side_].lanes[migration_].counts)
      sum += counts.inserts + counts.updates + counts.deletes;
    return sum;
  }

  connector::ApplyOutcome apply(const connector::LaneBatch& batch) override {
    world_->pass(At::kBeforeCommit, side_);
    connector::ApplyOutcome outcome;
    if (world_->planted == PlantedFault::kNumberFirst) {
      number(batch);
      world_->pass(At::kApart, side_);
    }
    {
      const WorldLock lock(world_->mutex);
      FakeLanes& lanes = world_->databases[side_].lanes[migration_];
      for (const connector::LaneBatch::Row& row : batch.lanes) {
        const std::int64_t now = lanes.applied.at(static_cast<std::size_t>(row.lane));
        if (now != row.before_vsn && world_->planted == PlantedFault::kNone) {
          throw base::Error({.code = "CDC-004",
                             .exit = base::ExitCode::kState,
                             .title = "another process applies changes of this migration",
                             .where = "fake"});
        }
        if (row.last_vsn < now) world_->violations.emplace_back("a lane's number goes back");
      }
      std::map<model::TableName, FakeTable> after = world_->tables(side_);
      FakeLanes lanes_after = lanes;
      FakeTransaction logged{.committed_at_micros = 1};
      for (const connector::ApplyStep& step : batch.steps) {
        if (!run(step, after, lanes_after, logged, outcome)) return outcome;
      }
      world_->tables(side_) = std::move(after);
      lanes = std::move(lanes_after);
      world_->databases[side_].log.push_back(std::move(logged));
      if (world_->planted != PlantedFault::kNumberApart) note(batch);
    }
    if (world_->planted == PlantedFault::kNumberApart) {
      world_->pass(At::kApart, side_);
      number(batch);
    }
    world_->pass(At::kAfterCommit, side_);
    return outcome;
  }
  std::int64_t applied(int lane) override {
    world_->pass(At::kAsk, side_);
    const WorldLock lock(world_->mutex);
    return world_->databases[side_].lanes[migration_].applied.at(static_cast<std::size_t>(lane));
  }

 private:
  using Tables = std::map<model::TableName, FakeTable>;

  void number(const connector::LaneBatch& batch) {
    const WorldLock lock(world_->mutex);
    note(batch);
  }
  void note(const connector::LaneBatch& batch) {
    FakeLanes& lanes = world_->databases[side_].lanes[migration_];
    for (const connector::LaneBatch::Row& row : batch.lanes)
      lanes.applied[static_cast<std::size_t>(row.lane)] = row.last_vsn;
    for (const connector::LaneCounts& one : batch.counts) {
      connector::ImportedTable& counts = lanes.counts[one.table];
      counts.inserts += one.inserts;
      counts.updates += one.updates;
      counts.deletes += one.deletes;
    }
  }

  static bool is_free(const FakeTable& table, const std::vector<std::string>& values) {
    std::vector<std::size_t> columns = table.unique;
    if (!table.table.primary_key.empty()) columns.push_back(0);
    for (const std::string& row : table.rows) {
      const std::vector<std::string> others = fake_values(row);
      for (const std::size_t column : columns) {
        if (values[column] != kNull && values[column] == others[column]) return false;
      }
    }
    return true;
  }

  static bool refuse(const FakeTable& table, connector::ApplyOutcome& outcome) {
    outcome = {.refused = "duplicate key value in " + model::display(table.table.name),
               .sqlstate = "23505",
               .order_may_help = true};
    return false;
  }

  static bool run(const connector::ApplyStep& step, Tables& tables, FakeLanes& lanes, FakeTransaction& logged,
                  connector::ApplyOutcome& outcome) {
    using Kind = connector::ApplyStep::Kind;
    if (step.kind == Kind::kTruncate) {
      for (const connector::ApplyStep::Truncated& one : step.truncated) {
        FakeTable& table = tables.at(one.name);
        lanes.counts[one.name].truncated_rows += table.rows.size();
        table.rows.clear();
        logged.changes.push_back({.kind = ChangeKind::kTruncate, .table = one.name});
      }
      return true;
    }
    VOY_ASSERT(step.kind != Kind::kCascade);  // A fake source has no foreign keys.
    FakeTable& table = tables.at(step.table->name);
    const std::size_t width = step.key.size() + step.columns.size();
    const auto text = [](const model::ChangeValue& value) {
      VOY_ASSERT(value.kind != model::ValueKind::kUnchanged);
      return value.kind == model::ValueKind::kNull ? std::string(kNull) : std::string(value.text);
    };
    std::uint64_t missed = 0;
    for (std::size_t row = 0; row < step.rows; ++row) {
      const std::span values(step.values.data() + row * width, width);
      const auto has_key = [&](const std::string& line) {
        const std::vector<std::string> there = fake_values(line);
        for (std::size_t i = 0; i < step.key.size(); ++i) {
          if (there[step.key[i]] != text(values[i])) return false;
        }
        return true;
      };
      FakeChange change{.kind = ChangeKind::kInsert, .table = step.table->name};
      std::vector<std::string> fields(table.table.columns.size(), kNull);
      auto at = table.rows.end();
      if (step.kind != Kind::kInsert) {
        at = std::ranges::find_if(table.rows, has_key);
        if (at == table.rows.end()) {
          ++missed;
          continue;
        }
        change.before = fields = fake_values(*at);
        table.rows.erase(at);
      }
      const bool deletes = step.kind == Kind::kDelete || step.kind == Kind::kDeleteOne;
      change.kind = deletes                      ? ChangeKind::kDelete
                    : step.kind == Kind::kInsert ? ChangeKind::kInsert
                                                 : ChangeKind::kUpdate;
      if (!deletes) {
        for (std::size_t i = 0; i < step.columns.size(); ++i)
          fields[step.columns[i]] = text(values[step.key.size() + i]);
        if (!is_free(table, fields)) return refuse(table, outcome);
        table.rows.push_back(fake_line(fields));
        change.after = fields;
      }
      logged.changes.push_back(std::move(change));
    }
    if (missed > 0)
      outcome.missed.push_back({.table = step.table->name,
                                .kind = step.kind == Kind::kUpdate ? Kind::kUpdate : Kind::kDelete,
                                .rows = missed});
    return true;
  }

  const std::shared_ptr<FakeWorld> world_;
  const model::Side side_;
  const std::string migration_;
};

class Counts final : public connector::ImportedCounts {
 public:
  Counts(std::shared_ptr<FakeWorld> world, model::Side side, std::string migration)
      : world_(std::move(world)), side_(side), migration_(std::move(migration)) {}

  std::vector<connector::ImportedTable> imported() override {
    const WorldLock lock(world_->mutex);
    FakeDatabase& database = world_->databases[side_];
    std::map<model::TableName, connector::ImportedTable> all = database.lanes[migration_].counts;
    for (const auto& [table, rows] : database.snapshot_rows[migration_]) all[table].snapshot_rows = rows;
    std::vector<connector::ImportedTable> out;
    for (auto& [name, table] : all) {
      table.table = name;
      out.push_back(table);
    }
    return out;
  }
  std::int64_t applied() override {
    const WorldLock lock(world_->mutex);
    const std::vector<std::int64_t>& lanes = world_->databases[side_].lanes[migration_].applied;
    return lanes.empty() ? 0 : *std::ranges::min_element(lanes);
  }
  std::map<model::TableName, std::uint64_t> count(const std::vector<model::TableName>& tables) override {
    const WorldLock lock(world_->mutex);
    std::map<model::TableName, std::uint64_t> out;
    for (const model::TableName& name : tables) {
      const auto at = world_->tables(side_).find(name);
      if (at != world_->tables(side_).end()) out[name] = at->second.rows.size();
    }
    return out;
  }

 private:
  const std::shared_ptr<FakeWorld> world_;
  const model::Side side_;
  const std::string migration_;
};

}  // namespace

std::unique_ptr<connector::CaptureSetup> make_capture_setup(std::shared_ptr<FakeWorld> world, model::Side side,
                                                            std::string migration) {
  return std::make_unique<Setup>(std::move(world), side, std::move(migration));
}
std::unique_ptr<connector::ChangeSource> make_change_source(std::shared_ptr<FakeWorld> world,
                                                            const model::ConnectionOptions& options,
                                                            std::string migration) {
  return std::make_unique<Stream>(std::move(world), options, std::move(migration));
}
std::unique_ptr<connector::ChangeTarget> make_change_target(std::shared_ptr<FakeWorld> world, model::Side side,
                                                            std::string migration) {
  return std::make_unique<Applier>(std::move(world), side, std::move(migration));
}
std::unique_ptr<connector::ImportedCounts> make_imported_counts(std::shared_ptr<FakeWorld> world, model::Side side,
                                                                std::string migration) {
  return std::make_unique<Counts>(std::move(world), side, std::move(migration));
}

}  // namespace voyager::fake
