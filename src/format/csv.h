// CSV files as RFC 4180 has them and as COPY ... CSV HEADER writes them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"

namespace voyager::format {

struct CsvValue {
  std::string_view text = {};  ///< Without quotes; lives until the next record is read.
  bool quoted = false;         ///< An empty value without quotes is a NULL.
};

/// Reads a file record by record, without holding more than one. Records end with LF or CR LF; empty lines are passed
/// over. Throws Error (ASM-011) with file and line for what is no CSV or no UTF-8 text, and for a record whose number
/// of values is not the header's.
class CsvReader {
 public:
  /// Opens the file and reads the header. An empty file throws.
  explicit CsvReader(const std::filesystem::path& file);
  const std::vector<std::string>& header() const { return header_; }
  /// Where the header has that name, whatever its letters' case and the blanks around it.
  std::optional<std::size_t> column(std::string_view name) const;
  /// False at the end.
  bool next();
  std::span<const CsvValue> values() const { return values_; }
  /// Throws Error (ASM-011) about the record in hand.
  [[noreturn]] void fail(std::string cause) const;

 private:
  struct Piece {
    std::size_t begin = 0;  ///< In record_.
    bool quoted = false;
  };
  bool read_record();
  int take();
  int peek();
  bool refill();
  void read_quoted();
  void make_values();

  base::File file_;
  std::vector<char> block_ = {};
  std::size_t at_ = 0;           ///< In block_.
  std::size_t filled_ = 0;       ///< Of block_.
  std::uint64_t offset_ = 0;     ///< In the file, of the byte behind block_.
  std::uint64_t next_line_ = 1;  ///< Of the byte at at_.
  std::uint64_t line_ = 1;       ///< Where the record in hand begins.
  std::string record_ = {};      ///< The values of the record in hand, back to back.
  std::vector<Piece> pieces_ = {};
  std::vector<CsvValue> values_ = {};
  std::vector<std::string> header_ = {};
};

}  // namespace voyager::format
