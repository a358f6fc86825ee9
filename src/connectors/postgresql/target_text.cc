// The statements of an import and what the server's words about rows mean; pure functions.
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <charconv>

#include "base/text.h"
#include "connectors/postgresql/target.h"

namespace voyager::postgresql {
namespace {

// A literal without the help of a connection; standard_conforming_strings is on in our sessions.
std::string simple_literal(std::string_view value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string format_options(const model::CopyFormat& format, const CopyInText& text, std::uint64_t rows) {
  std::vector<std::string> options;
  const auto character = [](char c) { return simple_literal(std::string_view(&c, 1)); };
  if (format.rows == model::RowFormat::kBinary) {
    options.push_back("FORMAT binary");
  } else if (format.rows == model::RowFormat::kCsv) {
    options = {"FORMAT csv", "DELIMITER " + character(format.delimiter), "QUOTE " + character(format.quote),
               "ESCAPE " + character(format.escape), "NULL " + simple_literal(format.null_string)};
  } else if (format.delimiter != '\t' || format.null_string != "\\N") {
    options = {"DELIMITER " + character(format.delimiter), "NULL " + simple_literal(format.null_string)};
  }
  const std::string encoding =
      format.encoding.empty() && format.raw_bytes && text.raw_bytes ? "SQL_ASCII" : format.encoding;
  if (!encoding.empty()) options.push_back("ENCODING " + simple_literal(encoding));
  if (text.rows_per_transaction && rows > 0) options.push_back(fmt::format("ROWS_PER_TRANSACTION {}", rows));
  return options.empty() ? std::string() : " WITH (" + base::join(options, ", ") + ")";
}

// The next word or quoted identifier of `sql` from `at` on; unquoted words are folded to lower case as the server does
// it.
std::string next_word(std::string_view sql, std::size_t& at, bool& was_quoted) {
  while (at < sql.size() && std::isspace(static_cast<unsigned char>(sql[at])) != 0) ++at;
  std::string out;
  was_quoted = at < sql.size() && sql[at] == '"';
  if (was_quoted) {
    for (++at; at < sql.size(); ++at) {
      if (sql[at] == '"') {
        ++at;
        if (at >= sql.size() || sql[at] != '"') break;
      }
      out += sql[at];
    }
    return out;
  }
  while (at < sql.size() && std::isspace(static_cast<unsigned char>(sql[at])) == 0 && sql[at] != '(' &&
         sql[at] != ';') {
    out += sql[at++];
  }
  if (out.empty() && at < sql.size()) ++at;  // A parenthesis ends a word and is no word.
  return base::lower(out);
}

// Null once the run is another one; locked against becoming one until the transaction ends.
std::string migration_of_run(const std::string& migration, const connector::LoadingRun& run,
                             const std::function<std::string(std::string_view)>& literal) {
  return fmt::format(
      "(SELECT migration_uuid FROM ybvoyager_metadata.ybvoyager_import_data_runs WHERE migration_uuid = {} AND "
      "importer_role = {} AND run = {} FOR SHARE)",
      migration, literal(run.importer), literal(run.run));
}

}  // namespace

std::string copy_in_statement(const connector::BatchRequest& request, const CopyInText& text) {
  std::string columns;
  for (const model::Column& column : request.columns) {
    columns += (columns.empty() ? "" : ", ") + model::quoted(column.name);
  }
  return fmt::format("COPY {}{} FROM STDIN{}", text.destination, columns.empty() ? "" : " (" + columns + ")",
                     format_options(request.format, text, request.rows_expected));
}

std::string bookkeeping_insert(const connector::BatchRequest& request, const std::string& migration,
                               const connector::Fence& fence,
                               const std::function<std::string(std::string_view)>& literal) {
  std::string values;
  for (const model::BatchKey& key : request.keys) {
    const bool proves_run = fence && values.empty();
    values += fmt::format("{}({}, {}, {}, {}, {}, {})", values.empty() ? "" : ", ",
                          proves_run ? migration_of_run(literal(migration), *fence, literal) : literal(migration),
                          literal(key.file_name), key.number, literal(request.table.schema.catalog_text()),
                          literal(request.table.name.catalog_text()), key.rows);
  }
  return "INSERT INTO ybvoyager_metadata.ybvoyager_import_data_batches_metainfo_v3 "
         "(migration_uuid, data_file_name, batch_number, schema_name, table_name, rows_imported) VALUES " +
         values;
}

std::optional<std::uint64_t> row_of_context(std::string_view context, std::string_view table) {
  const std::string start = fmt::format("COPY {}, ", table);
  for (const std::string& line : base::split(context, '\n')) {
    if (!line.starts_with(start)) continue;
    // "line" is in the server's language; the number after it is not.
    const std::size_t digit = line.find_first_of("0123456789", start.size());
    if (digit == std::string::npos) continue;
    std::uint64_t number = 0;
    std::from_chars(line.data() + digit, line.data() + line.size(), number);
    if (number > 0) return number - 1;
  }
  return std::nullopt;
}

bool blames_row(std::string_view sqlstate) {
  // Data, constraints, check options, limits, and whatever the user's functions (triggers, checks, domains) raise.
  constexpr std::array<std::string_view, 11> kClasses = {"0A", "21", "22", "23", "2F", "38",
                                                         "39", "44", "54", "P0", "HV"};
  for (const std::string_view one : kClasses) {
    if (sqlstate.starts_with(one)) return true;
  }
  return false;
}

std::string built_name(std::string_view sql) {
  std::size_t at = 0;
  bool quoted = false;
  while (at < sql.size()) {
    const std::string word = next_word(sql, at, quoted);
    if (quoted || (word != "index" && word != "constraint")) continue;
    std::string name = next_word(sql, at, quoted);
    if (!quoted && name == "concurrently") name = next_word(sql, at, quoted);
    if (!quoted && name == "if") {
      next_word(sql, at, quoted);  // NOT
      next_word(sql, at, quoted);  // EXISTS
      name = next_word(sql, at, quoted);
    }
    return !quoted && name == "on" ? std::string() : name;
  }
  return {};
}

}  // namespace voyager::postgresql
