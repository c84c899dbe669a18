// A provider of OpenID Connect (panva's oidc-provider) that tests steer: who sits at the browser, what the provider
// says of them, and what it signs wrongly. Steered by POST /steer with JSON; started by a_provider.py.
import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { MODULES, PORT, REDIRECT_URIS, CLIENT_ID, CLIENT_SECRET, KEY_ID, AUTH_METHOD } = process.env;
const load = (name) => import(pathToFileURL(createRequire(`${MODULES}/`).resolve(name)));
const { Provider } = await load("oidc-provider");
const { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } = await load("jose");

const keyPair = (kid) => ({
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" }),
  kid, alg: "RS256", use: "sig",
});
const own = keyPair(KEY_ID);
const stranger = keyPair(KEY_ID);
const issuer = `http://127.0.0.1:${PORT}`;
// How it is steered: `who` signs in next; `people` by subject; `error` in place of a sign-in; `claims` and `header`
// are put over those of the next ID token; `key` "stranger" signs it with a key that is none of the provider's.
let steered = { who: null, people: {}, error: null, claims: null, header: null, key: "own" };

const provider = new Provider(issuer, {
  clients: [{
    client_id: CLIENT_ID, client_secret: CLIENT_SECRET, redirect_uris: REDIRECT_URIS.split(","),
    token_endpoint_auth_method: AUTH_METHOD,
  }],
  clientAuthMethods: [AUTH_METHOD],
  jwks: { keys: [own] },
  cookies: { keys: ["of a test"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  features: { devInteractions: { enabled: false }, userinfo: { enabled: true } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...steered.people[sub] }) }),
  // Who signs in has agreed.
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (ctx.path === "/steer") {
    let text = "";
    for await (const piece of ctx.req) text += piece;
    steered = { ...steered, ...JSON.parse(text) };
    ctx.body = {};
    return;
  }
  if (ctx.path.startsWith("/interaction/")) {
    const result = steered.error
      ? { error: steered.error, error_description: "the person did not agree" }
      : { login: { accountId: steered.who } };
    await provider.interactionFinished(ctx.req, ctx.res, result);
    ctx.respond = false;
    return;
  }
  await next();
  if (ctx.path === "/token" && ctx.body?.id_token && (steered.claims || steered.header || steered.key !== "own")) {
    const claims = { ...decodeJwt(ctx.body.id_token), ...steered.claims };
    const header = { ...decodeProtectedHeader(ctx.body.id_token), ...steered.header };
    if (header.alg === "none") {
      const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
      ctx.body = { ...ctx.body, id_token: `${part(header)}.${part(claims)}.` };
    } else {
      const signing = header.alg === "HS256"
        ? new TextEncoder().encode(CLIENT_SECRET)
        : await importJWK(steered.key === "own" ? own : stranger, "RS256");
      const id_token = await new SignJWT(claims).setProtectedHeader(header).sign(signing);
      ctx.body = { ...ctx.body, id_token };
    }
  }
});

provider.listen(Number(PORT), "127.0.0.1", () => console.log("listening"));
