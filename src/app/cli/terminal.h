#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace caprock::app {

/// Where a command reads and writes.
struct Terminal {
  std::ostream& out;
  std::ostream& err;
  std::istream& in;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool in_is_terminal = false;
};

/// The process's own standard streams.
Terminal standard_terminal();

/// A question or a prompt: the words as typed, with a blank between them; a single "-" means all of the
/// input.
std::string words_or_input(const std::vector<std::string>& words, const Terminal& terminal);

/// Text of a document or a server without what could steer a terminal: control characters but line feed and
/// tab become U+FFFD, malformed UTF-8 is repaired.
std::string printable(std::string_view text);
/// The same on one line, cut to `width` code points with "…".
std::string one_line(std::string_view text, std::size_t width);

}  // namespace caprock::app
