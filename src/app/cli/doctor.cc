#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <ostream>
#include <sstream>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/data/data_folder.h"

namespace caprock::app {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::Result;

enum class Health : std::uint8_t { kOk, kWarn, kBad };

struct Finding {
  Health health = Health::kOk;
  std::string what;
  std::string found;
  std::string advice;  ///< what to do; empty when all is well
};

constexpr std::uintmax_t kLittleSpace = 1ULL << 30;

Finding check_data_folder(const fs::path& data) {
  if (data.empty()) return {Health::kBad, "data folder", "there is no HOME", "name a folder with --data"};
  std::error_code error;
  if (!fs::exists(data, error))
    return {Health::kOk, "data folder", fmt::format("{} (made at first use)", data.string()), ""};
  if (::access(data.c_str(), R_OK | W_OK | X_OK) != 0)
    return {Health::kBad, "data folder", fmt::format("{} cannot be written", data.string()),
            "give it to this user, or choose another one with --data"};
  struct stat status{};
  if (::stat(data.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    return {Health::kWarn, "data folder", fmt::format("{} can be read by others", data.string()),
            fmt::format("chmod 700 {}", data.string())};
  const auto holder = lock_holder(data);
  return {Health::kOk, "data folder",
          data.string() + (holder ? fmt::format(", held by {}", holder->text()) : ""), ""};
}

Finding check_space(fs::path data) {
  std::error_code error;
  while (!data.empty() && !fs::exists(data, error) && data.has_relative_path()) data = data.parent_path();
  const fs::space_info space = fs::space(data.empty() ? fs::path("/") : data, error);
  if (error) return {Health::kWarn, "disk space", "unknown: " + error.message(), ""};
  const std::string free = fmt::format("{:.1f} GB free", static_cast<double>(space.available) / 1e9);
  if (space.available < kLittleSpace)
    return {Health::kWarn, "disk space", free, "documents are refused when it is used up: make room"};
  return {Health::kOk, "disk space", free, ""};
}

Finding check_poppler(const std::map<std::string, std::string>& variables) {
  const auto path = variables.find("PATH");
  std::istringstream folders(path == variables.end() ? "/usr/bin:/bin" : path->second);
  for (std::string folder; std::getline(folders, folder, ':');)
    if (const fs::path program = fs::path(folder) / "pdftotext"; ::access(program.c_str(), X_OK) == 0)
      return {Health::kOk, "PDF reader", program.string(), ""};
  return {Health::kWarn, "PDF reader", "pdftotext is not in PATH",
          "apt-get install poppler-utils; until then PDFs fail"};
}

Finding check_clock() {
  // Certificates and signatures fail when the clock is far off; before this program was written it surely is.
  constexpr auto kWritten = std::chrono::sys_days{std::chrono::year{2025} / 1 / 1};
  if (std::chrono::system_clock::now() > kWritten) return {Health::kOk, "clock", "plausible", ""};
  return {Health::kBad, "clock", "is years behind", "set the time; TLS and signatures fail until then"};
}

Finding check_config(const GlobalOptions& options, const Config& config) {
  std::size_t set = 0;
  for (const base::SettingsSection& section : config.sections())
    for (const base::Setting& setting : section.settings)
      if (config.origin(section.name + "." + setting.key).kind != Origin::Kind::kDefault) ++set;
  const std::string file = options.config.empty() ? "no file" : options.config;
  return {Health::kOk, "configuration", fmt::format("{}; {} settings differ from their defaults", file, set),
          ""};
}

/// One entry of /ready: `{"name":{"status":"ok"|"degraded"|"down", …reason}}`, or a list with names inside.
Finding dependency(std::string name, const json::value& entry) {
  const std::string status = entry.is_string() ? std::string(entry.get_string()) : text_at(entry, "status");
  std::string reason;
  for (const char* key : {"reason", "message", "detail"})
    if (reason.empty()) reason = text_at(entry, key);
  const Health health = status == "ok" ? Health::kOk : status == "down" ? Health::kBad : Health::kWarn;
  return {health, std::move(name), reason.empty() ? status : fmt::format("{}: {}", status, reason), ""};
}

std::vector<Finding> check_ready(const GlobalOptions& options, const CommandEnvironment& environment) {
  const Result<std::unique_ptr<ApiClient>> client = connect(options, environment);
  if (!client) return {{Health::kBad, "Caprock", client.error().message, "see above"}};
  const Result<ApiResponse> response = (*client)->call({.target = "/ready"});
  if (!response)
    return {{Health::kBad, (*client)->where(), response.error().message, "is the server running?"}};
  const Result<json::value> ready = json_body(*response);
  if (!ready)
    return {{Health::kBad, (*client)->where(), fmt::format("answered with status {}", response->status), ""}};
  std::vector<Finding> findings{{Health::kOk, "Caprock", "answers at " + (*client)->where(), ""}};
  for (const char* key : {"dependencies", "checks", "components"}) {
    const json::value& all = value_at(*ready, key);
    if (const json::object* named = all.if_object())
      for (const auto& [name, entry] : *named) findings.push_back(dependency(std::string(name), entry));
    for (const json::value& entry : array_at(*ready, key))
      findings.push_back(dependency(text_at(entry, "name"), entry));
  }
  return findings;
}

}  // namespace

int run_doctor(const CommandEnvironment& environment, const GlobalOptions& options, const Config& config) {
  const fs::path data = data_folder_of(options, environment);
  std::vector<Finding> findings{check_config(options, config), check_data_folder(data), check_space(data),
                                check_poppler(environment.variables), check_clock()};
  for (Finding& finding : check_ready(options, environment)) findings.push_back(std::move(finding));
  bool bad = false;
  for (const Finding& finding : findings) {
    bad = bad || finding.health == Health::kBad;
    constexpr std::array<std::string_view, 3> kMarks{"ok  ", "warn", "BAD "};
    environment.terminal.out << fmt::format("{}  {:<14} {}\n",
                                            kMarks[static_cast<std::size_t>(finding.health)],
                                            printable(finding.what), printable(finding.found));
    if (!finding.advice.empty())
      environment.terminal.out << fmt::format("      {:<14} → {}\n", "", finding.advice);
  }
  return bad ? kExitFailed : kExitOk;
}

}  // namespace caprock::app
