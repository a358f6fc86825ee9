// metainfo/meta.db: the one truth about a migration on our side. Format: docs/formats/meta-db.md.
#pragma once

#include <filesystem>
#include <memory>

#include "format/migration_state.h"

namespace voyager::format {

/// Opens one connection to the file. One thread at a time may use it; several processes may have it open (WAL; waits up
/// to 30 s for the other's transaction). A damaged file is named as such (code DIR-005) with what to do.
class MetaDb final : public MigrationState {
 public:
  enum class Mode : std::uint8_t { kReadWrite, kReadOnly };
  /// Creates the file and its folder, or opens and migrates it forward. A newer version is refused. kReadOnly: for who
  /// only asks; takes no lock that another one waits for, and nothing can be changed. A file of an earlier version is
  /// brought forward all the same.
  explicit MetaDb(const std::filesystem::path& export_dir, Mode mode = Mode::kReadWrite);
  ~MetaDb() override;
  MetaDb(const MetaDb&) = delete;
  MetaDb& operator=(const MetaDb&) = delete;

  static bool exists(const std::filesystem::path& export_dir);

  std::unique_ptr<MigrationState> peer() override;

  void in_transaction(const std::function<void()>& body) override;
  std::string json(std::string_view key) override;
  void set_json(std::string_view key, std::string_view text) override;
  void patch_json(std::string_view key, std::string_view merge_patch) override;

  void save_plan(const std::vector<model::PlannedTable>& tables) override;
  std::vector<model::PlannedTable> plan() override;
  void save_sequences(const std::vector<model::Sequence>& sequences) override;
  std::vector<model::Sequence> sequences() override;
  void restart_table(const model::TableName& table, const model::RangeSpace& space) override;
  void clear_snapshot() override;

  void lease_chunk(model::Chunk& chunk, std::uint64_t next, bool handed_out) override;
  void finish_chunk(const model::Chunk& chunk) override;
  void reopen_chunk(const model::Chunk& chunk) override;
  std::vector<model::Chunk> leased_chunks() override;
  std::vector<model::Chunk> done_chunks(std::int64_t after, Frames frames = Frames::kRead) override;

  std::vector<model::TableTotals> table_totals() override;
  std::vector<model::TableName> open_tables() override;

  void add_imported(std::string_view role, const model::ImportedFile& delta) override;
  void set_imported_rows(std::string_view role, const model::ImportedFile& file) override;
  void set_imported_files(std::string_view role, const std::vector<model::ImportedFile>& files) override;
  void set_imported(std::string_view role, const std::vector<model::ImportedFile>& files) override;
  std::vector<model::ImportedFile> imported(std::string_view role) override;

  bool claim_chunk(std::string_view role, const model::Chunk& chunk, const model::TableName& target) override;
  void clear_import(std::string_view role) override;
  void clear_import_of(std::string_view role, const model::TableName& table) override;

  bool add_set_aside(std::string_view role, const model::SetAsideRow& row) override;
  std::vector<model::SetAsideRow> set_aside(std::string_view role) override;
  void release_set_aside(std::string_view role, const std::vector<std::string>& files) override;
  std::vector<model::TableName> released_tables(std::string_view role) override;
  void forget_set_aside(std::string_view role, const std::vector<model::BatchKey>& rows) override;

  void save_post_data(const std::vector<model::PostDataStatement>& statements) override;
  std::int64_t add_post_data(const model::PostDataStatement& statement) override;
  std::vector<model::PostDataStatement> post_data() override;
  void mark_post_data_done(std::int64_t id) override;
  void clear_post_data() override;

  void save_schema_objects(const std::vector<model::SchemaObject>& objects) override;
  std::vector<model::SchemaObject> schema_objects() override;
  void note_statement_outcomes(const std::string& command, const std::vector<std::string>& files,
                               const std::vector<model::StatementOutcome>& outcomes) override;
  std::vector<model::StatementOutcome> statement_outcomes() override;
  void forget_statement_outcomes() override;

  std::vector<SegmentRow> segments() override;
  std::optional<SegmentRow> last_segment() override;
  void add_segment(std::uint64_t number, std::int64_t first_vsn, std::string_view exporter_role,
                   const model::Position& position) override;
  void note_synced(const SegmentRow& segment, std::string_view run,
                   const std::map<model::TableName, ChangeCounts>& counts) override;
  void note_put_away(std::uint64_t number, const std::string& archive_location) override;
  void clear_queue() override;
  void note_imported(std::uint64_t number, std::string_view importer_role) override;
  void forget_imported(std::string_view importer_role, std::int64_t applied) override;
  std::map<model::TableName, ChangeCounts> exported(std::string_view exporter_role) override;
  ChangeCounts exported_since(std::string_view exporter_role, std::int64_t unix_seconds) override;

  std::optional<LaneRecord> lanes(std::string_view importer_role) override;
  void save_lanes(std::string_view importer_role, const LaneRecord& record) override;
  std::optional<LaneKeys> lane_keys(std::string_view importer_role) override;
  void save_lane_keys(std::string_view importer_role, const LaneKeys& changed,
                      const std::vector<std::string>& forgotten) override;
  void clear_lanes(std::string_view importer_role) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace voyager::format
