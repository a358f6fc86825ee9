#include "connectors/postgresql/comparison_hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/error.h"
#include "connector/row_hash.h"

namespace voyager::postgresql {
namespace {

// How a value becomes 64 bits. The text form is right for every type under the session's settings; the other forms are
// there for speed where they tell exactly the same values apart ({c} is the column, {s} the seed):
//   - hash functions of 32-bit integers and of uuid lose nothing;
//   - the bytes of the send function are shorter to make than text, and those of floats do not depend on the version of
//     the server, whose text does (before 12 a float has 17 digits, since then the fewest that tell it apart);
//   - bytea as text has twice the size, which above 512 MB is too much; as the element of an array it is hashed as is.
// hashint8extended() is not used: it folds its argument to 32 bits, so two numbers of a structured pair would look
// equal.
struct Form {
  std::string_view wire_type = {};
  std::string_view sql = {};
};

constexpr std::string_view kText = "hashtextextended({c}::text COLLATE \"C\", {s})";
// Where the databases store text in different encodings.
constexpr std::string_view kTextAsUtf8 = "hash_array_extended(ARRAY[convert_to({c}::text, 'UTF8')], {s})";
constexpr std::string_view kXmlAsUtf8 = "hash_array_extended(ARRAY[convert_to(textin(xml_out({c})), 'UTF8')], {s})";
// What COPY writes; the cast to text keeps a declaration that COPY leaves out.
constexpr std::string_view kXml = "hashtextextended(textin(xml_out({c})) COLLATE \"C\", {s})";
constexpr std::string_view kSendArray = "hash_array_extended(ARRAY[array_send({c})], {s})";

constexpr std::array kForms = {
    Form{"bool", "hashint4extended({c}::bool::int4, {s})"},
    Form{"int2", "hashint4extended({c}::int4, {s})"},
    Form{"int4", "hashint4extended({c}::int4, {s})"},
    Form{"uuid", "uuid_hash_extended({c}::uuid, {s})"},
    Form{"bytea", "hash_array_extended(ARRAY[{c}::bytea], {s})"},
    Form{"date", "hashtextextended(date_send({c})::text, {s})"},
    Form{"timestamp", "hashtextextended(timestamp_send({c})::text, {s})"},
    Form{"timestamptz", "hashtextextended(timestamptz_send({c})::text, {s})"},
    // All NaNs are one value: their sign bit does not survive a round trip through text.
    Form{"float4", "hashtextextended(CASE WHEN {c} = 'NaN' THEN 'NaN' ELSE float4send({c})::text END, {s})"},
    Form{"float8", "hashtextextended(CASE WHEN {c} = 'NaN' THEN 'NaN' ELSE float8send({c})::text END, {s})"},
    Form{"point", "hashtextextended(point_send({c})::text, {s})"},
    Form{"lseg", "hashtextextended(lseg_send({c})::text, {s})"},
    Form{"line", "hashtextextended(line_send({c})::text, {s})"},
    Form{"box", "hashtextextended(box_send({c})::text, {s})"},
    Form{"path", "hashtextextended(path_send({c})::text, {s})"},
    Form{"polygon", "hashtextextended(poly_send({c})::text, {s})"},
    Form{"circle", "hashtextextended(circle_send({c})::text, {s})"},
    Form{"_float4", kSendArray},
    Form{"_float8", kSendArray},
    Form{"_point", kSendArray},
    Form{"_lseg", kSendArray},
    Form{"_line", kSendArray},
    Form{"_box", kSendArray},
    Form{"_path", kSendArray},
    Form{"_polygon", kSendArray},
    Form{"_circle", kSendArray},
};

// Types whose values people write without quotes.
constexpr std::array<std::string_view, 4> kBareTypes = {"int2", "int4", "int8", "numeric"};

std::string_view form_of(const model::Column& column, bool as_utf8) {
  if (column.type == "xml") return as_utf8 ? kXmlAsUtf8 : kXml;  // It has no wire type.
  const auto* const found = std::ranges::find(kForms, std::string_view(column.wire_type), &Form::wire_type);
  if (found != kForms.end()) return found->sql;
  return as_utf8 ? kTextAsUtf8 : kText;
}

std::string column_sql(const model::Identifier& name) {
  return "t." + quoted(name);
}

// Combines with XOR, as a tree, so that 1,600 columns do not nest 1,600 deep in the server's parser.
std::string combined(std::span<const std::string> hashes) {
  if (hashes.empty()) return "0::bigint";
  if (hashes.size() == 1) return hashes[0];
  const std::size_t half = hashes.size() / 2;
  return "(" + combined(hashes.first(half)) + " # " + combined(hashes.subspan(half)) + ")";
}

std::string row_hash(const connector::HashRequest& request) {
  std::vector<std::string> hashes;
  for (const model::Column& column : request.columns) {
    hashes.push_back(value_hash(column, static_cast<std::uint32_t>(hashes.size() + 1), request.as_utf8));
  }
  return combined(hashes);
}

const model::Column& column_of(const connector::HashRequest& request, const model::Identifier& name) {
  const auto found = std::ranges::find(request.columns, name, &model::Column::name);
  VOY_ASSERT(found != request.columns.end());
  return *found;
}

std::string bucket_of(const connector::HashRequest& request, const std::string& row) {
  if (request.buckets <= 1) return "0";
  std::vector<std::string> hashes;
  for (const model::Identifier& name : request.key) {
    hashes.push_back(
        value_hash(column_of(request, name), static_cast<std::uint32_t>(hashes.size() + 1), request.as_utf8));
  }
  const std::string hash = request.key.empty() ? row : combined(hashes);
  return fmt::format("(({}) & 2147483647)::int4 % {}", hash, request.buckets);
}

// "id=42, region='eu'" as an expression.
std::string key_text(const connector::HashRequest& request) {
  std::string out;
  for (const model::Identifier& name : request.key) {
    const model::Column& column = column_of(request, name);
    std::string label = (out.empty() ? "" : ", ") + display(name) + "=";
    std::string quoted_label = "'";
    for (const char c : label) {
      quoted_label += c;
      if (c == '\'') quoted_label += c;
    }
    quoted_label += '\'';
    const bool bare = std::ranges::find(kBareTypes, column.wire_type) != kBareTypes.end();
    out += fmt::format("{}{} || {}", out.empty() ? "" : " || ", quoted_label,
                       bare ? column_sql(name) + "::text" : "quote_literal(" + column_sql(name) + "::text)");
  }
  return out;
}

// A large object is read in pieces, none of which is too large for a value. 262144 is INV_READ, 2 is SEEK_END.
constexpr std::string_view kFromLargeObjects = R"(FROM (
  SELECT m.oid, (SELECT coalesce(string_agg(md5(lo_get(m.oid, piece * 1048576, 1048576)), ''), '')
                 FROM (SELECT piece FROM lo_open(m.oid, 262144) AS fd,
                       generate_series(0, (lo_lseek64(fd, 0, 2) - 1) / 1048576) AS piece ORDER BY piece) AS pieces) AS data
  FROM pg_largeobject_metadata m) AS t)";

std::string from(const connector::HashRequest& request, bool only) {
  if (request.table == connector::kLargeObjects) return std::string(kFromLargeObjects);
  return fmt::format("FROM {}{} AS t", only ? "ONLY " : "", quoted(request.table));
}

}  // namespace

PageRange pages_of(const connector::Slice& slice, std::uint64_t pages) {
  if (slice.of <= 1) return {};
  const auto cut = [&](std::uint64_t number) { return pages * number / slice.of; };
  const bool last = slice.number + 1 == slice.of;
  PageRange range{.begin = cut(slice.number), .end = last ? 0 : cut(slice.number + 1)};
  range.none = !last && range.begin == range.end;
  return range;
}

std::string value_hash(const model::Column& column, std::uint32_t seed, bool as_utf8) {
  const std::string name = column_sql(column.name);
  std::string out = "coalesce(";
  std::string_view form = form_of(column, as_utf8);
  while (!form.empty()) {
    if (form.starts_with("{c}")) {
      out += name;
      form.remove_prefix(3);
    } else if (form.starts_with("{s}")) {
      out += std::to_string(seed);
      form.remove_prefix(3);
    } else {
      out += form.front();
      form.remove_prefix(1);
    }
  }
  return out + fmt::format(", {})", connector::null_hash(seed));
}

std::string bucket_query(const connector::HashRequest& request, const PageRange& pages, bool only) {
  std::string where;
  if (pages.begin > 0) where += fmt::format(" AND t.ctid >= '({},0)'::tid", pages.begin);
  if (pages.end > 0) where += fmt::format(" AND t.ctid < '({},0)'::tid", pages.end);
  const std::string row = row_hash(request);
  return fmt::format("SELECT {} AS bucket, count(*), coalesce(sum({}), 0) {} WHERE true{} GROUP BY 1",
                     bucket_of(request, row), row, from(request, only), where);
}

std::string buckets_query(const std::vector<const connector::HashRequest*>& requests, const std::vector<bool>& only) {
  std::string sql;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::string row = row_hash(*requests[i]);
    if (i > 0) sql += "\nUNION ALL\n";
    sql += fmt::format("SELECT {}, {} AS bucket, count(*), coalesce(sum({}), 0) {} GROUP BY 2", i,
                       bucket_of(*requests[i], row), row, from(*requests[i], only[i]));
  }
  return sql;
}

std::string row_query(const connector::HashRequest& request, bool only) {
  const std::string row = row_hash(request);
  const std::string hash = "to_hex(" + row + ")";
  return fmt::format("SELECT {}, {} {} WHERE {} = ANY ($1::int4[])", request.key.empty() ? hash : key_text(request),
                     hash, from(request, only), bucket_of(request, row));
}

}  // namespace voyager::postgresql
