#include "server/keys/key_service.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

#include "base/base64.h"
#include "base/trace.h"

namespace caprock::server {
namespace {

using base::failure;
using base::Result;

constexpr const char* kFileName = "master.key";

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1)
    throw std::runtime_error("OpenSSL has no random numbers");
  return out;
}

// As long as AWS's own and with its alphabet, so that no tool stumbles over it; the prefix tells whose it is.
std::string new_access_key_id() {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string id = "CPRK";
  for (const char c : random_bytes(16)) id += kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
  return id;
}

}  // namespace

KeyService::KeyService(Parts parts) : parts_(std::move(parts)) {}

base::Awaitable<Result<void>> KeyService::load(base::RequestContext context) {
  {
    const std::lock_guard lock(mutex_);
    if (!parts_.settings.master_key.empty()) {
      CAPROCK_CO_TRY(master_, MasterKey::parse(parts_.settings.master_key));
    } else {
      CAPROCK_CO_TRY(master_, MasterKey::load(parts_.data_folder / kFileName));
    }
  }
  co_return co_await refresh(context);
}

Result<MasterKey> KeyService::master_for_sealing() {
  if (const std::size_t closed = parts_.ring.keys()->unreadable; closed > 0)
    return failure(base::Error(
        base::ErrorKind::kConflict,
        fmt::format("the master key that sealed the secrets of {} keys is not here: put back {} (or "
                    "CAPROCK_KEYS_MASTER_KEY) and start again, or revoke these keys",
                    closed, (parts_.data_folder / kFileName).string())));
  const std::lock_guard lock(mutex_);
  if (!master_) {
    CAPROCK_TRY(master_, MasterKey::create(parts_.data_folder / kFileName));
  }
  return *master_;
}

// Two changes at once may read the store in either order; the ring must not go back to the older reading.
base::Awaitable<Result<void>> KeyService::refresh(const base::RequestContext& context) {
  std::uint64_t mine = 0;
  {
    const std::lock_guard lock(mutex_);
    mine = ++changes_;
  }
  CAPROCK_CO_TRY(const auto records, co_await parts_.store.all(context));
  const std::lock_guard lock(mutex_);
  if (mine < shown_) co_return Result<void>{};
  shown_ = mine;
  parts_.ring.replace(records, master_ ? &*master_ : nullptr);
  co_return Result<void>{};
}

base::Awaitable<Result<NewKey>> KeyService::create(const base::RequestContext& context, std::string name,
                                                   std::vector<std::string> roles) {
  CAPROCK_CO_TRY(const MasterKey master, master_for_sealing());
  NewKey made{.record = {.tenant = context.principal.tenant,
                         .id = base::new_uuid(),
                         .name = std::move(name),
                         .roles = std::move(roles),
                         .access_key_id = new_access_key_id(),
                         .created_at = parts_.clock.wall()},
              .api_key = base::Secret("cprk-" + base::random_hex(32)),
              .secret_access_key = base::Secret(base::base64_encode(random_bytes(30)))};
  made.record.api_key_sha256 = base::sha256(made.api_key.reveal());
  made.record.sealed_secret =
      master.seal(made.secret_access_key.reveal(), seal_label(made.record.tenant, made.record.id));
  CAPROCK_CO_CHECK(co_await parts_.store.add(context, made.record));
  CAPROCK_CO_CHECK(co_await refresh(context));
  co_return made;
}

base::Awaitable<Result<stores::Page<stores::IssuedKey>>> KeyService::list(const base::RequestContext& context,
                                                                          stores::PageRequest page) {
  return parts_.store.list(context, std::move(page));
}

base::Awaitable<Result<stores::IssuedKey>> KeyService::revoke(const base::RequestContext& context,
                                                              std::string id) {
  CAPROCK_CO_TRY(stores::IssuedKey key,
                 co_await parts_.store.revoke(context, std::move(id), parts_.clock.wall()));
  CAPROCK_CO_CHECK(co_await refresh(context));
  co_return key;
}

}  // namespace caprock::server
