// caprock: one binary for the server, the command line, and the child process that reads hostile documents.
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/environment.h"
#include "app/root/process_settings.h"
#include "app/root/root.h"
#include "app/root/serve.h"

int main(int argc, char** argv) {
  using namespace caprock;
  const std::vector<std::string> arguments(argv + 1, argv + argc);

  app::ProcessSettings settings;
  const app::CommandEnvironment environment{
      .version = app::version(),
      .variables = app::process_environment(),
      .terminal = app::standard_terminal(),
      .sections = settings.sections(),
      .net = settings.net,
      .pricing = settings.pricing,
      .check_settings = [&settings] { return settings.check(); },
      .serve = [&settings](const app::ServeOptions& options) { return app::serve(settings, options); },
      .open_alone =
          [&settings](const std::filesystem::path& data) { return app::open_alone(settings, data); }};
  return app::run_command_line(arguments, environment);
}
