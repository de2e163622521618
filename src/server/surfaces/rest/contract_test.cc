#include <boost/json.hpp>
#include <set>

#include "server/surfaces/rest/testing/rest_fixture.h"

namespace caprock::server::rest {
namespace {

namespace json = boost::json;

class ContractTest : public testing::RestTest {};

TEST_F(ContractTest, PathsAndMethods_AreExactlyTheRoutes) {
  const auto contract = json_of(get("/openapi.json"));
  EXPECT_EQ(contract.at("openapi"), "3.1.0");
  EXPECT_EQ(contract.at("info").at("version"), "1.2.3");
  std::set<std::string> documented;
  for (const auto& path : contract.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      std::string name(method.key());
      for (char& c : name) c = static_cast<char>(c & ~0x20);
      documented.insert(name + " " + std::string(path.key()));
    }
  }
  std::set<std::string> routed;
  for (const auto& route : router->routes())
    routed.insert(std::string(route.method) + " " + std::string(route.pattern));
  EXPECT_EQ(documented, routed);
}

void collect_references(const json::value& value, std::set<std::string>& out) {
  if (value.is_array()) {
    for (const auto& item : value.get_array()) collect_references(item, out);
  } else if (value.is_object()) {
    for (const auto& item : value.get_object()) {
      if (item.key() == "$ref") out.insert(std::string(item.value().as_string()));
      collect_references(item.value(), out);
    }
  }
}

TEST_F(ContractTest, EveryReference_Exists) {
  const auto contract = json_of(get("/openapi.json"));
  std::set<std::string> references;
  collect_references(contract, references);
  EXPECT_FALSE(references.empty());
  for (const auto& reference : references) {
    const auto name = reference.substr(std::string("#/components/schemas/").size());
    EXPECT_TRUE(contract.at("components").at("schemas").as_object().contains(name)) << reference;
  }
}

TEST_F(ContractTest, Answers_HaveTheRequiredProperties) {
  const auto schemas = json_of(get("/openapi.json")).at("components").at("schemas");
  const auto check = [&](std::string_view name, const json::value& body) {
    for (const auto& property : schemas.at(name).at("required").as_array()) {
      EXPECT_TRUE(body.as_object().contains(property.as_string())) << name << " lacks " << property;
    }
    for (const auto& item : body.as_object()) {
      EXPECT_TRUE(schemas.at(name).at("properties").as_object().contains(item.key()))
          << name << " " << item.key();
    }
  };
  const auto query = json_of(post("/query", R"({"query":"x"})"));
  check("QueryResponse", query);
  check("Source", query.at("sources").at(0));
  check("Citation", query.at("citations").at(0));
  check("Timings", query.at("timings"));
  check("ChatResponse", json_of(post("/chat", R"({"message":"x"})")));
  const auto document = json_of(post("/documents/ingest?wait=true", R"({"content":"x"})"));
  check("Document", document);
  const auto id = std::string(document.at("id").as_string());
  check("Chunk", json_of(get("/documents/" + id + "/chunks")).at("chunks").at(0));
  check("Conversation", json_of(get("/conversations")).at("conversations").at(0));
  check("Health", json_of(get("/health")));
}

TEST_F(ContractTest, OtherMethods_AreRefusedWithAllow) {
  const auto response = call({.method = "PUT", .target = "/query", .body = "{}"});
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("allow"), "OPTIONS, POST");
}

TEST_F(ContractTest, SystemRoutes_TellHowItIs) {
  EXPECT_EQ(json_of(get("/health")).at("version"), "1.2.3");
  EXPECT_EQ(get("/health?t=1").status, 200);
  dependencies = {{.name = "store"},
                  {.name = "embedder", .state = Dependency::State::kDegraded, .detail = "not installed"}};
  auto ready = get("/ready");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(json_of(ready).at("status"), "degraded");
  EXPECT_EQ(json_of(ready).at("dependencies").at(1).at("detail"), "not installed");
  dependencies[0].state = Dependency::State::kDown;
  EXPECT_EQ(get("/ready").status, 503);
  EXPECT_EQ(get("/metrics").body, "# HELP x\n");
  EXPECT_EQ(get("/tools").body, R"({"tools":[]})");
}

}  // namespace
}  // namespace caprock::server::rest
