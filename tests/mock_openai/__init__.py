"""An OpenAI-compatible service on loopback, for tests."""
