#include "gateway/pricing/priced_model.h"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

namespace caprock::gateway {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

/// A reply of the events it was given.
class Scripted final : public llm::ChatModel {
 public:
  class Stream final : public llm::ChatStream {
   public:
    explicit Stream(std::deque<llm::StreamEvent> events) : events_(std::move(events)) {}
    base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
      if (events_.empty()) co_return std::nullopt;
      llm::StreamEvent event = std::move(events_.front());
      events_.pop_front();
      co_return event;
    }

   private:
    std::deque<llm::StreamEvent> events_;
  };
  base::Awaitable<base::Result<std::unique_ptr<llm::ChatStream>>> converse(const base::RequestContext&,
                                                                           llm::ChatRequest) override {
    ++asked;
    co_return std::make_unique<Stream>(events);
  }
  std::deque<llm::StreamEvent> events;
  int asked = 0;
};

base::Awaitable<base::Result<llm::Usage>> usage_of(llm::ChatModel& model, std::string id) {
  const base::RequestContext context;
  CAPROCK_CO_TRY(auto stream, co_await model.converse(context, {.model = std::move(id)}));
  llm::Usage usage;
  while (true) {
    CAPROCK_CO_TRY(auto event, co_await stream->next());
    if (!event) co_return usage;
    if (const auto* metadata = std::get_if<llm::StreamMetadata>(&*event)) usage = metadata->usage;
  }
}

class PricedModelTest : public testing::Test {
 protected:
  PricedModelTest() : prices_(std::move(*Prices::open({}, clock_))) {
    inner_.events = {llm::TextDelta{.text = "hi"}, llm::MessageStop{},
                     llm::StreamMetadata{.usage = {.input_tokens = 100, .output_tokens = 10}}};
  }
  base::Result<llm::Usage> ask(const std::string& id, bool refuse = false) {
    PricedModel model(inner_, *prices_, refuse, base::null_metrics());
    boost::asio::io_context loop;
    std::optional<base::Result<llm::Usage>> out;
    boost::asio::co_spawn(loop, usage_of(model, id),
                          [&](std::exception_ptr thrown, base::Result<llm::Usage> usage) {
                            EXPECT_FALSE(thrown);
                            out = std::move(usage);
                          });
    loop.run();
    return std::move(*out);
  }
  base::ManualClock clock_{std::chrono::sys_days{2026y / 7 / 1}};
  std::unique_ptr<Prices> prices_;
  Scripted inner_;
};

TEST_F(PricedModelTest, ReplyOfAPricedModel_TellsItsCost) {
  EXPECT_EQ(ask("us.amazon.nova-lite-v1:0")->billed_nano_usd, 100 * 60 + 10 * 240);
  EXPECT_EQ(ask("bedrock/amazon.nova-lite-v1:0")->billed_nano_usd, 8400);
}

TEST_F(PricedModelTest, ProvidersOwnWord_Stays) {
  std::get<llm::StreamMetadata>(inner_.events.back()).usage.billed_nano_usd = 7;
  EXPECT_EQ(ask("openrouter/some/model")->billed_nano_usd, 7);
}

TEST_F(PricedModelTest, NoPrice_IsNoCostAndNotZero) {
  EXPECT_EQ(ask("no.such.model")->billed_nano_usd, std::nullopt);
  std::get<llm::StreamMetadata>(inner_.events.back()).usage_known = false;
  EXPECT_EQ(ask("amazon.nova-lite-v1:0")->billed_nano_usd, std::nullopt);
}

TEST_F(PricedModelTest, NoPriceWhereRefused_IsNotAsked) {
  const auto refused = ask("no.such.model", true);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "model");
  EXPECT_THAT(refused.error().message, HasSubstr("no.such.model has no price in built-in prices"));
  EXPECT_EQ(inner_.asked, 0);
  EXPECT_TRUE(ask("amazon.nova-lite-v1:0", true));
}

}  // namespace
}  // namespace caprock::gateway
