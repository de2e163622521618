#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace caprock::base {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Streamable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);

TEST(Secret, Equals_ComparesWholeValue) {
  const Secret secret("key-123");
  EXPECT_TRUE(secret.equals("key-123"));
  EXPECT_FALSE(secret.equals("key-124"));
  EXPECT_FALSE(secret.equals("key-12"));
  EXPECT_FALSE(secret.equals("key-123key-123"));
  EXPECT_FALSE(secret.equals(""));
  EXPECT_TRUE(Secret().equals(""));
}

TEST(Secret, Move_EmptiesTheSource) {
  Secret from("short");
  const Secret to = std::move(from);
  EXPECT_TRUE(to.equals("short"));
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
}

}  // namespace
}  // namespace caprock::base
