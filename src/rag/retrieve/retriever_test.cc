#include "rag/retrieve/retriever.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"

namespace caprock::rag {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Gives scripted hits, cut to k.
class ScriptedText final : public stores::TextIndex {
 public:
  stores::IndexCapabilities capabilities() const override { return {.max_k = 1000, .document_scores = true}; }
  base::Awaitable<base::Result<void>> put(const base::RequestContext&, stores::CollectionKey,
                                          std::vector<stores::TextRecord>) override {
    co_return base::Result<void>();
  }
  base::Awaitable<base::Result<std::vector<stores::IndexHit>>> search(const base::RequestContext&,
                                                                      stores::CollectionKey,
                                                                      stores::TextQuery query) override {
    depths.push_back(query.k);
    auto found = hits;
    if (found.size() > query.k) found.resize(query.k);
    co_return found;
  }
  base::Awaitable<base::Result<void>> remove(const base::RequestContext&, stores::CollectionKey,
                                             stores::DocumentId, std::uint32_t) override {
    co_return base::Result<void>();
  }
  std::vector<stores::IndexHit> hits;
  std::vector<std::uint32_t> depths;
};

class ScriptedVectors final : public stores::VectorIndex {
 public:
  base::Awaitable<base::Result<bool>> ready(const base::RequestContext&, stores::CollectionKey,
                                            std::string) override {
    co_return is_ready;
  }
  stores::IndexCapabilities capabilities() const override { return {.max_k = 500}; }
  base::Awaitable<base::Result<void>> put(const base::RequestContext&, stores::CollectionKey, std::string,
                                          std::vector<stores::VectorRecord>) override {
    co_return base::Result<void>();
  }
  base::Awaitable<base::Result<std::vector<stores::IndexHit>>> search(const base::RequestContext&,
                                                                      stores::CollectionKey,
                                                                      std::string fingerprint,
                                                                      stores::VectorQuery) override {
    asked.push_back(std::move(fingerprint));
    co_return hits;
  }
  base::Awaitable<base::Result<std::vector<float>>> fetch(const base::RequestContext&, stores::CollectionKey,
                                                          std::string fingerprint, std::vector<float>,
                                                          std::vector<stores::ChunkKey> keys) override {
    asked.push_back(std::move(fingerprint));
    co_return std::vector<float>(keys.size(), 0.25F);
  }
  base::Awaitable<base::Result<void>> remove(const base::RequestContext&, stores::CollectionKey,
                                             stores::DocumentId, std::uint32_t) override {
    co_return base::Result<void>();
  }
  std::vector<stores::IndexHit> hits;
  std::vector<std::string> asked;
  bool is_ready = true;
};

class OneVector final : public llm::Embedder {
 public:
  explicit OneVector(std::string name = "one") : name_(std::move(name)) {}
  llm::EmbedderInfo info() const override { return {.fingerprint = name_, .name = name_, .dimension = 2}; }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext&, std::vector<std::string>,
                                                       llm::EmbedPurpose purpose) override {
    EXPECT_EQ(purpose, llm::EmbedPurpose::kQuery);
    if (error) co_return base::failure(*error);
    co_return llm::Embeddings{.dimension = 2, .values = {1, 0}, .usage = {}};
  }
  std::optional<base::Error> error;

 private:
  std::string name_;
};

class RetrieverTest : public ::testing::Test {
 protected:
  /// A visible document with one passage; gives its id.
  stores::DocumentId add(const std::string& source) {
    stores::NewDocument fresh{.collection = {base::TenantId("default"), "default"},
                              .source = source,
                              .title = "Title of " + source,
                              .content_sha256 = source,
                              .original_key = "default/" + source};
    const auto accepted = stores::testing::run(documents_.accept(context_, fresh, std::nullopt)).value();
    const auto jobs = stores::testing::run(documents_.claim(context_, 1, std::chrono::seconds(60))).value();
    const stores::ChunkRecord record{{accepted.document.id, 1, 0}, {.content = "passage of " + source}};
    EXPECT_TRUE(stores::testing::run(chunks_.put(context_, fresh.collection, {record})));
    EXPECT_TRUE(stores::testing::run(documents_.publish(context_, jobs.at(0), 1, 3, fresh.title)));
    return accepted.document.id;
  }
  static stores::IndexHit hit(const stores::DocumentId& id, double score, std::uint32_t version = 1) {
    return {.key = {id, version, 0}, .score = score};
  }
  base::Result<Retrieval> retrieve(RetrieveRequest request, llm::Embedder* embedder,
                                   RetrieveSettings settings = {}) {
    std::optional<ServingModels> models;
    if (embedder != nullptr) models.emplace(*embedder);
    return retrieve_by(models ? &*models : nullptr, std::move(request), std::move(settings));
  }
  base::Result<Retrieval> retrieve_by(const ServingModels* models, RetrieveRequest request,
                                      RetrieveSettings settings = {}) {
    const Retriever retriever({documents_, chunks_, text_, vectors_, models, nullptr}, std::move(settings));
    return stores::testing::run(retriever.retrieve(context_, std::move(request)));
  }
  static std::vector<std::string> sources(const Retrieval& retrieval) {
    std::vector<std::string> names;
    for (const Passage& passage : retrieval.passages) names.push_back(passage.source);
    return names;
  }

  stores::testing::TemporaryFolder folder_;
  std::unique_ptr<stores::Database> db_ =
      std::move(stores::Database::open(folder_.file("c.db"), {stores::record_tables()}).value());
  stores::SqliteDocumentStore documents_{*db_};
  stores::SqliteChunkStore chunks_{*db_};
  ScriptedText text_;
  ScriptedVectors vectors_;
  OneVector embedder_;
  base::RequestContext context_;
};

TEST_F(RetrieverTest, Hybrid_CarriesBothRanksAndRawScores) {
  const auto a = add("a");
  const auto b = add("b");
  text_.hits = {hit(a, 12), hit(b, 6)};
  vectors_.hits = {hit(b, 0.75)};
  const auto found = retrieve({.query = "q"}, &embedder_);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_THAT(sources(*found), ElementsAre("b", "a"));
  const Passage& best = found->passages[0];
  EXPECT_EQ(best.text_rank, 2U);
  EXPECT_EQ(best.vector_rank, 1U);
  EXPECT_EQ(best.bm25, 6);
  EXPECT_NEAR(*best.cosine, 0.75, 1e-6);
  EXPECT_EQ(best.chunk.content, "passage of b");
  EXPECT_EQ(best.title, "Title of b");
  EXPECT_NEAR(*found->passages[1].cosine, 0.25, 1e-6);
  EXPECT_FALSE(found->passages[1].vector_rank);
  EXPECT_THAT(found->query_vector, ElementsAre(1, 0));
}

TEST_F(RetrieverTest, ModelMissing_WordsDecideAndItIsTold) {
  text_.hits = {hit(add("a"), 12)};
  embedder_.error = base::Error(base::ErrorKind::kUnavailable, "the model is not installed");
  const auto found = retrieve({.query = "q"}, &embedder_);
  ASSERT_TRUE(found);
  EXPECT_THAT(sources(*found), ElementsAre("a"));
  EXPECT_EQ(found->degraded, "the model is not installed");
  EXPECT_FALSE(found->passages[0].cosine);
}

TEST_F(RetrieverTest, VectorsNotReadYet_WordsDecideAndItIsTold) {
  text_.hits = {hit(add("a"), 12)};
  vectors_.is_ready = false;
  const auto found = retrieve({.query = "q"}, &embedder_);
  ASSERT_TRUE(found);
  EXPECT_THAT(sources(*found), ElementsAre("a"));
  EXPECT_THAT(found->degraded, testing::HasSubstr("still being read"));
  EXPECT_THAT(vectors_.asked, IsEmpty());
  EXPECT_TRUE(found->query_vector.empty() && found->query_model == nullptr);
}

TEST_F(RetrieverTest, EarlierModelServes_ItsVectorsAreSearchedWithItsOwnQuery) {
  text_.hits = {hit(add("a"), 12)};
  ServingModels models(embedder_, [](const std::string& name) { return std::make_unique<OneVector>(name); });
  ASSERT_TRUE(models.serve_earlier({base::TenantId("default"), "default"}, "old"));
  embedder_.error = base::Error(base::ErrorKind::kUnavailable, "not asked");
  const auto found = retrieve_by(&models, {.query = "q"});
  ASSERT_TRUE(found);
  EXPECT_THAT(vectors_.asked, ElementsAre("old", "old"));
  EXPECT_EQ(found->query_model->info().name, "old");
  EXPECT_THAT(found->degraded, IsEmpty());
}

TEST_F(RetrieverTest, EarlierModelOut_ConfiguredOneServesAndTheGapIsTold) {
  text_.hits = {hit(add("a"), 12)};
  ServingModels models(embedder_, [](const std::string& name) {
    auto out = std::make_unique<OneVector>(name);
    out->error = base::Error(base::ErrorKind::kUnavailable, "the old model is out");
    return out;
  });
  ASSERT_TRUE(models.serve_earlier({base::TenantId("default"), "default"}, "old"));
  models.set_gap({base::TenantId("default"), "default"}, "3 of 4 have none");
  const auto found = retrieve_by(&models, {.query = "q"});
  ASSERT_TRUE(found);
  EXPECT_THAT(vectors_.asked, ElementsAre("one", "one"));
  EXPECT_EQ(found->degraded, "3 of 4 have none");
}

TEST_F(RetrieverTest, FusionOfACollection_IsItsOwn) {
  const auto a = add("a");
  const auto b = add("b");
  text_.hits = {hit(a, 12), hit(b, 6)};
  vectors_.hits = {hit(a, 0.75), hit(b, 0.7)};
  const auto second = [&](RetrieveSettings settings) {
    return retrieve({.query = "q"}, &embedder_, std::move(settings))->passages.at(1).score;
  };
  const double ranks = second({.fusion = "rrf"});
  const double scores = second({.fusion = "weighted"});
  EXPECT_NE(ranks, scores);
  EXPECT_EQ(second({.fusion = "weighted", .fusion_of_collections = {"default=rrf"}}), ranks);
  EXPECT_EQ(second({.fusion = "rrf", .fusion_of_collections = {"default=weighted"}}), scores);
  EXPECT_EQ(second({.fusion = "rrf", .fusion_of_collections = {"other=weighted"}}), ranks);
}

TEST_F(RetrieverTest, FusionOfACollection_ThatIsNoneIsNamed) {
  EXPECT_TRUE((RetrieveSettings{.fusion_of_collections = {"a=b=rrf"}}.check()));
  for (const char* wrong : {"laws", "laws=", "=rrf", "laws=best"}) {
    const auto checked = RetrieveSettings{.fusion_of_collections = {wrong}}.check();
    ASSERT_FALSE(checked) << wrong;
    EXPECT_EQ(checked.error().field, "retrieve.fusion_of_collections");
    EXPECT_THAT(checked.error().message, HasSubstr(wrong));
  }
}

TEST_F(RetrieverTest, DeadlineWhileEmbedding_IsAnError) {
  embedder_.error = base::Error(base::ErrorKind::kDeadlineExceeded, "late");
  const auto found = retrieve({.query = "q"}, &embedder_);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, base::ErrorKind::kDeadlineExceeded);
}

TEST_F(RetrieverTest, InvisibleVersions_AreLeftOutAndSearchedPast) {
  const auto a = add("a");
  for (int i = 0; i < 150; ++i)
    text_.hits.push_back(hit(stores::DocumentId("gone" + std::to_string(i)), 100 - i * 0.1));
  text_.hits.push_back(hit(a, 50, 7));  // another version
  text_.hits.push_back(hit(a, 1));
  const auto found = retrieve({.query = "q", .use_vectors = false}, nullptr);
  ASSERT_TRUE(found);
  EXPECT_THAT(sources(*found), ElementsAre("a"));
  EXPECT_THAT(text_.depths, ElementsAre(100U, 400U));
}

TEST_F(RetrieverTest, TopK_BoundsThePassagesAndIsBoundedItself) {
  for (int i = 0; i < 8; ++i) text_.hits.push_back(hit(add("d" + std::to_string(i)), 10 - i));
  EXPECT_EQ(retrieve({.query = "q", .top_k = 3}, nullptr)->passages.size(), 3U);
  EXPECT_EQ(retrieve({.query = "q", .top_k = 20}, nullptr)->passages.size(), 8U);
  const auto none = retrieve({.query = "q", .top_k = 0}, nullptr);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().field, "top_k");
  EXPECT_THAT(retrieve({.query = "q", .top_k = 1001}, nullptr).error().message, HasSubstr("1000"));
  EXPECT_THAT(retrieve({.query = "q", .top_k = 501}, &embedder_).error().message, HasSubstr("500"));
}

TEST_F(RetrieverTest, NothingFound_IsEmpty) {
  const auto found = retrieve({.query = "?"}, &embedder_);
  ASSERT_TRUE(found);
  EXPECT_THAT(found->passages, IsEmpty());
}

}  // namespace
}  // namespace caprock::rag
