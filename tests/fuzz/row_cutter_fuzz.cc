// Any bytes as COPY rows, in any pieces: RowCutter must find the ends of rows where a plain second implementation finds
// them, however the bytes are cut and however many rows are asked for at a time. The first three bytes choose the form,
// the size of pieces and the rows asked for.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "format/chunk_file.h"

namespace {

using namespace voyager;

void check(bool holds) {
  if (!holds) std::abort();
}

// Behind which bytes a row ends.
std::vector<std::size_t> ends_of_text(std::string_view bytes) {
  std::vector<std::size_t> ends;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n') ends.push_back(i + 1);
  }
  return ends;
}

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < length; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// A row is a count of fields (two bytes) and so many fields: a length (four bytes, below zero for null) and as many
// bytes.
std::vector<std::size_t> ends_of_binary(std::string_view bytes) {
  std::vector<std::size_t> ends;
  std::size_t at = 0;
  while (at + 2 <= bytes.size()) {
    std::uint32_t fields = number(bytes, at, 2);
    at += 2;
    for (; fields > 0; --fields) {
      if (at + 4 > bytes.size()) return ends;
      const auto length = static_cast<std::int32_t>(number(bytes, at, 4));
      at += 4;
      if (length > 0) at += static_cast<std::size_t>(length);
      if (at > bytes.size()) return ends;
    }
    ends.push_back(at);
  }
  return ends;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  const bool binary = (data[0] & 1) != 0;
  const std::size_t piece_bytes = 1U + data[1];
  const std::uint64_t wanted = 1U + data[2] % 16;

  const std::vector<std::size_t> expected = binary ? ends_of_binary(bytes) : ends_of_text(bytes);
  format::RowCutter cutter(binary ? model::RowFormat::kBinary : model::RowFormat::kText);
  std::vector<std::size_t> ends;
  for (std::size_t from = 0; from < bytes.size(); from += piece_bytes) {
    std::string_view piece = bytes.substr(from, piece_bytes);
    std::size_t at = from;
    while (!piece.empty()) {
      std::uint64_t found = 0;
      const std::size_t taken = cutter.take(piece, wanted, found);
      check(taken > 0 && taken <= piece.size() && found <= wanted);
      check(found == wanted || taken == piece.size());
      at += taken;
      // Ends inside of what was taken are only counted; the last one is where it was cut.
      for (std::uint64_t i = 0; i < found; ++i) ends.push_back(0);
      if (found == wanted) ends.back() = at;
      piece.remove_prefix(taken);
    }
  }
  check(ends.size() == expected.size());
  for (std::size_t i = 0; i < ends.size(); ++i) check(ends[i] == 0 || ends[i] == expected[i]);
  return 0;
}
