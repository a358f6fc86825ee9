#include "report/json_text.h"

#include <gtest/gtest.h>

#include <vector>

namespace voyager::report {
namespace {

using nlohmann::ordered_json;

TEST(JsonText, IsIndentedAsTold) {
  JsonText text(4, ' ');
  text.member("A", {{"deep", 1}});
  text.list("B", std::vector<int>{1, 2}, [](int number) { return ordered_json{{"n", number}}; });
  const ordered_json tree = {{"A", {{"deep", 1}}}, {"B", {{{"n", 1}}, {{"n", 2}}}}};
  EXPECT_EQ(std::move(text).finish(), tree.dump(4) + "\n");
}

TEST(JsonText, IsWhatTheTreeWouldBe) {
  const ordered_json nested = {
      {"text", "line\nend \"quoted\"\t\xff"}, {"list", {1, {{"deep", nullptr}}}}, {"empty", ordered_json::array()}};
  const std::vector<int> numbers = {1, 2};
  const auto as_object = [](int number) { return ordered_json{{"n", number}, {"l", {number}}}; };
  JsonText text;
  text.member("A \"key\"", nested);
  text.member("B", "text");
  text.list("C", numbers, as_object);
  text.member("D", 1.5);
  const ordered_json tree = {{"A \"key\"", nested}, {"B", "text"}, {"C", {as_object(1), as_object(2)}}, {"D", 1.5}};
  EXPECT_EQ(std::move(text).finish(), tree.dump(1, '\t', false, ordered_json::error_handler_t::replace) + "\n");
}

TEST(JsonText, NothingIsNull) {
  JsonText text;
  text.list("A", std::vector<int>(), [](int number) { return ordered_json(number); });
  EXPECT_EQ(std::move(text).finish(), "{\n\t\"A\": null\n}\n");
  EXPECT_EQ(JsonText().finish(), "{}\n");
}

}  // namespace
}  // namespace voyager::report
