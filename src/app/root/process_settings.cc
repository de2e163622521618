#include "app/root/process_settings.h"

namespace caprock::app {

std::vector<base::SettingsSection> ProcessSettings::sections() {
  return {server.describe(), log.describe(),      metrics.describe(), net.describe(),
          aws.describe(),    database.describe(), vectors.describe(), embeddings.describe(),
          ingest.describe(), parse.describe(),    chunk.describe(),   retrieve.describe(),
          answer.describe(), chat.describe()};
}

base::Result<void> ProcessSettings::check() const {
  CAPROCK_CHECK(server.check());
  CAPROCK_CHECK(aws.check());
  CAPROCK_CHECK(retrieve.check());
  if (chunk.overlap * 2 >= chunk.size)
    return base::failure(base::invalid_argument("chunk.overlap", "must be less than half of chunk.size"));
  return {};
}

}  // namespace caprock::app
