#include "base/base64.h"

#include <gtest/gtest.h>

namespace caprock::base {
namespace {

TEST(Base64, VectorsOfTheRfc_GoBothWays) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, EveryByte_SurvivesTheRoundTrip) {
  std::string all;
  for (int i = 0; i < 256; ++i) {
    all += static_cast<char>(i);
    EXPECT_EQ(base64_decode(base64_encode(all)), all);
  }
}

TEST(Base64, TextThatIsNotCanonical_IsRefused) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Z", "Z===", "====", "Zm9v\n", "Zm 9", "Zm9-",
                                      "Zm9_", "Zh==", "Zm9=", "=Zg=", "Zg==Zg=="})
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace caprock::base
