#include "migration/schema/object_files.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "migration/schema/object_types.h"
#include "sql/foreign_options.h"
#include "sql/statement.h"

namespace voyager::migration {
namespace {

using connector::WrittenObject;

constexpr std::string_view kPreambleComment = "-- setting variables for current session\n";
constexpr std::string_view kSpacing = "\n\n\n";
/// A source is often frozen this way for a migration. On the target it would stop the migration and those who use it.
constexpr std::string_view kReadOnly = "default_transaction_read_only";

bool may_hold_secrets(std::string_view kind) {
  return kind == "USER MAPPING" || kind == "SERVER" || kind == "FOREIGN DATA WRAPPER" || kind == "FOREIGN TABLE";
}

class Sorter {
 public:
  explicit Sorter(const FilingOptions& options)
      : options_(options), types_(options.types.begin(), options.types.end()) {}

  void add(WrittenObject object) {
    const KindPlace* place = kind_place(object.kind);
    FiledObject& filed = result_.objects.emplace_back(FiledObject{.key = std::move(object.key),
                                                                  .kind = std::move(object.kind),
                                                                  .schema = std::move(object.schema),
                                                                  .name = std::move(object.name),
                                                                  .owner = std::move(object.owner),
                                                                  .reason = std::move(object.not_kept),
                                                                  .change = std::move(object.change)});
    decide(filed, place, object.said_of);
    // What is said of the database is said of the target's.
    if (!filed.reason.empty() && filed.kind != "DATABASE") left_out_.insert(filed.key);
    if (place == nullptr) {
      for (const auto* statements : {&object.statements, &object.owner_statements}) add_unknown(filed, *statements);
    } else if (!filed.reason.empty()) {
      for (const auto* statements : {&object.statements, &object.owner_statements}) add_left_out(filed, *statements);
    } else {
      for (const std::string& sql : object.statements) add_statement(filed, sql);
      for (const std::string& sql : object.owner_statements) add_owner(filed, sql);
    }
  }

  SchemaFiles finish(const std::vector<std::string>& settings) {
    if (!attaches_.empty()) result_.text[std::string(kTableFile)] += attaches_;
    std::string preamble(kPreambleComment);
    for (const std::string& one : settings) (preamble += one) += "\n";
    for (auto& [file, text] : result_.text) text.insert(0, preamble + "\n\n");
    return std::move(result_);
  }

 private:
  void decide(FiledObject& filed, const KindPlace* place, const std::string& said_of) {
    if (place == nullptr) {
      filed.reason =
          "the source wrote a kind of object that this program does not know; its statements are in schema/" +
          std::string(kUncategorizedFile);
      return;
    }
    const auto known = options_.left_out.find(filed.key.empty() ? filed.kind + " " + filed.name : filed.key);
    if (known != options_.left_out.end()) {
      filed.reason = known->second;
    } else if (!filed.reason.empty()) {
      return;
    } else if (place->file.empty()) {
      filed.reason = place->type;
    } else if (!types_.contains(place->type)) {
      filed.reason = why_not_exported(place->type);
    } else if (!said_of.empty() && left_out_.contains(said_of)) {
      filed.reason = "what it is said of is left out";
    }
    if (filed.reason.empty()) filed.file = place->file;
  }

  void add_unknown(FiledObject& filed, const std::vector<std::string>& statements) {
    for (const std::string& sql : statements) {
      ++result_.uncategorized;
      append(std::string(kUncategorizedFile), sql);
      (filed.statement += sql) += "\n";
    }
  }

  static void add_left_out(FiledObject& filed, const std::vector<std::string>& statements) {
    for (const std::string& sql : statements) {
      const std::optional<std::string> harmless =
          may_hold_secrets(filed.kind) ? sql::without_secret_options(sql) : std::nullopt;
      (filed.statement += harmless ? *harmless : sql) += "\n";
    }
  }

  void add_statement(FiledObject& filed, const std::string& sql) {
    if (filed.kind == "DATABASE PROPERTIES" && sql.find(kReadOnly) != std::string::npos) {
      filed.change = fmt::format("{} is left out: it would make the target read only", sql);
      return;
    }
    const std::optional<std::string> harmless =
        may_hold_secrets(filed.kind) ? sql::without_secret_options(sql) : std::nullopt;
    if (harmless) filed.change = "its password is left out";
    if (filed.kind == "TABLE ATTACH") {
      (attaches_ += sql) += kSpacing;  // A partition can only be attached once both tables are there.
    } else {
      add_to_its_file(filed, harmless ? *harmless : sql);
    }
  }

  void add_owner(FiledObject& filed, const std::string& sql) {
    if (!types_.contains("OWNER")) {
      filed.owner_left_out = true;
    } else if (filed.kind == "EVENT TRIGGER") {
      add_to_its_file(filed, sql);  // It is made last, and so is its owner.
    } else {
      append(std::string(kOwnerFile), sql);
    }
  }

  void add_to_its_file(FiledObject& filed, const std::string& sql) {
    filed.fingerprints.push_back(sql::fingerprint(sql));
    append(filed.file, sql);
  }

  void append(const std::string& file, const std::string& sql) { (result_.text[file] += sql) += kSpacing; }

  const FilingOptions& options_;
  std::set<std::string, std::less<>> types_;
  std::string attaches_ = {};
  std::unordered_set<std::string> left_out_ = {};  ///< Keys.
  SchemaFiles result_ = {};
};

}  // namespace

SchemaFiles sort_into_files(connector::WrittenSchema schema, const FilingOptions& options) {
  Sorter sorter(options);
  for (WrittenObject& object : schema.objects) sorter.add(std::move(object));
  return sorter.finish(schema.settings);
}

}  // namespace voyager::migration
