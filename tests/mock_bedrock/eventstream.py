"""application/vnd.amazon.eventstream, written: prelude, headers, payload, two CRC-32."""
import json
import struct
import zlib


def _header(name, value):
    raw_name, raw_value = name.encode(), value.encode()
    return struct.pack("!B", len(raw_name)) + raw_name + b"\x07" + struct.pack("!H", len(raw_value)) + raw_value


def frame(headers, payload):
    """One message; every header is a string (type 7), as Bedrock sends them."""
    encoded = b"".join(_header(name, value) for name, value in headers)
    prelude = struct.pack("!II", 16 + len(encoded) + len(payload), len(encoded))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + encoded + payload
    return message + struct.pack("!I", zlib.crc32(message))


def event(kind, payload):
    return frame([(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")], _json(payload))


def exception(kind, payload):
    return frame([(":exception-type", kind), (":content-type", "application/json"), (":message-type", "exception")], _json(payload))


def error(code, message):
    return frame([(":error-code", code), (":error-message", message), (":message-type", "error")], b"")


def _json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def corrupt_message_crc(message):
    return message[:-1] + bytes([message[-1] ^ 0x01])


def corrupt_prelude_crc(message):
    return message[:8] + bytes([message[8] ^ 0x80]) + message[9:]
