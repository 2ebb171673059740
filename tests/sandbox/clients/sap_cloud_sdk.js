// SAP's Cloud SDK against the stand-in: the client is generated from the stand-in's own $metadata, then used.
const fs = require("node:fs");
const path = require("node:path");
const { generate } = require("@sap-cloud-sdk/generator");

const [root, folder] = process.argv.slice(2);
const USER = { username: "mike", password: "sandbox-password" };
const TSCONFIG = { compilerOptions: { target: "es2021", module: "commonjs", moduleResolution: "node", skipLibCheck: true } };

async function generated() {
  const input = path.join(folder, "metadata");
  const outputDir = path.join(folder, "client");
  fs.mkdirSync(input, { recursive: true });
  const basic = "Basic " + Buffer.from(`${USER.username}:${USER.password}`).toString("base64");
  const types = "CorporateAccount,CustomerOrder";
  const answer = await fetch(`${root}/sap/c4c/odata/v1/c4codataapi/$metadata?$filter=${types}`, { headers: { Authorization: basic } });
  fs.writeFileSync(path.join(input, "c4codataapi.edmx"), await answer.text());
  fs.writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  fs.symlinkSync(path.join(__dirname, "node_modules"), path.join(folder, "node_modules"));
  await generate({ input, outputDir, transpile: true, overwrite: true, skipValidation: true, tsconfig: path.join(folder, "tsconfig.json") });
  return require(path.join(outputDir, "c4codataapi"));
}

function statusOf(error) {
  for (let one = error; one; one = one.cause) {
    if (one.response) return one.response.status;
  }
  throw error;
}

async function main() {
  const started = Date.now();
  const { c4Codataapi, batch, changeset } = await generated();
  const out = { generatedSeconds: (Date.now() - started) / 1000 };
  const destination = { url: root, ...USER, authentication: "BasicAuthentication" };
  const { corporateAccountApi, customerOrderApi, customerOrderItemApi, corporateAccountCountryCodeApi } = c4Codataapi();
  const based = (request) => request.setBasePath("/sap/c4c/odata/v1/c4codataapi");

  const fresh = corporateAccountApi.entityBuilder().roleCode("CRM000").name("Cloud SDK").city("Bonn").countryCode("DE").build();
  const made = await based(corporateAccountApi.requestBuilder().create(fresh)).execute(destination);
  out.created = { id: made.accountId, status: made.lifeCycleStatusCodeText, by: made.createdBy, etag: Boolean(made.versionIdentifier) };

  const read = await based(corporateAccountApi.requestBuilder().getByKey(made.objectId)).execute(destination);
  read.city = "Ulm";
  await based(corporateAccountApi.requestBuilder().update(read)).execute(destination);
  read.city = "Kiel";
  try {
    await based(corporateAccountApi.requestBuilder().update(read)).execute(destination);
    out.stale = 0;
  } catch (error) {
    out.stale = statusOf(error);
  }

  const found = await based(corporateAccountApi.requestBuilder().getAll())
    .filter(corporateAccountApi.schema.NAME.equals("Cloud SDK"), corporateAccountApi.schema.CITY.equals("Ulm"))
    .select(corporateAccountApi.schema.ACCOUNT_ID, corporateAccountApi.schema.CITY, corporateAccountApi.schema.CREATION_ON)
    .execute(destination);
  out.found = found.map((one) => [one.accountId, one.city, one.creationOn.isValid()]);
  out.counted = await based(corporateAccountApi.requestBuilder().getAll().count()).execute(destination);
  const countries = await based(corporateAccountCountryCodeApi.requestBuilder().getAll()).execute(destination);
  out.germany = countries.find((one) => one.code === "DE").description;

  const order = () =>
    customerOrderApi.entityBuilder().buyerPartyId(made.accountId).currencyCode("EUR").buyerId("shop-1")
      .customerOrderItem([customerOrderItemApi.entityBuilder().productId("MUG-01").netAmount("12.50").taxAmount("2.50").build()])
      .build();
  const ordered = await based(customerOrderApi.requestBuilder().create(order())).execute(destination);
  out.order = { gross: ordered.grossAmount.toString(), currency: ordered.currencyCodeText };
  const expanded = await based(customerOrderApi.requestBuilder().getByKey(ordered.objectId))
    .select(customerOrderApi.schema.ID, customerOrderApi.schema.CUSTOMER_ORDER_ITEM)
    .execute(destination);
  out.items = expanded.customerOrderItem.map((one) => [one.id, one.quantityMeasureUnitCodeText]);

  const answers = await batch(
    changeset(customerOrderApi.requestBuilder().create(order()), customerOrderApi.requestBuilder().create(order())),
    customerOrderApi.requestBuilder().getAll().filter(customerOrderApi.schema.BUYER_ID.equals("shop-1")),
  )
    .setBasePath("/sap/c4c/odata/v1/c4codataapi")
    .execute(destination);
  out.batch = {
    success: answers.map((one) => one.isSuccess()),
    statuses: answers[0].responses.map((one) => one.httpCode),
    read: answers[1].as(customerOrderApi).length,
  };
  await based(customerOrderApi.requestBuilder().delete(ordered.objectId)).execute(destination);
  out.deletable = { account: "delete" in corporateAccountApi.requestBuilder(), order: "delete" in customerOrderApi.requestBuilder() };
  console.log(JSON.stringify(out));
}

main().catch((error) => {
  console.error(error.stack, error.rootCause?.response?.data, error.cause);
  process.exit(1);
});
