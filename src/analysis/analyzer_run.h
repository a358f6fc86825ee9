// One run of the analysis: from texts to trees, detectors and findings. Seen by the analyzer alone.
#pragma once

#include <deque>
#include <map>
#include <set>

#include "analysis/analyzer.h"
#include "analysis/inventory.h"
#include "analysis/walker.h"
#include "sql/plpgsql.h"
#include "sql/splitter.h"

namespace voyager::analysis {

class Run : public Findings {
 public:
  Run(std::span<const SchemaText> files, const Options& options)
      : files_(files), options_(options), detectors_(options.assessment) {}

  void read_file(std::size_t file, const std::function<bool()>& keep_going);
  void read_queries(const std::function<bool()>& keep_going);
  Analysis finish();

  void add(const Issue& issue, Hit hit) override;
  bool has(const Issue& issue, std::size_t statement) const override { return said_.contains({&issue, statement}); }
  void add_function(const Issue& issue, std::size_t statement, const std::string& name) override;

 private:
  struct Fragment {
    std::string_view text = {};
    sql::ParseMode mode = sql::ParseMode::kStatement;
    int line = 0;  ///< In the file.
    bool dynamic = false;
    bool part = false;  ///< Of a text that is put together at run time: it may be no whole statement.
  };

  void read_statement(const sql::Piece& piece, std::size_t file);
  std::string read_tree(std::size_t number, sql::ParseMode mode);
  void read_query(std::size_t query);
  /// Nothing when it was read, else why not.
  std::optional<std::string> read_query_text(std::size_t number, std::string_view text);
  Finding finding_of(const Issue& issue, const Statement* statement, Hit& hit) const;
  void name_object(Finding& finding, const Statement* statement, const Hit& hit) const;
  void check_words(std::size_t number);
  void check_marks(const sql::Piece& piece, std::size_t number);
  void tell_refused(std::size_t number);
  void tell_unread(std::size_t number);
  void tell_unread_body(std::size_t number);
  void read_body(std::size_t number, const std::string& language, int depth);
  void read_sql_body(std::size_t outer, const sql::BodyText& body, int line, int depth);
  void read_fragment(std::size_t outer, const Fragment& fragment, int depth);
  bool is_dropped(const Issue& issue);
  void place(Finding& finding, const Statement& statement, std::size_t location) const;
  static int line_at(const Statement& statement, std::size_t offset);

  std::span<const SchemaText> files_;
  const Options& options_;
  DetectorTable detectors_;
  Schema schema_ = {};
  Inventory inventory_ = {};
  std::vector<Statement> statements_ = {};
  std::deque<std::string> body_texts_ = {};  // what the statements of bodies point into
  /// What was said of which statement, and where in the findings it is; no place where it is not told.
  std::map<std::pair<const Issue*, std::size_t>, std::size_t> said_ = {};
  std::set<std::string> settled_ = {};
  Analysis result_ = {};
};

}  // namespace voyager::analysis
