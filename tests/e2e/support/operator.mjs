// A NATS operator of the test's own: accounts and users that are known by their keys, as `nsc` makes them.
import { createAccount, createOperator, createUser, encodeAccount, encodeOperator, encodeUser, fmtCreds } from "@nats-io/jwt";

/** No limits. */
const FREE = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1, mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/**
 * Makes an operator with an account that has JetStream, and a user of it.
 * @returns {Promise<{config: string, creds: string, secrets: string[]}>} lines for a server's configuration, the text of the
 *   user's `.creds` file, and what of it nobody else may see
 */
export async function makeOperator() {
  const [operator, system, account, user] = [createOperator(), createAccount(), createAccount(), createUser()];
  const operatorJwt = await encodeOperator("mill", operator);
  const systemJwt = await encodeAccount("system", system, {}, { signer: operator });
  const accountJwt = await encodeAccount("plant", account, { limits: FREE }, { signer: operator });
  const userJwt = await encodeUser("reader", user, account, {});
  const seed = new TextDecoder().decode(user.getSeed());
  const config = `
    operator: "${operatorJwt}"
    system_account: ${system.getPublicKey()}
    resolver: MEMORY
    resolver_preload: { ${system.getPublicKey()}: "${systemJwt}", ${account.getPublicKey()}: "${accountJwt}" }
  `;
  return { config, creds: new TextDecoder().decode(fmtCreds(userJwt, user)), secrets: [seed, userJwt] };
}
