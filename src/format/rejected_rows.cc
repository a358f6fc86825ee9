#include "format/rejected_rows.h"

namespace voyager::format {
namespace {

constexpr int kBusyMilliseconds = 30'000;

}  // namespace

RejectedRows::RejectedRows(const std::filesystem::path& export_dir)
    : connection_(export_dir / "metainfo" / "meta.db", SqliteConnection::Mode::kCreate, state_words()) {
  sqlite3_busy_timeout(connection_.handle(), kBusyMilliseconds);
  connection_.exec("PRAGMA synchronous = FULL");
}

std::vector<RejectedRow> RejectedRows::all() {
  Statement rows(
      connection_,
      "SELECT importer_role, file_name, schema_name, table_name, number, sqlstate, reason, discarded, line, released "
      "FROM set_aside_row ORDER BY importer_role, schema_name, table_name, file_name, number");
  std::vector<RejectedRow> out;
  while (rows.step()) {
    out.push_back(
        {.role = rows.text(0),
         .row = {.file_name = rows.text(1),
                 .table = {.schema = model::Identifier(rows.text(2)), .name = model::Identifier(rows.text(3))},
                 .number = static_cast<std::int32_t>(rows.integer(4)),
                 .reason = rows.text(6),
                 .sqlstate = rows.text(5),
                 .line = static_cast<std::uint64_t>(rows.integer(8))},
         .discarded = rows.integer(7) != 0,
         .in_doubt = rows.integer(9) != 0});
  }
  return out;
}

std::uint64_t RejectedRows::discard(std::string_view role, const std::vector<model::TableName>& tables) {
  std::uint64_t discarded = 0;
  connection_.exec("BEGIN IMMEDIATE");
  for (const model::TableName& table : tables) {
    Statement(connection_,
              "UPDATE set_aside_row SET discarded = 1 WHERE importer_role = ?1 AND schema_name = ?2 AND "
              "table_name = ?3 AND discarded = 0 AND released = 0")
        .bind(role, table.schema.catalog_text(), table.name.catalog_text())
        .run();
    discarded += static_cast<std::uint64_t>(sqlite3_changes(connection_.handle()));
  }
  connection_.exec("COMMIT");
  return discarded;
}

}  // namespace voyager::format
