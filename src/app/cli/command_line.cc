#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <ostream>

#include "app/cli/api_error.h"
#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/environment.h"

namespace caprock::app {
namespace {

namespace fs = std::filesystem;

/// What was typed, and what to do about it.
struct Parsed {
  GlobalOptions global;
  AskOptions ask;
  GenerateOptions generate;
  IngestOptions ingest;
  DocumentsOptions documents;
  ChatOptions chat;
  KeysOptions keys;
  PricesOptions prices;
  ServeOptions serve;
  std::string docs;
  std::string shell = "bash";
  bool check_only = false;
  /// Set by the command that was named; gets the loaded configuration.
  std::function<int(const CommandEnvironment&, const Config&)> run;
};

std::string variable(const CommandEnvironment& environment, const char* name) {
  const auto found = environment.variables.find(name);
  return found == environment.variables.end() ? std::string() : found->second;
}

/// A command that speaks to the API.
template <class Act>
auto with_client(Parsed& parsed, Act act) {
  return [&parsed, act = std::move(act)](const CommandEnvironment& environment, const Config&) {
    const base::Result<std::unique_ptr<ApiClient>> client = connect(parsed.global, environment);
    if (!client) return report(environment.terminal, client.error());
    return act(**client, environment.terminal);
  };
}

void add_serve(CLI::App& app, Parsed& p) {
  CLI::App* serve = app.add_subcommand("serve", "Serve the REST API and the web page until told to stop");
  serve->add_option("--listen", p.global.listen, "Address and port (default 127.0.0.1:8080; port 0: any)");
  serve->add_option("--docs", p.docs, "Folder to keep ingested as the collection caprock-docs");
  serve->callback([&p] {
    p.run = [&p](const CommandEnvironment& environment, const Config&) {
      p.serve.data = data_folder_of(p.global, environment);
      p.serve.docs = p.docs;
      p.serve.config_file = p.global.config.empty() ? "" : fs::absolute(p.global.config).string();
      return environment.serve(p.serve);
    };
  });
}

void add_ask(CLI::App& app, Parsed& p) {
  CLI::App* ask =
      app.add_subcommand("ask", "Ask a question; exit code 3 when the documents do not answer it");
  ask->add_option("question", p.ask.question, "The question; - reads it from standard input")->required();
  ask->add_option("--collection", p.ask.collection, "Collection to search (default: default)");
  ask->add_option("--top-k", p.ask.top_k, "Passages to look at, 1 to 10000")->check(CLI::Range(1, 10000));
  ask->add_option("--filter", p.ask.filter, "Filter on metadata, as JSON: {\"year\":{\"gte\":2020}}");
  ask->add_option("--model", p.ask.model, "Model that answers");
  ask->add_flag("--retrieval-only", p.ask.retrieval_only, "Show the passages, make no answer");
  ask->callback([&p] {
    p.run =
        with_client(p, [&p](ApiClient& c, const Terminal& t) { return run_ask(c, t, p.ask, p.global.json); });
  });
}

void add_generate(CLI::App& app, Parsed& p) {
  CLI::App* generate = app.add_subcommand("generate", "Ask a model, without documents");
  generate->add_option("prompt", p.generate.prompt, "The prompt; - reads it from standard input")->required();
  generate->add_option("--model", p.generate.model, "Model to ask (default: [models] default)");
  generate->add_option("--context", p.generate.context, "File that is put before the prompt");
  generate->add_option("--max-tokens", p.generate.max_tokens, "Most tokens of the answer")
      ->check(CLI::PositiveNumber);
  generate->add_option("--temperature", p.generate.temperature, "0 to 2; the model's own by default")
      ->check(CLI::Range(0.0, 2.0));
  generate->callback([&p] {
    p.run = with_client(
        p, [&p](ApiClient& c, const Terminal& t) { return run_generate(c, t, p.generate, p.global.json); });
  });
}

void add_ingest(CLI::App& app, Parsed& p) {
  CLI::App* ingest = app.add_subcommand("ingest", "Take in files, folders, globs and URLs");
  ingest->add_option("input", p.ingest.inputs, "PATH or URL")->required();
  ingest->add_option("--collection", p.ingest.collection, "Collection to put them in (default: default)");
  ingest->add_option("--metadata", p.ingest.metadata, "name=value for every document; may be repeated");
  ingest->add_flag("--records", p.ingest.records,
                   "Files are JSON lines: one document a line (id, title, text)");
  ingest->add_flag("--no-wait", p.ingest.no_wait, "Return when they are accepted, not when they are indexed");
  ingest->add_option("--jobs", p.ingest.jobs, "Documents handed in side by side")->check(CLI::Range(1, 64));
  ingest->callback([&p] {
    p.run = with_client(
        p, [&p](ApiClient& c, const Terminal& t) { return run_ingest(c, t, p.ingest, p.global.json); });
  });
}

void add_documents(CLI::App& app, Parsed& p) {
  CLI::App* documents = app.add_subcommand("documents", "List, show, delete, retry or cancel documents");
  documents->require_subcommand(1)->fallthrough();
  CLI::App* list = documents->add_subcommand("list", "Newest first");
  list->add_option("--status", p.documents.status)
      ->check(CLI::IsMember({"PENDING", "PROCESSING", "INDEXED", "FAILED"}));
  list->add_option("--collection", p.documents.collection);
  list->add_option("--limit", p.documents.limit, "At most so many (default: all)")
      ->check(CLI::PositiveNumber);
  list->callback([&p] {
    p.run = with_client(p, [&p](ApiClient& c, const Terminal& t) {
      return run_documents_list(c, t, p.documents, p.global.json);
    });
  });
  CLI::App* show = documents->add_subcommand("show", "Everything that is known of a document");
  show->add_option("id", p.documents.ids)->required();
  show->add_flag("--text", p.documents.text, "The text that citations point into");
  show->callback([&p] {
    p.run = with_client(p, [&p](ApiClient& c, const Terminal& t) {
      return run_documents_show(c, t, p.documents, p.global.json);
    });
  });
  CLI::App* remove = documents->add_subcommand("delete", "Remove documents with everything made from them");
  remove->add_option("id", p.documents.ids)->required();
  remove->callback([&p] {
    p.run = with_client(p, [&p](ApiClient& c, const Terminal& t) {
      return run_documents_delete(c, t, p.documents, p.global.json);
    });
  });
  for (const std::string verb : {"retry", "cancel"}) {
    CLI::App* post = documents->add_subcommand(
        verb, verb == "retry" ? "Ingest FAILED documents again" : "Stop a running ingest");
    post->add_option("id", p.documents.ids)->required();
    post->callback([&p, verb] {
      p.run = with_client(p, [&p, verb](ApiClient& c, const Terminal& t) {
        return run_documents_post(c, t, p.documents, verb, p.global.json);
      });
    });
  }
  for (CLI::App* each : documents->get_subcommands({})) each->fallthrough();
}

void add_chat(CLI::App& app, Parsed& p) {
  CLI::App* chat = app.add_subcommand("chat", "Ask and ask on; answers come as they are made");
  chat->add_option("--conversation", p.chat.conversation, "Id of a conversation to go on with");
  chat->add_option("--collection", p.chat.collection, "Collection to search (default: default)");
  chat->add_option("--model", p.chat.model, "Model that answers");
  chat->callback([&p] {
    p.run = with_client(
        p, [&p](ApiClient& c, const Terminal& t) { return run_chat(c, t, p.chat, p.global.json); });
  });
}

void add_keys(CLI::App& app, Parsed& p) {
  CLI::App* keys = app.add_subcommand("keys", "Issue, list or revoke keys of callers");
  keys->require_subcommand(1)->fallthrough();
  CLI::App* create = keys->add_subcommand(
      "create", "Issue a key and print it, this once; from the first on every request needs one");
  create->add_option("--name", p.keys.name, "What it is for")->required();
  create->add_flag("--admin", p.keys.admin, "It may issue and revoke keys");
  create->callback([&p] {
    p.run = with_client(
        p, [&p](ApiClient& c, const Terminal& t) { return run_keys_create(c, t, p.keys, p.global.json); });
  });
  keys->add_subcommand("list", "Oldest first, revoked ones too")->callback([&p] {
    p.run =
        with_client(p, [&p](ApiClient& c, const Terminal& t) { return run_keys_list(c, t, p.global.json); });
  });
  CLI::App* revoke = keys->add_subcommand("revoke", "End keys: they stop working at once");
  revoke->add_option("id", p.keys.ids)->required();
  revoke->callback([&p] {
    p.run = with_client(
        p, [&p](ApiClient& c, const Terminal& t) { return run_keys_revoke(c, t, p.keys, p.global.json); });
  });
  for (CLI::App* each : keys->get_subcommands({})) each->fallthrough();
}

void add_prices(CLI::App& app, Parsed& p) {
  CLI::App* prices = app.add_subcommand("prices", "Show, check or compare what models cost");
  prices->require_subcommand(1)->fallthrough();
  CLI::App* show = prices->add_subcommand("show", "Every price in the file that is in force");
  show->add_option("model", p.prices.model, "Only models whose name has this in it");
  show->callback([&p] {
    p.run = [&p](const CommandEnvironment& e, const Config&) {
      return run_prices_show(e.terminal, e.pricing, p.prices, p.global.json);
    };
  });
  CLI::App* check = prices->add_subcommand("check",
                                           "Say what is wrong with a price file; exit code 2 when "
                                           "something is");
  check->add_option("file", p.prices.file, "Price file (default: the one that is configured)");
  check->callback([&p] {
    p.run = [&p](const CommandEnvironment& e, const Config&) {
      return run_prices_check(e.terminal, e.pricing, p.prices);
    };
  });
  CLI::App* diff = prices->add_subcommand("diff", "What another file would change");
  diff->add_option("file", p.prices.file, "The other price file")->required();
  diff->callback([&p] {
    p.run = [&p](const CommandEnvironment& e, const Config&) {
      return run_prices_diff(e.terminal, e.pricing, p.prices, p.global.json);
    };
  });
  for (CLI::App* each : prices->get_subcommands({})) each->fallthrough();
}

void add_config(CLI::App& app, Parsed& p) {
  CLI::App* config = app.add_subcommand("config", "Check or show the configuration");
  config->require_subcommand(1)->fallthrough();
  CLI::App* check =
      config->add_subcommand("check", "Say what is wrong with it; exit code 2 when something is");
  check->fallthrough()->callback([&p] {
    p.run = [](const CommandEnvironment& environment, const Config&) {
      environment.terminal.out << "The configuration is right.\n";
      return static_cast<int>(kExitOk);
    };
  });
  CLI::App* show = config->add_subcommand("show", "Every setting with its value and where that came from");
  show->fallthrough()->callback([&p] {
    p.run = [&p](const CommandEnvironment& environment, const Config& loaded) {
      environment.terminal.out << (p.global.json ? loaded.to_json() + "\n" : loaded.to_toml());
      return static_cast<int>(kExitOk);
    };
  });
}

void add_others(CLI::App& app, Parsed& p, const CommandEnvironment& environment) {
  app.add_subcommand("doctor", "Look for what is missing or wrong, and say what to do")->callback([&p] {
    p.run = [&p](const CommandEnvironment& e, const Config& loaded) {
      return run_doctor(e, p.global, loaded);
    };
  });
  app.add_subcommand("version", "Print the version")->callback([&p, &environment] {
    p.run = [&environment](const CommandEnvironment&, const Config&) {
      environment.terminal.out << "caprock " << environment.version << '\n';
      return static_cast<int>(kExitOk);
    };
  });
  CLI::App* completion = app.add_subcommand("completion", "Print the completion script of a shell");
  completion->add_option("shell", p.shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&p] {
    p.run = [&p](const CommandEnvironment& e, const Config&) {
      e.terminal.out << completion_script(p.shell);
      return static_cast<int>(kExitOk);
    };
  });
}

void declare(CLI::App& app, Parsed& p, const CommandEnvironment& environment) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "caprock " + environment.version);
  app.add_option("--config", p.global.config, "Configuration file (also CAPROCK_CONFIG)");
  app.add_option("--data", p.global.data, "Data folder (also CAPROCK_DATA; default $XDG_DATA_HOME/caprock)");
  app.add_option("--url", p.global.url,
                 "Server to speak to (also CAPROCK_URL), with the key in CAPROCK_API_KEY");
  app.add_option("--set", p.global.set, "section.key=value of the configuration; may be repeated")
      ->take_all();
  app.add_flag("--json", p.global.json, "Print JSON");
  add_serve(app, p);
  add_ask(app, p);
  add_generate(app, p);
  add_ingest(app, p);
  add_documents(app, p);
  add_chat(app, p);
  add_keys(app, p);
  add_prices(app, p);
  add_config(app, p);
  add_others(app, p, environment);
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  app.footer(
      "Without --url, commands go to the server that holds the data folder, or work on the folder alone.\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 no answer in the documents, 4 no "
      "server or "
      "data folder.");
}

/// The file that is read when none is named; empty when there is none.
std::string default_config_file(const CommandEnvironment& environment) {
  fs::path folder = variable(environment, "XDG_CONFIG_HOME");
  if (!folder.is_absolute()) folder = fs::path(variable(environment, "HOME")) / ".config";
  const fs::path file = folder / "caprock" / "caprock.toml";
  std::error_code ignored;
  return file.is_absolute() && fs::is_regular_file(file, ignored) ? file.string() : std::string();
}

std::vector<ConfigFlag> flags_of(const GlobalOptions& options) {
  std::vector<ConfigFlag> flags;
  for (const std::string& text : options.set) {
    const std::size_t equals = std::min(text.find('='), text.size());
    flags.push_back({"--set", text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))});
  }
  if (!options.listen.empty()) flags.push_back({"--listen", "server.listen", options.listen});
  return flags;
}

/// Fills the settings; false, and everything that is wrong on stderr, when they cannot be used.
bool load(Config& config, GlobalOptions& options, const CommandEnvironment& environment) {
  if (options.config.empty()) options.config = variable(environment, "CAPROCK_CONFIG");
  if (options.config.empty()) options.config = default_config_file(environment);
  ConfigSources sources{.environment = environment.variables, .flags = flags_of(options)};
  ConfigReport found;
  if (!options.config.empty())
    if (const auto problem = read_config_file(options.config, sources)) found.errors.push_back(*problem);
  if (found.ok()) found = config.load(sources);
  for (const ConfigProblem& warning : found.warnings)
    environment.terminal.err << "caprock: " << printable(warning.text()) << '\n';
  for (const ConfigProblem& error : found.errors)
    environment.terminal.err << "caprock: " << printable(error.text()) << '\n';
  if (!found.ok() || !environment.check_settings) return found.ok();
  const base::Result<void> checked = environment.check_settings();
  if (!checked) environment.terminal.err << "caprock: " << printable(checked.error().message) << '\n';
  return checked.has_value();
}

int parse_and_run(const std::vector<std::string>& arguments, const CommandEnvironment& environment) {
  Parsed parsed;
  CLI::App app("Caprock answers questions over your documents, with citations that were checked.", "caprock");
  declare(app, parsed, environment);
  try {
    // CLI11 takes them in reverse.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, environment.terminal.out, environment.terminal.err);
    return code == 0 ? kExitOk : kExitUsage;
  }
  Config config(environment.sections);
  if (!load(config, parsed.global, environment)) return kExitUsage;
  return parsed.run(environment, config);
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, const CommandEnvironment& environment) {
  try {
    const int code = parse_and_run(arguments, environment);
    environment.terminal.out << std::flush;
    return code;
  } catch (const std::exception& e) {
    environment.terminal.err << "caprock: " << printable(e.what()) << '\n';
    return kExitFailed;
  }
}

}  // namespace caprock::app
