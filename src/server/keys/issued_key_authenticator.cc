#include "server/keys/issued_key_authenticator.h"

#include <utility>
#include <vector>

namespace caprock::server {
namespace {

using base::failure;
using base::Result;
using Found = Result<std::optional<base::Principal>>;

/// A body that has been read already. Its share of the memory is held until the request ends: whoever takes
/// the bytes holds them as long.
class ReadBody final : public BodyReader {
 public:
  explicit ReadBody(BodyMemory& memory) : share_(memory) {}
  Result<void> add(std::string piece) {
    if (!share_.take(piece.size()))
      return failure(base::Error(base::ErrorKind::kUnavailable,
                                 "too many signed bodies are being received; try again soon")
                         .with_retry_after(std::chrono::seconds(1)));
    if (text_.empty())
      text_ = std::move(piece);
    else
      text_ += piece;
    return {};
  }
  base::Awaitable<Result<std::optional<std::string>>> read() override {
    if (text_.empty()) co_return std::nullopt;
    co_return std::exchange(text_, {});
  }

 private:
  BodyShare share_;
  std::string text_;
};

/// The hash of the whole body; its bytes go to `kept` unless that is null.
base::Awaitable<Result<base::Sha256Digest>> hash_body(BodyReader& body, std::uint64_t limit, ReadBody* kept) {
  base::Sha256 hash;
  std::uint64_t size = 0;
  while (true) {
    CAPROCK_CO_TRY(std::optional<std::string> piece, co_await body.read());
    if (!piece) break;
    size += piece->size();
    if (size > limit) co_return failure(body_too_large(limit));
    hash.update(*piece);
    if (kept != nullptr) CAPROCK_CO_CHECK(kept->add(std::move(*piece)));
  }
  co_return hash.finish();
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

  auto body = std::make_unique<ReadBody>(memory_);
  CAPROCK_CO_TRY(const base::Sha256Digest digest,
                 co_await hash_body(*request.body, body_limit_, pair == nullptr ? nullptr : body.get()));
  const std::vector<aws::HeaderView> headers = header_views(request.headers);
  const aws::SigningRequest signed_request{.method = request.method,
                                           .host = request.authority,
                                           .path = request.path(),
                                           .query = request.query(),
                                           .headers = headers,
                                           .payload = aws::PayloadHash::of_digest(digest)};
  CAPROCK_CO_CHECK(
      verifier_.verify(claim, signed_request, pair == nullptr ? nullptr : &*pair->secret, {}, clock_.wall()));
  request.body = std::move(body);
  request.body_digest = digest;
  co_return pair->principal;
}

}  // namespace caprock::server
