#include "rag/answer/terms.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

std::string joined(std::string_view text, bool stopwords = false) {
  std::string out;
  for (const Term& term : terms_of(text)) {
    if (!term.stopword || stopwords) out += (out.empty() ? "" : " ") + term.text;
  }
  return out;
}

TEST(Terms, Words_AreFoldedAndStemmed) {
  EXPECT_EQ(joined("The Panthers' defenses INTERCEPTED"), joined("panther defense intercepting"));
  EXPECT_EQ(joined("interceptions"), joined("intercepted"));
  EXPECT_EQ(joined("Café Ÿ"), joined("cafe y"));
  EXPECT_EQ(joined("league's"), joined("league"));
}

TEST(Terms, Numbers_KeepTheirDigits) {
  EXPECT_EQ(joined("1,438 and 6.5 in 2019."), "1438 6.5 2019");
  EXPECT_TRUE(terms_of("B737")[0].numeric);
}

TEST(Terms, ScriptsWithoutSpaces_GivePairs) {
  EXPECT_EQ(joined("東京都 abc"), "東京 京都 abc");
  EXPECT_EQ(joined("東"), "東");
}

TEST(Terms, Offsets_PointIntoTheText) {
  const std::string text = "Élan, the “Ünter” 12,5";
  for (const Term& term : terms_of(text)) EXPECT_LT(term.start, term.end);
  const auto terms = terms_of(text);
  EXPECT_EQ(text.substr(terms[2].start, terms[2].end - terms[2].start), "Ünter");
}

TEST(Terms, OpeningWord_IsTold) {
  const auto terms = terms_of("Rain fell. Snow in Oslo");
  EXPECT_TRUE(terms[0].opens);
  EXPECT_FALSE(terms[1].opens);
  EXPECT_TRUE(terms[2].opens);
  EXPECT_TRUE(terms[4].capitalised);
  EXPECT_FALSE(terms[4].opens);
}

TEST(Terms, AnyBytes_AreTaken) { EXPECT_NO_THROW(terms_of("\xFF\xC3 a\xE2\x80")); }

}  // namespace
}  // namespace caprock::rag
