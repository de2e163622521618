#include "providers/local/variant.h"

#include <gmock/gmock.h>

namespace caprock::providers {
namespace {

std::vector<std::string> names(std::string_view setting, CpuFeatures cpu) {
  std::vector<std::string> out;
  for (const Variant& variant : variants_to_try(setting, cpu).value()) out.emplace_back(variant.name);
  return out;
}

TEST(VariantsToTry, Auto_FastestThatCpuHasFirst) {
  EXPECT_THAT(names("auto", {.int8 = true, .bf16 = true}), ::testing::ElementsAre("int8", "bf16", "f32"));
  EXPECT_THAT(names("auto", {}), ::testing::ElementsAre("f32"));
}

TEST(VariantsToTry, NamedOne_StandsAlone) {
  EXPECT_THAT(names("f32", {.int8 = true}), ::testing::ElementsAre("f32"));
}

TEST(VariantsToTry, Int8WithoutVnni_IsRefused) {
  const auto tried = variants_to_try("int8", {});
  ASSERT_FALSE(tried.has_value());
  EXPECT_EQ(tried.error().kind, base::ErrorKind::kUnavailable);
  EXPECT_THAT(tried.error().message, ::testing::HasSubstr("AVX512-VNNI"));
}

}  // namespace
}  // namespace caprock::providers
