// Serves better-auth from as many processes as asked for, which share one port.

import cluster from "node:cluster";
import { createServer } from "node:http";

if (cluster.isPrimary) {
    for (let number = 0; number < Number(process.env.PEER_WORKERS); number += 1) cluster.fork();
    cluster.on("exit", (worker) => {
        if (worker.exitedAfterDisconnect) return;
        console.error(`worker ${worker.id} ended`);
        process.exit(1);
    });
    process.on("SIGTERM", () => process.exit(0));
} else {
    const { toNodeHandler } = await import("better-auth/node");
    const { auth } = await import("./auth.js");
    createServer({ keepAliveTimeout: 75_000 }, toNodeHandler(auth)).listen(Number(process.env.PEER_PORT), "127.0.0.1");
    // With the primary gone there is nobody to serve for.
    process.on("disconnect", () => process.exit(0));
}
