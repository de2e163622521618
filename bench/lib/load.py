"""A load of `/query` requests by wrk, and what came of it."""
import json
import os
import re
import subprocess
import tempfile

SECONDS = os.environ.get("CAPROCK_BENCH_SECONDS", "10")


def lua(queries, extra):
    bodies = [json.dumps({"query": q, "retrieval_only": True} | extra) for q in queries]
    listed = ",\n".join("[==[" + b + "]==]" for b in bodies)
    return f"""local bodies = {{{listed}}}
local i = math.random(#bodies)
request = function()
  i = i % #bodies + 1
  return wrk.format("POST", "/query", {{["content-type"] = "application/json"}}, bodies[i])
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %f %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(90), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout))
end
"""


def load(server, name, clients, script, path="/query", seconds=SECONDS):
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        run = subprocess.run(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", file.name, f"http://{server.address}{path}"],
                             capture_output=True, text=True, check=True)
    requests, micros, p50, p90, p99, errors = map(float, re.search(r"RESULT (.*)", run.stdout).group(1).split())
    return {"what": name, "clients": clients, "requests/s": round(requests / (micros / 1e6), 1), "p50 ms": p50 / 1000, "p90 ms": p90 / 1000, "p99 ms": p99 / 1000,
            "errors": int(errors)}
