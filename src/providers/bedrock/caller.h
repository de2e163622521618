#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aws/clock_skew.h"
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "net/http_client.h"
#include "providers/bedrock/aws_account.h"
#include "providers/bedrock/errors.h"

namespace caprock::providers::bedrock {

/// One request to one of Bedrock's services.
struct Call {
  aws::Service service = aws::Service::kBedrockRuntime;
  std::string method = "POST";
  std::string path;  ///< encoded, with its query
  std::string body;
  std::string model;  ///< for errors
  std::string accept = "application/json";
  std::string content_type = "application/json";
  net::HttpHeaders headers = {};                       ///< more of them; signed
  std::optional<base::Sha256Digest> body_digest = {};  ///< where it was computed already
};

struct Answer {
  std::unique_ptr<net::HttpResponse> response;
  CallPlace place;                                   ///< where it came from, for the errors of what follows
  base::RequestContext limited = {};                 ///< the caller's, with the deadline of the read at hand
  aws::CachedCredentials::Pointer credentials = {};  ///< what it was asked with
};

/// Signs calls and sends them, once each. What a refusal teaches (our clock is off, the credentials ended)
/// holds for the next call: retries are the gateway's matter. Thread safe.
class Caller {
 public:
  /// `http` must outlive it. `patience`: how long Bedrock may be silent.
  Caller(net::HttpClient& http, std::shared_ptr<AwsAccount> account, std::chrono::milliseconds patience);

  /// An answer of status 2xx. Errors: those of error_of_answer, of the credentials and of HttpClient;
  /// kInvalidArgument with field "aws.region" when no region is known.
  base::Awaitable<base::Result<Answer>> send(const base::RequestContext& context, Call call);
  /// An answer of any status. Errors as of send, but for those that are answers.
  base::Awaitable<base::Result<Answer>> exchange(const base::RequestContext& context, Call call);
  /// As much of the body of an answer other than 2xx as tells what it means. What cannot be read is left out.
  base::Awaitable<std::string> read_refusal(Answer& answer) const;
  /// What such an answer means; the next call will be the wiser for it.
  base::Error refusal(const Answer& answer, std::string_view body);
  /// The next bytes; kUpstream when none come for too long.
  base::Awaitable<base::Result<std::optional<std::string>>> read(const base::RequestContext& context,
                                                                 Answer& answer) const;
  /// The rest of the body. kUpstream also for an error that is disguised as success.
  base::Awaitable<base::Result<std::string>> read_all(const base::RequestContext& context,
                                                      Answer& answer) const;
  /// Where calls of a service go. kInvalidArgument with field "aws.region" when nobody said.
  base::Result<std::string> region(aws::Service service);
  AwsAccount& account() const { return *account_; }

 private:
  base::Result<const aws::Endpoint*> endpoint(aws::Service service);
  void authorize(net::HttpRequest& request, const aws::Endpoint& where, const aws::Credentials& credentials,
                 const aws::PayloadHash& payload);
  base::Deadline patience(const base::RequestContext& context) const;
  base::Error explained(const base::RequestContext& context, base::Error error, const CallPlace& place) const;
  void learn(const base::Error& error, const Answer& answer);

  net::HttpClient& http_;
  const std::shared_ptr<AwsAccount> account_;
  const std::chrono::milliseconds patience_;
  aws::Signer signer_;
  aws::ClockSkew skew_;
  std::mutex mutex_;
  std::map<aws::Service, aws::Endpoint> endpoints_;  ///< found once
};

/// "/model/" + the id with everything encoded that a label may not have + "/" + operation.
std::string model_path(std::string_view model, std::string_view operation);

}  // namespace caprock::providers::bedrock
