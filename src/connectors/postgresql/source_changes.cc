#include "connectors/postgresql/source_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "connector/begin_anew.h"
#include "connectors/postgresql/captured_tables.h"
#include "connectors/postgresql/followed_log.h"
#include "connectors/postgresql/pgoutput.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/relation_columns.h"
#include "connectors/postgresql/replication.h"
#include "connectors/postgresql/uncommitted.h"

namespace voyager::postgresql {
namespace {

using std::chrono::milliseconds;

// The walsender sends each row by itself, and more than half of its time goes into packets as long as the window is
// open. While it is kept shut what gathers behind it comes in large ones: for a moment inside of a transaction that was
// just committed, for longer when the server is behind, or sends what is not committed yet.
constexpr milliseconds kGather{1};
constexpr milliseconds kGatherBacklog{20};
constexpr milliseconds kLongestBacklog{200};
constexpr std::chrono::microseconds kBehind{100'000};
constexpr std::size_t kBacklog = 8 * 1024;
constexpr milliseconds kReportEvery{10'000};
constexpr milliseconds kTellAheadEvery{2'000};  // Each is a file that is synced.
constexpr const char* kSlotInUse = "55006";
constexpr milliseconds kSlotWait{250};
constexpr int kSlotTries = 40;
constexpr int kSendsUncommitted = 14;

class ChangeStream final : public connector::ChangeSource {
 public:
  ChangeStream(const model::ConnectionOptions& options, CaptureNames names, std::filesystem::path uncommitted_folder)
      : options_(options),
        names_(std::move(names)),
        folder_(uncommitted_folder),
        uncommitted_folder_(std::move(uncommitted_folder)),
        catalog_(options) {}

  void open(const model::Position& from, const connector::CaptureScope& scope) override {
    std::map<model::TableName, Lsn> held_until;
    for (const auto& [table, position] : scope.held) held_until[table] = LogPlace::of(position).commit;
    for (const connector::NumberedTable& table : scope.begun_with) at_start_[table.number] = table.columns;
    if (!table_watch_) table_watch_.emplace(options_.schemas, names_.publication, scope.begun_with);
    stream_.reset();  // A slot has one reader at a time.
    if (!catalog_.healthy()) catalog_ = Connection(options_);
    catalog_.run("SET search_path = ''", "set up the session");
    stream_.emplace(options_);
    slot_keeps_ = 0;
    const SlotState slot = look_at_slot(catalog_, names_.slot);
    if (slot.lag.lost)
      refuse_gap("replication slot " + names_.slot + " is gone, or its log was removed (max_slot_wal_keep_size)");
    const LogPlace place = LogPlace::of(from);
    refuse_other_log(place, slot.keeps);
    decoder_.emplace(place, std::move(held_until), [this](const Relation& relation) { return describe(relation); });
    flushed_ = recorded_ = place.end;
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
    bool nothing_waits = false;
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
        came_ += message.size();
        UncommittedTransactions::Taken taken;
        if (uncommitted_) taken = uncommitted_->take(message);
        if (taken.fault) refuse(*taken.fault);
        if (taken.taken) {
          kept += message.size();
          uncommitted_came_ += message.size();
        } else {
          decode(message, batch);
        }
      } else if (got == ReplicationStream::Got::kNothing) {
        nothing_waits = waits || gathered;
        const bool behind = is_behind();
        // More gathers while what there is is made safe.
        const bool enough = !behind && !decoder_->in_transaction();
        const bool late = base::system_clock().now() >= end + (behind ? kLongestBacklog : milliseconds(0));
        if (nothing_waits || enough || late) {
          batch.caught_up = waits || !behind;
          break;
        }
        gathered = true;
        if (!catalog_.pause(behind ? kGatherBacklog : kGather)) break;
        stream_->take_in();
      }
    }
    batch.changes = decoder_->changes() - before;
    batch.end = decoder_->place().position();
    if (!batch.records.empty()) recorded_ = std::max(recorded_, decoder_->place().end);
    batch.committed_at_micros = decoder_->committed_at_micros();
    batch.in_transaction = decoder_->in_transaction();
    idle_ = nothing_waits && !batch.in_transaction;
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
    const auto now = base::system_clock().now();
    // The queue knows where its last records end. What the server has sent us beyond that was nothing that concerns
    // these tables.
    Lsn safe = std::max(flushed_, recorded_);
    Lsn ahead = std::max(safe, place.end);
    if (idle_ && place == decoder_->place()) ahead = std::max(ahead, stream_->server_end());
    if (ahead > safe && now >= told_at_ + kTellAheadEvery) {
      told_at_ = now;
      FollowedLog log = log_;
      log.told = ahead;
      if (note(log)) safe = ahead;
    }
    // A server that hears nothing for a while gives the connection up.
    if (safe == flushed_ && now < reported_ + kReportEvery) return;
    flushed_ = safe;
    reported_ = now;
    stream_->report(flushed_);
  }

  connector::SourceLag lag() override {
    const SlotState slot = look_at_slot(catalog_, names_.slot);
    // What was there at the look before, over the same connection, is on the server's disk by now.
    const Lsn keeps = std::exchange(slot_keeps_, slot.keeps);
    if (keeps > log_.slot_keeps && !log_.identity.system.empty()) {
      FollowedLog log = log_;
      log.slot_keeps = keeps;
      (void)note(log);
    }
    return slot.lag;
  }

  std::vector<connector::ValueChange> value_changes() override { return {}; }

  connector::CapturedTables tables() override { return table_watch_->look(catalog_); }

  void abandon() override {
    stream_.reset();
    drop_slot(catalog_, names_.slot);
  }

 private:
  // By the server's clock, and by what has come since the last look: the source of a source has a clock of its own.
  // What is not committed has time until it is.
  bool is_behind() {
    const bool much = std::exchange(came_, 0) >= kBacklog;
    const bool uncommitted = std::exchange(uncommitted_came_, 0) >= kBacklog;
    return uncommitted || (much && stream_->sent_at_micros() - decoder_->committed_at_micros() > kBehind.count());
  }

  bool from_source() const { return options_.side == model::Side::kSource; }

  std::filesystem::path log_file(const char* suffix = "followed") const {
    return folder_ / fmt::format("{}_{}.{}", names_.slot, from_source() ? "source" : "target", suffix);
  }
  // Before the server is told of it. False where the disk is full: the server keeps its log for longer then.
  bool note(const FollowedLog& log) {
    if (folder_.empty()) return true;
    try {
      std::filesystem::create_directories(folder_);
      base::write_file_atomically(log_file(), text_of(log));
      log_ = log;
      return true;
    } catch (const std::exception& error) {
      base::log_warn(std::string("what the source was told cannot be noted: ") + error.what());
      return false;
    }
  }

  // A server that was put back to an earlier state has other changes at places that the queue has behind it. A slot
  // that was made again or moved on by somebody does not send what came in between; nor does one that another copy of
  // this queue has followed. A queue of which nothing was ever noted is believed. A slot is not confirmed behind a
  // transaction of which the queue has only a part.
  void refuse_other_log(const LogPlace& queue, Lsn slot_keeps) {
    if (folder_.empty()) return;
    // As an earlier version called it.
    if (std::filesystem::exists(log_file("told"))) std::filesystem::rename(log_file("told"), log_file());
    const bool noted = std::filesystem::exists(log_file());
    log_ = noted ? parse_followed_log(base::read_file(log_file())) : FollowedLog();
    const LogIdentity identity = stream_->identify();
    const Result slot = catalog_.query(
        "SELECT confirmed_flush_lsn, CASE WHEN version() !~ '-YB-' THEN pg_catalog.pg_current_wal_lsn() END "
        "FROM pg_catalog.pg_replication_slots WHERE slot_name = $1",
        {names_.slot}, "look at the slot");
    const auto place = [&](int column) {
      return slot.rows() == 0 || slot.is_null(0, column) ? Lsn{0} : parse_lsn(slot.text(0, column));
    };
    const Lsn confirmed = place(0);
    const Lsn log_end = place(1);
    const Lsn captured = queue.end != 0 ? queue.end : queue.commit;
    // A server sends only what is on its disk.
    if (log_end != 0 && log_end < captured) {
      refuse_gap(fmt::format(
          "its log ends at {}, before what was captured already ({}): it was put back to an earlier state, or "
          "it is a standby that lagged when it took over",
          lsn_text(log_end), lsn_text(captured)));
    }
    const auto history = [&] { return stream_->timeline_history(identity.timeline); };
    if (const auto why = why_other_log(log_, identity, slot_keeps, captured, history)) refuse_gap(*why);
    // Nothing was captured: the slot begins where it was made.
    const bool believed = !noted || captured == 0;
    if (!believed && confirmed > std::max(captured, log_.told)) {
      refuse_gap(
          fmt::format("replication slot {} is at {}, behind which this export directory has nothing: the slot was "
                      "made again or moved, or the directory is older than it (a copy, or restored)",
                      names_.slot, lsn_text(confirmed)));
    }
    FollowedLog log = log_;
    // A timeline's slot stands where that timeline has it.
    if (log.identity.timeline != identity.timeline) log.slot_keeps = 0;
    log.identity = identity;
    if (believed) log.told = std::max({log.told, captured, confirmed});
    (void)note(log);
  }

  [[noreturn]] void refuse_gap(const std::string& cause) const {
    const bool source = from_source();
    std::vector<std::string> fix = {"if another copy of the export directory was used last, go on there; else"};
    const std::vector<std::string> rest = source ? connector::begin_both_anew() : connector::end_without_way_back();
    fix.insert(fix.end(), rest.begin(), rest.end());
    throw base::Error(
        {.code = "CDC-006",
         .exit = base::ExitCode::kState,
         .title = fmt::format("the {} has given up what was not captured yet", source ? "source" : "target"),
         .where = catalog_.where(),
         .cause = cause,
         .fix = std::move(fix),
         .then = "changes since the last captured one cannot be had any more"});
  }

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
    if (!at_start_.empty()) number_columns(relation, table);
    return table;
  }

  // The message names columns as they were called when the change was made, and the catalogue is of now.
  void number_columns(const Relation& relation, model::ChangeTable& table) {
    table.number = relation.oid;
    const Result rows = catalog_.query(queries::kRelationColumns, {std::to_string(relation.oid)},
                                       "look at the columns of " + model::display(relation.name));
    if (rows.rows() == 0) return;  // Dropped since: its rows are of no matter any more.
    std::vector<CatalogColumn> now;
    for (int row = 0; row < rows.rows(); ++row) {
      now.push_back({.number = static_cast<std::uint32_t>(rows.number(row, 1)),
                     .name = rows.string(row, 2),
                     .dropped = rows.boolean(row, 3),
                     .computed = rows.boolean(row, 4),
                     .type = static_cast<std::uint32_t>(rows.number(row, 5)),
                     .modifier = static_cast<std::int32_t>(rows.number(row, 6)),
                     .root_number = rows.is_null(row, 7) ? 0 : static_cast<std::uint32_t>(rows.number(row, 7)),
                     .add_sql = rows.string(row, 8)});
    }
    table.number = static_cast<std::uint64_t>(rows.number(0, 0));
    const std::map<model::Identifier, std::uint32_t>& root = at_start_[table.number];
    std::map<std::uint32_t, std::string> names;
    for (const auto& [name, number] : at_start_[relation.oid]) names[number] = name.catalog_text();
    const std::optional<std::vector<std::size_t>> found = columns_of_message(relation, now, names);
    if (!found) {
      throw base::Error(
          {.code = "CDC-010",
           .exit = base::ExitCode::kState,
           .title = "which columns of " + model::display(relation.name) + " changes speak of is not known",
           .where = catalog_.where(),
           .cause = "its columns were renamed, dropped and added again since those changes were made, so "
                    "that two of them could be meant",
           .fix = from_source() ? connector::begin_both_anew() : connector::end_without_way_back(),
           .then = "nothing was captured from there on"});
    }
    // A partition's columns may stand in another order than its root's; what is dropped of both is known from the
    // start.
    const auto root_number = [&](const CatalogColumn& column) -> std::uint32_t {
      if (table.number == relation.oid) return column.number;
      if (!column.dropped) return column.root_number;
      const auto name = names.find(column.number);
      if (name == names.end()) return 0;
      const auto there = root.find(model::Identifier(name->second));
      return there == root.end() ? 0 : there->second;
    };
    for (std::size_t i = 0; i < found->size(); ++i) {
      const CatalogColumn& column = now[(*found)[i]];
      table.columns[i].number = root_number(column);
      table.columns[i].gone = column.dropped;
      if (column.computed) {
        table.columns[i].addable = true;
        table.columns[i].add_sql = column.add_sql;
        table.columns[i].then_sql.clear();
      }
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (!now[i].computed || now[i].dropped || std::ranges::find(*found, i) != found->end()) continue;
      table.computed.push_back({.name = model::Identifier(now[i].name),
                                .addable = true,
                                .add_sql = now[i].add_sql,
                                .number = root_number(now[i])});
    }
  }

  const model::ConnectionOptions options_;
  const CaptureNames names_;
  const std::filesystem::path folder_;
  std::filesystem::path uncommitted_folder_;
  Connection catalog_;
  std::map<std::uint64_t, std::map<model::Identifier, std::uint32_t>> at_start_ = {};  // columns, by the table's number
  std::optional<TableWatch> table_watch_ = {};
  std::optional<ReplicationStream> stream_ = {};
  FollowedLog log_ = {};  // as it is noted
  Lsn slot_keeps_ = 0;    // at the last look
  base::Clock::Instant told_at_ = {};
  std::size_t came_ = 0;              // bytes since the last look whether there is a backlog
  std::size_t uncommitted_came_ = 0;  // of them
  std::optional<PgoutputDecoder> decoder_ = {};
  std::optional<UncommittedTransactions> uncommitted_ = {};
  Lsn flushed_ = 0;
  Lsn recorded_ = 0;  // where the last records that were given end
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
