#include "app/root/process_settings.h"

namespace caprock::app {

std::vector<base::SettingsSection> ProcessSettings::sections() {
  std::vector<base::SettingsSection> all{
      server.describe(),  keys.describe(),     log.describe(),      metrics.describe(),    net.describe(),
      aws.describe(),     database.describe(), vectors.describe(),  embeddings.describe(), ingest.describe(),
      parse.describe(),   chunk.describe(),    retrieve.describe(), answer.describe(),     chat.describe(),
      pricing.describe(), generate.describe(), ledger.describe()};
  for (base::SettingsSection& section : gateway.sections()) all.push_back(std::move(section));
  for (base::SettingsSection& section : providers.sections()) all.push_back(std::move(section));
  return all;
}

base::Result<void> ProcessSettings::check() const {
  CAPROCK_CHECK(server.check());
  CAPROCK_CHECK(aws.check());
  CAPROCK_CHECK(pricing.check());
  CAPROCK_CHECK(retrieve.check());
  CAPROCK_CHECK(providers.check());
  CAPROCK_CHECK(gateway.check());
  if (chunk.overlap * 2 >= chunk.size)
    return base::failure(
        base::invalid_argument("chunk.overlap", "[chunk] overlap must be less than half of size"));
  return {};
}

}  // namespace caprock::app
