// In place of cli/connectors.cc: the one product is the databases in memory.
#include "product_table.h"

#include <utility>

#include "cli/connectors.h"
#include "connectors/fake/entry.h"

namespace voyager {
namespace {

connector::ConnectorEntry& entry() {
  static connector::ConnectorEntry the_one;
  return the_one;
}

}  // namespace

void simulation::connect_to(std::shared_ptr<fake::FakeWorld> world) {
  entry() = connectors::fake_entry(std::move(world));
}

const connector::ConnectorEntry& cli::source_product(std::string_view) {
  return entry();
}
const connector::ConnectorEntry& cli::target_product(std::string_view) {
  return entry();
}
const connector::ConnectorEntry& cli::plain_target_product() {
  return entry();
}
bool cli::has_one_schema(std::string_view) {
  return false;
}

}  // namespace voyager
