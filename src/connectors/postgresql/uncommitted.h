// Transactions that a server sends before they are committed: pgoutput's option `streaming`, protocol version 2, from
// PostgreSQL 14 on. https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/files.h"

namespace voyager::postgresql {

/// Keeps them in one file each, `uncommitted.<transaction>`, until they are committed, and gives their messages then in
/// the form and order in which the server sends a transaction that it has held back. What is rolled back, to a
/// savepoint too, is forgotten. One open file at a time, and some 100 bytes per
/// subtransaction of those that are kept. After a lost connection the
/// server sends every transaction again that was not confirmed, so files of an earlier stream are of no use. One
/// thread.
class UncommittedTransactions {
 public:
  /// Removes what an earlier run left in `folder`, and makes the folder.
  explicit UncommittedTransactions(std::filesystem::path folder);
  ~UncommittedTransactions();
  UncommittedTransactions(const UncommittedTransactions&) = delete;
  UncommittedTransactions& operator=(const UncommittedTransactions&) = delete;

  struct Taken {
    bool taken = false;  ///< The message is kept here, or was about what is; else it is the caller's.
    std::optional<std::string> fault = {};  ///< Why not, when it is not what the protocol allows.
  };
  /// Shown every message in the order of arrival, but none while `ready`.
  [[nodiscard]] Taken take(std::string_view message);

  /// Nothing is kept.
  bool empty() const { return transactions_.empty(); }
  /// True from the commit of a transaction on, until `next` has given all its messages.
  bool ready() const { return ready_.has_value(); }
  /// Only while `ready`. Valid until the next call.
  std::string_view next();

 private:
  struct Transaction {
    std::uint64_t bytes = 0;
    struct Part {
      std::uint32_t subtransaction = 0;
      std::uint64_t begins = 0;  // in the file
    };
    std::vector<Part> parts = {};                                  // by `begins`
    std::unordered_map<std::uint32_t, std::uint64_t> begins = {};  // the same, by subtransaction
    std::uint32_t last = 0;                                        // the subtransaction of the last message
  };
  struct Ready {
    std::uint32_t transaction = 0;
    std::uint64_t bytes = 0;
    std::uint64_t read = 0;
    std::string begin = {};  // empty once given
    std::string commit = {};
    base::File file = {};
  };

  std::filesystem::path path(std::uint32_t transaction) const;
  bool start(std::string_view rest);
  bool stop();
  bool keep(std::string_view message);
  bool abort(std::string_view rest);
  bool commit(std::string_view rest);
  void flush();
  void forget(std::uint32_t transaction);
  std::string_view read(std::size_t size);

  const std::filesystem::path folder_;
  std::map<std::uint32_t, Transaction> transactions_ = {};
  std::optional<std::uint32_t> open_ = {};  // the transaction of the block that is being sent
  base::File file_ = {};                    // its file
  std::string buffer_ = {};                 // written: of the block in hand; read: of the transaction that is ready
  std::size_t used_ = 0;                    // of buffer_, while reading
  std::optional<Ready> ready_ = {};
};

}  // namespace voyager::postgresql
