// What every driver of tests/compatibility in JavaScript is; drivers/driver.py says the same in Python.
import { readFileSync } from "node:fs";

export const newTurn = (filled = {}) => ({ text: "", deltas: 0, calls: [], reasoning: "", stop: null, usage: null, ...filled });

export const usage = (input, output, read, written) => ({ input, output, cache_read: read ?? 0, cache_write: written ?? 0 });

/** `ask(call, turns)` appends the turns; `failed(error)` is the error's {type, status}. */
export async function run(ask, failed) {
  const outcomes = [];
  for (const call of JSON.parse(readFileSync(0, "utf8")).calls) {
    const outcome = { turns: [] };
    outcomes.push(outcome);
    try {
      await ask(call, outcome.turns);
    } catch (error) {
      outcome.error = { ...failed(error), message: `${error.name}: ${error.message}`.slice(0, 500) };
    }
  }
  process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
}
