// A table of a report page.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace voyager::report {

struct PageColumn {
  std::string title = {};
  bool number = false;  ///< Aligned right.
};

/// The first cell of a row is its heading. Cells are html: whoever makes them escapes.
class PageTable {
 public:
  /// `caption` is plain text and says what the table shows.
  PageTable(std::string caption, std::vector<PageColumn> columns);

  void row(const std::vector<std::string>& cells) {
    add(body_, cells);
    ++rows_;
  }
  /// With script, its columns sort, and with `search` a box above it shows only the rows that hold some words. `id` is
  /// the table's own in the page; a page has one search box.
  void sortable(std::string id, bool search) {
    id_ = std::move(id);
    search_ = search;
  }
  /// A row of sums at the end.
  void sums(const std::vector<std::string>& cells) { add(foot_, cells); }
  bool empty() const { return rows_ == 0; }
  std::string html() const;

 private:
  void add(std::string& to, const std::vector<std::string>& cells) const;

  std::string caption_;
  std::vector<PageColumn> columns_;
  std::string body_ = {};
  std::string foot_ = {};
  std::size_t rows_ = 0;
  std::string id_ = {};
  bool search_ = false;
};

}  // namespace voyager::report
