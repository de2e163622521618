#pragma once

#include <condition_variable>
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

/// The texts of one call on their way through the model.
struct EmbedWork {
  std::vector<std::vector<std::int32_t>> tokens;  ///< of each text; empty: it has no vector to wait for
  llm::Embeddings out;                            ///< zeros at first, a row a text
  // The queue's:
  std::size_t left = 0;  ///< texts without their vector
  base::Result<void> outcome;
};

/// Texts of many calls that wait for the model, and the batches made of them, whoever sent them, for the
/// weights are read once a batch. Thread safe.
class BatchQueue {
 public:
  struct Limits {
    std::size_t tokens;  ///< in a batch, padding included; a single text may be longer
    bool padded;         ///< texts of a batch will be brought to one length: only like ones go together
    bool powers_of_two;  ///< batches of 1, 2, 4 … texts only: few shapes, where the first of a shape is
                         ///< waited for
  };
  struct Text {
    std::shared_ptr<EmbedWork> work;
    std::size_t index = 0;
  };
  using Batch = std::vector<Text>;

  void push(const std::shared_ptr<EmbedWork>& work);
  /// The longest text of `work` that still waits, and others with it. Empty when it has none.
  Batch next(const EmbedWork& work, const Limits& limits);
  /// Unit rows into the works of the batch, from `vectors` ([texts, dimension], not normalised).
  void deliver(const Batch& batch, std::span<float> vectors);
  /// Ends every work that has a text in the batch.
  void fail(const Batch& batch, const base::Error& error);
  /// Waits for the texts of `work` that others compute; those nobody has taken are not waited for. True when
  /// none is left.
  bool wait(const EmbedWork& work);
  /// Nobody waits for it any more.
  void drop(const EmbedWork& work);

 private:
  void forget(const EmbedWork& work);
  bool waits(const EmbedWork& work) const;
  mutable std::mutex mutex_;
  std::condition_variable delivered_;
  std::deque<Text> waiting_;  ///< calls as they came, the texts of each from the longest to the shortest
};

}  // namespace caprock::providers
