#include "rag/answer/rewrite.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace caprock::rag {
namespace {

struct Row {
  std::vector<Turn> history;
  std::string question;
  std::string stands_alone;
};

const Turn kTower{"Which is the tallest tower in Paris?",
                  "The tallest is the Eiffel Tower, built by Gustave Eiffel. [1]"};
const Turn kCrash{"When did the aircraft lose engine power?", "It lost power at 14:20 on March 3, 2021. [1]"};
const Turn kCount{"How many accidents were there in 2018?", "There were 1,581 accidents. [1]"};

class StandAlone : public testing::TestWithParam<Row> {};

TEST_P(StandAlone, FollowUp_CarriesWhatItMeans) {
  EXPECT_EQ(stand_alone(GetParam().question, GetParam().history), GetParam().stands_alone);
}

INSTANTIATE_TEST_SUITE_P(
    Table, StandAlone,
    testing::Values(
        // Stands alone already: nothing is carried.
        Row{{kTower}, "What is the population of Berlin?", "What is the population of Berlin?"},
        Row{{kTower}, "What caused the loss of engine power?", "What caused the loss of engine power?"},
        Row{{kTower},
            "Is it true that bees can recognise human faces?",
            "Is it true that bees can recognise human faces?"},
        Row{{}, "Which month?", "Which month?"},
        // Ellipsis.
        Row{{kCrash}, "Which month?", "When did the aircraft lose engine power? Which month?"},
        Row{{kCrash}, "Why?", "When did the aircraft lose engine power? Why?"},
        Row{{kCrash}, "why exactly?", "When did the aircraft lose engine power? why exactly?"},
        Row{{kCount}, "How many fatalities?", "How many accidents were there in 2018? How many fatalities?"},
        // A year or name in place of another.
        Row{{kCount}, "and in 2019?", "How many accidents were there in 2019?"},
        Row{{kCount}, "What about 2020?", "How many accidents were there in 2020?"},
        Row{{{"What is the capital of France?", "Paris. [1]"}},
            "And of Spain?",
            "What is the capital of Spain?"},
        Row{{{"What is the capital of France?", "Paris. [1]"}},
            "How about Germany?",
            "What is the capital of Germany?"},
        Row{{kCount}, "and in March?", "How many accidents were there in 2018? and in March?"},
        // Pronouns: the name that the answer brought comes along.
        Row{{kTower},
            "Who built it?",
            "Which is the tallest tower in Paris? Eiffel Tower Gustave Eiffel Who built it?"},
        Row{{kCrash}, "Where was it?", "When did the aircraft lose engine power? Where was it?"},
        // A follow-up of a follow-up, and a change of subject in between.
        Row{{kCount, {"and in 2019?", "1,500. [1]"}},
            "What about 2020?",
            "How many accidents were there in 2020?"},
        Row{{kTower, kCount}, "and in 2019?", "How many accidents were there in 2019?"},
        Row{{kCrash}, "and the pilot?", "When did the aircraft lose engine power? and the pilot?"}));

TEST(StandAlone, LongPastedTurn_IsCarriedInPartOnly) {
  const Turn pasted{std::string(5000, 'x') + " " + std::string(5000, 'y'), "…"};
  EXPECT_LT(stand_alone("Why?", std::vector{pasted}).size(), 700U);
}

TEST(StandAlone, OnlyMarksAndSpaces_StayAsTheyAre) {
  EXPECT_EQ(stand_alone("  ?  ", std::vector{kTower}), "?");
}

}  // namespace
}  // namespace caprock::rag
