#include "quality/metrics.h"

#include <algorithm>
#include <cmath>

namespace caprock::bench {

double ndcg_at(const std::vector<std::string>& found, const std::set<std::string>& relevant, std::size_t k) {
  double gained = 0;
  double ideal = 0;
  for (std::size_t i = 0; i < k; ++i) {
    const double worth = 1 / std::log2(static_cast<double>(i) + 2);
    if (i < found.size() && relevant.contains(found[i])) gained += worth;
    if (i < relevant.size()) ideal += worth;
  }
  return ideal == 0 ? 0 : gained / ideal;
}

double recall_at(const std::vector<std::string>& found, const std::set<std::string>& relevant,
                 std::size_t k) {
  double hits = 0;
  for (std::size_t i = 0; i < std::min(k, found.size()); ++i) hits += relevant.contains(found[i]) ? 1 : 0;
  return relevant.empty() ? 0 : hits / static_cast<double>(relevant.size());
}

double reciprocal_rank(const std::vector<std::string>& found, const std::set<std::string>& relevant) {
  for (std::size_t i = 0; i < found.size(); ++i)
    if (relevant.contains(found[i])) return 1 / static_cast<double>(i + 1);
  return 0;
}

double hit_at(const std::vector<std::string>& found, const std::set<std::string>& relevant, std::size_t k) {
  return recall_at(found, relevant, k) > 0 ? 1 : 0;
}

double quantile(std::vector<double> values, double p) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(std::lround(p * static_cast<double>(values.size() - 1)));
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(at));
  return values[at];
}

}  // namespace caprock::bench
