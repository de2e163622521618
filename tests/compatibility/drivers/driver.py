"""What every driver in Python is: a program that reads a job, makes its calls, and writes what came of each.

The job is {"calls": […], "models"?}; where Caprock is and who we are stands in the environment, as it does for users."""
import base64
import json
import sys


def new_turn(**filled):
    return {"text": "", "deltas": 0, "calls": [], "reasoning": "", "stop": None, "usage": None} | filled


def usage(input, output, cache_read=0, cache_write=0):
    return {"input": input, "output": output, "cache_read": cache_read or 0, "cache_write": cache_write or 0}


def image_of(call):
    return base64.b64decode(call["image"]) if call.get("image") else None


def run(ask, failed):
    """`ask(call, turns)` appends the turns; `failed(error)` is the error's (type, status)."""
    outcomes = []
    for call in json.load(sys.stdin)["calls"]:
        turns = []
        outcomes.append(outcome := {"turns": turns})
        try:
            ask(call, turns)
        except Exception as error:  # of whatever kind: which one it is, is what the test asks
            kind, status = failed(error)
            outcome["error"] = {"type": kind, "status": status, "message": f"{type(error).__name__}: {error}"[:500]}
    json.dump(outcomes, sys.stdout)
