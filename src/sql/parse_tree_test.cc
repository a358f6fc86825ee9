// How the grammar is reached: one thread for a process, whatever is asked of it.
#include "sql/parse_tree.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "sql/plpgsql.h"
#include "sql/statement.h"

namespace voyager::sql {
namespace {

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

bool has_a_thread_key_left() {
  pthread_key_t key{};
  if (pthread_key_create(&key, nullptr) != 0) return false;
  pthread_key_delete(key);
  return true;
}

// A process has 1,024 thread keys, and libpg_query keeps one for each thread that parsed: others die of having none.
TEST(ParseTree, AnyNumberOfParsesTakesOneThread) {
  parse_statement("SELECT 1");
  const std::size_t before = threads_of_this_process();
  for (int i = 0; i < 3000; ++i) {
    ASSERT_EQ(parse_statement("CREATE TABLE t" + std::to_string(i) + " (id int)").kind, StatementKind::kCreateTable);
  }
  for (int i = 0; i < 1500; ++i) {
    ASSERT_EQ(plpgsql_queries("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM 1; END'").refused,
              "");
  }
  EXPECT_EQ(threads_of_this_process(), before);
  EXPECT_TRUE(has_a_thread_key_left());
}

TEST(ParseTree, ThreadsMayAskAtTheSameTime) {
  std::vector<std::size_t> parsed(8, 0);
  {
    std::vector<std::jthread> threads;
    for (std::size_t number = 0; number < parsed.size(); ++number) {
      threads.emplace_back([&parsed, number] {
        for (int i = 0; i < 200; ++i) {
          const std::string name = "t" + std::to_string(number) + "_" + std::to_string(i);
          const Statement statement = parse_statement("CREATE TABLE public." + name + " (id int)");
          if (statement.object.name.catalog_text() == name) ++parsed[number];
        }
      });
    }
  }
  EXPECT_EQ(parsed, std::vector<std::size_t>(8, 200));
}

TEST(ParseTree, AnExceptionComesBackAndTheThreadLivesOn) {
  EXPECT_THROW(with_large_stack([] { throw std::runtime_error("from within"); }), std::runtime_error);
  bool nested = false;
  with_large_stack([&nested] { with_large_stack([&nested] { nested = true; }); });
  EXPECT_TRUE(nested);
  EXPECT_THROW(with_parse_tree("SELECT 1", [](simdjson::dom::object) { throw std::runtime_error("from the user"); }),
               std::runtime_error);
  EXPECT_EQ(parse_statement("SELECT 1").refused, "");
}

}  // namespace
}  // namespace voyager::sql
