#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/result.h"
#include "llm/embedder.h"

namespace caprock::providers {

/// The length that a text of `tokens` is padded to: few different ones, for the engine prepares itself for
/// each shape it has not seen.
std::size_t padded_length(std::size_t tokens);

/// [texts, length] row-major, as the engine takes them.
struct PaddedBatch {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> mask;  ///< 1 = token, 0 = padding
};
PaddedBatch pad(std::span<const std::vector<std::int32_t>* const> texts, std::size_t length,
                std::int32_t padding);

/// The texts of one call on their way through the model.
struct EmbedWork {
  std::vector<std::vector<std::int32_t>> tokens;  ///< of each text; empty: it has no vector to wait for
  llm::Embeddings out;                            ///< zeros at first, a row a text
  // The queue's:
  std::size_t left = 0;
  base::Result<void> outcome;
};

/// Texts of many calls that wait for the model, and the batches made of them: what is of similar length goes
/// together, whoever sent it, for the weights are read once a batch. Thread safe.
class BatchQueue {
 public:
  struct Limits {
    std::size_t tokens;  ///< in a batch, padding included; a single text may be longer
    bool powers_of_two;  ///< batches of 1, 2, 4 … texts only: few shapes, where the first of a shape is
                         ///< waited for
  };
  struct Text {
    std::shared_ptr<EmbedWork> work;
    std::size_t index = 0;
  };
  struct Batch {
    std::vector<Text> texts;
    std::size_t length = 0;  ///< of each, in tokens, padding included
  };
  explicit BatchQueue(Limits limits) : limits_(limits) {}

  void push(const std::shared_ptr<EmbedWork>& work);
  /// The longest text of `work` that still waits, and others like it. Empty when it has none.
  Batch next(const EmbedWork& work);
  /// Unit rows into the works of the batch, from `vectors` ([texts, dimension], not normalised).
  void deliver(const Batch& batch, std::span<float> vectors);
  /// Ends every work that has a text in the batch.
  void fail(const Batch& batch, const base::Error& error);
  bool done(const EmbedWork& work) const;
  /// Nobody waits for it any more.
  void drop(const EmbedWork& work);

 private:
  void forget(const EmbedWork& work);
  const Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Text> waiting_;  ///< calls as they came, the texts of each from the longest to the shortest
};

}  // namespace caprock::providers
