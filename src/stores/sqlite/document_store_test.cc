#include "stores/sqlite/document_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::stores {
namespace {

using base::ErrorKind;
using std::chrono::seconds;
using testing::run;

class DocumentStoreTest : public ::testing::Test {
 protected:
  NewDocument document(std::string source, std::string sha = "aa") {
    return {.collection = {base::TenantId("default"), "papers"},
            .source = source,
            .title = "Title of " + source,
            .content_type = "text/plain",
            .metadata = {{"year", 2021.0}, {"tag", std::vector<MetadataScalar>{std::string("a"), true}}},
            .content_sha256 = sha,
            .original_key = "default/original/" + source + sha,
            .size_bytes = 12};
  }
  Accepted accept(NewDocument d, std::optional<IdempotencyEntry> once = std::nullopt) {
    return run(store_.accept(context_, std::move(d), std::move(once))).value();
  }
  std::vector<IngestJob> claim(std::uint32_t count = 10) {
    return run(store_.claim(context_, count, seconds(60))).value();
  }
  Document publish(const IngestJob& job) {
    return run(store_.publish(context_, job, 2, 40, "Parsed title")).value();
  }
  Document index(const std::string& source, std::string sha = "aa") {
    accept(document(source, std::move(sha)));
    return publish(claim().at(0));
  }
  Document get(const DocumentId& id) { return run(store_.get(context_, id)).value(); }
  std::vector<VisibleDocument> visible(const DocumentId& id) {
    return run(store_.visible(context_, {base::TenantId("default"), "papers"}, {id})).value();
  }
  std::vector<Garbage> garbage() { return run(store_.garbage(context_, 10)).value(); }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> db_ = std::move(Database::open(folder_.file("c.db"), {record_tables()}).value());
  base::ManualClock clock_{base::WallTime(seconds(1'700'000'000))};
  SqliteDocumentStore store_{*db_, clock_};
  base::RequestContext context_;
};

TEST_F(DocumentStoreTest, NewDocument_IsPendingAndReadsBackTheSame) {
  const Accepted accepted = accept(document("a.txt"));
  EXPECT_FALSE(accepted.unchanged);
  EXPECT_TRUE(accepted.original_kept);
  const Document stored = get(accepted.document.id);
  EXPECT_EQ(stored.status, DocumentStatus::kPending);
  EXPECT_EQ(stored.pending_version, 1);
  EXPECT_EQ(stored.version, 0);
  EXPECT_EQ(stored.metadata, document("a.txt").metadata);
  EXPECT_EQ(stored.created_at, accepted.document.created_at);
  EXPECT_EQ(stored.original_key, accepted.document.original_key);
  EXPECT_TRUE(visible(stored.id).empty());
}

TEST_F(DocumentStoreTest, Collections_AreThoseOfAllTenants) {
  EXPECT_TRUE(run(store_.collections(context_)).value().empty());
  accept(document("a.txt"));
  accept(document("b.txt"));
  NewDocument elsewhere = document("a.txt");
  elsewhere.collection = {base::TenantId("other"), "laws"};
  base::RequestContext other;
  other.principal.tenant = base::TenantId("other");
  ASSERT_TRUE(run(store_.accept(other, elsewhere, std::nullopt)));
  EXPECT_THAT(run(store_.collections(context_)).value(),
              ::testing::UnorderedElementsAre(CollectionKey{base::TenantId("default"), "papers"},
                                              CollectionKey{base::TenantId("other"), "laws"}));
}

TEST_F(DocumentStoreTest, ClaimAndPublish_MakeItVisible) {
  const auto id = accept(document("a.txt")).document.id;
  EXPECT_TRUE(visible(id).empty());
  const auto jobs = claim();
  ASSERT_EQ(jobs.size(), 1);
  EXPECT_EQ(get(id).status, DocumentStatus::kProcessing);
  EXPECT_TRUE(claim().empty());
  const Document published = publish(jobs[0]);
  EXPECT_EQ(published.status, DocumentStatus::kIndexed);
  EXPECT_EQ(published.version, 1);
  EXPECT_EQ(published.chunk_count, 2);
  EXPECT_EQ(published.title, "Parsed title");
  EXPECT_TRUE(published.indexed_at);
  const auto seen = visible(id);
  ASSERT_EQ(seen.size(), 1);
  EXPECT_EQ(seen[0].version, 1);
  EXPECT_EQ(*seen[0].metadata, document("a.txt").metadata);
  EXPECT_TRUE(garbage().empty());
}

TEST_F(DocumentStoreTest, Claim_IsOldestFirst) {
  for (const char* source : {"a", "b", "c"}) accept(document(source));
  EXPECT_EQ(claim(2).at(1).document.source, "b");
  EXPECT_EQ(claim(2).at(0).document.source, "c");
}

TEST_F(DocumentStoreTest, EqualBytes_ChangeNothing) {
  index("a.txt");
  const Accepted again = accept(document("a.txt"));
  EXPECT_TRUE(again.unchanged);
  EXPECT_FALSE(again.original_kept);
  EXPECT_TRUE(claim().empty());
}

TEST_F(DocumentStoreTest, SameUploadWhileItIsIngested_MakesNoSecondJob) {
  accept(document("a.txt"));
  const Accepted again = accept(document("a.txt"));
  EXPECT_FALSE(again.unchanged);
  EXPECT_FALSE(again.original_kept);
  EXPECT_EQ(claim().size(), 1);
}

TEST_F(DocumentStoreTest, Replacement_ShowsTheOldVersionUntilPublished) {
  const auto id = index("a.txt").id;
  accept(document("a.txt", "bb"));
  EXPECT_EQ(get(id).status, DocumentStatus::kPending);
  EXPECT_EQ(get(id).content_sha256, "aa");
  EXPECT_EQ(visible(id).at(0).version, 1);
  const auto job = claim().at(0);
  EXPECT_EQ(job.version, 2);
  EXPECT_EQ(job.document.content_sha256, "bb");
  EXPECT_EQ(visible(id).at(0).version, 1);
  publish(job);
  EXPECT_EQ(visible(id).at(0).version, 2);
  EXPECT_EQ(get(id).content_sha256, "bb");
  const auto old = garbage();
  ASSERT_EQ(old.size(), 1);
  EXPECT_EQ(old[0].version, 1);
  EXPECT_THAT(old[0].blob_keys, ::testing::ElementsAre("default/original/a.txtaa"));
  ASSERT_TRUE(run(store_.collected(context_, old[0])));
  EXPECT_TRUE(garbage().empty());
}

TEST_F(DocumentStoreTest, ReplacedWhileProcessing_LosesTheClaim) {
  accept(document("a.txt"));
  const auto job = claim().at(0);
  accept(document("a.txt", "bb"));
  const auto lost = run(store_.publish(context_, job, 1, 1, "t"));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(publish(claim().at(0)).content_sha256, "bb");
}

TEST_F(DocumentStoreTest, ExpiredLease_IsTakenOver) {
  accept(document("a.txt"));
  const auto first = claim().at(0);
  clock_.advance(seconds(61));
  const auto second = claim();
  ASSERT_EQ(second.size(), 1);
  EXPECT_EQ(second[0].attempt, 2);
  EXPECT_EQ(run(store_.progress(context_, first, {}, seconds(60))).error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(run(store_.progress(context_, second[0], {.bytes_parsed = 7}, seconds(60))));
  EXPECT_EQ(get(first.document.id).bytes_parsed, 7);
}

TEST_F(DocumentStoreTest, RestartedProcess_GetsTheJobsAtOnce) {
  const auto id = accept(document("a.txt")).document.id;
  claim();
  SqliteDocumentStore restarted(*db_, clock_);
  ASSERT_TRUE(restarted.release_claims());
  EXPECT_EQ(get(id).status, DocumentStatus::kPending);
  EXPECT_EQ(run(restarted.claim(context_, 5, seconds(60))).value().size(), 1);
}

TEST_F(DocumentStoreTest, FailAndRetry_IsANewVersionOfTheSameOriginal) {
  const auto id = accept(document("a.txt")).document.id;
  ASSERT_TRUE(run(store_.fail(context_, claim().at(0), "it is a scan without text")));
  EXPECT_EQ(get(id).status, DocumentStatus::kFailed);
  EXPECT_EQ(get(id).error, "it is a scan without text");
  EXPECT_TRUE(claim().empty());
  ASSERT_EQ(garbage().size(), 1);
  EXPECT_TRUE(garbage()[0].blob_keys.empty());
  EXPECT_EQ(run(store_.retry(context_, id)).value().status, DocumentStatus::kPending);
  EXPECT_EQ(run(store_.retry(context_, id)).error().kind, ErrorKind::kConflict);
  const auto job = claim().at(0);
  EXPECT_EQ(job.version, 2);
  EXPECT_EQ(job.document.original_key, "default/original/a.txtaa");
  EXPECT_EQ(publish(job).status, DocumentStatus::kIndexed);
}

TEST_F(DocumentStoreTest, FailedReplacement_KeepsTheOldOneVisible) {
  const auto id = index("a.txt").id;
  accept(document("a.txt", "bb"));
  ASSERT_TRUE(run(store_.fail(context_, claim().at(0), "broken")));
  EXPECT_EQ(visible(id).at(0).version, 1);
  EXPECT_EQ(get(id).status, DocumentStatus::kFailed);
}

TEST_F(DocumentStoreTest, Cancel_StopsAndLeavesTheOldVersion) {
  const auto fresh = accept(document("new.txt")).document.id;
  EXPECT_EQ(run(store_.cancel(context_, fresh)).value().error, "cancelled");
  EXPECT_EQ(run(store_.cancel(context_, fresh)).error().kind, ErrorKind::kConflict);
  const auto old = index("a.txt").id;
  accept(document("a.txt", "bb"));
  const auto job = claim().at(0);
  EXPECT_EQ(run(store_.cancel(context_, old)).value().status, DocumentStatus::kIndexed);
  EXPECT_EQ(run(store_.publish(context_, job, 1, 1, "t")).error().kind, ErrorKind::kConflict);
  EXPECT_EQ(visible(old).at(0).version, 1);
}

TEST_F(DocumentStoreTest, Remove_IsInvisibleAtOnceAndLeavesGarbage) {
  const auto id = index("a.txt").id;
  ASSERT_EQ(visible(id).size(), 1);
  ASSERT_TRUE(run(store_.remove(context_, id)));
  EXPECT_TRUE(visible(id).empty());
  EXPECT_EQ(run(store_.get(context_, id)).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(garbage().at(0).blob_keys.size(), 1);
  EXPECT_EQ(run(store_.remove(context_, id)).error().kind, ErrorKind::kNotFound);
  EXPECT_NE(index("a.txt").id, id);
}

TEST_F(DocumentStoreTest, IdempotencyKey_RepeatsTheFirstOutcome) {
  const IdempotencyEntry once{.route = "ingest", .key = "k", .body_sha256 = "1", .resource = ""};
  const auto first = accept(document("a.txt"), once);
  auto other_source = document("b.txt");
  const auto second = accept(other_source, once);
  EXPECT_EQ(second.document.id, first.document.id);
  EXPECT_FALSE(second.original_kept);
  IdempotencyEntry other_body = once;
  other_body.body_sha256 = "2";
  const auto refused = run(store_.accept(context_, other_source, other_body));
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnprocessable);
  clock_.advance(std::chrono::hours(25));
  EXPECT_NE(accept(other_source, other_body).document.id, first.document.id);
}

TEST_F(DocumentStoreTest, List_IsNewestFirstAndFiltered) {
  for (const char* source : {"a", "b", "c", "d"}) index(source);
  accept(document("e"));
  DocumentQuery query{.status = DocumentStatus::kIndexed, .collection = "papers"};
  PageRequest request{.limit = 3, .cursor = ""};
  auto page = run(store_.list(context_, query, request)).value();
  ASSERT_EQ(page.items.size(), 3);
  request.cursor = page.next_cursor;
  const auto rest = run(store_.list(context_, query, request)).value();
  ASSERT_EQ(rest.items.size(), 1);
  EXPECT_TRUE(rest.next_cursor.empty());
  EXPECT_LT(rest.items[0].id, page.items[2].id);
  EXPECT_EQ(run(store_.list(context_, {}, {})).value().items.size(), 5);
  EXPECT_EQ(run(store_.list(context_, {.collection = "none"}, {})).value().items.size(), 0);
}

TEST_F(DocumentStoreTest, OtherTenant_SeesNothing) {
  const auto id = index("a.txt").id;
  base::RequestContext other;
  other.principal.tenant = base::TenantId("other");
  EXPECT_EQ(run(store_.get(other, id)).error().kind, ErrorKind::kNotFound);
  EXPECT_TRUE(run(store_.list(other, {}, {})).value().items.empty());
  EXPECT_TRUE(run(store_.visible(other, {base::TenantId("other"), "papers"}, {id})).value().empty());
  EXPECT_EQ(run(store_.remove(other, id)).error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(run(store_.cancel(other, id)).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace caprock::stores
