#include "stores/filter.h"

#include <gtest/gtest.h>

namespace caprock::stores {
namespace {

using Op = Filter::Op;

Filter leaf(std::string field, Op op, std::vector<MetadataScalar> values) {
  return {.op = op, .children = {}, .field = std::move(field), .values = std::move(values)};
}

const Metadata kMetadata{{"year", 2021.0},
                         {"lang", std::string("en")},
                         {"draft", false},
                         {"tag", std::vector<MetadataScalar>{std::string("a"), std::string("b")}}};

TEST(Filter, Comparisons_FollowTheValue) {
  EXPECT_TRUE(matches(leaf("year", Op::kEq, {2021.0}), kMetadata));
  EXPECT_TRUE(matches(leaf("year", Op::kGte, {2021.0}), kMetadata));
  EXPECT_FALSE(matches(leaf("year", Op::kGt, {2021.0}), kMetadata));
  EXPECT_TRUE(matches(leaf("lang", Op::kLt, {std::string("fr")}), kMetadata));
  EXPECT_TRUE(matches(leaf("draft", Op::kEq, {false}), kMetadata));
}

TEST(Filter, OtherType_IsNeitherEqualNorOrdered) {
  EXPECT_FALSE(matches(leaf("year", Op::kEq, {std::string("2021")}), kMetadata));
  EXPECT_FALSE(matches(leaf("year", Op::kLt, {std::string("z")}), kMetadata));
  EXPECT_TRUE(matches(leaf("year", Op::kNe, {std::string("2021")}), kMetadata));
}

TEST(Filter, MissingField_FulfilsOnlyNegations) {
  EXPECT_FALSE(matches(leaf("none", Op::kEq, {1.0}), kMetadata));
  EXPECT_TRUE(matches(leaf("none", Op::kNe, {1.0}), kMetadata));
  EXPECT_TRUE(matches(leaf("none", Op::kNin, {1.0}), kMetadata));
}

TEST(Filter, List_MatchesWhenAnElementDoes) {
  EXPECT_TRUE(matches(leaf("tag", Op::kEq, {std::string("b")}), kMetadata));
  EXPECT_TRUE(matches(leaf("tag", Op::kIn, {std::string("x"), std::string("a")}), kMetadata));
  EXPECT_FALSE(matches(leaf("tag", Op::kNin, {std::string("a")}), kMetadata));
}

TEST(Filter, AndOr_Combine) {
  Filter both{.op = Op::kAnd,
              .children = {leaf("year", Op::kGte, {2020.0}), leaf("lang", Op::kEq, {std::string("de")})}};
  EXPECT_FALSE(matches(both, kMetadata));
  both.op = Op::kOr;
  EXPECT_TRUE(matches(both, kMetadata));
  EXPECT_TRUE(matches(Filter{}, kMetadata));
}

}  // namespace
}  // namespace caprock::stores
