#include "connectors/mysql/binlog.h"

#include <fmt/format.h>
#include <isa-l/crc.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/column_codes.h"
#include "connectors/mysql/compression.h"
#include "connectors/mysql/gtid_set.h"

namespace voyager::mysql {
namespace {

constexpr std::size_t kHeaderBytes = 19;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kFlagsPlace = 17;
constexpr std::uint16_t kLogInUse = 0x1;
constexpr std::uint16_t kArtificial = 0x20;
constexpr std::uint8_t kChecksumCrc32 = 1;
constexpr std::size_t kColumnsMax = 4096;  // a table has no more
// No event is longer: the largest packet that servers and clients agree on.
constexpr std::size_t kEventBytesMax = 1UL << 30U;

std::uint32_t crc32(std::string_view bytes, std::uint32_t seed = 0) {
  return crc32_gzip_refl(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// The flag of a log that is written to stands in its first event, whose checksum was made without it.
bool checksum_fits(std::string_view bytes) {
  const std::string_view covered = bytes.substr(0, bytes.size() - kChecksumBytes);
  const auto expected = static_cast<std::uint32_t>(ByteReader(bytes.substr(covered.size())).number(kChecksumBytes));
  if (crc32(covered) == expected) return true;
  std::string flags(covered.substr(kFlagsPlace, 2));
  if ((static_cast<unsigned char>(flags[0]) & kLogInUse) == 0) return false;
  flags[0] = static_cast<char>(static_cast<unsigned char>(flags[0]) & ~kLogInUse);
  std::uint32_t crc = crc32(covered.substr(0, kFlagsPlace));
  crc = crc32(flags, crc);
  return crc32(covered.substr(kHeaderBytes), crc) == expected;
}

std::string shorter(const Event& event) {
  return fmt::format("an event of kind {} is shorter than it says", static_cast<int>(event.type));
}

void read_header(ByteReader& in, Event& event) {
  event.seconds = static_cast<std::uint32_t>(in.number(4));
  event.type = static_cast<EventType>(in.byte());
  event.server_id = static_cast<std::uint32_t>(in.number(4));
  event.size = static_cast<std::uint32_t>(in.number(4));
  event.next_position = static_cast<std::uint32_t>(in.number(4));
  event.artificial = (in.number(2) & kArtificial) != 0;
}

}  // namespace

std::optional<std::string> EventFrame::read(std::string_view bytes, Event& event) {
  ByteReader in(bytes);
  read_header(in, event);
  if (!in.good() || event.size != bytes.size()) return "an event is not as long as it says";
  event.body = in.rest();
  const auto strip = [&] { event.body.remove_suffix(kChecksumBytes); };
  if (event.type == EventType::kFormatDescription) {
    // The algorithm, and room for a checksum, are there in any case.
    if (event.body.size() < kChecksumBytes + 1) return shorter(event);
    strip();
    checksums_ = event.body.back() == static_cast<char>(kChecksumCrc32);
    if (checksums_ && !checksum_fits(bytes)) return "the checksum of a format description does not fit";
    return std::nullopt;
  }
  // A server makes up the first word of a log by what it has heard of us, not by what that log says.
  if (event.type == EventType::kRotate && (event.artificial || event.next_position == 0)) {
    if (event.body.size() >= kChecksumBytes && checksum_fits(bytes)) strip();
    return std::nullopt;
  }
  if (!checksums_) return std::nullopt;
  if (event.body.size() < kChecksumBytes) return shorter(event);
  if (!checksum_fits(bytes))
    return fmt::format("the checksum of an event of kind {} does not fit", static_cast<int>(event.type));
  strip();
  return std::nullopt;
}

std::optional<std::string> read_rotate(const Event& event, Rotate& out) {
  ByteReader in(event.body);
  out.position = in.number(8);
  out.file = in.rest();
  return in.good() ? std::nullopt : std::optional(shorter(event));
}

std::optional<std::string> read_query(const Event& event, std::string& scratch, Query& out) {
  ByteReader in(event.body);
  in.number(8);  // the connection, and how long it took
  const std::uint8_t schema_bytes = in.byte();
  in.number(2);  // the error that it ended with
  const auto variables_bytes = static_cast<std::size_t>(in.number(2));
  constexpr std::size_t kLoadBytes = 13;  // of a file that was loaded
  if (event.type == EventType::kExecuteLoad) in.bytes(kLoadBytes);
  in.bytes(variables_bytes);
  out.schema = in.bytes(schema_bytes);
  in.byte();
  if (!in.good()) return shorter(event);
  out.sql = in.rest();
  if (event.type != EventType::kQueryCompressed) return std::nullopt;
  if (!inflate_log(out.sql, scratch)) return "a compressed statement cannot be read";
  out.sql = scratch;
  return std::nullopt;
}

namespace {

// Fields in the order of their numbers; one that is not needed may be missing.
std::optional<std::string> read_tagged_gtid(const Event& event, Gtid& out) {
  enum Field : std::uint8_t { kFlags, kUuid, kNumber, kTag, kLastCommitted, kSequence, kCommitted };
  ByteReader in(event.body);
  in.varlen();  // version of the format
  if (in.varlen() > event.body.size()) return shorter(event);
  in.varlen();  // the last field that a reader has to know
  std::string uuid, tag;
  std::uint64_t number = 0;
  while (in.good() && !in.at_end()) {
    const std::uint64_t field = in.varlen();
    if (field > kCommitted) break;
    if (field == kUuid) {
      for (std::size_t i = 0; i < kUuidBytes; ++i) uuid += static_cast<char>(in.varlen());
    } else if (field == kTag) {
      tag = in.bytes(static_cast<std::size_t>(in.varlen()));
    } else {
      const std::uint64_t value = in.varlen();
      if (field == kNumber) number = value >> 1U;  // signed, the sign last
      if (field == kCommitted) out.committed_at_micros = static_cast<std::int64_t>(value);
    }
  }
  if (!in.good() || uuid.size() != kUuidBytes || number == 0) return shorter(event);
  out.text = fmt::format("{}:{}{}{}", uuid_text(uuid), tag, tag.empty() ? "" : ":", number);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> read_gtid(const Event& event, Gtid& out) {
  constexpr std::int64_t kMicros = 1'000'000;
  out = {.committed_at_micros = std::int64_t{event.seconds} * kMicros};
  ByteReader in(event.body);
  if (event.type == EventType::kMariaGtid) {
    constexpr std::uint8_t kStandalone = 1, kPreparedXa = 0x40;
    const std::uint64_t number = in.number(8);
    const auto domain = static_cast<std::uint32_t>(in.number(4));
    const std::uint8_t flags = in.byte();
    if (!in.good()) return shorter(event);
    out.text = fmt::format("{}-{}-{}", domain, event.server_id, number);
    out.alone = (flags & kStandalone) != 0;
    out.prepared_xa = (flags & kPreparedXa) != 0;
    return std::nullopt;
  }
  if (event.type == EventType::kTaggedGtid) return read_tagged_gtid(event, out);
  in.byte();
  const std::string_view uuid = in.bytes(kUuidBytes);
  const std::uint64_t number = in.number(8);
  if (!in.good()) return shorter(event);
  if (event.type == EventType::kGtid) {
    out.text = fmt::format("{}:{}", uuid_text(uuid), number);
  }
  constexpr std::uint8_t kLogicalClock = 2;
  if (in.left() < 24 || in.byte() != kLogicalClock) return std::nullopt;
  in.number(8);
  in.number(8);
  // The highest bit says that the moment of the first server follows.
  constexpr std::uint64_t kOriginalFollows = 1ULL << 55U;
  const std::uint64_t committed = in.number(7);
  if (in.good()) out.committed_at_micros = static_cast<std::int64_t>(committed & ~kOriginalFollows);
  return std::nullopt;
}

std::optional<std::string> read_xa_prepare(const Event& event, XaPrepare& out) {
  ByteReader in(event.body);
  out.prepared = in.byte() == 0;
  out.format = static_cast<std::uint32_t>(in.number(4));
  const auto global_bytes = static_cast<std::size_t>(in.number(4));
  const auto branch_bytes = static_cast<std::size_t>(in.number(4));
  out.global = in.bytes(global_bytes);
  out.branch = in.bytes(branch_bytes);
  return in.good() ? std::nullopt : std::optional(shorter(event));
}

namespace {

// A string's length takes up bits that its type does not need.
LogColumn real_type(LogColumn column) {
  if (column.type != code::kString) return column;
  const auto first = static_cast<std::uint8_t>(column.meta & 0xFFU);
  const auto second = static_cast<std::uint16_t>(column.meta >> 8U);
  constexpr unsigned kLengthBits = 0x30;
  if (first == code::kEnum || first == code::kSet) return {first, second};
  if ((first & kLengthBits) == kLengthBits) return {first, second};
  const unsigned high = ((first & kLengthBits) ^ kLengthBits) << 4U;
  return {static_cast<std::uint8_t>(first | kLengthBits), static_cast<std::uint16_t>(high | second)};
}

unsigned meta_bytes(std::uint8_t type) {
  switch (type) {
    case code::kFloat:
    case code::kDouble:
    case code::kTimestamp2:
    case code::kDateTime2:
    case code::kTime2:
    case code::kTinyBlob:
    case code::kMediumBlob:
    case code::kLongBlob:
    case code::kBlob:
    case code::kBlobCompressed:
    case code::kJson:
    case code::kGeometry:
    case code::kVector:
      return 1;
    case code::kVarchar:
    case code::kVarcharCompressed:
    case code::kVarString:
    case code::kString:
    case code::kEnum:
    case code::kSet:
    case code::kBit:
    case code::kNewDecimal:
      return 2;
    default:
      return 0;
  }
}

void read_extra(ByteReader in, TableMap& out) {
  constexpr std::uint8_t kNames = 4;
  while (in.good() && !in.at_end()) {
    const std::uint8_t kind = in.byte();
    ByteReader part(in.bytes(static_cast<std::size_t>(in.packed())));
    if (kind != kNames) continue;
    while (part.good() && !part.at_end() && out.names.size() <= out.columns.size())
      out.names.emplace_back(part.bytes(static_cast<std::size_t>(part.packed())));
    if (!part.good() || out.names.size() != out.columns.size()) out.names.clear();
  }
}

}  // namespace

std::optional<std::string> read_table_map(const Event& event, TableMap& out) {
  out = {};
  ByteReader in(event.body);
  out.number = in.number(6);
  in.number(2);
  out.schema = in.bytes(static_cast<std::size_t>(in.packed()));
  in.byte();
  out.table = in.bytes(static_cast<std::size_t>(in.packed()));
  in.byte();
  const std::uint64_t columns = in.packed();
  if (!in.good() || columns > kColumnsMax) return shorter(event);
  const std::string_view types = in.bytes(static_cast<std::size_t>(columns));
  ByteReader meta(in.bytes(static_cast<std::size_t>(in.packed())));
  in.bytes((static_cast<std::size_t>(columns) + 7) / 8);  // which may be null: the rows say which are
  if (!in.good()) return shorter(event);
  for (const char one : types) {
    const auto type = static_cast<std::uint8_t>(one);
    out.columns.push_back({type, static_cast<std::uint16_t>(meta.number(meta_bytes(type)))});
  }
  if (!meta.good() || !meta.at_end())
    return fmt::format("the description of {}.{} holds a type that is not known", out.schema, out.table);
  read_extra(in, out);
  std::ranges::transform(out.columns, out.columns.begin(), real_type);
  return std::nullopt;
}

bool is_rows(EventType type) {
  switch (type) {
    case EventType::kWriteRowsV1:
    case EventType::kUpdateRowsV1:
    case EventType::kDeleteRowsV1:
    case EventType::kWriteRows:
    case EventType::kUpdateRows:
    case EventType::kDeleteRows:
    case EventType::kPartialUpdateRows:
    case EventType::kWriteRowsCompressedV1:
    case EventType::kUpdateRowsCompressedV1:
    case EventType::kDeleteRowsCompressedV1:
    case EventType::kWriteRowsCompressed:
    case EventType::kUpdateRowsCompressed:
    case EventType::kDeleteRowsCompressed:
      return true;
    default:
      return false;
  }
}

std::optional<std::string> read_rows(const Event& event, std::string& scratch, Rows& out) {
  struct Form {
    EventType type;
    RowsKind kind;
    bool first_version;
    bool compressed;
  };
  using enum EventType;
  constexpr std::array kForms = {
      Form{kWriteRowsV1, RowsKind::kInsert, true, false},
      Form{kUpdateRowsV1, RowsKind::kUpdate, true, false},
      Form{kDeleteRowsV1, RowsKind::kDelete, true, false},
      Form{kWriteRows, RowsKind::kInsert, false, false},
      Form{kUpdateRows, RowsKind::kUpdate, false, false},
      Form{kDeleteRows, RowsKind::kDelete, false, false},
      Form{kPartialUpdateRows, RowsKind::kUpdate, false, false},
      Form{kWriteRowsCompressedV1, RowsKind::kInsert, true, true},
      Form{kUpdateRowsCompressedV1, RowsKind::kUpdate, true, true},
      Form{kDeleteRowsCompressedV1, RowsKind::kDelete, true, true},
      Form{kWriteRowsCompressed, RowsKind::kInsert, false, true},
      Form{kUpdateRowsCompressed, RowsKind::kUpdate, false, true},
      Form{kDeleteRowsCompressed, RowsKind::kDelete, false, true},
  };
  const auto* const form = std::ranges::find(kForms, event.type, &Form::type);
  if (form == kForms.end()) return "no rows";
  constexpr std::uint16_t kStatementEnds = 0x1, kForeignKeysOff = 0x2;
  out = {.kind = form->kind, .partial_json = event.type == kPartialUpdateRows};
  ByteReader in(event.body);
  out.table = in.number(6);
  const std::uint64_t flags = in.number(2);
  out.ends_statement = (flags & kStatementEnds) != 0;
  out.foreign_keys_off = (flags & kForeignKeysOff) != 0;
  if (!form->first_version) {
    const std::uint64_t extra = in.number(2);  // counts itself
    if (extra < 2) return shorter(event);
    in.bytes(static_cast<std::size_t>(extra) - 2);
  }
  const std::uint64_t columns = in.packed();
  if (!in.good() || columns > kColumnsMax) return shorter(event);
  out.columns = static_cast<std::size_t>(columns);
  const std::string_view first = in.bytes((out.columns + 7) / 8);
  (out.kind == RowsKind::kInsert ? out.after : out.before) = first;
  if (out.kind == RowsKind::kUpdate) out.after = in.bytes((out.columns + 7) / 8);
  if (!in.good()) return shorter(event);
  out.rows = in.rest();
  if (!form->compressed) return std::nullopt;
  if (!inflate_log(out.rows, scratch)) return "compressed rows cannot be read";
  out.rows = scratch;
  return std::nullopt;
}

struct PayloadReader::Stream {
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context{ZSTD_createDCtx()};
  ZSTD_inBuffer in = {};
  bool stored = false;
  std::string_view left = {};        // of what is stored as it is
  std::uint64_t more_bytes = ~0ULL;  // that may come, by what the payload says of itself
  std::string bytes = {};
  std::size_t used = 0;
};

PayloadReader::PayloadReader() : stream_(std::make_unique<Stream>()) {}
PayloadReader::~PayloadReader() = default;

std::optional<std::string> PayloadReader::start(const Event& event) {
  constexpr std::uint64_t kEnd = 0, kMethod = 2, kWholeSize = 3, kZstd = 0, kNone = 255;
  stream_->more_bytes = ~0ULL;
  ByteReader in(event.body);
  std::uint64_t method = kNone;
  while (in.good()) {
    const std::uint64_t field = in.packed();
    if (field == kEnd) break;
    ByteReader value(in.bytes(static_cast<std::size_t>(in.packed())));
    if (field == kMethod) method = value.packed();
    if (field == kWholeSize) stream_->more_bytes = value.packed();
  }
  if (!in.good()) return shorter(event);
  if (method != kZstd && method != kNone) return fmt::format("a transaction is compressed by method {}", method);
  stream_->stored = method == kNone;
  stream_->left = in.rest();
  stream_->in = {.src = stream_->left.data(), .size = stream_->left.size(), .pos = 0};
  stream_->bytes.clear();
  stream_->used = 0;
  ZSTD_DCtx_reset(stream_->context.get(), ZSTD_reset_session_only);
  return std::nullopt;
}

// False at the end of all bytes, or at a fault. Memory grows by what there is, not by what is said to be there.
bool PayloadReader::fill(std::size_t wanted, std::optional<std::string>& fault) {
  constexpr std::size_t kPiece = 256UL * 1024;
  Stream& stream = *stream_;
  if (stream.bytes.size() - stream.used >= wanted) return true;
  stream.bytes.erase(0, stream.used);
  stream.used = 0;
  while (stream.bytes.size() < wanted) {
    if (stream.stored) {
      const std::size_t taken = std::min(stream.left.size(), kPiece);
      if (taken == 0) return false;
      stream.bytes.append(stream.left.substr(0, taken));
      stream.left.remove_prefix(taken);
      continue;
    }
    const std::size_t before = stream.bytes.size();
    stream.bytes.resize(before + kPiece);
    ZSTD_outBuffer out{.dst = stream.bytes.data() + before, .size = kPiece, .pos = 0};
    const std::size_t result = ZSTD_decompressStream(stream.context.get(), &out, &stream.in);
    stream.bytes.resize(before + out.pos);
    if (ZSTD_isError(result) != 0) {
      fault = "a compressed transaction cannot be read";
      return false;
    }
    if (out.pos > stream.more_bytes) {
      fault = "a compressed transaction is longer than it says";
      return false;
    }
    stream.more_bytes -= out.pos;
    if (out.pos == 0 && stream.in.pos == stream.in.size) return false;
  }
  return true;
}

bool PayloadReader::next(Event& event, std::optional<std::string>& fault) {
  Stream& stream = *stream_;
  if (!fill(kHeaderBytes, fault)) {
    if (!fault && stream.bytes.size() > stream.used) fault = "a compressed transaction ends in the middle of an event";
    return false;
  }
  ByteReader header(std::string_view(stream.bytes).substr(stream.used));
  read_header(header, event);
  if (event.size < kHeaderBytes || event.size > kEventBytesMax || !fill(event.size, fault)) {
    if (!fault) fault = "a compressed transaction ends in the middle of an event";
    return false;
  }
  event.body = std::string_view(stream.bytes).substr(stream.used + kHeaderBytes, event.size - kHeaderBytes);
  stream.used += event.size;
  return true;
}

}  // namespace voyager::mysql
