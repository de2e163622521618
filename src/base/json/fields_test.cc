#include "base/json/fields.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/json/json_text.h"

namespace caprock::base {
namespace {

namespace json = boost::json;

struct Order {
  std::string name;
  std::string size = "medium";
  std::uint32_t count = 1;
  bool gift = false;
  std::optional<std::string> note;
};

Fields<Order> order_fields() {
  Fields<Order> fields;
  fields.text("name", &Order::name, {.help = "who", .required = true, .max = 5, .blank = false})
      .text("size", &Order::size, {.help = "how big", .choices = {"small", "medium"}})
      .integer("count", &Order::count, {.help = "how many", .min = 1, .max = 10})
      .flag("gift", &Order::gift, "wrapped")
      .text("note", &Order::note, {.help = "free text"});
  return fields;
}

std::string message(std::string_view body) {
  const auto parsed = order_fields().parse(json::parse(body));
  return parsed ? "" : parsed.error().field + "|" + parsed.error().message;
}

TEST(Fields, Valid_ReadsAndKeepsDefaults) {
  const auto order = order_fields().parse(json::parse(R"({"name":"Zoë","count":5.0,"note":"hi"})"));
  ASSERT_TRUE(order);
  EXPECT_EQ(order->name, "Zoë");
  EXPECT_EQ(order->size, "medium");
  EXPECT_EQ(order->count, 5U);
  EXPECT_EQ(order->note, "hi");
}

TEST(Fields, Wrong_MessageNamesFieldAndRule) {
  EXPECT_EQ(
      message(R"({"name":"a","colour":1})"),
      "colour|Unknown field \"colour\"; allowed are \"name\", \"size\", \"count\", \"gift\", \"note\".");
  EXPECT_EQ(message("{}"), "name|name is required.");
  EXPECT_EQ(message(R"({"name":7})"), "name|name must be a string, not a number.");
  EXPECT_EQ(message(R"({"name":" \t\u00a0"})"), "name|name must not be empty.");
  EXPECT_EQ(message(R"({"name":"ääääää"})"), "name|name has 6 characters; at most 5 are allowed.");
  EXPECT_EQ(message(R"({"name":"a","count":0})"), "count|count must be between 1 and 10, not 0.");
  EXPECT_EQ(message(R"({"name":"a","count":18446744073709551615})"),
            "count|count must be between 1 and 10, not 18446744073709551615.");
  EXPECT_EQ(message(R"({"name":"a","count":1.5})"), "count|count must be an integer, not 1.5.");
  EXPECT_EQ(message(R"({"name":"a","gift":"yes"})"), "gift|gift must be true or false, not a string.");
  EXPECT_EQ(message(R"({"name":"a","size":"huge"})"), "size|size must be one of \"small\", \"medium\".");
  EXPECT_EQ(message("[]"), "|The body must be an object, not an array.");
}

TEST(Fields, Query_TypedByTheSchema) {
  const auto order = order_fields().parse_query({{"name", "12"}, {"count", "3"}, {"gift", "true"}});
  ASSERT_TRUE(order);
  EXPECT_EQ(order->name, "12");
  EXPECT_EQ(order->count, 3U);
  EXPECT_TRUE(order->gift);
  EXPECT_EQ(order_fields().parse_query({{"name", "a"}, {"count", "x"}}).error().message,
            "count must be an integer, not a string.");
  EXPECT_EQ(order_fields().parse_query({{"name", "a"}, {"name", "b"}}).error().message,
            "name may be given once only.");
  EXPECT_EQ(order_fields().parse_query({{"name", "\xff"}}).error().message, "name is not valid UTF-8.");
}

TEST(Fields, Schema_SaysWhatTheReaderDoes) {
  const auto schema = order_fields().schema();
  EXPECT_EQ(schema.at("additionalProperties"), json::value(false));
  EXPECT_EQ(schema.at("required"), json::array{"name"});
  const auto& count = schema.at("properties").at("count");
  EXPECT_EQ(count.at("maximum"), 10);
  EXPECT_EQ(count.at("default"), 1);
  EXPECT_EQ(schema.at("properties").at("size").at("default"), "medium");
}

}  // namespace
}  // namespace caprock::base
