#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/submissions.h"

namespace caprock::app {

/// What became of one document.
struct Outcome {
  std::string id;      ///< empty when it was refused
  std::string source;  ///< as it was handed in
  std::string status;  ///< of the document; "REFUSED" when there is none
  std::string error;
};

/// Hands documents in from several threads and follows them until each is INDEXED or FAILED.
class IngestRun {
 public:
  IngestRun(ApiClient& client, JobFeed& feed, std::string collection, boost::json::object metadata)
      : client_(client), feed_(feed), collection_(std::move(collection)), metadata_(std::move(metadata)) {}

  /// The work of one thread: until the feed is empty, or nobody can be reached. Any number of threads.
  void submit_all();
  /// Asks how far the documents are; the number that have ended. kUnavailable and the like when nobody
  /// answers.
  base::Result<std::uint64_t> follow();

  std::uint64_t refused() const;
  std::uint64_t submitted() const;
  /// Why everything stopped, if it did.
  std::optional<base::Error> broken() const;
  /// In the order of handing in; complete once `follow` has counted all.
  std::vector<Outcome> outcomes() const;

 private:
  void submit(const Job& job);
  base::Result<ApiResponse> call_patiently(const ApiRequest& request);
  void take_answer(const std::string& source, const ApiResponse& response);
  void add(Outcome outcome);
  void refuse(std::string source, std::string error);
  base::Result<void> follow_each();
  base::Result<void> follow_by_lists();
  base::Result<std::map<std::string, std::string>> listed(const std::string& status);
  void settle(const std::string& id, const std::string& status, const std::string& error);
  std::vector<std::string> open_ids() const;
  void stop(base::Error error);

  ApiClient& client_;
  JobFeed& feed_;
  const std::string collection_;
  const boost::json::object metadata_;
  mutable std::mutex mutex_;
  std::mutex large_;  ///< one large file in memory at a time
  std::vector<Outcome> outcomes_;
  std::map<std::string, std::size_t> open_;  ///< id → place in outcomes_, of what has not ended
  std::uint64_t refused_ = 0;
  std::optional<base::Error> broken_;
};

}  // namespace caprock::app
