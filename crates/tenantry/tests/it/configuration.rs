//! The documents say of the settings what the table says.

use tenantry::SETTINGS;

#[test]
fn every_setting_is_documented_as_it_is() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md")).unwrap();
    for setting in SETTINGS {
        let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
        let row = format!("| `{}` | {default} | {} |", setting.name, setting.help);
        let squeezed = document.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let wanted = row.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.into_iter().any(|line| line == wanted), "docs/configuration.md lacks this row:\n{row}");
    }
}

#[test]
fn every_code_is_documented() {
    /// Those that only calls of /v1 are answered with.
    const OF_V1: [&str; 7] = [
        "likely_duplicate",
        "unknown_field",
        "unsupported_media_type",
        "precondition_failed",
        "precondition_required",
        "idempotency_key_reused",
        "idempotency_key_in_use",
    ];
    for (file, left_out) in [("api.md", &[][..]), ("wire-wwwengine.md", &OF_V1)] {
        let document = std::fs::read_to_string([concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/"), file].concat()).unwrap();
        for (_, word, _) in tenantry_domain::refusal::CODES.iter().filter(|(_, word, _)| !left_out.contains(word)) {
            assert!(document.contains(&format!("`{word}`")), "docs/{file} lacks the code {word}");
        }
    }
}
