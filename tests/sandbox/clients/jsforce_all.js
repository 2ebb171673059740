// Drives jsforce, unchanged, through what people use it for. Usage: node jsforce_all.js <base url>; prints JSON.
const crypto = require("crypto");
const jsforce = require("jsforce");

const [base] = process.argv.slice(2);
const out = {};

async function webServerFlow() {
  const oauth2 = new jsforce.OAuth2({
    loginUrl: base,
    clientId: "sandbox-client",
    clientSecret: "sandbox-secret",
    redirectUri: "http://localhost:7777/callback",
    useVerifier: true,
  });
  const url = oauth2.getAuthorizationUrl({ scope: "api id refresh_token", state: "s1" });
  await fetch(url);
  const form = new URLSearchParams(new URL(url).search);
  form.set("username", "admin@sandbox.example");
  form.set("password", "sandbox-password");
  const approved = await fetch(`${base}/services/oauth2/authorize`, { method: "POST", body: form, redirect: "manual" });
  const back = new URL(approved.headers.get("location"));
  out.state = back.searchParams.get("state");
  const conn = new jsforce.Connection({ oauth2 });
  await conn.authorize(back.searchParams.get("code"));
  out.instanceUrl = conn.instanceUrl;
  out.refreshToken = Boolean(conn.refreshToken);
  out.identity = (await conn.identity()).username;
  out.organizationId = conn.userInfo.organizationId;
  return conn;
}

async function soapLogin() {
  const conn = new jsforce.Connection({ loginUrl: base });
  const user = await conn.login("admin@sandbox.example", "sandbox-password");
  out.loginUser = user.id;
  out.loggedIn = (await conn.query("SELECT Id FROM User")).totalSize;
  await conn.logout();
}

async function records(conn) {
  const account = await conn.sobject("Account").create({ Name: "Jsforce & Söhne" });
  out.created = account;
  out.updated = await conn.sobject("Account").update({ Id: account.id, Phone: "123" });
  out.retrieved = await conn.sobject("Account").retrieve(account.id);
  const many = Array.from({ length: 450 }, (_, i) => ({ LastName: `Person ${i}`, AccountId: account.id }));
  const made = await conn.sobject("Contact").create(many, { allowRecursive: true });
  out.collection = made.filter((one) => one.success).length;
  const seen = [];
  await new Promise((resolve, reject) => {
    conn
      .query("SELECT Id, Name, Account.Name FROM Contact WHERE LastName LIKE 'Person %'")
      .on("record", (record) => seen.push(record))
      .on("end", resolve)
      .on("error", reject)
      .run({ autoFetch: true, maxFetch: 10000, headers: { "Sforce-Query-Options": "batchSize=200" } });
  });
  out.fetched = seen.length;
  out.parent = seen[0].Account.Name;
  const found = await conn.sobject("Contact").find({ AccountId: account.id }, "Id, Name").limit(3).sort("-Name");
  out.found = found.map((one) => one.Name);
  out.deleted = (await conn.sobject("Contact").destroy(seen.slice(0, 5).map((one) => one.Id))).length;
  out.left = (await conn.query("SELECT COUNT() FROM Contact WHERE LastName LIKE 'Person %'")).totalSize;
  out.grouped = (await conn.query("SELECT Account.Name name, COUNT(Id) n FROM Contact GROUP BY Account.Name")).records.length;
}

async function upserts(conn) {
  await conn.tooling.sobject("CustomField").create({
    FullName: "Account.BC_Key__c",
    Metadata: { type: "Text", label: "BC Key", length: 40, externalId: true, unique: true, caseSensitive: true },
  });
  out.firstUpsert = await conn.sobject("Account").upsert({ Name: "Upserted", BC_Key__c: "k/1" }, "BC_Key__c");
  out.secondUpsert = await conn.sobject("Account").upsert({ Name: "Upserted again", BC_Key__c: "k/1" }, "BC_Key__c");
  out.upserts = await conn.sobject("Account").upsert(
    [{ Name: "A", BC_Key__c: "k/1" }, { Name: "B", BC_Key__c: "k2" }, { BC_Key__c: "k3" }],
    "BC_Key__c",
  );
  const describe = await conn.sobject("Account").describe();
  out.described = describe.fields.filter((field) => field.externalId).map((field) => field.name);
  out.objects = (await conn.describeGlobal()).sobjects.map((one) => one.name);
  out.limits = (await conn.limits()).DailyApiRequests.Max;
}

async function composite(conn) {
  const prefix = `/services/data/v${conn.version}`;
  out.composite = await conn.requestPost(`${prefix}/composite`, {
    allOrNone: true,
    compositeRequest: [
      { method: "POST", url: `${prefix}/sobjects/Account`, referenceId: "acc", body: { Name: "Composite" } },
      { method: "POST", url: `${prefix}/sobjects/Contact`, referenceId: "con", body: { LastName: "C", AccountId: "@{acc.id}" } },
      { method: "GET", url: `${prefix}/sobjects/Contact/@{con.id}?fields=AccountId`, referenceId: "got" },
    ],
  });
}

async function bulk(conn) {
  const rows = Array.from({ length: 300 }, (_, i) => ({ Name: `Bulk ${i}`, BC_Key__c: `bulk-${i}` }));
  rows.push({ Name: "x".repeat(300), BC_Key__c: "too-long" });
  conn.bulk2.pollInterval = 50;
  const results = await conn.bulk2.loadAndWaitForResults({ object: "Account", operation: "upsert", externalIdFieldName: "BC_Key__c", input: rows });
  out.bulk = {
    good: results.successfulResults.length,
    bad: results.failedResults.map((row) => row.sf__Error),
    unprocessed: results.unprocessedRecords.length,
  };
  const stream = await conn.bulk2.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Bulk %'");
  const queried = await stream.toArray();
  out.bulkQuery = queried.length;
}

async function errors(conn) {
  try {
    await conn.sobject("Account").create({ Nonsense: 1 });
  } catch (error) {
    out.error = { name: error.name, code: error.errorCode, message: error.message };
  }
  await fetch(`${base}/_sandbox/session/expire`, { method: "POST" });
  out.afterExpiry = (await conn.query("SELECT Id FROM Organization")).totalSize;
}

(async () => {
  await soapLogin();
  const conn = await webServerFlow();
  await records(conn);
  await upserts(conn);
  await composite(conn);
  await bulk(conn);
  await errors(conn);
  console.log(JSON.stringify(out));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
