#include "rag/answer/page_place.h"

#include <gtest/gtest.h>

namespace caprock::rag {
namespace {

const stores::Chunk kPassage{
    .span = {0, 90},
    .page = 3,
    .boxes = {
        {{0, 30}, 3, {0, 700, 9, 710}}, {{31, 60}, 3, {0, 712, 9, 722}}, {{61, 90}, 4, {0, 40, 9, 50}}}};

TEST(PagePlace, QuoteOnTheNextPage_IsPlacedThere) {
  Citation citation{.source_span = {65, 80}};
  place_on_page(citation, kPassage);
  EXPECT_EQ(citation.page, 4U);
  ASSERT_EQ(citation.boxes.size(), 1U);
  EXPECT_EQ(citation.boxes[0].box.y0, 40);
}

TEST(PagePlace, QuoteOverTwoLines_HasBoth) {
  Citation citation{.source_span = {20, 40}};
  place_on_page(citation, kPassage);
  EXPECT_EQ(citation.page, 3U);
  EXPECT_EQ(citation.boxes.size(), 2U);
}

TEST(PagePlace, FormatWithoutLines_HasThePassagesPage) {
  Citation citation{.source_span = {1, 5}};
  place_on_page(citation, stores::Chunk{.page = 7});
  EXPECT_EQ(citation.page, 7U);
  EXPECT_TRUE(citation.boxes.empty());
}

}  // namespace
}  // namespace caprock::rag
