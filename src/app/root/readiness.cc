#include "app/root/readiness.h"

#include <fmt/format.h>

namespace caprock::app {
namespace {

// Below this a large document may not fit any more.
constexpr std::uintmax_t kLowSpace = 200'000'000;

server::Dependency look_at_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  const auto space = std::filesystem::space(folder, failed);
  if (failed) return {"data folder", server::Dependency::State::kDown, failed.message()};
  if (space.available >= kLowSpace) return {"data folder", server::Dependency::State::kOk, ""};
  return {"data folder", server::Dependency::State::kDegraded,
          fmt::format("only {} MB are free on its disk", space.available / 1'000'000)};
}

server::Dependency look_at_embedder(const gateway::EmbedGateway* embedder) {
  if (embedder == nullptr)
    return {"embedding model", server::Dependency::State::kDegraded,
            "switched off: documents are found by words alone"};
  if (std::string trouble = embedder->trouble(); !trouble.empty())
    return {"embedding model", server::Dependency::State::kDegraded, std::move(trouble)};
  return {"embedding model", server::Dependency::State::kOk, ""};
}

server::Dependency look_at_vectors(const rag::Reembedder& reembedder) {
  const rag::VectorProgress progress = reembedder.progress();
  if (!progress.active()) return {"vectors", server::Dependency::State::kOk, progress.trouble};
  std::string detail = fmt::format("being made anew in the background, {} of {} passages are done; ",
                                   progress.done, progress.total);
  detail += progress.earlier.empty() ? "the others are found by their words alone"
                                     : fmt::format("until then the vectors of {} answer", progress.earlier);
  if (!progress.trouble.empty()) detail += "; waiting: " + progress.trouble;
  return {"vectors", server::Dependency::State::kDegraded, std::move(detail)};
}

}  // namespace

std::vector<server::Dependency> Readiness::look(const gateway::EmbedGateway* embedder,
                                                const rag::Reembedder* reembedder,
                                                const std::optional<std::string>& answer_model) const {
  std::vector<server::Dependency> all{look_at_folder(folder_), look_at_embedder(embedder)};
  if (reembedder != nullptr) all.push_back(look_at_vectors(*reembedder));
  if (answer_model)
    all.push_back(
        {"answer model",
         answer_model->empty() ? server::Dependency::State::kOk : server::Dependency::State::kDegraded,
         *answer_model});
  return all;
}

server::Dependency look_at_prices(const gateway::Prices& prices) {
  if (std::string warning = prices.warning(); !warning.empty())
    return {"prices", server::Dependency::State::kDegraded, std::move(warning)};
  const gateway::Prices::Status now = prices.status();
  return {"prices", server::Dependency::State::kOk,
          fmt::format("{}, checked on {} or later", now.name, gateway::day_text(now.oldest_check))};
}

server::Dependency look_at_ledger(const stores::UsageLedger& ledger) {
  const stores::UsageLedger::Status now = ledger.status();
  if (now.trouble.empty()) return {"usage ledger", server::Dependency::State::kOk, ""};
  return {"usage ledger", server::Dependency::State::kDegraded,
          fmt::format("{} calls wait in memory to be written: {}", now.waiting, now.trouble)};
}

server::Dependency look_at_keys(bool open, const server::KeyRing::Keys& keys) {
  if (open)
    return {"callers", server::Dependency::State::kOk,
            "open: no key exists and only this machine can call; the first `caprock keys create` closes it"};
  if (keys.unreadable == 0) return {"callers", server::Dependency::State::kOk, "a key is needed"};
  return {"callers", server::Dependency::State::kDegraded,
          fmt::format("the master key that sealed the SigV4 secrets of {} keys is not here: their signatures "
                      "are refused, their API keys work",
                      keys.unreadable)};
}

}  // namespace caprock::app
