#include "rag/answer/generating.h"

#include <gtest/gtest.h>

#include "rag/answer/testing/fakes.h"
#include "stores/testing/run.h"

namespace caprock::rag {
namespace {

using stores::testing::run;
using testing::passage;
using testing::Reply;

const std::string kBlank =
    R"({"explanation":"They speak of boats.","quotes":[],"answer":"is_blank","answer_value":"is_blank","ref_id":[]})";

std::string reply(const std::string& quotes, const std::string& answer) {
  return R"({"explanation":"Passage 1 says so.","quotes":)" + quotes + R"(,"answer":")" + answer +
         R"(","answer_value":"ice","ref_id":[1]})";
}

base::Error overflow() {
  base::Error error(base::ErrorKind::kUnprocessable, "too long");
  error.field = "messages";
  return error;
}

class GenerateTest : public ::testing::Test {
 protected:
  GenerateTest() {
    settings.model = "answerer";
    const std::string first = "The engine stopped. It was ice that";
    finder.found = {passage("a", 0, 50, first, 1),
                    passage("b", 0, 0, "The carburetor was “cold”\nthat day.", 0.8)};
    chunks.all = {finder.found[0], passage("a", 1, 70, "It was ice that caused the stop.", 0)};
  }
  base::Result<Answer> ask(std::vector<Turn> history = {}, std::string question = "Why did it stop?") {
    return run(generate(context, {.finder = finder, .chunks = chunks, .model = model}, settings,
                        {.retrieve = {.query = std::move(question)}, .history = std::move(history)},
                        recorder.sink()));
  }
  void script(std::string text) {
    Reply one;
    for (std::size_t at = 0; at < text.size(); at += 7) one.pieces.push_back(text.substr(at, 7));
    model.replies.push_back(std::move(one));
  }
  std::string spoken() const {
    std::string out;
    for (const char c : recorder.log) {
      if (c != '|') out += c;
    }
    return out;
  }
  testing::ScriptedFinder finder;
  testing::MemoryChunks chunks;
  testing::ScriptedModel model;
  testing::Recorder recorder;
  AnswerSettings settings;
  base::RequestContext context;
};

TEST_F(GenerateTest, Quotes_AreCheckedBeforeTheAnswerStreams) {
  script(reply(
      R"([{"ref":1,"quote":"The engine stopped"},{"ref":2,"quote":"The carburetor was \"cold\" that day."},)"
      R"({"ref":1,"quote":"The pilot slept"}])",
      "It stopped [1] of cold [2]."));
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "It stopped [1] of cold [2].");
  EXPECT_EQ(spoken(), "RIt stopped [1] of co<1>ld [2].<2>");
  ASSERT_EQ(answer->citations.size(), 2U);
  EXPECT_EQ(answer->citations[0].source_span, (stores::TextSpan{50, 68}));
  EXPECT_EQ(answer->citations[1].quote, "The carburetor was “cold”\nthat day.")
      << "the original, not the model's";
  EXPECT_EQ(answer->citations[1].answer_span, (stores::TextSpan{15, 22}));
  EXPECT_EQ(answer->citations_dropped, 1U);
  EXPECT_NEAR(answer->confidence, 2.0 / 3, 1e-9);
  EXPECT_EQ(answer->answer_value, "ice");
  EXPECT_EQ(answer->model, "scripted-1");
  EXPECT_EQ(answer->usage.input_tokens, 100);
  EXPECT_TRUE(answer->degraded.empty()) << answer->degraded;
}

TEST_F(GenerateTest, QuoteOverTheEndOfAChunk_IsFoundInTheDocument) {
  script(reply(R"([{"ref":1,"quote":"It was ice that caused the stop."}])", "Ice [1]."));
  const auto answer = ask();
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->citations.size(), 1U);
  EXPECT_EQ(answer->citations[0].source_span, (stores::TextSpan{70, 102}));
}

TEST_F(GenerateTest, Blank_IsTriedAgainWithMorePassagesThenDeclined) {
  settings.retries = 2;
  for (int i = 0; i < 3; ++i) script(kBlank);
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->abstained);
  EXPECT_EQ(answer->reason, "They speak of boats.");
  EXPECT_EQ(answer->text, kUnableToAnswer);
  ASSERT_EQ(finder.asked.size(), 3U);
  EXPECT_EQ(finder.asked[0].top_k, 5U);
  EXPECT_EQ(finder.asked[2].top_k, 15U);
  EXPECT_EQ(answer->usage.input_tokens, 300);
  EXPECT_EQ(spoken(), "RRR") << "nothing of a blank is shown";
}

TEST_F(GenerateTest, InventedQuotes_AreTriedAgainThenShownWithAWarning) {
  settings.retries = 1;
  const std::string invented = reply(R"([{"ref":1,"quote":"Aliens did it."}])", "Aliens [1].");
  script(invented);
  script(invented);
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "Aliens.");
  EXPECT_EQ(answer->citations_dropped, 1U);
  EXPECT_EQ(answer->confidence, 0);
  EXPECT_NE(answer->degraded.find("no quotation"), std::string::npos);
  EXPECT_EQ(model.asked.size(), 2U);
}

TEST_F(GenerateTest, ContextTooLong_IsHalvedUntilItFits) {
  finder.found[0].chunk.content = std::string(8000, 'x') + " end";
  model.replies.push_back({.refused = overflow()});
  script(reply(R"([{"ref":1,"quote":"missing"}])", "Yes."));
  settings.retries = 1;
  ASSERT_TRUE(ask());
  EXPECT_LT(llm::text_of(model.asked[1].messages[0]).size(), llm::text_of(model.asked[0].messages[0]).size());
}

TEST_F(GenerateTest, ContextTooLongForGood_IsAnError) {
  settings.retries = 0;
  model.replies.push_back({.refused = overflow()});
  EXPECT_EQ(ask().error().field, "messages");
}

TEST_F(GenerateTest, BrokenStream_IsAnErrorAndNotRetriedAfterText) {
  model.replies.push_back(
      {.pieces = {R"({"explanation":"e","quotes":[],"answer":"It was the)"}, .broken = overflow()});
  EXPECT_FALSE(ask());
  EXPECT_EQ(model.asked.size(), 1U);
  EXPECT_EQ(spoken(), "RIt was the");
}

TEST_F(GenerateTest, PlainText_IsShownAsUnchecked) {
  script("It was the ice [1].");
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "It was the ice.");
  EXPECT_NE(answer->degraded.find("could not be checked"), std::string::npos);
}

TEST_F(GenerateTest, AnswerBeforeItsQuotes_IsMarkedAtTheEnd) {
  script(R"({"answer":"Ice [1].","quotes":[{"ref":"1","quote":"The engine stopped"}]})");
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "Ice. [1]");
  EXPECT_EQ(answer->citations.size(), 1U);
}

TEST_F(GenerateTest, CutReply_SaysSo) {
  model.replies.push_back(
      {.pieces = {R"({"explanation":"e","quotes":[{"ref":1,"quote":"The engine"}],"answer":"It was)"},
       .stop = llm::StopReason::kMaxTokens});
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text, "It was [1]");
  EXPECT_NE(answer->degraded.find("token limit"), std::string::npos);
}

TEST_F(GenerateTest, Planner_AddsSearchesBehindTheQuestion) {
  settings.planner_model = "planner";
  script(R"({"question":"Why did the engine stop?","queries":["engine ice","cold"]})");
  script(reply(R"([{"ref":1,"quote":"The engine stopped"}])", "Ice [1]."));
  const auto answer = ask();
  ASSERT_TRUE(answer);
  ASSERT_EQ(finder.asked.size(), 3U);
  EXPECT_EQ(finder.asked[0].query, "Why did the engine stop?");
  EXPECT_EQ(finder.asked[2].query, "cold");
  EXPECT_EQ(model.asked[0].model, "planner");
  EXPECT_EQ(model.asked[1].model, "answerer");
  EXPECT_EQ(answer->usage.input_tokens, 200);
}

TEST_F(GenerateTest, PlannerThatFails_CostsNothingButItself) {
  settings.planner_model = "planner";
  model.replies.push_back({.refused = base::Error(base::ErrorKind::kUnavailable, "down")});
  script(reply(R"([{"ref":1,"quote":"The engine stopped"}])", "Ice [1]."));
  ASSERT_TRUE(ask());
  EXPECT_EQ(finder.asked[0].query, "Why did it stop?");
}

TEST_F(GenerateTest, FollowUp_IsRewrittenByTheModel) {
  script(R"({"question":"Why did flight 12 stop?","queries":[]})");
  script(reply(R"([{"ref":1,"quote":"The engine stopped"}])", "Ice [1]."));
  const auto answer = ask({{"What happened to flight 12?", "It stopped. [1]"}}, "Why?");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->standalone_question, "Why did flight 12 stop?");
  EXPECT_NE(llm::text_of(model.asked[0].messages[0]).find("User: What happened to flight 12?"),
            std::string::npos);
}

TEST_F(GenerateTest, NothingFound_IsDeclinedWithoutAskingTheModel) {
  finder.found.clear();
  const auto answer = ask();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->abstained);
  EXPECT_TRUE(model.asked.empty());
}

TEST(MergeRetrievals, PassageFoundTwice_ComesFirst) {
  std::vector<Retrieval> two(2);
  two[0].passages = {passage("a", 0, 0, "a", 1.0), passage("b", 0, 0, "b", 0.9)};
  two[1].passages = {passage("b", 0, 0, "b", 0.8), passage("c", 0, 0, "c", 0.7)};
  const auto merged = merge_retrievals(std::move(two), 2);
  ASSERT_EQ(merged.size(), 2U);
  EXPECT_EQ(merged[0].key.document.str(), "b");
  EXPECT_EQ(merged[1].key.document.str(), "a");
}

}  // namespace
}  // namespace caprock::rag
