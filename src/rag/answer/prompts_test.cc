#include "rag/answer/prompts.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

TEST(Plan, Reply_IsRead) {
  const Plan plan = read_plan(
      "```json\n{\"question\":\"Who built it?\",\"queries\":[\"a\",\"a\",\"b\",\"c\"]}\n```", "x", 2);
  EXPECT_EQ(plan.question, "Who built it?");
  EXPECT_EQ(plan.queries, (std::vector<std::string>{"a", "b"}));
}

TEST(Plan, BadReply_FallsBackToTheQuestion) {
  for (const char* reply :
       {"", "no idea", "{\"queries\":", "[1]", "{\"question\":3,\"queries\":[4,null,\"\"]}"}) {
    const Plan plan = read_plan(reply, "the question", 3);
    EXPECT_EQ(plan.question, "the question") << reply;
    EXPECT_TRUE(plan.queries.empty()) << reply;
  }
}

TEST(Blank, ItsForms_AreKnown) {
  for (const char* blank :
       {"", " ", "is_blank", "Is_Blank.", "Unable to answer with confidence", "\"is_blank\""}) {
    EXPECT_TRUE(is_blank_answer(blank)) << blank;
  }
  EXPECT_FALSE(is_blank_answer("The island is blank."));
  EXPECT_TRUE(may_become_blank("is_b"));
  EXPECT_TRUE(may_become_blank("Unable to"));
  EXPECT_FALSE(may_become_blank("is it"));
}

TEST(AnswerRequest, Passages_AreNamedByTheirTag) {
  const auto request = answer_request("m", "Why?", {.text = "<passage-1>", .tag = "passage-1"});
  EXPECT_NE(std::get<llm::TextBlock>(request.system[0]).text.find("<passage-1>"), std::string::npos);
  EXPECT_EQ(llm::text_of(request.messages[0]), "<passage-1>\nQuestion: Why?");
  ASSERT_TRUE(request.response_format);
  EXPECT_FALSE(request.response_format->schema_json.empty());
}

}  // namespace
}  // namespace caprock::rag
