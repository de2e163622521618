"""Mock Bedrock: Amazon Bedrock's wire, faults included, on loopback. See README.md."""
