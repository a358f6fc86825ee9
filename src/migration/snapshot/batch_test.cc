#include "migration/snapshot/batch.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/files.h"
#include "base/temporary_folder_testing.h"
#include "format/chunk_file.h"
#include "format/memory_chunks_testing.h"
#include "migration/snapshot/user_file.h"

namespace voyager::migration {
namespace {

std::shared_ptr<ImportFile> file_with_frames(std::initializer_list<std::uint32_t> rows) {
  auto file = std::make_shared<ImportFile>();
  file->name = "f";
  for (const std::uint32_t count : rows) {
    file->frames.push_back(
        {.number = static_cast<std::int32_t>(file->frames.size()), .raw_bytes = 10 * count, .rows = count});
    file->gaps.emplace_back();
  }
  return file;
}

model::BatchKey key(std::int32_t frame, std::uint32_t first, std::uint64_t rows) {
  return {"f", frame * model::kRowsPerFrameMax + static_cast<std::int32_t>(first), rows};
}

std::uint64_t rows_of(const std::vector<FrameRows>& parts) {
  std::uint64_t sum = 0;
  for (const FrameRows& part : parts) sum += part.rows;
  return sum;
}

TEST(Coverage, KnowsExactlyWhatIsMissing) {
  const auto file = file_with_frames({100, 50});
  Coverage coverage;
  EXPECT_EQ(rows_of(coverage.missing(*file)), 150U);
  coverage.add(key(0, 0, 40));
  coverage.add(key(0, 41, 9));
  coverage.add(key(1, 0, 50));
  const std::vector<FrameRows> missing = coverage.missing(*file);
  ASSERT_EQ(missing.size(), 2U);
  EXPECT_EQ(missing[0].first, 40U);
  EXPECT_EQ(missing[0].rows, 1U);
  EXPECT_EQ(missing[1].first, 50U);
  EXPECT_EQ(missing[1].rows, 50U);
  coverage.add(key(0, 40, 1));
  coverage.add(key(0, 50, 50));
  EXPECT_TRUE(coverage.complete(*file));
}

TEST(PlanBatches, RightsOfLargeObjectsAreFewAtATime) {
  const auto file = file_with_frames({1'200, 20'000});
  EXPECT_EQ(plan_batches(file, {}, {}).size(), 1U);
  file->kind = model::TableKind::kLargeObjectRights;
  std::uint64_t rows = 0;
  for (const Batch& batch : plan_batches(file, {}, {})) {
    EXPECT_LE(batch.rows(), kLargeObjectRightsMax);
    rows += batch.rows();
  }
  EXPECT_EQ(rows, 21'200U);
  for (const Batch& batch : plan_batches(file, {}, {.rows_max = 30})) EXPECT_LE(batch.rows(), 30U);
}

TEST(Coverage, AKeyGoesOnIntoLaterFrames) {
  const auto file = file_with_frames({100, 50, 30, 20});
  Coverage coverage;
  coverage.add(key(0, 60, 40 + 50 + 10));
  const std::vector<FrameRows> missing = coverage.missing(*file);
  ASSERT_EQ(missing.size(), 3U);
  EXPECT_EQ(missing[0].rows, 60U);
  EXPECT_EQ(missing[1].frame, 2U);
  EXPECT_EQ(missing[1].first, 10U);
  EXPECT_EQ(missing[1].rows, 20U);
  EXPECT_EQ(missing[2].rows, 20U);
}

TEST(Coverage, OtherFilesDoNotCount) {
  const auto file = file_with_frames({10});
  Coverage coverage;
  coverage.add({"g", 0, 10});
  EXPECT_FALSE(coverage.complete(*file));
}

// Whatever was loaded with whatever batch size, the rest is planned exactly once with another.
TEST(Batches, CoverEveryMissingRowOnceWhateverTheLimits) {
  std::mt19937 random(3);
  const auto some = [&](unsigned most) { return static_cast<std::uint32_t>(1 + random() % most); };
  for (int round = 0; round < 200; ++round) {
    const auto file = file_with_frames({some(300), some(300), some(300)});
    Coverage coverage;
    std::set<model::BatchKey> in;
    while (!coverage.complete(*file)) {
      const BatchLimits limits{.rows_max = some(400), .bytes_max = some(4000)};
      const std::vector<Batch> batches = plan_batches(file, coverage, limits);
      std::uint64_t planned = 0;
      for (const Batch& batch : batches) {
        planned += batch.rows();
        EXPECT_LE(batch.rows(), limits.rows_max);
      }
      EXPECT_EQ(planned, rows_of(coverage.missing(*file)));
      for (const Batch& batch : batches) {
        if (random() % 3 == 0) continue;  // "killed" before this one
        for (const model::BatchKey& one : batch.keys()) {
          EXPECT_TRUE(in.insert(one).second) << "planned twice";
          coverage.add(one);
        }
      }
    }
  }
}

TEST(Batches, SplitKeepsAllRows) {
  const auto file = file_with_frames({10, 20});
  const Batch whole{.file = file, .parts = {{0, 0, 10}, {1, 0, 20}}};
  for (std::uint64_t at = 0; at <= 30; ++at) {
    const auto [left, right] = split_batch(whole, at);
    EXPECT_EQ(left.rows(), at);
    EXPECT_EQ(right.rows(), 30 - at);
  }
  const auto [left, right] = split_batch(whole, 12);
  ASSERT_EQ(left.keys().size(), 1U) << "a run of rows is one key, also across frames";
  EXPECT_EQ(left.keys()[0], key(0, 0, 12));
  EXPECT_EQ(right.keys()[0], key(1, 2, 18));
  const Batch gap{.file = file, .parts = {{0, 0, 9}, {1, 0, 20}}};
  EXPECT_EQ(gap.keys().size(), 2U);
}

class BatchRows : public testing::Test {
 protected:
  const base::TemporaryFolder own_ = {};
  const std::filesystem::path path_ = own_.path() / "chunk";

  static std::string read(const Batch& batch) {
    const auto stream = open_rows(batch);
    std::string out;
    for (std::string_view piece = stream->next_piece(); !piece.empty(); piece = stream->next_piece()) out += piece;
    return out;
  }
};

TEST_F(BatchRows, AnyPartOfAChunkStreamsItsOwnRows) {
  auto file = std::make_shared<ImportFile>();
  format::MemoryChunks chunks;
  file->name = "f";
  file->store = &chunks;
  file->compressed = true;
  format::ChunkWriter writer;
  writer.open(chunks.create("f"), true);
  model::RowBlock block;
  for (int i = 0; i < 250; ++i) {
    block.bytes += "row " + std::to_string(i) + "\n";
    if (++block.rows == 100 || i == 249) writer.add(std::exchange(block, {}));
  }
  format::ChunkWriter::Written written = writer.finish();
  file->frames = std::move(written.frames);
  chunks.keep({&written.file, 1});
  ASSERT_EQ(file->frames.size(), 3U);
  EXPECT_EQ(read({.file = file, .parts = {{0, 98, 2}, {1, 0, 1}}}), "row 98\nrow 99\nrow 100\n");
  EXPECT_EQ(read({.file = file, .parts = {{2, 49, 1}}}), "row 249\n");
  std::string all;
  for (int i = 0; i < 250; ++i) all += "row " + std::to_string(i) + "\n";
  EXPECT_EQ(read({.file = file, .parts = {{0, 0, 100}, {1, 0, 100}, {2, 0, 50}}}), all);
}

TEST_F(BatchRows, AUserFileIsScannedIntoFramesThatStreamItsRows) {
  std::string text = "id,note\n";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + ",\"line one\nline \"\"two\"\"\"\n";
  text += "50000,last";  // no line end
  base::write_file_atomically(path_, text);
  FileImportOptions options{.format = {.rows = model::RowFormat::kCsv, .delimiter = ',', .null_string = ""},
                            .has_header = true};
  UserFileScan scan({.path = path_}, options, {{.name = model::Identifier("id")}, {.name = model::Identifier("note")}},
                    0, false);
  std::vector<UserFileScan::BadRow> bad;
  std::string all;
  std::uint64_t rows = 0;
  std::shared_ptr<const ImportFile> first;
  while (const auto part = scan.next(bad)) {
    if (!first) first = part;
    for (const Batch& batch : plan_batches(part, Coverage(), BatchLimits())) {
      rows += batch.rows();
      all += read(batch);
    }
  }
  EXPECT_TRUE(bad.empty());
  EXPECT_EQ(rows, 50'001U);
  EXPECT_EQ(all, text.substr(8));
  EXPECT_EQ(read({.file = first, .parts = {{0, 7, 2}}}),
            "7,\"line one\nline \"\"two\"\"\"\n8,\"line one\nline \"\"two\"\"\"\n");
}

TEST_F(BatchRows, AFileWithMoreFramesThanANameCanNumberHasSeveralNames) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "x\n";
  base::write_file_atomically(path_, text);
  FileImportOptions options{.format = {}, .frames_per_name = 2};
  std::set<model::BatchKey> keys;
  std::uint64_t rows = 0;
  for (int run = 0; run < 2; ++run) {  // A later run numbers alike.
    UserFileScan scan({.path = path_}, options, {{.name = model::Identifier("a")}}, 0, false);
    std::vector<UserFileScan::BadRow> bad;
    while (const auto part = scan.next(bad)) {
      EXPECT_EQ(user_file_of(part->name), path_.string());
      for (const Batch& batch : plan_batches(part, Coverage(), BatchLimits())) {
        if (run == 0) rows += batch.rows();
        for (const model::BatchKey& key : batch.keys()) EXPECT_EQ(keys.insert(key).second, run == 0);
      }
    }
  }
  EXPECT_EQ(rows, 100'000U);
  EXPECT_EQ(std::ranges::count(keys, 0, &model::BatchKey::number), 3) << "five frames, two a name";
  EXPECT_EQ(user_file_of("/data/a (part 1"), "/data/a (part 1");
}

TEST_F(BatchRows, LinesOfTheStreamAreFoundInTheFile) {
  base::write_file_atomically(path_, "id,note\n1,\"a\nb\"\n\n\n2,x\n3,y\n");
  FileImportOptions options{.format = {.rows = model::RowFormat::kCsv, .delimiter = ',', .null_string = ""},
                            .has_header = true};
  UserFileScan scan({.path = path_}, options, {{.name = model::Identifier("id")}, {.name = model::Identifier("note")}},
                    0, false);
  std::vector<UserFileScan::BadRow> bad;
  const auto part = scan.next(bad);
  const Batch all{.file = part, .parts = {{0, 0, 3}}};
  EXPECT_EQ(file_line_of(all, 1), 2U);
  // Line ends inside the first row's quotes are not counted by servers.
  EXPECT_EQ(file_line_of(all, 2), 6U) << "two empty lines were left out";
  EXPECT_EQ(file_line_of(all, 3), 7U);
  EXPECT_EQ(file_line_of({.file = part, .parts = {{0, 2, 1}}}, 1), 7U);
  for (const auto& [row, line] : std::map<std::uint32_t, std::uint64_t>{{0, 2}, {1, 6}, {2, 7}})
    EXPECT_EQ(first_line_of({.file = part, .parts = {{0, row, 1}}}), line) << row;
}

}  // namespace
}  // namespace voyager::migration
