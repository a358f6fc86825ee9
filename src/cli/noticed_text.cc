#include "cli/noticed_text.h"

#include <fmt/format.h>

namespace voyager::cli {

using migration::CapturedSide;
using migration::NoticedTable;

std::string noticed_fact(const NoticedTable& noticed, CapturedSide side) {
  const char* where = side == CapturedSide::kSource ? "source" : "target";
  const std::string table = model::display(noticed.table);
  switch (noticed.kind) {
    case NoticedTable::Kind::kNew:
      return fmt::format("the table {} is new on the {} and is not captured", table, where);
    case NoticedTable::Kind::kAttached:
      return fmt::format("the table {} was attached to {} on the {}", table, model::display(noticed.root), where);
    case NoticedTable::Kind::kGone:
      break;
  }
  return fmt::format("the table {} was dropped on the {}", table, where);
}

std::string noticed_advice(const NoticedTable& noticed, CapturedSide side) {
  const bool source = side == CapturedSide::kSource;
  switch (noticed.kind) {
    case NoticedTable::Kind::kNew:
      return std::string("its rows stay behind. Move it by itself after the cutover") +
             (source ? " (a migration with --table-list), or begin again with export data --start-clean true" : "");
    case NoticedTable::Kind::kAttached:
      return "attach it on the other side too. What it held before may not be among the changes: verify tells";
    case NoticedTable::Kind::kGone:
      break;
  }
  return "its rows stay on the other side. Drop it there too";
}

}  // namespace voyager::cli
