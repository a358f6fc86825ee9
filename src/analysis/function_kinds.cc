#include "analysis/function_kinds.h"

#include <unordered_set>

namespace voyager::analysis {
namespace {

const std::unordered_set<std::string_view> kXmlFunctions = {"xmltext",
                                                            "xmlcomment",
                                                            "xmlconcat",
                                                            "xmlelement",
                                                            "xmlforest",
                                                            "xmlpi",
                                                            "xmlroot",
                                                            "xmlagg",
                                                            "xml",
                                                            "xmlexists",
                                                            "xml_is_well_formed",
                                                            "xml_is_well_formed_document",
                                                            "xml_is_well_formed_content",
                                                            "xpath",
                                                            "xpath_exists",
                                                            "xmltable",
                                                            "table_to_xml",
                                                            "table_to_xmlschema",
                                                            "table_to_xml_and_xmlschema",
                                                            "cursor_to_xmlschema",
                                                            "cursor_to_xml",
                                                            "query_to_xmlschema",
                                                            "query_to_xml",
                                                            "query_to_xml_and_xmlschema",
                                                            "schema_to_xml",
                                                            "schema_to_xmlschema",
                                                            "schema_to_xml_and_xmlschema",
                                                            "database_to_xml",
                                                            "database_to_xmlschema",
                                                            "database_to_xml_and_xmlschema",
                                                            "xmlconcat2",
                                                            "xmlvalidate",
                                                            "xml_in",
                                                            "xml_out",
                                                            "xml_recv",
                                                            "xml_send"};
const std::unordered_set<std::string_view> kLargeObjectFunctions = {
    "lo_create",   "lo_creat",      "lo_import", "lo_import_with_oid", "lo_export",     "lo_open",
    "lo_write",    "lo_read",       "lo_lseek",  "lo_lseek64",         "lo_tell",       "lo_tell64",
    "lo_truncate", "lo_truncate64", "lo_close",  "lo_unlink",          "lo_from_bytea", "lo_put",
    "lo_get",      "lo_manage",     "lo_oid"};
const std::unordered_set<std::string_view> kAdvisoryLocks = {"pg_advisory_lock",
                                                             "pg_advisory_lock_shared",
                                                             "pg_advisory_unlock",
                                                             "pg_advisory_unlock_all",
                                                             "pg_advisory_unlock_shared",
                                                             "pg_advisory_xact_lock",
                                                             "pg_advisory_xact_lock_shared",
                                                             "pg_try_advisory_lock",
                                                             "pg_try_advisory_lock_shared",
                                                             "pg_try_advisory_xact_lock",
                                                             "pg_try_advisory_xact_lock_shared"};
const std::unordered_set<std::string_view> kReturnJsonb = {"jsonb_agg",
                                                           "jsonb_agg_finalfn",
                                                           "jsonb_agg_strict",
                                                           "jsonb_array_element",
                                                           "jsonb_build_array",
                                                           "jsonb_build_object",
                                                           "jsonb_concat",
                                                           "jsonb_delete",
                                                           "jsonb_delete_path",
                                                           "jsonb_extract_path",
                                                           "jsonb_in",
                                                           "jsonb_insert",
                                                           "jsonb_object",
                                                           "jsonb_object_agg",
                                                           "jsonb_object_agg_finalfn",
                                                           "jsonb_object_agg_strict",
                                                           "jsonb_object_agg_unique",
                                                           "jsonb_object_agg_unique_strict",
                                                           "jsonb_object_field",
                                                           "jsonb_path_query_array",
                                                           "jsonb_path_query_array_tz",
                                                           "jsonb_path_query_first",
                                                           "jsonb_path_query_first_tz",
                                                           "jsonb_recv",
                                                           "jsonb_set",
                                                           "jsonb_set_lax",
                                                           "jsonb_strip_nulls",
                                                           "to_jsonb",
                                                           "ts_headline"};

}  // namespace

std::string_view function_kind(std::string_view name) {
  if (kAdvisoryLocks.contains(name)) return "advisory";
  if (kXmlFunctions.contains(name)) return "xml";
  if (is_large_object_function(name)) return "large object";
  if (name == "regexp_count" || name == "regexp_instr" || name == "regexp_like") return "regex";
  if (name == "any_value") return "any_value";
  if (name == "range_agg" || name == "range_intersect_agg") return "range";
  if (name == "pg_notify") return "notify";
  return {};
}

bool is_large_object_function(std::string_view name) {
  return kLargeObjectFunctions.contains(name);
}

bool returns_jsonb(std::string_view name) {
  return kReturnJsonb.contains(name);
}

}  // namespace voyager::analysis
