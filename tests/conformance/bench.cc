#include "bench.h"

#include <utility>

#include "base/text.h"
#include "postgresql_bench.h"

namespace voyager::conformance {
namespace {

std::int64_t big_endian(std::string_view bytes) {
  std::int64_t out = (bytes[0] & 0x80) != 0 ? -1 : 0;
  for (const char c : bytes) out = (out << 8) | static_cast<unsigned char>(c);
  return out;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Place& place) {
  return out << place.name;
}

std::unique_ptr<Bench> make_bench(const Place& place) {
  if (place.name == "fake") return make_fake_bench();
  return make_postgresql_bench(place.name == "yugabytedb" ? Target::kYugabytedbStandin : Target::kPostgresql);
}

std::unique_ptr<SourceBench> make_source_bench(const Place& place) {
  if (place.name == "mysql") return make_mysql_bench("VOY_TEST_MYSQL");
  if (place.name == "mariadb") return make_mysql_bench("VOY_TEST_MARIADB");
  return make_bench(place);
}

std::string why_no_place(const Place& place) {
  if (place.name == "mysql") return "VOY_TEST_MYSQL names no server";
  if (place.name == "mariadb") return "VOY_TEST_MARIADB names no server";
  return "VOY_TEST_PG names no server";
}

std::string new_migration() {
  return base::new_uuid();
}

std::vector<std::string> numbered_rows(int count) {
  std::vector<std::string> out;
  for (int i = 1; i <= count; ++i) out.push_back(std::to_string(i) + "\trow " + std::to_string(i) + "\n");
  return out;
}

std::vector<std::string> rows_of(const model::RowBlock& block, model::RowFormat format) {
  std::vector<std::string> out;
  std::string_view rest = block.bytes;
  while (!rest.empty()) {
    if (format == model::RowFormat::kText) {
      const std::size_t end = rest.find('\n');
      out.emplace_back(rest.substr(0, end + 1));
      rest.remove_prefix(end + 1);
      continue;
    }
    rest.remove_prefix(2);  // the number of fields: id and body
    const auto id_size = static_cast<std::size_t>(big_endian(rest.substr(0, 4)));
    const std::int64_t id = big_endian(rest.substr(4, id_size));
    rest.remove_prefix(4 + id_size);
    const auto body_size = static_cast<std::size_t>(big_endian(rest.substr(0, 4)));
    out.push_back(std::to_string(id) + "\t" + std::string(rest.substr(4, body_size)) + "\n");
    rest.remove_prefix(4 + body_size);
  }
  return out;
}

TextStream::TextStream(const std::vector<std::string>& rows, std::size_t piece, std::function<void()> at_half)
    : bytes_(base::join(rows, "")), piece_(piece), at_half_(std::move(at_half)) {}

std::string_view TextStream::next_piece() {
  if (at_half_ && at_ >= bytes_.size() / 2) std::exchange(at_half_, nullptr)();
  const std::string_view piece = std::string_view(bytes_).substr(at_, piece_);
  at_ += piece.size();
  return piece;
}

}  // namespace voyager::conformance
