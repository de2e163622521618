#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "rag/parse/parsed.h"

namespace caprock::rag {

/// A position in a document's text, in all three measures.
struct Place {
  std::size_t byte = 0;
  std::uint32_t point = 0;  ///< code points
  std::int64_t tokens = 0;  ///< estimated, from the start of the document; counted only when asked for
};

/// A piece that passages are built of and that is not cut again: a sentence, or a part of one that alone is
/// too long.
struct Atom {
  Place start;
  Place end;
  std::size_t block = 0;  ///< index into ParsedDocument::blocks
};

struct AtomLimits {
  std::int64_t most = 1000;  ///< in code points, or tokens
  std::int64_t piece = 800;  ///< of what is cut because it is longer: leaves room for the overlap
  bool tokens = false;
};

/// The sentences of every block, in order; whatever exceeds `most` is cut at words, and words at code points.
std::vector<Atom> make_atoms(const ParsedDocument& document, const AtomLimits& limits);

/// Where the words of an atom begin, in order.
std::vector<Place> word_starts(std::string_view text, const Atom& atom);

}  // namespace caprock::rag
