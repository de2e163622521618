#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace caprock::bench {

/// Of one question: what was found, best first and each once, against what is relevant (of equal relevance).
double ndcg_at(const std::vector<std::string>& found, const std::set<std::string>& relevant, std::size_t k);
double recall_at(const std::vector<std::string>& found, const std::set<std::string>& relevant, std::size_t k);
double reciprocal_rank(const std::vector<std::string>& found, const std::set<std::string>& relevant);
/// 1 when one of the first k is relevant, else 0.
double hit_at(const std::vector<std::string>& found, const std::set<std::string>& relevant, std::size_t k);

/// The p-th part of the values, 0–1; 0 when there is none.
double quantile(std::vector<double> values, double p);

}  // namespace caprock::bench
