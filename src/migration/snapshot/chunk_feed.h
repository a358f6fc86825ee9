// Following the export: chunk files as batches for the import.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "format/chunk_store.h"
#include "format/migration_state.h"
#include "migration/snapshot/import_run.h"
#include "model/flow_context.h"

namespace voyager::migration {

/// Patience with an export that does not run: two seconds, for one that is started at the same moment. One thread.
class ExportWait {
 public:
  explicit ExportWait(const Exporter& exporter) : exporter_(exporter) {}
  /// Nobody has exported for that long. Asked again and again while there is nothing to do.
  bool over();
  /// Work has come: patience begins anew.
  void reset() { idle_since_.reset(); }
  /// Throws DIR-008 with the command that goes on with the export.
  [[noreturn]] void give_up(format::MigrationState& db) const;

 private:
  const Exporter& exporter_;
  std::optional<std::chrono::steady_clock::time_point> idle_since_ = {};
};

/// A feed of planned tables. Routes and tables are added before `feed` is called. One thread at a time.
class PlannedFeed : public ImportFeed {
 public:
  /// Where the rows of a source table go.
  struct Route {
    std::size_t table = 0;  ///< On the WorkBoard.
    model::TableName target = {};
    std::vector<model::Column> columns = {};
    bool columns_changed = false;  ///< Since the table was complete: rows that the target lost cannot be loaded again.
    model::TableKind kind = model::TableKind::kPlain;
    model::CopyFormat format = {};  ///< But for `rows`, which each chunk knows itself.
    bool triggers_on = false;       ///< As BatchRequest::triggers_on.
    int turn = 0;                   ///< As WorkBoard::add_table.
  };
  void add_route(const model::TableName& source, Route route) { routes_[source] = std::move(route); }
  void add_table(std::size_t table, std::size_t board_item) { items_[table] = board_item; }

  bool all_covered(const Coverage& coverage) override;
  const std::vector<std::shared_ptr<const ImportFile>>& files() const override { return files_; }

 protected:
  /// As the bookkeeping and the loaders know a chunk that takes `route`: with its frames, without a place.
  static std::shared_ptr<ImportFile> file_of(const model::Chunk& chunk, const Route& route);

  std::map<model::TableName, Route> routes_ = {};
  std::map<std::size_t, std::size_t> items_ = {};  // table on the WorkBoard -> item on the board
  std::vector<std::shared_ptr<const ImportFile>> files_ = {};
};

/// Hands over chunks as the export finishes them.
class ChunkFeed : public PlannedFeed {
 public:
  /// Of the export with that number only.
  ChunkFeed(const format::ChunkStore& store, std::uint64_t export_number, std::string command, const Exporter& exporter,
            format::MigrationState& db, ImportLedger& ledger, const model::FlowContext& context)
      : store_(store),
        export_number_(export_number),
        command_(std::move(command)),
        exporter_(exporter),
        db_(db.peer()),
        ledger_(ledger),
        context_(context) {}

  void feed(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits) override;

 private:
  void follow_export(WorkBoard& work, const Coverage& coverage, const BatchLimits& limits);
  std::set<std::size_t> open_tables();
  bool hand_over(std::span<const model::Chunk> chunks, WorkBoard& work, const Coverage& coverage,
                 const BatchLimits& limits);
  bool add_missing(const std::shared_ptr<const ImportFile>& file, WorkBoard& work, const Coverage& coverage,
                   const BatchLimits& limits);
  void close_tables(WorkBoard& work, const std::set<std::size_t>& open);

  const format::ChunkStore& store_;
  const std::uint64_t export_number_;
  const std::string command_;
  const Exporter& exporter_;
  const std::unique_ptr<format::MigrationState> db_;  // a connection of its own
  ImportLedger& ledger_;
  const model::FlowContext context_;
  std::set<std::size_t> closed_ = {};
  std::set<std::size_t> changed_ = {};      // tables on the WorkBoard
  std::map<std::size_t, Size> sizes_ = {};  // by table on the WorkBoard
};

}  // namespace voyager::migration
