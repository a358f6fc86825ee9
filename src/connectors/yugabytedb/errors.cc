#include "connectors/yugabytedb/errors.h"

#include <array>
#include <string_view>

namespace voyager::yugabytedb {
namespace {

using base::Retry;

struct MessageRow {
  std::string_view part;
  postgresql::Verdict verdict;
};

// The first part that the message holds counts.
constexpr std::array kMessages = {
    MessageRow{"too long RPC message", {.retry = Retry::kNever}},
    MessageRow{"Restart read required", {.retry = Retry::kNow}},
    MessageRow{"schema version mismatch", {.retry = Retry::kNow}},
    MessageRow{"Schema version mismatch", {.retry = Retry::kNow}},
    MessageRow{"Catalog Version Mismatch", {.retry = Retry::kNow}},
    MessageRow{"catalog snapshot used for this transaction has been invalidated", {.retry = Retry::kNow}},
    MessageRow{"MISMATCHED_SCHEMA", {.retry = Retry::kNow}},
    MessageRow{"expired or aborted by a conflict", {.retry = Retry::kAfterPeers}},
    MessageRow{"conflicts with higher priority transaction", {.retry = Retry::kAfterPeers}},
    MessageRow{"Conflicts with", {.retry = Retry::kAfterPeers}},
    MessageRow{"Transaction was recently aborted", {.retry = Retry::kAfterPeers}},
    MessageRow{"Unknown transaction, could be recently aborted", {.retry = Retry::kAfterPeers}},
    MessageRow{"Try again", {.retry = Retry::kAfterPeers}},
    MessageRow{"Timed out", {.retry = Retry::kAfterPeers}},
};

}  // namespace

postgresql::Verdict judge(const postgresql::ServerFault& fault) {
  for (const MessageRow& row : kMessages) {
    if (fault.message.find(row.part) != std::string::npos) return row.verdict;
  }
  // An internal error without a known text is a node that could not answer: worth a few more tries.
  if (fault.sqlstate.starts_with("XX")) return {.retry = Retry::kAfterPeers};
  return postgresql::judge(fault);
}

}  // namespace voyager::yugabytedb
