//! Which name is meant by one that there is not.

/// How many letters a name may be off, of each that it has: one in three.
const LETTERS_A_SLIP: usize = 3;

/// The name nearest to this one, when one is near.
pub(super) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let folded: Vec<char> = name.chars().filter(|c| *c != '_' && *c != '-').flat_map(char::to_lowercase).take(64).collect();
    let plain = |known: &str| known.chars().filter(|c| *c != '_').collect::<Vec<char>>();
    let (distance, known) = names.iter().map(|known| (distance(&folded, &plain(known)), *known)).min_by_key(|(distance, _)| *distance)?;
    (distance <= folded.len() / LETTERS_A_SLIP).then_some(known)
}

/// How many letters have to be put in, taken out or changed to make one name of the other (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (place, known) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != known);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_a_stranger_is_not() {
        let names = ["first_name", "last_name", "postal_code", "country_code"];
        for (name, meant) in [
            ("firstName", Some("first_name")),
            ("fist_name", Some("first_name")),
            ("postcode", Some("postal_code")),
            ("zodiac", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, &names), meant, "{name}");
        }
    }
}
