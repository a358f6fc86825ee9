// The source's side of verify: rows are read and hashed here, as the target hashes its own.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "connector/row_hash.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/key_space.h"
#include "connectors/mysql/row_reading.h"
#include "connectors/mysql/snapshot_set.h"
#include "connectors/mysql/source.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {
namespace {

constexpr int kConnections = 4;

// Decimal text of a sum of signed 64-bit numbers.
class Sum {
 public:
  void add(std::int64_t number) { sum_ += number; }
  std::string text() const {
    const bool negative = sum_ < 0;
    unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(sum_) : static_cast<unsigned __int128>(sum_);
    std::string digits;
    do {
      digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
      rest /= 10;
    } while (rest != 0);
    return (negative ? "-" : "") + digits;
  }

 private:
  __extension__ __int128 sum_ = 0;
};

struct Picture {
  std::unique_ptr<SnapshotSet> set = {};
  Conversion conversion = {};
  std::map<model::TableName, const ConvertedTable*> by_name = {};
  std::vector<ValueRule> rules = {};
  KeySpaces spaces = {};
};

// The columns that are read, and how each value is hashed. The two sides use one form because the request says which.
class RowHasher {
 public:
  RowHasher(const connector::HashRequest& request, const ConvertedTable& table) : request_(request) {
    for (const model::Column& column : request.columns) {
      const auto found = std::ranges::find_if(
          table.columns, [&](const ConvertedColumn& one) { return one.column.name == column.name; });
      VOY_ASSERT(found != table.columns.end());
      columns_.push_back(static_cast<std::size_t>(found - table.columns.begin()));
      types_.push_back(&found->source_type);
    }
    for (const model::Identifier& name : request.key) {
      const auto found = std::ranges::find(request.columns, name, &model::Column::name);
      VOY_ASSERT(found != request.columns.end());
      key_.push_back(static_cast<std::size_t>(found - request.columns.begin()));
    }
  }

  const std::vector<std::size_t>& columns() const { return columns_; }

  struct Hashes {
    std::uint64_t row = 0;
    std::uint32_t bucket = 0;
  };
  Hashes hash(const std::vector<Cell>& cells) {
    Hashes out;
    for (std::size_t i = 0; i < cells.size(); ++i)
      out.row ^= value_hash(cells[i], i, static_cast<std::uint32_t>(i + 1));
    std::uint64_t key = key_.empty() ? out.row : 0;
    for (std::size_t i = 0; i < key_.size(); ++i)
      key ^= value_hash(cells[key_[i]], key_[i], static_cast<std::uint32_t>(i + 1));
    out.bucket = connector::bucket_of_hash(key, request_.buckets);
    return out;
  }

 private:
  std::uint64_t value_hash(const Cell& cell, std::size_t column, std::uint32_t seed) {
    const std::string& wire = request_.columns[column].wire_type;
    if (!cell.text) {
      const bool number = wire == "int2" || wire == "int4" || wire == "bool" || wire == "float4" || wire == "float8";
      const bool in_array = wire == "bytea" || (request_.as_utf8 && !number);
      return in_array ? connector::kNullInArray : static_cast<std::uint64_t>(connector::null_hash(seed));
    }
    if (wire == "int2" || wire == "int4" || wire == "bool") {
      std::int32_t number = *cell.text == "t" || *cell.text == "true" ? 1 : 0;
      std::from_chars(cell.text->data(), cell.text->data() + cell.text->size(), number);
      return connector::hash_int4(number, seed);
    }
    if (wire == "bytea") return connector::hash_bytes_in_array(cell.raw, seed);
    std::string_view text = *cell.text;
    if (wire == "float4" || wire == "float8") {
      float_bits(*types_[column], cell.raw, scratch_);
      text = scratch_;
    } else if (!cell.text->empty() && cell.as_sent && cell.text->data() == cell.raw.data() &&
               (types_[column]->form == Form::kBytes || types_[column]->form == Form::kFloat ||
                types_[column]->form == Form::kDouble)) {
      // The other side's column is of another type: what is compared is the text of the value.
      std::string_view made;
      (void)canonical(*types_[column], cell.raw, scratch_, made);
      text = made;
    }
    return request_.as_utf8 ? connector::hash_bytes_in_array(text, seed) : connector::hash_text(text, seed);
  }

  const connector::HashRequest& request_;
  std::vector<std::size_t> columns_ = {};
  std::vector<const SourceType*> types_ = {};
  std::vector<std::size_t> key_ = {};
  std::string scratch_ = {};
};

class MySqlComparable final : public connector::Comparable {
 public:
  explicit MySqlComparable(const model::ConnectionOptions& options) : picture_(std::make_shared<Picture>()) {
    picture_->rules = parse_rules(options.value_rules);
    picture_->set = std::make_unique<SnapshotSet>(options, kConnections);
    picture_->conversion =
        convert(read_catalog(picture_->set->catalog(), CatalogDepth::kEverything), target_schema(options));
    for (const ConvertedTable& one : picture_->conversion.tables) picture_->by_name[one.table.name] = &one;
  }
  explicit MySqlComparable(std::shared_ptr<Picture> picture) : picture_(std::move(picture)) {}

  std::unique_ptr<connector::Comparable> peer() override { return std::make_unique<MySqlComparable>(picture_); }

  connector::DatabaseForm form() override {
    connector::DatabaseForm form{.encoding = "UTF8"};
    form.kinds_known = {"primary key", "unique", "foreign key", "index", "sequence"};
    return form;
  }

  std::vector<connector::ObjectFact> objects(const connector::ObjectScope& /*scope*/) override {
    return picture_->conversion.facts;
  }
  std::vector<model::Table> tables(const std::vector<model::Identifier>& /*schemas*/) override {
    std::vector<model::Table> out;
    for (const ConvertedTable& one : picture_->conversion.tables) out.push_back(one.table);
    return out;
  }
  std::vector<model::Sequence> sequences(const std::vector<model::Identifier>& /*schemas*/) override {
    return picture_->conversion.sequences;
  }

  std::vector<connector::BucketHash> hash_buckets(const connector::HashRequest& request,
                                                  const connector::Slice& slice) override {
    std::map<std::uint32_t, std::pair<std::uint64_t, Sum>> buckets;
    read(request, slice, [&](const RowHasher::Hashes& hashes, const auto& /*key*/) {
      auto& [rows, sum] = buckets[hashes.bucket];
      ++rows;
      sum.add(static_cast<std::int64_t>(hashes.row));
    });
    std::vector<connector::BucketHash> out;
    for (const auto& [bucket, found] : buckets)
      out.push_back({.bucket = bucket, .rows = found.first, .sum = found.second.text()});
    return out;
  }

  std::vector<std::vector<connector::BucketHash>> hash_tables(
      const std::vector<const connector::HashRequest*>& requests) override {
    std::vector<std::vector<connector::BucketHash>> out;
    for (const connector::HashRequest* one : requests) out.push_back(hash_buckets(*one, {}));
    return out;
  }

  std::vector<connector::RowHash> hash_rows(const connector::HashRequest& request,
                                            const std::vector<std::uint32_t>& buckets) override {
    std::vector<connector::RowHash> out;
    read(request, {}, [&](const RowHasher::Hashes& hashes, const auto& key) {
      if (std::ranges::find(buckets, hashes.bucket) == buckets.end()) return;
      const std::string hash = fmt::format("{:x}", hashes.row);
      out.push_back({request.key.empty() ? hash : key(), hash});
    });
    return out;
  }

 private:
  template <typename Use>
  void read(const connector::HashRequest& request, const connector::Slice& slice, Use&& use) {
    const auto found = picture_->by_name.find(request.table);
    if (found == picture_->by_name.end())
      base::fail(base::ExitCode::kFailure, fmt::format("table {} is not on the source", model::display(request.table)));
    const ConvertedTable& table = *found->second;
    SnapshotSet::Lease lease(*picture_->set);
    Connection& connection = lease.connection();
    KeyRange range;
    if (slice.of > 1) {
      const std::uint64_t units = table.cut_column < 0 ? 0 : picture_->spaces.space_of(table, connection).units();
      if (units == 0 && slice.number > 0) return;
      __extension__ using Wide = unsigned __int128;
      const auto cut = [&](std::uint32_t number) {
        return static_cast<std::uint64_t>(Wide(units) * number / slice.of);
      };
      const std::uint64_t begin = cut(slice.number), end = cut(slice.number + 1);
      if (units > 0 && begin == end) return;
      if (units > 0) range = picture_->spaces.space_of(table, connection).range(begin, end);
    }
    RowHasher hasher(request, table);
    RowValues values(table, hasher.columns(), picture_->rules, connection.where());
    connection.start_rows(select_statement(table, hasher.columns(), range), "read " + model::display(request.table));
    RowView row;
    while (connection.next_row(row)) {
      const std::vector<Cell>* cells = values.read(row, false);
      if (cells == nullptr) continue;
      use(hasher.hash(*cells), [&] { return values.key_text(row); });
    }
  }

  const std::shared_ptr<Picture> picture_;
};

}  // namespace

std::unique_ptr<connector::Comparable> make_comparable(const model::ConnectionOptions& options) {
  return std::make_unique<MySqlComparable>(options);
}

}  // namespace voyager::mysql
