"""What the whole-binary benchmarks share: a server on a fresh data folder, the record of a run, a table."""
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CAPROCK_BINARY", ROOT / "build/release/caprock"))
DATA = pathlib.Path(os.environ.get("CAPROCK_TEST_DATA", ROOT.parent / "shared" / "data"))
RESULTS = ROOT / "build" / "bench"


def need(path):
    if not path.exists():
        sys.exit(f"{path} is not here: this benchmark measures on it, so there is nothing to print")
    return path


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.platform()}


def commit():
    run = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=10"], capture_output=True, text=True)
    return run.stdout.strip() or "unknown"


class Server:
    """`with Server() as server`: the product with its defaults on a temporary data folder and a free port."""

    def __init__(self, *arguments, environment=None, data=None):
        self.folder = pathlib.Path(data or tempfile.mkdtemp(prefix="caprock-bench-"))
        self.keep = data is not None
        self.arguments, self.environment = arguments, environment or {}

    def start(self):
        started = time.monotonic()
        self.log = open(self.folder / "server.log", "ab")
        self.process = subprocess.Popen([BINARY, "serve", "--listen", "127.0.0.1:0", "--data", self.folder / "data", *self.arguments],
                                        stdout=self.log, stderr=self.log, env=os.environ | self.environment)
        while True:
            if self.process.poll() is not None:
                sys.exit(f"the server ended: {(self.folder / 'server.log').read_text()[-2000:]}")
            try:
                lock = json.loads((self.folder / "data" / "caprock.lock").read_text())
                self.address = lock["address"]
                if lock["pid"] == self.process.pid and self.get("/ready"):
                    break
            except (OSError, ValueError, KeyError):
                time.sleep(0.005)
        self.start_seconds = time.monotonic() - started
        return self

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, path):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=60) as answer:
            return json.load(answer)

    def post(self, path, body):
        request = urllib.request.Request(f"http://{self.address}{path}", json.dumps(body).encode(), {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def memory_mb(self):
        """Resident and peak memory in MB (10^6 bytes)."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in status if line.startswith(("VmRSS", "VmHWM"))}
        return kilobytes["VmRSS"] * 1.024 / 1000, kilobytes["VmHWM"] * 1.024 / 1000

    def caprock(self, *arguments, timeout=3600):
        run = subprocess.run([BINARY, *map(str, arguments), "--data", self.folder / "data"], capture_output=True, text=True, timeout=timeout)
        if run.returncode != 0:
            sys.exit(f"caprock {' '.join(map(str, arguments))} failed: {run.stderr[-2000:]}")
        return run.stdout


def record(name, rows):
    """Prints `rows` (dicts of the same keys) as a table and writes them with commit, machine and command as JSON."""
    columns = list(rows[0])
    cells = [[f"{row[c]:.3g}" if isinstance(row[c], float) else str(row[c]) for c in columns] for row in rows]
    widths = [max(len(c), *(len(line[i]) for line in cells)) for i, c in enumerate(columns)]
    for line in [columns, ["-" * w for w in widths], *cells]:
        print("| " + " | ".join(value.ljust(width) for value, width in zip(line, widths)) + " |")
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"name": name, "commit": commit(), "machine": machine(), "command": " ".join(sys.argv),
                                "date": time.strftime("%Y-%m-%d"), "rows": rows}, indent=1) + "\n")
    print(f"written to {path.relative_to(ROOT)}")
