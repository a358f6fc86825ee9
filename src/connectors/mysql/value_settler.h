// What becomes of values that the target cannot hold. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connector/source.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {

/// What becomes of values that the target cannot hold, by the rules, and the account of it. One thread.
class ValueSettler {
 public:
  explicit ValueSettler(std::string where) : where_(std::move(where)) {}
  /// True: `text` is what the value becomes, nothing for a null. False: the whole row is left out. Throws Error
  /// (VAL-001) where there is no rule. `key` names the row.
  bool settle(const ConvertedTable& table, const ConvertedColumn& column, const ValueRule* rule, const char* what,
              std::string_view raw, const std::function<std::string()>& key, std::optional<std::string_view>& text);
  /// Of a value that the target can hold, under a rule that repairs: what it becomes, which stands in `scratch` then.
  void repair(const ConvertedTable& table, const ConvertedColumn& column, const ValueRule& rule,
              const std::function<std::string()>& key, std::string& scratch, std::optional<std::string_view>& text);
  const std::vector<connector::ValueChange>& changes() const { return changes_; }

 private:
  void note(const ConvertedTable& table, const ConvertedColumn& column, const ValueRule& rule, std::string_view what,
            const std::function<std::string()>& key);

  std::string where_;
  std::vector<connector::ValueChange> changes_ = {};
};

/// "id=42, region='eu'": appends one column of it. `text` is the value's; nothing for what cannot be told.
void append_key_part(const ConvertedColumn& column, std::optional<std::string_view> text, std::string& out);

}  // namespace voyager::mysql
