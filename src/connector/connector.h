// The product table: what each product can do, known before any connection is opened.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "connector/assessment.h"
#include "connector/changes.h"
#include "connector/comparison.h"
#include "connector/source.h"
#include "connector/target.h"
#include "model/connection.h"

namespace voyager::connector {

/// One row of the product table (cli/connectors.cc). An empty maker means "cannot".
struct ConnectorEntry {
  std::string_view product = {};
  int default_port = 0;
  /// As a source it has one database, no schemas in it, and the schema that its tables get is named by the target's
  /// side (--target-db-schema).
  bool one_schema = false;
  bool converts_types = false;  ///< As a source its types become others, which rules of the user can choose.
  std::function<std::unique_ptr<SourcePreflight>(const model::ConnectionOptions&)> source_preflight = {};
  std::function<std::unique_ptr<SchemaSource>(const model::ConnectionOptions&)> schema_source = {};
  std::function<std::unique_ptr<SnapshotSource>(const model::ConnectionOptions&)> snapshot_source = {};
  /// Of the node that the options name.
  std::function<std::unique_ptr<AssessmentSource>(const model::ConnectionOptions&)> assessment_source = {};
  /// Reads a schema as the product's own program writes it (schema/schema.sql of gathered metadata). Empty: no program
  /// of the product does.
  std::function<WrittenSchema(std::string_view)> read_schema = {};
  /// Makes what the product's script gathered without us, in the first folder, to the files of an assessment, in the
  /// second, and gives the schema. Of the options only the schemas and the rules count. Empty: the script writes those
  /// files itself.
  std::function<WrittenSchema(const std::filesystem::path&, const std::filesystem::path&,
                              const model::ConnectionOptions&)>
      complete_metadata = {};
  std::function<std::unique_ptr<Target>(const model::ConnectionOptions&)> target = {};
  std::function<std::unique_ptr<QueryStatisticsSource>(const model::ConnectionOptions&)> query_statistics = {};
  /// Of changes. The text is the migration's UUID, after which everything is called.
  std::function<std::unique_ptr<CaptureSetup>(const model::ConnectionOptions&, const std::string&)> capture_setup = {};
  /// The folder is the capture's own: for what has come and is not committed, and for what a watch has to know of it.
  std::function<std::unique_ptr<CaptureWatch>(const model::ConnectionOptions&, const std::string&,
                                              const std::filesystem::path&)>
      capture_watch = {};
  std::function<std::unique_ptr<ChangeSource>(const model::ConnectionOptions&, const std::string&,
                                              const std::filesystem::path&)>
      change_source = {};
  std::function<std::unique_ptr<ChangeTarget>(const model::ConnectionOptions&, const std::string&)> change_target = {};
  std::function<std::unique_ptr<ImportedCounts>(const model::ConnectionOptions&, const std::string&)> imported_counts =
      {};
  std::function<std::unique_ptr<Comparable>(const model::ConnectionOptions&)> comparable = {};
  /// True when the server that answers is really this product (YugabyteDB says so in version()).
  std::function<bool(const model::ConnectionOptions&)> recognises = {};
};

}  // namespace voyager::connector
