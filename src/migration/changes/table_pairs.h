// Which table and column of an importer's database is which one of the exporter's, whatever both are called by now.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connector/changes.h"
#include "format/ledgers.h"
#include "model/identifier.h"

namespace voyager::migration {

/// What a table of an exporter is in the importer's database. Names: there, when it was looked at last while both sides
/// had the same.
struct TablePair {
  std::uint64_t target = 0;
  model::TableName name = {};
  struct Column {
    std::uint32_t target = 0;
    model::Identifier name = {};
    bool operator==(const Column&) const = default;
  };
  std::map<std::uint32_t, Column> columns = {};  ///< By the exporter's number.
  bool operator==(const TablePair&) const = default;
};
/// By the exporter's number.
using TablePairs = std::map<std::uint64_t, TablePair>;

/// The tables as an exporter's capture began with them.
void note_numbered_tables(format::DocumentLedger& db, const std::string& exporter,
                          const std::vector<connector::NumberedTable>& tables);
/// Of tables that a later snapshot was taken of, as that shows them: their rows are of then. Earlier pairs of them are
/// forgotten.
void note_later_snapshot(format::DocumentLedger& db, const std::string& exporter,
                         const std::vector<connector::NumberedTable>& tables);
/// As the capture began with them. Empty where it was not noted.
std::vector<connector::NumberedTable> numbered_tables(format::DocumentLedger& db, const std::string& exporter);

TablePairs table_pairs(format::DocumentLedger& db, const std::string& importer, const std::string& exporter);
void save_table_pairs(format::DocumentLedger& db, const std::string& importer, const std::string& exporter,
                      const TablePairs& pairs);
/// Tables that are in no pair yet are those of the same name, and so their columns: to be called before rows or changes
/// come. Nothing where the exporter's tables were not noted.
TablePairs pair_tables(format::DocumentLedger& db, const std::string& importer, const std::string& exporter,
                       const std::vector<connector::ApplyTable>& tables);

/// An importer that begins anew looks at its tables anew, which may have been made again.
void forget_pairs(format::DocumentLedger& db, const std::string& importer);

/// By name.
TablePair pair_of(const connector::NumberedTable& source, const connector::ApplyTable& target);

}  // namespace voyager::migration
