#include "simulation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "application.h"
#include "base/error.h"
#include "base/files.h"
#include "baton.h"
#include "bound_fork.h"
#include "cli/run.h"
#include "format/meta_db.h"
#include "migration/live/cutover_record.h"
#include "migration/live/iterations.h"
#include "migration/state/status.h"
#include "product_table.h"

namespace voyager::simulation {
namespace {

namespace fs = std::filesystem;
using At = fake::FakeFault::At;
using migration::CutoverStatus;
using migration::Direction;
using model::Side;
using Words = std::vector<std::string>;

constexpr std::uint64_t kMilli = 1'000;
constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::chrono::seconds kLongestReally{600};
constexpr std::uint64_t kLongest = 4 * 3600 * kSecond;

/// What goes wrong at the databases, and how much of it still may.
struct Weather {
  std::uint32_t lost = 0;  // a rate: the connection goes
  std::uint32_t lost_answer = 0;
  std::uint32_t slow = 0;
  std::uint32_t left = 0;
};

const char* name_of(At at) {
  switch (at) {
    case At::kConnect:
      return "connect";
    case At::kRead:
      return "read";
    case At::kBeforeCommit:
      return "commit";
    case At::kAfterCommit:
      return "committed";
    case At::kStatement:
      return "statement";
    case At::kAsk:
      return "ask";
    case At::kSend:
      return "changes";
    case At::kApart:
      break;
  }
  return "between";
}
const char* name_of(Side side) {
  return side == Side::kSource ? "source" : side == Side::kTarget ? "target" : "replica";
}

void pass(Weather& weather, At at, Side side) {
  const std::string name = fmt::format("{} {}", name_of(side), name_of(at));
  point(name);
  if (one_in(weather.slow)) sleep_us(draw(3 * kSecond));
  const std::uint32_t rate = at == At::kAfterCommit ? weather.lost_answer : weather.lost;
  if (weather.left == 0 || !one_in(rate)) return;
  --weather.left;
  note(name + ": the connection is lost");
  throw base::Error(
      {.exit = side == Side::kSource ? base::ExitCode::kSourceUnreachable : base::ExitCode::kTargetUnreachable,
       .title = "the connection is lost",
       .where = "simulation",
       .retry = at == At::kAfterCommit || at == At::kBeforeCommit ? base::Retry::kInDoubt : base::Retry::kNow,
       .connection_lost = true});
}

/// A command that a person keeps running until it has ended well.
struct Seat {
  std::string name = {};
  Words words = {};
  Words later = {};  // what it has turned into, once there is a way back
  int process = -1;
  std::uint64_t next_start = 0;
  int failures = 0;  // in quiet weather
  bool done = false;
};

class Migration {
 public:
  Migration(const Order& order, fs::path folder) : order_(order), folder_(std::move(folder)) {}
  std::string run();

 private:
  void set_up();
  bool calm() const { return weather_->left == 0 && now_us() > calm_from_; }
  void look_after(Seat& seat);
  void start(Seat& seat);
  void fate(Seat& seat, int exit);
  std::string offline();
  std::string live();
  bool run_for(std::uint64_t us);
  void disturb();
  std::string last_words(const Seat& seat);
  std::string ask(const char* name, Words words);
  template <typename Done>
  std::string until(const std::string& what, Done&& done);
  std::string cut_over(const char* side, Direction direction, const Words& more);
  std::string work_on(Side side);
  std::optional<migration::CutoverRecord> record();
  bool has_mark(bool migration::MigrationRecord::*mark);
  std::string check(const std::vector<Side>& equal);
  std::string check_counters();

  const Order order_;
  const fs::path folder_;
  const fs::path dir_ = folder_ / "export-dir";
  Kind kind_ = Kind::kOffline;
  std::shared_ptr<fake::FakeWorld> world_ = {};
  Weather* weather_ = nullptr;
  std::uint64_t calm_from_ = 0;
  std::vector<Seat> seats_ = {};
  std::optional<Side> writes_on_ = {};
  std::uint64_t written_ = 0;
  std::string fault_ = {};
  bool dead_end_ = false;
  int iteration_ = 0;
};

void Migration::set_up() {
  fs::remove_all(folder_);
  fs::create_directories(dir_);
  // Passwords are never asked for, files are small, and the disk of the machine is nobody's business.
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::string>>{
           {"SOURCE_DB_PASSWORD", "p"},
           {"TARGET_DB_PASSWORD", "p"},
           {"SOURCE_REPLICA_DB_PASSWORD", "p"},
           {"QUEUE_SEGMENT_MAX_BYTES", std::to_string(500 + draw(20'000))},
           {"QUEUE_FREE_BYTES_MIN", "1"},
           {"NUM_EVENT_CHANNELS", std::to_string(1 + draw(4))},
           {"LANES_TOGETHER_ROWS_MAX", std::to_string(1 + (one_in(2) ? 0 : draw(60)))},
           {"TZ", "UTC"}})
    ::setenv(name, value.c_str(), 1);
  const SharedMemory shared;
  fake::WorldMutex::on_hold = hold_shared_memory;
  world_ = std::make_shared<fake::FakeWorld>();
  weather_ = new Weather;
  world_->planted = order_.planted;
  if (one_in(2)) world_->change_bytes_max = 1 + draw(300);
  make_tables(*world_);
  Weather* weather = weather_;
  world_->on_pass = [weather](At at, Side side) { pass(*weather, at, side); };
  connect_to(world_);
}

Words connection(const std::string& side) {
  return {"--" + side + "-db-host", "h", "--" + side + "-db-port", "1",
          "--" + side + "-db-user", "u", "--" + side + "-db-name", side};
}

Words operator+(Words one, const Words& other) {
  one.insert(one.end(), other.begin(), other.end());
  return one;
}

void Migration::start(Seat& seat) {
  const fs::path log = folder_ / (seat.name + ".out");
  const bool later =
      !seat.later.empty() &&
      (has_mark(&migration::MigrationRecord::fall_back) || has_mark(&migration::MigrationRecord::fall_forward)) &&
      one_in(2);
  const Words words =
      Words{"yb-voyager"} + (later ? seat.later : seat.words) + Words{"--export-dir", dir_.string(), "--yes", "true"};
  seat.process = spawn(seat.name, [&] {
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const int in = ::open("/dev/null", O_RDONLY);
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(out, 2);
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    return cli::run(static_cast<int>(words.size()), arguments.data());
  });
}

std::string Migration::last_words(const Seat& seat) {
  const fs::path log = folder_ / (seat.name + ".out");
  std::string text = fs::exists(log) ? base::read_file(log) : "";
  if (text.size() > 3'000) text = "..." + text.substr(text.size() - 3'000);
  return fmt::format("--- {}\n{}", seat.name, text);
}

void Migration::fate(Seat& seat, int exit) {
  using base::ExitCode;
  if (exit == 0) {
    seat.done = true;
    return;
  }
  const auto code = static_cast<ExitCode>(exit);
  constexpr std::array kMayBe = {ExitCode::kFailure,           ExitCode::kState,       ExitCode::kSourceUnreachable,
                                 ExitCode::kTargetUnreachable, ExitCode::kInterrupted, ExitCode::kTerminated};
  // Rows of a snapshot that is lost are on the target: the one way on is to begin again, as the command says.
  if (code == ExitCode::kState && last_words(seat).rfind("[EXP-002]") != std::string::npos) {
    dead_end_ = true;
    fault_ = "begin again";
    return;
  }
  const bool expected = std::ranges::find(kMayBe, code) != kMayBe.end();
  if (kind_ == Kind::kOffline && code == ExitCode::kState && seat.name == "export") {
    format::MetaDb db(dir_);
    if (migration::export_data_done(db)) {
      seat.done = true;
      return;
    }
  }
  if (calm()) ++seat.failures;
  if (!expected || seat.failures > 30) fault_ = fmt::format("{} ends with {}\n{}", seat.name, exit, last_words(seat));
}

void Migration::look_after(Seat& seat) {
  if (seat.done) return;
  if (seat.process >= 0) {
    const Fate now = fate_of(seat.process);
    if (now.end == End::kRuns) return;
    seat.process = -1;
    seat.next_start = now_us() + draw(one_in(6) ? 8 * kSecond : 300 * kMilli);
    if (now.end == End::kExited) fate(seat, now.exit);
    return;
  }
  if (now_us() >= seat.next_start) start(seat);
}

// A person stops a command now and then, or the machine does.
void Migration::disturb() {
  if (calm() || !one_in(40)) return;
  Seat& seat = seats_[draw(seats_.size())];
  if (seat.process < 0) return;
  if (one_in(2)) {
    note("asks " + seat.name + " to end");
    signal_process(seat.process, SIGTERM);
  } else {
    kill_process(seat.process);
  }
}

// False when something is wrong.
bool Migration::run_for(std::uint64_t us) {
  if (!steer(us)) {
    fault_ = "nobody can go on: every thread waits for another";
    for (const Seat& seat : seats_) fault_ += "\n" + last_words(seat);
  }
  if (!world_->violations.empty() && fault_.empty()) fault_ = world_->violations.front();
  if (now_us() > kLongest && fault_.empty()) {
    fault_ = "it does not end";
    for (const Seat& seat : seats_) fault_ += "\n" + last_words(seat);
  }
  if (weather_->left > 0 && now_us() > calm_from_) weather_->left = 0;
  if (calm()) set_chances({.kill = 0});
  if (!fault_.empty()) return false;
  disturb();
  for (Seat& seat : seats_) look_after(seat);
  if (writes_on_ && !one_in(3)) {
    write_something(*world_, *writes_on_);
    ++written_;
  }
  return fault_.empty();
}

template <typename Done>
std::string Migration::until(const std::string& what, Done&& done) {
  note("until " + what);
  // The state is not looked at after each step: users do not either.
  while (!one_in(3) || !done()) {
    if (!run_for(one_in(3) ? draw(800 * kMilli) : draw(50 * kMilli))) return fmt::format("until {}: {}", what, fault_);
  }
  return {};
}

// A command that is run until it has ended well.
std::string Migration::ask(const char* name, Words words) {
  seats_.push_back({.name = name, .words = std::move(words)});
  const std::size_t at = seats_.size() - 1;
  const std::string fault = until(name, [&] { return seats_[at].done; });
  seats_.resize(at);
  return fault;
}

std::string Migration::check(const std::vector<Side>& equal) {
  for (std::size_t i = 1; i < equal.size(); ++i) {
    const std::string rows = difference(*world_, equal[0], equal[i]);
    if (!rows.empty()) return fmt::format("{} differs from {}:\n{}", name_of(equal[i]), name_of(equal[0]), rows);
  }
  return {};
}

// Everything that was exported from one database was imported into the other, once.
std::string Migration::check_counters() {
  const auto report = nlohmann::json::parse(base::read_file(dir_ / "reports" / "data-migration-report.json"));
  std::map<std::string, std::int64_t> due;  // by table, kind and database
  for (const nlohmann::json& row : report) {
    const auto table = row.at("table_name").get<std::string>();
    const auto database = row.at("db_type").get<std::string>();
    for (const char* kind : {"inserts", "updates", "deletes"}) {
      const std::string what = table + " " + kind + " of ";
      const auto exported = row.at(std::string("exported_") + kind).get<std::int64_t>();
      const bool forward = kind_ == Kind::kFallForward;
      if (database == "source") due[what + "target"] += exported;
      if (forward) due[what + "source-replica"] += exported;
      if (!forward && database == "target") due[what + "source"] += exported;
      due[what + database] -= row.at(std::string("imported_") + kind).get<std::int64_t>();
    }
  }
  for (const auto& [what, left] : due) {
    if (left != 0) return fmt::format("{}: {} more were exported than imported", what, left);
  }
  return {};
}

std::string Migration::offline() {
  seats_ = {{.name = "export",
             .words = Words{"export", "data", "--source-db-type", "fake", "--source-db-schema", "public",
                            "--parallel-jobs", std::to_string(1 + draw(3))} +
                      connection("source")},
            {.name = "import",
             .words = Words{"import", "data", "--target-db-type", "fake", "--batch-size", std::to_string(1 + draw(20)),
                            "--parallel-jobs", std::to_string(1 + draw(3))} +
                      connection("target"),
             .next_start = draw(3 * kSecond)}};
  std::string fault = until("rows are in", [&] { return seats_[0].done && seats_[1].done; });
  if (fault.empty()) fault = check({Side::kSource, Side::kTarget});
  return fault;
}

std::optional<migration::CutoverRecord> Migration::record() {
  if (!format::MetaDb::exists(migration::iteration_dir(dir_, iteration_))) return std::nullopt;
  const auto db = migration::open_iteration(dir_, iteration_);
  return migration::whole_cutover_record(migration::iteration_dir(dir_, iteration_), *db);
}

bool Migration::has_mark(bool migration::MigrationRecord::*mark) {
  if (!format::MetaDb::exists(dir_)) return false;
  format::MetaDb db(dir_);
  return migration::migration_record(db).*mark;
}

// The application stops, the cutover is asked for, and when it is through the application goes on at the other side.
std::string Migration::cut_over(const char* side, Direction direction, const Words& more) {
  writes_on_.reset();
  std::string fault = ask("cutover", Words{"initiate", "cutover", "to", side} + more);
  if (!fault.empty()) return fault;
  return until(fmt::format("the cutover to the {} is completed", side), [&] {
    const auto now = record();
    return now && migration::cutover_status(*now, direction) == CutoverStatus::kCompleted;
  });
}

// The application works for a while.
std::string Migration::work_on(Side side) {
  writes_on_ = side;
  const std::uint64_t enough = written_ + draw(60);
  return until(fmt::format("enough is written on the {}", name_of(side)), [&] { return written_ >= enough; });
}

std::string Migration::live() {
  const Words lanes = {"--parallel-jobs", std::to_string(1 + draw(3))};
  seats_ = {
      {.name = "export",
       .words = Words{"export", "data", "--source-db-type", "fake", "--source-db-schema", "public", "--export-type",
                      "snapshot-and-changes"} +
                lanes + connection("source"),
       .later = {"import", "data", "to", "source"}},
      {.name = "import",
       .words = Words{"import", "data", "--target-db-type", "fake", "--batch-size", std::to_string(1 + draw(20))} +
                lanes + connection("target"),
       .later = {"export", "data", "from", "target"},
       .next_start = draw(3 * kSecond)}};
  // Or everybody comes when the snapshot is there.
  const bool together = one_in(3);
  const bool forward = kind_ == Kind::kFallForward;
  std::vector<Seat> behind;
  if (forward) {
    seats_.push_back({.name = "replica",
                      .words = Words{"import", "data", "to", "source-replica"} + lanes + connection("source-replica"),
                      .next_start = draw(5 * kSecond)});
  }
  writes_on_ = Side::kSource;
  if (!together) {
    behind.assign(seats_.begin() + 1, seats_.end());
    seats_.resize(1);
    std::string fault = until("the snapshot is there", [&] { return has_mark(&migration::MigrationRecord::exported); });
    if (!fault.empty()) return fault;
    seats_.insert(seats_.end(), behind.begin(), behind.end());
  }
  std::string fault = until("the migration has begun", [&] {
    return has_mark(&migration::MigrationRecord::exported) && has_mark(&migration::MigrationRecord::import_begun) &&
           (!forward || has_mark(&migration::MigrationRecord::fall_forward));
  });
  if (fault.empty()) fault = work_on(Side::kSource);
  const bool back = kind_ == Kind::kFallBack || kind_ == Kind::kIteration;
  Words prepare = {"--prepare-for-fall-back", back ? "true" : "false"};
  if (fault.empty()) fault = cut_over("target", Direction::kToTarget, prepare);
  if (fault.empty()) fault = check({Side::kSource, Side::kTarget});
  if (fault.empty() && kind_ != Kind::kForward) {
    fault = work_on(Side::kTarget);
    if (fault.empty() && forward) fault = cut_over("source-replica", Direction::kToSourceReplica, {});
    const bool again = kind_ == Kind::kIteration;
    const Words restart = {"--restart-data-migration-source-target", again ? "true" : "false"};
    if (fault.empty() && back) fault = cut_over("source", Direction::kToSource, restart);
    if (fault.empty()) fault = check({Side::kTarget, forward ? Side::kSourceReplica : Side::kSource});
    if (fault.empty() && again) {
      iteration_ = 1;
      fault = work_on(Side::kSource);
      if (fault.empty()) fault = cut_over("target", Direction::kToTarget, {"--prepare-for-fall-back", "false"});
    }
  }
  if (fault.empty()) {
    fault = until("every command has ended",
                  [&] { return std::ranges::all_of(seats_, [](const Seat& seat) { return seat.done; }); });
  }
  if (fault.empty() && !forward) fault = check({Side::kSource, Side::kTarget});
  if (fault.empty() && forward) fault = check({Side::kTarget, Side::kSourceReplica});
  // Its arithmetic over what was exported and imported has to give the rows that are there.
  if (fault.empty())
    fault = ask("report", {"get", "data-migration-report", "--verify-counts", "true", "--output-format", "json"});
  return fault.empty() ? check_counters() : fault;
}

std::string Migration::run() {
  set_up();
  kind_ = static_cast<Kind>(draw(5));
  note(fmt::format("kind {}", static_cast<int>(kind_)));
  calm_from_ = draw(60 * kSecond);
  weather_->left = static_cast<std::uint32_t>(draw(40));
  weather_->lost = static_cast<std::uint32_t>(10 + draw(200));
  weather_->lost_answer = static_cast<std::uint32_t>(3 + draw(50));
  weather_->slow = one_in(2) ? 0 : static_cast<std::uint32_t>(20 + draw(200));
  set_chances({.kill = one_in(5) ? 0 : static_cast<std::uint32_t>(20 + draw(400)),
               .switch_at = static_cast<std::uint32_t>(1 + draw(8)),
               .preempt = one_in(3) ? 0 : static_cast<std::uint32_t>(16 + draw(500)),
               .kills_max = static_cast<std::uint32_t>(draw(30))});
  std::string fault = kind_ == Kind::kOffline ? offline() : live();
  if (dead_end_) fault.clear();
  if (fault.empty() && !world_->violations.empty()) fault = world_->violations.front();
  return fault;
}

struct Answer {
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t seconds = 0;
  bool ended = false;
  std::array<char, 20'000> fault = {};
};

}  // namespace

Outcome simulate(const Order& order, const fs::path& folder) {
  void* bytes = ::mmap(nullptr, sizeof(Answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (bytes == MAP_FAILED) return {.fault = "no memory"};
  auto* answer = new (bytes) Answer;
  std::fflush(nullptr);
  const pid_t pid = bound_fork();
  if (pid == 0) {
    begin(order.seed, order.trace);
    std::string fault;
    try {
      fault = Migration(order, folder).run();
    } catch (const std::exception& error) {
      fault = std::string("the simulation itself fails: ") + error.what();
    }
    answer->hash = trace_hash();
    answer->steps = steps();
    answer->seconds = now_us() / kSecond;
    std::strncpy(answer->fault.data(), fault.c_str(), answer->fault.size() - 1);
    answer->ended = true;
    ::_exit(0);
  }
  // One that really waits for something has met a call that is not replaced.
  int status = 0;
  const auto give_up = std::chrono::steady_clock::now() + kLongestReally;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > give_up) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  Outcome outcome{
      .hash = answer->hash, .steps = answer->steps, .seconds = answer->seconds, .fault = answer->fault.data()};
  if (!answer->ended) outcome.fault = fmt::format("the simulation dies, status {}", status);
  ::munmap(bytes, sizeof(Answer));
  if (outcome.fault.empty() || !order.trace) fs::remove_all(folder);
  return outcome;
}

}  // namespace voyager::simulation
