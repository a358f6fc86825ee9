#include "connectors/postgresql/pgoutput.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace voyager::postgresql {
namespace {

using model::Change;
using model::ChangeKind;
using testing::ElementsAre;
using testing::IsEmpty;

std::string big_endian(std::uint64_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
    out += static_cast<char>((number >> unsigned(shift)) & 0xFFU);
  return out;
}

// What a server would send.
std::string begin(Lsn commit, std::uint32_t transaction) {
  return "B" + big_endian(commit, 8) + big_endian(1'000'000, 8) + big_endian(transaction, 4);
}
std::string commit(Lsn at, Lsn end) {
  return "C" + std::string(1, '\0') + big_endian(at, 8) + big_endian(end, 8) + big_endian(1'000'000, 8);
}
std::string relation(std::uint32_t oid, const std::string& name, std::vector<std::string> columns) {
  std::string out = "R" + big_endian(oid, 4) + "public" + '\0' + name + '\0' + "d" + big_endian(columns.size(), 2);
  for (std::size_t i = 0; i < columns.size(); ++i)
    out += std::string(1, i == 0 ? '\1' : '\0') + columns[i] + '\0' + big_endian(25, 4) + big_endian(0xFFFF'FFFF, 4);
  return out;
}
// "~" null, "=" unchanged.
std::string tuple(const std::vector<std::string>& values) {
  std::string out = big_endian(values.size(), 2);
  for (const std::string& value : values)
    out += value == "~" ? "n" : value == "=" ? "u" : "t" + big_endian(value.size(), 4) + value;
  return out;
}
std::string insert(std::uint32_t oid, const std::vector<std::string>& values) {
  return "I" + big_endian(oid, 4) + "N" + tuple(values);
}

class Decoding {
 public:
  explicit Decoding(const LogPlace& from = {})
      : decoder_(from, {}, [this](const Relation& relation) { return described(relation); }) {}

  std::optional<std::string> feed(const std::vector<std::string>& messages) {
    for (const std::string& message : messages) {
      if (auto fault = decoder_.decode(message, bytes_)) return fault;
    }
    return std::nullopt;
  }
  // One line a record.
  std::vector<std::string> records() {
    std::vector<std::string> out;
    model::ChangeTables tables;
    model::ChangeReader reader(bytes_, tables);
    Change change;
    const auto values = [](std::span<const model::ChangeValue> tuple) {
      std::string text;
      for (const model::ChangeValue& value : tuple) {
        if (!text.empty()) text += ',';
        text += value.kind == model::ValueKind::kNull        ? "~"
                : value.kind == model::ValueKind::kUnchanged ? "="
                                                             : std::string(value.text);
      }
      return text;
    };
    while (reader.next(change)) {
      switch (change.kind) {
        case ChangeKind::kTable:
          out.push_back("table " + change.table->name.name.catalog_text());
          break;
        case ChangeKind::kBegin:
          out.push_back("begin " + std::string(change.text));
          break;
        case ChangeKind::kCommit:
          out.push_back("commit");
          break;
        case ChangeKind::kInsert:
          out.push_back("insert " + values(change.after));
          break;
        case ChangeKind::kUpdate:
          out.push_back("update " + values(change.before) + " -> " + values(change.after));
          break;
        case ChangeKind::kDelete:
          out.push_back("delete " + values(change.before));
          break;
        case ChangeKind::kTruncate:
          out.push_back("truncate " + std::to_string(change.tables.size()));
          break;
        case ChangeKind::kControl:
        case ChangeKind::kCascade:
          out.push_back("none of a PostgreSQL source");
          break;
      }
    }
    EXPECT_FALSE(reader.fault());
    return out;
  }
  PgoutputDecoder& decoder() { return decoder_; }
  int described_times() const { return described_times_; }

 private:
  model::ChangeTable described(const Relation& relation) {
    ++described_times_;
    model::ChangeTable table{.name = relation.name, .leaf = relation.name};
    for (const Relation::Column& column : relation.columns)
      table.columns.push_back({model::Identifier(column.name), std::to_string(column.type), column.key});
    return table;
  }
  PgoutputDecoder decoder_;
  std::string bytes_ = {};
  int described_times_ = 0;
};

TEST(Pgoutput, EveryKindOfChange) {
  Decoding decoding;
  EXPECT_EQ(decoding.feed({begin(100, 7), relation(16, "t", {"id", "v"}), insert(16, {"1", "~"}),
                           "U" + big_endian(16, 4) + "N" + tuple({"1", "="}),
                           "U" + big_endian(16, 4) + "K" + tuple({"1", "~"}) + "N" + tuple({"2", "x"}),
                           "U" + big_endian(16, 4) + "O" + tuple({"2", "x"}) + "N" + tuple({"2", ""}),
                           "D" + big_endian(16, 4) + "K" + tuple({"2", "~"}),
                           "T" + big_endian(1, 4) + std::string(1, '\1') + big_endian(16, 4), commit(100, 120)}),
            std::nullopt);
  EXPECT_THAT(decoding.records(), ElementsAre("begin 7", "table t", "insert 1,~", "update  -> 1,=", "update 1,~ -> 2,x",
                                              "update 2,x -> 2,", "delete 2,~", "truncate 1", "commit"));
  EXPECT_EQ(decoding.decoder().changes(), 6U);
  EXPECT_EQ(decoding.decoder().place(), (LogPlace{.commit = 100, .changes = LogPlace::kAll, .end = 120}));
  EXPECT_EQ(decoding.decoder().committed_at_micros(), 946'684'801'000'000);
}

TEST(Pgoutput, AnEmptyTransactionLeavesNoRecordButMovesThePlace) {
  Decoding decoding;
  EXPECT_EQ(decoding.feed({begin(100, 7), commit(100, 120)}), std::nullopt);
  EXPECT_THAT(decoding.records(), IsEmpty());
  EXPECT_EQ(decoding.decoder().place().end, 120U);
}

// Whatever place a stream is taken up at, what was there and what comes make the same changes, once each.
TEST(Pgoutput, WhatTheServerSendsAgainIsSkippedWhereverTheStreamBroke) {
  const std::vector<std::string> stream = {
      begin(100, 7),     relation(16, "t", {"id"}), insert(16, {"1"}), insert(16, {"2"}), commit(100, 110),
      begin(200, 8),     insert(16, {"3"}),         commit(200, 210),  begin(300, 9),     insert(16, {"4"}),
      insert(16, {"5"}), insert(16, {"6"}),         commit(300, 310)};
  for (std::size_t broken = 0; broken <= stream.size(); ++broken) {
    Decoding before;
    ASSERT_EQ(before.feed({stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(broken)}), std::nullopt);
    const LogPlace place = LogPlace::of(before.decoder().place().position());
    Decoding after(place);
    ASSERT_EQ(after.feed(stream), std::nullopt);
    EXPECT_GE(after.decoder().place(), place);
    // What is begun again is the same transaction; what was begun is committed.
    std::vector<std::string> all;
    std::string open;
    for (Decoding* const decoding : {&before, &after}) {
      for (const std::string& record : decoding->records()) {
        if (record.starts_with("begin")) {
          EXPECT_TRUE(open.empty() || open == record) << broken;
          open = record;
        } else if (record == "commit") {
          EXPECT_FALSE(open.empty()) << broken;
          open.clear();
        } else if (record.starts_with("insert")) {
          EXPECT_FALSE(open.empty()) << broken;
          all.push_back(record);
        }
      }
    }
    EXPECT_EQ(open, "") << broken;
    EXPECT_THAT(all, ElementsAre("insert 1", "insert 2", "insert 3", "insert 4", "insert 5", "insert 6")) << broken;
  }
}

TEST(Pgoutput, ATableIsSaidAnewOnlyWhenItChanged) {
  Decoding decoding;
  EXPECT_EQ(decoding.feed({begin(1, 1), relation(16, "t", {"id"}), insert(16, {"1"}), commit(1, 2), begin(3, 2),
                           relation(16, "t", {"id"}), insert(16, {"2"}), relation(16, "t", {"id", "v"}),
                           insert(16, {"3", "x"}), commit(3, 4)}),
            std::nullopt);
  EXPECT_EQ(decoding.described_times(), 3) << "each time: the same names may be those of others";
  EXPECT_THAT(decoding.records(), ElementsAre("begin 1", "table t", "insert 1", "commit", "begin 2", "insert 2",
                                              "table t", "insert 3,x", "commit"));
}

TEST(Pgoutput, WhatTheProtocolDoesNotAllowIsAFault) {
  for (const std::string& wrong : {std::string("Z"), insert(17, {"1"}), begin(5, 5), commit(99, 100), std::string(),
                                   insert(16, {"1", "2"}), "I" + big_endian(16, 4) + "K" + tuple({"1"})}) {
    Decoding decoding;
    ASSERT_EQ(decoding.feed({begin(1, 1), relation(16, "t", {"id"})}), std::nullopt);
    EXPECT_TRUE(decoding.feed({wrong}));
    EXPECT_THAT(decoding.records(), IsEmpty());
  }
  const std::string whole = "U" + big_endian(16, 4) + "K" + tuple({"1"}) + "N" + tuple({"22"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Decoding decoding;
    ASSERT_EQ(decoding.feed({begin(1, 1), relation(16, "t", {"id"})}), std::nullopt);
    EXPECT_TRUE(decoding.feed({whole.substr(0, size)})) << size;
    EXPECT_TRUE(decoding.feed({whole + "x"}));
  }
}

TEST(Lsn, TextAndBack) {
  EXPECT_EQ(lsn_text(0x16'B374'D848), "16/B374D848");
  EXPECT_EQ(parse_lsn("16/B374D848"), 0x16'B374'D848U);
  for (const char* wrong : {"", "16", "x/1", "1/", "1/2z", "/"}) EXPECT_EQ(parse_lsn(wrong), 0U) << wrong;
}

TEST(LogPlace, BytesAreInTheOrderOfTheLog) {
  const LogPlace a{.commit = 255, .changes = 300}, b{.commit = 256},
      c{.commit = 256, .changes = LogPlace::kAll, .end = 9};
  EXPECT_LT(a.position(), b.position());
  EXPECT_LT(b.position(), c.position());
  EXPECT_EQ(LogPlace::of(c.position()), c);
  EXPECT_THROW(LogPlace::of({"short"}), base::Error);
}

}  // namespace
}  // namespace voyager::postgresql
