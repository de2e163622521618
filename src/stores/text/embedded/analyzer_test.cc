#include "stores/text/embedded/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stores/text/embedded/porter.h"

namespace caprock::stores::text {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> terms(std::string_view text) {
  TermList list;
  analyze(text, list);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace_back(list[i]);
  return out;
}

std::string stem(std::string word) {
  word.resize(porter_stem(word.data(), word.size()));
  return word;
}

// Examples of the paper and of the reference program's vocabulary.
TEST(Porter, Examples_AreThoseOfThePaper) {
  const std::pair<const char*, const char*> cases[] = {{"caresses", "caress"},
                                                       {"ponies", "poni"},
                                                       {"ties", "ti"},
                                                       {"cats", "cat"},
                                                       {"feed", "feed"},
                                                       {"agreed", "agre"},
                                                       {"plastered", "plaster"},
                                                       {"bled", "bled"},
                                                       {"motoring", "motor"},
                                                       {"sing", "sing"},
                                                       {"conflated", "conflat"},
                                                       {"troubled", "troubl"},
                                                       {"sized", "size"},
                                                       {"hopping", "hop"},
                                                       {"tanned", "tan"},
                                                       {"falling", "fall"},
                                                       {"hissing", "hiss"},
                                                       {"fizzed", "fizz"},
                                                       {"failing", "fail"},
                                                       {"filing", "file"},
                                                       {"happy", "happi"},
                                                       {"sky", "sky"},
                                                       {"relational", "relat"},
                                                       {"conditional", "condit"},
                                                       {"vietnamization", "vietnam"},
                                                       {"operator", "oper"},
                                                       {"feudalism", "feudal"},
                                                       {"hopefulness", "hope"},
                                                       {"formaliti", "formal"},
                                                       {"triplicate", "triplic"},
                                                       {"formative", "form"},
                                                       {"electrical", "electr"},
                                                       {"goodness", "good"},
                                                       {"revival", "reviv"},
                                                       {"allowance", "allow"},
                                                       {"inference", "infer"},
                                                       {"airliner", "airlin"},
                                                       {"adjustable", "adjust"},
                                                       {"replacement", "replac"},
                                                       {"adoption", "adopt"},
                                                       {"communism", "commun"},
                                                       {"effective", "effect"},
                                                       {"probate", "probat"},
                                                       {"rate", "rate"},
                                                       {"cease", "ceas"},
                                                       {"controll", "control"},
                                                       {"roll", "roll"},
                                                       {"oscillators", "oscil"},
                                                       {"generalizations", "gener"},
                                                       {"is", "is"},
                                                       {"a", "a"}};
  for (const auto& [word, expected] : cases) EXPECT_EQ(stem(word), expected) << word;
}

TEST(Analyze, Words_AreLowerCasedAndStemmed) {
  EXPECT_THAT(terms("The Engines FAILED, repeatedly."), ElementsAre("the", "engin", "fail", "repeatedli"));
}

TEST(Analyze, Diacritics_AreFolded) {
  EXPECT_THAT(terms("Café Ångström GROẞE ﬁnal Ⅷ"), ElementsAre("cafe", "angstrom", "gross", "final", "viii"));
  EXPECT_EQ(terms("Cafe\u0301"), terms("Café"));
}

TEST(Analyze, OtherScripts_AreFoldedNotStemmed) {
  EXPECT_THAT(terms("Причины ΑΙΤΊΑ"), ElementsAre("причины", "αιτια"));
}

TEST(Analyze, Numbers_KeepDecimalsAndLoseGrouping) {
  EXPECT_THAT(terms("4.3 tons of 1,000 or 12,345,678; 3,4 and 2019,2020."),
              ElementsAre("4.3", "ton", "of", "1000", "or", "12345678", "3", "4", "and", "2019", "2020"));
}

TEST(Analyze, Units_ArePartedFromTheirNumber) {
  EXPECT_THAT(terms("64.7GB 250mg"), ElementsAre("64.7", "gb", "250", "mg"));
  EXPECT_EQ(terms("64.7 GB"), terms("64.7GB"));
  EXPECT_THAT(terms("p53 CO2 3fa85f64"), ElementsAre("p53", "co2", "3fa85f64"));
}

TEST(Analyze, HyphenatedNames_GiveTheirPartsAndTheWhole) {
  EXPECT_THAT(terms("IL-6"), ElementsAre("il", "6", "il6"));
  EXPECT_THAT(terms("COVID-19 cases"), ElementsAre("covid", "19", "covid19", "case"));
  EXPECT_THAT(terms("state-of-the-art"), ElementsAre("state", "of", "the", "art"));
  EXPECT_THAT(terms("2019-2020"), ElementsAre("2019", "2020"));
}

TEST(Analyze, Acronyms_LoseTheirDots) {
  EXPECT_THAT(terms("U.S. law, e.g. this. End"), ElementsAre("us", "law", "eg", "thi", "end"));
}

TEST(Analyze, Possessives_AreDropped) {
  EXPECT_THAT(terms("pilot's aircraft\u2019s don't"), ElementsAre("pilot", "aircraft", "don", "t"));
}

TEST(Analyze, ScriptsWithoutSpaces_GivePairs) {
  EXPECT_THAT(terms("发动机故障"), ElementsAre("发动", "动机", "机故", "故障"));
  EXPECT_THAT(terms("人 Boeing 东京"), ElementsAre("人", "boe", "东京"));
}

TEST(Analyze, OddBytes_AreHarmless) {
  EXPECT_THAT(terms("\xFF\xFE ok \xC3"), ElementsAre("ok"));
  EXPECT_THAT(terms(""), IsEmpty());
  EXPECT_THAT(terms(" - . ' , "), IsEmpty());
  EXPECT_EQ(terms(std::string(5000, 'x')).front().size(), kMaxTermBytes);
  EXPECT_LE(terms("1." + std::string(5000, '1')).front().size(), kMaxTermBytes);
}

TEST(AnalyzeQuery, StopWords_AreLeftOutUnlessThereIsNothingElse) {
  EXPECT_THAT(analyze_query("What caused the loss of the engine's engine power?"),
              ElementsAre("caus", "loss", "engin", "power"));
  EXPECT_THAT(analyze_query("to be or not to be"), ElementsAre("to", "be", "or", "not"));
  EXPECT_THAT(analyze_query("?!"), IsEmpty());
}

}  // namespace
}  // namespace caprock::stores::text
