#pragma once

#include <string>
#include <utility>

#include "base/awaitable.h"
#include "base/context.h"
#include "base/json/fields.h"
#include "base/json/json_text.h"
#include "llm/chat_request.h"

namespace caprock::agent {

/// Something that a model, or an MCP client, can call. Thread safe.
class Tool {
 public:
  virtual ~Tool() = default;
  /// Name ([a-zA-Z0-9_-], ≤ 64), description and the JSON Schema of the arguments.
  virtual llm::ToolSpec spec() const = 0;
  /// Arguments and result are JSON texts. kInvalidArgument says what is wrong with the arguments, for the
  /// model.
  virtual base::Awaitable<base::Result<std::string>> call(const base::RequestContext& context,
                                                          std::string arguments_json) = 0;
};

/// A tool whose arguments are a struct: schema and reader come from its fields.
template <class Arguments>
class TypedTool : public Tool {
 public:
  TypedTool(std::string name, std::string description, base::Fields<Arguments> fields)
      : name_(std::move(name)), description_(std::move(description)), fields_(std::move(fields)) {}

  llm::ToolSpec spec() const final {
    return {
        .name = name_, .description = description_, .input_schema_json = base::json_text(fields_.schema())};
  }
  base::Awaitable<base::Result<std::string>> call(const base::RequestContext& context,
                                                  std::string arguments_json) final {
    CAPROCK_CO_TRY(auto value, base::parse_json(arguments_json));
    CAPROCK_CO_TRY(auto arguments, fields_.parse(value));
    co_return co_await run(context, std::move(arguments));
  }

 protected:
  virtual base::Awaitable<base::Result<std::string>> run(const base::RequestContext& context,
                                                         Arguments arguments) = 0;

 private:
  std::string name_;
  std::string description_;
  base::Fields<Arguments> fields_;
};

}  // namespace caprock::agent
