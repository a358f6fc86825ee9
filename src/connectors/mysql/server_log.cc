#include "connectors/mysql/server_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

namespace voyager::mysql {

namespace {

constexpr std::chrono::milliseconds kLookPrepared{20};
constexpr std::chrono::seconds kLongestPrepared{10};

bool is_on(Connection& connection, const char* setting) {
  const auto value = connection.try_query(std::string("SELECT @@global.") + setting, "look at its settings");
  return value && value->rows() > 0 && (value->string(0, 0) == "1" || value->string(0, 0) == "ON");
}

// Of servers that know several masters, and of those that do not; a user without the right may still see what runs.
bool is_replica(Connection& connection) {
  for (const char* sql : {"SHOW ALL SLAVES STATUS", "SHOW REPLICA STATUS", "SHOW SLAVE STATUS"}) {
    if (const auto rows = connection.try_query(sql, "look for what it replicates")) return rows->rows() > 0;
  }
  const auto running = connection.try_query("SHOW GLOBAL STATUS LIKE 'Slaves_running'", "look for what it replicates");
  return running && running->rows() > 0 && running->number(0, 1) > 0;
}

}  // namespace

// The first is MySQL's from 8.2 on, the second was removed in 8.4.
std::optional<LogStatus> log_status(Connection& connection) {
  for (const char* sql : {"SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"}) {
    const auto status = connection.try_query(sql, "tell the end of its log");
    if (!status || status->rows() == 0) continue;
    LogStatus out{.end = BinlogPlace::of_file(status->string(0, 0), status->number(0, 1))};
    if (!status->string(0, 2).empty()) out.databases = base::split(status->string(0, 2), ',');
    if (!status->string(0, 3).empty()) out.left_out = base::split(status->string(0, 3), ',');
    if (!connection.is_mariadb() && is_on(connection, "gtid_mode")) {
      for (const char c : status->string(0, 4)) {
        if (c != '\n') out.gtids += c;
      }
    }
    return out;
  }
  return std::nullopt;
}

std::string server_name(Connection& connection) {
  return connection
      .query(connection.is_mariadb() ? "SELECT @@global.server_id" : "SELECT @@global.server_uuid", "tell its name")
      .string(0, 0);
}

std::string gtids_before(Connection& connection, const BinlogPlace& place) {
  if (place.begin > BinlogPlace::kPositionMax) return {};
  const auto found = connection.try_query(
      fmt::format("SELECT BINLOG_GTID_POS({}, {})", quoted_text(place.file_name()), place.begin), "name a place");
  return found && found->rows() > 0 ? found->string(0, 0) : std::string();
}

std::vector<std::string> prepared_transactions(Connection& connection) {
  std::vector<std::string> out;
  const auto rows = connection.try_query("XA RECOVER", "look for transactions that are prepared");
  constexpr int kColumns = 4;  // the form of the name, the lengths of its two parts, both parts
  for (int row = 0; rows && row < rows->rows(); ++row) {
    std::string& name = out.emplace_back();
    for (int column = 0; column < kColumns; ++column) name += rows->string(row, column) + ' ';
  }
  return out;
}

std::size_t once_none_is_prepared(const base::Stop* stop, const std::function<std::size_t()>& look) {
  const base::Stop never;
  const base::Stop& asked = stop == nullptr ? never : *stop;
  const base::Clock& clock = base::system_clock();
  const auto latest = clock.now() + kLongestPrepared;
  while (true) {
    const std::size_t left = look();
    if (left == 0 || clock.now() >= latest) return left;
    (void)clock.sleep_for(kLookPrepared, asked);
    base::throw_if_draining(asked, "the export was stopped", "run the same command again");
  }
}

std::string still_prepared(std::size_t number) {
  return fmt::format("{} XA transactions are prepared and not committed", number);
}

void refuse_prepared(std::size_t number, const std::string& where) {
  throw base::Error({.exit = base::ExitCode::kPreflight,
                     .title = still_prepared(number),
                     .where = where,
                     .cause = kWhyNonePrepared,
                     .fix = {kEndPrepared,
                             "where some are prepared at all times, stop the application that makes them while the "
                             "export begins",
                             "then run the same command again"},
                     .then = "nothing was exported"});
}

BinlogPlace end_of_log(Connection& connection) {
  if (const auto status = log_status(connection); status && status->end.file != 0) {
    BinlogPlace end = status->end;
    end.server = server_name(connection);
    return end;
  }
  throw base::Error({.exit = base::ExitCode::kState,
                     .title = "the server does not say where its log ends",
                     .where = connection.where(),
                     .cause = "the user may not ask any more, or there is no binary log",
                     .fix = {connection.is_mariadb() ? "GRANT BINLOG MONITOR ON *.* TO the user that migrates"
                                                     : "GRANT REPLICATION CLIENT ON *.* TO the user that migrates",
                             "run the same command again"},
                     .then = "what was captured is kept"});
}

std::string unlogged_writes(Connection& connection, const LogStatus& status) {
  const Result row = connection.query("SELECT database()", "tell its database");
  const auto in = [&](const std::vector<std::string>& names) {
    return std::ranges::any_of(
        names, [&](const std::string& one) { return base::equals_ignoring_case(base::trim(one), row.string(0, 0)); });
  };
  if ((!status.databases.empty() && !in(status.databases)) || in(status.left_out))
    return "binlog_do_db or binlog_ignore_db leaves the database out";
  if (is_on(connection, "log_slave_updates") || is_on(connection, "log_replica_updates")) return {};
  if (is_on(connection, "wsrep_on")) return "it is a node of a cluster and does not log what others write";
  return is_replica(connection) ? "it is a replica and does not log what it replicates" : "";
}

bool logs_cascades(Connection& connection) {
  const auto native = connection.try_query("SELECT @@global.innodb_native_foreign_keys", "look at its settings");
  return native && native->rows() > 0 && native->number(0, 0) == 0;
}

std::optional<std::vector<LogFile>> log_files(Connection& connection) {
  const auto rows = connection.try_query("SHOW BINARY LOGS", "list the files of its log");
  if (!rows) return std::nullopt;
  std::vector<LogFile> out;
  for (int row = 0; row < rows->rows(); ++row)
    out.push_back({.name = rows->string(row, 0), .bytes = rows->number(row, 1)});
  return out;
}

std::optional<std::uint64_t> bytes_behind(const std::vector<LogFile>& files, const BinlogPlace& place) {
  bool found = false;
  std::uint64_t out = 0;
  for (const LogFile& one : files) {
    const BinlogPlace file = BinlogPlace::of_file(one.name, 0);
    if (file.base != place.base || file.file < place.number()) continue;
    found |= file.file == place.number();
    const std::uint64_t before = file.file == place.number() ? place.begin : 0;
    out += one.bytes - std::min(before, one.bytes);
  }
  return found ? std::optional(out) : std::nullopt;
}

}  // namespace voyager::mysql
