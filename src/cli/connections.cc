#include "cli/connections.h"

#include <fmt/format.h>

#include <cstdlib>
#include <functional>

#include "base/error.h"
#include "base/log.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "cli/connectors.h"
#include "cli/password_source.h"
#include "migration/schema/target_schema.h"
#include "migration/state/migration_record.h"
#include "migration/state/status.h"

namespace voyager::cli {
namespace {

using base::ExitCode;

void check_files_exist(const Values& values, const std::string& side) {
  for (const char* end : {"cert", "key", "root-cert", "crl"}) {
    const std::string flag = side + "-ssl-" + end;
    const std::string& path = values.text(flag);
    if (path.empty() || path == "system" || std::filesystem::exists(path)) continue;
    base::fail(ExitCode::kUsage, fmt::format("--{}: there is no file {}", flag, path));
  }
}

// Double quotes are only needed for names that hold a comma; letters keep their case with or without them.
std::vector<model::Identifier> schema_names(const std::vector<std::string>& texts) {
  std::vector<model::Identifier> out;
  for (const std::string& text : texts) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    std::string name = quoted ? text.substr(1, text.size() - 2) : text;
    for (std::size_t at = name.find("\"\""); quoted && at != std::string::npos; at = name.find("\"\"", at + 1))
      name.erase(at, 1);
    out.emplace_back(std::move(name));
  }
  return out;
}

// Where PostgreSQL's client library finds a password by itself, nobody has to be asked.
bool client_library_has_password() {
  const char* password = std::getenv("PGPASSWORD");
  const char* file = std::getenv("PGPASSFILE");
  return (password != nullptr && *password != '\0') || (file != nullptr && *file != '\0');
}

/// `typed`: set to true when somebody typed it just now.
base::Secret password(Session& session, const std::string& side, const std::string& user, bool ask,
                      bool* typed_now = nullptr) {
  const std::string flag = side + "-db-password";
  const Value* value = session.values().find(flag);
  if (value == nullptr) return {};
  const bool known = value->origin == Origin::kDefault && !value->secret.empty();  // Asked for or handed over before.
  if (!known) {
    if (auto secret = password_from_elsewhere(session.values(), flag, session.console(), session.stop())) {
      session.values().set_secret(flag, std::move(*secret));
      return session.values().find(flag)->secret;
    }
  }
  if (value->origin == Origin::kCommandLine) {
    session.console().notice(
        model::NoticeLevel::kWarning,
        fmt::format("a password on the command line can be seen by others; use the variable {} instead",
                    session.command().flag(flag)->environment));
  }
  if (value->origin != Origin::kDefault || !value->secret.empty() || !ask || client_library_has_password())
    return value->secret;
  const auto typed = session.console().ask_secret(
      fmt::format("Password of user {} on the {} (or set {}; empty: ask ~/.pgpass): ", user, side,
                  session.command().flag(flag)->environment));
  if (typed) session.values().set_secret(flag, *typed);
  if (typed_now != nullptr) *typed_now = typed && !typed->empty();
  return typed.value_or(base::Secret());
}

void give_password(Session& session, const std::string& side, model::ConnectionOptions& options, bool ask = true,
                   bool* typed = nullptr) {
  options.password = password(session, side, options.user, ask, typed);
  const std::string flag = side + "-db-password";
  if (!options.password.empty()) options.password_place = password_place(session.values(), session.command(), flag);
}

// A password that was typed is tried at once, and may be typed anew: a slip costs no run.
void try_typed_password(Session& session, const std::string& side, bool typed, model::ConnectionOptions& options,
                        const std::function<void()>& connect) {
  constexpr int kTries = 3;
  for (int tried = 1; typed; ++tried) {
    try {
      connect();
      return;
    } catch (const base::Error& error) {
      if (error.info().code != "CON-005" || tried == kTries) throw;
      session.console().line(fmt::format("The {} refuses this password for user {}; {} left.", side, options.user,
                                         kTries - tried == 1 ? "one try is" : "two tries are"));
      session.values().set_secret(side + "-db-password", {});
      options.password = password(session, side, options.user, true, &typed);
    }
  }
}

model::ConnectionOptions common_options(Session& session, const std::string& side, bool ask, bool* typed = nullptr) {
  const Values& values = session.values();
  model::ConnectionOptions options;
  options.host = values.text(side + "-db-host");
  options.port = static_cast<int>(values.number(side + "-db-port"));
  options.user = values.text(side + "-db-user");
  options.database = values.text(side + "-db-name");
  options.ssl_mode = values.text(side + "-ssl-mode");
  options.ssl_cert = values.text(side + "-ssl-cert");
  options.ssl_key = values.text(side + "-ssl-key");
  options.ssl_root_cert = values.text(side + "-ssl-root-cert");
  options.ssl_crl = values.text(side + "-ssl-crl");
  give_password(session, side, options, ask, typed);
  options.stop = &session.stop();
  return options;
}

// Of a source with one schema: what the migration knows it by, which is public until import schema is told otherwise.
std::vector<model::Identifier> schema_on_target(Session& session) {
  std::vector<model::Identifier> known;
  if (session.has_state()) known = migration::source_schemas(session.db());
  if (known.size() != 1) known = {model::Identifier("public")};
  return known;
}

// Those of the command line, else those that the migration knows.
std::vector<std::string> rules_of(Session& session, FlagName<FlagUse::kList> flag,
                                  std::vector<std::string> migration::MigrationRecord::*noted) {
  const Values& values = session.values();
  if (values.given(flag)) return values.list(flag);
  if (!session.has_state()) return {};
  return migration::migration_record(session.db()).*noted;
}

void give_rules(Session& session, model::ConnectionOptions& options) {
  options.value_rules = rules_of(session, "value-rules", &migration::MigrationRecord::value_rules);
  options.type_rules = rules_of(session, "type-rules", &migration::MigrationRecord::type_rules);
}

// The type says what the user expects; the server says what it is. Nothing of a product's own is sent to a server that
// does not say it is that product.
void settle_target_product(Session& session, Endpoint& target) {
  target.options.product = std::string(target.product->product);
  if (target.options.port == 0) target.options.port = target.product->default_port;
  if (!target.product->recognises || target.product->recognises(target.options)) return;
  target.product = &plain_target_product();
  target.options.product = std::string(target.product->product);
  target.options.endpoints.clear();  // Of two servers only one would be the target.
  for (const std::string_view flag : {"use-public-ip", "target-endpoints", "skip-node-health-checks"}) {
    if (!session.values().given(flag)) continue;
    session.console().notice(model::NoticeLevel::kInfo,
                             fmt::format("--{} has no effect: the target is a single server", flag));
  }
  base::log_info("the target is not YugabyteDB: it is treated as PostgreSQL");
  if (session.values().given("target-db-type")) {
    session.console().notice(model::NoticeLevel::kInfo,
                             "The target does not say that it is YugabyteDB; it is treated as PostgreSQL.");
  }
}

}  // namespace

void check_source_flags(const Values& values) {
  source_product(values.text("source-db-type"));
  for (const std::string_view flag : {"oracle-db-sid", "oracle-home", "oracle-tns-alias", "oracle-cdb-name",
                                      "oracle-cdb-sid", "oracle-cdb-tns-alias"}) {
    if (!values.text(flag).empty()) base::fail(ExitCode::kUsage, fmt::format("--{} is for Oracle sources only", flag));
  }
  check_files_exist(values, "source");
  if (!has_one_schema(values.text("source-db-type"))) return;
  if (!values.text("source-db-schema").empty()) {
    base::fail(ExitCode::kUsage, "--source-db-schema is not for this source",
               "a database of MySQL has no schemas in it: --source-db-name says all", {"leave it out"});
  }
  if (values.text("source-ssl-mode") == "allow") {
    base::fail(ExitCode::kUsage, "--source-ssl-mode allow is not for this source", {}, {"use prefer, or disable"});
  }
}

void check_target_flags(const Values& values) {
  const std::string& type = values.text("target-db-type");
  if (!type.empty()) target_product(type);
  check_files_exist(values, "target");
}

void settle_schema(Session& session, bool may_move) {
  const Values& values = session.values();
  const model::Identifier wanted(values.text("target-db-schema"));
  if (!values.given("target-db-schema") || wanted.empty() || !session.has_state()) return;
  const migration::MigrationRecord record = migration::migration_record(session.db());
  const migration::NotedDatabase source = record.source.value_or(migration::NotedDatabase());
  const std::vector<model::Identifier>& known = source.schemas;
  if (!has_one_schema(source.product) || known.size() != 1) {
    base::fail(ExitCode::kUsage, "--target-db-schema is for Oracle and MySQL sources only",
               "a PostgreSQL source keeps its schemas on the target", {"leave it out"});
  }
  if (wanted == known[0]) return;
  if (!may_move || record.import_begun || record.target) {
    base::fail(ExitCode::kState, fmt::format("the schema of this migration is {}", model::display(known[0])),
               "import schema has named it", {fmt::format("--target-db-schema {}", known[0].catalog_text())});
  }
  migration::move_to_schema(session.export_dir(), session.db(), known[0], wanted);
}

Endpoint source_endpoint(Session& session) {
  bool typed = false;
  Endpoint source{.product = &source_product(session.values().text("source-db-type")),
                  .options = common_options(session, "source", true, &typed)};
  source.options.side = model::Side::kSource;
  source.options.product = std::string(source.product->product);
  if (source.options.port == 0) source.options.port = source.product->default_port;
  source.options.schemas = schema_names(session.values().list("source-db-schema"));
  if (source.product->one_schema) source.options.schemas = schema_on_target(session);
  give_rules(session, source.options);
  if (session.values().find("pg-dump-path") != nullptr)
    source.options.dump_program = session.values().text("pg-dump-path");
  try_typed_password(session, "source", typed, source.options,
                     [&source] { (void)source.product->source_preflight(source.options); });
  return source;
}

Endpoint target_endpoint(Session& session, bool ask) {
  const Values& values = session.values();
  const std::string type = values.text("target-db-type").empty() ? "yugabytedb" : values.text("target-db-type");
  bool typed = false;
  Endpoint target{.product = &target_product(type), .options = common_options(session, "target", ask, &typed)};
  target.options.side = model::Side::kTarget;
  target.options.endpoints = values.list("target-endpoints");
  target.options.use_public_ip = values.on("use-public-ip");
  if (session.has_state()) target.options.schemas = migration::source_schemas(session.db());
  try_typed_password(session, "target", typed, target.options, [&target] {
    if (target.product->recognises) {
      (void)target.product->recognises(target.options);
    } else {
      (void)target.product->target(target.options)->preflight();
    }
  });
  settle_target_product(session, target);
  return target;
}

model::ConnectionOptions replica_options(Session& session, const connector::ConnectorEntry& product) {
  model::ConnectionOptions options = common_options(session, "source-replica", true);
  options.side = model::Side::kSourceReplica;
  options.product = std::string(product.product);
  if (options.port == 0) options.port = product.default_port;
  return options;
}

Endpoint source_replica_endpoint(Session& session) {
  const connector::ConnectorEntry& product = target_product(migration::noted_source(session.db()).product);
  Endpoint replica{.product = &product, .options = replica_options(session, product)};
  replica.options.schemas = migration::source_schemas(session.db());
  return replica;
}

void note_data_target(Session& session, const Endpoint& target) {
  migration::note_target(session.db(), target.options, true);
}

std::optional<Endpoint> noted_data_target(Session& session) {
  if (!session.has_state()) return std::nullopt;
  const migration::MigrationRecord known = migration::migration_record(session.db());
  if (!known.target || !known.target->for_rows) return std::nullopt;
  const std::string& product = known.target->product;
  Endpoint target{.product = &target_product(product.empty() ? "postgresql" : product),
                  .options = known.target->options()};
  model::ConnectionOptions& options = target.options;
  options.side = model::Side::kTarget;
  options.product = std::string(target.product->product);
  options.schemas = migration::source_schemas(session.db());
  give_password(session, "target", options);
  options.stop = &session.stop();
  return target;
}

std::optional<Endpoint> noted_source_endpoint(Session& session) {
  if (!session.has_state()) return std::nullopt;
  const migration::NotedDatabase known = migration::noted_source(session.db());
  if (known.product.empty()) return std::nullopt;
  Endpoint source{.product = &source_product(known.product), .options = known.options()};
  source.options.side = model::Side::kSource;
  source.options.product = std::string(source.product->product);
  source.options.schemas = migration::source_schemas(session.db());
  give_rules(session, source.options);
  give_password(session, "source", source.options);
  source.options.stop = &session.stop();
  return source;
}

namespace {

std::optional<Endpoint> endpoint_of(Session& session, const std::optional<migration::NotedDatabase>& known,
                                    const std::string& side) {
  if (!known || known->host.empty()) return std::nullopt;
  Endpoint found{.product = &source_product(known->product.empty() ? "postgresql" : known->product),
                 .options = known->options()};
  found.options.side = side == "source" ? model::Side::kSource : model::Side::kSourceReplica;
  found.options.product = std::string(found.product->product);
  found.options.schemas = migration::source_schemas(session.db());
  give_password(session, side, found.options);
  found.options.stop = &session.stop();
  return found;
}

}  // namespace

std::optional<Endpoint> noted_source_as_target(Session& session) {
  if (!session.has_state()) return std::nullopt;
  const auto known = migration::migration_record(session.db()).source_as_target;
  if (auto noted = endpoint_of(session, known, "source")) return noted;
  return noted_source_endpoint(session);
}

std::optional<Endpoint> noted_source_replica(Session& session) {
  if (!session.has_state()) return std::nullopt;
  return endpoint_of(session, migration::migration_record(session.db()).source_replica, "source-replica");
}

std::string display(const model::ConnectionOptions& options) {
  return fmt::format("{}:{}/{}", options.host, options.port, options.database);
}

}  // namespace voyager::cli
