#include "rag/answer/answerer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rag/answer/testing/fakes.h"
#include "stores/testing/run.h"

namespace caprock::rag {
namespace {

using stores::testing::run;
using testing::passage;

const std::string kReport =
    "The flight left Denver at noon. The pilot reported a total loss of engine power near Aspen. Examination "
    "found "
    "that carburetor ice had caused the loss of engine power. The weather was cold.";

/// "ice" is all it knows of meaning.
class IceEmbedder final : public llm::Embedder {
 public:
  llm::EmbedderInfo info() const override { return {.fingerprint = name, .name = name, .dimension = 2}; }
  std::string name = "ice";
  base::Awaitable<base::Result<llm::Embeddings>> embed(const base::RequestContext&,
                                                       std::vector<std::string> texts,
                                                       llm::EmbedPurpose) override {
    embedded += texts.size();
    if (broken) co_return base::failure(base::Error(base::ErrorKind::kUnavailable, "no model"));
    llm::Embeddings out{.dimension = 2};
    for (const std::string& text : texts) {
      const bool ice = text.find("ice") != std::string::npos;
      out.values.insert(out.values.end(), {ice ? 1.F : 0.F, ice ? 0.F : 1.F});
    }
    co_return out;
  }
  std::size_t embedded = 0;
  bool broken = false;
};

class AnswererTest : public ::testing::Test {
 protected:
  base::Result<Answer> ask(std::string question, std::vector<Turn> history = {}, std::string model = {}) {
    const Answerer answerer({.retriever = finder,
                             .blobs = blobs,
                             .chunks = chunks,
                             .embedder = embedder,
                             .model = nullptr,
                             .pool = pool},
                            settings);
    return run(answerer.ask(context,
                            {.retrieve = {.query = std::move(question)},
                             .history = std::move(history),
                             .model = std::move(model)},
                            recorder.sink()));
  }
  testing::ScriptedFinder finder;
  testing::MemoryChunks chunks;
  testing::NoBlobs blobs;
  testing::Recorder recorder;
  base::BlockingPool pool{{.name = "test", .threads = 1}};
  llm::Embedder* embedder = nullptr;
  AnswerSettings settings;
  base::RequestContext context;
};

TEST_F(AnswererTest, Question_IsAnsweredWithLocatedSentences) {
  finder.found = {passage("a", 0, 100, kReport, 1)};
  const auto answer = ask("What caused the loss of engine power?");
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->abstained) << answer->reason << answer->confidence;
  EXPECT_NE(answer->text.find("carburetor ice had caused the loss"), std::string::npos);
  ASSERT_FALSE(answer->citations.empty());
  for (const Citation& citation : answer->citations) {
    EXPECT_EQ(kReport.substr(citation.source_span.start - 100,
                             citation.source_span.end - citation.source_span.start),
              citation.quote);
    EXPECT_EQ(answer->text.substr(citation.answer_span.start,
                                  citation.answer_span.end - citation.answer_span.start),
              citation.quote);
    EXPECT_EQ(citation.page, 3U);
  }
  EXPECT_EQ(answer->model, "extractive");
  EXPECT_EQ(answer->passages.size(), 1U);
}

TEST_F(AnswererTest, Sink_HearsPassagesThenSentencesWithTheirCitations) {
  finder.found = {passage("a", 0, 0, kReport, 1)};
  settings.max_sentences = 1;
  ASSERT_TRUE(ask("What caused the loss of engine power?"));
  EXPECT_EQ(recorder.log,
            "R|Examination found that carburetor ice had caused the loss of engine power. [1]|<1>|");
}

TEST_F(AnswererTest, ForeignQuestion_IsDeclinedWithReasonAndNearestPassages) {
  finder.found = {passage("a", 0, 0, kReport, 1)};
  const auto answer = ask("Who won the 1998 World Cup in Paris?");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->abstained);
  EXPECT_TRUE(answer->citations.empty());
  EXPECT_EQ(answer->text, "Unable to answer with confidence based on the provided documents.");
  EXPECT_NE(answer->reason.find("“1998”"), std::string::npos) << answer->reason;
  EXPECT_EQ(answer->passages.size(), 1U);
  EXPECT_EQ(recorder.log, "R|");
}

TEST_F(AnswererTest, NothingFound_IsDeclined) {
  const auto answer = ask("What?");
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->abstained);
  EXPECT_EQ(answer->confidence, 0);
}

TEST_F(AnswererTest, Threshold_IsASetting) {
  finder.found = {passage("a", 0, 0, kReport, 1)};
  settings.abstain_below = 0;
  EXPECT_FALSE(ask("Who won the 1998 World Cup in Paris?")->abstained);
  settings.abstain_below = 1;
  EXPECT_TRUE(ask("What caused the loss of engine power?")->abstained);
}

TEST_F(AnswererTest, QueryByAnotherModel_SentencesAreEmbeddedWithItToo) {
  IceEmbedder configured;
  embedder = &configured;
  const auto earlier = std::make_shared<IceEmbedder>();
  earlier->name = "earlier";
  finder.found = {passage("a", 0, 0, kReport, 1)};
  finder.found[0].cosine = 0.8;
  finder.query_vector = {1, 0};
  finder.query_model = earlier;
  ASSERT_TRUE(ask("What caused the loss of engine power?"));
  EXPECT_EQ(configured.embedded, 0U);
  EXPECT_EQ(earlier->embedded, 4U);
}

TEST_F(AnswererTest, Vectors_AreUsedAndTheirLossIsForgiven) {
  IceEmbedder ice;
  embedder = &ice;
  finder.found = {passage("a", 0, 0, kReport, 1)};
  finder.found[0].cosine = 0.8;
  finder.query_vector = {1, 0};
  const auto with = ask("What caused the loss of engine power?");
  ASSERT_TRUE(with);
  EXPECT_EQ(ice.embedded, 4U);
  EXPECT_TRUE(with->degraded.empty());
  ice.broken = true;
  const auto without = ask("What caused the loss of engine power?");
  ASSERT_TRUE(without);
  EXPECT_NE(without->degraded.find("no model"), std::string::npos);
  EXPECT_NE(without->text.find("carburetor ice"), std::string::npos);
}

TEST_F(AnswererTest, FollowUp_IsSearchedStandingAlone) {
  finder.found = {passage("a", 0, 0, kReport, 1)};
  const auto answer = ask("Why?", {{"Did the engine lose power?", "Yes. [1]"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(finder.asked[0].query, "Did the engine lose power? Why?");
  EXPECT_EQ(answer->standalone_question, "Did the engine lose power? Why?");
}

TEST_F(AnswererTest, ModelWithoutOne_IsRefusedByName) {
  const auto answer = ask("Why?", {}, "claude");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().field, "model");
  EXPECT_TRUE(ask("Why?", {}, "extractive"));
}

}  // namespace
}  // namespace caprock::rag
