#pragma once

#include <cstddef>

namespace caprock::stores::text {

/// Cuts an English word of lower-case ASCII letters down to its stem, in place; the new length. M. F. Porter,
/// "An algorithm for suffix stripping", Program 14(3), 1980, with the two departures of his own reference
/// program.
std::size_t porter_stem(char* word, std::size_t length);

}  // namespace caprock::stores::text
