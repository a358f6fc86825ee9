#include "connectors/postgresql/source_changes.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "connectors/postgresql/pgoutput.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/replication.h"
#include "connectors/postgresql/uncommitted.h"

namespace voyager::postgresql {
namespace {

using std::chrono::milliseconds;

// The walsender sends a packet a row. Reading each as it comes keeps both sides busy with nothing else; a moment's wait
// when the buffer has run dry lets a heap of them gather.
constexpr milliseconds kGather{1};
constexpr milliseconds kReportEvery{10'000};
constexpr const char* kSlotInUse = "55006";
constexpr milliseconds kSlotWait{250};
constexpr int kSlotTries = 40;
constexpr int kSendsUncommitted = 14;

class ChangeStream final : public connector::ChangeSource {
 public:
  ChangeStream(const model::ConnectionOptions& options, CaptureNames names, std::filesystem::path uncommitted_folder)
      : options_(options),
        names_(std::move(names)),
        uncommitted_folder_(std::move(uncommitted_folder)),
        catalog_(options) {}

  void open(const model::Position& from, const std::map<model::TableName, model::Position>& held) override {
    std::map<model::TableName, Lsn> held_until;
    for (const auto& [table, position] : held) held_until[table] = LogPlace::of(position).commit;
    stream_.reset();  // A slot has one reader at a time.
    if (!catalog_.healthy()) catalog_ = Connection(options_);
    catalog_.run("SET search_path = ''", "set up the session");
    stream_.emplace(options_);
    if (lag().lost) {
      throw base::Error(
          {.code = "CDC-006",
           .exit = base::ExitCode::kState,
           .title = "the source has given up what was not captured yet",
           .where = catalog_.where(),
           .cause = "replication slot " + names_.slot + " is gone, or its log was removed (max_slot_wal_keep_size)",
           .fix = {"export everything again: export data with --start-clean true"},
           .then = "changes since the last captured one cannot be had any more"});
    }
    const LogPlace place = LogPlace::of(from);
    decoder_.emplace(place, std::move(held_until), [this](const Relation& relation) { return describe(relation); });
    flushed_ = place.end;
    uncommitted_.reset();
    if (!uncommitted_folder_.empty() && catalog_.major() >= kSendsUncommitted)
      uncommitted_.emplace(uncommitted_folder_);
    start(place.end);
  }

  // A reader that has just gone, or was killed, holds the slot for a moment longer.
  void start(Lsn from) {
    for (int tries = 1;; ++tries) {
      try {
        return stream_->start(names_.slot, names_.publication, from, uncommitted_.has_value());
      } catch (const base::Error& error) {
        if (error.info().sqlstate != kSlotInUse || tries == kSlotTries || !catalog_.pause(kSlotWait)) throw;
      }
    }
  }

  void poll(connector::ChangeBatch& batch, milliseconds budget, std::size_t bytes_wanted) override {
    batch.records.clear();
    batch.caught_up = false;
    const std::uint64_t before = decoder_->changes();
    const auto end = base::system_clock().now() + budget;
    bool gathered = false;
    std::size_t kept = 0;  // of transactions that are not committed
    while (batch.records.size() + kept < bytes_wanted) {
      if (uncommitted_ && uncommitted_->ready()) {
        decode(uncommitted_->next(), batch);
        continue;
      }
      // The clock is asked only when there may be nothing: a million messages a second go through here.
      const bool waits = batch.records.empty() && !gathered;
      milliseconds longest{0};
      if (waits) longest = std::max(longest, std::chrono::ceil<milliseconds>(end - base::system_clock().now()));
      std::string_view message;
      const auto got = stream_->next(message, longest);
      if (stream_->wants_answer()) stream_->report(flushed_);
      if (got == ReplicationStream::Got::kMessage) {
        gathered = false;
        UncommittedTransactions::Taken taken;
        if (uncommitted_) taken = uncommitted_->take(message);
        if (taken.fault) refuse(*taken.fault);
        if (taken.taken) {
          kept += message.size();
        } else {
          decode(message, batch);
        }
      } else if (got == ReplicationStream::Got::kNothing) {
        if (waits || gathered) {
          batch.caught_up = true;
          break;
        }
        gathered = true;
        if (!catalog_.pause(kGather)) break;
      }
    }
    batch.changes = decoder_->changes() - before;
    batch.end = decoder_->place().position();
    batch.committed_at_micros = decoder_->committed_at_micros();
    batch.in_transaction = decoder_->in_transaction();
    idle_ = batch.caught_up && !batch.in_transaction;
  }

  bool keep_nothing_uncommitted() override {
    uncommitted_folder_.clear();
    if (!uncommitted_ || uncommitted_->empty()) return false;
    uncommitted_.reset();
    stream_.reset();
    idle_ = false;
    return true;
  }

  model::Position end_of_log() override {
    const Lsn place = mark_end_of_log(catalog_);
    return LogPlace{.commit = place, .changes = LogPlace::kAll, .end = place}.position();
  }

  bool has_seen(const model::Position& place) override {
    const LogPlace wanted = LogPlace::of(place);
    return !decoder_->in_transaction() &&
           (decoder_->place() >= wanted || (idle_ && stream_->server_end() >= wanted.commit));
  }

  void confirm(const model::Position& durable) override {
    const LogPlace place = LogPlace::of(durable);
    Lsn safe = std::max(flushed_, place.end);
    // What the server has sent us beyond that place was nothing that concerns these tables.
    if (idle_ && place == decoder_->place()) safe = std::max(safe, stream_->server_end());
    // A server that hears nothing for a while gives the connection up.
    const auto now = base::system_clock().now();
    if (safe == flushed_ && now < reported_ + kReportEvery) return;
    flushed_ = safe;
    reported_ = now;
    stream_->report(flushed_);
  }

  connector::SourceLag lag() override { return slot_lag(catalog_, names_.slot); }

  std::vector<model::TableName> uncaptured() override {
    const Result rows = catalog_.query(queries::kCaptureStrangers,
                                       {array_literal(options_.schemas), names_.publication}, "look for new tables");
    std::vector<model::TableName> out;
    for (int row = 0; row < rows.rows(); ++row) out.push_back({rows.identifier(row, 0), rows.identifier(row, 1)});
    return out;
  }

  void abandon() override {
    stream_.reset();
    drop_slot(catalog_, names_.slot);
  }

 private:
  void decode(std::string_view message, connector::ChangeBatch& batch) {
    if (const std::optional<std::string> fault = decoder_->decode(message, batch.records)) refuse(*fault);
  }

  [[noreturn]] void refuse(const std::string& fault) const {
    throw base::Error({.code = "CDC-001",
                       .title = "the source's changes cannot be read",
                       .where = catalog_.where(),
                       .cause = fault,
                       .then = "everything up to there is kept; this is a fault of yb-voyager or of the server"});
  }

  // Names come from the catalogue of now, columns from the message: from when the change was made. With an empty path
  // types are named so that they are found elsewhere.
  model::ChangeTable describe(const Relation& relation) {
    std::vector<std::int64_t> types, modifiers;
    std::vector<std::string> names;
    for (const Relation::Column& column : relation.columns) {
      types.push_back(column.type);
      modifiers.push_back(column.modifier);
      names.push_back(column.name);
    }
    const Result rows = catalog_.query(queries::kRelationOfChange,
                                       {std::to_string(relation.oid), array_literal(types), array_literal(modifiers),
                                        array_literal(names), names_.publication},
                                       "describe " + model::display(relation.name));
    model::ChangeTable table{.name = relation.name, .leaf = relation.name};
    if (!rows.is_null(0, 1)) table.name = {rows.identifier(0, 0), rows.identifier(0, 1)};
    int row = 0;
    for (const Relation::Column& column : relation.columns) {
      table.columns.push_back({.name = model::Identifier(column.name),
                               .type = rows.string(row, 2),
                               .key = column.key,
                               .addable = rows.boolean(row, 3),
                               .add_sql = rows.string(row, 4),
                               .then_sql = rows.string(row, 5)});
      ++row;
    }
    return table;
  }

  const model::ConnectionOptions options_;
  const CaptureNames names_;
  std::filesystem::path uncommitted_folder_;
  Connection catalog_;
  std::optional<ReplicationStream> stream_ = {};
  std::optional<PgoutputDecoder> decoder_ = {};
  std::optional<UncommittedTransactions> uncommitted_ = {};
  Lsn flushed_ = 0;
  base::Clock::Instant reported_ = {};
  bool idle_ = false;
};

}  // namespace

CaptureNames capture_names(std::string uuid) {
  std::ranges::replace(uuid, '-', '_');
  return {.slot = "voyager_" + uuid, .publication = "voyager_dbz_publication_" + uuid};
}

std::unique_ptr<connector::ChangeSource> make_change_source(const model::ConnectionOptions& options,
                                                            const CaptureNames& names,
                                                            const std::filesystem::path& uncommitted_folder) {
  return std::make_unique<ChangeStream>(options, names, uncommitted_folder);
}

}  // namespace voyager::postgresql
