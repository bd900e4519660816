//! Every number that bounds a record, with its unit in its name and its reason beside it.

/// A name, an organization, a city, a line of a street: RFC 5733 has `normalizedString` of 1 to 255 characters.
pub const NAME_MAX_CHARS: usize = 255;
/// A title before a name ("Mr.", "Prof. Dr. med."): no longer one is in use.
pub const TITLE_MAX_CHARS: usize = 32;
/// Lines of a street: RFC 5733 `street` may stand up to three times.
pub const STREET_MAX_LINES: usize = 3;
/// A postal code: RFC 5733 `pcType`, at most 16 characters.
pub const POSTAL_CODE_MAX_CHARS: usize = 16;
/// An e-mail address: RFC 5321 section 4.5.3.1.3 allows 256 octets with the angle brackets around it.
pub const EMAIL_MAX_OCTETS: usize = 254;
/// A password's least length: ASVS 5.0, 6.2.1.
pub const PASSWORD_MIN_CHARS: usize = 8;
/// A password's greatest length: above the 64 that ASVS 5.0, 6.2.9 demands, and short enough to hash at a known price.
pub const PASSWORD_MAX_CHARS: usize = 256;
/// What a hash that was made elsewhere may cost to check: several times what OWASP's Password Storage Cheat Sheet recommends, and no gibibytes.
pub const ARGON2_MAX_MEMORY_KIB: u32 = 256 * 1024;
/// Passes of such a hash.
pub const ARGON2_MAX_PASSES: u32 = 16;
/// Lanes of such a hash.
pub const ARGON2_MAX_LANES: u32 = 16;
/// The least cost that bcrypt has.
pub const BCRYPT_MIN_COST: u32 = 4;
/// At 15 a check takes some two seconds; nobody logs in for longer.
pub const BCRYPT_MAX_COST: u32 = 15;
/// A call-in PIN's least number of digits: what callers remember.
pub const PIN_MIN_DIGITS: usize = 4;
/// A call-in PIN's greatest number of digits.
pub const PIN_MAX_DIGITS: usize = 12;
/// A tag: some words.
pub const TAG_MAX_CHARS: usize = 64;
/// Tags of one customer: more are a custom field in disguise, and each is an entry of an index.
pub const TAGS_MAX: usize = 64;
/// Contacts of one customer: a department each.
pub const CONTACTS_MAX: usize = 16;
/// Custom fields of one tenant, and so of one customer: each is an entry of an index.
pub const CUSTOM_FIELDS_MAX: usize = 64;
/// A custom field's name: a column's.
pub const CUSTOM_FIELD_NAME_MAX_CHARS: usize = 64;
/// Digits from which on a phone number may tell that two customers are the same: shorter ones are extensions and services.
pub const TWIN_PHONE_MIN_DIGITS: usize = 7;
/// Likely twins that are named at most, and looked at of each thing that they have in common: a call centre's number is that of thousands.
pub const TWINS_MAX: usize = 20;
/// Digits of a phone number after the plus sign: ITU-T E.164.
pub const PHONE_MAX_DIGITS: usize = 15;
/// The text of a phone number with everything that people write between the digits.
pub const PHONE_MAX_CHARS: usize = 32;
/// A phone extension.
pub const EXTENSION_MAX_CHARS: usize = 16;
/// Digits of an extension that is written behind a phone number.
pub const EXTENSION_MAX_DIGITS: usize = 7;
/// The older system's own number of a country ("29"): its clients send at most five digits.
pub const PHONE_COUNTRY_ID_MAX_DIGITS: usize = 5;
/// Why something was done to an account: some sentences.
pub const REASON_MAX_CHARS: usize = 500;
/// Short words: device type, phone number type.
pub const WORD_MAX_CHARS: usize = 32;
/// What a caller claims to be the end user's address; the text of an IPv6 address with scope fits.
pub const CLAIMED_ADDRESS_MAX_CHARS: usize = 64;
/// The caller's own id of a customer.
pub const EXTERNAL_ID_MAX_CHARS: usize = 255;
/// Networks in one allow list: an office has a handful; each is compared at each request.
pub const ALLOW_MAX_NETWORKS: usize = 64;
/// Name servers of one customer: a delegation is refused with fewer by most registries.
pub const NAME_SERVERS_MIN: usize = 2;
/// Name servers of one customer: thirteen fit a 512-octet DNS answer, which is why registries stop there (RFC 3226 section 1).
pub const NAME_SERVERS_MAX: usize = 13;
/// Glue addresses of one name server.
pub const GLUE_MAX_ADDRESSES: usize = 13;
/// A host name: RFC 1123 section 2.1, in octets of its ASCII form.
pub const HOST_NAME_MAX_OCTETS: usize = 253;
/// Social pages and social info, as JSON text: some dozens of links.
pub const SOCIAL_MAX_OCTETS: usize = 16 * 1024;
/// One text within social info: browsers stop at about two thousand characters of a link.
pub const URL_MAX_CHARS: usize = 2048;
/// Providers below providers: deeper chains are not sold, and each request walks its chain.
pub const PROVIDER_MAX_DEPTH: usize = 8;
/// Keys of one account that are neither revoked nor expired: enough for some systems, each with two during a rotation.
pub const LIVE_KEYS_MAX: usize = 32;
/// How long a closed or deleted account can be reopened.
pub const REOPEN_WITHIN_DAYS: i64 = 30;
/// The longest piece of a refused value that a message quotes back.
pub const QUOTED_MAX_CHARS: usize = 40;
/// The year of birth before which a date is taken for a mistake.
pub const BIRTH_YEAR_MIN: i16 = 1900;
/// The largest prepaid balance: what the signed 32-bit integers of older clients hold.
pub const QUOTA_MAX: u32 = i32::MAX as u32;
/// A key that makes a move of a quota happen once: Stripe and others take as many characters.
pub const IDEMPOTENCY_KEY_MAX_CHARS: usize = 255;
/// How long the answer to a request with a key is kept: a client that was cut off on a Friday tries again within the week.
pub const IDEMPOTENCY_KEPT_DAYS: i64 = 7;
/// A package's identifier: a word that stands in a path.
pub const IDENTIFIER_MAX_CHARS: usize = 64;
/// Packages of one provider that are not deleted: price lists have dozens; each list of them is read whole.
pub const PACKAGES_MAX: usize = 1_000;
