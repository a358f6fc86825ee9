// Running schema statements one by one, with a second chance for those that came too early.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "connector/target.h"
#include "migration/schema/import_plan.h"
#include "migration/schema/import_schema.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// A statement that failed and what the server said.
struct Refusal {
  SchemaStatement statement = {};
  connector::StatementFault fault = {};
};

/// Rights and owners, which do not keep the rest from being imported whatever the refusal, and settings, comments and
/// event triggers that the importing user may not make.
bool is_said_of_objects(const Refusal& refusal);
NotRun not_run_of(const SchemaStatement& statement, std::string reason);

struct RunnerOptions {
  std::string command = {};         ///< "import schema", for messages.
  void (*fault_point)() = nullptr;  ///< Called after each statement that took effect.
  bool continue_on_error = false;
  bool ignore_exist = false;
  std::vector<model::Identifier> schemas = {};  ///< For what works only under a search path; empty: it is not tried.
  /// Asked for what still fails when trying again brings nothing: true when the caller takes it over.
  std::function<bool(const Refusal&)> takes_over = {};
  /// Asked for what would else throw or be noted as failed: true when the caller has noted it, and the run goes on.
  std::function<bool(const Refusal&)> passes_over = {};
};

/// One thread. Every statement runs under the session settings that its file has above it, and under no others.
class StatementRunner {
 public:
  StatementRunner(connector::SchemaTarget& target, const std::vector<std::vector<SessionSetting>>& settings,
                  RunnerOptions options, const model::FlowContext& context);

  /// Runs it. What lacks another object is kept for `run_deferred`; any other refusal throws Error with file and line,
  /// or is noted when failures are collected.
  void run(const SchemaStatement& statement);
  /// Tries the kept ones again, in order, until a round brings nothing, then without a look at the bodies of routines,
  /// at last under a search path. What fails even then throws, or is noted.
  void run_deferred();

  std::size_t statements() const { return statements_; }
  std::size_t skipped_existing() const { return skipped_existing_; }
  const std::vector<FailedStatement>& failed() const { return failed_; }
  const std::vector<OptionLeftOut>& left_out() const { return left_out_; }
  /// Rights that the importing user gave in the place of another role, which it may not act as.
  const std::vector<NotRun>& not_as_it_stands() const { return not_as_it_stands_; }

 private:
  enum class Round : std::uint8_t { kPlain, kBodiesUnchecked, kUnderSearchPath };
  void run_rounds(Round round);
  void run_under_search_path();
  /// Routines whose unchecked bodies the server's words name.
  std::vector<const SchemaStatement*> blamed_routines(const Refusal& refusal) const;
  void tell(Round round, const Refusal& refusal);
  std::vector<std::string> fixes(const Refusal& refusal) const;
  base::Error stopped_at(const Refusal& refusal) const;
  void fail(const Refusal& refusal);
  std::optional<connector::StatementFault> attempt(const SchemaStatement& statement);
  std::optional<connector::StatementFault> send(const SchemaStatement& statement);
  std::optional<connector::StatementFault> repair_index(const SchemaStatement& statement,
                                                        connector::StatementFault fault);
  void apply_settings(const SchemaStatement& statement);
  void apply(const SchemaStatement& statement, const SessionSetting& setting);
  void put_back(const SchemaStatement& statement);
  void show_notices(std::vector<std::string>& notices);

  connector::SchemaTarget& target_;
  const std::vector<std::vector<SessionSetting>>& settings_;
  const RunnerOptions options_;
  const model::FlowContext context_;
  std::optional<std::size_t> current_file_ = {};
  std::size_t settings_applied_ = 0;
  std::set<std::string> changed_ = {};  ///< Parameters that are not as the session began.
  std::set<std::string> unknown_ = {};  ///< Parameters that the server refused; each is told once.
  std::vector<Refusal> deferred_ = {};
  bool under_search_path_ = false;
  std::vector<SchemaStatement> unchecked_ = {};  ///< Routines that were made without a look at their bodies.
  std::size_t statements_ = 0;
  std::size_t skipped_existing_ = 0;
  std::vector<FailedStatement> failed_ = {};
  std::vector<OptionLeftOut> left_out_ = {};
  std::string may_not_act_ = {};  ///< What the server said to the SET SESSION AUTHORIZATION in effect.
  std::vector<NotRun> not_as_it_stands_ = {};
};

/// "tables/table.sql: CREATE TABLE public.a ( id integer ..."
std::string first_characters(const std::string& file, std::string_view sql);

}  // namespace voyager::migration
