#include "server/keys/issued_key_authenticator.h"

#include <utility>
#include <vector>

namespace caprock::server {
namespace {

using base::failure;
using base::Result;
using Found = Result<std::optional<base::Principal>>;

/// A body that has been read already.
class ReadBody final : public BodyReader {
 public:
  explicit ReadBody(std::string text) : text_(std::move(text)) {}
  base::Awaitable<Result<std::optional<std::string>>> read() override {
    if (text_.empty()) co_return std::nullopt;
    co_return std::exchange(text_, {});
  }

 private:
  std::string text_;
};

/// The hash of the whole body; its bytes go to `kept` unless that is null.
base::Awaitable<Result<aws::PayloadHash>> hash_body(BodyReader& body, std::uint64_t limit,
                                                    std::string* kept) {
  base::Sha256 hash;
  std::uint64_t size = 0;
  while (true) {
    CAPROCK_CO_TRY(std::optional<std::string> piece, co_await body.read());
    if (!piece) break;
    size += piece->size();
    if (size > limit) co_return failure(body_too_large(limit));
    hash.update(*piece);
    if (kept == nullptr) continue;
    if (kept->empty())
      *kept = std::move(*piece);
    else
      *kept += *piece;
  }
  co_return aws::PayloadHash::of_digest(hash.finish());
}

std::vector<aws::HeaderView> header_views(const Headers& headers) {
  std::vector<aws::HeaderView> views;
  views.reserve(headers.items().size());
  for (const Header& header : headers.items()) views.emplace_back(header.first, header.second);
  return views;
}

}  // namespace

base::Awaitable<Found> IssuedKeyAuthenticator::authenticate(Request& request) {
  if (aws::is_sigv4(request.headers.get("authorization"))) co_return co_await check_signature(request);
  const std::string_view presented = presented_key(request);
  if (presented.empty()) co_return std::nullopt;
  const auto keys = ring_.keys();
  // Nobody can steer the hash of a guess towards that of a key, so the time of the search tells nothing.
  const auto found = keys->by_hash.find(base::sha256(presented));
  if (found == keys->by_hash.end()) co_return std::nullopt;
  co_return found->second;
}

base::Awaitable<Found> IssuedKeyAuthenticator::check_signature(Request& request) {
  // A copy: the claim views it.
  const std::string header(request.headers.get("authorization"));
  CAPROCK_CO_TRY(const aws::SignatureClaim claim, aws::parse_authorization(header));
  const auto keys = ring_.keys();
  const auto found = keys->by_access_key.find(claim.access_key_id);
  const KeyRing::Pair* pair =
      found != keys->by_access_key.end() && found->second.secret ? &found->second : nullptr;

  std::string body;
  CAPROCK_CO_TRY(const aws::PayloadHash hash,
                 co_await hash_body(*request.body, body_limit_, pair == nullptr ? nullptr : &body));
  const std::vector<aws::HeaderView> headers = header_views(request.headers);
  const aws::SigningRequest signed_request{.method = request.method,
                                           .host = request.authority,
                                           .path = request.path(),
                                           .query = request.query(),
                                           .headers = headers,
                                           .payload = hash};
  CAPROCK_CO_CHECK(
      verifier_.verify(claim, signed_request, pair == nullptr ? nullptr : &*pair->secret, {}, clock_.wall()));
  request.body = std::make_unique<ReadBody>(std::move(body));
  co_return pair->principal;
}

}  // namespace caprock::server
