#include <fmt/format.h>

#include "app/cli/commands.h"

namespace caprock::app {
namespace {

// Kept beside the commands of command_line.cc; a test asks both for the same names.
constexpr std::string_view kBash =
    R"sh(# caprock completion bash > ~/.local/share/bash-completion/completions/caprock
_caprock() {
  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} choices=
  case "$command" in
    documents) choices="list show delete retry cancel" ;;
    keys) choices="create list revoke" ;;
    prices) choices="show check diff" ;;
    config) choices="check show" ;;
    completion) choices="bash zsh fish" ;;
  esac
  if [[ $word == -* ]]; then
    choices="--help --data --config --url --set --json"
    case "$command" in
      serve) choices="$choices --listen --docs" ;;
      ask) choices="$choices --collection --top-k --filter --model --retrieval-only" ;;
      generate) choices="$choices --model --context --max-tokens --temperature" ;;
      ingest) choices="$choices --collection --metadata --records --no-wait --jobs" ;;
      documents) choices="$choices --status --collection --limit --text" ;;
      chat) choices="$choices --conversation --collection --model" ;;
      keys) choices="$choices --name --admin" ;;
    esac
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  elif ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "serve ask generate ingest documents chat keys prices config doctor version completion" -- "$word"))
  elif ((COMP_CWORD == 2)) && [[ -n $choices ]]; then
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _caprock caprock
)sh";

constexpr std::string_view kZsh = R"sh(#compdef caprock
# caprock completion zsh > "${fpath[1]}/_caprock"
_caprock() {
  local -a commands=(serve ask generate ingest documents chat keys prices config doctor version completion)
  if ((CURRENT == 2)); then
    compadd -a commands
    return
  fi
  case $words[2] in
    documents) ((CURRENT == 3)) && compadd list show delete retry cancel && return ;;
    keys) ((CURRENT == 3)) && compadd create list revoke && return ;;
    prices) ((CURRENT == 3)) && compadd show check diff && return ;;
    config) ((CURRENT == 3)) && compadd check show && return ;;
    completion) ((CURRENT == 3)) && compadd bash zsh fish && return ;;
  esac
  [[ $PREFIX == -* ]] && compadd -- --help --data --config --url --set --json --listen --docs --collection --top-k \
    --filter --model --retrieval-only --metadata --records --no-wait --jobs --status --limit --text --conversation \
    --name --admin --context --max-tokens --temperature
  _files
}
_caprock "$@"
)sh";

constexpr std::string_view kFish = R"sh(# caprock completion fish > ~/.config/fish/completions/caprock.fish
complete -c caprock -n __fish_use_subcommand -f -a "serve ask generate ingest documents chat keys prices config doctor version completion"
complete -c caprock -n "__fish_seen_subcommand_from documents" -f -a "list show delete retry cancel"
complete -c caprock -n "__fish_seen_subcommand_from keys" -f -a "create list revoke"
complete -c caprock -n "__fish_seen_subcommand_from prices" -f -a "show check diff"
complete -c caprock -n "__fish_seen_subcommand_from config" -f -a "check show"
complete -c caprock -n "__fish_seen_subcommand_from completion" -f -a "bash zsh fish"
complete -c caprock -l data -r -d "data folder"
complete -c caprock -l config -r -d "configuration file"
complete -c caprock -l url -x -d "server to speak to"
complete -c caprock -l set -x -d "section.key=value"
complete -c caprock -l json -d "print JSON"
complete -c caprock -n "__fish_seen_subcommand_from serve" -l listen -x
complete -c caprock -n "__fish_seen_subcommand_from serve" -l docs -r
complete -c caprock -n "__fish_seen_subcommand_from ask ingest documents chat" -l collection -x
complete -c caprock -n "__fish_seen_subcommand_from ask" -l top-k -x
complete -c caprock -n "__fish_seen_subcommand_from ask" -l filter -x
complete -c caprock -n "__fish_seen_subcommand_from ask" -l retrieval-only
complete -c caprock -n "__fish_seen_subcommand_from ask generate chat" -l model -x
complete -c caprock -n "__fish_seen_subcommand_from generate" -l context -r
complete -c caprock -n "__fish_seen_subcommand_from generate" -l max-tokens -x
complete -c caprock -n "__fish_seen_subcommand_from generate" -l temperature -x
complete -c caprock -n "__fish_seen_subcommand_from ingest" -l metadata -x
complete -c caprock -n "__fish_seen_subcommand_from ingest" -l records
complete -c caprock -n "__fish_seen_subcommand_from ingest" -l no-wait
complete -c caprock -n "__fish_seen_subcommand_from ingest" -l jobs -x
complete -c caprock -n "__fish_seen_subcommand_from documents" -l status -x -a "PENDING PROCESSING INDEXED FAILED"
complete -c caprock -n "__fish_seen_subcommand_from documents" -l limit -x
complete -c caprock -n "__fish_seen_subcommand_from documents" -l text
complete -c caprock -n "__fish_seen_subcommand_from chat" -l conversation -x
complete -c caprock -n "__fish_seen_subcommand_from keys" -l name -x
complete -c caprock -n "__fish_seen_subcommand_from keys" -l admin
)sh";

}  // namespace

std::string completion_script(const std::string& shell) {
  return std::string(shell == "zsh" ? kZsh : shell == "fish" ? kFish : kBash);
}

}  // namespace caprock::app
