#include "connectors/postgresql/uncommitted.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/temporary_folder_testing.h"

namespace voyager::postgresql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string big_endian(std::uint64_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>((number >> static_cast<unsigned>(shift)) & 0xFFU);
  return out;
}
std::string start(std::uint32_t transaction) {
  return "S" + big_endian(transaction, 4) + '\1';
}
std::string insert(std::uint32_t part, const std::string& what) {
  return "I" + big_endian(part, 4) + what;
}
std::string abort(std::uint32_t transaction, std::uint32_t part) {
  return "A" + big_endian(transaction, 4) + big_endian(part, 4);
}
std::string commit(std::uint32_t transaction) {
  return "c" + big_endian(transaction, 4) + '\0' + big_endian(70, 8) + big_endian(80, 8) + big_endian(90, 8);
}

class Uncommitted : public testing::Test {
 protected:
  // What is wrong, or nothing.
  std::string feed(const std::vector<std::string>& messages) {
    for (const std::string& message : messages) {
      const UncommittedTransactions::Taken taken = transactions_->take(message);
      if (taken.fault) return *taken.fault;
      if (!taken.taken) passed_.push_back(message);
      while (transactions_->ready()) given_.emplace_back(transactions_->next());
    }
    return "";
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  base::TemporaryFolder folder_;
  std::optional<UncommittedTransactions> transactions_{folder_.path()};
  std::vector<std::string> given_ = {};
  std::vector<std::string> passed_ = {};
};

TEST_F(Uncommitted, ComesOutAsATransactionThatWasHeldBack) {
  EXPECT_EQ(feed({"Bwhole", start(5), "R" + big_endian(5, 4) + "table", insert(5, "a"), "E", "Cwhole", start(5),
                  insert(5, "b"), "Oorigin", "E", commit(5), "Bnext"}),
            "");
  EXPECT_THAT(
      given_,
      ElementsAre("B" + big_endian(70, 8) + big_endian(90, 8) + big_endian(5, 4), "Rtable", "Ia", "Ib", "Oorigin",
                  "C" + std::string(1, '\0') + big_endian(70, 8) + big_endian(80, 8) + big_endian(90, 8)));
  EXPECT_THAT(passed_, ElementsAre("Bwhole", "Cwhole", "Bnext"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Uncommitted, WhatIsRolledBackToASavepointIsForgottenWithAllInsideOfIt) {
  EXPECT_EQ(feed({start(5),
                  insert(5, "a"),
                  insert(6, "b"),
                  insert(8, "c"),
                  insert(6, "d"),
                  "E",
                  start(9),
                  insert(9, "other"),
                  "E",
                  abort(5, 8),
                  abort(5, 7),
                  start(5),
                  insert(10, "e"),
                  "E",
                  abort(5, 6),
                  start(5),
                  insert(5, "f"),
                  insert(11, "g"),
                  "E",
                  abort(9, 9),
                  abort(9, 9)}),
            "");
  EXPECT_THAT(given_, IsEmpty());
  EXPECT_EQ(feed({commit(5)}), "");
  ASSERT_EQ(given_.size(), 5U);
  given_.erase(given_.begin());
  given_.pop_back();
  EXPECT_THAT(given_, ElementsAre("Ia", "If", "Ig"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Uncommitted, OneMessageMayBeLargerThanABuffer) {
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(feed({start(5), insert(5, "a"), insert(5, large), insert(5, "b"), "E", commit(5)}), "");
  ASSERT_EQ(given_.size(), 5U);
  EXPECT_EQ(given_[2], "I" + large);
  EXPECT_EQ(given_[3], "Ib");
}

TEST_F(Uncommitted, ManySubtransactionsCostNoMoreEach) {
  ASSERT_EQ(feed({start(1)}), "");
  for (std::uint32_t part = 2; part < 200'000; ++part) ASSERT_EQ(feed({insert(part, "a")}), "");
  EXPECT_EQ(feed({"E", abort(1, 100'000), commit(1)}), "");
  EXPECT_EQ(given_.size(), 99'998U + 2);
}

TEST_F(Uncommitted, AnEarlierStreamsFilesAreRemoved) {
  EXPECT_EQ(feed({start(5), insert(5, "a"), "E"}), "");
  EXPECT_EQ(files(), 1U);
  transactions_.reset();
  EXPECT_EQ(files(), 0U);
}

TEST_F(Uncommitted, MessagesOutOfPlaceOrCutOffAreFaults) {
  const std::vector<std::vector<std::string>> wrong = {{"E"},
                                                       {"S"},
                                                       {"S123"},
                                                       {start(1), start(2)},
                                                       {start(1), "I12"},
                                                       {start(1), "E!"},
                                                       {start(1), abort(1, 1)},
                                                       {start(1), commit(1)},
                                                       {"A1234"},
                                                       {commit(1)},
                                                       {start(1), "E", commit(1).substr(0, 20)}};
  for (const std::vector<std::string>& messages : wrong) {
    transactions_.reset();
    transactions_.emplace(folder_.path());
    EXPECT_NE(feed(messages), "") << messages.back();
  }
}

}  // namespace
}  // namespace voyager::postgresql
