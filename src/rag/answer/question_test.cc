#include "rag/answer/question.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

double cue(std::string_view question, std::string_view sentence) {
  return answer_cue(analyse_question(question), terms_of(sentence));
}

struct Row {
  const char* question;
  AnswerType type;
};
class QuestionType : public testing::TestWithParam<Row> {};
TEST_P(QuestionType, Words_TellWhatIsAskedFor) {
  EXPECT_EQ(analyse_question(GetParam().question).type, GetParam().type) << GetParam().question;
}
INSTANTIATE_TEST_SUITE_P(Table, QuestionType,
                         testing::Values(Row{"How many accidents were there?", AnswerType::kNumber},
                                         Row{"What percentage of flights was late?", AnswerType::kNumber},
                                         Row{"How old was the pilot?", AnswerType::kNumber},
                                         Row{"When did it happen?", AnswerType::kDate},
                                         Row{"In what year did the war end?", AnswerType::kDate},
                                         Row{"Who wrote it?", AnswerType::kPerson},
                                         Row{"Where is the Saxon Garden?", AnswerType::kPlace},
                                         Row{"Which Swiss city hosts it?", AnswerType::kPlace},
                                         Row{"Why did the engine stop?", AnswerType::kReason},
                                         Row{"What caused the loss of power?", AnswerType::kAny},
                                         Row{"How does it work?", AnswerType::kAny}));

TEST(Question, TellingWords_ComeOnceWithoutStopwords) {
  const Question question =
      analyse_question("What did the NTSB say the pilot of the NTSB flight did in 1999?");
  EXPECT_EQ(question.content.size(), 5U);  // NTSB, say, pilot, flight, 1999
  EXPECT_TRUE(question.entity.front());
  EXPECT_TRUE(question.entity.back());
  EXPECT_EQ(question.shown.front(), "NTSB");
}

TEST(Question, FocusOfAFollowUp_DecidesTheType) {
  EXPECT_EQ(analyse_question("When did the aircraft crash? Who was it?", "Who was it?").type,
            AnswerType::kPerson);
}

TEST(AnswerCue, SomethingOfTheKind_Counts) {
  EXPECT_EQ(cue("How many sacks did he have?", "He had 136 sacks."), 1);
  EXPECT_EQ(cue("How many sacks did he have?", "He had many sacks."), 0);
  EXPECT_EQ(cue("How many people live in Area 51?", "Area 51 is in Nevada."), 0)
      << "the number of the question";
  EXPECT_EQ(cue("When did it open?", "It opened in 1870."), 1);
  EXPECT_EQ(cue("When did it open?", "It opened on a Tuesday."), 1);
  EXPECT_EQ(cue("When did it open?", "It opened with pomp."), 0);
  EXPECT_EQ(cue("Who led the team?", "The team was led by Kawann Short."), 1);
  EXPECT_EQ(cue("Where was it found?", "It was found near the Dead Sea."), 1);
  EXPECT_EQ(cue("Why did it stop?", "It stopped because of ice."), 1);
  EXPECT_EQ(cue("What is it?", "It is a bird."), 0.5);
}

}  // namespace
}  // namespace caprock::rag
