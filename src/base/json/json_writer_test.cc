#include "base/json/json_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace caprock::base {
namespace {

std::string written(std::string_view text) { return JsonWriter().text(text).take(); }

TEST(JsonWriter, Text_ReadsBackEqualWhateverItHolds) {
  for (int byte = 0; byte < 128; ++byte) {
    for (std::size_t before = 0; before < 18; ++before) {
      const std::string text =
          std::string(before, 'x') + static_cast<char>(byte) + "ü€😀" + std::string(before / 2, '~');
      const std::string json = written(text);
      EXPECT_EQ(boost::json::parse(json).as_string(), text) << byte << " after " << before;
      // A byte that needs no escape has none.
      const bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
      EXPECT_EQ(json.size() == text.size() + 2, plain) << byte;
    }
  }
}

TEST(JsonWriter, Commas_StandBetweenValuesOnly) {
  JsonWriter out;
  out.open_object().key("a").open_array().number(std::int64_t{1}).number(0.25).text("{").text("[");
  out.open_object().close_object().open_array().close_array().close_array();
  out.key("b").boolean(false).name("c:\"").raw("null").key("d").blob("abc").close_object();
  EXPECT_EQ(out.take(), R"({"a":[1,0.25,"{","[",{},[]],"b":false,"c:\"":null,"d":"YWJj"})");
}

}  // namespace
}  // namespace caprock::base
