#include "agent/tools/registry.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "stores/testing/run.h"

namespace caprock::agent {
namespace {

struct AddArguments {
  std::int64_t a = 0;
  std::int64_t b = 0;
};

class AddTool final : public TypedTool<AddArguments> {
 public:
  explicit AddTool(std::string name = "add")
      : TypedTool(std::move(name), "Adds two numbers.",
                  base::Fields<AddArguments>()
                      .integer("a", &AddArguments::a, {.help = "first", .required = true})
                      .integer("b", &AddArguments::b, {.help = "second"})) {}

 protected:
  base::Awaitable<base::Result<std::string>> run(const base::RequestContext&,
                                                 AddArguments arguments) override {
    co_return std::to_string(arguments.a + arguments.b);
  }
};

llm::ToolResultBlock call(const ToolRegistry& registry, std::string name, std::string arguments) {
  const auto context = base::background_context(base::TenantId("default"));
  auto result = stores::testing::run(
      registry.call(context, {.id = "1", .name = std::move(name), .input_json = std::move(arguments)}));
  return *result;
}

TEST(ToolRegistry, Schema_ComesFromTheParameterStruct) {
  ToolRegistry registry;
  EXPECT_TRUE(registry.specs().empty());
  registry.add(std::make_unique<AddTool>());
  EXPECT_EQ(
      registry.specs().at(0).input_schema_json,
      R"({"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":2147483647,)"
      R"("description":"first"},"b":{"type":"integer","minimum":0,"maximum":2147483647,"description":"second",)"
      R"("default":0}},"additionalProperties":false,"required":["a"]})");
}

TEST(ToolRegistry, Call_GivesResultOrReadableError) {
  ToolRegistry registry;
  registry.add(std::make_unique<AddTool>());
  EXPECT_EQ(std::get<llm::JsonBlock>(call(registry, "add", R"({"a":2,"b":3})").content.at(0)).json, "5");
  const auto wrong = call(registry, "add", R"({"a":"two"})");
  EXPECT_TRUE(wrong.is_error);
  EXPECT_EQ(std::get<llm::TextBlock>(wrong.content.at(0)).text, "a must be an integer, not a string.");
  EXPECT_EQ(std::get<llm::TextBlock>(call(registry, "sub", "{}").content.at(0)).text,
            "There is no tool named \"sub\".");
}

TEST(ToolRegistry, BadOrRepeatedName_Throws) {
  ToolRegistry registry;
  registry.add(std::make_unique<AddTool>());
  EXPECT_THROW(registry.add(std::make_unique<AddTool>()), std::invalid_argument);
  EXPECT_THROW(registry.add(std::make_unique<AddTool>("with space")), std::invalid_argument);
}

}  // namespace
}  // namespace caprock::agent
