#include "rag/vectors/reembedder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>

#include "base/event.h"
#include "rag/vectors/initial_choice.h"
#include "stores/sqlite/chunk_store.h"
#include "stores/sqlite/document_store.h"
#include "stores/sqlite/tables.h"
#include "stores/testing/run.h"
#include "stores/testing/temporary_folder.h"
#include "stores/vector/embedded/embedded_vector_index.h"

namespace caprock::rag {
namespace {

namespace asio = boost::asio;
using stores::SpaceKey;
using stores::testing::run;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One vector for every text; counts its texts, can be out, and tells a test of every call before it answers.
class ScriptedModel final : public llm::Embedder {
 public:
  explicit ScriptedModel(std::string name) : name_(std::move(name)) {}
  llm::EmbedderInfo info() const override { return {.fingerprint = name_, .name = name_, .dimension = 2}; }
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext& context,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose) override {
    CAPROCK_CO_CHECK(context.check());
    if (calls++ == out_at) out = true;
    if (out) co_return base::failure(base::Error(base::ErrorKind::kUnavailable, "the model is out"));
    if (before_answer) before_answer();
    embedded += texts.size();
    llm::Embeddings made{.dimension = 2, .values = {}, .usage = {}};
    for (std::size_t i = 0; i < texts.size(); ++i) made.values.insert(made.values.end(), {1, 0});
    co_return made;
  }
  std::size_t embedded = 0;
  std::size_t calls = 0;
  std::size_t out_at = SIZE_MAX;  ///< from this call on it is out
  bool out = false;
  std::function<void()> before_answer;

 private:
  std::string name_;
};

// The real stores and index on a temporary folder.
class ReembedderTest : public ::testing::Test {
 protected:
  void TearDown() override { vectors_.reset(); }

  /// A visible document; with vectors of `model`, unless that is empty.
  stores::DocumentId add(const std::string& source, std::uint32_t chunks, const std::string& model) {
    stores::NewDocument fresh{.collection = here_,
                              .source = source,
                              .title = source,
                              .content_sha256 = std::to_string(++made_),
                              .original_key = "default/" + source};
    const auto accepted = run(documents_.accept(context_, fresh, std::nullopt)).value();
    const auto job = run(documents_.claim(context_, 1, std::chrono::seconds(60))).value().at(0);
    std::vector<stores::ChunkRecord> records;
    for (std::uint32_t i = 0; i < chunks; ++i)
      records.push_back({{accepted.document.id, job.version, i}, {.index = i, .content = source}});
    EXPECT_TRUE(run(chunks_.put(context_, here_, records)));
    if (!model.empty()) put(accepted.document.id, job.version, chunks, model);
    EXPECT_TRUE(run(documents_.publish(context_, job, chunks, chunks, source)));
    return accepted.document.id;
  }
  void put(const stores::DocumentId& id, std::uint32_t version, std::uint32_t chunks,
           const std::string& model) {
    std::vector<stores::VectorRecord> records;
    for (std::uint32_t i = 0; i < chunks; ++i)
      records.push_back({.key = {id, version, i}, .vector = {0, 1}, .metadata = nullptr});
    EXPECT_TRUE(run(vectors_->put(context_, here_, model, std::move(records))));
  }
  /// What the sweep of the ingest does with a version that is garbage, unless its vectors are being made.
  std::size_t sweep(const Reembedder& reembedder) {
    std::size_t removed = 0;
    for (const stores::Garbage& garbage : run(documents_.garbage(context_, 100)).value()) {
      if (reembedder.is_in_work(garbage.document, garbage.version)) continue;
      EXPECT_TRUE(run(vectors_->remove(context_, here_, garbage.document, garbage.version)));
      EXPECT_TRUE(run(documents_.collected(context_, garbage)));
      ++removed;
    }
    return removed;
  }
  std::uint64_t count(const std::string& model) {
    return run(vectors_->count(context_, {here_, model})).value();
  }
  std::vector<std::string> fingerprints() {
    std::vector<std::string> names;
    for (const SpaceKey& space : run(vectors_->spaces(context_)).value()) names.push_back(space.fingerprint);
    std::ranges::sort(names);
    return names;
  }
  std::string serving() { return models_.choose(here_).front().embedder->info().name; }

  Reembedder::Parts parts() {
    return {.documents = documents_,
            .chunks = chunks_,
            .vectors = *vectors_,
            .inventory = *vectors_,
            .models = models_,
            .metrics = base::null_metrics()};
  }
  /// Runs a reembedder until `done`; false when that did not come about.
  bool work_until(const std::function<bool(Reembedder&)>& done) {
    asio::io_context loop;
    Reembedder reembedder(parts(), pace_);
    bool reached = false;
    auto whole = [&]() -> base::Awaitable<void> {
      co_await reembedder.prepare();
      reembedder.start(loop.get_executor());
      for (int i = 0; i < 1000 && !reached; ++i) {
        reached = done(reembedder);
        if (!reached) co_await base::sleep_for(std::chrono::milliseconds(5));
      }
      co_await reembedder.stop();
    };
    asio::co_spawn(loop, whole(), [](std::exception_ptr failed) {
      if (failed) std::rethrow_exception(failed);
    });
    loop.run();
    return reached;
  }

  stores::testing::TemporaryFolder folder_;
  std::unique_ptr<stores::Database> db_ = std::move(
      stores::Database::open(folder_.file("c.db"), {stores::record_tables(), stores::vector_tables()})
          .value());
  base::BlockingPool pool_{{.name = "test", .threads = 2, .queue = 64}};
  stores::SqliteDocumentStore documents_{*db_};
  stores::SqliteChunkStore chunks_{*db_};
  std::unique_ptr<stores::EmbeddedVectorIndex> vectors_ =
      std::make_unique<stores::EmbeddedVectorIndex>(*db_, pool_, folder_.path() / "vectors");
  ScriptedModel model_{"new"};
  ServingModels models_{model_, [](const std::string& fingerprint) -> std::unique_ptr<llm::Embedder> {
                          if (fingerprint == "far away") return nullptr;
                          return std::make_unique<ScriptedModel>(fingerprint);
                        }};
  Reembedder::Pace pace_{.first_look = std::chrono::milliseconds(0), .retry = std::chrono::milliseconds(10)};
  base::RequestContext context_ = base::background_context(base::TenantId("default"));
  stores::CollectionKey here_{base::TenantId("default"), "papers"};
  int made_ = 0;
};

TEST_F(ReembedderTest, ModelChanged_OldVectorsServeUntilTheNewOnesAreComplete) {
  add("a", 3, "old");
  add("b", 700, "old");
  std::vector<std::string> served;
  model_.before_answer = [&] { served.push_back(serving()); };
  EXPECT_TRUE(work_until([&](Reembedder&) { return fingerprints() == std::vector<std::string>{"new"}; }));
  EXPECT_THAT(served, ElementsAre("old", "old", "old"));
  EXPECT_EQ(serving(), "new");
  EXPECT_EQ(count("new"), 703U);
  EXPECT_EQ(model_.embedded, 703U);
}

TEST_F(ReembedderTest, OldModelNotHere_NewOneServesAndTellsTheGap) {
  add("a", 300, "far away");
  std::vector<std::string> gaps;
  model_.before_answer = [&] { gaps.push_back(models_.choose(here_).front().gap); };
  EXPECT_TRUE(work_until([&](Reembedder&) { return fingerprints() == std::vector<std::string>{"new"}; }));
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_THAT(gaps[0], HasSubstr("300 of 300 passages"));
  EXPECT_THAT(gaps[1], HasSubstr("44 of 300 passages"));
  EXPECT_THAT(models_.choose(here_).front().gap, IsEmpty());
}

TEST_F(ReembedderTest, PassagesWithoutVectors_GetThem) {
  add("a", 2, "new");
  const auto id = add("b", 3, "");
  put(id, 1, 1, "new");
  EXPECT_TRUE(work_until([&](Reembedder&) { return count("new") == 5; }));
  EXPECT_EQ(model_.embedded, 2U);
}

TEST_F(ReembedderTest, NothingMissing_AsksTheModelNothing) {
  add("a", 2, "new");
  int looks = 0;
  EXPECT_TRUE(work_until([&](Reembedder&) { return ++looks > 10; }));
  EXPECT_EQ(model_.calls, 0U);
}

TEST_F(ReembedderTest, ModelOut_IsToldAndTriedAgain) {
  add("a", 2, "");
  model_.out = true;
  EXPECT_TRUE(work_until([&](Reembedder& reembedder) {
    if (!reembedder.progress().trouble.empty()) model_.out = false;
    return count("new") == 2 && !reembedder.progress().active() && reembedder.progress().trouble.empty();
  }));
}

TEST_F(ReembedderTest, StoppedInTheMiddle_GoesOnWhereItWas) {
  add("a", 1000, "old");
  model_.out_at = 2;
  EXPECT_TRUE(work_until([&](Reembedder&) { return model_.out; }));
  EXPECT_EQ(count("new"), 512U);
  EXPECT_EQ(serving(), "old");
  model_.out = false;
  model_.out_at = SIZE_MAX;
  EXPECT_TRUE(work_until([&](Reembedder&) { return fingerprints() == std::vector<std::string>{"new"}; }));
  EXPECT_EQ(model_.embedded, 1000U);
}

TEST_F(ReembedderTest, StoppedInTheMiddle_ServesWhatThereIsMoreOf) {
  const auto id = add("a", 1000, "old");
  put(id, 1, 1000, "new");
  add("b", 5, "new");
  ASSERT_TRUE(run(choose_serving_models(context_, *vectors_, models_)));
  EXPECT_EQ(serving(), "new");
}

TEST_F(ReembedderTest, DocumentDeletedMeanwhile_LeavesNoVectors) {
  const auto id = add("a", 3, "old");
  add("b", 1, "old");
  Reembedder* working = nullptr;
  std::size_t swept = 99;
  model_.before_answer = [&] {
    if (swept != 99) return;
    ASSERT_TRUE(run(documents_.remove(context_, id)));
    swept = sweep(*working);
  };
  EXPECT_TRUE(work_until([&](Reembedder& reembedder) {
    working = &reembedder;
    return fingerprints() == std::vector<std::string>{"new"};
  }));
  EXPECT_EQ(swept, 0U) << "its vectors were being made";
  EXPECT_EQ(count("new"), 4U);
  const Reembedder idle(parts());
  EXPECT_EQ(sweep(idle), 1U);
  EXPECT_EQ(count("new"), 1U);
}

TEST_F(ReembedderTest, DocumentReplacedMeanwhile_KeepsTheVectorsOfItsNewVersion) {
  const auto id = add("a", 300, "old");
  bool replaced = false;
  model_.before_answer = [&] {
    if (std::exchange(replaced, true)) return;
    ASSERT_EQ(add("a", 2, "new"), id);
  };
  EXPECT_TRUE(work_until([&](Reembedder& reembedder) {
    (void)sweep(reembedder);
    return serving() == "new" && fingerprints() == std::vector<std::string>{"new"} && count("new") == 2;
  }));
  EXPECT_THAT(run(vectors_->held(context_, {here_, "new"}, {id, 2})).value(), ElementsAre(0, 1));
  EXPECT_EQ(serving(), "new");
}

TEST_F(ReembedderTest, LastOldVectorGoneWithItsDocument_GoesOverAllTheSame) {
  const auto id = add("a", 3, "old");
  bool removed = false;
  EXPECT_TRUE(work_until([&](Reembedder& reembedder) {
    if (!std::exchange(removed, true)) {
      EXPECT_EQ(serving(), "old");
      EXPECT_TRUE(run(documents_.remove(context_, id)));
      EXPECT_EQ(sweep(reembedder), 1U);
      EXPECT_THAT(fingerprints(), IsEmpty());
      add("b", 1, "new");
    }
    return serving() == "new";
  }));
}

TEST_F(ReembedderTest, QueryByTheOldModel_KeepsItsVectorsUntilItHasEnded) {
  add("a", 3, "old");
  std::vector<ServingModel> query;
  bool asked = false;
  EXPECT_TRUE(work_until([&](Reembedder&) {
    if (!std::exchange(asked, true)) query = models_.choose(here_);
    if (serving() != "new") return false;
    EXPECT_EQ(query.front().embedder->info().name, "old");
    EXPECT_EQ(count("old"), 3U);
    return true;
  }));
  query.clear();
  EXPECT_TRUE(work_until([&](Reembedder&) { return fingerprints() == std::vector<std::string>{"new"}; }));
}

}  // namespace
}  // namespace caprock::rag
