#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <ostream>
#include <thread>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "app/cli/ingest_run.h"
#include "app/cli/inputs.h"
#include "app/cli/progress.h"
#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Result;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

/// The line at the bottom of a terminal; nothing elsewhere.
class ProgressBar {
 public:
  ProgressBar(const Terminal& terminal, std::uint64_t total, bool shown)
      : terminal_(terminal), total_(total), shown_(shown && terminal.err_is_terminal) {}
  ~ProgressBar() {
    if (shown_) terminal_.err << "\r\x1b[K" << std::flush;
  }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  bool shown() const { return shown_; }
  void show(std::uint64_t done, std::uint64_t failed) {
    if (shown_)
      terminal_.err << "\r\x1b[K" << progress_line({done, failed, total_, since(start_)}) << std::flush;
  }

 private:
  const Terminal& terminal_;
  std::uint64_t total_;
  bool shown_;
  Clock::time_point start_ = Clock::now();
};

/// Asks until all have ended. The next question waits in proportion to what the last one cost.
Result<void> follow_to_the_end(IngestRun& run, const std::atomic<int>& submitting, ProgressBar& bar,
                               bool wait) {
  while (true) {
    const bool all_in = submitting == 0;
    const Clock::time_point began = Clock::now();
    // While documents are handed in, only a person who watches needs to know how far they are.
    if (all_in && !wait) return {};
    if (all_in || bar.shown()) {
      CAPROCK_TRY(const std::uint64_t done, run.follow());
      bar.show(done, run.refused());
      if (all_in && done == run.submitted()) return {};
    }
    std::this_thread::sleep_for(
        std::clamp<milliseconds>(since(began) * 4, milliseconds(all_in ? 10 : 50), milliseconds(2000)));
  }
}

json::object outcome_json(const Outcome& outcome) {
  json::object entry{{"source", outcome.source}, {"status", outcome.status}};
  if (!outcome.id.empty()) entry["id"] = outcome.id;
  if (!outcome.error.empty()) entry["error"] = outcome.error;
  return entry;
}

struct Count {
  std::size_t indexed = 0;
  std::size_t failed = 0;
  std::size_t waiting = 0;
};

Count count(const std::vector<Outcome>& outcomes) {
  Count counted;
  for (const Outcome& outcome : outcomes) {
    if (outcome.status == "INDEXED")
      ++counted.indexed;
    else if (outcome.status == "FAILED" || outcome.status == "REFUSED")
      ++counted.failed;
    else
      ++counted.waiting;
  }
  return counted;
}

void print_json(const Terminal& terminal, const std::vector<Outcome>& outcomes, const Count& counted,
                double seconds) {
  json::array documents;
  for (const Outcome& outcome : outcomes) documents.push_back(outcome_json(outcome));
  terminal.out << base::json_text(json::object{{"documents", std::move(documents)},
                                               {"indexed", counted.indexed},
                                               {"failed", counted.failed},
                                               {"waiting", counted.waiting},
                                               {"seconds", seconds}})
               << '\n';
}

void print_text(const Terminal& terminal, const std::vector<Outcome>& outcomes, const Count& counted,
                double seconds) {
  for (const Outcome& outcome : outcomes)
    if (outcome.status == "FAILED" || outcome.status == "REFUSED")
      terminal.err << printable(outcome.source) << ": " << printable(outcome.error) << '\n';
  std::string line =
      fmt::format("{} {} indexed", counted.indexed, counted.indexed == 1 ? "document" : "documents");
  if (counted.failed != 0) line += fmt::format(", {} failed", counted.failed);
  if (counted.waiting != 0) line += fmt::format(", {} waiting", counted.waiting);
  terminal.out << line << fmt::format(" in {:.1f} s\n", seconds);
}

Result<std::vector<Input>> inputs_of(const IngestOptions& options) {
  CAPROCK_TRY(std::vector<Input> inputs, expand_inputs(options.inputs));
  if (inputs.empty()) return base::failure(base::invalid_argument("path", "there is no file to ingest"));
  if (options.records &&
      std::ranges::any_of(inputs, [](const Input& i) { return i.kind == Input::Kind::kUrl; }))
    return base::failure(base::invalid_argument("--records", "--records reads files, not URLs"));
  return inputs;
}

}  // namespace

int run_ingest(ApiClient& client, const Terminal& terminal, const IngestOptions& options, bool as_json) {
  Result<std::vector<Input>> inputs = inputs_of(options);
  if (!inputs) return report(terminal, inputs.error());
  Result<json::object> metadata = read_metadata_options(options.metadata);
  if (!metadata) return report(terminal, metadata.error());

  const Clock::time_point start = Clock::now();
  JobFeed feed(std::move(*inputs), options.records);
  IngestRun run(client, feed, options.collection, std::move(*metadata));
  std::atomic<int> submitting = std::clamp(options.jobs, 1, 64);
  Result<void> followed;
  {
    ProgressBar bar(terminal, feed.count(), !as_json);
    std::vector<std::jthread> threads;
    for (int i = submitting; i > 0; --i)
      threads.emplace_back([&] {
        run.submit_all();
        --submitting;
      });
    followed = follow_to_the_end(run, submitting, bar, !options.no_wait);
  }
  const std::vector<Outcome> outcomes = run.outcomes();
  const Count counted = count(outcomes);
  const double seconds = static_cast<double>(since(start).count()) / 1000;
  if (as_json)
    print_json(terminal, outcomes, counted, seconds);
  else
    print_text(terminal, outcomes, counted, seconds);
  if (const std::optional<base::Error> broken = run.broken()) return report(terminal, *broken);
  if (!followed) return report(terminal, followed.error());
  return counted.failed == 0 ? kExitOk : kExitFailed;
}

}  // namespace caprock::app
