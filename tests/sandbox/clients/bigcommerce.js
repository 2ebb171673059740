// node-bigcommerce, unchanged, against the stand-in: node bigcommerce.js <port> <auth callback address>
// The client speaks https to fixed hosts; the agents below carry the same bytes to the stand-in's plain port.
const https = require("node:https");
const net = require("node:net");
const BigCommerce = require("node-bigcommerce");

const [port, callback] = process.argv.slice(2);

class Loopback extends https.Agent {
  createConnection(options, done) {
    return net.connect(Number(port), "127.0.0.1", done);
  }
}
const agent = new Loopback();
https.globalAgent = agent;

const config = (more) => ({
  clientId: "sandbox-client",
  secret: "sandbox-secret",
  storeHash: "sandbox1",
  responseType: "json",
  agent,
  ...more,
});

async function main() {
  const url = new URL(callback);
  const query = Object.fromEntries(url.searchParams);
  const token = await new BigCommerce(config({ callback: url.origin + url.pathname })).authorize(query);
  const v2 = new BigCommerce(config({ accessToken: token.access_token }));
  const v3 = new BigCommerce(config({ accessToken: token.access_token, apiVersion: "v3" }));

  const empty = await v2.get("/orders");
  const [customer] = (
    await v3.post("/customers", [{ email: "node@shopper.example", first_name: "No", last_name: "De" }])
  ).data;
  const billing = { first_name: "No", last_name: "De", zip: "E1 6AN", email: customer.email };
  const order = await v2.post("/orders", {
    customer_id: customer.id,
    billing_address: billing,
    products: [{ product_id: 1, quantity: 2 }],
  });
  const changed = await v2.put(`/orders/${order.id}`, { status_id: 11 });
  const products = await v3.get("/catalog/products?include=variants&limit=3");
  const hook = (await v3.post("/hooks", { scope: "store/order/*", destination: "https://app.example/hook" })).data;
  const hooks = await v3.get("/hooks");
  await v3.delete(`/hooks/${hook.id}`);
  const missing = await v2.get("/orders/9999").catch((error) => error);
  const invalid = await v3.post("/customers", [{ email: "x" }]).catch((error) => error);

  console.log(
    JSON.stringify({
      context: token.context,
      empty,
      customer: customer.email,
      total: order.total_inc_tax,
      status: changed.status,
      products: products.data.map((product) => product.variants.length),
      hooks: hooks.data.length,
      missing: missing.code,
      invalid: invalid.code,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
