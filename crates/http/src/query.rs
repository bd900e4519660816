//! Raw query strings, split and decoded in two steps: what signs a request is read undecoded.

/// The parameters, split at `&` and at the first `=`, as they came.
pub fn pairs(raw: &str) -> impl Iterator<Item = (&str, &str)> {
    raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Percent-decodes a name or value, a plus being a space (WHATWG URL, application/x-www-form-urlencoded). `None` when it is malformed or not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                high * 16 + low
            }
            other => other,
        });
    }
    String::from_utf8(out).ok()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_split_as_it_came_and_decoded_apart() {
        let split: Vec<_> = pairs("a=1&&b=x%20y=z&c").collect();
        assert_eq!(split, [("a", "1"), ("b", "x%20y=z"), ("c", "")]);
        assert_eq!(decode("x%20y+%C3%BC").as_deref(), Some("x y ü"));
        for malformed in ["%", "%2", "%zz", "%+1", "%ff"] {
            assert_eq!(decode(malformed), None, "{malformed}");
        }
    }
}
