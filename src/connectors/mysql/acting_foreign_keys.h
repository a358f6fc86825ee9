// Foreign keys that change rows by themselves: what the storage engine does then is not in the log. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "connectors/mysql/catalog_rows.h"
#include "model/changes.h"

namespace voyager::mysql {

/// Names are the source's.
struct ActingForeignKey {
  std::string table = {};  ///< The one that refers to `parent`.
  std::string name = {};
  std::vector<std::string> columns = {};
  std::string parent = {};
  std::vector<std::string> parent_columns = {};
  model::ActingKey::Act on_delete = model::ActingKey::Act::kNothing;
  model::ActingKey::Act on_update = model::ActingKey::Act::kNothing;
};

/// ON DELETE or ON UPDATE CASCADE or SET NULL.
bool acts(const ForeignKeyRow& key);

/// Those between captured tables. One thread.
class ActingForeignKeys {
 public:
  ActingForeignKeys() = default;
  ActingForeignKeys(const Catalog& catalog, const std::function<bool(const std::string&)>& captured);

  /// What one change of a row may lead to.
  struct Reach {
    std::vector<std::string> tables = {};  ///< The first is the one whose row is changed.
    std::vector<ActingForeignKey> keys = {};
    std::vector<std::string> written = {};  ///< Tables of which rows get other values.
    std::string uncertain = {};  ///< Why the order in which the server follows the keys decides what comes of it.
  };
  /// A row of the table is deleted, or (`update`) what keys refer to is changed in it.
  const Reach& reach(const std::string& table, bool update) const;
  /// The table has one itself, or another one refers to it.
  bool concern(const std::string& table) const;
  bool refer_to(const std::string& table) const;
  /// The table is gone, and its keys with it.
  void drop(const std::string& table);

 private:
  std::vector<ActingForeignKey> keys_ = {};
  mutable std::map<std::pair<std::string, bool>, Reach> reached_ = {};
};

}  // namespace voyager::mysql
