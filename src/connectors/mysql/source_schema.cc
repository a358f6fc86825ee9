// The schema: the catalogue, converted, as the text of a dump.
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/files.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/source.h"

namespace voyager::mysql {
namespace {

class Schema final : public connector::SchemaSource {
 public:
  explicit Schema(const model::ConnectionOptions& options) {
    Connection connection(options);
    conversion_ = convert(read_catalog(connection, CatalogDepth::kEverything), target_schema(options));
  }

  std::string dump_schema(const std::filesystem::path& file, connector::DumpContents /*contents*/,
                          const base::Stop& /*stop*/) override {
    base::write_file_atomically(file, dump_text(conversion_));
    return {};
  }
  std::vector<connector::CatalogueObject> objects() override { return conversion_.objects; }
  std::string role_statements() override { return {}; }

 private:
  Conversion conversion_ = {};
};

}  // namespace

std::unique_ptr<connector::SchemaSource> make_schema_source(const model::ConnectionOptions& options) {
  return std::make_unique<Schema>(options);
}

model::Identifier target_schema(const model::ConnectionOptions& options) {
  return options.schemas.size() == 1 ? options.schemas.front() : model::Identifier("public");
}

}  // namespace voyager::mysql
