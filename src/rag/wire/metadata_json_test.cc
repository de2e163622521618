#include "rag/wire/metadata_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace caprock::rag {
namespace {

namespace json = boost::json;

std::string message(const json::value& value) {
  const auto read = read_metadata(value, "metadata");
  return read ? "" : read.error().field + "|" + read.error().message;
}

TEST(Metadata, OneLevel_RoundTrips) {
  const json::value value = json::parse(R"({"year":2020,"draft":false,"author":"Ada","tags":["a",1,true]})");
  const auto read = read_metadata(value, "metadata");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at("year"), stores::MetadataValue(2020.0));
  EXPECT_EQ(*read_metadata(metadata_json(*read), "metadata"), *read);
}

TEST(Metadata, Nested_NamesTheEntry) {
  EXPECT_EQ(
      message(json::parse(R"({"author":{"name":"Ada"}})")),
      "metadata.author|metadata.author must be a string, a number or a boolean, not an object: metadata is "
      "one level deep.");
  EXPECT_EQ(
      message(json::parse(R"({"a":[[1]]})")),
      "metadata.a[0]|metadata.a[0] must be a string, a number or a boolean, not an array: metadata is one "
      "level deep.");
  EXPECT_EQ(message(json::parse("[1]")), "metadata|metadata must be an object, not an array.");
}

TEST(Metadata, TooMuch_SaysTheLimit) {
  json::object many;
  for (int i = 0; i < 65; ++i) many["k" + std::to_string(i)] = i;
  EXPECT_EQ(message(many), "metadata|metadata has 65 entries; at most 64 are allowed.");
  EXPECT_EQ(message({{"k", std::string(2001, 'x')}}),
            "metadata.k|metadata.k has 2001 characters; at most 2000 are allowed.");
}

TEST(Metadata, NumberBeyondADouble_IsRefused) {
  for (const char* number : {"1e999", "-1e999", "0e2025"}) {
    const auto value = json::parse(std::string(R"({"year":)") + number + "}");
    const std::string said = message(value);
    // The parser may also read 0e2025 as what it is.
    if (number[0] != '0' || !said.empty())
      EXPECT_EQ(said, "metadata.year|metadata.year must be a number within ±1.8e308.") << number;
  }
}

}  // namespace
}  // namespace caprock::rag
