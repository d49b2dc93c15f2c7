#!/usr/bin/python3
# SPDX-License-Identifier: BSL-1.0
# Copyright (c) 2026 The troupe authors
"""The server as a program meets it that knows it only through redis-py, the usual Redis client of Python.

    kv_redis_py_test.py SERVER [TEST...]

SERVER is kv_server's program, or redis-server's: what holds for ours must hold for Redis, but for the
tests that say so. Exit code 77 where redis-py is not installed.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import unittest

try:
    import redis
except ImportError:
    print("redis-py is not installed (python3-redis; see script/bootstrap)")
    sys.exit(77)

LIMIT_S = 60  # for whatever must happen at last

program = ""


def is_redis() -> bool:
    return os.path.basename(program) == "redis-server"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(*options: str):
    """Runs a server with these options of ours; yields its port."""
    port = free_port()
    command = [program, "--port", str(port), *options]
    if is_redis():
        command = [program, "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
        options = [each.replace("--max-clients", "--maxclients") for each in options]
        command += options
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: answers(port))
        yield port
    finally:
        process.terminate()
        if process.wait(LIMIT_S) != 0:
            raise AssertionError(f"{program} ended with {process.returncode}")


def answers(port: int) -> bool:
    try:
        with contextlib.closing(socket.create_connection(("127.0.0.1", port), LIMIT_S)) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(7) == b"+PONG\r\n"
    except ConnectionRefusedError:
        return False


def until(happens) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not happens():
        if time.monotonic() > deadline:
            raise AssertionError("it does not happen")
        time.sleep(0.005)


def connected(client, open_ones: contextlib.ExitStack) -> bool:
    """False while the server still has the connection that looked whether it is there."""
    open_ones.callback(client.close)
    try:
        return client.ping()
    except redis.ConnectionError:
        return False


class OneServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = contextlib.ExitStack()
        cls.addClassCleanup(stack.close)
        cls.port = stack.enter_context(server())

    def setUp(self):
        self.r = self.client()
        self.r.flushall()

    def client(self, **options):
        options.setdefault("decode_responses", True)
        connected = redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=LIMIT_S, **options)
        self.addCleanup(connected.close)
        return connected


class Commands(OneServer):
    def test_strings(self):
        r = self.r
        self.assertIs(r.set("a", "1"), True)
        self.assertIsNone(r.set("a", "2", nx=True))
        self.assertEqual(r.set("a", "2", xx=True, get=True), "1")
        self.assertEqual(r.incrby("a", 40), 42)
        self.assertEqual(r.append("a", "!"), 3)
        self.assertEqual(r.strlen("a"), 3)
        self.assertEqual(r.getdel("a"), "42!")
        self.assertIsNone(r.get("a"))
        self.assertIs(r.mset({"a": 1, "b": 2, "c": 3}), True)
        self.assertEqual(r.mget("a", "nothing", "b", "c"), ["1", None, "2", "3"])
        self.assertEqual(r.exists("a", "b", "nothing"), 2)
        self.assertEqual(r.delete("a", "b", "nothing"), 2)
        self.assertEqual(r["c"], "3")
        with self.assertRaises(KeyError):
            r["nothing"]
        self.assertIn("c", r)

    def test_lists_sets_and_hashes(self):
        r = self.r
        self.assertEqual(r.rpush("l", *range(5)), 5)
        self.assertEqual(r.lpush("l", "first"), 6)
        self.assertEqual(r.lrange("l", 0, -1), ["first", "0", "1", "2", "3", "4"])
        self.assertEqual(r.lpop("l", 2), ["first", "0"])
        self.assertEqual(r.rpop("l"), "4")
        self.assertEqual(r.llen("l"), 3)
        self.assertEqual(r.sadd("s", "x", "y", "z"), 3)
        self.assertEqual(r.smembers("s"), {"x", "y", "z"})
        self.assertEqual((r.srem("s", "x"), r.scard("s")), (1, 2))
        self.assertEqual(r.hset("h", mapping={"one": 1, "two": 2}), 2)
        self.assertEqual(r.hgetall("h"), {"one": "1", "two": "2"})
        self.assertEqual((r.hget("h", "one"), r.hget("h", "three")), ("1", None))
        self.assertEqual(r.hdel("h", "one"), 1)
        self.assertEqual([r.type(key) for key in ("l", "s", "h", "-")],
                         ["list", "set", "hash", "none"])

    def test_any_bytes(self):
        r = self.client(decode_responses=False)
        everything = bytes(range(256)) + b"\r\n$5\r\n*1\r\n"
        for value in (b"", everything, everything * 20_000):
            r.set(everything, value)
            self.assertEqual(r.get(everything), value)
        self.assertEqual(r.keys(), [everything])

    def test_expiry(self):
        r = self.r
        r.set("soon", "x", px=30)
        r.set("late", "x", ex=1000)
        self.assertTrue(990 <= r.ttl("late") <= 1000)
        self.assertTrue(990_000 <= r.pttl("late") <= 1_000_000)
        self.assertIs(r.persist("late"), True)
        self.assertEqual((r.ttl("late"), r.ttl("nothing")), (-1, -2))
        self.assertIs(r.expire("nothing", 5), False)
        r.set("kept", "x", ex=1000)
        r.set("kept", "y", keepttl=True)
        self.assertGreater(r.ttl("kept"), 0)
        until(lambda: r.get("soon") is None)
        self.assertIs(r.pexpire("late", 1), True)
        until(lambda: not r.exists("late"))

    def test_scan_iterators(self):
        r = self.r
        names = {f"key:{i}" for i in range(1000)}
        r.mset({name: "x" for name in names})
        r.rpush("key:list", "x")
        self.assertEqual(sorted(r.scan_iter()), sorted(names | {"key:list"}))
        self.assertEqual(set(r.scan_iter(match="key:1*", count=7)),
                         {name for name in names if name.startswith("key:1")})
        self.assertEqual(list(r.scan_iter(_type="list")), ["key:list"])
        cursor, some = r.scan(0, count=10)
        self.assertNotEqual(cursor, 0)
        self.assertTrue(some)

    def test_about_the_server(self):
        r = self.client(client_name="tester")
        self.assertTrue(r.ping())
        self.assertEqual(r.echo("hello"), "hello")
        self.assertEqual(r.client_getname(), "tester")
        mine = [each for each in r.client_list() if int(each["id"]) == r.client_id()]
        self.assertEqual([each["name"] for each in mine], ["tester"])
        info = r.info()
        self.assertEqual(info["redis_version"], "7.0.15")
        self.assertGreaterEqual(info["connected_clients"], 1)
        r.set("x", 1, ex=100)
        self.assertEqual(r.info("keyspace")["db0"]["keys"], 1)
        self.assertEqual(r.config_get("databases").keys(), {"databases"})
        self.assertEqual(r.command()["get"]["arity"], 2)
        self.assertEqual(r.dbsize(), 1)


class Pipelines(OneServer):
    def test_a_long_one(self):
        pipe = self.r.pipeline(transaction=False)
        for i in range(10_000):
            pipe.set(f"key:{i}", i).get(f"key:{i}")
        results = pipe.execute()
        self.assertEqual(results[0::2], [True] * 10_000)
        self.assertEqual(results[1::2], [str(i) for i in range(10_000)])

    def test_an_error_in_the_middle_is_that_of_its_command(self):
        pipe = self.r.pipeline(transaction=False)
        pipe.set("a", "text").incr("a").lpush("a", "x").get("a")
        first, second, third, last = pipe.execute(raise_on_error=False)
        self.assertEqual((first, last), (True, "text"))
        self.assertIsInstance(second, redis.ResponseError)
        self.assertIn("WRONGTYPE", str(third))
        pipe.set("a", "text").incr("a")
        with self.assertRaisesRegex(redis.ResponseError, r"Command # 2 \(INCRBY a 1\).*not an integer"):
            pipe.execute()
        self.assertEqual(self.r.get("a"), "text")

    def test_a_transaction_is_refused_and_the_connection_goes_on(self):
        if is_redis():
            self.skipTest("Redis has transactions")
        pipe = self.r.pipeline()
        pipe.get("a")
        with self.assertRaisesRegex(redis.ResponseError, "unknown command '(MULTI|EXEC)'"):
            pipe.execute()
        self.assertTrue(self.r.ping())


class PublishAndSubscribe(OneServer):
    def next(self, listening, ignore=False):
        message = listening.get_message(ignore_subscribe_messages=ignore, timeout=LIMIT_S)
        self.assertIsNotNone(message)
        return message["type"], message["pattern"], message["channel"], message["data"]

    def test_channels_and_patterns(self):
        listening = self.r.pubsub()
        listening.subscribe("news")
        listening.psubscribe("n*")
        self.assertEqual(self.next(listening), ("subscribe", None, "news", 1))
        self.assertEqual(self.next(listening), ("psubscribe", None, "n*", 2))
        self.assertEqual(self.r.publish("news", "hello"), 2)
        self.assertEqual({self.next(listening), self.next(listening)},
                         {("message", None, "news", "hello"), ("pmessage", "n*", "news", "hello")})
        listening.unsubscribe()
        self.assertEqual(self.next(listening), ("unsubscribe", None, "news", 1))
        self.assertEqual(self.r.publish("news", "again"), 1)
        self.assertEqual(self.next(listening), ("pmessage", "n*", "news", "again"))
        listening.close()
        until(lambda: self.r.publish("news", "nobody") == 0)

    def test_handlers_in_a_thread(self):
        got = []
        listening = self.r.pubsub(ignore_subscribe_messages=True)
        listening.subscribe(**{"a": lambda message: got.append(message["data"])})
        thread = listening.run_in_thread(sleep_time=0.01)
        try:
            until(lambda: self.r.publish("a", "begin") == 1)
            pipe = self.r.pipeline(transaction=False)
            for i in range(1000):
                pipe.publish("a", i)
            self.assertEqual(pipe.execute(), [1] * 1000)
            until(lambda: len(got) >= 1001)
        finally:
            thread.stop()
            thread.join(LIMIT_S)
        self.assertEqual(got, ["begin"] + [str(i) for i in range(1000)])

    def test_health_checks_while_subscribed(self):
        r = self.client(health_check_interval=0.01)
        listening = r.pubsub(ignore_subscribe_messages=True)
        listening.subscribe("a")
        for i in range(5):
            time.sleep(0.02)  # so that a check is due
            until(lambda: self.r.publish("a", i) == 1)
            message = None
            while message is None:  # None: it was the answer to the check
                message = listening.get_message(timeout=LIMIT_S)
            self.assertEqual(message["data"], str(i))
        listening.close()


class Connections(OneServer):
    def test_threads_share_a_pool(self):
        pool = redis.BlockingConnectionPool(host="127.0.0.1", port=self.port, max_connections=4,
                                            timeout=LIMIT_S)
        r = redis.Redis(connection_pool=pool)

        def count():
            for _ in range(100):
                r.incr("n")

        threads = [threading.Thread(target=count) for _ in range(16)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(LIMIT_S)
        self.assertEqual(r.get("n"), b"1600")
        pool.disconnect()

    def test_the_one_database_can_be_selected(self):
        self.assertTrue(self.client(db=0).ping())
        if not is_redis():
            with self.assertRaisesRegex(redis.ResponseError, "DB index is out of range"):
                self.client(db=1).ping()

    def test_handshakes_of_newer_clients(self):
        """They ask for RESP3 and say who they are; refused, they go on without."""
        r = self.r
        told = r.execute_command("HELLO", 2, "AUTH", "default", "any", "SETNAME", "newer")
        self.assertEqual(told[:6], ["server", "redis", "version", "7.0.15", "proto", 2])
        self.assertEqual(told[8:], ["mode", "standalone", "role", "master", "modules", []])
        self.assertEqual(r.client_getname(), "newer")
        wrong = [(["HELLO", 4], "NOPROTO unsupported protocol version"),
                 (["HELLO", "x"], "Protocol version is not an integer or out of range"),
                 (["HELLO", 2, "SETNAME"], "Syntax error in HELLO option 'SETNAME'"),
                 (["HELLO", 2, "SETNAME", "a b"], "Client names cannot contain spaces"),
                 (["HELLO", 2, "AUTH", "me", "x"], "WRONGPASS invalid username-password pair"),
                 (["CLIENT", "SETINFO", "LIB-NAME", "redis-py"], "nknown subcommand"),
                 (["CLIENT", "NOSUCH"], "unknown subcommand 'NOSUCH'. Try CLIENT HELP.")]
        if not is_redis():
            wrong.append((["HELLO", 3], "NOPROTO unsupported protocol version"))
        for command, text in wrong:
            with self.assertRaisesRegex(redis.ResponseError, text):
                r.execute_command(*command)
        self.assertTrue(r.ping())

    def test_reconnects_by_itself(self):
        """When the server has closed a connection of the pool, a command takes another."""
        r = self.client(retry_on_error=[redis.ConnectionError],
                        retry=redis.retry.Retry(redis.backoff.NoBackoff(), 3))
        r.set("a", "x")
        connection = r.connection_pool.get_connection("_")
        connection._sock.shutdown(socket.SHUT_RDWR)
        r.connection_pool.release(connection)
        self.assertEqual(r.get("a"), "x")


class Errors(OneServer):
    """The client tells errors apart by their texts."""

    def refused(self, kind, text, call):
        with self.assertRaisesRegex(kind, text) as caught:
            call()
        self.assertIs(type(caught.exception), kind)
        self.assertTrue(self.r.ping())

    def test_classes(self):
        r = self.r
        r.set("a", "x")
        r.rpush("l", "x")
        self.refused(redis.ResponseError, "WRONGTYPE", lambda: r.get("l"))
        self.refused(redis.ResponseError, "value is not an integer", lambda: r.incr("a"))
        self.refused(redis.ResponseError, "syntax error",
                     lambda: r.execute_command("SET", "a", "b", "nonsense"))
        self.refused(redis.ResponseError, "wrong number of arguments for 'get' command",
                     lambda: r.execute_command("GET"))
        self.refused(redis.ResponseError, "unknown command 'NOSUCH'",
                     lambda: r.execute_command("NOSUCH"))
        self.refused(redis.ResponseError, "invalid expire time in 'set' command",
                     lambda: r.set("a", "b", ex=-1))

    def test_too_many_clients_are_a_connection_error(self):
        with server("--max-clients", "1") as port, contextlib.ExitStack() as open_ones:
            until(lambda: connected(redis.Redis(port=port), open_ones))
            # What the server says can be there before the command is sent: the pool knows no more then.
            with self.assertRaisesRegex(redis.ConnectionError, "max number of clients|not ready"):
                redis.Redis(port=port).ping()

    def test_a_time_out_leaves_no_answer_behind(self):
        if is_redis():
            self.skipTest("SPIN is ours")
        r = redis.Redis(port=self.port, socket_timeout=0.1)
        with self.assertRaises(redis.TimeoutError):
            r.execute_command("SPIN", 1000)
        r = self.client()
        self.assertEqual(r.echo("mine"), "mine")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = sys.argv.pop(1)
    unittest.main(verbosity=2)
