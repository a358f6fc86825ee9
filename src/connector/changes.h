// What a source must be able to do so that its changes can follow the snapshot.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "model/changes.h"

namespace voyager::connector {

/// Changes in the order in which their transactions were committed.
struct ChangeBatch {
  std::string records = {};              ///< Whole records of model/changes.h; empty when nothing came in time.
  std::uint64_t changes = 0;             ///< Numbered ones among them.
  model::Position end = {};              ///< Behind the last record; also without records, as far as is known.
  std::int64_t committed_at_micros = 0;  ///< Of the last transaction in it, by the source's clock; 0: none yet.
  bool caught_up = false;                ///< Nothing more was waiting.
  bool in_transaction = false;           ///< It ends inside of a transaction.
};

/// A stream of committed changes that can be taken up where it broke. One connection, one thread. The options' stop
/// ends every wait.
class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  /// The next change is the one behind `from`; what the server sends again is skipped. An empty position: from where
  /// the capture was set up.
  virtual void open(const model::Position& from) = 0;
  /// Replaces `batch` by what has come, about `bytes_wanted` bytes at most unless one change is larger. Waits up to
  /// `budget` for the first of it. A lost connection throws; open again then.
  virtual void poll(ChangeBatch& batch, std::chrono::milliseconds budget, std::size_t bytes_wanted) = 0;
  /// Everything up to `durable` is safe with us: the source may forget it. When it is the end of the last batch and
  /// nothing is waiting, the source may also forget what it logged since that concerns nobody here.
  virtual void confirm(const model::Position& durable) = 0;
};

}  // namespace voyager::connector
