#pragma once

#include "answers/report.h"

namespace caprock::bench {

// One a file; each fills the report. Arguments are those behind the command's name.
using Arguments = std::vector<std::string>;
void measure_xquad(Report& report, const Arguments& arguments);
void calibrate(Report& report, const Arguments& arguments);
void measure_citations(Report& report, const Arguments& arguments);

}  // namespace caprock::bench
