// Deleting gives the space back to the file system.
#include <gtest/gtest.h>

#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using testing::run;

class SpaceTest : public ::testing::Test {
 protected:
  void ingest(int n) {
    const std::string name = "doc-" + std::to_string(n);
    NewDocument document{.collection = here_,
                         .source = name,
                         .title = name,
                         .content_type = "text/plain",
                         .content_sha256 = name,
                         .original_key = "default/originals/" + name};
    ASSERT_TRUE(run(documents_.accept(context_, document, std::nullopt)));
    const auto job = run(documents_.claim(context_, 1, std::chrono::seconds(60))).value().at(0);
    std::vector<ChunkRecord> records;
    for (std::uint32_t i = 0; i < 50; ++i)
      records.push_back({{job.document.id, job.version, i}, {.index = i, .content = std::string(1000, 'x')}});
    ASSERT_TRUE(run(chunks_.put(context_, here_, records)));
    ids_.push_back(run(documents_.publish(context_, job, 50, 100, name)).value().id);
  }
  void collect() {
    for (const Garbage& garbage : run(documents_.garbage(context_, 1000)).value()) {
      ASSERT_TRUE(run(chunks_.remove(context_, garbage.collection, garbage.document, garbage.version)));
      ASSERT_TRUE(run(documents_.collected(context_, garbage)));
    }
  }
  std::uintmax_t size() { return std::filesystem::file_size(folder_.file("s.db")); }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("s.db"), {record_tables()}).value());
  SqliteDocumentStore documents_{*db_};
  SqliteChunkStore chunks_{*db_};
  base::RequestContext context_;
  CollectionKey here_{base::TenantId("default"), "default"};
  std::vector<DocumentId> ids_;
};

TEST_F(SpaceTest, DeletedDocuments_ShrinkTheFile) {
  for (int n = 0; n < 100; ++n) ingest(n);
  ASSERT_TRUE(db_->reclaim());
  const auto full = size();
  EXPECT_GT(full, 5'000'000);
  for (const DocumentId& id : ids_) ASSERT_TRUE(run(documents_.remove(context_, id)));
  collect();
  EXPECT_TRUE(run(documents_.garbage(context_, 10)).value().empty());
  ASSERT_TRUE(db_->reclaim());
  EXPECT_LT(size(), full / 20);
  EXPECT_TRUE(db_->check_integrity());
}

TEST_F(SpaceTest, DeletedText_IsNotLeftInTheFile) {
  ingest(0);
  const std::string secret = "a sentence that must be gone";
  const ChunkKey key{ids_[0], 1, 60};
  ASSERT_TRUE(run(chunks_.put(context_, here_, {{key, {.index = 60, .content = secret}}})));
  ASSERT_TRUE(run(documents_.remove(context_, ids_[0])));
  collect();
  ASSERT_TRUE(db_->reclaim());
  std::FILE* file = std::fopen(folder_.file("s.db").c_str(), "rb");
  std::string bytes(size(), '\0');
  ASSERT_EQ(std::fread(bytes.data(), 1, bytes.size(), file), bytes.size());
  std::fclose(file);
  EXPECT_EQ(bytes.find(secret), std::string::npos);
}

}  // namespace
}  // namespace caprock::stores
