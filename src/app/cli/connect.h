#pragma once

#include <memory>

#include "app/cli/environment.h"
#include "app/cli/options.h"

namespace caprock::app {

/// The data folder that the options, CAPROCK_DATA, or the defaults name.
std::filesystem::path data_folder_of(const GlobalOptions& options, const CommandEnvironment& environment);

/// Whom to speak to: `--url`; else the server that holds the data folder; else this process alone. Errors:
/// kUnavailable, and those of DataFolder::open.
base::Result<std::unique_ptr<ApiClient>> connect(const GlobalOptions& options,
                                                 const CommandEnvironment& environment);

}  // namespace caprock::app
