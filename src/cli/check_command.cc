// check: all that the commands of a migration look at before they begin, asked at once and without changing anything.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/connections.h"
#include "cli/connectors.h"
#include "cli/export_options.h"
#include "cli/table_lists.h"
#include "model/table_list.h"
#include "report/numbers.h"

namespace voyager::cli {
namespace {

using enum FlagKind;
using base::ExitCode;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

// Whatever is missing, on either side: a check that has several answers has one number for "not yet".
constexpr ExitCode kNotReady = ExitCode::kTargetUnreachable;

constexpr std::uint64_t kFreeBytesMin = 1ULL << 30;

const std::vector<Flag> kCheckFlags = {
    {.name = "export-type",
     .kind = kChoice,
     .help = "what export data is going to export; with changes what their capture needs is checked, too",
     .fallback = "snapshot-only",
     .choices = {"snapshot-only", "snapshot-and-changes", "changes-only"}},
};

const std::vector<Flag> kAnswerFlags = {
    text_format_flag(),
};

// Without what only Oracle has, which stands among the source's flags already.
FlagGroup replica_flags() {
  static const std::vector<Flag> kFlags = [] {
    std::vector<Flag> flags;
    const FlagGroup all = source_replica_flags();
    std::ranges::copy_if(all.flags, std::back_inserter(flags),
                         [](const Flag& flag) { return !flag.name.starts_with("oracle-"); });
    return flags;
  }();
  return {source_replica_flags().title, kFlags};
}

enum class Verdict : std::uint8_t { kOk, kMissing, kAdvice, kSkipped };

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kMissing:
      return "missing";
    case Verdict::kAdvice:
      return "advice";
    case Verdict::kSkipped:
      return "skipped";
  }
  return "";
}

struct Line {
  std::string side = {};  // "source"
  std::string what = {};  // "export data"
  Verdict verdict = Verdict::kOk;
  std::string title = {};
  std::string cause = {};
  std::vector<std::string> fix = {};
  std::string code = {};
};

class Checker {
 public:
  explicit Checker(Session& session) : session_(session), values_(session.values()) {}

  std::vector<Line> run() {
    if (!given("source-db-user") && !given("source-db-name") && !given("target-db-user")) {
      base::fail(ExitCode::kUsage, "there is nothing to check: neither a source nor a target is given", {},
                 {"examples and flags: yb-voyager help check"});
    }
    check_export_dir();
    check_source();
    check_target();
    check_replica();
    return std::move(lines_);
  }

 private:
  bool given(FlagName<FlagUse::kText> flag) const { return !values_.text(flag).empty(); }

  void add(std::string side, std::string what, const model::Finding& finding) {
    lines_.push_back({.side = std::move(side),
                      .what = std::move(what),
                      .verdict = finding.fatal ? Verdict::kMissing : Verdict::kAdvice,
                      .title = finding.title,
                      .cause = finding.cause,
                      .fix = finding.fix});
  }

  void add(std::string side, std::string what, const base::ErrorInfo& error) {
    lines_.push_back({.side = std::move(side),
                      .what = std::move(what),
                      .verdict = Verdict::kMissing,
                      .title = error.title,
                      .cause = error.cause,
                      .fix = error.fix,
                      .code = error.code});
  }

  // One thing that is looked at. What stops it is an answer and no end: the other things are looked at all the same.
  bool look(const std::string& side, const std::string& what, const std::function<std::vector<model::Finding>()>& ask,
            std::string_view ok = {}) {
    try {
      const std::vector<model::Finding> findings = ask();
      for (const model::Finding& finding : findings) add(side, what, finding);
      if (std::ranges::none_of(findings, &model::Finding::fatal))
        lines_.push_back({.side = side, .what = what, .title = std::string(ok)});
      return true;
    } catch (const base::Error& error) {
      base::throw_if_draining(session_.stop(), "the check was stopped", "nothing was changed");
      add(side, what, error.info());
      return false;
    }
  }

  void check_export_dir() {
    const std::string& folder = values_.text("export-dir");
    const auto missing = [&](std::string title, std::vector<std::string> fix) {
      lines_.push_back({.side = "here",
                        .what = "export directory",
                        .verdict = Verdict::kMissing,
                        .title = std::move(title),
                        .fix = std::move(fix)});
    };
    if (folder.empty()) {
      missing("no export directory is given", {"mkdir export-dir, then --export-dir export-dir"});
      return;
    }
    std::error_code fault;
    if (!fs::is_directory(folder, fault))
      return missing(folder + " is not a directory", {"mkdir -p " + base::shell_word(folder)});
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0)
      return missing(folder + " cannot be written by this user",
                     {"make it writable for the user that runs yb-voyager"});
    const std::uint64_t free = fs::space(folder, fault).available;
    const std::string room = base::format_bytes(free) + " free";
    if (!fault && free < kFreeBytesMin) {
      lines_.push_back({.side = "here",
                        .what = "export directory",
                        .verdict = Verdict::kAdvice,
                        .title = room,
                        .cause = "export data writes the rows there, compressed"});
    }
    lines_.push_back({.side = "here", .what = "export directory", .title = fmt::format("{}, {}", folder, room)});
  }

  bool settings_are_there(const std::string& side, std::vector<std::string> flags) {
    std::erase_if(flags, [this](const std::string& flag) {
      return given(flag) || (flag == "source-db-schema" && has_one_schema(values_.text("source-db-type")));
    });
    if (flags.empty()) return true;
    lines_.push_back({.side = side,
                      .what = "settings",
                      .verdict = Verdict::kMissing,
                      .title = "not set: " + base::join(flags, ", "),
                      .fix = {"give them as flags or in the file of --config-file"}});
    return false;
  }

  void check_source() {
    if (!given("source-db-user") && !given("source-db-name")) {
      lines_.push_back({.side = "source", .what = "all", .verdict = Verdict::kSkipped, .title = "no source is given"});
      return;
    }
    if (!settings_are_there("source", {"source-db-type", "source-db-user", "source-db-name", "source-db-schema"}))
      return;
    Endpoint source;
    std::string version;
    const bool reached = look("source", "connection", [&] {
      check_source_flags(values_);
      check_type_rules(values_);
      source = source_endpoint(session_);
      schemas_ = source.options.schemas;  // The target is asked about them also when the source is away.
      const auto preflight = source.product->source_preflight(source.options);
      version = preflight->version_text();
      form_ = preflight->database_form();
      return std::vector<model::Finding>();
    });
    if (!reached) return;
    lines_.back().title = fmt::format("{} at {}", version, display(source.options));
    if (source.product->assessment_source) {
      look("source", "assess-migration", [&] {
        const auto assessed = source.product->assessment_source(source.options);
        std::vector<model::Finding> findings = assessed->check(true);
        std::ranges::move(assessed->check_queries(), std::back_inserter(findings));
        return findings;
      });
    }
    look("source", "export schema",
         [&] { return source.product->source_preflight(source.options)->check_export_schema(); });
    const bool looked = look("source", "export data", [&] {
      tables_ = tables_of(source);
      return source.product->source_preflight(source.options)->check_export_data(tables_);
    });
    if (looked && lines_.back().verdict == Verdict::kOk)
      lines_.back().title = report::counted(tables_.size(), "table", "tables");
    if (values_.text("export-type") != "snapshot-only") check_capture(source);
  }

  void check_capture(const Endpoint& source) {
    look("source", "capture of changes", [&] {
      if (!source.product->capture_setup) {
        return std::vector<model::Finding>{
            {.fatal = true,
             .title = fmt::format("changes of {} cannot be captured in this release", source.product->product),
             .fix = {"stop the writers and use --export-type snapshot-only"}}};
      }
      std::vector<model::Table> captured = tables_;
      std::erase_if(captured, [](const model::Table& one) { return one.kind == model::TableKind::kPartitionRoot; });
      return source.product->capture_setup(source.options, base::new_uuid())->check(captured);
    });
  }

  // As export data would take them. A product with one schema may lock tables for its snapshot: there its catalogue is
  // enough.
  std::vector<model::Table> tables_of(const Endpoint& source) const {
    std::vector<model::Table> all;
    if (source.product->one_schema) {
      all = source.product->comparable(source.options)->tables(source.options.schemas);
    } else {
      const auto snapshot = source.product->snapshot_source(source.options);
      snapshot->begin({}, 1);
      all = snapshot->tables();
    }
    const model::Identifier schema =
        source.options.schemas.size() == 1 ? source.options.schemas.front() : model::Identifier("public");
    return model::select_tables(all, table_lists(values_), schema);
  }

  std::vector<model::TableName> roots() const {
    std::vector<model::TableName> out;
    for (const model::Table& table : tables_) {
      if (!model::is_large_objects(table.kind) && std::ranges::find(out, table.root) == out.end())
        out.push_back(table.root);
    }
    return out;
  }

  void check_target() {
    if (!given("target-db-user")) {
      lines_.push_back({.side = "target", .what = "all", .verdict = Verdict::kSkipped, .title = "no target is given"});
      return;
    }
    Endpoint target;
    std::unique_ptr<connector::Target> server;
    std::string version;
    const bool reached = look("target", "connection", [&] {
      check_target_flags(values_);
      target = target_endpoint(session_);
      target.options.schemas = schemas_;
      server = target.product->target(target.options);
      version = server->preflight()->traits().version_text;
      return std::vector<model::Finding>();
    });
    if (!reached) return;
    lines_.back().title = fmt::format("{} at {}", version, display(target.options));
    look("target", "import schema", [&] {
      const auto preflight = server->preflight();
      std::vector<model::Finding> findings = preflight->check_import_schema(schemas_);
      if (form_) std::ranges::move(preflight->check_database(*form_), std::back_inserter(findings));
      return findings;
    });
    check_rows("target", "import data", *server);
  }

  // Rights on the tables that are there already; those that are not are made by import schema, and belong to its user.
  void check_rows(const std::string& side, const std::string& what, connector::Target& server) {
    std::size_t there = 0;
    const bool looked = look(side, what, [&] {
      const std::vector<model::Table> found = server.admin(base::new_uuid())->describe(roots());
      there = found.size();
      std::vector<model::Finding> findings = server.preflight()->check_import_data(found, false);
      if (const std::optional<connector::ClusterLoad> load = server.load(); load && !load->replication.empty()) {
        findings.push_back({.fatal = true,
                            .title = "the target replicates to elsewhere",
                            .cause = base::join(load->replication, ", "),
                            .fix = {"drop the streams, or pass --skip-replication-checks true to import data"}});
      }
      return findings;
    });
    if (looked && lines_.back().verdict == Verdict::kOk)
      lines_.back().title =
          fmt::format("{} of {} are there", there, report::counted(roots().size(), "table", "tables"));
  }

  void check_replica() {
    if (!given("source-replica-db-user")) return;
    look("source-replica", "import data to source-replica", [&] {
      const connector::ConnectorEntry& product = target_product(values_.text("source-db-type"));
      model::ConnectionOptions options = replica_options(session_, product);
      options.schemas = schemas_;
      const auto server = product.target(options);
      const std::vector<model::Table> found = server->admin(base::new_uuid())->describe(roots());
      std::vector<model::Finding> findings = server->preflight()->check_import_data(found, false);
      for (const model::TableName& name : roots()) {
        if (std::ranges::find(found, name, &model::Table::name) != found.end()) continue;
        findings.push_back({.fatal = true,
                            .title = fmt::format("the source-replica has no table {}", model::display(name)),
                            .fix = {"create it there as it is on the source"}});
      }
      return findings;
    });
  }

  Session& session_;
  const Values& values_;
  std::vector<Line> lines_ = {};
  std::vector<model::Identifier> schemas_ = {};
  std::vector<model::Table> tables_ = {};
  std::optional<connector::DatabaseForm> form_ = {};
};

std::string to_text(const std::vector<Line>& lines) {
  std::string out;
  std::string side;
  for (const Line& line : lines) {
    if (line.side != side) out += fmt::format("{}{}\n", side.empty() ? "" : "\n", line.side);
    side = line.side;
    out += fmt::format("  {:<8} {}{}{}\n", word(line.verdict), line.what, line.title.empty() ? "" : ": ",
                       base::mask_secrets(line.title));
    const auto more = [&out](const std::string& text) {
      for (const std::string& one : base::split(base::mask_secrets(text), '\n')) {
        if (!one.empty()) out += "           " + one + "\n";
      }
    };
    more(line.cause);
    for (const std::string& fix : line.fix) more(fix);
  }
  return out;
}

Json to_json(const std::vector<Line>& lines, bool ready) {
  Json out = {{"format_version", 1}, {"ready", ready}, {"checks", Json::array()}};
  for (const Line& line : lines) {
    Json fix = Json::array();
    for (const std::string& one : line.fix) fix.push_back(base::mask_secrets(one));
    out["checks"].push_back({{"side", line.side},
                             {"what", line.what},
                             {"result", word(line.verdict)},
                             {"code", line.code},
                             {"title", base::mask_secrets(line.title)},
                             {"cause", base::mask_secrets(line.cause)},
                             {"fix", fix}});
  }
  return out;
}

ExitCode run(Session& session) {
  const std::vector<Line> lines = Checker(session).run();
  const auto missing = static_cast<std::uint64_t>(std::ranges::count(lines, Verdict::kMissing, &Line::verdict));
  Console& console = session.console();
  if (session.values().text("output-format") == "json") {
    console.answer(to_json(lines, missing == 0).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    console.answer(to_text(lines));
    console.line(missing == 0 ? "Nothing is missing, and nothing was changed."
                              : fmt::format("{} missing; nothing was changed. Run the check again afterwards.",
                                            report::counted(missing, "thing is", "things are")));
  }
  return missing == 0 ? ExitCode::kOk : kNotReady;
}

}  // namespace

void add_check_command(std::vector<Command>& all) {
  all.push_back({.path = "check",
                 .id = "check",
                 .summary = "Check source, target and this machine for a whole migration; changes nothing",
                 .examples = {{"everything that a file names", "yb-voyager check --config-file shop.yaml"},
                              {"for a migration with changes",
                               "yb-voyager check --config-file shop.yaml --export-type snapshot-and-changes"}},
                 .groups = {source_flags(),
                            {"Rows", kCheckFlags},
                            type_rule_flags(),
                            table_list_flags(),
                            target_flags(),
                            target_type_flags(),
                            replica_flags(),
                            {"Answer", kAnswerFlags},
                            output_flags(),
                            global_flags()},
                 .sections = {"check"},
                 .also_reads = {"export-data", "export-data-from-source", "export-schema"},
                 .databases = {"source", "target", "source-replica"},
                 .run = run});
}

}  // namespace voyager::cli
