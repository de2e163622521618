#pragma once

#include <string>
#include <vector>

#include "stores/sqlite/connection.h"

namespace caprock::stores {

/// The tables of one component. `steps[i]` brings them from schema version i to i + 1 and is never changed
/// once released; the number of steps is the version that this program knows.
struct SchemaPart {
  std::string name;
  std::vector<std::string> steps;
};

/// Brings every part up to date in one transaction, so that a failure leaves the file as it was. Refuses a
/// file that a newer program wrote (kConflict: both versions and what to do); `where` names it in the
/// message.
base::Result<void> migrate(Connection& db, const std::vector<SchemaPart>& parts, const std::string& where);

}  // namespace caprock::stores
