"""python -m tests.services: Kafka and Redis on free ports, for a person; prints the settings, and stops both at Ctrl-C."""

import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from orchestrator.runtime.kafka_address import KafkaAddress
from tests.integration.running import free_port
from tests.services import kafka_server, redis_server
from tests.services.kafka_server import KafkaServer
from tests.services.kafka_topics import EXAMPLE_SOURCE
from tests.services.redis_server import RedisServer
from workers.kafka_topics import create_topics

PARTITIONS = 4


def main() -> int:
    why = kafka_server.why_not() or redis_server.why_not()
    if why is not None:
        print(why, file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory(prefix="concierge-services-") as folder, contextlib.ExitStack() as stack:
        kafka, redis = KafkaServer(Path(folder) / "kafka"), RedisServer(Path(folder) / "redis")
        print("starting Kafka and Redis …", file=sys.stderr, flush=True)
        kafka.format()
        kafka.start()
        stack.callback(kafka.stop)
        redis.start()
        stack.callback(redis.stop)
        create_topics(KafkaAddress({"bootstrap_servers": [kafka.address]}, "", PARTITIONS), 1, [EXAMPLE_SOURCE])
        gateway, sandbox = (f"127.0.0.1:{free_port()}" for _ in range(2))
        print(
            f"export CONCIERGE_KAFKA={kafka.address} CONCIERGE_REDIS={redis.url} CONCIERGE_PARTITIONS={PARTITIONS}\n"
            f"export CONCIERGE_SANDBOX=http://{sandbox} CONCIERGE_PUBLIC_URL=http://{gateway} GATEWAY={gateway} SANDBOX={sandbox}\n"
            "export CONCIERGE_SIGNING_KEY=for-this-machine-only CONCIERGE_WRITE_KEYS=demo:demo",
            flush=True,
        )
        print("# paste these lines into every terminal; Ctrl-C here stops both and forgets everything", file=sys.stderr, flush=True)
        # blocked only now: a child would inherit it
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


if __name__ == "__main__":
    sys.exit(main())
