// The life of a customer over XML-RPC with npm's `xmlrpc`, and the UserLand conformance methods.

import { isDeepStrictEqual as same } from "node:util";
import { createRequire } from "node:module";
import { env, exit, pid } from "node:process";

// An `import` looks beside this file only; the package is where NODE_PATH says.
const xmlrpc = createRequire(import.meta.url)("xmlrpc");

function check(holds, word, meaning) {
  if (holds) return;
  console.error(`FAILED  ${word}  ${meaning}`);
  exit(1);
}

function step(word, meaning) {
  console.log(`ok  ${word}  ${meaning}`);
}

function setting(name) {
  if (env[name] === undefined) {
    console.error(`Set ${name}`);
    exit(2);
  }
  return env[name];
}

/** A client of the endpoint at this URL: a function of a method and its arguments. */
function connect(url, basic_auth) {
  const { protocol, hostname: host, port, pathname: path } = new URL(url);
  const options = { host, port, path, basic_auth };
  const client = protocol === "https:" ? xmlrpc.createSecureClient(options) : xmlrpc.createClient(options);
  return (method, ...args) =>
    new Promise((resolve, reject) => {
      client.methodCall(method, args, (error, value) => (error ? reject(error) : resolve(value)));
    });
}

/** Makes a call that must end in the fault with this code, and returns what the fault says. */
async function refused(code, word, call) {
  try {
    await call();
  } catch (fault) {
    check(fault.faultCode === code, word, `the fault ${code}, not ${fault.faultCode}: ${fault.message}`);
    return fault.faultString;
  }
  return check(false, word, `the fault ${code} (the call was answered)`);
}

const url = `${setting("TENANTRY_URL")}/api/2.0/xmlrpc/`;
const user = setting("TENANTRY_USER");
const ask = connect(url, { user, pass: setting("TENANTRY_KEY") });
const mark = `node-${pid}-${Date.now()}`;

const sent = {
  name: "Ünïcødé & Söhne <GmbH> 日本",
  email: `${mark}@example.com`,
  telephone: "+27 11 447 6147",
  address: "Line 1\nLine 2",
  country: "ZA",
  industry: "Hospitality, Travel & Tourism",
  website_url: "https://example.org/?a=1&b=2",
  unique_id: mark,
  status: "on",
};
const made = await ask("CreateCustomer", sent);
const { id } = made;
check(Number.isInteger(id) && id > 0, "create", "the id is an integer above 0");
check(/^[A-Za-z0-9]{16}$/.test(made.hash), "create", "the hash has 16 letters and digits");
const expected = { ...sent, deleted: "no", is_department: "no", email_quota: 0 };
for (const [member, value] of Object.entries(expected)) {
  check(made[member] === value, "create", `${member} is ${value}, not ${made[member]}`);
}
for (const [member, value] of Object.entries(made)) {
  const fits = typeof value === "string" || Number.isInteger(value);
  check(fits, "create", `${member} is a string or an int, not ${typeof value}`);
}
step("create", "the customer has an id, and every text as it was sent");

check(same(await ask("GetCustomer", id), made), "get", "GetCustomer gives what CreateCustomer gave");
check(same(await ask("customers.GetCustomer", id), made), "get", "and so does customers.GetCustomer");
step("get", "the customer is read, under both names of the method");

let edited = await ask("UpdateCustomer", id, { email_quota: 500, postal_code: "2196" });
const changedOnly = same(edited, { ...made, email_quota: 500, postal_code: "2196" });
check(changedOnly, "update", "what was sent has changed and nothing else");
edited = await ask("UpdateCustomer", String(id), { email_quota: 501 });
check(edited.id === id && edited.email_quota === 501, "update", "a numeric string serves as the id");
edited = await ask("GetCustomer", id, { fax: "+27 11 447 6148" });
const kept = edited.fax === "+27 11 447 6148" && edited.name === sent.name;
check(kept, "update", "GetCustomer with a struct updates");
step("update", "what was sent has changed and nothing else");

const ids = (list) => list.map((one) => one.id);
check(ids(await ask("ListCustomers")).includes(id), "list", "a list without parameters has the customer");
const found = await ask("ListCustomers", 1, 10, "name", "DESC", { email: sent.email });
check(same(ids(found), [id]), "list", "a filter by e-mail finds just this one");
check(ids(await ask("ListCustomers", 1, 50, "", "ASC", {})).includes(id), "list", "an empty struct is no filter");
check(ids(await ask("ListCustomers", 1, 50, "", "ASC", [])).includes(id), "list", "and neither is an empty array");
step("list", "lists have the customer, with and without parameters");

const identifier = `gold-${mark}`;
const pack = await ask("CreatePackage", { name: "Gold", identifier, channel: "email", quantity: 1000 });
check(Number.isInteger(pack.id) && pack.id > 0, "package", "the id is an integer above 0");
check(pack.channel === "email" && pack.status === "on", "package", "the package is for e-mail, and on");
let changed = await ask("ChangeEmailPackage", id, identifier);
check(changed.id === id, "package", "the change gives the customer");
check(changed.email_package_id === pack.id, "package", "the package is given by its identifier");
changed = await ask("ChangeEmailPackage", id, 0);
check(changed.email_package_id === 0, "package", "0 takes the package away");
changed = await ask("ChangeEmailPackage", id, pack.id);
check(changed.email_package_id === pack.id, "package", "the package is given by its id");
check(ids(await ask("ListPackages")).includes(pack.id), "package", "a list has the package");
await ask("ChangeEmailPackage", id, 0);
check((await ask("DeletePackage", pack.id)) === true, "package", "the package is deleted");
step("package", "a package is made, given, taken away and deleted");

await refused(404, "fault", () => ask("GetCustomer", 999999999));
const wrong = { email: "not an address", country: "XX" };
const said = await refused(422, "fault", () => ask("UpdateCustomer", id, wrong));
check(said.includes("email") && said.includes("country"), "fault", `both wrong fields are named, not: ${said}`);
await refused(-32601, "fault", () => ask("NoSuchMethod", id));
step("fault", "404, 422 and -32601 come as faults");

const stranger = connect(url, { user, pass: "0".repeat(32) });
const refusal = await stranger("GetCustomer", id).catch((error) => error);
check(refusal instanceof Error, "credentials", "a wrong key is refused");
// This client looks at no status but 404: it tries to read whatever comes, and hands the answer out beside its error.
check(refusal.res?.statusCode === 401, "credentials", `the status is 401, not ${refusal.res?.statusCode}`);
step("credentials", "a wrong key is refused with the status 401");

const validator = connect(setting("VALIDATOR_URL"));
const validate = (test, ...args) => validator(`validator1.${test}`, ...args);
const stooges = [1, 2, 3, 4, 5].map((n) => ({ moe: n, larry: -n, curly: 10 * n }));
check((await validate("arrayOfStructsTest", stooges)) === 150, "validator", "arrayOfStructsTest");
const entities = await validate("countTheEntities", `<<a>> & "b" & 'c' ü 日 > &amp;`);
const counted = {
  ctLeftAngleBrackets: 2,
  ctRightAngleBrackets: 3,
  ctAmpersands: 3,
  ctApostrophes: 2,
  ctQuotes: 2,
};
check(same(entities, counted), "validator", "countTheEntities");
const sum = await validate("easyStructTest", { moe: 5, larry: -7, curly: 2147483000 });
check(sum === 2147482998, "validator", "easyStructTest");
const nested = {
  text: " ü <&> 日本\n",
  empty: "",
  double: -0.25,
  true: true,
  rows: [[], {}, [1, "two", { three: 3 }]],
};
check(same(await validate("echoStructTest", nested), nested), "validator", "echoStructTest");
const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const many = [-7, false, "text", 3.5, new Date(1998, 6, 17, 14, 8, 55), bytes];
check(same(await validate("manyTypesTest", ...many), many), "validator", "manyTypesTest");
const words = ["Wörter", ...Array(148).fill("between"), "<end>"];
check((await validate("moderateSizeArrayCheck", words)) === "Wörter<end>", "validator", "moderateSizeArrayCheck");
const days = Object.fromEntries([1, 2, 3].map((day) => [`0${day}`, { moe: day, larry: 2, curly: 3 }]));
const calendar = Object.fromEntries(["1999", "2000"].map((year) => [year, { "03": {}, "04": days }]));
check((await validate("nestedStructTest", calendar)) === 6, "validator", "nestedStructTest");
const times = await validate("simpleStructReturnTest", -12);
const multiplied = { times10: -120, times100: -1200, times1000: -12000 };
check(same(times, multiplied), "validator", "simpleStructReturnTest");
step("validator", "the eight conformance methods answer as UserLand specified them");

check((await ask("DeleteCustomer", id)) === true, "delete", "DeleteCustomer gives true");
check((await ask("GetCustomer", id)).status === "deleted", "delete", "the customer reads as deleted");
step("delete", "the customer is deleted");

step("done", "every step was taken");
