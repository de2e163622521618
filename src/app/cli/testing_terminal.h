#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/environment.h"

namespace caprock::app {

/// Streams that a test reads.
struct TestTerminal {
  std::ostringstream out;
  std::ostringstream err;
  std::istringstream in;
  Terminal terminal() { return {out, err, in}; }
};

/// Answers by "METHOD target" and keeps what it was asked. Thread safe.
class FakeApi {
 public:
  using Answer = std::function<ApiResponse(const ApiRequest&)>;
  void on(const std::string& method_and_target, Answer answer) {
    answers_[method_and_target] = std::move(answer);
  }
  void on(const std::string& method_and_target, int status, std::string body) {
    on(method_and_target, [=](const ApiRequest&) { return ApiResponse{status, {}, body}; });
  }
  ApiResponse answer(const ApiRequest& request) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(request);
    const std::string path = request.method + " " + request.target.substr(0, request.target.find('?'));
    for (const std::string& key : {request.method + " " + request.target, path})
      if (const auto found = answers_.find(key); found != answers_.end()) return found->second(request);
    return {404, {}, R"({"error":{"type":"not_found","message":"no such thing"}})"};
  }
  std::vector<ApiRequest> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::vector<ApiRequest> asked_;
};

class FakeApiClient final : public ApiClient {
 public:
  explicit FakeApiClient(FakeApi& api) : api_(api) {}
  base::Result<ApiResponse> call(ApiRequest request) override { return api_.answer(request); }
  base::Result<ApiResponse> stream(ApiRequest request, OnEvent on_event) override {
    ApiResponse response = api_.answer(request);
    if (!response.ok()) return response;
    net::SseParser parser;
    const std::vector<net::SseEvent> events = parser.push(response.body).value();
    for (const net::SseEvent& event : events)
      if (!on_event(event)) break;
    response.body.clear();
    return response;
  }
  std::string where() const override { return "the fake"; }

 private:
  FakeApi& api_;
};

}  // namespace caprock::app
