#include "connectors/mysql/prepared_transactions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/crc32c.h"
#include "base/error.h"
#include "connectors/mysql/byte_reader.h"

namespace voyager::mysql {
namespace {

// A record: its kind, the length of its body, the checksum of both and of the body, the body.
constexpr std::size_t kHeadBytes = 9;
constexpr char kEvent = 'e', kPrepared = 'p', kEnded = 'x';
// A file that is longer, and of which the larger part is of no use any more, is written anew.
constexpr std::uint64_t kCompactFrom = 1UL << 20U;
constexpr std::uint64_t kPieceBytes = 1UL << 20U;

std::string named(const std::string& xid, const BinlogPlace& place) {
  std::string out;
  append_number(out, xid.size(), 4);
  return out + xid + place.position().bytes;
}

BinlogPlace start_of(const BinlogPlace& place) {
  return BinlogPlace::between(place.file, place.begin, place.base);
}

}  // namespace

struct PreparedTransactions::Record {
  char kind = 0;
  std::string body = {};
  std::uint64_t end = 0;
};

PreparedTransactions::PreparedTransactions(std::filesystem::path file, const BinlogPlace& place)
    : path_(std::move(file)) {
  std::error_code ignored;
  if (!std::filesystem::exists(path_, ignored)) return;
  open_files();
  load(place);
}

void PreparedTransactions::open_files() {
  file_ = base::File::open_append(path_);
  read_from_ = base::File::open_read(path_);
}

// A record that was not written to its end is none.
std::optional<PreparedTransactions::Record> PreparedTransactions::read_record(std::uint64_t at) const {
  char head[kHeadBytes];
  if (read_from_.read_at(at, head, kHeadBytes) < kHeadBytes) return std::nullopt;
  ByteReader in(std::string_view(head, kHeadBytes));
  Record out{.kind = static_cast<char>(in.byte())};
  const auto size = static_cast<std::size_t>(in.number(4));
  const auto checksum = static_cast<std::uint32_t>(in.number(4));
  if (size > file_.size()) return std::nullopt;
  out.body.resize(size);
  if (read_from_.read_at(at + kHeadBytes, out.body.data(), size) < size) return std::nullopt;
  if (base::crc32c(std::string(head, 5) + out.body) != checksum) return std::nullopt;
  out.end = at + kHeadBytes + size;
  return out;
}

void PreparedTransactions::load(const BinlogPlace& place) {
  std::uint64_t at = 0;
  while (auto record = read_record(at)) {
    const std::uint64_t record_begin = std::exchange(at, record->end);
    if (record->kind == kEvent) continue;
    ByteReader in(record->body);
    const std::string xid(in.bytes(static_cast<std::size_t>(in.number(4))));
    const BinlogPlace then = BinlogPlace::of({std::string(in.rest())});
    if (!then.begins_before(start_of(place))) break;
    if (record->kind == kPrepared) {
      leave_to_later(xid, then);
      transactions_.push_back({.xid = xid, .place = then, .begin = end_, .end = record_begin});
    } else if (Transaction* one = find(xid); one != nullptr) {
      one->ended = then;
    }
    end_ = at;
  }
  begun_ = end_;
  // What comes behind is read again.
  if (end_ < file_.size()) {
    std::filesystem::resize_file(path_, end_);
    file_.sync();
  }
  forget_before(place);
}

// The order of what was prepared and ended stays: a later capture reads up to the place that it begins at.
void PreparedTransactions::compact() {
  std::uint64_t wanted = end_ - begun_;
  for (const Transaction& one : transactions_) wanted += one.end - one.begin;
  const bool reading = read_at_ < read_end_;
  if (end_ < kCompactFrom || 2 * wanted > end_ || reading) return;
  struct Moment {
    BinlogPlace place = {};
    Transaction* of = nullptr;
    bool end = false;
  };
  std::vector<Moment> moments;
  for (Transaction& one : transactions_) {
    moments.push_back({.place = one.place, .of = &one});
    if (one.ended) moments.push_back({.place = *one.ended, .of = &one, .end = true});
  }
  std::ranges::stable_sort(moments, {}, &Moment::place);
  const std::filesystem::path fresh_path = path_.string() + ".new";
  file_ = base::File::create(fresh_path);
  const std::uint64_t in_hand = begun_, in_hand_end = end_;
  end_ = 0;
  const auto copy = [&](std::uint64_t from, std::uint64_t to) {
    std::string piece;
    for (std::uint64_t at = from; at < to; at += piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min(to - at, kPieceBytes)));
      piece.resize(read_from_.read_at(at, piece.data(), piece.size()));
      if (piece.empty()) base::fail(base::ExitCode::kState, fmt::format("{} became shorter", path_.string()));
      file_.write(piece);
    }
    end_ += to - from;
  };
  for (const Moment& moment : moments) {
    Transaction& one = *moment.of;
    if (moment.end) {
      put(kEnded, named(one.xid, *one.ended));
      continue;
    }
    const std::uint64_t begin = end_;
    copy(one.begin, one.end);
    one.begin = begin;
    one.end = end_;
    put(kPrepared, named(one.xid, one.place));
  }
  begun_ = end_;
  copy(in_hand, in_hand_end);
  file_.sync();
  base::rename_durably(fresh_path, path_);
  open_files();
}

void PreparedTransactions::put(char kind, std::string_view body) {
  if (!file_.is_open()) open_files();
  // What was undone.
  if (end_ < file_.size()) std::filesystem::resize_file(file_.path(), end_);
  std::string record(1, kind);
  append_number(record, body.size(), 4);
  std::string covered = record;
  covered += body;
  append_number(record, base::crc32c(covered), 4);
  record += body;
  file_.write(record);
  end_ += record.size();
}

void PreparedTransactions::add(const Event& event) {
  std::string body(1, static_cast<char>(event.type));
  body += event.body;
  put(kEvent, body);
}

// A server has one prepared transaction of a name: one that is there already was read before, and is read again from
// another server's log, whose places say nothing of those here.
void PreparedTransactions::leave_to_later(const std::string& xid, const BinlogPlace& place) {
  if (Transaction* const earlier = find(xid); earlier != nullptr) earlier->ended = place;
}

void PreparedTransactions::prepare(const std::string& xid, const BinlogPlace& place) {
  leave_to_later(xid, place);
  const std::uint64_t events = end_;
  put(kPrepared, named(xid, place));
  transactions_.push_back({.xid = xid, .place = place, .begin = begun_, .end = events});
  begun_ = end_;
  unsafe_ = true;
}

void PreparedTransactions::end(const std::string& xid, const BinlogPlace& place) {
  Transaction* const one = find(xid);
  if (one == nullptr) return;
  put(kEnded, named(xid, place));
  begun_ = end_;
  one->ended = place;
  unsafe_ = true;
}

// Of two with one name the first has ended.
PreparedTransactions::Transaction* PreparedTransactions::find(const std::string& xid) {
  const auto found = std::ranges::find_if(
      transactions_, [&](const Transaction& one) { return one.xid == xid && !one.ended.has_value(); });
  return found == transactions_.end() ? nullptr : &*found;
}

const PreparedTransactions::Transaction* PreparedTransactions::find(const std::string& xid) const {
  return const_cast<PreparedTransactions*>(this)->find(xid);
}

bool PreparedTransactions::is_prepared(const std::string& xid) const {
  return find(xid) != nullptr;
}

void PreparedTransactions::make_safe() {
  if (!unsafe_) return;
  file_.sync();
  unsafe_ = false;
}

void PreparedTransactions::forget_before(const BinlogPlace& place) {
  std::erase_if(transactions_,
                [&](const Transaction& one) { return one.ended && one.ended->begins_before(start_of(place)); });
  compact();
}

std::vector<std::string> PreparedTransactions::open() const {
  std::vector<std::string> out;
  for (const Transaction& one : transactions_) {
    if (!one.ended && one.begin != one.end) out.push_back(one.xid);
  }
  return out;
}

void PreparedTransactions::start_reading(const std::optional<std::string>& xid) {
  const Transaction* const one = xid ? find(*xid) : nullptr;
  read_at_ = one != nullptr ? one->begin : begun_;
  read_end_ = one != nullptr ? one->end : end_;
}

bool PreparedTransactions::next(Event& event) {
  if (read_at_ >= read_end_) return false;
  std::optional<Record> record = read_record(read_at_);
  if (!record)
    base::fail(base::ExitCode::kState, fmt::format("{} does not hold what was written to it", path_.string()));
  read_at_ = record->end;
  if (record->kind != kEvent) return false;
  bytes_ = std::move(record->body);
  event = {.type = static_cast<EventType>(bytes_[0]), .body = std::string_view(bytes_).substr(1)};
  return true;
}

}  // namespace voyager::mysql
