// XA transactions between XA PREPARE and their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "connectors/mysql/binlog.h"
#include "connectors/mysql/binlog_place.h"

namespace voyager::mysql {

/// The log has the rows of an XA transaction where it is prepared, and only later whether it is committed. Until then
/// its events are kept in a file of the capture's folder, because a capture that begins again does not read them again,
/// and the server need not have them any more. What has ended goes from the file when it is the larger part. One
/// thread.
class PreparedTransactions {
 public:
  /// As of `place`: what comes behind it is read again. `file` need not exist.
  PreparedTransactions(std::filesystem::path file, const BinlogPlace& place);

  /// An event of the transaction in hand, which is not prepared yet.
  void add(const Event& event);
  bool empty() const { return begun_ == end_; }
  /// Forgets what was added.
  void undo() { end_ = begun_; }
  /// The transaction in hand is prepared at `place`, with or without events; in place of one of that name.
  void prepare(const std::string& xid, const BinlogPlace& place);
  bool is_prepared(const std::string& xid) const;
  void end(const std::string& xid, const BinlogPlace& place);
  /// What was prepared and ended survives a crash from here on.
  void make_safe();
  /// Nobody begins again before `place`.
  void forget_before(const BinlogPlace& place);
  /// Prepared ones that have events.
  std::vector<std::string> open() const;

  /// Begins to read the events of a transaction; without a name those of the one in hand.
  void start_reading(const std::optional<std::string>& xid);
  /// False at the end. The event's bytes live until the next call.
  [[nodiscard]] bool next(Event& event);

 private:
  struct Transaction {
    std::string xid = {};
    BinlogPlace place = {};
    std::uint64_t begin = 0, end = 0;  // of its events in the file
    std::optional<BinlogPlace> ended = {};
  };
  struct Record;
  std::optional<Record> read_record(std::uint64_t at) const;
  void open_files();
  void put(char kind, std::string_view body);
  void compact();
  void load(const BinlogPlace& place);
  void leave_to_later(const std::string& xid, const BinlogPlace& place);
  Transaction* find(const std::string& xid);
  const Transaction* find(const std::string& xid) const;

  const std::filesystem::path path_;
  base::File file_ = {}, read_from_ = {};
  std::vector<Transaction> transactions_ = {};  // by place
  std::uint64_t begun_ = 0;                     // where the events in hand begin
  std::uint64_t end_ = 0;                       // of what counts
  bool unsafe_ = false;
  std::uint64_t read_at_ = 0, read_end_ = 0;
  std::string bytes_ = {};
};

}  // namespace voyager::mysql
