#include "app/cli/connect.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "app/cli/http_api_client.h"
#include "app/data/data_folder.h"

namespace caprock::app {
namespace {

using base::Result;

std::string variable(const CommandEnvironment& environment, const char* name) {
  const auto found = environment.variables.find(name);
  return found == environment.variables.end() ? std::string() : found->second;
}

/// The first of the keys that CAPROCK_API_KEY lists: for the server named by --url.
base::Secret own_key(const CommandEnvironment& environment) {
  const std::string keys = variable(environment, "CAPROCK_API_KEY");
  return base::Secret(keys.substr(0, keys.find(',')));
}

/// "0.0.0.0:80" is where a server listens, not where it can be reached.
std::string reachable(std::string address) {
  if (address.starts_with("0.0.0.0:")) return "127.0.0.1" + address.substr(7);
  if (address.starts_with("[::]:")) return "[::1]" + address.substr(4);
  return address;
}

/// The holder, waited for until it has said where it listens: it may be just starting.
std::optional<LockHolder> settled_holder(const std::filesystem::path& data) {
  constexpr int kAttempts = 40;
  std::optional<LockHolder> holder = lock_holder(data);
  for (int attempt = 0; attempt < kAttempts && holder && holder->address.empty(); ++attempt) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    holder = lock_holder(data);
  }
  return holder;
}

}  // namespace

std::filesystem::path data_folder_of(const GlobalOptions& options, const CommandEnvironment& environment) {
  if (!options.data.empty()) return options.data;
  if (const std::string named = variable(environment, "CAPROCK_DATA"); !named.empty()) return named;
  return default_data_folder(environment.variables);
}

Result<std::unique_ptr<ApiClient>> connect(const GlobalOptions& options,
                                           const CommandEnvironment& environment) {
  std::string url = options.url.empty() ? variable(environment, "CAPROCK_URL") : options.url;
  if (!url.empty()) {
    if (url.find("://") == std::string::npos) url.insert(0, "http://");
    return make_http_api_client(url, own_key(environment), environment.net);
  }
  const std::filesystem::path data = data_folder_of(options, environment);
  const std::optional<LockHolder> holder = settled_holder(data);
  if (holder && !holder->address.empty()) {
    const std::string base =
        fmt::format("{}://{}", holder->tls ? "https" : "http", reachable(holder->address));
    return make_neighbour_client(base, holder->token, environment.net);
  }
  return environment.open_alone(data);
}

}  // namespace caprock::app
