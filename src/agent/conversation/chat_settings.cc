#include "agent/conversation/chat_settings.h"

namespace caprock::agent {

base::SettingsSection ChatSettings::describe() {
  constexpr double kDay = 24.0 * 3600 * 1000;
  return {.name = "chat",
          .help = "Turns of conversations.",
          .settings = {{.key = "window",
                        .target = &window,
                        .help = "Messages before a question that it is understood with; 0: none.",
                        .min = 0,
                        .max = 1000},
                       {.key = "running",
                        .target = &running,
                        .help = "Turns at once; more are answered with 503.",
                        .min = 1,
                        .max = 1e6},
                       {.key = "kept",
                        .target = &kept,
                        .help = "Finished turns whose stream can still be taken up again.",
                        .min = 0,
                        .max = 1e6},
                       {.key = "turn_limit",
                        .target = &turn_limit,
                        .help = "How long one turn may take.",
                        .min = 1000,
                        .max = kDay},
                       {.key = "detached_for",
                        .target = &detached_for,
                        .help = "How long a turn goes on when its reader has gone.",
                        .min = 0,
                        .max = kDay},
                       {.key = "turn_memory",
                        .target = &turn_memory,
                        .help = "Events of one turn that wait for a slow reader; then the turn waits too.",
                        .min = 4096}}};
}

}  // namespace caprock::agent
