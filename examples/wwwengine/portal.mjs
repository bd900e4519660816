// The life of a customer over Tenantry's WWWEngine API, as a provider's portal in Node leads it. README.md says how to run it.

import { env, exit, pid } from "node:process";

import { Refused, Tenantry } from "./tenantry.mjs";

function check(holds, status, meaning) {
  if (!holds) {
    console.error(`FAILED  ${status}  ${meaning}`);
    exit(1);
  }
  console.log(`ok  ${status}  ${meaning}`);
}

/** Makes a call that must be refused with this status, and returns the refusal. */
async function refused(status, meaning, call) {
  try {
    await call();
  } catch (refusal) {
    if (!(refusal instanceof Refused)) throw refusal;
    check(refusal.status === status, status, `${meaning} (${refusal.message})`);
    return refusal;
  }
  check(false, status, `${meaning} (it was not refused)`);
}

const url = env.TENANTRY_URL ?? "http://127.0.0.1:8080";
const { TENANTRY_ACCOUNT: account, TENANTRY_PUBLIC_KEY: publicKey, TENANTRY_PRIVATE_KEY: privateKey } = env;
const tenantry = new Tenantry(url, account, publicKey, privateKey);

const email = `node.${Date.now()}.${pid}@example.com`;
const customer = {
  type: "customer",
  email,
  password: "abc@path6re",
  parentID: account,
  autoSignup: 0,
  buyingCurrency: "INR",
  userInfo: { dateOfBirth: "1970-01-01" },
  contactInfo: {
    postalInfo: {
      title: "Mr.",
      firstName: "Abc",
      lastName: "Xyz",
      organization: "ABC Education Service, India",
      address: {
        street: ["2nd Floor, 39/43 ABC Complex, Nesbit Road, Mazgaon"],
        city: "Mumbai",
        postalCode: "400 010",
        state: "Maharashtra",
        countryCode: "IN",
      },
    },
    voice: { number: "+91.2554254", countrycode: "29", ext: "" },
    callInPin: "1234",
  },
  preferences: { phoneNoType: "work" },
};

const id = await tenantry.add(customer);
check(id > 0, 200, "the customer is added");
check((await tenantry.read(id)).status === "inactive", 200, "and waits for its activation");

await tenantry.edit(id, {
  contactInfo: {
    postalInfo: { organization: "ABC" },
    cell: { number: "+91.8885242124", countrycode: "29" },
  },
});
check(true, 200, "the customer is edited");
const { postalInfo } = (await tenantry.read(id)).contactInfo;
check(postalInfo.organization === "ABC", 200, "what was edited has changed");
check(postalInfo.address.city === "Mumbai", 200, "and nothing else");

await tenantry.activate(id);
check(true, 200, "the customer is activated");
const found = await tenantry.list({ email, status: "active" });
check(found.total === 1 && found.users[0].id === id, 200, "a list finds it among the active ones");

// What goes wrong, and how the server says so.

const stranger = new Tenantry(url, account, publicKey, "0".repeat(64));
await refused(401, "a wrong signature is refused", () => stranger.read(id));

const wrong = structuredClone(customer);
wrong.email = `new.${email}`;
wrong.userInfo.dateOfBirth = "2099-01-01";
wrong.contactInfo.postalInfo.address.countryCode = "XX";
const { errors } = await refused(422, "wrong fields are refused", () => tenantry.add(wrong));
const fields = errors.map((error) => error.field);
check(fields.includes("contactInfo.postalInfo.address.countryCode"), 422, "an unknown country is named");
check(fields.includes("userInfo.dateOfBirth"), 422, "and in the same answer a birth in the future");

await refused(400, "a body that is not JSON is refused", () => tenantry.send("POST", "/user", "this is not JSON"));
await refused(404, "an id that does not exist is not found", () => tenantry.read(Number.MAX_SAFE_INTEGER));

// An answer may be lost on the way. Add again: when the first call did arrive, the refusal names the customer that it made.
const twice = await refused(409, "the same customer is not added twice", () => tenantry.add(customer));
check(twice.errors[0].existing_id === id, 409, "and the one that is there is named");

await tenantry.delete(id);
check(true, 200, "the customer is deleted");
