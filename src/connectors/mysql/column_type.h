// What a column's type is and what it becomes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voyager::mysql {

/// How values are read and written; one for each way that differs.
enum class Form : std::uint8_t {
  kInteger,
  kDecimal,
  kFloat,
  kDouble,
  kBoolean,  ///< bit(1)
  kBits,
  kText,  ///< Without trailing blanks for char(n): the server takes them away.
  kBytes,
  kDate,
  kDateTime,
  kTimestamp,  ///< Read in UTC.
  kTime,
  kYear,
  kEnum,
  kSet,
  kJson,
  kGeometry,  ///< SRID and WKB in, hexadecimal EWKB out.
  kOther,     ///< uuid, inet: the server's text.
};

/// What is done to values beyond their form, where the user wants another type than ours.
enum class Recast : std::uint8_t {
  kNone,
  kTruth,     ///< 0 and 1 only.
  kSmallint,  ///< Numbers that fit.
  kInteger,
  kBigint,
  kDuration,  ///< A time of any length.
  kMoment,    ///< A datetime read as UTC.
  kLocal,     ///< A timestamp in UTC, without its zone.
  kUuid,      ///< 16 bytes, or a text of them.
};

struct SourceType {
  Form form = Form::kText;
  std::string name = {};  ///< "int", "varchar"
  int length = -1;        ///< varchar(45): 45; decimal: precision; time, datetime: digits of fractions.
  int scale = 0;
  bool is_unsigned = false;
  bool zerofill = false;
  std::vector<std::string> labels = {};  ///< Of an enum or a set.
  Recast recast = Recast::kNone;
  int bits = -1;  ///< Of a bit string that is longer on the target.
};

/// Reads COLUMN_TYPE. Nothing for a type that is not known.
std::optional<SourceType> parse_type(std::string_view column_type);

/// Sizes of whole numbers, smallest first.
enum class Whole : std::uint8_t { kSmallint, kInteger, kBigint, kNumeric };
/// The smallest that holds every value of a whole number's type.
Whole whole_of(const SourceType& type);

/// Of a bit string, on the target.
int bits_of(const SourceType& type);

/// What two columns that a foreign key joins are, where values that are equal on the source are not so on the target;
/// null where they are. The source compares what it stores: of an enum or a set the places of the labels.
const char* key_obstacle(const SourceType& child, const SourceType& parent);

struct TargetType {
  std::string type = {};       ///< As PostgreSQL prints it.
  std::string wire_type = {};  ///< As model::Column::wire_type, where the form that is hashed depends on it.
};

/// Of every form but kEnum, whose type is the schema's own.
TargetType target_type(const SourceType& type);
TargetType target_type(Whole whole);

}  // namespace voyager::mysql
