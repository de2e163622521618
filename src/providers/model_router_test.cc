#include "providers/model_router.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "providers/registry.h"

namespace caprock::providers {
namespace {

using ::testing::HasSubstr;
using Stream = base::Result<std::unique_ptr<llm::ChatStream>>;

/// Answers with an error that says who was asked for what.
class Echo final : public llm::ChatModel {
 public:
  explicit Echo(std::string name) : name_(std::move(name)) {}
  base::Awaitable<Stream> converse(const base::RequestContext&, llm::ChatRequest request) override {
    co_return base::failure(base::Error(base::ErrorKind::kUpstream, name_ + ":" + request.model));
  }

 private:
  std::string name_;
};

class Catalog final : public llm::ModelCatalog {
 public:
  Catalog(std::string id, const bool& fails, int& asked) : id_(std::move(id)), fails_(fails), asked_(asked) {}
  base::Awaitable<base::Result<std::vector<llm::ModelInfo>>> models(const base::RequestContext&) override {
    ++asked_;
    if (fails_) co_return base::failure(base::Error(base::ErrorKind::kUpstream, "no"));
    co_return std::vector<llm::ModelInfo>{{.id = id_}};
  }

 private:
  std::string id_;
  const bool& fails_;
  int& asked_;
};

Provider provider(std::string name, bool configured, bool can_chat = true) {
  Provider made{.name = name, .configured = configured, .needs = name + "_KEY"};
  if (can_chat) made.chat = std::make_unique<Echo>(name);
  return made;
}

template <class T>
T run(base::Awaitable<T> work) {
  boost::asio::io_context loop;
  std::optional<T> result;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr failed, T value) {
    EXPECT_FALSE(failed);
    result.emplace(std::move(value));
  });
  loop.run();
  return std::move(*result);
}

class ModelRouterTest : public ::testing::Test {
 protected:
  std::string asked(const std::string& model, ModelSettings settings = {}) {
    std::vector<Provider> all;
    all.push_back(provider("openai", openai_on_, openai_on_));
    all.push_back(provider("openrouter", true));
    all.push_back(provider("ollama", false));
    Provider bedrock = provider("bedrock", true);
    bedrock.owns = [](std::string_view id) { return id.starts_with("arn:") || id.starts_with("us."); };
    all.push_back(std::move(bedrock));
    ModelRouter router(std::move(all), std::move(settings), base::system_clock());
    const base::RequestContext context;
    llm::ChatRequest request;
    request.model = model;
    return run(router.converse(context, std::move(request))).error().message;
  }
  bool openai_on_ = true;
};

TEST_F(ModelRouterTest, Prefix_ChoosesAProviderThatIsSetUp) {
  EXPECT_EQ(asked("openai/gpt-x"), "openai:gpt-x");
  EXPECT_EQ(asked("openrouter/openai/gpt-x"), "openrouter:openai/gpt-x");
  EXPECT_EQ(asked("ollama/llama3.2"), "ollama:llama3.2");
  openai_on_ = false;
  EXPECT_EQ(asked("openai/gpt-x"), "openrouter:openai/gpt-x");
}

TEST_F(ModelRouterTest, IdWithoutPrefix_GoesToItsOwnerOrTheDefault) {
  EXPECT_EQ(asked("gpt-x"), "openai:gpt-x");
  EXPECT_EQ(asked("us.anthropic.claude-v1:0"), "bedrock:us.anthropic.claude-v1:0");
  EXPECT_EQ(asked("arn:aws:bedrock:us-east-1:1:inference-profile/x"),
            "bedrock:arn:aws:bedrock:us-east-1:1:inference-profile/x");
  ModelSettings settings;
  settings.provider = "ollama";
  EXPECT_EQ(asked("gpt-x", settings), "ollama:gpt-x");
  settings.default_model = "openai/gpt-y";
  EXPECT_EQ(asked("", settings), "openai:gpt-y");
  EXPECT_THAT(asked(""), HasSubstr("[models] default"));
}

TEST(ModelRouterAlone, NobodyToAsk_SaysWhatToSet) {
  std::vector<Provider> all;
  all.push_back(provider("openai", false, false));
  all.push_back(provider("openrouter", false, false));
  const ModelRouter router(std::move(all), {}, base::system_clock());
  EXPECT_EQ(router.trouble_with("gpt-x"),
            "there is no provider for the model \"gpt-x\": set one of openai_KEY, openrouter_KEY");
  EXPECT_EQ(router.trouble_with("openai/gpt-x"),
            "there is no provider for the model \"openai/gpt-x\": set openai_KEY");
}

TEST(ModelRouterAlone, Lists_AreKeptAndOutliveAFailure) {
  bool fails = false;
  int asked = 0;
  base::ManualClock clock;
  std::vector<Provider> all;
  all.push_back(provider("openai", true));
  all.back().catalog = std::make_unique<Catalog>("openai/a", fails, asked);
  ModelRouter router(std::move(all), {}, clock);
  const base::RequestContext context;
  EXPECT_EQ(run(router.models(context))->at(0).id, "openai/a");
  EXPECT_EQ(run(router.models(context))->size(), 1U);
  EXPECT_EQ(asked, 1);
  clock.advance(std::chrono::minutes(6));
  fails = true;
  EXPECT_EQ(run(router.models(context))->size(), 1U);
  EXPECT_EQ(asked, 2);
}

TEST(Registry, Providers_AreSetUpByTheirKeysAndNeverCaprockItself) {
  net::HttpClient http{net::NetSettings{}};
  ProviderSettings settings;
  const auto configured = [&](std::string_view name) {
    for (const Provider& one : make_providers(settings, {.http = http, .own_address = "127.0.0.1:8080"}))
      if (one.name == name) return one.configured;
    return false;
  };
  EXPECT_FALSE(configured("openai"));
  settings.servers[0].api_key = base::Secret("k");
  EXPECT_TRUE(configured("openai"));
  for (const char* own :
       {"http://localhost:8080/v1", "http://127.0.0.1:8080/openai/v1", "http://[::1]:8080/v1"}) {
    settings.servers[0].base_url = own;
    EXPECT_FALSE(configured("openai")) << own;
  }
  settings.servers[0].base_url = "http://127.0.0.1:8081/v1";
  EXPECT_TRUE(configured("openai"));
}

class Counter final : public llm::TokenCounter {
 public:
  base::Awaitable<base::Result<llm::TokenCount>> count(const base::RequestContext&,
                                                       llm::ChatRequest request) override {
    co_return llm::TokenCount{.input_tokens = static_cast<std::int64_t>(request.model.size())};
  }
};

TEST(ModelRouterCount, Provider_CountsWhereItCanAndElseItIsAnEstimate) {
  std::vector<Provider> all;
  all.push_back(provider("openai", true));
  all.push_back(provider("bedrock", true));
  all.back().token_counter = std::make_unique<Counter>();
  ModelRouter router(std::move(all), {}, base::system_clock());
  const base::RequestContext context;
  const auto count = [&](const std::string& model) {
    llm::ChatRequest request;
    request.model = model;
    request.messages.push_back(llm::text_message(llm::Role::kUser, "Hello there"));
    return run(router.count(context, std::move(request)));
  };
  const auto counted = count("bedrock/four");
  EXPECT_EQ(counted->input_tokens, 4);
  EXPECT_FALSE(counted->estimated);
  EXPECT_TRUE(count("openai/gpt-x")->estimated);
  EXPECT_EQ(count("").error().field, "model");
  EXPECT_EQ(router.guardrail(), nullptr);
}

TEST(Registry, Bedrock_KnowsItsIdsAndIsNeverCaprockItself) {
  net::HttpClient http{net::NetSettings{}};
  const auto bedrock = [&](aws::Environment environment) {
    environment["HOME"] = "/nonexistent";
    ProviderParts parts{
        .http = http, .own_address = "127.0.0.1:8080", .aws = {}, .environment = std::move(environment)};
    parts.aws.region = "us-east-1";
    auto all = make_providers({}, parts);
    return std::move(all.back());
  };
  const Provider made = bedrock({});
  EXPECT_EQ(made.name, "bedrock");
  EXPECT_TRUE(made.configured);
  for (const char* id : {"anthropic.claude-v2:1", "eu.amazon.nova-lite-v1:0", "global.anthropic.claude-x",
                         "arn:aws:bedrock:us-east-1:1:inference-profile/x", "openai.gpt-oss-120b-1:0"})
    EXPECT_TRUE(made.owns(id)) << id;
  for (const char* id : {"gpt-4o", "claude-3", "us.x", "arn:aws:s3:::b", ""})
    EXPECT_FALSE(made.owns(id)) << id;
  EXPECT_FALSE(bedrock({{"AWS_ENDPOINT_URL", "http://127.0.0.1:8080"}}).configured);
}

TEST(Registry, EmbeddingModel_IsFoundAgainByItsFingerprint) {
  net::HttpClient http{net::NetSettings{}};
  ProviderSettings settings;
  settings.servers[0].api_key = base::Secret("k");
  const ModelRouter router(make_providers(settings, {.http = http, .own_address = "127.0.0.1:8080"}), {},
                           base::system_clock());
  const auto made = router.embedder({.model = "openai/text-embedding-3-small", .query_prefix = "q: "});
  ASSERT_TRUE(made);
  const std::string fingerprint = (*made)->info().fingerprint;
  EXPECT_NE(router.embedder_of(fingerprint, {.model = "", .query_prefix = "q: "}), nullptr);
  EXPECT_EQ(router.embedder_of(fingerprint, {}), nullptr);
  EXPECT_EQ(router.embedder_of("minilm", {}), nullptr);
  const auto wrong = router.embedder({.model = "openai/mystery"});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().field, "embeddings.dimension");
}

}  // namespace
}  // namespace caprock::providers
