#include "providers/settings.h"

#include <algorithm>

namespace caprock::providers {

base::SettingsSection ModelSettings::describe() {
  return {.name = "models",
          .help = "Models of every provider",
          .settings = {
              {.key = "default",
               .target = &default_model,
               .help = "the model of requests that name none",
               .environment = {"BEDROCK_DEFAULT_MODEL"}},
              {.key = "provider",
               .target = &provider,
               .help = "who is asked for a model id without a provider before it; empty: the first that is "
                       "set up"},
              {.key = "request_timeout",
               .target = &request_timeout,
               .help = "how long a provider may be silent: before its answer and within it",
               .min = 1'000,
               .max = 3'600'000,
               .environment = {"BEDROCK_REQUEST_TIMEOUT"}},
              {.key = "catalog_time",
               .target = &catalog_time,
               .help = "how long the providers' lists of models are kept",
               .min = 0,
               .max = 86'400'000}}};
}

base::SettingsSection EmbeddingSettings::describe() {
  base::SettingsSection section = LocalEmbedderSettings::describe();
  section.help = "the embedding model: the one inside, or one of a provider";
  base::Setting& name = *std::ranges::find(section.settings, "model", &base::Setting::key);
  name.choices.clear();
  name.help += "; PROVIDER/MODEL, as openai/text-embedding-3-small: one of a provider";
  name.environment = {"BEDROCK_EMBEDDING_MODEL_ID"};
  section.settings.push_back(
      {.key = "dimension",
       .target = &dimension,
       .help = "length of the vectors of a provider's model; 0: what the model is known to have",
       .min = 0,
       .max = 16'384,
       .environment = {"VECTOR_DIMENSION"}});
  section.settings.push_back({.key = "batch",
                              .target = &batch,
                              .help = "texts in one request to a provider; 0: what suits it",
                              .min = 0,
                              .max = 2'048});
  section.settings.push_back({.key = "query_prefix",
                              .target = &query_prefix,
                              .help = "set before a question, for a provider's model that wants it"});
  section.settings.push_back({.key = "passage_prefix",
                              .target = &passage_prefix,
                              .help = "set before a passage, for a provider's model that wants it"});
  return section;
}

EmbeddingChoice EmbeddingSettings::choice() const {
  return {.model = model,
          .dimension = static_cast<std::size_t>(dimension),
          .query_prefix = query_prefix,
          .passage_prefix = passage_prefix,
          .batch = static_cast<std::size_t>(batch)};
}

ProviderSettings::ProviderSettings() : servers(openai::dialects().size()) {}

std::vector<base::SettingsSection> ProviderSettings::sections() {
  std::vector<base::SettingsSection> all{models.describe(), bedrock.describe()};
  for (std::size_t i = 0; i < servers.size(); ++i) all.push_back(servers[i].describe(openai::dialects()[i]));
  return all;
}

base::Result<void> ProviderSettings::check() const {
  CAPROCK_CHECK(bedrock.check());
  for (std::size_t i = 0; i < servers.size(); ++i) CAPROCK_CHECK(servers[i].check(openai::dialects()[i]));
  return {};
}

}  // namespace caprock::providers
