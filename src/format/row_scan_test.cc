#include "format/row_scan.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include "base/files.h"
#include "base/text.h"
#include "format/row_scan_reference.h"

namespace voyager::format {
namespace {

constexpr Instructions kAllInstructions[] = {Instructions::kPortable, Instructions::kSse2, Instructions::kAvx2};

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 't':
        out += '\t';
        break;
      case '0':
        out += '\0';
        break;
      default:
        out += text[i];
    }
  }
  return out;
}

struct ScanSetup {
  model::CopyFormat format = {};
  bool has_header = false;
  RowLimits limits = {};
};

ScanSetup read_setup(std::string_view options) {
  ScanSetup setup;
  for (const std::string& option : base::split(base::trim(options), ' ')) {
    const std::string value = option.substr(option.find('=') + 1);
    if (option == "csv") setup.format = {.rows = model::RowFormat::kCsv, .delimiter = ',', .null_string = ""};
    if (option == "header") setup.has_header = true;
    if (option == "skip") setup.limits.skip_empty_lines = true;
    if (option == "go_on") setup.limits.go_on_after_problem = true;
    if (option.starts_with("escape=")) setup.format.escape = unescape(value)[0];
    if (option.starts_with("quote=")) setup.format.quote = setup.format.escape = unescape(value)[0];
    if (option.starts_with("rows=")) setup.limits.rows_max = static_cast<std::uint32_t>(std::stoul(value));
    if (option.starts_with("bytes=")) setup.limits.bytes_max = std::stoul(value);
    if (option.starts_with("row=")) setup.limits.row_bytes_max = std::stoul(value);
  }
  return setup;
}

struct Scanned {
  std::vector<RowBatch> batches = {};
  std::optional<std::uint64_t> end_marker = {};
  ByteRange header = {};
  bool operator==(const Scanned&) const = default;
};

const char* short_name(RowProblem problem) {
  switch (problem) {
    case RowProblem::kTooLong:
      return "long";
    case RowProblem::kUnclosedQuote:
      return "unclosed";
    case RowProblem::kStrayLineEnd:
      return "stray";
    case RowProblem::kStrayEndMarker:
      return "marker";
    default:
      return "none";
  }
}

// In the form of the cases file.
std::string to_text(const Scanned& scanned, bool with_lines = false) {
  std::string out;
  if (scanned.header.end > 0) out += fmt::format("header={}-{} ", scanned.header.begin, scanned.header.end);
  for (const RowBatch& batch : scanned.batches) {
    out += fmt::format("{}-{}", batch.bytes.begin, batch.bytes.end);
    out += batch.problem == RowProblem::kNone ? fmt::format(":{} ", batch.rows)
                                              : fmt::format("!{} ", short_name(batch.problem));
    if (with_lines) out += fmt::format("(line {}) ", batch.line);
    for (const ByteRange& gap : batch.gaps) out += fmt::format("~{}-{} ", gap.begin, gap.end);
  }
  if (scanned.end_marker) out += fmt::format("marker@{}", *scanned.end_marker);
  return std::string(base::trim(out));
}

Scanned scan(const std::string& text, const ScanSetup& setup, Instructions instructions,
             const std::function<std::size_t()>& piece_size) {
  RowScanner scanner(setup.format, setup.has_header, setup.limits, instructions);
  Scanned out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min(piece_size(), text.size() - at);
    scanner.scan(std::string_view(text).substr(at, size), out.batches);
    at += size;
  }
  scanner.finish(out.batches);
  out.end_marker = scanner.end_marker();
  out.header = scanner.header();
  return out;
}

Scanned reference(const std::string& text, const ScanSetup& setup) {
  const RowReference result(text, setup.format, setup.has_header, setup.limits);
  return {.batches = result.batches(), .end_marker = result.end_marker(), .header = result.header()};
}

TEST(RowScanner, CasesFile) {
  int cases = 0;
  for (const std::string& line : base::split(base::read_file(VOY_FIXTURES "/row_scan/cases.txt"), '\n')) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size() && fields.size() < 4;) {
      const std::size_t bar = std::min(line.find(" |", at), line.size());
      fields.emplace_back(base::trim(line.substr(at, bar - at)));
      at = bar + 2;
    }
    ASSERT_EQ(fields.size(), 4U) << line;
    const ScanSetup setup = read_setup(fields[1]);
    const std::string text = unescape(fields[2]);
    EXPECT_EQ(to_text(scan(text, setup, Instructions::kBest, [] { return 1; })), fields[3]) << line;
    EXPECT_EQ(to_text(scan(text, setup, Instructions::kBest, [] { return 1000; })), fields[3]) << line;
    EXPECT_EQ(to_text(reference(text, setup)), fields[3]) << "reference: " << line;
    ++cases;
  }
  EXPECT_GT(cases, 50);
}

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(engine_); }
  template <typename T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 engine_;
};

// Mostly rows as files have them, so that blocks are taken at speed, with rare bytes strewn in.
std::string random_text(Random& random, bool csv) {
  static const std::vector<std::string> kCsv = {
      "a",   "bcdefgh", ",",    "\"",   "\"\"",     "\\",         "\\\\", "\\\"",
      "\\.", "\r",      "\r\n", "\n\n", "\"x\ny\"", "\"x\\\"y\"", "'",    "1234567890123456"};
  static const std::vector<std::string> kText = {"a",  "bcdefgh", "\t",   "\\N", "\\\\",
                                                 "\\", "\\\n",    "\\t",  ".",   "\\.",
                                                 "\r", "\r\n",    "\n\n", "\"",  "1234567890123456"};
  const std::string line_end = random.of(std::vector<std::string>{"\n", "\n", "\n", "\r\n", "\r\n", "\r"});
  const std::size_t rarity = random.of(std::vector<std::size_t>{2, 10, 100, 1000});
  std::string text;
  const std::size_t tokens = random.below(random.of(std::vector<std::size_t>{8, 60, 600}));
  for (std::size_t i = 0; i < tokens; ++i) {
    if (random.below(rarity) == 0) {
      text += random.of(csv ? kCsv : kText);
    } else if (random.below(4) == 0) {
      text += line_end;
    } else {
      text += csv ? random.of(std::vector<std::string>{"ab,", "\"q\"", "0123456789", "\"a,\nb\""})
                  : random.of(std::vector<std::string>{"ab\t", "\\N", "0123456789", "x\\\\y"});
    }
  }
  return text;
}

ScanSetup random_setup(Random& random) {
  ScanSetup setup = read_setup(random.below(2) == 0 ? "csv" : "text");
  if (random.below(3) == 0) setup.format.escape = '\\';
  if (random.below(8) == 0) setup.format.quote = '\'';
  setup.has_header = random.below(4) == 0;
  setup.limits.rows_max = random.of(std::vector<std::uint32_t>{1, 2, 7, 100, 32768});
  setup.limits.bytes_max = random.of(std::vector<std::uint64_t>{1, 20, 100, 500, 1 << 20});
  setup.limits.row_bytes_max = random.of(std::vector<std::uint64_t>{8, 40, 200, 1 << 20, 1 << 20});
  setup.limits.skip_empty_lines = random.below(2) == 0;
  setup.limits.go_on_after_problem = random.below(2) == 0;
  return setup;
}

TEST(RowScanner, EqualsTheReferenceOnRandomFilesInRandomPieces) {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    Random random(seed);
    const ScanSetup setup = random_setup(random);
    const std::string text = random_text(random, setup.format.rows == model::RowFormat::kCsv);
    const Scanned expected = reference(text, setup);
    const std::size_t largest = random.of(std::vector<std::size_t>{1, 5, 70, 300, 100'000});
    for (const Instructions instructions : kAllInstructions) {
      const Scanned got = scan(text, setup, instructions, [&] { return 1 + random.below(largest); });
      ASSERT_EQ(to_text(got, true), to_text(expected, true))
          << "seed " << seed << ", instructions " << static_cast<int>(instructions) << ", escape "
          << setup.format.escape << ", text:\n"
          << ::testing::PrintToString(text);
    }
  }
}

TEST(RowScanner, BatchesCoverEveryByteOfWellFormedFiles) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("{},\"value\n{}\",\"a \"\"b\"\" c\"\n", i, i * 7);
  ScanSetup setup = read_setup("csv rows=100");
  const Scanned got = scan(text, setup, Instructions::kBest, [] { return 4096; });
  std::uint64_t at = 0;
  std::uint64_t line = 1;
  for (const RowBatch& batch : got.batches) {
    EXPECT_EQ(batch.bytes.begin, at);
    EXPECT_EQ(batch.rows, 100U);
    EXPECT_EQ(batch.line, line);
    EXPECT_TRUE(batch.gaps.empty());
    at = batch.bytes.end;
    line += 200;
  }
  EXPECT_EQ(at, text.size());
  EXPECT_EQ(got.batches.size(), 50U);
}

TEST(RowScanner, GoesOnAtAPlace) {
  for (const char* options : {"csv rows=3 header", "csv rows=3 skip", "text rows=3"}) {
    const ScanSetup setup = read_setup(options);
    std::string text = "h\r\n";
    for (int i = 0; i < 100; ++i) text += fmt::format("{}{}\r\n", i, i % 5 == 0 ? "\r\n" : "");
    const Scanned whole = scan(text, setup, Instructions::kBest, [] { return 1000; });

    std::vector<RowBatch> batches;
    RowScanner first(setup.format, setup.has_header, setup.limits);
    first.scan(std::string_view(text).substr(0, 200), batches);
    const ScanPlace place = first.place();
    RowScanner second(setup.format, place, setup.limits);
    second.scan(std::string_view(text).substr(place.offset), batches);
    second.finish(batches);
    EXPECT_EQ(to_text({.batches = batches}, true), to_text({.batches = whole.batches}, true)) << options;
    EXPECT_EQ(second.place().offset, whole.batches.back().bytes.end);
  }
}

TEST(RowScanner, ALongRowIsSeenWithoutReadingItToItsEnd) {
  ScanSetup setup = read_setup("csv row=1000");
  RowScanner scanner(setup.format, false, setup.limits);
  std::vector<RowBatch> batches;
  scanner.scan("a\n\"", batches);
  const std::string noise(10'000, 'x');
  scanner.scan(noise, batches);
  EXPECT_TRUE(scanner.ended());
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[1].problem, RowProblem::kTooLong);
  EXPECT_EQ(batches[1].line, 2U);
  EXPECT_EQ(batches[1].bytes, (ByteRange{2, 1003}));
}

TEST(ByteMasks, EveryInstructionSetGivesTheSameMasks) {
  Random random(1);
  std::string bytes(64 * 200, '\0');
  for (char& c : bytes) c = random.below(3) == 0 ? "\n\r\"\\."[random.below(5)] : static_cast<char>(random.below(256));
  const ByteTargets targets{.toggle = '"', .escape = '\\', .marker = '.'};
  std::vector<ByteMasks> plain(200);
  ByteClassifier(targets, Instructions::kPortable).classify(bytes.data(), 200, plain.data());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    ASSERT_EQ((plain[i / 64].lf >> (i % 64)) & 1U, bytes[i] == '\n' ? 1U : 0U);
    ASSERT_EQ((plain[i / 64].marker >> (i % 64)) & 1U, bytes[i] == '.' ? 1U : 0U);
  }
  for (const Instructions instructions : {Instructions::kSse2, Instructions::kAvx2, Instructions::kBest}) {
    std::vector<ByteMasks> masks(200);
    ByteClassifier(targets, instructions).classify(bytes.data(), 200, masks.data());
    for (std::size_t i = 0; i < 200; ++i) {
      EXPECT_EQ(masks[i].lf, plain[i].lf);
      EXPECT_EQ(masks[i].cr, plain[i].cr);
      EXPECT_EQ(masks[i].toggle, plain[i].toggle);
      EXPECT_EQ(masks[i].escape, plain[i].escape);
      EXPECT_EQ(masks[i].marker, plain[i].marker);
    }
  }
}

}  // namespace
}  // namespace voyager::format
