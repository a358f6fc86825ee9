#include "format/chunk_file.h"

#include <gtest/gtest.h>

#include <random>

#include "base/error.h"
#include "format/memory_chunks_testing.h"

namespace voyager::format {
namespace {

class ChunkFile : public testing::TestWithParam<bool> {
 protected:
  MemoryChunks chunks_ = {};

  std::string read_all(const std::vector<model::Frame>& frames) {
    ChunkReader reader(chunks_.open("chunk"), GetParam());
    std::string out;
    for (const model::Frame& frame : frames) {
      reader.start(frame);
      for (std::string_view piece = reader.next_piece(); !piece.empty(); piece = reader.next_piece()) out += piece;
    }
    return out;
  }

  // Each text is a block of one row.
  std::vector<model::Frame> write(const std::vector<std::string>& rows) {
    ChunkWriter writer;
    writer.open(chunks_.create("chunk"), GetParam());
    for (const std::string& row : rows) writer.add({.bytes = row, .rows = 1});
    return keep(writer.finish());
  }
  std::vector<model::Frame> keep(ChunkWriter::Written written) {
    chunks_.keep({&written.file, 1});
    return std::move(written.frames);
  }
  std::string stored() const { return chunks_.kept().at("chunk"); }
};

TEST_P(ChunkFile, GivesBackTheBytesFrameByFrame) {
  std::mt19937 random(7);
  std::vector<std::string> rows;
  std::string all;
  for (int i = 0; i < 300; ++i) {
    rows.push_back(std::string(random() % 70'000, static_cast<char>('a' + random() % 26)) + "\n");
    all += rows.back();
  }
  const std::vector<model::Frame> frames = write(rows);
  ASSERT_EQ(frames.size(), rows.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].number, static_cast<std::int32_t>(i));
    EXPECT_EQ(frames[i].raw_bytes, rows[i].size());
  }
  EXPECT_EQ(read_all(frames), all);
  // Any frame can be read alone.
  EXPECT_EQ(read_all({frames[3]}), rows[3]);
}

TEST_P(ChunkFile, ABlockLargerThanAllBuffersIsAFrame) {
  std::mt19937 random(5);
  std::string noise;
  for (int i = 0; i < 12'000'000; ++i) noise += static_cast<char>('a' + random() % 26);
  const std::vector<model::Frame> frames = write({noise + "\n", "y\n"});
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(read_all({frames[0]}) == noise + "\n");
  EXPECT_EQ(read_all({frames[1]}), "y\n");
}

TEST_P(ChunkFile, NoRowsMakeNoFrames) {
  EXPECT_TRUE(write({}).empty());
}

TEST_P(ChunkFile, EveryFlippedByteIsNoticed) {
  std::mt19937 random(11);
  std::string row;
  for (int i = 0; i < 4'000; ++i) row += static_cast<char>('a' + random() % 26);
  const std::vector<model::Frame> frames = write({row + "\n"});
  for (std::uint64_t at = 0; at < frames[0].stored_bytes; at += 331) {
    const std::string whole = stored();
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    chunks_.put("chunk", bytes);
    EXPECT_THROW(read_all(frames), base::Error) << at;
    chunks_.put("chunk", whole);
  }
}

TEST_P(ChunkFile, ATruncatedFileIsNoticed) {
  const std::vector<model::Frame> frames = write({std::string(100'000, 'x') + "\n"});
  chunks_.put("chunk", stored().substr(0, frames[0].stored_bytes - 1));
  EXPECT_THROW(read_all(frames), base::Error);
}

INSTANTIATE_TEST_SUITE_P(PlainAndCompressed, ChunkFile, testing::Bool(),
                         [](const auto& name) { return name.param ? "zstd" : "plain"; });

TEST_P(ChunkFile, ATrailerIsInNoFrame) {
  ChunkWriter writer;
  writer.open(chunks_.create("chunk"), GetParam());
  writer.add({.bytes = "a\n", .rows = 1});
  const std::vector<model::Frame> frames = keep(writer.finish("\\.\n"));
  EXPECT_EQ(read_all(frames), "a\n");
  EXPECT_TRUE(stored().ends_with("\\.\n"));
}

TEST(ChunkFileName, SaysTheTableAndFitsIntoAFolder) {
  const auto name = [](const char* schema, const std::string& table) {
    return chunk_file_name({model::Identifier(schema), model::Identifier(table)}, 0, 12, model::RowFormat::kText, true);
  };
  EXPECT_EQ(name("public", "orders"), "orders_data.000012.sql.zst");
  EXPECT_EQ(name("shop", "Orders"), "shop.\"Orders\"_data.000012.sql.zst");
  EXPECT_EQ(name("public", "a/b"), "\"a%2Fb\"_data.000012.sql.zst");
  std::string longest;
  for (int i = 0; i < 21; ++i) longest += "\xE6\x9D\xB1";  // 63 bytes of 東
  const std::string other = longest.substr(0, 60) + "abc";
  EXPECT_LT(name(longest.c_str(), longest).size(), 250U);
  EXPECT_NE(name(longest.c_str(), longest), name(longest.c_str(), other));
  EXPECT_EQ(
      chunk_file_name({model::Identifier("public"), model::Identifier("t")}, 2, 1, model::RowFormat::kBinary, false),
      "t_data.g2-000001.bin");
  const auto whole = [](int generation, bool compressed) {
    return chunk_file_name({model::Identifier("public"), model::Identifier("t")}, generation, kWholeTable,
                           model::RowFormat::kText, compressed);
  };
  EXPECT_EQ(whole(0, false), "t_data.sql");
  EXPECT_EQ(whole(0, true), "t_data.sql.zst");
  EXPECT_EQ(whole(2, false), "t_data.g2.sql");
}

std::string binary_row(std::initializer_list<std::string> values) {
  const auto number = [](std::uint32_t value, int bytes) {
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
    return out;
  };
  std::string row = number(static_cast<std::uint32_t>(values.size()), 2);
  for (const std::string& value : values) {
    row += value == "NULL" ? number(0xFFFFFFFF, 4) : number(static_cast<std::uint32_t>(value.size()), 4) + value;
  }
  return row;
}

TEST(RowCutter, CutsBinaryRowsInPiecesOfAnySize) {
  const std::vector<std::string> rows = {binary_row({"abc", "NULL", ""}), binary_row({}),
                                         binary_row({std::string(300, 'x')}), binary_row({"NULL"}),
                                         binary_row({"1", "22"})};
  std::string all;
  for (const std::string& row : rows) all += row;
  for (std::size_t wanted = 0; wanted <= rows.size(); ++wanted) {
    std::string expected;
    for (std::size_t i = 0; i < wanted; ++i) expected += rows[i];
    for (const std::size_t size : {1UL, 2UL, 3UL, 7UL, 1000UL}) {
      RowCutter cutter(model::RowFormat::kBinary);
      std::string got;
      std::uint64_t left = wanted;
      for (std::size_t at = 0; at < all.size() && left > 0; at += size) {
        std::uint64_t found = 0;
        const std::string_view piece = std::string_view(all).substr(at, size);
        got += piece.substr(0, cutter.take(piece, left, found));
        left -= found;
      }
      EXPECT_EQ(got, expected) << wanted << " rows, pieces of " << size;
      EXPECT_EQ(left, 0U);
    }
  }
}

TEST(RowCutter, CutsTextRows) {
  RowCutter cutter(model::RowFormat::kText);
  std::uint64_t found = 0;
  EXPECT_EQ(cutter.take("a\\n\tb\nc\nd", 1, found), 6U);
  EXPECT_EQ(found, 1U);
  EXPECT_EQ(cutter.take("c\nd", 5, found), 3U);
  EXPECT_EQ(found, 2U);
}

}  // namespace
}  // namespace voyager::format
