#pragma once

#include "quality/workspace.h"

// One function a judged set: measures, prints, writes its JSON. Throws when the set is not there.
namespace caprock::bench {

void run_scifact(const Options& options);
void run_wattbot(const Options& options);
void run_xquad(const Options& options);

}  // namespace caprock::bench
