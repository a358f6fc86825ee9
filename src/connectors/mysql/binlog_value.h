// A value of a row of the log, as the server's text protocol would send it. Pure; trusts no length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/binlog.h"
#include "connectors/mysql/byte_reader.h"
#include "connectors/mysql/column_type.h"

namespace voyager::mysql {

enum class ValueFault : std::uint8_t {
  kNone,
  kBroken,   ///< Its bytes are not what the type allows.
  kUnknown,  ///< A type that is not known.
};

/// Reads the next value of `in`, of the type `column`, which a table's description has. `raw` lives as long as what
/// `in` reads, or until `scratch` is changed. Texts are in the column's character set; of a float all digits.
ValueFault read_value(ByteReader& in, const LogColumn& column, const SourceType& type, std::string& scratch,
                      std::string_view& raw);

/// False: a column of `type` is not stored as `column` says, so what was written is of another type.
bool fits(const LogColumn& column, const SourceType& type);

}  // namespace voyager::mysql
