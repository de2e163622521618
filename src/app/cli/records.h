#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace caprock::app {

/// One line of a JSON-lines file (as BEIR's corpora) → the body of POST /documents/ingest. `id`, `_id` or
/// `url` names the document: source is `file#name`, or `file#line` without one. `title`; `text`, `content` or
/// `body`; `metadata` when it is an object that is not empty. kInvalidArgument names the line and what is
/// missing.
base::Result<boost::json::object> record_body(std::string_view line, const std::string& file,
                                              std::size_t number);

}  // namespace caprock::app
