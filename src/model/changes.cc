#include "model/changes.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace voyager::model {
namespace {

// A record is: varint n, then n bytes, of which the first is its kind. Numbers are varints (seven bits a byte, low ones
// first), strings a varint and their bytes. A value is a varint: 0 null, 1 unchanged, else 2 + the length of the text
// that follows.
constexpr std::uint64_t kTextTag = 2;
constexpr std::size_t kVarintBytesMax = 10;
// Flags of a column.
constexpr unsigned kKeyColumn = 1;
constexpr unsigned kAddable = 2;
constexpr unsigned kAddedWith = 4;  // two texts follow
constexpr unsigned kNumbered = 8;   // its number follows those
constexpr unsigned kGone = 16;
// What a row's length is written into before it is known.
constexpr std::size_t kLengthBytes = 5;

bool read_number(std::string_view bytes, std::size_t& at, std::uint64_t& out) {
  out = 0;
  const std::size_t end = std::min(bytes.size(), at + kVarintBytesMax);
  for (unsigned shift = 0; at < end; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[at++]);
    out |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

bool is_row(ChangeKind kind) {
  return kind == ChangeKind::kInsert || kind == ChangeKind::kUpdate || kind == ChangeKind::kDelete;
}

}  // namespace

void ChangeWriter::number(std::uint64_t value) {
  while (value >= 0x80U) {
    out_ += static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  out_ += static_cast<char>(value);
}

void ChangeWriter::string(std::string_view value) {
  number(value.size());
  out_ += value;
}

void ChangeWriter::begin_record(ChangeKind kind) {
  record_ = out_.size();
  out_.append(kLengthBytes, '\0');
  out_ += static_cast<char>(kind);
}

// The length takes five bytes whatever it is, so that nothing has to be moved when it is known.
void ChangeWriter::end_record() {
  std::uint64_t size = out_.size() - record_ - kLengthBytes;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    out_[record_ + i] = static_cast<char>((size & 0x7FU) | (i + 1 < kLengthBytes ? 0x80U : 0U));
    size >>= 7U;
  }
}

void ChangeWriter::table(std::uint32_t table_number, const ChangeTable& table) {
  begin_record(ChangeKind::kTable);
  number(table_number);
  for (const TableName* name : {&table.name, &table.leaf}) {
    string(name->schema.catalog_text());
    string(name->name.catalog_text());
  }
  number(table.columns.size());
  for (const ChangeColumn& one : table.columns) column(one);
  number(table.number);
  number(table.computed.size());
  for (const ChangeColumn& one : table.computed) column(one);
  end_record();
}

void ChangeWriter::column(const ChangeColumn& column) {
  string(column.name.catalog_text());
  string(column.type);
  // Of one that cannot be added, the first also says how its values are sorted, for a change of its type.
  const bool more = !column.add_sql.empty() || (column.addable && !column.then_sql.empty());
  out_ += static_cast<char>((column.key ? kKeyColumn : 0) | (column.addable ? kAddable : 0) | (more ? kAddedWith : 0) |
                            (column.number != 0 ? kNumbered : 0) | (column.gone ? kGone : 0));
  if (more) {
    string(column.add_sql);
    string(column.then_sql);
  }
  if (column.number != 0) number(column.number);
}

void ChangeWriter::begin(std::string_view transaction, std::int64_t committed_at_micros) {
  begin_record(ChangeKind::kBegin);
  string(transaction);
  number(static_cast<std::uint64_t>(committed_at_micros));
  end_record();
}

void ChangeWriter::commit() {
  begin_record(ChangeKind::kCommit);
  end_record();
}

void ChangeWriter::truncate(std::span<const std::uint32_t> tables, bool cascade, bool restart_identity) {
  begin_record(ChangeKind::kTruncate);
  out_ += static_cast<char>((cascade ? 1 : 0) | (restart_identity ? 2 : 0));
  number(tables.size());
  for (const std::uint32_t table : tables) number(table);
  end_record();
}

void ChangeWriter::control(std::string_view text) {
  begin_record(ChangeKind::kControl);
  string(text);
  end_record();
}

void ChangeWriter::tuple(std::span<const ChangeValue> values) {
  begin_tuple(static_cast<std::uint32_t>(values.size()));
  for (const ChangeValue& value : values) {
    if (value.kind == ValueKind::kText) {
      text(value.text);
    } else {
      out_ += static_cast<char>(value.kind);
    }
  }
}

void ChangeWriter::cascade(std::span<const std::uint32_t> tables, std::span<const ActingKey> keys,
                           std::span<const ChangeValue> before, std::span<const ChangeValue> after) {
  begin_record(ChangeKind::kCascade);
  out_ += static_cast<char>(after.empty() ? 0 : 1);
  number(tables.size());
  for (const std::uint32_t table : tables) number(table);
  number(keys.size());
  for (const ActingKey& key : keys) {
    number(key.table);
    number(key.parent);
    out_ += static_cast<char>(key.on_delete);
    out_ += static_cast<char>(key.on_update);
    number(key.columns.size());
    for (std::size_t i = 0; i < key.columns.size(); ++i) {
      number(key.columns[i]);
      number(key.parent_columns[i]);
    }
  }
  tuple(before);
  if (!after.empty()) tuple(after);
  end_record();
}

void ChangeWriter::begin_row(ChangeKind kind, std::uint32_t table, BeforeKind before_kind) {
  begin_record(kind);
  number(table);
  out_ += static_cast<char>(before_kind);
}

void ChangeWriter::begin_tuple(std::uint32_t values) {
  number(values);
}

void ChangeWriter::text(std::string_view value) {
  number(value.size() + kTextTag);
  out_ += value;
}

void ChangeWriter::end_row() {
  end_record();
}

void ChangeWriter::undo_row() {
  out_.resize(record_);
}

bool ChangeReader::fail(const char* what) {
  fault_ = ChangeFault{.offset = at_, .what = what};
  return false;
}

bool ChangeReader::number(std::uint64_t& out) {
  return read_number(bytes_.substr(0, end_), at_, out) || fail("a number is cut off");
}

bool ChangeReader::string(std::string_view& out) {
  std::uint64_t size = 0;
  if (!number(size)) return false;
  if (size > end_ - at_) return fail("a text is cut off");
  out = bytes_.substr(at_, size);
  at_ += size;
  return true;
}

bool ChangeReader::tuple(std::vector<ChangeValue>& values, std::size_t columns) {
  std::uint64_t count = 0;
  if (!number(count)) return false;
  if (count != columns) return fail("a row has another number of values than its table has columns");
  values.resize(columns);
  for (ChangeValue& value : values) {
    std::uint64_t tag = 0;
    if (!number(tag)) return false;
    if (tag < kTextTag) {
      value = {.kind = static_cast<ValueKind>(tag)};
      continue;
    }
    const std::uint64_t size = tag - kTextTag;
    if (size > end_ - at_) return fail("a value is cut off");
    value = {.kind = ValueKind::kText, .text = bytes_.substr(at_, size)};
    at_ += size;
  }
  return true;
}

bool ChangeReader::read_columns(std::vector<ChangeColumn>& columns) {
  std::uint64_t count = 0;
  if (!number(count)) return false;
  if (count > end_ - at_) return fail("a table has more columns than bytes");
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view name, type;
    if (!string(name) || !string(type)) return false;
    if (at_ == end_) return fail("a column is cut off");
    const auto flags = static_cast<unsigned char>(bytes_[at_++]);
    std::string_view add_sql, then_sql;
    if ((flags & ~(kKeyColumn | kAddable | kAddedWith | kNumbered | kGone)) != 0)
      return fail("a column of an unknown form");
    if ((flags & kAddedWith) != 0 && (!string(add_sql) || !string(then_sql))) return false;
    std::uint64_t column_number = 0;
    if ((flags & kNumbered) != 0 && !number(column_number)) return false;
    if (column_number > std::numeric_limits<std::uint32_t>::max()) return fail("a column's number is too large");
    columns.push_back({.name = Identifier(std::string(name)),
                       .type = std::string(type),
                       .key = (flags & kKeyColumn) != 0,
                       .addable = (flags & kAddable) != 0,
                       .add_sql = std::string(add_sql),
                       .then_sql = std::string(then_sql),
                       .number = static_cast<std::uint32_t>(column_number),
                       .gone = (flags & kGone) != 0});
  }
  return true;
}

bool ChangeReader::read_table(Change& change) {
  std::uint64_t table_number = 0;
  auto table = std::make_shared<ChangeTable>();
  if (!number(table_number)) return false;
  if (table_number > std::numeric_limits<std::uint32_t>::max()) return fail("a table's number is too large");
  for (TableName* name : {&table->name, &table->leaf}) {
    std::string_view schema, text;
    if (!string(schema) || !string(text)) return false;
    *name = {Identifier(std::string(schema)), Identifier(std::string(text))};
  }
  if (!read_columns(table->columns)) return false;
  // Earlier versions wrote no more.
  if (at_ != end_ && (!number(table->number) || !read_columns(table->computed))) return false;
  std::shared_ptr<const ChangeTable>& known = tables_[static_cast<std::uint32_t>(table_number)];
  if (known) replaced_.push_back(std::move(known));
  known = std::move(table);
  return find(table_number, change);
}

bool ChangeReader::find(std::uint64_t table, Change& change) {
  const auto known = table > std::numeric_limits<std::uint32_t>::max()
                         ? tables_.end()
                         : tables_.find(static_cast<std::uint32_t>(table));
  if (known == tables_.end()) return fail("a change of a table that was not described");
  change.table = known->second.get();
  change.table_number = known->first;
  return true;
}

bool ChangeReader::read_row(Change& change) {
  std::uint64_t table = 0;
  if (!number(table) || !find(table, change)) return false;
  if (at_ == end_) return fail("a row is cut off");
  const auto before = static_cast<unsigned char>(bytes_[at_++]);
  if (before > static_cast<unsigned char>(BeforeKind::kFull)) return fail("a row of an unknown form");
  change.before_kind = static_cast<BeforeKind>(before);
  const std::size_t columns = change.table->columns.size();
  if (change.before_kind != BeforeKind::kNone) {
    if (!tuple(before_, columns)) return false;
    change.before = before_;
  }
  if (change.kind != ChangeKind::kDelete) {
    if (!tuple(after_, columns)) return false;
    change.after = after_;
  }
  return true;
}

bool ChangeReader::read_truncate(Change& change) {
  if (at_ == end_) return fail("a truncation is cut off");
  const auto flags = static_cast<unsigned char>(bytes_[at_++]);
  change.cascade = (flags & 1U) != 0;
  change.restart_identity = (flags & 2U) != 0;
  return read_tables(change);
}

bool ChangeReader::read_tables(Change& change) {
  std::uint64_t count = 0;
  if (!number(count)) return false;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t table = 0;
    if (!number(table) || !find(table, change)) return false;
    change.tables.push_back(change.table);
  }
  change.table = nullptr;
  return true;
}

bool ChangeReader::read_cascade(Change& change) {
  if (at_ == end_) return fail("a cascade is cut off");
  const bool updates = bytes_[at_++] != 0;
  if (!read_tables(change)) return false;
  if (change.tables.empty()) return fail("a cascade of no table");
  std::uint64_t count = 0;
  if (!number(count)) return false;
  const auto below = [&](std::size_t limit, std::uint32_t& out) {
    std::uint64_t place = 0;
    if (!number(place)) return false;
    if (place >= limit) return fail("a foreign key of what is not there");
    out = static_cast<std::uint32_t>(place);
    return true;
  };
  const auto act = [&](ActingKey::Act& out) {
    const auto byte = at_ == end_ ? 0xFFU : static_cast<unsigned char>(bytes_[at_++]);
    if (byte > static_cast<unsigned>(ActingKey::Act::kFollow)) return fail("a foreign key that does what is not known");
    out = static_cast<ActingKey::Act>(byte);
    return true;
  };
  for (std::uint64_t i = 0; i < count; ++i) {
    ActingKey key;
    std::uint64_t columns = 0;
    if (!below(change.tables.size(), key.table) || !below(change.tables.size(), key.parent) || !act(key.on_delete) ||
        !act(key.on_update) || !number(columns))
      return false;
    for (std::uint64_t column = 0; column < columns; ++column) {
      key.columns.emplace_back();
      key.parent_columns.emplace_back();
      if (!below(change.tables[key.table]->columns.size(), key.columns.back()) ||
          !below(change.tables[key.parent]->columns.size(), key.parent_columns.back()))
        return false;
    }
    change.acting_keys.push_back(std::move(key));
  }
  const std::size_t width = change.tables.front()->columns.size();
  if (!tuple(before_, width)) return false;
  change.before = before_;
  if (!updates) return true;
  if (!tuple(after_, width)) return false;
  change.after = after_;
  return true;
}

bool ChangeReader::next(Change& change) {
  if (fault_ || at_ == bytes_.size()) return false;
  const std::size_t begin = at_;
  end_ = bytes_.size();
  std::uint64_t size = 0;
  if (!number(size)) return false;
  if (size == 0 || size > end_ - at_) return fail("a record is cut off");
  end_ = at_ + size;
  const auto kind = static_cast<unsigned char>(bytes_[at_++]);
  if (kind < static_cast<unsigned char>(ChangeKind::kTable) || kind > static_cast<unsigned char>(ChangeKind::kCascade))
    return fail("a record of an unknown kind");
  change.kind = static_cast<ChangeKind>(kind);
  change.table = nullptr;
  change.before = change.after = {};
  change.before_kind = BeforeKind::kNone;
  change.tables.clear();
  change.acting_keys.clear();
  change.text = {};
  std::uint64_t micros = 0;
  bool good = true;
  if (is_row(change.kind)) {
    good = read_row(change);
  } else if (change.kind == ChangeKind::kTable) {
    good = read_table(change);
  } else if (change.kind == ChangeKind::kTruncate) {
    good = read_truncate(change);
  } else if (change.kind == ChangeKind::kCascade) {
    good = read_cascade(change);
  } else if (change.kind != ChangeKind::kCommit) {
    good = string(change.text) && (change.kind != ChangeKind::kBegin || number(micros));
    change.committed_at_micros = static_cast<std::int64_t>(micros);
  }
  if (good && at_ != end_) good = fail("a record is longer than what it holds");
  change.bytes = bytes_.substr(begin, end_ - begin);
  return good;
}

std::optional<ChangeOutline> outline(std::string_view bytes) {
  std::size_t at = 0;
  std::uint64_t size = 0;
  if (!read_number(bytes, at, size) || size == 0 || size > bytes.size() - at) return std::nullopt;
  ChangeOutline out{.size = at + size, .kind = static_cast<ChangeKind>(bytes[at])};
  ++at;
  std::uint64_t table = 0;
  if (is_row(out.kind) || out.kind == ChangeKind::kTable) {
    if (!read_number(bytes.substr(0, out.size), at, table)) return std::nullopt;
    out.table = static_cast<std::uint32_t>(table);
  }
  return out;
}

}  // namespace voyager::model
