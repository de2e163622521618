#include "stores/text/embedded/segment.h"

#include <gtest/gtest.h>

#include "stores/testing/temporary_folder.h"
#include "stores/text/embedded/memtable.h"
#include "stores/text/embedded/segment_file.h"

namespace caprock::stores::text {
namespace {

AnalyzedDocument document(const std::string& id, std::uint32_t version, const std::string& content,
                          Metadata metadata = {}) {
  const std::vector<TextRecord> records{{.key = {DocumentId(id), version, 0},
                                         .title = "A title",
                                         .content = content,
                                         .metadata = std::make_shared<const Metadata>(std::move(metadata))}};
  return analyze_document(records);
}

std::string small_segment() {
  Memtable table;
  table.add(document("b", 2, "engine power engine"), 7);
  table.add(document("a", 1, "fuel pressure", {{"year", 2020.0}}), 9);
  return table.to_segment();
}

TEST(Segment, Documents_AreFoundByIdAndVersion) {
  const std::string bytes = small_segment();
  const Segment segment = Segment::open(bytes).value();
  ASSERT_TRUE(segment.find_document("a", 1));
  EXPECT_FALSE(segment.find_document("a", 2));
  EXPECT_FALSE(segment.find_document("c", 1));
  const SegmentDocument b = segment.document(*segment.find_document("b", 2));
  EXPECT_EQ(b.sequence, 7U);
  EXPECT_EQ(b.length, 5U);
  EXPECT_EQ(b.chunk_count, 1U);
  EXPECT_EQ(segment.newest_sequence(), 9U);
}

TEST(Segment, Terms_AreFoundWithTheirCounts) {
  const std::string bytes = small_segment();
  const Segment segment = Segment::open(bytes).value();
  ASSERT_TRUE(segment.find("titl"));
  EXPECT_EQ(segment.find("titl")->chunks, 2U);
  EXPECT_FALSE(segment.find("absent"));
  EXPECT_FALSE(segment.find(""));
  PostingCursor cursor = segment.postings(*segment.find("engin"));
  EXPECT_EQ(cursor.frequency(), 2U);
}

TEST(Segment, AnyChangedByte_IsRefused) {
  const std::string bytes = small_segment();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x20);
    const auto opened = Segment::open(changed);
    // The few header fields that no check covers only carry numbers.
    if (opened) EXPECT_LT(i, 128U);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_FALSE(Segment::open(bytes.substr(0, i)));
}

TEST(SegmentFile, Written_OpensAgainAndOutlivesItsName) {
  testing::TemporaryFolder folder;
  const auto path = folder.path() / "1.seg";
  ASSERT_TRUE(write_file_durably(path, small_segment()));
  const auto file = SegmentFile::open(path);
  ASSERT_TRUE(file);
  std::filesystem::remove(path);
  EXPECT_EQ((*file)->segment().document_count(), 2U);
  EXPECT_FALSE(SegmentFile::open(path));
  EXPECT_FALSE(write_file_durably(folder.path() / "none" / "1.seg", "x"));
}

TEST(AnalyzedDocument, Encoded_ComesBack) {
  const AnalyzedDocument before =
      document("x", 3, "fuel fuel engine",
               {{"year", 2020.0},
                {"ok", true},
                {"name", std::string("n")},
                {"tags", std::vector<MetadataScalar>{std::string("a"), 1.0, false}}});
  const auto after = decode_document(encode(before));
  ASSERT_TRUE(after);
  EXPECT_EQ(encode(*after), encode(before));
  EXPECT_EQ(decode_metadata(after->metadata)->size(), 4U);
  const std::string bytes = encode(before);
  for (std::size_t i = 0; i < bytes.size(); ++i) EXPECT_FALSE(decode_document(bytes.substr(0, i)));
}

}  // namespace
}  // namespace caprock::stores::text
