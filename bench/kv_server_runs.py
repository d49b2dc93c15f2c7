# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""What run_table measures of kv_server, by redis-benchmark."""

import contextlib
import csv
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Optional, Sequence

RUN_TIMEOUT_S = 300
KV_COMMANDS = ["SET", "GET", "INCR", "LPUSH"]
SPINNERS = 4


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as s:
            s.sendall(b"PING\r\n")
            return s.recv(16).startswith(b"+PONG")
    except OSError:
        return False


@contextlib.contextmanager
def server(command: list, port: int):
    """Runs a server until the block ends; it must answer a PING first."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 10
        while not answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} does not answer on port {port}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def redis_benchmark(port: int, requests: int, commands: list, prefix: Sequence = ()) -> list:
    """What it says of each command, 50 clients, no pipelining."""
    done = subprocess.run(
        [*prefix, "redis-benchmark", "-h", "127.0.0.1", "-p", str(port), "-c", "50", "-n",
         str(requests), "-t", ",".join(c.lower() for c in commands), "--csv"],
        capture_output=True, text=True, timeout=RUN_TIMEOUT_S, check=True)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def spins(port: int) -> dict:
    """How far each client in SPIN has come, by its number."""
    listing = subprocess.run(["redis-cli", "-p", str(port), "CLIENT", "LIST"], capture_output=True,
                             text=True, timeout=RUN_TIMEOUT_S, check=True).stdout
    return {int(who): int(count)
            for who, count in re.findall(r"^id=(\d+) .* spins=(\d+)$", listing, re.MULTILINE)}


@contextlib.contextmanager
def spinners(port: int):
    """Clients that each keep their connection's actor computing, all of which must get on."""
    with contextlib.ExitStack() as open_ones:
        for _ in range(SPINNERS):
            client = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(b"SPIN 60000\r\n")
        deadline = time.monotonic() + 10
        while len(before := spins(port)) < SPINNERS:
            if time.monotonic() > deadline:
                raise RuntimeError(f"only {len(before)} of {SPINNERS} clients in SPIN began")
            time.sleep(0.05)
        yield
        after = spins(port)
    for who, count in before.items():
        if after.get(who, 0) <= count:
            raise RuntimeError(f"client {who} in SPIN stood still: {count} pieces of work before "
                               f"the measurement, {after.get(who)} after it")


def apart() -> Optional[tuple]:
    """Prefixes that give a server one core and its client the others; None: there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("taskset"):
        return None
    return (["taskset", "-c", str(cores[0])],
            ["taskset", "-c", ",".join(str(core) for core in cores[1:])])


def measure_spin(rounds: int, kv_server: Path, requests: int, raw: list) -> dict:
    """GET's p99 without and with clients in SPIN, in milliseconds, for each round: with the client on
    a core of its own, as if it were another machine, and with all cores for both."""
    places = {"all cores for both": ([], [])}
    if (separate := apart()) is not None:
        places = {"its client on another core": separate, **places}
    pairs = {place: [] for place in places}
    for this_round in range(rounds):
        for place, (at_server, at_client) in places.items():
            print(f"round {this_round + 1}: kv_server, beside clients in SPIN, {place}",
                  file=sys.stderr)
            port = free_port()
            command = [*at_server, str(kv_server), "--port", str(port)]
            if at_server:
                command += ["--workers", "1"]
            with server(command, port):
                quiet = redis_benchmark(port, requests, ["GET"], at_client)[0]
                with spinners(port):
                    loud = redis_benchmark(port, requests, ["GET"], at_client)[0]
            raw.append({"bench": f"kv_server beside SPIN, {place}", "without": quiet, "with": loud})
            pairs[place].append((float(quiet["p99_latency_ms"]), float(loud["p99_latency_ms"])))
    return pairs


def measure_kv(rounds: int, kv_server: Path, requests: int, raw: list) -> Optional[dict]:
    """For each command the two lists of rates, ours and redis-server's; taken in turns."""
    if not (kv_server.exists() and shutil.which("redis-benchmark")
            and shutil.which("redis-server")):
        print("kv_server: left out: needs kv_server, redis-benchmark and redis-server",
              file=sys.stderr)
        return None
    rates = {c: {"kv_server": [], "redis-server": []} for c in KV_COMMANDS}
    for this_round in range(rounds):
        for name in ("kv_server", "redis-server"):
            print(f"round {this_round + 1}: redis-benchmark against {name}", file=sys.stderr)
            port = free_port()
            command = [str(kv_server), "--port", str(port)]
            if name == "redis-server":
                command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "",
                           "--appendonly", "no"]
            with server(command, port):
                lines = redis_benchmark(port, requests, KV_COMMANDS)
            reached = {each["test"]: float(each["rps"]) for each in lines}
            raw.append({"bench": "redis-benchmark", "server": name, "rps": reached})
            for c in KV_COMMANDS:
                rates[c][name].append(reached[c])
    return rates
