"""Errors as Bedrock sends them."""
import json

# What the service models say of each; the wire test compares it with botocore's.
STATUS = {
    "AccessDeniedException": 403, "ConflictException": 400, "InternalServerException": 500, "ModelErrorException": 424,
    "ModelNotReadyException": 429, "ModelStreamErrorException": 424, "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404, "ServiceQuotaExceededException": 400, "ServiceUnavailableException": 503,
    "ThrottlingException": 429, "ValidationException": 400,
}


class AwsError(Exception):
    def __init__(self, status, kind, message, **members):
        super().__init__(message)
        self.status, self.kind, self.message, self.members = status, kind, message, members

    def body(self):
        return json.dumps({"message": self.message} | self.members, ensure_ascii=False).encode()

    def headers(self):
        return [("x-amzn-ErrorType", f"{self.kind}:http://internal.amazon.com/coral/com.amazon.bedrock/"), ("content-type", "application/json")]


def validation(message):
    return AwsError(400, "ValidationException", message)


def model_said(message):
    """What the model itself refused, in Bedrock's wrapping."""
    return validation(f"The model returned the following errors: {message}")
