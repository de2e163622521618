#include "providers/local/convert/bert_graph.h"

#include <openvino/opsets/opset13.hpp>

namespace caprock::convert {
namespace {

namespace op = ov::opset13;
using Node = ov::Output<ov::Node>;

template <class T>
Node constant(ov::element::Type type, const ov::Shape& shape, const std::vector<T>& values) {
  return op::Constant::create(type, shape, values);
}

Node integers(const std::vector<std::int32_t>& values) {
  return constant(ov::element::i32, {values.size()}, values);
}

Node scalar(float value) { return constant<float>(ov::element::f32, {}, {value}); }

Node full(const Tensor& tensor) {
  return constant(ov::element::f32, {tensor.rows, tensor.columns}, tensor.values);
}

Node row(const Tensor& tensor) { return constant(ov::element::f32, {tensor.columns}, tensor.values); }

/// Builds the graph of one encoder, layer on layer.
class BertBuilder {
 public:
  explicit BertBuilder(const BertWeights& weights) : weights_(weights), hidden_(weights.words.columns) {}

  std::shared_ptr<ov::Model> build() {
    const auto ids = std::make_shared<op::Parameter>(ov::element::i32, ov::PartialShape{-1, -1});
    const auto mask = std::make_shared<op::Parameter>(ov::element::i32, ov::PartialShape{-1, -1});
    name(ids->output(0), "ids");
    name(mask->output(0), "mask");
    const Node real = std::make_shared<op::Convert>(mask, ov::element::f32);
    const Node penalty = attention_penalty(real);
    Node x = embed(ids);
    for (const Layer& layer : weights_.layers) x = encode(x, penalty, layer);
    const Node pooled = mean(x, real);
    name(pooled, "pooled");
    return std::make_shared<ov::Model>(ov::OutputVector{pooled}, ov::ParameterVector{ids, mask}, "bert");
  }

 private:
  static void name(const Node& node, const std::string& text) {
    node.get_node()->set_friendly_name(text);
    node.get_tensor().set_names({text});
  }

  Node embed(const Node& ids) {
    const Node axis = constant<std::int32_t>(ov::element::i32, {}, {0});
    const Node words = std::make_shared<op::Gather>(full(weights_.words), ids, axis);
    const Node shape = std::make_shared<op::ShapeOf>(ids, ov::element::i32);
    const Node length = std::make_shared<op::Gather>(shape, integers({1}), axis);
    const Node positions = std::make_shared<op::Slice>(full(weights_.positions), integers({0}), length,
                                                       integers({1}), integers({0}));
    const Node sum = std::make_shared<op::Add>(words, positions);
    return normalise(sum, weights_.embedding_norm);
  }

  /// 0 for tokens, a large negative number for padding, as [batch, 1, 1, length].
  static Node attention_penalty(const Node& real) {
    const Node shifted = std::make_shared<op::Subtract>(real, scalar(1));
    const Node scaled = std::make_shared<op::Multiply>(shifted, scalar(1e4F));
    return std::make_shared<op::Unsqueeze>(scaled, integers({1, 2}));
  }

  Node normalise(const Node& x, const LayerNorm& norm) const {
    const Node centred =
        std::make_shared<op::MVN>(x, integers({-1}), true, weights_.epsilon, ov::op::MVNEpsMode::INSIDE_SQRT);
    const Node scaled = std::make_shared<op::Multiply>(centred, row(norm.gain));
    return std::make_shared<op::Add>(scaled, row(norm.bias));
  }

  Node linear(const Node& x, const Linear& layer) const {
    const Node product = std::make_shared<op::MatMul>(x, full(layer.weight), false, true);
    return std::make_shared<op::Add>(product, row(layer.bias));
  }

  /// [batch, length, hidden] → [batch, heads, length, hidden / heads].
  Node heads(const Node& x) const {
    const auto count = static_cast<std::int32_t>(weights_.heads);
    const auto width = static_cast<std::int32_t>(hidden_ / weights_.heads);
    const Node split = std::make_shared<op::Reshape>(x, integers({0, 0, count, width}), true);
    return std::make_shared<op::Transpose>(split, integers({0, 2, 1, 3}));
  }

  Node attend(const Node& x, const Node& penalty, const Layer& layer) const {
    const Node context = std::make_shared<op::ScaledDotProductAttention>(
        heads(linear(x, layer.query)), heads(linear(x, layer.key)), heads(linear(x, layer.value)), penalty,
        false);
    const Node merged = std::make_shared<op::Transpose>(context, integers({0, 2, 1, 3}));
    const Node flat =
        std::make_shared<op::Reshape>(merged, integers({0, 0, static_cast<std::int32_t>(hidden_)}), true);
    return linear(flat, layer.attention_out);
  }

  Node encode(const Node& x, const Node& penalty, const Layer& layer) const {
    const Node attended =
        normalise(std::make_shared<op::Add>(x, attend(x, penalty, layer)), layer.attention_norm);
    const Node wide =
        std::make_shared<op::Gelu>(linear(attended, layer.intermediate), ov::op::GeluApproximationMode::ERF);
    return normalise(std::make_shared<op::Add>(attended, linear(wide, layer.output)), layer.output_norm);
  }

  static Node mean(const Node& x, const Node& real) {
    const Node weighted =
        std::make_shared<op::Multiply>(x, std::make_shared<op::Unsqueeze>(real, integers({2})));
    const Node sum = std::make_shared<op::ReduceSum>(weighted, integers({1}), false);
    const Node count = std::make_shared<op::ReduceSum>(real, integers({1}), true);
    return std::make_shared<op::Divide>(sum, std::make_shared<op::Maximum>(count, scalar(1)));
  }

  const BertWeights& weights_;
  std::size_t hidden_;
};

}  // namespace

std::shared_ptr<ov::Model> build_bert(const BertWeights& weights) { return BertBuilder(weights).build(); }

}  // namespace caprock::convert
