"""What a mock remembers: credentials, attempts, scripts, what was cached, profiles and asynchronous calls."""
import hashlib
import threading
import time

from .auth import Keys


class State:
    def __init__(self):
        self.keys = Keys()
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.attempts, self.scripts, self.faults, self.seen = [], [], {}, {}
        self.cached, self.profiles, self.profile_names, self.calls = set(), {}, {}, {}
        self.keys.reset()

    def attempt(self, exchange):
        """A record, filled in while the request is answered."""
        record = {"n": len(self.attempts), "at": time.time(), "method": exchange.method, "path": exchange.path, "query": exchange.query,
                  "http": exchange.version, "connection": exchange.connection, "headers": exchange.headers,
                  "sha256": hashlib.sha256(exchange.body).hexdigest(), "operation": None, "model": None,
                  "auth": None, "body": None, "status": None, "error": None, "fault": None, "sent": 0, "end": "open", "seconds": None}
        self.attempts.append(record)
        return record

    def suffers(self, key, fault):
        """Whether a fault limited by times-N or every-N strikes this time."""
        if "times" not in fault and "every" not in fault:
            return True
        self.seen[key] = self.seen.get(key, 0) + 1
        return self.seen[key] <= fault.get("times", self.seen[key]) and self.seen[key] % fault.get("every", 1) == 0

    def scripted(self, identifier, text):
        """The first script that fits: {"model"?, "contains"?, "blocks" or "text", "stopReason"?, "usage"?, "times"?}."""
        for script in self.scripts:
            if script.get("model", identifier) != identifier or script.get("contains", "") not in text:
                continue
            if "times" in script:
                script["times"] -= 1
                if not script["times"]:
                    self.scripts.remove(script)
            return script | {"blocks": script.get("blocks") or [{"text": script["text"]}]}
        return None

    def remember(self, digest):
        known = digest in self.cached
        self.cached.add(digest)
        return known
