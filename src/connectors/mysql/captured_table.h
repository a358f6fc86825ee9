// What the rows of a table are, by its description in the log and by the catalogue. Pure.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/mysql/binlog_changes.h"
#include "connectors/mysql/catalog_rows.h"
#include "connectors/mysql/charset.h"
#include "connectors/mysql/column_history.h"
#include "connectors/mysql/conversion.h"
#include "connectors/mysql/values.h"

namespace voyager::mysql {

struct CaptureMatch {
  std::shared_ptr<const CapturedTable> table = {};
  std::string why_not = {};  ///< What of the log's description is not in the catalogue, when there is no table.
};

/// `log` is null for a table of which only the name matters. With names in the log, columns that the table has no more
/// are left out, and ones that it did not have yet are missing. Without names columns are told by their places, and
/// only ones behind all others may have been added since. `charset` gives what makes UTF-8 of a character set's texts.
/// `converted` and what `charset` gives outlive the result. Of the columns that the target lacks those in `added` can
/// be made there, if rows that nobody has touched since have one value in them.
CaptureMatch capture_table(const ConvertedTable& converted, const TableRow& row, const TableMap* log,
                           const std::vector<ValueRule>& rules,
                           const std::function<const Charset*(const std::string&)>& charset,
                           const ColumnHistory::Added& added);

/// The source's columns that name a row: of the primary key, else of a unique index over whole values that are never
/// null; none when only all of them do.
std::vector<std::string> key_columns(const TableRow& row);

/// Texts in it are UTF-8 as they are.
bool is_utf8(std::string_view charset);

}  // namespace voyager::mysql
