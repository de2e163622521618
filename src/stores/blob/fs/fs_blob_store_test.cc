#include "stores/blob/fs/fs_blob_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>

#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using testing::run;

const std::string kKey = "default/originals/018f";
const std::string kSmallBytes("small\0bytes", 11);
const std::string kLargeBytes(FsBlobStore::kSmall + 1, 'x');

class FsBlobStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<FsBlobStore> open() {
    return std::move(FsBlobStore::open(folder_.file("blobs"), *db_, pool_).value());
  }
  void put(const std::string& key, const std::string& bytes) {
    ASSERT_TRUE(run(store_->put(context_, key, bytes)));
  }
  base::Result<std::string> get(const std::string& key) { return run(store_->get(context_, key)); }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("c.db"), {record_tables()}).value());
  base::BlockingPool pool_{{.name = "files"}};
  std::unique_ptr<FsBlobStore> store_ = open();
  base::RequestContext context_;
};

TEST_F(FsBlobStoreTest, SmallAndLarge_ComeBackByteForByte) {
  put(kKey, kSmallBytes);
  EXPECT_EQ(get(kKey).value(), kSmallBytes);
  put("default/originals/large", kLargeBytes);
  EXPECT_EQ(get("default/originals/large").value(), kLargeBytes);
  put("default/originals/empty", "");
  EXPECT_EQ(get("default/originals/empty").value(), "");
}

TEST_F(FsBlobStoreTest, Replacing_WorksBetweenRowAndFile) {
  put(kKey, kSmallBytes);
  put(kKey, kLargeBytes);
  EXPECT_EQ(get(kKey).value(), kLargeBytes);
  put(kKey, kSmallBytes);
  EXPECT_EQ(get(kKey).value(), kSmallBytes);
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "blobs" / kKey));
}

TEST_F(FsBlobStoreTest, Remove_IsIdempotent) {
  for (const std::string& bytes : {kSmallBytes, kLargeBytes}) {
    put(kKey, bytes);
    EXPECT_TRUE(run(store_->remove(context_, kKey)));
    EXPECT_TRUE(run(store_->remove(context_, kKey)));
    EXPECT_EQ(get(kKey).error().kind, ErrorKind::kNotFound);
  }
}

TEST_F(FsBlobStoreTest, BadKeys_AreRefused) {
  for (const char* key : {"", "default", "/default/x", "default//x", "default/../x", "default/.x",
                          "default/a b", "default/x/", "default/\xc3\xa4"}) {
    EXPECT_EQ(run(store_->put(context_, key, "x")).error().kind, ErrorKind::kInvalidArgument) << key;
    EXPECT_EQ(get(key).error().kind, ErrorKind::kInvalidArgument) << key;
  }
}

TEST_F(FsBlobStoreTest, Opening_RemovesHalfWrittenFiles) {
  std::ofstream(folder_.path() / "blobs/.unfinished/abc") << "half";
  open();
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "blobs/.unfinished/abc"));
}

TEST_F(FsBlobStoreTest, Orphans_AreThoseOfBeforeThatNobodyRefersTo) {
  for (const std::string& bytes : {kSmallBytes, kLargeBytes}) {
    const std::string size = std::to_string(bytes.size());
    put("default/originals/kept" + size, bytes);
    put("default/originals/orphan" + size, bytes);
    put("default/texts/text" + size, bytes);
    put("other/originals/foreign" + size, bytes);
  }
  store_ = open();
  put("default/originals/new-small", kSmallBytes);
  put("default/originals/new-large", kLargeBytes);
  const std::string small = std::to_string(kSmallBytes.size());
  const std::string large = std::to_string(kLargeBytes.size());
  const auto removed = store_->remove_orphans(
      "default/originals/", {"default/originals/kept" + small, "default/originals/kept" + large});
  EXPECT_EQ(removed.value(), 2);
  for (const std::string& size : {small, large}) {
    EXPECT_TRUE(get("default/originals/kept" + size));
    EXPECT_FALSE(get("default/originals/orphan" + size));
    EXPECT_TRUE(get("default/texts/text" + size));
    EXPECT_TRUE(get("other/originals/foreign" + size));
  }
  EXPECT_TRUE(get("default/originals/new-small"));
  EXPECT_TRUE(get("default/originals/new-large"));
}

TEST_F(FsBlobStoreTest, FailedWrite_LeavesTheOldOneAndNoRest) {
  put(kKey, kLargeBytes);
  // A file size limit stands for a full disk: the write fails half way.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = FsBlobStore::kSmall;
  std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto refused = run(store_->put(context_, kKey, kLargeBytes + "more"));
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(get(kKey).value(), kLargeBytes);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "blobs/.unfinished"));
}

}  // namespace
}  // namespace caprock::stores
