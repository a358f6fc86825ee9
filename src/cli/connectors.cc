#include "cli/connectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "connectors/mysql/entry.h"
#include "connectors/postgresql/entry.h"
#include "connectors/yugabytedb/entry.h"

namespace voyager::cli {
namespace {

// A new product is one line here.
const std::vector<connector::ConnectorEntry>& products() {
  static const std::vector<connector::ConnectorEntry> kAll = {
      connectors::postgresql_entry(),
      connectors::yugabytedb_entry(),
      connectors::mysql_entry(),
  };
  return kAll;
}

const connector::ConnectorEntry& product(std::string_view type, std::string_view flag, auto&& usable) {
  const std::string wanted = base::lower(type);
  std::vector<std::string> names;
  for (const connector::ConnectorEntry& entry : products()) {
    if (!usable(entry)) continue;
    if (entry.product == wanted) return entry;
    names.emplace_back(entry.product);
  }
  std::vector<std::string> fix;
  if (const auto near = base::nearest(wanted, names)) fix.push_back("did you mean " + *near + "?");
  fix.push_back(fmt::format("this release supports: {}", base::join(names, ", ")));
  throw base::Error({.code = "CLI-004",
                     .exit = base::ExitCode::kUsage,
                     .title = fmt::format("--{} \"{}\" is not supported by this release", flag, type),
                     .fix = std::move(fix)});
}

}  // namespace

const connector::ConnectorEntry& source_product(std::string_view type) {
  return product(type, "source-db-type",
                 [](const connector::ConnectorEntry& entry) { return bool(entry.snapshot_source); });
}

const connector::ConnectorEntry& target_product(std::string_view type) {
  return product(type, "target-db-type", [](const connector::ConnectorEntry& entry) { return bool(entry.target); });
}

bool has_one_schema(std::string_view source_type) {
  const std::string wanted = base::lower(source_type);
  return std::ranges::any_of(products(), [&](const auto& one) { return one.product == wanted && one.one_schema; });
}

const connector::ConnectorEntry& plain_target_product() {
  return target_product("postgresql");
}

}  // namespace voyager::cli
