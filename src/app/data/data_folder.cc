#include "app/data/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/json/json_text.h"

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Error;
using base::ErrorKind;
using base::failure;
using base::Result;

fs::path lock_path(const fs::path& folder) { return folder / "caprock.lock"; }

Error refused(const fs::path& folder, std::string_view what, int reason) {
  return {ErrorKind::kPermissionDenied,
          fmt::format("the data folder {} {}: {}; choose another one with --data", folder.string(), what,
                      std::strerror(reason))};
}

/// Makes the folder and those above it. Only the last one is made private: what is above belongs to the user.
Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), error);
  if (error) return failure(refused(folder, "cannot be made", error.value()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failure(refused(folder, "cannot be made", errno));
  if (!fs::is_directory(folder, error)) return failure(refused(folder, "cannot be made", ENOTDIR));
  return {};
}

/// Waits a moment for a holder that is just ending, or for a reader that looks whether there is one.
bool lock_soon(int file) {
  constexpr int kAttempts = 20;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  return false;
}

std::string read_lock_file(int file) {
  std::array<char, 4096> bytes{};
  const ssize_t got = ::pread(file, bytes.data(), bytes.size(), 0);
  return {bytes.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

LockHolder parse_holder(const std::string& text) {
  LockHolder holder;
  const Result<json::value> parsed = base::parse_json(text);
  if (!parsed || !parsed->is_object()) return holder;
  const json::object& object = parsed->get_object();
  if (const json::value* pid = object.if_contains("pid"); pid != nullptr && pid->is_int64())
    holder.pid = static_cast<int>(pid->get_int64());
  if (const json::value* tls = object.if_contains("tls"); tls != nullptr && tls->is_bool())
    holder.tls = tls->get_bool();
  holder.address = text_at(object, "address");
  holder.token = base::Secret(text_at(object, "token"));
  return holder;
}

}  // namespace

std::string LockHolder::text() const {
  return address.empty() ? fmt::format("process {}", pid) : fmt::format("process {} at {}", pid, address);
}

fs::path default_data_folder(const std::map<std::string, std::string>& environment) {
  const auto get = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  // Relative paths are to be ignored: https://specifications.freedesktop.org/basedir-spec/
  if (const fs::path data = get("XDG_DATA_HOME"); data.is_absolute()) return data / "caprock";
  if (const fs::path home = get("HOME"); home.is_absolute()) return home / ".local" / "share" / "caprock";
  return {};
}

struct DataFolder::State {
  fs::path path;
  int file = -1;
  ~State() {
    if (file < 0) return;
    // Not unlinked: another process may hold the same file open and be about to lock it.
    [[maybe_unused]] const int emptied = ::ftruncate(file, 0);
    ::close(file);
  }

  Result<void> write(const json::object& content) const {
    // Padded to one size and written by one call: a reader never sees the tail of a longer content.
    std::string text = base::json_text(content);
    text.resize(std::max<std::size_t>(text.size(), 512), ' ');
    if (::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
      return failure(refused(path, "cannot be written", errno));
    return {};
  }
};

DataFolder::DataFolder(std::unique_ptr<State> state) : state_(std::move(state)) {}
DataFolder::~DataFolder() = default;
DataFolder::DataFolder(DataFolder&&) noexcept = default;
DataFolder& DataFolder::operator=(DataFolder&&) noexcept = default;

Result<DataFolder> DataFolder::open(const fs::path& path) {
  if (path.empty())
    return failure(base::invalid_argument("data", "there is no HOME: name a data folder with --data"));
  auto state = std::make_unique<State>();
  state->path = fs::absolute(path).lexically_normal();
  CAPROCK_CHECK(make_folder(state->path));
  state->file = ::open(lock_path(state->path).c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (state->file < 0) return failure(refused(state->path, "cannot be written", errno));
  if (!lock_soon(state->file)) {
    const LockHolder holder = parse_holder(read_lock_file(state->file));
    return failure(Error(ErrorKind::kConflict, fmt::format("the data folder {} is in use by {}",
                                                           state->path.string(), holder.text())));
  }
  ::fchmod(state->file, 0600);
  CAPROCK_CHECK(state->write({{"pid", ::getpid()}, {"address", ""}}));
  return DataFolder(std::move(state));
}

const fs::path& DataFolder::path() const { return state_->path; }

Result<void> DataFolder::publish(const std::string& address, bool tls, const base::Secret& token) {
  return state_->write({{"pid", ::getpid()}, {"address", address}, {"tls", tls}, {"token", token.reveal()}});
}

std::optional<LockHolder> lock_holder(const fs::path& data_folder) {
  const int file = ::open(lock_path(data_folder).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return std::nullopt;
  std::optional<LockHolder> holder;
  if (::flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    holder = parse_holder(read_lock_file(file));
  ::close(file);
  return holder;
}

}  // namespace caprock::app
