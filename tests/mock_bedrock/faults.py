"""Faults on order. A fault is words joined by dots, in a model id after ".fault." or in the header x-mock-fault:

    status-N          answers with this status; type-NAME the error's type (else by status); message-TEXT
    no-type           the error has no x-amzn-ErrorType, its type stands in the body's __type; html: a proxy's page instead
    output-200        status 200 with {"Output":{"__type":…}}, as Bedrock does for operations it does not know
    retry-after-S     Retry-After in seconds;  amz-retry-after-MS: x-amz-retry-after in milliseconds
    delay-MS          waits before the head
    stall-K[-MS]      stops at byte K of the body, for MS or until the client goes
    fin-K, rst-K      closes or resets at byte K of the body;  at -1: before the head
    crc-N, precrc-N   event N (from 0) has a wrong CRC of the message, of the prelude
    truncate-N        event N is cut in its middle; the body then ends as if it were whole
    end-N             the body ends as if it were whole before event N
    exception-N-NAME  an exception (default modelStreamErrorException) instead of event N;  error-N: an :error-code frame
    unknown-N         an event of a type that nobody knows, before event N
    trickle-B-MS      the body B bytes at a time, MS apart
    gap-MS            MS between events
    skew-S            the mock's clock is S seconds ahead for this request
    close             Connection: close
    times-N           only the first N requests with this fault suffer;  every-N: only every Nth
"""
import re

from .errors import STATUS, AwsError, validation

_NUMBERS = {"status": 1, "retry-after": 1, "amz-retry-after": 1, "delay": 1, "stall": 2, "fin": 1, "rst": 1, "crc": 1, "precrc": 1,
            "truncate": 1, "end": 1, "unknown": 1, "error": 1, "trickle": 2, "gap": 1, "skew": 1, "times": 1, "every": 1}
_TEXTS = ("type", "message")
_FLAGS = ("no-type", "html", "output-200", "close")
_TYPE_OF_STATUS = {403: "AccessDeniedException", 404: "ResourceNotFoundException", 408: "ModelTimeoutException", 424: "ModelErrorException",
                   429: "ThrottlingException", 500: "InternalServerException", 503: "ServiceUnavailableException", 400: "ValidationException"}
_MESSAGES = {"ThrottlingException": "Too many requests, please wait before trying again.",
             "ServiceUnavailableException": "Bedrock is unable to process your request.",
             "InternalServerException": "The system encountered an unexpected error during processing. Try your request again.",
             "ModelTimeoutException": "Model has timed out in processing the request. Try your request again.",
             "ModelNotReadyException": "Model is not ready for inference. Wait and try your request again.",
             "ModelErrorException": "The model returned an error. Try your request again.",
             "ServiceQuotaExceededException": "Your request exceeds the service quota for your account."}


def parse(text):
    fault = {}
    for word in filter(None, text.split(".")):
        if word in _FLAGS:
            fault[word] = True
        elif found := re.fullmatch(r"exception-(\d+)(?:-([A-Za-z]+))?", word):
            fault["exception"] = (int(found[1]), found[2] or "modelStreamErrorException")
        elif found := re.fullmatch(r"([a-z]+(?:-[a-z]+)*?)-(-?\d+)(?:-(\d+))?", word):
            name, numbers = found[1], [int(n) for n in found.groups()[1:] if n is not None]
            if name not in _NUMBERS or len(numbers) > _NUMBERS[name]:
                raise validation(f"mock: there is no fault '{word}'")
            fault[name] = tuple(numbers) if _NUMBERS[name] > 1 else numbers[0]
        elif (found := re.fullmatch(r"([a-z]+)-(.+)", word)) and found[1] in _TEXTS:
            fault[found[1]] = found[2].replace("_", " ") if found[1] == "message" else found[2]
        else:
            raise validation(f"mock: there is no fault '{word}'")
    return fault


def error_of(fault):
    """The error that a fault with a status asks for, else None."""
    if "status" not in fault and "type" not in fault:
        return None
    status = fault.get("status") or STATUS.get(fault["type"], 400)
    kind = fault.get("type") or _TYPE_OF_STATUS.get(status, "InternalServerException")
    return AwsError(status, kind, fault.get("message") or _MESSAGES.get(kind, "The mock was asked for this error."))


class Sender:
    """The body of an answer on its way out, with what the fault does to it."""

    def __init__(self, exchange, fault):
        self.exchange, self.fault, self.at, self.broken = exchange, fault, 0, False
        breaks = [(fault[kind], kind) for kind in ("fin", "rst") if kind in fault]
        if "stall" in fault:
            breaks.append((fault["stall"][0], "stall"))
        self.breaks = sorted(breaks)

    async def send(self, data):
        while self.breaks and self.breaks[0][0] <= self.at + len(data) and not self.broken:
            place, kind = self.breaks.pop(0)
            head, data = data[:place - self.at], data[place - self.at:]
            await self._trickle(head)
            await self._break(kind)
        if not self.broken:
            await self._trickle(data)

    async def _trickle(self, data):
        self.at += len(data)
        if "trickle" not in self.fault:
            return await self.exchange.data(data)
        size, *pause = self.fault["trickle"]
        for i in range(0, len(data), size):
            await self.exchange.data(data[i:i + size])
            await self.exchange.sleep((pause[0] if pause else 1) / 1000)

    async def _break(self, kind):
        if kind == "stall":
            _, *length = self.fault["stall"]
            return await self.exchange.sleep(length[0] / 1000 if length else 3600)
        # What was written must be on its way first: under RST the kernel throws away what still waits.
        await self.exchange.sleep(0.02)
        self.broken = True
        getattr(self.exchange, kind)()
