// Events of a binary log as records of model/changes.h.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connectors/mysql/acting_foreign_keys.h"
#include "connectors/mysql/binlog.h"
#include "connectors/mysql/binlog_place.h"
#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/charset.h"
#include "connectors/mysql/column_type.h"
#include "connectors/mysql/gtid_set.h"
#include "connectors/mysql/log_statement.h"
#include "connectors/mysql/prepared_transactions.h"
#include "connectors/mysql/value_settler.h"
#include "model/changes.h"

namespace voyager::mysql {

/// A column of the log's rows.
struct CapturedColumn {
  std::size_t converted = 0;  ///< Its place in CapturedTable::converted->columns.
  int place = -1;             ///< In CapturedTable::table.columns; -1: it is not carried.
  SourceType type = {};
  const Charset* charset = nullptr;  ///< Null: texts are UTF-8, or no texts.
  std::string when_missing = {};     ///< What a row has in it that an insert does not name, as the text of a value.
  bool null_when_missing = false;
  bool known_when_missing = false;  ///< One of the two holds.
  const ValueRule* rule = nullptr;
};

/// A table as its rows are in the log.
struct CapturedTable {
  model::ChangeTable table = {};
  const ConvertedTable* converted = nullptr;
  std::vector<CapturedColumn> columns = {};  ///< By place in the log.
  bool keyed = false;                        ///< Some columns name a row; else all of them do.
  bool carries_computed = false;             ///< A column that the source computes is an ordinary one on the target.
};

/// Why the stream ends at a statement, or at a change, that nothing can carry to the target.
struct CaptureStop {
  enum class Why : std::uint8_t {
    kStatementRows,    ///< Rows were changed by a statement that is logged as such.
    kColumnReplaced,   ///< A column has the name that another one had.
    kReadByLaterForm,  ///< Rows were read by what the table became later.
    kReplaced,         ///< A table was made anew, renamed, or another took its name.
    kPartitionGone,    ///< Rows left a table without being deleted one by one.
    kXaBefore,         ///< An XA transaction is committed that was prepared before the capture began.
    kUndone,           ///< Changes were undone that had been logged.
    kPartialJson,      ///< Only the difference of a JSON value is logged, and not what it was.
    kMissingColumns,   ///< The log does not have all columns of a row, and they cannot be told.
    kForeignKeys,      ///< What foreign keys did to other rows cannot be told.
    kLogBegunAnew,     ///< The file that the stream begins in is another one than the one that was captured.
  };
  Why why = Why::kStatementRows;
  std::string table = {};
  std::string column = {};  ///< kColumnReplaced
  std::string statement = {};
  std::string place = {};
};

/// Turns events into records. One thread.
class BinlogDecoder {
 public:
  struct Hooks {
    /// What a table's rows are to us; null for one that is not captured. Called for each description that differs from
    /// the last one of that table, and after each statement that alters it; it may throw to end the stream there.
    /// Without a description (a truncation) columns are of no matter.
    std::function<std::shared_ptr<const CapturedTable>(const std::string& table, const TableMap*)> describe = {};
    std::function<bool(const std::string& table)> captured = {};
    /// A captured table may have another form behind the statement at `place`, which is not sent again. Says why it
    /// cannot be followed; nothing else of `CaptureStop` than the column. Without a name: all of them are gone.
    std::function<std::optional<CaptureStop>(const std::string& table, const LogStatement&, const BinlogPlace& place,
                                             bool again)>
        altered = {};
    /// The table was dropped, behind its place of then, and may be another one since. Null: it was not.
    std::function<bool(const std::string& table)> dropped = {};
    /// Rows of the table lie in the server's memory, and a DELETE leads to nothing else. Asked of tables that are
    /// emptied by a statement: servers write one after a restart.
    std::function<bool(const std::string& table)> in_memory = {};
    /// Does not return.
    std::function<void(const CaptureStop&)> stop = {};
  };
  /// What the server sends again up to and including `from` is skipped, and so is what transactions that begin before a
  /// place of `held_until` did to that table (as it is called on the target). `prepared` outlives this.
  BinlogDecoder(std::string schema, const BinlogPlace& from, std::map<model::TableName, BinlogPlace> held_until,
                bool checksums, ValueSettler& values, PreparedTransactions& prepared, Hooks hooks);

  /// What these do to rows is told with the changes that lead to it.
  void follow(ActingForeignKeys keys) { keys_ = std::move(keys); }

  /// One event as it came. Records are appended to `out`. Returns why not when the bytes are no event. Of a compressed
  /// transaction, or of one that was prepared for XA, no more than about `bytes_wanted` are made: while `has_more`,
  /// `decode_more` gives the rest. The event has to live until then.
  [[nodiscard]] std::optional<std::string> decode(std::string_view bytes, std::string& out,
                                                  std::size_t bytes_wanted = std::string::npos);
  bool has_more() const { return in_payload_ || replays_; }
  [[nodiscard]] std::optional<std::string> decode_more(std::string& out, std::size_t bytes_wanted);

  /// The transactions before place(), as BinlogPlace::gtids.
  std::string gtids() const { return gtids_ ? gtids_->text() : std::string(); }
  /// Behind the last event; never before `from`. Without what is not known of an event alone: server and gtids.
  BinlogPlace place() const;
  bool in_transaction() const { return in_transaction_ || in_group_; }
  /// Numbered changes so far, without those that were skipped.
  std::uint64_t changes() const { return changes_; }
  std::int64_t committed_at_micros() const { return committed_at_micros_; }

 private:
  struct Known {
    std::shared_ptr<const CapturedTable> table = {};  // null: not captured, or gone
    bool counts = false;                              // its rows are among the changes of a transaction
    TableMap map = {};
    std::uint32_t number = 0;  // in the records; 0: not said yet
    std::optional<BinlogPlace> held_until = {};
  };
  struct Value {
    enum class Kind : std::uint8_t { kAbsent, kNull, kText } kind = Kind::kAbsent;
    const char* data = nullptr;  // null: in the image's own bytes
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  struct Image {
    std::vector<Value> values = {};  // by place in the records
    std::string bytes = {};
    bool rejected = false;
    std::string_view text(const Value& value) const {
      return value.data != nullptr ? std::string_view(value.data, value.size)
                                   : std::string_view(bytes).substr(value.begin, value.size);
    }
  };
  using Fault = std::optional<std::string>;

  Fault finish_event(Fault fault, std::string& out, std::size_t before);
  Fault take(const Event& event, std::string& out);
  Fault rotate(const Event& event);
  void advance(const Event& event);
  void begin_file(const Event& event);
  void note_gtid();
  Fault begin_group(const Event& event);
  Fault statement(const Event& event, std::string& out);
  void run_statement(const LogStatement& statement, std::string_view sql, std::string& out);
  bool hold(const Event& event, Fault& fault);
  void end_xa(const LogStatement& statement, std::string_view sql);
  void replay(const std::optional<std::string>& xid);
  void end_replay(std::string& out);
  bool said() const { return begin_said_ || said_before_; }
  void end_transaction(std::string& out);
  Fault table_map(const Event& event);
  Fault rows(const Event& event, std::string& out);
  Fault one_row(const std::shared_ptr<Known>& known, const Rows& rows, ByteReader& in, std::string& out);
  static std::string_view read_partial(const Known& known, const Rows& rows, ByteReader& in);
  Fault skip_row(const Known& known, const Rows& rows, ByteReader& in);
  Fault skip_image(const TableMap& map, std::string_view present, std::string_view partial, ByteReader& in);
  /// `partial`: a bit for each JSON column of the table, set where only the difference to before_ is there.
  Fault read_image(const Known& known, std::string_view present, std::string_view partial, ByteReader& in,
                   ValueSettler& settler, Image& image);
  void fill_in(const Known& known, Image& image);
  void write(model::ChangeKind kind, Known& known, const Image* before, const Image* after, std::string& out);
  void write_key(const Known& known, const Image& image, bool all, model::ChangeWriter& writer) const;
  bool same_key(const Known& known, const Image& before, const Image& after) const;
  void truncate(const std::string& table, std::string& out);
  /// What foreign keys do when rows of a table are changed, as records say it.
  struct Cascade {
    std::vector<std::uint32_t> tables = {};
    std::vector<model::ActingKey> keys = {};
    std::vector<std::size_t> referred_to = {};  ///< Columns of the first table, by place in the records.
  };
  Cascade cascade_of(const std::shared_ptr<Known>& root, bool update, std::string& out);
  void follow_keys(const std::shared_ptr<Known>& root, const Rows& rows, std::string& out);
  const std::shared_ptr<Known>& known_as(const std::string& table);
  bool holds(const Known& known) const { return known.held_until && place_.begins_before(*known.held_until); }
  void alter(const LogStatement& statement, std::string_view sql);
  void say_table(Known& known, std::string& out);
  bool is_behind() const;
  bool sent_again() const;
  bool skip_this();
  void say_begin(std::string& out);
  [[noreturn]] void stop(CaptureStop::Why why, std::string table, std::string_view statement);
  /// Of the statement its values are left out.
  [[noreturn]] void stop(CaptureStop stop, std::string_view statement);

  const std::string schema_;
  const BinlogPlace from_;
  const std::map<model::TableName, BinlogPlace> held_until_;
  ValueSettler& values_;
  ValueSettler settled_before_;  // of what rows were: it counts for nobody
  PreparedTransactions& prepared_;
  const Hooks hooks_;
  EventFrame frame_;
  BinlogPlace place_;
  std::uint64_t file_ = 0;
  std::uint64_t here_ = 0;  // behind the last event
  std::string base_ = {};
  std::unordered_map<std::uint64_t, std::shared_ptr<Known>> by_number_ = {};
  std::map<std::string, std::shared_ptr<Known>> by_name_ = {};
  std::uint32_t numbers_ = 0;
  std::uint32_t made_ = 0;  // the file
  std::string transaction_ = {};
  std::optional<GtidSet> gtids_ = {};
  bool all_have_names_ = true;   // transactions of this log
  bool in_group_ = false;        // behind what begins one
  bool in_transaction_ = false;  // behind its BEGIN
  bool begin_said_ = false;
  bool said_before_ = false;  // some of its changes came before `from`
  std::uint64_t changes_ = 0;
  std::int64_t committed_at_micros_ = 0;
  PayloadReader payload_ = {};
  bool in_payload_ = false;
  bool in_xa_ = false;  // behind its XA START: events are kept until it is known what becomes of them
  std::set<std::uint64_t> held_maps_ = {};    // tables of ours in them
  bool replays_ = false;                      // what was kept
  std::optional<std::string> replayed_ = {};  // its name; of one in one phase nothing
  std::string inflated_ = {};
  std::string scratch_ = {}, converted_ = {}, canonical_ = {}, difference_ = {};
  Image before_ = {}, after_ = {};
  ActingForeignKeys keys_ = {};
  std::optional<Cascade> cascade_ = {};  // of the rows in hand
  std::string cascades_ = {};            // records of them
};

}  // namespace voyager::mysql
