#pragma once

#include <string>
#include <vector>

#include "quality/options.h"
#include "quality/report.h"
#include "quality/workspace.h"

// The judged sets. One function a set: it measures and fills the report, and throws when its data is not
// there.
namespace caprock::bench {

void measure_scifact(Report& report, const Options& options);
void measure_xquad(Report& report, const Options& options);
void measure_wattbot(Report& report, const Options& options);
void measure_answers(Report& report, const Options& options);
void measure_reports(Report& report, const Options& options);
void measure_languages(Report& report, const Options& options);
void measure_citations(Report& report, const Options& options);
void calibrate(Report& report, const Options& options);

// What several sets ask about, as the product takes it in.
std::vector<rag::Submission> scifact_documents();
std::vector<rag::Submission> wattbot_documents();
std::vector<rag::Submission> pdf_documents(const std::vector<std::filesystem::path>& files);

inline std::string model_of(const Options& options, const char* otherwise = kMiniLm) {
  return options.model.empty() ? otherwise : options.model;
}

}  // namespace caprock::bench
