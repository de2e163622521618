#include "providers/local/int8/packed_model.h"

#include <gmock/gmock.h>

#include <fstream>

#include "providers/local/int8/testing.h"

namespace caprock::providers::int8 {
namespace {

using ::testing::HasSubstr;

std::string why_not(const std::string& bytes) {
  const auto read = PackedModel::read(bytes);
  return read ? "" : read.error().detail;
}

TEST(PackedModel, File_ShowsItsArrays) {
  const std::string bytes = testing::small_file();
  const auto model = PackedModel::read(bytes).value();
  EXPECT_EQ(model->header().hidden, 64U);
  ASSERT_EQ(model->layers().size(), 2U);
  EXPECT_EQ(model->word_scale(19), 0.01F);
  EXPECT_EQ(reinterpret_cast<const char*>(model->word(0)), bytes.data() + sizeof(Header));
  EXPECT_EQ(model->layers()[1].narrow.in, 128U);
  const char* const last = reinterpret_cast<const char*>(model->layers()[1].output_norm.bias + 64);
  EXPECT_EQ(last, bytes.data() + bytes.size());
}

TEST(PackedModel, OtherBytes_AreRefused) {
  const std::string whole = testing::small_file();
  EXPECT_THAT(why_not(""), HasSubstr("does not begin"));
  EXPECT_THAT(why_not("CRBERT02" + whole.substr(8)), HasSubstr("does not begin"));
  EXPECT_THAT(why_not(whole.substr(0, whole.size() - 1)), HasSubstr("bytes"));
  EXPECT_THAT(why_not(whole + "x"), HasSubstr("bytes"));
}

TEST(PackedModel, SizesThatKernelsDoNotTake_AreRefused) {
  const auto with = [](auto change) {
    std::string bytes = testing::small_file();
    Header header = testing::small_header();
    change(header);
    return why_not(bytes.replace(0, sizeof header, reinterpret_cast<const char*>(&header), sizeof header));
  };
  EXPECT_EQ(with([](Header&) {}), "");
  EXPECT_THAT(with([](Header& h) { h.heads = 3; }), HasSubstr("sizes"));
  EXPECT_THAT(with([](Header& h) { h.hidden = 96, h.heads = 3; }), HasSubstr("sizes"));
  EXPECT_THAT(with([](Header& h) { h.intermediate = 100; }), HasSubstr("sizes"));
  EXPECT_THAT(with([](Header& h) { h.layers = 0xFFFFFFFF; }), HasSubstr("sizes"));
  EXPECT_THAT(with([](Header& h) { h.vocabulary = 0xFFFFFFFF; }), HasSubstr("sizes"));
  EXPECT_THAT(with([](Header& h) { h.vocabulary = 21; }), HasSubstr("bytes"));
}

TEST(PackedModel, MappedFile_IsReadAndNamedWhenItIsNone) {
  const auto file = std::filesystem::path(::testing::TempDir()) / "caprock_packed_model_test";
  const auto open_with = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
    return PackedModel::open(file);
  };
  EXPECT_TRUE(open_with(testing::small_file()).has_value());
  for (const std::string bytes : {"", "nothing"}) {
    const auto opened = open_with(bytes);
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind, base::ErrorKind::kUnavailable);
    EXPECT_THAT(opened.error().detail, HasSubstr(file.string()));
  }
  std::filesystem::remove(file);
  EXPECT_THAT(PackedModel::open(file).error().detail, HasSubstr("No such file"));
}

}  // namespace
}  // namespace caprock::providers::int8
