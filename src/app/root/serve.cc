#include "app/root/serve.h"

#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "app/cli/in_process_api_client.h"
#include "app/data/data_folder.h"
#include "app/root/root.h"
#include "base/log.h"
#include "observability/json_log.h"
#include "server/event_loops.h"
#include "server/in_process.h"
#include "server/server.h"

namespace caprock::app {
namespace {

// The documentation of Caprock itself, the first collection of a new installation.
constexpr const char* kDocsCollection = "caprock-docs";

int fail(const base::Error& error) {
  std::fprintf(stderr, "caprock: %s\n", error.message.c_str());
  if (!error.detail.empty()) std::fprintf(stderr, "  %s\n", error.detail.c_str());
  return error.kind == base::ErrorKind::kInvalidArgument ? kExitUsage : kExitUnreachable;
}

// As many connections as the system allows a process, without asking a person to raise a soft limit first.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
}

void reload_certificate(server::Server& server) {
  const auto reloaded = server.reload_certificate();
  if (reloaded) {
    base::log(base::LogLevel::kInfo, "the certificate was read again");
  } else {
    base::log(base::LogLevel::kError, "the certificate could not be read again, the old one stays",
              {{"reason", reloaded.error().message}});
  }
}

// Blocks until the process is told to end. A second signal ends it at once: what was acknowledged is durable.
class Signals {
 public:
  Signals() : ending_(loop_, SIGTERM, SIGINT), reload_(loop_, SIGHUP) {}

  void wait(server::Server& server, Root& root) {
    watch_reload(server, root);
    ending_.async_wait([this](boost::system::error_code, int) { loop_.stop(); });
    loop_.run();
    reload_.cancel();
    loop_.restart();
    ending_.async_wait([](boost::system::error_code error, int) {
      if (!error) std::_Exit(kExitFailed);
    });
    impatient_ = std::jthread([this] { loop_.run(); });
  }
  ~Signals() { loop_.stop(); }

 private:
  void watch_reload(server::Server& server, Root& root) {
    reload_.async_wait([this, &server, &root](boost::system::error_code error, int) {
      if (error) return;
      reload_certificate(server);
      root.reload_prices();
      watch_reload(server, root);
    });
  }

  boost::asio::io_context loop_;
  boost::asio::signal_set ending_;
  boost::asio::signal_set reload_;
  std::jthread impatient_;
};

void say_where(const server::Server& server, const ServeOptions& options) {
  std::printf("Caprock is ready: %s://%s\n", server.secure() ? "https" : "http", server.address().c_str());
  std::printf("Documents and conversations are in %s\n", options.data.c_str());
  if (!options.docs.empty())
    std::printf("Ask its own documentation: choose the collection %s\n", kDocsCollection);
  std::fflush(stdout);
}

}  // namespace

int serve(const ProcessSettings& settings, const ServeOptions& options) {
  raise_descriptor_limit();
  std::signal(SIGPIPE, SIG_IGN);
  const observability::ProcessLog log(settings.log);
  Signals signals;
  auto folder = DataFolder::open(options.data);
  if (!folder) return fail(folder.error());
  const base::Secret token(base::random_hex(32));
  auto root = Root::open(settings, options.data, token);
  if (!root) return fail(root.error());

  if (const auto safe = settings.server.check_reach((*root)->keys_issued()); !safe) return fail(safe.error());

  server::EventLoops loops(static_cast<std::size_t>(settings.server.loops));
  server::Server server(settings.server, (*root)->dispatcher(), loops, (*root)->metrics());
  if (const auto started = server.start(); !started) return fail(started.error());
  if (const auto told = folder->publish(server.address(), server.secure(), token); !told)
    return fail(told.error());
  if (!options.docs.empty()) (*root)->take_in_folder(options.docs, kDocsCollection);
  say_where(server, options);

  signals.wait(server, **root);
  base::log(base::LogLevel::kInfo, "draining");
  server.drain();
  return kExitOk;
}

namespace {

// What a command alone on a data folder stands on; the client keeps it alive.
struct Alone {
  Alone(const ProcessSettings& settings, DataFolder held, std::unique_ptr<Root> opened)
      : log(quiet(settings.log)),
        folder(std::move(held)),
        root(std::move(opened)),
        door(root->dispatcher()) {}

  // A command prints its own result; only what is wrong with the process belongs on the terminal besides.
  static observability::LogSettings quiet(observability::LogSettings from) {
    from.level = "error";
    return from;
  }

  observability::ProcessLog log;
  DataFolder folder;
  std::unique_ptr<Root> root;
  server::InProcess door;
};

}  // namespace

base::Result<std::unique_ptr<ApiClient>> open_alone(const ProcessSettings& settings,
                                                    const std::filesystem::path& data) {
  CAPROCK_TRY(DataFolder folder, DataFolder::open(data));
  CAPROCK_TRY(auto root, Root::open(settings, data, base::Secret()));
  auto alone = std::make_shared<Alone>(settings, std::move(folder), std::move(root));
  server::InProcess& door = alone->door;
  const auto executor = alone->root->executor();
  return make_in_process_api_client(std::move(alone), door, executor, "the data folder " + data.string());
}

}  // namespace caprock::app
