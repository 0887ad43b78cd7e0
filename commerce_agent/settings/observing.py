"""Who may see what is counted, where spans are sent, and whether a process gets ready before it says that it is."""

from pathlib import Path

import environ

__all__ = ["METRICS_FOLDER", "METRICS_TOKEN", "TRACES_ENDPOINT", "WARM_UP"]

env = environ.Env()

# Without one, /metrics answers this machine and private networks only, and nothing that came through a proxy.
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")
# Where the processes of one machine count together; prometheus_client reads the same variable as it is loaded.
METRICS_FOLDER: str = env.str("PROMETHEUS_MULTIPROC_DIR", default="")
# Whether spans are sent at all; the other OTEL_ variables hold as OpenTelemetry describes them.
TRACES_ENDPOINT: str = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="")
# Whether a process builds its patterns as it starts, so that its first turn needs no seconds for it.
WARM_UP: bool = env.bool("WARM_UP", default=True)

if METRICS_FOLDER:
    Path(METRICS_FOLDER).mkdir(parents=True, exist_ok=True)
