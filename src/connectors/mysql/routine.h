// The text of a trigger, procedure, function or event: what of it can be said in PL/pgSQL, and what stands in the way
// of the rest. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/expression.h"

namespace voyager::mysql {

struct TriggerHead {
  bool before = false;
  std::string event = {};  ///< "insert", "update", "delete"; empty where the text is no trigger's.
};

TriggerHead head_of_trigger(const CodeRow& code);

/// What a trigger may do with a row of its table.
struct TriggerRow {
  /// `row` is "new" or "old". Nothing: no such column, or its value is not the same on both sides at that moment.
  std::function<std::optional<Operand>(const std::string& row, const std::string& column)> read = {};
  /// "NEW.total := ...;" Nothing where the column would make something else of the value.
  std::function<std::optional<std::string>(const std::string& column, const Operand& value)> assign = {};
};

struct ConvertedBody {
  std::string sql = {};      ///< Statements of PL/pgSQL, indented by two; empty: it has no certain form.
  std::string why_not = {};  ///< "line 4: a cursor"
};

/// The body of a trigger BEFORE INSERT or UPDATE that assigns values to NEW, under conditions or not, or raises an
/// error.
ConvertedBody convert_trigger(const CodeRow& code, const TriggerRow& row);

/// Constructs that a rewriter has to think about, in the order of the text: "line 3: a cursor".
std::vector<std::string> constructs_of(const CodeRow& code);

}  // namespace voyager::mysql
