#include "gateway/chat_gateway.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <string>

namespace caprock::gateway {
namespace {

class Remembering final : public UsageSink {
 public:
  void record(const UsageRecord& record) override { records.push_back(record); }
  std::vector<UsageRecord> records;
};

class Refusing final : public ChatStage {
 public:
  explicit Refusing(std::string& trail) : trail_(trail) {}
  base::Awaitable<ChatResult> converse(const base::RequestContext&, llm::ChatRequest, CallTrace&,
                                       ChatNext&) override {
    trail_ += "model ";
    co_return base::failure(base::Error(base::ErrorKind::kUpstream, "no"));
  }

 private:
  std::string& trail_;
};

class Marking final : public ChatStage {
 public:
  Marking(std::string name, std::string& trail) : name_(std::move(name)), trail_(trail) {}
  base::Awaitable<ChatResult> converse(const base::RequestContext& context, llm::ChatRequest request,
                                       CallTrace& trace, ChatNext& next) override {
    trail_ += name_ + "> ";
    auto outcome = co_await next.converse(context, std::move(request), trace);
    trail_ += "<" + name_ + " ";
    co_return outcome;
  }

 private:
  std::string name_;
  std::string& trail_;
};

/// Events that are all there, then the end or an error.
class Scripted final : public llm::ChatStream {
 public:
  Scripted(std::vector<llm::StreamEvent> events, std::optional<base::Error> error)
      : events_(std::move(events)), error_(std::move(error)) {}
  base::Awaitable<base::Result<std::optional<llm::StreamEvent>>> next() override {
    if (at_ < events_.size()) co_return std::optional<llm::StreamEvent>(events_[at_++]);
    if (error_) co_return base::failure(*error_);
    co_return std::nullopt;
  }

 private:
  std::vector<llm::StreamEvent> events_;
  std::optional<base::Error> error_;
  std::size_t at_ = 0;
};

class Answering final : public ChatStage {
 public:
  explicit Answering(std::optional<base::Error> error = {}) : error_(std::move(error)) {}
  base::Awaitable<ChatResult> converse(const base::RequestContext&, llm::ChatRequest, CallTrace&,
                                       ChatNext&) override {
    llm::StreamMetadata metadata;
    metadata.usage = {.input_tokens = 3, .output_tokens = 5};
    std::vector<llm::StreamEvent> events{llm::TextDelta{.text = "hello"}, llm::BlockStop{}};
    if (!error_) events.insert(events.end(), {llm::MessageStop{}, metadata});
    co_return std::make_unique<Scripted>(std::move(events), error_);
  }

 private:
  std::optional<base::Error> error_;
};

class ChatGatewayTest : public ::testing::Test {
 protected:
  ChatGateway& gateway(std::unique_ptr<ChatStage> stage, std::optional<DrainLimits> drain = {}) {
    std::vector<std::unique_ptr<ChatStage>> stages;
    stages.push_back(std::move(stage));
    made_ = std::make_unique<ChatGateway>(std::move(stages),
                                          ChatGateway::Parts{.sink = sink_, .clock = clock_, .drain = drain});
    return *made_;
  }
  /// Reads `events` of the reply, or all.
  static base::Awaitable<void> talk(ChatGateway& gateway, const base::RequestContext& context, int events) {
    auto stream = co_await gateway.converse(context, {.model = "m"}, "test");
    while (stream && events-- > 0) {
      const auto event = co_await (*stream)->next();
      if (!event || !*event) break;
    }
  }
  UsageRecord run(ChatGateway& gateway, int events = 100) {
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop, talk(gateway, context_, events), boost::asio::detached);
    loop.run();
    EXPECT_EQ(sink_->records.size(), 1U);
    return sink_->records.empty() ? UsageRecord{} : sink_->records.back();
  }

  base::ManualClock clock_;
  std::shared_ptr<Remembering> sink_ = std::make_shared<Remembering>();
  base::RequestContext context_;
  std::unique_ptr<ChatGateway> made_;
};

TEST_F(ChatGatewayTest, Stages_HaveTheirSayBeforeAndAfterInReverse) {
  std::string trail;
  std::vector<std::unique_ptr<ChatStage>> stages;
  stages.push_back(std::make_unique<Marking>("budget", trail));
  stages.push_back(std::make_unique<Marking>("cache", trail));
  stages.push_back(std::make_unique<Refusing>(trail));
  ChatGateway gateway(std::move(stages), {.sink = sink_, .clock = clock_});
  const UsageRecord record = run(gateway);
  EXPECT_EQ(trail, "budget> cache> model <cache <budget ");
  EXPECT_EQ(record.outcome, Outcome::kError);
  EXPECT_EQ(record.error, "upstream_error");
}

TEST_F(ChatGatewayTest, CancelledRequest_ReachesNoModelAndIsRecorded) {
  std::string trail;
  std::stop_source stop;
  stop.request_stop();
  context_.cancelled = stop.get_token();
  EXPECT_EQ(run(gateway(std::make_unique<Refusing>(trail))).outcome, Outcome::kClientGone);
  EXPECT_EQ(trail, "");
}

TEST_F(ChatGatewayTest, WholeReply_IsRecordedWithItsTokens) {
  const UsageRecord record = run(gateway(std::make_unique<Answering>()));
  EXPECT_EQ(record.outcome, Outcome::kOk);
  EXPECT_TRUE(record.usage_known);
  EXPECT_EQ(record.usage.input_tokens, 3);
  EXPECT_EQ(record.usage.output_tokens, 5);
  EXPECT_EQ(record.surface, "test");
  EXPECT_EQ(record.model_asked, "m");
  EXPECT_TRUE(record.first_event);
}

TEST_F(ChatGatewayTest, ReplyReadUpToItsMetadata_IsWhole) {
  EXPECT_EQ(run(gateway(std::make_unique<Answering>()), 4).outcome, Outcome::kOk);
}

TEST_F(ChatGatewayTest, DroppedReply_IsRecordedAsReaderGone) {
  const UsageRecord record = run(gateway(std::make_unique<Answering>()), 1);
  EXPECT_EQ(record.outcome, Outcome::kClientGone);
  EXPECT_FALSE(record.usage_known);
}

TEST_F(ChatGatewayTest, ReplyThatBreaksOff_IsRecordedAsBroken) {
  const base::Error error(base::ErrorKind::kUpstream, "x");
  EXPECT_EQ(run(gateway(std::make_unique<Answering>(error))).outcome, Outcome::kBroken);
}

TEST_F(ChatGatewayTest, DeadlineThatPassed_IsRecordedAsTimeout) {
  const base::Error error(base::ErrorKind::kDeadlineExceeded, "x");
  EXPECT_EQ(run(gateway(std::make_unique<Answering>(error))).outcome, Outcome::kTimeout);
}

TEST_F(ChatGatewayTest, DroppedReply_IsDrainedWherePolicySaysSo) {
  const UsageRecord record = run(gateway(std::make_unique<Answering>(), DrainLimits{}), 1);
  EXPECT_TRUE(record.usage_known);
  EXPECT_EQ(record.usage.output_tokens, 5);
}

TEST_F(ChatGatewayTest, Drain_EndsAtItsLimit) {
  const UsageRecord record = run(gateway(std::make_unique<Answering>(), DrainLimits{.bytes = 4}), 0);
  EXPECT_EQ(record.outcome, Outcome::kClientGone);
  EXPECT_FALSE(record.usage_known);
}

}  // namespace
}  // namespace caprock::gateway
