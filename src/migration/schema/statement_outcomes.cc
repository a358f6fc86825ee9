#include "migration/schema/statement_outcomes.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "model/schema_object.h"

namespace voyager::migration {
namespace {

using sql::StatementKind;

std::string constraint_kind(const sql::ConstraintInfo& constraint) {
  switch (constraint.kind) {
    case sql::ConstraintKind::kForeignKey:
      return "FK CONSTRAINT";
    case sql::ConstraintKind::kCheck:
      return "CHECK CONSTRAINT";
    default:
      return "CONSTRAINT";
  }
}

/// The object as the export's list has it, as far as the statement tells.
model::SchemaObject object_of(const sql::Statement& info, const std::string& sql) {
  model::SchemaObject object{.schema = info.object.schema.catalog_text(), .name = info.object.name.catalog_text()};
  switch (info.kind) {
    case StatementKind::kCreateTable:
      object.kind = "TABLE";
      return object;
    case StatementKind::kCreateIndex:
      object.kind = "INDEX";
      return object;
    case StatementKind::kCreateExtension:
      return {.kind = "EXTENSION", .name = object.name};
    case StatementKind::kAddConstraint:
      return {.kind = constraint_kind(info.constraint),
              .schema = info.table.schema.catalog_text(),
              .name = info.table.name.catalog_text() + " " + object.name};
    case StatementKind::kOwner:
      return {.kind = "OWNER", .name = base::one_line(sql)};
    case StatementKind::kRights:
      return {.kind = "GRANT", .name = base::one_line(sql)};
    case StatementKind::kSetting:
      return {.kind = "SETTING", .name = base::one_line(sql)};
    default:
      return {.kind = "STATEMENT", .name = base::one_line(sql)};
  }
}

/// Text that is safe inside a block comment.
std::string in_comment(std::string text) {
  for (const auto& [from, to] : {std::pair<std::string_view, std::string_view>{"*/", "* /"}, {"/*", "/ *"}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

void write_or_remove(const std::filesystem::path& file, const std::string& text) {
  std::error_code ignored;
  if (text.empty()) {
    std::filesystem::remove(file, ignored);
  } else {
    base::write_file_atomically(file, text);
  }
}

void write_files(const std::filesystem::path& schema_folder, const std::vector<model::StatementOutcome>& all) {
  std::string failed;
  std::string not_run;
  for (const model::StatementOutcome& one : all) {
    (one.failed ? failed : not_run) += fmt::format("/*\n{}{}\nFile: {}:{}\n*/\n{}\n\n\n",
                                                   one.failed ? fmt::format("ERROR {}: ", one.sqlstate) : std::string(),
                                                   in_comment(one.reason), one.file, one.line, one.statement);
  }
  write_or_remove(schema_folder / kFailedFile, failed);
  write_or_remove(schema_folder / kNotRunFile, not_run);
}

}  // namespace

void note_outcomes(format::ObjectLedger& db, const std::filesystem::path& schema_folder, const std::string& command,
                   const std::vector<std::string>& files, const std::vector<NotRun>& not_run,
                   const std::vector<FailedStatement>& failed) {
  std::vector<model::StatementOutcome> all;
  for (const NotRun& one : not_run) {
    all.push_back({.file = one.file,
                   .line = one.line,
                   .statement = one.sql,
                   .reason = one.reason,
                   .made_with_rest = one.made_with_rest,
                   .fingerprint = one.fingerprint,
                   .object = object_of(one.info, one.sql)});
  }
  for (const FailedStatement& one : failed) {
    all.push_back({.file = one.file,
                   .line = one.line,
                   .statement = one.sql,
                   .reason = one.reason,
                   .failed = true,
                   .sqlstate = one.sqlstate,
                   .fingerprint = one.fingerprint,
                   .object = object_of(one.info, one.sql)});
  }
  db.note_statement_outcomes(command, files, all);
  write_files(schema_folder, db.statement_outcomes());
}

void tell_not_run(const std::vector<NotRun>& not_run, model::Dialogue& dialogue) {
  std::map<std::string, std::size_t> by_reason;
  for (const NotRun& one : not_run) ++by_reason[one.reason];
  for (const auto& [reason, count] : by_reason) {
    dialogue.notice(
        model::NoticeLevel::kWarning,
        fmt::format("{}: {} in schema/{}", reason,
                    count == 1 ? std::string("1 statement") : fmt::format("{} statements", count), kNotRunFile));
  }
}

}  // namespace voyager::migration
