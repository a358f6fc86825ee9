#include "sql/parse_tree.h"

#include <pg_query.h>
#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/mutex.h"

namespace voyager::sql {
namespace {

// The grammar's writer recurses once a level: a chain of n binary operators is n levels from 2 n bytes, and a level
// takes less than 200 bytes of stack. Both numbers hold together: 1 M levels fit.
constexpr std::size_t kStackBytes = 256UL * 1024 * 1024;
constexpr std::size_t kStatementBytesMax = 2UL * 1024 * 1024;
constexpr std::size_t kTreeDepthMax = 200'000;

thread_local bool on_large_stack = false;

struct Job {
  const std::function<void()>& body;
  std::exception_ptr error = {};
  bool done = false;
};

/// The one thread on which the grammar runs, started by the first job. libpg_query keeps memory and one of the
/// process's 1,024 thread keys for every thread that ever parsed, so that a thread a statement would end the process.
class GrammarThread {
 public:
  static GrammarThread& instance() {
    static GrammarThread one;
    return one;
  }

  /// Waits for its turn and for the end of `body`.
  void run(const std::function<void()>& body) {
    Job job{.body = body};
    base::MutexLock lock(mutex_);
    jobs_.push_back(&job);
    changed_.notify_all();
    while (!job.done) lock.wait(changed_);
    if (job.error) std::rethrow_exception(job.error);
  }

 private:
  GrammarThread() {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, kStackBytes);
    const int error = pthread_create(&thread_, &attributes, serve, this);
    pthread_attr_destroy(&attributes);
    if (error != 0) base::fail(base::ExitCode::kFailure, "cannot start a thread to read SQL", "not enough memory");
  }
  ~GrammarThread() {
    {
      const base::MutexLock lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    pthread_join(thread_, nullptr);
  }

  static void* serve(void* self) {
    on_large_stack = true;
    static_cast<GrammarThread*>(self)->serve();
    return nullptr;
  }

  void serve() {
    base::MutexLock lock(mutex_);
    while (true) {
      while (!ending_ && jobs_.empty()) lock.wait(changed_);
      if (jobs_.empty()) return;
      Job& job = *jobs_.front();
      jobs_.pop_front();
      lock.unlock();
      try {
        job.body();
      } catch (...) {  // Handed to the thread that waits for us.
        job.error = std::current_exception();
      }
      lock.lock();
      job.done = true;
      changed_.notify_all();
    }
  }

  base::Mutex mutex_ = {};
  std::condition_variable changed_ = {};
  std::deque<Job*> jobs_ VOY_GUARDED_BY(mutex_) = {};  ///< Their `done` is guarded, too.
  bool ending_ VOY_GUARDED_BY(mutex_) = false;
  pthread_t thread_ = {};
};

using ParseResult = std::unique_ptr<PgQueryParseResult, void (*)(PgQueryParseResult*)>;

int option_of(ParseMode mode) {
  switch (mode) {
    case ParseMode::kStatement:
      return PG_QUERY_PARSE_DEFAULT;
    case ParseMode::kExpression:
      return PG_QUERY_PARSE_PLPGSQL_EXPR;
    case ParseMode::kAssignment:
      return PG_QUERY_PARSE_PLPGSQL_ASSIGN1;
    case ParseMode::kAssignmentToTwo:
      return PG_QUERY_PARSE_PLPGSQL_ASSIGN2;
    case ParseMode::kAssignmentToThree:
      return PG_QUERY_PARSE_PLPGSQL_ASSIGN3;
  }
  return PG_QUERY_PARSE_DEFAULT;
}

ParseResult parse(const std::string& sql, ParseMode mode) {
  return {new PgQueryParseResult(pg_query_parse_opts(sql.c_str(), option_of(mode))), [](PgQueryParseResult* result) {
            pg_query_free_parse_result(*result);
            delete result;
          }};
}

std::optional<std::string> use_tree(const std::string& sql, ParseMode mode,
                                    const std::function<void(simdjson::dom::object)>& use) {
  const ParseResult result = parse(sql, mode);
  if (result->error != nullptr) return std::string(result->error->message);
  const std::string_view json = result->parse_tree;
  simdjson::dom::parser parser;
  // Every level of a tree takes two bytes at least, so that a short text asks for little.
  if (parser.allocate(json.size(), std::min(kTreeDepthMax, json.size() / 2 + 1)) != simdjson::SUCCESS)
    return "not enough memory to read the statement";
  simdjson::dom::element document;
  if (const auto error = parser.parse(json.data(), json.size()).get(document); error != simdjson::SUCCESS) {
    return std::string("the statement is nested too deeply: ") + simdjson::error_message(error);
  }
  simdjson::dom::array statements;
  if (document["stmts"].get(statements) != simdjson::SUCCESS || statements.size() != 1) return "not one statement";
  simdjson::dom::object node;
  if (statements.at(0)["stmt"].get(node) != simdjson::SUCCESS) return "not one statement";
  use(node);
  return std::nullopt;
}

}  // namespace

void with_large_stack(const std::function<void()>& body) {
  if (on_large_stack) return body();
  GrammarThread::instance().run(body);
}

std::optional<std::string> with_parse_tree(std::string_view sql,
                                           const std::function<void(simdjson::dom::object)>& use) {
  return with_parse_tree(sql, ParseMode::kStatement, use);
}

std::optional<std::string> with_parse_tree(std::string_view sql, ParseMode mode,
                                           const std::function<void(simdjson::dom::object)>& use) {
  if (sql.size() > kStatementBytesMax) return "the statement is longer than 2 MiB";
  if (sql.find('\0') != std::string_view::npos) return "the statement holds a zero byte";
  std::optional<std::string> refused;
  with_large_stack([&] { refused = use_tree(std::string(sql), mode, use); });
  return refused;
}

namespace {

struct Open {
  std::string_view key = {};
  simdjson::dom::element value = {};
};

void push_members(simdjson::dom::object node, std::vector<Open>& open) {
  const auto first = static_cast<std::ptrdiff_t>(open.size());
  for (const auto member : node) open.push_back({member.key, member.value});
  std::reverse(open.begin() + first, open.end());
}

void push_items(simdjson::dom::array list, std::vector<Open>& open) {
  const auto first = static_cast<std::ptrdiff_t>(open.size());
  for (const simdjson::dom::element item : list) open.push_back({{}, item});
  std::reverse(open.begin() + first, open.end());
}

// A stack of our own: the tree of a long expression is as deep as it is long.
void walk(std::vector<Open> open, const std::function<void(std::string_view, simdjson::dom::element)>& visit) {
  while (!open.empty()) {
    const Open one = open.back();
    open.pop_back();
    if (!one.key.empty()) visit(one.key, one.value);
    if (simdjson::dom::object object; one.value.get(object) == simdjson::SUCCESS) {
      push_members(object, open);
    } else if (simdjson::dom::array array; one.value.get(array) == simdjson::SUCCESS) {
      push_items(array, open);
    }
  }
}

}  // namespace

void walk_tree(simdjson::dom::element root,
               const std::function<void(std::string_view, simdjson::dom::element)>& visit) {
  walk({{{}, root}}, visit);
}

void walk_tree(simdjson::dom::object root, const std::function<void(std::string_view, simdjson::dom::element)>& visit) {
  std::vector<Open> open;
  push_members(root, open);
  walk(std::move(open), visit);
}

std::string_view text_of(simdjson::dom::object node, std::string_view key) {
  std::string_view value;
  return node[key].get(value) == simdjson::SUCCESS ? value : std::string_view{};
}

bool flag_of(simdjson::dom::object node, std::string_view key) {
  bool value = false;
  return node[key].get(value) == simdjson::SUCCESS && value;
}

std::int64_t number_of(simdjson::dom::object node, std::string_view key) {
  std::int64_t value = 0;
  return node[key].get(value) == simdjson::SUCCESS ? value : 0;
}

std::size_t location_of(simdjson::dom::object node) {
  const std::int64_t location = number_of(node, "location");
  return location > 0 ? static_cast<std::size_t>(location) : 0;
}

std::optional<simdjson::dom::object> object_of(simdjson::dom::object node, std::string_view key) {
  simdjson::dom::object value;
  if (node[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<simdjson::dom::array> array_of(simdjson::dom::object node, std::string_view key) {
  simdjson::dom::array value;
  if (node[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

}  // namespace voyager::sql
