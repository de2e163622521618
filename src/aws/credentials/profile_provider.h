#pragma once

#include <memory>
#include <string>

#include "aws/credentials/credentials.h"
#include "aws/credentials/instance_provider.h"
#include "aws/credentials/provider_tools.h"
#include "aws/credentials/run_process.h"

namespace caprock::aws {

struct ProfileSource {
  SharedFiles files;
  std::string profile = "default";
  bool chosen = false;  ///< somebody named the profile: that it is absent is an error then
  InstanceSource instance;
  ProcessLimits process;
};

/// A profile of the shared files, whatever it asks for (`profile_plan.h`). The files are read at every fetch,
/// so what is changed in them is used without a restart.
std::unique_ptr<CredentialProvider> profile_provider(const ProviderTools& tools, ProfileSource source);

}  // namespace caprock::aws
