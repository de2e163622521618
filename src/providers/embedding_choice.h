#pragma once

#include <cstddef>
#include <string>

namespace caprock::providers {

/// An embedding model of a provider, and how it is to be asked.
struct EmbeddingChoice {
  std::string model;                ///< id as the provider knows it
  std::size_t dimension = 0;        ///< 0: what the model is known to have
  std::string query_prefix = {};    ///< set before a question, for models that want it ("search_query: ")
  std::string passage_prefix = {};  ///< before a passage
  std::size_t batch = 0;            ///< texts in one request; 0: what suits the provider
};

}  // namespace caprock::providers
