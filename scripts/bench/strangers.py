"""People from all over the accounts, each of whom asks once: nothing that a node keeps of those who asked before helps."""

from scripts.bench import targets
from scripts.bench.people import spread
from scripts.bench.plan import Plan, Request
from scripts.bench.rounds import tell
from scripts.bench.workload import READERS, bearer

# Fewer are answered within so little time that nothing can be told of it.
MANY = 5_000
# For so many seconds they may ask. wrk goes on waiting when all have been answered.
LONGEST = 6
# What has just been started is warmed up for so many seconds, by others.
WARM = 1


class Strangers:
    """They log in once, and ask each time after the node was started anew."""

    def __init__(self, service, count):
        usernames = spread(service.accounts, count)
        self.service, self.plan = service, None
        if len(usernames) < MANY:
            return
        tell(f"  {service.name}: {len(usernames)} people from all over log in")
        sessions = service.door.sessions(usernames, len(usernames))
        requests = [Request("GET", "/api/user/me", bearer(one.access)) for one in sessions]
        self.plan = Plan(requests, "once", READERS)

    def measure(self, warm_up):
        """Figures of `me` while nobody who asks was met before; none where there are too few."""
        if self.plan is None:
            return {}
        node = self.service.nodes[0]
        node.stop()
        node.start(self.service.program)
        warm_up(WARM)
        found = targets.loaded(self.service, [self.plan], LONGEST)
        return {f"strangers {name}": found[name] for name in ("rate", "p50", "p99", "processor")}
