#include "migration/snapshot/batch_loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "base/retry.h"
#include "migration/snapshot/import_table.h"
#include "migration/snapshot/user_file.h"

namespace voyager::migration {
namespace {

constexpr std::size_t kRowShownBytes = 64 * 1024 * 1024;

base::RetryPolicy retry_policy(const ImportDataOptions& options) {
  return {.tries_max = options.tries_max,
          .first_wait = std::chrono::milliseconds(500),
          .longest_wait = options.longest_wait};
}

// As much of a row as helps to find it, on one line.
std::string beginning_of_row(const Batch& batch, std::uint64_t row) {
  constexpr std::size_t kShownBytes = 200;
  const Batch one = split_batch(split_batch(batch, row).second, 1).first;
  std::string bytes;
  const std::unique_ptr<connector::RowStream> stream = open_rows(one);
  for (std::string_view piece = stream->next_piece(); !piece.empty() && bytes.size() < kShownBytes;
       piece = stream->next_piece()) {
    bytes += piece;
  }
  const bool cut = bytes.size() > kShownBytes;
  bytes.resize(std::min(bytes.size(), kShownBytes));
  while (!bytes.empty() && bytes.back() == '\n') bytes.pop_back();
  return bytes + (cut ? " ..." : "");
}

// Counts the bytes that are handed to the server, and marks the moment when all of a batch have been.
class CheckedStream : public connector::RowStream {
 public:
  CheckedStream(std::unique_ptr<connector::RowStream> inner, std::atomic<std::uint64_t>& bytes)
      : inner_(std::move(inner)), bytes_(bytes) {}
  std::string_view next_piece() override {
    const std::string_view piece = inner_->next_piece();
    bytes_ += piece.size();
    if (piece.empty()) base::fault_point<"import_data.batch_sent">();  // all rows of a batch are sent, not committed
    return piece;
  }

 private:
  std::unique_ptr<connector::RowStream> inner_;
  std::atomic<std::uint64_t>& bytes_;
};

}  // namespace

std::vector<Batch> BatchLoader::load(const Batch& batch, std::size_t board_item, Attempt attempt) {
  std::vector<Batch> refused;
  const std::optional<connector::RowFault> fault = try_load(batch, board_item);
  if (!fault) return refused;
  if (attempt == Attempt::kWhole) {
    refused.push_back(batch);
  } else if (attempt == Attempt::kLast && options_.error_policy == ErrorPolicy::kAbort) {
    refuse(batch, *fault);
  } else {
    divide(batch, *fault, board_item, attempt, refused);
  }
  return refused;
}

std::optional<connector::RowFault> BatchLoader::try_load(const Batch& batch, std::size_t board_item) {
  bool doubt = false;
  return base::retry(
      retry_policy(options_), context_.clock, context_.stop, [&]() -> std::optional<connector::RowFault> {
        try {
          if (!connection_) connection_ = target_.loader(migration_, fence_);
          if (doubt) {
            // The transaction may have been committed although no answer came: the bookkeeping rows tell.
            const std::vector<model::BatchKey> keys = batch.keys();
            const std::vector<model::BatchKey> noted = connection_->imported_among(keys);
            const auto there = std::ranges::count_if(
                keys, [&](const model::BatchKey& key) { return std::ranges::find(noted, key) != noted.end(); });
            if (there == std::ssize(keys)) {
              ledger_.note_imported(batch, batch.rows());
              context_.board.add_batch(board_item, batch.rows(), batch.bytes());
              return std::nullopt;
            }
            VOY_ASSERT(there == 0);  // They commit together.
          }
          return send(batch, board_item);
        } catch (const base::Error& error) {
          doubt = true;
          connection_.reset();
          base::log_warn(fmt::format("batch {} of {}: {}", batch.keys().at(0).number, batch.file->name, error.what()));
          throw error.within("import into " + model::display(batch.file->table));
        }
      });
}

std::optional<connector::RowFault> BatchLoader::send(const Batch& batch, std::size_t board_item) {
  const connector::BatchRequest request{.table = batch.file->table,
                                        .kind = batch.file->kind,
                                        .columns = batch.file->columns,
                                        .format = batch.file->format,
                                        .keys = batch.keys(),
                                        .rows_expected = batch.rows(),
                                        .ignore_key_conflicts = options_.key_conflict == KeyConflict::kIgnore,
                                        .triggers_on = batch.file->triggers_on,
                                        .note = [this](const std::string& note) { ledger_.add_note(note); }};
  context_.board.add_submitted_batch(board_item);
  CheckedStream rows(open_rows(batch), bytes_sent_);
  const connector::BatchOutcome outcome = connection_->import(request, rows);
  if (const auto* fault = std::get_if<connector::RowFault>(&outcome)) return *fault;
  base::fault_point<"import_data.batch_committed">();  // the target has committed, the local state does not know it
  ledger_.note_imported(batch, batch.rows());
  context_.board.add_batch(board_item, batch.rows(), batch.bytes());
  base::fault_point<"import_data.batch_noted">();  // the batch is counted, the local state does not show it yet
  return std::nullopt;
}

// The rows are tried in pieces from the front on: what is before the row that the server has named, that row alone, and
// what comes after it. A row counts as refused when it is refused alone, so exactly the refused rows are found, also
// when the server named the wrong line or none. Behind a refused row a piece is as large as twice what was taken before
// it: where every second row is bad, each try must not send all that is left.
void BatchLoader::divide(const Batch& batch, connector::RowFault fault, std::size_t board_item, Attempt attempt,
                         std::vector<Batch>& refused) {
  constexpr std::uint64_t kFewest = 2;
  Batch rest = batch;
  std::optional<connector::RowFault> refusal = std::move(fault);  // of the first `tried` rows of `rest`
  std::uint64_t tried = rest.rows();
  std::uint64_t taken = 0;  // since the last refused row
  bool named_next = false;  // the row behind those that are tried is the one that the server has named
  while (true) {
    std::uint64_t next = 0;
    if (!refusal) {
      rest = split_batch(rest, tried).second;
      taken += tried;
      next = std::exchange(named_next, false) ? 1 : std::max(2 * taken, kFewest);
    } else if (tried > 1) {
      const bool named = refusal->row && *refusal->row < tried;
      named_next = named && *refusal->row > 0;
      next = named ? std::max<std::uint64_t>(*refusal->row, 1) : tried / 2;
    } else {
      auto [row, behind] = split_batch(rest, 1);
      if (attempt == Attempt::kLast) {
        set_aside(row, *refusal, board_item);
      } else {
        refused.push_back(std::move(row));
      }
      rest = std::move(behind);
      next = std::max(2 * std::exchange(taken, 0), kFewest);
    }
    if (rest.parts.empty()) return;
    // Where the first refused row ends the run, what comes behind it need not be taken apart.
    if (options_.error_policy == ErrorPolicy::kAbort && !refused.empty()) {
      refused.push_back(std::move(rest));
      return;
    }
    // Thousands of bad rows take a while; what is loaded or set aside is noted row by row.
    base::throw_if_draining(context_.stop, options_.command + " was stopped", kImportResume);
    tried = std::min(next, rest.rows());
    refusal = try_load(split_batch(rest, tried).first, board_item);
  }
}

void BatchLoader::set_aside(const Batch& one_row, const connector::RowFault& fault, std::size_t board_item) {
  std::string row;
  const std::unique_ptr<connector::RowStream> stream = open_rows(one_row);
  for (std::string_view piece = stream->next_piece(); !piece.empty(); piece = stream->next_piece()) {
    if (row.size() < kRowShownBytes) row += piece;
  }
  ledger_.set_aside(one_row, row, fault.sqlstate, fault.message);
  context_.board.add_set_aside(board_item, model::AsideKind::kRefused, 1, row.size());
}

void BatchLoader::refuse(const Batch& batch, const connector::RowFault& fault) const {
  const ImportFile& file = *batch.file;
  base::ErrorInfo info{.code = "IMP-001",
                       .title = "the target refused a row of " + model::display(file.table),
                       .cause = fault.message,
                       .sqlstate = fault.sqlstate};
  const std::string flag = file.user_file ? "--error-policy" : "--error-policy-snapshot";
  const std::string aside = "set refused rows aside: yb-voyager --start-clean true " + flag + " stash-and-continue ...";
  if (file.user_file) {
    info.where = file.path.string();
    if (fault.line) info.where += fmt::format(":{}", file_line_of(batch, *fault.line));
    info.fix = {"mend the row in the file and begin anew: yb-voyager --start-clean true --truncate-tables true ...",
                "or " + aside};
    info.then = "or mend the table on the target and run the same command again: what is in is kept";
  } else {
    const std::string place = fault.row ? fmt::format(", row {} of the batch", *fault.row + 1) : std::string();
    info.where = fmt::format("{}, batch {}{}", file.name, batch.keys().at(0).number, place);
    if (fault.row) info.cause += "\nthe row: " + beginning_of_row(batch, *fault.row);
    info.fix = {"mend the row on the source or the table on the target", "or " + aside};
    info.then = "run the same command again after mending: what is in is kept, the batch is tried again";
  }
  if (fault.wrong_encoding && (file.user_file || file.format.raw_bytes))
    info.fix.insert(info.fix.begin(), "give the encoding that the rows are in, for instance --encoding LATIN1");
  throw base::Error(std::move(info));
}

}  // namespace voyager::migration
