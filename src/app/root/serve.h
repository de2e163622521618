#pragma once

#include "app/cli/environment.h"
#include "app/root/process_settings.h"

namespace caprock::app {

/// `caprock serve`: takes the data folder, listens, says where, and runs until SIGTERM or SIGINT, then lets
/// running requests finish. SIGHUP reads the certificate and the prices again. The exit code of the process.
int serve(const ProcessSettings& settings, const ServeOptions& options);

/// The REST API over a data folder that no server holds, for one command.
base::Result<std::unique_ptr<ApiClient>> open_alone(const ProcessSettings& settings,
                                                    const std::filesystem::path& data);

}  // namespace caprock::app
