"""What capacity.py takes for granted: how people behave, which a reader replaces, and what the makers of stores say."""

import dataclasses

DAY = 86_400
GIBI, MEBI = 2**30, 2**20


def assumed(value, says):
    return dataclasses.field(default=value, metadata={"says": says})


@dataclasses.dataclass(frozen=True)
class Assumptions:
    """Each is an option of capacity.py by its name, and has to be more than nothing."""

    daily_active: float = assumed(0.2, "share of all users who are active on a day")
    active_minutes: float = assumed(60, "minutes that such a user is active on that day")
    me_a_minute: float = assumed(1, "`me` in each of these minutes")
    access_minutes: float = assumed(15, "minutes that an access token lives (`access_ttl`): a refresh for each")
    logins: float = assumed(0.1, "logins of an active user on a day: one in ten days")
    wrong_passwords: float = assumed(0.2, "wrong passwords for each login")
    logouts: float = assumed(0.5, "logouts for each login")
    changes: float = assumed(0.02, "changes of an active user on a day")
    registrations: float = assumed(0.0005, "new accounts on a day, for each user that there is")
    peak: float = assumed(3, "what the busiest hour has for each of the average hour")
    busy: float = assumed(0.5, "share of a core, of a disk and of Redis that may be in use at the peak: head-room of 50 %")
    node_cores: float = assumed(8, "cores of a node of Doorward")
    database_node_cores: float = assumed(8, "vCPUs of a node of CockroachDB")
    session_days: float = assumed(60, "days that the row of a session is kept: `refresh_ttl`, and 30 more")
    audit_days: float = assumed(365, "days that an entry of the audit log is kept (`audit_retention`)")
    keep_alive: float = assumed(15, "seconds that a client's connection stays after a request (`keep_alive`)")
    shard_gibibytes: float = assumed(25, "GiB of memory of one shard of Redis")


# Fewer nodes cannot lose one, and CockroachDB not either.
LEAST_NODES = 3
# Of docs/operate.md: copies of documents, what is known of tokens, and signatures that were checked.
MOST_COPIES = (128 + 40 + 5) * 10**6
# What that is room for: tokens whose signature was checked, and documents of 1.5 kB.
MOST_TOKENS, MOST_DOCUMENTS = 16_384, 85_000
# Of docs/deploy/redis.md and docs/decisions/0009: how long Redis keeps what it knows.
STAMP_DAYS, DOCUMENT_MINUTES, CONFIRMED_MINUTES, NETWORK_DAYS = 1, 60, 5, 30

# CockroachDB's documentation; docs/capacity.md names the pages.
REPLICAS = 3
RANGE_BYTES = 512 * MEBI
STORE_BYTES_A_CPU = 320 * GIBI
MOST_STORE_BYTES = 10 * 1024 * GIBI
# TPC-C with 13 000 warehouses: new orders a minute, on 15 machines of 16 vCPUs.
NEW_ORDERS, NEW_ORDER_CPUS = 160_420, 15 * 16
TRANSACTIONS_A_CPU = NEW_ORDERS / 60 / NEW_ORDER_CPUS
# A request unit is the 500th part of a vCPU's second, and a read or write of one row by its key takes so many.
UNITS_A_CPU, UNITS_OF_A_READ = 500, 4.86
READS_A_CPU = UNITS_A_CPU / UNITS_OF_A_READ
