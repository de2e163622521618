#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/task_group.h"
#include "llm/embedder.h"

namespace caprock::rag {

/// Fills the embedder's batches with passages of many documents: short documents would otherwise use a
/// fraction of it. Used from one single-threaded executor.
class EmbedBatcher {
 public:
  EmbedBatcher(llm::Embedder& embedder, boost::asio::any_io_executor executor);

  /// One unit vector a text, in order.
  base::Awaitable<base::Result<std::vector<std::vector<float>>>> embed(base::RequestContext context,
                                                                       std::vector<std::string> texts);
  /// Starts the two runners (one batch is prepared while another is computed); they end with the group.
  void start(base::TaskGroup& tasks);
  /// Lets idle runners see at once that their group is to stop.
  void wake();

 private:
  struct Request;
  struct Piece {
    Request* request;
    std::size_t begin;
    std::size_t end;
  };
  base::Awaitable<void> embed_batch(std::vector<Piece> batch);
  std::vector<Piece> next_batch();
  static void deliver(const std::vector<Piece>& batch, base::Result<llm::Embeddings> outcome);

  llm::Embedder& embedder_;
  const std::size_t batch_;
  boost::asio::any_io_executor executor_;
  base::Event first_runner_;
  base::Event second_runner_;
  std::deque<Piece> queue_;
};

}  // namespace caprock::rag
