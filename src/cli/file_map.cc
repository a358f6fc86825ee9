#include "cli/file_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "base/text.h"
#include "model/table_list.h"

namespace voyager::cli {
namespace {

namespace fs = std::filesystem;
using base::ExitCode;

// The colon between file and table: the last one outside of double quotes, since file names hold colons more often.
std::size_t find_colon(const std::string& entry) {
  std::size_t found = std::string::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < entry.size(); ++i) {
    if (entry[i] == '"') quoted = !quoted;
    if (entry[i] == ':' && !quoted) found = i;
  }
  return found;
}

std::vector<fs::path> matching_files(const fs::path& data_dir, const std::string& glob) {
  const fs::path pattern = (data_dir / glob).lexically_normal();
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(pattern.parent_path(), ignored)) {
    if (entry.is_regular_file(ignored) &&
        base::glob_match(pattern.filename().string(), entry.path().filename().string())) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::vector<migration::UserFile> mapped_files(const fs::path& data_dir, const std::string& map,
                                              const std::string& default_schema) {
  std::vector<migration::UserFile> files;
  for (const std::string& entry : model::split_table_list(map)) {
    const std::size_t colon = find_colon(entry);
    if (colon == std::string::npos || colon == 0 || colon + 1 == entry.size()) {
      base::fail(ExitCode::kUsage, fmt::format("--file-table-map: \"{}\" is not file:table", entry), {},
                 {"for instance --file-table-map 'orders*.csv:public.orders,customers.csv:customers'",
                  "for a comma in a file's name write ?: 'a?b.csv:t'"});
    }
    model::TableName table = model::parse_table_name(entry.substr(colon + 1));
    if (table.schema.empty()) table.schema = model::Identifier(default_schema);
    const std::string glob(base::trim(entry.substr(0, colon)));
    const std::vector<fs::path> found = matching_files(data_dir, glob);
    if (found.empty()) {
      base::fail(ExitCode::kUsage,
                 fmt::format("--file-table-map: no file in {} matches \"{}\"", data_dir.string(), glob));
    }
    for (const fs::path& file : found) files.push_back({.path = file, .table = table});
  }
  if (files.empty()) base::fail(ExitCode::kUsage, "--file-table-map names no file");
  return files;
}

std::string encoding_name(std::string_view text) {
  // PostgreSQL documentation, "Character Set Support": its name, then other names without punctuation. In all of them
  // the bytes below 128 are ASCII wherever they stand.
  static const std::vector<std::vector<std::string_view>> kEncodings = {
      {"", "utf8", "unicode"},
      {"LATIN1", "latin1", "iso88591"},
      {"LATIN2", "latin2", "iso88592"},
      {"LATIN3", "latin3", "iso88593"},
      {"LATIN4", "latin4", "iso88594"},
      {"LATIN5", "latin5", "iso88599"},
      {"LATIN6", "latin6", "iso885910"},
      {"LATIN7", "latin7", "iso885913"},
      {"LATIN8", "latin8", "iso885914"},
      {"LATIN9", "latin9", "iso885915"},
      {"LATIN10", "latin10", "iso885916"},
      {"ISO_8859_5", "iso88595"},
      {"ISO_8859_6", "iso88596"},
      {"ISO_8859_7", "iso88597"},
      {"ISO_8859_8", "iso88598"},
      {"WIN1250", "win1250", "windows1250", "cp1250"},
      {"WIN1251", "win1251", "windows1251", "cp1251", "win"},
      {"WIN1252", "win1252", "windows1252", "cp1252"},
      {"WIN1253", "win1253", "windows1253", "cp1253"},
      {"WIN1254", "win1254", "windows1254", "cp1254"},
      {"WIN1255", "win1255", "windows1255", "cp1255"},
      {"WIN1256", "win1256", "windows1256", "cp1256"},
      {"WIN1257", "win1257", "windows1257", "cp1257"},
      {"WIN1258", "win1258", "windows1258", "cp1258"},
      {"WIN866", "win866", "cp866", "alt"},
      {"WIN874", "win874", "windows874", "cp874"},
      {"KOI8R", "koi8r", "koi8"},
      {"KOI8U", "koi8u"},
      {"EUC_JP", "eucjp"},
      {"EUC_JIS_2004", "eucjis2004"},
      {"EUC_CN", "euccn", "gb2312"},
      {"EUC_KR", "euckr"},
      {"EUC_TW", "euctw"}};
  if (text.empty()) return {};
  std::string plain;
  for (const char c : base::lower(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) plain += c;
  }
  for (const std::vector<std::string_view>& names : kEncodings) {
    if (std::find(names.begin() + 1, names.end(), plain) != names.end()) return std::string(names[0]);
  }
  base::fail(ExitCode::kUsage, fmt::format("--encoding: \"{}\" is no encoding that rows can be read in", text), {},
             {"LATIN1, WIN1252, WIN1251, KOI8R, EUC_JP and others of PostgreSQL's server encodings are",
              fmt::format("or convert the file: iconv -f {} -t UTF-8 -o utf8.csv FILE", text)});
}

void check_special_bytes(const model::CopyFormat& format) {
  const bool csv = format.rows == model::RowFormat::kCsv;
  const auto refuse = [](const std::string& what) { base::fail(ExitCode::kUsage, what); };
  const auto ends_lines = [](char c) { return c == '\n' || c == '\r'; };
  if (ends_lines(format.delimiter)) refuse("--delimiter must not be a line end");
  if (csv && format.quote == format.delimiter) refuse("--quote-char and --delimiter must differ");
  if (csv && (ends_lines(format.quote) || ends_lines(format.escape)))
    refuse("--quote-char and --escape-char must not be line ends");
  if (!csv && std::string_view("\\.abcdefghijklmnopqrstuvwxyz0123456789").find(format.delimiter) != std::string::npos)
    refuse("--delimiter of --format text must not be a lower-case letter, a digit, a dot or a backslash");
  if (format.null_string.find_first_of("\r\n") != std::string::npos) refuse("--null-string must not hold a line end");
  if (format.null_string.find(format.delimiter) != std::string::npos)
    refuse("--null-string must not hold the delimiter");
  if (csv && format.null_string.find(format.quote) != std::string::npos)
    refuse("--null-string must not hold the quote");
}

char one_byte(std::string_view text, std::string_view flag) {
  if (text.size() == 1) return text[0];
  constexpr std::pair<std::string_view, char> kEscapes[] = {{"\\t", '\t'},  {"\\n", '\n'}, {"\\r", '\r'},
                                                            {"\\b", '\b'},  {"\\f", '\f'}, {"\\v", '\v'},
                                                            {"\\\\", '\\'}, {"\\\"", '"'}, {"\\'", '\''}};
  for (const auto& [escape, byte] : kEscapes) {
    if (text == escape) return byte;
  }
  unsigned value = 0;
  if (text.size() == 4 && text.starts_with("\\x")) {
    const auto [end, fault] = std::from_chars(text.data() + 2, text.data() + 4, value, 16);
    if (fault == std::errc() && end == text.data() + 4) return static_cast<char>(value);
  }
  base::fail(ExitCode::kUsage, fmt::format("--{} needs exactly one byte, not \"{}\"", flag, text), {},
             {"a tab is written \\t"});
}

}  // namespace voyager::cli
