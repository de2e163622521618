#include "agent/conversation/history.h"

#include <gtest/gtest.h>

namespace caprock::agent {
namespace {

stores::StoredMessage message(llm::Role role, std::string text) {
  return {.message = llm::text_message(role, std::move(text))};
}

TEST(History, QuestionsAndAnswers_Paired) {
  const auto turns = turns_of({message(llm::Role::kAssistant, "cut off"), message(llm::Role::kUser, "q1"),
                               message(llm::Role::kAssistant, "a1"), message(llm::Role::kUser, "unanswered"),
                               message(llm::Role::kUser, "q2"), message(llm::Role::kAssistant, "a2")});
  ASSERT_EQ(turns.size(), 3U);
  EXPECT_EQ(turns[0].question, "q1");
  EXPECT_EQ(turns[0].answer, "a1");
  EXPECT_EQ(turns[1].answer, "");
  EXPECT_EQ(turns[2].answer, "a2");
}

}  // namespace
}  // namespace caprock::agent
