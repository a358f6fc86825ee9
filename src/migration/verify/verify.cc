#include "migration/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "migration/verify/object_compare.h"
#include "migration/verify/row_compare.h"

namespace voyager::migration {
namespace {

using connector::Comparable;

using AppliedChanges = std::map<model::TableName, std::uint64_t>;

struct Pictures {
  std::unique_ptr<Comparable> source = {};
  std::unique_ptr<Comparable> target = {};
  // While changes flow: what was applied before the first picture was taken, and after the second one was.
  std::optional<AppliedChanges> applied_before = {};
  std::optional<AppliedChanges> applied_after = {};
};

std::unique_ptr<Comparable> open(const connector::ConnectorEntry& product, const model::ConnectionOptions& options) {
  if (!product.comparable) {
    base::fail(base::ExitCode::kUsage, fmt::format("verify cannot read {}", product.product));
  }
  return product.comparable(options);
}

void fail_when_draining(const base::Stop& stop) {
  if (!stop.draining()) return;
  throw base::Error({.exit = stop.signal_number() == 15 ? base::ExitCode::kTerminated : base::ExitCode::kInterrupted,
                     .title = "verify was stopped before it had compared everything",
                     .then = "run the same command again; it changes nothing and starts from the beginning"});
}

void set_intended_apart(const VerifyOptions& options, VerifyReport& report) {
  const auto is_difference = [&](const ObjectDifference& one) {
    if (one.kind != ObjectDifference::Kind::kMissingOnTarget) return true;
    if (one.object_kind == "index") return !options.indexes_left_out.contains(one.name);
    // The parameter stands behind the name of what has it.
    return one.object_kind != "storage parameter" ||
           !options.options_left_out.contains(one.name.substr(one.name.rfind(' ') + 1));
  };
  const auto intended = std::ranges::stable_partition(report.objects, is_difference);
  std::ranges::move(intended, std::back_inserter(report.intended));
  report.objects.erase(intended.begin(), intended.end());
}

struct Forms {
  connector::DatabaseForm source = {};
  connector::DatabaseForm target = {};
};

// Facts of a kind that the other side has no notion of say nothing about equality.
void drop_unknown_kinds(const Forms& forms, std::vector<connector::ObjectFact>& source,
                        std::vector<connector::ObjectFact>& target, VerifyReport& report) {
  std::map<std::string, std::size_t> dropped;
  std::map<std::string, std::size_t> not_told;
  const std::set<std::string>& told = forms.source.kinds_known;
  if (!told.empty()) {
    std::erase_if(target, [&](const connector::ObjectFact& fact) {
      if (told.contains(fact.kind)) return false;
      ++not_told[fact.kind];
      return true;
    });
  }
  // It may know of an object and not how the target would write it: then its being there is what is compared.
  std::set<std::pair<std::string, std::string>> by_name;
  for (const connector::ObjectFact& fact : source) {
    if (!told.empty() && fact.definition.empty()) by_name.emplace(fact.kind, fact.name);
  }
  for (connector::ObjectFact& fact : target) {
    if (by_name.contains({fact.kind, fact.name})) fact.definition.clear();
  }
  for (const auto& [kind, count] : not_told)
    report.not_compared.push_back(fmt::format("{} ({} on the target; the source tells none)", kind, count));
  std::set<std::string> unknown = forms.source.kinds_unknown;
  unknown.insert(forms.target.kinds_unknown.begin(), forms.target.kinds_unknown.end());
  const auto drop = [&](const connector::ObjectFact& fact) { return unknown.contains(fact.kind); };
  for (const connector::ObjectFact& fact : source) dropped[fact.kind] += drop(fact) ? 1 : 0;
  std::erase_if(source, drop);
  std::erase_if(target, drop);
  for (const auto& [kind, count] : dropped) {
    if (count > 0)
      report.not_compared.push_back(fmt::format("{} ({} on the source; the target has no such thing)", kind, count));
  }
}

// What a dump writes and no fact tells, and what the user did not ask for.
void name_not_compared(const VerifyOptions& options, VerifyReport& report) {
  const auto add = [&](bool compared, const char* what) {
    if (!compared) report.not_compared.emplace_back(what);
  };
  add(options.owners, "owners (--compare-owners true)");
  add(options.grants, "grants and default privileges (--compare-grants true)");
  add(options.comments, "comments and security labels (--compare-comments true)");
  add(options.settings, "settings of the database and of roles in it (--compare-settings true)");
  for (const char* one :
       {"subscriptions", "tablespaces and table access methods", "versions of extensions", "rows of foreign tables",
        "passwords in user mappings", "options of user mappings that a side's user may not read",
        "names of NOT NULL constraints", "roles", "the owner of the schema public",
        "rights on the database, on languages and on what the server and extensions made", "shell types",
        "what depends on an extension (DEPENDS ON EXTENSION)", "whether a sequence is logged"}) {
    report.not_compared.emplace_back(one);
  }
}

void compare_forms(const Forms& forms, VerifyReport& report) {
  const bool collations_known = !forms.source.collation.empty() && !forms.target.collation.empty();
  if (collations_known && forms.source.collation != forms.target.collation) {
    report.notes.push_back(
        fmt::format("the databases sort otherwise: collation {} on the source, {} on the target. Indexes, ORDER BY and "
                    "ranges of texts "
                    "follow the database they are in; rows may lie in other partitions",
                    forms.source.collation, forms.target.collation));
  }
  if (forms.source.encoding != forms.target.encoding) {
    report.notes.push_back(
        fmt::format("the databases store text otherwise: {} on the source, {} on the target; rows are "
                    "compared by their characters",
                    forms.source.encoding, forms.target.encoding));
  }
}

void compare_all_objects(const Pictures& pictures, const Forms& forms, const VerifyOptions& options,
                         VerifyReport& report) {
  const connector::ObjectScope scope{.schemas = options.schemas,
                                     .owners = options.owners,
                                     .grants = options.grants,
                                     .comments = options.comments,
                                     .settings = options.settings};
  std::vector<connector::ObjectFact> source = pictures.source->objects(scope);
  std::vector<connector::ObjectFact> target = pictures.target->objects(scope);
  drop_unknown_kinds(forms, source, target, report);
  name_not_compared(options, report);
  ObjectComparison comparison = compare_objects(std::move(source), std::move(target));
  report.kinds = std::move(comparison.of_source);
  report.objects = std::move(comparison.differences);
  report.objects_compared = comparison.compared;
  for (ObjectDifference& difference : compare_sequence_values(pictures.source->sequences(options.schemas),
                                                              pictures.target->sequences(options.schemas))) {
    report.objects.push_back(std::move(difference));
  }
  set_intended_apart(options, report);
}

// Rows are compared at the root: where a row lies inside a table is an object's matter.
std::vector<model::Table> without_leaves(std::vector<model::Table> tables) {
  std::erase_if(tables, [](const model::Table& table) { return table.kind == model::TableKind::kLeafPartition; });
  return tables;
}

std::vector<model::Table> tables_in_scope(Comparable& side, const VerifyOptions& options) {
  const std::vector<model::Table> all = side.tables(options.schemas);
  const model::Identifier first = options.schemas.empty() ? model::Identifier("public") : options.schemas.front();
  return without_leaves(model::select_tables(all, options.tables, first));
}

struct Pairing {
  std::vector<ComparedTable> pairs = {};
  std::vector<TableVerdict> without_pair = {};
};

Pairing pair_all(const std::vector<model::Table>& source, const std::vector<model::Table>& target,
                 const VerifyOptions& options) {
  std::map<model::TableName, const model::Table*> on_target;
  for (const model::Table& table : target) on_target[table.name] = &table;
  Pairing out;
  for (const model::Table& table : source) {
    const auto other = on_target.find(table.name);
    if (other == on_target.end()) {
      const bool view = table.kind == model::TableKind::kMaterializedView;
      out.without_pair.push_back({.table = table.name,
                                  .error = view ? fmt::format("not filled on the target: REFRESH MATERIALIZED VIEW {};",
                                                              model::display(table.name))
                                                : "missing on the target"});
      continue;
    }
    out.pairs.push_back(table_to_compare(table, *other->second));
    on_target.erase(other);
  }
  const bool all_tables = options.tables.include.empty() && options.tables.exclude.empty();
  if (!all_tables) return out;
  for (const auto& [name, table] : on_target) {
    // That the source never filled it is told of the object.
    if (table->kind == model::TableKind::kMaterializedView) continue;
    out.without_pair.push_back({.table = name, .error = "only on the target"});
  }
  return out;
}

// As many connections as there is work for; all of them see what `picture` sees.
Readers open_readers(Comparable& picture, std::size_t jobs) {
  Readers readers;
  for (std::size_t i = 0; i < jobs; ++i) readers.push_back(picture.peer());
  return readers;
}

// Bytes are compared as they are where they mean the same, or where nobody knows what they mean.
bool as_utf8(const Forms& forms) {
  constexpr std::string_view kBytes = "SQL_ASCII";
  return forms.source.encoding != forms.target.encoding && forms.source.encoding != kBytes &&
         forms.target.encoding != kBytes;
}

// Changes of a partition are those of its root.
AtRest tables_at_rest(const Pictures& pictures, const std::vector<model::Table>& all) {
  if (!pictures.applied_before || !pictures.applied_after) return {};
  AtRest out;
  std::map<model::TableName, model::TableName> roots;
  for (const model::Table& table : all) {
    roots[table.name] = table.root;
    out.insert(table.name);
  }
  for (const auto& [name, changes] : *pictures.applied_after) {
    const auto before = pictures.applied_before->find(name);
    if (before != pictures.applied_before->end() && before->second == changes) continue;
    out.erase(name);
    if (const auto root = roots.find(name); root != roots.end()) out.erase(root->second);
  }
  return out;
}

void compare_all_rows(const Pictures& pictures, const Forms& forms, const VerifyOptions& options, VerifyReport& report,
                      const std::function<Pictures()>& take_pictures, model::ProgressBoard& board, base::Stop& stop) {
  const std::vector<model::Table> source = tables_in_scope(*pictures.source, options);
  // A side may cut its partitions otherwise, and changes are counted by the names of either.
  std::vector<model::Table> all = pictures.target->tables(options.schemas);
  Pairing pairing = pair_all(source, without_leaves(all), options);
  if (options.while_changing) std::ranges::move(pictures.source->tables(options.schemas), std::back_inserter(all));
  report.tables = std::move(pairing.without_pair);
  for (ComparedTable& pair : pairing.pairs) pair.request.as_utf8 = as_utf8(forms);
  if (!pairing.pairs.empty()) {
    const auto jobs = static_cast<std::size_t>(std::max(1, options.parallel_jobs));
    Readers source_readers = open_readers(*pictures.source, jobs);
    Readers target_readers = open_readers(*pictures.target, jobs);
    const auto look_again = [&] {
      Pictures again = take_pictures();
      return Look{.readers = {std::move(again.source), std::move(again.target)}, .at_rest = tables_at_rest(again, all)};
    };
    std::vector<TableVerdict> verdicts =
        options.while_changing
            ? compare_moving_rows(pairing.pairs, source_readers, target_readers, tables_at_rest(pictures, all),
                                  look_again, options.while_changing->looks_max, options.keys_named_max, board, stop)
            : compare_rows(pairing.pairs, source_readers, target_readers, options.keys_named_max, board, stop);
    std::ranges::move(verdicts, std::back_inserter(report.tables));
  }
  std::ranges::sort(report.tables, {}, &TableVerdict::table);
}

}  // namespace

bool VerifyReport::equal() const {
  return objects.empty() && std::ranges::all_of(tables, [](const TableVerdict& table) { return table.equal(); });
}

VerifyReport verify(const connector::ConnectorEntry& source_product, const model::ConnectionOptions& source,
                    const connector::ConnectorEntry& target_product, const model::ConnectionOptions& target,
                    const VerifyOptions& options, const model::FlowContext& context) {
  const auto begin = std::chrono::steady_clock::now();
  VerifyReport report;
  // While changes flow, the other side's picture is taken when everything is there that the captured side's shows.
  const auto take_pictures = [&] {
    Pictures out;
    const auto take_source = [&] { (out.source = open(source_product, source))->form(); };
    const auto take_target = [&] { (out.target = open(target_product, target))->form(); };
    const bool from_source = !options.while_changing || options.while_changing->from_source;
    const auto applied = [&]() -> std::optional<AppliedChanges> {
      if (!options.while_changing || !options.while_changing->applied_changes) return std::nullopt;
      return options.while_changing->applied_changes();
    };
    out.applied_before = applied();
    from_source ? take_source() : take_target();
    if (options.while_changing) {
      context.board.set_stage("waiting for changes");
      // What was found equal at the first look is not looked at again.
      const std::string place = options.while_changing->wait_until_applied();
      if (report.equal_up_to.empty()) report.equal_up_to = place;
    }
    from_source ? take_target() : take_source();
    out.applied_after = applied();
    return out;
  };
  const Pictures pictures = take_pictures();
  const Forms forms{.source = pictures.source->form(), .target = pictures.target->form()};
  compare_forms(forms, report);
  if (options.while_changing) {
    report.not_compared.emplace_back(
        "objects and sequences: while changes flow they are not meant to be equal; compare them after the cutover");
  }
  if (options.objects && !options.while_changing) {
    context.board.set_stage("objects");
    const model::StageWork work_time(context.board, "objects");
    compare_all_objects(pictures, forms, options, report);
  }
  fail_when_draining(context.stop);
  if (options.rows) compare_all_rows(pictures, forms, options, report, take_pictures, context.board, context.stop);
  fail_when_draining(context.stop);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return report;
}

}  // namespace voyager::migration
