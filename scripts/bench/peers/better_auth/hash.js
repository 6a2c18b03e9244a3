// Prints the hash of a password as better-auth's tables keep it.

import bcrypt from "bcrypt";

console.log(await bcrypt.hash(process.argv[2], Number(process.env.PEER_BCRYPT_COST)));
