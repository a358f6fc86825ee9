#include "migration/snapshot/export_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/fault_point.h"
#include "base/text.h"
#include "connector/begin_anew.h"
#include "migration/snapshot/import_ledger.h"
#include "migration/state/import_record.h"

namespace voyager::migration {
namespace {

constexpr std::string_view kRuns = "import_runs";
constexpr std::size_t kRunsKept = 100;
constexpr std::string_view kExports = "exports_forgotten";

struct Import {
  std::string_view importer;
  const char* command;
};
// Those of an export, whose rows and changes have numbers of its own.
constexpr Import kImports[] = {{kTargetImporter, "import data"}, {kReplicaImporter, "import data to source-replica"}};

bool begun(format::MigrationState& db, std::string_view importer) {
  return !db.imported(importer).empty() || changes_were_applied(db, importer);
}

// Behind an importer's name: a database has had the mark of one of its runs. A run that was killed before it could
// leave the first is no sign that marks were lost.
constexpr const char* kNoted = " is noted";

bool was_noted(format::DocumentLedger& db, std::string_view importer) {
  const nlohmann::json runs = nlohmann::json::parse(db.json(kRuns), nullptr, false);
  return runs.is_object() && runs.value(std::string(importer) + kNoted, false);
}

// The last runs of this directory that have begun, in their order.
std::vector<std::string> known_runs(format::DocumentLedger& db, std::string_view importer) {
  const nlohmann::json runs = nlohmann::json::parse(db.json(kRuns), nullptr, false);
  return runs.is_object() ? runs.value(std::string(importer), std::vector<std::string>()) : std::vector<std::string>();
}

}  // namespace

std::vector<std::string> imports_begun(format::MigrationState& db) {
  std::vector<std::string> out;
  for (const Import& one : kImports) {
    if (begun(db, one.importer)) out.emplace_back(one.command);
  }
  return out;
}

void note_export_forgotten(format::MigrationState& db) {
  db.set_json(kExports, std::to_string(export_number(db) + 1));
  for (const Import& one : kImports) {
    if (begun(db, one.importer))
      change_import_record(db, one.importer, [](ImportRecord& record) { record.of_earlier_export = true; });
  }
}

std::uint64_t export_number(format::DocumentLedger& db) {
  const std::string forgotten = db.json(kExports);
  return forgotten.empty() ? 0 : std::stoull(forgotten);
}

void refuse_export_begun_anew(format::DocumentLedger& db, std::uint64_t number, const std::string& command) {
  if (export_number(db) == number) return;
  throw base::Error({.code = "IMP-006",
                     .exit = base::ExitCode::kState,
                     .title = "the export was begun anew while its rows were loaded",
                     .cause = "rows of two snapshots would be mixed, or be missing",
                     .fix = {fmt::format("yb-voyager {} --start-clean true --truncate-tables true ...", command)},
                     .then = "the import is not done"});
}

void refuse_earlier_export(format::DocumentLedger& db, std::string_view importer, const std::string& command) {
  if (!import_record(db, importer).of_earlier_export) return;
  throw base::Error({.code = "IMP-006",
                     .exit = base::ExitCode::kState,
                     .title = "the target holds rows of an earlier export, which was begun anew since",
                     .cause = "rows of two snapshots would be mixed, or be there twice",
                     .fix = {fmt::format("yb-voyager {} --start-clean true --truncate-tables true ...", command)},
                     .then = "nothing was changed"});
}

namespace {

[[noreturn]] void refuse(std::string_view importer, const std::string& command) {
  std::vector<std::string> fix = {"go on in the export directory that was used last; where that is gone:"};
  if (importer == kFileImporter ||
      std::ranges::any_of(kImports, [&](const Import& one) { return one.importer == importer; })) {
    const bool has_files = command == "import data";
    if (has_files) fix.emplace_back("export anew: yb-voyager export data --start-clean true ...");
    fix.push_back(fmt::format("{} anew: yb-voyager {} --start-clean true --truncate-tables true ...",
                              has_files ? "and import" : "begin", command));
  } else {
    for (std::string& line : connector::end_without_way_back()) fix.push_back(std::move(line));
  }
  throw base::Error({.code = "IMP-007",
                     .exit = base::ExitCode::kState,
                     .title = "rows of this migration came here from another copy of the export directory",
                     .cause = "this directory was copied, or restored from an older copy: what the database notes as "
                              "loaded need not be what is in the files here, so rows would be left out or be there "
                              "twice",
                     .fix = std::move(fix),
                     .then = "nothing was changed"});
}

}  // namespace

void refuse_other_copy(format::DocumentLedger& db, connector::ImportRuns& admin, std::string_view importer,
                       const std::string& command) {
  const std::string last = admin.noted_run(std::string(importer));
  const std::vector<std::string> known = known_runs(db, importer);
  // Nothing is there: bookkeeping of an earlier version, or a database that was made anew and knows of no row.
  if (!last.empty() && std::ranges::find(known, last) == known.end()) refuse(importer, command);
}

bool lost_its_runs(format::MigrationState& db, connector::ImportRuns& admin, std::string_view importer) {
  return was_noted(db, importer) && begun(db, importer) && admin.noted_run(std::string(importer)).empty();
}

std::string begin_import_anew(const std::string& command) {
  return fmt::format("or begin anew: yb-voyager {} --start-clean true --truncate-tables true ...", command);
}

void refuse_lost_runs(const std::string& what, std::vector<std::string> otherwise) {
  otherwise.insert(otherwise.begin(), "put the schema back from a backup of the database as it was");
  throw base::Error({.code = "IMP-008",
                     .exit = base::ExitCode::kState,
                     .title = "the database does not know any more what this migration has brought to it",
                     .cause = fmt::format("its bookkeeping (schema ybvoyager_metadata) was dropped, by hand or by end "
                                          "migration in a copy of this directory: which rows and changes are in cannot "
                                          "be told ({})",
                                          what),
                     .fix = std::move(otherwise),
                     .then = "nothing was changed"});
}

namespace {

/// Nothing: another run was noted meanwhile.
std::optional<connector::LoadingRun> note_run(format::DocumentLedger& db, connector::ImportRuns& admin,
                                              const std::string& last, std::string_view importer) {
  const std::string role(importer), run = base::new_uuid();
  // A run that is killed between the two is known by either.
  std::vector<std::string> known = known_runs(db, importer);
  known.push_back(run);
  // The target's own stays, however many runs could not be noted there.
  if (known.size() > kRunsKept) known.erase(std::ranges::find_if(known, [&](const auto& one) { return one != last; }));
  db.patch_json(kRuns, nlohmann::json{{role, known}}.dump());
  base::fault_point<"import_data.run_noted">();  // the directory knows this run, the target does not
  if (!admin.note_run(role, run, last)) return std::nullopt;
  db.patch_json(kRuns, nlohmann::json{{role + kNoted, true}}.dump());
  return connector::LoadingRun{.importer = role, .run = run};
}

}  // namespace

connector::LoadingRun take_import_over(format::DocumentLedger& db, connector::ImportRuns& admin,
                                       std::string_view importer, const std::string& command) {
  const std::string last = admin.noted_run(std::string(importer));
  const std::vector<std::string> known = known_runs(db, importer);
  if (!last.empty() && std::ranges::find(known, last) == known.end()) refuse(importer, command);
  const std::optional<connector::LoadingRun> run = note_run(db, admin, last, importer);
  if (!run) refuse(importer, command);
  return *run;
}

connector::LoadingRun take_import_over_anew(format::DocumentLedger& db, connector::ImportRuns& admin,
                                            std::string_view importer, const std::string& command) {
  const std::optional<connector::LoadingRun> run =
      note_run(db, admin, admin.noted_run(std::string(importer)), importer);
  if (run) return *run;
  base::fail(base::ExitCode::kState, "another run of " + command + " has begun at the same moment",
             "one of them goes on, and this one has changed nothing", {"run the same command again when it has ended"});
}

}  // namespace voyager::migration
