"""kill -9 at a random moment, some rounds of it; `bench/kill` does many and prints how long a start takes."""
import os
import random

import pytest

from harness import Server
from kill_rounds import KillRounds

ROUNDS = int(os.environ.get("CAPROCK_KILL_ROUNDS", "20"))
SEED = int(os.environ.get("CAPROCK_KILL_SEED", str(random.SystemRandom().randrange(1 << 30))))


# Without a model far more is written between two kills; with it, embedding is what a kill interrupts.
@pytest.mark.parametrize("model", ["minilm", "none"])
def test_kill_at_random_moments_loses_nothing_acknowledged(tmp_path_factory, model):
    print(f"CAPROCK_KILL_SEED={SEED}")
    server = Server(tmp_path_factory.mktemp("kill"), environment={"CAPROCK_EMBEDDINGS_MODEL": model}).start()
    rounds = KillRounds(server, random.Random(SEED))
    for number in range(ROUNDS // 2):
        rounds.round(number)
        assert rounds.start_seconds[-1] <= 5, rounds.start_seconds[-1]  # the bench judges the figure; here only a hang fails
    rounds.finish()
