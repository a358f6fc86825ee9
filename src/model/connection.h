// How to reach a server, and what a server turned out to be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "base/stop.h"
#include "model/identifier.h"

namespace voyager::model {

enum class Side { kSource, kTarget, kSourceReplica };

/// What the user gave; empty text and port 0 mean "not given". Passwords come resolved (flag, environment,
/// configuration, prompt); when `password` is empty the client library may still use PGPASSFILE or a service file.
struct ConnectionOptions {
  Side side = Side::kSource;
  std::string product = {};  ///< "postgresql", "yugabytedb", "fake", ...
  std::string host = {};
  int port = 0;
  std::string user = {};
  base::Secret password = {};
  std::string password_place =
      {};  ///< For advice: where it came from, as "SOURCE_DB_PASSWORD"; empty: nobody gave one.
  std::string database = {};
  std::vector<Identifier> schemas = {};
  std::string ssl_mode = "prefer";  ///< disable, allow, prefer, require, verify-ca, verify-full
  std::string ssl_cert = {};
  std::string ssl_key = {};
  std::string ssl_root_cert = {};
  std::string ssl_crl = {};
  std::vector<std::string> endpoints = {};  ///< --target-endpoints host[:port]; empty = discover.
  bool use_public_ip = false;
  /// The run's, which ends every wait for the server; must outlive the connections. Null: nothing ends them.
  const base::Stop* stop = nullptr;
  std::string dump_program = {};              ///< --pg-dump-path; empty: the newest that fits is looked for.
  std::vector<std::string> value_rules = {};  ///< --value-rules: what becomes of values that the target cannot hold.
  std::vector<std::string> type_rules = {};   ///< --type-rules: which types columns get where the product's are others.
};

/// What the program asks of a target instead of asking for its product.
struct TargetTraits {
  std::string version_text = {};  ///< For people: "PostgreSQL 15.20", "YugabyteDB 2025.2.3.0".
  bool distributed = false;       ///< Several nodes; adaptive parallelism makes sense.
  /// Tables are spread over nodes: WITH (colocation) and the session settings yb_* are understood.
  bool sharding = false;
  /// The database keeps small tables together on one tablet; nothing where there is no such thing.
  std::optional<bool> colocated = {};
  bool indexes_before_rows = false;  ///< True: import schema makes indexes and foreign keys; false: import data does.
  int default_batch_rows = 100'000;  ///< Also the largest that --batch-size accepts.
  std::uint64_t batch_bytes_max = 200ULL * 1024 * 1024;
  int cores = 0;  ///< Of all nodes; 0 = not known.
  int nodes = 1;
  int default_connections = 0;        ///< Before --parallel-jobs; adaptive mode starts here.
  bool large_objects = false;         ///< The product has them.
  bool can_disable_triggers = false;  ///< session_replication_role can be set by this user.
  std::vector<std::string> notes =
      {};  ///< What the user should know and need not answer, such as a load balancer in between.
};

/// One finding of a preflight check. `fix` holds SQL or a command, one a line.
struct Finding {
  bool fatal = false;  ///< False: the user is asked whether to go on.
  bool note = false;   ///< True: the user is told and not asked.
  std::string title = {};
  std::string cause = {};
  std::vector<std::string> fix = {};
};

}  // namespace voyager::model
