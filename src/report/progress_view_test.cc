#include "report/progress_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.h"
#include "base/secret.h"
#include "base/text.h"
#include "report/progress_feed.h"
#include "report/text_width.h"

namespace voyager::report {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const fs::path kFolder = fs::path(VOY_FOLDER) / "testdata";

std::uint64_t number_with_unit(const std::string& text) {
  static const std::map<std::string, std::uint64_t> kUnits{{"", 1}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}};
  std::istringstream in(text);
  std::uint64_t number = 0;
  std::string unit;
  in >> number >> unit;
  return number * kUnits.at(unit);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

model::WorkState state_named(const std::string& word) {
  for (int i = 0; i <= static_cast<int>(model::WorkState::kStopped); ++i) {
    if (word == to_string(static_cast<model::WorkState>(i))) return static_cast<model::WorkState>(i);
  }
  ADD_FAILURE() << "no such state: " << word;
  return model::WorkState::kQueued;
}

struct CaseItem {
  model::ItemProgress now = {};
  std::uint64_t bytes_moved = 0;
};

/// A file of testdata, read.
struct Case {
  ViewOptions options = {};
  double elapsed = 0;
  bool ended = false;
  std::string stage = {};
  std::string reason = {};
  std::vector<CaseItem> items = {};
};

CaseItem item_of(const std::string& line) {
  std::vector<std::string> cells;
  for (const std::string& cell : base::split(line, '|')) cells.emplace_back(base::trim(cell));
  CaseItem out;
  out.now.name = replaced(cells.at(0), "␛", "\x1b");
  out.now.state = state_named(cells.at(1));
  const auto pair = [&](const std::string& cell, std::uint64_t& done, std::uint64_t& total) {
    const std::vector<std::string> parts = base::split(cell, '/');
    done = number_with_unit(parts.at(0));
    out.now.total_is_estimate = parts.at(1).starts_with("~");
    total = number_with_unit(replaced(parts.at(1), "~", ""));
  };
  pair(cells.at(2), out.now.rows_done, out.now.rows_total);
  pair(cells.at(3), out.now.bytes_done, out.now.bytes_total);
  out.bytes_moved = number_with_unit(cells.at(4));
  out.now.note = cells.at(5);
  return out;
}

Case read_case(const std::string& text) {
  Case out;
  for (const std::string& line : base::split(text, '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const std::string key = line.substr(0, line.find(' '));
    const std::string value = key.size() < line.size() ? line.substr(key.size() + 1) : "";
    if (key == "width")
      out.options.width = std::stoi(value);
    else if (key == "height")
      out.options.height = std::stoi(value);
    else if (key == "elapsed")
      out.elapsed = std::stod(value);
    else if (key == "stage")
      out.stage = value;
    else if (key == "reason")
      out.reason = value;
    else if (key == "title")
      out.options.title = value;
    else if (key == "colour")
      out.options.colour = true;
    else if (key == "ascii")
      out.options.ascii = true;
    else if (key == "stopping")
      out.options.stopping = true;
    else if (key == "ended")
      out.ended = true;
    else if (key == "item")
      out.items.push_back(item_of(value));
    else
      ADD_FAILURE() << "unknown key: " << key;
  }
  return out;
}

/// What the board would say; `before` takes the last 30 seconds off again.
model::ProgressSnapshot snapshot_of(const Case& one, bool before) {
  model::ProgressBoard board("import-data");
  board.set_stage(one.stage);
  board.set_reason(one.reason);
  for (const CaseItem& item : one.items) {
    const model::ItemProgress& now = item.now;
    const std::size_t at = board.add_item(now.name, now.rows_total, now.bytes_total, now.total_is_estimate);
    const double share =
        now.bytes_done == 0 ? 0 : static_cast<double>(item.bytes_moved) / static_cast<double>(now.bytes_done);
    const auto rows_moved = static_cast<std::uint64_t>(share * static_cast<double>(now.rows_done));
    board.add_done(at, now.rows_done - (before ? rows_moved : 0), now.bytes_done - (before ? item.bytes_moved : 0));
    const bool was_running = before && now.state == model::WorkState::kDone && item.bytes_moved > 0;
    board.set_state(at, was_running ? model::WorkState::kRunning : now.state, now.note);
  }
  return board.snapshot();
}

ProgressFigures figures_of(const Case& one) {
  ProgressHistory history;
  history.add(0, snapshot_of(one, true));
  if (one.elapsed > 30) history.add(one.elapsed - 30, snapshot_of(one, true));
  history.add(one.elapsed, snapshot_of(one, false));
  if (one.ended) history.end(false);
  return history.figures();
}

std::string screen_of(const Case& one) {
  const ProgressFigures figures = figures_of(one);
  const std::vector<std::string> lines =
      one.ended ? closing_lines(figures, one.options) : live_lines(figures, one.options);
  std::string out;
  for (const std::string& line : lines) {
    EXPECT_LT(display_width(line), static_cast<std::size_t>(one.options.width)) << line;
    out += line + "\n";
  }
  return replaced(out, "\x1b", "␛");
}

TEST(ProgressView, DrawsTheScreensOfTestdata) {
  const bool rewrite = std::getenv("VOY_REWRITE_GOLDEN") != nullptr;
  int cases = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    if (!entry.path().filename().string().starts_with("progress_")) continue;
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream in(entry.path());
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    const std::size_t line = whole.find("---\n");
    ASSERT_NE(line, std::string::npos);
    const std::string got = screen_of(read_case(whole.substr(0, line)));
    if (rewrite) {
      std::ofstream(entry.path()) << whole.substr(0, line) << "---\n" << got;
    } else {
      EXPECT_EQ(got, whole.substr(line + 4));
    }
    ++cases;
  }
  EXPECT_GE(cases, 11);
  EXPECT_FALSE(rewrite) << "rewritten: look at the difference, then run without VOY_REWRITE_GOLDEN";
}

Case busy_case() {
  return read_case(
      "elapsed 900\n"
      "item orders | running | 900000/~1200000 | 61 GiB/~78 GiB | 2130 MiB |\n"
      "item odd \"name\" | waiting | 0/0 | 0 GiB/0 GiB | 0 MiB | target busy\n"
      "item done | done | 7/7 | 1 GiB/1 GiB | 0 MiB |\n");
}

TEST(ProgressView, AsciiScreenHasOnlyAsciiBytes) {
  Case one = busy_case();
  one.options.ascii = true;
  one.options.title = "Import data → a · b … Größe";
  for (const std::string& line : live_lines(figures_of(one), one.options)) {
    for (const char c : line) EXPECT_LT(static_cast<unsigned char>(c), 0x80) << line;
  }
}

TEST(ProgressView, NeverTallerThanTheTerminalAllows) {
  Case one = busy_case();
  for (int i = 0; i < 100; ++i) one.items.push_back(one.items[0]);
  for (const int height : {1, 7, 8, 10, 24, 50}) {
    one.options.height = height;
    one.options.title = "title";
    EXPECT_LE(live_lines(figures_of(one), one.options).size(), static_cast<std::size_t>(std::max(height - 6, 2)));
  }
}

TEST(ProgressView, EveryWidthHolds) {
  Case one = busy_case();
  one.options.title = std::string(300, 'x');
  for (int width = 20; width < 200; ++width) {
    one.options.width = width;
    for (const std::string& line : live_lines(figures_of(one), one.options)) {
      EXPECT_LT(display_width(line), static_cast<std::size_t>(width)) << line;
    }
  }
}

TEST(ProgressView, PlainTotalLine) {
  EXPECT_EQ(plain_total_line(figures_of(busy_case()), "2026-11-20T08:00:30Z"),
            "2026-11-20T08:00:30Z import-data total=78% bytes=62GiB/~79GiB rate=71MiB/s eta=5m tables=1/3 failed=0 "
            "setaside=0");
  ProgressFigures resumed = figures_of(busy_case());
  resumed.now.bytes_before = 30ULL << 30;
  EXPECT_NE(plain_total_line(resumed, "T").find(" bytes=62GiB/~79GiB before=30GiB rate="), std::string::npos);
}

TEST(ProgressView, PlainItemLinesQuoteWhatWouldSplit) {
  const ProgressFigures figures = figures_of(busy_case());
  EXPECT_EQ(plain_item_line(figures, 1, "T"),
            "T import-data table=\"odd \\\"name\\\"\" state=waiting reason=\"target busy\"");
  EXPECT_EQ(plain_item_line(figures, 2, "T"), "T import-data table=done state=done rows=7 bytes=1.0GiB");
}

TEST(ProgressView, JsonEventsHaveTheDocumentedKeys) {
  const ProgressFigures figures = figures_of(busy_case());
  const EventContext context{"2026-11-20T08:00:30Z", "shop", "3"};
  for (const std::string& text :
       {json_run_event(figures, "run.progress", context), json_item_event(figures, 0, "table.progress", context)}) {
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const nlohmann::json event = nlohmann::json::parse(text);
    for (const char* key :
         {"v", "ts", "migration", "run", "phase", "event", "table", "state", "rows_done", "rows_total",
          "total_is_estimate", "bytes_done", "bytes_total", "rows_per_s", "bytes_per_s", "eta_s", "reason"}) {
      EXPECT_TRUE(event.contains(key)) << key;
    }
  }
  const nlohmann::json item = nlohmann::json::parse(json_item_event(figures, 0, "table.progress", context));
  EXPECT_EQ(item["table"], "orders");
  EXPECT_EQ(item["state"], "running");
  EXPECT_EQ(item["bytes_per_s"], 2130LL * 1024 * 1024 / 30);
  EXPECT_TRUE(item["reason"].is_null());
}

TEST(ProgressView, JsonSurvivesBytesThatAreNotUtf8) {
  Case one = busy_case();
  one.items[0].now.name = "bad\xff";
  EXPECT_TRUE(nlohmann::json::accept(json_item_event(figures_of(one), 0, "table.progress", {})));
}

TEST(ProgressView, FreeTextIsMaskedAndNamesAreNot) {
  const base::Secret secret("CANARY-value");
  Case one = busy_case();
  one.items[1].now.note = "login with CANARY-value refused";
  const ProgressFigures figures = figures_of(one);
  for (const std::string& text : {plain_item_line(figures, 1, "T"), json_item_event(figures, 1, "paced", {}),
                                  live_lines(figures, {.width = 200})[2], json_notice("p", "CANARY-value", {})}) {
    EXPECT_THAT(text, HasSubstr("********"));
    EXPECT_THAT(text, Not(HasSubstr("CANARY")));
  }
  one.items[0].now.name = "CANARY-value_table";
  EXPECT_THAT(plain_item_line(figures_of(one), 0, "T"), HasSubstr("table=CANARY-value_table "));
}

TEST(ProgressView, EndedItemLine) {
  EXPECT_EQ(ended_item_line(figures_of(busy_case()), 2, {}), "done    done  7 rows  1.0 GiB  in 15m 00s");
}

std::vector<std::string> lines_of(std::size_t tables, ProgressMode mode) {
  model::ProgressBoard board("import-data");
  for (std::size_t i = 0; i < tables; ++i) board.add_item("t" + std::to_string(i), 10, 100, false);
  ProgressFeed feed({.mode = mode, .interval_s = 3600});
  std::vector<std::string> lines;
  double seconds = 0;
  const auto look = [&] {
    for (const std::string& line : feed.take({.seconds = seconds += 1, .timestamp = "t"}, board.snapshot()).lines)
      lines.push_back(line);
  };
  look();
  for (std::size_t i = 0; i < tables; ++i) board.set_state(i, model::WorkState::kRunning);
  look();
  board.set_state(0, model::WorkState::kFailed, "bad row");
  for (std::size_t i = 1; i < tables; ++i) board.set_state(i, model::WorkState::kDone);
  look();
  return lines;
}

TEST(ProgressView, ATableIsOneLineAndManyAreFolded) {
  for (const ProgressMode mode : {ProgressMode::kPlain, ProgressMode::kTty}) {
    EXPECT_EQ(lines_of(42, mode).size(), 42U);
    const std::vector<std::string> folded = lines_of(5000, mode);
    ASSERT_EQ(folded.size(), 1U) << "what fails is told";
    EXPECT_NE(folded[0].find("t0"), std::string::npos);
    EXPECT_NE(folded[0].find("failed"), std::string::npos);
  }
}

}  // namespace
}  // namespace voyager::report
