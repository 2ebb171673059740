// Drives salesforce-pubsub-api-client, unchanged. Usage: node pubsub.js <base url> <TLS port of the Pub/Sub API>; prints JSON.
const jsforce = require("jsforce");
const PubSubApiClient = require("salesforce-pubsub-api-client").default ?? require("salesforce-pubsub-api-client");

const [base, port] = process.argv.slice(2);
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const EVENT = "/event/BC_Order_Status__e";
const out = {};

function collect(client, topic, count, start) {
  return new Promise((resolve, reject) => {
    const events = [];
    const callback = (_subscription, type, data) => {
      if (type === "event") events.push(data);
      if (type === "lastEvent" || events.length === count) resolve(events);
      if (type === "error") reject(data);
    };
    start(callback);
  });
}

async function main() {
  const conn = new jsforce.Connection({ loginUrl: base, version: "60.0" });
  await conn.login("admin@sandbox.example", "sandbox-password");
  const client = new PubSubApiClient(
    {
      authType: "username-password",
      loginUrl: base,
      username: "admin@sandbox.example",
      password: "sandbox-password",
      pubSubEndpoint: `127.0.0.1:${port}`,
      rejectUnauthorizedSsl: false,
    },
    quiet,
  );
  await client.connect();
  const contact = await conn.sobject("Contact").create({ LastName: "Marsh", FirstName: "Olivia", Email: "o@h.example" });
  await conn.sobject("Contact").update({ Id: contact.id, FirstName: null, MailingCity: "Bath", Title: "Dr" });
  await conn.sobject("Contact").destroy(contact.id);
  const topic = "/data/ContactChangeEvent";
  const changes = await collect(client, topic, 3, (cb) => client.subscribeFromEarliestEvent(topic, cb, 3));
  out.contact = contact.id;
  out.changes = changes.map((event) => event.payload);
  const all = "/data/ChangeEvents";
  const replay = changes[0].replayId;
  out.replayed = (await collect(client, all, 2, (cb) => client.subscribeFromReplayId(all, cb, 2, replay))).map(
    (event) => event.payload.ChangeEventHeader.changeType,
  );
  const record = { CreatedDate: Date.now(), CreatedById: "005", Order__c: { string: "7" }, Total__c: { double: 1.5 } };
  out.published = await client.publish(EVENT, record, "correlation-1");
  const batch = await new Promise((resolve, reject) => {
    const done = (_info, type, data) => (type === "publishResponse" ? resolve(data) : type === "error" && reject(data));
    client.publishBatch(EVENT, [{ payload: record }, { payload: record }], done).catch(reject);
  });
  out.batch = batch.results.length;
  const events = await collect(client, EVENT, 3, (cb) => client.subscribeFromEarliestEvent(EVENT, cb, 3));
  out.events = events.map((event) => event.payload.Order__c);
  out.eventReplay = events[0].replayId;
  client.close();
  console.log(JSON.stringify(out));
  process.exit(0);
}

main().catch((error) => {
  console.error(error, error.cause);
  process.exit(1);
});
