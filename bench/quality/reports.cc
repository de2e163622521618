#include "quality/data.h"
#include "quality/sets.h"

namespace caprock::bench {

std::vector<rag::Submission> pdf_documents(const std::string& folder) {
  std::vector<rag::Submission> out;
  for (const auto& file : files_in(data_file(folder), ".pdf")) {
    const std::string name = file.filename().string();
    out.push_back({.bytes = read_whole(file), .source = name, .file_name = name});
  }
  return out;
}

}  // namespace caprock::bench
