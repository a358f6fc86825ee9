// The snapshot and its readers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/key_space.h"
#include "connectors/mysql/row_reading.h"
#include "connectors/mysql/snapshot_set.h"
#include "connectors/mysql/source.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kBlockCapacityKept = 4 * 1024 * 1024;

// What all readers share. Constant but for the key spaces, which are thread-safe.
struct Picture {
  std::unique_ptr<SnapshotSet> set = {};
  Conversion conversion = {};
  std::map<model::TableName, const ConvertedTable*> by_name = {};
  std::vector<ValueRule> rules = {};
  KeySpaces spaces = {};
};

class Reader final : public connector::SnapshotReader {
 public:
  explicit Reader(std::shared_ptr<Picture> picture) : picture_(std::move(picture)) {}

  void start(const model::Table& table, const model::Range& range, model::RowFormat format) override {
    if (format != model::RowFormat::kText)
      base::fail(base::ExitCode::kUsage, "rows of this source travel as text", {}, {"--data-format text"});
    const auto found = picture_->by_name.find(table.name);
    if (found == picture_->by_name.end())
      base::fail(base::ExitCode::kState,
                 fmt::format("table {} is not on the source any more", model::display(table.name)));
    lease_.emplace(*picture_->set);
    const ConvertedTable& of = *found->second;
    std::vector<std::size_t> columns;
    for (const model::Column& column : table.columns) {
      if (!column.generated) columns.push_back(place_of(of, column.name));
    }
    KeyRange keys;
    if (range.begin != range.end)
      keys = picture_->spaces.space_of(of, lease_->connection()).range(range.begin, range.end);
    lease_->connection().start_rows(select_statement(of, columns, keys), "read " + model::display(table.name));
    values_.emplace(of, std::move(columns), picture_->rules, lease_->connection().where());
  }

  bool next(model::RowBlock& block, std::size_t bytes_wanted) override {
    block.clear();
    if (!lease_) return false;
    // A giant row's memory is given back with the next call.
    if (block.bytes.capacity() > 2 * bytes_wanted + kBlockCapacityKept) block.bytes = {};
    block.bytes.reserve(bytes_wanted + bytes_wanted / 8);
    RowView row;
    while (block.bytes.size() < bytes_wanted && block.rows < model::kRowsPerBlockMax) {
      if (!lease_->connection().next_row(row)) {
        lease_.reset();
        break;
      }
      const std::vector<Cell>* cells = values_->read(row);
      if (cells == nullptr) continue;
      append(*cells, block.bytes);
      ++block.rows;
    }
    return block.rows > 0;
  }

  std::vector<connector::ValueChange> value_changes() override {
    return values_ ? values_->changes() : std::vector<connector::ValueChange>();
  }

 private:
  static std::size_t place_of(const ConvertedTable& table, const model::Identifier& name) {
    const auto found =
        std::ranges::find_if(table.columns, [&](const ConvertedColumn& one) { return one.column.name == name; });
    if (found == table.columns.end())
      base::fail(base::ExitCode::kState, fmt::format("column {} of {} is not on the source any more",
                                                     model::display(name), model::display(table.table.name)));
    return static_cast<std::size_t>(found - table.columns.begin());
  }

  static void append(const std::vector<Cell>& cells, std::string& out) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) out += '\t';
      if (cells[i].text) {
        append_copy_text(*cells[i].text, out);
      } else {
        out += "\\N";
      }
    }
    out += '\n';
  }

  const std::shared_ptr<Picture> picture_;
  std::optional<SnapshotSet::Lease> lease_ = {};  // While rows are read.
  std::optional<RowValues> values_ = {};
};

class Snapshot final : public connector::SnapshotSource {
 public:
  explicit Snapshot(const model::ConnectionOptions& options) : options_(options) {}

  std::string begin(const std::string& anchor, int readers) override {
    VOY_ASSERT(anchor.empty() || anchor == kBetweenPrepared);
    picture_->rules = parse_rules(options_.value_rules);
    picture_->set = std::make_unique<SnapshotSet>(
        options_, readers, anchor.empty() ? SnapshotSet::Moment::kAny : SnapshotSet::Moment::kNonePrepared);
    Connection& catalog = picture_->set->catalog();
    picture_->conversion = convert(read_catalog(catalog, CatalogDepth::kTables), target_schema(options_));
    for (const ConvertedTable& one : picture_->conversion.tables) picture_->by_name[one.table.name] = &one;
    // Without a log nobody can tell whether something was written.
    const std::string& position = picture_->set->position();
    return fmt::format("{}/{}", catalog.where(), position.empty() ? base::new_uuid() : position);
  }

  model::Position position() override {
    const BinlogPlace& place = picture_->set->place();
    if (place.file == 0) refuse_without_place();
    return place.position();
  }
  std::string how() override { return picture_->set->how(); }
  bool raw_bytes() override { return false; }

  std::vector<model::Table> tables() override {
    std::vector<model::Table> out;
    for (const ConvertedTable& one : picture_->conversion.tables) {
      out.push_back(one.table);
      // Rows travel as text, whatever the types.
      for (model::Column& column : out.back().columns) column.wire_type.clear();
    }
    return out;
  }
  std::vector<model::Table> large_objects() override { return {}; }
  std::vector<model::Sequence> sequences() override { return picture_->conversion.sequences; }

  std::vector<model::RangeSpace> range_spaces(const std::vector<model::Table>& tables) override {
    std::vector<model::RangeSpace> out;
    for (const model::Table& table : tables) out.push_back(range_space(table));
    return out;
  }

  std::unique_ptr<connector::SnapshotReader> open_reader() override { return std::make_unique<Reader>(picture_); }

 private:
  // MySQL tells of no snapshot where it stands in the log: that is known while nobody can write.
  [[noreturn]] void refuse_without_place() const {
    const Connection& catalog = picture_->set->catalog();
    throw base::Error(
        {.exit = base::ExitCode::kPreflight,
         .title = "it is not known where the changes begin that the snapshot does not hold",
         .where = catalog.where(),
         .cause = "its tables could not be locked for that moment: " + picture_->set->how(),
         .fix = {fmt::format("GRANT RELOAD ON *.* TO the user {} (or LOCK TABLES ON {}.*), or wait until long "
                             "statements have ended",
                             options_.user, quoted_name(catalog.database())),
                 "run the same command again"},
         .then = "nothing was exported"});
  }

  model::RangeSpace range_space(const model::Table& table) {
    const ConvertedTable& of = *picture_->by_name.at(table.name);
    if (of.cut_column < 0) return {};
    SnapshotSet::Lease lease(*picture_->set);
    const KeySpace& space = picture_->spaces.space_of(of, lease.connection());
    if (space.units() <= 1) return {};
    return {.all = {0, space.units()},
            .bytes_per_unit = static_cast<double>(table.bytes) / static_cast<double>(space.units())};
  }

  const model::ConnectionOptions options_;
  const std::shared_ptr<Picture> picture_ = std::make_shared<Picture>();
};

}  // namespace

std::unique_ptr<connector::SnapshotSource> make_snapshot_source(const model::ConnectionOptions& options) {
  return std::make_unique<Snapshot>(options);
}

}  // namespace voyager::mysql
