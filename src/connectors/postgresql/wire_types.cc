#include "connectors/postgresql/wire_types.h"

#include <algorithm>
#include <array>

namespace voyager::postgresql {
namespace {

// Left out on purpose: reg* (an object's number differs between servers), xml (its binary form carries an encoding
// declaration that text does not), money (its scale is a setting), int2vector and oidvector, aclitem, refcursor,
// txid_snapshot, record and all pseudo types; tsquery (15.18, for one, refuses the binary
// form of an empty one that it sends itself). They travel as text.
constexpr std::array<std::string_view, 53> kSameEverywhere = {"bit",
                                                              "bool",
                                                              "box",
                                                              "bpchar",
                                                              "bytea",
                                                              "char",
                                                              "cid",
                                                              "cidr",
                                                              "circle",
                                                              "date",
                                                              "datemultirange",
                                                              "daterange",
                                                              "float4",
                                                              "float8",
                                                              "inet",
                                                              "int2",
                                                              "int4",
                                                              "int4multirange",
                                                              "int4range",
                                                              "int8",
                                                              "int8multirange",
                                                              "int8range",
                                                              "json",
                                                              "jsonb",
                                                              "jsonpath",
                                                              "line",
                                                              "lseg",
                                                              "macaddr",
                                                              "macaddr8",
                                                              "name",
                                                              "numeric",
                                                              "nummultirange",
                                                              "numrange",
                                                              "oid",
                                                              "path",
                                                              "pg_lsn",
                                                              "point",
                                                              "polygon",
                                                              "text",
                                                              "tid",
                                                              "time",
                                                              "timestamp",
                                                              "timestamptz",
                                                              "timetz",
                                                              "tsmultirange",
                                                              "tsrange",
                                                              "tstzmultirange",
                                                              "tstzrange",
                                                              "tsvector",
                                                              "uuid",
                                                              "varbit",
                                                              "varchar",
                                                              "xid"};

static_assert(std::ranges::is_sorted(kSameEverywhere));

// 17 gave two bit patterns of interval the meaning "infinity"; before it they are ordinary, very long intervals.
constexpr int kIntervalInfinityMajor = 17;

}  // namespace

std::string wire_type(const BaseType& type, int server_major) {
  if (type.typtype == 'e') return "enum";
  if (!type.builtin) return {};
  const bool array = type.name.starts_with('_');
  const std::string_view element = array ? type.name.substr(1) : type.name;
  if (element == "interval") {
    return std::string(type.name) + (server_major >= kIntervalInfinityMajor ? ".17" : "");
  }
  return std::ranges::binary_search(kSameEverywhere, element) ? std::string(type.name) : std::string();
}

}  // namespace voyager::postgresql
