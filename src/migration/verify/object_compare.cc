#include "migration/verify/object_compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
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

// A materialized view that the source never filled may be filled on the target: finalize was asked to refresh them all.
bool only_filled_since(const ObjectFact& source, const ObjectFact& target) {
  return source.kind == "materialized view" && source.definition == target.definition + " (not populated)";
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
        out.differences.push_back({Kind::kDifferent, s->kind, s->name, s->definition, t->definition});
      ++s;
      ++t;
    }
  }
  const auto only_target = std::ranges::count(out.differences, Kind::kOnlyOnTarget, &ObjectDifference::kind);
  out.compared = source.size() + static_cast<std::size_t>(only_target);
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
