#include "app/cli/ingest_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include "app/cli/api_error.h"

namespace caprock::app {
namespace {

namespace json = boost::json;
using base::Result;

constexpr std::uint64_t kLarge = 16ULL << 20;
constexpr int kAttempts = 20;
constexpr std::chrono::seconds kLongestWait{30};
/// Up to here every document is asked for by itself; above, lists cost less.
constexpr std::size_t kAskEach = 32;

bool has_ended(const std::string& status) { return status == "INDEXED" || status == "FAILED"; }

std::chrono::milliseconds wait_of(const ApiResponse& response, int attempt) {
  for (const auto& [name, value] : response.headers) {
    int seconds = 0;
    const bool named =
        name.size() == 11 && (name[0] == 'R' || name[0] == 'r') && name.find("fter") != std::string::npos;
    if (named && std::from_chars(value.data(), value.data() + value.size(), seconds).ec == std::errc{})
      return std::min<std::chrono::milliseconds>(std::chrono::seconds(seconds), kLongestWait);
  }
  return std::chrono::milliseconds(std::min(100 << std::min(attempt, 6), 5000));
}

std::string name_of(const Job& job) {
  return job.number == 0 ? job.input.path : fmt::format("{}:{}", job.input.path, job.number);
}

}  // namespace

void IngestRun::submit_all() {
  try {
    while (!broken()) {
      const std::optional<Job> job = feed_.next();
      if (!job) return;
      submit(*job);
    }
  } catch (const std::exception& e) {
    // Nothing may leave a thread; the others stop too.
    stop(base::Error(base::ErrorKind::kInternal, e.what()));
  }
}

void IngestRun::submit(const Job& job) {
  std::unique_lock<std::mutex> alone(large_, std::defer_lock);
  if (job.number == 0 && job.input.size > kLarge) alone.lock();
  const Result<ApiRequest> request = request_of(job, collection_, metadata_);
  if (!request) return refuse(name_of(job), request.error().message);
  const Result<ApiResponse> response = call_patiently(*request);
  // A connection that broke with one document (too large, say) says nothing about the next.
  if (!response && response.error().kind == base::ErrorKind::kUpstream)
    return refuse(name_of(job), response.error().message);
  if (!response) return stop(response.error());
  if (response->status == 401)
    return stop(base::Error(base::ErrorKind::kUnauthenticated, error_text(*response)));
  take_answer(name_of(job), *response);
}

/// A full queue or a limit is no failure of the document: it waits.
Result<ApiResponse> IngestRun::call_patiently(const ApiRequest& request) {
  for (int attempt = 0;; ++attempt) {
    Result<ApiResponse> response = client_.call(request);
    const bool busy = response && (response->status == 503 || response->status == 429);
    if (!busy || attempt == kAttempts) return response;
    std::this_thread::sleep_for(wait_of(*response, attempt));
  }
}

void IngestRun::take_answer(const std::string& source, const ApiResponse& response) {
  if (!response.ok()) return refuse(source, error_text(response));
  const Result<json::value> body = json_body(response);
  if (!body) return refuse(source, body.error().message);
  // An upload answers with an entry a file, everything else with the document itself.
  const json::array& entries = array_at(*body, "documents");
  const json::value& entry = entries.empty() ? *body : entries.front();
  const json::value& document = value_at(entry, "document").is_object() ? value_at(entry, "document") : entry;
  if (text_at(document, "id").empty()) return refuse(source, text_at(value_at(entry, "error"), "message"));
  add({text_at(document, "id"), source, text_at(document, "status"), text_at(document, "error")});
}

void IngestRun::add(Outcome outcome) {
  const std::lock_guard lock(mutex_);
  if (!has_ended(outcome.status)) open_[outcome.id] = outcomes_.size();
  outcomes_.push_back(std::move(outcome));
}

void IngestRun::refuse(std::string source, std::string error) {
  const std::lock_guard lock(mutex_);
  ++refused_;
  outcomes_.push_back({"", std::move(source), "REFUSED", std::move(error)});
}

void IngestRun::stop(base::Error error) {
  const std::lock_guard lock(mutex_);
  if (!broken_) broken_ = std::move(error);
}

Result<std::uint64_t> IngestRun::follow() {
  const std::size_t open = open_ids().size();
  if (open != 0) CAPROCK_CHECK(open <= kAskEach ? follow_each() : follow_by_lists());
  const std::lock_guard lock(mutex_);
  return outcomes_.size() - open_.size();
}

Result<void> IngestRun::follow_each() {
  for (const std::string& id : open_ids()) {
    CAPROCK_TRY(const ApiResponse response, client_.call({.target = "/documents/" + url_encode(id)}));
    if (response.status == 404) {
      settle(id, "FAILED", "was deleted meanwhile");
      continue;
    }
    const Result<json::value> document = json_body(response);
    if (response.ok() && document && has_ended(text_at(*document, "status")))
      settle(id, text_at(*document, "status"), text_at(*document, "error"));
  }
  return {};
}

/// What is neither waiting nor being worked on nor failed is indexed. The order of the questions is the order
/// in which a document moves, so that none is missed on its way.
Result<void> IngestRun::follow_by_lists() {
  const std::vector<std::string> asked = open_ids();
  CAPROCK_TRY(const auto pending, listed("PENDING"));
  CAPROCK_TRY(const auto processing, listed("PROCESSING"));
  CAPROCK_TRY(const auto failed, listed("FAILED"));
  for (const std::string& id : asked) {
    if (pending.contains(id) || processing.contains(id)) continue;
    const auto found = failed.find(id);
    settle(id, found == failed.end() ? "INDEXED" : "FAILED", found == failed.end() ? "" : found->second);
  }
  return {};
}

Result<std::map<std::string, std::string>> IngestRun::listed(const std::string& status) {
  std::map<std::string, std::string> found;
  std::string cursor;
  do {
    std::string target = "/documents?limit=1000&status=" + status;
    if (!collection_.empty()) target += "&collection=" + url_encode(collection_);
    if (!cursor.empty()) target += "&cursor=" + url_encode(cursor);
    CAPROCK_TRY(const ApiResponse response, client_.call({.target = std::move(target)}));
    if (!response.ok()) return base::failure(base::Error(base::ErrorKind::kUpstream, error_text(response)));
    CAPROCK_TRY(const json::value page, json_body(response));
    for (const json::value& document : array_at(page, "documents"))
      found[text_at(document, "id")] = text_at(document, "error");
    cursor = text_at(page, "next_cursor");
  } while (!cursor.empty());
  return found;
}

void IngestRun::settle(const std::string& id, const std::string& status, const std::string& error) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  outcomes_[found->second].status = status;
  outcomes_[found->second].error = error;
  open_.erase(found);
}

std::vector<std::string> IngestRun::open_ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(open_.size());
  for (const auto& [id, place] : open_) ids.push_back(id);
  return ids;
}

std::uint64_t IngestRun::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::uint64_t IngestRun::submitted() const {
  const std::lock_guard lock(mutex_);
  return outcomes_.size();
}

std::optional<base::Error> IngestRun::broken() const {
  const std::lock_guard lock(mutex_);
  return broken_;
}

std::vector<Outcome> IngestRun::outcomes() const {
  const std::lock_guard lock(mutex_);
  return outcomes_;
}

}  // namespace caprock::app
