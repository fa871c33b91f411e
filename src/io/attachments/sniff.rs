//! What an attachment is, by its bytes; what its name says is not asked.

/// `png`, `jpg`, `gif`, `webp`, `pdf`, `zip`, `json`, `txt`, else `bin`.
pub fn sniff(bytes: &[u8]) -> &'static str {
    const MAGIC: [(&[u8], &str); 8] = [
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"%PDF-", "pdf"),
        (b"PK\x03\x04", "zip"),
        (b"\xff\xfe", "txt"),
        (b"\xfe\xff", "txt"),
    ];
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return "webp";
    }
    if let Some((_, kind)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return kind;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if is_json(text) => "json",
        Ok(text) if !text.contains('\0') => "txt",
        _ => "bin",
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::sniff;

    #[test]
    fn the_first_bytes_say_what_it_is() {
        let cases: [(&[u8], &str); 12] = [
            (b"\x89PNG\r\n\x1a\n....", "png"),
            (b"\xff\xd8\xff\xe0", "jpg"),
            (b"GIF89a", "gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
            (b"RIFF\0\0\0\0WAVE", "bin"),
            (b"%PDF-1.7", "pdf"),
            (b"PK\x03\x04docx", "zip"),
            (b" {\"a\": 1}\n", "json"),
            (b"{ not json", "txt"),
            (b"\xff\xfeh\0", "txt"),
            (b"StagingModeEnabled : False\r\n", "txt"),
            (b"MZ\x90\0", "bin"),
        ];
        for (bytes, kind) in cases {
            assert_eq!(sniff(bytes), kind, "{}", bytes.escape_ascii());
        }
    }
}
