"""What a client is to send, and the file in which client.lua reads it."""

import dataclasses

SEPARATOR = "\x1f"


@dataclasses.dataclass(frozen=True)
class Request:
    """`{name}` in path, headers and body is a value of the thread that sends it, `{number}` one that no other has."""

    method: str
    path: str
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body: str = ""

    def line(self):
        headers = SEPARATOR.join(f"{name}: {value}" for name, value in self.headers.items())
        return ["request", self.method, self.path, headers, self.body]


@dataclasses.dataclass(frozen=True)
class Plan:
    """Requests, the order in which they are sent (see client.lua; "static" is one that wrk sends by itself, without Lua), and how
    many connections send them.

    `values` has, for each thread, what it begins with; `captures` a Lua pattern for each value that answers bring anew.
    """

    requests: list[Request]
    order: str = "cycle"
    connections: int = 64
    threads: int = 1
    values: list[dict[str, str]] = dataclasses.field(default_factory=list)
    captures: dict[str, str] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        if not self.requests:
            raise ValueError("a plan without requests sends nothing")
        if self.order == "static" and (len(self.requests) != 1 or self.requests[0].method != "GET" or self.requests[0].body):
            raise ValueError("without Lua wrk sends one request, a GET")
        if self.order == "steps" and self.connections != self.threads:
            raise ValueError("where answers are remembered a thread has one connection")
        if self.order == "once" and len(self.requests) < self.threads:
            raise ValueError("a request that is sent once is needed for each thread")

    def lines(self):
        yield ["order", self.order]
        yield from (["capture", name, pattern] for name, pattern in self.captures.items())
        for thread, values in enumerate(self.values):
            yield from (["value", str(thread), name, value] for name, value in values.items())
        yield from (request.line() for request in self.requests)

    def write(self, path):
        with path.open("w", encoding="utf-8") as file:
            for line in self.lines():
                if any(sign in part for part in line for sign in "\t\n"):
                    raise ValueError(f"neither tabs nor line breaks can be sent: {line}")
                file.write("\t".join(line) + "\n")
