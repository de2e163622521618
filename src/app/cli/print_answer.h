#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace caprock::app {

/// A QueryResponse (or the `done` of a chat) for people: the answer, then its citations by number with quote,
/// document and page; an abstention with its reason and the nearest passages.
std::string answer_text(const boost::json::value& response);
/// The numbered citations alone, with a blank line before them; empty when there are none.
std::string citations_text(const boost::json::array& citations);
/// Search results, best first, for `--retrieval-only`.
std::string sources_text(const boost::json::array& sources, std::size_t most);

}  // namespace caprock::app
