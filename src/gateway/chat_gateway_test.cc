#include "gateway/chat_gateway.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

namespace caprock::gateway {
namespace {

using Stream = base::Result<std::unique_ptr<llm::ChatStream>>;

class Refusing final : public llm::ChatModel {
 public:
  explicit Refusing(std::string& trail) : trail_(trail) {}
  base::Awaitable<Stream> converse(const base::RequestContext&, llm::ChatRequest) override {
    trail_ += "model ";
    co_return base::failure(base::Error(base::ErrorKind::kUpstream, "no"));
  }

 private:
  std::string& trail_;
};

class Marking final : public ChatStage {
 public:
  Marking(std::string name, std::string& trail) : name_(std::move(name)), trail_(trail) {}
  base::Awaitable<Stream> converse(const base::RequestContext& context, llm::ChatRequest request,
                                   llm::ChatModel& next) override {
    trail_ += name_ + "> ";
    auto outcome = co_await next.converse(context, std::move(request));
    trail_ += "<" + name_ + " ";
    co_return outcome;
  }

 private:
  std::string name_;
  std::string& trail_;
};

base::ErrorKind converse(ChatGateway& gateway, const base::RequestContext& context) {
  boost::asio::io_context loop;
  base::ErrorKind kind{};
  boost::asio::co_spawn(loop, gateway.converse(context, {}), [&](std::exception_ptr thrown, Stream outcome) {
    EXPECT_FALSE(thrown);
    if (!outcome) kind = outcome.error().kind;
  });
  loop.run();
  return kind;
}

TEST(ChatGateway, Stages_HaveTheirSayBeforeAndAfterInReverse) {
  std::string trail;
  Refusing model(trail);
  std::vector<std::unique_ptr<ChatStage>> stages;
  stages.push_back(std::make_unique<Marking>("budget", trail));
  stages.push_back(std::make_unique<Marking>("cache", trail));
  ChatGateway gateway(std::move(stages), model);
  EXPECT_EQ(converse(gateway, {}), base::ErrorKind::kUpstream);
  EXPECT_EQ(trail, "budget> cache> model <cache <budget ");
}

TEST(ChatGateway, CancelledRequest_ReachesNoModel) {
  std::string trail;
  Refusing model(trail);
  ChatGateway gateway({}, model);
  std::stop_source stop;
  stop.request_stop();
  base::RequestContext context;
  context.cancelled = stop.get_token();
  EXPECT_EQ(converse(gateway, context), base::ErrorKind::kCancelled);
  EXPECT_EQ(trail, "");
}

}  // namespace
}  // namespace caprock::gateway
