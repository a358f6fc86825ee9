// Names and statements made by dice, through every form of every report: none of them may add an element, an attribute
// or a control character, and JSON gives them back as they were. VOY_SEED repeats a run.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "base/utf8.h"
#include "report/assessment_report.h"
#include "report/optimization_report.h"
#include "report/performance_report.h"
#include "report/performance_sample_testing.h"
#include "report/sample_testing.h"
#include "report/schema_report.h"

namespace voyager::report {
namespace {

class Dice {
 public:
  /// `harmless`: words in place of what might harm, and now and then an address.
  explicit Dice(unsigned seed, bool harmless = false) : engine_(seed), harmless_(harmless) {}

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }

  std::string text() {
    if (harmless_) return below(4) == 0 ? "https://word" : "word";
    static const std::vector<std::string> kPieces = {"<",
                                                     ">",
                                                     "\"",
                                                     "'",
                                                     "&",
                                                     "&lt;",
                                                     "&#x3c;",
                                                     "</script>",
                                                     "<script>",
                                                     "<!--",
                                                     "-->",
                                                     "]]>",
                                                     "</pre>",
                                                     "onload=x ",
                                                     "javascript:",
                                                     "https://",
                                                     "\\",
                                                     "\\u003c",
                                                     "\n",
                                                     "\r",
                                                     "\t",
                                                     std::string(1, '\0'),
                                                     "\x01",
                                                     "\x1b[31m",
                                                     "\x7f",
                                                     "\xff\xfe",
                                                     "\xc3",
                                                     "\xe2\x80\xa8",
                                                     "\xed\xa0\x80",
                                                     "\xf0\x9f\x98\x80",
                                                     "ü",
                                                     "=cmd|' /C'!A0",
                                                     "`",
                                                     "${x}",
                                                     "{{x}}",
                                                     "%s",
                                                     "/*",
                                                     "--",
                                                     "a.b",
                                                     "name",
                                                     "\xc2\x85",
                                                     "<img src=x onerror=alert(1)>",
                                                     "<svg/onload=x>",
                                                     "<![CDATA[",
                                                     "<?xml",
                                                     "</style>",
                                                     "\xe2\x80\xae"};
    std::string out;
    for (std::size_t i = below(6) + 1; i > 0; --i) out += kPieces[below(kPieces.size())];
    return out;
  }
  void fill(std::string& text) { text = this->text(); }
  void fill(std::vector<std::string>& texts) {
    for (std::string& one : texts) fill(one);
  }

 private:
  std::mt19937 engine_;
  const bool harmless_;
};

void fill(Dice& dice, model::SchemaAnalysis& analysis) {
  for (std::string* one : {&analysis.description, &analysis.database, &analysis.database_version, &analysis.target})
    dice.fill(*one);
  dice.fill(analysis.schemas);
  analysis.notes = {dice.text(), dice.text()};
  analysis.change = {.known = true, .added = 1, .unchanged = 2, .fixed = {dice.text(), dice.text()}};
  for (model::AnalysisObjects& one : analysis.objects) {
    dice.fill(one.names);
    dice.fill(one.details);
  }
  for (model::AnalysisIssue& one : analysis.issues) {
    for (std::string* text : {&one.object_type, &one.object_name, &one.reason, &one.suggestion, &one.sql, &one.file,
                              &one.file_path, &one.fix_text})
      dice.fill(*text);
    one.fix_kind = dice.below(2) == 0 ? "sql" : "";
    one.details = {{dice.text(), dice.text()}, {"ColumnName", dice.text()}};
  }
}

void fill(Dice& dice, model::Assessment& assessment) {
  fill(dice, assessment.analysis);
  for (std::string* one :
       {&assessment.command_line, &assessment.mode, &assessment.sizing.reasoning, &assessment.complexity.explanation})
    dice.fill(*one);
  for (model::AssessedNode& one : assessment.nodes) dice.fill(one.name);
  for (model::NotLookedAt& one : assessment.not_looked_at) {
    for (std::string* text : {&one.what, &one.why, &one.fix}) dice.fill(*text);
  }
  if (assessment.sizing.colocated) dice.fill(*assessment.sizing.colocated);
  if (assessment.sizing.sharded) dice.fill(*assessment.sizing.sharded);
  for (model::Placement& one : assessment.sizing.placements) {
    dice.fill(one.table);
    dice.fill(one.reason);
  }
  for (model::ObjectFigures& one : assessment.figures) {
    for (std::string* text : {&one.schema, &one.name, &one.parent}) dice.fill(*text);
  }
  for (model::QueryStatistics& one : assessment.queries) dice.fill(one.query);
  for (model::RedundantIndex& one : assessment.redundant_indexes) {
    for (std::string* text : {&one.schema, &one.table, &one.index, &one.existing_index, &one.ddl, &one.existing_ddl})
      dice.fill(*text);
  }
  for (model::LiveObstacle& one : assessment.live_obstacles) {
    dice.fill(one.table);
    dice.fill(one.reasons);
  }
  for (model::AssessmentNote& one : assessment.notes) {
    for (std::string* text : {&one.text, &one.link_text, &one.link}) dice.fill(*text);
  }
}

void fill(Dice& dice, model::SchemaOptimization& optimization) {
  dice.fill(optimization.database);
  dice.fill(optimization.schemas);
  for (model::Optimization& one : optimization.optimizations) {
    for (std::vector<std::string>* texts : {&one.tables, &one.sharded, &one.colocated}) dice.fill(*texts);
    one.indexes = {{dice.text(), {dice.text(), dice.text()}}};
    for (std::vector<model::StatementChange>* changes : {&one.changes, &one.left}) {
      for (model::StatementChange& change : *changes) {
        for (std::string* text : {&change.object, &change.before, &change.after, &change.reason}) dice.fill(*text);
      }
    }
  }
}

void fill(Dice& dice, model::PerformanceComparison& comparison) {
  for (std::string* one : {&comparison.source_database, &comparison.target_database, &comparison.source_version})
    dice.fill(*one);
  for (model::QueryComparison& one : comparison.all) {
    dice.fill(one.query);
    if (one.source) dice.fill(one.source->query);
    if (one.target) dice.fill(one.target->query);
  }
}

/// Reads markup as a browser does where nothing is wrong with it; anything else is a fault.
class Markup {
 public:
  std::set<std::string> names = {};  ///< Elements, and attributes as "@name".
  std::string fault = {};

  void read(std::string_view text) {
    for (std::size_t at = 0; fault.empty() && (at = text.find('<', at)) != std::string_view::npos;) {
      if (text.substr(at).starts_with("<!DOCTYPE") || text.substr(at).starts_with("<!doctype") ||
          text.substr(at).starts_with("<?xml")) {
        at = text.find('>', at);
      } else {
        at = read_tag(text, at + 1);
      }
    }
    if (fault.empty() && !open_.empty()) fault = open_.back() + " is not closed";
  }

 private:
  static bool of_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':';
  }
  static std::string name_at(std::string_view text, std::size_t& at) {
    const std::size_t begin = at;
    while (at < text.size() && of_name(text[at])) ++at;
    return std::string(text.substr(begin, at - begin));
  }
  std::size_t fail(std::string_view text, std::size_t at, const char* why) {
    const std::size_t from = at < 60 ? 0 : at - 60;
    fault = fmt::format("{}: {}", why, text.substr(from, 120));
    return at;
  }

  std::size_t read_tag(std::string_view text, std::size_t at) {
    const bool closes = at < text.size() && text[at] == '/';
    if (closes) ++at;
    const std::string element = name_at(text, at);
    if (element.empty()) return fail(text, at, "a < that begins no element");
    names.insert(element);
    if (closes) {
      if (at >= text.size() || text[at] != '>') return fail(text, at, "an end that goes on");
      if (open_.empty() || open_.back() != element) return fail(text, at, "it closes what is not open");
      open_.pop_back();
      return at;
    }
    bool empty = element == "meta" || element == "input" || element == "br" || element == "col";
    for (;;) {
      while (at < text.size() && (text[at] == ' ' || text[at] == '\n')) ++at;
      if (at >= text.size()) return fail(text, at, "an element without an end");
      if (text[at] == '>') break;
      if (text[at] == '/') {
        empty = true;
        ++at;
        continue;
      }
      const std::string attribute = name_at(text, at);
      if (attribute.empty()) return fail(text, at, "no attribute");
      names.insert("@" + attribute);
      if (at < text.size() && text[at] == '=') {
        if (at + 1 >= text.size() || text[at + 1] != '"') return fail(text, at, "a value without quotes");
        const std::size_t end = text.find('"', at + 2);
        if (end == std::string_view::npos) return fail(text, at, "a value without an end");
        const std::string_view value = text.substr(at + 2, end - at - 2);
        if (value.find('<') != std::string_view::npos) return fail(text, at, "a < in a value");
        if (attribute == "href" && !value.starts_with("https://") && !value.starts_with("#") &&
            !value.starts_with("../"))
          return fail(text, at, "a link to elsewhere");
        at = end + 1;
      }
    }
    if (element == "script" || element == "style") {  // Its own text, the same in every page.
      at = text.find("</" + element + ">", at);
      if (at == std::string_view::npos) return fail(text, text.size(), "no end of the script");
      return at + element.size() + 2;
    }
    if (!empty) open_.push_back(element);
    return at;
  }

  std::vector<std::string> open_ = {};
};

/// Texts for people and browsers: UTF-8, and of control characters only ends of lines and tabs.
std::string bad_bytes(std::string_view text) {
  if (const auto bad = base::first_bad_byte(text)) return fmt::format("a byte that is no UTF-8 at {}", *bad);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
      return fmt::format("{:02x} in \"{}\"", c, text.substr(i < 40 ? 0 : i - 40, 60));
  }
  return {};
}

std::set<std::string> names_of(const std::vector<std::string>& pages) {
  std::set<std::string> names;
  for (const std::string& page : pages) {
    Markup markup;
    markup.read(page);
    EXPECT_EQ(markup.fault, "");
    names.insert(markup.names.begin(), markup.names.end());
  }
  return names;
}

struct Values {
  model::SchemaAnalysis analysis = testing::sample_analysis();
  model::Assessment assessment = testing::sample_assessment();
  model::SchemaOptimization optimization = testing::sample_optimization();
  model::PerformanceComparison comparison = testing::sample_comparison();
  std::vector<std::string> pages() const {
    return {schema_report_html(analysis), assessment_html(assessment), optimization_html(optimization),
            performance_html(comparison), schema_report_xml(analysis)};
  }
};

Values filled(Dice& dice) {
  Values values;
  fill(dice, values.analysis);
  fill(dice, values.assessment);
  fill(dice, values.optimization);
  fill(dice, values.comparison);
  return values;
}

/// What JSON makes of bytes that are no text.
std::string as_json_has_it(const std::string& text) {
  const std::string dumped = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return nlohmann::json::parse(dumped).get<std::string>();
}

TEST(HostileText, StaysText) {
  const char* given = std::getenv("VOY_SEED");
  const unsigned first =
      given == nullptr ? std::random_device()() % 1'000'000 : static_cast<unsigned>(std::atoi(given));
  std::set<std::string> known = names_of(Values().pages());
  for (unsigned seed = 1; seed <= 5; ++seed) {
    Dice words(seed, true);
    known.merge(names_of(filled(words).pages()));
  }
  for (unsigned seed = first; seed < first + 40; ++seed) {
    SCOPED_TRACE(fmt::format("VOY_SEED={}", seed));
    Dice dice(seed);
    const Values values = filled(dice);
    for (const std::string& page : values.pages()) {
      Markup markup;
      markup.read(page);
      ASSERT_EQ(markup.fault, "");
      for (const std::string& name : markup.names)
        ASSERT_TRUE(known.contains(name) || name.starts_with("@data-")) << name;
      ASSERT_EQ(bad_bytes(page), "");
    }
    for (const std::string& text : {schema_report_text(values.analysis), schema_report_summary(values.analysis),
                                    assessment_summary(values.assessment), optimization_summary(values.optimization),
                                    performance_summary(values.comparison, {})})
      ASSERT_EQ(bad_bytes(text), "");
    for (const std::string& text :
         {schema_report_json(values.analysis), schema_report_sarif(values.analysis), assessment_json(values.assessment),
          optimization_json(values.optimization), performance_json(values.comparison)})
      ASSERT_FALSE(nlohmann::json::parse(text, nullptr, false).is_discarded());
    const auto assessment = nlohmann::json::parse(assessment_json(values.assessment));
    for (std::size_t i = 0; i < values.assessment.analysis.issues.size(); ++i) {
      const model::AnalysisIssue& issue = values.assessment.analysis.issues[i];
      ASSERT_EQ(assessment["AssessmentIssues"][i]["ObjectName"], as_json_has_it(issue.object_name));
      ASSERT_EQ(assessment["AssessmentIssues"][i]["SqlStatement"], as_json_has_it(issue.sql));
    }
  }
}

}  // namespace
}  // namespace voyager::report
