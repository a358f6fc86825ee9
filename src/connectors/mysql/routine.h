// The text of a trigger, procedure, function or event: what of it can be said in PL/pgSQL, and what stands in the way
// of the rest. Pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/expression.h"
#include "connectors/mysql/view.h"

namespace voyager::mysql {

struct TriggerHead {
  bool before = false;
  std::string event = {};  ///< "insert", "update", "delete"; empty where the text is no trigger's.
};

TriggerHead head_of_trigger(const CodeRow& code);

/// A table that statements of a body write to.
struct WrittenTable {
  std::string sql = {};                   ///< Its name.
  std::vector<std::string> columns = {};  ///< Names on the source, in order.
  std::function<std::string(const std::string& column)> name = {};
  /// Of a row that is changed. Nothing: no such column, or its values are not the same on both sides.
  std::function<std::optional<Operand>(const std::string& column)> read = {};
  /// `value` as the column takes it. Nothing where it would make something else of it.
  std::function<std::optional<std::string>(const std::string& column, const Operand& value)> assigned = {};
  /// Columns that an insert has to name: the target gives them another value than the source.
  std::vector<std::string> to_be_named = {};
};

struct RoutineParameter {
  std::string name = {};
  std::string type = {};  ///< As a column's: "decimal(5,2)".
  std::string charset = {};
  int line = 1;
};

/// A parameter or a local variable.
struct BodyVariable {
  std::string type = {};  ///< On the target.
  Operand value = {};     ///< Its SQL is what it is assigned to, too: "block.name".
  /// `value` as it takes it. Nothing where it would make something else of it.
  std::function<std::optional<std::string>(const Operand& value)> assigned = {};
};

/// The label of the block that a body lies in, and so of its local variables. Blocks inside have a number behind it.
inline constexpr std::string_view kBodyBlock = "as_declared";

/// What a body may name. What is empty may not be named.
struct BodyNames {
  std::map<std::string, BodyVariable> parameters = {};  ///< By name in small letters.
  /// A local variable of the block that is labelled so. Nothing: its type takes other values on the target.
  std::function<std::optional<BodyVariable>(const RoutineParameter& declared, const std::string& block)> variable = {};
  /// What a query may read.
  std::function<std::optional<Relation>(const std::string& name)> relation = {};
  std::string database = {};  ///< That may stand in front of it.
  std::string leave = {};     ///< The statement that ends the body early; empty: only a value that is returned does.
  /// "new" or "old" and a column of the trigger's table. Nothing: no such column, or its value is not the same on both
  /// sides at that moment.
  std::function<std::optional<Operand>(const std::vector<std::string>& parts)> read = {};
  /// "NEW.total := ...;" Nothing where the column would make something else of the value.
  std::function<std::optional<std::string>(const std::string& column, const Operand& value)> assign = {};
  /// The table of INSERT, UPDATE and DELETE; nothing for one that may not be written to.
  std::function<std::optional<WrittenTable>(const std::vector<std::string>& parts)> table = {};
  /// "RETURN ...;"
  std::function<std::optional<std::string>(const Operand& value)> give = {};
  /// Each statement of a procedure is a transaction of its own, and a call of the target is one: behind a statement
  /// that writes comes none.
  bool one_write = false;
};

struct ConvertedBody {
  std::string sql = {};           ///< Statements of PL/pgSQL, indented by two; empty: it has no certain form.
  std::string declarations = {};  ///< Of kBodyBlock, likewise.
  bool reads = false;             ///< It reads tables.
  std::string why_not = {};       ///< "line 4: a cursor"
};

/// The body of a trigger BEFORE INSERT or UPDATE that assigns values to NEW, or of one AFTER that writes to other
/// tables. Like any body it may have conditions, loops, local variables, cursors with a handler for NOT FOUND and
/// SELECT ... INTO, and may raise errors.
ConvertedBody convert_trigger(const CodeRow& code, const BodyNames& names);

struct RoutineHead {
  std::vector<RoutineParameter> parameters = {};  ///< IN
  std::optional<RoutineParameter> result = {};    ///< Of a function.
  bool by_invoker = false;                        ///< SQL SECURITY INVOKER
  std::string why_not = {};                       ///< "line 1: OUT"
  std::size_t body = 0;                           ///< For convert_routine().
};

/// Of a procedure or a function.
RoutineHead head_of_routine(const CodeRow& code);

/// The body of a function that writes to nothing, or of a procedure that writes once on each way through it.
ConvertedBody convert_routine(const CodeRow& code, const RoutineHead& head, const BodyNames& names);

/// Constructs that a rewriter has to think about, in the order of the text: "line 3: a cursor".
std::vector<std::string> constructs_of(const CodeRow& code);

}  // namespace voyager::mysql
