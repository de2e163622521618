#pragma once

#include <boost/json/value.hpp>

#include "app/cli/environment.h"

namespace caprock::app {

/// Tells a person why there was no answer, and gives the exit code.
int report(const Terminal& terminal, const base::Error& error);
/// The same for an answer that is not 2xx.
int report(const Terminal& terminal, const ApiResponse& response);
/// The message of an error answer, with the field that it is about.
std::string error_text(const ApiResponse& response);

/// The body as JSON. kUpstream when it is none.
base::Result<boost::json::value> json_body(const ApiResponse& response);

// Readers that give an empty value for what is missing or of another type.
std::string text_at(const boost::json::value& value, std::string_view key);
std::int64_t number_at(const boost::json::value& value, std::string_view key);
const boost::json::array& array_at(const boost::json::value& value, std::string_view key);
const boost::json::value& value_at(const boost::json::value& value, std::string_view key);

/// For a value within a query string.
std::string url_encode(std::string_view text);

}  // namespace caprock::app
