#include "migration/verify/object_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

namespace voyager::migration {
namespace {

using connector::ObjectFact;
using Kind = ObjectDifference::Kind;

bool by_all(const ObjectFact& a, const ObjectFact& b) {
  return std::tie(a.kind, a.name, a.definition) < std::tie(b.kind, b.name, b.definition);
}

bool by_name(const ObjectFact& a, const ObjectFact& b) {
  return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
}

// The facts of `facts` that are not in `others`, both sorted by all fields.
std::vector<ObjectFact> without(const std::vector<ObjectFact>& facts, const std::vector<ObjectFact>& others) {
  std::vector<ObjectFact> left;
  std::ranges::set_difference(facts, others, std::back_inserter(left), by_all);
  return left;
}

constexpr std::string_view kViewContent = "materialized view content";
constexpr std::string_view kColumnOrder = "column order";

// A materialized view that the source never filled may be filled on the target: finalize was asked to refresh them all.
bool only_filled_since(const ObjectFact& source, const ObjectFact& target) {
  return source.kind == kViewContent && target.definition == "filled";
}

bool is_relation(const std::string& kind) {
  return kind == "table" || kind == "foreign table" || kind == "view" || kind == "materialized view";
}

// Kinds whose names begin with the name of the relation that they belong to.
bool belongs_to_relation(const std::string& kind) {
  static const std::set<std::string> kKinds = {"column",
                                               "column order",
                                               "column compression",
                                               "view column default",
                                               "not null",
                                               "storage parameter",
                                               "replica identity",
                                               "primary key",
                                               "unique",
                                               "check",
                                               "foreign key",
                                               "exclusion",
                                               "trigger",
                                               "rule",
                                               "policy",
                                               "trigger of a partition",
                                               "foreign table option",
                                               "materialized view content"};
  return kKinds.contains(kind);
}

using Relations = std::set<std::pair<Kind, std::string>>;

// A name in front of which only a whole part of `name` may stand: "a.b" of "a.b.c" and of "a.b fillfactor".
bool has_relation(const Relations& relations, Kind kind, const std::string& name) {
  for (std::size_t at = name.find_first_of(". "); at != std::string::npos; at = name.find_first_of(". ", at + 1)) {
    if (relations.contains({kind, name.substr(0, at)})) return true;
  }
  return relations.contains({kind, name});
}

void leave_out_what_follows(std::vector<ObjectDifference>& differences) {
  Relations of_one_side;
  Relations with_other_columns;
  for (const ObjectDifference& one : differences) {
    if (one.kind == Kind::kDifferent) continue;
    if (is_relation(one.object_kind)) of_one_side.emplace(one.kind, one.name);
    if (one.object_kind == "column")
      with_other_columns.emplace(Kind::kDifferent, one.name.substr(0, one.name.rfind('.')));
  }
  std::erase_if(differences, [&](const ObjectDifference& one) {
    if (one.object_kind == kColumnOrder && has_relation(with_other_columns, one.kind, one.name)) return true;
    return one.kind != Kind::kDifferent && belongs_to_relation(one.object_kind) &&
           has_relation(of_one_side, one.kind, one.name);
  });
}

std::string fix_of(const ObjectFact& source, const ObjectFact& target) {
  if (source.kind != kViewContent || target.definition == "filled") return {};
  return "REFRESH MATERIALIZED VIEW " + source.name + ";";
}

std::string position(const model::Sequence& sequence) {
  return fmt::format("last value {}, {}", sequence.last_value, sequence.is_called ? "used" : "not used yet");
}

// What nextval() would return. Saturates, as an exhausted sequence has no next value.
std::int64_t next_value(const model::Sequence& sequence) {
  std::int64_t next = sequence.last_value;
  if (sequence.is_called && __builtin_add_overflow(sequence.last_value, sequence.increment, &next)) {
    return sequence.last_value;
  }
  return next;
}

bool behind(const model::Sequence& target, const model::Sequence& source) {
  return source.increment < 0 ? next_value(target) > next_value(source) : next_value(target) < next_value(source);
}

}  // namespace

ObjectComparison compare_objects(std::vector<ObjectFact> source, std::vector<ObjectFact> target) {
  std::ranges::sort(source, by_all);
  std::ranges::sort(target, by_all);
  const std::vector<ObjectFact> source_left = without(source, target);
  const std::vector<ObjectFact> target_left = without(target, source);
  ObjectComparison out;
  auto s = source_left.begin();
  auto t = target_left.begin();
  while (s != source_left.end() || t != target_left.end()) {
    if (t == target_left.end() || (s != source_left.end() && by_name(*s, *t))) {
      out.differences.push_back({Kind::kMissingOnTarget, s->kind, s->name, s->definition, {}});
      ++s;
    } else if (s == source_left.end() || by_name(*t, *s)) {
      out.differences.push_back({Kind::kOnlyOnTarget, t->kind, t->name, {}, t->definition});
      ++t;
    } else {
      if (!only_filled_since(*s, *t))
        out.differences.push_back({Kind::kDifferent, s->kind, s->name, s->definition, t->definition, fix_of(*s, *t)});
      ++s;
      ++t;
    }
  }
  const auto only_target = std::ranges::count(out.differences, Kind::kOnlyOnTarget, &ObjectDifference::kind);
  out.compared = source.size() + static_cast<std::size_t>(only_target);
  for (const ObjectFact& fact : source) ++out.of_source[fact.kind];
  leave_out_what_follows(out.differences);
  return out;
}

std::vector<ObjectDifference> compare_sequence_values(const std::vector<model::Sequence>& source,
                                                      const std::vector<model::Sequence>& target) {
  std::map<model::TableName, const model::Sequence*> known;
  for (const model::Sequence& sequence : target) known[sequence.name] = &sequence;
  std::vector<ObjectDifference> out;
  for (const model::Sequence& sequence : source) {
    const auto other = known.find(sequence.name);
    if (other == known.end() || !behind(*other->second, sequence)) continue;
    out.push_back({Kind::kDifferent, "sequence value", model::display(sequence.name), position(sequence),
                   position(*other->second)});
  }
  return out;
}

}  // namespace voyager::migration
