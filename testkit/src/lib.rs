//! For tests of the program as it is shipped: makes stores, starts and kills servers, signs and sends calls. It knows the command line and the
//! wire, and nothing of the server's insides.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends here, with the reason")]

mod connection;
pub mod postgres;
pub mod private;
mod server;
pub mod wire;

pub use connection::{Answer, Connection};
pub use server::{Server, Store};

/// The `Authorization` header of a name and a secret key (RFC 7617).
pub fn basic(username: &str, key: &str) -> String {
    use base64ct::{Base64, Encoding};
    format!("Basic {}", Base64::encode_string(format!("{username}:{key}").as_bytes()))
}

/// A body that adds a customer below this provider, with this e-mail address.
pub fn customer(parent_id: i64, email: &str) -> serde_json::Value {
    serde_json::json!({
        "type": "customer", "email": email, "password": "abc@path6re", "parentID": parent_id, "autoSignup": 1, "buyingCurrency": "INR",
        "userInfo": {"dateOfBirth": "1970-01-01"},
        "contactInfo": {
            "postalInfo": {
                "title": "Mr.", "firstName": "Abc", "lastName": "Xyz", "organization": "ABC Education Service, India",
                "address": {
                    "street": ["2nd Floor, 39/43 ABC Complex", "Nesbit Road"], "city": "Mumbai", "postalCode": "400 010", "state": "Maharashtra",
                    "countryCode": "IN"
                }
            },
            "voice": {"number": "+91.2554254", "countrycode": "29"},
            "callInPin": "1234"
        },
        "preferences": {"phoneNoType": "work"}
    })
}
