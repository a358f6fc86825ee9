// Any bytes as a document of MySQL's binary JSON: the text is refused, or is one that a reader of JSON reads, unless
// its strings are no UTF-8; and it is not much longer than the bytes.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "connectors/mysql/binary_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string text;
  if (!voyager::mysql::append_json_text(bytes, text)) return 0;
  if (text.size() > 64 + 16 * size) std::abort();
  if (!simdjson::validate_utf8(text)) return 0;
  simdjson::dom::parser parser;
  const auto error = parser.parse(text).error();
  // Beyond what that reader holds, not beyond what JSON is.
  if (error == simdjson::NUMBER_ERROR) return 0;
  if (error != simdjson::SUCCESS) std::abort();
  return 0;
}
