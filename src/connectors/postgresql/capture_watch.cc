#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "connectors/postgresql/connection.h"
#include "connectors/postgresql/pgoutput.h"
#include "connectors/postgresql/queries.h"
#include "connectors/postgresql/source_changes.h"

namespace voyager::postgresql {
namespace {

class Watch final : public connector::CaptureWatch {
 public:
  Watch(const model::ConnectionOptions& options, CaptureNames names) : connection_(options), names_(std::move(names)) {}

  model::Position end_of_log() override {
    const Lsn place = mark_end_of_log(connection_);
    return LogPlace{.commit = place, .changes = LogPlace::kAll, .end = place}.position();
  }

  bool captured(const model::Position& place) override {
    const Result row =
        connection_.query(queries::kCaptureConfirmed, {names_.slot, display(place)}, "look at the capture");
    if (row.rows() > 0) return row.boolean(0, 0);
    throw base::Error({.code = "CDC-006",
                       .exit = base::ExitCode::kState,
                       .title = "nothing is captured here",
                       .where = connection_.where(),
                       .cause = "there is no replication slot " + names_.slot});
  }

  connector::SourceLag lag() override { return look_at_slot(connection_, names_.slot).lag; }

  std::vector<model::Finding> open_transactions() override {
    std::vector<model::Finding> out;
    for (const OpenTransaction& one : postgresql::open_transactions(connection_)) {
      out.push_back({.note = true, .title = one.who + " is open", .cause = one.since, .fix = {one.fix}});
    }
    return out;
  }

  std::string display(const model::Position& place) override {
    const Lsn lsn = LogPlace::of(place).commit;
    return fmt::format("{:X}/{:X}", lsn >> 32U, lsn & 0xFFFF'FFFFU);
  }

 private:
  Connection connection_;
  const CaptureNames names_;
};

}  // namespace

Lsn mark_end_of_log(Connection& connection) {
  // The place of a record that is written now, and on disk when its place is known: a transaction that was committed
  // with synchronous_commit off is in the log before it, but may be on disk, and thus sent to us, only later.
  connection.run("BEGIN; SET LOCAL synchronous_commit = on", "mark the end of its log");
  const Result row = connection.query("SELECT pg_catalog.pg_logical_emit_message(true, 'yb-voyager', 'end of capture')",
                                      "mark the end of its log");
  const Lsn place = parse_lsn(row.text(0, 0));
  connection.run("COMMIT", "mark the end of its log");
  return place;
}

SlotState look_at_slot(Connection& connection, const std::string& name) {
  const std::vector<Param> slot = {name};
  const std::optional<Result> row = connection.try_query(queries::kCaptureLag, slot, "measure its log");
  if (!row) return {};  // A relative of PostgreSQL whose log cannot be measured.
  if (row->rows() == 0) return {.lag = {.lost = true}};
  return {.lag = {.behind_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(row->number(0, 0), 0)),
                  .retained_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(row->number(0, 1), 0)),
                  .lost = row->boolean(0, 2),
                  .slot = name},
          .keeps = row->is_null(0, 3) ? 0 : parse_lsn(row->text(0, 3))};
}

std::vector<OpenTransaction> open_transactions(Connection& connection) {
  const Result rows = connection.query(queries::kCaptureBlockers, "look for open transactions");
  std::vector<OpenTransaction> out;
  for (int row = 0; row < rows.rows(); ++row) {
    const bool prepared = rows.is_null(row, 0);
    out.push_back({.who = prepared ? fmt::format("the prepared transaction {}", rows.text(row, 3))
                                   : fmt::format("the transaction of process {}", rows.text(row, 0)),
                   .since = fmt::format("it is open for {} s (user {}, {}{})", rows.number(row, 1), rows.text(row, 2),
                                        prepared ? "" : rows.string(row, 3) + ", ", rows.text(row, 4)),
                   .fix = prepared
                              ? fmt::format("ROLLBACK PREPARED {0}; or COMMIT PREPARED {0};",
                                            connection.literal(rows.text(row, 3)))
                              : fmt::format("wait for it, or SELECT pg_terminate_backend({});", rows.text(row, 0))});
  }
  return out;
}

std::unique_ptr<connector::CaptureWatch> make_capture_watch(const model::ConnectionOptions& options,
                                                            const std::string& migration) {
  return std::make_unique<Watch>(options, capture_names(migration));
}

}  // namespace voyager::postgresql
