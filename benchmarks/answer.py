"""How long a person waits for an answer: a new process, with an empty and with a filled compilation cache.

Prints a table and writes benchmarks/results/answer.json. Each time is the median of three fresh processes, beside
the time of a process that only imports JAX, and beside the number of balances that are solved.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results" / "answer.json"
EXAMPLE = ROOT / "examples" / "tight-hip-flexors.toml"
COMMAND = str(Path(sys.executable).parent / "counterpull")
TIMES = 3


def waited(arguments: list[str], cache: Path, code: int = 0) -> tuple[float, str]:
    """Seconds of one fresh process that keeps its machine code in `cache`, and what it printed."""
    # A person's own setting of JAX's cache would win over this folder.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JAX_COMPILATION_CACHE")}
    start = time.perf_counter()
    done = subprocess.run(
        arguments, capture_output=True, text=True, env=environment | {"XDG_CACHE_HOME": str(cache)}
    )
    seconds = time.perf_counter() - start
    if done.returncode != code:
        raise SystemExit(f"{' '.join(arguments)}: exit code {done.returncode}\n{done.stderr}")
    return seconds, done.stdout


def solved(record: dict) -> int:
    """Balances behind an answer: every draw in every mode, without and with the findings.

    The first moment without findings is the posture that is held, so it is not solved again; a margin is many more
    balances and is not counted.
    """
    states = sum(1 if mode == "before_reaction" else 2 for mode in record["modes"])
    return states * record["draws"]


def main() -> None:
    console = Console()
    answer = [COMMAND, "answer", str(EXAMPLE), "--json"]
    times: dict[str, list[float]] = {
        name: [] for name in ("import jax", "cold answer", "warm answer", "broken file")
    }
    balances = 0
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder) / "broken.toml"
        broken.write_text(EXAMPLE.read_text(encoding="utf-8").replace("muscle", "mussel"), encoding="utf-8")
        for turn in range(TIMES):  # in turns, so that a busy minute of the machine is shared by all
            cache = Path(folder) / f"cache_{turn}"
            with console.status(f"answers, turn {turn + 1} of {TIMES} ..."):
                times["import jax"].append(waited([sys.executable, "-c", "import jax"], cache)[0])
                times["cold answer"].append(waited(answer, cache)[0])
                seconds, said = waited(answer, cache)
                times["warm answer"].append(seconds)
                times["broken file"].append(waited([COMMAND, "answer", str(broken), "--json"], cache, 2)[0])
                balances = solved(json.loads(said))
    peer = statistics.median(times["import jax"])
    rows = [
        {
            "what": name,
            "seconds": round(statistics.median(each), 3),
            "each": [round(one, 3) for one in each],
            "times_import_jax": round(statistics.median(each) / peer, 2),
            "balances": balances if name.endswith("answer") else 0,
        }
        for name, each in times.items()
    ]
    table = Table(title=f"counterpull answer {EXAMPLE.name} --json, a new process each", box=None)
    for column in ("what", "seconds", "times import jax", "balances"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for row in rows:
        table.add_row(
            row["what"], f"{row['seconds']:.2f}", f"{row['times_import_jax']:.1f}", f"{row['balances']:,}"
        )
    console.print(table)
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    RESULTS.write_text(
        json.dumps({"machine": machine, "medians_of": TIMES, "measured": rows}, indent=2) + "\n",
        encoding="utf-8",
    )
    console.print(f"written to benchmarks/results/{RESULTS.name}")


if __name__ == "__main__":
    main()
