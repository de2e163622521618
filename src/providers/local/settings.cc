#include "providers/local/settings.h"

namespace caprock::providers {

base::SettingsSection LocalEmbedderSettings::describe() {
  return {
      "embeddings",
      "the embedded embedding model",
      {{.key = "model",
        .target = &model,
        .help = "minilm: English; e5: a hundred languages, half as fast; none: documents are found by words "
                "alone",
        .choices = {"minilm", "e5", "none"}},
       {.key = "variant",
        .target = &variant,
        .help = "how it computes; auto takes the fastest that this processor computes correctly",
        .choices = {"auto", "int8", "bf16", "f16", "f32"}},
       {.key = "threads",
        .target = &threads,
        .help = "threads for one batch; 0: one a core",
        .min = 0,
        .max = 256},
       {.key = "max_tokens",
        .target = &max_tokens,
        .help = "tokens of a text that are embedded, the rest is not seen; 0: what the model was made for",
        .min = 0,
        .max = 512},
       {.key = "queue",
        .target = &queue,
        .help = "calls that may wait; more are refused as busy",
        .min = 1,
        .max = 100'000},
       {.key = "library_dir",
        .target = &library_dir,
        .help = "folder of libcaprock_embed.so; empty: lib/caprock beside or above the binary"},
       {.key = "models_dir",
        .target = &models_dir,
        .help = "folder with the models; empty: share/caprock/models beside or above the binary"}}};
}

}  // namespace caprock::providers
