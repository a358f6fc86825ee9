#include "report/terminal.h"

#include <gtest/gtest.h>

namespace voyager::report {
namespace {

const TerminalFacts kTerminal{
    .stdout_is_tty = true, .stderr_is_tty = true, .columns = 80, .term = "xterm", .locale = "C.UTF-8"};

TerminalFacts with(void (*change)(TerminalFacts&)) {
  TerminalFacts facts = kTerminal;
  change(facts);
  return facts;
}

TEST(ChooseMode, FollowsTheTerminal) {
  EXPECT_EQ(choose_mode(kTerminal, {}), ProgressMode::kTty);
  EXPECT_EQ(choose_mode(with([](TerminalFacts& f) { f.stderr_is_tty = false; }), {}), ProgressMode::kPlain);
  EXPECT_EQ(choose_mode(with([](TerminalFacts& f) { f.term = "dumb"; }), {}), ProgressMode::kPlain);
  EXPECT_EQ(choose_mode(with([](TerminalFacts& f) { f.columns = 59; }), {}), ProgressMode::kPlain);
  EXPECT_EQ(choose_mode(with([](TerminalFacts& f) { f.columns = 60; }), {}), ProgressMode::kTty);
}

TEST(ChooseMode, FlagsComeFirst) {
  EXPECT_EQ(choose_mode(kTerminal, {.progress = ProgressMode::kNone}), ProgressMode::kNone);
  EXPECT_EQ(choose_mode(kTerminal, {.disable_bars = true}), ProgressMode::kPlain);
  EXPECT_EQ(choose_mode(kTerminal, {.machine_output = true}), ProgressMode::kTty);
  const TerminalFacts piped = with([](TerminalFacts& f) { f.stderr_is_tty = false; });
  EXPECT_EQ(choose_mode(piped, {.machine_output = true}), ProgressMode::kJson);
  EXPECT_EQ(choose_mode(piped, {.progress = ProgressMode::kTty, .machine_output = true}), ProgressMode::kTty);
}

TEST(ChooseColour, InTheDocumentedOrder) {
  EXPECT_TRUE(choose_colour(kTerminal, ColourChoice::kAuto, true));
  EXPECT_FALSE(choose_colour(kTerminal, ColourChoice::kAuto, false));
  EXPECT_TRUE(choose_colour(kTerminal, ColourChoice::kAlways, false));
  EXPECT_FALSE(choose_colour(kTerminal, ColourChoice::kNever, true));
  const TerminalFacts no_color = with([](TerminalFacts& f) { f.no_color = f.clicolor_force = "1"; });
  EXPECT_FALSE(choose_colour(no_color, ColourChoice::kAuto, true));
  EXPECT_TRUE(choose_colour(no_color, ColourChoice::kAlways, true));
  const TerminalFacts forced = with([](TerminalFacts& f) {
    f.force_color = "1";
    f.term = "dumb";
  });
  EXPECT_TRUE(choose_colour(forced, ColourChoice::kAuto, false));
  EXPECT_FALSE(choose_colour(with([](TerminalFacts& f) { f.clicolor_force = "0"; }), ColourChoice::kAuto, false));
  EXPECT_FALSE(choose_colour(with([](TerminalFacts& f) { f.term = "dumb"; }), ColourChoice::kAuto, true));
}

TEST(ChooseAscii, FollowsTheLocale) {
  EXPECT_FALSE(choose_ascii(kTerminal, false));
  EXPECT_TRUE(choose_ascii(kTerminal, true));
  EXPECT_FALSE(choose_ascii(with([](TerminalFacts& f) { f.locale = "de_DE.utf8"; }), false));
  EXPECT_TRUE(choose_ascii(with([](TerminalFacts& f) { f.locale = "C"; }), false));
  EXPECT_TRUE(choose_ascii(with([](TerminalFacts& f) { f.locale = ""; }), false));
}

TEST(ParseWords, KnowsOnlyItsOwn) {
  EXPECT_EQ(parse_progress_mode("JSON"), ProgressMode::kJson);
  EXPECT_EQ(parse_progress_mode("auto"), std::nullopt);
  EXPECT_EQ(parse_colour_choice("never"), ColourChoice::kNever);
  EXPECT_EQ(parse_colour_choice("blue"), std::nullopt);
}

}  // namespace
}  // namespace voyager::report
