// Rows of two sides, compared by hashes that the servers compute.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/stop.h"
#include "connector/comparison.h"
#include "migration/verify/verify.h"
#include "model/progress.h"
#include "model/table.h"

namespace voyager::migration {

/// A table that both sides have, and what to ask of both.
struct ComparedTable {
  model::Table source = {};
  model::Table target = {};
  connector::HashRequest request = {};
  std::string columns_on_one_side = {};  ///< For people; empty when both have the same columns.
};

/// Pairs two descriptions of a table: columns by name, as text where their types differ; the source's primary key when
/// the target has its columns; as many buckets as the larger side asks for.
ComparedTable table_to_compare(const model::Table& source, const model::Table& target);

/// The connections of one side, one a thread; all see one picture.
using Readers = std::vector<std::unique_ptr<connector::Comparable>>;

/// Compares the pairs, largest first, both sides at the same time; then names differing keys. One verdict a pair, in
/// the order of `pairs`. A table that a server cannot hash gets an error in its verdict; a lost connection throws.
/// After a drain it returns early with unfinished verdicts: the caller looks at `stop`.
std::vector<TableVerdict> compare_rows(const std::vector<ComparedTable>& pairs, Readers& source, Readers& target,
                                       std::size_t keys_named_max, model::ProgressBoard& board, base::Stop& stop);

using TwoReaders = std::pair<std::unique_ptr<connector::Comparable>, std::unique_ptr<connector::Comparable>>;

/// Tables without a key of which no change was applied from before the captured side's picture was taken until after
/// the other side's: the two show the same moment of these.
using AtRest = std::set<model::TableName>;

struct Look {
  TwoReaders readers = {};
  AtRest at_rest = {};
};

/// As compare_rows, while changes flow: the pictures that the readers see were taken as WhileChanging asks. What
/// differs is looked at again by `look_again`, which takes new pictures as WhileChanging asks and returns one reader of
/// each side: buckets first, then the rows of those that still differ, as many as memory and time allow. Until each row
/// was equal once, has looked the same and different several times, or `looks_max` is reached; of buckets whose rows
/// were not read by then nobody can tell either.
///
/// Rows without a key are told apart by nothing but their values: a target that lacks one and is ahead by an insertion
/// of its like looks equal. Only a look at which the table was at rest tells, and it tells all of the table.
std::vector<TableVerdict> compare_moving_rows(const std::vector<ComparedTable>& pairs, Readers& source, Readers& target,
                                              const AtRest& at_rest, const std::function<Look()>& look_again,
                                              int looks_max, std::size_t keys_named_max, model::ProgressBoard& board,
                                              base::Stop& stop);

/// The differing keys of `source` and `target`, both all rows of the same buckets, sorted by key. Rows with one key are
/// taken as a multiset.
std::vector<KeyDifference> differing_keys(std::vector<connector::RowHash> source,
                                          std::vector<connector::RowHash> target);

}  // namespace voyager::migration
