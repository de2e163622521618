#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/tools/tool.h"

namespace caprock::agent {

/// The tools of this process. Filled at start, read by any thread afterwards.
class ToolRegistry {
 public:
  /// Throws std::invalid_argument for a bad or repeated name.
  void add(std::unique_ptr<Tool> tool);
  /// In the order they were added.
  std::vector<llm::ToolSpec> specs() const;
  /// Never fails: an error becomes a result that the model can read, with `is_error`. kCancelled and
  /// kDeadlineExceeded of the context alone are errors.
  base::Awaitable<base::Result<llm::ToolResultBlock>> call(const base::RequestContext& context,
                                                           llm::ToolUseBlock use) const;

 private:
  Tool* find(const std::string& name) const;
  std::vector<std::unique_ptr<Tool>> tools_;
};

}  // namespace caprock::agent
