#include "aws/credentials/config_view.h"

#include <memory>
#include <utility>

namespace caprock::aws {
namespace {

struct Kept {
  Environment environment;
  Profile profile, services;
};

}  // namespace

base::Result<ConfigView> config_view(Environment environment, const SharedConfig& config,
                                     const std::string& profile) {
  auto kept = std::make_shared<Kept>();
  kept->environment = std::move(environment);
  if (const Profile* found = config.profile(profile)) kept->profile = *found;
  if (const std::string name = kept->profile.text("services"); !name.empty()) {
    const auto section = config.services.find(name);
    if (section == config.services.end())
      return base::failure(base::invalid_argument(
          "services",
          "profile '" + profile + "' names the section [services " + name + "], which does not exist"));
    kept->services = section->second;
  }
  return ConfigView{.variable = [kept](const std::string& name) { return variable(kept->environment, name); },
                    .profile = [kept](const std::string& key) { return kept->profile.text(key); },
                    .services = [kept](const std::string& service,
                                       const std::string& key) { return kept->services.text(service, key); }};
}

}  // namespace caprock::aws
