#include "observability/prometheus.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace caprock::observability {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

TEST(PrometheusRegistry, CountersGaugesHistograms_ShowInTheText) {
  PrometheusRegistry registry;
  registry.counter("bedrock_requests_total", "Requests", {{"model", "m"}, {"status", "ok"}}).add(2);
  registry.gauge("caprock_queue", "Waiting", {}).set(7);
  base::Histogram& seconds =
      registry.histogram("bedrock_response_time_seconds", "Time", {0.1, 1}, {{"model", "m"}});
  seconds.observe(0.05);
  seconds.observe(5);
  const std::string text = registry.serialize();
  EXPECT_THAT(text, HasSubstr("# TYPE bedrock_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("bedrock_requests_total{model=\"m\",status=\"ok\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("caprock_queue 7\n"));
  EXPECT_THAT(text, HasSubstr("bedrock_response_time_seconds_bucket{model=\"m\",le=\"0.1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("bedrock_response_time_seconds_bucket{model=\"m\",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("bedrock_response_time_seconds_count{model=\"m\"} 2\n"));
}

TEST(PrometheusRegistry, SameNameAndLabels_GiveTheSameHandle) {
  PrometheusRegistry registry;
  base::Counter& first = registry.counter("c_total", "C", {{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(&first, &registry.counter("c_total", "C", {{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(&first, &registry.counter("c_total", "C", {{"a", "1"}, {"b", "3"}}));
}

TEST(PrometheusRegistry, SameNameWithAnotherType_Throws) {
  PrometheusRegistry registry;
  registry.counter("c_total", "C", {});
  EXPECT_THROW(registry.gauge("c_total", "C", {}), std::logic_error);
}

TEST(PrometheusRegistry, HostileLabelValue_IsEscaped) {
  PrometheusRegistry registry;
  registry.counter("c_total", "C", {{"model", "a\"b\n\\"}}).add(1);
  EXPECT_THAT(registry.serialize(), HasSubstr("c_total{model=\"a\\\"b\\n\\\\\"} 1\n"));
}

TEST(PrometheusRegistry, ProcessFigures_AreThereAndPlausible) {
  const std::string text = PrometheusRegistry().serialize();
  EXPECT_THAT(text, ContainsRegex("process_resident_memory_bytes [1-9]"));
  EXPECT_THAT(text, ContainsRegex("process_open_fds [1-9]"));
  EXPECT_THAT(text, ContainsRegex("process_start_time_seconds [1-9]"));
  EXPECT_THAT(text, HasSubstr("process_cpu_seconds_total "));
}

TEST(PrometheusRegistry, ManyThreads_CountEverything) {
  PrometheusRegistry registry;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) registry.counter("c_total", "C", {{"t", "x"}}).add();
      });
  }
  EXPECT_THAT(registry.serialize(), HasSubstr("c_total{t=\"x\"} 4000\n"));
}

}  // namespace
}  // namespace caprock::observability
