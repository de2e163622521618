#include "rag/answer/answerer.h"

namespace caprock::rag {

base::SettingsSection AnswerSettings::describe() {
  return {
      .name = "answer",
      .help = "How questions are answered: docs/answers.md",
      .settings = {
          {.key = "abstain_below",
           .target = &abstain_below,
           .help = "below this confidence the embedded answerer declines and shows the nearest passages; 0 "
                   "never declines, 0.5 balances wrong answers and wrong silence",
           .min = 0,
           .max = 1},
          {.key = "max_sentences",
           .target = &max_sentences,
           .help = "sentences of an answer of the embedded answerer",
           .min = 1,
           .max = 10},
          {.key = "context_tokens",
           .target = &context_tokens,
           .help = "tokens of passages that a model is given",
           .min = 200,
           .max = 1'000'000},
          {.key = "planner_queries",
           .target = &planner_queries,
           .help = "searches that the planner model may add to the question itself",
           .min = 0,
           .max = 10},
          {.key = "retries",
           .target = &retries,
           .help =
               "further attempts of a model when it finds no answer (with more passages) or the context is "
               "too long (with fewer)",
           .min = 0,
           .max = 10},
          {.key = "model",
           .target = &model,
           .help = "the model that answers; empty: the embedded extractive answerer",
           .environment = {"BEDROCK_LLM_MODEL_ID"}},
          {.key = "planner_model",
           .target = &planner_model,
           .help = "a cheap model that plans searches and rewrites follow-ups; empty: no planning"},
      }};
}

}  // namespace caprock::rag
