#pragma once

#include <cstddef>

#include "quality/workspace.h"

namespace caprock::bench {

/// Counts the citations whose quote is the document's text at its span and whose answer span is inside the
/// answer.
struct Located {
  std::size_t citations = 0;
  std::size_t found = 0;
  void check(Workspace& workspace, const rag::Answer& answer);
  double share() const {
    return citations == 0 ? 0 : static_cast<double>(found) / static_cast<double>(citations);
  }
};

}  // namespace caprock::bench
