#include "connectors/mysql/source_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "connector/begin_anew.h"
#include "connectors/mysql/binlog_changes.h"
#include "connectors/mysql/binlog_stream.h"
#include "connectors/mysql/captured_table.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/column_history.h"
#include "connectors/mysql/names.h"
#include "connectors/mysql/queries.h"
#include "connectors/mysql/row_reading.h"
#include "connectors/mysql/server_log.h"
#include "connectors/mysql/source.h"

namespace voyager::mysql {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNoteEvery{500};
constexpr milliseconds kLookAtEndEvery{1000};
constexpr milliseconds kLongestPoll{100};
constexpr milliseconds kLongestPrepared{10'000};
// Of a transaction in hand this much waits for its end, so that nothing is given of one that is undone.
constexpr std::size_t kHeldBytesMax = 8UL << 20U;
constexpr unsigned kCannotRead = 1236;

std::vector<std::string> or_begin_anew(std::vector<std::string> fix) {
  for (std::string& line : connector::begin_both_anew()) fix.push_back(std::move(line));
  return fix;
}

// Ids that administrators give are small; one replica of ours is one migration.
std::uint32_t server_id_of(const std::string& migration) {
  return 0x7000'0000U | (base::crc32c(migration) & 0x0FFF'FFFFU);
}

// The catalogue at one time, and what it becomes.
struct Picture {
  Catalog catalog = {};
  Conversion conversion = {};
  std::map<std::string, std::size_t> rows = {};  // by the source's name
  std::map<std::string, const ConvertedTable*> tables = {};
  BinlogPlace end = {};  // of the log, when it had been read
};

// A table points into its picture, which lives as long as one of its tables.
struct PicturedTable {
  std::shared_ptr<const Picture> picture = {};
  std::shared_ptr<const CapturedTable> table = {};
};

class ChangeStream final : public connector::ChangeSource {
 public:
  ChangeStream(const model::ConnectionOptions& options, std::string migration, std::filesystem::path folder)
      : options_(options),
        migration_(std::move(migration)),
        folder_(std::move(folder)),
        rules_(parse_rules(options.value_rules)),
        catalog_(options),
        settler_(catalog_.where()) {
    std::filesystem::create_directories(folder_);
  }

  void open(const model::Position& from, const connector::CaptureScope& scope) override {
    stream_.reset();
    if (!catalog_.healthy()) catalog_ = Connection(options_);
    const std::set<model::TableName> wanted(scope.tables.begin(), scope.tables.end());
    wanted_ = wanted;
    look_at_catalog();
    captured_.clear();
    gone_.clear();
    std::set<model::TableName> there;
    for (const auto& [name, table] : picture_->tables) {
      if (!wanted.contains(table->table.name)) continue;
      captured_.insert(name);
      there.insert(table->table.name);
    }
    for (const model::TableName& name : wanted) {
      if (!there.contains(name)) gone_.insert(name.name.catalog_text());
    }
    BinlogPlace place = BinlogPlace::of(from);
    if (place.file == 0) base::fail(base::ExitCode::kState, "the state does not know where the capture begins");
    // What the source has logged since that concerns nobody here need not be there any more.
    if (BinlogPlace noted = confirmed_place(folder_); noted > place) {
      place = std::move(noted);
    } else if (noted.file == 0) {
      note_confirmed(folder_, place);
    }
    stream_.emplace(options_, server_id_of(migration_), migration_);
    server_ = server_name(catalog_);
    if (server_ != stream_->server()) two_servers();
    const bool by_gtid = !is_there(place);
    if (by_gtid) {
      place = behind_transactions(place, scope);
    } else if (place.gtids.empty() && catalog_.is_mariadb()) {
      place.gtids = gtids_before(catalog_, place);
    }
    logs_before_ = place.logs_before();
    history_.emplace(folder_ / "columns", place);
    decoder_.reset();
    prepared_.emplace(folder_ / "prepared", place);
    read_by_.clear();
    std::map<model::TableName, BinlogPlace> held;
    for (const auto& [table, position] : scope.held) held[table] = BinlogPlace::of(position);
    decoder_.emplace(
        options_.database, place, std::move(held), stream_->checksums(), settler_, *prepared_,
        BinlogDecoder::Hooks{
            .describe = [this](const std::string& table, const TableMap* log) { return describe(table, log); },
            .captured = [this](const std::string& table) { return is_captured(table); },
            .altered = [this](const std::string& table, const LogStatement& statement, const BinlogPlace& at,
                              bool again) { return altered(table, statement, at, again); },
            .dropped = [this](const std::string& table) { return is_gone(table) || history_->is_dropped(table); },
            .in_memory = [this](const std::string& table) { return is_in_memory(table); },
            .stop = [this](const CaptureStop& stop) { refuse(stop); }});
    if (!logs_cascades(catalog_))
      decoder_->follow(
          ActingForeignKeys(picture_->catalog, [this](const std::string& table) { return is_captured(table); }));
    confirmed_ = place;
    kept_.clear();
    failure_ = nullptr;
    looked_at_end_ = {};
    note_given();
    if (by_gtid) {
      stream_->start(GtidSet::of(place.gtids).value_or(GtidSet()));
    } else {
      stream_->start(place);
    }
  }

  void poll(connector::ChangeBatch& batch, milliseconds budget, std::size_t bytes_wanted) override {
    if (failure_) std::rethrow_exception(failure_);
    const base::Clock& clock = base::system_clock();
    batch.records = std::exchange(kept_, {});
    batch.caught_up = false;
    const auto end = clock.now() + budget;
    // Also where all that comes concerns nobody here the caller has other things to do.
    const auto latest = std::max(end, clock.now() + kLongestPoll);
    const std::uint64_t before = given_.changes;
    // What is given goes up to here: not into a transaction that may be undone, and not into an event at which the
    // stream ends.
    std::size_t given = 0;
    try {
      do {
        milliseconds longest{0};
        if (given == 0) longest = std::max(longest, std::chrono::ceil<milliseconds>(end - clock.now()));
        std::string_view event;
        if (!decoder_->has_more() && !next(event, longest)) {
          batch.caught_up = is_at_end();
          break;
        }
        const auto fault = decoder_->has_more() ? decoder_->decode_more(batch.records, bytes_wanted)
                                                : decoder_->decode(event, batch.records, bytes_wanted);
        if (fault) refuse(*fault);
        if (decoder_->in_transaction() && batch.records.size() - given <= kHeldBytesMax) continue;
        given = batch.records.size();
        note_given();
      } while (given < bytes_wanted && clock.now() < latest);
    } catch (const base::Error&) {
      if (given == 0) throw;
      failure_ = std::current_exception();
    }
    prepared_->make_safe();
    if (!failure_) kept_ = batch.records.substr(given);
    batch.records.resize(given);
    batch.changes = given_.changes - before;
    batch.end = given_.place.position();
    batch.committed_at_micros = given_.committed_at_micros;
    batch.in_transaction = given_.in_transaction;
  }

  // Transactions come when they are committed.
  bool keep_nothing_uncommitted() override { return false; }

  void confirm(const model::Position& durable) override {
    const BinlogPlace place = BinlogPlace::of(durable);
    const auto now = base::system_clock().now();
    if (place.file == 0 || place == confirmed_ || now < noted_at_ + kNoteEvery) return;
    note_confirmed(folder_, place);
    confirmed_ = place;
    noted_at_ = now;
    prepared_->forget_before(place);
  }

  model::Position end_of_log() override { return end_here().position(); }

  bool has_seen(const model::Position& place) override {
    if (BinlogPlace::of(place).server != server_) {
      throw base::Error({.code = "CDC-013",
                         .exit = base::ExitCode::kState,
                         .title = "the source became another server while the cutover waits",
                         .where = catalog_.where(),
                         .cause = "what was committed on the server of before is not known by a place in its log here",
                         .fix = {"see that no application writes to the server of before any more",
                                 "then run the same command again: the cutover goes on"},
                         .then = "what was captured is kept"});
    }
    if (given_.in_transaction || !given_.place.reaches(BinlogPlace::of(place))) return false;
    return nothing_prepared();
  }

  connector::SourceLag lag() override {
    const auto files = log_files(catalog_);
    if (!files) return {};
    return {.behind_bytes = bytes_behind(*files, decoder_ ? given_.place : confirmed_).value_or(0)};
  }

  connector::CapturedTables tables() override {
    const Result rows = catalog_.query(queries::kTables, "look for new tables");
    connector::CapturedTables out;
    std::set<model::TableName> there;
    for (int row = 0; row < rows.rows(); ++row) {
      const std::string source_name = rows.string(row, 0);
      const auto known = picture_->tables.find(source_name);
      const model::TableName name =
          known != picture_->tables.end()
              ? known->second->table.name
              : model::TableName{target_schema(options_), model::Identifier(folded(source_name))};
      there.insert(name);
      if (rows.string(row, 1) != "SEQUENCE" && !is_captured(source_name)) out.uncaptured.push_back({.name = name});
    }
    std::ranges::set_difference(wanted_, there, std::back_inserter(out.gone));
    return out;
  }

  std::vector<connector::ValueChange> value_changes() override { return settler_.changes(); }

  void abandon() override { stream_.reset(); }

 private:
  // A table that is gone by now has no name on the source but the one that it had here.
  bool is_captured(const std::string& table) const { return captured_.contains(table) || is_gone(table); }
  bool is_gone(const std::string& table) const { return gone_.contains(table) || gone_.contains(folded(table)); }

  // No foreign key refers to such a table.
  bool is_in_memory(const std::string& table) {
    const Result row = catalog_.query(
        fmt::format("SELECT count(*) FROM information_schema.tables t WHERE t.table_schema = database() AND "
                    "t.table_name = {0} AND t.engine = 'MEMORY' AND NOT EXISTS (SELECT 1 FROM "
                    "information_schema.triggers g WHERE g.event_object_schema = database() AND "
                    "g.event_object_table = {0} AND g.event_manipulation = 'DELETE')",
                    quoted_text(table)),
        "look at a table");
    return row.number(0, 0) > 0;
  }

  void note_given() {
    given_ = {.place = decoder_->place(),
              .changes = decoder_->changes(),
              .committed_at_micros = decoder_->committed_at_micros(),
              .in_transaction = decoder_->in_transaction()};
    given_.place.server = server_;
    given_.place.gtids = decoder_->gtids();
  }

  // What is prepared may be committed by somebody who has seen it before the capture ends. It is known soon, or has to
  // be decided.
  bool nothing_prepared() {
    const std::vector<std::string> open = prepared_->open();
    const auto now = base::system_clock().now();
    if (open.empty()) {
      waits_since_ = {};
      return true;
    }
    if (waits_since_ == base::Clock::Instant()) waits_since_ = now;
    if (now < waits_since_ + kLongestPrepared) return false;
    throw base::Error(
        {.code = "CDC-014",
         .exit = base::ExitCode::kState,
         .title = fmt::format("{} XA transactions are prepared, and neither committed nor rolled back", open.size()),
         .where = catalog_.where(),
         .cause = "a cutover would leave their changes behind, whatever becomes of them",
         .fix = {"end them: XA RECOVER; lists them, then XA COMMIT or XA ROLLBACK each",
                 "then run the same command again"},
         .then = "everything before is captured; the cutover goes on then"});
  }

  // Nothing has come for a moment, which may be the net's doing: the server knows.
  bool is_at_end() {
    const auto now = base::system_clock().now();
    if (now >= looked_at_end_ + kLookAtEndEvery) {
      looked_at_end_ = now;
      const auto status = log_status(catalog_);
      end_ = status ? status->end : BinlogPlace();
      if (end_.file != 0) end_.file |= logs_before_;
    }
    return end_.file != 0 && decoder_->place() >= end_;
  }

  bool next(std::string_view& event, milliseconds longest) {
    try {
      return stream_->next(event, longest);
    } catch (const base::Error& error) {
      if (error.info().vendor_code != static_cast<int>(kCannotRead)) throw;
      const std::string& cause = error.info().cause;
      if (cause.find("server_uuid") != std::string::npos || cause.find("server_id") != std::string::npos ||
          cause.find("server id") != std::string::npos) {
        throw base::Error({.code = "CDC-011",
                           .exit = base::ExitCode::kState,
                           .title = "another replica takes the source's log under our server id",
                           .where = catalog_.where(),
                           .cause = cause,
                           .fix = {fmt::format("end the other one: two copies of this export directory, or a replica "
                                               "with server_id {}",
                                               server_id_of(migration_)),
                                   "then run the same command again"},
                           .then = "everything up to there is kept"});
      }
      lost(cause);
    }
  }

  BinlogPlace end_here() {
    BinlogPlace end = mysql::end_of_log(catalog_);
    end.file |= logs_before_;
    return end;
  }

  // The place is in the log of this server, under this name.
  bool is_there(const BinlogPlace& place) {
    if (!place.server.empty() && place.server != server_) return false;
    if (place.number() == 0) return false;
    const auto files = log_files(catalog_);
    return !files || bytes_behind(*files, place);
  }

  // Where another log is gone on with: behind the transactions that were captured, by their global names.
  BinlogPlace behind_transactions(const BinlogPlace& place, const connector::CaptureScope& scope) {
    const bool same = place.server.empty() || place.server == server_;
    const auto refuse = [&](const std::string& why) {
      if (!same) another_server(why);
      lost(
          fmt::format("{} is not among the files of its log: it was purged, renamed, or the log was begun anew (RESET "
                      "MASTER). {}",
                      place.file_name(), why));
    };
    // A log that is begun anew on the same server may count its transactions anew: they have the names of others. So it
    // is where files are called otherwise, for what a crash left in the files of before is not known there any more.
    if (same && place.number() != 0) refuse("");
    if (place.gtids.empty()) refuse("What was captured is not known by global names of transactions (GTID).");
    if (!place.complete() && place.changes > 0)
      refuse("The capture stopped inside of a long transaction, and another log need not have its rows in that order.");
    for (const auto& [table, position] : scope.held) {
      if (BinlogPlace::of(position) > place) refuse("A later snapshot was taken at a place of that log.");
    }
    if (const auto status = log_status(catalog_)) {
      if (const std::string why = unlogged_writes(catalog_, *status); !why.empty()) refuse(why);
    }
    const auto lacks = [&](const std::string& has) {
      refuse(fmt::format("It lacks transactions that were captured.\nIt has {}; captured is {}.", has, place.gtids));
    };
    if (catalog_.is_mariadb()) {
      const std::string has = catalog_.query("SELECT @@global.gtid_binlog_pos", "tell what is in its log").string(0, 0);
      const auto wanted = GtidSet::of(place.gtids), there = GtidSet::of(has);
      if (!wanted || !there || !there->reaches(*wanted)) lacks(has);
    } else {
      const std::string ours = quoted_text(place.gtids);
      const Result row =
          catalog_.query(fmt::format("SELECT @@global.gtid_mode, gtid_subset({0}, @@global.gtid_executed), "
                                     "gtid_subset(@@global.gtid_purged, {0}), @@global.gtid_executed",
                                     ours),
                         "tell what is in its log");
      if (row.string(0, 0) != "ON") refuse(fmt::format("Its gtid_mode is {}, not ON.", row.string(0, 0)));
      if (row.number(0, 1) == 0) lacks(row.string(0, 3));
      if (row.number(0, 2) == 0) lost("transactions that were not captured yet are purged from its log");
    }
    base::log_info(fmt::format("capture goes on behind the transactions {} of server {}", place.gtids, server_));
    return {.file = place.logs_before() + BinlogPlace::kNextLog,
            .begin = BinlogPlace::kFileBegin,
            .end = BinlogPlace::kFileBegin,
            .server = server_,
            .gtids = place.gtids};
  }

  [[noreturn]] void two_servers() const {
    throw base::Error({.exit = base::ExitCode::kSourceUnreachable,
                       .title = "two servers answer at the source's address",
                       .where = catalog_.where(),
                       .retry = base::Retry::kNow});
  }

  [[noreturn]] void another_server(const std::string& why) const {
    throw base::Error(
        {.code = "CDC-013",
         .exit = base::ExitCode::kState,
         .title = "the source is another server than the one that was captured, and cannot be gone on with",
         .where = catalog_.where(),
         .cause = why,
         .fix = or_begin_anew({"connect to the server of before, if it is there: --source-db-host, --source-db-port",
                               "where the new one has yet to catch up, wait for it and run the same command again"}),
         .then = "what was captured is kept"});
  }

  [[noreturn]] void lost(const std::string& cause) const {
    throw base::Error(
        {.code = "CDC-006",
         .exit = base::ExitCode::kState,
         .title = "the source has given up what was not captured yet",
         .where = catalog_.where(),
         .cause = cause,
         .fix = or_begin_anew({"keep the log for longer: SET GLOBAL binlog_expire_logs_seconds = 604800;"}),
         .then = "changes since the last captured one cannot be had any more"});
  }

  [[noreturn]] void refuse(const std::string& fault) const {
    throw base::Error({.code = "CDC-001",
                       .title = "the source's changes cannot be read",
                       .where = catalog_.where(),
                       .cause = fault,
                       .then = "everything up to there is kept; this is a fault of yb-voyager or of the server"});
  }

  [[noreturn]] void refuse(const CaptureStop& stop) const;

  void look_at_catalog() {
    const auto picture = std::make_shared<Picture>();
    picture->catalog = read_catalog(catalog_, CatalogDepth::kTables);
    picture->conversion = convert(picture->catalog, target_schema(options_));
    for (std::size_t i = 0; i < picture->catalog.tables.size(); ++i) picture->rows[picture->catalog.tables[i].name] = i;
    for (const ConvertedTable& one : picture->conversion.tables) picture->tables[one.source_name] = &one;
    // Statements that are in the log before this place may have been carried out before the catalogue was read.
    picture->end = end_here();
    picture_ = picture;
    stale_ = false;
  }

  std::optional<CaptureStop> altered(const std::string& table, const LogStatement& statement, const BinlogPlace& at,
                                     bool again) {
    stale_ = true;
    const bool drops = statement.kind == LogStatement::Kind::kDrop || statement.kind == LogStatement::Kind::kDropSchema;
    if (drops && !again) history_->note_dropped(table, at);
    const auto read_by = read_by_.extract(table);
    if (again) return std::nullopt;
    const ColumnChanges& changes = statement.columns;
    if (!read_by.empty() && at.begins_before(read_by.mapped().end) &&
        ((changes.names_rows && read_by.mapped().keyed) || (changes.moves && !read_by.mapped().names) ||
         changes.redefines))
      history_->note_misread(table);
    if (history_->is_misread(table)) return CaptureStop{.why = CaptureStop::Why::kReadByLaterForm};
    const auto column = history_->note(table, statement.columns, at);
    if (!column) return std::nullopt;
    return CaptureStop{.why = CaptureStop::Why::kColumnReplaced, .column = *column};
  }

  // The catalogue is that of now, the description that of when the rows were written. Where they do not fit, the
  // catalogue may be older than the description, and is looked at again.
  std::shared_ptr<const CapturedTable> describe(const std::string& table, const TableMap* log) {
    bool fresh = stale_;
    if (stale_) look_at_catalog();
    while (true) {
      const Picture& picture = *picture_;
      const auto found = picture.tables.find(table);
      std::string why = "it is not there any more";
      if (found != picture.tables.end()) {
        const CaptureMatch match = capture_table(
            *found->second, picture.catalog.tables[picture.rows.at(table)], log, rules_,
            [this](const std::string& name) { return charset(name); }, history_->added(table));
        if (match.table) {
          if (log != nullptr) read_by_[table] = {picture.end, !log->names.empty(), match.table->keyed};
          const auto kept = std::make_shared<PicturedTable>(PicturedTable{picture_, match.table});
          return {kept, kept->table.get()};
        }
        why = match.why_not;
      }
      if (!fresh) {
        look_at_catalog();
        fresh = true;
        continue;
      }
      // Rows of a table that is gone are gone from the source too.
      if (found == picture.tables.end()) return nullptr;
      throw base::Error(
          {.code = "CDC-011",
           .exit = base::ExitCode::kState,
           .title = fmt::format("rows of {} are in the log in a form that is not known any more", table),
           .where = catalog_.where(),
           .cause = why,
           .fix = or_begin_anew({"put the table back into the form that it had, and run the same command again",
                                 "with SET GLOBAL binlog_row_metadata = FULL columns are told by their names, and more "
                                 "changes of a table can be followed"}),
           .then = "everything before is kept"});
    }
  }

  // Of a set with one byte a character all characters are asked for at once, of another each text.
  const Charset* charset(const std::string& name) {
    const auto known = charsets_.find(name);
    if (known != charsets_.end()) return &known->second;
    Charset& made = charsets_[name];
    made.name = name;
    const Result size =
        catalog_.query(fmt::format("SELECT maxlen FROM information_schema.character_sets WHERE character_set_name = {}",
                                   quoted_text(name)),
                       "look at a character set");
    made.single_byte = size.rows() > 0 && size.number(0, 0) == 1;
    if (made.single_byte) {
      std::string list;
      for (unsigned i = 0; i < 256; ++i)
        list += (i == 0 ? "" : ", ") + strict_text(fmt::format("CONVERT(x'{:02x}' USING {})", i, name));
      const Result row = catalog_.query("SELECT " + list, "convert characters");
      for (int i = 0; i < 256; ++i) made.characters.at(static_cast<std::size_t>(i)) = row.string(0, i);
    } else {
      made.convert = [this, name](std::string_view text) {
        std::string hex;
        for (const char c : text) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
        return catalog_
            .query("SELECT " + strict_text(fmt::format("CONVERT(x'{}' USING {})", hex, name)), "convert a text")
            .string(0, 0);
      };
    }
    return &made;
  }

  const model::ConnectionOptions options_;
  const std::string migration_;
  const std::filesystem::path folder_;
  const std::vector<ValueRule> rules_;
  Connection catalog_;
  std::shared_ptr<const Picture> picture_ = {};
  bool stale_ = false;
  std::string server_ = {};        // that is captured
  std::uint64_t logs_before_ = 0;  // as BinlogPlace's
  std::optional<ColumnHistory> history_ = {};
  struct ReadBy {
    BinlogPlace end = {};  // of the picture
    bool names = false;    // the log's description had names
    bool keyed = false;    // some columns named a row
  };
  std::map<std::string, ReadBy> read_by_ = {};  // since the table was altered last
  std::map<std::string, Charset> charsets_ = {};
  std::set<std::string> captured_ = {};
  std::set<model::TableName> wanted_ = {};
  std::set<std::string> gone_ = {};  // captured ones that are not there any more
  ValueSettler settler_;
  std::optional<BinlogStream> stream_ = {};
  std::optional<PreparedTransactions> prepared_ = {};
  std::optional<BinlogDecoder> decoder_ = {};
  // Of what polls have given.
  struct Given {
    BinlogPlace place = {};
    std::uint64_t changes = 0;
    std::int64_t committed_at_micros = 0;
    bool in_transaction = false;
  };
  Given given_ = {};
  std::string kept_ = {};  // records behind it
  std::exception_ptr failure_ = {};
  BinlogPlace end_ = {};  // of the server's log
  base::Clock::Instant looked_at_end_ = {};
  base::Clock::Instant waits_since_ = {};  // for XA transactions to end
  BinlogPlace confirmed_ = {};
  base::Clock::Instant noted_at_ = {};
};

void ChangeStream::refuse(const CaptureStop& stop) const {
  using enum CaptureStop::Why;
  if (stop.why == kLogBegunAnew)
    lost("the log was begun anew (RESET MASTER): its file has the same name and is another");
  std::string title, cause, then = "everything before is captured, and is applied by import data";
  std::vector<std::string> fix;
  switch (stop.why) {
    case kStatementRows:
      title = "the source has logged a change of rows as a statement";
      cause = "binlog_format was not ROW in the session that made it";
      fix = {"SET GLOBAL binlog_format = 'ROW'; and let the application connect anew"};
      break;
    case kColumnReplaced:
      title =
          fmt::format("column {} of {} is another one now than the one that had this name", stop.column, stop.table);
      cause = "it was dropped or renamed while changes flow, and what untouched rows have in it now is not in the log";
      break;
    case kReadByLaterForm:
      title = fmt::format("changes of {} were read by what the table became later", stop.table);
      cause =
          "export data was behind when its key, the order of its columns or the definition of one was changed, so what "
          "earlier changes say was not certain";
      then = "changes of this table that were captured before may be wrong: do not use them";
      break;
    case kReplaced:
      title = fmt::format("table {} was made anew, renamed, or another took its name", stop.table);
      cause = "which rows the target's table has to have then is not in the log";
      break;
    case kPartitionGone:
      title = fmt::format("rows left table {} with a partition or its files", stop.table);
      cause = "which rows these were is not in the log";
      break;
    case kXaBefore:
      title = "an XA transaction is committed that was prepared before the capture began";
      cause = "its changes are in the log before that, and in no snapshot";
      fix = {
          "where the server has prepared XA transactions at all times, stop the application that makes them while "
          "the export begins"};
      break;
    case kUndone:
      title = "a transaction was rolled back after its changes had been logged";
      cause = "it wrote to tables of an engine without transactions as well";
      if (!given_.place.complete())
        then = "it is a long one, and a part of its changes was captured before: what import data makes of it is wrong";
      break;
    case kPartialJson:
      title = fmt::format("of a JSON value of {} only the difference is in the log", stop.table);
      cause =
          "binlog_row_value_options was PARTIAL_JSON in the session that changed it, and binlog_row_image not FULL, so "
          "what it was before is not there";
      fix = {"SET GLOBAL binlog_row_image = 'FULL'; and let the application connect anew"};
      break;
    case kMissingColumns:
      title = fmt::format("not all that is needed of a row of {} is in the log", stop.table);
      cause =
          "binlog_row_image was not FULL in the session that changed it, and the columns that are left out have no "
          "default that is the same for all rows, or name the row";
      fix = {"SET GLOBAL binlog_row_image = 'FULL'; and let the application connect anew"};
      break;
    case kForeignKeys:
      title = fmt::format("what foreign keys did to rows because {} was changed is not certain", stop.table);
      cause = "ON DELETE or ON UPDATE CASCADE or SET NULL is carried out by the storage engine, and is not in the log";
      break;
    case kLogBegunAnew:
      break;
  }
  fix = or_begin_anew(std::move(fix));
  throw base::Error({.code = "CDC-012",
                     .exit = base::ExitCode::kState,
                     .title = title,
                     .where = fmt::format("{}, before {}", catalog_.where(), stop.place),
                     .cause = cause + (stop.statement.empty() ? "" : "\nthe statement: " + stop.statement),
                     .fix = std::move(fix),
                     .then = std::move(then)});
}

std::filesystem::path place_file(const std::filesystem::path& folder) {
  return folder / "place";
}

}  // namespace

BinlogPlace confirmed_place(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(place_file(folder), ignored)) return {};
  const std::vector<std::string> lines = base::split(base::read_file(place_file(folder)), '\n');
  BinlogPlace out = BinlogPlace::of_begin_text(lines[0]);
  constexpr std::size_t kLines = 4;
  if (lines.size() < kLines) return out;
  out.server = lines[1];
  out.made = static_cast<std::uint32_t>(std::strtoul(lines[2].c_str(), nullptr, 10));
  out.gtids = lines[3];
  return out;
}

void note_confirmed(const std::filesystem::path& folder, const BinlogPlace& place) {
  // In the middle of a transaction its beginning is what is safe.
  base::write_file_atomically(place_file(folder),
                              fmt::format("{}\n{}\n{}\n{}", place.begin_text(), place.server, place.made, place.gtids));
}

std::unique_ptr<connector::ChangeSource> make_change_source(const model::ConnectionOptions& options,
                                                            const std::string& migration,
                                                            const std::filesystem::path& folder) {
  return std::make_unique<ChangeStream>(options, migration, folder);
}

}  // namespace voyager::mysql
