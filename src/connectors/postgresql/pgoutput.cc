#include "connectors/postgresql/pgoutput.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"

namespace voyager::postgresql {
namespace {

using model::BeforeKind;
using model::ChangeKind;

// The protocol counts time from 2000.
constexpr std::int64_t kEpochMicros = 946'684'800'000'000;

void put(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
}

std::uint64_t take(std::string_view bytes) {
  std::uint64_t out = 0;
  for (const char byte : bytes) out = (out << 8U) | static_cast<unsigned char>(byte);
  return out;
}

}  // namespace

std::string lsn_text(Lsn lsn) {
  return fmt::format("{:X}/{:X}", lsn >> 32U, lsn & 0xFFFF'FFFFU);
}

Lsn parse_lsn(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return 0;
  std::uint32_t high = 0, low = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + slash, high, 16);
  const auto second = std::from_chars(text.data() + slash + 1, end, low, 16);
  if (first.ec != std::errc() || first.ptr != text.data() + slash || second.ec != std::errc() || second.ptr != end)
    return 0;
  return (Lsn{high} << 32U) | low;
}

model::Position LogPlace::position() const {
  model::Position out;
  for (const std::uint64_t number : {commit, changes, end}) put(out.bytes, number);
  return out;
}

LogPlace LogPlace::of(const model::Position& position) {
  if (position.bytes.empty()) return {};
  if (position.bytes.size() != 3 * sizeof(std::uint64_t)) {
    base::fail(base::ExitCode::kState, "a position in the queue is not one of a PostgreSQL source");
  }
  const std::string_view bytes = position.bytes;
  return {.commit = take(bytes.substr(0, 8)), .changes = take(bytes.substr(8, 8)), .end = take(bytes.substr(16, 8))};
}

bool operator==(const Relation::Column& a, const Relation::Column& b) {
  return a.name == b.name && a.key == b.key && a.type == b.type && a.modifier == b.modifier;
}

// Reads a message's fields; past the end everything is 0 and empty, and `good` says so.
class PgoutputDecoder::Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes(std::size_t size) {
    if (size > bytes_.size()) {
      good_ = false;
      bytes_ = {};
      return {};
    }
    const std::string_view out = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return out;
  }
  char byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? '\0' : one[0];
  }
  std::uint16_t number16() { return static_cast<std::uint16_t>(take(bytes(2))); }
  std::uint32_t number32() { return static_cast<std::uint32_t>(take(bytes(4))); }
  std::uint64_t number64() { return take(bytes(8)); }
  std::string_view text() {
    const std::size_t end = bytes_.find('\0');
    if (end == std::string_view::npos) {
      good_ = false;
      return {};
    }
    const std::string_view out = bytes(end);
    bytes(1);
    return out;
  }
  void fail() { good_ = false; }
  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool good_ = true;
};

std::optional<std::string> PgoutputDecoder::decode(std::string_view message, std::string& out) {
  const std::size_t before = out.size();
  Cursor in(message);
  const char kind = in.byte();
  switch (kind) {
    case 'B':
      begin(in);
      break;
    case 'C':
      commit(in);
      if (in.good() && (begin_said_ || said_before_)) model::ChangeWriter(out).commit();
      begin_said_ = said_before_ = false;
      break;
    case 'R':
      relation(in);
      break;
    case 'I':
    case 'U':
    case 'D':
      row(kind, in, out);
      break;
    case 'T':
      truncate(in, out);
      break;
    case 'O':  // where the transaction came from before it came to this server
    case 'Y':  // a type that is not built in: values are text, so its name is all that matters, and it is asked for
    case 'M':  // what somebody said with pg_logical_emit_message
      return std::nullopt;
    default:
      return fmt::format("a message of the unknown kind {}", static_cast<int>(static_cast<unsigned char>(kind)));
  }
  if (in.good() && in.at_end()) return std::nullopt;
  out.resize(before);
  return fmt::format("a message of kind {} is {} than it says", kind, in.good() ? "longer" : "shorter");
}

void PgoutputDecoder::begin(Cursor& in) {
  const Lsn commit = in.number64();
  const std::uint64_t micros = in.number64();
  const std::uint32_t transaction = in.number32();
  if (!in.good()) return;
  if (in_transaction_) return in.fail();
  in_transaction_ = true;
  begin_said_ = false;
  said_before_ = from_.changes > 0 && from_.end == 0 && from_.commit == commit;
  committed_at_micros_ = static_cast<std::int64_t>(micros) + kEpochMicros;
  transaction_ = std::to_string(transaction);
  place_ = {.commit = commit, .changes = 0, .end = 0};
}

void PgoutputDecoder::commit(Cursor& in) {
  in.byte();  // flags, none of which is in use
  const Lsn commit = in.number64();
  const Lsn end = in.number64();
  in.number64();  // time
  if (!in.good()) return;
  if (!in_transaction_ || commit != place_.commit) return in.fail();
  in_transaction_ = false;
  place_ = {.commit = commit, .changes = LogPlace::kAll, .end = end};
}

void PgoutputDecoder::relation(Cursor& in) {
  Relation relation;
  relation.oid = in.number32();
  const std::string_view schema = in.text();
  // pg_catalog is sent as an empty name.
  relation.name.schema = model::Identifier(schema.empty() ? "pg_catalog" : std::string(schema));
  relation.name.name = model::Identifier(std::string(in.text()));
  relation.replica_identity = in.byte();
  const std::uint16_t columns = in.number16();
  for (std::uint16_t i = 0; i < columns && in.good(); ++i) {
    Relation::Column column;
    column.key = (static_cast<unsigned char>(in.byte()) & 1U) != 0;
    column.name = in.text();
    column.type = in.number32();
    column.modifier = static_cast<std::int32_t>(in.number32());
    relation.columns.push_back(std::move(column));
  }
  if (!in.good()) return;
  model::ChangeTable table = describe_(relation);
  Known& known = relations_[relation.oid];
  if (known.relation == relation && known.table == table) return;
  // Its record is written with the first change that is not skipped.
  const auto held = held_until_.find(relation.name);
  known = {.relation = relation, .table = std::move(table), .held_until = held == held_until_.end() ? 0 : held->second};
}

// True when the change is one that the server sends again. Counts it.
bool PgoutputDecoder::skip_this() {
  ++place_.changes;
  return place_ <= from_;
}

void PgoutputDecoder::say_begin(std::string& out) {
  if (begin_said_) return;
  begin_said_ = true;
  model::ChangeWriter(out).begin(transaction_, committed_at_micros_);
}

void PgoutputDecoder::row(char kind, Cursor& in, std::string& out) {
  const auto found = relations_.find(in.number32());
  if (!in_transaction_ || found == relations_.end()) return in.fail();
  Known& known = found->second;
  const bool skipped = skip_this() || place_.commit < known.held_until;
  const std::size_t start = out.size();
  if (!skipped) say_begin(out);
  model::ChangeWriter writer(out);
  if (!skipped && !std::exchange(known.said, true)) writer.table(known.relation.oid, known.table);
  char part = in.byte();
  BeforeKind before = BeforeKind::kNone;
  if (kind != 'I' && part == 'K') before = BeforeKind::kKey;
  if (kind != 'I' && part == 'O') before = BeforeKind::kFull;
  const ChangeKind change = kind == 'I' ? ChangeKind::kInsert : kind == 'U' ? ChangeKind::kUpdate : ChangeKind::kDelete;
  writer.begin_row(change, known.relation.oid, before);
  const auto tuple = [&] {
    const std::uint16_t columns = in.number16();
    if (columns != known.relation.columns.size()) in.fail();
    writer.begin_tuple(columns);
    for (std::uint16_t i = 0; i < columns && in.good(); ++i) {
      switch (in.byte()) {
        case 'n':
          writer.null();
          break;
        case 'u':
          writer.unchanged();
          break;
        case 't':
          writer.text(in.bytes(in.number32()));
          break;
        default:
          in.fail();  // 'b' is not asked for
      }
    }
  };
  if (before != BeforeKind::kNone) {
    tuple();
    if (kind != 'D') part = in.byte();
  }
  if (kind != 'D') {
    if (part != 'N') in.fail();
    tuple();
  } else if (before == BeforeKind::kNone) {
    in.fail();
  }
  writer.end_row();
  if (skipped) {
    out.resize(start);
  } else {
    ++changes_;
  }
}

void PgoutputDecoder::truncate(Cursor& in, std::string& out) {
  const std::uint32_t count = in.number32();
  const auto options = static_cast<unsigned char>(in.byte());
  std::vector<std::uint32_t> tables;
  for (std::uint32_t i = 0; i < count && in.good(); ++i) {
    tables.push_back(in.number32());
    if (!relations_.contains(tables.back())) in.fail();
  }
  if (!in.good() || !in_transaction_) return in.fail();
  if (skip_this()) return;
  // A table whose later snapshot holds the truncation already is left out of it.
  std::erase_if(tables, [&](std::uint32_t table) { return place_.commit < relations_[table].held_until; });
  if (tables.empty()) return;
  say_begin(out);
  model::ChangeWriter writer(out);
  for (const std::uint32_t table : tables) {
    Known& known = relations_[table];
    if (!std::exchange(known.said, true)) writer.table(table, known.table);
  }
  writer.truncate(tables, (options & 1U) != 0, (options & 2U) != 0);
  ++changes_;
}

}  // namespace voyager::postgresql
